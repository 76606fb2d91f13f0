//! Puts prepared batches into the open transaction.
//!
//! What must hold: everything that can refuse a batch is checked before its first row is put, so a refused batch leaves
//! nothing in a transaction that goes on with others; a failure of the engine after that ends the whole group.

use rusqlite::{CachedStatement, Connection, OptionalExtension};
use tsumugi_kernel::FactKey;
use tsumugi_ledger::{DraftLeaf, chain, leaf_hash};

use super::{
    CommitError, Committed, Expectation, Hash, LeafPlace, Point, StoreError,
    chains::{self, Head, HeadCache},
    failure::engine,
    pack::{close, open, put_varint, signed, unsigned, version_key},
    prepare::{DirectoryRow, Original, PIECE_BITS, PIECE_BYTES, Prepared, Version, columns},
    tail::NewLeaf,
};
use crate::rules;

/// The counters that a commit moves on. They are restored together when a group fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Marks {
    /// The newest point.
    pub point: u64,
    /// Leaves in the log.
    pub leaves: u64,
    /// The next original's number, from 1.
    pub original: u64,
    /// The next event's number, from 1.
    pub event: u64,
}

/// Why a batch was not put.
pub enum Stop {
    /// The batch is refused; the transaction can go on.
    Refuse(CommitError),
    /// The engine failed; the transaction cannot go on.
    Engine(StoreError),
}

impl From<rusqlite::Error> for Stop {
    fn from(error: rusqlite::Error) -> Self {
        Self::Engine(engine(error))
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Engine(error)
    }
}

/// One transaction's worth of batches.
pub struct Group<'a> {
    /// The writer's connection, inside a transaction.
    pub connection: &'a Connection,
    /// Counters, moved on by each batch.
    pub marks: &'a mut Marks,
    /// Heads of chains, as of this transaction.
    pub heads: &'a mut HeadCache,
    /// Heads of chains that committed leaves gave since the newest checkpoint.
    pub tail_head: &'a dyn Fn(&tsumugi_ledger::Label) -> Option<Head>,
    /// Leaves put by this transaction, in order.
    pub leaves: Vec<NewLeaf>,
}

