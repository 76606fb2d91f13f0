//! Pushed authorization requests (RFC 9126): the app sends its request itself, and the browser carries only its name.

use serde_json::{Value, json};

use super::{Form, OauthError, Posted, Provider, discovery, limit::Counted, moment::Moment, request::AuthRequest};
use crate::keep::{Change, Tag};

/// How long a pushed request waits for the browser to bring it, and a person for their sign-in.
const SECONDS: i64 = 10 * 60;
const PREFIX: &str = "urn:ietf:params:oauth:request_uri:";

impl Provider {
    /// Takes a request.
    ///
    /// # Errors
    /// [`OauthError`].
    pub async fn push(&self, posted: &Posted) -> Result<Value, OauthError> {
        let at = self.moment().await?;
        let client = self.client(posted, discovery::PAR, at).await?;
        if posted.form.get("request_uri").is_some() {
            return Err(OauthError::request("a pushed request names no request_uri"));
        }
        let address = Self::address(&client, &posted.form)?;
        let mut request = self.request(&client, address, &posted.form)?;
        if let Some(proof) = &posted.proof {
            let jkt = self.prove_at(proof, discovery::PAR).map_err(|fault| OauthError::proof(fault.to_string()))?;
            if request.jkt.as_ref().is_some_and(|named| *named != jkt) {
                return Err(OauthError::proof("dpop_jkt is not the thumbprint of the key of the proof"));
            }
            request.jkt = Some(jkt);
        }
        let id = self.wait(&request, at).await?;
        Ok(json!({"request_uri": format!("{PREFIX}{id}"), "expires_in": SECONDS}))
    }

    /// Keeps a request until a person has decided; gives its name.
    pub(super) async fn wait(&self, request: &AuthRequest, at: Moment) -> Result<String, OauthError> {
        if !self.0.limits.allows(Counted::Waiting, &request.client, at.now) {
            return Err(OauthError::often());
        }
        self.0.limits.count(Counted::Waiting, &request.client, at.now);
        let id = self.random();
        let mut change = Change::default();
        change.put_new(Tag::Request, &id, request, at.now.plus_millis(SECONDS * 1000));
        self.0.keep.commit(change, at.now).await?;
        Ok(id)
    }

    /// The name of the request that the browser brings, if it brings a name.
    pub(super) fn name_of(form: &Form) -> Result<Option<&str>, OauthError> {
        match form.get("request_uri") {
            None => Ok(None),
            Some(uri) => match uri.strip_prefix(PREFIX) {
                Some(id) => Ok(Some(id)),
                None => Err(OauthError::request(
                    "request_uri is not one that was given here; nothing is fetched from elsewhere",
                )),
            },
        }
    }
}
