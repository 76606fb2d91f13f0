//! Numbers over time: a number that ended, a number that an insurer gave to somebody else, who said what and when.
#![expect(clippy::unwrap_used, reason = "helpers of tests; clippy spares test functions only")]

use std::sync::Arc;

use jiff::civil::{Date, date};
use tsumugi_kernel::{CitizenId, Instant, OrganizationId};
use tsumugi_ledger::Signer;
use tsumugi_people::{
    By, Directory, Identifier, Incoming, QueueReason, Resolution, Said, Sex, Source, Validity,
    identifier::{MEMBER, RESIDENCE_CARD, TEMPORARY_PREFIX},
};
use tsumugi_store::{Batch, MemoryStore, Row, Store, Table};

const NOW: Instant = Instant(1_795_000_000_000);
const NUMBER: &str = "00012345:あ:１８７:05";
const HOSPITAL: &str = "urn:oid:1.2.392.100495.20.3.51.11318814790";

struct Town {
    store: Arc<MemoryStore>,
    directory: Directory,
}

fn town() -> Town {
    let store = Arc::new(MemoryStore::new(Signer::new("test", [1; 32]).unwrap(), "test".into()));
    Town { directory: Directory::new(store.clone()), store }
}

fn somebody(name: &str, birth: &str, sex: Sex, identifiers: &[(&str, &str)]) -> Incoming {
    Incoming {
        identifiers: identifiers.iter().map(|(system, value)| Identifier::new(*system, *value)).collect(),
        name: Some(name.into()),
        birth_date: Some(birth.into()),
        sex: Some(sex),
        ..Incoming::default()
    }
}

fn said(by: By, organization: &str, identifier: (&str, &str), from: Option<Date>, until: Option<Date>) -> Said {
    let organization = OrganizationId::new(organization).unwrap();
    Said {
        identifier: Identifier::new(identifier.0, identifier.1),
        validity: Validity::new(from, until),
        source: Source { organization, by, reference: Some("f00d:7".into()) },
        told: NOW,
    }
}

impl Town {
    async fn commit(&self, resolution: &Resolution) {
        let batch = Batch { rows: resolution.rows.clone(), expect: resolution.expect.clone(), ..Batch::default() };
        self.store.commit(batch).await.unwrap();
    }

    async fn come(&self, incoming: &Incoming, on: Date, said: &[Said]) -> Resolution {
        let mut resolution = self.directory.resolve_on(incoming, on, NOW).await.unwrap();
        resolution.say(said).unwrap();
        self.commit(&resolution).await;
        resolution
    }
}

#[tokio::test]
async fn a_number_that_ended_leads_to_whoever_had_it_for_its_days_only() {
    let town = town();
    let her = somebody("牧野 爛漫", "1990-06-28", Sex::Female, &[(MEMBER, NUMBER)]);
    let end = date(2024, 4, 1);
    let first =
        town.come(&her, date(2022, 5, 1), &[said(By::File, "insurer", (MEMBER, NUMBER), None, Some(end))]).await;
    // A document of her time, sent late: it is hers.
    assert_eq!(town.come(&her, date(2024, 3, 31), &[]).await.citizen, first.citizen);
    // The insurer gives the number to somebody else. Nothing about that person contradicts her: no birth date, no sex.
    let bare = Incoming { identifiers: her.identifiers.clone(), ..Incoming::default() };
    let second = town.come(&bare, date(2025, 7, 1), &[]).await;
    assert!(second.new, "whoever has the number now is not whoever had it");
    assert!(!second.queued, "and there is no doubt about it");
    assert_eq!(town.come(&bare, date(2025, 7, 2), &[]).await.citizen, second.citizen);
    assert_eq!(town.come(&bare, date(2023, 7, 1), &[]).await.citizen, first.citizen);
    let number = Identifier::new(MEMBER, NUMBER);
    assert_eq!(town.directory.find(&number).await.unwrap(), Some(second.citizen), "today's holder is found");
    assert_eq!(town.directory.find_on(&number, date(2024, 3, 31)).await.unwrap(), Some(first.citizen));
    // What was said stays as evidence.
    let row = town.directory.citizen(first.citizen).await.unwrap().unwrap();
    assert_eq!(row.said.len(), 1);
    assert_eq!((row.said[0].validity.until, row.said[0].source.reference.as_deref()), (Some(end), Some("f00d:7")));
}

