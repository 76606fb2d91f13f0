//! Proof of possession (DPoP, RFC 9449): a token that is bound to a key is worth nothing without it.
//!
//! Each request brings a proof of its own: signed with the key, for this method and this address, made just now, used
//! once, and naming the token. Proofs that were used are remembered in this process for as long as they could be used;
//! one that is older than the process is refused, since nobody remembers it.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use tsumugi_kernel::Instant;

use super::{Presented, Provider};
use crate::jose::{Algorithm, Jws, PublicKey, encode};

const TYPE: &str = "dpop+jwt";
/// How old a proof may be, in seconds.
const OLD_SECONDS: i64 = 60;
/// How far ahead a client's clock may be, in seconds.
const AHEAD_SECONDS: i64 = 10;
/// Proofs remembered: twenty thousand requests a second for as long as each lives would fill it.
const REMEMBERED: usize = 1_500_000;

/// Why a proof is none. Each says what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DpopFault {
    /// There is none, or it is not one.
    #[error(
        "the header DPoP must hold one proof: a JWT of type dpop+jwt with the public key in its header, signed with ES256, ES384 or EdDSA"
    )]
    Form,
    /// It is for another request.
    #[error("the proof is for another request: htm is this request's method, htu this address without query")]
    Request,
    /// It is too old, or of the future.
    #[error("the proof was not made just now: make one for each request, and set the clock")]
    Time,
    /// It was used.
    #[error("the proof was used before: make one for each request, with a jti of its own")]
    Used,
    /// It is not by the token's key, or not for this token.
    #[error("the proof is not by the key that the token is bound to, or names another token (ath)")]
    Key,
    /// The token is not bound to any key.
    #[error("the token is not bound to a key: send it as `Authorization: Bearer`")]
    Unbound,
    /// Too many proofs are remembered.
    #[error("too many requests at once; send it again in a moment with a new proof")]
    Busy,
}

#[derive(Deserialize)]
struct Proof {
    jti: String,
    htm: String,
    htu: String,
    iat: i64,
    #[serde(default)]
    ath: Option<String>,
}

/// Proofs that were used.
pub(super) struct Proofs {
    since: Instant,
    used: Mutex<HashMap<[u8; 16], i64>>,
}

impl Proofs {
    pub(super) fn since(now: Instant) -> Self {
        Self { since: now, used: Mutex::new(HashMap::new()) }
    }

    /// Notes a proof as used until it is too old, unless it was used.
    fn take(&self, key: &PublicKey, proof: &Proof, now: i64) -> Result<(), DpopFault> {
        let name = Sha256::new().chain_update(key.thumbprint()).chain_update([0]).chain_update(&proof.jti).finalize();
        let mut short = [0; 16];
        short.copy_from_slice(&name[..16]);
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        if used.get(&short).is_some_and(|until| *until >= now) {
            return Err(DpopFault::Used);
        }
        if used.len() >= REMEMBERED {
            used.retain(|_, until| *until >= now);
            if used.len() >= REMEMBERED {
                return Err(DpopFault::Busy);
            }
        }
        used.insert(short, proof.iat + OLD_SECONDS);
        Ok(())
    }
}

impl Provider {
    /// Checks the proof beside a request's token.
    pub(super) fn prove(&self, presented: &Presented<'_>, jkt: &str) -> Result<(), DpopFault> {
        let (key, proof) = self.proof(presented.proof.unwrap_or_default(), presented.method, presented.path)?;
        let ath = encode(&Sha256::digest(presented.token));
        if key.thumbprint() != jkt || proof.ath.as_deref() != Some(&ath) {
            return Err(DpopFault::Key);
        }
        self.0.proofs.take(&key, &proof, self.seconds())
    }

    /// Checks the proof with which a client asks for a token to be bound; gives the key's thumbprint.
    pub(super) fn prove_at(&self, proof: &str, path: &str) -> Result<String, DpopFault> {
        let (key, proof) = self.proof(proof, "POST", path)?;
        self.0.proofs.take(&key, &proof, self.seconds())?;
        Ok(key.thumbprint().to_owned())
    }

    fn seconds(&self) -> i64 {
        self.0.clock.now().0.div_euclid(1000)
    }

    fn proof(&self, text: &str, method: &str, path: &str) -> Result<(PublicKey, Proof), DpopFault> {
        let jws = Jws::read(text).map_err(|_| DpopFault::Form)?;
        let key = jws.header.jwk.as_ref().and_then(|jwk| PublicKey::from_jwk(jwk).ok()).ok_or(DpopFault::Form)?;
        // A signature of RSA costs the checker the most and the forger nothing; nobody needs it here.
        if key.algorithm() == Algorithm::Rs384 {
            return Err(DpopFault::Form);
        }
        let proof: Proof = jws.claims(&key, TYPE).map_err(|_| DpopFault::Form)?;
        if proof.jti.is_empty() || proof.jti.len() > 256 {
            return Err(DpopFault::Form);
        }
        let address = proof.htu.split(['?', '#']).next().unwrap_or_default();
        if proof.htm != method || address.strip_prefix(self.issuer()) != Some(path) {
            return Err(DpopFault::Request);
        }
        let now = self.seconds();
        let older_than_we = proof.iat < self.0.proofs.since.0.div_euclid(1000);
        if proof.iat > now + AHEAD_SECONDS || proof.iat < now - OLD_SECONDS || older_than_we {
            return Err(DpopFault::Time);
        }
        Ok((key, proof))
    }
}
