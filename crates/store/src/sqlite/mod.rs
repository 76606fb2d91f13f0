//! The embedded engine: SQLite with a write-ahead log, one writer with group commit, a reader per thread.
//!
//! | file | what |
//! |---|---|
//! | [`folder`] | whose folder it is, format, one process at a time |
//! | [`schema`] | tables, connections |
//! | [`prepare`] → [`writer`] → [`apply`] | a batch's way: packed by the caller, put in a group, committed, answered |
//! | [`read`] | a read's way |
//! | [`tail`], [`chains`], [`tiles`], [`publish`] | the ledger: the part in memory, the tables, checkpoints |
//! | [`recover`] | memory from tables |
//! | [`wal`] | the write-ahead log's length |
//! | [`faults`] | failing COMMITs for tests |
//!
//! What must hold: see [`crate::contract`]. What SQLite does not check by itself, a flipped bit inside a row, the rows'
//! own checksums find; a damaged page is SQLite's or a checksum's error, never an answer. (A flip that hides a whole row
//! from SQLite's search is the one thing that is not found by a read.)

mod apply;
mod chains;
mod failure;
mod faults;
mod folder;
mod pack;
mod prepare;
mod publish;
mod read;
mod recover;
mod schema;
mod tail;
mod tiles;
mod wal;
mod writer;

use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::{
        Arc, PoisonError, RwLock, RwLockReadGuard,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

use bytes::Bytes;
use failure::engine;
pub use faults::{CommitFault, Faults};
use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};
use tsumugi_kernel::{FactKey, limits};
use tsumugi_ledger::{Hash, Label, MapPath, Signer};

use self::{
    publish::{Edge, Publisher, Request},
    read::{Codecs, Readers},
    recover::{Log, Recovered},
    tail::TailChain,
    wal::Wal,
    writer::{Job, Writer},
};
use crate::{
    codec::Codec,
    contract::{
        Answer, Batch, CommitError, Committed, Expectation, LeafPlace, NewVersion, Point, PublishedCheckpoint,
        ShelfPage, ShelfScan, State, Status, Store, StoreError, StoredFact, StoredLeaf, Table,
    },
    rules,
};

/// How a store is opened.
pub struct SqliteOptions {
    /// Signs checkpoints; its name is the log's origin.
    pub signer: Signer,
    /// The log's origin, the first line of its checkpoints. Must be the signer's name.
    pub origin: String,
    /// Connections that read at the same time: as many as the runtime has threads, and one or two more.
    pub readers: usize,
    /// Page caches together, in megabytes.
    pub cache_mb: usize,
    /// A zstd dictionary for bodies ([`crate::codec::train`]). A store keeps every dictionary that it was ever given
    /// and packs with the newest.
    pub dictionary: Option<Vec<u8>>,
    /// The most pages (8 KiB) of the database; past it writes are refused. `None`: as the disk allows.
    pub page_limit: Option<u32>,
    /// Makes COMMITs fail, for tests; the default never does.
    pub faults: Faults,
}

impl SqliteOptions {
    /// Options for a log signed by `signer`, with four readers, 64 MB of caches and no dictionary of its own.
    #[must_use]
    pub fn new(signer: Signer) -> Self {
        Self {
            origin: signer.name().to_owned(),
            signer,
            readers: 4,
            cache_mb: 64,
            dictionary: None,
            page_limit: None,
            faults: Faults::default(),
        }
    }
}

/// What the threads of one store share.
struct Shared {
    signer: Signer,
    origin: String,
    codecs: Codecs,
    newest: Codec,
    log: RwLock<Log>,
    /// The next number to give out.
    numbers: AtomicU64,
    point: AtomicU64,
    waiting: AtomicU64,
    faults: Faults,
}

/// The embedded store.
pub struct SqliteStore {
    shared: Arc<Shared>,
    readers: Readers,
    jobs: Option<mpsc::Sender<Job>>,
    requests: Option<mpsc::Sender<Request>>,
    threads: Vec<thread::JoinHandle<()>>,
    _lock: File,
}