#[tokio::test]
async fn even_she_herself_is_not_linked_by_her_ended_number_but_by_another() {
    let town = town();
    let her = somebody("牧野 爛漫", "1990-06-28", Sex::Female, &[(MEMBER, NUMBER), (HOSPITAL, "7")]);
    let end = date(2024, 4, 1);
    let first =
        town.come(&her, date(2022, 5, 1), &[said(By::File, "insurer", (MEMBER, NUMBER), None, Some(end))]).await;
    assert_eq!(town.come(&her, date(2025, 1, 1), &[]).await.citizen, first.citizen, "by the hospital's number");
    let number_only = somebody("牧野 爛漫", "1990-06-28", Sex::Female, &[(MEMBER, NUMBER)]);
    let apart = town.come(&number_only, date(2025, 1, 1), &[]).await;
    assert!(apart.new && apart.queued, "a person decides whether the two are one");
    let queue = town.directory.queue(None, 10).await.unwrap();
    assert!(queue.iter().any(|entry| entry.candidate == first.citizen && entry.reason == QueueReason::Likeness));
}

#[tokio::test]
async fn only_whoever_gives_a_number_out_says_by_a_message_when_it_ends() {
    let town = town();
    let her = somebody("甲", "1990-06-28", Sex::Female, &[(MEMBER, NUMBER), (HOSPITAL, "7")]);
    let end = Some(date(2024, 4, 1));
    let words = [
        said(By::Message, "1318814790", (MEMBER, NUMBER), None, end),
        said(By::Message, "1318814790", (HOSPITAL, "7"), None, end),
    ];
    let first = town.come(&her, date(2024, 1, 1), &words).await;
    let later = date(2025, 1, 1);
    let find =
        async |system: &str, value: &str| town.directory.find_on(&Identifier::new(system, value), later).await.unwrap();
    assert_eq!(find(MEMBER, NUMBER).await, Some(first.citizen), "a hospital does not end an insurer's number");
    assert_eq!(find(HOSPITAL, "7").await, None, "it ends its own");
    assert_eq!(town.directory.citizen(first.citizen).await.unwrap().unwrap().said.len(), 2, "both are evidence");
}

#[tokio::test]
async fn newborns_foreigners_and_unknown_people_have_numbers_too() {
    let town = town();
    let system = format!("{TEMPORARY_PREFIX}1318814790");
    let baby = Incoming { identifiers: vec![Identifier::new(system.as_str(), "NB-1")], ..Incoming::default() };
    let first = town.come(&baby, date(2026, 11, 1), &[]).await;
    // Some days later the child has a name and the hospital's own number.
    let named = somebody("佐藤 一", "2026-11-01", Sex::Male, &[(&system, "NB-1"), (HOSPITAL, "88")]);
    let end = Some(date(2026, 11, 10));
    let second =
        town.come(&named, date(2026, 11, 9), &[said(By::Message, "1318814790", (&system, "NB-1"), None, end)]).await;
    assert_eq!((second.citizen, second.new), (first.citizen, false));
    // The next child under the same temporary number is another person.
    let next = town.come(&baby, date(2026, 11, 20), &[]).await;
    assert!(next.new && next.citizen != first.citizen);

    let card =
        |number: &str| somebody("グエン", "1998-02-03", Sex::Female, &[(RESIDENCE_CARD, number), (HOSPITAL, "9")]);
    let old = town.come(&card("AB12345678CD"), date(2024, 1, 1), &[]).await;
    let renewed = town.come(&card("EF12345678GH"), date(2026, 1, 1), &[]).await;
    assert_eq!(renewed.citizen, old.citizen, "a renewed card is learned beside the old one");
}

#[tokio::test]
async fn rows_of_the_first_form_are_read() {
    let town = town();
    let mut holders = vec![1];
    holders.extend(7u64.to_be_bytes());
    let citizen = br#"{"v":1,"id":7,"name":"x","birth_date":"1950-01-01"}"#.to_vec();
    let rows = vec![
        Row { table: Table::Identifier, key: format!("m|{NUMBER}").into_bytes(), value: Some(holders) },
        Row { table: Table::Citizen, key: 7u64.to_be_bytes().to_vec(), value: Some(citizen) },
    ];
    town.store.commit(Batch { rows, ..Batch::default() }).await.unwrap();
    let found = town.come(&somebody("x", "1950-01-01", Sex::Other, &[(MEMBER, NUMBER)]), date(2026, 1, 1), &[]).await;
    assert_eq!(found.citizen, CitizenId(7));
    assert_eq!(town.directory.citizen(CitizenId(7)).await.unwrap().unwrap().sex, Some(Sex::Other), "and written anew");
}
