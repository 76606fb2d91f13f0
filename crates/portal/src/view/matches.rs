//! The desk where two clerks decide whether two records are of one person.

use jiff::civil::Date;
use tsumugi_kernel::Instant;

use super::{Name, Sex, Words};

/// Pairs that wait. No name stands here: who it is shows only on a pair's own page, which leaves a leaf for both.
#[derive(Clone, Debug, Default)]
pub struct MatchQueueView {
    /// The pairs, those longest in the queue first.
    pub pairs: Vec<WaitingPair>,
    /// Where the list goes on.
    pub next: Option<String>,
    /// What was just done, told once.
    pub done: Option<MatchDone>,
}

/// One pair that waits.
#[derive(Clone, Debug)]
pub struct WaitingPair {
    /// The pair's own page.
    pub path: String,
    /// Why it is here.
    pub reason: MatchReason,
    /// Since when.
    pub since: Date,
    /// How likely it is one person, in per cent; none where no score is known.
    pub likely_percent: Option<u32>,
    /// Whose turn it is.
    pub turn: MatchTurn,
}

/// Why a pair is in the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatchReason {
    /// A known number, but something contradicts.
    Contradiction,
    /// Name, birth and the like are near.
    Likeness,
    /// One institution uses two numbers for one record.
    TwoNumbers,
}

/// Whose turn it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatchTurn {
    /// The first clerk's: nothing is proposed.
    First,
    /// The second clerk's: the reader may confirm or disagree.
    Second,
    /// Somebody else's: the reader proposed it.
    Another,
    /// Nobody's: decided.
    Closed(MatchVerdict),
}

/// What a clerk thinks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatchVerdict {
    /// One person.
    Same,
    /// Two persons.
    Different,
    /// It cannot be said yet.
    CannotSay,
}

impl MatchVerdict {
    /// All, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::Same, Self::Different, Self::CannotSay];

    /// The code in forms.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Different => "different",
            Self::CannotSay => "cannot-say",
        }
    }
}

/// What was just done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatchDone {
    /// Proposed; another clerk must confirm.
    Proposed,
    /// Sent back with both reasons.
    SentBack,
    /// The two are one record now.
    Joined,
    /// The two stay apart and are not asked about again.
    KeptApart,
    /// The records are apart again.
    TakenApart,
}

/// One pair with what the two records say of the persons.
#[derive(Clone, Debug)]
pub struct MatchPairView {
    /// The pair's own page.
    pub path: String,
    /// Why it is in the queue.
    pub reason: MatchReason,
    /// How likely it is one person, in per cent.
    pub likely_percent: Option<u32>,
    /// The two, as their sources know them; one where one record has two numbers.
    pub persons: Vec<MatchPerson>,
    /// What agrees and what does not, in sentences.
    pub likeness: Vec<Words>,
    /// What clerks said, oldest first.
    pub said: Vec<MatchSaid>,
    /// Whose turn it is.
    pub turn: MatchTurn,
    /// Answers kept after a fault.
    pub chosen: Option<String>,
    /// Reason kept after a fault.
    pub written: String,
    /// What is missing in the form.
    pub faults: Vec<MatchFault>,
}

/// One of the two persons.
#[derive(Clone, Debug, Default)]
pub struct MatchPerson {
    /// Name and reading.
    pub name: Option<Name>,
    /// Birth as sources say it.
    pub birth: Option<Date>,
    /// Sex.
    pub sex: Option<Sex>,
    /// Numbers as written.
    pub numbers: Vec<String>,
    /// How many sources describe the person.
    pub sources: usize,
}

/// Something a clerk said.
#[derive(Clone, Debug)]
pub struct MatchSaid {
    /// Who.
    pub name: Name,
    /// For which organisation.
    pub organization: String,
    /// What.
    pub verdict: MatchVerdict,
    /// Whether it confirms or disagrees with what was proposed; none for a proposal.
    pub confirms: Option<bool>,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Instant,
}

/// What is wrong with what was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatchFault {
    /// Nothing was chosen.
    NothingChosen,
    /// No reason was written.
    NoReason,
    /// The reason is too long: most characters.
    ReasonTooLong(usize),
    /// The one who proposed cannot confirm.
    SameClerk,
    /// Nobody decides about themself.
    Oneself,
    /// Somebody was quicker: the page shows what is now.
    Overtaken,
}

/// Records that were joined, without names.
#[derive(Clone, Debug, Default)]
pub struct MergesView {
    /// The newest first.
    pub merges: Vec<MergeRow>,
    /// Where the list goes on.
    pub next: Option<String>,
    /// The reason that was missing or too long, with the merge's path.
    pub fault: Option<(String, MatchFault)>,
}

/// One merge.
#[derive(Clone, Debug)]
pub struct MergeRow {
    /// Where it is taken apart.
    pub path: String,
    /// When.
    pub at: Instant,
    /// Who proposed and who confirmed.
    pub by: Vec<Name>,
    /// Who took it apart, when and why.
    pub undone: Option<(Name, Instant, String)>,
    /// What came meanwhile and of which it is not certain whose it is: who sent it, how many facts.
    pub open: Vec<(String, usize)>,
}
