//! Compact JWS: three parts, read before they are believed.

use serde::Deserialize;
use serde_json::Value;

use super::{PublicKey, decode};

/// Longest token read, in bytes.
const MOST_BYTES: usize = 8 * 1024;

/// Why a token cannot be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwsFault {
    /// It is not of the form.
    #[error("the token is no compact JWS of at most 8 KiB")]
    Form,
    /// It is signed in another way than its key is for.
    #[error("the token's header names another algorithm than its key is for")]
    Algorithm,
    /// It is a token of another type.
    #[error("the token is of another type (`typ`)")]
    Type,
    /// The signature is not the key's.
    #[error("the token's signature does not hold")]
    Signature,
    /// The claims are not of the form.
    #[error("the token's claims are not of the form that is needed")]
    Claims,
}

/// What the header says. Nothing of it is believed but by comparison.
#[derive(Clone, Debug, Deserialize)]
pub struct Header {
    /// The algorithm.
    pub alg: String,
    /// The type.
    #[serde(default)]
    pub typ: Option<String>,
    /// The key's id.
    #[serde(default)]
    pub kid: Option<String>,
    /// The key itself: of a proof of possession.
    #[serde(default)]
    pub jwk: Option<Value>,
    #[serde(default)]
    crit: Option<Value>,
}

/// A token in its parts, not yet checked.
#[derive(Clone, Debug)]
pub struct Jws<'a> {
    /// The header.
    pub header: Header,
    signed: &'a str,
    payload: &'a str,
    signature: Vec<u8>,
}

impl<'a> Jws<'a> {
    /// Takes a token apart.
    ///
    /// # Errors
    /// [`JwsFault::Form`].
    pub fn read(token: &'a str) -> Result<Self, JwsFault> {
        if token.len() > MOST_BYTES {
            return Err(JwsFault::Form);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(JwsFault::Form)?;
        let (header, payload) = signed.split_once('.').ok_or(JwsFault::Form)?;
        let header: Header =
            decode(header).and_then(|json| serde_json::from_slice(&json).ok()).ok_or(JwsFault::Form)?;
        if header.crit.is_some() || payload.contains('.') {
            return Err(JwsFault::Form);
        }
        let signature = decode(signature).ok_or(JwsFault::Form)?;
        Ok(Self { header, signed, payload, signature })
    }

    /// The claims, if the header agrees with the key, the type is `typ`, and the signature holds.
    ///
    /// # Errors
    /// [`JwsFault`].
    pub fn claims<T: serde::de::DeserializeOwned>(&self, key: &PublicKey, typ: &str) -> Result<T, JwsFault> {
        if !self.is_typ(typ) {
            return Err(JwsFault::Type);
        }
        self.claims_of_any_type(key)
    }

    /// The claims, whatever the type: for assertions of clients, whose type no standard fixes.
    ///
    /// # Errors
    /// [`JwsFault`].
    pub fn claims_of_any_type<T: serde::de::DeserializeOwned>(&self, key: &PublicKey) -> Result<T, JwsFault> {
        // INVARIANT: the key decides how the signature is checked; the header can only agree.
        if self.header.alg != key.algorithm().name() {
            return Err(JwsFault::Algorithm);
        }
        if !key.verifies(self.signed.as_bytes(), &self.signature) {
            return Err(JwsFault::Signature);
        }
        let json = decode(self.payload).ok_or(JwsFault::Form)?;
        serde_json::from_slice(&json).map_err(|_| JwsFault::Claims)
    }

    /// Whom the claims name, before anything is checked: only to find the key with which they are checked then.
    #[must_use]
    pub fn unchecked_subject(&self) -> Option<String> {
        let claims: Value = serde_json::from_slice(&decode(self.payload)?).ok()?;
        claims.get("sub").and_then(Value::as_str).map(str::to_owned)
    }

    /// RFC 7515 section 4.1.9: `application/` may stand before, and case does not matter.
    #[must_use]
    pub fn is_typ(&self, typ: &str) -> bool {
        let named = self.header.typ.as_deref().unwrap_or_default().to_ascii_lowercase();
        named.strip_prefix("application/").unwrap_or(&named) == typ
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// RFC 7515 appendix A.3.
    const TOKEN: &str = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

    fn key() -> PublicKey {
        PublicKey::from_jwk(&json!({"kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})).unwrap()
    }

    #[test]
    fn the_rfcs_token_is_read() {
        let claims: Value = Jws::read(TOKEN).unwrap().claims_of_any_type(&key()).unwrap();
        assert_eq!(claims["iss"], "joe");
        assert_eq!(Jws::read(TOKEN).unwrap().claims::<Value>(&key(), "at+jwt"), Err(JwsFault::Type));
    }

    #[test]
    fn no_changed_byte_and_no_other_algorithm_passes() {
        for index in 0..TOKEN.len() {
            let mut bytes = TOKEN.as_bytes().to_vec();
            bytes[index] ^= 1;
            let changed = String::from_utf8(bytes).unwrap();
            let read = Jws::read(&changed).and_then(|jws| jws.claims_of_any_type::<Value>(&key()));
            assert!(read.is_err(), "byte {index}");
        }
        let (_, rest) = TOKEN.split_once('.').unwrap();
        let with = |header: Value| format!("{}.{rest}", super::super::encode(header.to_string().as_bytes()));
        for (header, fault) in [
            (json!({"alg": "none"}), JwsFault::Algorithm),
            (json!({"alg": "HS256"}), JwsFault::Algorithm),
            (json!({"alg": "ES384"}), JwsFault::Algorithm),
            (json!({"alg": "es256"}), JwsFault::Algorithm),
            (json!({"alg": "ES256", "kid": "other"}), JwsFault::Signature),
        ] {
            let text = with(header.clone());
            assert_eq!(Jws::read(&text).unwrap().claims_of_any_type::<Value>(&key()), Err(fault), "{header}");
        }
        assert!(Jws::read(&with(json!({"alg": "ES256", "crit": ["b64"]}))).is_err());
        assert!(Jws::read(&"a".repeat(MOST_BYTES + 1)).is_err());
        assert!(Jws::read("a.b").is_err());
    }
}
