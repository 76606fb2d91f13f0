//! A public key as a JWK, with the one algorithm that it is for.

use ed25519_dalek::Verifier as _;
use p256::ecdsa::signature::hazmat::PrehashVerifier as _;
use rsa::BoxedUint;
use serde_json::Value;
use sha2::{Digest as _, Sha256, Sha384};

use super::{decode, encode};

/// How a key signs. Fixed by the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// ECDSA on P-384 with SHA-384.
    Es384,
    /// RSASSA-PKCS1-v1_5 with SHA-256: of an external provider only.
    Rs256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    Rs384,
    /// Ed25519.
    EdDsa,
}

impl Algorithm {
    /// The name in headers.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::EdDsa => "EdDSA",
        }
    }
}

/// Why a JWK is no key that can be used here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwkFault {
    /// It has a private part.
    #[error("the key has its private part; register the public one, and make a new pair since this one has been shown")]
    Private,
    /// It is of a kind that is not used here.
    #[error("the key is neither EC P-256 (ES256), EC P-384 (ES384), RSA (RS384) nor Ed25519 (EdDSA)")]
    Kind,
    /// Its numbers are no key, or a weak one.
    #[error("the key's numbers are no public key, or one of RSA that is not of 2,048 to 4,096 bits")]
    Numbers,
}

#[derive(Clone)]
enum Key {
    P256(p256::ecdsa::VerifyingKey),
    P384(p384::ecdsa::VerifyingKey),
    /// The other hash is SHA-384.
    Rsa {
        key: Box<rsa::PublicKey>,
        sha256: bool,
    },
    Ed25519(ed25519_dalek::VerifyingKey),
}

/// A public key.
#[derive(Clone)]
pub struct PublicKey {
    key: Key,
    kid: Option<String>,
    thumbprint: String,
}

impl PublicKey {
    /// Reads a JWK of a client, whose RSA keys are for RS384 (SMART App Launch).
    ///
    /// # Errors
    /// [`JwkFault`].
    pub fn from_jwk(jwk: &Value) -> Result<Self, JwkFault> {
        Self::read(jwk, false)
    }

    /// Reads a JWK of an external provider, whose RSA keys are for RS256 unless they say RS384 (OpenID Connect Core 1.0 section
    /// 3.1.3.7). A key is for one of them, whatever a token says.
    ///
    /// # Errors
    /// [`JwkFault`].
    pub fn of_provider(jwk: &Value) -> Result<Self, JwkFault> {
        Self::read(jwk, jwk.get("alg").and_then(Value::as_str) != Some(Algorithm::Rs384.name()))
    }

    fn read(jwk: &Value, sha256: bool) -> Result<Self, JwkFault> {
        let text = |name: &str| jwk.get(name).and_then(Value::as_str);
        if ["d", "p", "q", "k"].iter().any(|name| jwk.get(name).is_some()) {
            return Err(JwkFault::Private);
        }
        let bytes = |name: &str| text(name).and_then(decode).ok_or(JwkFault::Numbers);
        let (key, names) = match (text("kty"), text("crv")) {
            (Some("EC"), Some("P-256")) => {
                let point = point(&bytes("x")?, &bytes("y")?, 32)?;
                let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(&point).map_err(|_| JwkFault::Numbers)?;
                (Key::P256(key), ["crv", "kty", "x", "y"].as_slice())
            }
            (Some("EC"), Some("P-384")) => {
                let point = point(&bytes("x")?, &bytes("y")?, 48)?;
                let key = p384::ecdsa::VerifyingKey::from_sec1_bytes(&point).map_err(|_| JwkFault::Numbers)?;
                (Key::P384(key), ["crv", "kty", "x", "y"].as_slice())
            }
            (Some("OKP"), Some("Ed25519")) => {
                let x: [u8; 32] = bytes("x")?.try_into().map_err(|_| JwkFault::Numbers)?;
                let key = ed25519_dalek::VerifyingKey::from_bytes(&x).map_err(|_| JwkFault::Numbers)?;
                if key.is_weak() {
                    return Err(JwkFault::Numbers);
                }
                (Key::Ed25519(key), ["crv", "kty", "x"].as_slice())
            }
            (Some("RSA"), _) => {
                let key = Box::new(rsa_key(&bytes("n")?, &bytes("e")?)?);
                (Key::Rsa { key, sha256 }, ["e", "kty", "n"].as_slice())
            }
            _ => return Err(JwkFault::Kind),
        };
        let algorithm = algorithm(&key);
        if text("alg").is_some_and(|named| named != algorithm.name()) || text("use").is_some_and(|to| to != "sig") {
            return Err(JwkFault::Kind);
        }
        let thumbprint = thumbprint(jwk, names);
        Ok(Self { key, kid: text("kid").map(str::to_owned), thumbprint })
    }

