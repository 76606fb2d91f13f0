//! Cases at the supervising body.

use jiff::civil::Date;
use tsumugi_access::Reason;
use tsumugi_kernel::Instant;

use super::{Name, RuleWords, ShownKind, Who, Words};

/// The cases that wait. Nobody whose record it is, is named here.
#[derive(Clone, Debug, Default)]
pub struct ReviewQueueView {
    /// The cases, by deadline.
    pub cases: Vec<WaitingCase>,
    /// Where the list goes on.
    pub next: Option<String>,
    /// What was just said about one.
    pub done: Option<CaseStand>,
}

/// One case of the queue.
#[derive(Clone, Debug)]
pub struct WaitingCase {
    /// Its page.
    pub path: String,
    /// Who looked.
    pub who: Who,
    /// When.
    pub opened: Instant,
    /// By whose end it is to be judged.
    pub deadline: Date,
    /// Where it stands.
    pub stand: CaseStand,
    /// Why the look is odd; empty where it went past limits.
    pub odd: Vec<Reason>,
}

/// Where a case stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaseStand {
    /// Nobody has said anything.
    Waiting,
    /// An explanation was asked for.
    Asked,
    /// The look was right.
    Fine,
    /// The look was wrong.
    Unfit,
}

/// One case.
#[derive(Clone, Debug)]
pub struct ReviewCaseView {
    /// Where its forms go.
    pub path: String,
    /// The case.
    pub case: WaitingCase,
    /// The reason that was typed.
    pub reason: Option<Words>,
    /// What was shown, in kinds.
    pub shown: Vec<ShownKind>,
    /// How many looks it has.
    pub looks: u32,
    /// By which rules.
    pub rule: Option<RuleWords>,
    /// How many cases the looks of the same person have opened in the last 90 days, this one included.
    pub lately: u32,
    /// Whose record it is, once that was asked for.
    pub person: Option<CasePersonView>,
    /// What supervisors said.
    pub said: Vec<CaseSaid>,
    /// What was chosen, kept after a fault.
    pub chosen: Option<String>,
    /// What was typed, kept after a fault.
    pub written: String,
    /// What is wrong.
    pub faults: Vec<CaseFormFault>,
}

/// Whose record a case is about.
#[derive(Clone, Debug)]
pub struct CasePersonView {
    /// The name.
    pub name: Option<Name>,
    /// The birth.
    pub birth: Option<Date>,
}

/// What a supervisor said.
#[derive(Clone, Debug)]
pub struct CaseSaid {
    /// Who.
    pub name: Name,
    /// What.
    pub stand: CaseStand,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Instant,
}

/// What is wrong with a judgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaseFormFault {
    /// Nothing was chosen.
    NothingChosen,
    /// No reason.
    NoReason,
    /// A reason of more characters than this.
    ReasonTooLong(usize),
    /// It is the reader's own look.
    Oneself,
    /// Somebody else said something meanwhile.
    Overtaken,
    /// An explanation was asked for too often.
    Full,
}

/// The case of a look, as the citizen reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookCase {
    /// Why the look is odd; empty where it went past limits.
    pub odd: Vec<Reason>,
    /// Where it stands.
    pub stand: CaseStand,
    /// By whose end it is to be judged.
    pub deadline: Date,
    /// When the last word was said.
    pub said: Option<Date>,
}
