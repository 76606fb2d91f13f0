//! What the proof of a much looked-at person costs: its bytes, and the time of its check.

use anyhow::Context;
use tsumugi_kernel::edge::Stopwatch;
use tsumugi_ledger::{
    Checkpoint, CompletenessProof, DraftLeaf, Hash, Inclusion, Label, LedgerError, ProofFile, Signer, SparseMap, Tree,
    chain, completeness, inclusion_proof, leaf_hash,
};

use crate::bench::measure::median;

/// Looks at the citizen.
const LOOKS: u64 = 10_000;
/// Other citizens in the map, so that its path is as long as a town's.
const OTHERS: u64 = 100_000;
/// A leaf's body as the door makes it for one fact.
const BODY_BYTES: usize = 600;
/// Checks of which the median is taken.
const CHECKS: usize = 9;

/// `completeness_proof_bytes` and `completeness_check_ms`.
///
/// The file holds what proves that none was left out: a hash for each look, the path in the map, the newest leaf's place. The
/// readable leaves that a saved file has besides grow with what they tell, and are not counted. A check begins with the
/// bytes of the file and ends with its report.
pub fn run() -> anyhow::Result<[(&'static str, f64); 2]> {
    let (bytes, vkey) = made()?;
    let mut times = Vec::with_capacity(CHECKS);
    for _ in 0..CHECKS {
        let watch = Stopwatch::start();
        let checked = ProofFile::from_json(&bytes).and_then(|file| file.verify(Some(&vkey)));
        times.push(watch.elapsed().as_secs_f64() * 1_000.0);
        let counted = checked.map_err(|fault| anyhow::anyhow!("{fault}")).context("the proof that was just made")?;
        anyhow::ensure!(counted.iter().map(|report| report.count).eq([LOOKS]), "the proof counts other looks");
    }
    let size = u32::try_from(bytes.len()).context("the proof has more than 4 GiB")?;
    Ok([("completeness_proof_bytes", f64::from(size)), ("completeness_check_ms", median(times))])
}

/// The file for a citizen with many looks in a log with others, and the log's key.
fn made() -> anyhow::Result<(Vec<u8>, String)> {
    let blind = |citizen: u64| Label::blind(&[7; 32], &citizen.to_be_bytes());
    let label = blind(0);
    let mut tree = Tree::new();
    let mut tiles = std::collections::HashMap::new();
    let (mut count, mut head) = (0, chain::START);
    let mut leaf_hashes = Vec::new();
    let mut changes = Vec::new();
    let mut newest = 0;
    for index in 0..OTHERS + LOOKS {
        let own = index % ((OTHERS + LOOKS) / LOOKS) == 0 && count < LOOKS;
        let (of, number, previous) = if own { (label, count + 1, head) } else { (blind(index + 1), 1, chain::START) };
        let body = vec![index.to_le_bytes()[0]; BODY_BYTES];
        let hash = leaf_hash(&DraftLeaf { label: of, body }.placed(number, previous).encode());
        let next = chain::next(&of, number, &previous, &hash);
        if own {
            (count, head, newest) = (number, next, index);
            leaf_hashes.push(hash);
        } else {
            changes.push((of, number, next));
        }
        tree.append(hash);
    }
    changes.push((label, count, head));
    for tile in tree.drain_tiles() {
        tiles.insert((tile.level, tile.index), tile.hashes);
    }
    let mut map = SparseMap::new();
    map.update(&|_| Ok(Vec::new()), &changes)?;
    let mut buckets = std::collections::HashMap::<u16, Vec<(Label, u64, Hash)>>::new();
    for change in changes {
        buckets.entry(change.0.bucket()).or_default().push(change);
    }
    let source = |bucket: u16| Ok::<_, LedgerError>(buckets.get(&bucket).cloned().unwrap_or_default());
    let reader = |level: u8, index: u64, _: u16| {
        let absent = || LedgerError::Damaged { what: "tile".into(), detail: "it is absent".into() };
        tiles.get(&(level, index)).cloned().ok_or_else(absent)
    };
    let signer = Signer::new("tsumugi.example/bench", [3; 32])?;
    let checkpoint =
        Checkpoint { origin: signer.name().into(), size: tree.size(), root: tree.root(), map_root: map.root() };
    let proof = CompletenessProof {
        format: completeness::FORMAT.into(),
        checkpoint: checkpoint.sign(&signer)?,
        vkey: signer.vkey(),
        label,
        count,
        leaf_hashes,
        path: map.path(&source, label)?,
        inclusion: Some(Inclusion { index: newest, proof: inclusion_proof(&reader, tree.size(), newest)? }),
        readable: Vec::new(),
    };
    Ok((ProofFile::new(vec![proof]).to_json().map_err(|fault| anyhow::anyhow!("{fault}"))?, signer.vkey()))
}
