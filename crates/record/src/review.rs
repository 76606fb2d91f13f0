//! Cases at the supervising body: the queue, one case, whose record it is, and the judgement.
//!
//! Pages call these; nothing here knows HTTP.
//!
//! The queue holds every open case by its deadline, so that what somebody else is late with stands first; the closed ones
//! have a list of their own.
//!
//! What must hold:
//! - Lists and cases name who looked, and never whom. Whose record it is, is told only by [`Desk::named_case`], a look of
//!   its own.
//! - A supervisor's looks are in the person's log like anybody's: opening a case leaves a leaf, naming the person another,
//!   a judgement the third, in one commit with what it says.

use jiff::civil::Date;
use tsumugi_access::{
    Action, Caller, Case, CaseAct, CaseError, CaseFault, CaseKind, CaseState, Look, Reason, Receipt, Request, Shown,
    case::{About, CaseWord, ClosedPlace, Party, QueuePlace, Sanction, Saying, Suspension, Turn, supervises},
    policy::Policies,
    whatif::{WhatIf, WhatIfError},
};
use tsumugi_kernel::{FactKey, Instant, Kind};
use tsumugi_people::PeopleError;

use crate::{matches::Listed, matches::MatchError, rest::Desk};

/// Most entries of a list.
pub const LIST_MOST: usize = 50;
/// Over how many days somebody's breakings are counted.
pub const COUNTED_DAYS: u32 = 90;
/// Leaves opened at once.
const CHUNK: u64 = 4_096;

/// A case in the list: without the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseEntry {
    /// Its id.
    pub id: String,
    /// Why there is one.
    pub kind: CaseKind,
    /// Why the look is odd; empty for every other kind.
    pub reasons: Vec<Reason>,
    /// Who is called to account.
    pub looker: Party,
    /// When it was opened.
    pub opened: Instant,
    /// The day by whose end whoever has the turn has spoken.
    pub deadline: Date,
    /// Where it stands.
    pub state: CaseState,
    /// Whose word is next.
    pub turn: Turn,
    /// Whether that word is late.
    pub late: bool,
    /// When it was closed.
    pub closed: Option<Instant>,
}

/// A case with its looks, as its leaf has told.
#[derive(Clone, Debug)]
pub struct CaseView {
    /// The case.
    pub entry: CaseEntry,
    /// Its looks in order: the reviewer's parts.
    pub looks: Vec<Look>,
    /// What was said, oldest first.
    pub words: Vec<CaseWord>,
    /// What the citizen named, where she opened it.
    pub about: Option<About>,
    /// Whether a supervisor may judge it now.
    pub judged_now: bool,
    /// The suspension that it led to, while it stands.
    pub suspension: Option<Suspension>,
    /// How many cases the looker's looks have opened in the last [`COUNTED_DAYS`] days, this one included.
    pub lately: usize,
    /// Whose record it is, where that was asked for.
    pub person: Option<CasePerson>,
    /// The receipt of the leaf of this look.
    pub receipt: Receipt,
}

/// Whose record a case is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CasePerson {
    /// The name as written.
    pub name: Option<String>,
    /// The name as read.
    pub kana: Option<String>,
    /// FHIR's `date`.
    pub birth_date: Option<String>,
}

