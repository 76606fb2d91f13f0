//! Access tokens: signed, of type `at+jwt` (RFC 9068), for minutes; and what is made of one that a request brings.

use std::sync::{Arc, PoisonError};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tsumugi_access::{Caller, Scope};
use tsumugi_kernel::{Instant, Role};

use super::{DpopFault, OauthError, Provider, PurposeDetail, moment::Moment};
use crate::{
    Claims, SigninError,
    gate::GateError,
    jose::Jws,
    keep::{Change, Tag},
    scopes::Scopes,
};

/// The type of an access token.
const TYPE: &str = "at+jwt";
/// How long an app's token lives.
pub(super) const APP_SECONDS: i64 = 10 * 60;
/// How long a system's token lives (SMART Backend Services asks for at most five minutes).
pub(super) const SYSTEM_SECONDS: i64 = 5 * 60;
/// How far the clocks of two machines of one deployment may stand apart.
const SKEW_SECONDS: i64 = 5;

/// Whose possession a token is bound to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmation {
    /// The thumbprint of the key that must prove itself with every request (RFC 9449 section 6).
    pub jkt: String,
}

/// What an access token says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessClaims {
    /// Who issued it.
    pub iss: String,
    /// Who it is.
    pub sub: String,
    /// For which interface.
    pub aud: String,
    /// Which client asked for it.
    pub client_id: String,
    /// When, in seconds.
    pub iat: i64,
    /// Until when, in seconds.
    pub exp: i64,
    /// Its id.
    pub jti: String,
    /// What it is narrowed to.
    pub scope: String,
    /// The grant that it came of: `epoch.name`.
    pub grant: String,
    /// The key that it is bound to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cnf: Option<Confirmation>,
    /// For whom and for what: one.
    pub authorization_details: Vec<PurposeDetail>,
}

impl AccessClaims {
    fn detail(&self) -> Option<&PurposeDetail> {
        self.authorization_details.first()
    }
}

/// A token as a request brings it.
#[derive(Clone, Copy, Debug)]
pub struct Presented<'a> {
    /// The token.
    pub token: &'a str,
    /// Whether it came as `DPoP` and not as `Bearer`.
    pub as_dpop: bool,
    /// The proof of possession.
    pub proof: Option<&'a str>,
    /// The request's method.
    pub method: &'a str,
    /// The request's path, without a query.
    pub path: &'a str,
}

/// A token that counts.
#[derive(Clone, Debug)]
pub struct Bearer {
    /// Who asks.
    pub caller: Caller,
    /// Whether it is bound to a key that has just proved itself.
    pub bound: bool,
}

