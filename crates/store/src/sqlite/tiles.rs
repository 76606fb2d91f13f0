//! Tiles of the log's tree and nodes of the map's buckets, as rows.

use rusqlite::{Connection, OptionalExtension};
use tsumugi_ledger::{LedgerError, MapNode, Tile, TileReader, map::BUCKETS, tile::from_bytes};

use super::{
    Hash, StoreError,
    failure::{damaged, engine},
    pack::{close, open, signed},
    read::blob,
};

const TILE: &str = "a tile of the log";
const BUCKET: &str = "the map";
/// Nodes of buckets in one row.
pub const NODES: usize = 64;
/// Bytes of a node: its kind and its hash.
const NODE_BYTES: usize = 33;

fn place(level: u8, index: u64) -> i64 {
    signed(u64::from(level) << 48 | index)
}

/// A tile as wide as it is kept.
pub fn read(connection: &Connection, level: u8, index: u64) -> Result<Option<Vec<Hash>>, StoreError> {
    if index >> 48 != 0 {
        return Ok(None);
    }
    let place = place(level, index);
    let mut statement = connection.prepare_cached("SELECT data FROM tile WHERE place = ?1").map_err(engine)?;
    let data: Option<Vec<u8>> = statement.query_row([place], |row| row.get(0)).optional().map_err(engine)?;
    match data {
        None => Ok(None),
        Some(data) => {
            let bytes = open(&data, &[&place.to_le_bytes()], TILE)?;
            from_bytes(bytes).map(Some).map_err(|error| damaged(TILE, error))
        }
    }
}

/// A tile's row.
pub fn row(tile: &Tile) -> (i64, Vec<u8>) {
    let place = place(tile.level, tile.index);
    let mut data = tile.to_bytes();
    close(&mut data, &[&place.to_le_bytes()]);
    (place, data)
}

/// Reads tiles for the ledger.
pub struct Tiles<'a>(pub &'a Connection);

impl TileReader for Tiles<'_> {
    fn tile(&self, level: u8, index: u64, _width: u16) -> Result<Vec<Hash>, LedgerError> {
        match read(self.0, level, index) {
            Ok(Some(hashes)) => Ok(hashes),
            Ok(None) => {
                Err(LedgerError::Damaged { what: format!("tile {level}/{index}"), detail: "it is absent".into() })
            }
            Err(error) => Err(LedgerError::Source(Box::new(error))),
        }
    }
}

/// The nodes of all buckets.
pub fn nodes(connection: &Connection) -> Result<Vec<MapNode>, StoreError> {
    let mut nodes = vec![MapNode::Empty; BUCKETS];
    let mut statement = connection.prepare("SELECT place, data FROM bucket").map_err(engine)?;
    let mut rows = statement.query([]).map_err(engine)?;
    while let Some(row) = rows.next().map_err(engine)? {
        let place: i64 = row.get(0).map_err(engine)?;
        let data = open(blob(row, 1, BUCKET)?, &[&place.to_le_bytes()], BUCKET)?;
        let slots = usize::try_from(place).ok().and_then(|place| nodes.get_mut(place * NODES..(place + 1) * NODES));
        let slots = slots.ok_or_else(|| damaged(BUCKET, "a row of nodes stands outside the map"))?;
        for (slot, bytes) in slots.iter_mut().zip(data.chunks(NODE_BYTES)) {
            let node = match bytes.split_first() {
                Some((&kind, hash)) => hash.try_into().ok().and_then(|hash| MapNode::from_parts(kind, hash)),
                None => None,
            };
            *slot = node.ok_or_else(|| damaged(BUCKET, "a node is not a node"))?;
        }
    }
    Ok(nodes)
}

/// The row that holds bucket `bucket` and its neighbours.
pub fn bucket_row(nodes: &[MapNode], place: usize) -> (i64, Vec<u8>) {
    let key = place as i64;
    let mut data = Vec::with_capacity(NODES * NODE_BYTES + 4);
    for node in nodes.iter().skip(place * NODES).take(NODES) {
        data.push(node.kind());
        data.extend_from_slice(&node.hash());
    }
    close(&mut data, &[&key.to_le_bytes()]);
    (key, data)
}
