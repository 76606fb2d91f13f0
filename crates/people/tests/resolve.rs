//! To whom a description leads: the hard cases.
#![expect(clippy::unwrap_used, reason = "helpers of tests; clippy spares test functions only")]

use std::sync::Arc;

use bytes::Bytes;
use tsumugi_fhir::json::{Document, Limits};
use tsumugi_kernel::{CitizenId, Instant};
use tsumugi_ledger::Signer;
use tsumugi_people::{Directory, Identifier, Incoming, QueueReason, Resolution, Sex, identifier::MEMBER};
use tsumugi_store::{Batch, CommitError, MemoryStore, Store};

const NOW: Instant = Instant(1_795_000_000_000);
const HOSPITAL: &str = "urn:oid:1.2.392.100495.20.3.51.11318814790";
const CLINIC: &str = "urn:oid:1.2.392.100495.20.3.51.11311234567";

struct Town {
    store: Arc<MemoryStore>,
    directory: Directory,
}

fn town() -> Town {
    let store = Arc::new(MemoryStore::new(Signer::new("test", [1; 32]).unwrap(), "test".into()));
    Town { directory: Directory::new(store.clone()), store }
}

fn her(identifiers: &[(&str, &str)]) -> Incoming {
    Incoming {
        identifiers: identifiers.iter().map(|(system, value)| Identifier::new(*system, *value)).collect(),
        name: Some("牧野 爛漫".into()),
        kana: Some("マキノ ランマン".into()),
        birth_date: Some("1930-06-28".into()),
        sex: Some(Sex::Female),
        ..Incoming::default()
    }
}

fn somebody(name: &str, birth: &str, identifiers: &[(&str, &str)]) -> Incoming {
    Incoming { name: Some(name.into()), kana: None, birth_date: Some(birth.into()), sex: None, ..her(identifiers) }
}

impl Town {
    async fn commit(&self, resolution: &Resolution) -> Result<(), CommitError> {
        let batch = Batch { rows: resolution.rows.clone(), expect: resolution.expect.clone(), ..Batch::default() };
        self.store.commit(batch).await.map(|_| ())
    }

    /// Resolves and commits.
    async fn come(&self, incoming: &Incoming) -> Resolution {
        let resolution = self.directory.resolve(incoming, NOW).await.unwrap();
        self.commit(&resolution).await.unwrap();
        resolution
    }

    async fn reasons(&self) -> Vec<(CitizenId, CitizenId, QueueReason)> {
        let queue = self.directory.queue(None, 100).await.unwrap();
        queue.into_iter().map(|entry| (entry.citizen, entry.candidate, entry.reason)).collect()
    }
}

#[tokio::test]
async fn a_personal_identifier_links_at_once_and_teaches_the_others() {
    let town = town();
    let first = town.come(&her(&[(HOSPITAL, "000999739"), (MEMBER, "00012345:あいう:１８７:05")])).await;
    assert!(first.new && !first.queued && first.linked_by.is_none());
    // A new job, a new insurer: the hospital's number leads to her, and the new number is learned.
    let second = town.come(&her(&[(HOSPITAL, "000999739"), (MEMBER, "06123456:7:8:01")])).await;
    assert_eq!((second.citizen, second.new), (first.citizen, false));
    assert_eq!(second.linked_by.unwrap().system, HOSPITAL);
    let third = town.come(&her(&[(CLINIC, "42"), (MEMBER, "06123456:7:8:01")])).await;
    assert_eq!(third.citizen, first.citizen);
    assert_eq!(town.directory.find(&Identifier::new(CLINIC, "42")).await.unwrap(), Some(first.citizen));
    assert!(town.reasons().await.is_empty());
    // Nothing new is written the second time.
    let again = town.directory.resolve(&her(&[(CLINIC, "42")]), NOW).await.unwrap();
    assert!(again.rows.is_empty() && again.expect.len() == 1);
}

