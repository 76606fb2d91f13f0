//! The door: nothing is read from or written to a shelf without a [`Permit`], and only [`Door::admit`] makes one.
//!
//! A request names who asks, in which role, for whom, for what purpose ([`Caller`], [`Request`]). The door looks at the
//! table of roles ([`roles`]), at the citizen's standing ([`standing`]: care relations, mandates, restrictions,
//! consents) and at the policies ([`policy`], Cedar, readable by people who do not program), decides **once**, and
//! gives a permit with a [`Lens`]: what of this shelf may be seen. The lens is applied inside every scan, so a hidden
//! fact weighs nothing. Every look leaves a leaf: [`Permit::seal`] for a read, [`Permit::into_leaves`] for a write,
//! and a refusal leaves one before [`Door::admit`] returns. A look that breaks the glass opens a [`case`] in the commit of
//! its leaf; right after, every look is screened, and an odd one opens one as well ([`screen`]); a citizen opens one by
//! objecting to a look; whoever is suspended in one is refused from then on. What the citizen is told of looks is her choice
//! ([`notice`]).
//!
//! What must hold:
//! - A permit cannot be made, cloned or reused outside; a compile-fail test of `record` proves it.
//! - One decision per request, whatever the number of facts. An error in any evaluated policy denies.
//! - The citizen's part of a leaf never names a withheld fact (未告知) and is as long as the reviewer's.
//! - "Not there" and "not open to you" are told in the same words.
//! - No look breaks the glass without a case that somebody else judges.
//! - No answer waits for the screening, and none depends on it.
//! - No look in a disaster without an opening that holds where the caller works ([`disaster`]).
//! - No clerk widens what others may see or do without a second one ([`paper`]).
//! - A scope of a token only takes away ([`scope`]).
//! - Nothing here reads what a fact says; nothing here knows HTTP.

pub mod caller;
pub mod case;
pub mod could;
pub mod disaster;
pub mod door;
mod leaf;
pub mod lens;
pub mod link;
pub mod looks;
pub mod mail;
pub mod mask;
pub mod notice;
pub mod paper;
pub mod permit;
pub mod policy;
pub mod refusal;
pub mod request;
pub mod roles;
pub mod scope;
pub mod screen;
pub mod shown;
pub mod standing;
pub mod tiles;
pub mod whatif;

pub use caller::{Caller, OnBehalf};
pub use case::{Case, CaseAct, CaseError, CaseFault, CaseKind, CaseState, CaseVerdict};
pub use could::{Could, Moment};
pub use disaster::{DisasterAct, DisasterError, DisasterFault, DisasterState, Opening};
pub use door::Door;
pub use lens::{Lens, Traits, Whereabouts};
pub use link::{Ended, Link, LinkError, LinkSecrets, Opened};
pub use looks::Look;
pub use mail::{Letter, MailAddress, MailChange, MailError, MailState, Posted};
pub use mask::CategoryMask;
pub use notice::{NoticeChange, NoticeChoice, NoticeError, NoticeWhy, Notices};
pub use paper::{Paper, PaperAct, PaperError, PaperFault, PaperSays, PaperState};
pub use permit::{Permit, Receipt, SealError};
pub use policy::{PolicyProfile, Rule};
pub use refusal::{Refusal, Words};
pub use request::{Action, ActionGroup, Request};
pub use scope::{Deeds, Scope};
pub use screen::{Reason, ScreenError, Screened};
pub use shown::Shown;
pub use standing::{
    Against, Change, Consent, ConsentItem, Hides, Holder, Mandate, Relation, RelationKind, Restriction, Standing,
    StandingFault, StandingWrite,
};
