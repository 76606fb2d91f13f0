//! Answers: pages, files and redirects with the headers that keep them private.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use maud::Markup;

use super::{Fault, Visit};

/// Only our own style, script and data; nobody frames a page.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// A page.
pub(crate) fn html(status: StatusCode, page: Markup) -> Response {
    let media = [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CONTENT_SECURITY_POLICY, POLICY)];
    private((status, media, page.into_string()).into_response())
}

/// A page whose form leads to another origin: browsers hold the form's policy against where a redirect goes.
pub(crate) fn html_leaving_to(status: StatusCode, page: Markup, origin: &str) -> Response {
    let mut response = html(status, page);
    let policy = POLICY.replace("form-action 'self'", &format!("form-action 'self' {origin}"));
    // An origin that no header can carry leaves the policy as it is: then the browser stays.
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// A page, or the page of its failure.
pub(crate) fn page(visit: &Visit, page: Result<Markup, Fault>) -> Response {
    match page {
        Ok(page) => html(StatusCode::OK, page),
        Err(fault) => fault.page(visit),
    }
}

/// What is personal is kept by no cache and told to no other site.
pub(crate) fn private(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // Not `no-referrer`: browsers would then send forms with `Origin: null`.
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    response
}

/// A redirect after a form (303), with cookies.
pub(crate) fn see_other(path: &str, cookies: impl IntoIterator<Item = Option<HeaderValue>>) -> Response {
    let mut response = private(axum::response::Redirect::to(path).into_response());
    for cookie in cookies.into_iter().flatten() {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}
