//! What a reader is told, in both languages.
#![expect(clippy::unwrap_used, reason = "helpers of tests; clippy spares test functions only")]

#[path = "../../ledger/tests/common/mod.rs"]
mod common;

use common::{Log, label, signer};
use tsumugi_ledger::{Cosigner, Fault, Note, ProofFile, audit};
use tsumugi_verifier::{Demand, Verdict, WitnessPolicy, explain, verify, verify_witnessed};

#[test]
fn a_good_proof_says_that_none_was_left_out() {
    let proof = Log::sample(6, 60, 1).proof(2);
    let count = proof.count;
    let verdict = verify(&proof.to_json().unwrap(), Some(&signer().vkey()));
    assert!(verdict.holds());
    assert!(verdict.words.ja.contains(&format!("{count}件で、抜けているものはありません")), "{}", verdict.words.ja);
    assert!(verdict.words.en.contains("none is left out"), "{}", verdict.words.en);
    assert!(
        verdict
            .words
            .ja
            .contains("髙橋 明子 (nurse) / つむぎ病院 / 目的: 治療のため / 4件を閲覧 / 規則: care-relation")
    );
    assert!(verdict.words.en.contains("purpose: For treatment / 4 shown / rule: care-relation"));
    assert_eq!(verdict.words.ja.lines().count() as u64, 2 + count, "head, log, one line per look");
    assert!(!verdict.words.en.contains("Note:"));
    let untrusted = verify(&proof.to_json().unwrap(), None);
    assert!(untrusted.words.en.contains("Note: the key is the one that the file itself names"));
    assert!(untrusted.words.ja.contains("注意"));
}

/// A person whose shelves were merged has several chains: each is checked, and it is said that there are several.
#[test]
fn several_chains_in_one_file_are_checked_and_told_apart() {
    let log = Log::sample(6, 60, 1);
    let file = ProofFile::new(vec![log.proof(2), log.proof(3)]);
    let verdict = verify(&file.to_json().unwrap(), Some(&signer().vkey()));
    let counts: Vec<u64> = verdict.outcome.as_ref().unwrap().iter().map(|report| report.count).collect();
    assert_eq!(counts, [log.proof(2).count, log.proof(3).count]);
    assert!(verdict.words.en.contains("Each of its 2 chains was checked") && verdict.words.en.contains("Chain 2"));
    assert!(verdict.words.ja.contains("2本の鎖") && verdict.words.ja.contains("鎖 2"), "{}", verdict.words.ja);
    // A fault in any of them is a fault of the file.
    let mut bad = file.clone();
    bad.proofs[1].leaf_hashes.swap(0, 1);
    assert!(!verify(&bad.to_json().unwrap(), None).holds());
    // Chains of two moments, or one twice, are no proof of one record.
    for proofs in [vec![log.proof(2), log.proof(2)], vec![log.proof(2), Log::sample(6, 61, 1).proof(3)], Vec::new()] {
        let verdict = verify(&ProofFile::new(proofs).to_json().unwrap(), None);
        assert!(verdict.is_no_proof(), "{}", verdict.words.en);
    }
}

#[test]
fn what_cannot_be_read_is_named() {
    let mut proof = Log::sample(6, 60, 1).proof(2);
    proof.readable.drain(1..4);
    let verdict = verify(&proof.to_json().unwrap(), None);
    assert!(verdict.words.en.contains("Counted, but not readable with this file: 2-4"), "{}", verdict.words.en);
    assert!(verdict.words.ja.contains("中身を読めない記録: 2-4"));
}

#[test]
fn faults_say_what_they_mean() {
    let good = Log::sample(6, 60, 1).proof(2);
    let told = |change: &dyn Fn(&mut tsumugi_ledger::CompletenessProof)| {
        let mut proof = good.clone();
        change(&mut proof);
        let verdict = verify(&proof.to_json().unwrap(), Some(&signer().vkey()));
        assert!(!verdict.holds());
        assert!(verdict.words.ja.starts_with("確認できませんでした。") && verdict.words.ja.contains("監督機関"));
        verdict.words.en
    };
    assert!(told(&|proof| proof.leaf_hashes.truncate(3)).contains("left out or added"));
    assert!(told(&|proof| proof.leaf_hashes.swap(0, 1)).contains("left out, added, changed or moved"));
    assert!(told(&|proof| proof.inclusion = None).contains("newest entry"));
    assert!(told(&|proof| proof.readable[2].key[0] ^= 1).contains("entry 3"));
    assert!(told(&|proof| proof.checkpoint = proof.checkpoint.replace("60", "61")).contains("signature does not hold"));
    let verdict = verify(b"{\"format\":", None);
    assert!(verdict.is_no_proof() && !verdict.words.ja.contains("監督機関"), "{}", verdict.words.ja);
    assert!(
        verdict.words.en.contains("not a proof file") && verdict.words.en.contains("line 1"),
        "{}",
        verdict.words.en
    );
    let foreign =
        verify(&good.to_json().unwrap(), Some("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"));
    assert!(foreign.words.en.contains("another key than the trusted one"), "{}", foreign.words.en);
}

