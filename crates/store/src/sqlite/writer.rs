//! The one writer: a thread that takes what waits, puts it in one transaction, and answers after COMMIT.
//!
//! There is no timer. While one COMMIT waits for the disk the next batches gather, so groups grow with the load by
//! themselves, and a lone batch never waits for company.
//!
//! What must hold:
//! - nobody is answered before COMMIT has returned, and readers know the leaves before the answer is sent;
//! - a refused batch leaves nothing in the group's transaction;
//! - a failure before COMMIT takes nothing with it but the group ("refused"); a failure of COMMIT makes the writer read
//!   its memory back from the tables ("unknown").

use std::sync::{Arc, PoisonError, atomic::Ordering};

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};
use tsumugi_kernel::edge::Stopwatch;
use tsumugi_ledger::Label;

use super::{
    CommitError, Committed, PublishedCheckpoint, Shared, StoreError,
    apply::{Group, Marks, Stop, put_state},
    chains::HeadCache,
    failure::{self, refused},
    faults::CommitFault,
    pack::signed,
    prepare::Prepared,
    publish::Request,
    recover::{Recovered, recover},
    tail::NewLeaf,
    wal::Wal,
};

/// Most batches in one transaction.
const GROUP_MOST: usize = 256;
/// Most bytes in one transaction, about.
const GROUP_BYTES: usize = 16 * 1024 * 1024;
/// Numbers that are promised ahead, so that numbers given out are never given again after a restart.
const LEASE: u64 = 1 << 20;
/// Leaves without a checkpoint at which one is made unasked: bounds the tail in memory and the time to open.
const TAIL_MOST: usize = 1 << 16;

/// What waits for the writer.
pub enum Job {
    /// A batch.
    Batch(Box<Prepared>, oneshot::Sender<Result<Committed, CommitError>>),
    /// A part of a checkpoint.
    Stage(Stage, oneshot::Sender<Result<(), CommitError>>),
}

/// A part of a checkpoint, prepared by the publisher.
pub enum Stage {
    /// Chains for the coming epoch, and indexes of their leaves as (label, number, index).
    Chains { chains: Vec<(Label, Vec<u8>)>, places: Vec<(Label, u64, u64)> },
    /// The checkpoint itself, which makes the coming epoch the present one.
    Checkpoint(Box<NewCheckpoint>),
}

/// A checkpoint's last rows.
pub struct NewCheckpoint {
    pub epoch: u64,
    pub published: PublishedCheckpoint,
    pub tiles: Vec<(i64, Vec<u8>)>,
    pub buckets: Vec<(i64, Vec<u8>)>,
}

/// The writer's own state.
pub struct Writer {
    shared: Arc<Shared>,
    connection: Connection,
    marks: Marks,
    ceiling: u64,
    heads: HeadCache,
    wal: Wal,
    publisher: mpsc::WeakSender<Request>,
    /// Why nothing can be written until the store is opened again.
    broken: Option<String>,
}

enum Work {
    Batch(Box<Prepared>),
    Stage(Stage),
}

enum Waiting {
    Batch(oneshot::Sender<Result<Committed, CommitError>>),
    Stage(oneshot::Sender<Result<(), CommitError>>),
}

impl Waiting {
    // Whoever no longer waits does not need the answer: their batch is there all the same.
    fn answer(self, outcome: Result<Committed, CommitError>) {
        match self {
            Self::Batch(sender) => drop(sender.send(outcome)),
            Self::Stage(sender) => drop(sender.send(outcome.map(|_| ()))),
        }
    }
}

#[derive(Default)]
struct Done {
    outcomes: Vec<Result<Committed, CommitError>>,
    leaves: Vec<NewLeaf>,
    checkpoint: Option<PublishedCheckpoint>,
}

impl Writer {
    /// A writer on what was recovered.
    pub fn new(
        shared: Arc<Shared>,
        connection: Connection,
        (marks, ceiling): (Marks, u64),
        wal: Wal,
        publisher: mpsc::WeakSender<Request>,
    ) -> Self {
        let mut writer =
            Self { shared, connection, marks, ceiling, heads: HeadCache::default(), wal, publisher, broken: None };
        // Numbers may be given out and the process may end before any commit: the promise must be kept before. On a full
        // disk the store still opens for reading, and every commit that could use a number renews the promise itself.
        let promised = ceiling + LEASE;
        match put_state(&writer.connection, marks.point, promised) {
            Ok(()) => writer.ceiling = promised,
            Err(_) => tracing::warn!("the store opens, but cannot write: the disk is full or read-only"),
        }
        writer
    }

