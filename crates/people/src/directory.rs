//! The directory: rows of citizens, people, organisations and identifiers over a store.

use std::sync::Arc;

use jiff::civil::Date;
use tsumugi_kernel::{CitizenId, OrganizationId, PersonId};
use tsumugi_store::{CommitError, Store, StoreError, Table};

use crate::{
    Citizen, Identifier, IdentifierStanding, Organization, Person, Shelves, cache::Cache, holders::Holders, protect,
    roster,
};

/// Why the directory could not answer.
#[derive(Debug, thiserror::Error)]
pub enum PeopleError {
    /// The store could not read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store could not write.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// A row cannot be read: damaged, or of a newer form.
    #[error("a row of the directory of {table}s cannot be read; the program may be older than the store")]
    Row {
        /// Which directory.
        table: &'static str,
    },
    /// The matching model is damaged.
    #[error("no candidates can be found: {0}")]
    Model(&'static tsumugi_people_match::ModelError),
    /// A list that is kept for one person or organisation is full.
    #[error("a list of the directory is full; end or correct entries first")]
    Full,
    /// The store has given out every number an id can hold.
    #[error("no number is left for a new citizen")]
    Exhausted,
}

/// People and organisations kept in this process; each is a few hundred bytes.
const CACHED: usize = 65_536;

/// The directory. Cheap to clone.
#[derive(Clone)]
pub struct Directory {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) persons: Arc<Cache<PersonId, Arc<Person>>>,
    pub(crate) organizations: Arc<Cache<OrganizationId, Arc<Organization>>>,
    pub(crate) rosters: Arc<Cache<roster::Place, Arc<roster::Posts>>>,
    pub(crate) shelves: Arc<Cache<CitizenId, Arc<Shelves>>>,
}

