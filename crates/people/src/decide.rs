//! Deciding about a pair of the match queue: two clerks, one after the other (`decisions/0018-merge.md`).
//!
//! One proposes (the same person, different persons, cannot say) with a reason; another confirms or disagrees.
//! Whoever disagrees sends the pair back, and both reasons stay. What is said is never taken away.
//!
//! What must hold:
//! - Two clerks are two people: neither one id twice, nor two ids that belong to one person.
//! - Nobody decides about themself.
//! - A pair that was closed is not queued again.

use serde::{Deserialize, Serialize};
use tsumugi_kernel::{CitizenId, Instant, OrganizationId, PersonId};
use tsumugi_store::{Expectation, Row, Table};

use crate::{Citizen, Directory, PeopleError, Queued, Resolution};

const VERSION: u8 = 1;
/// Most things said about one pair.
const SAID_MOST: usize = 64;
/// Most characters of a reason.
pub const REASON_MOST: usize = 1_000;

/// Who decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clerk {
    /// The person.
    pub person: PersonId,
    /// The name.
    pub name: String,
    /// For which organisation.
    pub organization: OrganizationId,
    /// Its name.
    pub organization_name: String,
}

/// What a clerk thinks of a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Opinion {
    /// One person.
    Same,
    /// Two persons.
    Different,
    /// It cannot be said from what is known.
    CannotSay,
}

impl Opinion {
    /// The code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Different => "different",
            Self::CannotSay => "cannot-say",
        }
    }

    /// The opinion with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Same, Self::Different, Self::CannotSay].into_iter().find(|opinion| opinion.code() == code)
    }
}

/// One thing said about a pair.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClerkWord {
    /// By whom.
    pub clerk: Clerk,
    /// What.
    pub opinion: Opinion,
    /// Whether it answers what was said before it: `Some(true)` confirms, `Some(false)` disagrees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirms: Option<bool>,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Instant,
}

/// Where a pair stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MatchState {
    /// Nobody has proposed anything, or it was sent back.
    #[default]
    Waiting,
    /// Proposed by one clerk.
    Proposed,
    /// Two persons, said two clerks.
    Different,
    /// One person, said two clerks: by the merge of this number; 0 where both shelves were one already.
    Same(u64),
}

/// What was decided about a pair.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    v: u8,
    /// Where it stands.
    pub state: MatchState,
    /// Everything that was said, oldest first.
    pub said: Vec<ClerkWord>,
    /// The queue's row, kept when it is closed, so that it can be put back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    queued: Option<Queued>,
}

/// Why a clerk's word is not taken.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum DecideFault {
    /// Closed already.
    #[error("this pair is decided already")]
    Closed,
    /// Somebody proposed something already: confirm it or disagree.
    #[error("something is proposed already; confirm it or disagree")]
    AlreadyProposed,
    /// Nothing is proposed yet.
    #[error("nothing is proposed yet")]
    NothingProposed,
    /// The same person proposed it.
    #[error("the one who proposed cannot confirm; another clerk must")]
    SameClerk,
    /// One of the pair is the clerk.
    #[error("nobody decides about themself")]
    Oneself,
    /// No reason, or one that is too long.
    #[error("a reason of 1 to {REASON_MOST} characters is needed")]
    Reason,
    /// Too much was said.
    #[error("too much was said about this pair")]
    Full,
}

/// A pair of the queue with what was said about it.
#[derive(Clone, Debug)]
pub struct Pair {
    /// Why it is in the queue; `None` once it is closed.
    pub queued: Option<Queued>,
    /// What was said.
    pub decision: Decision,
    one: CitizenId,
    other: CitizenId,
    decision_before: Option<Vec<u8>>,
    queue_before: Vec<(Vec<u8>, Vec<u8>)>,
}

/// Rows and expectations of what a clerk said.
#[derive(Clone, Debug, Default)]
pub struct DecisionWrite {
    /// Rows.
    pub rows: Vec<Row>,
    /// Expectations: on a conflict, begin again.
    pub expect: Vec<Expectation>,
}

impl Decision {
    fn decode(bytes: &[u8]) -> Result<Self, PeopleError> {
        let fault = PeopleError::Row { table: "match decision" };
        serde_json::from_slice::<Self>(bytes).ok().filter(|row| row.v == VERSION).ok_or(fault)
    }

    /// Whether two clerks have closed it.
    #[must_use]
    pub const fn is_closed(&self) -> bool {
        matches!(self.state, MatchState::Different | MatchState::Same(_))
    }
}

/// The directory's key of a pair: the same whichever stands first.
fn key(one: CitizenId, other: CitizenId) -> Vec<u8> {
    [Citizen::key(one.min(other)), Citizen::key(one.max(other))].concat()
}

