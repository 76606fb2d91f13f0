//! The keys that sign tokens: one for each period of thirty days, derived from the folder's secret.
//!
//! So keys rotate without a file, a job or a moment in which two servers disagree, and nothing besides the secret has to
//! be kept safe. Three are published: the present one, the one before (tokens signed with it may still live) and the
//! next (so that whoever caches them knows it in time). A key's `kid` is its thumbprint (RFC 7638).

use std::sync::{Arc, Mutex, PoisonError};

use p256::ecdsa::{Signature, SigningKey, signature::hazmat::PrehashSigner as _};
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tsumugi_kernel::{Instant, MasterSecret};

use crate::jose::{PublicKey, encode};

/// How long a key signs: 30 days.
const PERIOD_MILLIS: i64 = 30 * 24 * 60 * 60 * 1000;
/// Periods before and after the present one whose keys are published and believed.
const AROUND: i64 = 1;

/// The keys of a deployment.
pub struct SigningKeys {
    secret: Arc<MasterSecret>,
    ready: Mutex<Arc<Ready>>,
}

struct Ready {
    period: i64,
    keys: Vec<Own>,
}

struct Own {
    period: i64,
    signing: SigningKey,
    public: PublicKey,
    jwk: Value,
}

impl SigningKeys {
    /// The keys of a folder's secret.
    #[must_use]
    pub fn new(secret: Arc<MasterSecret>, now: Instant) -> Self {
        let ready = Ready::around(&secret, period(now));
        Self { secret, ready: Mutex::new(Arc::new(ready)) }
    }

    fn at(&self, now: Instant) -> Arc<Ready> {
        // A key set is replaced whole, so a poisoned lock still holds a whole one.
        let mut ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        if ready.period != period(now) {
            *ready = Arc::new(Ready::around(&self.secret, period(now)));
        }
        Arc::clone(&ready)
    }

    /// Signs claims as a compact JWS of the given type with the present key; nothing, if no key can be derived.
    #[must_use]
    pub fn sign<T: Serialize>(&self, claims: &T, typ: &str, now: Instant) -> Option<String> {
        let ready = self.at(now);
        let own = ready.keys.iter().find(|own| own.period == ready.period)?;
        let header = json!({"alg": "ES256", "kid": own.public.thumbprint(), "typ": typ});
        let claims = serde_json::to_vec(claims).ok()?;
        let text = format!("{}.{}", encode(header.to_string().as_bytes()), encode(&claims));
        // RFC 6979: no randomness is needed, so none can fail.
        let signature: Signature = own.signing.sign_prehash(&Sha256::digest(&text)).ok()?;
        Some(format!("{text}.{}", encode(&signature.to_bytes())))
    }

    /// The key of this id, if it may have signed a token that still lives.
    #[must_use]
    pub fn public(&self, kid: &str, now: Instant) -> Option<PublicKey> {
        self.at(now).keys.iter().find(|own| own.public.thumbprint() == kid).map(|own| own.public.clone())
    }

    /// The JWK set (RFC 7517).
    #[must_use]
    pub fn jwks(&self, now: Instant) -> Value {
        let ready = self.at(now);
        json!({"keys": ready.keys.iter().map(|own| own.jwk.clone()).collect::<Vec<_>>()})
    }
}

const fn period(now: Instant) -> i64 {
    now.0.div_euclid(PERIOD_MILLIS)
}

impl Ready {
    fn around(secret: &MasterSecret, period: i64) -> Self {
        let keys = (period - AROUND..=period + AROUND).filter_map(|period| own(secret, period)).collect();
        Self { period, keys }
    }
}

fn own(secret: &MasterSecret, period: i64) -> Option<Own> {
    // A derived number is a scalar of P-256 but in one of 2^32 cases; then the next is taken.
    let signing = (0..8).find_map(|attempt| {
        let seed = secret.derive(&format!("tsumugi/signin/es256/{period}/{attempt}"));
        SigningKey::from_slice(seed.as_slice()).ok()
    })?;
    let point = signing.verifying_key().to_sec1_point(false);
    let mut jwk = json!({
        "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig",
        "x": encode(point.x()?.as_slice()), "y": encode(point.y()?.as_slice()),
    });
    let public = PublicKey::from_jwk(&jwk).ok()?;
    jwk["kid"] = public.thumbprint().into();
    Some(Own { period, signing, public, jwk })
}

impl std::fmt::Debug for SigningKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningKeys(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jose::Jws;

    const NOW: Instant = Instant(1_795_316_400_000);

    fn keys(seed: u8) -> SigningKeys {
        SigningKeys::new(Arc::new(MasterSecret::new([seed; 32])), NOW)
    }

    fn read(keys: &SigningKeys, token: &str, now: Instant) -> Option<Value> {
        let jws = Jws::read(token).unwrap();
        let key = keys.public(jws.header.kid.as_deref()?, now)?;
        jws.claims(&key, "at+jwt").ok()
    }

    #[test]
    fn a_key_is_believed_for_the_period_after_its_own_and_no_longer() {
        let keys = keys(1);
        let token = keys.sign(&json!({"a": 1}), "at+jwt", NOW).unwrap();
        assert_eq!(read(&keys, &token, NOW), Some(json!({"a": 1})));
        assert!(read(&keys, &token, NOW.plus_millis(PERIOD_MILLIS)).is_some());
        assert!(read(&keys, &token, NOW.plus_millis(2 * PERIOD_MILLIS)).is_none());
        let later = keys.sign(&json!({}), "at+jwt", NOW.plus_millis(PERIOD_MILLIS)).unwrap();
        let kid = |token: &str| Jws::read(token).unwrap().header.kid.unwrap();
        assert_ne!(kid(&token), kid(&later), "keys rotate");
        let published = keys.jwks(NOW);
        let named = |kid: &str| published["keys"].as_array().unwrap().iter().any(|key| key["kid"] == kid);
        assert!(named(&kid(&later)), "the next key is published before it signs");
        assert!(published["keys"].as_array().unwrap().iter().all(|key| key.get("d").is_none()));
    }

    #[test]
    fn another_deployments_token_is_not_believed() {
        let token = keys(2).sign(&json!({}), "at+jwt", NOW).unwrap();
        assert!(read(&keys(1), &token, NOW).is_none());
    }
}
