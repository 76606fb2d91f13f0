//! Deciding whether two citizens are one, at a desk: the queue, the word of one clerk and of another, the merge that
//! follows, and taking it back (`decisions/0018-merge.md`).
//!
//! Pages and `/api` call these; nothing here knows HTTP.
//!
//! What must hold:
//! - Who two people are is shown only by [`Desk::match_of`], and that leaves a leaf for both. Lists name nobody.
//! - A desk sees the pairs that concern it: an institution those of whom it has a patient number, a municipality all.
//! - A word and what follows from it are one commit, with the leaves of both.

mod shared;
mod uncertain;
mod view;

use tsumugi_access::{Action, ActionGroup, Caller, Permit, Shown, roles};
use tsumugi_kernel::{CitizenId, Instant};
use tsumugi_people::{
    Clerk, DecideFault, MatchState, Merge, MergeFault, MergeRecord, OpenPart, Opinion, Undone, decide::REASON_MOST,
};
use tsumugi_store::{Batch, CommitError, Expectation, Table};

pub use view::{Decided, Listed, MatchEntry, MatchError, MatchView, MergeEntry, OpenEntry, Party};

use crate::{RecordError, rest::Desk};

/// How often a decision that met a concurrent write is made again.
const ATTEMPTS: usize = 16;
/// Most entries of a list.
pub const LIST_MOST: usize = 50;
/// Most rows of the directory looked through for one list.
const SCANNED_MOST: usize = 1_000;

impl Desk {
    /// The pairs that concern the caller's desk, after the pair `after`, at most `most` (and [`LIST_MOST`]).
    ///
    /// # Errors
    /// [`MatchError`].
    pub async fn matches(
        &self,
        caller: &Caller,
        after: Option<&str>,
        most: usize,
    ) -> Result<Listed<MatchEntry>, MatchError> {
        clerk(caller)?;
        let most = most.clamp(1, LIST_MOST);
        let mut after = after.map(|id| self.pair_of(id).ok_or(MatchError::Absent)).transpose()?;
        let (mut entries, mut scanned) = (Vec::new(), 0);
        loop {
            let page = self.directory.queue_after(after, LIST_MOST).await?;
            let ended = page.len() < LIST_MOST;
            scanned += page.len();
            for queued in page {
                if entries.len() == most {
                    return Ok(Listed { entries, next: after.map(|pair| self.match_id(pair)) });
                }
                let pair = (queued.citizen, queued.candidate);
                after = Some(pair);
                if self.concerns(caller, pair).await? {
                    let Some(known) = self.directory.pair(pair.0, pair.1).await? else { continue };
                    entries.extend(self.entry(caller, &known));
                }
            }
            if ended || scanned >= SCANNED_MOST {
                let next = after.filter(|_| !ended).map(|pair| self.match_id(pair));
                return Ok(Listed { entries, next });
            }
        }
    }

    /// A pair with names. Leaves a leaf for both.
    ///
    /// # Errors
    /// [`MatchError`].
    pub async fn match_of(&self, caller: &Caller, id: &str) -> Result<MatchView, MatchError> {
        let pair = self.known(caller, id).await?;
        let (one, other) = pair.citizens();
        let entry = self.entry(caller, &pair).ok_or(MatchError::Absent)?;
        let mut receipts = Vec::new();
        for (permit, shown) in self.both(caller, pair.citizens(), Action::Match).await? {
            receipts.push(permit.seal(shown).await.map_err(RecordError::Seal)?);
        }
        // INVARIANT: both leaves are durable before a name is given.
        let said = pair.decision.said.clone();
        Ok(MatchView { entry, one: self.party(one).await?, other: self.party(other).await?, said, receipts })
    }

    /// A first clerk's word about a pair.
    ///
    /// # Errors
    /// [`MatchError`].
    pub async fn propose(
        &self,
        caller: &Caller,
        id: &str,
        opinion: Opinion,
        reason: &str,
    ) -> Result<Decided, MatchError> {
        for _ in 0..ATTEMPTS {
            let pair = self.known(caller, id).await?;
            self.directory.may_decide(&caller.person, pair.citizens(), None).await??;
            let citizens = pair.citizens();
            let write = pair.propose(as_clerk(caller), opinion, reason, self.record.now())?;
            let batch = Batch { rows: write.rows, expect: write.expect, ..Batch::default() };
            if let Some(receipts) = self.commit_for(caller, citizens, Action::Match, batch).await? {
                return Ok(Decided { state: MatchState::Proposed, merge: None, receipts });
            }
        }
        Err(busy())
    }