/// Why a case could not be given or judged.
#[derive(Debug, thiserror::Error)]
pub enum ReviewError {
    /// There is no such case, or the caller is no supervisor.
    #[error("there is no such case")]
    Absent,
    /// The case could not be read or judged.
    #[error(transparent)]
    Case(#[from] CaseError),
    /// Decisions could not be asked again.
    #[error(transparent)]
    WhatIf(#[from] WhatIfError),
    /// The directory could not answer.
    #[error(transparent)]
    People(#[from] PeopleError),
}

impl Desk {
    /// Whether somebody may try rules.
    ///
    /// # Errors
    /// [`ReviewError::Absent`].
    pub fn may_try_rules(&self, caller: &Caller) -> Result<(), ReviewError> {
        supervisor(caller)
    }

    /// Asks the newest decisions since `since`, at most `most` of them, again of other policies. What comes out names
    /// nobody, so it leaves no leaf.
    ///
    /// # Errors
    /// [`ReviewError`].
    pub async fn try_rules(
        &self,
        caller: &Caller,
        other: &Policies,
        since: Instant,
        most: u64,
    ) -> Result<WhatIf, ReviewError> {
        supervisor(caller)?;
        Ok(self.door.what_if(other, since, most, &mut |_, _| {}).await?)
    }

    /// The cases that wait, by deadline, after the case `after`, at most `most` (and [`LIST_MOST`]).
    ///
    /// # Errors
    /// [`ReviewError`].
    pub async fn cases(
        &self,
        caller: &Caller,
        after: Option<&str>,
        most: usize,
    ) -> Result<Listed<CaseEntry>, ReviewError> {
        supervisor(caller)?;
        let most = most.clamp(1, LIST_MOST);
        let after = match after {
            Some(id) => {
                let case = self.known_case(id).await?;
                Some(QueuePlace { deadline: case.deadline, number: case.number })
            }
            None => None,
        };
        let mut cases = self.door.waiting_cases(after, most + 1).await?;
        let more = cases.len() > most;
        cases.truncate(most);
        Ok(self.case_entries(&cases, more))
    }

    /// The closed cases, newest first, after the case `after`.
    ///
    /// # Errors
    /// [`ReviewError`].
    pub async fn closed_cases(
        &self,
        caller: &Caller,
        after: Option<&str>,
        most: usize,
    ) -> Result<Listed<CaseEntry>, ReviewError> {
        supervisor(caller)?;
        let most = most.clamp(1, LIST_MOST);
        let after = match after {
            Some(id) => {
                let case = self.known_case(id).await?;
                let closed = case.closed().ok_or(ReviewError::Absent)?;
                Some(ClosedPlace { closed, number: case.number })
            }
            None => None,
        };
        let mut cases = self.door.closed_cases(after, most + 1).await?;
        let more = cases.len() > most;
        cases.truncate(most);
        Ok(self.case_entries(&cases, more))
    }

    /// A case with its looks, without the person. Leaves a leaf.
    ///
    /// # Errors
    /// [`ReviewError`].
    pub async fn case_of(&self, caller: &Caller, id: &str) -> Result<CaseView, ReviewError> {
        self.opened_case(caller, id, false).await
    }

    /// The same with the person: a look that tells who she is.
    ///
    /// # Errors
    /// [`ReviewError`].
    pub async fn named_case(&self, caller: &Caller, id: &str) -> Result<CaseView, ReviewError> {
        self.opened_case(caller, id, true).await
    }

    /// A supervisor's word about a case that had `said` words when it was read.
    ///
    /// # Errors
    /// [`ReviewError`]; a word that is not taken is [`CaseError::Fault`].
    pub async fn judge_case(
        &self,
        caller: &Caller,
        id: &str,
        said: usize,
        saying: Saying<'_>,
    ) -> Result<CaseEntry, ReviewError> {
        supervisor(caller)?;
        if !saying.act.is_supervisors() {
            return Err(CaseError::from(CaseFault::NotSupervisor).into());
        }
        let mut read = self.known_case(id).await?;
        if said > read.words.len() {
            return Err(CaseError::from(CaseFault::Overtaken).into());
        }
        read.words.truncate(said);
        let request = Request { caller, action: Action::Review, citizen: read.citizen };
        let permit = self.door.admit(request).await.map_err(CaseError::from)?;
        let (case, _) = self.door.say(permit, &read, saying).await?;
        Ok(self.case_entry(&case))
    }

    /// Lifts the suspension that a closed case led to.
    ///
    /// # Errors
    /// [`ReviewError`].
    pub async fn lift_suspension(
        &self,
        caller: &Caller,
        id: &str,
        said: usize,
        reason: &str,
    ) -> Result<CaseEntry, ReviewError> {
        self.judge_case(caller, id, said, Saying { act: CaseAct::Lift, reason, sanction: Sanction::default() }).await
    }

    async fn opened_case(&self, caller: &Caller, id: &str, named: bool) -> Result<CaseView, ReviewError> {
        supervisor(caller)?;
        let case = self.known_case(id).await?;
        let request = Request { caller, action: Action::AccessLog, citizen: case.citizen };
        let permit = self.door.admit(request).await.map_err(CaseError::from)?;
        let (mut looks, mut from) = (Vec::new(), 1);
        let total =
            if case.kind == CaseKind::Correction { 0 } else { permit.looks_count().await.map_err(CaseError::from)? };
        while from <= total {
            let to = total.min(from + CHUNK - 1);
            let opened = permit.looks(from, to).await.map_err(CaseError::from)?;
            looks.extend(opened.into_iter().filter(|look| case.covers(&look.part)));
            from = to + 1;
        }
        let lately = match &case.looker.person {
            Some(person) => self.door.broken_lately(person, COUNTED_DAYS, permit.time()).await?,
            None => 0,
        };
        let suspension = self.door.suspension_by(&case, permit.time()).await?;
        let judged_now = case.turn() != Turn::Nobody && case.is_judged_on(permit.time().civil().date());
        let shown = if named { self.subjects(&[case.citizen]).await.map_err(absent)? } else { Shown::none() };
        let receipt = permit.seal(shown).await.map_err(CaseError::from)?;
        // INVARIANT: the leaf is durable before a name is read.
        let person = if named { self.case_person(&case).await? } else { None };
        let entry = self.case_entry(&case);
        let Case { words, about, .. } = case;
        Ok(CaseView { entry, looks, words, about, judged_now, suspension, lately, person, receipt })
    }

    /// Who the person is. The leaf of the look at it must be durable.
    pub(crate) async fn case_person(&self, case: &Case) -> Result<Option<CasePerson>, PeopleError> {
        let row = self.directory.citizen(case.citizen).await?;
        Ok(row.map(|row| CasePerson { name: row.name, kana: row.kana, birth_date: row.birth_date }))
    }

    pub(crate) async fn known_case(&self, id: &str) -> Result<Case, ReviewError> {
        let key = self.record.sealer().open(id).filter(|key| key.kind == Kind::PATIENT).ok_or(ReviewError::Absent)?;
        let case = self.door.case(key.number).await?.filter(|case| case.citizen == key.citizen);
        case.ok_or(ReviewError::Absent)
    }

    pub(crate) fn case_entries(&self, cases: &[Case], more: bool) -> Listed<CaseEntry> {
        let entries: Vec<CaseEntry> = cases.iter().map(|case| self.case_entry(case)).collect();
        let next = entries.last().filter(|_| more).map(|entry| entry.id.clone());
        Listed { entries, next }
    }

    /// A case as lists show it.
    #[must_use]
    pub fn case_entry(&self, case: &Case) -> CaseEntry {
        let key = FactKey { citizen: case.citizen, kind: Kind::PATIENT, number: case.number };
        CaseEntry {
            id: self.record.sealer().seal(key),
            kind: case.kind,
            reasons: case.reasons.clone(),
            looker: case.looker.clone(),
            opened: case.opened,
            deadline: case.deadline,
            state: case.state(),
            turn: case.turn(),
            late: case.is_late(self.record.now().civil().date()),
            closed: case.closed(),
        }
    }
}

fn supervisor(caller: &Caller) -> Result<(), ReviewError> {
    if supervises(caller) { Ok(()) } else { Err(ReviewError::Absent) }
}

/// Who the person is could not be read.
fn absent(error: MatchError) -> ReviewError {
    match error {
        MatchError::People(error) => error.into(),
        _ => ReviewError::Absent,
    }
}
