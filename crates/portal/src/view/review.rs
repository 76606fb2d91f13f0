//! Cases at the supervising body.

use jiff::civil::Date;
use tsumugi_access::{
    CaseAct, CaseKind, Reason,
    case::{Concern, Sanction, Turn},
};
use tsumugi_kernel::{Instant, Purpose, Role};

use super::{Name, RuleWords, ShownKind, Who, Words};

/// The cases that wait. Nobody whose record it is, is named here.
#[derive(Clone, Debug, Default)]
pub struct ReviewQueueView {
    /// Whether these are the closed ones, newest first; else the open ones, by deadline.
    pub closed: bool,
    /// The cases.
    pub cases: Vec<WaitingCase>,
    /// Where the list goes on.
    pub next: Option<String>,
    /// What was just said about one.
    pub done: Option<CaseAct>,
}

/// One case of the queue.
#[derive(Clone, Debug)]
pub struct WaitingCase {
    /// Its page.
    pub path: String,
    /// Why there is a case.
    pub kind: CaseKind,
    /// Who is called to account: who looked, or the organisation that wrote a fact.
    pub who: Who,
    /// When it was opened.
    pub opened: Instant,
    /// By whose end whoever has the turn speaks.
    pub deadline: Date,
    /// Where it stands.
    pub stand: CaseStand,
    /// Why the look is odd; empty where it went past limits.
    pub odd: Vec<Reason>,
    /// Whose word is next.
    pub turn: Turn,
    /// Whether that word is late.
    pub late: bool,
    /// When it was closed.
    pub closed: Option<Instant>,
}

/// Where a case stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaseStand {
    /// Nobody has said anything.
    Waiting,
    /// An answer is asked for.
    Asked,
    /// There is an answer; the citizen says whether it is enough.
    Answered,
    /// The fact is to be corrected; its author is to do it.
    Upheld,
    /// The citizen was content, or took it back.
    Settled,
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
    /// What was said.
    pub said: Vec<CaseSaid>,
    /// Why the citizen objects.
    pub concern: Option<Concern>,
    /// When the look was that she objects to.
    pub looked: Option<Instant>,
    /// Whether it can be judged now; else it waits for somebody else's word.
    pub judged_now: bool,
    /// The suspension that it led to: `Some(None)` until it is lifted.
    pub suspended: Option<Option<Instant>>,
    /// What follows, as it was chosen.
    pub penalty: Option<String>,
    /// Whether it is to be reported, as it was chosen.
    pub report: bool,
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

/// What somebody said in a case.
#[derive(Clone, Debug)]
pub struct CaseSaid {
    /// Who; none for the citizen's side, whose role says enough.
    pub name: Option<Name>,
    /// In which role.
    pub role: Role,
    /// What was done.
    pub act: CaseAct,
    /// In which words; none where they are not for the reader.
    pub reason: Option<String>,
    /// When.
    pub at: Instant,
    /// What follows.
    pub sanction: Option<Sanction>,
}

/// What a citizen has called others to account for, newest first.
#[derive(Clone, Debug, Default)]
pub struct CasesView {
    /// The cases.
    pub cases: Vec<WaitingCase>,
}

/// One case as the citizen's side reads it.
#[derive(Clone, Debug)]
pub struct OwnCaseView {
    /// The case; its path is where its form goes.
    pub case: WaitingCase,
    /// What was said.
    pub said: Vec<CaseSaid>,
    /// The page of the look or document that it is about.
    pub about: Option<String>,
    /// Why she objects.
    pub concern: Option<Concern>,
    /// Whether it is hers to say whether the answer is enough.
    pub may_reply: bool,
    /// Whether it can be taken back.
    pub may_withdraw: bool,
    /// What was just done.
    pub done: Option<CaseAct>,
    /// What was typed, kept after a fault.
    pub written: String,
    /// What is wrong.
    pub fault: Option<CaseFormFault>,
}

/// Objecting to a look, on the look's page.
#[derive(Clone, Debug, Default)]
pub struct ObjectionForm {
    /// Where the form goes; none where nobody can be called to account for the look.
    pub path: Option<String>,
    /// The objection that there is: its page, and where it stands.
    pub raised: Option<WaitingCase>,
    /// What was chosen, kept after a fault.
    pub chosen: Option<Concern>,
    /// What was typed, kept after a fault.
    pub written: String,
    /// What is wrong.
    pub fault: Option<CaseFormFault>,
}

/// What an organisation is asked.
#[derive(Clone, Debug, Default)]
pub struct OfficeCasesView {
    /// Whether these are all; else those that wait for an answer.
    pub all: bool,
    /// The cases.
    pub cases: Vec<WaitingCase>,
    /// Where the list goes on.
    pub next: Option<String>,
    /// Whether an answer was just sent.
    pub done: bool,
}

/// One case as the organisation that answers reads it.
#[derive(Clone, Debug)]
pub struct OfficeCaseView {
    /// The case; its path is where its form goes.
    pub case: WaitingCase,
    /// Whose record it is, where the look had told it.
    pub person: Option<CasePersonView>,
    /// When the look was.
    pub looked: Option<Instant>,
    /// For which purpose.
    pub purpose: Option<Purpose>,
    /// Why the citizen objects.
    pub concern: Option<Concern>,
    /// What was said.
    pub said: Vec<CaseSaid>,
    /// Whether an answer is asked for.
    pub may_answer: bool,
    /// What was chosen, kept after a fault.
    pub chosen: Option<CaseAct>,
    /// What was typed, kept after a fault.
    pub written: String,
    /// What is wrong.
    pub fault: Option<CaseFormFault>,
}

/// The page on which a clerk takes down an objection from paper.
#[derive(Clone, Debug, Default)]
pub struct PaperView {
    /// What was typed, kept after a fault.
    pub number: String,
    /// Which look, as printed.
    pub look: String,
    /// Why.
    pub concern: Option<Concern>,
    /// In which words.
    pub written: String,
    /// What is wrong.
    pub faults: Vec<PaperFault>,
    /// Taken down: the day of the deadline.
    pub done: Option<Date>,
}

/// What is wrong with an objection on paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaperFault {
    /// No number of the person.
    Number,
    /// Nobody has it, or the desk may not.
    Nobody,
    /// No number of a look, or there is no look that can be objected to.
    Look,
    /// It was objected to already.
    Twice,
    /// More words than this.
    TooLong(usize),
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
    /// Too much was said.
    Full,
    /// It is somebody else's turn.
    NotYet,
    /// What follows does not fit what was found.
    Sanction,
    /// The record has no newer version.
    NotCorrected,
    /// No words.
    NoWords,
    /// No answer was chosen.
    NoAnswer,
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