    /// A second clerk's word: confirms or disagrees. "The same person", confirmed, merges the two.
    ///
    /// # Errors
    /// [`MatchError`].
    pub async fn confirm(&self, caller: &Caller, id: &str, agrees: bool, reason: &str) -> Result<Decided, MatchError> {
        let number = self.record.store.reserve(1);
        for _ in 0..ATTEMPTS {
            let pair = self.known(caller, id).await?;
            let (one, other) = pair.citizens();
            let proposed = pair.proposed().cloned();
            let first = proposed.as_ref().map(|said| &said.clerk.person);
            self.directory.may_decide(&caller.person, (one, other), first).await??;
            let now = self.record.now();
            let number_of_merge = (!self.directory.are_one(one, other).await?).then_some(number);
            let (write, clerks) = pair.confirm(as_clerk(caller), agrees, reason, number_of_merge, now)?;
            let mut batch = Batch { rows: write.rows, expect: write.expect, ..Batch::default() };
            let opinion = proposed.map(|said| said.opinion);
            let mut done = Decided { state: state(agrees, opinion), merge: None, receipts: Vec::new() };
            let mut touched = Vec::new();
            if let Some(clerks) = clerks {
                let merge = Merge { number, one, other, after: self.record.present().0, at: now };
                let write = self.directory.merge(&merge, clerks).await?;
                batch.rows.extend(write.rows);
                batch.expect.extend(write.expect);
                touched = write.shelves;
                done.state = MatchState::Same(number);
                done.merge = Some(self.merge_id(&merge));
            }
            let action = if touched.is_empty() { Action::Match } else { Action::Merge };
            let committed = self.commit_for(caller, (one, other), action, batch).await;
            self.forget(&touched);
            if let Some(receipts) = committed? {
                return Ok(Decided { receipts, ..done });
            }
        }
        Err(busy())
    }

    /// Takes a merge back. One clerk suffices: apart is the safe side, and two decide again. What came meanwhile and is
    /// not certain stays where it is and is listed.
    ///
    /// # Errors
    /// [`MatchError`].
    pub async fn unmerge(&self, caller: &Caller, id: &str, reason: &str) -> Result<MergeEntry, MatchError> {
        for _ in 0..ATTEMPTS {
            let (mut kept, before) = self.kept(caller, id).await?;
            if kept.undone.is_some() {
                return Err(MergeFault::NotMerged.into());
            }
            let merge = kept.merge.clone();
            self.directory.may_decide(&caller.person, (merge.one, merge.other), None).await??;
            let permit = self.admit_for(caller, merge.one, Action::Unmerge).await?;
            let now = self.record.now();
            let write = match self.parted(&permit, &merge, caller, reason, now).await {
                Ok((write, open)) => {
                    kept.undone = Some(Undone { by: as_clerk(caller), reason: reason.trim().to_owned(), at: now });
                    kept.open = open;
                    write
                }
                Err(error) => {
                    permit.seal(Shown::none()).await.map_err(RecordError::Seal)?;
                    return Err(error);
                }
            };
            let (mut batch, touched) = write;
            batch.rows.push(kept.row());
            let key = MergeRecord::key(merge.number).to_vec();
            batch.expect.push(Expectation::Row(Table::MergeRecord, key, Some(before)));
            let shown = self.subjects(&[merge.one, merge.other]).await?;
            let committed = self.commit_with(vec![(permit, shown)], batch).await;
            self.forget(&touched);
            if committed?.is_some() {
                return Ok(self.merge_entry(&kept));
            }
        }
        Err(busy())
    }

