//! The log alone: leaves appended to tree and map, and a log of a million leaves audited.

use anyhow::Context;
use tsumugi_kernel::edge::Stopwatch;
use tsumugi_ledger::{Auditor, Checkpoint, DraftLeaf, Hash, Label, LedgerError, SparseMap, Tree, chain};

use super::{Figures, measure::median};

const LEAVES: u64 = 1_000_000;
const CITIZENS: u64 = 200_000;
/// Leaves under one checkpoint.
const CHECKPOINT: u64 = 1_000;
/// A leaf's body as the door makes it for one fact.
const BODY_BYTES: usize = 600;

/// Measures `ledger_append_per_s` and `ledger_verify_1m_s`.
pub fn run(figures: &mut Figures, windows: usize) -> anyhow::Result<()> {
    let (mut appends, mut verifies) = (Vec::new(), Vec::new());
    for window in 0..windows.clamp(1, 3) {
        let (per_s, seconds) = once(window as u64)?;
        appends.push(per_s);
        verifies.push(seconds);
    }
    figures.insert("ledger_append_per_s", median(appends));
    figures.insert("ledger_verify_1m_s", median(verifies));
    Ok(())
}

fn once(seed: u64) -> anyhow::Result<(f64, f64)> {
    let labels: Vec<Label> = (0..CITIZENS).map(|citizen| Label::blind(&[7; 32], &citizen.to_be_bytes())).collect();
    let mut chains: Vec<(u64, Hash)> = vec![(0, chain::START); labels.len()];
    let mut published = std::collections::HashMap::<u16, Vec<(Label, u64, Hash)>>::new();
    let (mut tree, mut map) = (Tree::new(), SparseMap::new());
    let mut leaves = Vec::with_capacity(usize::try_from(LEAVES)?);
    let mut working = std::time::Duration::ZERO;
    for batch in 0..LEAVES / CHECKPOINT {
        let watch = Stopwatch::start();
        let mut changed = std::collections::BTreeMap::new();
        let mut made = Vec::with_capacity(usize::try_from(CHECKPOINT)?);
        for index in batch * CHECKPOINT..(batch + 1) * CHECKPOINT {
            let citizen = usize::try_from((index.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(seed)) % CITIZENS)?;
            let (count, head) = &mut chains[citizen];
            let leaf = DraftLeaf { label: labels[citizen], body: vec![index.to_le_bytes()[0]; BODY_BYTES] }
                .placed(*count + 1, *head);
            let bytes = leaf.encode();
            let hash = tsumugi_ledger::leaf_hash(&bytes);
            *count += 1;
            *head = chain::next(&labels[citizen], *count, head, &hash);
            changed.insert(citizen, (*count, *head));
            tree.append(hash);
            made.push(bytes);
        }
        let updates: Vec<(Label, u64, Hash)> =
            changed.iter().map(|(at, (count, head))| (labels[*at], *count, *head)).collect();
        let source = |bucket: u16| Ok::<_, LedgerError>(published.get(&bucket).cloned().unwrap_or_default());
        map.update(&source, &updates)?;
        tree.drain_tiles();
        working += watch.elapsed();
        // What a store would keep, outside the clock.
        for (label, count, head) in updates {
            let bucket = published.entry(label.bucket()).or_default();
            bucket.retain(|(other, ..)| *other != label);
            bucket.push((label, count, head));
        }
        leaves.append(&mut made);
    }
    let checkpoint = Checkpoint { origin: "bench".into(), size: tree.size(), root: tree.root(), map_root: map.root() };
    let watch = Stopwatch::start();
    let mut auditor = Auditor::new();
    for leaf in &leaves {
        auditor.push(leaf).map_err(|fault| anyhow::anyhow!("{fault}"))?;
    }
    auditor.check(&checkpoint).map_err(|fault| anyhow::anyhow!("{fault}")).context("the log that was just made")?;
    #[expect(clippy::cast_precision_loss, reason = "a rate")]
    let per_s = LEAVES as f64 / working.as_secs_f64();
    Ok((per_s, watch.elapsed().as_secs_f64()))
}
