//! A shelf in memory, and searches over it.

use std::sync::LazyLock;

use bytes::Bytes;
use serde_json::Value as Json;
use tsumugi_fhir::{
    Document, Finding,
    json::Limits,
    values::{Packed, extract, pack},
};
use tsumugi_fhir_definitions::Definitions;
use tsumugi_fhir_search::{Ask, Query, Search, SearchError, Shelf};
use tsumugi_kernel::{Instant, Kind};

/// 2026-11-22 09:00 in Japan.
pub const NOW: Instant = Instant(1_795_305_600_000);
pub const BASE: &str = "http://house/fhir/R4";

pub static SEARCH: LazyLock<Search> = LazyLock::new(|| Search::new(Definitions::r4().clone()));

/// One resource of a room.
pub struct Item {
    pub kind: Kind,
    pub id: String,
    pub instant: Instant,
    pub values: Vec<u8>,
    pub body: Bytes,
}

/// A shelf in memory: resources by kind and id.
pub struct Room {
    pub items: Vec<Item>,
    /// Ids of the `Patient`s that are the person.
    pub people: Vec<String>,
    /// Whether packed values are there to be used.
    pub packed: bool,
}

pub fn document(body: &[u8]) -> Document {
    Document::parse(Bytes::copy_from_slice(body), &Limits::default()).expect("JSON")
}

impl Room {
    pub fn new(resources: &[Json]) -> Self {
        let mut items: Vec<Item> = resources
            .iter()
            .enumerate()
            .map(|(at, json)| {
                let body = json.to_string().into_bytes();
                let parsed = document(&body);
                let kind = Kind::from_name(json["resourceType"].as_str().expect("a type")).expect("a kind");
                let id = json["id"].as_str().map_or_else(|| format!("r{at}"), str::to_owned);
                let values = pack(&extract(kind, &parsed.root()), "1310000001");
                // An hour between one and the next.
                let instant = Instant(NOW.0 - 3_600_000 * (resources.len() - at) as i64);
                Item { kind, id, instant, values, body: body.into() }
            })
            .collect();
        items.sort_by(|a, b| (a.kind, &a.id).cmp(&(b.kind, &b.id)));
        items.dedup_by(|a, b| a.kind == b.kind && a.id == b.id);
        let people = items.iter().filter(|item| item.kind == Kind::PATIENT).map(|item| item.id.clone()).collect();
        Self { items, people, packed: true }
    }

    pub fn ask(&self, kind: &str, search: &[(&str, &str)]) -> Result<Vec<String>, SearchError> {
        let query = self.about(query(kind, search));
        let order = SEARCH.run(&query, self, NOW)?;
        Ok(order.into_iter().map(|at| self.items[at].id.clone()).collect())
    }

    /// The ids of what comes along with all matches.
    pub fn along(&self, kind: &str, search: &[(&str, &str)]) -> Result<Vec<String>, SearchError> {
        let query = self.about(query(kind, search));
        let order = SEARCH.run(&query, self, NOW)?;
        let along = SEARCH.include(&query, self, &order, NOW)?;
        Ok(along.into_iter().map(|at| format!("{}/{}", self.items[at].kind, self.items[at].id)).collect())
    }

    pub fn about(&self, mut query: Query) -> Query {
        query.about(|id| self.is_person(id));
        query
    }
}

pub fn parse(kind: Option<&str>, search: &[(&str, &str)], lenient: bool) -> Result<Query, Vec<Finding>> {
    let pairs: Vec<(String, String)> =
        search.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let kind = kind.map(|kind| Kind::from_name(kind).expect("a kind"));
    SEARCH.parse(&Ask { kind, lenient, base: BASE, now: NOW }, &pairs)
}

pub fn query(kind: &str, search: &[(&str, &str)]) -> Query {
    parse(Some(kind), search, false).unwrap_or_else(|findings| panic!("{kind} {search:?}: {findings:#?}"))
}

/// Whether one resource is found, by packed values and without them.
pub fn hits(resource: &Json, search: &[(&str, &str)]) -> bool {
    let mut room = Room::new(std::slice::from_ref(resource));
    let kind = resource["resourceType"].as_str().expect("a type");
    let hot = room.ask(kind, search).expect("an answer").len();
    room.packed = false;
    let cold = room.ask(kind, search).expect("an answer").len();
    assert_eq!(hot, cold, "packed values and body agree on {search:?}");
    hot == 1
}

impl Shelf for Room {
    fn len(&self) -> usize {
        self.items.len()
    }

    fn kind(&self, at: usize) -> Kind {
        self.items[at].kind
    }

    fn instant(&self, at: usize) -> Instant {
        self.items[at].instant
    }

    fn values(&self, at: usize) -> Option<Packed<'_>> {
        if self.packed { Packed::read(&self.items[at].values) } else { None }
    }

    fn body(&self, at: usize) -> Result<Bytes, SearchError> {
        Ok(self.items[at].body.clone())
    }

    fn id(&self, at: usize) -> String {
        self.items[at].id.clone()
    }

    fn find(&self, kind: Kind, id: &str) -> Option<usize> {
        self.items.binary_search_by(|item| (item.kind, item.id.as_str()).cmp(&(kind, id))).ok()
    }

    fn is_person(&self, id: &str) -> bool {
        self.people.iter().any(|own| own == id)
    }
}
