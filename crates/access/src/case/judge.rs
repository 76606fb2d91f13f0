//! Saying something in a case: the citizen, the organisation, the supervisor, each in their turn.

use tsumugi_kernel::{Purpose, Role};
use tsumugi_store::{Batch, CommitError, Expectation, Point, Table};

use super::{
    About, Case, CaseAct, CaseError, CaseKind, CaseState, CaseVerdict, CaseWord, Duty, Party, Penalty, SUSPENSION_DAYS,
    Sanction, Turn,
    keep::{self, case_key, known},
    sanction::{self, Change},
};
use crate::{Action, Caller, Door, Permit, Receipt, SealError, Shown};

/// Longest words of anybody, in characters.
pub const REASON_MOST: usize = 500;
/// Most words in one case: explanations can be asked for again and again, but not for ever.
const WORDS_MOST: usize = 32;

/// Why a word is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CaseFault {
    /// The caller is no supervisor, or the permit is for something else.
    #[error("only a supervisor judges a case")]
    NotSupervisor,
    /// There is no such case, or it is about somebody else than the permit, or it does not concern the caller.
    #[error("there is no such case")]
    Absent,
    /// Nobody judges their own look.
    #[error("nobody judges their own look")]
    Oneself,
    /// No words, or too many.
    #[error("a word in a case has 1 to {REASON_MOST} characters")]
    Reason,
    /// It is closed already.
    #[error("the case is closed already")]
    Judged,
    /// Somebody else said something meanwhile; look at the case again.
    #[error("somebody else said something about the case meanwhile")]
    Overtaken,
    /// Too much was said already: judge it.
    #[error("too much was said; judge the case")]
    Full,
    /// It is somebody else's turn.
    #[error("it is somebody else's turn")]
    NotYet,
    /// The look or fact cannot be named in a case: there is none, or it is the citizen's own.
    #[error("there is nothing to call anybody to account for")]
    Nothing,
    /// The look was objected to already.
    #[error("the look was objected to already")]
    Twice,
    /// The fact has no newer version: correct it first.
    #[error("the fact has no newer version than the one that is to be corrected")]
    NotCorrected,
    /// What follows does not fit what was found, or whom.
    #[error("what follows does not fit what was found")]
    Sanction,
}

/// What somebody says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Saying<'a> {
    /// What is done.
    pub act: CaseAct,
    /// The words.
    pub reason: &'a str,
    /// What follows for whoever looked.
    pub sanction: Sanction,
}

/// Whether somebody is a supervisor at work: cases are theirs alone.
#[must_use]
pub fn supervises(caller: &Caller) -> bool {
    caller.role == Role::Supervisor && caller.purpose == Purpose::Operations && !caller.automatic
}

/// Whether somebody answers in a case: whoever looked, and everybody who acts for the same organisation. A household is no
/// organisation that answers for a proxy.
#[must_use]
pub fn may_answer(caller: &Caller, case: &Case) -> bool {
    let home = |role: Role| matches!(role, Role::Citizen | Role::Proxy);
    let own = case.looker.is(&caller.person) && home(caller.role) == home(case.looker.role);
    let colleague = !home(caller.role) && !home(case.looker.role) && caller.organization == case.looker.organization;
    caller.role != Role::Citizen && case.was_asked() && (own || colleague)
}

impl Door {
    /// A supervisor's finding without a sanction: [`Door::say`].
    ///
    /// # Errors
    /// [`CaseError`]; after [`CommitError::Unknown`] it may have been taken, so read the case again.
    pub async fn judge(
        &self,
        permit: Permit,
        read: &Case,
        verdict: CaseVerdict,
        reason: &str,
    ) -> Result<(Case, Receipt), CaseError> {
        self.say(permit, read, Saying { act: verdict.into(), reason, sanction: Sanction::default() }).await
    }

