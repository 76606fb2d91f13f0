//! The readers: connections that only read, one per thread that reads at the same time, and what they ask.
//!
//! Reads are short (some microseconds to a page's scan) and run on the caller's thread. A thread keeps to its own
//! connection and takes another only if that one is busy.
//!
//! What must hold: each answer comes from one snapshot, or from rows that never change once they are there.

use std::{
    cell::Cell,
    collections::HashMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use bytes::Bytes;
use rusqlite::{CachedStatement, Connection, OptionalExtension, Row, types::ValueRef};
use sha2::{Digest, Sha256};
use tsumugi_kernel::{CitizenId, FactKey, Kind};

use super::{
    Hash, Label, Path, Point, ShelfPage, ShelfScan, State, StoreError, StoredFact, StoredLeaf, Table,
    failure::{damaged, engine},
    pack::{Cursor, VersionHead, open, signed, unsigned, version_key},
    prepare::{PIECE_BITS, columns},
    schema,
};
use crate::{codec::Codec, contract::PackedBody};

/// Dictionaries by version; version 0 is plain zstd and always there.
pub type Codecs = HashMap<u32, Codec>;

/// The connections.
pub struct Readers {
    readers: Vec<Mutex<Reader>>,
}

/// One connection, and what it keeps beside it.
pub struct Reader {
    connection: Connection,
    /// Hashes of originals by number: they never change, and the facts of a document share one.
    originals: HashMap<u64, Hash>,
}

/// Hashes of originals that one reader keeps: about 1 MB.
const ORIGINALS: usize = 1 << 14;

thread_local! {
    static PLACE: Cell<Option<usize>> = const { Cell::new(None) };
}
static NEXT_PLACE: AtomicUsize = AtomicUsize::new(0);

impl Readers {
    /// Opens `count` connections that share `cache_mb` megabytes.
    pub fn open(file: &Path, count: usize, cache_mb: usize) -> Result<Self, StoreError> {
        let count = count.max(1);
        let readers = (0..count)
            .map(|_| {
                let connection = schema::open_reading(file, cache_mb / count)?;
                Ok(Mutex::new(Reader { connection, originals: HashMap::new() }))
            })
            .collect::<Result<_, StoreError>>()?;
        Ok(Self { readers })
    }

    /// A connection for this thread.
    pub fn get(&self) -> MutexGuard<'_, Reader> {
        let place = PLACE.with(|place| match place.get() {
            Some(mine) => mine,
            None => {
                let mine = NEXT_PLACE.fetch_add(1, Ordering::Relaxed);
                place.set(Some(mine));
                mine
            }
        });
        let count = self.readers.len();
        (0..count)
            .find_map(|step| self.readers[(place + step) % count].try_lock().ok())
            .unwrap_or_else(|| self.readers[place % count].lock().unwrap_or_else(PoisonError::into_inner))
    }
}

const VERSIONS: &str = "SELECT number, version, data FROM version WHERE citizen = ?1 AND kind = ?2 AND number = ?3
    ORDER BY version DESC";
const VERSION: &str = "SELECT number, version, data FROM version
    WHERE citizen = ?1 AND kind = ?2 AND number = ?3 AND version = ?4";
const SHELF: &str = "SELECT number, version, data, kind FROM version
    WHERE citizen = ?1 AND (kind, number) > (?2, ?3) ORDER BY kind, number, version DESC";
const SHELF_KIND: &str = "SELECT number, version, data FROM version
    WHERE citizen = ?1 AND kind = ?2 AND number > ?3 ORDER BY number, version DESC";

