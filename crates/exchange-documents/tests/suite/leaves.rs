//! No answer with a person's data without a leaf that is there first.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use bytes::Bytes;
use serde_json::json;
use tsumugi_kernel::FactKey;
use tsumugi_ledger::{Hash, Label, MapPath};
use tsumugi_store::{
    Answer as Given, Batch, CommitError, Committed, MemoryStore, Point, PublishedCheckpoint, ShelfPage, ShelfScan,
    Status, Store, StoredFact, StoredLeaf, Table, sqlite::Faults,
};

use crate::common::{House, MEMBER, care_worker, condition, hospital, lab, patient, signer};

/// A store that, when told, takes no batch that holds leaves only.
struct Stubborn {
    inner: MemoryStore,
    stubborn: AtomicBool,
}

impl Store for Stubborn {
    fn reserve(&self, count: u32) -> u64 {
        self.inner.reserve(count)
    }
    fn commit(&self, batch: Batch) -> Given<'_, Committed, CommitError> {
        let only_leaves = !batch.leaves.is_empty() && batch.versions.is_empty() && batch.rows.is_empty();
        if only_leaves && self.stubborn.load(Ordering::SeqCst) {
            return Box::pin(std::future::ready(Err(CommitError::Refused("the disk is full".into()))));
        }
        self.inner.commit(batch)
    }
    fn fact(&self, key: FactKey, at: Point) -> Given<'_, Option<StoredFact>> {
        self.inner.fact(key, at)
    }
    fn version(&self, key: FactKey, version: u32) -> Given<'_, Option<StoredFact>> {
        self.inner.version(key, version)
    }
    fn history(&self, key: FactKey) -> Given<'_, Vec<StoredFact>> {
        self.inner.history(key)
    }
    fn shelf(&self, scan: ShelfScan) -> Given<'_, ShelfPage> {
        self.inner.shelf(scan)
    }
    fn original(&self, hash: Hash) -> Given<'_, Option<Bytes>> {
        self.inner.original(hash)
    }
    fn row(&self, table: Table, key: &[u8]) -> Given<'_, Option<Bytes>> {
        self.inner.row(table, key)
    }
    fn rows(&self, table: Table, prefix: &[u8], after: Option<&[u8]>, most: usize) -> Given<'_, Vec<(Bytes, Bytes)>> {
        self.inner.rows(table, prefix, after, most)
    }
    fn leaves_of(&self, label: Label, from: u64, to: u64) -> Given<'_, Vec<StoredLeaf>> {
        self.inner.leaves_of(label, from, to)
    }
    fn chain(&self, label: Label) -> Given<'_, Option<(u64, Hash)>> {
        self.inner.chain(label)
    }
    fn log(&self, from: u64, to: u64) -> Given<'_, Vec<StoredLeaf>> {
        self.inner.log(from, to)
    }
    fn publish(&self) -> Given<'_, PublishedCheckpoint> {
        self.inner.publish()
    }
    fn checkpoint(&self) -> Given<'_, Option<PublishedCheckpoint>> {
        self.inner.checkpoint()
    }
    fn tile(&self, level: u8, index: u64, width: u16) -> Given<'_, Option<Vec<Hash>>> {
        self.inner.tile(level, index, width)
    }
    fn map_path(&self, label: Label) -> Given<'_, (PublishedCheckpoint, MapPath)> {
        self.inner.map_path(label)
    }
    fn events(&self, after: u64, most: usize) -> Given<'_, Vec<(u64, String, Bytes)>> {
        self.inner.events(after, most)
    }
    fn status(&self) -> Status {
        self.inner.status()
    }
}

/// Everything that reads a person's record.
fn reads(patient: &str, fact: &str) -> Vec<String> {
    vec![
        format!("/Condition/{fact}"),
        format!("/Condition/{fact}/_history"),
        format!("/Condition/{fact}/_history/1"),
        format!("/Condition/{fact}/$original"),
        format!("/Condition?patient={patient}"),
        format!("/Patient?identifier={MEMBER}|{}", tsumugi_synth::load::Load::member_id(1)),
        format!("/Patient/{patient}/$everything"),
    ]
}

