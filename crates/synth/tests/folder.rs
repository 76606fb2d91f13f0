//! The town's folder: the same bytes whatever the number of threads, and out comes what went in.
#![allow(clippy::unwrap_used, reason = "helpers of tests fail by panicking, too")]

mod common;

use std::{
    collections::BTreeMap,
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
};

use common::TODAY;
use tsumugi_synth::{
    Directory, SynthError, Town,
    out::{self, FORMAT, Manifest, Message, write_out},
    story,
    town::Sources,
};

/// Every file of a folder with its bytes.
fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![dir.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(dir).unwrap().display().to_string();
                found.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    found
}

/// A town in which sources make mistakes and people look.
fn town() -> Town {
    Town::new(1, 200, TODAY).with_sources(Sources::Usual)
}

fn write(dir: &Path, threads: usize) -> Manifest {
    let files = [("comparison.json", b"{\"rows\":[]}".to_vec())];
    write_out(&town(), dir, threads, &files, &|_| {}).unwrap()
}

#[test]
fn the_bytes_do_not_depend_on_the_number_of_threads() {
    let (one, four) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    assert_eq!(write(one.path(), 1), write(four.path(), 4));
    let (one, four) = (files(one.path()), files(four.path()));
    assert_eq!(one.keys().collect::<Vec<_>>(), four.keys().collect::<Vec<_>>());
    for (name, bytes) in &one {
        assert!(four[name] == *bytes, "{name} differs");
    }
    assert_eq!(one["comparison.json"], b"{\"rows\":[]}");
}

#[test]
fn a_folder_gives_back_what_was_sent() {
    let dir = tempfile::tempdir().unwrap();
    let manifest = write(dir.path(), 3);
    let read: Manifest = serde_json::from_slice(&std::fs::read(dir.path().join("manifest.json")).unwrap()).unwrap();
    assert_eq!((&read, read.format.as_str()), (&manifest, FORMAT));
    let of_story: Vec<Message> =
        story::all(TODAY).unwrap().iter().filter_map(|sent| Message::of(sent, None, None)).collect();
    assert_eq!(out::read_chunk(dir.path(), &manifest.story).unwrap(), of_story);
    let town = town();
    let (mut looks, mut next, mut resources) = (0, 0, manifest.story.resources);
    for chunk in &manifest.chunks {
        assert_eq!(chunk.first, next, "chunks follow each other");
        next += chunk.citizens;
        let messages = out::read_chunk(dir.path(), chunk).unwrap();
        let mut of_people = (chunk.first..next)
            .flat_map(|index| town.person(index).unwrap().into_iter().chain(town.looks(index).unwrap()));
        for message in &messages {
            let sent = of_people.next().unwrap();
            assert_eq!(Message::of(&sent, None, None).unwrap().body, message.body, "{}", sent.name);
            looks += u32::from(message.envelope.form == "look");
            assert_eq!((&sent.name, sent.time), (&message.envelope.name, message.envelope.time));
            let json: serde_json::Value = serde_json::from_slice(&message.body).unwrap();
            let whole = usize::from(message.envelope.form != "look");
            let entries = json["entry"].as_array().map_or(whole, Vec::len);
            assert_eq!(message.resources(), u64::try_from(entries).unwrap());
            resources += message.resources();
        }
        assert!(of_people.next().is_none());
    }
    assert_eq!((next, resources), (200, manifest.resources()));
    assert!(looks > 0, "people look");
    let truth = std::fs::read(dir.path().join("truth.jsonl.zst")).unwrap();
    let lines = String::from_utf8(zstd::decode_all(truth.as_slice()).unwrap()).unwrap();
    assert_eq!((lines.lines().count(), manifest.truth.lines), (200, 200));
    for (index, line) in (0..).zip(lines.lines()) {
        assert_eq!(line, serde_json::to_string(&town.tell(index).unwrap().truth).unwrap(), "{index}");
    }
    let directory: Directory =
        serde_json::from_slice(&std::fs::read(dir.path().join("directory.json")).unwrap()).unwrap();
    for name in ["みなと総合病院", "中村さんの家", "紬健康科学研究所"] {
        assert!(directory.organizations.iter().any(|one| one.name == name), "{name}");
    }
}

#[test]
fn a_damaged_chunk_is_named_and_a_full_folder_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let manifest = write(dir.path(), 2);
    let chunk = &manifest.chunks[1];
    let path = dir.path().join(&chunk.file);
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let error = out::read_chunk(dir.path(), chunk).unwrap_err();
    assert!(matches!(&error, SynthError::Damaged { path: named, .. } if *named == path), "{error}");
    assert!(error.to_string().contains("town/0000064.jsonl.zst is damaged"), "{error}");
    out::read_chunk(dir.path(), &manifest.chunks[0]).unwrap();
    std::fs::remove_file(&path).unwrap();
    assert!(matches!(out::read_chunk(dir.path(), chunk), Err(SynthError::Read { .. })));
    let again = write_out(&Town::new(1, 1, TODAY), dir.path(), 1, &[], &|_| {});
    assert!(matches!(again, Err(SynthError::NotEmpty(_))));
}

#[test]
fn progress_only_grows() {
    let dir = tempfile::tempdir().unwrap();
    let most = AtomicU64::new(0);
    let told = |done: u64| assert!(most.fetch_max(done, Ordering::SeqCst) < done);
    write_out(&Town::new(2, 130, TODAY), dir.path(), 1, &[], &told).unwrap();
    assert_eq!(most.into_inner(), 130);
}
