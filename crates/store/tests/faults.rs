//! What goes wrong with disks, folders and bytes: a clear error, refusal rather than guessing, reading goes on.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests stop at the first surprise")]

mod common;

use std::{fs, os::unix::fs::FileExt, path::Path, sync::Arc};

use bytes::Bytes;
use common::{Dice, close, create, key, label, one, open, options, show, version, whole_shelf};
use sha2::{Digest, Sha256};
use tsumugi_kernel::{CitizenId, Kind};
use tsumugi_ledger::{DraftLeaf, Hash};
use tsumugi_store::{
    Batch, CommitError, Event, Expectation, Point, Row, ShelfScan, SqliteOptions, SqliteStore, Store, StoreError,
    Table, codec,
    sqlite::{CommitFault, Faults},
};

fn database(dir: &Path) -> std::path::PathBuf {
    dir.join("store.sqlite")
}

fn refusal(result: Result<Arc<SqliteStore>, StoreError>) -> String {
    match result {
        Ok(_) => panic!("the store opened"),
        Err(error @ StoreError::Folder { .. }) => error.to_string(),
        Err(error) => panic!("{error:?}"),
    }
}

#[test]
fn folders_that_are_no_store_are_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    assert!(refusal(open(&at("absent"))).contains("there is no such folder"));
    assert!(!at("absent").exists(), "opening made the folder");

    fs::create_dir(at("foreign")).unwrap();
    fs::write(at("foreign").join("notes.txt"), "mine").unwrap();
    assert!(refusal(open(&at("foreign"))).contains("holds no store"));
    assert!(refusal(SqliteStore::create(&at("foreign"), options())).contains("not empty"));
    assert_eq!(fs::read_dir(at("foreign")).unwrap().count(), 1, "something was written into a foreign folder");

    for (name, bytes) in [("text", b"not a database".repeat(20)), ("empty", Vec::new())] {
        fs::create_dir(at(name)).unwrap();
        fs::write(database(&at(name)), bytes).unwrap();
        refusal(open(&at(name)));
    }
    fs::create_dir(at("other")).unwrap();
    rusqlite::Connection::open(database(&at("other"))).unwrap().execute_batch("CREATE TABLE t (a)").unwrap();
    assert!(refusal(open(&at("other"))).contains("was not made by this program"));

    let store = create(&at("used"));
    assert!(refusal(open(&at("used"))).contains("another process"));
    assert!(refusal(SqliteStore::create(&at("used"), options())).contains("not empty"));
    close(store);
    close(open(&at("used")).unwrap());

    let foreign = tsumugi_ledger::Signer::new("another.example/log", [8; 32]).unwrap();
    assert!(
        refusal(SqliteStore::open(&at("used"), SqliteOptions::new(foreign))).contains("its log is tsumugi.example/log")
    );
}

#[test]
fn a_newer_format_is_refused_and_untouched() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("store");
    close(create(&dir));
    rusqlite::Connection::open(database(&dir))
        .unwrap()
        .execute_batch("PRAGMA user_version = 2; PRAGMA wal_checkpoint(TRUNCATE)")
        .unwrap();
    let before = fs::read(database(&dir)).unwrap();
    match open(&dir) {
        Err(StoreError::Format { found, known }) => assert_eq!((&found[..], &known[..]), ("2", "1")),
        other => panic!("{:?}", other.err()),
    }
    assert!(fs::read(database(&dir)).unwrap() == before);
}

/// Nobody can write into these folders: neither root nor others.
#[test]
fn a_folder_that_cannot_be_written_is_refused() {
    for dir in ["/proc/tsumugi", "/sys/tsumugi", "/dev/null/tsumugi"] {
        assert!(refusal(SqliteStore::create(Path::new(dir), options())).contains("cannot be made"));
    }
}

/// Root may write anywhere, so another user tries: the example program, under the user id of "nobody".
#[test]
fn a_read_only_folder_is_refused() {
    use std::os::unix::{fs::PermissionsExt, process::CommandExt};
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("store");
    close(create(&dir));
    let program = std::env::current_exe().unwrap().parent().unwrap().parent().unwrap().join("examples/committer");
    let copy = folder.path().join("committer");
    fs::copy(program, &copy).unwrap();
    for (path, mode) in
        [(folder.path(), 0o755), (&dir, 0o555), (&copy, 0o755), (&database(&dir), 0o444), (&dir.join("lock"), 0o444)]
    {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }
    let root = fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
    let mut command = std::process::Command::new(copy);
    command.arg(&dir).arg("open").current_dir("/");
    if root {
        command.uid(65_534).gid(65_534);
    }
    let output = String::from_utf8(command.output().unwrap().stdout).unwrap();
    fs::set_permissions(&dir, fs::Permissions::from_mode(0o755)).unwrap();
    assert!(output.starts_with("refused") && output.contains("cannot be written"), "{output}");
}

