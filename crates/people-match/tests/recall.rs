//! What the bundled model and the keys reach on a made-up town, fitting, and that a search stays bounded.

#![expect(clippy::expect_used, reason = "helpers of tests; clippy spares test functions only")]

use std::collections::BTreeMap;

use proptest::prelude::*;
use tsumugi_people_match::{
    About, BLOCK_MOST, Description, Features, Index, Levels, Model, Verdict, block, em, fit, sample::measure::Town,
};

fn model() -> &'static Model {
    Model::bundled().expect("the bundled model")
}

#[test]
fn true_pairs_are_queued_and_few_others() {
    let town = Town::of(20_000, 3);
    let report = town.measure(model(), 4_000, 1_000, 5, None);
    assert!(report.reach() >= 9_750, "reached {}: {report:?}", report.reach());
    assert!(report.recall() >= 9_700, "queued {}: {report:?}", report.recall());
    assert!(report.false_candidates() <= 500, "{}", report.false_candidates());
    assert!(report.others_likely <= 10, "{}", report.others_likely);
    assert_eq!(report.overflowed, 0);
}

#[test]
fn a_block_that_is_too_large_is_said() {
    // A whole town of one name, one birth date, one house: the first of January, in a home for the aged.
    let one = |number: usize| Description {
        name: "佐藤 清".into(),
        kana: "サトウ キヨシ".into(),
        birth: "1931-01-01".into(),
        address: "緑川市旭町1-1-1".into(),
        phones: vec![format!("090-0000-{number:04}")],
        ..Description::default()
    };
    let people: Vec<Features> = (1..500).map(|number| Features::of(&one(number))).collect();
    let wanted = people[77];
    let found = Index::of(people).candidates(model(), &wanted, 16);
    assert!(!found.overflowed.is_empty());
    assert!(found.rows <= block::keys(&wanted).len() * BLOCK_MOST, "{}", found.rows);
    assert_eq!(found.candidates.len(), 16);
    // The telephone number is a key of its own: the right one is found in spite of it all.
    assert_eq!(found.candidates[0].0, 77);
}

#[test]
fn fitting_is_the_same_each_time_and_finds_what_it_was_given() {
    let town = Town::of(3_000, 9);
    let about = About {
        on: "a test".into(),
        pairs_per_newcomer: [300_000, 4_000_000, 1_000_000_000_000],
        queue_from: 300,
        likely_from: 9_500,
    };
    let pairs = town.pairs(3_000, 30_000, 1);
    let fitted = fit(pairs.clone(), &about).expect("a model");
    assert_eq!(fitted.parameters(), fit(pairs.clone(), &about).expect("a model").parameters());
    let json = serde_json::to_string(fitted.parameters()).expect("JSON");
    assert_eq!(Model::from_json(&json).expect("its own form").parameters(), fitted.parameters());

    // Without labels, from the bundled model: true pairs and others are told apart as the labels say.
    let mut patterns: BTreeMap<Levels, u64> = BTreeMap::new();
    for pair in &pairs {
        *patterns.entry(Levels::of(&pair.a, &pair.b)).or_default() += 1;
    }
    let unlabelled = em(model(), &patterns, 5).expect("a model");
    assert_eq!(unlabelled.parameters(), em(model(), &patterns, 5).expect("a model").parameters());
    let labelled = pairs.iter().filter(|pair| pair.same).count() as u64;
    let found = unlabelled.parameters().fitted.pairs[0];
    assert!(found.abs_diff(labelled) * 20 < labelled, "{found} of {labelled}");
    // Bundled and fitted agree on nearly every pair.
    let agree = pairs.iter().filter(|pair| (fitted.judge(&pair.a, &pair.b).verdict != Verdict::Ignore) == pair.same);
    assert!(agree.count() * 100 >= pairs.len() * 99);
}

#[test]
fn a_damaged_model_is_refused() {
    let good = serde_json::to_value(model().parameters()).expect("JSON");
    for (what, change) in [
        ("version", serde_json::json!({ "version": 9 })),
        ("queue_from", serde_json::json!({ "queue_from": 9_999 })),
        ("pairs_per_newcomer", serde_json::json!({ "pairs_per_newcomer": [0, 1, 1] })),
    ] {
        let mut bad = good.clone();
        bad[what] = change[what].clone();
        let fault = Model::from_json(&bad.to_string()).expect_err(what).to_string();
        assert!(fault.contains(what), "{fault}");
    }
    let mut bad = good;
    bad["levels"]["birth"]["same"] = serde_json::json!([0, 1, 1]);
    assert!(Model::from_json(&bad.to_string()).is_err());
    assert!(Model::from_json("{}").is_err());
}

proptest! {
    #[test]
    fn any_text_has_features_and_keys(name in ".{0,40}", kana in "[ァ-ヶー ]{0,30}", birth in ".{0,12}", address in ".{0,40}", phone in "[0-9+ -]{0,16}") {
        let described = Description { name, kana, birth, address, phones: vec![phone], ..Description::default() };
        let features = Features::of(&described);
        let packed = features.pack();
        prop_assert!(packed.len() <= tsumugi_people_match::features::PACKED_MOST);
        prop_assert_eq!(Features::unpack(&packed), Some(features));
        prop_assert!(block::keys(&features).len() <= block::KEYS_MOST);
        prop_assert!(features.covers(&features));
        let _ = tsumugi_people_match::fold::date::read(&described.birth);
    }

    #[test]
    fn damaged_bytes_are_refused_or_read(bytes in proptest::collection::vec(any::<u8>(), 0..220)) {
        if let Some(features) = Features::unpack(&bytes) {
            prop_assert!(features.pack().len() <= tsumugi_people_match::features::PACKED_MOST);
        }
    }
}
