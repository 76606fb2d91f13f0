//! Papers handed in at a desk: the desk's queue and forms, and what the person reads of them.

use jiff::civil::Date;
use tsumugi_access::{PaperAct, PaperFault as Refused, PaperState, paper::PaperTyped};
use tsumugi_kernel::Instant;
use tsumugi_signin::gate::Identity;

use super::{MandateFault, MandateForm, MandateRow, Name, RestrictFault, RestrictView, Restricted, Words};

/// What somebody hands in on paper, as forms and addresses write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum PaperWhat {
    /// Somebody is to act for the person (代理人の届出).
    #[default]
    Mandate,
    /// Somebody is to act no more (代理の取りやめ).
    EndMandate,
    /// Something is to be hidden (見せない範囲の届出).
    Restriction,
    /// What is hidden is to be shown again (見せない設定の取りやめ).
    Lift,
    /// A fact is to be corrected (訂正の申出).
    Correction,
}

impl PaperWhat {
    /// Every kind of paper.
    pub const ALL: [Self; 5] = [Self::Mandate, Self::EndMandate, Self::Restriction, Self::Lift, Self::Correction];

    /// The code as forms send it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Mandate => "mandate",
            Self::EndMandate => "end-mandate",
            Self::Restriction => "restriction",
            Self::Lift => "lift",
            Self::Correction => "correction",
        }
    }

    /// The kind with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|what| what.code() == code)
    }

    /// Whether it waits for a second clerk.
    #[must_use]
    pub const fn waits(self) -> bool {
        matches!(self, Self::Mandate | Self::Lift)
    }
}

/// The desk's page: what waits, and what can be taken down.
#[derive(Clone, Debug, Default)]
pub struct PapersView {
    /// What waits, the longest there first; whose, is told nowhere here.
    pub waiting: Vec<PaperRow>,
    /// The address of the next page, if there is more.
    pub next: Option<String>,
    /// What was just done.
    pub done: Option<PaperDone>,
}

/// What was just done at the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaperDone {
    /// Taken down; it waits until this day for a colleague.
    Waits(Date),
    /// Confirmed: it holds.
    Confirmed,
    /// Sent back.
    SentBack,
}

/// A paper in the desk's queue.
#[derive(Clone, Debug)]
pub struct PaperRow {
    /// Its number.
    pub number: u64,
    /// What it is.
    pub what: PaperWhat,
    /// When it was taken down.
    pub taken: Instant,
    /// By whom.
    pub by: Name,
    /// The last day on which it can be confirmed.
    pub last: Date,
    /// Whether the reader took it down, and so cannot confirm it.
    pub own: bool,
}

/// The form for taking a paper down, with what was typed.
#[derive(Clone, Debug)]
pub struct PaperFormView {
    /// What is handed in.
    pub what: PaperWhat,
    /// The insured number.
    pub insured: String,
    /// The birth date.
    pub birth: String,
    /// What was seen.
    pub identity: Option<Identity>,
    /// Whom it names, of mandates.
    pub mandate: MandateForm,
    /// What it hides, of restrictions.
    pub restrict: RestrictView,
    /// The number of the setting or of the entry, as printed.
    pub code: String,
    /// Whether every setting is lifted.
    pub all: bool,
    /// The words, of corrections.
    pub words: String,
    /// What is wrong.
    pub faults: Vec<PaperFormFault>,
    /// Against a second sending.
    pub form: String,
}

/// What is wrong with the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaperFormFault {
    /// No insured number.
    Number,
    /// No birth date.
    Birth,
    /// It was not said what was seen.
    Identity,
    /// Nobody has this number and birth date, or the desk may not.
    Nobody,
    /// The clerk's own paper, or one that names them.
    Oneself,
    /// No number of a setting, or it is none of hers.
    Setting,
    /// No number of an entry, or it is none of hers.
    Entry,
    /// No words.
    NoWords,
    /// More words than this.
    TooLong(usize),
    /// She has asked for the same already.
    Twice,
    /// Something about the mandate.
    Mandate(MandateFault),
    /// Something about the restriction.
    Restrict(RestrictFault),
}

/// What was taken down and holds, as the slip that the person takes home.
#[derive(Clone, Debug)]
pub struct PaperSlipView {
    /// What it is.
    pub what: PaperWhat,
    /// The desk.
    pub desk: String,
    /// When.
    pub at: Instant,
    /// The number by which a restriction is named on paper later.
    pub code: Option<String>,
    /// By when the organisation answers, of a correction.
    pub deadline: Option<Date>,
}

/// One paper, as its desk or the person reads it.
#[derive(Clone, Debug)]
pub struct PaperLookView {
    /// Its number.
    pub number: u64,
    /// What it is.
    pub what: PaperWhat,
    /// Where it stands.
    pub state: PaperState,
    /// The desk.
    pub desk: Words,
    /// What it says.
    pub said: PaperSaid,
    /// Whom it names, as typed: for the desk, while it waits.
    pub typed: Option<PaperTyped>,
    /// What was said about it.
    pub words: Vec<PaperWordRow>,
    /// The last day on which it can be confirmed.
    pub last: Date,
    /// How many words the reader has seen.
    pub read: usize,
    /// Whether the reader took it down.
    pub own: bool,
    /// What is wrong with what was just sent.
    pub fault: Option<Refused>,
}

/// What a paper says.
#[derive(Clone, Debug)]
pub enum PaperSaid {
    /// A mandate.
    Mandate(MandateRow),
    /// A restriction.
    Restriction(Restricted),
    /// The lifting of one setting, by its number, or of all.
    Lift(Option<String>),
    /// The end of what somebody may do.
    EndMandate(Words),
}

/// A word about a paper.
#[derive(Clone, Debug)]
pub struct PaperWordRow {
    /// What was done.
    pub act: PaperAct,
    /// By whom; none where it was the person's side.
    pub by: Option<Name>,
    /// When.
    pub at: Instant,
    /// Why it was sent back.
    pub reason: String,
}

/// The person's papers.
#[derive(Clone, Debug, Default)]
pub struct OwnPapersView {
    /// The newest first.
    pub papers: Vec<PaperLookView>,
    /// Whether one was just stopped.
    pub done: bool,
    /// Whether the reader may stop what waits.
    pub may_stop: bool,
}

/// Where something that holds was handed in on paper.
#[derive(Clone, Debug)]
pub struct OnPaper {
    /// The desk.
    pub desk: Words,
    /// Who took it down.
    pub taken: Name,
    /// Who confirmed it.
    pub confirmed: Option<Name>,
}
