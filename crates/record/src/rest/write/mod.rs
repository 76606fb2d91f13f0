//! Writing, as one way for all: a create, an update, a patch, a deletion, and every entry of a transaction.
//!
//! What is asked ([`Wish`]) goes through the same steps: whose shelf ([`plan`]), one question to the door, what is to be
//! done given what stands there ([`decide`]), one commit. If somebody else wrote what a decision stood on, everything is
//! decided again from the beginning, under a new permit. After the door has answered, nothing ends without a leaf: a
//! refusal seals the permit first.

mod dangling;
mod decide;
mod plan;
mod resolve;

pub(super) use decide::twice;

use std::borrow::Cow;

use axum::http::StatusCode;
use bytes::Bytes;
use tsumugi_access::{Action, Permit, Shown};
use tsumugi_fhir::{json::Node, outcome::IssueType};
use tsumugi_kernel::Kind;

use self::{decide::Decided, plan::Plan};
use super::{Ask, Desk, Fault, condition::Condition, condition::Guard, patch::Patch, read};
use crate::{CommitError, Done, RecordError, Written, learn, references::References};

/// How often a write that met a concurrent one is decided again. Of those that meet, one gets through each time.
const ATTEMPTS: usize = 64;

/// One thing that is asked for.
pub(super) struct Wish<'a> {
    /// The kind in the URL.
    pub kind: Kind,
    /// What is to be done.
    pub deed: Deed<'a>,
    /// The version that must be the newest.
    pub if_match: Option<u32>,
    /// By what other entries name the resource.
    pub full_url: Option<&'a str>,
    /// Which entry of a bundle it is, from 0.
    pub entry: Option<usize>,
}

/// What is to be done.
pub(super) enum Deed<'a> {
    /// `POST Kind`, unless a fact like this is there.
    Create { resource: Node<'a>, unless: Option<Condition> },
    /// `PUT`.
    Update { at: At<'a>, resource: Node<'a> },
    /// `PATCH`.
    Patch { at: At<'a>, patch: Patch<'a> },
    /// `DELETE`.
    Delete { at: At<'a> },
}

/// Which fact.
pub(super) enum At<'a> {
    /// The one with this id.
    Id(Cow<'a, str>),
    /// The one that is like this.
    Where(Condition),
}

impl Wish<'_> {
    pub(super) fn condition(&self) -> Option<&Condition> {
        match &self.deed {
            Deed::Create { unless, .. } => unless.as_ref(),
            Deed::Update { at: At::Where(condition), .. }
            | Deed::Patch { at: At::Where(condition), .. }
            | Deed::Delete { at: At::Where(condition) } => Some(condition),
            Deed::Update { .. } | Deed::Patch { .. } | Deed::Delete { .. } => None,
        }
    }

    /// Whether it is worth deciding again after somebody else wrote: a condition or a patch means what stands there
    /// then. An unconditional write is told, because its sender did not know of the other.
    fn can_be_decided_again(&self) -> bool {
        self.condition().is_some() || self.if_match.is_some() || matches!(self.deed, Deed::Patch { .. })
    }
}

/// How a wish is read on this attempt.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Course {
    /// As it was asked.
    #[default]
    Asked,
    /// Nothing fits the condition: a create under the id that the body names.
    UnderOwnId,
    /// The client-chosen id leads to a fact that the lens hides, which is as good as none.
    Absent,
}

/// What was done.
pub(super) struct Performed {
    /// The commit.
    pub done: Done,
    /// For each wish, which of the written it led to; `None` where there was nothing to do.
    pub results: Vec<Option<usize>>,
}

impl Performed {
    /// What a wish led to.
    pub(super) fn written(&self, wish: usize) -> Option<&Written> {
        self.done.written.get((*self.results.get(wish)?)?)
    }
}

/// How an attempt ended.
enum Attempt {
    Done(Performed),
    /// Decide again: somebody else wrote, or a wish must be read in another way.
    Again,
}

