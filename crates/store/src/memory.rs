//! The naive model: every rule of the contract in its most direct form, kept in maps in memory.
//!
//! It is the oracle beside the real engine and the store of other crates' tests. It scans, copies and recomputes
//! (each [`Store::publish`] hashes the whole log again); nothing in it is meant to be fast.
//!
//! What must hold: one lock around everything, so each call sees and leaves a whole state.

use std::{
    collections::BTreeMap,
    ops::Bound,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use bytes::Bytes;
use sha2::{Digest, Sha256};
use tsumugi_kernel::FactKey;
use tsumugi_ledger::{
    Checkpoint, Hash, Label, LedgerError, MapEntry, MapPath, Signer, SparseMap, chain, empty_root, leaf_hash, map,
    node_hash,
};

use crate::{
    contract::{
        Answer, Batch, CommitError, Committed, Expectation, LeafPlace, NewVersion, PackedBody, Point,
        PublishedCheckpoint, ShelfPage, ShelfScan, State, Status, Store, StoreError, StoredFact, StoredLeaf, Table,
    },
    rules,
};

/// A store that vanishes with the process.
pub struct MemoryStore {
    signer: Signer,
    origin: String,
    next_number: AtomicU64,
    model: Mutex<Model>,
}

#[derive(Default)]
struct Model {
    point: Point,
    originals: BTreeMap<Hash, Bytes>,
    /// Versions of a fact, oldest first: version n stands at n - 1.
    facts: BTreeMap<FactKey, Vec<StoredFact>>,
    rows: BTreeMap<(Table, Vec<u8>), Bytes>,
    log: Vec<Bytes>,
    /// Indexes in the log and the head, by label.
    chains: BTreeMap<Label, (Vec<u64>, Hash)>,
    events: Vec<(String, Bytes)>,
    published: Option<Published>,
}

struct Published {
    checkpoint: PublishedCheckpoint,
    /// The map's entries at that checkpoint.
    entries: Vec<MapEntry>,
}

impl MemoryStore {
    /// An empty store whose checkpoints carry `origin` and are signed by `signer`.
    #[must_use]
    pub fn new(signer: Signer, origin: String) -> Self {
        Self { signer, origin, next_number: AtomicU64::new(1), model: Mutex::default() }
    }

    fn model(&self) -> MutexGuard<'_, Model> {
        self.model.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn publish_now(&self) -> Result<PublishedCheckpoint, StoreError> {
        let mut model = self.model();
        let size = model.log.len() as u64;
        if let Some(published) = &model.published
            && published.checkpoint.checkpoint.size == size
        {
            return Ok(published.checkpoint.clone());
        }
        let mut entries = model.entries();
        let checkpoint = Checkpoint {
            origin: self.origin.clone(),
            size,
            root: root(&model.leaf_hashes()),
            map_root: map::root_of(&mut entries),
        };
        let note = checkpoint.sign(&self.signer).map_err(ledger)?;
        let checkpoint = PublishedCheckpoint { checkpoint, note };
        model.published = Some(Published { checkpoint: checkpoint.clone(), entries });
        Ok(checkpoint)
    }
}

impl Model {
    fn newest(&self, key: &FactKey) -> u32 {
        self.facts.get(key).and_then(|versions| versions.last()).map_or(0, |newest| newest.version)
    }

    fn holds(&self, expectation: &Expectation) -> bool {
        match expectation {
            Expectation::Version(key, version) => self.newest(key) == *version,
            Expectation::Row(table, key, value) => {
                self.rows.get(&(*table, key.clone())).map(|found| &found[..]) == value.as_deref()
            }
        }
    }

    /// Every check that needs the stored state, in the order that the contract's answers name.
    fn check(&self, batch: &Batch) -> Result<(), CommitError> {
        rules::check(batch)?;
        if let Some(index) = batch.expect.iter().position(|expectation| !self.holds(expectation)) {
            return Err(CommitError::Conflict(index));
        }
        let brought: Vec<Hash> = batch.originals.iter().map(|bytes| Sha256::digest(bytes).into()).collect();
        let known = |hash: &Hash| brought.contains(hash) || self.originals.contains_key(hash);
        if !batch.versions.iter().filter_map(|version| version.origin).all(|hash| known(&hash)) {
            return Err(CommitError::Batch(rules::NO_ORIGINAL));
        }
        let mut newest: BTreeMap<FactKey, u32> = BTreeMap::new();
        for version in &batch.versions {
            let newest = newest.entry(version.key).or_insert_with(|| self.newest(&version.key));
            if version.version != *newest + 1 {
                return Err(CommitError::Batch(rules::NOT_NEXT));
            }
            *newest += 1;
        }
        Ok(())
    }

    fn commit(&mut self, batch: Batch) -> Result<Committed, CommitError> {
        self.check(&batch)?;
        self.point = Point(self.point.0 + 1);
        for bytes in batch.originals {
            self.originals.insert(Sha256::digest(&bytes).into(), bytes);
        }
        for version in batch.versions {
            let since = self.point;
            self.facts.entry(version.key).or_default().push(stored(version, since));
        }
        for row in batch.rows {
            match row.value {
                Some(value) => self.rows.insert((row.table, row.key), value.into()),
                None => self.rows.remove(&(row.table, row.key)),
            };
        }
        let mut leaves = Vec::new();
        for draft in batch.leaves {
            let label = draft.label;
            let index = self.log.len() as u64;
            let (indexes, head) = self.chains.entry(label).or_insert((Vec::new(), chain::START));
            let number = indexes.len() as u64 + 1;
            let bytes = draft.placed(number, *head).encode();
            let hash = leaf_hash(&bytes);
            *head = chain::next(&label, number, head, &hash);
            indexes.push(index);
            self.log.push(bytes.into());
            leaves.push(LeafPlace { index, number, hash });
        }
        self.events.extend(batch.events.into_iter().map(|event| (event.topic.to_owned(), event.payload.into())));
        Ok(Committed { point: self.point, leaves })
    }

    fn shelf(&self, scan: ShelfScan) -> ShelfPage {
        let mut page = ShelfPage::default();
        let mut bytes = 0;
        for (key, versions) in &self.facts {
            let place = (key.kind, key.number);
            if key.citizen != scan.citizen
                || scan.kind.is_some_and(|kind| kind != key.kind)
                || scan.after.is_some_and(|after| place <= after)
            {
                continue;
            }
            let wanted = |fact: &&StoredFact| scan.tombstones || fact.state == State::Live;
            let Some(fact) = at(versions, scan.at).filter(wanted) else { continue };
            if bytes >= scan.most_bytes.max(1) {
                page.next = page.facts.last().map(|last| (last.key.kind, last.key.number));
                return page;
            }
            bytes += fact.values.len() + fact.packed.bytes.len();
            page.facts.push(fact.clone());
        }
        page
    }

    fn leaf(&self, index: u64) -> Option<StoredLeaf> {
        let bytes = self.log.get(usize::try_from(index).ok()?)?.clone();
        Some(StoredLeaf { index, bytes })
    }

    fn leaf_hashes(&self) -> Vec<Hash> {
        self.log.iter().map(|bytes| leaf_hash(bytes)).collect()
    }

    fn entries(&self) -> Vec<MapEntry> {
        self.chains
            .iter()
            .map(|(label, (indexes, head))| MapEntry { label: *label, count: indexes.len() as u64, head: *head })
            .collect()
    }

    fn map_path(&self, label: Label) -> Result<(PublishedCheckpoint, MapPath), StoreError> {
        let published = self.published.as_ref().ok_or_else(|| StoreError::Engine("nothing is published".into()))?;
        let entries: Vec<_> = published.entries.iter().map(|entry| (entry.label, entry.count, entry.head)).collect();
        let nothing = |_| Ok(Vec::new());
        let mut map = SparseMap::new().with_cached_members(usize::MAX);
        map.update(&nothing, &entries).map_err(ledger)?;
        let path = map.path(&nothing, label).map_err(ledger)?;
        Ok((published.checkpoint.clone(), path))
    }

    /// The hashes of a tile: the roots over each full run of 256^level leaves among the published ones.
    fn tile(&self, level: u8, index: u64, width: u16) -> Option<Vec<Hash>> {
        let published = self.published.as_ref()?.checkpoint.checkpoint.size;
        let run = 256_u64.checked_pow(u32::from(level))?;
        let first = index.checked_mul(256)?;
        let end = first.checked_add(u64::from(width))?;
        if width == 0 || width > 256 || end.checked_mul(run)? > published {
            return None;
        }
        let hashes = self.leaf_hashes();
        let run = usize::try_from(run).ok()?;
        let (first, end) = (usize::try_from(first).ok()?, usize::try_from(end).ok()?);
        Some((first..end).map(|place| root(&hashes[place * run..(place + 1) * run])).collect())
    }
}

/// RFC 9162 section 2.1.1, word for word.
fn root(hashes: &[Hash]) -> Hash {
    match hashes {
        [] => empty_root(),
        [hash] => *hash,
        _ => {
            let split = hashes.len().next_power_of_two() / 2;
            node_hash(&root(&hashes[..split]), &root(&hashes[split..]))
        }
    }
}

fn at(versions: &[StoredFact], point: Point) -> Option<&StoredFact> {
    versions.iter().rev().find(|version| version.since <= point)
}

fn stored(version: NewVersion, since: Point) -> StoredFact {
    StoredFact {
        key: version.key,
        version: version.version,
        state: version.state,
        instant: version.instant,
        since,
        origin: version.origin,
        values: version.values.into(),
        packed: PackedBody { bytes: version.body.into(), codec: None },
    }
}

fn ledger(error: LedgerError) -> StoreError {
    StoreError::Damaged { what: "the ledger", detail: error.to_string() }
}

/// Every call is over before its future is made: a model does not wait.
fn ready<T: Send + 'static, E: Send + 'static>(result: Result<T, E>) -> Answer<'static, T, E> {
    Box::pin(std::future::ready(result))
}

