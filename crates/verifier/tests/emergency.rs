//! Emergency summaries, read without a network.
#![expect(clippy::unwrap_used, reason = "helpers of tests; clippy spares test functions only")]

use tsumugi_ledger::{EmergencySummary, Fault, Signer, Topic};
use tsumugi_verifier::{is_emergency_summary, read_emergency_summary};

fn signed() -> (String, String) {
    let signer = Signer::new("tsumugi.example/test/emergency", [5; 32]).unwrap();
    let summary = EmergencySummary {
        id: "0123456789abcdef0123456789abcdef".into(),
        key: signer.vkey(),
        issued: 1_000,
        expires: 2_000,
        lines: vec![(Topic::Name, "山田 ハル".into()), (Topic::Allergy, "ペニシリン".into())],
        left: Vec::new(),
    };
    (summary.sign(&signer, &|at| at.to_string()).unwrap(), signer.vkey())
}

#[test]
fn it_says_what_it_tells_and_how_far_it_can_be_believed() {
    let (note, vkey) = signed();
    assert!(is_emergency_summary(note.as_bytes()) && !is_emergency_summary(b"{}"));
    let fresh = read_emergency_summary(note.as_bytes(), Some(&vkey), 1_999);
    assert!(fresh.outcome.is_ok() && !fresh.is_old);
    assert!(
        fresh.words.ja.contains("ペニシリン") && fresh.words.en.contains("Allergy: ペニシリン"),
        "{:?}",
        fresh.words
    );
    assert!(!fresh.words.ja.contains("期限が過ぎています") && !fresh.words.ja.contains("ほかで確かめて"));
    let old = read_emergency_summary(note.as_bytes(), None, 2_000);
    assert!(
        old.is_old && old.words.en.contains("expired") && old.words.en.contains("from elsewhere"),
        "{:?}",
        old.words
    );
    let windows = read_emergency_summary(note.replace('\n', "\r\n").as_bytes(), Some(&vkey), 1);
    assert!(windows.outcome.is_ok(), "what a mail program did to its lines changes nothing");
}

#[test]
fn what_was_changed_tells_nothing() {
    let (note, vkey) = signed();
    let changed = read_emergency_summary(note.replace("ペニシリン", "卵").as_bytes(), Some(&vkey), 1);
    assert!(
        matches!(changed.outcome, Err(Fault::Signature(_))) && !changed.words.ja.contains('卵'),
        "{:?}",
        changed.words
    );
    let other = Signer::new("tsumugi.example/test/emergency", [6; 32]).unwrap().vkey();
    assert!(matches!(read_emergency_summary(note.as_bytes(), Some(&other), 1).outcome, Err(Fault::ForeignKey { .. })));
    assert!(matches!(read_emergency_summary(b"\xff", None, 1).outcome, Err(Fault::Format(_))));
}