#[tokio::test]
async fn each_look_leaves_the_leaf_that_its_receipt_names() {
    for house in House::both() {
        let doctor = hospital();
        let her = house.person(&doctor, 1).await;
        let fact = house.post(&doctor, "/Condition", &condition(&her, "高血圧症", None)).await.is(201).id();
        for path in reads(&her, &fact) {
            let leaves = house.leaves();
            let answer = house.get(&doctor, &path).await.is(200);
            assert_eq!(answer.header("tsumugi-receipt"), leaves.to_string(), "{path}");
            assert_eq!(house.store.log(leaves, leaves + 1).await.unwrap().len(), 1);
        }
        let log = format!("/Patient/{her}/$access-log");
        let leaves = house.leaves();
        assert_eq!(house.get(&house.herself(&her), &log).await.is(200).header("tsumugi-receipt"), leaves.to_string());
        // A fact is withheld, absent or refused: no receipt tells which, and a look at a known shelf left its leaf.
        for (path, who) in [
            (format!("/Condition/{fact}"), care_worker("1370000001")),
            (format!("/Patient/{her}/$access-log"), doctor.clone()),
        ] {
            let leaves = house.leaves();
            let refused = house.get(&who, &path).await;
            assert_eq!((house.leaves(), refused.header("tsumugi-receipt")), (leaves + 1, ""), "{path}");
        }
        // A write has one leaf, in its own commit.
        let status = house.store.status();
        let answer = house.post(&doctor, "/Observation", &lab(&her, "CRP", "2026-11-20", 1.0)).await.is(201);
        assert_eq!((house.leaves(), house.store.status().point.0), (status.leaves + 1, status.point.0 + 1));
        assert_eq!(answer.header("tsumugi-receipt"), status.leaves.to_string());
    }
}

#[tokio::test]
async fn without_a_leaf_nothing_is_answered() {
    let store = Arc::new(Stubborn {
        inner: MemoryStore::new(signer(), "tsumugi.example/test".into()),
        stubborn: AtomicBool::new(false),
    });
    let house = House::over(store.clone(), Faults::default(), None);
    let doctor = hospital();
    let her = house.person(&doctor, 1).await;
    let fact = house.post(&doctor, "/Condition", &condition(&her, "高血圧症", None)).await.is(201).id();
    store.stubborn.store(true, Ordering::SeqCst);
    for path in reads(&her, &fact) {
        let answer = house.get(&doctor, &path).await;
        assert!(answer.status >= 500, "{path}: {}", answer.status);
        assert!(!answer.text().contains("高血圧症") && !answer.text().contains(&fact), "{path}");
        assert_eq!(answer.json()["resourceType"], "OperationOutcome");
        assert_eq!(answer.header("tsumugi-receipt"), "");
    }
    // Refusals leave leaves too: where that is not possible not even a no is said.
    let unable = house.get(&care_worker("1370000001"), &format!("/Condition/{fact}")).await;
    assert_eq!((unable.status, unable.header("retry-after")), (503, "60"));
    let log = house.get(&house.herself(&her), &format!("/Patient/{her}/$access-log")).await;
    assert!(log.status == 503 && !log.text().contains("AuditEvent"));
    // In a batch only what has its leaf is answered; writes carry theirs and go on.
    let sent = json!({"resourceType": "Bundle", "type": "batch", "entry": [
        {"request": {"method": "GET", "url": format!("Condition/{fact}")}},
        {"resource": lab(&her, "CRP", "2026-11-20", 1.0), "request": {"method": "POST", "url": "Observation"}},
    ]});
    let answer = house.post(&doctor, "/", &sent).await.is(200);
    assert_eq!(answer.entries()[0]["response"]["status"], "503 Service Unavailable");
    assert_eq!(answer.entries()[1]["response"]["status"], "201 Created");
    assert!(!answer.text().contains("高血圧症"));
    // The same document again needs a leaf of its own.
    let document = tsumugi_synth::load::documents(1, 1, 12).next().unwrap();
    house.submit(&doctor, document.clone()).await.is(201);
    house.submit(&doctor, document.clone()).await.outcome(503);
    store.stubborn.store(false, Ordering::SeqCst);
    house.submit(&doctor, document).await.is(200);
    house.post(&doctor, "/Patient", &patient(3)).await.is(201);
}
