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

/// Verifies `Authorization: Bearer` or, for pages, the session cookie.
pub async fn auth(State(app): State<App>, mut request: Request, next: Next) -> Response {
    if let Some(token) = token(&request)
        && let Some(caller) = app.caller(&token).await
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
    let cookies = text(header::COOKIE)?;
    cookies
        .split(';')
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == COOKIE)
        .map(|(_, v)| v.to_owned())
}
