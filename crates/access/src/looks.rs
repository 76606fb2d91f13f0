//! Opening leaves again: who looked, for the citizen, for a proxy, and for the supervisor.
//!
//! The permit of an [`crate::Action::AccessLog`] request opens the citizen's parts for the citizen and her proxy, the
//! reviewer's parts for the supervisor, and nothing for anybody else.

use std::{cell::RefCell, collections::HashMap};

use tsumugi_kernel::Role;
use tsumugi_ledger::{
    CompletenessProof, Hash, Inclusion, Label, LedgerError, LookPart, Part, Readable, completeness, inclusion_proof,
    leaf::LeafView, leaf_hash,
};
use tsumugi_store::{StoreError, StoredLeaf};

use crate::{ActionGroup, Permit, leaf};

/// One look as the permit's holder may read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// Index in the log, from 0.
    pub index: u64,
    /// The citizen's own number of the leaf, from 1.
    pub number: u64,
    /// What it says.
    pub part: LookPart,
}

/// Why looks could not be given.
#[derive(Debug, thiserror::Error)]
pub enum LooksError {
    /// The permit is not for the log.
    #[error("this permit does not open the log")]
    Permit,
    /// The store could not read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A leaf or tile is not what the log says.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// Leaves read from the store at once.
const PAGE: u64 = 1_024;

impl Permit {
    /// How many leaves the citizen has, the newest included.
    ///
    /// # Errors
    /// [`LooksError`].
    pub async fn looks_count(&self) -> Result<u64, LooksError> {
        let (label, _) = self.log()?;
        Ok(self.door.store.chain(label).await?.map_or(0, |(count, _)| count))
    }

    /// The citizen's looks with numbers in `from..=to`, in order.
    ///
    /// # Errors
    /// [`LooksError`].
    pub async fn looks(&self, from: u64, to: u64) -> Result<Vec<Look>, LooksError> {
        let (label, part) = self.log()?;
        let mut looks = Vec::new();
        for stored in self.door.store.leaves_of(label, from, to).await? {
            let leaf = LeafView::new(&stored.bytes)?;
            let plain = self.door.keys.open(part, &leaf.label, leaf.body)?;
            looks.push(Look { index: stored.index, number: leaf.number, part: LookPart::from_bytes(&plain)? });
        }
        Ok(looks)
    }

    /// The completeness proof of the citizen's leaves under the newest checkpoint: the file that `tsumugi verify`
    /// reads. Leaves after that checkpoint are "proof pending"; publish first to have them in. `vkey` is the log's
    /// verifier key. Every leaf is readable in it; for the supervisor, whose parts have other keys, none is.
    ///
    /// # Errors
    /// [`LooksError`].
    pub async fn proof(&self, vkey: &str) -> Result<CompletenessProof, LooksError> {
        let (label, part) = self.log()?;
        let (published, path) = self.door.store.map_path(label).await?;
        let size = published.checkpoint.size;
        let mut leaf_hashes = Vec::new();
        let mut readable = Vec::new();
        let mut newest = None;
        'pages: loop {
            let from = leaf_hashes.len() as u64 + 1;
            let page: Vec<StoredLeaf> = self.door.store.leaves_of(label, from, from + PAGE - 1).await?;
            let read = page.len() as u64;
            for stored in page {
                if stored.index >= size {
                    break 'pages;
                }
                leaf_hashes.push(leaf_hash(&stored.bytes));
                newest = Some(stored.index);
                if part == Part::Citizen {
                    let leaf = LeafView::new(&stored.bytes)?;
                    let key = self.door.keys.one_time_key(part, &label, leaf.body)?;
                    readable.push(Readable { number: leaf.number, leaf: stored.bytes.to_vec(), key });
                }
            }
            if read < PAGE {
                break;
            }
        }
        let inclusion = match newest {
            Some(index) => Some(Inclusion { index, proof: self.inclusion(size, index).await? }),
            None => None,
        };
        Ok(CompletenessProof {
            format: completeness::FORMAT.to_owned(),
            checkpoint: published.note,
            vkey: vkey.to_owned(),
            label,
            count: leaf_hashes.len() as u64,
            leaf_hashes,
            path,
            inclusion,
            readable,
        })
    }

    /// The proof asks for tiles one after the other and the store answers in its own time, so the proof is tried until
    /// every tile that it asks for is here: at most one round per tile, and a tree has few on one path.
    async fn inclusion(&self, size: u64, index: u64) -> Result<Vec<Hash>, LooksError> {
        let mut tiles: HashMap<(u8, u64, u16), Vec<Hash>> = HashMap::new();
        loop {
            // The cell ends before the store is asked, so that the proof can be made on any thread.
            let (tried, missing) = {
                let missing = RefCell::new(None);
                let reader = |level: u8, at: u64, width: u16| {
                    tiles.get(&(level, at, width)).cloned().ok_or_else(|| {
                        *missing.borrow_mut() = Some((level, at, width));
                        LedgerError::Format { what: "tile", detail: "it is not read yet" }
                    })
                };
                (inclusion_proof(&reader, size, index), missing.into_inner())
            };
            match (tried, missing) {
                (Ok(proof), _) => return Ok(proof),
                (Err(_), Some((level, at, width))) => {
                    let absent = LedgerError::Format { what: "tile", detail: "the store does not have it" };
                    let tile = self.door.store.tile(level, at, width).await?.ok_or(absent)?;
                    tiles.insert((level, at, width), tile);
                }
                (Err(error), None) => return Err(error.into()),
            }
        }
    }

    fn log(&self) -> Result<(Label, Part), LooksError> {
        if self.action.group() != ActionGroup::Log {
            return Err(LooksError::Permit);
        }
        let part = match self.caller.role {
            Role::Citizen | Role::Proxy => Part::Citizen,
            Role::Supervisor => Part::Reviewer,
            _ => return Err(LooksError::Permit),
        };
        Ok((leaf::label(&self.door, self.citizen), part))
    }
}
