//! Who is who: citizens, people who sign in, organisations, and the identifiers that lead to a citizen.
//!
//! Care begins with the right person. A wrong link puts one person's allergies on another's shelf, a missing link
//! hides them; the first is worse, so [`Directory::resolve`] links only by a personal identifier that nothing
//! contradicts, and leaves everything else for a person to decide (`decisions/0001-patient.md`).
//!
//! What must hold:
//! - An insured number is never a key of a person: it changes with every job, and without 枝番 it names a household.
//! - A name never links. It only puts two citizens into the queue.
//! - What a resolution reads is repeated as expectations in the caller's commit, so that two first documents of one
//!   person that arrive together cannot make two citizens.
//! - Only directory rows are touched here; no shelf is ever read, and nothing here knows rules or HTTP.

pub mod cache;
pub mod citizen;
pub mod directory;
pub mod fold;
pub mod identifier;
pub mod incoming;
pub mod queue;
pub mod register;
pub mod resolve;

pub use citizen::{Citizen, Sex};
pub use directory::{Directory, PeopleError};
pub use identifier::{Identifier, Standing as IdentifierStanding};
pub use incoming::Incoming;
pub use queue::{QueueReason, Queued};
pub use register::{Organization, Person};
pub use resolve::Resolution;