impl Group<'_> {
    /// Puts one batch.
    pub fn put(&mut self, batch: Prepared) -> Result<Committed, Stop> {
        for (index, expectation) in batch.expect.iter().enumerate() {
            if !self.holds(expectation)? {
                return Err(Stop::Refuse(CommitError::Conflict(index)));
            }
        }
        let known = self.check_originals(&batch)?;
        self.check_versions(&batch)?;

        self.marks.point += 1;
        let mut numbers = Vec::with_capacity(batch.originals.len() + known.len());
        for original in batch.originals {
            numbers.push((original.hash, self.put_original(&original)?));
        }
        numbers.extend(known);
        for version in batch.versions {
            self.put_version(version, &numbers)?;
        }
        for row in batch.rows {
            self.put_row(row)?;
        }
        for (topic, payload) in batch.events {
            let number = self.marks.event;
            self.marks.event += 1;
            self.cached("INSERT INTO event (number, topic, data) VALUES (?1, ?2, ?3)")?.execute((
                signed(number),
                topic,
                &payload[..],
            ))?;
        }
        let leaves = batch.leaves.into_iter().map(|draft| self.put_leaf(draft)).collect::<Result<_, _>>()?;
        Ok(Committed { point: Point(self.marks.point), leaves })
    }

    fn cached(&self, sql: &str) -> Result<CachedStatement<'_>, Stop> {
        Ok(self.connection.prepare_cached(sql)?)
    }

    fn holds(&self, expectation: &Expectation) -> Result<bool, Stop> {
        match expectation {
            Expectation::Version(key, version) => Ok(self.newest(*key)? == *version),
            Expectation::Row(table, key, value) => {
                let mut statement = self.cached("SELECT data FROM directory WHERE tbl = ?1 AND key = ?2")?;
                let found: Option<Vec<u8>> =
                    statement.query_row((*table as i64, &key[..]), |row| row.get(0)).optional()?;
                let found = match &found {
                    Some(data) => Some(open(data, &[&[*table as u8], key], "a directory row")?),
                    None => None,
                };
                Ok(found == value.as_deref())
            }
        }
    }

    fn newest(&self, key: FactKey) -> Result<u32, Stop> {
        let mut statement = self.cached(
            "SELECT version FROM version WHERE citizen = ?1 AND kind = ?2 AND number = ?3 ORDER BY version DESC LIMIT 1",
        )?;
        Ok(statement.query_row(columns(key), |row| row.get(0)).optional()?.unwrap_or(0))
    }

    /// Numbers of kept originals that the versions name and the batch does not bring.
    fn check_originals(&self, batch: &Prepared) -> Result<Vec<(Hash, u64)>, Stop> {
        let mut known: Vec<(Hash, u64)> = Vec::new();
        for hash in batch.versions.iter().filter_map(|version| version.origin) {
            if batch.originals.iter().any(|original| original.hash == hash) || known.iter().any(|one| one.0 == hash) {
                continue;
            }
            match self.original(&hash)? {
                Some(number) => known.push((hash, number)),
                None => return Err(Stop::Refuse(CommitError::Batch(rules::NO_ORIGINAL))),
            }
        }
        Ok(known)
    }

    fn check_versions(&self, batch: &Prepared) -> Result<(), Stop> {
        for (index, version) in batch.versions.iter().enumerate() {
            let earlier = batch.versions[..index].iter().rev().find(|earlier| earlier.key == version.key);
            let newest = match earlier {
                Some(earlier) => earlier.version,
                None if expected(batch, version) => version.version - 1,
                None => self.newest(version.key)?,
            };
            if newest.checked_add(1) != Some(version.version) {
                return Err(Stop::Refuse(CommitError::Batch(rules::NOT_NEXT)));
            }
        }
        Ok(())
    }

    fn original(&self, hash: &Hash) -> Result<Option<u64>, Stop> {
        let mut statement = self.cached("SELECT number FROM original WHERE hash = ?1")?;
        Ok(statement.query_row([&hash[..]], |row| row.get(0)).optional()?.map(unsigned))
    }

    fn put_original(&mut self, original: &Original) -> Result<u64, Stop> {
        if let Some(number) = self.original(&original.hash)? {
            return Ok(number);
        }
        let number = self.marks.original;
        self.marks.original += 1;
        self.cached("INSERT INTO original (hash, number) VALUES (?1, ?2)")?
            .execute((&original.hash[..], signed(number)))?;
        let mut statement = self.cached("INSERT INTO piece (place, data) VALUES (?1, ?2)")?;
        for (place, piece) in (signed(number << PIECE_BITS)..).zip(original.packed.chunks(PIECE_BYTES)) {
            let mut data = piece.to_vec();
            close(&mut data, &[&place.to_le_bytes()]);
            statement.execute((place, data))?;
        }
        Ok(number)
    }

    fn put_version(&mut self, version: Version, originals: &[(Hash, u64)]) -> Result<(), Stop> {
        let number_of = |hash: Hash| originals.iter().find(|one| one.0 == hash).map_or(0, |one| one.1);
        let mut head = version.head;
        head.since = self.marks.point;
        head.original = version.origin.map_or(0, number_of);
        let mut data = Vec::with_capacity(24 + version.values.len() + version.body.len());
        head.put(&mut data);
        data.extend_from_slice(&version.values);
        data.extend_from_slice(&version.body);
        let (citizen, kind, number) = columns(version.key);
        close(&mut data, &[&version_key(citizen, kind, number, i64::from(version.version))]);
        self.cached("INSERT INTO version (citizen, kind, number, version, data) VALUES (?1, ?2, ?3, ?4, ?5)")?
            .execute((citizen, kind, number, version.version, data))?;
        Ok(())
    }

    fn put_row(&self, row: DirectoryRow) -> Result<(), Stop> {
        match row.data {
            Some(data) => self
                .cached("INSERT OR REPLACE INTO directory (tbl, key, data) VALUES (?1, ?2, ?3)")?
                .execute((row.table, row.key, data))?,
            None => self.cached("DELETE FROM directory WHERE tbl = ?1 AND key = ?2")?.execute((row.table, row.key))?,
        };
        Ok(())
    }

    fn put_leaf(&mut self, draft: DraftLeaf) -> Result<LeafPlace, Stop> {
        let label = draft.label;
        let (count, previous) = self.head(&label)?;
        let number = count + 1;
        let index = self.marks.leaves;
        let mut data = draft.placed(number, previous).encode();
        let hash = leaf_hash(&data);
        close(&mut data, &[&index.to_le_bytes()]);
        self.cached("INSERT INTO leaf (place, data) VALUES (?1, ?2)")?.execute((signed(index), data))?;
        let head = chain::next(&label, number, &previous, &hash);
        self.marks.leaves += 1;
        self.heads.put(label, (number, head));
        self.leaves.push(NewLeaf { label, number, hash, head });
        Ok(LeafPlace { index, number, hash })
    }

    fn head(&self, label: &tsumugi_ledger::Label) -> Result<Head, Stop> {
        if let Some(head) = self.heads.get(label).or_else(|| (self.tail_head)(label)) {
            return Ok(head);
        }
        Ok(chains::published(self.connection, label)?.unwrap_or((0, chain::START)))
    }
}

/// Whether an expectation, already checked, says that the version follows the newest.
fn expected(batch: &Prepared, version: &Version) -> bool {
    batch.expect.iter().any(|expectation| {
        matches!(expectation, Expectation::Version(key, newest) if *key == version.key && *newest == version.version - 1)
    })
}

/// The `state` row: the newest point and how far numbers were given out.
pub fn put_state(connection: &Connection, point: u64, ceiling: u64) -> Result<(), Stop> {
    let mut data = Vec::with_capacity(20);
    put_varint(&mut data, point);
    put_varint(&mut data, ceiling);
    close(&mut data, &[b"state"]);
    connection.prepare_cached("INSERT OR REPLACE INTO state (one, data) VALUES (1, ?1)")?.execute([data])?;
    Ok(())
}
