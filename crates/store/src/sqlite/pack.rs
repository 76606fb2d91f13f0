//! Rows as bytes: variable-length integers and a checksum that ties a row to its key.
//!
//! What must hold: whatever bytes come in, reading gives a value or [`StoreError::Damaged`]; it never panics. A changed
//! byte in a row, or a row under another row's key, is found (CRC-32 over the bytes, then the key).

use tsumugi_kernel::Instant;

use super::{Hash, State, StoreError, failure::damaged};

/// Appends `value`, seven bits a byte, lowest first.
pub fn put_varint(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

/// Closes a row: appends the checksum over its bytes and `key`.
pub fn close(bytes: &mut Vec<u8>, key: &[&[u8]]) {
    let sum = checksum(bytes, key);
    bytes.extend_from_slice(&sum.to_le_bytes());
}

/// The row's bytes without the checksum, which must fit.
pub fn open<'a>(bytes: &'a [u8], key: &[&[u8]], what: &'static str) -> Result<&'a [u8], StoreError> {
    let (row, sum) = bytes.split_last_chunk::<4>().ok_or_else(|| damaged(what, "a row is too short"))?;
    if checksum(row, key) != u32::from_le_bytes(*sum) {
        return Err(damaged(what, "the checksum of a row does not fit"));
    }
    Ok(row)
}

fn checksum(row: &[u8], key: &[&[u8]]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(row);
    for part in key {
        hasher.update(part);
    }
    hasher.finalize()
}

/// Reads a row from its front.
pub struct Cursor<'a> {
    rest: &'a [u8],
    what: &'static str,
}

impl<'a> Cursor<'a> {
    /// Reads `bytes`; errors name `what`.
    pub const fn new(bytes: &'a [u8], what: &'static str) -> Self {
        Self { rest: bytes, what }
    }

    /// The next integer.
    pub fn varint(&mut self) -> Result<u64, StoreError> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let (&byte, rest) = self.rest.split_first().ok_or_else(|| self.short())?;
            self.rest = rest;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(damaged(self.what, "an integer is too long"))
    }

    /// The next integer, which must be below 2^32.
    pub fn varint32(&mut self) -> Result<u32, StoreError> {
        u32::try_from(self.varint()?).map_err(|_| damaged(self.what, "an integer is too large"))
    }

    /// The next `count` bytes.
    pub fn take(&mut self, count: usize) -> Result<&'a [u8], StoreError> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or_else(|| self.short())?;
        self.rest = rest;
        Ok(taken)
    }

    /// The next hash.
    pub fn hash(&mut self) -> Result<Hash, StoreError> {
        let (hash, rest) = self.rest.split_first_chunk::<32>().ok_or_else(|| self.short())?;
        self.rest = rest;
        Ok(*hash)
    }

    /// What is left.
    pub const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    fn short(&self) -> StoreError {
        damaged(self.what, "a row is too short")
    }
}

/// The front of a version's row; values and body follow it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VersionHead {
    /// Fact or tombstone.
    pub state: State,
    /// When the server received it.
    pub instant: Instant,
    /// The point that wrote it.
    pub since: u64,
    /// The number of its original, 0 for none.
    pub original: u64,
    /// The dictionary of its body.
    pub dictionary: u32,
    /// Bytes of the values.
    pub values: usize,
}

impl VersionHead {
    /// Appends the head.
    pub fn put(&self, bytes: &mut Vec<u8>) {
        put_varint(bytes, u64::from(self.dictionary) << 1 | u64::from(self.state == State::Gone));
        // Zigzag: small numbers on both sides of 1970 stay short.
        put_varint(bytes, (self.instant.0 << 1 ^ self.instant.0 >> 63) as u64);
        put_varint(bytes, self.since);
        put_varint(bytes, self.original);
        put_varint(bytes, self.values as u64);
    }

    /// Reads the head.
    pub fn read(cursor: &mut Cursor<'_>) -> Result<Self, StoreError> {
        let first = cursor.varint()?;
        let instant = cursor.varint()?;
        Ok(Self {
            state: if first & 1 == 1 { State::Gone } else { State::Live },
            dictionary: u32::try_from(first >> 1).map_err(|_| damaged("a version", "its dictionary has no number"))?,
            instant: Instant((instant >> 1) as i64 ^ -((instant & 1) as i64)),
            since: cursor.varint()?,
            original: cursor.varint()?,
            values: cursor.varint()? as usize,
        })
    }
}

/// The key of a version's row for the checksum.
pub fn version_key(citizen: i64, kind: i64, number: i64, version: i64) -> [u8; 32] {
    let mut key = [0; 32];
    for (slot, part) in key.chunks_exact_mut(8).zip([citizen, kind, number, version]) {
        slot.copy_from_slice(&part.to_le_bytes());
    }
    key
}

/// An unsigned number as SQLite keeps it. Everything numbered here stays far below 2^63.
pub fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// A number of SQLite's as ours.
pub fn unsigned(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_head_comes_back(gone in any::<bool>(), instant in any::<i64>(), since in any::<u64>(), original in any::<u64>(), dictionary in any::<u32>(), values in 0usize..70_000) {
            let head = VersionHead { state: if gone { State::Gone } else { State::Live }, instant: Instant(instant), since, original, dictionary, values };
            let mut bytes = Vec::new();
            head.put(&mut bytes);
            bytes.extend_from_slice(b"rest");
            let mut cursor = Cursor::new(&bytes, "test");
            prop_assert_eq!(VersionHead::read(&mut cursor).unwrap(), head);
            prop_assert_eq!(cursor.rest(), b"rest");
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _ = VersionHead::read(&mut Cursor::new(&bytes, "test"));
        }

        #[test]
        fn a_changed_byte_is_found(mut row in proptest::collection::vec(any::<u8>(), 1..300), at in any::<proptest::sample::Index>(), change in 1u8..) {
            close(&mut row, &[b"key"]);
            prop_assert!(open(&row, &[b"key"], "test").is_ok());
            prop_assert!(open(&row, &[b"kez"], "test").is_err());
            let at = at.index(row.len());
            row[at] ^= change;
            prop_assert!(open(&row, &[b"key"], "test").is_err());
        }
    }
}