#[tokio::test]
async fn a_full_disk_refuses_writes_and_goes_on_reading() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("store");
    close(create(&dir));
    let full = SqliteStore::open(&dir, SqliteOptions { page_limit: Some(60), ..options() }).unwrap();
    let mut written = 0;
    let refusal = loop {
        let mut batch = one(key(1, 1, written + 1), 1, "body");
        // Random bytes, which zstd cannot fold.
        let mut dice = Dice(written);
        batch.originals.push((0..20_000).map(|_| dice.next() as u8).collect());
        batch.leaves.push(DraftLeaf { label: label(1), body: vec![1; 300] });
        match full.commit(batch).await {
            Ok(_) => written += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(refusal, CommitError::Refused(_)), "{refusal:?}");
    assert!(written > 2);
    for _ in 0..3 {
        assert_eq!(full.status().point, Point(written));
        assert_eq!(full.status().leaves, written);
        let scan = ShelfScan {
            citizen: CitizenId(1),
            kind: None,
            at: Point::NOW,
            after: None,
            most_bytes: usize::MAX,
            tombstones: false,
        };
        assert_eq!(whole_shelf(&*full, scan).await.len() as u64, written);
        let mut batch = one(key(1, 1, 500), 1, "body");
        batch.originals.push(Bytes::from((0..200_000_u64).map(|n| Dice(n).next() as u8).collect::<Vec<_>>()));
        assert!(matches!(full.commit(batch).await, Err(CommitError::Refused(_))));
    }
    close(full);
    let store = open(&dir).unwrap();
    assert_eq!(store.status().point, Point(written));
    store.commit(one(key(1, 1, 501), 1, "room again")).await.unwrap();
    assert_eq!(store.publish().await.unwrap().checkpoint.size, written);
}

/// Every kind of write, and how to see whether it is there.
fn writes() -> Vec<(&'static str, Batch)> {
    let original = Bytes::from_static(b"as sent");
    let mut with_origin = version(key(2, 0, 9), 1, "understood");
    with_origin.origin = Some(Sha256::digest(&original).into());
    let row =
        |value: Option<&[u8]>| Row { table: Table::Standing, key: b"k".to_vec(), value: value.map(<[u8]>::to_vec) };
    vec![
        ("first version", Batch { expect: vec![Expectation::Version(key(1, 0, 1), 0)], ..one(key(1, 0, 1), 1, "one") }),
        ("next version", Batch { expect: vec![Expectation::Version(key(1, 0, 1), 1)], ..one(key(1, 0, 1), 2, "two") }),
        ("tombstone", one(key(1, 0, 1), 3, "")),
        ("original", Batch { originals: vec![original], versions: vec![with_origin], ..Batch::default() }),
        (
            "row",
            Batch {
                expect: vec![Expectation::Row(Table::Standing, b"k".to_vec(), None)],
                rows: vec![row(Some(b"v"))],
                ..Batch::default()
            },
        ),
        (
            "row removed",
            Batch {
                expect: vec![Expectation::Row(Table::Standing, b"k".to_vec(), Some(b"v".to_vec()))],
                rows: vec![row(None)],
                ..Batch::default()
            },
        ),
        ("leaf", Batch { leaves: vec![DraftLeaf { label: label(1), body: b"a".to_vec() }], ..Batch::default() }),
        (
            "two leaves",
            Batch {
                leaves: vec![
                    DraftLeaf { label: label(1), body: b"b".to_vec() },
                    DraftLeaf { label: label(2), body: b"c".to_vec() },
                ],
                ..Batch::default()
            },
        ),
        ("event", Batch { events: vec![Event { topic: "t", payload: b"p".to_vec() }], ..Batch::default() }),
    ]
}

