//! Staff rosters: who works where in which role, from when to when.
//!
//! Who stands on an organisation's roster acts for it only while a post in that role holds. An organisation that keeps
//! its roster here is acted for by nobody else; one that does not yet is acted for by whoever signs in for it, until it
//! names the person. Asked at every sign-in and every request ([`Posts::may_act`], by `signin`).
//!
//! Here too: under which insurer numbers an organisation acts.

use std::sync::Arc;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tsumugi_kernel::{OrganizationId, OrganizationKind, PersonId, Role};
use tsumugi_store::{Batch, CommitError, Expectation, Row, Table};

use crate::{Directory, Organization, PeopleError, Source, Validity};

/// Where posts are kept: an organisation, and one person of it or (`None`) the organisation's own mark.
pub(crate) type Place = (OrganizationId, Option<PersonId>);

const VERSION: u8 = 1;
/// Most posts of one person at one organisation, ended ones included.
const POSTS_MOST: usize = 256;
/// Most organisations of one person that are offered at sign-in.
const WORKPLACES_MOST: usize = 64;
/// Most insurer numbers of one organisation.
const NUMBERS_MOST: usize = 64;
/// How often a write that met another is tried again.
const ATTEMPTS: usize = 16;

/// One post.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Post {
    /// In which role.
    pub role: Role,
    /// The days.
    #[serde(flatten)]
    pub validity: Validity,
    /// Who says so.
    pub source: Source,
}

/// A person's posts at one organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Posts {
    v: u8,
    /// The posts, ended ones included.
    #[serde(default)]
    pub posts: Vec<Post>,
    /// Whether the organisation keeps its roster here.
    #[serde(skip)]
    kept: bool,
}

impl Posts {
    /// The roles in which a post holds on a day, each once.
    #[must_use]
    pub fn held(&self, day: Date) -> Vec<Role> {
        let mut roles: Vec<Role> =
            self.posts.iter().filter(|post| post.validity.holds(day)).map(|post| post.role).collect();
        roles.sort_unstable();
        roles.dedup();
        roles
    }

    /// Whether the person may act for the organisation in a role on a day. Citizens and proxies act for nobody but
    /// people; a system is registered, not employed.
    #[must_use]
    pub fn may_act(&self, role: Role, day: Date) -> bool {
        if matches!(role, Role::Citizen | Role::Proxy | Role::System | Role::LinkHolder) {
            return true;
        }
        if self.posts.is_empty() {
            return !self.kept;
        }
        self.posts.iter().any(|post| post.role == role && post.validity.holds(day))
    }
}

#[derive(Serialize, Deserialize)]
struct Numbers {
    v: u8,
    numbers: Vec<String>,
}

impl Directory {
    /// A person's posts at an organisation.
    ///
    /// # Errors
    /// [`PeopleError`] when the store cannot read or a row is damaged.
    pub async fn posts(&self, at: &OrganizationId, of: &PersonId) -> Result<Arc<Posts>, PeopleError> {
        let mark = self.read_posts((at.clone(), None)).await?;
        let own = self.read_posts((at.clone(), Some(of.clone()))).await?;
        if mark.kept { Ok(Arc::new(Posts { kept: true, ..(*own).clone() })) } else { Ok(own) }
    }

    /// Says that an organisation keeps its roster here: from now on nobody acts for it who has no post.
    ///
    /// # Errors
    /// [`PeopleError`] when the store cannot write.
    pub async fn keep_roster(&self, organization: &OrganizationId) -> Result<(), PeopleError> {
        let place = (organization.clone(), None);
        let row = Row { table: Table::Roster, key: key(&place), value: Some(vec![VERSION]) };
        let done = self.store.commit(Batch { rows: vec![row], ..Batch::default() }).await;
        self.rosters.forget(&place);
        done?;
        Ok(())
    }

