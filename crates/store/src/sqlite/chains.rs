//! Rows of the `chain` table: count and head of a label, in two slots by epoch.
//!
//! A checkpoint changes many chains. They are written ahead in small transactions, each into the slot that the present
//! epoch does not use; then one small transaction raises the epoch together with the signed checkpoint. So the writer
//! is never held up for long, and a crash in between leaves the present checkpoint untouched.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension};

use super::{
    Hash, Label, StoreError,
    failure::engine,
    pack::{Cursor, close, open, put_varint, unsigned},
};

const WHAT: &str = "a chain of the ledger";

/// Count and head of a chain.
pub type Head = (u64, Hash);

/// The one or two states of a chain that a row holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slots {
    newer: (u64, Head),
    older: Option<(u64, Head)>,
}

impl Slots {
    /// Reads a row's data.
    pub fn read(label: &Label, data: &[u8]) -> Result<Self, StoreError> {
        let mut cursor = Cursor::new(open(data, &[&label.0], WHAT)?, WHAT);
        let newer = slot(&mut cursor)?;
        let older = if cursor.rest().is_empty() { None } else { Some(slot(&mut cursor)?) };
        Ok(Self { newer, older })
    }

    /// The state at `epoch`, if the chain had leaves then.
    pub fn at(&self, epoch: u64) -> Option<Head> {
        [Some(self.newer), self.older].into_iter().flatten().find(|slot| slot.0 <= epoch).map(|slot| slot.1)
    }

    /// The row that still says `now` at epoch `now.0`, and `next` from `epoch` on.
    pub fn write(label: &Label, now: Option<(u64, Head)>, epoch: u64, next: Head) -> Vec<u8> {
        let mut data = Vec::with_capacity(84);
        for (epoch, (count, head)) in [Some((epoch, next)), now].into_iter().flatten() {
            put_varint(&mut data, epoch);
            put_varint(&mut data, count);
            data.extend_from_slice(&head);
        }
        close(&mut data, &[&label.0]);
        data
    }
}

fn slot(cursor: &mut Cursor<'_>) -> Result<(u64, Head), StoreError> {
    Ok((cursor.varint()?, (cursor.varint()?, cursor.hash()?)))
}

/// A chain as of the newest checkpoint in this snapshot.
pub fn published(connection: &Connection, label: &Label) -> Result<Option<Head>, StoreError> {
    let mut statement = connection
        .prepare_cached("SELECT c.data, p.epoch FROM chain c, published p WHERE c.label = ?1 AND p.one = 1")
        .map_err(engine)?;
    let row = statement
        .query_row([&label.0[..]], |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, i64>(1)?)))
        .optional()
        .map_err(engine)?;
    match row {
        None => Ok(None),
        Some((data, epoch)) => Ok(Slots::read(label, &data)?.at(unsigned(epoch))),
    }
}

/// A chain at `epoch`, which must be the present one or the one before.
pub fn at(connection: &Connection, label: &Label, epoch: u64) -> Result<Option<Head>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT data FROM chain WHERE label = ?1").map_err(engine)?;
    let data: Option<Vec<u8>> = statement.query_row([&label.0[..]], |row| row.get(0)).optional().map_err(engine)?;
    match data {
        None => Ok(None),
        Some(data) => Ok(Slots::read(label, &data)?.at(epoch)),
    }
}

/// The members of a bucket of the map at `epoch`.
pub fn bucket(connection: &Connection, bucket: u16, epoch: u64) -> Result<Vec<(Label, u64, Hash)>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT label, data FROM chain WHERE label >= ?1 AND label < ?2").map_err(engine)?;
    let low = bucket.to_be_bytes();
    // After the last bucket comes what sorts after every label of 32 bytes.
    let high = bucket.checked_add(1).map_or_else(|| vec![0xff; 33], |next| next.to_be_bytes().to_vec());
    let mut rows = statement.query((&low[..], &high[..])).map_err(engine)?;
    let mut members = Vec::new();
    while let Some(row) = rows.next().map_err(engine)? {
        let label = label(row.get_ref(0).map_err(engine)?.as_blob())?;
        let data = row.get_ref(1).map_err(engine)?;
        let slots = Slots::read(&label, data.as_blob().map_err(|error| super::failure::damaged(WHAT, error))?)?;
        if let Some((count, head)) = slots.at(epoch) {
            members.push((label, count, head));
        }
    }
    Ok(members)
}

fn label(blob: Result<&[u8], rusqlite::types::FromSqlError>) -> Result<Label, StoreError> {
    let bytes = blob.ok().and_then(|blob| blob.try_into().ok());
    bytes.map(Label).ok_or_else(|| super::failure::damaged(WHAT, "a label is not 32 bytes"))
}

/// Heads of chains that the writer used lately, in two generations: when the young one is full it becomes the old one.
#[derive(Debug, Default)]
pub struct HeadCache {
    young: HashMap<Label, Head>,
    old: HashMap<Label, Head>,
}

/// Heads in one generation: about 10 MB.
const GENERATION: usize = 1 << 16;

impl HeadCache {
    /// The head, if it is known here.
    pub fn get(&self, label: &Label) -> Option<Head> {
        self.young.get(label).or_else(|| self.old.get(label)).copied()
    }

    /// Remembers a head.
    pub fn put(&mut self, label: Label, head: Head) {
        if self.young.len() >= GENERATION {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(label, head);
    }

    /// Forgets everything: after a failure some of it may never have happened.
    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_answers_for_both_epochs() {
        let label = Label([7; 32]);
        let (one, two, three) = ((1, [1; 32]), (5, [5; 32]), (9, [9; 32]));
        let first = Slots::read(&label, &Slots::write(&label, None, 3, one)).unwrap();
        assert_eq!((first.at(2), first.at(3), first.at(8)), (None, Some(one), Some(one)));
        let now = first.at(4).map(|head| (4, head));
        let second = Slots::read(&label, &Slots::write(&label, now, 5, two)).unwrap();
        assert_eq!((second.at(4), second.at(5)), (Some(one), Some(two)));
        // Epoch 5 never came to be: the next attempt writes over it and keeps what epoch 4 says.
        let again = Slots::read(&label, &Slots::write(&label, second.at(4).map(|head| (4, head)), 5, three)).unwrap();
        assert_eq!((again.at(4), again.at(5)), (Some(one), Some(three)));
        assert!(Slots::read(&Label([8; 32]), &Slots::write(&label, None, 3, one)).is_err());
    }
}
