//! What the calls of the desk share: ids of pairs and merges, what concerns a desk, permits for both people, one commit.

use tsumugi_access::{Action, Caller, Permit, Receipt, Request, Shown};
use tsumugi_kernel::{CitizenId, FactKey, Flags, Kind, OrganizationKind};
use tsumugi_people::{Citizen, Identifier, Merge, MergeRecord, OpenPart, Pair};
use tsumugi_store::{Batch, CommitError};

use super::{MatchEntry, MatchError, MergeEntry, OpenEntry, Party, clerk};
use crate::{RecordError, rest::Desk};

impl Desk {
    /// A sealed name of a citizen: no fact has number 0.
    fn name_of(&self, citizen: CitizenId) -> String {
        self.record.sealer().seal(FactKey { citizen, kind: Kind::PATIENT, number: 0 })
    }

    pub(super) fn match_id(&self, (one, other): (CitizenId, CitizenId)) -> String {
        format!("{}.{}", self.name_of(one), self.name_of(other))
    }

    pub(super) fn pair_of(&self, id: &str) -> Option<(CitizenId, CitizenId)> {
        let (one, other) = id.split_once('.')?;
        let open = |id: &str| self.record.sealer().open(id).filter(|key| key.kind == Kind::PATIENT && key.number == 0);
        Some((open(one)?.citizen, open(other)?.citizen))
    }

    pub(super) fn merge_id(&self, merge: &Merge) -> String {
        self.record.sealer().seal(FactKey { citizen: merge.one, kind: Kind::PATIENT, number: merge.number })
    }

    pub(super) fn number_of(&self, id: &str) -> Option<FactKey> {
        self.record.sealer().open(id).filter(|key| key.kind == Kind::PATIENT)
    }

    pub(super) fn entry(&self, caller: &Caller, pair: &Pair) -> Option<MatchEntry> {
        let queued = pair.queued.as_ref()?;
        Some(MatchEntry {
            id: self.match_id((queued.citizen, queued.candidate)),
            reason: queued.reason,
            since: queued.since,
            state: pair.decision.state,
            own_proposal: pair.proposed().is_some_and(|said| said.clerk.person == caller.person),
            likeness: queued.likeness,
        })
    }

    pub(super) fn merge_entry(&self, kept: &MergeRecord) -> MergeEntry {
        let open = |part: &OpenPart| OpenEntry {
            source: part.source.clone(),
            count: part.facts.len(),
            settled: part.settled.clone(),
        };
        MergeEntry {
            id: self.merge_id(&kept.merge),
            at: kept.merge.at,
            by: kept.by.clone(),
            undone: kept.undone.clone(),
            open: kept.open.iter().map(open).collect(),
        }
    }

    /// A pair by its id, if it is in the queue or was, and concerns the caller's desk.
    pub(super) async fn known(&self, caller: &Caller, id: &str) -> Result<Pair, MatchError> {
        clerk(caller)?;
        let citizens = self.pair_of(id).ok_or(MatchError::Absent)?;
        if !self.concerns(caller, citizens).await? {
            return Err(MatchError::Absent);
        }
        self.directory.pair(citizens.0, citizens.1).await?.ok_or(MatchError::Absent)
    }

    pub(super) async fn kept(&self, caller: &Caller, id: &str) -> Result<(MergeRecord, Vec<u8>), MatchError> {
        clerk(caller)?;
        let key = self.number_of(id).ok_or(MatchError::Absent)?;
        let (kept, before) = self.directory.merge_record(key.number).await?.ok_or(MatchError::Absent)?;
        let merge = &kept.merge;
        if merge.one != key.citizen || !self.concerns(caller, (merge.one, merge.other)).await? {
            return Err(MatchError::Absent);
        }
        Ok((kept, before))
    }

    /// Whether a pair is the desk's matter: a municipality's always, an institution's if it knows one of the two.
    pub(super) async fn concerns(
        &self,
        caller: &Caller,
        (one, other): (CitizenId, CitizenId),
    ) -> Result<bool, MatchError> {
        if caller.organization_kind == OrganizationKind::Municipality {
            return Ok(true);
        }
        for citizen in [one, other] {
            let row = self.directory.citizen(citizen).await?;
            let own = |id: &Identifier| id.facility() == Some(caller.organization.as_str());
            if row.is_some_and(|row| row.identifiers.iter().any(own)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    pub(super) async fn party(&self, citizen: CitizenId) -> Result<Party, MatchError> {
        let row = self.directory.citizen(citizen).await?.ok_or(MatchError::Absent)?;
        let Citizen { name, kana, birth_date, sex, identifiers, patients, .. } = row;
        Ok(Party { name, kana, birth_date, sex, identifiers, sources: patients.len() })
    }

    pub(super) async fn admit_for(
        &self,
        caller: &Caller,
        citizen: CitizenId,
        action: Action,
    ) -> Result<Permit, MatchError> {
        Ok(self.door.admit(Request { caller, action, citizen }).await?)
    }

    /// Who people are stands in their sources' `Patient`s: a look at it tells of those.
    pub(crate) async fn subjects(&self, citizens: &[CitizenId]) -> Result<Shown, MatchError> {
        let mut shown = Shown::none();
        for citizen in citizens {
            let row = self.directory.citizen(*citizen).await?;
            for number in row.map(|row| row.patients).unwrap_or_default() {
                shown.add_at(FactKey { citizen: *citizen, kind: Kind::PATIENT, number }, Flags::default());
            }
        }
        Ok(shown)
    }

    /// A permit for each of the two persons, with what each leaf tells; one where they are one person.
    pub(super) async fn both(
        &self,
        caller: &Caller,
        (one, other): (CitizenId, CitizenId),
        action: Action,
    ) -> Result<Vec<(Permit, Shown)>, MatchError> {
        let first = self.admit_for(caller, one, action).await?;
        if first.opens(other) {
            let citizens = if one == other { vec![one] } else { vec![one, other] };
            return Ok(vec![(first, self.subjects(&citizens).await?)]);
        }
        let second = match self.admit_for(caller, other, action).await {
            Ok(second) => second,
            Err(error) => {
                // The first door was opened, so that is told.
                first.seal(Shown::none()).await.map_err(RecordError::Seal)?;
                return Err(error);
            }
        };
        Ok(vec![(first, self.subjects(&[one]).await?), (second, self.subjects(&[other]).await?)])
    }

    pub(super) async fn commit_for(
        &self,
        caller: &Caller,
        citizens: (CitizenId, CitizenId),
        action: Action,
        batch: Batch,
    ) -> Result<Option<Vec<Receipt>>, MatchError> {
        let permits = self.both(caller, citizens, action).await?;
        self.commit_with(permits, batch).await
    }

    /// Commits with the leaves of the permits; `None` if somebody else wrote meanwhile.
    pub(super) async fn commit_with(
        &self,
        permits: Vec<(Permit, Shown)>,
        mut batch: Batch,
    ) -> Result<Option<Vec<Receipt>>, MatchError> {
        for (permit, shown) in permits {
            batch.leaves.extend(permit.into_leaves(&shown).await.map_err(RecordError::Seal)?);
        }
        match self.record.store.commit(batch).await {
            Ok(committed) => Ok(Some(committed.leaves.into_iter().map(Receipt::from).collect())),
            Err(CommitError::Conflict(_)) => Ok(None),
            Err(error) => Err(RecordError::Commit(error).into()),
        }
    }

    /// Also after a failure: whether it was written may be unknown.
    pub(super) fn forget(&self, shelves: &[CitizenId]) {
        self.directory.forget_shelves(shelves);
        self.door.directory().forget_shelves(shelves);
    }
}