    /// A word about a case, as the permit's holder read it: committed together with the permit's leaf, and with what
    /// follows from it for the door. The permit must be of the citizen whom the case is about: for [`Action::Review`] a
    /// supervisor's, for [`Action::Object`] the citizen's side's, for [`Action::Answer`] the organisation's. A word that
    /// was taken is taken once: the same word of the same person again changes nothing, and leaves its leaf.
    ///
    /// # Errors
    /// [`CaseError`]; after [`CommitError::Unknown`] it may have been taken, so read the case again.
    pub async fn say(&self, permit: Permit, read: &Case, saying: Saying<'_>) -> Result<(Case, Receipt), CaseError> {
        let (case, mut batch) = match self.prepare(&permit, read, saying).await {
            Ok(prepared) => prepared,
            Err(error) => {
                // The door was opened, so that is told.
                permit.seal(Shown::none()).await?;
                return Err(error);
            }
        };
        batch.leaves = permit.into_leaves(&Shown::none()).await?;
        let committed = self.0.store.commit(batch).await;
        // Also after a failure: whether it was written may be unknown.
        self.forget_suspension(&case);
        let committed = match committed {
            Ok(committed) => committed,
            Err(CommitError::Conflict(_)) => return Err(CaseFault::Overtaken.into()),
            Err(error) => return Err(error.into()),
        };
        let place = committed.leaves.first().copied().ok_or(SealError::Unplaced)?;
        Ok((case, Receipt::from(place)))
    }

    async fn prepare(&self, permit: &Permit, read: &Case, saying: Saying<'_>) -> Result<(Case, Batch), CaseError> {
        let caller = permit.caller();
        if saying.act.is_supervisors() && (permit.action() != Action::Review || !supervises(caller)) {
            return Err(CaseFault::NotSupervisor.into());
        }
        let store = self.0.store.as_ref();
        let Some((before, row)) = known(store, read.number).await? else { return Err(CaseFault::Absent.into()) };
        let saying = Saying { reason: saying.reason.trim(), ..saying };
        check(permit, &before, saying)?;
        let again = |word: &CaseWord| {
            word.by.is(&caller.person)
                && word.act == saying.act
                && word.reason == saying.reason
                && word.sanction.unwrap_or_default() == saying.sanction
        };
        if before.words.len() == read.words.len() + 1 && before.words.last().is_some_and(again) {
            return Ok((before, Batch::default()));
        }
        let (by, at) = (Party::speaking(caller), permit.time());
        let change = self.turn(&before, read, saying, permit).await?;
        let mut case = before.clone();
        let sanction = (!saying.sanction.is_none()).then_some(saying.sanction);
        let version = if saying.act == CaseAct::Corrected { Some(self.corrected(&before).await?) } else { None };
        case.words.push(CaseWord { by, act: saying.act, reason: saying.reason.to_owned(), at, version, sanction });
        if let Some(duty) = next(&case) {
            case.deadline = duty.deadline(at);
        }
        let mut rows = keep::rows(Some(&before), &case);
        let mut expect = vec![Expectation::Row(Table::Case, case_key(case.number), Some(row))];
        if let Some(change) = change {
            let (more, expected) = sanction::rows(store, &case, change, at).await?;
            rows.extend(more);
            expect.extend(expected);
        }
        Ok((case, Batch { rows, expect, ..Batch::default() }))
    }

    /// The version in which the fact is corrected: one that is newer than what the citizen meant.
    async fn corrected(&self, case: &Case) -> Result<u32, CaseError> {
        let (Some(key), Some(About::Fact { version, .. })) = (case.fact(), &case.about) else {
            return Err(CaseFault::Absent.into());
        };
        let present = self.0.store.fact(key, Point::NOW).await?.map_or(0, |kept| kept.version);
        if present > *version { Ok(present) } else { Err(CaseFault::NotCorrected.into()) }
    }

