//! Taking a paper down.

use tsumugi_store::{Batch, CommitError, Expectation, Row, Table};

use super::{
    Paper, PaperAct, PaperError, PaperFault, PaperSays, PaperTyped, PaperWord, TYPED_MOST, VERSION, is_desk, keep,
};
use crate::{Action, Caller, Door, Permit, Receipt, SealError, Shown, case::Party};

/// What somebody hands in, as a clerk typed it.
#[derive(Clone, Debug)]
pub struct Handed {
    /// The form, so that a double tap makes one paper.
    pub form: String,
    /// Whom it names, as typed.
    pub typed: PaperTyped,
    /// What it says.
    pub says: PaperSays,
}

/// A paper that is taken down, and what the commit must carry that does it.
#[derive(Clone, Debug)]
pub struct PaperWrite {
    /// The paper.
    pub paper: Paper,
    /// Rows.
    pub rows: Vec<Row>,
    /// Expectations: on a conflict the form was sent twice.
    pub expect: Vec<Expectation>,
}

impl Door {
    /// Takes a paper down that waits for a second clerk, in one commit with the permit's leaf. The permit must be a desk's
    /// for [`Action::Standing`]. What holds at once is committed by whoever writes it, with [`Door::paper_taken`].
    ///
    /// # Errors
    /// [`PaperError`]; after [`CommitError::Unknown`] it may have been taken, so send the same form again.
    pub async fn take_paper_down(&self, permit: Permit, handed: Handed) -> Result<(Paper, Receipt), PaperError> {
        let write = match self.paper_taken(&permit, handed).await {
            Ok(write) if write.paper.says.widens() => write,
            other => {
                // The door was opened, so that is told.
                permit.seal(Shown::none()).await?;
                return Err(other.err().unwrap_or(PaperFault::NotDesk.into()));
            }
        };
        let leaves = permit.into_leaves(&Shown::none()).await?;
        let PaperWrite { paper, rows, expect } = write;
        let committed = match self.0.store.commit(Batch { rows, expect, leaves, ..Batch::default() }).await {
            Ok(committed) => committed,
            Err(CommitError::Conflict(_)) => return Err(PaperFault::Twice.into()),
            Err(error) => return Err(error.into()),
        };
        let place = committed.leaves.first().copied().ok_or(SealError::Unplaced)?;
        Ok((paper, Receipt::from(place)))
    }

    /// Prepares the taking down of a paper, for the commit that carries the permit's leaf.
    ///
    /// # Errors
    /// [`PaperError`].
    pub async fn paper_taken(&self, permit: &Permit, handed: Handed) -> Result<PaperWrite, PaperError> {
        let caller = permit.caller();
        if permit.action() != Action::Standing || !is_desk(caller) {
            return Err(PaperFault::NotDesk.into());
        }
        let Handed { form, typed, says } = handed;
        self.stranger(permit, &says).await?;
        let store = self.0.store.as_ref();
        let short = |text: String| text.chars().take(TYPED_MOST).collect::<String>();
        let typed = PaperTyped { number: short(typed.number), birth: short(typed.birth) };
        let fact = matches!(says, PaperSays::Mandate(_) | PaperSays::Restriction(_));
        let paper = Paper {
            v: VERSION,
            number: store.reserve(1),
            form: short(form),
            citizen: permit.citizen(),
            organization: caller.organization.clone(),
            typed: says.widens().then_some(typed),
            consent: fact.then(|| store.reserve(1)),
            says,
            words: vec![PaperWord {
                act: PaperAct::TakeDown,
                by: Party::of(caller),
                at: permit.time(),
                reason: String::new(),
            }],
        };
        keep::room(store, &paper, permit.time()).await?;
        let mut rows = keep::lapsed(store, &paper.organization, permit.time()).await?;
        rows.extend(keep::new_rows(&paper));
        let expect = vec![Expectation::Row(Table::Paper, keep::form_key(&paper.organization, &paper.form), None)];
        Ok(PaperWrite { paper, rows, expect })
    }

    /// Whether the clerk has no part in what the paper says: it is not their own, and does not name them.
    pub(super) async fn stranger(&self, permit: &Permit, says: &PaperSays) -> Result<(), PaperError> {
        let caller: &Caller = permit.caller();
        if says.names(caller) {
            return Err(PaperFault::Oneself.into());
        }
        for shelf in permit.shelves().all() {
            let people = self.0.directory.signing_in_as(*shelf).await?;
            if people.iter().any(|person| person.id == caller.person) {
                return Err(PaperFault::Oneself.into());
            }
        }
        Ok(())
    }
}
