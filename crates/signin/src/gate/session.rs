//! Sessions of pages: rows that end. The cookie is a random name; the row stands under its hash.
//!
//! What must hold: a session that ended on the server is ended everywhere; it ends by itself after twelve hours, and
//! sooner when nobody uses it; every step up begins another with another name.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tsumugi_kernel::{Instant, OrganizationId, PersonId, Purpose, Role};

use super::{Gate, GateError, Side, What};
use crate::{
    SESSION_MILLIS,
    jose::encode,
    keep::{Change, Kept, Tag},
    oauth::moment::Moment,
};

/// How long a professional's session lasts without use.
const IDLE_AT_WORK_MILLIS: i64 = 15 * 60 * 1000;
/// How long a citizen's session lasts without use: reading takes time.
const IDLE_AT_HOME_MILLIS: i64 = 60 * 60 * 1000;
/// How old the last use may stand in the row before it is written anew.
const SEEN_MILLIS: i64 = 60 * 1000;
/// How long a session lasts that came of a code alone: to read one's own record once, and to make a passkey.
const BY_CODE_MILLIS: i64 = 60 * 60 * 1000;
/// Most sessions of one person that are listed.
const LISTED: usize = 200;

/// How somebody came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum By {
    /// With a code from a desk.
    Code,
    /// With a passkey.
    Passkey,
    /// By an external provider.
    Provider,
}

/// As whom somebody goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Chosen {
    pub organization: OrganizationId,
    pub role: Role,
    pub purpose: Purpose,
}

/// A session that holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Who.
    pub person: PersonId,
    /// How they came in.
    pub by: By,
    /// From which desk the way in came: at home, or at work.
    pub side: Side,
    /// With which passkey, by its id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// When the second factor was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second: Option<Instant>,
    /// Since when.
    pub since: Instant,
    /// When it was used last, to the minute.
    pub seen: Instant,
    /// When it ends, used or not.
    pub ends: Instant,
    epoch: u32,
    /// The clerk whose code it came of, where it came of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) handed: Option<PersonId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) chosen: Option<Chosen>,
    /// The name under which the person sees it: the hash of the cookie.
    #[serde(skip)]
    pub name: String,
}

/// A session as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRow {
    /// Its name.
    pub name: String,
    /// The session.
    pub session: Session,
    /// The name of the organisation for which it acts; `None` at home and before anything is chosen.
    pub organization: Option<OrganizationId>,
}

impl Session {
    pub(super) fn new(person: &PersonId, by: By, key: Option<&str>, side: Side, at: Moment) -> Self {
        let lasts = if by == By::Code { BY_CODE_MILLIS } else { SESSION_MILLIS };
        Self {
            person: person.clone(),
            by,
            side,
            key: key.map(str::to_owned),
            second: None,
            since: at.now,
            seen: at.now,
            ends: at.now.plus_millis(lasts),
            epoch: at.epoch,
            handed: None,
            chosen: None,
            name: String::new(),
        }
    }

    /// Whether it is somebody's at work: shorter when unused.
    #[must_use]
    pub fn is_at_work(&self) -> bool {
        self.chosen.as_ref().is_some_and(|chosen| !matches!(chosen.role, Role::Citizen | Role::Proxy))
    }

    /// Whether a role is chosen.
    #[must_use]
    pub const fn has_chosen(&self) -> bool {
        self.chosen.is_some()
    }

    /// When it ends unless it is used.
    #[must_use]
    pub fn idle_until(&self) -> Instant {
        let idle = if self.is_at_work() || !self.has_chosen() { IDLE_AT_WORK_MILLIS } else { IDLE_AT_HOME_MILLIS };
        self.seen.plus_millis(idle).min(self.ends)
    }

    fn holds(&self, at: Moment) -> bool {
        at.now < self.idle_until() && self.epoch == at.epoch
    }
}

/// The name of a session's row, from the cookie.
fn name_of(cookie: &str) -> String {
    encode(&Sha256::digest(cookie))
}

impl Gate {
    /// The session of a cookie, if it holds; that it was used is noted.
    ///
    /// # Errors
    /// [`GateError::Ended`], or what stops the reading.
    pub async fn session(&self, cookie: &str) -> Result<Session, GateError> {
        let at = self.moment().await?;
        let kept = self.kept(&name_of(cookie), at).await?;
        let mut session = kept.value.clone();
        if self.is_of_suspended(session.handed.as_ref(), at.now).await? {
            return Err(GateError::Ended);
        }
        if at.now > session.seen.plus_millis(SEEN_MILLIS) {
            session.seen = at.now;
            let mut change = Change::default();
            change.replace(Tag::Session, &session.name, &kept, &session, kept.expires);
            // Another request noted it, or it ended meanwhile. An end that this did not see is seen by the next.
            if let Err(error) = self.0.provider.keep().commit(change, at.now).await {
                tracing::debug!(%error, "the use of a session was not noted");
            }
        }
        Ok(session)
    }

