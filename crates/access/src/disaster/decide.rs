//! Proposing, confirming, extending and closing: each one commit, decided on the row as it is then.

use tsumugi_kernel::Instant;
use tsumugi_store::{Batch, CommitError, Expectation, Table};

use super::{
    AREAS_MOST, DAY_MILLIS, DAYS_MOST, DisasterAct, DisasterError, DisasterFault, DisasterState, DisasterWord,
    OPENINGS_MOST, Opening, PLACE_MOST, Proposal, REASON_LEAST, REASON_MOST, VERSION, WORDS_MOST, keep,
};
use crate::{
    Caller, Door,
    case::{Party, supervises},
};

/// What is done with an opening that there is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisasterSaying<'a> {
    /// What.
    pub act: DisasterAct,
    /// How many words about it whoever does it has read.
    pub read: usize,
    /// The later end, of an extension.
    pub until: Option<Instant>,
    /// Why: needed for an extension and for closing.
    pub reason: &'a str,
}

impl Door {
    /// Proposes an opening. The same form again gives the opening that it made.
    ///
    /// # Errors
    /// [`DisasterError`]; after [`CommitError::Unknown`] it may have been taken, so send the same form again.
    pub async fn propose_opening(&self, caller: &Caller, proposal: Proposal) -> Result<Opening, DisasterError> {
        let now = self.supervisor(caller).await?;
        let store = self.0.store.as_ref();
        let known = keep::all(store).await?;
        let same = |opening: &&Opening| {
            opening.form == proposal.form && opening.words.first().is_some_and(|word| word.by.is(&caller.person))
        };
        if let Some(same) = known.iter().find(same) {
            return Ok(same.clone());
        }
        if known.len() >= OPENINGS_MOST {
            return Err(DisasterFault::Full.into());
        }
        let reason = reason(&proposal.reason)?;
        let place = proposal.place.trim().to_owned();
        if place.is_empty() || place.chars().count() > PLACE_MOST {
            return Err(DisasterFault::Place.into());
        }
        let mut areas = proposal.areas;
        let named = areas.len();
        areas.sort_unstable();
        areas.dedup();
        if areas.is_empty() || areas.len() != named || named > AREAS_MOST {
            return Err(DisasterFault::Areas.into());
        }
        let from = proposal.from.max(now);
        period(from, proposal.until, now)?;
        let word = DisasterWord {
            act: DisasterAct::Propose,
            by: Party::of(caller),
            at: now,
            until: Some(proposal.until),
            reason: String::new(),
        };
        let number = store.reserve(1);
        let (form, until, words) = (proposal.form, proposal.until, vec![word]);
        let opening = Opening { v: VERSION, number, form, place, areas, reason, from, until, words };
        self.commit_opening(&opening, None).await?;
        Ok(opening)
    }

    /// Does something with an opening. The same act of the same person again changes nothing.
    ///
    /// # Errors
    /// [`DisasterError`]; after [`CommitError::Unknown`] it may have been taken, so look at the opening again.
    pub async fn say_of_opening(
        &self,
        caller: &Caller,
        number: u64,
        saying: DisasterSaying<'_>,
    ) -> Result<Opening, DisasterError> {
        let now = self.supervisor(caller).await?;
        let row = self.0.store.row(Table::Disaster, &keep::key(number)).await?.map(|bytes| bytes.to_vec());
        let before = row.ok_or(DisasterFault::Absent)?;
        let mut opening = keep::decode(&before)?;
        let again = |word: &DisasterWord| word.act == saying.act && word.by.is(&caller.person);
        if opening.words.len() == saying.read + 1 && opening.words.last().is_some_and(again) {
            return Ok(opening);
        }
        if opening.words.len() != saying.read {
            return Err(DisasterFault::Overtaken.into());
        }
        if opening.words.len() >= WORDS_MOST && saying.act != DisasterAct::Close {
            return Err(DisasterFault::Full.into());
        }
        apply(&mut opening, caller, &saying, now)?;
        self.commit_opening(&opening, Some(before)).await?;
        Ok(opening)
    }