    /// Gives a person a post; one of the same role that overlaps is replaced, so that a roster sent again changes
    /// nothing.
    ///
    /// # Errors
    /// [`PeopleError`] when the store cannot read or write; [`PeopleError::Full`] beyond the bound.
    pub async fn appoint(&self, at: &OrganizationId, person: &PersonId, post: &Post) -> Result<(), PeopleError> {
        self.change_posts(at, person, |posts| {
            posts.retain(|old| old.role != post.role || !old.validity.overlaps(&post.validity));
            posts.push(post.clone());
        })
        .await
    }

    /// Ends a person's posts in a role: `last` is the day after the last day of work.
    ///
    /// # Errors
    /// As [`Directory::appoint`].
    pub async fn dismiss(
        &self,
        at: &OrganizationId,
        person: &PersonId,
        role: Role,
        last: Date,
    ) -> Result<(), PeopleError> {
        self.change_posts(at, person, |posts| {
            for post in posts.iter_mut().filter(|post| post.role == role) {
                let end = post.validity.from.map_or(last, |from| from.max(last));
                post.validity.until = Some(post.validity.until.map_or(end, |until| until.min(end)));
            }
        })
        .await
    }

    /// The people of a roster in the order of their ids, after `after`, at most `most`.
    ///
    /// # Errors
    /// [`PeopleError`] when the store cannot read or a row is damaged.
    pub async fn roster(
        &self,
        of: &OrganizationId,
        after: Option<&PersonId>,
        most: usize,
    ) -> Result<Vec<(PersonId, Posts)>, PeopleError> {
        let prefix = prefix(of);
        let after = after.map(|person| key(&(of.clone(), Some(person.clone()))));
        let rows = self.store.rows(Table::Roster, &prefix, after.as_deref(), most).await?;
        let read = |(key, value): (bytes::Bytes, bytes::Bytes)| {
            let id = key.get(prefix.len()..).and_then(|id| std::str::from_utf8(id).ok());
            Some((PersonId::new(id?).ok()?, decode(&value)?))
        };
        rows.into_iter().map(|row| read(row).ok_or(PeopleError::Row { table: "roster" })).collect()
    }

    /// Where a person stands on the roster, with their posts there, ended ones included: what whoever signs in chooses from.
    /// At most 64.
    ///
    /// # Errors
    /// [`PeopleError`] when the store cannot read or a row is damaged.
    pub async fn workplaces(&self, of: &PersonId) -> Result<Vec<(OrganizationId, Arc<Posts>)>, PeopleError> {
        let prefix = workplaces_prefix(of);
        let mut all = Vec::new();
        for (key, _) in self.store.rows(Table::Roster, &prefix, None, WORKPLACES_MOST).await? {
            let id = key.get(prefix.len()..).and_then(|id| std::str::from_utf8(id).ok());
            let id = id.and_then(|id| OrganizationId::new(id).ok()).ok_or(PeopleError::Row { table: "roster" })?;
            let posts = self.posts(&id, of).await?;
            all.push((id, posts));
        }
        Ok(all)
    }

    /// Says under which insurer numbers (eight digits; six for care insurance) an organisation acts.
    ///
    /// # Errors
    /// [`PeopleError`] when the store cannot write; [`PeopleError::Full`] beyond the bound.
    pub async fn act_under(&self, organization: &OrganizationId, numbers: &[String]) -> Result<(), PeopleError> {
        if numbers.len() > NUMBERS_MOST {
            return Err(PeopleError::Full);
        }
        let row = Numbers { v: VERSION, numbers: numbers.to_vec() };
        // Strings always serialise.
        let value = Some(serde_json::to_vec(&row).unwrap_or_default());
        let row = Row { table: Table::Roster, key: numbers_key(organization), value };
        self.store.commit(Batch { rows: vec![row], ..Batch::default() }).await?;
        Ok(())
    }

