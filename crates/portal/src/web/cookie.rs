//! Cookies: the session, the random one before it, and the two settings. None says anything about a person.

use axum::http::{HeaderMap, HeaderValue, header};

/// The sign-in: a token of `signin`. The server reads it under the same name.
pub(crate) const SESSION: &str = "tsumugi_session";
/// A short token for one citizen and one typed reason, beside the session. The server reads it under the same name.
pub(crate) const EMERGENCY: &str = "tsumugi_emergency";
/// Random; binds the form of signing in before there is a session.
pub(crate) const NONCE: &str = "tsumugi_nonce";
/// The app's request for which somebody comes, while they are at an external provider.
pub(crate) const REQUEST: &str = "tsumugi_request";
/// `large` or `usual`.
pub(crate) const TEXT: &str = "tsumugi_text";
/// `ja`, `ja-easy` or `en`.
pub(crate) const LANG: &str = "tsumugi_lang";

/// One year: settings stay.
pub(crate) const YEAR_SECONDS: i64 = 365 * 24 * 60 * 60;

/// A cookie's value; an empty one counts as absent.
pub(crate) fn get(headers: &HeaderMap, name: &str) -> Option<String> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(own, value)| *own == name && !value.is_empty()).map(|(_, value)| value.to_owned())
}

/// `Set-Cookie`: not for scripts, not sent along by other sites' forms, for every path. 0 seconds take it away.
pub(crate) fn set(name: &str, value: &str, seconds: i64) -> Option<HeaderValue> {
    set_under(name, value, "/", seconds)
}

/// The same for the paths below one. 0 seconds take it away.
pub(crate) fn set_under(name: &str, value: &str, path: &str, seconds: i64) -> Option<HeaderValue> {
    HeaderValue::from_str(&format!("{name}={value}; Path={path}; Max-Age={seconds}; HttpOnly; SameSite=Lax")).ok()
}

/// Lets every cookie of an answer go back over TLS alone.
pub(crate) fn secure(headers: &mut HeaderMap) {
    let set: Vec<HeaderValue> = headers.get_all(header::SET_COOKIE).iter().cloned().collect();
    headers.remove(header::SET_COOKIE);
    for cookie in set {
        let secured = cookie.to_str().ok().and_then(|text| HeaderValue::from_str(&format!("{text}; Secure")).ok());
        headers.append(header::SET_COOKIE, secured.unwrap_or(cookie));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_among_others_by_its_whole_name() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, "xtsumugi_text=a; tsumugi_text=large".parse().unwrap());
        headers.append(header::COOKIE, "tsumugi_lang=; tsumugi_session=a=b".parse().unwrap());
        assert_eq!(get(&headers, TEXT).as_deref(), Some("large"));
        assert_eq!(get(&headers, LANG), None);
        assert_eq!(get(&headers, SESSION).as_deref(), Some("a=b"));
    }

    #[test]
    fn a_value_cannot_add_a_header() {
        assert!(set(TEXT, "a\r\nb: c", 1).is_none());
        assert!(set(TEXT, "large", 1).unwrap().to_str().unwrap().contains("SameSite=Lax"));
    }

    #[test]
    fn every_cookie_of_an_answer_is_secured() {
        let mut headers = HeaderMap::new();
        for name in [SESSION, NONCE] {
            headers.append(header::SET_COOKIE, set(name, "a", 1).unwrap());
        }
        secure(&mut headers);
        let all: Vec<_> = headers.get_all(header::SET_COOKIE).iter().map(|value| value.to_str().unwrap()).collect();
        assert!(all.len() == 2 && all.iter().all(|cookie| cookie.ends_with("; Secure")), "{all:?}");
    }
}
