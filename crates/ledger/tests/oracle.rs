//! The tree against `ct-merkle`, another implementation of RFC 6962, over random sizes.

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use proptest::prelude::*;
use sha2::Sha256;
use tsumugi_ledger::{
    Hash, LedgerError, Tree, consistency_proof, inclusion_proof, leaf_hash, tile, verify_consistency, verify_inclusion,
};

type Oracle = MemoryBackedTree<Sha256, Vec<u8>>;

/// Tiles as a store keeps them: each under its path, exactly as wide as it is asked for.
#[derive(Default)]
struct Tiles(std::collections::HashMap<String, Vec<Hash>>);

impl tile::TileReader for Tiles {
    fn tile(&self, level: u8, index: u64, width: u16) -> Result<Vec<Hash>, LedgerError> {
        let path = tile::path(level, index, width);
        let full = tile::path(level, index, tile::FULL_WIDTH);
        let wider = self.0.get(&path).or_else(|| self.0.get(&full)).cloned();
        wider.ok_or_else(|| LedgerError::Damaged { what: path, detail: "it is absent".into() })
    }
}

fn leaf(i: u64) -> Vec<u8> {
    i.to_le_bytes()[..(i % 9) as usize].to_vec()
}

fn both(size: u64, batch: u64) -> (Tree, Tiles, Oracle) {
    let (mut tree, mut tiles, mut oracle) = (Tree::new(), Tiles::default(), Oracle::new());
    for i in 0..size {
        assert_eq!(tree.append(leaf_hash(&leaf(i))), i);
        oracle.push(leaf(i));
        if i % batch == batch - 1 || i == size - 1 {
            tiles.0.extend(tree.drain_tiles().into_iter().map(|tile| (tile.path(), tile.hashes)));
        }
    }
    (tree, tiles, oracle)
}

fn flat(proof: &[Hash]) -> Vec<u8> {
    proof.concat()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn root_and_inclusion_agree(size in 1_u64..1500, at in any::<prop::sample::Index>(), batch in 1_u64..400) {
        let (tree, tiles, oracle) = both(size, batch);
        prop_assert_eq!(tree.root().to_vec(), oracle.root().as_bytes().to_vec());
        let index = at.index(size as usize) as u64;
        let proof = inclusion_proof(&tiles, size, index).unwrap();
        let theirs = oracle.prove_inclusion(index as usize);
        prop_assert_eq!(flat(&proof), theirs.as_bytes());
        let hash = leaf_hash(&leaf(index));
        verify_inclusion(&tree.root(), size, index, &hash, &proof).unwrap();
        // Another leaf, or another place, is not in the tree. (Another size may be: size and root are signed together, and the
        // last leaf of a tree of 2 leads to its root as the last of one of 3 would.)
        prop_assert!(verify_inclusion(&tree.root(), size, index, &leaf_hash(b"another leaf"), &proof).is_err());
        if index + 1 < size {
            prop_assert!(verify_inclusion(&tree.root(), size, index + 1, &hash, &proof).is_err());
        }
        prop_assert!(verify_inclusion(&tree.root(), size, size, &hash, &proof).is_err());
        prop_assert!(inclusion_proof(&tiles, size, size).is_err());
    }

    #[test]
    fn consistency_agrees(new in 1_u64..1500, at in any::<prop::sample::Index>(), batch in 1_u64..400) {
        let (tree, tiles, oracle) = both(new, batch);
        let old = at.index(new as usize) as u64 + 1;
        let (before, _, before_oracle) = both(old, batch);
        let proof = consistency_proof(&tiles, old, new).unwrap();
        let theirs = oracle.prove_consistency((new - old) as usize);
        prop_assert_eq!(flat(&proof), theirs.as_bytes());
        verify_consistency(old, &before.root(), new, &tree.root(), &proof).unwrap();
        oracle.root().verify_consistency(&before_oracle.root(), &theirs).unwrap();
        if old != new {
            prop_assert!(verify_consistency(old, &tree.root(), new, &tree.root(), &proof).is_err());
            prop_assert!(verify_consistency(old - 1, &before.root(), new, &tree.root(), &proof).is_err());
        }
        let mut longer = proof;
        longer.push([0; 32]);
        prop_assert!(verify_consistency(old, &before.root(), new, &tree.root(), &longer).is_err());
    }

    #[test]
    fn a_restored_tree_goes_on_as_the_first(size in 0_u64..70_000, more in 1_u64..600) {
        let mut tree = Tree::new();
        for i in 0..size {
            tree.append(leaf_hash(&i.to_be_bytes()));
        }
        let tiles = Tiles(tree.drain_tiles().into_iter().map(|tile| (tile.path(), tile.hashes)).collect());
        let read = std::cell::Cell::new(0);
        let counting = |level, index, width| {
            read.set(read.get() + 1);
            tile::TileReader::tile(&tiles, level, index, width)
        };
        let mut restored = Tree::restore(size, &counting).unwrap();
        prop_assert!(read.get() <= 3, "{} tiles read for {} leaves", read.get(), size);
        prop_assert_eq!((restored.size(), restored.root()), (size, tree.root()));
        prop_assert_eq!(restored.drain_tiles(), vec![]);
        for i in size..size + more {
            tree.append(leaf_hash(&i.to_be_bytes()));
            restored.append(leaf_hash(&i.to_be_bytes()));
        }
        prop_assert_eq!(restored.root(), tree.root());
        prop_assert_eq!(restored.drain_tiles(), tree.drain_tiles());
    }
}

/// Tiles handed out over 70,000 leaves are exactly those that the specification counts for the size.
#[test]
fn tiles_are_those_of_the_specification() {
    let mut tree = Tree::new();
    let mut full = Vec::new();
    let mut last = Vec::new();
    for i in 0..70_000_u64 {
        tree.append(leaf_hash(&i.to_be_bytes()));
        if i % 1_000 == 999 {
            last = tree.drain_tiles();
            full.extend(last.iter().filter(|tile| tile.is_full()).map(tsumugi_ledger::Tile::path));
        }
    }
    assert_eq!(full.len(), 273 + 1);
    assert!(full.contains(&"tile/0/272".to_owned()) && full.contains(&"tile/1/000".to_owned()));
    let partial: Vec<String> = last.iter().filter(|tile| !tile.is_full()).map(tsumugi_ledger::Tile::path).collect();
    assert_eq!(partial, ["tile/0/273.p/112", "tile/1/001.p/17"], "tile/2/000.p/1 did not change any more");
}

#[test]
fn a_missing_or_short_tile_is_named() {
    let absent = |_: u8, _: u64, _: u16| Ok(vec![[0; 32]; 3]);
    let error = Tree::restore(300, &absent).unwrap_err().to_string();
    assert!(error.contains("tile/0/001.p/44") && error.contains("3 hashes instead of 44"), "{error}");
    assert!(inclusion_proof(&absent, 300, 7).is_err());
}