impl Directory {
    /// A directory over a store.
    #[must_use]
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self {
            store,
            persons: Arc::new(Cache::new(CACHED)),
            organizations: Arc::new(Cache::new(CACHED)),
            rosters: Arc::new(Cache::new(CACHED)),
            shelves: Arc::new(Cache::new(CACHED)),
        }
    }

    /// A citizen's row.
    ///
    /// # Errors
    /// [`PeopleError`] when the store cannot read or the row is damaged.
    pub async fn citizen(&self, id: CitizenId) -> Result<Option<Citizen>, PeopleError> {
        self.store.row(Table::Citizen, &Citizen::key(id)).await?.map(|bytes| Citizen::decode(&bytes)).transpose()
    }

    /// Whether a citizen's whereabouts must not be told on a day: read anew each time, because the door asks at every look
    /// and a mark holds from its commit.
    ///
    /// # Errors
    /// [`PeopleError`] when the store cannot read or the row is damaged.
    pub async fn is_protected(&self, id: CitizenId, day: Date) -> Result<bool, PeopleError> {
        let Some(bytes) = self.store.row(Table::Citizen, &Citizen::key(id)).await? else { return Ok(false) };
        protect::marked(&bytes, day)
    }

    /// Citizens in the order of their ids, after `after`, at most `most`: for choosing a person in a `--dev` folder
    /// and for nothing else (there is no path that reads many citizens for care).
    ///
    /// # Errors
    /// [`PeopleError`] when the store cannot read or a row is damaged.
    pub async fn citizens(&self, after: Option<CitizenId>, most: usize) -> Result<Vec<Citizen>, PeopleError> {
        let after = after.map(Citizen::key);
        let rows = self.store.rows(Table::Citizen, b"", after.as_ref().map(<[u8; 8]>::as_slice), most).await?;
        rows.iter().map(|(_, bytes)| Citizen::decode(bytes)).collect()
    }

    /// The ids of citizens in their order, after `after`, at most `most`: for whoever knows a chain of the log and must find
    /// whose it is (the screening of looks after a restart), and for nothing else.
    ///
    /// # Errors
    /// [`PeopleError`] when the store cannot read or a key is damaged.
    pub async fn citizen_ids(&self, after: Option<CitizenId>, most: usize) -> Result<Vec<CitizenId>, PeopleError> {
        let after = after.map(Citizen::key);
        let rows = self.store.rows(Table::Citizen, b"", after.as_ref().map(<[u8; 8]>::as_slice), most).await?;
        let id = |key: &[u8]| key.first_chunk::<8>().map(|id| CitizenId(u64::from_be_bytes(*id)));
        rows.iter().map(|(key, _)| id(key).ok_or(PeopleError::Row { table: "citizen" })).collect()
    }

    /// The citizen to whom a personal identifier leads: the first whose days have no end, else whose ended last. `None`
    /// for unknown identifiers and those of households.
    ///
    /// # Errors
    /// [`PeopleError`] when the store cannot read or the row is damaged.
    pub async fn find(&self, identifier: &Identifier) -> Result<Option<CitizenId>, PeopleError> {
        Ok(self.holders(identifier).await?.newest())
    }

    /// The citizen to whom a personal identifier led on a day.
    ///
    /// # Errors
    /// As [`Directory::find`].
    pub async fn find_on(&self, identifier: &Identifier, on: Date) -> Result<Option<CitizenId>, PeopleError> {
        Ok(self.holders(identifier).await?.on(on).first().copied())
    }

    async fn holders(&self, identifier: &Identifier) -> Result<Holders, PeopleError> {
        let IdentifierStanding::Personal(key) = identifier.standing() else { return Ok(Holders::default()) };
        let bytes = self.store.row(Table::Identifier, key.as_bytes()).await?;
        Ok(bytes.map(|bytes| Holders::decode(&bytes)).transpose()?.unwrap_or_default())
    }

    /// A person who signs in.
    ///
    /// # Errors
    /// [`PeopleError`] when the store cannot read or the row is damaged.
    pub async fn person(&self, id: &PersonId) -> Result<Option<Arc<Person>>, PeopleError> {
        let ticket = match self.persons.get(id) {
            Ok(person) => return Ok(Some(person)),
            Err(ticket) => ticket,
        };
        let Some(bytes) = self.store.row(Table::Person, id.as_str().as_bytes()).await? else { return Ok(None) };
        let person = Arc::new(Person::decode(&bytes)?);
        self.persons.keep(id.clone(), Arc::clone(&person), ticket);
        Ok(Some(person))
    }

    /// An organisation.
    ///
    /// # Errors
    /// [`PeopleError`] when the store cannot read or the row is damaged.
    pub async fn organization(&self, id: &OrganizationId) -> Result<Option<Arc<Organization>>, PeopleError> {
        let ticket = match self.organizations.get(id) {
            Ok(organization) => return Ok(Some(organization)),
            Err(ticket) => ticket,
        };
        let Some(bytes) = self.store.row(Table::Organization, id.as_str().as_bytes()).await? else { return Ok(None) };
        let organization = Arc::new(Organization::decode(&bytes)?);
        self.organizations.keep(id.clone(), Arc::clone(&organization), ticket);
        Ok(Some(organization))
    }

    /// People who sign in, in the order of their ids, after `after`, at most `most`.
    ///
    /// # Errors
    /// [`PeopleError`] when the store cannot read or a row is damaged.
    pub async fn persons(&self, after: Option<&PersonId>, most: usize) -> Result<Vec<Person>, PeopleError> {
        let rows = self.store.rows(Table::Person, b"", after.map(|id| id.as_str().as_bytes()), most).await?;
        rows.iter().map(|(_, bytes)| Person::decode(bytes)).collect()
    }

    /// Organisations, in the order of their ids, after `after`, at most `most`.
    ///
    /// # Errors
    /// [`PeopleError`] when the store cannot read or a row is damaged.
    pub async fn organizations(
        &self,
        after: Option<&OrganizationId>,
        most: usize,
    ) -> Result<Vec<Organization>, PeopleError> {
        let rows = self.store.rows(Table::Organization, b"", after.map(|id| id.as_str().as_bytes()), most).await?;
        rows.iter().map(|(_, bytes)| Organization::decode(bytes)).collect()
    }
}

impl std::fmt::Debug for Directory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Directory(…)")
    }
}
