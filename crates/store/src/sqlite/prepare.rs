//! What can be done to a batch before it waits for the writer: packing, hashing, checksums. It runs on the caller's
//! thread, so the writer only puts rows.

use sha2::{Digest, Sha256};
use tsumugi_kernel::FactKey;
use tsumugi_ledger::DraftLeaf;

use super::{
    Batch, CommitError, Expectation, Hash, NewVersion, State, StoreError,
    failure::refused,
    pack::{VersionHead, close, put_varint, signed},
};
use crate::codec::Codec;

/// Bytes of an original in one row. Some eight rows fill a page well; a whole original per row would leave on average
/// a third of its pages empty.
pub const PIECE_BYTES: usize = 1_000;
/// Bits of a piece's place that count the pieces of one original.
pub const PIECE_BITS: u32 = 20;

/// A batch that is ready for the writer.
#[derive(Debug)]
pub struct Prepared {
    pub expect: Vec<Expectation>,
    pub originals: Vec<Original>,
    pub versions: Vec<Version>,
    pub rows: Vec<DirectoryRow>,
    pub leaves: Vec<DraftLeaf>,
    pub events: Vec<(&'static str, Vec<u8>)>,
}

/// An original, packed: its hash, its dictionary and length, its bytes.
#[derive(Debug)]
pub struct Original {
    pub hash: Hash,
    pub packed: Vec<u8>,
}

/// A version whose row lacks only the point and the original's number.
#[derive(Debug)]
pub struct Version {
    pub key: FactKey,
    pub version: u32,
    pub origin: Option<Hash>,
    pub head: VersionHead,
    pub values: Vec<u8>,
    pub body: Vec<u8>,
}

/// A directory row with its checksum; `None` removes it.
#[derive(Debug)]
pub struct DirectoryRow {
    pub table: i64,
    pub key: Vec<u8>,
    pub data: Option<Vec<u8>>,
}

impl Prepared {
    /// Bytes that the writer will put, roughly: bounds a group.
    pub fn bytes(&self) -> usize {
        let originals: usize = self.originals.iter().map(|original| original.packed.len()).sum();
        let versions: usize = self.versions.iter().map(|version| version.values.len() + version.body.len()).sum();
        let rows: usize = self.rows.iter().map(|row| row.key.len() + row.data.as_ref().map_or(0, Vec::len)).sum();
        let leaves: usize = self.leaves.iter().map(|leaf| leaf.body.len()).sum();
        originals + versions + rows + leaves
    }
}

/// Packs a batch with the newest dictionary.
pub fn prepare(batch: Batch, codec: &Codec) -> Result<Prepared, CommitError> {
    let originals =
        batch.originals.iter().map(|bytes| original(bytes, codec)).collect::<Result<_, _>>().map_err(refused)?;
    let versions =
        batch.versions.into_iter().map(|new| version(new, codec)).collect::<Result<_, _>>().map_err(refused)?;
    let rows = batch.rows.into_iter().map(|row| {
        let data = row.value.map(|mut value| {
            close(&mut value, &[&[row.table as u8], &row.key]);
            value
        });
        DirectoryRow { table: row.table as i64, key: row.key, data }
    });
    let events = batch.events.into_iter().map(|mut event| {
        close(&mut event.payload, &[event.topic.as_bytes()]);
        (event.topic, event.payload)
    });
    Ok(Prepared {
        expect: batch.expect,
        originals,
        versions,
        rows: rows.collect(),
        leaves: batch.leaves,
        events: events.collect(),
    })
}

fn original(bytes: &[u8], codec: &Codec) -> Result<Original, StoreError> {
    let folded = codec.fold_original(bytes)?;
    let hash: Hash = Sha256::digest(bytes).into();
    let mut packed = Vec::with_capacity(folded.len() + 40);
    packed.extend_from_slice(&hash);
    put_varint(&mut packed, u64::from(codec.version()));
    put_varint(&mut packed, folded.len() as u64);
    packed.extend_from_slice(&folded);
    Ok(Original { hash, packed })
}

fn version(new: NewVersion, codec: &Codec) -> Result<Version, StoreError> {
    let gone = new.state == State::Gone;
    let body = if gone { Vec::new() } else { codec.fold(&new.body)? };
    let head = VersionHead {
        state: new.state,
        instant: new.instant,
        since: 0,
        original: 0,
        dictionary: if gone { 0 } else { codec.version() },
        values: new.values.len(),
    };
    Ok(Version { key: new.key, version: new.version, origin: new.origin, head, values: new.values, body })
}

/// A fact's key as SQLite keeps it.
pub fn columns(key: FactKey) -> (i64, i64, i64) {
    (signed(key.citizen.0), i64::from(key.kind.number()), signed(key.number))
}
