//! Registering people who sign in and organisations.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tsumugi_kernel::{CitizenId, OrganizationId, OrganizationKind, PersonId, Role};
use tsumugi_store::{Batch, Row, Table};

use crate::{Area, Directory, Identifier, PeopleError, nearness};

const VERSION: u8 = 1;

/// 医籍登録番号 of physicians (JP Core).
pub const MEDICAL_REGISTRATION: &str = "http://jpfhir.jp/fhir/core/mhlw/IdSystem/medicalRegistrationNumber";

/// A person who signs in: a professional, a citizen's own sign-in, a system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Id.
    pub id: PersonId,
    /// Name as the citizen will read it in the log.
    pub name: String,
    /// Name as read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kana: Option<String>,
    /// Qualification in words: `医師`, `介護支援専門員`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub qualification: Option<String>,
    /// Registration numbers of qualifications, such as 医籍登録番号 under [`MEDICAL_REGISTRATION`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub registrations: Vec<Identifier>,
    /// Roles in which this person has been seen or registered; a hint for pages, never a right.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<Role>,
    /// Where the person works, as a hint for pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<OrganizationId>,
    /// The citizen that this person is, when they sign in as themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub citizen: Option<CitizenId>,
}

/// An organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organization {
    /// The ten-digit institution number where there is one.
    pub id: OrganizationId,
    /// Name as the citizen will read it in the log.
    pub name: String,
    /// What it is.
    pub kind: OrganizationKind,
    /// Where it is, as written, if it said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// In which municipality it is, if that was registered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub municipality: Option<Area>,
}

#[derive(Serialize)]
struct Kept<'a, T> {
    v: u8,
    #[serde(flatten)]
    row: &'a T,
}

#[derive(Deserialize)]
struct Read<T> {
    v: u8,
    #[serde(flatten)]
    row: T,
}

fn encode<T: Serialize>(row: &T) -> Vec<u8> {
    // Strings, numbers and lists always serialise.
    serde_json::to_vec(&Kept { v: VERSION, row }).unwrap_or_default()
}

fn decode<T: serde::de::DeserializeOwned>(bytes: &[u8], table: &'static str) -> Result<T, PeopleError> {
    let read: Read<T> = serde_json::from_slice(bytes).map_err(|_| PeopleError::Row { table })?;
    if read.v == VERSION { Ok(read.row) } else { Err(PeopleError::Row { table }) }
}

impl Person {
    /// A person of whom only the name is known.
    #[must_use]
    pub fn named(id: PersonId, name: impl Into<String>) -> Self {
        Self {
            id,
            name: name.into(),
            kana: None,
            qualification: None,
            registrations: Vec::new(),
            roles: Vec::new(),
            organization: None,
            citizen: None,
        }
    }

    /// The row that registers this person.
    #[must_use]
    pub fn row(&self) -> Row {
        Row { table: Table::Person, key: self.id.as_str().into(), value: Some(encode(self)) }
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, PeopleError> {
        decode(bytes, "person")
    }
}

impl Organization {
    /// An organisation of which no address is known.
    #[must_use]
    pub fn new(id: OrganizationId, name: impl Into<String>, kind: OrganizationKind) -> Self {
        Self { id, name: name.into(), kind, address: None, municipality: None }
    }

    /// The row that registers this organisation.
    #[must_use]
    pub fn row(&self) -> Row {
        Row { table: Table::Organization, key: self.id.as_str().into(), value: Some(encode(self)) }
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, PeopleError> {
        decode(bytes, "organization")
    }
}

impl Directory {
    /// Registers people and organisations, replacing rows with the same ids.
    ///
    /// # Errors
    /// [`PeopleError::Commit`] when the store cannot write.
    pub async fn register(&self, persons: &[Person], organizations: &[Organization]) -> Result<(), PeopleError> {
        if persons.is_empty() && organizations.is_empty() {
            return Ok(());
        }
        let staff = |person: &Person| {
            let key = nearness::staff_key(person.citizen?, &person.id);
            Some(Row { table: Table::Roster, key, value: Some(Vec::new()) })
        };
        let mut rows: Vec<Row> = persons.iter().map(Person::row).chain(persons.iter().filter_map(staff)).collect();
        rows.extend(organizations.iter().map(Organization::row));
        self.store.commit(Batch { rows, ..Batch::default() }).await?;
        for person in persons {
            self.persons.forget(&person.id);
        }
        for organization in organizations {
            self.organizations.forget(&organization.id);
        }
        Ok(())
    }

    /// Says which citizen a person is. The person must be registered.
    ///
    /// # Errors
    /// [`PeopleError`] when the store cannot read or write; `Ok(false)` when the person is unknown.
    pub async fn link(&self, person: &PersonId, citizen: CitizenId) -> Result<bool, PeopleError> {
        let Some(known) = self.person(person).await? else { return Ok(false) };
        let linked = Person { citizen: Some(citizen), ..Arc::unwrap_or_clone(known) };
        self.register(&[linked], &[]).await?;
        Ok(true)
    }
}
