//! `/api/office`: what the reader's organisation sent, as the page shows it.

use serde::Serialize;
use utoipa::ToSchema;

use super::super::{Fault, Site, Visit, sent};
use crate::view;

/// What an organisation sent in the last twelve weeks. Counts only.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Sent {
    /// Weeks from Monday, oldest first.
    pub weeks: Vec<SentWeek>,
    /// Broken rules, those that refused most first.
    pub rules: Vec<SentRule>,
}

/// One week.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct SentWeek {
    /// Its Monday: YYYY-MM-DD.
    pub from: String,
    /// Submissions.
    pub submissions: u64,
    /// Of these refused.
    pub refused: u64,
    /// Resources taken in.
    pub resources: u64,
    /// Warnings.
    pub warnings: u64,
}

/// One broken rule.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct SentRule {
    /// Its key.
    pub rule: String,
    /// How often it refused a submission.
    pub errors: u64,
    /// How often it warned.
    pub warnings: u64,
    /// Submissions of the last four weeks in which it was broken.
    pub recent: u64,
    /// The same of the four weeks before.
    pub before: u64,
}

impl From<view::SentView> for Sent {
    fn from(view: view::SentView) -> Self {
        let week = |week: view::SentWeek| SentWeek {
            from: week.from.to_string(),
            submissions: week.submissions,
            refused: week.refused,
            resources: week.resources,
            warnings: week.warnings,
        };
        let rule = |rule: view::SentRule| SentRule {
            rule: rule.rule,
            errors: rule.errors,
            warnings: rule.warnings,
            recent: rule.recent,
            before: rule.before,
        };
        Self { weeks: view.weeks.into_iter().map(week).collect(), rules: view.rules.into_iter().map(rule).collect() }
    }
}

pub(super) async fn sent(site: &Site, visit: &Visit) -> Result<Sent, Fault> {
    Ok(sent::view(site, visit).await?.into())
}
