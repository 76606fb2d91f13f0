//! Search inside a citizen: the shelf through the lens, what matches of it, in order, a page, and what comes along.
//!
//! Pages are stable under writes: the first page fixes a point in the store's order, and the cursor carries it.

use std::collections::HashMap;

use bytes::Bytes;
use tsumugi_access::Permit;
use tsumugi_fhir::{Finding, values::Packed};
use tsumugi_fhir_search::{Ask, Query, SearchError, Shelf};
use tsumugi_kernel::{FactKey, Instant, Kind, Sealer, limits};
use tsumugi_people::Shelves;
use tsumugi_store::Point;

use crate::{Fact, Record, RecordError};

/// One page of matches.
#[derive(Debug)]
pub struct Page {
    /// The facts of this page, in order.
    pub facts: Vec<Fact>,
    /// What `_include` and `_revinclude` bring along, from the same shelf and through the same lens.
    pub included: Vec<Fact>,
    /// How many facts match in all.
    pub total: usize,
    /// Where the next page starts, if there is one.
    pub next: Option<String>,
}

impl Record {
    /// The point and offset of a cursor; none where no page was asked for.
    ///
    /// # Errors
    /// [`RecordError::Cursor`] if this server did not make it: beginning anew would let a reader loop without end.
    pub fn place_of_page(&self, cursor: Option<&str>) -> Result<Option<(Point, usize)>, RecordError> {
        let Some(cursor) = cursor else { return Ok(None) };
        let (point, offset) = self.sealer.open_cursor(cursor).ok_or(RecordError::Cursor)?;
        Ok(Some((Point(point), offset as usize)))
    }

    /// Reads a search; `base` is the address of the interface, by which a reference is known to be this server's.
    ///
    /// # Errors
    /// Findings, see [`tsumugi_fhir_search::Search::parse`].
    pub fn query(
        &self,
        kind: Option<Kind>,
        pairs: &[(String, String)],
        lenient: bool,
        base: &str,
    ) -> Result<Query, Vec<Finding>> {
        self.search.parse(&Ask { kind, lenient, base, now: self.now() }, pairs)
    }

    /// Facts of the permit's shelf that match `query`.
    ///
    /// # Errors
    /// If the store cannot read, the search is too much work, or the cursor is none of this server's.
    pub async fn search(&self, permit: &Permit, query: &Query) -> Result<Page, RecordError> {
        let (point, offset) = self.place_of_page(query.page())?.unwrap_or((self.present(), 0));
        let query = self.settled(permit, query).await?;
        let kind = match query.kinds() {
            [kind] if !query.needs_all_kinds() => Some(*kind),
            _ => None,
        };
        let (mut facts, hidden) = self.looked_through(permit, kind, point).await?;
        // Where a match can depend on what a fact points to, that is settled first; else the page suffices.
        let settled = match kind {
            None => {
                self.veil_by(&mut facts, hidden);
                true
            }
            Some(_) if query.looks_at_references() => {
                self.veil_by_asking(permit, &mut facts).await?;
                true
            }
            Some(_) => false,
        };
        let shelf = Facts { facts: &facts, sealer: &self.sealer, shelves: permit.shelves() };
        let order = self.search.run(&query, &shelf, self.now())?;
        let total = order.len();
        let count = query.count().unwrap_or(limits::PAGE_DEFAULT);
        let end = offset.saturating_add(count).min(total);
        let next = (count > 0 && end < total)
            .then(|| self.sealer.seal_cursor(point.0, u32::try_from(end).unwrap_or(u32::MAX)));
        let page = &order[offset.min(end)..end];
        let along = self.search.include(&query, &shelf, page, self.now())?;
        let of = |places: &[usize]| -> Vec<Fact> { places.iter().filter_map(|at| facts.get(*at)).cloned().collect() };
        let (mut facts, included) = (of(page), of(&along));
        if !settled {
            self.veil_by_asking(permit, &mut facts).await?;
        }
        Ok(Page { facts, included, total, next })
    }

    /// The query with our ids in the place of those that the caller's organisation chose, and with the references that
    /// name the shelf's own person marked.
    async fn settled(&self, permit: &Permit, query: &Query) -> Result<Query, RecordError> {
        let mut query = query.clone();
        let mut ours: HashMap<(Kind, String), String> = HashMap::new();
        for (kind, id) in query.named_ids() {
            let Some(kind) = kind.filter(|_| self.sealer.open(&id).is_none()) else { continue };
            if let Some(key) = self.find(&permit.caller().organization, kind, &id).await? {
                ours.insert((kind, id), self.sealer.seal(key));
            }
        }
        if !ours.is_empty() {
            query.settle(|kind, id| ours.get(&(kind?, id.to_owned())).cloned());
        }
        query.about(|id| is_person(&self.sealer, permit.shelves(), id));
        Ok(query)
    }
}

fn is_person(sealer: &Sealer, shelves: &Shelves, id: &str) -> bool {
    sealer.open(id).is_some_and(|key| key.kind == Kind::PATIENT && shelves.hold(key.citizen))
}

/// Facts that have passed the lens, as a search looks through them: by kind and number.
struct Facts<'a> {
    facts: &'a [Fact],
    sealer: &'a Sealer,
    shelves: &'a Shelves,
}

impl Facts<'_> {
    fn key(&self, at: usize) -> FactKey {
        // INVARIANT: places come from this shelf's own length.
        self.facts[at].key()
    }
}

impl Shelf for Facts<'_> {
    fn len(&self) -> usize {
        self.facts.len()
    }

    fn kind(&self, at: usize) -> Kind {
        self.key(at).kind
    }

    fn instant(&self, at: usize) -> Instant {
        self.facts[at].instant()
    }

    fn values(&self, at: usize) -> Option<Packed<'_>> {
        self.facts[at].open_values()
    }

    fn body(&self, at: usize) -> Result<Bytes, SearchError> {
        self.facts[at].body().map_err(|_| SearchError::Unreadable)
    }

    fn id(&self, at: usize) -> String {
        self.sealer.seal(self.key(at))
    }

    fn find(&self, kind: Kind, id: &str) -> Option<usize> {
        let key = self.sealer.open(id).filter(|key| key.kind == kind && self.shelves.hold(key.citizen))?;
        let order = |fact: &Fact| (fact.key().kind, fact.key().number).cmp(&(key.kind, key.number));
        self.facts.binary_search_by(order).ok()
    }

    fn is_person(&self, id: &str) -> bool {
        is_person(self.sealer, self.shelves, id)
    }
}
