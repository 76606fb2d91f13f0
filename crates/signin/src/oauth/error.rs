//! How an endpoint says no: the codes of RFC 6749, RFC 9126 and RFC 9449, with what to do next.

use serde_json::{Value, json};
use tsumugi_store::{CommitError, StoreError};

use crate::RegistryFault;

/// An error that a client is told.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {description}")]
pub struct OauthError {
    /// The status.
    pub status: u16,
    /// The code.
    pub code: &'static str,
    /// What is wrong and what to do, in English as the standard demands of this text.
    pub description: String,
}

impl OauthError {
    fn new(status: u16, code: &'static str, description: impl Into<String>) -> Self {
        Self { status, code, description: description.into() }
    }

    pub(crate) fn request(description: impl Into<String>) -> Self {
        Self::new(400, "invalid_request", description)
    }

    pub(crate) fn client(description: impl Into<String>) -> Self {
        Self::new(401, "invalid_client", description)
    }

    pub(crate) fn grant(description: impl Into<String>) -> Self {
        Self::new(400, "invalid_grant", description)
    }

    pub(crate) fn scope(description: impl Into<String>) -> Self {
        Self::new(400, "invalid_scope", description)
    }

    pub(crate) fn unauthorized(description: impl Into<String>) -> Self {
        Self::new(400, "unauthorized_client", description)
    }

    pub(crate) fn details(description: impl Into<String>) -> Self {
        Self::new(400, "invalid_authorization_details", description)
    }

    pub(crate) fn grant_type() -> Self {
        Self::new(
            400,
            "unsupported_grant_type",
            "grant_type is one of authorization_code, refresh_token, client_credentials",
        )
    }

    pub(crate) fn proof(description: impl Into<String>) -> Self {
        Self::new(400, "invalid_dpop_proof", description)
    }

    pub(crate) fn denied(description: impl Into<String>) -> Self {
        Self::new(400, "access_denied", description)
    }

    pub(crate) fn named(code: &'static str, description: impl Into<String>) -> Self {
        Self::new(400, code, description)
    }

    pub(crate) fn often() -> Self {
        Self::new(
            429,
            "slow_down",
            "too many wrong attempts for this client; wait a minute, and check its key and its parameters",
        )
    }

    pub(crate) fn busy() -> Self {
        Self::new(503, "temporarily_unavailable", "nothing can be written right now; begin again in a moment")
    }

    pub(crate) fn broken() -> Self {
        Self::new(500, "server_error", "this server failed; its operator's log says why")
    }

    /// The answer's body.
    #[must_use]
    pub fn body(&self) -> Value {
        json!({"error": self.code, "error_description": self.description})
    }
}

impl From<StoreError> for OauthError {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "a row of signing in cannot be read");
        Self::broken()
    }
}

impl From<CommitError> for OauthError {
    fn from(error: CommitError) -> Self {
        if !matches!(error, CommitError::Busy | CommitError::Conflict(_)) {
            tracing::error!(%error, "a row of signing in cannot be written");
        }
        Self::busy()
    }
}

impl From<RegistryFault> for OauthError {
    fn from(error: RegistryFault) -> Self {
        tracing::error!(%error, "the file of clients cannot be used");
        Self::broken()
    }
}

impl From<tsumugi_people::PeopleError> for OauthError {
    fn from(error: tsumugi_people::PeopleError) -> Self {
        tracing::error!(%error, "the directory cannot be asked");
        Self::broken()
    }
}
