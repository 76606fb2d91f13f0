//! Public statistics of cases: counts and days, nobody in them.

use jiff::civil::Date;
use tsumugi_access::CaseKind;

/// The statistics.
#[derive(Clone, Debug)]
pub struct Statistics {
    /// On which day they were counted; they stand for that day.
    pub counted: Date,
    /// The months, newest first, for each kind of case.
    pub months: Vec<MonthRow>,
}

/// The cases of one kind that were opened in one month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MonthRow {
    /// The month's first day.
    pub month: Date,
    /// Why there are cases.
    pub kind: CaseKind,
    /// How many were opened.
    pub opened: Count,
    /// How many of them were answered.
    pub answered: Count,
    /// Working days to the answer: the middle one and the longest, where enough were answered.
    pub days: Option<(u32, u32)>,
    /// How many are late.
    pub late: Count,
    /// How many are closed.
    pub closed: Count,
    /// In how many per cent of those that were judged or corrected the citizen was right, where enough were on either side.
    pub upheld_percent: Option<u32>,
}

/// A count that tells nobody apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// Fewer than ten, or so many that fewer than ten are left out of a count beside it: not told.
    Few,
    /// So many.
    Exactly(u64),
}
