//! Codes and refresh tokens: each good once, and a second coming ends everything that came of the first.

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use tsumugi_kernel::Instant;
use tsumugi_store::CommitError;

use super::{OauthError, Provider, PurposeDetail, access::epoch_of, moment::Moment, request::AuthRequest};
use crate::{
    Client,
    jose::encode,
    keep::{Change, Kept, Tag},
};

/// A code, as kept.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Code {
    pub request: AuthRequest,
    pub detail: PurposeDetail,
    pub grant: String,
    pub since: Instant,
    pub good_until: Instant,
    pub used: bool,
}

/// A grant with refresh tokens, as kept.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Grant {
    pub client: String,
    pub detail: PurposeDetail,
    pub scope: String,
    pub jkt: Option<String>,
    /// The refresh token that is good now has this number.
    pub generation: u32,
}

/// That a grant is a person's, and since when.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Granted {
    pub grant: String,
    pub since: Instant,
}

fn drop_grant(change: &mut Change, name: &str, kept: &Kept<Grant>) {
    change.remove(Tag::Grant, name, kept);
    change.remove_owned(Tag::Granted, (kept.value.detail.person.as_str(), name), kept.expires);
}

impl Provider {
    /// The code that an app brings, if it is good for it.
    pub(super) async fn code(
        &self,
        text: &str,
        client: &Client,
        redirect_uri: &str,
        verifier: &str,
        at: Moment,
    ) -> Result<Kept<Code>, OauthError> {
        let none = || OauthError::grant("the code is not one of this client's, has ended, or was used; begin again");
        let kept = self.0.keep.get::<Code>(Tag::Code, text).await?.ok_or_else(none)?;
        let code = &kept.value;
        if code.request.client != client.id.as_str() || epoch_of(&code.grant) != Some(at.epoch) {
            return Err(none());
        }
        if code.used {
            tracing::warn!("a code was used twice: what came of it ends");
            self.revoke(&code.grant, at).await?;
            return Err(none());
        }
        let is_verifier = (43..=128).contains(&verifier.len())
            && verifier.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b));
        let challenge = encode(&Sha256::digest(verifier));
        let keeps = bool::from(challenge.as_bytes().ct_eq(code.request.challenge.as_bytes()));
        if at.now >= code.good_until || code.request.redirect_uri != redirect_uri {
            return Err(none());
        }
        if !is_verifier || !keeps {
            // Whoever has the code has not the verifier: it is good for nobody any more.
            let mut change = Change::default();
            change.replace(Tag::Code, text, &kept, &Code { used: true, ..code.clone() }, kept.expires);
            self.0.keep.commit(change, at.now).await?;
            return Err(OauthError::grant(
                "code_verifier is not that of the request; the code is good no more, begin again",
            ));
        }
        Ok(kept)
    }

    /// Uses a code up, with the grant that begins.
    pub(super) async fn redeem(
        &self,
        text: &str,
        kept: &Kept<Code>,
        grant: Option<(&Grant, Instant)>,
        at: Moment,
    ) -> Result<(), OauthError> {
        let mut change = Change::default();
        let used = Code { used: true, ..kept.value.clone() };
        change.replace(Tag::Code, text, kept, &used, kept.expires);
        if let Some((grant, until)) = grant {
            change.put_new(Tag::Grant, &kept.value.grant, grant, until);
            let granted = Granted { grant: kept.value.grant.clone(), since: at.now };
            change.put_owned(Tag::Granted, (grant.detail.person.as_str(), &granted.grant), &granted, until);
        }
        match self.0.keep.commit(change, at.now).await {
            Err(CommitError::Conflict(_)) => {
                self.revoke(&kept.value.grant, at).await?;
                Err(OauthError::grant("the code was used twice at once; begin again"))
            }
            done => Ok(done?),
        }
    }

    /// The refresh token of a grant with this number.
    pub(super) fn refresh_token(&self, grant: &str, generation: u32) -> String {
        format!("{grant}.{generation}.{}", encode(&self.mac(grant, generation)))
    }

    fn mac(&self, grant: &str, generation: u32) -> [u8; 32] {
        // HMAC pads a key shorter than its block with zeros (RFC 2104 section 2), so this is the same key.
        let mut block = [0; 64];
        block[..32].copy_from_slice(self.0.refresh_key.as_slice());
        let mut mac = Hmac::<Sha256>::new(&block.into());
        mac.update(format!("{grant}.{generation}").as_bytes());
        mac.finalize().into_bytes().into()
    }

    /// The grant and number of a refresh token that was made here.
    pub(super) fn read_refresh<'a>(&self, token: &'a str) -> Option<(&'a str, u32)> {
        let (rest, mac) = token.rsplit_once('.')?;
        let (grant, generation) = rest.rsplit_once('.')?;
        let generation = generation.parse().ok()?;
        let is_ours = self.refresh_token(grant, generation).as_bytes().ct_eq(token.as_bytes());
        (bool::from(is_ours) && !mac.is_empty()).then_some((grant, generation))
    }

    /// The grant of a refresh token that a client brings, if the token is the one that is good now.
    pub(super) async fn granted(
        &self,
        token: &str,
        client: &Client,
        at: Moment,
    ) -> Result<(String, Kept<Grant>), OauthError> {
        let none = || {
            OauthError::grant("the refresh token is not one of this client's, has ended, or was used; sign in again")
        };
        let (name, generation) = self.read_refresh(token).ok_or_else(none)?;
        let kept = self.0.keep.get::<Grant>(Tag::Grant, name).await?.ok_or_else(none)?;
        let grant = &kept.value;
        if grant.client != client.id.as_str() || at.now >= kept.expires || epoch_of(name) != Some(at.epoch) {
            return Err(none());
        }
        if generation != grant.generation {
            tracing::warn!("a refresh token was used twice: what came of it ends");
            self.revoke(name, at).await?;
            return Err(none());
        }
        Ok((name.to_owned(), kept))
    }

    /// Puts the next refresh token in the place of the one that was brought.
    pub(super) async fn rotate(&self, name: &str, kept: &Kept<Grant>, at: Moment) -> Result<String, OauthError> {
        let next = Grant { generation: kept.value.generation + 1, ..kept.value.clone() };
        let mut change = Change::default();
        change.replace(Tag::Grant, name, kept, &next, kept.expires);
        match self.0.keep.commit(change, at.now).await {
            Err(CommitError::Conflict(_)) => {
                self.revoke(name, at).await?;
                Err(OauthError::grant("the refresh token was used twice at once; sign in again"))
            }
            done => {
                done?;
                Ok(self.refresh_token(name, next.generation))
            }
        }
    }

    /// Ends a grant: its access tokens and its refresh tokens.
    pub(super) async fn revoke(&self, name: &str, at: Moment) -> Result<(), OauthError> {
        // First in this process: whatever becomes of the commit, nothing of it counts here any more.
        self.forget_grant(name, at.now);
        let mut change = Change::default();
        if let Some(kept) = self.0.keep.get::<Grant>(Tag::Grant, name).await? {
            drop_grant(&mut change, name, &kept);
        }
        Self::revoking(&mut change, name, at.now);
        match self.0.keep.commit(change, at.now).await {
            // It was revoked before, or is being refreshed at this moment; the latter is looked at again.
            Err(CommitError::Conflict(_)) => match self.0.keep.get::<Grant>(Tag::Grant, name).await? {
                None => Ok(()),
                Some(kept) => {
                    let mut change = Change::default();
                    drop_grant(&mut change, name, &kept);
                    Ok(self.0.keep.commit(change, at.now).await?)
                }
            },
            done => Ok(done?),
        }
    }
}
