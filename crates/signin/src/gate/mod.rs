//! How people sign in: passkeys, codes from a desk, the second factor of professionals, and the sessions that follow
//! (`decisions/0028-people-sign-in.md`).
//!
//! What must hold: a person comes in only with a passkey under which they were recognised, or with a code that a desk gave
//! them after seeing who they are, or by a provider that vouches for a certificate of theirs; each answer to a challenge and each code counts once, whatever becomes of the commit;
//! nobody becomes a professional without a second factor; a session is a random name that only the browser knows, new at
//! each step up, and ended on the server.

mod account;
mod authenticator;
mod cbor;
mod challenge;
mod choice;
mod code;
mod licence;
mod passkey;
mod session;
mod totp;
mod upstream;

use std::sync::{Arc, OnceLock};

use tsumugi_access::{Refusal, SealError, case::CaseError};
use tsumugi_kernel::{Instant, MasterSecret};
use tsumugi_people::PeopleError;
use tsumugi_store::{CommitError, StoreError};
use zeroize::Zeroizing;

pub use account::{Event, What};
pub use authenticator::Site;
pub use challenge::Use;
pub use choice::Choice;
pub(crate) use choice::shown_as;
pub use code::{Code, Handed, Identity, Lost, Side};
pub use licence::{LicenceRow, RawLicence};
pub use passkey::{Answer, KeyRow, Made, NAME_MOST, NewKey};
pub use session::{By, Session, SessionRow};
pub use totp::TotpOffer;
pub use upstream::{Answering, Ask, BACK, Sent, Upstream};

use crate::{
    DevKey, Provider,
    oauth::{OauthError, limit::Limits, moment::Moment},
};

/// How people sign in at a deployment. Cheap to clone.
#[derive(Clone)]
pub struct Gate(Arc<Inner>);

struct Inner {
    provider: Provider,
    site: Option<Site>,
    challenge_key: Zeroizing<[u8; 32]>,
    code_key: Zeroizing<[u8; 32]>,
    totp_key: Zeroizing<[u8; 32]>,
    emergency: DevKey,
    provided: OnceLock<upstream::Provided>,
    limits: Limits,
}

/// Why somebody does not come in, or something about how they do cannot be changed. The texts say nothing of who it is.
#[derive(Debug, thiserror::Error)]
pub enum GateError {
    /// The server is reached at an address where browsers give no passkeys.
    #[error("browsers give no passkeys at this address; say with --address by which name the server is reached")]
    Address,
    /// The challenge has ended, was answered, or is another browser's.
    #[error("the challenge has ended or was answered")]
    Challenge,
    /// What the browser sent is no answer of a passkey that is known here.
    #[error("the passkey does not count here")]
    Passkey,
    /// The passkey's counter went back: there is a second one like it.
    #[error("the passkey may have been copied; it is stopped")]
    Copied,
    /// The passkey is known already.
    #[error("the passkey is known already")]
    Known,
    /// There are as many as one person may have.
    #[error("there are as many as one person may have; remove one first")]
    Many,
    /// It is the last way in.
    #[error("the last passkey stays, since there is no other way in")]
    Last,
    /// What was typed is no code of a desk: a digit is wrong.
    #[error("a digit of the code is wrong")]
    Mistyped,
    /// There is no such code.
    #[error("there is no such code")]
    Code,
    /// The code was used.
    #[error("the code was used")]
    CodeUsed,
    /// The code's days are over.
    #[error("the code has ended")]
    CodeEnded,
    /// Wrong too often.
    #[error("wrong too often; wait")]
    Often,
    /// The number of the second factor is wrong or was used.
    #[error("the number is wrong or was used")]
    Number,
    /// The second factor was wrong so often that it counts no more.
    #[error("the second factor was wrong too often and counts no more; a desk makes a new one")]
    Dead,
    /// The external provider does not answer, or not as it must.
    #[error("the external provider gave no answer that counts")]
    Provider,
    /// Nobody has said whose the certificate is.
    #[error("nobody has said whose the certificate is")]
    Stranger,
    /// Another certificate is kept.
    #[error("another certificate is kept; a desk lets a new one in")]
    Renewed,
    /// The certificate of a professional does not count, or not for the role.
    #[error("the certificate: {0}")]
    Licence(crate::hpki::Fault),
    /// Nobody hands a code out to themself.
    #[error("nobody hands a code out to themself")]
    Own,
    /// This is not open to this session.
    #[error("this session may not do that")]
    NotOpen,
    /// A second factor comes first.
    #[error("a second factor comes first")]
    Second,
    /// There is no such session, or it has ended.
    #[error("the session has ended")]
    Ended,
    /// The store could not read or write: try again.
    #[error("the store could not be asked; nothing may be taken as done")]
    Busy,
    /// A row is damaged or of a newer form.
    #[error("{0}")]
    Broken(String),
}

