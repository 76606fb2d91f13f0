//! The proof that a request was decided, and its end in a leaf.

use std::sync::Arc;

use tsumugi_kernel::{CitizenId, Instant, Purpose};
use tsumugi_ledger::{DraftLeaf, LedgerError, look::Decision};
use tsumugi_people::Shelves;
use tsumugi_store::{Batch, CommitError, LeafPlace, StoreError};

use crate::{Action, Caller, Lens, Rule, Shown, case, door::Inner, leaf, paper::Seconded};

/// How often a look that breaks the glass is tried anew when another of the same opened their case meanwhile: once
/// suffices, since a case that is open stays.
const ATTEMPTS: usize = 4;

/// The right to do one thing once. Only [`crate::Door::admit`] makes one; it ends in [`Permit::seal`] or
/// [`Permit::into_leaves`].
///
/// A permit that is dropped otherwise was given for nothing: that is counted (`door_permits_dropped`), because an
/// answer built without sealing would be a look without a leaf.
#[must_use = "a permit ends in `seal` (read) or `into_leaves` (write)"]
pub struct Permit {
    pub(crate) door: Arc<Inner>,
    pub(crate) caller: Caller,
    pub(crate) action: Action,
    pub(crate) citizen: CitizenId,
    pub(crate) shelves: Arc<Shelves>,
    pub(crate) time: Instant,
    pub(crate) rule: String,
    /// The opening of the disaster mode under which it was given.
    pub(crate) opening: Option<u64>,
    pub(crate) lens: Lens,
    /// The paper that it confirms, as a second clerk.
    pub(crate) paper: Option<Box<Seconded>>,
    pub(crate) spent: bool,
}

/// Where the leaf of a request landed. The proof that it is in the log follows with the next checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Index in the log, from 0.
    pub index: u64,
    /// The citizen's own number of the leaf, from 1.
    pub number: u64,
    /// The leaf's hash.
    pub hash: tsumugi_ledger::Hash,
}

impl From<LeafPlace> for Receipt {
    fn from(place: LeafPlace) -> Self {
        Self { index: place.index, number: place.number, hash: place.hash }
    }
}

/// Why no leaf could be left. Nothing may be answered then.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The store did not take the leaf.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// On which of the person's shelves something stands could not be read.
    #[error(transparent)]
    Store(StoreError),
    /// What is shown does not fit into one leaf: ask for smaller pages.
    #[error("what is shown does not fit into one leaf: {0}")]
    Leaf(#[from] LedgerError),
    /// The store took the batch and named no place for the leaf.
    #[error("the store named no place for the leaf")]
    Unplaced,
    /// A look that breaks the glass is a look: nothing is written with it.
    #[error("nothing can be written with a permit that breaks the glass")]
    Glass,
}

impl Permit {
    /// The shelf that was asked for: new facts go there. Where several shelves are one person's, it opens them all.
    #[must_use]
    pub const fn citizen(&self) -> CitizenId {
        self.citizen
    }

    /// Every shelf of the person, first that of [`Permit::citizen`].
    #[must_use]
    pub fn shelves(&self) -> &Shelves {
        &self.shelves
    }

    /// Whether a shelf is the person's.
    #[must_use]
    pub fn opens(&self, shelf: CitizenId) -> bool {
        self.shelves.hold(shelf)
    }

    /// Who asked.
    #[must_use]
    pub const fn caller(&self) -> &Caller {
        &self.caller
    }

    /// What for.
    #[must_use]
    pub const fn action(&self) -> Action {
        self.action
    }

    /// When it was decided.
    #[must_use]
    pub const fn time(&self) -> Instant {
        self.time
    }

    /// The ids of the rules that granted it, separated by spaces.
    #[must_use]
    pub fn rule(&self) -> &str {
        &self.rule
    }

    /// The rules that granted it, with their plain words.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.rule.split(' ').filter_map(|id| self.door.policies.rule(id))
    }

    /// Whether it confirms a paper: then a commit under it carries the confirmation, whatever else it changes.
    #[must_use]
    pub const fn confirms_paper(&self) -> bool {
        self.paper.is_some()
    }

    /// What of the shelf it shows.
    #[must_use]
    pub const fn lens(&self) -> &Lens {
        &self.lens
    }

    /// Leaves the leaf of a read. When this returns the leaf is durable, and the answer's body may start. Where the look
    /// breaks the glass, so is its case: both are in one commit.
    ///
    /// # Errors
    /// [`SealError`]: no leaf was left, so nothing may be answered.
    pub async fn seal(mut self, shown: Shown) -> Result<Receipt, SealError> {
        self.spent = true;
        let drafts = leaf::drafts(&self, &shown, Decision::Shown).await?;
        if self.caller.purpose != Purpose::BreakGlass {
            return self.door.commit(Batch { leaves: drafts, ..Batch::default() }).await;
        }
        // INVARIANT: no look breaks the glass without its case.
        for _ in 0..ATTEMPTS {
            let (rows, expect) = case::opening(&self).await.map_err(SealError::Store)?;
            match self.door.commit(Batch { rows, expect, leaves: drafts.clone(), ..Batch::default() }).await {
                Err(SealError::Commit(CommitError::Conflict(_))) => {}
                sealed => return sealed,
            }
        }
        Err(CommitError::Busy.into())
    }

    /// The leaves of a write, one for each of the person's shelves, for the commit that writes it. If that commit does not
    /// happen, ask the door again.
    ///
    /// # Errors
    /// [`SealError::Leaf`] if what is written does not fit into one leaf; [`SealError::Store`] if it cannot be found out
    /// on which shelf something stands; [`SealError::Glass`] if the permit breaks the glass.
    pub async fn into_leaves(mut self, shown: &Shown) -> Result<Vec<DraftLeaf>, SealError> {
        self.spent = true;
        if self.caller.purpose == Purpose::BreakGlass {
            return Err(SealError::Glass);
        }
        leaf::drafts(&self, shown, Decision::Written).await
    }
}

impl Inner {
    pub(crate) async fn commit(&self, batch: Batch) -> Result<Receipt, SealError> {
        let committed = self.store.commit(batch).await?;
        committed.leaves.first().copied().map(Receipt::from).ok_or(SealError::Unplaced)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if !self.spent {
            metrics::counter!("door_permits_dropped").increment(1);
        }
    }
}

impl std::fmt::Debug for Permit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Permit").field("action", &self.action).field("rule", &self.rule).finish_non_exhaustive()
    }
}
