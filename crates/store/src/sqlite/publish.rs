//! The publisher: a thread that integrates committed leaves into tree and map and signs checkpoints.
//!
//! All hashing and all reading happen here, with a connection of its own; the writer only puts finished rows, in small
//! parts between its groups, and at last one row that makes them count (see [`super::chains`]).
//!
//! What must hold: tree, map and epoch here are those of the newest checkpoint; after any failure they are forgotten
//! and read back from the tables, where they must give the roots that the checkpoint states.

use std::{
    collections::BTreeSet,
    sync::{Arc, PoisonError},
};

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};
use tsumugi_ledger::{Checkpoint, Label, LedgerError, MapNode, MapPath, SparseMap, Tree};

use super::{
    CommitError, PublishedCheckpoint, Shared, StoreError, chains,
    failure::{damaged, engine},
    recover,
    tail::Pending,
    tiles::{self, NODES, Tiles},
    writer::{Job, NewCheckpoint, Stage},
};

/// Rows in one part: some milliseconds of the writer's time.
const PART: usize = 1_024;
const LEDGER: &str = "the ledger";

/// What is asked of the publisher.
pub enum Request {
    /// A checkpoint over everything committed.
    Publish(oneshot::Sender<Result<PublishedCheckpoint, StoreError>>),
    /// The path of a label in the newest checkpoint's map.
    Path(Label, oneshot::Sender<Result<(PublishedCheckpoint, MapPath), StoreError>>),
}

/// The publisher's own state.
pub struct Publisher {
    shared: Arc<Shared>,
    connection: Connection,
    writer: mpsc::Sender<Job>,
    edge: Option<Edge>,
}

/// Tree and map as of the newest checkpoint.
pub struct Edge {
    epoch: u64,
    checkpoint: Option<PublishedCheckpoint>,
    tree: Tree,
    map: SparseMap,
    nodes: Vec<MapNode>,
}

impl Edge {
    /// Reads tree and map and checks them against the checkpoint.
    pub fn load(connection: &Connection, shared: &Shared) -> Result<Self, StoreError> {
        // One snapshot: the checkpoint, its tiles and its buckets belong together.
        let snapshot = connection.unchecked_transaction().map_err(engine)?;
        let (epoch, checkpoint) = match recover::published(&snapshot, &shared.signer)? {
            Some((epoch, checkpoint)) => (epoch, Some(checkpoint)),
            None => (0, None),
        };
        let size = checkpoint.as_ref().map_or(0, |published| published.checkpoint.size);
        let tree = Tree::restore(size, &Tiles(&snapshot)).map_err(ledger)?;
        let nodes = tiles::nodes(&snapshot)?;
        let map = SparseMap::restore((0..=u16::MAX).zip(nodes.iter().copied()));
        if let Some(published) = &checkpoint {
            if tree.root() != published.checkpoint.root {
                return Err(damaged(LEDGER, "the tree does not have the root of its checkpoint"));
            }
            if map.root() != published.checkpoint.map_root {
                return Err(damaged(LEDGER, "the map does not have the root of its checkpoint"));
            }
        }
        Ok(Self { epoch, checkpoint, tree, map, nodes })
    }
}

impl Publisher {
    /// A publisher that starts from `edge`.
    pub const fn new(shared: Arc<Shared>, connection: Connection, writer: mpsc::Sender<Job>, edge: Edge) -> Self {
        Self { shared, connection, writer, edge: Some(edge) }
    }

    /// Works until everyone who could ask is gone.
    pub fn run(mut self, mut requests: mpsc::Receiver<Request>) {
        while let Some(request) = requests.blocking_recv() {
            // Whoever no longer waits does not need the answer.
            match request {
                Request::Publish(sender) => drop(sender.send(self.publish())),
                Request::Path(label, sender) => drop(sender.send(self.path(label))),
            }
        }
    }

    fn publish(&mut self) -> Result<PublishedCheckpoint, StoreError> {
        let mut edge = self.edge()?;
        let pending = self.shared.log.read().unwrap_or_else(PoisonError::into_inner).tail.pending();
        if pending.hashes.is_empty()
            && let Some(checkpoint) = &edge.checkpoint
        {
            let checkpoint = checkpoint.clone();
            self.edge = Some(edge);
            return Ok(checkpoint);
        }
        let new = self.integrate(&mut edge, &pending)?;
        let published = new.published.clone();
        edge.epoch = new.epoch;
        self.send(Stage::Checkpoint(Box::new(new)))?;
        edge.checkpoint = Some(published.clone());
        // INVARIANT: only an edge whose checkpoint is committed is kept; every early return above forgets it.
        self.edge = Some(edge);
        metrics::counter!("tsumugi_store_checkpoints").increment(1);
        Ok(published)
    }