impl Desk {
    /// Does all that is wished, or nothing. `bytes` are what was sent.
    pub(super) async fn perform(
        &self,
        ask: &Ask,
        action: Action,
        wishes: &[Wish<'_>],
        bytes: &Bytes,
    ) -> Result<Performed, Fault> {
        dangling::refuse(ask, wishes)?;
        let action = wishes.iter().fold(action, |action, wish| learn::action(wish.kind, action));
        let mut courses = vec![Course::Asked; wishes.len()];
        for _ in 0..ATTEMPTS {
            match self.attempt(ask, action, wishes, &mut courses, bytes).await? {
                Attempt::Done(performed) => return Ok(performed),
                Attempt::Again => {}
            }
        }
        Err(Fault::commit(ask.lang, &CommitError::Conflict(0)))
    }

    async fn attempt(
        &self,
        ask: &Ask,
        action: Action,
        wishes: &[Wish<'_>],
        courses: &mut [Course],
        bytes: &Bytes,
    ) -> Result<Attempt, Fault> {
        let plan = self.plan(ask, wishes, courses).await?;
        let permit = self.admit(ask, action, plan.citizen).await?;
        match self.prepare(ask, &permit, wishes, courses, plan).await {
            Ok(Some(prepared)) => self.write(ask, permit, wishes, prepared, bytes).await,
            Ok(None) => {
                read::seal(ask, permit, Shown::none()).await?;
                Ok(Attempt::Again)
            }
            Err(fault) => {
                read::seal(ask, permit, Shown::none()).await?;
                Err(fault)
            }
        }
    }

    /// Everything that is decided under the permit; `None` if a wish must be read in another way.
    async fn prepare<'w>(
        &self,
        ask: &Ask,
        permit: &Permit,
        wishes: &'w [Wish<'w>],
        courses: &mut [Course],
        plan: Plan,
    ) -> Result<Option<Prepared<'w>>, Fault> {
        let failed = |error: RecordError| Fault::record(ask.lang, &error);
        let guard = match wishes.iter().any(|wish| wish.condition().is_some()) {
            true => Some(Guard::read(&self.record, permit).await.map_err(failed)?),
            false => None,
        };
        let mut decisions = Vec::with_capacity(wishes.len());
        for (index, (wish, place)) in wishes.iter().zip(plan.places).enumerate() {
            match self.decide(ask, permit, wish, place, &plan.inside).await? {
                Decided::So(decision) => decisions.push(*decision),
                Decided::Otherwise(course) => {
                    courses[index] = course;
                    return Ok(None);
                }
            }
        }
        decide::each_once(ask, &decisions)?;
        let references = self.references(ask, permit, wishes, &decisions).await?;
        dangling::refuse_patched(ask, wishes, &decisions, &references)?;
        let changed = decisions.into_iter().map(|decision| decision.if_changed(&self.record, &references));
        let decisions = changed.collect::<Result<Vec<_>, _>>().map_err(failed)?;
        Ok(Some(Prepared { guard, decisions, references }))
    }

    async fn write(
        &self,
        ask: &Ask,
        permit: Permit,
        wishes: &[Wish<'_>],
        prepared: Prepared<'_>,
        bytes: &Bytes,
    ) -> Result<Attempt, Fault> {
        let Prepared { guard, decisions, references } = prepared;
        let mut writing = self.begin(ask, permit).await?;
        if let Some(guard) = guard {
            let renew = decisions.iter().any(decide::Decision::writes);
            let (rows, expect) = guard.rows(&self.record, renew);
            writing.rows(rows, expect);
        }
        let mut results = Vec::with_capacity(decisions.len());
        let mut written = 0;
        for decision in decisions {
            match decision.write(&mut writing, &references, bytes) {
                Ok(false) => results.push(None),
                Ok(true) => {
                    results.push(Some(written));
                    written += 1;
                }
                Err(error) => {
                    read::seal(ask, writing.give_up(), Shown::none()).await?;
                    return Err(Fault::record(ask.lang, &error));
                }
            }
        }
        match writing.commit(&self.door).await {
            Ok(done) => Ok(Attempt::Done(Performed { done, results })),
            Err(RecordError::Commit(CommitError::Conflict(_))) if wishes.iter().any(Wish::can_be_decided_again) => {
                Ok(Attempt::Again)
            }
            Err(error) => Err(Fault::record(ask.lang, &error)),
        }
    }
}

/// What a commit needs.
struct Prepared<'w> {
    guard: Option<Guard>,
    decisions: Vec<decide::Decision<'w>>,
    references: References,
}

/// An id that is used already and stands in a body whose condition fits nothing.
fn id_in_use(ask: &Ask) -> Fault {
    Fault::new(
        StatusCode::CONFLICT,
        ask.lang,
        IssueType::Conflict,
        "条件に合う記録はありませんが、本文の id はもう使われています。その id に PUT するか、id を外してください。何も保存していません。",
        "No fact fits the condition, but the id in the body is in use. PUT to that id, or leave the id out. Nothing was saved.",
    )
}