fn queue_keys(one: CitizenId, other: CitizenId) -> Vec<Vec<u8>> {
    let mut keys =
        vec![[Citizen::key(one), Citizen::key(other)].concat(), [Citizen::key(other), Citizen::key(one)].concat()];
    keys.dedup();
    keys
}

impl Pair {
    /// The two citizens; one citizen twice where one shelf has two numbers of one institution.
    #[must_use]
    pub const fn citizens(&self) -> (CitizenId, CitizenId) {
        (self.one, self.other)
    }

    /// What waits for a second clerk.
    #[must_use]
    pub fn proposed(&self) -> Option<&ClerkWord> {
        self.decision.said.last().filter(|_| self.decision.state == MatchState::Proposed)
    }

    fn say(&mut self, said: ClerkWord) -> Result<(), DecideFault> {
        let length = said.reason.trim().chars().count();
        if length == 0 || length > REASON_MOST {
            return Err(DecideFault::Reason);
        }
        if self.decision.said.len() >= SAID_MOST {
            return Err(DecideFault::Full);
        }
        self.decision.said.push(said);
        Ok(())
    }

    /// A first clerk's word.
    ///
    /// # Errors
    /// [`DecideFault`].
    pub fn propose(
        mut self,
        clerk: Clerk,
        opinion: Opinion,
        reason: &str,
        at: Instant,
    ) -> Result<DecisionWrite, DecideFault> {
        match self.decision.state {
            MatchState::Waiting => {}
            MatchState::Proposed => return Err(DecideFault::AlreadyProposed),
            MatchState::Different | MatchState::Same(_) => return Err(DecideFault::Closed),
        }
        self.say(ClerkWord { clerk, opinion, confirms: None, reason: reason.trim().to_owned(), at })?;
        self.decision.state = MatchState::Proposed;
        Ok(self.write())
    }

    /// A second clerk's word; `merge` is the number that a merge gets if both say that it is one person, `None` where the
    /// two are one already. Gives the rows and, if they are to be merged, the two clerks.
    ///
    /// # Errors
    /// [`DecideFault`].
    pub fn confirm(
        mut self,
        clerk: Clerk,
        agrees: bool,
        reason: &str,
        merge: Option<u64>,
        at: Instant,
    ) -> Result<(DecisionWrite, Option<Vec<Clerk>>), DecideFault> {
        let first = match (self.decision.state, self.proposed()) {
            (MatchState::Different | MatchState::Same(_), _) => return Err(DecideFault::Closed),
            (_, None) => return Err(DecideFault::NothingProposed),
            (_, Some(said)) => said.clone(),
        };
        if first.clerk.person == clerk.person {
            return Err(DecideFault::SameClerk);
        }
        let two = vec![first.clerk.clone(), clerk.clone()];
        self.say(ClerkWord {
            clerk,
            opinion: first.opinion,
            confirms: Some(agrees),
            reason: reason.trim().to_owned(),
            at,
        })?;
        let merge = merge.filter(|_| self.one != self.other);
        self.decision.state = match (agrees, first.opinion) {
            (true, Opinion::Same) => MatchState::Same(merge.unwrap_or_default()),
            (true, Opinion::Different) => MatchState::Different,
            (true, Opinion::CannotSay) | (false, _) => MatchState::Waiting,
        };
        let merges = matches!(self.decision.state, MatchState::Same(_)) && merge.is_some();
        Ok((self.write(), merges.then_some(two)))
    }

    /// Puts a pair back into the queue whose merge was taken back: `said` is by whom and why.
    ///
    /// # Errors
    /// [`DecideFault`].
    pub fn reopen(mut self, clerk: Clerk, reason: &str, at: Instant) -> Result<DecisionWrite, DecideFault> {
        self.say(ClerkWord {
            clerk,
            opinion: Opinion::Different,
            confirms: Some(false),
            reason: reason.trim().to_owned(),
            at,
        })?;
        self.decision.state = MatchState::Waiting;
        Ok(self.write())
    }

    fn write(mut self) -> DecisionWrite {
        let key = key(self.one, self.other);
        let mut write = DecisionWrite::default();
        write.expect.push(Expectation::Row(Table::MatchDecision, key.clone(), self.decision_before.take()));
        for (key, value) in &self.queue_before {
            write.expect.push(Expectation::Row(Table::MatchQueue, key.clone(), Some(value.clone())));
        }
        if self.decision.is_closed() {
            self.decision.queued = self.queued.take().or(self.decision.queued.take());
            for (key, _) in self.queue_before {
                write.rows.push(Row { table: Table::MatchQueue, key, value: None });
            }
        } else if let Some(queued) = self.decision.queued.take() {
            let key = [Citizen::key(queued.citizen), Citizen::key(queued.candidate)].concat();
            let value = Some(serde_json::to_vec(&queued).unwrap_or_default());
            write.rows.push(Row { table: Table::MatchQueue, key, value });
        }
        // Strings, numbers and lists always serialise.
        let value = Some(serde_json::to_vec(&self.decision).unwrap_or_default());
        write.rows.push(Row { table: Table::MatchDecision, key, value });
        write
    }
}

