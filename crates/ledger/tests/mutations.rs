//! Ten thousand seeded mutations of a completeness proof and of an audited log: every one is found.
//!
//! Each mutation changes something by construction: a flipped bit gives another byte string, swapped and duplicated
//! items have different contents (all leaves differ, by number or nonce), dropped items are missing. As base64 and
//! JSON are read in one canonical form only (unknown members, non-canonical base64 and repeated members are refused;
//! the file is written without white space), no mutation gives a file of the same meaning. One legal change exists: a
//! readable leaf may be taken out of the proof; that is found by the report, which names the number as unreadable.

#![expect(clippy::unwrap_used, reason = "helpers of the tests below")]

mod common;

use std::collections::BTreeMap;

use common::{Log, ORIGIN, Random, keys, label, look, signer};
use tsumugi_ledger::{
    Checkpoint, CompletenessProof, Fault, Leaf, LeafKeys, Part, Report, Signer, audit, chain, completeness::verify,
    consistency_proof, leaf_hash, map, verify_checkpoints,
};

const ROUNDS: usize = 5_000;
const CITIZEN: u64 = 2;

/// The variant's name.
fn kind(fault: &Fault) -> String {
    format!("{fault:?}").split([' ', '(', '{']).next().unwrap_or_default().to_owned()
}

struct Ground {
    proof: CompletenessProof,
    json: Vec<u8>,
    report: Report,
    /// Genuine signed checkpoints of the same log at other sizes, and one of another key.
    others: Vec<String>,
}

fn ground() -> Ground {
    let log = Log::sample(6, 60, 1);
    let proof = log.proof(CITIZEN);
    let mut others: Vec<String> =
        [1, 30, 59].iter().map(|size| Log::sample(6, *size, 1).checkpoint().sign(&signer()).unwrap()).collect();
    let mut longer = log.clone();
    longer.append(CITIZEN, [9; 16]);
    others.push(longer.checkpoint().sign(&signer()).unwrap());
    others.push(log.checkpoint().sign(&Signer::new(ORIGIN, [0x55; 32]).unwrap()).unwrap());
    let report = verify(&proof, Some(&signer().vkey())).unwrap();
    assert!(proof.count >= 6 && report.unreadable.is_empty() && report.looks.len() as u64 == proof.count);
    Ground { json: proof.to_json().unwrap(), proof, report, others }
}

/// Another leaf for the place of leaf `at`, sealed with the log's own keys: what a lying operator could make.
fn forged(proof: &CompletenessProof, at: usize, random: &mut Random) -> Leaf {
    let old = Leaf::decode(&proof.readable[at].leaf).unwrap();
    let part = look(77, old.number).to_bytes().unwrap();
    keys().seal(old.label, random.bytes(), &part, &part).unwrap().placed(old.number, old.previous)
}

fn flip(bytes: &mut [u8], random: &mut Random) {
    let place = random.below(bytes.len());
    bytes[place] ^= 1 << random.below(8);
}

/// One mutation of the proof; gives its name.
fn mutate_proof(ground: &Ground, proof: &mut CompletenessProof, random: &mut Random) -> &'static str {
    let count = proof.leaf_hashes.len();
    let (at, other) = (random.below(count), random.below(count - 1));
    let other = if other >= at { other + 1 } else { other };
    match random.below(16) {
        0 => flip(&mut proof.leaf_hashes[at], random),
        1 => flip(&mut proof.label.0, random),
        2 => {
            let siblings = proof.path.siblings.len();
            flip(&mut proof.path.siblings[random.below(siblings)], random);
        }
        3 => {
            let steps = proof.inclusion.as_ref().unwrap().proof.len();
            flip(&mut proof.inclusion.as_mut().unwrap().proof[random.below(steps)], random);
        }
        4 => flip(&mut proof.readable[at].leaf, random),
        5 => flip(&mut proof.readable[at].key, random),
        6 => drop(proof.leaf_hashes.remove(at)),
        7 => proof.leaf_hashes.swap(at, other),
        8 => proof.leaf_hashes.insert(random.below(count + 1), ground.proof.leaf_hashes[at]),
        9 => proof.readable.swap(at, other),
        10 => proof.readable.insert(random.below(count + 1), ground.proof.readable[at].clone()),
        11 => drop(proof.readable.remove(at)),
        12 => {
            // A fork: another leaf stands in the place of leaf `at`, and the chain is computed again.
            let leaf = forged(proof, at, random);
            proof.leaf_hashes[at] = leaf.hash();
            let key = keys().one_time_key(Part::Citizen, &leaf.label, &leaf.body).unwrap();
            proof.readable[at].leaf = leaf.encode();
            proof.readable[at].key = key;
            proof.readable.truncate(at + 1);
            let head = chain::head(&proof.label, &proof.leaf_hashes);
            proof.path.end.as_mut().unwrap().head = head;
        }
        13 => {
            // A truncated tail, with count, head and inclusion as they were before it.
            proof.leaf_hashes.truncate(at);
            proof.readable.truncate(at);
            proof.count = at as u64;
            let head = chain::head(&proof.label, &proof.leaf_hashes);
            proof.path.end.as_mut().unwrap().head = head;
            proof.path.end.as_mut().unwrap().count = at as u64;
            if at == 0 {
                proof.inclusion = None;
                proof.path.end = None;
            }
        }
        14 => {
            // A lowered (or raised) count alone, in the proof, in the map's entry, or in both.
            let wrong = if random.below(2) == 0 { at as u64 } else { proof.count + 1 + at as u64 };
            let place = random.below(3);
            if place != 0 {
                proof.path.end.as_mut().unwrap().count = wrong;
            }
            if place != 1 {
                proof.count = wrong;
            }
        }
        _ => proof.checkpoint.clone_from(&ground.others[random.below(ground.others.len())]),
    }
    "structure"
}

