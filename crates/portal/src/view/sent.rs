//! What an organisation sent and which rules it broke: for those who mend the sending program.

use jiff::civil::Date;

use super::Words;

/// The report of one organisation.
#[derive(Clone, Debug, Default)]
pub struct SentView {
    /// The first day that is counted.
    pub from: Option<Date>,
    /// Weeks from Monday, oldest first; weeks in which nothing was sent stand here as well.
    pub weeks: Vec<SentWeek>,
    /// Broken rules, those that refused most first.
    pub rules: Vec<SentRule>,
}

/// One week.
#[derive(Clone, Copy, Debug)]
pub struct SentWeek {
    /// Its Monday.
    pub from: Date,
    /// Submissions.
    pub submissions: u64,
    /// Of these refused.
    pub refused: u64,
    /// Resources taken in.
    pub resources: u64,
    /// Warnings in those that were taken in or refused.
    pub warnings: u64,
}

/// One broken rule.
#[derive(Clone, Debug)]
pub struct SentRule {
    /// Its key: `R0211`, `dom-3`, or FHIR's issue type where a finding names no rule.
    pub rule: String,
    /// What it asks for.
    pub words: Option<Words>,
    /// How often it was broken so that the submission was refused.
    pub errors: u64,
    /// How often as a warning.
    pub warnings: u64,
    /// Submissions of the last four weeks in which it was broken.
    pub recent: u64,
    /// The same of the four weeks before.
    pub before: u64,
}

impl SentView {
    /// Submissions, and how many of them were refused.
    #[must_use]
    pub fn total(&self) -> (u64, u64) {
        self.weeks.iter().fold((0, 0), |(all, refused), week| (all + week.submissions, refused + week.refused))
    }
}

impl SentWeek {
    /// Refused per hundred submissions, rounded to a tenth; `None` where nothing was sent.
    #[must_use]
    pub fn refused_percent(&self) -> Option<f64> {
        (self.submissions > 0).then(|| (self.refused as f64 * 1000.0 / self.submissions as f64).round() / 10.0)
    }
}
