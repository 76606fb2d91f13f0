//! Starting points of those who act for others: staff find a person, a proxy chooses whose record.

use jiff::civil::Date;

use super::{DisasterNews, Name, Sex, Words};

/// The start of a member of staff.
#[derive(Clone, Debug, Default)]
pub struct StaffHomeView {
    /// What was typed, kept after a fault.
    pub number: String,
    /// The number was empty, or nobody could be shown for it.
    pub trouble: Option<SearchTrouble>,
    /// People whom the reader is registered to care for, by name.
    pub people: Vec<FoundPerson>,
    /// Where the disaster mode is open.
    pub disaster: Vec<DisasterNews>,
    /// Whether the reader may look for somebody by name under one of them.
    pub may_find: bool,
    /// How many papers wait at the reader's desk for a second clerk.
    pub papers: usize,
}

/// Why a search led nowhere. Not found and not allowed are one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SearchTrouble {
    /// No number was typed.
    NumberMissing,
    /// Nobody was found, or the person may not be shown.
    NobodyShown,
}

/// A person whose record can be opened.
#[derive(Clone, Debug)]
pub struct FoundPerson {
    /// The name.
    pub name: Name,
    /// The birth.
    pub birth: Option<Date>,
    /// The sex.
    pub sex: Option<Sex>,
    /// The number in the reader's own organisation.
    pub number: Option<String>,
    /// What the reader is to the person: `担当`, `長女`.
    pub relation: Option<Words>,
    /// Until when the record is open to the reader.
    pub until: Option<Date>,
    /// Where the record starts.
    pub base: String,
}

/// The start of a proxy: those who gave a mandate.
#[derive(Clone, Debug, Default)]
pub struct ProxyHomeView {
    /// The reader's own sign-in id: whoever names them needs it.
    pub number: String,
    /// Whose record can be opened.
    pub people: Vec<FoundPerson>,
    /// Where the disaster mode is open.
    pub disaster: Vec<DisasterNews>,
}