#[tokio::test]
async fn twins_with_one_household_number_stay_two() {
    let town = town();
    let household = [(MEMBER, "00012345:あいう:１８７:")];
    let one = town.come(&somebody("佐藤 一", "2015-04-01", &household)).await;
    let two = town.come(&somebody("佐藤 二", "2015-04-01", &household)).await;
    assert!(one.new && two.new && one.citizen != two.citizen);
    assert!(!two.queued, "a household is no evidence of being one person");
    assert_eq!(town.directory.find(&Identifier::new(MEMBER, household[0].1)).await.unwrap(), None);
    // With 枝番 they are told apart.
    let one = town.come(&somebody("佐藤 一", "2015-04-01", &[(MEMBER, "00012345:あいう:１８７:03")])).await;
    let two = town.come(&somebody("佐藤 二", "2015-04-01", &[(MEMBER, "00012345:あいう:１８７:04")])).await;
    assert_ne!(one.citizen, two.citizen);
}

#[tokio::test]
async fn the_old_old_are_insured_alone_and_need_no_branch_number() {
    let town = town();
    let number = [(MEMBER, "39131156::01234567:")];
    let first = town.come(&her(&number)).await;
    let second = town.come(&her(&number)).await;
    assert_eq!(first.citizen, second.citizen);
}

#[tokio::test]
async fn full_width_digits_are_another_number() {
    let town = town();
    let wide = town.come(&somebody("甲", "1950-01-01", &[(MEMBER, "00012345:あ:１８７:05")])).await;
    let narrow = town.come(&somebody("乙", "1960-01-01", &[(MEMBER, "00012345:あ:187:05")])).await;
    assert_ne!(wide.citizen, narrow.citizen);
}

#[tokio::test]
async fn a_contradiction_makes_a_new_citizen_once_and_asks_a_person() {
    let town = town();
    let number = [(MEMBER, "00012345:あいう:１８７:05")];
    let first = town.come(&her(&number)).await;
    for incoming in [
        Incoming { birth_date: Some("1931-06-28".into()), ..her(&number) },
        Incoming { sex: Some(Sex::Male), ..her(&number) },
    ] {
        let other = town.come(&incoming).await;
        assert!(other.new && other.queued && other.citizen != first.citizen);
        assert!(town.reasons().await.contains(&(other.citizen, first.citizen, QueueReason::Contradiction)));
        // The same document again finds the citizen that its first sending made.
        let again = town.come(&incoming).await;
        assert_eq!((again.citizen, again.new), (other.citizen, false));
    }
    assert_eq!(town.come(&her(&number)).await.citizen, first.citizen, "the first owner keeps the number");
}

#[tokio::test]
async fn two_known_identifiers_of_two_people_contradict_each_other() {
    let town = town();
    let one = town.come(&somebody("甲", "1950-01-01", &[(HOSPITAL, "1")])).await;
    let two = town.come(&somebody("乙", "1950-01-01", &[(MEMBER, "00012345:1:2:01")])).await;
    let both = somebody("甲", "1950-01-01", &[(HOSPITAL, "1"), (MEMBER, "00012345:1:2:01")]);
    let third = town.come(&both).await;
    assert!(third.new && third.queued);
    let reasons = town.reasons().await;
    for other in [one.citizen, two.citizen] {
        assert!(reasons.contains(&(third.citizen, other, QueueReason::Contradiction)));
    }
    assert_eq!(town.come(&both).await.citizen, third.citizen);
}

#[tokio::test]
async fn a_name_and_a_birth_date_only_ever_queue() {
    let town = town();
    let first = town.come(&her(&[])).await;
    let spelt = Incoming {
        name: Some("牧野　爛漫".into()), kana: Some("ﾏｷﾉ ﾗﾝﾏﾝ".into()), ..her(&[(HOSPITAL, "9")])
    };
    let second = town.come(&spelt).await;
    assert!(first.new && second.new && second.queued);
    assert_eq!(town.reasons().await, [(second.citizen, first.citizen, QueueReason::Likeness)]);
    let other = town.come(&somebody("別の人", "1930-06-28", &[])).await;
    assert!(!other.queued);
    let unknown = town.come(&somebody("別の人", "1999-01-01", &[("http://x.example/ids", "1")])).await;
    assert!(unknown.new && !unknown.queued);
}

