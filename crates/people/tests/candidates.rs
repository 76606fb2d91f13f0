//! Candidates over a store: whom a newcomer may be, why, and that nobody is linked by likeness.
#![expect(clippy::unwrap_used, reason = "helpers of tests; clippy spares test functions only")]

use std::sync::Arc;

use bytes::Bytes;
use tsumugi_fhir::json::{Document, Limits};
use tsumugi_kernel::{CitizenId, Instant};
use tsumugi_ledger::Signer;
use tsumugi_people::{
    Directory, Former, Identifier, Incoming, QueueReason, Resolution, Sex, candidates::ROWS_MOST, identifier::MEMBER,
};
use tsumugi_people_match::{
    Verdict,
    compare::{Birth, Family, Given, Phone},
};
use tsumugi_store::{Batch, MemoryStore, Store};

const NOW: Instant = Instant(1_795_000_000_000);

struct Town {
    store: Arc<MemoryStore>,
    directory: Directory,
}

fn town() -> Town {
    let store = Arc::new(MemoryStore::new(Signer::new("test", [1; 32]).unwrap(), "test".into()));
    Town { directory: Directory::new(store.clone()), store }
}

impl Town {
    /// Resolves and commits.
    async fn come(&self, incoming: &Incoming) -> Resolution {
        let resolution = self.directory.resolve(incoming, NOW).await.unwrap();
        let batch = Batch { rows: resolution.rows.clone(), expect: resolution.expect.clone(), ..Batch::default() };
        self.store.commit(batch).await.unwrap();
        resolution
    }
}

fn misaki() -> Incoming {
    Incoming {
        name: Some("東雲 美咲".into()),
        kana: Some("シノノメ ミサキ".into()),
        birth_date: Some("1991-03-05".into()),
        sex: Some(Sex::Female),
        address: Some("茨城県緑川市桜台町1丁目2番3号".into()),
        phones: vec!["090-1111-2222".into()],
        ..Incoming::default()
    }
}

#[tokio::test]
async fn who_married_and_moved_is_queued_with_the_reasons_and_not_linked() {
    let town = town();
    let before = town.come(&misaki()).await;
    let married = Incoming {
        name: Some("旭 美咲".into()),
        kana: Some("アサヒ ミサキ".into()),
        address: Some("埼玉県白石市旭町2-2-2".into()),
        ..misaki()
    };
    let after = town.come(&married).await;
    assert!(after.new && after.queued && after.citizen != before.citizen);
    let queue = town.directory.queue(None, 10).await.unwrap();
    assert_eq!((queue.len(), queue[0].reason, queue[0].candidate), (1, QueueReason::Likeness, before.citizen));
    let likeness = queue[0].likeness.unwrap();
    let levels = likeness.levels;
    assert_eq!(
        (levels.given, levels.family, levels.birth, levels.phone),
        (Given::Exact, Family::Changed, Birth::Same, Phone::Same)
    );
    assert!(likeness.score > 0 && likeness.probability > 5_000 && levels.words().len() >= 5);
}

#[tokio::test]
async fn a_former_name_finds_whom_the_new_one_does_not() {
    let town = town();
    let before = town.come(&Incoming { phones: Vec::new(), address: None, ..misaki() }).await;
    let later = Incoming {
        name: Some("旭 みさき".into()),
        kana: Some("アサヒ ミサキ".into()),
        former: vec![Former { name: Some("東雲 美咲".into()), kana: Some("シノノメ ミサキ".into()) }],
        address: None,
        phones: Vec::new(),
        ..misaki()
    };
    let found = town.directory.candidates(&later, 10).await.unwrap();
    assert_eq!((found.len(), found[0].citizen, found[0].verdict), (1, before.citizen, Verdict::Likely));
    assert_eq!(found[0].levels.family, Family::Exact);
}

#[tokio::test]
async fn what_is_missing_finds_nobody_sure() {
    let town = town();
    let mother = town.come(&misaki()).await;
    let unknown = Incoming { sex: Some(Sex::Female), birth_date: Some("1991".into()), ..Incoming::default() };
    for nobody in [
        Incoming::default(),
        unknown.clone(),
        Incoming { name: Some("氏名不詳".into()), ..unknown },
        Incoming { name: None, kana: None, birth_date: None, ..misaki() },
        Incoming {
            name: Some("東雲 ベビー".into()), kana: None, birth_date: Some("2026-11-20".into()), ..misaki()
        },
    ] {
        let came = town.come(&nobody).await;
        assert!(came.new && !came.queued && came.citizen != mother.citizen, "{nobody:?}");
    }
    // When the baby has a name, her first record is found, and nobody is sure of it.
    let named = Incoming {
        name: Some("東雲 結衣".into()),
        kana: Some("シノノメ ユイ".into()),
        birth_date: Some("2026-11-20".into()),
        ..misaki()
    };
    let found = town.directory.candidates(&named, 10).await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].verdict, found[0].levels.given), (Verdict::Possible, Given::Missing));
}