/// Requests that may wait for the publisher.
const REQUESTS: usize = 64;

impl SqliteStore {
    /// Makes a new store in an empty or absent folder, and opens it.
    ///
    /// # Errors
    /// [`StoreError::Folder`] if the folder holds anything or cannot be written.
    pub fn create(dir: &Path, options: SqliteOptions) -> Result<Arc<Self>, StoreError> {
        folder::create(dir, |file| {
            let connection = Connection::open(file).map_err(engine)?;
            schema::write(&connection)?;
            put_meta(&connection, "origin", &options.origin)?;
            connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").map_err(engine)?;
            connection.close().map_err(|(_, error)| engine(error))
        })?;
        Self::open(dir, options)
    }

    /// Opens the store in a folder. The folder is never made here.
    ///
    /// # Errors
    /// [`StoreError::Folder`] if there is no store or it is in use, [`StoreError::Format`] if a newer program wrote it,
    /// [`StoreError::Damaged`] if what is there does not fit together.
    pub fn open(dir: &Path, options: SqliteOptions) -> Result<Arc<Self>, StoreError> {
        let lock = folder::take(dir)?;
        let file = folder::file(dir);
        let connection = schema::open_writing(&file, options.cache_mb / 2, options.page_limit)?;
        check_origin(dir, &connection, &options)?;
        let (codecs, newest) = dictionaries(&connection, options.dictionary)?;
        let Recovered { marks, ceiling, log } = recover::recover(&connection, &options.signer)?;
        let shared = Arc::new(Shared {
            signer: options.signer,
            origin: options.origin,
            codecs,
            newest,
            log: RwLock::new(log),
            numbers: AtomicU64::new(ceiling),
            point: AtomicU64::new(marks.point),
            waiting: AtomicU64::new(0),
            faults: options.faults,
        });
        let publishing = schema::open_reading(&file, 4)?;
        let edge = Edge::load(&publishing, &shared)?;
        let readers = Readers::open(&file, options.readers, options.cache_mb - options.cache_mb / 2)?;
        let wal = Wal::start(&file)?;

        let (jobs, queue) = mpsc::channel(limits::WRITE_QUEUE);
        let (requests, asked) = mpsc::channel(REQUESTS);
        let writer = Writer::new(Arc::clone(&shared), connection, (marks, ceiling), wal, requests.downgrade());
        let publisher = Publisher::new(Arc::clone(&shared), publishing, jobs.clone(), edge);
        // The publisher ends first, because it holds a way to the writer.
        let threads = vec![
            spawn("store-publisher", move || publisher.run(asked))?,
            spawn("store-writer", move || writer.run(queue))?,
        ];
        Ok(Arc::new(Self { shared, readers, jobs: Some(jobs), requests: Some(requests), threads, _lock: lock }))
    }

    fn log(&self) -> RwLockReadGuard<'_, Log> {
        self.shared.log.read().unwrap_or_else(PoisonError::into_inner)
    }

    async fn ask<T>(
        &self,
        request: impl FnOnce(oneshot::Sender<Result<T, StoreError>>) -> Request,
    ) -> Result<T, StoreError> {
        let stopped = || StoreError::Engine("the publisher has stopped; open the store again".into());
        let (sender, answer) = oneshot::channel();
        let requests = self.requests.as_ref().ok_or_else(stopped)?;
        requests.send(request(sender)).await.map_err(|_| stopped())?;
        answer.await.map_err(|_| stopped())?
    }

    async fn commit_batch(&self, batch: Batch) -> Result<Committed, CommitError> {
        let stopped = || CommitError::Refused("the writer has stopped; open the store again".into());
        rules::check(&batch)?;
        let jobs = self.jobs.as_ref().ok_or_else(stopped)?;
        let place = jobs.try_reserve().map_err(|error| match error {
            mpsc::error::TrySendError::Full(()) => CommitError::Busy,
            mpsc::error::TrySendError::Closed(()) => stopped(),
        })?;
        let prepared = prepare::prepare(batch, &self.shared.newest)?;
        let (sender, answer) = oneshot::channel();
        self.shared.waiting.fetch_add(1, Ordering::Relaxed);
        place.send(Job::Batch(Box::new(prepared), sender));
        answer.await.unwrap_or_else(|_| Err(CommitError::Unknown("the writer stopped before it answered".into())))
    }

    fn leaves_of_label(&self, label: Label, from: u64, to: u64) -> Result<Vec<StoredLeaf>, StoreError> {
        // The tail first, the tables afterwards: see `tail`.
        let newest = self.log().tail.chain(&label).cloned();
        let first = newest.as_ref().map_or(u64::MAX, TailChain::first_number);
        let reader = self.readers.get();
        let mut places = if from < first { reader.places(&label, from, to.min(first - 1))? } else { Vec::new() };
        if let Some(chain) = newest {
            let numbered = (first..=chain.count).zip(chain.places);
            places.extend(numbered.filter(|(number, _)| (from..=to).contains(number)).map(|(_, place)| place));
        }
        places.into_iter().map(|place| reader.leaf(place)).collect()
    }
}

