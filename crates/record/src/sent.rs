//! What an organisation sent, counted: submissions, what was refused, which rules were broken, day by day in Japan.
//!
//! Counts only: no citizen, no document and no value stands in a row. One small row is written with each submission, in
//! its commit; rows of finished days are folded into one row a day when somebody reads the report, so that the rows of
//! busy days never meet while they are written.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tsumugi_fhir::Finding;
use tsumugi_kernel::OrganizationId;
use tsumugi_store::{Batch, CommitError, Expectation, Row, Table};

use crate::{Record, RecordError};

/// Most rows folded in one commit.
const FOLD: usize = 2_000;
/// Most days of a report.
const DAYS: usize = 400;
/// Most rules kept of one submission; the outcome that was answered has all of them.
const RULES: usize = 50;

/// Counts of one submission or one day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Submissions and writes.
    #[serde(rename = "s")]
    pub submissions: u64,
    /// Of these refused.
    #[serde(rename = "x")]
    pub refused: u64,
    /// Resources in those that were taken in.
    #[serde(rename = "r")]
    pub resources: u64,
    /// By rule (or FHIR's issue type where a finding has no rule): how often as an error, how often as a warning, and in
    /// how many submissions.
    #[serde(rename = "f", default)]
    pub rules: BTreeMap<String, Broken>,
}

/// How often a rule was broken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Broken {
    /// As an error: these refuse.
    #[serde(rename = "e")]
    pub errors: u64,
    /// As a warning.
    #[serde(rename = "w")]
    pub warnings: u64,
    /// Submissions in which it was broken.
    #[serde(rename = "n")]
    pub submissions: u64,
}

impl Counts {
    /// Counts of one submission that was taken in (`Some(resources)`) or refused (`None`).
    #[must_use]
    pub fn of(taken: Option<usize>, findings: &[Finding]) -> Self {
        let mut counts = Self {
            submissions: 1,
            refused: u64::from(taken.is_none()),
            resources: taken.unwrap_or(0) as u64,
            rules: BTreeMap::new(),
        };
        for finding in findings {
            let rule = finding.rule.as_deref().unwrap_or(finding.code.code());
            if counts.rules.len() == RULES && !counts.rules.contains_key(rule) {
                continue;
            }
            let broken = counts.rules.entry(rule.to_owned()).or_default();
            broken.submissions = 1;
            match finding.severity {
                _ if finding.refuses() => broken.errors += 1,
                tsumugi_fhir::Severity::Warning => broken.warnings += 1,
                _ => {}
            }
        }
        counts.rules.retain(|_, broken| broken.errors + broken.warnings > 0);
        counts
    }

    /// Adds other counts.
    pub fn add(&mut self, other: &Self) {
        self.submissions += other.submissions;
        self.refused += other.refused;
        self.resources += other.resources;
        for (rule, more) in &other.rules {
            let broken = self.rules.entry(rule.clone()).or_default();
            broken.errors += more.errors;
            broken.warnings += more.warnings;
            broken.submissions += more.submissions;
        }
    }
}

impl Record {
    /// The row that remembers `counts` of a submission that comes in now; it goes into the submission's own commit.
    #[must_use]
    pub fn sent_row(&self, sender: &OrganizationId, counts: &Counts) -> Row {
        let mut key = prefix(sender, self.now().civil().date());
        key.push(SINGLE);
        key.extend_from_slice(&self.store.reserve(1).to_be_bytes());
        Row { table: Table::Inbox, key, value: serde_json::to_vec(counts).ok() }
    }

    /// What `sender` sent, by day, oldest first: days from `from` on, at most 400.
    ///
    /// # Errors
    /// If the store cannot read, or cannot write the folded rows.
    pub async fn sent(&self, sender: &OrganizationId, from: Date) -> Result<Vec<(Date, Counts)>, RecordError> {
        let today = self.now().civil().date();
        let mut days: BTreeMap<Date, Counts> = BTreeMap::new();
        let mut day = from.max(today.checked_sub(jiff::Span::new().days(DAYS as i64)).unwrap_or(from));
        while day <= today {
            let counts = match day < today {
                true => self.finished(sender, day).await?,
                false => self.singles(sender, day).await?.0,
            };
            if counts.submissions > 0 {
                days.insert(day, counts);
            }
            day = day.tomorrow().map_err(|_| RecordError::Unreadable("a day"))?;
        }
        Ok(days.into_iter().collect())
    }

    /// The counts of a finished day, its single rows folded into the day's own.
    async fn finished(&self, sender: &OrganizationId, day: Date) -> Result<Counts, RecordError> {
        let mut key = prefix(sender, day);
        key.push(FOLDED);
        loop {
            let before = self.store.row(Table::Inbox, &key).await?;
            let mut counts = before.as_deref().map(read).transpose()?.unwrap_or_default();
            let (more, rows) = self.page(sender, day, None).await?;
            if rows.is_empty() {
                return Ok(counts);
            }
            counts.add(&more);
            let value = serde_json::to_vec(&counts).map_err(|_| RecordError::Unreadable("counts"))?;
            let mut batch = Batch {
                expect: vec![Expectation::Row(Table::Inbox, key.clone(), before.map(|row| row.to_vec()))],
                ..Batch::default()
            };
            batch.rows.push(Row { table: Table::Inbox, key: key.clone(), value: Some(value) });
            batch.rows.extend(rows.into_iter().map(|key| Row { table: Table::Inbox, key, value: None }));
            match self.store.commit(batch).await {
                // Somebody else reads the same report and folded first: look again.
                Ok(_) | Err(CommitError::Conflict(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    async fn singles(&self, sender: &OrganizationId, day: Date) -> Result<(Counts, Vec<Vec<u8>>), RecordError> {
        let mut all = Counts::default();
        let mut after: Option<Vec<u8>> = None;
        loop {
            let (counts, rows) = self.page(sender, day, after.as_deref()).await?;
            all.add(&counts);
            match rows.last() {
                Some(last) if rows.len() == FOLD => after = Some(last.clone()),
                _ => return Ok((all, Vec::new())),
            }
        }
    }

    async fn page(
        &self,
        sender: &OrganizationId,
        day: Date,
        after: Option<&[u8]>,
    ) -> Result<(Counts, Vec<Vec<u8>>), RecordError> {
        let mut singles = prefix(sender, day);
        singles.push(SINGLE);
        let rows = self.store.rows(Table::Inbox, &singles, after, FOLD).await?;
        let mut counts = Counts::default();
        for (_, value) in &rows {
            counts.add(&read(value)?);
        }
        Ok((counts, rows.into_iter().map(|(key, _)| key.to_vec()).collect()))
    }
}

/// Marks after the day in a key: the day's folded row, a submission's own row.
const FOLDED: u8 = b'd';
const SINGLE: u8 = b's';

fn read(value: &[u8]) -> Result<Counts, RecordError> {
    serde_json::from_slice(value).map_err(|_| RecordError::Unreadable("counts of what was sent"))
}

/// Sender, then the day as `YYYYMMDD`, so that days stand in order.
fn prefix(sender: &OrganizationId, day: Date) -> Vec<u8> {
    let mut key = sender.as_str().as_bytes().to_vec();
    key.push(0);
    key.extend_from_slice(day.strftime("%Y%m%d").to_string().as_bytes());
    key
}
