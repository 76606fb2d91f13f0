//! From a token to a caller: the verified caller is put into the request's extensions, or nothing is. Who needs one and
//! has none is answered 401 by the handler's own extractor.

use axum::{
    extract::{Request, State},
    http::header,
    middleware::Next,
    response::Response,
};

use crate::App;

/// The cookie that carries a page's sign-in.
pub const COOKIE: &str = "tsumugi_session";

/// The cookie that carries, for one citizen's pages, a reason typed in an emergency.
pub const EMERGENCY: &str = "tsumugi_emergency";

/// Verifies `Authorization: Bearer` or, for pages, the session cookie.
pub async fn auth(State(app): State<App>, mut request: Request, next: Next) -> Response {
    if let Some(token) = token(&request)
        && let Some(caller) = app.caller(&token, emergency(&request).as_deref()).await
    {
        request.extensions_mut().insert(caller);
    }
    next.run(request).await
}

fn token(request: &Request) -> Option<String> {
    let text = |name| request.headers().get(name).and_then(|value: &axum::http::HeaderValue| value.to_str().ok());
    if let Some(bearer) = text(header::AUTHORIZATION).and_then(|value| value.strip_prefix("Bearer ")) {
        return Some(bearer.trim().to_owned());
    }
    // A cookie opens pages and their data, never the FHIR interface: other sites' forms cannot write through it.
    if request.uri().path().starts_with("/fhir/") {
        return None;
    }
    cookie(request, COOKIE)
}

/// The short token beside a session; a bearer token says itself why.
fn emergency(request: &Request) -> Option<String> {
    let bearer = request.headers().contains_key(header::AUTHORIZATION);
    if bearer || request.uri().path().starts_with("/fhir/") { None } else { cookie(request, EMERGENCY) }
}

fn cookie(request: &Request, wanted: &str) -> Option<String> {
    let lines = request.headers().get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    lines
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == wanted)
        .map(|(_, value)| value.to_owned())
}