impl Drop for SqliteStore {
    fn drop(&mut self) {
        self.requests = None;
        self.jobs = None;
        for thread in self.threads.drain(..) {
            let _ended = thread.join();
        }
    }
}

impl Store for SqliteStore {
    fn reserve(&self, count: u32) -> u64 {
        self.shared.numbers.fetch_add(u64::from(count), Ordering::SeqCst)
    }

    fn commit(&self, batch: Batch) -> Answer<'_, Committed, CommitError> {
        Box::pin(self.commit_batch(batch))
    }

    fn fact(&self, key: FactKey, at: Point) -> Answer<'_, Option<StoredFact>> {
        Box::pin(async move { self.readers.get().fact(&self.shared.codecs, key, at) })
    }

    fn version(&self, key: FactKey, version: u32) -> Answer<'_, Option<StoredFact>> {
        Box::pin(async move { self.readers.get().version(&self.shared.codecs, key, version) })
    }

    fn history(&self, key: FactKey) -> Answer<'_, Vec<StoredFact>> {
        Box::pin(async move { self.readers.get().history(&self.shared.codecs, key) })
    }

    fn shelf(&self, scan: ShelfScan) -> Answer<'_, ShelfPage> {
        Box::pin(async move { self.readers.get().shelf(&self.shared.codecs, scan) })
    }

    fn original(&self, hash: Hash) -> Answer<'_, Option<Bytes>> {
        Box::pin(async move { self.readers.get().original(&self.shared.codecs, hash) })
    }

    fn row(&self, table: Table, key: &[u8]) -> Answer<'_, Option<Bytes>> {
        let result = self.readers.get().row(table, key);
        Box::pin(std::future::ready(result))
    }

    fn rows(&self, table: Table, prefix: &[u8], after: Option<&[u8]>, most: usize) -> Answer<'_, Vec<(Bytes, Bytes)>> {
        let result = self.readers.get().rows(table, prefix, after, most);
        Box::pin(std::future::ready(result))
    }

    fn leaves_of(&self, label: Label, from: u64, to: u64) -> Answer<'_, Vec<StoredLeaf>> {
        Box::pin(async move { self.leaves_of_label(label, from, to) })
    }

    fn chain(&self, label: Label) -> Answer<'_, Option<(u64, Hash)>> {
        Box::pin(async move {
            // The tail first, the tables afterwards: see `tail`.
            let newest = self.log().tail.chain(&label).map(|chain| (chain.count, chain.head));
            match newest {
                Some(newest) => Ok(Some(newest)),
                None => self.readers.get().chain(&label),
            }
        })
    }

    fn log(&self, from: u64, to: u64) -> Answer<'_, Vec<StoredLeaf>> {
        Box::pin(async move { self.readers.get().leaves(from, to) })
    }

    fn publish(&self) -> Answer<'_, PublishedCheckpoint> {
        Box::pin(self.ask(Request::Publish))
    }

    fn checkpoint(&self) -> Answer<'_, Option<PublishedCheckpoint>> {
        Box::pin(async move { Ok(self.log().published.clone()) })
    }

    fn tile(&self, level: u8, index: u64, width: u16) -> Answer<'_, Option<Vec<Hash>>> {
        Box::pin(async move {
            let kept = self.readers.get().tile(level, index)?;
            Ok(kept.filter(|hashes| width > 0 && hashes.len() >= usize::from(width)).map(|mut hashes| {
                hashes.truncate(usize::from(width));
                hashes
            }))
        })
    }

    fn map_path(&self, label: Label) -> Answer<'_, (PublishedCheckpoint, MapPath)> {
        Box::pin(self.ask(move |sender| Request::Path(label, sender)))
    }

    fn events(&self, after: u64, most: usize) -> Answer<'_, Vec<(u64, String, Bytes)>> {
        Box::pin(async move { self.readers.get().events(after, most) })
    }

    fn status(&self) -> Status {
        let log = self.log();
        Status {
            point: Point(self.shared.point.load(Ordering::Acquire)),
            leaves: log.tail.size(),
            published: log.published.as_ref().map_or(0, |published| published.checkpoint.size),
            waiting: self.shared.waiting.load(Ordering::Relaxed),
        }
    }
}

fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> Result<thread::JoinHandle<()>, StoreError> {
    thread::Builder::new()
        .name(name.to_owned())
        .spawn(body)
        .map_err(|error| StoreError::Engine(format!("no thread for {name}: {error}")))
}

fn put_meta(connection: &Connection, name: &str, value: &str) -> Result<(), StoreError> {
    connection.execute("INSERT INTO meta (name, value) VALUES (?1, ?2)", (name, value)).map(|_| ()).map_err(engine)
}

/// The folder's log and the key that is to sign it must be the same log's.
fn check_origin(dir: &Path, connection: &Connection, options: &SqliteOptions) -> Result<(), StoreError> {
    let kept: String =
        connection.query_row("SELECT value FROM meta WHERE name = 'origin'", [], |row| row.get(0)).map_err(engine)?;
    if kept != options.origin || kept != options.signer.name() {
        let (asked, signer) = (&options.origin, options.signer.name());
        let detail =
            format!("its log is {kept}, asked for is {asked} signed by {signer}; use the log's own name and key");
        return Err(folder::folder(dir, detail));
    }
    Ok(())
}

/// Every kept dictionary and the newest; a dictionary that is not yet kept is added as the newest.
fn dictionaries(connection: &Connection, new: Option<Vec<u8>>) -> Result<(Codecs, Codec), StoreError> {
    const WHAT: &str = "the dictionaries";
    let mut newest = Codec::new(0, Vec::new());
    let mut codecs = Codecs::from([(0, newest.clone())]);
    let mut known = false;
    {
        let mut statement =
            connection.prepare("SELECT version, data FROM dictionary ORDER BY version").map_err(engine)?;
        let mut rows = statement.query([]).map_err(engine)?;
        while let Some(row) = rows.next().map_err(engine)? {
            let version: u32 = row.get(0).map_err(engine)?;
            let bytes = pack::open(read::blob(row, 1, WHAT)?, &[&version.to_le_bytes()], WHAT)?;
            known |= new.as_deref() == Some(bytes);
            newest = Codec::new(version, bytes.to_vec());
            codecs.insert(version, newest.clone());
        }
    }
    if let Some(bytes) = new.filter(|bytes| !known && !bytes.is_empty()) {
        let version = newest.version() + 1;
        let mut data = bytes.clone();
        pack::close(&mut data, &[&version.to_le_bytes()]);
        connection
            .execute("INSERT INTO dictionary (version, data) VALUES (?1, ?2)", (version, data))
            .map_err(engine)?;
        newest = Codec::new(version, bytes);
        codecs.insert(version, newest.clone());
    }
    Ok((codecs, newest))
}