#[test]
fn every_mutation_of_a_proof_is_found() {
    let ground = ground();
    let trusted = signer().vkey();
    let mut random = Random(2);
    let mut found: BTreeMap<String, usize> = BTreeMap::new();
    for round in 0..ROUNDS {
        let mut json = ground.json.clone();
        let what = if round % 3 == 0 {
            // A bit of the file itself: every byte of it carries meaning.
            flip(&mut json, &mut random);
            "bit of the file"
        } else {
            let mut proof = ground.proof.clone();
            let what = mutate_proof(&ground, &mut proof, &mut random);
            assert_ne!(proof, ground.proof, "round {round} changed nothing");
            json = proof.to_json().unwrap();
            what
        };
        match CompletenessProof::from_json(&json).and_then(|proof| verify(&proof, Some(&trusted))) {
            Err(fault) => *found.entry(kind(&fault)).or_default() += 1,
            Ok(report) => {
                assert_ne!(report, ground.report, "round {round} ({what}) was not found");
                assert_eq!((report.count, report.unreadable.len()), (ground.report.count, 1), "round {round} ({what})");
                *found.entry("named unreadable".into()).or_default() += 1;
            }
        }
    }
    assert_eq!(found.values().sum::<usize>(), ROUNDS);
    for part in ["Format", "Signature", "Count", "Map", "Inclusion", "Readable", "named unreadable"] {
        assert!(found.contains_key(part), "no mutation hit {part}: {found:?}");
    }
}

/// Whoever swaps key and checkpoint together is found by the trusted key, and only by it.
#[test]
fn another_key_is_found_by_the_trusted_key() {
    let mut proof = ground().proof;
    let foreign = Signer::new(ORIGIN, [0x55; 32]).unwrap();
    let checkpoint = Checkpoint::open(&proof.checkpoint, signer().verifier()).unwrap();
    proof.checkpoint = checkpoint.sign(&foreign).unwrap();
    proof.vkey = foreign.vkey();
    assert!(matches!(verify(&proof, Some(&signer().vkey())), Err(Fault::ForeignKey { .. })));
    assert!(!verify(&proof, None).unwrap().key_trusted);
}

/// A citizen without a leaf has a proof of that, and it cannot be bent into one for somebody else.
#[test]
fn nothing_can_be_proven_too() {
    let log = Log::sample(6, 60, 1);
    let proof = log.proof(1_000);
    let report = verify(&proof, None).unwrap();
    assert_eq!((report.count, report.looks.len()), (0, 0));
    let mut empty = log.proof(CITIZEN);
    empty.count = 0;
    empty.leaf_hashes.clear();
    empty.readable.clear();
    empty.inclusion = None;
    assert!(matches!(verify(&empty, None), Err(Fault::Map(_))));
    empty.path = proof.path;
    assert!(matches!(verify(&empty, None), Err(Fault::Map(_))));
}

/// The log's keys may be the operator's, so the operator may sign anything: these checkpoints are signed lies.
fn lying_checkpoint(log: &Log, random: &mut Random) -> Checkpoint {
    let mut entries: Vec<map::MapEntry> =
        log.chains.iter().map(|(label, (count, head))| (*label, *count, *head).into()).collect();
    let at = random.below(entries.len());
    match random.below(3) {
        0 => {
            // The last leaf of somebody is not counted: count and head before it.
            let own: Vec<_> = log.leaves.iter().filter(|leaf| leaf.starts_with(&entries[at].label.0)).collect();
            let hashes: Vec<_> = own[..own.len() - 1].iter().map(|leaf| leaf_hash(leaf)).collect();
            if hashes.is_empty() {
                entries.remove(at);
            } else {
                entries[at].count -= 1;
                entries[at].head = chain::head(&entries[at].label, &hashes);
            }
        }
        1 => entries[at].count += 1 + random.next() % 5,
        _ => flip(&mut entries[at].head, random),
    }
    Checkpoint { map_root: map::root_of(&mut entries), ..log.checkpoint() }
}