    /// Whether the word fits where the case stands, and how it changes who is suspended.
    async fn turn(
        &self,
        case: &Case,
        read: &Case,
        saying: Saying<'_>,
        permit: &Permit,
    ) -> Result<Option<Change>, CaseError> {
        let closed = case.turn() == Turn::Nobody;
        if saying.act == CaseAct::Lift {
            let stands = self.suspension_by(case, permit.time()).await?.is_some();
            return if closed && stands { Ok(Some(Change::Lift)) } else { Err(CaseFault::NotYet.into()) };
        }
        if closed {
            return Err(CaseFault::Judged.into());
        }
        if case.words.len() != read.words.len() {
            return Err(CaseFault::Overtaken.into());
        }
        let (today, turn) = (permit.time().civil().date(), case.turn());
        let upheld = case.upheld().is_some();
        let fits = match saying.act {
            // What was found is not found otherwise by waiting; whoever is late hears it again, with what follows.
            CaseAct::Fine | CaseAct::Explain if upheld => false,
            CaseAct::Answer | CaseAct::Annotated | CaseAct::Refused if upheld => false,
            CaseAct::Fine | CaseAct::Unfit | CaseAct::Explain => case.is_judged_on(today),
            CaseAct::Insist => turn == Turn::Citizen,
            CaseAct::Accept => true,
            _ => turn == Turn::Organization,
        };
        if !fits {
            return Err(CaseFault::NotYet.into());
        }
        // What ends a case is always taken.
        let ends = matches!(saying.act, CaseAct::Fine | CaseAct::Unfit | CaseAct::Accept);
        if !ends && case.words.len() + 2 > WORDS_MOST {
            return Err(CaseFault::Full.into());
        }
        let imposes = saying.act == CaseAct::Unfit && !saying.sanction.is_none();
        Ok(imposes.then_some(Change::Impose(saying.sanction.penalty)))
    }
}

/// Who has to do what after the newest word; nothing where the case is closed.
fn next(case: &Case) -> Option<Duty> {
    match case.turn() {
        Turn::Nobody => None,
        Turn::Supervisor => Some(Duty::Judge),
        Turn::Citizen => Some(Duty::Reply),
        // What a supervisor asks is answered as quickly as a supervisor judges.
        Turn::Organization => Some(match case.words.last().map(|word| word.act) {
            Some(CaseAct::Wish) => Duty::Correct,
            Some(CaseAct::Object) => Duty::Answer,
            Some(CaseAct::Unfit) => Duty::Amend,
            _ => Duty::Judge,
        }),
    }
}

fn check(permit: &Permit, case: &Case, saying: Saying<'_>) -> Result<(), CaseFault> {
    let caller = permit.caller();
    if !permit.opens(case.citizen) {
        return Err(CaseFault::Absent);
    }
    let correction = case.kind == CaseKind::Correction;
    match saying.act {
        CaseAct::Fine | CaseAct::Explain | CaseAct::Unfit | CaseAct::Lift => {
            if case.looker.is(&caller.person) {
                return Err(CaseFault::Oneself);
            }
        }
        CaseAct::Answer | CaseAct::Corrected | CaseAct::Annotated | CaseAct::Refused => {
            let fits = saying.act == CaseAct::Answer || correction;
            if permit.action() != Action::Answer || !may_answer(caller, case) || !fits {
                return Err(CaseFault::Absent);
            }
        }
        CaseAct::Accept | CaseAct::Insist => {
            if permit.action() != Action::Object || !case.kind.is_citizens() {
                return Err(CaseFault::Absent);
            }
        }
        // These open a case.
        CaseAct::Object | CaseAct::Wish => return Err(CaseFault::Absent),
    }
    let empty = saying.reason.is_empty() && saying.act != CaseAct::Accept;
    if empty || saying.reason.chars().count() > REASON_MOST {
        return Err(CaseFault::Reason);
    }
    fits(case, saying)
}

/// Whether what follows can follow: from an unfit look alone, and for somebody who can be suspended.
fn fits(case: &Case, saying: Saying<'_>) -> Result<(), CaseFault> {
    let nobody = case.looker.person.is_none() || case.looker.role == Role::Citizen;
    let fits = match saying.sanction.penalty {
        Penalty::None => saying.act == CaseAct::Unfit || !saying.sanction.report,
        Penalty::Warning => saying.act == CaseAct::Unfit,
        Penalty::Days(days) => saying.act == CaseAct::Unfit && !nobody && SUSPENSION_DAYS.contains(&days),
        Penalty::UntilLifted => saying.act == CaseAct::Unfit && !nobody,
    };
    if fits { Ok(()) } else { Err(CaseFault::Sanction) }
}

impl Case {
    /// Whether somebody may speak now on the citizen's side with more than taking it back.
    #[must_use]
    pub fn awaits_citizen(&self) -> bool {
        self.state() == CaseState::Answered
    }
}
