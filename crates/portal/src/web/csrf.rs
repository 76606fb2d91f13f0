//! Forms that only our own pages can send: a token bound to the visitor's cookie, and the browser's word on where the
//! form came from.

use axum::http::{HeaderMap, header};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;
use tsumugi_kernel::MasterSecret;

/// Makes and checks form tokens.
#[derive(Clone)]
pub(crate) struct FormKey(Hmac<Sha256>);

impl FormKey {
    /// The key of a deployment.
    pub fn new(secret: &MasterSecret) -> Self {
        let key = secret.derive("tsumugi/portal/form/1");
        // HMAC pads a key shorter than its block with zeros (RFC 2104 section 2), so this is the same key.
        let mut block = [0; 64];
        block[..32].copy_from_slice(key.as_slice());
        Self(Hmac::new(&block.into()))
    }

    /// The token for whoever holds the cookie with this value: 64 hexadecimal digits; empty for nobody.
    pub fn token(&self, cookie: &str) -> String {
        if cookie.is_empty() {
            return String::new();
        }
        let mut mac = self.0.clone();
        mac.update(cookie.as_bytes());
        super::hex(&mac.finalize().into_bytes())
    }

    /// Whether `sent` is the token of the cookie. Takes the same time whatever differs.
    pub fn is_token(&self, cookie: &str, sent: &str) -> bool {
        let own = self.token(cookie);
        !own.is_empty() && bool::from(own.as_bytes().ct_eq(sent.as_bytes()))
    }
}

/// Whether the browser says that the request comes from one of our own pages. A client that says nothing is believed
/// so far; the token decides.
pub(crate) fn is_own_origin(headers: &HeaderMap) -> bool {
    let text = |name: header::HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    if text(header::HeaderName::from_static("sec-fetch-site")).is_some_and(|site| site != "same-origin") {
        return false;
    }
    match text(header::ORIGIN) {
        None => true,
        Some(origin) => origin.split_once("://").is_some_and(|(_, host)| Some(host) == text(header::HOST)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| ((*name).parse().unwrap(), (*value).parse().unwrap())).collect()
    }

    #[test]
    fn a_token_belongs_to_one_cookie_and_one_deployment() {
        let key = FormKey::new(&MasterSecret::new([1; 32]));
        let token = key.token("a");
        assert_eq!(token.len(), 64);
        assert!(key.is_token("a", &token));
        assert!(!key.is_token("b", &token));
        assert!(!key.is_token("a", ""));
        assert!(!key.is_token("", ""), "nobody's token is nobody's");
        assert!(!FormKey::new(&MasterSecret::new([2; 32])).is_token("a", &token));
    }

    #[test]
    fn forms_of_other_sites_are_told_from_ours() {
        assert!(is_own_origin(&headers(&[])));
        assert!(is_own_origin(&headers(&[
            ("origin", "http://a:1"),
            ("host", "a:1"),
            ("sec-fetch-site", "same-origin")
        ])));
        for bad in [
            headers(&[("origin", "http://b"), ("host", "a")]),
            headers(&[("origin", "null"), ("host", "a")]),
            headers(&[("origin", "http://a")]),
            headers(&[("sec-fetch-site", "cross-site")]),
            headers(&[("sec-fetch-site", "same-site"), ("origin", "http://a"), ("host", "a")]),
        ] {
            assert!(!is_own_origin(&bad), "{bad:?}");
        }
    }
}