    async fn kept(&self, name: &str, at: Moment) -> Result<Kept<Session>, GateError> {
        let kept = self.0.provider.keep().get::<Session>(Tag::Session, name).await?;
        let mut kept = kept.filter(|kept| kept.value.holds(at)).ok_or(GateError::Ended)?;
        name.clone_into(&mut kept.value.name);
        Ok(kept)
    }

    /// Begins a session; gives its cookie.
    pub(super) fn begin(&self, change: &mut Change, session: &Session) -> String {
        let cookie = self.0.provider.random();
        let name = name_of(&cookie);
        change.put_new(Tag::Session, &name, session, session.ends);
        change.put_owned(Tag::Sessions, (session.person.as_str(), &name), &name, session.ends);
        cookie
    }

    /// What is needed to put another session, with another name, in the place of one.
    pub(super) async fn prepared(&self, session: &Session, at: Moment) -> Result<Next, GateError> {
        Ok(Next(self.kept(&session.name, at).await?))
    }

    /// Ends the session of a cookie, also one that has ended.
    ///
    /// # Errors
    /// [`GateError::Busy`]: it may hold still.
    pub async fn sign_out(&self, cookie: &str) -> Result<(), GateError> {
        let at = self.moment().await?;
        let Ok(kept) = self.kept(&name_of(cookie), at).await else { return Ok(()) };
        self.ended(&kept, at).await
    }

    /// A person's sessions that hold, the last used first.
    ///
    /// # Errors
    /// [`GateError`].
    pub async fn sessions(&self, person: &PersonId) -> Result<Vec<SessionRow>, GateError> {
        let at = self.moment().await?;
        let mut all: Vec<SessionRow> = self.of(person, at).await?.into_iter().map(row).collect();
        all.sort_by_key(|row| std::cmp::Reverse(row.session.seen));
        Ok(all)
    }

    pub(super) async fn of(&self, person: &PersonId, at: Moment) -> Result<Vec<Kept<Session>>, GateError> {
        let names = self.0.provider.keep().owned::<String>(Tag::Sessions, person.as_str(), LISTED).await?;
        let mut all = Vec::new();
        for name in names {
            match self.kept(&name.value, at).await {
                Ok(kept) => all.push(kept),
                Err(GateError::Ended) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(all)
    }

    /// Ends one of a person's sessions.
    ///
    /// # Errors
    /// [`GateError::Ended`]: there is no such session of theirs; or it may hold still.
    pub async fn end_session(&self, person: &PersonId, name: &str) -> Result<(), GateError> {
        let at = self.moment().await?;
        let kept = self.kept(name, at).await?;
        if kept.value.person != *person {
            return Err(GateError::Ended);
        }
        self.ended(&kept, at).await?;
        self.change(person, at, |account, _| {
            account.note(Self::event(at.now, What::SessionEnded, None));
            Ok(())
        })
        .await
    }

    async fn ended(&self, kept: &Kept<Session>, at: Moment) -> Result<(), GateError> {
        use tsumugi_store::CommitError;
        let mut kept = Some(kept.clone());
        // Its use may be noted at this very moment: then it is looked at again.
        while let Some(known) = kept {
            let mut change = Change::default();
            end(&mut change, &known);
            match self.0.provider.keep().commit(change, at.now).await {
                Err(CommitError::Conflict(_)) => kept = self.kept(&known.value.name, at).await.ok(),
                done => return Ok(done?),
            }
        }
        Ok(())
    }
}

/// A session that is to go on under another name.
pub(super) struct Next(Kept<Session>);

impl Next {
    /// Puts the next session in its place; gives the cookie.
    pub fn put(&self, gate: &Gate, change: &mut Change, becomes: impl FnOnce(&mut Session)) -> String {
        let mut next = self.0.value.clone();
        becomes(&mut next);
        end(change, &self.0);
        gate.begin(change, &next)
    }
}

/// Ends a session in a change.
pub(super) fn end(change: &mut Change, kept: &Kept<Session>) {
    let session = &kept.value;
    change.remove(Tag::Session, &session.name, kept);
    change.remove_owned(Tag::Sessions, (session.person.as_str(), &session.name), session.ends);
}

fn row(kept: Kept<Session>) -> SessionRow {
    let session = kept.value;
    let organization =
        session.chosen.as_ref().filter(|_| session.is_at_work()).map(|chosen| chosen.organization.clone());
    SessionRow { name: session.name.clone(), session, organization }
}
