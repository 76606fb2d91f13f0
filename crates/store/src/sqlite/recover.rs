//! What the writer and the readers keep in memory, read from the tables: when opening, and after a COMMIT whose outcome
//! is unknown. There is no other way to start, so recovery is the normal path.
//!
//! What must hold: a tail that does not continue the chains, a note that is not signed by this log's key, or a gap in
//! the log is refused, never repaired.

use rusqlite::{Connection, OptionalExtension};
use tsumugi_ledger::{Checkpoint, Signer, chain, leaf::LeafView, leaf_hash};

use super::{
    PublishedCheckpoint, StoreError,
    apply::Marks,
    chains,
    failure::{damaged, engine},
    pack::{Cursor, open, unsigned},
    prepare::PIECE_BITS,
    read,
    tail::{NewLeaf, Tail},
};

const LEDGER: &str = "the ledger";
/// Leaves checked at a time.
const STRIDE: u64 = 4_096;

/// The log as readers see it.
#[derive(Debug, Default)]
pub struct Log {
    /// Leaves that no checkpoint covers.
    pub tail: Tail,
    /// The newest checkpoint.
    pub published: Option<PublishedCheckpoint>,
}

/// Everything that is kept in memory.
#[derive(Debug)]
pub struct Recovered {
    pub marks: Marks,
    /// Numbers below this one may have been given out.
    pub ceiling: u64,
    pub log: Log,
}

/// Reads it.
pub fn recover(connection: &Connection, signer: &Signer) -> Result<Recovered, StoreError> {
    let (point, ceiling) = state(connection)?;
    let published = published(connection, signer)?;
    let covered = published.as_ref().map_or(0, |(_, published)| published.checkpoint.size);
    let tail = tail(connection, covered)?;
    let marks = Marks {
        point,
        leaves: tail.size(),
        original: (last(connection, "SELECT max(place) FROM piece")?.map_or(0, |place| place >> PIECE_BITS)) + 1,
        event: last(connection, "SELECT max(number) FROM event")?.unwrap_or(0) + 1,
    };
    Ok(Recovered { marks, ceiling, log: Log { tail, published: published.map(|(_, published)| published) } })
}

/// The newest checkpoint and its epoch.
pub fn published(connection: &Connection, signer: &Signer) -> Result<Option<(u64, PublishedCheckpoint)>, StoreError> {
    let row: Option<(i64, String)> = connection
        .query_row("SELECT epoch, note FROM published WHERE one = 1", [], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
        .map_err(engine)?;
    let Some((epoch, note)) = row else { return Ok(None) };
    let checkpoint = Checkpoint::open(&note, signer.verifier()).map_err(|fault| damaged(LEDGER, fault))?;
    Ok(Some((unsigned(epoch), PublishedCheckpoint { checkpoint, note })))
}

fn state(connection: &Connection) -> Result<(u64, u64), StoreError> {
    let row: Option<Vec<u8>> = connection
        .query_row("SELECT data FROM state WHERE one = 1", [], |row| row.get(0))
        .optional()
        .map_err(engine)?;
    let Some(data) = row else { return Ok((0, 1)) };
    let mut cursor = Cursor::new(open(&data, &[b"state"], "the state")?, "the state");
    Ok((cursor.varint()?, cursor.varint()?))
}

fn tail(connection: &Connection, covered: u64) -> Result<Tail, StoreError> {
    let size = last(connection, "SELECT max(place) FROM leaf")?.map_or(0, |place| place + 1);
    if size < covered {
        return Err(damaged(LEDGER, format!("the checkpoint covers {covered} leaves, the log has {size}")));
    }
    let mut tail = Tail::new(covered);
    while tail.size() < size {
        let from = tail.size();
        let leaves = read::leaves(connection, from, size.min(from + STRIDE))?;
        if leaves.is_empty() {
            return Err(damaged(LEDGER, format!("leaf {from} is missing")));
        }
        for leaf in leaves {
            let view = LeafView::new(&leaf.bytes).map_err(|error| damaged(LEDGER, error))?;
            let known = tail.chain(&view.label).map(|chain| (chain.count, chain.head));
            let (count, head) = match known {
                Some(known) => known,
                None => chains::published(connection, &view.label)?.unwrap_or((0, chain::START)),
            };
            if view.number != count + 1 || view.previous != head {
                return Err(damaged(LEDGER, format!("leaf {} does not continue its chain", leaf.index)));
            }
            let hash = leaf_hash(&leaf.bytes);
            let head = chain::next(&view.label, view.number, &view.previous, &hash);
            tail.push(&NewLeaf { label: view.label, number: view.number, hash, head });
        }
    }
    Ok(tail)
}

fn last(connection: &Connection, sql: &str) -> Result<Option<u64>, StoreError> {
    let value: Option<i64> = connection.query_row(sql, [], |row| row.get(0)).map_err(engine)?;
    Ok(value.map(unsigned))
}