    /// Whether the caller may do any of this now: a supervisor whose sign-in holds and who is not suspended.
    async fn supervisor(&self, caller: &Caller) -> Result<Instant, DisasterError> {
        let now = self.0.clock.now();
        let suspended = self.suspension(caller, now).await?.is_some();
        if supervises(caller) && now < caller.expires && !suspended {
            Ok(now)
        } else {
            Err(DisasterFault::NotSupervisor.into())
        }
    }

    async fn commit_opening(&self, opening: &Opening, before: Option<Vec<u8>>) -> Result<(), DisasterError> {
        let rows = vec![keep::row(opening)];
        let expect = vec![Expectation::Row(Table::Disaster, keep::key(opening.number), before)];
        let done = self.0.store.commit(Batch { rows, expect, ..Batch::default() }).await;
        // Also after a failure: whether it was written may be unknown. The door heeds it from here on.
        self.0.openings.forget(&());
        match done {
            Ok(_) => Ok(()),
            Err(CommitError::Conflict(_)) => Err(DisasterFault::Overtaken.into()),
            Err(error) => Err(error.into()),
        }
    }
}

/// What the act makes of the opening.
fn apply(
    opening: &mut Opening,
    caller: &Caller,
    saying: &DisasterSaying<'_>,
    now: Instant,
) -> Result<(), DisasterFault> {
    let (state, pending) = (opening.state(now), opening.extension(now));
    let pending = pending.map(|(until, by)| (until, *by == caller.person));
    let stands = matches!(state, DisasterState::Announced | DisasterState::Open);
    let (mut until, mut why) = (None, String::new());
    match saying.act {
        DisasterAct::Propose => return Err(DisasterFault::NotNow),
        DisasterAct::Confirm => {
            if state != DisasterState::Proposed {
                return Err(DisasterFault::NotNow);
            }
            if opening.words.first().is_some_and(|word| word.by.is(&caller.person)) {
                return Err(DisasterFault::Oneself);
            }
            let from = opening.from.max(now);
            period(from, opening.until, now)?;
            (opening.from, until) = (from, Some(opening.until));
        }
        DisasterAct::Withdraw => {
            if state != DisasterState::Proposed && pending.is_none() {
                return Err(DisasterFault::NotNow);
            }
        }
        DisasterAct::Extend => {
            if !stands || pending.is_some() {
                return Err(DisasterFault::NotNow);
            }
            let later = saying.until.filter(|later| *later > opening.until).ok_or(DisasterFault::Period)?;
            period(opening.from, later, now)?;
            (until, why) = (Some(later), reason(saying.reason)?);
        }
        DisasterAct::ConfirmExtension => {
            let (later, own) = pending.ok_or(DisasterFault::NotNow)?;
            if own {
                return Err(DisasterFault::Oneself);
            }
            (opening.until, until) = (later, Some(later));
        }
        DisasterAct::Close => {
            if !stands {
                return Err(DisasterFault::NotNow);
            }
            why = reason(saying.reason)?;
        }
    }
    opening.words.push(DisasterWord { act: saying.act, by: Party::of(caller), at: now, until, reason: why });
    Ok(())
}

fn reason(text: &str) -> Result<String, DisasterFault> {
    let text = text.trim();
    let fits = (REASON_LEAST..=REASON_MOST).contains(&text.chars().count());
    if fits { Ok(text.to_owned()) } else { Err(DisasterFault::Reason) }
}

fn period(from: Instant, until: Instant, now: Instant) -> Result<(), DisasterFault> {
    let fits = from < until && now < until && until <= now.plus_millis(DAYS_MOST * DAY_MILLIS);
    if fits { Ok(()) } else { Err(DisasterFault::Period) }
}