impl Reader {
    fn cached(&self, sql: &str) -> Result<CachedStatement<'_>, StoreError> {
        self.connection.prepare_cached(sql).map_err(engine)
    }

    /// The newest version at a point.
    pub fn fact(&mut self, codecs: &Codecs, key: FactKey, at: Point) -> Result<Option<StoredFact>, StoreError> {
        let mut found = None;
        {
            let mut statement = self.cached(VERSIONS)?;
            let mut rows = statement.query(columns(key)).map_err(engine)?;
            while let Some(row) = rows.next().map_err(engine)? {
                let one = Stored::read(row, codecs, key.citizen, key.kind)?;
                if one.fact.since <= at {
                    found = Some(one);
                    break;
                }
            }
        }
        found.map(|one| self.finish(one)).transpose()
    }

    /// One version.
    pub fn version(&mut self, codecs: &Codecs, key: FactKey, version: u32) -> Result<Option<StoredFact>, StoreError> {
        let found = {
            let mut statement = self.cached(VERSION)?;
            let (citizen, kind, number) = columns(key);
            let mut rows = statement.query((citizen, kind, number, version)).map_err(engine)?;
            match rows.next().map_err(engine)? {
                Some(row) => Some(Stored::read(row, codecs, key.citizen, key.kind)?),
                None => None,
            }
        };
        found.map(|one| self.finish(one)).transpose()
    }

    /// Every version, newest first.
    pub fn history(&mut self, codecs: &Codecs, key: FactKey) -> Result<Vec<StoredFact>, StoreError> {
        let mut found = Vec::new();
        {
            let mut statement = self.cached(VERSIONS)?;
            let mut rows = statement.query(columns(key)).map_err(engine)?;
            while let Some(row) = rows.next().map_err(engine)? {
                found.push(Stored::read(row, codecs, key.citizen, key.kind)?);
            }
        }
        found.into_iter().map(|one| self.finish(one)).collect()
    }

    /// A page of a shelf.
    pub fn shelf(&mut self, codecs: &Codecs, scan: ShelfScan) -> Result<ShelfPage, StoreError> {
        let Some((sql, kind, number)) = start(&scan) else { return Ok(ShelfPage::default()) };
        let mut facts: Vec<Stored> = Vec::new();
        let mut next = None;
        {
            let mut statement = self.cached(sql)?;
            let mut rows = statement.query((signed(scan.citizen.0), kind, number)).map_err(engine)?;
            let mut done = None;
            let mut bytes = 0;
            while let Some(row) = rows.next().map_err(engine)? {
                let kind = match scan.kind {
                    Some(kind) => kind,
                    None => kind_of(row.get::<_, i64>(3).map_err(engine)?)?,
                };
                let place = (kind, unsigned(row.get(0).map_err(engine)?));
                if done == Some(place) {
                    continue;
                }
                let one = Stored::read(row, codecs, scan.citizen, kind)?;
                if one.fact.since > scan.at {
                    continue;
                }
                done = Some(place);
                if one.fact.state == State::Gone && !scan.tombstones {
                    continue;
                }
                if bytes >= scan.most_bytes.max(1) {
                    next = facts.last().map(|last| (last.fact.key.kind, last.fact.key.number));
                    break;
                }
                bytes += one.fact.values.len() + one.fact.packed.bytes.len();
                facts.push(one);
            }
        }
        let facts = facts.into_iter().map(|one| self.finish(one)).collect::<Result<_, _>>()?;
        Ok(ShelfPage { facts, next })
    }

    /// Adds the original's hash, which the row only names by number.
    fn finish(&mut self, stored: Stored) -> Result<StoredFact, StoreError> {
        let Stored { mut fact, original } = stored;
        if original != 0 {
            fact.origin = Some(match self.originals.get(&original) {
                Some(hash) => *hash,
                None => {
                    let hash = self.hash_of(original)?;
                    if self.originals.len() >= ORIGINALS {
                        self.originals.clear();
                    }
                    self.originals.insert(original, hash);
                    hash
                }
            });
        }
        Ok(fact)
    }

    fn hash_of(&self, original: u64) -> Result<Hash, StoreError> {
        let place = signed(original << PIECE_BITS);
        let mut statement = self.cached("SELECT data FROM piece WHERE place = ?1")?;
        let mut rows = statement.query([place]).map_err(engine)?;
        let row = rows.next().map_err(engine)?.ok_or_else(|| damaged(ORIGINAL, "a version's original is gone"))?;
        Cursor::new(open(blob(row, 0, ORIGINAL)?, &[&place.to_le_bytes()], ORIGINAL)?, ORIGINAL).hash()
    }

    /// An original's bytes.
    pub fn original(&self, codecs: &Codecs, hash: Hash) -> Result<Option<Bytes>, StoreError> {
        let mut statement = self.cached("SELECT number FROM original WHERE hash = ?1")?;
        let number: Option<i64> = statement.query_row([&hash[..]], |row| row.get(0)).optional().map_err(engine)?;
        let Some(number) = number else { return Ok(None) };
        let first = number << PIECE_BITS;
        let mut statement =
            self.cached("SELECT place, data FROM piece WHERE place >= ?1 AND place < ?2 ORDER BY place")?;
        let mut rows = statement.query((first, first + (1 << PIECE_BITS))).map_err(engine)?;
        let mut packed = Vec::new();
        let mut expected = first;
        while let Some(row) = rows.next().map_err(engine)? {
            if row.get::<_, i64>(0).map_err(engine)? != expected {
                return Err(damaged(ORIGINAL, "a piece is missing"));
            }
            packed.extend_from_slice(open(blob(row, 1, ORIGINAL)?, &[&expected.to_le_bytes()], ORIGINAL)?);
            expected += 1;
        }
        let mut cursor = Cursor::new(&packed, ORIGINAL);
        let _hash = cursor.hash()?;
        let dictionary = cursor.varint32()?;
        let length = cursor.varint()? as usize;
        let folded = Bytes::copy_from_slice(cursor.take(length)?);
        let bytes = codec(codecs, dictionary)?.unfold(&folded)?;
        if Sha256::digest(&bytes)[..] != hash {
            return Err(damaged(ORIGINAL, "its bytes do not have its hash"));
        }
        Ok(Some(bytes))
    }

    /// A directory row.
    pub fn row(&self, table: Table, key: &[u8]) -> Result<Option<Bytes>, StoreError> {
        let mut statement = self.cached("SELECT data FROM directory WHERE tbl = ?1 AND key = ?2")?;
        let mut rows = statement.query((table as i64, key)).map_err(engine)?;
        match rows.next().map_err(engine)? {
            Some(row) => Ok(Some(Bytes::copy_from_slice(open(blob(row, 0, ROW)?, &[&[table as u8], key], ROW)?))),
            None => Ok(None),
        }
    }

    /// Directory rows by prefix.
    pub fn rows(
        &self,
        table: Table,
        prefix: &[u8],
        after: Option<&[u8]>,
        most: usize,
    ) -> Result<Vec<(Bytes, Bytes)>, StoreError> {
        // The first key after `after` is `after` with a zero byte.
        let low = match after {
            Some(after) if after >= prefix => [after, &[0]].concat(),
            _ => prefix.to_vec(),
        };
        let mut statement = self.cached("SELECT key, data FROM directory WHERE tbl = ?1 AND key >= ?2 ORDER BY key")?;
        let mut rows = statement.query((table as i64, low)).map_err(engine)?;
        let mut found = Vec::new();
        while found.len() < most
            && let Some(row) = rows.next().map_err(engine)?
        {
            let key = blob(row, 0, ROW)?;
            if !key.starts_with(prefix) {
                break;
            }
            let value = open(blob(row, 1, ROW)?, &[&[table as u8], key], ROW)?;
            found.push((Bytes::copy_from_slice(key), Bytes::copy_from_slice(value)));
        }
        Ok(found)
    }

    /// Indexes of a label's leaves with numbers in `from..=to`, as far as the tables know them.
    pub fn places(&self, label: &Label, from: u64, to: u64) -> Result<Vec<u64>, StoreError> {
        let mut statement = self.cached(
            "SELECT number, place FROM leaf_of WHERE label = ?1 AND number >= ?2 AND number <= ?3 ORDER BY number",
        )?;
        let mut rows = statement.query((&label.0[..], signed(from), signed(to))).map_err(engine)?;
        let mut places = Vec::new();
        while let Some(row) = rows.next().map_err(engine)? {
            places.push(unsigned(row.get(1).map_err(engine)?));
        }
        Ok(places)
    }

    /// A leaf by its index.
    pub fn leaf(&self, place: u64) -> Result<StoredLeaf, StoreError> {
        self.leaves(place, place + 1)?.pop().ok_or_else(|| damaged(LEAF, "a leaf is missing"))
    }

    /// Leaves with indexes in `from..to`, without a gap.
    pub fn leaves(&self, from: u64, to: u64) -> Result<Vec<StoredLeaf>, StoreError> {
        leaves(&self.connection, from, to)
    }

    /// The bytes of a tile, as wide as it is kept.
    pub fn tile(&self, level: u8, index: u64) -> Result<Option<Vec<Hash>>, StoreError> {
        super::tiles::read(&self.connection, level, index)
    }

    /// The count and head of a chain as of the newest checkpoint.
    pub fn chain(&self, label: &Label) -> Result<Option<(u64, Hash)>, StoreError> {
        super::chains::published(&self.connection, label)
    }

    /// Events after `after`.
    pub fn events(&self, after: u64, most: usize) -> Result<Vec<(u64, String, Bytes)>, StoreError> {
        let mut statement =
            self.cached("SELECT number, topic, data FROM event WHERE number > ?1 ORDER BY number LIMIT ?2")?;
        let mut rows = statement.query((signed(after), signed(most as u64))).map_err(engine)?;
        let mut events = Vec::new();
        while let Some(row) = rows.next().map_err(engine)? {
            let topic: String = row.get(1).map_err(engine)?;
            let payload = open(blob(row, 2, EVENT)?, &[topic.as_bytes()], EVENT)?;
            events.push((unsigned(row.get(0).map_err(engine)?), topic.clone(), Bytes::copy_from_slice(payload)));
        }
        Ok(events)
    }
}

