//! Cosignatures and policies: the bytes of the standard, and what must never count.

#![expect(clippy::unwrap_used, reason = "a test's own helpers may stop the test")]

mod common;

use tsumugi_ledger::{Checkpoint, Cosigner, Note, Sight, TreeHead, WitnessKey, WitnessPolicy};

/// Made with another implementation of Ed25519 and SHA-256 (Python's `cryptography`) from the seed `07 … 07`, over the
/// checkpoint and the time of the standard's own example.
const VKEY: &str = "witness.example.com/w1+8122a5ab+BOpKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs";
const TEXT: &str = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
const LINE: &str = "\u{2014} witness.example.com/w1 gSKlqwAAAABkGFDLWr4Jea05CAgwNVtwky0Jgz6WfX0QJgM//FkB/W9BoT9TX0DkTxG+2cT4p/ViKNhUM/SnUwFcYQzugGFQ15LwDw==\n";
const TIME: u64 = 1_679_315_147;
/// The log's own line of the standard's example.
const LOG_LINE: &str = "\u{2014} example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n";

fn cosigner(number: u8) -> Cosigner {
    Cosigner::new(&format!("witness.example.com/w{number}"), [number; 32]).unwrap()
}

#[test]
fn a_cosignature_is_the_standards_bytes() {
    let cosigner = Cosigner::new("witness.example.com/w1", [7; 32]).unwrap();
    assert_eq!(cosigner.public().vkey(), VKEY);
    assert_eq!(cosigner.cosign(TEXT, TIME), LINE);
    let key = WitnessKey::parse(VKEY).unwrap();
    let note = format!("{TEXT}\n{LOG_LINE}{LINE}");
    assert_eq!(key.seen(&Note::split(&note).unwrap()).unwrap(), Some(TIME));
    let head = TreeHead::parse(Note::split(&note).unwrap().text).unwrap();
    assert_eq!(
        (head.origin.as_str(), head.size, head.extension.as_str()),
        ("example.com/behind-the-sofa", 20_852_163, "")
    );
    // A log's key is never a witness's.
    assert!(WitnessKey::parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW").is_err());
    assert!(WitnessKey::parse(&VKEY.replace("8122a5ab", "8122a5ac")).is_err());
}

#[test]
fn a_changed_text_time_or_signature_is_broken() {
    let key = WitnessKey::parse(VKEY).unwrap();
    let seen = |note: &str| key.seen(&Note::split(note).unwrap()).ok();
    assert_eq!(seen(&format!("{TEXT}\n{LOG_LINE}")), Some(None));
    assert_eq!(seen(&format!("{}\n{LINE}", TEXT.replace("20852163", "20852164"))), None);
    // One second later, with the old signature.
    assert_eq!(seen(&format!("{TEXT}\n{}", LINE.replace("AAAABkGFDL", "AAAABkGFDM"))), None);
    assert_eq!(seen(&format!("{TEXT}\n{}", LINE.replace("Wr4J", "Wr4K"))), None);
    // A good line beside a broken one in the same name: nothing that is said in that name counts.
    assert_eq!(seen(&format!("{TEXT}\n{LINE}{}", LINE.replace("Wr4J", "Wr4K"))), None);
}

#[test]
fn heads_have_one_form() {
    for bad in [
        "",
        "a\n1\n",
        "\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
        "a\n01\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
        "a\n+1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
        "a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=",
        "a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\nx\n\ny\n",
    ] {
        assert!(TreeHead::parse(bad).is_err(), "{bad:?}");
    }
    let checkpoint = Checkpoint { origin: "a".into(), size: 3, root: [1; 32], map_root: [2; 32] };
    let head = TreeHead::parse(&checkpoint.text()).unwrap();
    assert!(head.extension.starts_with("map ") && head.root == [1; 32] && head.size == 3);
}

/// A note signed by the log and seen by these witnesses at these times.
fn note(seen: &[(u8, u64)]) -> String {
    let checkpoint = Checkpoint { origin: common::ORIGIN.into(), size: 5, root: [1; 32], map_root: [2; 32] };
    let mut note = checkpoint.sign(&common::signer()).unwrap();
    for (number, time) in seen {
        note.push_str(&cosigner(*number).cosign(&checkpoint.text(), *time));
    }
    note
}

fn three() -> WitnessPolicy {
    WitnessPolicy::of((1..=3).map(|number| cosigner(number).public().clone()).collect(), 2).unwrap()
}

#[test]
fn k_of_n_counts_each_witness_once_and_says_since_when() {
    let judge = |seen: &[(u8, u64)], now| three().judge(&Note::split(&note(seen)).unwrap(), now);
    let one = judge(&[(1, 100)], 1_000);
    assert!(!one.holds() && one.count() == 1 && one.needed == Some(2));
    // The same witness twice is one witness; a stranger is none.
    assert!(!judge(&[(1, 100), (1, 200), (9, 100)], 1_000).holds());
    let two = judge(&[(1, 100), (3, 300)], 1_000);
    assert_eq!((two.holds(), two.enough_at, two.count()), (true, Some(100), 2));
    // With all three, two are enough since the second newest.
    assert_eq!(judge(&[(1, 100), (2, 200), (3, 300)], 1_000).enough_at, Some(200));
    // A time that has not come yet does not count, but for clocks that are a little apart.
    let ahead = judge(&[(1, 100), (3, 1_301)], 1_000);
    assert!(!ahead.holds() && ahead.seen[2].sight == Sight::Future(1_301));
    assert!(judge(&[(1, 100), (3, 1_300)], 1_000).holds());
    // Nobody is demanded: it holds, and says so.
    let none = WitnessPolicy::of(Vec::new(), 0).unwrap().judge(&Note::split(&note(&[])).unwrap(), 0);
    assert!(none.holds() && !none.demanded);
}

#[test]
fn a_policy_is_read_in_the_standards_form_and_written_back() {
    let policy = three().with_log(common::signer().verifier().clone());
    let text = policy.text().unwrap();
    let read = WitnessPolicy::parse(&text).unwrap();
    assert_eq!(read.text().unwrap(), text);
    assert!(read.needed() == Some(2) && read.logs().len() == 1);
    let key = |number: u8| cosigner(number).public().vkey();
    let nested = format!(
        "# two of the first three, and the fourth\nwitness A {}\nwitness B {}\n witness\tC {} https://c.example/\nwitness D {}\n\ngroup abc 2 A B C\ngroup all-of all abc D\nquorum all-of\n",
        key(1),
        key(2),
        key(3),
        key(4)
    );
    let nested = WitnessPolicy::parse(&nested).unwrap();
    let holds = |seen: &[(u8, u64)]| nested.judge(&Note::split(&note(seen)).unwrap(), 1_000).enough_at;
    assert_eq!(holds(&[(1, 10), (2, 20), (3, 30)]), None);
    assert_eq!(holds(&[(1, 10), (4, 40)]), None);
    assert_eq!(holds(&[(1, 10), (3, 30), (4, 40)]), Some(10));
    assert!(nested.needed().is_none() && nested.text().is_none());
}

#[test]
fn a_policy_that_could_be_misread_is_refused() {
    let one = format!("witness A {}\n", cosigner(1).public().vkey());
    for bad in [
        String::new(),
        one.clone(),
        format!("{one}quorum B\n"),
        format!("{one}quorum A\nquorum A\n"),
        format!("{one}{one}quorum A\n"),
        format!("{one}{}quorum A\n", one.replace(" A ", " B ")),
        format!("{one}group g 2 A\nquorum g\n"),
        format!("{one}group g 0 A\nquorum g\n"),
        format!("{one}group g any A A\nquorum g\n"),
        format!("{one}group g any A\ngroup h any A\nquorum g\n"),
        format!("quorum A\n{one}"),
        format!("{one}witnes B x\nquorum A\n"),
        format!("{one}quorum A\r\n"),
        format!("witness none {}\nquorum none\n", cosigner(1).public().vkey()),
        format!("log {}\n{one}quorum A\n", cosigner(1).public().vkey()),
    ] {
        assert!(WitnessPolicy::parse(&bad).is_err(), "{bad}");
    }
    assert!(WitnessPolicy::parse("quorum none\n").unwrap().text().is_some());
    assert!(WitnessPolicy::of(vec![cosigner(1).public().clone()], 2).is_err());
    assert!(WitnessPolicy::of(vec![cosigner(1).public().clone(); 2], 1).is_err());
}
