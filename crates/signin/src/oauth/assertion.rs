//! How a client proves itself: an assertion signed with a key of its own (`private_key_jwt`, RFC 7523), used once.

use std::sync::Arc;

use serde::Deserialize;
use tsumugi_kernel::Instant;
use tsumugi_store::CommitError;

use super::{Form, OauthError, Posted, Provider, grant::Grant, limit::Counted, moment::Moment};
use crate::{
    Client,
    jose::Jws,
    keep::{Change, Tag},
};

const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// How long an assertion may live (SMART Backend Services).
const LONGEST_SECONDS: i64 = 5 * 60;
/// How far the clocks of client and server may stand apart.
const SKEW_SECONDS: i64 = 30;

#[derive(Deserialize)]
struct Assertion {
    iss: String,
    sub: String,
    aud: Audience,
    exp: i64,
    jti: String,
    #[serde(default)]
    iat: Option<i64>,
    #[serde(default)]
    nbf: Option<i64>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

impl Provider {
    /// The client that posted. One with keys must prove itself; one without is believed to be who it says, which opens
    /// nothing: a code comes back only to its address.
    pub(super) async fn client(&self, posted: &Posted, path: &str, at: Moment) -> Result<Arc<Client>, OauthError> {
        let form = &posted.form;
        if posted.authorization || form.get("client_secret").is_some() {
            return Err(OauthError::client(
                "no secrets are used here; an app names its client_id, a system signs a client_assertion",
            ));
        }
        let assertion = form.get("client_assertion");
        let jws = assertion.map(Jws::read).transpose().map_err(|fault| OauthError::client(fault.to_string()))?;
        let named = form.get("client_id").map(str::to_owned);
        let unchecked = jws.as_ref().and_then(Jws::unchecked_subject);
        let id = match named.or(unchecked) {
            Some(id) => id,
            None => self.refreshed(form).await?.ok_or_else(|| OauthError::client("name the client_id"))?,
        };
        let proved = self.proved(&id, jws.as_ref(), form.get("client_assertion_type"), path, at).await;
        let wrong = proved.as_ref().is_err_and(|error| error.status == 401);
        self.counted(proved, wrong.then_some(Counted::Client), &id, at.now)
    }

    /// Whose a refresh token is. RFC 6749 section 6 asks nothing else of a client without a key, and SMART's client for
    /// JavaScript sends nothing else.
    async fn refreshed(&self, form: &Form) -> Result<Option<String>, OauthError> {
        let Some((name, _)) = form.get("refresh_token").and_then(|token| self.read_refresh(token)) else {
            return Ok(None);
        };
        let kept = self.0.keep.get::<Grant>(Tag::Grant, name).await?;
        Ok(kept.map(|grant| grant.value.client))
    }

    async fn proved(
        &self,
        id: &str,
        jws: Option<&Jws<'_>>,
        kind: Option<&str>,
        path: &str,
        at: Moment,
    ) -> Result<Arc<Client>, OauthError> {
        let client = self.0.registry.find(id)?.ok_or_else(|| OauthError::client("there is no such client here"))?;
        match (client.has_keys(), jws) {
            (false, None) => Ok(client),
            (false, Some(_)) => {
                Err(OauthError::client("this client has no key registered; leave client_assertion out"))
            }
            (true, None) => {
                Err(OauthError::client("this client proves itself with a client_assertion signed with its key"))
            }
            (true, Some(_)) if kind != Some(TYPE) => {
                Err(OauthError::client(format!("client_assertion_type must be {TYPE}")))
            }
            (true, Some(jws)) => {
                let assertion = checked(&client, jws)?;
                self.fits(&assertion, id, path, at.now)?;
                self.use_once(&assertion, at).await?;
                Ok(client)
            }
        }
    }

    fn fits(&self, assertion: &Assertion, id: &str, path: &str, now: Instant) -> Result<(), OauthError> {
        let now = now.0.div_euclid(1000);
        if assertion.iss != id || assertion.sub != id {
            return Err(OauthError::client("iss and sub of the assertion are the client_id"));
        }
        let (issuer, here) = (self.issuer(), format!("{}{path}", self.issuer()));
        let token = format!("{issuer}{}", super::discovery::TOKEN);
        let ours = |audience: &String| audience == issuer || *audience == here || *audience == token;
        let is_for_us = match &assertion.aud {
            Audience::One(one) => ours(one),
            // One of several might be another server, which could use it here.
            Audience::Many(many) => !many.is_empty() && many.iter().all(ours),
        };
        if !is_for_us {
            return Err(OauthError::client(
                "aud of the assertion is this server's token endpoint or issuer, and nobody else",
            ));
        }
        if now >= assertion.exp + SKEW_SECONDS {
            return Err(OauthError::client("the assertion has ended; make one for each request, and set the clock"));
        }
        if assertion.exp > now + LONGEST_SECONDS + SKEW_SECONDS {
            return Err(OauthError::client("the assertion lives too long: exp is at most five minutes ahead"));
        }
        if [assertion.iat, assertion.nbf].into_iter().flatten().any(|begins| begins > now + SKEW_SECONDS) {
            return Err(OauthError::client("the assertion is of the future; set the clock"));
        }
        if assertion.jti.is_empty() || assertion.jti.len() > 256 {
            return Err(OauthError::client("jti of the assertion has 1 to 256 characters"));
        }
        Ok(())
    }

    async fn use_once(&self, assertion: &Assertion, at: Moment) -> Result<(), OauthError> {
        let mut change = Change::default();
        let name = format!("{}\n{}", assertion.sub, assertion.jti);
        let until = Instant((assertion.exp + SKEW_SECONDS).saturating_mul(1000));
        change.put_new(Tag::Assertion, &name, &(), until);
        match self.0.keep.commit(change, at.now).await {
            Err(CommitError::Conflict(_)) => Err(OauthError::client(
                "the assertion was used before; make one for each request, with a jti of its own",
            )),
            done => Ok(done?),
        }
    }
}

/// The assertion, if one of the client's keys signed it: the one that its `kid` names, or its only one.
fn checked(client: &Client, jws: &Jws<'_>) -> Result<Assertion, OauthError> {
    let keys = client.keys().map_err(|fault| {
        tracing::error!(%fault, "a client's keys cannot be used");
        OauthError::broken()
    })?;
    let key = match (jws.header.kid.as_deref(), keys.as_slice()) {
        (None, [only]) => Some(only),
        (kid, keys) => keys.iter().find(|key| kid.is_some() && key.kid() == kid),
    };
    let key = key.ok_or_else(|| OauthError::client("the assertion's kid names no key of this client"))?;
    jws.claims_of_any_type(key).map_err(|fault| OauthError::client(fault.to_string()))
}
