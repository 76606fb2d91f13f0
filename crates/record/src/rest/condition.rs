//! Conditions of writes: `If-None-Exist`, `PUT Kind?query`, `PATCH Kind?query`, `DELETE Kind?query`, and references
//! written as a query.
//!
//! A condition looks at what the caller's own organisation put on the one shelf that the request is about, and at that
//! through the lens. Nothing else matches and nothing else blocks: otherwise a write, whose permit shows more than a
//! look's, would answer questions that a look may not ask. For the same reason a condition asks about the fact itself
//! only, never about what it points to or what points to it. It fits the rule that each source has facts of its own
//! (`decisions/0001-patient.md`): only its source changes a fact.
//!
//! Conditions of one organisation on one shelf are decided one after the other: each expects the shelf's guard as it
//! read it, and each that writes renews the guard. Of two that meet, the second is decided again.

use axum::http::StatusCode;
use tsumugi_access::Permit;
use tsumugi_fhir::outcome::IssueType;
use tsumugi_fhir_search::Query;
use tsumugi_kernel::{CitizenId, Kind, limits};
use tsumugi_people::Identifier;
use tsumugi_store::{Expectation, Row, Table};

use super::{Ask, CURSOR, Desk, Fault, query, read, writing};
use crate::{Fact, Record, RecordError};

/// Names of a search that are about the answer, or about more than one fact.
const CONTROL: [&str; 5] = ["_id", "_lastUpdated", "_tag", "_profile", "_security"];

/// What a fact must be like.
#[derive(Clone, Debug)]
pub(super) struct Condition {
    pub(super) kind: Kind,
    pairs: Vec<(String, String)>,
}

impl Condition {
    /// Reads a condition: `identifier=…`, `?identifier=…` or `Kind?identifier=…`.
    pub(super) fn read(desk: &Desk, ask: &Ask, kind: Kind, text: &str) -> Result<Self, Fault> {
        let text = text.split_once('?').filter(|(before, _)| *before == kind.name()).map_or(text, |(_, query)| query);
        let mut pairs = query::pairs(text);
        pairs.retain(|(name, _)| !matches!(name.as_str(), "_format" | "_pretty"));
        if pairs.is_empty() {
            return Err(Fault::new(
                StatusCode::BAD_REQUEST,
                ask.lang,
                IssueType::Required,
                "条件が空です。identifier=〈system〉|〈value〉 のような検索条件を付けてください。何も保存していません。",
                "The condition is empty. Give search parameters such as identifier=<system>|<value>. Nothing was saved.",
            ));
        }
        let own = |name: &str| {
            let name = name.split(':').next().unwrap_or(name);
            !name.contains('.') && (!name.starts_with('_') || CONTROL.contains(&name))
        };
        if !pairs.iter().all(|(name, _)| own(name)) {
            return Err(Fault::new(
                StatusCode::BAD_REQUEST,
                ask.lang,
                IssueType::NotSupported,
                "条件に使えるのは、その記録自身の検索条件だけです(連鎖検索、_has、_include、_sort、_count などは使えません)。何も保存していません。",
                "A condition takes search parameters of the resource itself only (no chaining, _has, _include, _sort, _count …). Nothing was saved.",
            ));
        }
        let condition = Self { kind, pairs };
        condition.query(desk, ask, None)?;
        Ok(condition)
    }

