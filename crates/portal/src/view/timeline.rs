//! The timeline of life.

use jiff::civil::Date;

use super::Words;

/// Years of a life, newest first.
#[derive(Clone, Debug, Default)]
pub struct TimelineView {
    /// What it is narrowed to; sent as `topic=CODE`.
    pub topic: Topic,
    /// The year whose entries are shown because the reader asked for it (`year=2025`); else the newest one is.
    pub year: Option<i16>,
    /// Years that have entries, newest first.
    pub years: Vec<Year>,
    /// The birth, for the age in each year and the end of the line.
    pub birth: Option<Date>,
}

/// One year.
#[derive(Clone, Debug)]
pub struct Year {
    /// The Gregorian year.
    pub year: i16,
    /// How many entries it has for this reader.
    pub count: u32,
    /// Its entries, newest first; empty where the year is folded and the entries come when it is opened.
    pub entries: Vec<Entry>,
}

/// One event or period.
#[derive(Clone, Debug)]
pub struct Entry {
    /// When.
    pub when: Period,
    /// What happened, in plain words.
    pub title: Words,
    /// Where, or who recorded it.
    pub place: Option<Words>,
    /// More lines, each one fact.
    pub lines: Vec<Words>,
    /// A page that shows more.
    pub path: Option<String>,
    /// Pages of other entries that say the same.
    pub others: Vec<String>,
}

/// A day or a stretch of days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    /// One day.
    Day(Date),
    /// From the first to the last day, inclusive.
    Span(Date, Date),
    /// From a day on, still going.
    Since(Date),
}

/// What a timeline can be narrowed to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Topic {
    /// Everything.
    #[default]
    All,
    /// Stays and visits.
    Visits,
    /// Illnesses, allergies, procedures.
    Illness,
    /// Laboratory and checkups.
    Laboratory,
    /// Medicines.
    Medicines,
    /// Care and daily life.
    Care,
}

impl Topic {
    /// Every topic, in the order of the choice.
    pub const ALL: &'static [Self] =
        &[Self::All, Self::Visits, Self::Illness, Self::Laboratory, Self::Medicines, Self::Care];

    /// The value of `topic=`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Visits => "visits",
            Self::Illness => "illness",
            Self::Laboratory => "laboratory",
            Self::Medicines => "medicines",
            Self::Care => "care",
        }
    }

    /// The topic with this value; everything where it is unknown.
    #[must_use]
    pub fn from_code(code: &str) -> Self {
        Self::ALL.iter().copied().find(|topic| topic.code() == code).unwrap_or_default()
    }
}