impl Store for MemoryStore {
    fn reserve(&self, count: u32) -> u64 {
        self.next_number.fetch_add(u64::from(count), Ordering::SeqCst)
    }

    fn commit(&self, batch: Batch) -> Answer<'_, Committed, CommitError> {
        ready(self.model().commit(batch))
    }

    fn fact(&self, key: FactKey, point: Point) -> Answer<'_, Option<StoredFact>> {
        ready(Ok(self.model().facts.get(&key).and_then(|versions| at(versions, point)).cloned()))
    }

    fn version(&self, key: FactKey, version: u32) -> Answer<'_, Option<StoredFact>> {
        let model = self.model();
        let found = model.facts.get(&key).and_then(|versions| versions.iter().find(|one| one.version == version));
        ready(Ok(found.cloned()))
    }

    fn history(&self, key: FactKey) -> Answer<'_, Vec<StoredFact>> {
        ready(Ok(self
            .model()
            .facts
            .get(&key)
            .map(|versions| versions.iter().rev().cloned().collect())
            .unwrap_or_default()))
    }

    fn shelf(&self, scan: ShelfScan) -> Answer<'_, ShelfPage> {
        ready(Ok(self.model().shelf(scan)))
    }

    fn original(&self, hash: Hash) -> Answer<'_, Option<Bytes>> {
        ready(Ok(self.model().originals.get(&hash).cloned()))
    }

    fn row(&self, table: Table, key: &[u8]) -> Answer<'_, Option<Bytes>> {
        ready(Ok(self.model().rows.get(&(table, key.to_vec())).cloned()))
    }

    fn rows(&self, table: Table, prefix: &[u8], after: Option<&[u8]>, most: usize) -> Answer<'_, Vec<(Bytes, Bytes)>> {
        let model = self.model();
        let start = match after {
            Some(after) if after >= prefix => Bound::Excluded((table, after.to_vec())),
            _ => Bound::Included((table, prefix.to_vec())),
        };
        let found = model
            .rows
            .range((start, Bound::Unbounded))
            .take_while(|((of, key), _)| *of == table && key.starts_with(prefix))
            .take(most)
            .map(|((_, key), value)| (Bytes::copy_from_slice(key), value.clone()))
            .collect();
        ready(Ok(found))
    }

    fn leaves_of(&self, label: Label, from: u64, to: u64) -> Answer<'_, Vec<StoredLeaf>> {
        let model = self.model();
        let numbered = model.chains.get(&label).map(|(indexes, _)| &indexes[..]).unwrap_or_default();
        let found = (1..).zip(numbered).filter(|(number, _)| (from..=to).contains(number));
        ready(Ok(found.filter_map(|(_, index)| model.leaf(*index)).collect()))
    }

    fn chain(&self, label: Label) -> Answer<'_, Option<(u64, Hash)>> {
        ready(Ok(self.model().chains.get(&label).map(|(indexes, head)| (indexes.len() as u64, *head))))
    }

    fn log(&self, from: u64, to: u64) -> Answer<'_, Vec<StoredLeaf>> {
        let model = self.model();
        ready(Ok((from..to.min(model.log.len() as u64)).filter_map(|index| model.leaf(index)).collect()))
    }

    fn publish(&self) -> Answer<'_, PublishedCheckpoint> {
        ready(self.publish_now())
    }

    fn checkpoint(&self) -> Answer<'_, Option<PublishedCheckpoint>> {
        ready(Ok(self.model().published.as_ref().map(|published| published.checkpoint.clone())))
    }

    fn tile(&self, level: u8, index: u64, width: u16) -> Answer<'_, Option<Vec<Hash>>> {
        ready(Ok(self.model().tile(level, index, width)))
    }

    fn map_path(&self, label: Label) -> Answer<'_, (PublishedCheckpoint, MapPath)> {
        // Before the first checkpoint there is no map: the first one is made now.
        let first = self.model().published.is_none();
        if first && let Err(error) = self.publish_now() {
            return ready(Err(error));
        }
        ready(self.model().map_path(label))
    }

    fn events(&self, after: u64, most: usize) -> Answer<'_, Vec<(u64, String, Bytes)>> {
        let model = self.model();
        let numbered = (1..).zip(&model.events).filter(|(number, _)| *number > after).take(most);
        ready(Ok(numbered.map(|(number, (topic, payload))| (number, topic.clone(), payload.clone())).collect()))
    }

    fn status(&self) -> Status {
        let model = self.model();
        Status {
            point: model.point,
            leaves: model.log.len() as u64,
            published: model.published.as_ref().map_or(0, |published| published.checkpoint.checkpoint.size),
            waiting: 0,
        }
    }
}
