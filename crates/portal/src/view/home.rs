//! The citizen's home; a proxy sees the same page for the person who gave the mandate.

use jiff::civil::Date;
use tsumugi_kernel::Purpose;

use super::Who;

/// The start of a citizen's record.
#[derive(Clone, Debug, Default)]
pub struct HomeView {
    /// Somebody looked for the first time since the last visit.
    pub first_look: Option<FirstLook>,
    /// How many different people looked since the first of this month.
    pub people_this_month: u32,
    /// The newest day on the timeline.
    pub newest_entry: Option<Date>,
    /// The newest measurement of daily activities.
    pub newest_activities: Option<Date>,
    /// The newest laboratory result.
    pub newest_laboratory: Option<Date>,
    /// How many medicines are in use.
    pub medicines: u32,
}

/// A first look by somebody.
#[derive(Clone, Debug)]
pub struct FirstLook {
    /// The number of the look: `{base}/looks/{number}`.
    pub number: u64,
    /// The day in Japan.
    pub day: Date,
    /// Who looked.
    pub who: Who,
    /// The id of the person in the directory.
    pub person: String,
    /// Why.
    pub purpose: Purpose,
}