    /// Whether two conditions are written alike.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        self.kind == other.kind && self.pairs == other.pairs
    }

    fn query(&self, desk: &Desk, ask: &Ask, cursor: Option<&str>) -> Result<Query, Fault> {
        let mut pairs = self.pairs.clone();
        pairs.push(("_count".into(), limits::PAGE_MOST.to_string()));
        pairs.extend(cursor.map(|cursor| (CURSOR.to_owned(), cursor.to_owned())));
        let parsed = desk.record.query(Some(self.kind), &pairs, false, &ask.base);
        parsed.map_err(|findings| Fault::findings(StatusCode::BAD_REQUEST, ask.lang, findings))
    }

    /// Whose shelf the condition names, if it names anybody: by `patient` or `subject`, for a `Patient` by `_id` or
    /// `identifier`.
    pub(super) async fn citizen(&self, desk: &Desk, ask: &Ask) -> Result<Option<CitizenId>, Fault> {
        for (name, value) in &self.pairs {
            let is_person = matches!(name.as_str(), "patient" | "subject" | "patient:Patient" | "subject:Patient");
            if is_person || (self.kind == Kind::PATIENT && name == "_id") {
                let id = value.rsplit('/').next().unwrap_or(value);
                return Ok(Some(read::find(desk, ask, "Patient", id).await?.citizen));
            }
        }
        if self.kind == Kind::PATIENT
            && let Some((system, value)) = query::value(&self.pairs, "identifier").and_then(|text| text.split_once('|'))
        {
            let found = desk.directory.find(&Identifier::new(system, value)).await;
            return Ok(Some(
                found.map_err(|error| writing::people(ask, &error))?.ok_or_else(|| Fault::absent(ask.lang))?,
            ));
        }
        Ok(None)
    }

    /// Whose shelf the condition names. There is no other way to know it where no body says so.
    pub(super) async fn must_name(&self, desk: &Desk, ask: &Ask) -> Result<CitizenId, Fault> {
        self.citizen(desk, ask).await?.ok_or_else(|| {
            Fault::new(
                StatusCode::BAD_REQUEST,
                ask.lang,
                IssueType::Required,
                "条件が、だれの記録かを示していません。patient=Patient/〈id〉 を付けてください(Patientなら identifier=〈system〉|〈value〉)。何も保存していません。",
                "The condition names nobody. Add patient=Patient/<id> (for Patient itself: identifier=<system>|<value>). Nothing was saved.",
            )
        })
    }

    /// The facts that it means: the caller's organisation's own, as the lens shows them.
    pub(super) async fn matches(&self, desk: &Desk, ask: &Ask, permit: &Permit) -> Result<Vec<Fact>, Fault> {
        let failed = |error: RecordError| Fault::record(ask.lang, &error);
        let mut found = Vec::new();
        let mut cursor: Option<String> = None;
        loop {
            let page = desk.record.search(permit, &self.query(desk, ask, cursor.as_deref())?).await.map_err(failed)?;
            for fact in page.facts {
                if fact.key().kind == self.kind && fact.may_change(permit).map_err(failed)? {
                    found.push(fact);
                }
            }
            match page.next {
                Some(next) => cursor = Some(next),
                None => return Ok(found),
            }
        }
    }

    /// The one fact that it means, or none.
    pub(super) async fn at_most_one(&self, desk: &Desk, ask: &Ask, permit: &Permit) -> Result<Option<Fact>, Fault> {
        let mut found = self.matches(desk, ask, permit).await?;
        if found.len() > 1 { Err(several(ask)) } else { Ok(found.pop()) }
    }
}

fn several(ask: &Ask) -> Fault {
    Fault::new(
        StatusCode::PRECONDITION_FAILED,
        ask.lang,
        IssueType::MultipleMatches,
        "条件に合う記録が二つ以上あります。一つに決まる条件(identifier など)にしてください。何も保存していません。",
        "More than one fact fits the condition. Give one that fits a single fact, such as its identifier. Nothing was saved.",
    )
}

/// The row that orders conditions of one organisation on one shelf, as it was read.
pub(super) struct Guard {
    key: Vec<u8>,
    stands: Option<Vec<u8>>,
}

impl Guard {
    /// Reads the guard. Read it before the conditions.
    pub(super) async fn read(record: &Record, permit: &Permit) -> Result<Self, RecordError> {
        let mut key = permit.caller().organization.as_str().as_bytes().to_vec();
        key.extend_from_slice(b"\0c");
        // One guard for all shelves of a person, whichever was asked for.
        let first = permit.shelves().all().iter().copied().min().unwrap_or(permit.citizen());
        key.extend_from_slice(&first.0.to_be_bytes());
        let stands = record.submission_row(&key).await?;
        Ok(Self { key, stands })
    }

    /// What the commit expects, and with `renew` the row that says that something was written on a condition.
    pub(super) fn rows(self, record: &Record, renew: bool) -> (Vec<Row>, Vec<Expectation>) {
        let Self { key, stands } = self;
        let value = Some(record.store.reserve(1).to_be_bytes().to_vec());
        let row = renew.then(|| Row { table: Table::Submission, key: key.clone(), value });
        (row.into_iter().collect(), vec![Expectation::Row(Table::Submission, key, stands)])
    }
}