    /// The algorithm that this key is for.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        algorithm(&self.key)
    }

    /// The id that its owner gave it.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// Its SHA-256 thumbprint (RFC 7638) in base64url.
    #[must_use]
    pub fn thumbprint(&self) -> &str {
        &self.thumbprint
    }

    /// Whether `signature`, in the form that JWS gives it, is this key's over `message`.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.key {
            Key::P256(key) => p256::ecdsa::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify_prehash(&Sha256::digest(message), &signature).is_ok()),
            Key::P384(key) => p384::ecdsa::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify_prehash(&Sha384::digest(message), &signature).is_ok()),
            Key::Rsa { key, sha256: true } => {
                let key = rsa::pkcs1v15::VerifyingKey::<Sha256>::new((**key).clone());
                rsa::pkcs1v15::Signature::try_from(signature)
                    .is_ok_and(|signature| key.verify_prehash(&Sha256::digest(message), &signature).is_ok())
            }
            Key::Rsa { key, sha256: false } => {
                let key = rsa::pkcs1v15::VerifyingKey::<Sha384>::new((**key).clone());
                rsa::pkcs1v15::Signature::try_from(signature)
                    .is_ok_and(|signature| key.verify_prehash(&Sha384::digest(message), &signature).is_ok())
            }
            Key::Ed25519(key) => ed25519_dalek::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify(message, &signature).is_ok()),
        }
    }
}

const fn algorithm(key: &Key) -> Algorithm {
    match key {
        Key::P256(_) => Algorithm::Es256,
        Key::P384(_) => Algorithm::Es384,
        Key::Rsa { sha256: true, .. } => Algorithm::Rs256,
        Key::Rsa { sha256: false, .. } => Algorithm::Rs384,
        Key::Ed25519(_) => Algorithm::EdDsa,
    }
}

/// An uncompressed point (SEC 1): both numbers have the field's full length (RFC 7518 section 6.2.1.2).
fn point(x: &[u8], y: &[u8], length: usize) -> Result<Vec<u8>, JwkFault> {
    if x.len() != length || y.len() != length {
        return Err(JwkFault::Numbers);
    }
    Ok([&[4], x, y].concat())
}

pub(crate) fn rsa_key(n: &[u8], e: &[u8]) -> Result<rsa::PublicKey, JwkFault> {
    if !(256..=512).contains(&n.len()) || n.first().is_none_or(|byte| *byte < 0x80) || e.len() > 4 {
        return Err(JwkFault::Numbers);
    }
    let (n, e) = (BoxedUint::from_be_slice_vartime(n), BoxedUint::from_be_slice_vartime(e));
    rsa::PublicKey::new(n, e).map_err(|_| JwkFault::Numbers)
}

/// RFC 7638: the required members in the order of their names, nothing else.
fn thumbprint(jwk: &Value, names: &[&str]) -> String {
    let members: Vec<String> = names
        .iter()
        .map(|name| format!("\"{name}\":\"{}\"", jwk.get(name).and_then(Value::as_str).unwrap_or_default()))
        .collect();
    encode(&Sha256::digest(format!("{{{}}}", members.join(","))))
}

impl std::fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PublicKey({} {})", self.algorithm().name(), self.thumbprint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_thumbprint_is_that_of_the_rfc() {
        // RFC 8037 appendix A.3.
        let key =
            json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "kid": "a"});
        let key = PublicKey::from_jwk(&key).unwrap();
        assert_eq!(key.thumbprint(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
        assert_eq!((key.algorithm(), key.kid()), (Algorithm::EdDsa, Some("a")));
    }

    #[test]
    fn private_foreign_and_weak_keys_are_refused() {
        for (jwk, fault) in [
            (
                json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "d": "AA"}),
                JwkFault::Private,
            ),
            (json!({"kty": "oct", "k": "AAAA"}), JwkFault::Private),
            (json!({"kty": "EC", "crv": "secp256k1", "x": "AA", "y": "AA"}), JwkFault::Kind),
            (json!({"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}), JwkFault::Numbers),
            (json!({"kty": "EC", "crv": "P-256", "x": encode(&[0; 32]), "y": encode(&[0; 32])}), JwkFault::Numbers),
            (json!({"kty": "OKP", "crv": "Ed25519", "x": encode(&[0; 32])}), JwkFault::Numbers),
            (json!({"kty": "RSA", "n": encode(&[255; 128]), "e": "AQAB"}), JwkFault::Numbers),
            (json!({"kty": "RSA", "n": encode(&[255; 256]), "e": "AQAB", "alg": "RS256"}), JwkFault::Kind),
            (json!({}), JwkFault::Kind),
        ] {
            assert_eq!(PublicKey::from_jwk(&jwk).err(), Some(fault), "{jwk}");
        }
    }
}