/// Why a token does not count.
#[derive(Debug, thiserror::Error)]
pub enum TokenRefusal {
    /// It is not of here, was changed, is for somebody else, has ended, or was revoked: one answer for all.
    #[error("the token is not one of this server's, has ended, or was revoked")]
    Token,
    /// The proof that belongs to it is missing or wrong.
    #[error(transparent)]
    Proof(#[from] DpopFault),
    /// It is bound to a key and came as if it were not.
    #[error("the token is bound to a key: send it as `Authorization: DPoP` with a proof in the header DPoP")]
    Bound,
    /// Whoever it names may act no more.
    #[error(transparent)]
    Caller(#[from] SigninError),
    /// This cannot be told right now.
    #[error(transparent)]
    Failed(#[from] OauthError),
}

/// A token once its signature was checked.
struct Read {
    claims: Arc<AccessClaims>,
}

impl Provider {
    /// Signs an access token.
    pub(super) fn access(
        &self,
        grant: &str,
        client: &str,
        detail: &PurposeDetail,
        scopes: &Scopes,
        jkt: Option<&str>,
        (at, seconds): (Moment, i64),
    ) -> Result<String, OauthError> {
        let iat = at.now.0.div_euclid(1000);
        let claims = AccessClaims {
            iss: self.issuer().to_owned(),
            sub: detail.person.to_string(),
            aud: self.audience(),
            client_id: client.to_owned(),
            iat,
            exp: iat + seconds,
            jti: self.random(),
            scope: scopes.to_string(),
            grant: grant.to_owned(),
            cnf: jkt.map(|jkt| Confirmation { jkt: jkt.to_owned() }),
            authorization_details: vec![detail.clone()],
        };
        self.0.keys.sign(&claims, TYPE, at.now).ok_or_else(OauthError::broken)
    }

    /// The name of a new grant.
    pub(super) fn new_grant(&self, at: Moment) -> String {
        format!("{}.{}", at.epoch, self.random())
    }

    /// The claims of a token that counts now.
    ///
    /// # Errors
    /// [`TokenRefusal`].
    pub async fn verify(&self, token: &str) -> Result<Arc<AccessClaims>, TokenRefusal> {
        let at = self.moment().await?;
        let Read { claims } = self.read(token, at.now).ok_or(TokenRefusal::Token)?;
        let now = at.now.0.div_euclid(1000);
        let in_time = claims.iat <= now + SKEW_SECONDS && now < claims.exp;
        let of_epoch = epoch_of(&claims.grant) == Some(at.epoch);
        if !in_time || !of_epoch || self.is_revoked(&claims.grant) {
            return Err(TokenRefusal::Token);
        }
        // A client that was taken out is refused at once, and so is what it holds.
        match self.0.registry.find(&claims.client_id).map_err(OauthError::from)? {
            Some(_) => Ok(claims),
            None => Err(TokenRefusal::Token),
        }
    }

    /// A token's claims if this server signed them for this interface. Checked once in a token's life.
    fn read(&self, token: &str, now: Instant) -> Option<Read> {
        let hash: [u8; 32] = Sha256::digest(token).into();
        let ticket = match self.0.verified.get(&hash) {
            Ok(claims) => return Some(Read { claims }),
            Err(ticket) => ticket,
        };
        let jws = Jws::read(token).ok()?;
        let key = self.0.keys.public(jws.header.kid.as_deref()?, now)?;
        let claims: AccessClaims = jws.claims(&key, TYPE).ok()?;
        if claims.iss != self.0.issuer || claims.aud != self.audience() || claims.authorization_details.len() != 1 {
            return None;
        }
        let claims = Arc::new(claims);
        self.0.verified.keep(hash, Arc::clone(&claims), ticket);
        Some(Read { claims })
    }

    /// The caller of a request's token.
    ///
    /// # Errors
    /// [`TokenRefusal`].
    pub async fn caller(&self, presented: Presented<'_>) -> Result<Bearer, TokenRefusal> {
        let claims = self.verify(presented.token).await?;
        match (&claims.cnf, presented.as_dpop) {
            (Some(confirmation), true) => self.prove(&presented, &confirmation.jkt)?,
            (Some(_), false) => return Err(TokenRefusal::Bound),
            (None, true) => return Err(DpopFault::Unbound.into()),
            (None, false) => {}
        }
        let detail = claims.detail().ok_or(TokenRefusal::Token)?;
        let now = self.0.clock.now();
        let expires = Instant(claims.exp.saturating_mul(1000));
        let (person, organization) = (detail.person.clone(), detail.organization.clone());
        let named = Claims {
            citizen: detail.citizen.clone(),
            automatic: detail.role == Role::System,
            ..Claims::new(detail.role, detail.purpose, person, organization, expires)
        };
        let shown = match self.licence(&named.person, named.role, now).await {
            Ok(shown) => shown,
            Err(GateError::Licence(fault)) => return Err(SigninError::Licence(fault).into()),
            Err(error) => {
                tracing::warn!(%error, "whether a certificate counts cannot be told");
                return Err(OauthError::broken().into());
            }
        };
        let mut caller = crate::caller(&named, &self.0.directory, &self.0.sealer, now).await?;
        caller.qualification = shown.map(crate::gate::shown_as).or(caller.qualification);
        caller.scope = Some(Arc::new(scope_of(&claims)));
        Ok(Bearer { caller, bound: claims.cnf.is_some() })
    }

    fn is_revoked(&self, grant: &str) -> bool {
        self.0.revoked.lock().unwrap_or_else(PoisonError::into_inner).contains_key(grant)
    }

    /// Adds to a change that a grant's tokens count no more. They live for minutes, and so does the row.
    pub(super) fn revoking(change: &mut Change, grant: &str, now: Instant) {
        change.put_new(Tag::Revoked, grant, &grant, ended(now));
    }

    /// Takes a grant's tokens out of this process, after the commit that revoked it, or before one whose outcome is
    /// unknown: what may have been revoked is.
    pub(super) fn forget_grant(&self, grant: &str, now: Instant) {
        let mut revoked = self.0.revoked.lock().unwrap_or_else(PoisonError::into_inner);
        revoked.retain(|_, until| *until > now);
        revoked.insert(grant.to_owned(), ended(now));
    }
}

/// When no access token of a grant revoked now can live any more.
const fn ended(now: Instant) -> Instant {
    now.plus_millis((APP_SECONDS + SKEW_SECONDS) * 1000)
}

/// The epoch in which a grant began.
pub(super) fn epoch_of(grant: &str) -> Option<u32> {
    grant.split_once('.').and_then(|(epoch, _)| epoch.parse().ok())
}

fn scope_of(claims: &AccessClaims) -> Scope {
    Scopes::read(&claims.scope).narrowing()
}
