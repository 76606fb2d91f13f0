//! Leaves, their sealed parts, and what a part says.

#![expect(clippy::unwrap_used, reason = "helpers of the tests below")]

mod common;

use proptest::prelude::*;
use tsumugi_ledger::{
    Checkpoint, Label, Leaf, LeafKeys, LedgerError, LookPart, Part, Signer,
    look::{parse_ranges, ranges},
    one_time_key, open_part, open_part_with,
    parts::{MOST_PART_BYTES, PAD_BYTES},
    seal_parts,
};

const CITIZEN: [u8; 32] = [1; 32];
const REVIEWER: [u8; 32] = [2; 32];
const LABEL: Label = Label([3; 32]);

/// The two ciphertexts of a body, by the offsets of the format.
fn ciphertexts(body: &[u8]) -> (&[u8], &[u8]) {
    let length = u32::from_be_bytes(body[17..21].try_into().unwrap()) as usize;
    let (citizen, reviewer) = body[21..].split_at(length);
    (citizen, reviewer)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn both_parts_open_and_are_equally_long(
        citizen in prop::collection::vec(any::<u8>(), 0..900),
        reviewer in prop::collection::vec(any::<u8>(), 0..900),
        nonce in any::<[u8; 16]>(),
        flip in any::<prop::sample::Index>(),
    ) {
        let leaf = seal_parts(LABEL, &CITIZEN, &REVIEWER, nonce, &citizen, &reviewer).unwrap();
        let (first, second) = ciphertexts(&leaf.body);
        prop_assert_eq!(first.len(), second.len());
        let longer = citizen.len().max(reviewer.len());
        prop_assert_eq!(first.len(), (longer + 4).next_multiple_of(PAD_BYTES) + 16);
        prop_assert_eq!(&open_part(Part::Citizen, &LABEL, &CITIZEN, &leaf.body).unwrap(), &citizen);
        prop_assert_eq!(&open_part(Part::Reviewer, &LABEL, &REVIEWER, &leaf.body).unwrap(), &reviewer);
        let once = one_time_key(&CITIZEN, &LABEL, &nonce);
        prop_assert_eq!(&open_part_with(Part::Citizen, &LABEL, &once, &leaf.body).unwrap(), &citizen);
        // Neither key opens the other's part, nor does a proof's one-time key.
        prop_assert!(matches!(open_part(Part::Reviewer, &LABEL, &CITIZEN, &leaf.body), Err(LedgerError::Sealed)));
        prop_assert!(matches!(open_part(Part::Citizen, &LABEL, &REVIEWER, &leaf.body), Err(LedgerError::Sealed)));
        prop_assert!(matches!(open_part_with(Part::Reviewer, &LABEL, &once, &leaf.body), Err(LedgerError::Sealed)));
        // A part that was moved into the other's place or another citizen's leaf does not open.
        let moved = [&leaf.body[..21], second, first].concat();
        prop_assert!(open_part(Part::Citizen, &LABEL, &REVIEWER, &moved).is_err());
        prop_assert!(open_part(Part::Citizen, &Label([4; 32]), &CITIZEN, &leaf.body).is_err());
        let mut broken = leaf.body.clone();
        let place = flip.index(21 + first.len());
        broken[place] ^= 1;
        prop_assert!(open_part(Part::Citizen, &LABEL, &CITIZEN, &broken).is_err());
    }

    #[test]
    fn leaves_round_trip(number in 1_u64.., body in prop::collection::vec(any::<u8>(), 0..300), previous in any::<[u8; 32]>()) {
        let leaf = Leaf { label: LABEL, number, previous, body };
        let bytes = leaf.encode();
        prop_assert_eq!(Leaf::decode(&bytes).unwrap(), leaf);
    }

    #[test]
    fn any_bytes_are_a_leaf_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(leaf) = Leaf::decode(&bytes) {
            prop_assert_eq!(&leaf.encode(), &bytes);
        }
        let _ = open_part(Part::Citizen, &LABEL, &CITIZEN, &bytes);
        let _ = LookPart::from_bytes(&bytes);
    }

    #[test]
    fn checkpoints_have_one_text(size in any::<u64>(), root in any::<[u8; 32]>(), map_root in any::<[u8; 32]>(), place in any::<prop::sample::Index>()) {
        let checkpoint = Checkpoint { origin: "log.example/髙".into(), size, root, map_root };
        let text = checkpoint.text();
        prop_assert_eq!(&Checkpoint::parse(&text).unwrap(), &checkpoint);
        let mut longer = text.clone();
        let place = place.index(text.len());
        if text.is_char_boundary(place) {
            longer.insert(place, '0');
            prop_assert!(Checkpoint::parse(&longer).map_or(true, |other| other != checkpoint));
        }
    }

    #[test]
    fn ranges_hold_exactly_the_numbers(numbers in prop::collection::btree_set(0_u64..60, 0..40)) {
        let pairs = parse_ranges(&ranges(numbers.iter().rev().copied())).unwrap();
        let back: std::collections::BTreeSet<u64> = pairs.iter().flat_map(|(first, last)| *first..=*last).collect();
        prop_assert_eq!(back, numbers);
    }
}

