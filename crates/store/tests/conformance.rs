//! One suite over both engines: seeded workloads, every answer compared, proofs checked with the ledger's own checks.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests stop at the first surprise")]

mod common;

use std::sync::Arc;

use bytes::Bytes;
use common::{CITIZENS, Dice, NUMBERS, TABLES, close, create, everything, key, label, open, signer};
use sha2::{Digest, Sha256};
use tsumugi_kernel::{CitizenId, Instant};
use tsumugi_ledger::{
    Checkpoint, DraftLeaf, Hash, Leaf, LedgerError, MapEntry, chain, consistency_proof, inclusion_proof, leaf_hash,
    map, verify_consistency, verify_inclusion,
};
use tsumugi_store::{
    Batch, CommitError, Event, Expectation, MemoryStore, NewVersion, Point, PublishedCheckpoint, Row, SqliteStore,
    State, Store,
};

/// What the workload knows, so that most batches fit and some do not.
#[derive(Default)]
struct Plan {
    originals: Vec<Hash>,
    topics: usize,
}

const TOPICS: [&str; 3] = ["document.registered", "access.refused", "people.matched"];

impl Plan {
    async fn batch(&mut self, dice: &mut Dice, model: &MemoryStore) -> Batch {
        let mut batch = Batch::default();
        let citizen = dice.below(CITIZENS) + 1;
        // Sometimes two shelves are one person's; a third one still is nobody's business of the batch.
        if dice.chance(15) {
            batch.joined = vec![CitizenId(citizen), CitizenId(citizen % CITIZENS + 1)];
        }
        if dice.chance(40) {
            let bytes = Bytes::from(dice.bytes(6_000));
            self.originals.push(Sha256::digest(&bytes).into());
            batch.originals.push(bytes);
        }
        for _ in 0..dice.below(4) {
            let another = if batch.joined.is_empty() { 3 } else { 45 };
            let citizen = if dice.chance(another) { citizen % CITIZENS + 1 } else { citizen };
            let citizen = if dice.chance(2) { (citizen + 1) % CITIZENS + 1 } else { citizen };
            let key = key(citizen, dice.below(3), dice.below(NUMBERS) + 1);
            let newest = model.fact(key, Point::NOW).await.unwrap().map_or(0, |fact| fact.version);
            let earlier = batch.versions.iter().filter(|version| version.key == key).count() as u32;
            let off = if dice.chance(4) { dice.below(3) as u32 } else { 1 };
            if dice.chance(70) {
                let wrong = u32::from(dice.chance(6));
                batch.expect.push(Expectation::Version(key, newest + wrong));
            }
            let gone = dice.chance(20);
            batch.versions.push(NewVersion {
                key,
                version: newest + earlier + off,
                state: if gone { State::Gone } else { State::Live },
                instant: Instant(dice.next() as i64 >> 20),
                origin: self.origin(dice),
                values: dice.bytes(60),
                body: if gone { Vec::new() } else { dice.bytes(300) },
            });
        }
        for _ in 0..dice.below(3) {
            let table = TABLES[dice.below(3) as usize];
            let mut key = dice.bytes(3);
            if dice.chance(10) {
                key.insert(0, 0xff);
            }
            if dice.chance(50) {
                let found = model.row(table, &key).await.unwrap().map(|value| value.to_vec());
                let expected = if dice.chance(90) { found } else { Some(dice.bytes(4)) };
                batch.expect.push(Expectation::Row(table, key.clone(), expected));
            }
            batch.rows.push(Row { table, key, value: dice.chance(75).then(|| dice.bytes(40)) });
        }
        for _ in 0..dice.below(3) {
            batch.leaves.push(DraftLeaf { label: label(dice.below(CITIZENS) + 1), body: dice.bytes(50) });
        }
        if dice.chance(20) {
            self.topics += 1;
            batch.events.push(Event { topic: TOPICS[self.topics % 3], payload: dice.bytes(20) });
        }
        batch
    }

    fn origin(&self, dice: &mut Dice) -> Option<Hash> {
        match dice.below(50) {
            0 => Some([9; 32]),
            n if n < 30 && !self.originals.is_empty() => {
                Some(self.originals[dice.below(self.originals.len() as u64) as usize])
            }
            _ => None,
        }
    }
}