    /// Works until everyone who could send is gone.
    pub fn run(mut self, mut jobs: mpsc::Receiver<Job>) {
        while let Some(first) = jobs.blocking_recv() {
            let mut works = Vec::new();
            let mut waiting = Vec::new();
            let mut bytes = 0;
            let mut next = Some(first);
            while let Some(job) = next {
                match job {
                    Job::Batch(batch, sender) => {
                        bytes += batch.bytes();
                        works.push(Work::Batch(batch));
                        waiting.push(Waiting::Batch(sender));
                    }
                    Job::Stage(stage, sender) => {
                        works.push(Work::Stage(stage));
                        waiting.push(Waiting::Stage(sender));
                    }
                }
                next = if works.len() < GROUP_MOST && bytes < GROUP_BYTES { jobs.try_recv().ok() } else { None };
            }
            let batches = waiting.iter().filter(|one| matches!(one, Waiting::Batch(_))).count();
            self.shared.waiting.fetch_sub(batches as u64, Ordering::Relaxed);
            self.group(works, waiting);
            self.wal.tend(&self.connection);
        }
        // Nobody can ask for numbers any more, so those that were promised but not given out are given back.
        let next = self.shared.numbers.load(Ordering::SeqCst);
        if self.broken.is_none() && put_state(&self.connection, self.marks.point, next).is_err() {
            tracing::debug!("the promised numbers were not given back; there will be a gap");
        }
        self.wal.finish(&self.connection);
    }

    fn group(&mut self, works: Vec<Work>, waiting: Vec<Waiting>) {
        let watch = Stopwatch::start();
        metrics::histogram!("tsumugi_store_group_batches").record(waiting.len() as f64);
        match self.transaction(works) {
            Ok(done) => {
                let tail = self.publish_memory(done.leaves, done.checkpoint);
                for (waiting, outcome) in waiting.into_iter().zip(done.outcomes) {
                    waiting.answer(outcome);
                }
                if tail >= TAIL_MOST
                    && let Some(publisher) = self.publisher.upgrade()
                {
                    let (sender, _unheard) = oneshot::channel();
                    // A full queue means that a checkpoint is on its way.
                    let _sent = publisher.try_send(Request::Publish(sender));
                }
            }
            Err(error) => {
                tracing::warn!(%error, batches = waiting.len(), "a group was not written");
                waiting.into_iter().for_each(|waiting| waiting.answer(Err(again(&error))));
            }
        }
        metrics::histogram!("tsumugi_store_group_seconds").record(watch.elapsed().as_secs_f64());
    }

    /// Makes what was committed known to readers; gives the length of the tail.
    fn publish_memory(&self, leaves: Vec<NewLeaf>, checkpoint: Option<PublishedCheckpoint>) -> usize {
        let tail = if leaves.is_empty() && checkpoint.is_none() {
            0
        } else {
            let mut log = self.shared.log.write().unwrap_or_else(PoisonError::into_inner);
            leaves.iter().for_each(|leaf| log.tail.push(leaf));
            if let Some(checkpoint) = checkpoint {
                log.tail.cover(checkpoint.checkpoint.size);
                log.published = Some(checkpoint);
            }
            log.tail.len()
        };
        self.shared.point.store(self.marks.point, Ordering::Release);
        tail
    }

    fn transaction(&mut self, works: Vec<Work>) -> Result<Done, CommitError> {
        if let Some(broken) = &self.broken {
            return Err(CommitError::Refused(broken.clone()));
        }
        let before = (self.marks, self.ceiling);
        let result = self.put(works);
        if let Err(Failure::Before(_)) = &result {
            self.roll_back();
            (self.marks, self.ceiling) = before;
            self.heads.clear();
        }
        match result {
            Ok(done) => Ok(done),
            Err(Failure::Before(error)) => Err(refused(error)),
            Err(Failure::Commit(error)) => {
                self.roll_back();
                self.read_back();
                Err(error)
            }
        }
    }