#[test]
fn auditors_are_told_the_place() {
    let log = Log::sample(6, 60, 1);
    let fault = audit(&log.leaves[..59], &log.checkpoint()).unwrap_err();
    assert!(explain(&fault).en.contains("covers 60 entries, the log has 59"));
    let fault = Fault::Number { index: 8, label: label(1), expected: 2, found: 3 };
    assert!(explain(&fault).ja.contains("位置8の番号は2のはずですが、3です"));
}

/// A name in the file cannot steer the reader's terminal.
#[test]
fn control_characters_do_not_reach_the_words() {
    let fault = Fault::ForeignKey { trusted: "a\u{1b}[2J".into(), found: "b\u{202e}c".into() };
    let words = explain(&fault);
    for text in [words.ja, words.en] {
        assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}') && text.contains("a\u{fffd}[2J"), "{text:?}");
    }
}

#[test]
fn purposes_are_told_in_the_words_of_the_pages() {
    let pages = [include_str!("../../portal/locales/codes/ja.ftl"), include_str!("../../portal/locales/codes/en.ftl")];
    let mut purposes = 0;
    for (file, lang) in pages.into_iter().zip(["ja", "en"]) {
        for (code, words) in file.lines().filter_map(|line| line.strip_prefix("purpose-")?.split_once(" = ")) {
            let own = tsumugi_verifier::purpose(code).unwrap_or_else(|| panic!("{code} has no words"));
            assert_eq!(if lang == "ja" { own.ja } else { own.en }, words, "{code}");
            purposes += 1;
        }
    }
    assert_eq!(purposes, 2 * 13);
    assert_eq!(tsumugi_verifier::purpose("?"), None);
}

const SEEN: u64 = 1_790_000_000;

fn cosigner(number: u8) -> Cosigner {
    Cosigner::new(&format!("w{number}.example"), [number; 32]).unwrap()
}

/// A proof that these of three witnesses have seen, checked by a reader who demands two, so many hours later.
fn witnessed(by: &[u8], hours: u64) -> Verdict {
    let mut proof = Log::sample(6, 60, 1).proof(2);
    let text = Note::split(&proof.checkpoint).unwrap().text.to_owned();
    for number in by {
        proof.checkpoint.push_str(&cosigner(*number).cosign(&text, SEEN));
    }
    let keys = (1..=3).map(|number| cosigner(number).public().clone()).collect();
    let policy = WitnessPolicy::of(keys, 2).unwrap();
    let demand = Demand { policy, now: SEEN + hours * 3_600, old_after_hours: 24 };
    verify_witnessed(&proof.to_json().unwrap(), None, &|_| None, Some(&demand))
}

#[test]
fn enough_witnesses_are_told_first_with_their_times() {
    let verdict = witnessed(&[1, 3], 1);
    assert!(verdict.holds());
    let ja = &verdict.words.ja;
    assert!(ja.starts_with("3人の立会人のうち2人が、同じ台帳を見ています(必要な人数: 2人)。"), "{ja}");
    assert!(ja.contains("・w1.example: 2026-09-21 23:13 に署名\n・w2.example: 署名なし"), "{ja}");
    assert!(ja.contains("\n確認できました。") && !ja.contains("\n注意: 立会人"), "{ja}");
    assert!(
        verdict.words.en.starts_with("2 of 3 witnesses have seen the same log (2 needed)."),
        "{}",
        verdict.words.en
    );
    // What is withheld shows by its age.
    let old = witnessed(&[1, 3], 30);
    assert!(old.holds() && old.words.ja.contains("30時間たっています"), "{}", old.words.ja);
    assert!(old.words.en.contains("saw this log 30 hours ago"), "{}", old.words.en);
}

#[test]
fn too_few_witnesses_are_not_verified() {
    for by in [&[][..], &[2], &[9, 8], &[1, 1]] {
        let verdict = witnessed(by, 1);
        assert!(!verdict.holds() && verdict.has_too_few_witnesses() && verdict.outcome.is_ok());
        let (ja, en) = (&verdict.words.ja, &verdict.words.en);
        assert!(ja.starts_with("確認できませんでした。立会人が足りません。") && !ja.contains("確認できました"), "{ja}");
        assert!(en.starts_with("Not verified. Too few witnesses") && !en.contains("none is left out"), "{en}");
    }
}

#[test]
fn a_policy_names_the_log_as_well() {
    let proof = Log::sample(6, 60, 1).proof(2).to_json().unwrap();
    let with = |log: &str| {
        let policy = WitnessPolicy::parse(&format!("log {log}\nquorum none\n")).unwrap();
        let demand = Demand { policy, now: SEEN, old_after_hours: 24 };
        verify_witnessed(&proof, None, &|_| None, Some(&demand))
    };
    let own = with(&signer().vkey());
    assert!(own.holds() && !own.words.en.contains("Note: the key") && !own.words.en.contains("witnesses"));
    let other = tsumugi_ledger::Signer::new("other.example/log", [1; 32]).unwrap().vkey();
    assert!(matches!(with(&other).outcome, Err(Fault::ForeignKey { .. })));
}
