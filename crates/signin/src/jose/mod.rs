//! Signed tokens of the JOSE family, thin and strict: compact JWS (RFC 7515) and public keys as JWK (RFC 7517).
//!
//! What must hold: which algorithm checks a signature is fixed by the key that the checker already has, never by the
//! token's header, which must only agree; so `none`, an HMAC over a public key, and a key of another curve all fail. No
//! header is followed anywhere (`jku`, `x5u`), and one with `crit` is refused. Every text has an upper bound.

mod jwk;
mod jws;

pub(crate) use jwk::rsa_key;
pub use jwk::{Algorithm, JwkFault, PublicKey};
pub use jws::{Header, Jws, JwsFault};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// base64url without padding (RFC 4648 section 5).
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The bytes of base64url without padding; only the one canonical text of them is read.
#[must_use]
pub fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}