/// A COMMIT that fails, and one that fails but persists, for each kind of write: the answer is "unknown" both times,
/// the store answers with what is really there, and so does the store that is opened again.
#[tokio::test]
async fn a_failed_commit_is_unknown_and_what_is_there_counts() {
    for fault in [CommitFault::Fails, CommitFault::FailsButPersists] {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("store");
        let faults = Faults::default();
        let start = || SqliteOptions { faults: faults.clone(), ..options() };
        let mut store = SqliteStore::create(&dir, start()).unwrap();
        let model = tsumugi_store::MemoryStore::new(common::signer(), common::ORIGIN.into());
        let originals: [Hash; 1] = [Sha256::digest(b"as sent").into()];
        for (name, batch) in writes() {
            faults.arm(fault);
            let answer = store.commit(batch.clone()).await;
            assert!(matches!(answer, Err(CommitError::Unknown(_))), "{name}: {answer:?}");
            assert!(!faults.armed());
            if fault == CommitFault::Fails {
                same(&store, &model, &originals, name).await;
                store.commit(batch.clone()).await.unwrap();
            }
            model.commit(batch).await.unwrap();
            same(&store, &model, &originals, name).await;
            close(store);
            store = SqliteStore::open(&dir, start()).unwrap();
            same(&store, &model, &originals, name).await;
        }
        let (ours, theirs) = (store.publish().await.unwrap(), model.publish().await.unwrap());
        assert_eq!(ours.note, theirs.note);
    }
}

async fn same(store: &SqliteStore, model: &dyn Store, originals: &[Hash], name: &str) {
    let ours = common::everything(store, &mut Dice(3), originals).await;
    let theirs = common::everything(model, &mut Dice(3), originals).await;
    for (ours, theirs) in ours.lines().zip(theirs.lines()) {
        assert_eq!(ours, theirs, "{name}");
    }
}

/// A checkpoint is written in parts; each part's COMMIT fails once, both ways, also after a restart.
#[tokio::test]
async fn a_failed_checkpoint_is_made_again() {
    for fault in [CommitFault::Fails, CommitFault::FailsButPersists] {
        for part in 0..2 {
            for reopened in [false, true] {
                let folder = tempfile::tempdir().unwrap();
                let dir = folder.path().join("store");
                let faults = Faults::default();
                let start = || SqliteOptions { faults: faults.clone(), ..options() };
                let mut store = SqliteStore::create(&dir, start()).unwrap();
                let model = tsumugi_store::MemoryStore::new(common::signer(), common::ORIGIN.into());
                let look = |n: u64| Batch {
                    leaves: vec![DraftLeaf { label: label(n % 4 + 1), body: vec![n as u8] }],
                    ..Batch::default()
                };
                for n in 0..9 {
                    store.commit(look(n)).await.unwrap();
                    model.commit(look(n)).await.unwrap();
                }
                store.publish().await.unwrap();
                let before = model.publish().await.unwrap();
                for n in 9..20 {
                    store.commit(look(n)).await.unwrap();
                    model.commit(look(n)).await.unwrap();
                }
                faults.arm_after(part, fault);
                store.publish().await.unwrap_err();
                assert!(!faults.armed(), "the part was never written");
                let last_persisted = part == 1 && fault == CommitFault::FailsButPersists;
                let now = store.checkpoint().await.unwrap().unwrap();
                assert_eq!(now.note == before.note, !last_persisted);
                for citizen in 1..=4 {
                    let (with, path) = store.map_path(label(citizen)).await.unwrap();
                    path.verify(label(citizen), path.state_of(label(citizen)), &with.checkpoint.map_root).unwrap();
                    assert_eq!(with.note, now.note);
                    assert_eq!(store.chain(label(citizen)).await.unwrap(), model.chain(label(citizen)).await.unwrap());
                }
                store.commit(look(20)).await.unwrap();
                model.commit(look(20)).await.unwrap();
                if reopened {
                    close(store);
                    store = SqliteStore::open(&dir, start()).unwrap();
                }
                assert_eq!(store.publish().await.unwrap().note, model.publish().await.unwrap().note);
                same(&store, &model, &[], "after the checkpoint").await;
            }
        }
    }
}

/// Fills a store so that every table has rows, and closes it.
async fn filled(dir: &Path) -> (Vec<String>, Hash) {
    let store = SqliteStore::create(
        dir,
        SqliteOptions { dictionary: Some(b"a dictionary of plain words, body body body".to_vec()), ..options() },
    )
    .unwrap();
    let original = Bytes::from("as sent ".repeat(400));
    let hash = Sha256::digest(&original).into();
    for n in 1..=300_u64 {
        let mut new = version(key(n % 4 + 1, 1, n), 1, &format!("body {n} {}", "text ".repeat(n as usize % 50)));
        new.origin = Some(hash);
        let batch = Batch {
            originals: vec![original.clone()],
            versions: vec![new],
            rows: vec![Row { table: Table::Alias, key: n.to_be_bytes().to_vec(), value: Some(vec![n as u8; 30]) }],
            leaves: vec![DraftLeaf { label: label(n % 4 + 1), body: vec![n as u8; 200] }],
            ..Batch::default()
        };
        store.commit(batch).await.unwrap();
        if n == 200 {
            store.publish().await.unwrap();
        }
    }
    let answers = answers(&*store).await.into_iter().map(Result::unwrap).collect();
    close(store);
    (answers, hash)
}

