//! A citizen calls somebody to account: for a look, for a fact.

use tsumugi_kernel::{FactKey, Instant, OrganizationId, PersonId, Role};
use tsumugi_ledger::LookPart;
use tsumugi_store::{Batch, CommitError, Expectation, Point, Table};

use super::{
    About, Case, CaseAct, CaseError, CaseFault, CaseKind, CaseWord, Concern, Duty, Party, REASON_MOST, VERSION,
    keep::{self, CASES_MOST},
};
use crate::{Action, Caller, Door, Permit, Receipt, SealError, Shown};

impl Door {
    /// Objects to the look with the person's own number `look`, in one commit with the permit's leaf. The permit must be
    /// for [`Action::Object`]. To one look there is one objection.
    ///
    /// # Errors
    /// [`CaseError`]; after [`CommitError::Unknown`] it may have been taken, so look at the cases.
    pub async fn object(
        &self,
        permit: Permit,
        look: u64,
        concern: Concern,
        words: &str,
    ) -> Result<(Case, Receipt), CaseError> {
        let prepared = self.objection(&permit, look, concern, words.trim()).await;
        self.raise(permit, prepared).await
    }

    /// Wishes a fact corrected that the permit's lens shows, in one commit with the permit's leaf. `author` is the
    /// organisation that wrote it. The permit must be for [`Action::Object`].
    ///
    /// # Errors
    /// [`CaseError`].
    pub async fn wish(
        &self,
        permit: Permit,
        fact: FactKey,
        author: (OrganizationId, String),
        words: &str,
    ) -> Result<(Case, Receipt), CaseError> {
        let prepared = self.correction(&permit, fact, author, words.trim()).await;
        self.raise(permit, prepared).await
    }

    async fn raise(
        &self,
        permit: Permit,
        prepared: Result<(Case, Vec<u8>), CaseError>,
    ) -> Result<(Case, Receipt), CaseError> {
        let (case, known) = match prepared {
            Ok(prepared) => prepared,
            Err(error) => {
                // The door was opened, so that is told.
                permit.seal(Shown::none()).await?;
                return Err(error);
            }
        };
        let mut rows = keep::rows(None, &case);
        rows.push(keep::row(known.clone(), case.number.to_be_bytes().to_vec()));
        let leaves = permit.into_leaves(&Shown::none()).await?;
        let expect = vec![Expectation::Row(Table::Case, known, None)];
        let committed = match self.0.store.commit(Batch { rows, expect, leaves, ..Batch::default() }).await {
            Ok(committed) => committed,
            Err(CommitError::Conflict(_)) => return Err(CaseFault::Twice.into()),
            Err(error) => return Err(error.into()),
        };
        let place = committed.leaves.first().copied().ok_or(SealError::Unplaced)?;
        Ok((case, Receipt::from(place)))
    }

    /// The objection, and the row under which it is known.
    async fn objection(
        &self,
        permit: &Permit,
        look: u64,
        concern: Concern,
        words: &str,
    ) -> Result<(Case, Vec<u8>), CaseError> {
        citizens(permit, words, words.is_empty())?;
        let part = permit.looks_for_case(look).await?.ok_or(CaseFault::Nothing)?;
        let looker = looker(&part)?;
        // Nobody objects to themselves, and the citizen's own looks concern nobody else.
        if looker.role == Role::Citizen || looker.is(&permit.caller.person) {
            return Err(CaseFault::Nothing.into());
        }
        let person = looker.person.clone().ok_or(CaseFault::Nothing)?;
        for shelf in permit.shelves.all() {
            let key = keep::objection_key(*shelf, Instant(part.time), &person);
            if self.0.store.row(Table::Case, &key).await?.is_some() {
                return Err(CaseFault::Twice.into());
            }
        }
        self.room(permit, b"o").await?;
        let known = keep::objection_key(permit.citizen, Instant(part.time), &person);
        let about = About::Look {
            time: Instant(part.time),
            told: part.shown.contains_key(tsumugi_kernel::Kind::PATIENT.name()),
            action: part.action,
            purpose: part.purpose,
            concern,
        };
        Ok((self.opened(permit, (CaseKind::Objection, CaseAct::Object), looker, about, words), known))
    }

