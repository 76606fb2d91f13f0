//! Judging a case.

use tsumugi_kernel::{Purpose, Role, working_day::working_days_after};
use tsumugi_store::{Batch, CommitError, Expectation, Table};

use super::{
    Case, CaseError, CaseState, CaseVerdict, CaseWord, Party, WORKING_DAYS,
    keep::{case_key, case_row, known, queue_row},
};
use crate::{Action, Caller, Door, Permit, Receipt, SealError, Shown};

/// Longest reason of a supervisor, in characters.
pub const REASON_MOST: usize = 500;
/// Most words in one case: explanations can be asked for again and again, but not for ever.
const WORDS_MOST: usize = 32;

/// Why a judgement is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CaseFault {
    /// The caller is no supervisor, or the permit is for something else.
    #[error("only a supervisor judges a case")]
    NotSupervisor,
    /// There is no such case, or it is about somebody else than the permit.
    #[error("there is no such case")]
    Absent,
    /// Nobody judges their own look.
    #[error("nobody judges their own look")]
    Oneself,
    /// No reason, or one that is too long.
    #[error("a judgement needs a reason of 1 to {REASON_MOST} characters")]
    Reason,
    /// It is judged already.
    #[error("the case is judged already")]
    Judged,
    /// Somebody else said something meanwhile; look at the case again.
    #[error("somebody else said something about the case meanwhile")]
    Overtaken,
    /// Too much was said already: judge it.
    #[error("an explanation was asked for too often; judge the case")]
    Full,
}

/// Whether somebody is a supervisor at work: cases are theirs alone.
#[must_use]
pub fn supervises(caller: &Caller) -> bool {
    caller.role == Role::Supervisor && caller.purpose == Purpose::Operations && !caller.automatic
}

impl Door {
    /// A supervisor's word about a case, as the permit's holder read it: committed together with the permit's leaf. The
    /// permit must be for [`Action::Review`] of the citizen whom the case is about. A word that was taken is taken once:
    /// the same word of the same supervisor again changes nothing, and leaves its leaf.
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
        let prepared = self.prepare(&permit, read, verdict, reason).await;
        let (case, mut batch) = match prepared {
            Ok(prepared) => prepared,
            Err(error) => {
                // The door was opened, so that is told.
                permit.seal(Shown::none()).await?;
                return Err(error);
            }
        };
        batch.leaves = permit.into_leaves(&Shown::none()).await?;
        let committed = match self.0.store.commit(batch).await {
            Ok(committed) => committed,
            Err(CommitError::Conflict(_)) => return Err(CaseFault::Overtaken.into()),
            Err(error) => return Err(error.into()),
        };
        let place = committed.leaves.first().copied().ok_or(SealError::Unplaced)?;
        Ok((case, Receipt::from(place)))
    }

    async fn prepare(
        &self,
        permit: &Permit,
        read: &Case,
        verdict: CaseVerdict,
        reason: &str,
    ) -> Result<(Case, Batch), CaseError> {
        let caller = permit.caller();
        if permit.action() != Action::Review || !supervises(caller) {
            return Err(CaseFault::NotSupervisor.into());
        }
        let Some((mut case, before)) = known(self.0.store.as_ref(), read.number).await? else {
            return Err(CaseFault::Absent.into());
        };
        let reason = reason.trim();
        check(permit, &case, reason)?;
        let again =
            |word: &CaseWord| word.by.person == caller.person && word.verdict == verdict && word.reason == reason;
        if case.words.len() == read.words.len() + 1 && case.words.last().is_some_and(again) {
            return Ok((case, Batch::default()));
        }
        if matches!(case.state(), CaseState::Judged(_)) {
            return Err(CaseFault::Judged.into());
        }
        if case.words.len() != read.words.len() {
            return Err(CaseFault::Overtaken.into());
        }
        if verdict == CaseVerdict::Explain && case.words.len() + 1 >= WORDS_MOST {
            return Err(CaseFault::Full.into());
        }
        let mut rows = vec![queue_row(&case, false)];
        let (by, at) = (Party::of(caller), permit.time());
        case.words.push(CaseWord { by, verdict, reason: reason.to_owned(), at });
        if verdict == CaseVerdict::Explain {
            case.deadline = working_days_after(at.civil().date(), WORKING_DAYS);
            let place = queue_row(&case, true);
            rows.retain(|row| row.key != place.key);
            rows.push(place);
        }
        rows.push(case_row(&case));
        let expect = vec![Expectation::Row(Table::Case, case_key(case.number), Some(before))];
        Ok((case, Batch { rows, expect, ..Batch::default() }))
    }
}

fn check(permit: &Permit, case: &Case, reason: &str) -> Result<(), CaseFault> {
    if !permit.opens(case.citizen) {
        return Err(CaseFault::Absent);
    }
    if case.looker.person == permit.caller().person {
        return Err(CaseFault::Oneself);
    }
    if reason.is_empty() || reason.chars().count() > REASON_MOST {
        return Err(CaseFault::Reason);
    }
    Ok(())
}
