//! Opening leaves again: who looked, for the citizen, for a proxy, and for the supervisor.
//!
//! The permit of an [`crate::Action::AccessLog`] request opens the citizen's parts for the citizen and her proxy, the
//! reviewer's parts for the supervisor, and nothing for anybody else.

use tsumugi_kernel::{CitizenId, Kind, Role};
use tsumugi_ledger::{
    CompletenessProof, Hash, Inclusion, LedgerError, LookPart, Part, ProofFile, Readable, completeness,
    inclusion_proof,
    leaf::LeafView,
    leaf_hash,
    look::{parse_ranges, ranges},
};
use tsumugi_store::{StoreError, StoredLeaf};

use crate::{ActionGroup, Permit, leaf, tiles};

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
    /// How many looks the person has, the newest included.
    ///
    /// # Errors
    /// [`LooksError`].
    pub async fn looks_count(&self) -> Result<u64, LooksError> {
        let part = self.log()?;
        if self.tells_anew() {
            return Ok(self.together(part).await?.len() as u64);
        }
        let label = leaf::label(&self.door, self.citizen);
        Ok(self.door.store.chain(label).await?.map_or(0, |(count, _)| count))
    }

    /// The person's looks with numbers in `from..=to`, in order. Of a person with several shelves the looks of all
    /// chains stand in one list, in the order of the log and numbered in it; a look that left a leaf in several of them
    /// is one look.
    ///
    /// # Errors
    /// [`LooksError`].
    pub async fn looks(&self, from: u64, to: u64) -> Result<Vec<Look>, LooksError> {
        let part = self.log()?;
        if self.tells_anew() {
            let all = self.together(part).await?;
            return Ok(all.into_iter().filter(|look| (from..=to).contains(&look.number)).collect());
        }
        let label = leaf::label(&self.door, self.citizen);
        let mut looks = Vec::new();
        for stored in self.door.store.leaves_of(label, from, to).await? {
            looks.push(self.open(part, &stored)?);
        }
        Ok(looks)
    }

    /// Whether the list of looks is not simply the chain: of several shelves, and for whoever acts for the citizen, who
    /// does not learn of looks at what is hers alone.
    fn tells_anew(&self) -> bool {
        self.shelves.are_several() || self.caller.role == Role::Proxy
    }

    /// The look with this number as the citizen's side reads it, for the case that names it. A desk that takes an objection
    /// down is not shown it.
    pub(crate) async fn looks_for_case(&self, number: u64) -> Result<Option<LookPart>, LooksError> {
        if self.tells_anew() {
            let all = self.together(Part::Citizen).await?;
            return Ok(all.into_iter().find(|look| look.number == number).map(|look| look.part));
        }
        let label = leaf::label(&self.door, self.citizen);
        let found = self.door.store.leaves_of(label, number, number).await?;
        found.first().map(|stored| self.open(Part::Citizen, stored).map(|look| look.part)).transpose()
    }

    fn open(&self, part: Part, stored: &StoredLeaf) -> Result<Look, LooksError> {
        let leaf = LeafView::new(&stored.bytes)?;
        let plain = self.door.keys.open(part, &leaf.label, leaf.body)?;
        Ok(Look { index: stored.index, number: leaf.number, part: LookPart::from_bytes(&plain)? })
    }

    /// Every look of a person with several shelves. One look on all of them left its leaves beside each other in the
    /// log; they are told as one, with what each says.
    async fn together(&self, part: Part) -> Result<Vec<Look>, LooksError> {
        let mut all: Vec<(usize, Look)> = Vec::new();
        for (chain, shelf) in self.shelves.all().iter().enumerate() {
            let label = leaf::label(&self.door, *shelf);
            let mut from = 1;
            loop {
                let page = self.door.store.leaves_of(label, from, from + PAGE - 1).await?;
                for stored in &page {
                    let mut look = self.open(part, stored)?;
                    if self.caller.role == Role::Proxy && !leave_out(&mut look.part) {
                        continue;
                    }
                    all.push((chain, look));
                }
                if (page.len() as u64) < PAGE {
                    break;
                }
                from += PAGE;
            }
        }
        all.sort_by_key(|(_, look)| look.index);
        let mut looks: Vec<Look> = Vec::new();
        // The chains in which the newest look has left a leaf, and the place of its last one.
        let (mut chains, mut last) = (Vec::new(), 0);
        for (chain, mut look) in all {
            match looks.last_mut() {
                Some(same) if look.index == last + 1 && !chains.contains(&chain) && is_one(&same.part, &look.part) => {
                    last = look.index;
                    chains.push(chain);
                    add(&mut same.part, &look.part);
                }
                _ => {
                    (chains, last) = (vec![chain], look.index);
                    look.number = looks.len() as u64 + 1;
                    looks.push(look);
                }
            }
        }
        Ok(looks)
    }

    /// The completeness proofs of the person's leaves under the newest checkpoint, one for each chain and all under one
    /// checkpoint: the file that `tsumugi verify` reads. Leaves after that checkpoint are "proof pending"; publish first
    /// to have them in. `vkey` is the log's verifier key. Every leaf is readable in it; for the supervisor, whose parts
    /// have other keys, none is.
    ///
    /// # Errors
    /// [`LooksError`].
    pub async fn proofs(&self, vkey: &str) -> Result<ProofFile, LooksError> {
        // Somebody may publish between two chains; then they are begun anew. A log in which that happens every time
        // for so long does not let anybody read.
        const ATTEMPTS: usize = 16;
        for _ in 0..ATTEMPTS {
            let mut proofs = Vec::new();
            for shelf in self.shelves.all() {
                proofs.push(self.proof_of(*shelf, vkey).await?);
            }
            if proofs.iter().all(|proof| proof.checkpoint == proofs[0].checkpoint) {
                return Ok(ProofFile::new(proofs));
            }
        }
        Err(LedgerError::Format { what: "checkpoint", detail: "it changed again and again; try again" }.into())
    }

    /// The proof of the chain of the shelf that was asked for.
    ///
    /// # Errors
    /// [`LooksError`].
    pub async fn proof(&self, vkey: &str) -> Result<CompletenessProof, LooksError> {
        self.proof_of(self.citizen, vkey).await
    }

    async fn proof_of(&self, shelf: CitizenId, vkey: &str) -> Result<CompletenessProof, LooksError> {
        let part = self.log()?;
        let label = leaf::label(&self.door, shelf);
        let (published, path) = self.door.store.map_path(label).await?;
        let size = published.checkpoint.size;
        let mut leaf_hashes = Vec::new();
        let mut readable = Vec::new();
        let mut hers = false;
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
                    if self.caller.role == Role::Proxy {
                        hers |= !self.open(part, &stored)?.part.self_only.is_empty();
                    }
                    let key = self.door.keys.one_time_key(part, &label, leaf.body)?;
                    readable.push(Readable { number: leaf.number, leaf: stored.bytes.to_vec(), key });
                }
            }
            if read < PAGE {
                break;
            }
        }
        // A leaf is readable whole or not at all, and one that is not would show which. So where there is anything that is
        // hers alone, whoever acts for her can prove that the chain is whole, and read none of it there.
        if hers {
            readable.clear();
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

    async fn inclusion(&self, size: u64, index: u64) -> Result<Vec<Hash>, LooksError> {
        tiles::proven(self.door.store.as_ref(), |reader| inclusion_proof(reader, size, index)).await
    }

    fn log(&self) -> Result<Part, LooksError> {
        if self.action.group() != ActionGroup::Log {
            return Err(LooksError::Permit);
        }
        match self.caller.role {
            Role::Citizen | Role::Proxy => Ok(Part::Citizen),
            Role::Supervisor => Ok(Part::Reviewer),
            _ => Err(LooksError::Permit),
        }
    }
}

