//! Measures the ledger: appending with a checkpoint every 1,000 leaves, and verifying a log of 1,000,000 leaves.
//!
//! `cargo run --release -p tsumugi-ledger --example measure [LEAVES]`

#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "an example that measures time and prints it"
)]

#[path = "../tests/common/mod.rs"]
mod common;

use std::{
    collections::{BTreeSet, HashMap},
    time::Instant,
};

use common::{ORIGIN, Random, label, look, signer};
use tsumugi_ledger::{
    Auditor, Checkpoint, DraftLeaf, Hash, Label, SparseMap, Tile, Tree, chain, inclusion_proof, leaf_hash, tile,
    verify_inclusion,
};

const BATCH: usize = 1_000;
const CITIZENS: u64 = 200_000;

/// Counts and heads as a store keeps them, by bucket.
type Rows = HashMap<u16, HashMap<Label, (u64, Hash)>>;

#[derive(Default)]
struct Written {
    tree: Tree,
    map: SparseMap,
    rows: Rows,
    tiles: HashMap<(u8, u64), Tile>,
    note: String,
    /// Seconds spent in: leaves and chains, tree, map, signature.
    spent: [f64; 4],
}

/// One checkpoint: number, chain, encode and hash the leaves, then tree, map and signature.
fn publish(written: &mut Written, drafts: Vec<DraftLeaf>, encoded: &mut Vec<Vec<u8>>) -> Checkpoint {
    let mut changed: HashMap<Label, (u64, Hash)> = HashMap::with_capacity(drafts.len());
    let mut hashes = Vec::with_capacity(drafts.len());
    let mut watch = Instant::now();
    let mut lap = |phase: &mut f64| *phase += std::mem::replace(&mut watch, Instant::now()).elapsed().as_secs_f64();
    for draft in drafts {
        let known = || written.rows.get(&draft.label.bucket()).and_then(|rows| rows.get(&draft.label)).copied();
        let (count, head) = changed.get(&draft.label).copied().or_else(known).unwrap_or((0, chain::START));
        let leaf = draft.placed(count + 1, head);
        let bytes = leaf.encode();
        let hash = leaf_hash(&bytes);
        changed.insert(leaf.label, (count + 1, chain::next(&leaf.label, count + 1, &head, &hash)));
        hashes.push(hash);
        encoded.push(bytes);
    }
    lap(&mut written.spent[0]);
    for hash in hashes {
        written.tree.append(hash);
    }
    let (size, root) = (written.tree.size(), written.tree.root());
    let tiles = written.tree.drain_tiles();
    lap(&mut written.spent[1]);
    let changes: Vec<_> = changed.iter().map(|(label, row)| (*label, row.0, row.1)).collect();
    let rows = &written.rows;
    let source = |bucket: u16| {
        let members = rows.get(&bucket).into_iter().flatten();
        Ok(members.map(|(label, row)| (*label, row.0, row.1)).collect())
    };
    written.map.update(&source, &changes).expect("the rows are the map's");
    let map_root = written.map.root();
    lap(&mut written.spent[2]);
    let checkpoint = Checkpoint { origin: ORIGIN.into(), size, root, map_root };
    written.note = checkpoint.sign(&signer()).expect("the same name");
    lap(&mut written.spent[3]);
    // Keeping rows and tiles is the store's work.
    for (label, count, head) in changes {
        written.rows.entry(label.bucket()).or_default().insert(label, (count, head));
    }
    written.tiles.extend(tiles.into_iter().map(|tile| ((tile.level, tile.index), tile)));
    checkpoint
}

fn main() {
    let leaves: usize = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
    let mut random = Random(1);
    let part = look(1, 1).to_bytes().expect("JSON");
    let sealed = Instant::now();
    for _ in 0..20_000 {
        std::hint::black_box(common::keys().seal(label(1), random.bytes(), &part, &part).expect("it fits"));
    }
    println!("seal_us {:.2}", sealed.elapsed().as_secs_f64() * 1e6 / 20_000.0);

    let mut written = Written::default();
    let (mut log, mut last) = (Vec::with_capacity(leaves), None);
    let body = common::keys().seal(label(1), [0; 16], &part, &part).expect("it fits").body;
    println!("leaf_bytes {}", 72 + body.len());
    let mut seen = BTreeSet::new();
    while log.len() < leaves {
        // The body stands for a sealed one; sealing happens at the door and is measured above.
        let drafts: Vec<DraftLeaf> =
            (0..BATCH).map(|_| DraftLeaf { label: label(random.next() % CITIZENS), body: body.clone() }).collect();
        seen.extend(drafts.iter().map(|draft| draft.label));
        last = Some(publish(&mut written, drafts, &mut log));
    }
    let (count, seconds) = (log.len() as f64, written.spent.iter().sum::<f64>());
    println!("ledger_append_per_s {:.0} ({count} leaves, {} citizens)", count / seconds, seen.len());
    let [leaves_us, tree_us, map_us, sign_us] = written.spent.map(|seconds| seconds * 1e6 / count);
    println!("per leaf: leaf {leaves_us:.2} us, tree {tree_us:.2} us, map {map_us:.2} us, signature {sign_us:.2} us");

    let claimed = last.expect("at least one checkpoint");
    let started = Instant::now();
    let mut tree = Tree::new();
    for index in 0..=(claimed.size - 1) / u64::from(tile::FULL_WIDTH) {
        written.tiles[&(0, index)].hashes.iter().for_each(|hash| {
            tree.append(*hash);
        });
    }
    assert_eq!(tree.root(), claimed.root);
    println!("ledger_verify_tiles_s {:.3}", started.elapsed().as_secs_f64());

    let started = Instant::now();
    let mut auditor = Auditor::new();
    log.iter().for_each(|leaf| auditor.push(leaf).expect("a sound log"));
    let audited = auditor.check(&claimed).expect("a sound log");
    println!("ledger_audit_s {:.3} ({audited:?})", started.elapsed().as_secs_f64());

    let started = Instant::now();
    let reader = |level: u8, index: u64, _: u16| Ok(written.tiles[&(level, index)].hashes.clone());
    for _ in 0..1_000 {
        let index = random.next() % claimed.size;
        let proof = inclusion_proof(&reader, claimed.size, index).expect("tiles are there");
        let hash = leaf_hash(&log[usize::try_from(index).expect("small")]);
        verify_inclusion(&claimed.root, claimed.size, index, &hash, &proof).expect("a sound log");
    }
    println!("inclusion_prove_and_verify_us {:.1}", started.elapsed().as_secs_f64() * 1e6 / 1_000.0);
}