async fn same(sqlite: &Arc<SqliteStore>, model: &MemoryStore, seed: u64, plan: &Plan) {
    let ours = everything(&**sqlite, &mut Dice(seed), &plan.originals).await;
    let theirs = everything(model, &mut Dice(seed), &plan.originals).await;
    for (ours, theirs) in ours.lines().zip(theirs.lines()) {
        assert_eq!(ours, theirs, "seed {seed}");
    }
    assert_eq!(ours, theirs, "seed {seed}");
}

async fn workload(seed: u64, steps: usize) {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("store");
    let model = MemoryStore::new(signer(), common::ORIGIN.into());
    let mut sqlite = create(&dir);
    let mut dice = Dice(seed);
    let mut plan = Plan::default();
    let mut checkpoints: Vec<Checkpoint> = Vec::new();
    let (mut accepted, mut refused) = (0, 0);
    let mut numbers = (0, 0);
    for step in 0..steps {
        let batch = plan.batch(&mut dice, &model).await;
        let ours = sqlite.commit(batch.clone()).await;
        let theirs = model.commit(batch).await;
        assert_eq!(format!("{ours:?}"), format!("{theirs:?}"), "seed {seed}, step {step}");
        *if ours.is_ok() { &mut accepted } else { &mut refused } += 1;

        let count = dice.below(3) as u32 + 1;
        for (store, highest) in [(&*sqlite as &dyn Store, &mut numbers.0), (&model, &mut numbers.1)] {
            let first = store.reserve(count);
            assert!(first > *highest, "a number was given twice");
            *highest = first + u64::from(count) - 1;
        }
        if dice.chance(8) {
            let published = published(&sqlite, &model).await;
            check_proofs(&sqlite, &published, checkpoints.last()).await;
            checkpoints.push(published.checkpoint);
        }
        if dice.chance(4) {
            close(sqlite);
            sqlite = open(&dir).unwrap();
        }
        if dice.chance(10) {
            same(&sqlite, &model, dice.next(), &plan).await;
        }
    }
    same(&sqlite, &model, seed, &plan).await;
    assert!(accepted > steps / 3 && refused > steps / 30, "{accepted} batches fitted, {refused} did not");
}

async fn published(sqlite: &SqliteStore, model: &MemoryStore) -> PublishedCheckpoint {
    let (ours, theirs) = (sqlite.publish().await.unwrap(), model.publish().await.unwrap());
    assert_eq!((&ours.checkpoint, &ours.note), (&theirs.checkpoint, &theirs.note));
    assert_eq!(sqlite.publish().await.unwrap().note, ours.note, "nothing new, no new checkpoint");
    ours
}

/// The checkpoint against the leaves themselves, and every kind of proof against the checkpoint.
async fn check_proofs(store: &SqliteStore, published: &PublishedCheckpoint, before: Option<&Checkpoint>) {
    let checkpoint = &published.checkpoint;
    assert_eq!(&Checkpoint::open(&published.note, signer().verifier()).unwrap(), checkpoint);
    let log = store.log(0, u64::MAX).await.unwrap();
    assert_eq!(log.len() as u64, checkpoint.size);

    let tiles = |level, index, width| {
        let found = std::thread::scope(|scope| {
            scope.spawn(|| futures_block_on(store.tile(level, index, width))).join().unwrap()
        });
        found
            .unwrap()
            .ok_or_else(|| LedgerError::Damaged { what: format!("tile {level}/{index}"), detail: "absent".into() })
    };
    for leaf in &log {
        let proof = inclusion_proof(&tiles, checkpoint.size, leaf.index).unwrap();
        verify_inclusion(&checkpoint.root, checkpoint.size, leaf.index, &leaf_hash(&leaf.bytes), &proof).unwrap();
    }
    if let Some(before) = before {
        let proof = consistency_proof(&tiles, before.size, checkpoint.size).unwrap();
        verify_consistency(before.size, &before.root, checkpoint.size, &checkpoint.root, &proof).unwrap();
    }
    let mut entries = Vec::new();
    for citizen in 1..=CITIZENS + 1 {
        let label = label(citizen);
        let leaves = store.leaves_of(label, 1, u64::MAX).await.unwrap();
        let hashes: Vec<Hash> = leaves.iter().map(|leaf| leaf_hash(&leaf.bytes)).collect();
        for (number, leaf) in (1..).zip(&leaves) {
            let decoded = Leaf::decode(&leaf.bytes).unwrap();
            assert_eq!((decoded.label, decoded.number), (label, number));
            assert_eq!(log[leaf.index as usize].bytes, leaf.bytes);
        }
        let state = (!hashes.is_empty()).then(|| (hashes.len() as u64, chain::head(&label, &hashes)));
        assert_eq!(store.chain(label).await.unwrap(), state);
        let (with, path) = store.map_path(label).await.unwrap();
        assert_eq!(with.note, published.note);
        path.verify(label, state, &checkpoint.map_root).unwrap();
        entries.extend(state.map(|(count, head)| MapEntry { label, count, head }));
    }
    assert_eq!(map::root_of(&mut entries), checkpoint.map_root);
}