const ORIGINAL: &str = "an original";
const ROW: &str = "a directory row";
const LEAF: &str = "the log";
const EVENT: &str = "the outbox";
const FACT: &str = "a version";

/// Leaves with indexes in `from..to`, without a gap.
pub fn leaves(connection: &Connection, from: u64, to: u64) -> Result<Vec<StoredLeaf>, StoreError> {
    let mut statement = connection
        .prepare_cached("SELECT place, data FROM leaf WHERE place >= ?1 AND place < ?2 ORDER BY place")
        .map_err(engine)?;
    let mut rows = statement.query((signed(from), signed(to))).map_err(engine)?;
    let mut leaves: Vec<StoredLeaf> = Vec::new();
    while let Some(row) = rows.next().map_err(engine)? {
        let index = unsigned(row.get(0).map_err(engine)?);
        if index != from + leaves.len() as u64 {
            return Err(damaged(LEAF, format!("leaf {} is missing", from + leaves.len() as u64)));
        }
        let bytes = open(blob(row, 1, LEAF)?, &[&index.to_le_bytes()], LEAF)?;
        leaves.push(StoredLeaf { index, bytes: Bytes::copy_from_slice(bytes) });
    }
    Ok(leaves)
}

/// Where a scan of a shelf starts: the statement, the kind, and the number after which; `None` if nothing can be there.
fn start(scan: &ShelfScan) -> Option<(&'static str, i64, i64)> {
    let number = |kind: Kind| i64::from(kind.number());
    match (scan.kind, scan.after) {
        (None, None) => Some((SHELF, -1, -1)),
        (None, Some((kind, after))) => Some((SHELF, number(kind), signed(after))),
        (Some(kind), None) => Some((SHELF_KIND, number(kind), -1)),
        (Some(kind), Some((at, _))) if at < kind => Some((SHELF_KIND, number(kind), -1)),
        (Some(kind), Some((at, after))) if at == kind => Some((SHELF_KIND, number(kind), signed(after))),
        (Some(_), Some(_)) => None,
    }
}

