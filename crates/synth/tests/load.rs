//! Documents for benchmarks: distinct, whole, of the size asked for, made fast.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "helpers of tests fail by panicking, too")]

mod common;

use std::collections::HashSet;

use common::{references, resources};
use serde_json::Value;
use tsumugi_kernel::edge::Stopwatch;
use tsumugi_synth::{
    form::clinical::LAB_ITEMS,
    load::{Load, citizen, documents},
};

fn whole(bytes: &[u8]) -> (Value, usize) {
    let json: Value = serde_json::from_slice(bytes).unwrap();
    let list = resources(&json);
    let urls: HashSet<&str> = list.iter().map(|(url, _)| *url).collect();
    assert_eq!(urls.len(), list.len());
    for (_, resource) in &list {
        let mut found = Vec::new();
        references(resource, &mut found);
        assert!(found.iter().all(|reference| reference.starts_with('#') || urls.contains(reference)));
    }
    let count = list.len();
    (json, count)
}

#[test]
fn documents_are_distinct_whole_and_of_the_usual_size() {
    let mut identifiers = HashSet::new();
    let mut members = HashSet::new();
    for bytes in documents(1, 200, 20) {
        let (json, count) = whole(&bytes);
        assert_eq!(count, 20);
        assert!((20 * 1_200..20 * 1_700).contains(&bytes.len()), "{} bytes a resource", bytes.len() / 20);
        assert!(identifiers.insert(json["identifier"]["value"].as_str().unwrap().to_owned()));
        let patient = resources(&json)[1].1.clone();
        assert!(members.insert(patient["identifier"][1]["value"].as_str().unwrap().to_owned()));
        let text = String::from_utf8(bytes).unwrap();
        for marker in ["@", "SERIAL0", "1891-02-03", "999000111", "98877"] {
            assert!(!text.contains(marker), "{marker} is left");
        }
        let codes = LAB_ITEMS.iter().filter(|item| text.contains(&format!("\"{}\"", item.jlac10))).count();
        assert_eq!(codes, text.matches("JP_Observation_LabResult_eCS").count(), "a laboratory item's code was cut");
    }
}

#[test]
fn the_same_document_is_the_same_everywhere() {
    let first: Vec<Vec<u8>> = documents(4, 10, 20).collect();
    assert_eq!(first, documents(4, 10, 20).collect::<Vec<_>>());
    assert_eq!(first[7], Load::new(4, 20).document(7, 0));
    assert_ne!(first[7], documents(5, 10, 20).nth(7).unwrap());
}

#[test]
fn a_citizen_has_as_many_resources_as_asked() {
    for resources in [20, 50, 100, 300, 305] {
        let list = citizen(1, 9, resources);
        let mut members = HashSet::new();
        let mut total = 0;
        for bytes in &list {
            let (json, count) = whole(bytes);
            total += count;
            members.insert(common::resources(&json)[1].1["identifier"][1]["value"].as_str().unwrap().to_owned());
        }
        assert_eq!((total, members.len()), (resources, 1));
        assert!(members.contains(&Load::member_id(9)));
    }
}

#[test]
fn five_thousand_documents_take_seconds_at_most() {
    let watch = Stopwatch::start();
    let bytes: usize = documents(2, 5_000, 20).map(|document| document.len()).sum();
    let elapsed = watch.elapsed();
    println!("{bytes} bytes in {elapsed:?}");
    // A release build takes a fraction of a second; this bound only catches a return to rendering each document.
    assert!(elapsed.as_secs() < 5, "{elapsed:?}");
}
