//! Which browser apps may ask the FHIR interface (CORS, <https://fetch.spec.whatwg.org/#http-cors-protocol>).
//!
//! The interface takes bearer tokens only and never a cookie, so another site's page can do nothing that its own token
//! would not allow. Still, a page that stole a token could read a record from any visitor's browser; so in real use no
//! origin is allowed until the operator names it. In a development folder, which holds nobody real, any is.

use axum::http::{HeaderName, HeaderValue, Method, header};
use tower_http::cors::{AllowOrigin, CorsLayer};
use tsumugi_record::rest::answer;

/// Origins whose pages may ask.
#[derive(Clone, Debug)]
pub enum Origins {
    /// Every origin: for development.
    Any,
    /// These, as browsers write them: `https://app.example`.
    Named(Vec<HeaderValue>),
}

/// How long a browser may keep the answer to a preflight, in seconds.
const PREFLIGHT_SECONDS: u64 = 600;

/// Whether an app asks there for a token, or where that is. The page on which a person decides is not among them.
fn is_for_apps(path: &str) -> bool {
    use tsumugi_signin::oauth::discovery::{JWKS, PAR, REVOKE, TOKEN};
    [JWKS, PAR, REVOKE, TOKEN].contains(&path) || path.starts_with("/.well-known/")
}

/// The layer that answers preflights and marks answers. Only paths below `/fhir/`, those for apps and the
/// sealed files of links are marked; pages are for their own origin.
pub fn layer(origins: &Origins) -> CorsLayer {
    let origins = origins.clone();
    let allowed = AllowOrigin::predicate(move |origin: &HeaderValue, parts: &axum::http::request::Parts| {
        let named = match &origins {
            Origins::Any => true,
            Origins::Named(named) => named.contains(origin),
        };
        // A link's sealed file is asked for by viewers of any site, with a PIN and never with a cookie.
        let path = parts.uri.path();
        path.starts_with("/link/") || (named && (path.starts_with("/fhir/") || is_for_apps(path)))
    });
    let own = |name: &'static str| HeaderName::from_static(name);
    CorsLayer::new()
        .allow_origin(allowed)
        .allow_methods([Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        .allow_headers([
            header::ACCEPT,
            header::ACCEPT_LANGUAGE,
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::IF_MATCH,
            header::IF_MODIFIED_SINCE,
            header::IF_NONE_MATCH,
            own("dpop"),
            own("if-none-exist"),
            own("prefer"),
        ])
        .expose_headers([
            header::CONTENT_DISPOSITION,
            header::ETAG,
            header::LAST_MODIFIED,
            header::LOCATION,
            header::WWW_AUTHENTICATE,
            own(answer::RECEIPT),
        ])
        .max_age(std::time::Duration::from_secs(PREFLIGHT_SECONDS))
}
