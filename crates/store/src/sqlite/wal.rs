//! Moves the write-ahead log into the database without holding up commits.
//!
//! Left alone, SQLite does this inside a commit, which then waits for hundreds of scattered page writes and a sync. Here
//! another thread does the bulk with its own connection while commits go on; when it has caught up, the writer moves
//! the small rest between two groups and starts the log anew, so the log's file stays at some ten megabytes.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
};

use rusqlite::Connection;

use super::{
    Path, StoreError,
    failure::engine,
    schema::{self, WAL_PAGES, WAL_PAGES_MOST},
};

/// Groups between two looks at the log's length.
const GROUPS: u32 = 8;
/// Pages left over at which the mover has caught up.
const REST: u64 = 400;
/// Rounds that the mover makes at most: under load the log grows while it moves.
const ROUNDS: usize = 4;

/// The writer's end.
pub struct Wal {
    wake: Option<mpsc::SyncSender<()>>,
    caught_up: Arc<AtomicBool>,
    moving: bool,
    groups: u32,
    mover: Option<thread::JoinHandle<()>>,
}

impl Wal {
    /// Starts the mover.
    pub fn start(file: &Path) -> Result<Self, StoreError> {
        let connection = schema::open_writing(file, 1, None)?;
        let (wake, woken) = mpsc::sync_channel(1);
        let caught_up = Arc::new(AtomicBool::new(false));
        let done = Arc::clone(&caught_up);
        let body = move || {
            while woken.recv().is_ok() {
                for _ in 0..ROUNDS {
                    match run(&connection, "PASSIVE") {
                        Ok((pages, moved)) if pages.saturating_sub(moved) > REST => {}
                        Ok(_) => break,
                        Err(error) => {
                            tracing::warn!(%error, "the write-ahead log could not be moved; it grows until it can");
                            break;
                        }
                    }
                }
                done.store(true, Ordering::Release);
            }
        };
        let mover = thread::Builder::new()
            .name("store-wal".into())
            .spawn(body)
            .map_err(|error| StoreError::Engine(format!("no thread for the write-ahead log: {error}")))?;
        Ok(Self { wake: Some(wake), caught_up, moving: false, groups: 0, mover: Some(mover) })
    }

    /// Called by the writer between groups.
    pub fn tend(&mut self, connection: &Connection) {
        self.groups += 1;
        if self.moving && self.caught_up.swap(false, Ordering::Acquire) {
            self.moving = false;
            restart(connection);
        }
        if !self.groups.is_multiple_of(GROUPS) {
            return;
        }
        let Ok((pages, _)) = run(connection, "NOOP") else { return };
        if !self.moving && pages >= WAL_PAGES {
            self.moving = self.wake.as_ref().is_some_and(|wake| wake.try_send(()).is_ok());
        }
        if pages >= WAL_PAGES_MOST {
            restart(connection);
        }
    }

    /// Ends the mover and moves what is left.
    pub fn finish(mut self, connection: &Connection) {
        self.wake = None;
        if let Some(mover) = self.mover.take() {
            let _ended = mover.join();
        }
        if let Err(error) = run(connection, "TRUNCATE") {
            tracing::warn!(%error, "the write-ahead log could not be moved when closing; the next opening does it");
        }
    }
}

/// A reader that is still in the log makes this give up after the connection's busy time; the next round tries again.
fn restart(connection: &Connection) {
    if let Err(error) = run(connection, "RESTART") {
        tracing::debug!(%error, "the write-ahead log could not be started anew yet");
    }
}

/// Pages in the log, and pages of it that are moved.
fn run(connection: &Connection, mode: &str) -> Result<(u64, u64), StoreError> {
    let mut statement = connection.prepare_cached(&format!("PRAGMA wal_checkpoint({mode})")).map_err(engine)?;
    let (pages, moved): (i64, i64) = statement.query_row([], |row| Ok((row.get(1)?, row.get(2)?))).map_err(engine)?;
    Ok((u64::try_from(pages).unwrap_or(0), u64::try_from(moved).unwrap_or(0)))
}