/// Answers that must be right or errors.
async fn answers(store: &dyn Store) -> Vec<Result<String, StoreError>> {
    let mut answers = Vec::new();
    for n in 1..=300_u64 {
        let fact = store.fact(key(n % 4 + 1, 1, n), Point::NOW).await;
        answers.push(fact.and_then(|fact| match fact {
            Some(fact) => fact.body().map(|_| show(&fact)),
            None => Ok("none".into()),
        }));
        answers.push(store.row(Table::Alias, &n.to_be_bytes()).await.map(|row| format!("{row:?}")));
        answers.push(store.log(n - 1, n).await.map(|leaf| format!("{leaf:?}")));
    }
    for citizen in 1..=4 {
        answers.push(store.leaves_of(label(citizen), 1, 1_000).await.map(|leaves| format!("{leaves:?}")));
        answers.push(store.chain(label(citizen)).await.map(|chain| format!("{chain:?}")));
    }
    answers
}

/// Whole pages of rubbish anywhere in the file: the store refuses to open, or answers rightly, or says "damaged".
#[tokio::test]
async fn a_damaged_page_is_an_error_and_never_an_answer() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("store");
    let (right, hash) = filled(&dir).await;
    let file = database(&dir);
    let whole = fs::read(&file).unwrap();
    let pages = whole.len() as u64 / 8_192;
    let (mut found, mut opened) = (0, 0);
    for page in 1..pages {
        for rubbish in [[0_u8; 8_192], [0x5a; 8_192]] {
            fs::OpenOptions::new().write(true).open(&file).unwrap().write_all_at(&rubbish, page * 8_192).unwrap();
            let damaged = match open(&dir) {
                Err(error) => {
                    assert!(matches!(error, StoreError::Damaged { .. } | StoreError::Engine(_)), "{error:?}");
                    true
                }
                Ok(store) => {
                    opened += 1;
                    let damaged = compare(&*store, &right, hash).await;
                    close(store);
                    damaged
                }
            };
            found += u64::from(damaged);
            fs::write(&file, &whole).unwrap();
        }
    }
    assert!(opened > 0 && found > pages, "{pages} pages, found {found}, opened {opened}");
}

async fn compare(store: &dyn Store, right: &[String], hash: Hash) -> bool {
    let mut damaged = false;
    for (answer, right) in answers(store).await.into_iter().zip(right) {
        match answer {
            Ok(answer) => assert_eq!(&answer, right, "a wrong answer from a damaged store"),
            Err(StoreError::Damaged { .. }) => damaged = true,
            Err(error) => panic!("{error:?}"),
        }
    }
    match store.original(hash).await {
        Ok(Some(bytes)) => assert_eq!(bytes, "as sent ".repeat(400)),
        Err(StoreError::Damaged { .. }) => damaged = true,
        other => panic!("{other:?}"),
    }
    damaged
}

/// Single flipped bits in what rows hold: never another answer.
#[tokio::test]
async fn a_flipped_bit_is_an_error_and_never_another_text() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("store");
    filled(&dir).await;
    let connection = rusqlite::Connection::open(database(&dir)).unwrap();
    let mut dice = Dice(5);
    for (table, column) in
        [("version", "data"), ("directory", "data"), ("leaf", "data"), ("piece", "data"), ("chain", "data")]
    {
        let rows: Vec<Vec<u8>> = connection
            .prepare(&format!("SELECT {column} FROM {table}"))
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        for _ in 0..5 {
            let row = &rows[dice.below(rows.len() as u64) as usize];
            let mut flipped = row.clone();
            let at = dice.below(row.len() as u64) as usize;
            flipped[at] ^= 1 << dice.below(8);
            let put = |from: &[u8], to: &[u8]| {
                connection
                    .execute(&format!("UPDATE {table} SET {column} = ?2 WHERE {column} = ?1"), (from, to))
                    .unwrap()
            };
            assert_eq!(put(row, &flipped), 1);
            let found = match open(&dir) {
                Err(StoreError::Damaged { .. }) => true,
                Err(error) => panic!("{error:?}"),
                Ok(store) => {
                    let original = store.original(Sha256::digest("as sent ".repeat(400)).into()).await;
                    let path = store.map_path(label(1)).await;
                    let publish = store.publish().await;
                    let damaged =
                        answers(&*store).await.iter().any(|answer| matches!(answer, Err(StoreError::Damaged { .. })));
                    close(store);
                    damaged || original.is_err() || path.is_err() || publish.is_err()
                }
            };
            assert!(found, "a flipped bit in {table} was not found");
            assert_eq!(put(&flipped, row), 1);
        }
    }
    drop(connection);
    close(open(&dir).unwrap());
}

