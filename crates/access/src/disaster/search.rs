//! Looking for a person by name and birth date: bounded for each person who searches, each search kept before it is made.
//!
//! What was searched for is not kept: it may be of somebody about whom there is nothing here. Of whoever is found, a leaf tells.

use serde::{Deserialize, Serialize};
use tsumugi_kernel::{Instant, OrganizationId, PersonId, Purpose};
use tsumugi_people::{FourItems, Identified};
use tsumugi_store::{Batch, CommitError, Expectation, Row, Table};

use super::{DisasterError, DisasterFault, HOUR_MILLIS};
use crate::{Action, Caller, Door, Permit, Refusal, Request};

/// Most searches of one person in [`SEARCH_HOURS`].
pub const SEARCHES_MOST: usize = 60;
/// In how many hours they are counted.
pub const SEARCH_HOURS: i64 = 1;
/// Most searches under an opening that are listed.
const LISTED_MOST: usize = 1_000;
/// How often a search that met another of the same person is counted anew.
const ATTEMPTS: usize = 8;

/// That somebody searched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Searched {
    /// Who.
    pub person: PersonId,
    /// The name.
    pub name: String,
    /// For which organisation.
    pub organization: OrganizationId,
    /// Its name.
    pub organization_name: String,
    /// When.
    pub at: Instant,
}

/// What a search led to, before anything of the person is shown.
#[derive(Debug)]
pub enum Found {
    /// The door opened the record of the one person: seal the permit before anything is told.
    One(Box<Permit>),
    /// Several agree.
    MoreNeeded,
    /// Nobody does, or nothing is open.
    Nobody,
}

impl Door {
    /// Looks for a person under the opening that holds where the caller is. The search is kept before it is made; `caller`
    /// asks for [`Purpose::Disaster`], whatever the sign-in was for.
    ///
    /// # Errors
    /// [`DisasterError`]: [`DisasterFault::NotOpen`] and [`DisasterFault::TooOften`] before anything is searched.
    pub async fn find_in_disaster(&self, caller: &Caller, items: &FourItems) -> Result<Found, DisasterError> {
        let now = self.0.clock.now();
        let caller = &Caller { purpose: Purpose::Disaster, ..caller.clone() };
        let suspended = self.suspension(caller, now).await?.is_some();
        let opening = self.opening_at(caller, now).await?.filter(|_| !suspended && !caller.automatic);
        let opening = opening.filter(|_| now < caller.expires).ok_or(DisasterFault::NotOpen)?;
        self.keep_search(caller, opening.number, now).await?;
        let citizen = match self.0.directory.identify(items, now.civil().date()).await? {
            Identified::One(citizen) => citizen,
            Identified::MoreNeeded => return Ok(Found::MoreNeeded),
            Identified::Nobody => return Ok(Found::Nobody),
        };
        match self.admit(Request { caller, action: Action::Identify, citizen }).await {
            Ok(permit) => Ok(Found::One(Box::new(permit))),
            Err(Refusal::NotOpen { .. } | Refusal::OutsideScope { .. }) => Ok(Found::Nobody),
            Err(refusal) => Err(refusal.into()),
        }
    }

    /// The newest searches under an opening, at most 1,000, newest first.
    ///
    /// # Errors
    /// [`DisasterError`] when the store cannot read.
    pub async fn searches_under(&self, number: u64) -> Result<Vec<Searched>, DisasterError> {
        let rows = self.0.store.rows(Table::Disaster, &under(number), None, LISTED_MOST).await?;
        rows.iter().map(|(_, value)| serde_json::from_slice(value).map_err(|_| DisasterError::Row)).collect()
    }

    /// Counts the search and says that it was made, in one commit.
    async fn keep_search(&self, caller: &Caller, number: u64, now: Instant) -> Result<(), DisasterError> {
        let store = self.0.store.as_ref();
        let counter = [b"n".as_slice(), caller.person.as_str().as_bytes()].concat();
        for _ in 0..ATTEMPTS {
            let before = store.row(Table::Disaster, &counter).await?.map(|bytes| bytes.to_vec());
            let mut moments: Vec<i64> = match &before {
                Some(bytes) => serde_json::from_slice(bytes).map_err(|_| DisasterError::Row)?,
                None => Vec::new(),
            };
            moments.retain(|at| *at > now.0 - SEARCH_HOURS * HOUR_MILLIS);
            if moments.len() >= SEARCHES_MOST {
                return Err(DisasterFault::TooOften.into());
            }
            moments.push(now.0);
            let row = |key, value| Row { table: Table::Disaster, key, value: Some(value) };
            // Strings and numbers always serialise.
            let rows = vec![
                row(counter.clone(), serde_json::to_vec(&moments).unwrap_or_default()),
                row(
                    trace_key(number, now, caller, moments.len()),
                    serde_json::to_vec(&trace(caller, now)).unwrap_or_default(),
                ),
            ];
            let expect = vec![Expectation::Row(Table::Disaster, counter.clone(), before)];
            match store.commit(Batch { rows, expect, ..Batch::default() }).await {
                Ok(_) => return Ok(()),
                Err(CommitError::Conflict(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(CommitError::Busy.into())
    }
}

fn trace(caller: &Caller, at: Instant) -> Searched {
    Searched {
        person: caller.person.clone(),
        name: caller.person_name.clone(),
        organization: caller.organization.clone(),
        organization_name: caller.organization_name.clone(),
        at,
    }
}

fn under(number: u64) -> Vec<u8> {
    [b"t".as_slice(), &number.to_be_bytes()].concat()
}

/// Newest first; two of one moment are told apart by their place in the hour.
fn trace_key(number: u64, at: Instant, caller: &Caller, place: usize) -> Vec<u8> {
    let newest_first = u64::MAX - u64::try_from(at.0).unwrap_or(0);
    let place = u8::try_from(place).unwrap_or(u8::MAX);
    [under(number).as_slice(), &newest_first.to_be_bytes(), &[place], caller.person.as_str().as_bytes()].concat()
}