/// Which part of leaves a permit opens.
///
/// # Errors
/// [`LooksError::Permit`] if it is not for the log.
pub(crate) fn part(permit: &Permit) -> Result<Part, LooksError> {
    permit.log()
}

/// Whether two parts tell of one look.
pub(crate) fn is_one(one: &LookPart, other: &LookPart) -> bool {
    one.time == other.time
        && one.action == other.action
        && one.person.id == other.person.id
        && one.organization.id == other.organization.id
        && one.purpose == other.purpose
        && one.rule == other.rule
        && one.decision == other.decision
}

/// Adds to a look what its leaf in another chain tells. Numbers of facts are unique, so nothing counts twice.
fn add(look: &mut LookPart, more: &LookPart) {
    for (kind, numbers) in &more.shown {
        match look.shown.get_mut(kind) {
            Some(known) => *known = merged(known, numbers),
            None => {
                look.shown.insert(kind.clone(), numbers.clone());
            }
        }
    }
    look.count += more.count;
    look.reason = look.reason.take().or_else(|| more.reason.clone());
}

/// Takes out of a look what only the citizen learns of. Whether anything is left of it: a look that told of nothing else,
/// but who she is, is none to whoever acts for her.
fn leave_out(look: &mut LookPart) -> bool {
    let own = std::mem::take(&mut look.self_only);
    if own.is_empty() {
        return true;
    }
    for (kind, numbers) in &own {
        let Some(known) = look.shown.get_mut(kind) else { continue };
        let (Some(all), Some(out)) = (parse_ranges(known), parse_ranges(numbers)) else { continue };
        let hers = |number: &u64| out.iter().any(|(first, last)| (first..=last).contains(&number));
        let left: Vec<u64> =
            all.iter().flat_map(|(first, last)| *first..=*last).filter(|number| !hers(number)).collect();
        let before: u64 = all.iter().map(|(first, last)| last - first + 1).sum();
        look.count = look.count.saturating_sub(before - left.len() as u64);
        *known = ranges(left);
    }
    look.shown.retain(|_, numbers| !numbers.is_empty());
    // Typed words may name what is hers.
    look.reason = None;
    look.shown.keys().any(|kind| kind != Kind::PATIENT.name())
}

/// Two texts of ranges as one, in order.
fn merged(one: &str, other: &str) -> String {
    let (Some(mut all), Some(more)) = (parse_ranges(one), parse_ranges(other)) else { return one.to_owned() };
    all.extend(more);
    all.sort_unstable();
    ranges(all.into_iter().flat_map(|(first, last)| first..=last))
}
