//! The citizen's home; a proxy sees the same page for the person who gave the mandate.

use jiff::civil::Date;

use super::{DisasterNews, Notice};

/// The start of a citizen's record.
#[derive(Clone, Debug, Default)]
pub struct HomeView {
    /// Notices that the reader has not read yet.
    pub news: Option<News>,
    /// Where the disaster mode is open.
    pub disaster: Vec<DisasterNews>,
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

/// What the reader has not read yet of the notices.
#[derive(Clone, Debug)]
pub struct News {
    /// How many notices.
    pub unread: u32,
    /// The most urgent of them.
    pub first: Notice,
}