fn futures_block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

#[tokio::test]
async fn both_engines_answer_alike() {
    for seed in 0..6 {
        workload(seed, 120).await;
    }
}

#[tokio::test]
async fn both_engines_answer_alike_over_many_leaves() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("store");
    let model = MemoryStore::new(signer(), common::ORIGIN.into());
    let mut sqlite = create(&dir);
    let mut last: Option<Checkpoint> = None;
    // Crosses a full tile, and a second level of tiles.
    for round in 0..4_u8 {
        for n in 0..90_u8 {
            let leaves = vec![DraftLeaf { label: label(u64::from(n % 4) + 1), body: vec![round, n] }; 2];
            let batch = Batch { leaves, ..Batch::default() };
            let (ours, theirs) = (sqlite.commit(batch.clone()).await, model.commit(batch).await);
            assert_eq!(format!("{ours:?}"), format!("{theirs:?}"));
        }
        let checkpoint = published(&sqlite, &model).await;
        check_proofs(&sqlite, &checkpoint, last.as_ref()).await;
        last = Some(checkpoint.checkpoint);
        same(&sqlite, &model, u64::from(round), &Plan::default()).await;
        close(sqlite);
        sqlite = open(&dir).unwrap();
    }
    assert_eq!(sqlite.status().published, 720);
}

#[tokio::test]
async fn a_map_path_before_the_first_checkpoint_makes_it() {
    let folder = tempfile::tempdir().unwrap();
    let model = MemoryStore::new(signer(), common::ORIGIN.into());
    let sqlite = create(&folder.path().join("store"));
    for store in [&*sqlite as &dyn Store, &model] {
        assert!(store.checkpoint().await.unwrap().is_none());
        let (checkpoint, path) = store.map_path(label(1)).await.unwrap();
        path.verify(label(1), None, &checkpoint.checkpoint.map_root).unwrap();
        assert_eq!(checkpoint.checkpoint.size, 0);
        assert_eq!(store.checkpoint().await.unwrap().unwrap().note, checkpoint.note);
    }
}

#[tokio::test]
async fn a_leaf_is_proof_pending_until_the_next_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    let model = MemoryStore::new(signer(), common::ORIGIN.into());
    let sqlite = create(&folder.path().join("store"));
    for store in [&*sqlite as &dyn Store, &model] {
        let leaf = || Batch { leaves: vec![DraftLeaf { label: label(1), body: b"look".to_vec() }], ..Batch::default() };
        store.commit(leaf()).await.unwrap();
        store.publish().await.unwrap();
        store.commit(leaf()).await.unwrap();
        let (checkpoint, path) = store.map_path(label(1)).await.unwrap();
        let state = path.state_of(label(1)).unwrap();
        path.verify(label(1), Some(state), &checkpoint.checkpoint.map_root).unwrap();
        assert_eq!((state.0, checkpoint.checkpoint.size), (1, 1));
        assert_eq!(store.chain(label(1)).await.unwrap().unwrap().0, 2);
        assert_eq!((store.status().leaves, store.status().published), (2, 1));
    }
}