    async fn correction(
        &self,
        permit: &Permit,
        fact: FactKey,
        (organization, name): (OrganizationId, String),
        words: &str,
    ) -> Result<(Case, Vec<u8>), CaseError> {
        citizens(permit, words, false)?;
        if !permit.opens(fact.citizen) {
            return Err(CaseFault::Nothing.into());
        }
        let kept = self.0.store.fact(fact, Point::NOW).await?.ok_or(CaseFault::Nothing)?;
        // The same form again is no second wish.
        let same = |case: &Case| {
            let first = case.words.first();
            case.turn() != super::Turn::Nobody
                && first.is_some_and(|word| word.by.is(&permit.caller.person) && word.reason == words)
        };
        if permit.wishes(fact).await?.iter().any(same) {
            return Err(CaseFault::Twice.into());
        }
        self.room(permit, b"n").await?;
        let about =
            About::Fact { kind: fact.kind.number(), fact: fact.number, shelf: fact.citizen, version: kept.version };
        let author = Party {
            person: None,
            name: name.clone(),
            qualification: None,
            role: Role::System,
            organization,
            organization_name: name,
        };
        let case = self.opened(permit, (CaseKind::Correction, CaseAct::Wish), author, about, words);
        let known = keep::wish_key(fact, case.number);
        Ok((case, known))
    }

    fn opened(
        &self,
        permit: &Permit,
        (kind, act): (CaseKind, CaseAct),
        looker: Party,
        about: About,
        words: &str,
    ) -> Case {
        let duty = if kind == CaseKind::Correction { Duty::Correct } else { Duty::Answer };
        let by = Party::speaking(&permit.caller);
        Case {
            v: VERSION,
            number: self.0.store.reserve(1),
            kind,
            citizen: permit.citizen,
            looker,
            purpose: permit.caller.purpose,
            reasons: Vec::new(),
            opened: permit.time,
            ends: permit.time,
            deadline: duty.deadline(permit.time),
            about: Some(about),
            words: vec![CaseWord { by, act, reason: words.to_owned(), at: permit.time, version: None, sanction: None }],
        }
    }

    /// Whether another case of the kind still fits.
    async fn room(&self, permit: &Permit, list: &[u8; 1]) -> Result<(), CaseError> {
        let prefix = keep::citizens(list, permit.citizen);
        let there = self.0.store.rows(Table::Case, &prefix, None, CASES_MOST).await?.len();
        if there < CASES_MOST { Ok(()) } else { Err(CaseFault::Full.into()) }
    }
}

/// Whether the citizen's side speaks, in words of the right length.
fn citizens(permit: &Permit, words: &str, may_be_silent: bool) -> Result<(), CaseFault> {
    if permit.action != Action::Object {
        return Err(CaseFault::Absent);
    }
    let count = words.chars().count();
    if (count == 0 && !may_be_silent) || count > REASON_MOST { Err(CaseFault::Reason) } else { Ok(()) }
}

/// Who looked, as the leaf says.
fn looker(part: &LookPart) -> Result<Party, CaseFault> {
    let person = PersonId::new(&part.person.id).map_err(|_| CaseFault::Nothing)?;
    let organization = OrganizationId::new(&part.organization.id).map_err(|_| CaseFault::Nothing)?;
    Ok(Party {
        person: Some(person),
        name: part.person.name.clone(),
        qualification: part.person.qualification.clone(),
        role: Role::from_code(&part.role).ok_or(CaseFault::Nothing)?,
        organization,
        organization_name: part.organization.name.clone(),
    })
}

impl Door {
    /// Decides whether somebody may answer in a case, once, like [`Door::admit`]: the rules ask whether the caller or the
    /// caller's organisation is asked.
    ///
    /// # Errors
    /// [`CaseError`].
    pub async fn admit_answer(&self, caller: &Caller, case: &Case) -> Result<Permit, CaseError> {
        let request = crate::Request { caller, action: Action::Answer, citizen: case.citizen };
        Ok(self.decide(request, super::may_answer(caller, case)).await?)
    }
}
