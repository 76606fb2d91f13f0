//! What the suites share: signers, folders, seeded choices, and every answer of a store as text.
#![allow(dead_code, clippy::unwrap_used, clippy::panic, reason = "tests; and each suite uses its part")]

use std::{fmt::Write as _, path::Path, sync::Arc};

use tsumugi_kernel::{CitizenId, FactKey, Instant, Kind};
use tsumugi_ledger::{Label, Signer};
use tsumugi_store::{
    Batch, NewVersion, Point, ShelfScan, SqliteOptions, SqliteStore, State, Store, StoreError, StoredFact, Table,
};

pub const ORIGIN: &str = "tsumugi.example/log";

pub fn signer() -> Signer {
    Signer::new(ORIGIN, [7; 32]).unwrap()
}

pub fn options() -> SqliteOptions {
    SqliteOptions { readers: 2, cache_mb: 8, ..SqliteOptions::new(signer()) }
}

pub fn create(dir: &Path) -> Arc<SqliteStore> {
    SqliteStore::create(dir, options()).unwrap()
}

pub fn open(dir: &Path) -> Result<Arc<SqliteStore>, StoreError> {
    SqliteStore::open(dir, options())
}

/// Closes a store: the threads end, the lock is given back.
pub fn close(store: Arc<SqliteStore>) {
    assert!(Arc::into_inner(store).is_some(), "somebody still holds the store");
}

/// Seeded choices (splitmix64).
pub struct Dice(pub u64);

impl Dice {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    pub fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    pub fn bytes(&mut self, most: u64) -> Vec<u8> {
        let length = self.below(most + 1);
        (0..length).map(|_| (self.next() % 7) as u8 + b'a').collect()
    }
}

pub const CITIZENS: u64 = 4;
pub const NUMBERS: u64 = 5;
pub const TABLES: [Table; 3] = [Table::Identifier, Table::Standing, Table::Alias];

pub fn kind(number: u64) -> Kind {
    [Kind::COMPOSITION, Kind::OBSERVATION, Kind::PATIENT][number as usize % 3]
}

pub fn key(citizen: u64, kind_number: u64, number: u64) -> FactKey {
    FactKey { citizen: CitizenId(citizen), kind: kind(kind_number), number }
}

pub fn all_keys() -> impl Iterator<Item = FactKey> {
    (1..=CITIZENS).flat_map(|c| (0..3).flat_map(move |k| (1..=NUMBERS).map(move |n| key(c, k, n))))
}

pub fn label(citizen: u64) -> Label {
    // Two labels share 20 bits, so that a bucket of the map has two members.
    let mut bytes = [citizen as u8 * 31; 32];
    if citizen == 2 {
        bytes = [31; 32];
        bytes[3] = 0xff;
    }
    Label(bytes)
}

pub fn version(key: FactKey, version: u32, body: &str) -> NewVersion {
    let state = if body.is_empty() { State::Gone } else { State::Live };
    let instant = Instant(1_795_000_000_000 + i64::from(version));
    NewVersion { key, version, state, instant, origin: None, values: b"values".to_vec(), body: body.into() }
}

pub fn one(key: FactKey, number: u32, body: &str) -> Batch {
    Batch { versions: vec![version(key, number, body)], ..Batch::default() }
}

pub fn show(fact: &StoredFact) -> String {
    format!(
        "{:?} v{} {:?} {:?} {:?} origin {:?} values {:?} body {:?}",
        fact.key,
        fact.version,
        fact.state,
        fact.instant,
        fact.since,
        fact.origin,
        fact.values,
        fact.body().unwrap()
    )
}

/// Every fact of a shelf, page after page; each page keeps to its bound and the last says that it is the last.
pub async fn whole_shelf(store: &dyn Store, mut scan: ShelfScan) -> Vec<StoredFact> {
    let mut facts = Vec::new();
    loop {
        let page = store.shelf(scan).await.unwrap();
        let bytes: usize =
            page.facts.iter().rev().skip(1).map(|fact| fact.values.len() + fact.packed.bytes.len()).sum();
        assert!(bytes < scan.most_bytes.max(1), "a page goes on after its bound");
        let last = page.facts.last().map(|fact| (fact.key.kind, fact.key.number));
        facts.extend(page.facts);
        match page.next {
            None => return facts,
            next => {
                assert_eq!(next, last, "a page continues after its last fact");
                scan.after = next;
            }
        }
    }
}

