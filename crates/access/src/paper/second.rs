//! The second clerk: looking at a paper, confirming it, sending it back; and the person, who may stop it.

use tsumugi_kernel::Role;
use tsumugi_store::{Batch, CommitError, Expectation, Row, Table};

use super::{Paper, PaperAct, PaperError, PaperFault, PaperSays, PaperState, PaperWord, REASON_MOST, is_desk, keep};
use crate::{Action, Caller, Door, Permit, Receipt, Request, SealError, Shown, case::Party};

/// A paper that the permit's holder confirms: what it says is all that the permit may widen.
#[derive(Debug)]
pub(crate) struct Seconded {
    /// The paper as it will be.
    paper: Paper,
    /// Its row as read.
    before: Vec<u8>,
}

/// What a second clerk's word led to.
#[derive(Debug)]
pub enum Second {
    /// The permit under which what the paper says is committed, with the word itself.
    Now(Box<Permit>, Box<Paper>),
    /// The same clerk had confirmed it before.
    Before(Box<Paper>),
}

impl Seconded {
    pub(crate) fn says(&self) -> &PaperSays {
        &self.paper.says
    }

    /// What the commit must carry: the word, and that the paper is as it was read.
    pub(crate) fn rows(&self) -> (Vec<Row>, Expectation) {
        let row = Expectation::Row(Table::Paper, keep::key(self.paper.number), Some(self.before.clone()));
        (keep::ended_rows(&self.paper), row)
    }
}

impl Door {
    /// A paper as its desk may read it, with a permit that is to be sealed: the look leaves its leaf.
    ///
    /// # Errors
    /// [`PaperError`]: of another desk's paper the same as where there is none.
    pub async fn paper(&self, caller: &Caller, number: u64) -> Result<(Permit, Paper), PaperError> {
        let (paper, _) = self.at_desk(caller, number).await?;
        let permit = self.admit(Request { caller, action: Action::Standing, citizen: paper.citizen }).await?;
        Ok((permit, paper))
    }

    async fn at_desk(&self, caller: &Caller, number: u64) -> Result<(Paper, Vec<u8>), PaperError> {
        if !is_desk(caller) {
            return Err(PaperFault::NotDesk.into());
        }
        let known = keep::known(self.0.store.as_ref(), number).await?;
        known.filter(|(paper, _)| paper.organization == caller.organization).ok_or(PaperFault::Absent.into())
    }

    /// Admits a second clerk to what a paper says, as they have read it (`read`: how many words there were). What is written
    /// under the permit, by [`Door::change`], carries the confirmation; nothing holds before that commit.
    ///
    /// # Errors
    /// [`PaperError`].
    pub async fn second_paper(&self, caller: &Caller, number: u64, read: usize) -> Result<Second, PaperError> {
        let (paper, before) = self.at_desk(caller, number).await?;
        let citizen = paper.citizen;
        if paper.words.len() == read + 1 && said_by(&paper, caller, PaperAct::Confirm) {
            return Ok(Second::Before(Box::new(paper)));
        }
        let mut permit = self.admit(Request { caller, action: Action::Standing, citizen }).await?;
        let mut after = paper.clone();
        if let Err(fault) = self.confirms(&permit, &paper, read).await {
            // The door was opened, so that is told.
            permit.seal(Shown::none()).await?;
            return Err(fault);
        }
        say(&mut after, &permit, PaperAct::Confirm, "");
        permit.paper = Some(Box::new(Seconded { paper: after.clone(), before }));
        Ok(Second::Now(Box::new(permit), Box::new(after)))
    }

    async fn confirms(&self, permit: &Permit, paper: &Paper, read: usize) -> Result<(), PaperError> {
        waits(permit, paper, read)?;
        if paper.is_of(&permit.caller().person) {
            return Err(PaperFault::Oneself.into());
        }
        if let PaperSays::Mandate(mandate) = &paper.says
            && mandate.period.until.is_some_and(|until| until <= permit.time())
        {
            return Err(PaperFault::NotNow.into());
        }
        self.stranger(permit, &paper.says).await
    }

    /// Sends a paper back (its desk, with a reason) or stops it (the person's side), in one commit with the permit's leaf.
    /// Said twice by the same person it is said once.
    ///
    /// # Errors
    /// [`PaperError`]; after [`CommitError::Unknown`] it may have been taken, so look at the paper again.
    pub async fn end_paper(
        &self,
        permit: Permit,
        number: u64,
        read: usize,
        (act, reason): (PaperAct, &str),
    ) -> Result<(Paper, Receipt), PaperError> {
        let prepared = self.ended(&permit, number, read, (act, reason.trim())).await;
        let (paper, before) = match prepared {
            Ok(prepared) => prepared,
            Err(error) => {
                permit.seal(Shown::none()).await?;
                return Err(error);
            }
        };
        let Some(before) = before else { return Ok((paper, permit.seal(Shown::none()).await?)) };
        let leaves = permit.into_leaves(&Shown::none()).await?;
        let expect = vec![Expectation::Row(Table::Paper, keep::key(number), Some(before))];
        let batch = Batch { rows: keep::ended_rows(&paper), expect, leaves, ..Batch::default() };
        let committed = match self.0.store.commit(batch).await {
            Ok(committed) => committed,
            Err(CommitError::Conflict(_)) => return Err(PaperFault::Overtaken.into()),
            Err(error) => return Err(error.into()),
        };
        let place = committed.leaves.first().copied().ok_or(SealError::Unplaced)?;
        Ok((paper, Receipt::from(place)))
    }

    /// The paper as it will be, and its row as read; no row where nothing is to be written.
    async fn ended(
        &self,
        permit: &Permit,
        number: u64,
        read: usize,
        (act, reason): (PaperAct, &str),
    ) -> Result<(Paper, Option<Vec<u8>>), PaperError> {
        let caller = permit.caller();
        let known = keep::known(self.0.store.as_ref(), number).await?;
        let (mut paper, before) = known.ok_or(PaperFault::Absent)?;
        let theirs = match act {
            PaperAct::SendBack => is_desk(caller) && paper.organization == caller.organization,
            PaperAct::TakeBack => matches!(caller.role, Role::Citizen | Role::Proxy),
            PaperAct::TakeDown | PaperAct::Confirm => false,
        };
        if permit.action() != Action::Standing || !theirs || !permit.opens(paper.citizen) {
            return Err(PaperFault::Absent.into());
        }
        if paper.words.len() == read + 1 && said_by(&paper, caller, act) {
            return Ok((paper, None));
        }
        let count = reason.chars().count();
        if count > REASON_MOST || (count == 0 && act == PaperAct::SendBack) {
            return Err(PaperFault::Reason.into());
        }
        waits(permit, &paper, read)?;
        say(&mut paper, permit, act, reason);
        Ok((paper, Some(before)))
    }
}

fn said_by(paper: &Paper, caller: &Caller, act: PaperAct) -> bool {
    paper.words.last().is_some_and(|word| word.act == act && word.by.is(&caller.person))
}

/// Whether it waits, as whoever speaks has read it.
fn waits(permit: &Permit, paper: &Paper, read: usize) -> Result<(), PaperFault> {
    match paper.state(permit.time()) {
        PaperState::Waiting if paper.words.len() == read => Ok(()),
        PaperState::Waiting => Err(PaperFault::Overtaken),
        _ => Err(PaperFault::NotNow),
    }
}

fn say(paper: &mut Paper, permit: &Permit, act: PaperAct, reason: &str) {
    let by = Party::speaking(permit.caller());
    paper.typed = None;
    paper.words.push(PaperWord { act, by, at: permit.time(), reason: reason.to_owned() });
}
