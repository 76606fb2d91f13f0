//! Proofs from the log's tiles, which the store gives in its own time.

use std::{cell::RefCell, collections::HashMap};

use tsumugi_ledger::{Hash, LedgerError, TileReader};
use tsumugi_store::Store;

use crate::looks::LooksError;

/// Makes a proof from tiles. It asks for them one after the other, so it is tried until every tile that it asks for is
/// here: at most one round per tile, and a tree has few on one path.
///
/// # Errors
/// [`LooksError`].
pub async fn proven<M>(store: &dyn Store, make: M) -> Result<Vec<Hash>, LooksError>
where
    M: Fn(&dyn TileReader) -> Result<Vec<Hash>, LedgerError> + Send + Sync,
{
    let mut tiles: HashMap<(u8, u64, u16), Vec<Hash>> = HashMap::new();
    loop {
        // The cell ends before the store is asked, so that the proof can be made on any thread.
        let (tried, missing) = {
            let missing = RefCell::new(None);
            let reader = |level: u8, at: u64, width: u16| {
                tiles.get(&(level, at, width)).cloned().ok_or_else(|| {
                    *missing.borrow_mut() = Some((level, at, width));
                    LedgerError::Format { what: "tile", detail: "it is not read yet" }
                })
            };
            (make(&reader), missing.into_inner())
        };
        match (tried, missing) {
            (Ok(proof), _) => return Ok(proof),
            (Err(_), Some((level, at, width))) => {
                let absent = LedgerError::Format { what: "tile", detail: "the store does not have it" };
                let tile = store.tile(level, at, width).await?.ok_or(absent)?;
                tiles.insert((level, at, width), tile);
            }
            (Err(error), None) => return Err(error.into()),
        }
    }
}
