//! `kill -9` at random moments: nothing that was acknowledged is lost, nothing half is there, no number comes twice.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests stop at the first surprise")]

mod common;

use std::{
    collections::HashSet,
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use common::{Dice, close, open};
use tsumugi_kernel::{CitizenId, FactKey, Kind};
use tsumugi_ledger::{Label, Leaf, chain, leaf_hash};
use tsumugi_store::{Point, ShelfScan, Store, Table};

const KILLS: u64 = 5;

/// The example beside this test's own program. Cargo builds a package's examples together with its tests.
fn committer() -> PathBuf {
    let own = std::env::current_exe().unwrap();
    own.parent().unwrap().parent().unwrap().join("examples/committer")
}

#[derive(Debug)]
struct Done {
    task: u8,
    number: u64,
    point: u64,
    leaf: u64,
}

fn round(dir: &Path, pause: u64) -> Vec<Done> {
    let mut child = Command::new(committer()).arg(dir).stdout(Stdio::piped()).spawn().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    assert_eq!(line, "ready\n");
    let reading = std::thread::spawn(move || {
        let mut text = String::new();
        output.read_to_string(&mut text).unwrap();
        text
    });
    std::thread::sleep(Duration::from_millis(pause));
    child.kill().unwrap();
    child.wait().unwrap();
    let text = reading.join().unwrap();
    let whole = &text[..text.rfind('\n').map_or(0, |end| end + 1)];
    let done = whole.lines().map(|line| {
        let words: Vec<&str> = line.split(' ').collect();
        let number = |at: usize| words[at].parse::<u64>().unwrap();
        Done { task: number(1) as u8, number: number(2), point: number(3), leaf: number(4) }
    });
    done.collect()
}

#[tokio::test]
async fn kill_nine_loses_nothing_that_was_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("store");
    let mut dice = Dice(std::process::id().into());
    let mut acknowledged: Vec<Done> = Vec::new();
    let mut highest = 0;
    for _ in 0..KILLS {
        let done = round(&dir, 100 + dice.below(300));
        assert!(!done.is_empty(), "nothing was committed before the kill");
        assert!(done.iter().all(|one| one.number > highest), "a number was given twice");
        acknowledged.extend(done);

        let store = open(&dir).unwrap();
        highest = store.reserve(1);
        for one in &acknowledged {
            let key = |number| FactKey { citizen: CitizenId(u64::from(one.task) + 1), kind: Kind::OBSERVATION, number };
            for (number, text) in [(one.number, "first"), (one.number + 1, "second")] {
                let fact = store.fact(key(number), Point::NOW).await.unwrap().expect("an acknowledged fact is lost");
                assert_eq!(fact.body().unwrap(), format!("{text} of {number}"));
                assert_eq!(fact.since, Point(one.point));
            }
            let leaf = store.leaves_of(Label([one.task; 32]), one.leaf, one.leaf).await.unwrap();
            assert_eq!(&Leaf::decode(&leaf[0].bytes).unwrap().body[..], one.number.to_be_bytes());
        }
        nothing_half(&*store).await;
        close(store);
    }
    println!("{KILLS} kills, {} acknowledged, none lost", acknowledged.len());
}

/// Of each commit that is there, all parts are there.
async fn nothing_half(store: &dyn Store) {
    let mut points = HashSet::new();
    let mut leaves = 0;
    for task in 0..8_u8 {
        let citizen = CitizenId(u64::from(task) + 1);
        let scan =
            ShelfScan { citizen, kind: None, at: Point::NOW, after: None, most_bytes: usize::MAX, tombstones: false };
        let facts = store.shelf(scan).await.unwrap().facts;
        let chained = store.leaves_of(Label([task; 32]), 1, u64::MAX).await.unwrap();
        assert_eq!(facts.len(), chained.len() * 2, "a commit is there in part");
        for (pair, leaf) in facts.chunks(2).zip(&chained) {
            let number = pair[0].key.number;
            assert_eq!((pair[1].key.number, pair[0].since), (number + 1, pair[1].since));
            assert_eq!(&Leaf::decode(&leaf.bytes).unwrap().body[..], number.to_be_bytes());
            let row = store.row(Table::Alias, &number.to_be_bytes()).await.unwrap();
            assert_eq!(row.as_deref(), Some(&[task][..]));
            let original = store.original(pair[0].origin.unwrap()).await.unwrap().unwrap();
            assert_eq!(original, format!("original {number}"));
            assert!(points.insert(pair[0].since), "two commits have one point");
        }
        let hashes: Vec<_> = chained.iter().map(|leaf| leaf_hash(&leaf.bytes)).collect();
        let label = Label([task; 32]);
        let head = (!hashes.is_empty()).then(|| (hashes.len() as u64, chain::head(&label, &hashes)));
        assert_eq!(store.chain(label).await.unwrap(), head);
        leaves += chained.len() as u64;
    }
    assert_eq!(store.status().leaves, leaves);
    assert_eq!(store.status().point.0, points.len() as u64);
    let checkpoint = store.publish().await.unwrap().checkpoint;
    assert_eq!(checkpoint.size, leaves);
    for task in 0..8_u8 {
        let label = Label([task; 32]);
        let (with, path) = store.map_path(label).await.unwrap();
        path.verify(label, store.chain(label).await.unwrap(), &with.checkpoint.map_root).unwrap();
    }
}