#[tokio::test]
async fn two_numbers_of_one_institution_link_and_are_looked_at() {
    let town = town();
    let first = town.come(&her(&[(HOSPITAL, "1"), (MEMBER, "00012345:1:2:01")])).await;
    let second = town.come(&her(&[(HOSPITAL, "2"), (MEMBER, "00012345:1:2:01")])).await;
    assert_eq!((second.citizen, second.queued), (first.citizen, true));
    assert_eq!(town.reasons().await, [(first.citizen, first.citizen, QueueReason::TwoNumbers)]);
}

#[tokio::test]
async fn two_firsts_at_once_do_not_both_win() {
    let town = town();
    let incoming = her(&[(MEMBER, "00012345:1:2:01")]);
    let one = town.directory.resolve(&incoming, NOW).await.unwrap();
    let two = town.directory.resolve(&incoming, NOW).await.unwrap();
    assert!(one.new && two.new);
    town.commit(&one).await.unwrap();
    assert!(matches!(town.commit(&two).await, Err(CommitError::Conflict(_))));
    assert_eq!(town.come(&incoming).await.citizen, one.citizen);
}

#[tokio::test]
async fn patients_are_listed_and_updates_learn() {
    let town = town();
    let mut first = town.directory.resolve(&her(&[(HOSPITAL, "1")]), NOW).await.unwrap();
    first.add_patient(31);
    first.add_patient(31);
    town.commit(&first).await.unwrap();
    let mut second = town.directory.resolve(&her(&[(HOSPITAL, "1")]), NOW).await.unwrap();
    second.add_patient(32);
    town.commit(&second).await.unwrap();
    assert_eq!(town.directory.citizen(first.citizen).await.unwrap().unwrap().patients, [31, 32]);

    let other = town.come(&somebody("乙", "1950-01-01", &[(CLINIC, "7")])).await;
    let sent = her(&[(HOSPITAL, "1"), (CLINIC, "7"), (MEMBER, "00012345:1:2:01")]);
    let update = town.directory.resolve_known(first.citizen, &sent, NOW).await.unwrap();
    town.commit(&update).await.unwrap();
    assert!(update.queued, "a number of somebody else");
    assert_eq!(town.directory.find(&Identifier::new(CLINIC, "7")).await.unwrap(), Some(other.citizen));
    assert_eq!(town.directory.find(&Identifier::new(MEMBER, "00012345:1:2:01")).await.unwrap(), Some(first.citizen));
}

#[test]
fn a_fhir_patient_is_read() {
    let json = r#"{"resourceType":"Patient","gender":"female","birthDate":"1930-06-28",
        "identifier":[{"system":"http://jpfhir.jp/fhir/clins/Idsystem/JP_Insurance_memberID","value":"00012345:あいう:１８７:05"},
                      {"use":"old","system":"urn:oid:1.2.392.100495.20.3.51.11318814790","value":"1"},{"value":"x"}],
        "name":[{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation","valueCode":"SYL"}],"text":"マキノ ランマン"},
                {"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation","valueCode":"IDE"}],"family":"牧野","given":["爛漫"]}]}"#;
    let document = Document::parse(Bytes::from(json), &Limits::default()).unwrap();
    assert_eq!(Incoming::from_patient(document.root()), her(&[(MEMBER, "00012345:あいう:１８７:05")]));
    let empty =
        Document::parse(Bytes::from(r#"{"name":7,"identifier":{"system":"x"},"gender":"king"}"#), &Limits::default())
            .unwrap();
    assert_eq!(Incoming::from_patient(empty.root()), Incoming::default());
}
