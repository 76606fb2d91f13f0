//! What SQLite's errors mean in the contract's words.

use rusqlite::{Error, ErrorCode};

use super::{CommitError, StoreError};

/// A failed read.
pub fn engine(error: Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => damaged("a page", error),
        _ => StoreError::Engine(error.to_string()),
    }
}

/// Damage in `what`.
pub fn damaged(what: &'static str, detail: impl std::fmt::Display) -> StoreError {
    StoreError::Damaged { what, detail: detail.to_string() }
}

/// A write that failed before its transaction was committed: nothing is there.
pub fn refused(error: impl std::fmt::Display) -> CommitError {
    CommitError::Refused(error.to_string())
}

/// A failed COMMIT. A full disk stops SQLite before the commit's last frame is written, so nothing is there; of any
/// other failure (a failed sync above all) only the disk knows the outcome.
pub fn commit(error: &Error) -> CommitError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => CommitError::Refused(error.to_string()),
        _ => CommitError::Unknown(error.to_string()),
    }
}