    fn integrate(&self, edge: &mut Edge, pending: &Pending) -> Result<NewCheckpoint, StoreError> {
        for hash in &pending.hashes {
            edge.tree.append(*hash);
        }
        let changes: Vec<_> = pending.chains.iter().map(|(label, chain)| (*label, chain.count, chain.head)).collect();
        let changed = edge.map.update(&self.buckets(edge.epoch), &changes).map_err(ledger)?;
        let mut rows = BTreeSet::new();
        for (bucket, node) in changed {
            edge.nodes[usize::from(bucket)] = node;
            rows.insert(usize::from(bucket) / NODES);
        }
        self.stage_chains(edge.epoch, pending)?;
        let checkpoint = Checkpoint {
            origin: self.shared.origin.clone(),
            size: edge.tree.size(),
            root: edge.tree.root(),
            map_root: edge.map.root(),
        };
        let note = checkpoint.sign(&self.shared.signer).map_err(ledger)?;
        Ok(NewCheckpoint {
            epoch: edge.epoch + 1,
            published: PublishedCheckpoint { checkpoint, note },
            tiles: edge.tree.drain_tiles().iter().map(tiles::row).collect(),
            buckets: rows.into_iter().map(|place| tiles::bucket_row(&edge.nodes, place)).collect(),
        })
    }

    /// Writes the chains of the coming epoch ahead, in parts.
    fn stage_chains(&self, epoch: u64, pending: &Pending) -> Result<(), StoreError> {
        let (mut chains, mut places) = (Vec::new(), Vec::new());
        for (label, chain) in &pending.chains {
            let now = chains::at(&self.connection, label, epoch)?.map(|head| (epoch, head));
            chains.push((*label, chains::Slots::write(label, now, epoch + 1, (chain.count, chain.head))));
            for (number, place) in (chain.first_number()..=chain.count).zip(&chain.places) {
                places.push((*label, number, *place));
                if chains.len() + places.len() >= PART {
                    self.send(Stage::Chains {
                        chains: std::mem::take(&mut chains),
                        places: std::mem::take(&mut places),
                    })?;
                }
            }
        }
        if chains.is_empty() && places.is_empty() { Ok(()) } else { self.send(Stage::Chains { chains, places }) }
    }

    fn path(&mut self, label: Label) -> Result<(PublishedCheckpoint, MapPath), StoreError> {
        let mut edge = self.edge()?;
        if edge.checkpoint.is_none() {
            // Before the first checkpoint there is no map: the first one is made now.
            self.edge = Some(edge);
            self.publish()?;
            edge = self.edge()?;
        }
        let checkpoint = edge.checkpoint.clone().ok_or_else(|| StoreError::Engine("nothing is published".into()))?;
        let path = edge.map.path(&self.buckets(edge.epoch), label).map_err(ledger)?;
        self.edge = Some(edge);
        Ok((checkpoint, path))
    }

    fn edge(&mut self) -> Result<Edge, StoreError> {
        match self.edge.take() {
            Some(edge) => Ok(edge),
            None => Edge::load(&self.connection, &self.shared),
        }
    }

    fn buckets(&self, epoch: u64) -> impl Fn(u16) -> Result<Vec<(Label, u64, super::Hash)>, LedgerError> {
        move |bucket| {
            chains::bucket(&self.connection, bucket, epoch).map_err(|error| LedgerError::Source(Box::new(error)))
        }
    }

    fn send(&self, stage: Stage) -> Result<(), StoreError> {
        let (sender, answer) = oneshot::channel();
        let closed = || StoreError::Engine("the writer has stopped".into());
        self.writer.blocking_send(Job::Stage(stage, sender)).map_err(|_| closed())?;
        match answer.blocking_recv() {
            Ok(Ok(())) => Ok(()),
            Ok(Err(CommitError::Unknown(detail))) => {
                Err(StoreError::Engine(format!("whether the checkpoint was written is unknown: {detail}")))
            }
            Ok(Err(error)) => Err(StoreError::Engine(format!("the checkpoint was not written: {error}"))),
            Err(_) => Err(closed()),
        }
    }
}

/// The ledger's errors in the contract's words.
fn ledger(error: LedgerError) -> StoreError {
    match error {
        LedgerError::Source(source) => match source.downcast::<StoreError>() {
            Ok(error) => *error,
            Err(source) => StoreError::Engine(source.to_string()),
        },
        error => damaged(LEDGER, error),
    }
}
