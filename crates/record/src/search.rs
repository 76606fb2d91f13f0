//! Search inside a citizen: scan the shelf through the lens, keep what matches, sort, cut a page.
//!
//! Pages are stable under writes: the first page fixes a point in the store's order, and the cursor carries it.

use std::cmp::Ordering;

use tsumugi_access::Permit;
use tsumugi_fhir::search::{Query, Sort, SortBy};
use tsumugi_kernel::{FactKey, Kind, limits};
use tsumugi_store::Point;

use crate::{Fact, Record, RecordError};

/// One page of matches.
#[derive(Debug)]
pub struct Page {
    /// The facts of this page, in order.
    pub facts: Vec<Fact>,
    /// How many facts match in all.
    pub total: usize,
    /// Where the next page starts, if there is one.
    pub next: Option<String>,
}

/// What a match is sorted by: the clinically relevant moment, when it was received, its id.
struct Keyed {
    fact: Fact,
    moment: Option<i64>,
    id: Option<String>,
}

impl Record {
    /// Facts of the permit's shelf that match `query`. A cursor that this server did not make starts at the beginning.
    ///
    /// # Errors
    /// If the store cannot read.
    pub async fn search(&self, permit: &Permit, query: &Query) -> Result<Page, RecordError> {
        let (point, offset) = match query.page().and_then(|cursor| self.sealer.open_cursor(cursor)) {
            Some((point, offset)) => (Point(point), offset as usize),
            None => (self.present(), 0),
        };
        let kind = if let [kind] = query.kinds() { Some(*kind) } else { None };
        let wanted = self.wanted(permit, query, kind).await?;
        let needs_id = query.sort().iter().any(|sort| sort.by == SortBy::Id);
        let mut matches = Vec::new();
        for fact in self.shelf(permit, kind, point).await? {
            let values = fact.values()?;
            if !query.wants_kind(fact.key().kind) || !query.wants_updated(fact.instant()) || !query.matches(&values) {
                continue;
            }
            if wanted.as_ref().is_none_or(|keys| keys.contains(&fact.key())) {
                let id = needs_id.then(|| self.sealer.seal(fact.key()));
                let moment = if query.sort().is_empty() { None } else { values.moment() };
                matches.push(Keyed { moment, id, fact });
            }
        }
        // Equal keys keep the shelf's order, so that every page sorts alike.
        matches.sort_by(|a, b| {
            query.sort().iter().map(|sort| compare(sort, a, b)).find(|o| o.is_ne()).unwrap_or(Ordering::Equal)
        });
        let total = matches.len();
        let count = query.count().unwrap_or(limits::PAGE_DEFAULT);
        let end = offset.saturating_add(count).min(total);
        let next = (count > 0 && end < total)
            .then(|| self.sealer.seal_cursor(point.0, u32::try_from(end).unwrap_or(u32::MAX)));
        let facts = matches.into_iter().skip(offset).take(count).map(|keyed| keyed.fact).collect();
        Ok(Page { facts, total, next })
    }

    /// The facts that `_id` names, by our own ids or by those that the caller's organisation chose.
    async fn wanted(
        &self,
        permit: &Permit,
        query: &Query,
        kind: Option<Kind>,
    ) -> Result<Option<Vec<FactKey>>, RecordError> {
        let Some(ids) = query.ids() else { return Ok(None) };
        let mut keys = Vec::with_capacity(ids.len());
        for id in ids {
            match kind {
                Some(kind) => keys.extend(self.find(&permit.caller().organization, kind, id).await?),
                None => keys.extend(self.sealer.open(id)),
            }
        }
        Ok(Some(keys))
    }
}

fn compare(sort: &Sort, a: &Keyed, b: &Keyed) -> Ordering {
    let direction = |order: Ordering| if sort.descending { order.reverse() } else { order };
    match sort.by {
        SortBy::LastUpdated => direction(a.fact.instant().cmp(&b.fact.instant())),
        SortBy::Id => direction(a.id.cmp(&b.id)),
        // A fact without a date comes last in either direction.
        SortBy::Date => match (a.moment, b.moment) {
            (Some(a), Some(b)) => direction(a.cmp(&b)),
            (a, b) => b.is_some().cmp(&a.is_some()),
        },
    }
}
