//! Published vectors: the Certificate Transparency tree of eight leaves, and a signed note of Go's checksum database.

use tsumugi_ledger::{
    Fault, Hash, NoteVerifier, Tree, consistency_proof, empty_root, inclusion_proof, leaf_hash, verify_consistency,
    verify_inclusion,
};

/// The inputs and roots of the reference tests of RFC 6962's authors (certificate-transparency, `merkle_tree_test`).
const LEAVES: [&str; 8] =
    ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
const ROOTS: [&str; 8] = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];
const A: &str = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7";
const B: &str = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e";
const C: &str = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4";
const D: &str = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b";
const E: &str = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0";
const F: &str = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a";
/// (index from 0, size, path)
const INCLUSION: [(u64, u64, &[&str]); 5] =
    [(0, 1, &[]), (0, 8, &[A, B, C]), (5, 8, &[D, E, ROOTS[3]]), (2, 3, &[ROOTS[1]]), (1, 5, &[ROOTS[0], B, D])];
/// (old size, new size, proof)
const CONSISTENCY: [(u64, u64, &[&str]); 4] =
    [(1, 1, &[]), (1, 8, &[A, B, C]), (6, 8, &[F, E, ROOTS[3]]), (2, 5, &[B, D])];

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap_or_default()).collect()
}

fn hash(hex: &str) -> Hash {
    bytes(hex).try_into().unwrap_or_default()
}

fn hashes(hex: &[&str]) -> Vec<Hash> {
    hex.iter().map(|hex| hash(hex)).collect()
}

fn tree(size: usize) -> Tree {
    let mut tree = Tree::new();
    for leaf in &LEAVES[..size] {
        tree.append(leaf_hash(&bytes(leaf)));
    }
    tree
}

#[test]
fn roots_are_those_of_the_published_tree() {
    assert_eq!(empty_root(), hash("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
    assert_eq!(Tree::new().root(), empty_root());
    for size in 1..=8 {
        assert_eq!(tree(size).root(), hash(ROOTS[size - 1]), "size {size}");
    }
}

#[test]
fn proofs_are_those_of_the_published_tree() {
    let reader = |level, _, width: u16| {
        let tile = tree(8).drain_tiles().into_iter().find(|tile| tile.level == level);
        Ok(tile.map_or_else(Vec::new, |tile| tile.hashes[..usize::from(width)].to_vec()))
    };
    for (index, size, path) in INCLUSION {
        let path = hashes(path);
        assert_eq!(inclusion_proof(&reader, size, index).unwrap(), path, "leaf {index} of {size}");
        let leaf = leaf_hash(&bytes(LEAVES[index as usize]));
        let root = hash(ROOTS[size as usize - 1]);
        verify_inclusion(&root, size, index, &leaf, &path).unwrap();
        for other in (0..size).filter(|other| *other != index) {
            assert!(verify_inclusion(&root, size, other, &leaf, &path).is_err(), "leaf {index} of {size} at {other}");
        }
    }
    for (old, new, proof) in CONSISTENCY {
        let proof = hashes(proof);
        assert_eq!(consistency_proof(&reader, old, new).unwrap(), proof, "{old} in {new}");
        let (old_root, new_root) = (hash(ROOTS[old as usize - 1]), hash(ROOTS[new as usize - 1]));
        verify_consistency(old, &old_root, new, &new_root, &proof).unwrap();
        if old != new {
            assert!(verify_consistency(old, &new_root, new, &new_root, &proof).is_err());
            assert!(verify_consistency(old, &old_root, new, &old_root, &proof).is_err());
            assert!(verify_consistency(new, &new_root, old, &old_root, &proof).is_err());
        }
    }
}

const VKEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const TEXT: &str =
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const LINE: &str =
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

/// The example of Go's `golang.org/x/mod/sumdb/note`, package documentation.
#[test]
fn the_published_note_opens() {
    let verifier = NoteVerifier::parse(VKEY).unwrap();
    assert_eq!(
        (verifier.name(), verifier.id(), verifier.vkey()),
        ("PeterNeumann", "PeterNeumann+c74f20a3".into(), VKEY.into())
    );
    let note = format!("{TEXT}\n{LINE}");
    assert_eq!(verifier.open(&note).unwrap(), TEXT);
    // Another key's line beside it is passed over.
    let witnessed = format!("{note}— Witness AAAAAAAA\n");
    assert_eq!(verifier.open(&witnessed).unwrap(), TEXT);
}

#[test]
fn a_changed_note_does_not_open() {
    let verifier = NoteVerifier::parse(VKEY).unwrap();
    let note = format!("{TEXT}\n{LINE}");
    for (place, _) in note.char_indices() {
        let mut changed = note.clone();
        let removed = changed.remove(place);
        assert!(verifier.open(&changed).is_err(), "without {removed:?} at {place}");
    }
    assert_eq!(
        verifier.open(&note.replacen("answer", "Answer", 1)),
        Err(Fault::Signature("the text was changed after it was signed"))
    );
    assert_eq!(
        verifier.open(&note.replacen("x08go", "y08go", 1)),
        Err(Fault::Signature("the key did not sign it")),
        "another key id is another key"
    );
    for wrong in ["PeterNeumann+c74f20a4+", "PeterNeuman+c74f20a3+", "PeterNeumann+C74F20A3+"] {
        let vkey = VKEY.replacen("PeterNeumann+c74f20a3+", wrong, 1);
        assert!(NoteVerifier::parse(&vkey).is_err(), "{vkey}");
    }
}
