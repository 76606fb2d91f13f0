//! The rules that a batch must keep by itself, before any engine looks at it. They belong to the contract, so both
//! engines ask here; what depends on the stored state each engine checks on its own.

use tsumugi_kernel::CitizenId;
use tsumugi_ledger::leaf::MOST_BODY_BYTES;

use crate::contract::{Batch, CommitError, State};

/// Most bytes of a version's packed values.
pub const VALUES_BYTES: usize = 64 * 1024;
/// Most bytes of a directory row's key.
pub const KEY_BYTES: usize = 1_024;
/// Most shelves that one batch may name as joined.
pub const JOINED_MOST: usize = 16;

/// The refusal of a version whose number does not follow the newest one.
pub const NOT_NEXT: &str = "a version's number does not follow the newest version of its fact";
/// The refusal of a version that names an original which is neither kept nor in the batch.
pub const NO_ORIGINAL: &str = "a version names an original that is neither kept nor in the batch";

/// Checks what a batch must keep by itself.
///
/// # Errors
/// [`CommitError::Batch`] naming the rule that is broken.
pub fn check(batch: &Batch) -> Result<(), CommitError> {
    if batch.joined.len() > JOINED_MOST {
        return Err(CommitError::Batch("it names more than 16 joined shelves"));
    }
    let mut shelf = None;
    for version in &batch.versions {
        let key = version.key;
        let first = *shelf.get_or_insert(key.citizen);
        if first != key.citizen && !(batch.joined.contains(&first) && batch.joined.contains(&key.citizen)) {
            return Err(CommitError::Batch("its versions stand on two shelves"));
        }
        if key.citizen.0 > CitizenId::MOST || key.number > CitizenId::MOST {
            return Err(CommitError::Batch("a citizen or fact number is above 40 bits"));
        }
        if version.version == 0 {
            return Err(CommitError::Batch("a version has number 0; versions start at 1"));
        }
        if version.values.len() > VALUES_BYTES {
            return Err(CommitError::Batch("a version's packed values are above 64 KiB"));
        }
        if version.state == State::Gone && !version.body.is_empty() {
            return Err(CommitError::Batch("a tombstone has a body"));
        }
    }
    if batch.rows.iter().any(|row| row.key.len() > KEY_BYTES) {
        return Err(CommitError::Batch("a directory row's key is above 1,024 bytes"));
    }
    if batch.leaves.iter().any(|leaf| leaf.body.len() > MOST_BODY_BYTES) {
        return Err(CommitError::Batch("a leaf is above 65,535 bytes"));
    }
    Ok(())
}
