//! Who looked: the list, and one look.

use jiff::civil::Date;
use tsumugi_kernel::{Instant, Kind, Purpose};

use super::{LookCase, ObjectionForm, Pager, Who, Words};

/// The list of looks, newest first, in groups.
#[derive(Clone, Debug)]
pub struct LooksView {
    /// All looks at this record: the count that the checkpoint commits.
    pub total: u64,
    /// Looks that pass the filter; equals `total` without one.
    pub found: u64,
    /// The filter in use.
    pub filter: LookFilter,
    /// How many of all there are of each sort, those of which there are any.
    pub sorts: Vec<(LookBy, u64)>,
    /// Which kinds the log tells of, each word once.
    pub kinds: Vec<Kind>,
    /// Whether the newest checkpoint covers the count.
    pub proof: Proof,
    /// The proof file, for saving and for the check in the browser.
    pub proof_file: ProofFile,
    /// This page's groups, newest first, at most 50 looks.
    pub groups: Vec<LookGroup>,
    /// Which page of the list.
    pub pager: Pager,
}

/// What the citizen narrowed the list to. Sent as `text=…&by=CODE&purpose=CODE&kind=Kind&from=YYYY-MM-DD&to=YYYY-MM-DD`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LookFilter {
    /// Only where this stands in the name, its reading, or the organisation's name.
    pub text: Option<String>,
    /// Only looks of this sort.
    pub by: Option<LookBy>,
    /// Only where something of this kind was shown or written.
    pub kind: Option<Kind>,
    /// Only this purpose.
    pub purpose: Option<Purpose>,
    /// From this day on, inclusive.
    pub from: Option<Date>,
    /// Up to this day, inclusive.
    pub to: Option<Date>,
}

impl LookFilter {
    /// Whether everything is shown.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// How somebody looked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LookBy {
    /// A person for their own work, or somebody for the citizen.
    Person,
    /// A person for somebody else's work: an assistant, a reception.
    Assistant,
    /// A machine, without a person at it.
    Automatic,
}

impl LookBy {
    /// Each with its code in forms.
    pub const ALL: &'static [(Self, &'static str)] =
        &[(Self::Person, "person"), (Self::Assistant, "assistant"), (Self::Automatic, "automatic")];

    /// The code as forms send it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Assistant => "assistant",
            Self::Automatic => "automatic",
        }
    }
}

/// Looks that belong together: one stay, or one organisation on one day. A group of one row is shown as that look.
#[derive(Clone, Debug)]
pub struct LookGroup {
    /// First day.
    pub from: Date,
    /// Last day; equals `from` for a day's group.
    pub to: Date,
    /// Whether this is a stay in a hospital or facility.
    pub stay: bool,
    /// The organisation that looked.
    pub organization: Words,
    /// How many people looked.
    pub people: u32,
    /// How many looks they took.
    pub looks: u64,
    /// The purposes, each once.
    pub purposes: Vec<Purpose>,
    /// The looks on this page, newest first; those of one person may be folded into one row with a count.
    pub rows: Vec<LookRow>,
}

/// One line of the list.
#[derive(Clone, Debug)]
pub struct LookRow {
    /// The newest look's number: `{base}/looks/{number}`.
    pub number: u64,
    /// When.
    pub when: Instant,
    /// Who.
    pub who: Who,
    /// For whom they acted, when a proxy looked.
    pub on_behalf: Option<OnBehalf>,
    /// Why.
    pub purpose: Purpose,
    /// What was shown, in kinds.
    pub shown: Vec<ShownKind>,
    /// How many looks this row stands for.
    pub times: u64,
    /// This person's first look at this record.
    pub first: bool,
    /// How they looked.
    pub by: LookBy,
    /// It was taken along: a file, or a link for somebody else.
    pub taken: bool,
    /// What came of it.
    pub decision: Decision,
}

/// What came of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Something was shown.
    Shown,
    /// Something was written.
    Written,
    /// Nothing was shown: the rules refused.
    Refused,
}

/// How many resources of one kind were shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShownKind {
    /// The kind; its plain word comes from the texts.
    pub kind: Kind,
    /// How many.
    pub count: u64,
}

/// For whom somebody acted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnBehalf {
    /// The citizen's name.
    pub name: String,
    /// The relation as recorded in the mandate, for example `長女`.
    pub relation: Words,
}

/// How far the proof of completeness reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// The next checkpoint will cover it, within minutes: a normal state.
    Pending,
    /// A checkpoint covers it.
    Covered {
        /// When the checkpoint was signed.
        at: Instant,
    },
}

/// The file that proves the list complete: JSON that `tsumugi verify` reads.
#[derive(Clone, Debug)]
pub struct ProofFile {
    /// Its address. It grows with the looks, so serve it so that a browser keeps it.
    pub path: String,
    /// The log's key as `name+hash+key`, when the page shall insist on it.
    pub key: Option<String>,
    /// The witnesses of the log, where some are named.
    pub witnesses: Option<ProofWitnesses>,
}

/// Whom a proof must have been seen by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProofWitnesses {
    /// Their keys, as text.
    pub keys: Vec<String>,
    /// How many of them must have.
    pub quorum: usize,
}

/// One look in full.
#[derive(Clone, Debug)]
pub struct LookView {
    /// The look itself.
    pub row: LookRow,
    /// The reason somebody gave in their own words.
    pub reason: Option<Words>,
    /// The region for which the disaster mode was open, of a look under it.
    pub disaster: Option<String>,
    /// When it was by whoever looked, of a look without a network that was told later.
    pub offline: Option<Instant>,
    /// The rule that allowed or refused it.
    pub rule: RuleWords,
    /// How many looks there are in all.
    pub total: u64,
    /// Whether a checkpoint covers this look.
    pub proof: Proof,
    /// The proof file.
    pub proof_file: ProofFile,
    /// The case that a reviewer looks into, where the look has one.
    pub case: Option<LookCase>,
    /// Objecting to it, or the objection that there is.
    pub objection: ObjectionForm,
}

/// A rule in words.
#[derive(Clone, Debug)]
pub struct RuleWords {
    /// The rule's id in the policies, for example `special-law/ETREAT/1`.
    pub id: String,
    /// What it says, in one plain sentence.
    pub plain: Words,
    /// The policy's own text.
    pub text: Option<Words>,
    /// The law or guideline it stands on.
    pub source: Option<Words>,
}