impl Gate {
    /// The gate beside an authorization server.
    #[must_use]
    pub fn new(provider: Provider, secret: &MasterSecret) -> Self {
        let site = Site::of(provider.issuer());
        Self(Arc::new(Inner {
            site,
            challenge_key: secret.derive("tsumugi/signin/challenge/1"),
            code_key: secret.derive("tsumugi/signin/desk-code/1"),
            totp_key: secret.derive("tsumugi/signin/totp/1"),
            emergency: DevKey::of_emergencies(secret),
            provided: OnceLock::new(),
            limits: Limits::default(),
            provider,
        }))
    }

    /// By which address people reach the server.
    ///
    /// # Errors
    /// [`GateError::Address`].
    pub fn site(&self) -> Result<&Site, GateError> {
        self.0.site.as_ref().ok_or(GateError::Address)
    }

    /// Whether sessions travel over TLS only.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.0.provider.issuer().starts_with("https://")
    }

    /// The key of the short tokens that stand beside a session for a typed reason.
    #[must_use]
    pub fn emergency_key(&self) -> &DevKey {
        &self.0.emergency
    }

    async fn moment(&self) -> Result<Moment, GateError> {
        Ok(self.0.provider.moment().await?)
    }

    /// An event, now.
    fn event(at: Instant, what: What, name: Option<&str>) -> Event {
        Event { at, what, name: name.map(str::to_owned) }
    }
}

impl std::fmt::Debug for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Gate({})", self.0.provider.issuer())
    }
}

/// A read or write that failed is one of which nothing is known; the operator is told why.
impl std::convert::From<StoreError> for GateError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Damaged { .. } => Self::Broken(error.to_string()),
            error => {
                tracing::warn!(%error, "signing in could not read");
                Self::Busy
            }
        }
    }
}

impl std::convert::From<CommitError> for GateError {
    fn from(error: CommitError) -> Self {
        tracing::warn!(%error, "signing in could not write");
        Self::Busy
    }
}

impl std::convert::From<CaseError> for GateError {
    fn from(error: CaseError) -> Self {
        match error {
            CaseError::Store(error) => error.into(),
            error => Self::Broken(error.to_string()),
        }
    }
}

impl std::convert::From<OauthError> for GateError {
    fn from(error: OauthError) -> Self {
        tracing::warn!(%error, "signing in could not learn the present");
        Self::Busy
    }
}

impl std::convert::From<PeopleError> for GateError {
    fn from(error: PeopleError) -> Self {
        match error {
            PeopleError::Store(error) => error.into(),
            PeopleError::Commit(error) => error.into(),
            error => Self::Broken(error.to_string()),
        }
    }
}

impl std::convert::From<SealError> for GateError {
    fn from(error: SealError) -> Self {
        match error {
            SealError::Commit(error) => error.into(),
            SealError::Store(error) => error.into(),
            error => Self::Broken(error.to_string()),
        }
    }
}

impl std::convert::From<Refusal> for GateError {
    fn from(error: Refusal) -> Self {
        match error {
            Refusal::Store(error) => error.into(),
            Refusal::Seal(error) => error.into(),
            Refusal::Row(what) => Self::Broken(what.to_owned()),
            _ => Self::NotOpen,
        }
    }
}