    async fn parted(
        &self,
        permit: &Permit,
        merge: &Merge,
        caller: &Caller,
        reason: &str,
        now: Instant,
    ) -> Result<((Batch, Vec<CitizenId>), Vec<OpenPart>), MatchError> {
        let open = self.record.uncertain(permit, merge).await?;
        let parted = self.directory.part(merge, self.record.present().0).await?;
        let pair = self.directory.pair(merge.one, merge.other).await?.ok_or(MatchError::Absent)?;
        let again = pair.reopen(as_clerk(caller), reason, now)?;
        let batch = Batch {
            rows: parted.rows.into_iter().chain(again.rows).collect(),
            expect: parted.expect.into_iter().chain(again.expect).collect(),
            ..Batch::default()
        };
        Ok(((batch, parted.shelves), open))
    }

    /// Closes one of the parts that were not certain, by its place in [`MergeEntry::open`]: what was found, in words.
    /// The facts stay; where they belong to the other person their source corrects it.
    ///
    /// # Errors
    /// [`MatchError`].
    pub async fn settle(&self, caller: &Caller, id: &str, part: usize, reason: &str) -> Result<MergeEntry, MatchError> {
        let reason = reason.trim();
        if reason.is_empty() || reason.chars().count() > REASON_MOST {
            return Err(DecideFault::Reason.into());
        }
        for _ in 0..ATTEMPTS {
            let (mut kept, before) = self.kept(caller, id).await?;
            let now = self.record.now();
            let open = kept.open.get_mut(part).filter(|open| open.settled.is_none()).ok_or(MatchError::Absent)?;
            open.settled = Some(Undone { by: as_clerk(caller), reason: reason.to_owned(), at: now });
            let shelf = open.shelf;
            let key = MergeRecord::key(kept.merge.number).to_vec();
            let batch = Batch {
                rows: vec![kept.row()],
                expect: vec![Expectation::Row(Table::MergeRecord, key, Some(before))],
                ..Batch::default()
            };
            if self.commit_for(caller, (shelf, shelf), Action::Match, batch).await?.is_some() {
                return Ok(self.merge_entry(&kept));
            }
        }
        Err(busy())
    }

    /// The merges that concern the caller's desk, also those taken back, after one, at most `most`.
    ///
    /// # Errors
    /// [`MatchError`].
    pub async fn merges(
        &self,
        caller: &Caller,
        after: Option<&str>,
        most: usize,
    ) -> Result<Listed<MergeEntry>, MatchError> {
        clerk(caller)?;
        let most = most.clamp(1, LIST_MOST);
        let mut after = after.map(|id| self.number_of(id).ok_or(MatchError::Absent)).transpose()?.map(|key| key.number);
        let (mut entries, mut scanned, mut last) = (Vec::new(), 0, None);
        loop {
            let page = self.directory.merge_records(after, LIST_MOST).await?;
            let ended = page.len() < LIST_MOST;
            scanned += page.len();
            for kept in page {
                if entries.len() == most {
                    return Ok(Listed { entries, next: last });
                }
                after = Some(kept.merge.number);
                last = Some(self.merge_id(&kept.merge));
                if self.concerns(caller, (kept.merge.one, kept.merge.other)).await? {
                    entries.push(self.merge_entry(&kept));
                }
            }
            if ended || scanned >= SCANNED_MOST {
                return Ok(Listed { entries, next: last.filter(|_| !ended) });
            }
        }
    }
}

/// Whether the caller decides about pairs at all; whether about these two, the door says.
fn clerk(caller: &Caller) -> Result<(), MatchError> {
    let may = roles::may_ask(caller.role, caller.purpose, ActionGroup::Matching) && !caller.automatic;
    if may { Ok(()) } else { Err(MatchError::NotClerk) }
}

fn as_clerk(caller: &Caller) -> Clerk {
    Clerk {
        person: caller.person.clone(),
        name: caller.person_name.clone(),
        organization: caller.organization.clone(),
        organization_name: caller.organization_name.clone(),
    }
}

/// Where a pair stands after a second word, unless it leads to a merge.
const fn state(agrees: bool, opinion: Option<Opinion>) -> MatchState {
    match (agrees, opinion) {
        (true, Some(Opinion::Same)) => MatchState::Same(0),
        (true, Some(Opinion::Different)) => MatchState::Different,
        _ => MatchState::Waiting,
    }
}

fn busy() -> MatchError {
    RecordError::Commit(CommitError::Busy).into()
}