fn mutate_log(log: &Log, honest: &Checkpoint, random: &mut Random) -> (Vec<Vec<u8>>, Checkpoint) {
    let mut leaves = log.leaves.clone();
    let mut claimed = honest.clone();
    let (at, other) = (random.below(leaves.len()), random.below(leaves.len() - 1));
    let other = if other >= at { other + 1 } else { other };
    match random.below(9) {
        0 => flip(&mut leaves[at], random),
        1 => drop(leaves.remove(at)),
        2 => leaves.swap(at, other),
        3 => leaves.insert(random.below(leaves.len() + 1), log.leaves[at].clone()),
        4 => {
            // A fork: another leaf with the same number and head.
            let mut leaf = Leaf::decode(&leaves[at]).unwrap();
            let part = look(9, leaf.number).to_bytes().unwrap();
            leaf.body = LeafKeys::new([1; 32], [2; 32]).seal(leaf.label, random.bytes(), &part, &part).unwrap().body;
            if random.below(2) == 0 {
                leaves[at] = leaf.encode();
            } else {
                leaves.push(leaf.encode());
            }
        }
        5 => leaves.truncate(at),
        6 => claimed = lying_checkpoint(log, random),
        7 => {
            // A whole other history from leaf `at` on, consistent in itself.
            let mut fork = Log::default();
            for leaf in &log.leaves[..at] {
                fork.push(&Leaf::decode(leaf).unwrap());
            }
            while fork.leaves.len() < log.leaves.len() {
                fork.append(random.below(6) as u64, random.bytes());
            }
            leaves = fork.leaves;
        }
        _ => match random.below(4) {
            0 => claimed.size = random.next() % 60,
            1 => flip(&mut claimed.root, random),
            2 => flip(&mut claimed.map_root, random),
            _ => claimed = Log::sample(6, 1 + random.below(59), 1).checkpoint(),
        },
    }
    (leaves, claimed)
}

#[test]
fn every_mutation_of_a_log_is_found() {
    let log = Log::sample(6, 60, 1);
    let honest = log.checkpoint();
    let audited = audit(&log.leaves, &honest).unwrap();
    assert_eq!((audited.leaves, audited.labels), (60, 6));
    let mut random = Random(3);
    let mut found: BTreeMap<String, usize> = BTreeMap::new();
    for round in 0..ROUNDS {
        let (leaves, claimed) = mutate_log(&log, &honest, &mut random);
        assert!(leaves != log.leaves || claimed != honest, "round {round} changed nothing");
        let fault = audit(&leaves, &claimed).expect_err(&format!("round {round} was not found"));
        *found.entry(kind(&fault)).or_default() += 1;
    }
    assert_eq!(found.values().sum::<usize>(), ROUNDS);
    for part in ["Number", "Previous", "Size", "Root", "MapRoot"] {
        assert!(found.contains_key(part), "no mutation hit {part}: {found:?}");
    }
}

/// Each fault names where it is.
#[test]
fn faults_name_index_and_reason() {
    let log = Log::sample(6, 60, 1);
    let honest = log.checkpoint();
    let own: Vec<usize> = (0..60).filter(|i| log.leaves[*i].starts_with(&label(CITIZEN).0)).collect();
    let mut leaves = log.leaves.clone();
    leaves.remove(own[1]);
    let index = own[2] as u64 - 1;
    let expected = Fault::Number { index, label: label(CITIZEN), expected: 2, found: 3 };
    assert_eq!(audit(&leaves, &honest), Err(expected));
    let mut leaves = log.leaves.clone();
    leaves[own[1]][100] ^= 1;
    let expected = Fault::Previous { index: own[2] as u64, label: label(CITIZEN), number: 3 };
    assert_eq!(audit(&leaves, &honest), Err(expected));
    let mut leaves = log.leaves.clone();
    leaves[7].truncate(71);
    assert!(matches!(audit(&leaves, &honest), Err(Fault::Leaf { index: 7, .. })));
    assert_eq!(audit(&log.leaves[..59], &honest), Err(Fault::Size { claimed: 60, found: 59 }));
}

/// A log that is shown to two people with two histories: each history is sound alone, together they are not.
#[test]
fn a_split_view_is_found_by_consistency() {
    let old = Log::sample(6, 40, 1);
    let mut new = old.clone();
    new.append(1, [1; 16]);
    new.append(2, [2; 16]);
    let mut fork = Log::sample(6, 39, 1);
    for nonce in [3, 4, 5] {
        fork.append(3, [nonce; 16]);
    }
    audit(&fork.leaves, &fork.checkpoint()).unwrap();
    let proof = consistency_proof(&new.reader(), 40, 42).unwrap();
    verify_checkpoints(&old.checkpoint(), &new.checkpoint(), &proof).unwrap();
    let proof = consistency_proof(&fork.reader(), 40, 42).unwrap();
    assert!(matches!(
        verify_checkpoints(&old.checkpoint(), &fork.checkpoint(), &proof),
        Err(Fault::Consistency { old_size: 40, new_size: 42, .. })
    ));
    // The same tree with two maps is a lie about counts.
    let lie = Checkpoint { map_root: [7; 32], ..new.checkpoint() };
    assert!(verify_checkpoints(&new.checkpoint(), &lie, &[]).is_err());
    assert!(verify_checkpoints(&new.checkpoint(), &old.checkpoint(), &[]).is_err());
}
