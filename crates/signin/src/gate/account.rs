//! What a person signs in with, and what happened: one row for each person, changed whole or not at all.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};
use tsumugi_kernel::{Instant, PersonId};
use tsumugi_store::CommitError;

use super::{Gate, GateError, Session, licence::Licence, passkey::Passkey, totp::Totp};
use crate::{
    keep::{Change, Kept, Tag},
    oauth::moment::Moment,
};

/// The row never ends.
const NEVER: Instant = Instant(i64::MAX);
/// How many events are kept: what a person looks over.
const EVENTS: usize = 60;
/// How often a write that met another is tried again.
const ATTEMPTS: usize = 8;

/// A person's row.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Account {
    /// The name under which authenticators know the person: random, so that it tells nothing.
    pub handle: String,
    pub keys: Vec<Passkey>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub totp: Option<Totp>,
    /// The name of the desk's code that may be used now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The name of the certificate that an external provider vouches for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<String>,
    /// The professional's licence, by certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub licence: Option<Licence>,
    #[serde(default)]
    events: VecDeque<Event>,
}

/// Something that happened, for the person to look over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// When.
    pub at: Instant,
    /// What.
    pub what: What,
    /// The passkey's name, or who handed a code out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// A desk handed out a code.
    CodeHanded,
    /// The same, after everything that was there before was stopped.
    AllStopped,
    /// Somebody came in with a desk's code.
    CodeUsed,
    /// A passkey was made.
    KeyMade,
    /// A passkey was removed.
    KeyRemoved,
    /// Somebody came in with a passkey.
    SignedIn,
    /// A passkey was used that may have been copied.
    Copied,
    /// Somebody came in by the external provider.
    ByProvider,
    /// A certificate of the external provider was said to be the person's.
    Linked,
    /// The second factor was set up.
    SecondMade,
    /// The second factor was given.
    SecondGiven,
    /// The second factor was wrong.
    SecondWrong,
    /// A professional's certificate was shown.
    LicenceShown,
    /// A registrar confirmed whose it is.
    LicenceConfirmed,
    /// A session was ended from another one.
    SessionEnded,
}

impl Account {
    /// Notes an event; the oldest goes.
    pub fn note(&mut self, event: Event) {
        self.events.push_back(event);
        while self.events.len() > EVENTS {
            self.events.pop_front();
        }
    }

    /// Whether the person can come in without going to a desk.
    pub fn has_way_in(&self) -> bool {
        self.certificate.is_some() || self.keys.iter().any(|key| !key.stopped)
    }
}

impl Gate {
    /// A person's row; an empty one for whoever has none.
    pub(super) async fn account(&self, person: &PersonId) -> Result<(Account, Option<Kept<Account>>), GateError> {
        let kept = self.0.provider.keep().get::<Account>(Tag::Account, person.as_str()).await?;
        let account = kept.as_ref().map(|kept| kept.value.clone()).unwrap_or_default();
        Ok((account, kept))
    }

    /// Changes a person's row and, with it, what `change` adds; again where another change came between. A conflict over
    /// something else than the row stays: then what `change` adds is there already.
    pub(super) async fn change<T>(
        &self,
        person: &PersonId,
        at: Moment,
        mut change: impl FnMut(&mut Account, &mut Change) -> Result<T, GateError>,
    ) -> Result<T, GateError> {
        self.change_with(person, at, false, |account, rows, _| change(account, rows)).await
    }

    /// The same with the person's sessions in hand, where they are asked for.
    pub(super) async fn change_with<T>(
        &self,
        person: &PersonId,
        at: Moment,
        with_sessions: bool,
        mut change: impl FnMut(&mut Account, &mut Change, &[Kept<Session>]) -> Result<T, GateError>,
    ) -> Result<T, GateError> {
        for _ in 0..ATTEMPTS {
            let (mut account, kept) = self.account(person).await?;
            if account.handle.is_empty() {
                account.handle = self.0.provider.random();
            }
            let mut rows = Change::default();
            let sessions = if with_sessions { self.of(person, at).await? } else { Vec::new() };
            let done = change(&mut account, &mut rows, &sessions)?;
            match &kept {
                Some(kept) => rows.replace(Tag::Account, person.as_str(), kept, &account, NEVER),
                None => rows.put_new(Tag::Account, person.as_str(), &account, NEVER),
            }
            match self.0.provider.keep().commit(rows, at.now).await {
                Err(CommitError::Conflict(_)) => {}
                committed => return Ok(committed.map(|()| done)?),
            }
        }
        Err(GateError::Challenge)
    }

    /// What happened with a person's ways in, the newest first.
    ///
    /// # Errors
    /// [`GateError`].
    pub async fn events(&self, person: &PersonId) -> Result<Vec<Event>, GateError> {
        Ok(self.account(person).await?.0.events.into_iter().rev().collect())
    }
}