    /// Whether an organisation acts under an insurer number: it was said so, or it is an insurer or municipality whose
    /// own id ends with the number (`insurer-39490014`, `39490014`).
    ///
    /// # Errors
    /// [`PeopleError`] when the store cannot read or the row is damaged.
    pub async fn acts_under(&self, organization: &Organization, number: &str) -> Result<bool, PeopleError> {
        let payer = matches!(organization.kind, OrganizationKind::Insurer | OrganizationKind::Municipality);
        if !payer || number.is_empty() {
            return Ok(false);
        }
        let id = organization.id.as_str();
        if id.strip_suffix(number).is_some_and(|rest| rest.is_empty() || rest.ends_with('-')) {
            return Ok(true);
        }
        let Some(bytes) = self.store.row(Table::Roster, &numbers_key(&organization.id)).await? else {
            return Ok(false);
        };
        let row: Option<Numbers> = serde_json::from_slice(&bytes).ok().filter(|row: &Numbers| row.v == VERSION);
        let row = row.ok_or(PeopleError::Row { table: "insurer number" })?;
        Ok(row.numbers.iter().any(|known| known == number))
    }

    async fn read_posts(&self, place: Place) -> Result<Arc<Posts>, PeopleError> {
        let ticket = match self.rosters.get(&place) {
            Ok(posts) => return Ok(posts),
            Err(ticket) => ticket,
        };
        let row = self.store.row(Table::Roster, &key(&place)).await?;
        let posts = Arc::new(match (&place.1, row) {
            (None, row) => Posts { kept: row.is_some(), ..Posts::default() },
            (Some(_), None) => Posts::default(),
            (Some(_), Some(bytes)) => decode(&bytes).ok_or(PeopleError::Row { table: "roster" })?,
        });
        self.rosters.keep(place, Arc::clone(&posts), ticket);
        Ok(posts)
    }

    async fn change_posts(
        &self,
        at: &OrganizationId,
        person: &PersonId,
        change: impl Fn(&mut Vec<Post>),
    ) -> Result<(), PeopleError> {
        let place = (at.clone(), Some(person.clone()));
        let key = key(&place);
        for _ in 0..ATTEMPTS {
            let before = self.store.row(Table::Roster, &key).await?.map(|row| row.to_vec());
            let known = before.as_deref().map(decode);
            let mut posts = match known {
                None => Posts::default(),
                Some(posts) => posts.ok_or(PeopleError::Row { table: "roster" })?,
            };
            change(&mut posts.posts);
            if posts.posts.len() > POSTS_MOST {
                return Err(PeopleError::Full);
            }
            posts.v = VERSION;
            // Strings, dates and lists always serialise.
            let value = serde_json::to_vec(&posts).unwrap_or_default();
            if before.as_ref() == Some(&value) {
                return Ok(());
            }
            let works = Row { table: Table::Roster, key: workplace_key(person, at), value: Some(Vec::new()) };
            let batch = Batch {
                expect: vec![Expectation::Row(Table::Roster, key.clone(), before)],
                rows: vec![Row { table: Table::Roster, key: key.clone(), value: Some(value) }, works],
                ..Batch::default()
            };
            let done = self.store.commit(batch).await;
            // Also after a failure: whether it was written may be unknown.
            self.rosters.forget(&place);
            match done {
                Err(CommitError::Conflict(_)) => {}
                done => return done.map(|_| ()).map_err(PeopleError::from),
            }
        }
        Err(CommitError::Busy.into())
    }
}

fn decode(bytes: &[u8]) -> Option<Posts> {
    serde_json::from_slice::<Posts>(bytes).ok().filter(|posts| posts.v == VERSION)
}

fn prefix(of: &OrganizationId) -> Vec<u8> {
    [b"p", of.as_str().as_bytes(), &[0]].concat()
}

fn workplaces_prefix(of: &PersonId) -> Vec<u8> {
    [b"w", of.as_str().as_bytes(), &[0]].concat()
}

/// The row by which a person's organisations are found.
fn workplace_key(of: &PersonId, at: &OrganizationId) -> Vec<u8> {
    [workplaces_prefix(of).as_slice(), at.as_str().as_bytes()].concat()
}

fn key((organization, person): &Place) -> Vec<u8> {
    match person {
        Some(person) => [prefix(organization).as_slice(), person.as_str().as_bytes()].concat(),
        None => [b"k", organization.as_str().as_bytes()].concat(),
    }
}

fn numbers_key(organization: &OrganizationId) -> Vec<u8> {
    [b"n", organization.as_str().as_bytes()].concat()
}
