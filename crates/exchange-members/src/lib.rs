//! Members: insurers and municipalities say who is insured under which number, and ask it.
//!
//! - [`take_in`] takes a members' file (`docs/members.md`), line by line, through the door, with a leaf for each citizen
//!   it touches;
//! - [`qualify`] answers whether a number was good on a day, [`numbers`] which numbers a person had;
//! - [`identify`] and [`give_number`] ask and fill the sealed vault of individual numbers (マイナンバー).
//!
//! What must hold: an insurer touches people under its own insurer numbers only, a municipality under those that it
//! acts under; a line that is refused stops no other; the same file again changes nothing; nobody is told whose a
//! number is without a leaf for that person.

mod identify;
mod line;
mod qualify;
mod take_in;

use tsumugi_access::{Refusal, SealError};
use tsumugi_people::{PeopleError, VaultError, bulk::FileFault};
use tsumugi_record::{RecordError, StoreError};

pub use identify::{give_number, identify};
pub use qualify::{Answer, numbers, qualify};
pub use take_in::{Taken, take_in};

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum MembersError {
    /// The role may not send or ask this for its purpose. Told before anything is looked up.
    #[error("the role and purpose of the sign-in do not allow this")]
    NotAllowed,
    /// Nothing is open here for this purpose, or there is nobody.
    #[error("nothing is open here for this purpose")]
    NotOpen,
    /// The file is not read at all.
    #[error(transparent)]
    File(#[from] FileFault),
    /// The directory could not answer.
    #[error(transparent)]
    People(#[from] PeopleError),
    /// The vault did not answer.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The record could not write.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The leaf could not be left.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The store could not read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A refusal of the door as an error here. Why nothing is open is never told.
fn refused(refusal: Refusal) -> MembersError {
    match refusal {
        Refusal::NotOpen { .. } => MembersError::NotOpen,
        Refusal::OutsideTable { .. }
        | Refusal::OutsideScope { .. }
        | Refusal::Expired { .. }
        | Refusal::NoDisaster { .. }
        | Refusal::Suspended { .. } => MembersError::NotAllowed,
        Refusal::Seal(error) => error.into(),
        Refusal::Store(error) => error.into(),
        Refusal::Row(row) => RecordError::Unreadable(row).into(),
    }
}
