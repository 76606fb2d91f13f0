//! The clocks of cases, without anybody in them: what public statistics are counted from.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tsumugi_store::{Row, Table};

use super::{Case, CaseAct, CaseError, CaseKind, CaseVerdict, Turn, keep};
use crate::Door;

/// Most cases of one month that are counted.
const MONTH_MOST: usize = 100_000;
const PAGE: usize = 1_000;

/// The clocks of one case: no person, no organisation, no look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseClock {
    /// Why there is a case.
    pub kind: CaseKind,
    /// The day on which it was opened.
    pub opened: Date,
    /// The day of the organisation's first answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered: Option<Date>,
    /// The day on which it was closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<Date>,
    /// While it is open: until when whoever has the turn has time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline: Option<Date>,
    /// What was found in the end; none where it is open or was settled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<CaseVerdict>,
}

impl CaseClock {
    fn of(case: &Case) -> Self {
        let answered = case.words.iter().find(|word| word.act.is_organizations());
        let found = case.judged().or_else(|| {
            let corrected = case.words.iter().any(|word| word.act == CaseAct::Corrected);
            (corrected && case.turn() == Turn::Nobody).then_some(CaseVerdict::Unfit)
        });
        Self {
            kind: case.kind,
            opened: case.opened.civil().date(),
            answered: answered.map(|word| word.at.civil().date()),
            closed: case.closed().map(|at| at.civil().date()),
            deadline: (case.turn() != Turn::Nobody).then_some(case.deadline),
            found,
        }
    }
}

/// The row of a case's clocks.
pub(super) fn clock_row(case: &Case) -> Row {
    let key = [month_prefix(case.opened.civil().date()).as_slice(), &case.number.to_be_bytes()].concat();
    // Days always serialise.
    keep::row(key, serde_json::to_vec(&CaseClock::of(case)).unwrap_or_default())
}

fn month_prefix(day: Date) -> Vec<u8> {
    let months = u32::try_from(i32::from(day.year()) * 12 + i32::from(day.month()) - 1).unwrap_or(0);
    [b"t".as_slice(), &months.to_be_bytes()].concat()
}

impl Door {
    /// The clocks of the cases that were opened in a day's month, at most 100,000.
    ///
    /// # Errors
    /// [`CaseError`] when the store cannot read, or a row cannot be read.
    pub async fn case_clocks(&self, month: Date) -> Result<Vec<CaseClock>, CaseError> {
        let prefix = month_prefix(month);
        let (mut clocks, mut after) = (Vec::new(), None::<Vec<u8>>);
        while clocks.len() < MONTH_MOST {
            let rows = self.0.store.rows(Table::Case, &prefix, after.as_deref(), PAGE).await?;
            for (_, value) in &rows {
                clocks.push(serde_json::from_slice(value).map_err(|_| CaseError::Row)?);
            }
            match rows.into_iter().last() {
                Some((key, _)) => after = Some(key.to_vec()),
                None => break,
            }
        }
        Ok(clocks)
    }
}
