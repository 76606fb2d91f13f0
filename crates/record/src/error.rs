//! Why the record could not do what was asked.

use tsumugi_access::{SealError, StandingFault};
use tsumugi_store::{CommitError, StoreError};

/// A failure of the record. Ignorant of HTTP; `rest::answer` gives each its status.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The store failed to read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store did not commit.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// The leaf could not be left.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// Who may see what cannot be changed this way.
    #[error(transparent)]
    Standing(#[from] StandingFault),
    /// The fact was put there by another organisation.
    #[error("only the organisation that sent a fact changes it")]
    NotOwn,
    /// The permit does not let facts of this category be written.
    #[error("the permit does not let facts of this category be written")]
    NotAdmitted,
    /// The token's scopes do not let this be done with resources of this kind.
    #[error("the token's scopes do not let this be done with resources of this kind")]
    OutOfScope,
    /// A stored value does not unfold: the store holds what this program cannot read.
    #[error("a stored fact cannot be read back: {0}")]
    Unreadable(&'static str),
    /// A search could not be answered.
    #[error(transparent)]
    Search(#[from] tsumugi_fhir_search::SearchError),
    /// A page was asked for with a cursor that this server did not make.
    #[error("the cursor of a page is not one of this server's")]
    Cursor,
    /// A batch would have touched a second shelf.
    #[error("one request writes to one person's record only")]
    SecondShelf,
}

impl From<tsumugi_access::door::ChangeError> for RecordError {
    fn from(error: tsumugi_access::door::ChangeError) -> Self {
        use tsumugi_access::door::ChangeError;
        match error {
            ChangeError::Fault(fault) => Self::Standing(fault),
            ChangeError::Store(error) => Self::Store(error),
            ChangeError::Row => Self::Unreadable("a citizen's standing"),
        }
    }
}