/// A fact whose original is not yet looked up.
struct Stored {
    fact: StoredFact,
    original: u64,
}

impl Stored {
    fn read(row: &Row<'_>, codecs: &Codecs, citizen: CitizenId, kind: Kind) -> Result<Self, StoreError> {
        let number: i64 = row.get(0).map_err(engine)?;
        let version: u32 = row.get(1).map_err(engine)?;
        let key = version_key(signed(citizen.0), i64::from(kind.number()), number, i64::from(version));
        let data = open(blob(row, 2, FACT)?, &[&key], FACT)?;
        let mut cursor = Cursor::new(data, FACT);
        let head = VersionHead::read(&mut cursor)?;
        let start = data.len() - cursor.rest().len();
        let values = cursor.take(head.values)?.len();
        let data = Bytes::copy_from_slice(&data[start..]);
        let packed = match head.state {
            State::Gone => PackedBody { bytes: Bytes::new(), codec: None },
            State::Live => {
                PackedBody { bytes: data.slice(values..), codec: Some(codec(codecs, head.dictionary)?.clone()) }
            }
        };
        let fact = StoredFact {
            key: FactKey { citizen, kind, number: unsigned(number) },
            version,
            state: head.state,
            instant: head.instant,
            since: Point(head.since),
            origin: None,
            values: data.slice(..values),
            packed,
        };
        Ok(Self { fact, original: head.original })
    }
}

fn codec(codecs: &Codecs, version: u32) -> Result<&Codec, StoreError> {
    codecs.get(&version).ok_or_else(|| damaged("the dictionaries", format!("dictionary {version} is missing")))
}

fn kind_of(number: i64) -> Result<Kind, StoreError> {
    let kind = u8::try_from(number).ok().and_then(Kind::from_number);
    kind.ok_or_else(|| damaged(FACT, "its kind is unknown"))
}

/// A blob column, in place.
pub fn blob<'a>(row: &'a Row<'_>, column: usize, what: &'static str) -> Result<&'a [u8], StoreError> {
    match row.get_ref(column).map_err(engine)? {
        ValueRef::Blob(bytes) => Ok(bytes),
        _ => Err(damaged(what, "a row does not hold bytes")),
    }
}
