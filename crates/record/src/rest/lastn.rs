//! `Observation/$lastn`: of each thing that was measured, the newest values.

use std::collections::HashMap;

use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::Response,
};
use bytes::Bytes;
use tsumugi_access::{Action, Shown};
use tsumugi_fhir::{
    json::{Document, Limits},
    outcome::IssueType,
    values::{PackedValue, params},
};
use tsumugi_kernel::{Kind, limits};

use super::{Ask, CURSOR, Desk, Fault, answer, condition::Condition, query, read};
use crate::{Fact, RecordError};

pub(super) async fn lastn(
    State(desk): State<Desk>,
    ask: Ask,
    RawQuery(query): RawQuery,
    body: Bytes,
) -> Result<Response, Fault> {
    let mut pairs = query::of_operation(&ask, query.as_deref(), &body)?;
    let most = most(&ask, &pairs)?;
    pairs.retain(|(name, _)| !matches!(name.as_str(), "max" | "_format" | "_pretty"));
    let named: String = pairs.iter().map(|(name, value)| format!("&{name}={}", query::escape(value))).collect();
    let citizen = Condition::read(&desk, &ask, Kind::OBSERVATION, &named)?.must_name(&desk, &ask).await?;
    let permit = desk.admit(&ask, Action::Search, citizen).await?;
    let failed = |error: RecordError| Fault::record(ask.lang, &error);
    let mut groups = Groups::new(most);
    let mut cursor: Option<String> = None;
    loop {
        // Newest first, so that a group is full with the first of it.
        let mut asked = pairs.clone();
        asked.push(("_sort".into(), "-date".into()));
        asked.push(("_count".into(), limits::PAGE_MOST.to_string()));
        asked.extend(cursor.take().map(|cursor| (CURSOR.to_owned(), cursor)));
        let parsed = desk.record.query(Some(Kind::OBSERVATION), &asked, ask.lenient, &ask.base);
        let parsed = parsed.map_err(|findings| Fault::findings(StatusCode::BAD_REQUEST, ask.lang, findings));
        let page = match parsed {
            Ok(parsed) => desk.record.search(&permit, &parsed).await.map_err(failed),
            Err(fault) => Err(fault),
        };
        let page = match page {
            Ok(page) => page,
            Err(fault) => {
                read::seal(&ask, permit, Shown::none()).await?;
                return Err(fault);
            }
        };
        for fact in page.facts {
            groups.add(fact).map_err(failed)?;
        }
        match page.next {
            Some(next) => cursor = Some(next),
            None => break,
        }
    }
    let facts = groups.kept;
    let mut shown = Shown::with_capacity(facts.len());
    for fact in &facts {
        fact.tell(&mut shown).map_err(failed)?;
    }
    let receipt = read::seal(&ask, permit, shown).await?;
    let url = format!("{}/Observation/$lastn?max={most}{named}", ask.base);
    let mut bundle = answer::BundleWriter::start("searchset", Some(facts.len()), &[("self", url)]);
    for fact in &facts {
        bundle.fact(&ask.base, &desk.record.sealer().seal(fact.key()), fact).map_err(failed)?;
    }
    Ok(answer::with_receipt(answer::json(StatusCode::OK, bundle.finish()), &receipt))
}

/// `max`: how many of each group; 1 where it is not said.
fn most(ask: &Ask, pairs: &[(String, String)]) -> Result<usize, Fault> {
    let Some(text) = query::value(pairs, "max") else { return Ok(1) };
    let number = text.parse::<usize>().ok().filter(|number| (1..=limits::PAGE_MOST).contains(number));
    number.ok_or_else(|| {
        Fault::new(
            StatusCode::BAD_REQUEST,
            ask.lang,
            IssueType::Value,
            "max は 1 から 1000 までの整数です。",
            "max is a whole number from 1 to 1000.",
        )
    })
}

/// The codes of a fact; of one without any, the words that stand for them.
pub(super) fn codes(fact: &Fact) -> Result<Vec<(String, String)>, RecordError> {
    let token = |value| match value {
        PackedValue::Token { system, code } => Some((system.to_owned(), code.to_owned())),
        _ => None,
    };
    let codes: Vec<(String, String)> = fact.values()?.of(params::CODE).filter_map(token).collect();
    if !codes.is_empty() {
        return Ok(codes);
    }
    let body = Document::parse(fact.body()?, &Limits::default());
    let body = body.map_err(|_| RecordError::Unreadable("a fact's body"))?;
    Ok(body.root().find_str("code.text").map(|text| (String::new(), text.into_owned())).into_iter().collect())
}

/// Observations by what they measured. Two are of one group if any of their codes is the same: a code of the institution
/// and a national code beside it mean one thing.
pub(super) struct Groups {
    most: usize,
    by_code: HashMap<(String, String), usize>,
    counts: Vec<usize>,
    pub(super) kept: Vec<Fact>,
}

impl Groups {
    pub(super) fn new(most: usize) -> Self {
        Self { most, by_code: HashMap::new(), counts: Vec::new(), kept: Vec::new() }
    }

    pub(super) fn add(&mut self, fact: Fact) -> Result<(), RecordError> {
        let codes = codes(&fact)?;
        let known = codes.iter().find_map(|code| self.by_code.get(code).copied());
        let group = known.unwrap_or_else(|| {
            self.counts.push(0);
            self.counts.len() - 1
        });
        for code in codes {
            self.by_code.entry(code).or_insert(group);
        }
        self.counts[group] += 1;
        if self.counts[group] <= self.most {
            self.kept.push(fact);
        }
        Ok(())
    }
}
