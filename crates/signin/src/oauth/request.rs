//! An authorization request: what an app asks a person for, checked before the person sees it.

use serde::{Deserialize, Serialize};

use super::{Form, OauthError, Provider, detail::AskedDetail};
use crate::{Client, ClientKind, scopes::Scopes};

/// A request, as kept until a person has decided.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct AuthRequest {
    pub client: String,
    pub redirect_uri: String,
    pub scope: String,
    pub state: Option<String>,
    pub nonce: Option<String>,
    /// SHA-256 of the verifier that the app keeps (RFC 7636, `S256`).
    pub challenge: String,
    pub detail: AskedDetail,
    /// The key to which the code is bound (RFC 9449 section 10).
    pub jkt: Option<String>,
    /// Whether nobody may be shown anything (`prompt=none`).
    pub silent: bool,
}

/// Longest `state` and `nonce`, in characters.
const MOST_TEXT: usize = 1_024;

impl Provider {
    /// The address to which this client is sent back, if it is one of its own. Until this is known nobody is sent
    /// anywhere.
    pub(super) fn address(client: &Client, form: &Form) -> Result<String, OauthError> {
        if client.kind != ClientKind::App {
            return Err(OauthError::unauthorized("this client is a system; nobody signs in to it"));
        }
        let address = form.need("redirect_uri")?;
        if client.redirect_uris.iter().any(|own| own == address) {
            Ok(address.to_owned())
        } else {
            Err(OauthError::request(
                "redirect_uri is not one that is registered for this client; it must be the same letter by letter",
            ))
        }
    }

    /// Reads a request of a client that is to be sent back to `redirect_uri`.
    pub(super) fn request(
        &self,
        client: &Client,
        redirect_uri: String,
        form: &Form,
    ) -> Result<AuthRequest, OauthError> {
        if form.need("response_type")? != "code" {
            return Err(OauthError::named("unsupported_response_type", "response_type must be code"));
        }
        if form.get("request").is_some() {
            return Err(OauthError::named(
                "request_not_supported",
                "send the parameters themselves, or push them to the endpoint for that",
            ));
        }
        if form.get("response_mode").is_some_and(|mode| mode != "query") {
            return Err(OauthError::request("response_mode must be query"));
        }
        // INVARIANT: no code without S256; `plain` would let whoever reads the request use the code.
        if form.get("code_challenge_method") != Some("S256") {
            return Err(OauthError::request("code_challenge_method must be S256"));
        }
        let challenge = form.need("code_challenge")?;
        if challenge.len() != 43 || crate::jose::decode(challenge).is_none_or(|bytes| bytes.len() != 32) {
            return Err(OauthError::request("code_challenge must be a SHA-256 in base64url, 43 characters"));
        }
        for name in ["aud", "resource"] {
            if form.get(name).is_some_and(|aud| aud.trim_end_matches('/') != self.audience()) {
                return Err(OauthError::named("invalid_target", format!("{name} must be {}", self.audience())));
            }
        }
        let scopes = Scopes::read(form.need("scope")?).of(false).within(&client.allowed());
        if scopes.narrowing() == tsumugi_access::Scope::default() && !scopes.has(&crate::scopes::One::OpenId) {
            return Err(OauthError::scope("no scope of those asked for is registered for this client and served here"));
        }
        let short = |name: &'static str| match form.get(name) {
            Some(text) if text.len() > MOST_TEXT => Err(OauthError::request(format!("{name} is too long"))),
            text => Ok(text.map(str::to_owned)),
        };
        Ok(AuthRequest {
            client: client.id.to_string(),
            redirect_uri,
            scope: scopes.to_string(),
            state: short("state")?,
            nonce: short("nonce")?,
            challenge: challenge.to_owned(),
            detail: AskedDetail::read(form.get("authorization_details"))?,
            jkt: short("dpop_jkt")?,
            silent: form.get("prompt").is_some_and(|prompt| prompt.split(' ').any(|one| one == "none")),
        })
    }
}