/// A leaf that was changed together with its checksum, as a hand would do it, does not continue its chain.
#[tokio::test]
async fn a_changed_leaf_or_checkpoint_is_refused_when_opening() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("store");
    filled(&dir).await;
    let whole = fs::read(database(&dir)).unwrap();
    let changes = [
        // Leaf 250 takes the bytes of leaf 246, which has the same label: number and head do not follow.
        "UPDATE leaf SET data = (SELECT data FROM leaf WHERE place = 246) WHERE place = 250",
        "DELETE FROM leaf WHERE place = 250",
        "DELETE FROM leaf WHERE place >= 150",
        "UPDATE published SET note = replace(note, char(10) || '200' || char(10), char(10) || '201' || char(10))",
        "DELETE FROM tile",
        "DELETE FROM bucket",
    ];
    for change in changes {
        let connection = rusqlite::Connection::open(database(&dir)).unwrap();
        assert!(connection.execute(change, []).unwrap() > 0, "{change}");
        drop(connection);
        match open(&dir) {
            Err(StoreError::Damaged { what, .. }) => assert!(what == "the ledger" || what == "the log", "{what}"),
            other => panic!("{change}: {:?}", other.err()),
        }
        fs::write(database(&dir), &whole).unwrap();
    }
    close(open(&dir).unwrap());
}

#[tokio::test]
async fn dictionaries_are_kept_and_a_missing_one_is_damage() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("store");
    let samples: Vec<Vec<u8>> =
        (0..300).map(|n| format!("sample number {n} of the dictionary, code {}", n * 37 % 101).into_bytes()).collect();
    let first = codec::train(&samples, 1_024).unwrap();
    let second = codec::train(&samples[..150], 2_048).unwrap();
    let store = SqliteStore::create(&dir, SqliteOptions { dictionary: Some(first.clone()), ..options() }).unwrap();
    store.commit(one(key(1, 0, 1), 1, "sample number 7 of the dictionary")).await.unwrap();
    close(store);
    let store = SqliteStore::open(&dir, SqliteOptions { dictionary: Some(second), ..options() }).unwrap();
    store.commit(one(key(1, 0, 2), 1, "sample number 8 of the dictionary")).await.unwrap();
    close(store);
    let store = open(&dir).unwrap();
    for (number, text) in [(1, "7"), (2, "8")] {
        let fact = store.fact(key(1, 0, number), Point::NOW).await.unwrap().unwrap();
        assert_eq!(fact.body().unwrap(), format!("sample number {text} of the dictionary"));
    }
    close(store);
    let connection = rusqlite::Connection::open(database(&dir)).unwrap();
    assert_eq!(connection.execute("DELETE FROM dictionary WHERE version = 1", []).unwrap(), 1);
    drop(connection);
    let store = open(&dir).unwrap();
    match store.fact(key(1, 0, 1), Point::NOW).await {
        Err(StoreError::Damaged { what, .. }) => assert_eq!(what, "the dictionaries"),
        other => panic!("{other:?}"),
    }
    assert!(store.fact(key(1, 0, 2), Point::NOW).await.unwrap().is_some());
    let scan = ShelfScan {
        citizen: CitizenId(1),
        kind: Some(Kind::PATIENT),
        at: Point::NOW,
        after: None,
        most_bytes: 1,
        tombstones: false,
    };
    assert!(store.shelf(scan).await.unwrap().facts.is_empty());
}

/// With one thread the writer never gets a turn between sends, so the queue fills: what does not fit is refused at once,
/// and everything that was taken is answered.
#[tokio::test]
async fn a_full_queue_says_busy_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let store = create(&folder.path().join("store"));
    let tasks: Vec<_> = (0..4_000_u64)
        .map(|n| {
            let store = Arc::clone(&store);
            tokio::spawn(
                async move { store.commit(one(key(1, 1, n + 1), 1, "body")).await.map(|done| (n, done.point)) },
            )
        })
        .collect();
    let (mut written, mut busy) = (0, 0);
    for task in tasks {
        match task.await.unwrap() {
            Ok(_) => written += 1,
            Err(CommitError::Busy) => busy += 1,
            Err(error) => panic!("{error}"),
        }
    }
    assert!(busy > 0, "the queue was never full");
    assert_eq!((written + busy, store.status().point), (4_000, Point(written)));
    assert_eq!(store.status().waiting, 0);
}
