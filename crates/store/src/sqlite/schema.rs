//! The tables, the format's number, and how connections are set up.
//!
//! | table | key | holds |
//! |---|---|---|
//! | `meta` | name | the log's origin and the signer's name |
//! | `state` | one row | newest point, numbers given out |
//! | `dictionary` | version | zstd dictionaries, never changed |
//! | `version` | citizen, kind, number, version (newest first) | every version of every fact: the shelves |
//! | `original` | SHA-256 | the small number of an original |
//! | `piece` | original's number, place | the original's hash and packed bytes, in pieces that fill pages well |
//! | `directory` | table, key | directory rows |
//! | `event` | number | the outbox |
//! | `leaf` | index | the log: every leaf's bytes, in order |
//! | `chain` | label | count and head of each chain as of the newest checkpoint |
//! | `leaf_of` | label, number | index of each published leaf |
//! | `tile`, `bucket`, `published` | | tree, map and the newest checkpoint |
//!
//! INVARIANT: `chain` (read at the epoch of `published`), `tile` and `bucket` are exactly as of the newest checkpoint.
//! What was committed since is only in `leaf`, which is written in order; [`super::tail`] keeps its index in memory and
//! opening rebuilds it. So a commit with a leaf appends to one place instead of touching a page per citizen.
//!
//! Every blob ends with a checksum over itself and its key ([`super::pack`]).

use rusqlite::{Connection, OpenFlags, config::DbConfig};

use super::{Path, StoreError, failure::engine};

/// `TSMG`: marks the file as ours.
pub const APPLICATION_ID: i32 = 0x5453_4d47;
/// The format that this program writes and reads.
pub const FORMAT: i32 = 1;

/// Pages written to the write-ahead log before it is moved into the database off the writer's path.
pub const WAL_PAGES: u64 = 4_000;
/// Pages of the write-ahead log at which the writer itself stops to empty it.
pub const WAL_PAGES_MOST: u64 = 40_000;

const TABLES: &str = "
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE state (one INTEGER PRIMARY KEY CHECK (one = 1), data BLOB NOT NULL);
CREATE TABLE dictionary (version INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE version (
    citizen INTEGER NOT NULL, kind INTEGER NOT NULL, number INTEGER NOT NULL, version INTEGER NOT NULL,
    data BLOB NOT NULL, PRIMARY KEY (citizen, kind, number, version DESC)) WITHOUT ROWID;
CREATE TABLE original (hash BLOB PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE piece (place INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE directory (tbl INTEGER NOT NULL, key BLOB NOT NULL, data BLOB NOT NULL,
    PRIMARY KEY (tbl, key)) WITHOUT ROWID;
CREATE TABLE event (number INTEGER PRIMARY KEY, topic TEXT NOT NULL, data BLOB NOT NULL);
CREATE TABLE leaf (place INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE chain (label BLOB PRIMARY KEY, data BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE leaf_of (label BLOB NOT NULL, number INTEGER NOT NULL, place INTEGER NOT NULL,
    PRIMARY KEY (label, number)) WITHOUT ROWID;
CREATE TABLE tile (place INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE bucket (place INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE published (one INTEGER PRIMARY KEY CHECK (one = 1), epoch INTEGER NOT NULL, note TEXT NOT NULL);
";

/// Writes the tables of an empty database. `page_size` and the application's id must come before the first table.
pub fn write(connection: &Connection) -> Result<(), StoreError> {
    connection
        .execute_batch(&format!(
            "PRAGMA page_size = 8192; PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {FORMAT};
             PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; BEGIN IMMEDIATE; {TABLES} COMMIT;"
        ))
        .map_err(engine)
}

/// A connection that writes. `cache_mb` is its page cache in megabytes.
pub fn open_writing(file: &Path, cache_mb: usize, page_limit: Option<u32>) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags).map_err(engine)?;
    // The write-ahead log is emptied by our own hand (see `wal`), so that no commit waits for it.
    set_up(&connection, cache_mb, "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;")?;
    if let Some(pages) = page_limit {
        connection.pragma_update(None, "max_page_count", pages).map_err(engine)?;
    }
    Ok(connection)
}

/// A connection that only reads.
pub fn open_reading(file: &Path, cache_mb: usize) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags).map_err(engine)?;
    set_up(&connection, cache_mb, "")?;
    Ok(connection)
}

fn set_up(connection: &Connection, cache_mb: usize, more: &str) -> Result<(), StoreError> {
    connection.set_prepared_statement_cache_capacity(64);
    // Without this, binding new values to some cached statements makes SQLite plan them anew at every call.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(engine)?;
    let kilobytes = cache_mb.max(1) * 1_024;
    connection
        .execute_batch(&format!(
            "PRAGMA busy_timeout = 5000; PRAGMA cache_size = -{kilobytes}; PRAGMA mmap_size = {MMAP_BYTES};
             PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY; {more}"
        ))
        .map_err(engine)
}

/// Bytes of the database that are read through the memory map. Each commit makes readers drop their page caches, so
/// without the map every read copies its pages anew.
const MMAP_BYTES: u64 = 1 << 40;
