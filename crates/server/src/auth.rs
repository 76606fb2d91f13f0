//! From a token to a caller: the verified caller is put into the request's extensions, or nothing is. Who needs one and
//! has none is answered 401 by the handler's own extractor.
//!
//! Three things can name a caller: a token of the authorization server, as `Bearer` or, bound to a key, as `DPoP`; in a
//! development folder a printed token; and on pages the session's cookie. A token that does not count is answered here,
//! with why and what next, as long as nothing of a person is asked for by it.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use tsumugi_fhir::outcome::{IssueType, Lang};
use tsumugi_record::rest::{Fault, language};
use tsumugi_signin::oauth::{Presented, TokenRefusal};

use crate::{App, oauth, rate};

/// The cookie that carries a page's sign-in.
pub const COOKIE: &str = "tsumugi_session";

/// The cookie that carries, for one citizen's pages, a reason typed in an emergency.
pub const EMERGENCY: &str = "tsumugi_emergency";

/// Verifies `Authorization` or, for pages, the session cookie.
pub async fn auth(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let named = match authorization(request.headers()) {
        Some((as_dpop, token)) if !app.is_development(&token) => {
            match app.bearer(presented(&request, &token, as_dpop, oauth::proof(request.headers()).as_deref())).await {
                Ok(bearer) if bearer.bound || app.takes_unbound(&request) => Some(bearer.caller),
                Ok(_) => return unbound(language(request.headers())),
                Err(refusal) => return refused(&refusal, language(request.headers())),
            }
        }
        Some((_, token)) => app.caller(&token, None).await,
        // A cookie opens pages and their data, never the FHIR interface: other sites' forms cannot write through it.
        None if request.uri().path().starts_with("/fhir/") => None,
        None => match cookie(&request, COOKIE) {
            Some(token) => {
                let (session, caller) = app.signed_in(&token, cookie(&request, EMERGENCY).as_deref()).await;
                if let Some(session) = session {
                    request.extensions_mut().insert(session);
                }
                caller
            }
            None => None,
        },
    };
    let is_fhir = request.uri().path().starts_with("/fhir/");
    if named.as_ref().is_some_and(|caller| app.is_too_much(caller)) {
        return rate::answer(request.headers(), is_fhir);
    }
    if let Some(caller) = named {
        request.extensions_mut().insert(caller);
    }
    let mut response = next.run(request).await;
    if is_fhir && response.status() == StatusCode::UNAUTHORIZED {
        challenge(&mut response, "");
    }
    response
}

/// The scheme is DPoP or Bearer, in any case (RFC 9110 section 11.1).
fn authorization(headers: &HeaderMap) -> Option<(bool, String)> {
    let text = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = text.trim().split_once(' ')?;
    let as_dpop = scheme.eq_ignore_ascii_case("DPoP");
    (as_dpop || scheme.eq_ignore_ascii_case("Bearer")).then(|| (as_dpop, token.trim().to_owned()))
}

fn presented<'a>(request: &'a Request, token: &'a str, as_dpop: bool, proof: Option<&'a str>) -> Presented<'a> {
    Presented { token, as_dpop, proof, method: request.method().as_str(), path: request.uri().path() }
}

/// Whether a request may change something. What only reads by POST is told by its path; a batch may do anything.
pub fn writes(method: &Method, path: &str) -> bool {
    const READING: [&str; 8] =
        ["_search", "$summary", "$validate", "$lastn", "$document", "$everything", "$access-log", "$match"];
    let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let reads = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
    let reads_by_post = *method == Method::POST && READING.contains(&last);
    !(reads || reads_by_post)
}

fn unbound(lang: Lang) -> Response {
    let fault = Fault::new(
        StatusCode::UNAUTHORIZED,
        lang,
        IssueType::Security,
        "書き込みには、送り手の鍵に結びついたトークン（DPoP）が要ります。何も保存していません。/oauth/token でDPoPの証明を付けてトークンを取り直してください。",
        "A write needs a token that is bound to the sender's key (DPoP). Nothing was saved. Get a token with a DPoP proof at /oauth/token.",
    );
    let mut response = fault.into_response();
    challenge(&mut response, "error=\"invalid_token\", error_description=\"a write needs a token bound to a key\"");
    response
}