#[test]
fn a_leaf_holds_the_largest_parts() {
    let most = vec![7; MOST_PART_BYTES];
    let leaf = seal_parts(LABEL, &CITIZEN, &REVIEWER, [0; 16], &most, b"").unwrap().placed(1, [0; 32]);
    assert_eq!(Leaf::decode(&leaf.encode()).unwrap(), leaf);
    assert!(leaf.encode().len() > 60_000);
    let more = vec![7; MOST_PART_BYTES + 1];
    let error = seal_parts(LABEL, &CITIZEN, &REVIEWER, [0; 16], b"", &more).unwrap_err();
    assert!(matches!(error, LedgerError::TooLarge { .. }), "{error}");
}

#[test]
fn keys_are_not_printed() {
    assert_eq!(format!("{:?}", LeafKeys::new([7; 32], [8; 32])), "LeafKeys(…)");
    let signer = Signer::new("log.example", [9; 32]).unwrap();
    assert!(!format!("{signer:?}").contains("9, 9"));
}

#[test]
fn a_look_says_what_was_put_in() {
    let look = common::look(1, 2);
    let bytes = look.to_bytes().unwrap();
    assert_eq!(LookPart::from_bytes(&bytes).unwrap(), look);
    let text = String::from_utf8(bytes).unwrap();
    assert!(text.contains(r#""shown":{"Condition":"1-3,7"}"#) && text.contains(r#""decision":"shown""#), "{text}");
    assert!(!text.contains("on_behalf") && !text.contains("reason"), "absent members are not written");
    assert!(LookPart::from_bytes(text.replacen(r#""v":1"#, r#""v":2"#, 1).as_bytes()).is_err());
    // A later version of the program may say more.
    assert_eq!(LookPart::from_bytes(text.replacen(r#""v":1"#, r#""v":1,"more":true"#, 1).as_bytes()).unwrap(), look);
}

#[test]
fn ranges_have_one_form() {
    assert_eq!(ranges([7, 1, 2, 3, 3]), "1-3,7");
    assert_eq!(ranges([1, 2]), "1-2");
    assert_eq!(ranges([]), "");
    assert_eq!(ranges([u64::MAX, u64::MAX - 1]), format!("{}-{}", u64::MAX - 1, u64::MAX));
    for wrong in ["1-1", "3-1", "1,2", "2,1", "01", "1,", "a", "1-2,3", "-", "+1", "1--2", " 1"] {
        assert_eq!(parse_ranges(wrong), None, "{wrong:?}");
    }
}

#[test]
fn checkpoints_are_signed_by_the_origin_only() {
    let signer = common::signer();
    let checkpoint = Checkpoint { origin: common::ORIGIN.into(), size: 3, root: [1; 32], map_root: [2; 32] };
    let note = checkpoint.sign(&signer).unwrap();
    assert_eq!(Checkpoint::open(&note, signer.verifier()).unwrap(), checkpoint);
    let other = Signer::new("other.example", [5; 32]).unwrap();
    assert!(checkpoint.sign(&other).is_err());
    let stolen = other.sign(&checkpoint.text()).unwrap();
    assert!(Checkpoint::open(&stolen, other.verifier()).is_err());
    for text in ["", "a\n1\n", "a\n01\n", "\n1\n", &format!("{}more\n", checkpoint.text())] {
        assert!(Checkpoint::parse(text).is_err(), "{text:?}");
    }
    for name in ["", "a b", "a+b", "a\n"] {
        assert!(Signer::new(name, [5; 32]).is_err(), "{name:?}");
    }
}