#[tokio::test]
async fn what_a_citizen_is_found_under_is_bounded_and_so_is_a_search() {
    let town = town();
    let number = Identifier::new(MEMBER, "01130001:1:2:01");
    let first = town.come(&Incoming { identifiers: vec![number.clone()], ..misaki() }).await;
    for place in 0..40 {
        let moved = Incoming {
            identifiers: vec![number.clone()],
            address: Some(format!("茨城県緑川市旭町{place}-1-1")),
            ..misaki()
        };
        assert_eq!(town.come(&moved).await.citizen, first.citizen);
    }
    // What says nothing new writes nothing.
    let again = town.come(&Incoming { identifiers: vec![number], address: None, phones: Vec::new(), ..misaki() }).await;
    assert!(again.rows.is_empty());
    for place in 100..200 {
        town.come(&Incoming { address: Some(format!("緑川市旭町{place}-1-1")), ..misaki() }).await;
    }
    let found = town.directory.look_for(&misaki(), 16).await.unwrap();
    assert_eq!(found.candidates.len(), 16);
    assert!(!found.overflowed.is_empty() && found.rows <= ROWS_MOST, "{} {:?}", found.rows, found.overflowed);
}

#[test]
fn address_telephones_and_former_names_are_read() {
    let json = r#"{"resourceType":"Patient",
        "name":[{"use":"official","text":"旭 美咲"},
                {"use":"maiden","text":"東雲 美咲"},
                {"use":"maiden","extension":[{"url":"http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation","valueCode":"SYL"}],"text":"シノノメ ミサキ"}],
        "address":[{"use":"old","text":"東京都旧町1-1"},{"state":"茨城県","city":"緑川市","line":["桜台町","1-2-3"]}],
        "telecom":[{"system":"email","value":"a@example.jp"},{"system":"phone","use":"old","value":"03-0000-1111"},
                   {"system":"phone","value":"090-1111-2222"},{"system":"phone","value":7}]}"#;
    let document = Document::parse(Bytes::from(json), &Limits::default()).unwrap();
    let read = Incoming::from_patient(document.root());
    assert_eq!(
        read,
        Incoming {
            name: Some("旭 美咲".into()),
            address: Some("茨城県緑川市桜台町1-2-3".into()),
            phones: vec!["090-1111-2222".into()],
            former: vec![Former { name: Some("東雲 美咲".into()), kana: Some("シノノメ ミサキ".into()) }],
            ..Incoming::default()
        }
    );
}

#[tokio::test]
async fn whoever_is_indexed_is_found_and_a_resolution_that_was_overtaken_is_not_written() {
    let town = town();
    let others = (100..400).map(|number| {
        let name = Some(format!("東雲 {number}子"));
        (CitizenId(number), Incoming { name, kana: None, birth_date: Some("1950-01-02".into()), ..misaki() })
    });
    let rows = town.directory.index(others.chain([(CitizenId(7), misaki())])).await.unwrap();
    assert!(rows >= 301, "each is found under a key at least");
    let found = town.directory.candidates(&misaki(), 16).await.unwrap();
    assert_eq!(found.first().map(|candidate| candidate.citizen), Some(CitizenId(7)));
    let numbered = Incoming { identifiers: vec![Identifier::new(MEMBER, "00012345:あ:１８７:05")], ..misaki() };
    let first = town.directory.resolve(&numbered, NOW).await.unwrap();
    let overtaken = town.directory.resolve(&numbered, NOW).await.unwrap();
    assert!(first.new && first.queued && overtaken.new);
    let citizen = first.citizen;
    assert!(town.directory.settle(first).await.unwrap());
    assert!(!town.directory.settle(overtaken).await.unwrap(), "the number leads to somebody by now");
    let again = town.directory.resolve(&numbered, NOW).await.unwrap();
    assert_eq!((again.citizen, again.new), (citizen, false));
}
