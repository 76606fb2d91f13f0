//! Who is who: citizens, people who sign in, organisations, and the identifiers that lead to a citizen.
//!
//! Care begins with the right person. A wrong link puts one person's allergies on another's shelf, a missing link
//! hides them; the first is worse, so [`Directory::resolve`] links only by a personal identifier that nothing
//! contradicts, and leaves everything else for a person to decide (`decisions/0001-patient.md`).
//!
//! What must hold:
//! - An insured number is never a key of a person: it changes with every job, and without 枝番 it names a household.
//! - A number leads to a person for its days; what an insurer gives to somebody else after its end links nobody to the
//!   first (`decisions/0019-one-id.md`).
//! - The individual number (マイナンバー) stands in the sealed vault and nowhere else.
//! - Likeness never links. It only puts two citizens into the queue, scored (`decisions/0017-matching.md`).
//! - What a resolution reads is repeated as expectations in the caller's commit, so that two first documents of one
//!   person that arrive together cannot make two citizens.
//! - Only directory rows are touched here; no shelf is ever read, and nothing here knows rules or HTTP.

pub mod bulk;
pub mod cache;
pub mod candidates;
pub mod citizen;
pub mod decide;
pub mod directory;
pub mod eligibility;
pub mod evidence;
mod fill;
mod holders;
pub mod identifier;
pub mod identify;
pub mod incoming;
pub mod institution;
pub mod insurance;
pub mod merge;
pub mod mynumber;
pub mod nearness;
pub mod number_fault;
pub mod protect;
pub mod queue;
pub mod region;
pub mod register;
pub mod resolve;
pub mod roster;
pub mod validity;
pub mod vault;

pub use candidates::{Candidate, Candidates};
pub use citizen::{Citizen, Sex};
pub use decide::{Clerk, ClerkWord, DecideFault, Decision, MatchState, Opinion, Pair};
pub use directory::{Directory, PeopleError};
pub use eligibility::Qualification;
pub use evidence::{By, Said, Source};
pub use identifier::{Identifier, Standing as IdentifierStanding};
pub use identify::{FourItems, Identified};
pub use incoming::{Former, Incoming};
pub use institution::InstitutionNumber;
pub use insurance::{Coverage, History, Member, Statement};
pub use merge::{Merge, MergeFault, MergeRecord, OpenPart, Shelves, Undone};
pub use mynumber::MyNumber;
pub use nearness::Quarter;
pub use number_fault::NumberFault;
pub use queue::{QueueReason, Queued};
pub use region::{Area, AreaFault};
pub use register::{Organization, Person};
pub use resolve::Resolution;
pub use roster::{Post, Posts};
pub use validity::Validity;
pub use vault::{Duty, Vault, VaultError};
