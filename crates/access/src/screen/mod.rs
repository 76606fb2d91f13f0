//! Screening: every look is looked at once more, right after its leaf, and the odd ones go to review with their reasons.
//!
//! The log itself is the queue (`decisions/0023-screening.md`). [`crate::Door::screen`] opens the leaves that came since the
//! last time, in their order, and asks of each what [`rules`] lists: is there a care relation, the same family name, the
//! same quarter, a workplace in common, somebody whom many know, an unusual number, an unusual hour. What adds up to
//! [`rules::ODD`] becomes a case beside those that broke the glass. A look that no care explains is asked about again
//! when its time has passed: care that was written meanwhile explains it.
//!
//! What must hold:
//! - Nothing here happens before an answer, and nothing a reader gets depends on it.
//! - A leaf is screened exactly once, also after a crash: the cursor and what follows from a leaf are one commit.
//! - What was shown is not asked, and the citizen's parts alone are opened: a withheld fact cannot be among the reasons.
//! - Each odd look names its reasons; no reason tells where a protected person lives.

mod memory;
pub mod rules;
mod signals;
mod work;

pub(crate) use memory::{cursor_key, number, opening_key};
pub use rules::{Reason, Signal};
pub use work::{ScreenError, Screened};
