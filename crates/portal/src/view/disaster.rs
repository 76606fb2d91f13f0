//! The disaster mode: where it is open, for everybody; opening and closing it; finding a person by name and birth date.

use tsumugi_access::{DisasterAct, DisasterState, disaster};
use tsumugi_kernel::Instant;

use super::{Count, Name};

/// The public page.
#[derive(Clone, Debug, Default)]
pub struct DisasterView {
    /// Every opening that was confirmed, the newest first.
    pub openings: Vec<OpeningRow>,
    /// Whether the reader may look for a person under one of them now.
    pub may_find: bool,
}

/// An opening as everybody is told of it.
#[derive(Clone, Debug)]
pub struct OpeningRow {
    /// Its number.
    pub number: u64,
    /// Where, in words.
    pub place: String,
    /// Where, in codes.
    pub areas: Vec<String>,
    /// Why.
    pub reason: String,
    /// From when on.
    pub from: Instant,
    /// Until when.
    pub until: Instant,
    /// Where it stands.
    pub state: DisasterState,
    /// Looks at records that were made under it.
    pub looks: Count,
    /// What was done, oldest first.
    pub words: Vec<OpeningWord>,
}

/// One thing that was done.
#[derive(Clone, Debug)]
pub struct OpeningWord {
    /// What.
    pub act: DisasterAct,
    /// When.
    pub at: Instant,
    /// The end that was said.
    pub until: Option<Instant>,
    /// Why.
    pub reason: String,
    /// Who, on the supervising body's own page.
    pub by: Option<Name>,
}

/// What a start page says of openings that hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisasterNews {
    /// Where, in words.
    pub place: String,
    /// Until when.
    pub until: Instant,
}

/// The supervising body's page.
#[derive(Clone, Debug, Default)]
pub struct OpeningsView {
    /// Every opening, the newest first.
    pub openings: Vec<OpeningDesk>,
    /// What was typed for a new one.
    pub form: OpeningForm,
    /// What is wrong with it, or with what was done to another.
    pub fault: Option<(Option<u64>, disaster::DisasterFault)>,
    /// What was just done.
    pub done: Option<DisasterAct>,
}

/// An opening, with what the reader may do.
#[derive(Clone, Debug)]
pub struct OpeningDesk {
    /// As everybody is told.
    pub row: OpeningRow,
    /// How many words were read.
    pub read: usize,
    /// The later end that waits for the second person.
    pub extension: Option<Instant>,
    /// Whether the reader proposed what waits.
    pub own: bool,
    /// Searches under it by name: how many, at most 1,000, and the newest.
    pub searches: (usize, Vec<SearchRow>),
}

/// That somebody searched.
#[derive(Clone, Debug)]
pub struct SearchRow {
    /// Who.
    pub name: Name,
    /// For which organisation.
    pub organization: String,
    /// When.
    pub at: Instant,
}

/// What is typed for a new opening.
#[derive(Clone, Debug, Default)]
pub struct OpeningForm {
    /// The form's number.
    pub form: String,
    /// Where, in words.
    pub place: String,
    /// Where, in codes.
    pub areas: String,
    /// Why.
    pub reason: String,
    /// From when on.
    pub from: String,
    /// Until when.
    pub until: String,
}

/// Finding a person.
#[derive(Clone, Debug, Default)]
pub struct IdentifyView {
    /// Under which opening.
    pub news: Option<DisasterNews>,
    /// The family name as typed.
    pub family: String,
    /// The given name as typed.
    pub given: String,
    /// The birth as typed.
    pub birth: String,
    /// The sex as chosen.
    pub sex: Option<String>,
    /// The address as typed.
    pub address: String,
    /// What is wrong, or what came of it.
    pub faults: Vec<IdentifyFault>,
}

/// Why nobody was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdentifyFault {
    /// No family name.
    Family,
    /// No given name.
    Given,
    /// No day of birth, or one that may mean several days.
    Birth,
    /// No sex.
    Sex,
    /// Something is longer than this.
    Long(usize),
    /// Several agree.
    More,
    /// Nobody does, or nothing is open.
    Nobody,
    /// Searched too often.
    TooOften,
}