    fn put(&mut self, works: Vec<Work>) -> Result<Done, Failure> {
        let shared = Arc::clone(&self.shared);
        self.statement("BEGIN IMMEDIATE").map_err(Failure::Before)?;
        let tail_head = move |label: &Label| {
            let log = shared.log.read().unwrap_or_else(PoisonError::into_inner);
            log.tail.chain(label).map(|chain| (chain.count, chain.head))
        };
        let mut done = Done::default();
        let mut group = Group {
            connection: &self.connection,
            marks: &mut self.marks,
            heads: &mut self.heads,
            tail_head: &tail_head,
            leaves: Vec::new(),
        };
        let mut changed = false;
        for work in works {
            let outcome = match work {
                Work::Batch(batch) => group.put(*batch),
                Work::Stage(Stage::Chains { chains, places }) => put_chains(group.connection, &chains, &places),
                Work::Stage(Stage::Checkpoint(new)) => {
                    let outcome = put_checkpoint(group.connection, &new);
                    done.checkpoint = Some(new.published);
                    outcome
                }
            };
            done.outcomes.push(match outcome {
                Ok(committed) => {
                    changed = true;
                    Ok(committed)
                }
                Err(Stop::Refuse(error)) => Err(error),
                Err(Stop::Engine(error)) => return Err(Failure::Before(error)),
            });
        }
        done.leaves = group.leaves;
        if !changed {
            self.roll_back();
            return Ok(done);
        }
        // INVARIANT: every number that these batches use was given out before now, so it lies below the new ceiling.
        let next = self.shared.numbers.load(Ordering::SeqCst);
        if next + LEASE / 2 > self.ceiling {
            self.ceiling = next + LEASE;
        }
        match put_state(&self.connection, self.marks.point, self.ceiling) {
            Ok(()) => {}
            Err(Stop::Engine(error)) => return Err(Failure::Before(error)),
            Err(Stop::Refuse(error)) => return Err(Failure::Commit(error)),
        }
        self.commit().map_err(Failure::Commit)?;
        Ok(done)
    }

    fn commit(&self) -> Result<(), CommitError> {
        match self.shared.faults.take() {
            None => {
                let commit = self.connection.prepare_cached("COMMIT").and_then(|mut commit| commit.execute([]));
                commit.map(|_| ()).map_err(|error| failure::commit(&error))
            }
            Some(CommitFault::Fails) => Err(CommitError::Unknown("a fault was asked for".into())),
            Some(CommitFault::FailsButPersists) => {
                let _there = self.statement("COMMIT");
                Err(CommitError::Unknown("a fault was asked for".into()))
            }
        }
    }

    fn statement(&self, sql: &str) -> Result<(), StoreError> {
        let mut statement = self.connection.prepare_cached(sql).map_err(failure::engine)?;
        statement.execute([]).map(|_| ()).map_err(failure::engine)
    }

    fn roll_back(&self) {
        if !self.connection.is_autocommit()
            && let Err(error) = self.statement("ROLLBACK")
        {
            tracing::error!(%error, "a transaction could not be rolled back");
        }
    }

    /// After a failed COMMIT: what is there is what counts.
    fn read_back(&mut self) {
        self.heads.clear();
        match recover(&self.connection, &self.shared.signer) {
            Ok(Recovered { marks, ceiling, log }) => {
                (self.marks, self.ceiling) = (marks, ceiling);
                *self.shared.log.write().unwrap_or_else(PoisonError::into_inner) = log;
                self.shared.point.store(marks.point, Ordering::Release);
            }
            Err(error) => {
                self.broken =
                    Some(format!("after a failed commit the store could not be read back: {error}; open it again"));
            }
        }
    }
}

enum Failure {
    /// Before COMMIT: nothing is there.
    Before(StoreError),
    /// In COMMIT.
    Commit(CommitError),
}

/// One failure answers every batch of its group.
fn again(error: &CommitError) -> CommitError {
    match error {
        CommitError::Unknown(detail) => CommitError::Unknown(detail.clone()),
        CommitError::Refused(detail) => CommitError::Refused(detail.clone()),
        other => CommitError::Refused(other.to_string()),
    }
}

fn put_chains(
    connection: &Connection,
    chains: &[(Label, Vec<u8>)],
    places: &[(Label, u64, u64)],
) -> Result<Committed, Stop> {
    let mut statement = connection.prepare_cached("INSERT OR REPLACE INTO chain (label, data) VALUES (?1, ?2)")?;
    for (label, data) in chains {
        statement.execute((&label.0[..], data))?;
    }
    let mut statement =
        connection.prepare_cached("INSERT OR REPLACE INTO leaf_of (label, number, place) VALUES (?1, ?2, ?3)")?;
    for (label, number, place) in places {
        statement.execute((&label.0[..], signed(*number), signed(*place)))?;
    }
    Ok(Committed::default())
}

fn put_checkpoint(connection: &Connection, new: &NewCheckpoint) -> Result<Committed, Stop> {
    let mut statement = connection.prepare_cached("INSERT OR REPLACE INTO tile (place, data) VALUES (?1, ?2)")?;
    for row in &new.tiles {
        statement.execute((row.0, &row.1))?;
    }
    let mut statement = connection.prepare_cached("INSERT OR REPLACE INTO bucket (place, data) VALUES (?1, ?2)")?;
    for row in &new.buckets {
        statement.execute((row.0, &row.1))?;
    }
    connection
        .prepare_cached("INSERT OR REPLACE INTO published (one, epoch, note) VALUES (1, ?1, ?2)")?
        .execute((signed(new.epoch), &new.published.note))?;
    Ok(Committed::default())
}
