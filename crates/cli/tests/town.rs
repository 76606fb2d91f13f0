//! Towns brought in: from a folder and without one, twice, and after an interruption.

#![expect(clippy::unwrap_used, reason = "helpers of tests; clippy spares test functions only")]

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use tsumugi_cli::{
    import::{Counted, Importer},
    town::{self, Journal, Pace, Source, Tally},
    town_clock::TownClock,
};
use tsumugi_kernel::{Clock, edge::SystemEntropy};
use tsumugi_server::{App, Folder};
use tsumugi_synth::{Town, out::write_out};

const TODAY: jiff::civil::Date = jiff::civil::date(2026, 11, 22);
const CITIZENS: u64 = 70;

fn made() -> Town {
    Town::new(3, CITIZENS, TODAY)
}

fn importer(data: &Path) -> Importer {
    let folder = Folder::open(data, true, &SystemEntropy).unwrap();
    let clock = Arc::new(TownClock::default());
    let app = App::new(folder, Arc::clone(&clock) as Arc<dyn Clock>, Arc::new(SystemEntropy)).unwrap();
    Importer::new(&app.desk, clock)
}

/// How many resources of each kind each citizen has, by a number that the town knows them by.
async fn shelves(importer: &Importer) -> BTreeMap<String, BTreeMap<String, usize>> {
    let desk = importer.desk();
    let mut found = BTreeMap::new();
    for citizen in desk.directory.citizens(None, 10_000).await.unwrap() {
        let number = citizen.patients.first().copied().unwrap();
        let key = tsumugi_kernel::FactKey { citizen: citizen.id, kind: tsumugi_kernel::Kind::PATIENT, number };
        let person = tsumugi_kernel::PersonId::new("okada-chihiro").unwrap();
        let hospital = desk.directory.person(&person).await.unwrap().unwrap().organization.clone().unwrap();
        let (role, purpose) = (tsumugi_kernel::Role::Physician, tsumugi_kernel::Purpose::Treat);
        let caller = importer.caller(&person, &hospital, role, purpose).await.unwrap();
        let path = format!("/Patient/{}/$everything?_count=1000", desk.record.sealer().seal(key));
        let answer = importer.gate().ask(&caller, "GET", &path, bytes::Bytes::new()).await.unwrap();
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
        let bundle: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
        let mut kinds = BTreeMap::new();
        for entry in bundle["entry"].as_array().unwrap() {
            *kinds.entry(entry["resource"]["resourceType"].as_str().unwrap().to_owned()).or_default() += 1;
        }
        let numbers: Vec<&str> = bundle["entry"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|entry| entry["resource"]["resourceType"] == "Patient")
            .flat_map(|entry| {
                entry["resource"]["identifier"].as_array().into_iter().flatten().filter_map(|one| one["value"].as_str())
            })
            .collect();
        found.insert(numbers.into_iter().max().unwrap().to_owned(), kinds);
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_and_the_town_without_one_come_to_the_same() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("town");
    let manifest = write_out(&made(), &folder, 2, &[], &|_| {}).unwrap();
    let (one, two) = (place.path().join("one"), place.path().join("two"));
    let by_folder = importer(&one);
    let counted = by_folder.town(Source::folder(&folder).unwrap(), &one).await.unwrap();
    assert_eq!(counted, Counted { taken: manifest.messages(), refused: 0 });
    assert!(one.join("people.json").is_file());
    let made_on_the_way = importer(&two);
    assert_eq!(made_on_the_way.town(Source::Made(made()), &two).await.unwrap(), counted);
    let there = shelves(&by_folder).await;
    assert!(there.len() > 30, "{} people", there.len());
    assert_eq!(there, shelves(&made_on_the_way).await);
    // A second time nothing is sent, and nothing is there twice.
    assert_eq!(by_folder.town(Source::folder(&folder).unwrap(), &one).await.unwrap(), Counted::default());
    assert_eq!(there, shelves(&by_folder).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_folder_is_refused_and_what_was_begun_ends() {
    let place = tempfile::tempdir().unwrap();
    let (folder, data) = (place.path().join("town"), place.path().join("data"));
    let manifest = write_out(&made(), &folder, 2, &[], &|_| {}).unwrap();
    std::fs::write(folder.join(&manifest.chunks[1].file), "no zstd").unwrap();
    let importer = importer(&data);
    let error = importer.town(Source::folder(&folder).unwrap(), &data).await.unwrap_err().to_string();
    assert!(error.contains("0000064.jsonl.zst is damaged"), "{error}");
    std::fs::write(folder.join("manifest.json"), "{\"format\":\"tsumugi-synth/1\"}").unwrap();
    let old = Source::folder(&folder).err().unwrap().to_string();
    assert!(old.contains("make the town again"), "{old}");
}

/// Lets so many households begin, then no more.
struct Few(AtomicUsize);

impl Pace for Few {
    fn at_once(&self) -> usize {
        if self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok() { 4 } else { 0 }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_town_that_was_interrupted_goes_on_and_nothing_is_there_twice() {
    let place = tempfile::tempdir().unwrap();
    let (data, whole) = (place.path().join("data"), place.path().join("whole"));
    let cut = importer(&data);
    let source = Arc::new(Source::Made(made()));
    cut.directory(&source.directory().unwrap()).await.unwrap();
    let journal = Arc::new(Journal::open(&data, &source.name()).unwrap());
    let tally = Arc::new(Tally::default());
    let ended = town::take(&cut, &source, &journal, &Few(AtomicUsize::new(20)), &tally).await.unwrap();
    assert!(!ended, "it was stopped before its end");
    let [there, taken, ..] = tally.read();
    assert!(there > 0 && there < CITIZENS && taken > 0, "{there} of {CITIZENS}");
    // As a kill would leave it: the answers of the last lines never reached the journal.
    let file = std::fs::read_dir(data.join("towns")).unwrap().next().unwrap().unwrap().path();
    let text = std::fs::read_to_string(&file).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let cut_at = lines.iter().rposition(|line| line.starts_with('+')).unwrap();
    std::fs::write(&file, lines[..=cut_at].join("\n") + "\n").unwrap();
    cut.town(Source::Made(made()), &data).await.unwrap();
    let reference = importer(&whole);
    reference.town(Source::Made(made()), &whole).await.unwrap();
    assert_eq!(shelves(&cut).await, shelves(&reference).await);
}