#[tokio::test]
async fn rules_of_a_batch_are_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let model = MemoryStore::new(signer(), common::ORIGIN.into());
    let sqlite = create(&folder.path().join("store"));
    for store in [&*sqlite as &dyn Store, &model] {
        let two = Batch {
            versions: vec![common::version(key(1, 0, 1), 1, "a"), common::version(key(2, 0, 2), 1, "b")],
            ..Batch::default()
        };
        let third = Batch { joined: vec![CitizenId(2), CitizenId(3)], ..two.clone() };
        let crowd = Batch { joined: (0..17).map(CitizenId).collect(), ..Batch::default() };
        let zero = common::one(key(1, 0, 1), 0, "a");
        let mut fat = common::one(key(1, 0, 1), 1, "a");
        fat.versions[0].values = vec![0; 64 * 1024 + 1];
        let mut full = common::one(key(1, 0, 1), 1, "");
        full.versions[0].body = b"x".to_vec();
        let high = common::one(key(1 << 40, 0, 1), 1, "a");
        let long = Batch { rows: vec![Row { table: TABLES[0], key: vec![0; 1_025], value: None }], ..Batch::default() };
        let leaf = Batch { leaves: vec![DraftLeaf { label: label(1), body: vec![0; 65_536] }], ..Batch::default() };
        for (batch, word) in [
            (two, "two shelves"),
            (third, "two shelves"),
            (crowd, "16 joined"),
            (zero, "start at 1"),
            (fat, "64 KiB"),
            (full, "tombstone"),
            (high, "40 bits"),
            (long, "1,024"),
            (leaf, "65,535"),
        ] {
            match store.commit(batch).await {
                Err(CommitError::Batch(rule)) => assert!(rule.contains(word), "{rule}"),
                other => panic!("{word}: {other:?}"),
            }
        }
        assert_eq!(store.status().point, Point(0));
        // Joined shelves take one batch.
        let both = Batch {
            joined: vec![CitizenId(1), CitizenId(2)],
            versions: vec![common::version(key(1, 0, 1), 1, "a"), common::version(key(2, 0, 2), 1, "b")],
            ..Batch::default()
        };
        store.commit(both).await.unwrap();
        assert_eq!(store.history(key(2, 0, 2)).await.unwrap().len(), 1);
    }
}

/// Sixty-four tasks, one row each wants to raise: every rise is decided on what is, whatever shares its transaction.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_commits_are_decided_one_after_the_other() {
    let folder = tempfile::tempdir().unwrap();
    let sqlite = create(&folder.path().join("store"));
    let tasks: Vec<_> = (0..64_u64)
        .map(|task| {
            let store = Arc::clone(&sqlite);
            tokio::spawn(async move {
                let (mut won, mut lost) = (Vec::new(), 0);
                for _ in 0..20 {
                    let found = store.row(TABLES[0], b"counter").await.unwrap().map(|value| value.to_vec());
                    let next = found.as_ref().map_or(0, |v| u64::from_be_bytes(v[..].try_into().unwrap())) + 1;
                    let batch = Batch {
                        expect: vec![Expectation::Row(TABLES[0], b"counter".to_vec(), found)],
                        rows: vec![Row {
                            table: TABLES[0],
                            key: b"counter".to_vec(),
                            value: Some(next.to_be_bytes().to_vec()),
                        }],
                        leaves: vec![DraftLeaf { label: label(task % 3 + 1), body: next.to_be_bytes().to_vec() }],
                        ..Batch::default()
                    };
                    match store.commit(batch).await {
                        Ok(committed) => {
                            let place = committed.leaves[0];
                            // Read your own write: leaf and chain are there when the answer is.
                            let leaf =
                                &store.leaves_of(label(task % 3 + 1), place.number, place.number).await.unwrap()[0];
                            assert_eq!((leaf.index, leaf_hash(&leaf.bytes)), (place.index, place.hash));
                            won.push((committed.point, next, place.index));
                        }
                        Err(CommitError::Conflict(0)) => lost += 1,
                        Err(error) => panic!("{error}"),
                    }
                }
                (won, lost)
            })
        })
        .collect();
    let (mut won, mut lost) = (Vec::new(), 0);
    for task in tasks {
        let (mine, missed) = task.await.unwrap();
        won.extend(mine);
        lost += missed;
    }
    assert_eq!(won.len() + lost, 64 * 20);
    assert!(lost > 0, "nobody ever met anybody: the test shows nothing");
    won.sort();
    for (place, (point, value, index)) in won.iter().enumerate() {
        assert_eq!((point.0, *value, *index), (place as u64 + 1, place as u64 + 1, place as u64));
    }
    let checkpoint = sqlite.publish().await.unwrap();
    assert_eq!(checkpoint.checkpoint.size, won.len() as u64);
}