impl Directory {
    /// A pair with what was said about it; `None` if it never was in the queue.
    ///
    /// # Errors
    /// [`PeopleError`] when the store cannot read or a row is damaged.
    pub async fn pair(&self, one: CitizenId, other: CitizenId) -> Result<Option<Pair>, PeopleError> {
        let bytes = self.store.row(Table::MatchDecision, &key(one, other)).await?.map(|bytes| bytes.to_vec());
        let decision = bytes.as_deref().map(Decision::decode).transpose()?;
        let mut queue_before = Vec::new();
        let mut queued = None;
        for key in queue_keys(one, other) {
            if let Some(row) = self.store.row(Table::MatchQueue, &key).await? {
                let read = serde_json::from_slice(&row).map_err(|_| PeopleError::Row { table: "match queue" })?;
                queued = queued.or(Some(read));
                queue_before.push((key, row.to_vec()));
            }
        }
        if decision.is_none() && queued.is_none() {
            return Ok(None);
        }
        let none = Decision { v: VERSION, state: MatchState::Waiting, said: Vec::new(), queued: None };
        let decision = decision.unwrap_or(none);
        Ok(Some(Pair { queued, decision, one, other, decision_before: bytes, queue_before }))
    }

    /// The queue in the order of its keys, after a pair, at most `most`.
    ///
    /// # Errors
    /// As above.
    pub async fn queue_after(
        &self,
        after: Option<(CitizenId, CitizenId)>,
        most: usize,
    ) -> Result<Vec<Queued>, PeopleError> {
        let after = after.map(|(one, other)| [Citizen::key(one), Citizen::key(other)].concat());
        let rows = self.store.rows(Table::MatchQueue, b"", after.as_deref(), most).await?;
        let fault = |_| PeopleError::Row { table: "match queue" };
        rows.iter().map(|(_, bytes)| serde_json::from_slice(bytes).map_err(fault)).collect()
    }

    /// Whether a clerk may decide about a pair after `first`: not about themself, and not as somebody else.
    ///
    /// # Errors
    /// [`PeopleError`] when the store cannot read or a row is damaged.
    pub async fn may_decide(
        &self,
        clerk: &PersonId,
        (one, other): (CitizenId, CitizenId),
        first: Option<&PersonId>,
    ) -> Result<Result<(), DecideFault>, PeopleError> {
        if first == Some(clerk) {
            return Ok(Err(DecideFault::SameClerk));
        }
        let citizen = |person: Option<std::sync::Arc<crate::Person>>| person.and_then(|person| person.citizen);
        let Some(own) = citizen(self.person(clerk).await?) else { return Ok(Ok(())) };
        let own = self.shelves(own).await?;
        if own.hold(one) || own.hold(other) {
            return Ok(Err(DecideFault::Oneself));
        }
        if let Some(first) = first
            && citizen(self.person(first).await?).is_some_and(|first| own.hold(first))
        {
            return Ok(Err(DecideFault::SameClerk));
        }
        Ok(Ok(()))
    }

    /// Takes out of a resolution what would queue a pair that was decided already, or that is one person by now.
    pub(crate) async fn drop_decided(&self, resolution: &mut Resolution) -> Result<(), PeopleError> {
        let mut kept = Vec::with_capacity(resolution.rows.len());
        let mut queues = false;
        for row in std::mem::take(&mut resolution.rows) {
            if row.table == Table::MatchQueue {
                let id = |range: std::ops::Range<usize>| {
                    row.key.get(range).and_then(|bytes| bytes.try_into().ok()).map(u64::from_be_bytes).map(CitizenId)
                };
                let (Some(one), Some(other)) = (id(0..8), id(8..16)) else {
                    return Err(PeopleError::Row { table: "match queue" });
                };
                let decided = self.store.row(Table::MatchDecision, &key(one, other)).await?;
                let closed = decided.as_deref().map(Decision::decode).transpose()?.is_some_and(|one| one.is_closed());
                if closed || (one != other && self.are_one(one, other).await?) {
                    continue;
                }
                queues = true;
            }
            kept.push(row);
        }
        resolution.rows = kept;
        resolution.queued = queues;
        Ok(())
    }
}
