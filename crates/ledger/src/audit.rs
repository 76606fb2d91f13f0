//! The auditor's full check: from the leaves alone, everything that a checkpoint claims is computed again.
//!
//! The tree's root from the leaf bytes, each label's chain (numbers 1, 2, 3 … and the head before each leaf), and the
//! map's root from the last (count, head) of each label. So a changed, removed, inserted or swapped leaf, a dropped
//! tail, a fork in one citizen's chain and a lowered count all show. That two checkpoints belong to one growing log is
//! checked by [`verify_checkpoints`].
//!
//! What must hold: memory grows with the number of labels, not of leaves (about 100 bytes each).

use std::collections::HashMap;

use crate::{
    Checkpoint, Fault, Hash, Label, Tree, chain,
    leaf::LeafView,
    map::{self, MapEntry},
    merkle,
};

/// A log being audited, leaf by leaf.
#[derive(Clone, Debug, Default)]
pub struct Auditor {
    tree: Tree,
    chains: HashMap<Label, (u64, Hash)>,
}

/// What an audited log holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Audited {
    /// Leaves.
    pub leaves: u64,
    /// Labels with at least one leaf.
    pub labels: u64,
}

impl Auditor {
    /// An auditor at the beginning of a log.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next leaf.
    ///
    /// # Errors
    /// [`Fault::Leaf`], [`Fault::Number`] or [`Fault::Previous`]; the leaf is then not taken.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        let index = self.tree.size();
        let leaf = LeafView::new(bytes)
            .map_err(|_| Fault::Leaf { index, reason: "it has no label, number and head, or is too long" })?;
        let (label, number) = (leaf.label, leaf.number);
        let (count, head) = self.chains.get(&label).copied().unwrap_or((0, chain::START));
        if Some(number) != count.checked_add(1) {
            return Err(Fault::Number { index, label, expected: count.saturating_add(1), found: number });
        }
        if leaf.previous != head {
            return Err(Fault::Previous { index, label, number });
        }
        let hash = merkle::leaf_hash(bytes);
        self.chains.insert(label, (number, chain::next(&label, number, &head, &hash)));
        self.tree.append(hash);
        // An auditor keeps no tiles.
        self.tree.forget_tiles();
        Ok(())
    }

    /// Leaves taken so far.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.tree.size()
    }

    /// Compares with what a checkpoint claims for the leaves taken so far. An auditor may check at every checkpoint
    /// and go on.
    ///
    /// # Errors
    /// [`Fault::Size`], [`Fault::Root`] or [`Fault::MapRoot`].
    pub fn check(&self, claimed: &Checkpoint) -> Result<Audited, Fault> {
        let (leaves, labels) = (self.tree.size(), self.chains.len() as u64);
        if claimed.size != leaves {
            return Err(Fault::Size { claimed: claimed.size, found: leaves });
        }
        if self.tree.root() != claimed.root {
            return Err(Fault::Root { size: leaves });
        }
        let entry = |(&label, &(count, head)): (&Label, &(u64, Hash))| MapEntry { label, count, head };
        let mut entries: Vec<MapEntry> = self.chains.iter().map(entry).collect();
        if map::root_of(&mut entries) != claimed.map_root {
            return Err(Fault::MapRoot { citizens: labels });
        }
        Ok(Audited { leaves, labels })
    }
}

/// Audits a whole log against a checkpoint (opened with [`Checkpoint::open`], so that its signature is checked).
///
/// # Errors
/// The first [`Fault`] found.
pub fn audit<L: AsRef<[u8]>>(leaves: impl IntoIterator<Item = L>, claimed: &Checkpoint) -> Result<Audited, Fault> {
    let mut auditor = Auditor::new();
    for leaf in leaves {
        auditor.push(leaf.as_ref())?;
    }
    auditor.check(claimed)
}

/// Checks that two checkpoints belong to one growing log, by a consistency proof from the older to the newer. Of two
/// checkpoints of one size the maps must agree too, as they follow from the same leaves.
///
/// # Errors
/// [`Fault::Consistency`].
pub fn verify_checkpoints(old: &Checkpoint, new: &Checkpoint, proof: &[Hash]) -> Result<(), Fault> {
    let fault = |reason| Fault::Consistency { old_size: old.size, new_size: new.size, reason };
    if old.origin != new.origin {
        return Err(fault("they are of two logs"));
    }
    merkle::verify_consistency(old.size, &old.root, new.size, &new.root, proof)?;
    if old.size == new.size && old.map_root != new.map_root {
        return Err(fault("the maps differ for the same leaves"));
    }
    Ok(())
}