fn refused(refusal: &TokenRefusal, lang: Lang) -> Response {
    let (status, code, error) = match refusal {
        TokenRefusal::Failed(error) if error.status >= 500 => (StatusCode::SERVICE_UNAVAILABLE, IssueType::Timeout, ""),
        TokenRefusal::Proof(_) | TokenRefusal::Bound => {
            (StatusCode::UNAUTHORIZED, IssueType::Security, "error=\"invalid_dpop_proof\"")
        }
        _ => (StatusCode::UNAUTHORIZED, IssueType::Login, "error=\"invalid_token\""),
    };
    let ja = match refusal {
        TokenRefusal::Failed(_) => "いまはトークンを確かめられません。少し待って、もう一度送ってください。",
        TokenRefusal::Proof(_) | TokenRefusal::Bound => {
            "トークンは鍵に結びついています。リクエストごとに、その鍵で署名した新しい証明をDPoPヘッダーに付けてください。"
        }
        TokenRefusal::Caller(tsumugi_signin::SigninError::Licence(_)) => {
            "この役割には資格証明書が要りますが、有効なものがありません。本人が「サインインの方法」で示してください。"
        }
        TokenRefusal::Caller(_) => "トークンの人は、この機関でこの役割ではありません。機関の名簿を確かめてください。",
        TokenRefusal::Token => {
            "トークンがこのサーバーのものでないか、期限が切れたか、取り消されています。取り直してください。"
        }
    };
    let mut response = Fault::new(status, lang, code, ja, &sentence(refusal)).into_response();
    if status == StatusCode::UNAUTHORIZED {
        challenge(&mut response, error);
    }
    response
}

/// A refusal's words as a sentence. Those of the store or the directory are for the operator, not for the caller.
fn sentence(refusal: &TokenRefusal) -> String {
    let words = match refusal {
        TokenRefusal::Caller(error @ (tsumugi_signin::SigninError::Post | tsumugi_signin::SigninError::Licence(_))) => {
            error.to_string()
        }
        TokenRefusal::Caller(_) => "whoever the token names cannot be found".to_owned(),
        other => other.to_string(),
    };
    let mut letters = words.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().collect::<String>()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}

/// How to ask (RFC 6750 section 3, RFC 9449 section 7.1).
fn challenge(response: &mut Response, error: &str) {
    response.headers_mut().remove(header::WWW_AUTHENTICATE);
    let comma = if error.is_empty() { "" } else { ", " };
    for value in
        [format!("Bearer realm=\"fhir\"{comma}{error}"), format!("DPoP algs=\"ES256 ES384 EdDSA\"{comma}{error}")]
    {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().append(header::WWW_AUTHENTICATE, value);
        }
    }
}

fn cookie(request: &Request, wanted: &str) -> Option<String> {
    let lines = request.headers().get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    lines
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == wanted)
        .map(|(_, value)| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_change_something_is_told_by_method_and_path() {
        for (method, path, is_write) in [
            (Method::GET, "/fhir/R4/Observation", false),
            (Method::POST, "/fhir/R4/Observation/_search", false),
            (Method::POST, "/fhir/R4/Patient/$summary", false),
            (Method::POST, "/fhir/R4/Observation", true),
            (Method::POST, "/fhir/R4/Bundle/$submit", true),
            (Method::POST, "/fhir/R4", true),
            (Method::PUT, "/fhir/R4/Observation/_search", true),
            (Method::PATCH, "/fhir/R4/Observation/a", true),
            (Method::DELETE, "/fhir/R4/Observation/a", true),
        ] {
            assert_eq!(writes(&method, path), is_write, "{method} {path}");
        }
    }
}
