//! Commits in a loop and prints each acknowledged point, until it is killed: `committer DIR SEED`. The crash suite
//! starts it, kills it at a random moment, and looks at what is left.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test's program prints and stops at the first error"
)]

use std::{io::Write, path::Path};

use bytes::Bytes;
use sha2::{Digest, Sha256};
use tsumugi_kernel::{CitizenId, FactKey, Instant, Kind};
use tsumugi_ledger::{DraftLeaf, Label, Signer};
use tsumugi_store::{Batch, NewVersion, Row, SqliteOptions, SqliteStore, State, Store, StoreError, Table};

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let dir = Path::new(&arguments[1]);
    let options = || SqliteOptions {
        readers: 2,
        cache_mb: 8,
        ..SqliteOptions::new(Signer::new("tsumugi.example/log", [7; 32]).unwrap())
    };
    let opened = if dir.exists() { SqliteStore::open(dir, options()) } else { SqliteStore::create(dir, options()) };
    let store = match opened {
        Ok(store) => store,
        Err(error @ StoreError::Folder { .. }) => {
            println!("refused {error}");
            return;
        }
        Err(error) => panic!("{error}"),
    };
    if arguments.get(2).is_some_and(|argument| argument == "open") {
        println!("opened");
        return;
    }
    println!("ready");
    let publishing = std::sync::Arc::clone(&store);
    tokio::spawn(async move {
        loop {
            publishing.publish().await.unwrap();
            tokio::time::sleep(std::time::Duration::from_millis(7)).await;
        }
    });
    for task in 1..8_u8 {
        tokio::spawn(commit(std::sync::Arc::clone(&store), task));
    }
    commit(store, 0).await;
}

async fn commit(store: std::sync::Arc<SqliteStore>, task: u8) {
    loop {
        let number = store.reserve(2);
        let committed = store.commit(batch(task, number)).await.unwrap();
        let line = format!("done {task} {number} {} {}\n", committed.point.0, committed.leaves[0].number);
        // One write per line: the parent sees whole lines, whenever the process dies.
        std::io::stdout().write_all(line.as_bytes()).unwrap();
    }
}

/// Two versions, an original, a row and a leaf that all tell of `number`.
fn batch(task: u8, number: u64) -> Batch {
    let original = Bytes::from(format!("original {number}"));
    let version = |number: u64, text: &str| NewVersion {
        key: FactKey { citizen: CitizenId(u64::from(task) + 1), kind: Kind::OBSERVATION, number },
        version: 1,
        state: State::Live,
        instant: Instant(1),
        origin: Some(Sha256::digest(&original).into()),
        values: vec![task],
        body: format!("{text} of {number}").into_bytes(),
    };
    Batch {
        versions: vec![version(number, "first"), version(number + 1, "second")],
        rows: vec![Row { table: Table::Alias, key: number.to_be_bytes().to_vec(), value: Some(vec![task]) }],
        leaves: vec![DraftLeaf { label: Label([task; 32]), body: number.to_be_bytes().to_vec() }],
        originals: vec![original],
        ..Batch::default()
    }
}
