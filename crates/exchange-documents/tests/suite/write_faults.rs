//! Commits that fail, and commits that fail and yet are there: what is answered, and what a repetition does.

use bytes::Bytes;
use serde_json::{Value, json};
use tsumugi_store::sqlite::CommitFault;
use tsumugi_synth::load::Load;

use crate::common::{House, MEMBER, hospital, lab};

struct Write {
    name: &'static str,
    method: &'static str,
    path: String,
    body: Bytes,
}

/// A house with one fact, and every way to write.
async fn built() -> (House, String, Vec<Write>) {
    let house = House::sqlite();
    let doctor = hospital();
    let her = house.person(&doctor, 1).await;
    let fact = house.post(&doctor, "/Observation", &lab(&her, "CRP", "2026-11-20", 1.0)).await.is(201).id();
    let entry =
        json!({"resource": lab(&her, "K", "2026-11-20", 4.0), "request": {"method": "POST", "url": "Observation"}});
    let transaction = json!({"resourceType": "Bundle", "type": "transaction", "entry": [entry.clone(), entry]});
    let write = |name, method, path: String, body: Value| Write { name, method, path, body: body.to_string().into() };
    let writes = vec![
        write("create", "POST", "/Observation".into(), lab(&her, "Na", "2026-11-20", 140.0)),
        write("create under an own id", "PUT", "/Observation/na-1".into(), lab(&her, "Na", "2026-11-20", 140.0)),
        write("update", "PUT", format!("/Observation/{fact}"), lab(&her, "CRP", "2026-11-20", 2.0)),
        write("transaction", "POST", "/".into(), transaction),
        Write {
            name: "submit about a new person",
            method: "POST",
            path: "/Bundle/$submit".into(),
            body: Load::new(3, 20).document(5, 0).into(),
        },
        Write {
            name: "submit about a known person",
            method: "POST",
            path: "/Bundle/$submit".into(),
            body: Load::new(3, 20).document(5, 1).into(),
        },
        Write { name: "delete", method: "DELETE", path: format!("/Observation/{fact}"), body: Bytes::new() },
    ];
    (house, her, writes)
}

async fn count(house: &House, her: &str) -> u64 {
    house.get(&hospital(), &format!("/Patient/{her}/$everything?_count=1")).await.is(200).total()
}

#[tokio::test]
async fn a_failed_commit_is_told_and_leaves_nothing() {
    let (house, her, writes) = built().await;
    let doctor = hospital();
    for write in writes {
        let before = (count(&house, &her).await, house.store.events(0, 10).await.unwrap().len());
        house.fail(0, CommitFault::Fails);
        let answer = house.send(&doctor, write.method, &write.path, &[], write.body.clone()).await;
        assert_eq!(answer.status, 500, "{}: {}", write.name, answer.text());
        assert!(answer.text().contains("分かりません"), "{}", write.name);
        assert_eq!(answer.header("tsumugi-receipt"), "");
        let after = (count(&house, &her).await, house.store.events(0, 10).await.unwrap().len());
        assert_eq!(before, after, "{}", write.name);
        // The store goes on.
        let answer = house.send(&doctor, write.method, &write.path, &[], write.body).await;
        assert!((200..300).contains(&answer.status), "{}: {}", write.name, answer.text());
    }
    assert!(!house.faults.armed());
}

#[tokio::test]
async fn a_commit_that_failed_and_is_there_is_not_doubled_by_repeating_it() {
    let (house, her, writes) = built().await;
    let doctor = hospital();
    for write in writes {
        let start = count(&house, &her).await;
        house.fail(0, CommitFault::FailsButPersists);
        let answer =
            house.send(&doctor, write.method, &write.path, &[("accept-language", "en")], write.body.clone()).await;
        assert_eq!(answer.status, 500, "{}: {}", write.name, answer.text());
        assert!(answer.text().contains("not known whether it was saved"), "{}", write.name);
        let once = count(&house, &her).await;
        let again = house.send(&doctor, write.method, &write.path, &[], write.body.clone()).await;
        let twice = count(&house, &her).await;
        match write.name {
            "create" => assert_eq!((once, twice), (start + 1, start + 2), "its answer says to read back first"),
            "transaction" => assert_eq!((once, twice), (start + 2, start + 4)),
            "create under an own id" => assert_eq!((again.status, once, twice), (200, start + 1, start + 1)),
            "update" => assert_eq!((again.status, once, twice), (200, start, start)),
            "delete" => assert_eq!((again.status, once, twice), (204, start - 1, start - 1)),
            name => {
                assert_eq!((again.status, once, twice), (200, start, start), "{}", again.text());
                let found =
                    house.get(&doctor, &format!("/Patient?identifier={MEMBER}|{}", Load::member_id(5))).await.is(200);
                assert_eq!(found.total(), 1);
                let facts = if name.contains("new") { 20 } else { 39 };
                assert_eq!(
                    count(&house, found.entries()[0]["resource"]["id"].as_str().unwrap()).await,
                    facts,
                    "{name}"
                );
            }
        }
    }
}

#[tokio::test]
async fn a_full_store_says_so_and_goes_on_reading() {
    use std::sync::Arc;
    use tsumugi_store::{SqliteOptions, SqliteStore, sqlite::Faults};
    let dir = tempfile::tempdir().unwrap();
    let options =
        SqliteOptions { readers: 2, cache_mb: 8, page_limit: Some(200), ..SqliteOptions::new(crate::common::signer()) };
    let store = SqliteStore::create(&dir.path().join("store"), options).unwrap();
    let house = House::over(Arc::clone(&store) as _, Faults::default(), Some(dir));
    let doctor = hospital();
    let load = Load::new(3, 40);
    let mut answered = 0;
    let refused = loop {
        let answer = house.submit(&doctor, load.document(1, answered)).await;
        if answer.status != 201 {
            break answer;
        }
        answered += 1;
        assert!(answered < 2_000);
    };
    assert_eq!((refused.status, refused.header("retry-after")), (503, "60"), "{}", refused.text());
    assert!(refused.text().contains("何も保存していません"));
}