/// Everything that a store answers, as text: two stores that hold the same give the same text.
pub async fn everything(store: &dyn Store, dice: &mut Dice, originals: &[[u8; 32]]) -> String {
    let mut text = String::new();
    let status = store.status();
    writeln!(text, "status {:?} leaves {} published {}", status.point, status.leaves, status.published).unwrap();
    facts(store, dice, status.point, &mut text).await;
    for hash in originals {
        writeln!(text, "original {:?}", store.original(*hash).await.unwrap()).unwrap();
    }
    rows(store, &mut text).await;
    log(store, dice, status.leaves, &mut text).await;
    let most = dice.below(5) as usize + 1;
    let mut after = 0;
    loop {
        let page = store.events(after, most).await.unwrap();
        assert!(page.len() <= most);
        let Some(last) = page.last() else { break };
        after = last.0;
        writeln!(text, "events {page:?}").unwrap();
    }
    text
}

async fn facts(store: &dyn Store, dice: &mut Dice, newest: Point, text: &mut String) {
    let points = [Point::NOW, Point(0), Point(dice.below(newest.0 + 2)), Point(dice.below(newest.0 + 2))];
    for key in all_keys() {
        for at in points {
            let fact = store.fact(key, at).await.unwrap();
            writeln!(text, "fact {at:?} {:?}", fact.as_ref().map(show)).unwrap();
        }
        let history = store.history(key).await.unwrap();
        for number in 0..=history.len() as u32 + 1 {
            let one = store.version(key, number).await.unwrap();
            writeln!(text, "version {number} {:?}", one.as_ref().map(show)).unwrap();
        }
        writeln!(text, "history {:?}", history.iter().map(show).collect::<Vec<_>>()).unwrap();
    }
    for citizen in 0..=CITIZENS {
        for kind in [None, Some(kind(0)), Some(kind(1)), Some(kind(2)), Kind::from_name("Account")] {
            for at in points {
                let after = dice.chance(40).then(|| (self::kind(dice.below(3)), dice.below(NUMBERS + 1)));
                let most_bytes = [0, 40, 100, usize::MAX][dice.below(4) as usize];
                let tombstones = dice.chance(50);
                let scan = ShelfScan { citizen: CitizenId(citizen), kind, at, after, most_bytes, tombstones };
                let facts = whole_shelf(store, scan).await;
                writeln!(text, "shelf {scan:?} {:?}", facts.iter().map(show).collect::<Vec<_>>()).unwrap();
            }
        }
    }
}

async fn rows(store: &dyn Store, text: &mut String) {
    for table in TABLES {
        for prefix in [&b""[..], b"a", b"ab", b"b", b"\xff", b"\xff\xff"] {
            for most in [0, 1, 3, 1_000] {
                let mut after: Option<Vec<u8>> = None;
                loop {
                    let page = store.rows(table, prefix, after.as_deref(), most).await.unwrap();
                    writeln!(text, "rows {table:?} {prefix:?} {after:?} {page:?}").unwrap();
                    assert!(page.len() <= most);
                    match page.last() {
                        Some((key, value)) => {
                            assert_eq!(store.row(table, key).await.unwrap().as_ref(), Some(value));
                            after = Some(key.to_vec());
                        }
                        None => break,
                    }
                }
            }
            let page = store.rows(table, prefix, Some(b"ab"), 10).await.unwrap();
            writeln!(text, "rows after ab {page:?} {:?}", store.row(table, prefix).await.unwrap()).unwrap();
        }
    }
}

async fn log(store: &dyn Store, dice: &mut Dice, leaves: u64, text: &mut String) {
    for citizen in 1..=CITIZENS + 1 {
        let chain = store.chain(label(citizen)).await.unwrap();
        writeln!(text, "chain {chain:?}").unwrap();
        let (from, to) = (dice.below(5), dice.below(30));
        for (from, to) in [(0, u64::MAX), (1, 1), (from, to), (3, 2)] {
            writeln!(text, "leaves {:?}", store.leaves_of(label(citizen), from, to).await.unwrap()).unwrap();
        }
    }
    let (from, to) = (dice.below(leaves + 2), dice.below(leaves + 2));
    for (from, to) in [(0, u64::MAX), (from, to), (leaves, leaves + 5)] {
        writeln!(text, "log {:?}", store.log(from, to).await.unwrap()).unwrap();
    }
    writeln!(text, "checkpoint {:?}", store.checkpoint().await.unwrap()).unwrap();
    for level in 0..3 {
        for index in 0..4 {
            for width in [0, 1, dice.below(256) as u16, 255, 256, 300] {
                let tile = store.tile(level, index, width).await.unwrap();
                writeln!(text, "tile {level} {index} {width} {tile:?}").unwrap();
            }
        }
    }
}
