//! From what a source says about a person to a citizen (`decisions/0001-patient.md`).
//!
//! Each personal identifier has a row with the citizens it has ever led to, the first being the one it leads to
//! unless something contradicts. More than one stand there only after a contradiction, so that a document sent again
//! finds the citizen that its first sending made, and does not make another.

use tsumugi_kernel::{CitizenId, Instant};
use tsumugi_store::{Expectation, Row, Table};

use crate::{
    Citizen, Directory, Identifier, IdentifierStanding, Incoming, PeopleError, QueueReason, Queued, citizen::match_keys,
};

/// Most citizens remembered for one contested identifier; further contradictions still make new citizens.
const HOLDERS_MOST: usize = 32;
/// Most candidates by name and birth put into the queue for one new citizen.
const CANDIDATES_MOST: usize = 16;

/// To whom a description leads, and what the caller's commit must write and expect for that to become so.
#[derive(Clone, Debug)]
pub struct Resolution {
    /// The citizen.
    pub citizen: CitizenId,
    /// Whether the citizen is new with this commit.
    pub new: bool,
    /// The identifier that led to a known citizen.
    pub linked_by: Option<Identifier>,
    /// Whether a person is asked to look at it.
    pub queued: bool,
    /// Rows to write in the caller's commit.
    pub rows: Vec<Row>,
    /// Expectations for the caller's commit: on a conflict, resolve again.
    pub expect: Vec<Expectation>,
    person: Citizen,
    before: Option<Vec<u8>>,
}

impl Resolution {
    /// The citizen's row as it will be after the commit.
    #[must_use]
    pub fn person(&self) -> &Citizen {
        &self.person
    }

    /// Adds the number of a `Patient` fact that the same commit puts on the shelf. Does nothing if it is known.
    pub fn add_patient(&mut self, number: u64) {
        if self.person.patients.contains(&number) {
            return;
        }
        self.person.patients.push(number);
        self.write_citizen();
    }

    /// Puts the citizen's row, and the expectation that nobody changed it meanwhile, into the commit.
    fn write_citizen(&mut self) {
        let key = Citizen::key(self.citizen).to_vec();
        let value = Some(self.person.encode());
        match self.rows.iter_mut().find(|row| row.table == Table::Citizen) {
            Some(row) => row.value = value,
            None => {
                self.expect.push(Expectation::Row(Table::Citizen, key.clone(), self.before.clone()));
                self.rows.push(Row { table: Table::Citizen, key, value });
            }
        }
    }
}

/// The citizens to whom an identifier has led, first the one it leads to: a version byte and eight bytes each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Holders(pub(crate) Vec<CitizenId>);

impl Holders {
    const VERSION: u8 = 1;

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, PeopleError> {
        let fault = PeopleError::Row { table: "identifier" };
        let [Self::VERSION, rest @ ..] = bytes else { return Err(fault) };
        let (ids, tail) = rest.as_chunks::<8>();
        if ids.is_empty() || !tail.is_empty() {
            return Err(fault);
        }
        Ok(Self(ids.iter().map(|id| CitizenId(u64::from_be_bytes(*id))).collect()))
    }

    fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![Self::VERSION];
        bytes.extend(self.0.iter().flat_map(|id| id.0.to_be_bytes()));
        bytes
    }
}

/// A personal identifier as the directory knows it.
struct Known {
    identifier: Identifier,
    key: String,
    before: Option<Vec<u8>>,
    holders: Vec<CitizenId>,
}

impl Directory {
    /// Decides to whom a description leads. Nothing is written: the rows and expectations of the answer go into the
    /// caller's own commit, beside the facts that they are about.
    ///
    /// # Errors
    /// [`PeopleError`] when the store cannot read, or a row is damaged.
    pub async fn resolve(&self, incoming: &Incoming, now: Instant) -> Result<Resolution, PeopleError> {
        let known = self.known(incoming).await?;
        let mut candidates = Vec::new();
        for holder in known.iter().flat_map(|identifier| &identifier.holders) {
            if !candidates.iter().any(|(citizen, _): &(Citizen, Vec<u8>)| citizen.id == *holder) {
                candidates.push(self.kept(*holder).await?);
            }
        }
        // Whoever every known identifier agrees on, and nothing contradicts.
        let chosen = candidates.iter().find(|(citizen, _)| {
            let everywhere = known.iter().all(|id| id.holders.is_empty() || id.holders.contains(&citizen.id));
            everywhere && !citizen.contradicts(incoming)
        });
        match chosen {
            Some((citizen, before)) => Ok(linked(incoming, known, citizen.clone(), before.clone(), now)),
            None => self.newcomer(incoming, known, &candidates, now).await,
        }
    }

    /// Reads an update of a `Patient` that already stands on a shelf: identifiers not yet known are learned; one that
    /// leads to somebody else is left with them and the pair is queued.
    ///
    /// # Errors
    /// [`PeopleError`] when the store cannot read, or a row is damaged or missing.
    pub async fn resolve_known(
        &self,
        citizen: CitizenId,
        incoming: &Incoming,
        now: Instant,
    ) -> Result<Resolution, PeopleError> {
        let (row, before) = self.kept(citizen).await?;
        let (ours, others): (Vec<Known>, Vec<Known>) = self
            .known(incoming)
            .await?
            .into_iter()
            .partition(|id| id.holders.is_empty() || id.holders.contains(&citizen));
        let mut resolution = linked(incoming, ours, row, before, now);
        for other in others.iter().filter_map(|id| id.holders.first()) {
            resolution.queued = true;
            resolution.rows.push(Queued::row(citizen, *other, QueueReason::Contradiction, now));
        }
        Ok(resolution)
    }

    async fn known(&self, incoming: &Incoming) -> Result<Vec<Known>, PeopleError> {
        let mut known: Vec<Known> = Vec::new();
        for identifier in &incoming.identifiers {
            let IdentifierStanding::Personal(key) = identifier.standing() else { continue };
            if known.iter().any(|other| other.key == key) {
                continue;
            }
            let before = self.store.row(Table::Identifier, key.as_bytes()).await?.map(|bytes| bytes.to_vec());
            let holders =
                before.as_deref().map(Holders::decode).transpose()?.map_or_else(Vec::new, |holders| holders.0);
            known.push(Known { identifier: identifier.clone(), key, before, holders });
        }
        Ok(known)
    }

    async fn kept(&self, id: CitizenId) -> Result<(Citizen, Vec<u8>), PeopleError> {
        let bytes =
            self.store.row(Table::Citizen, &Citizen::key(id)).await?.ok_or(PeopleError::Row { table: "citizen" })?;
        Ok((Citizen::decode(&bytes)?, bytes.to_vec()))
    }

    async fn newcomer(
        &self,
        incoming: &Incoming,
        known: Vec<Known>,
        contradicted: &[(Citizen, Vec<u8>)],
        now: Instant,
    ) -> Result<Resolution, PeopleError> {
        let id = CitizenId(self.store.reserve(1));
        if id.0 > CitizenId::MOST {
            return Err(PeopleError::Exhausted);
        }
        let mut rows = Vec::new();
        for (candidate, _) in contradicted {
            rows.push(Queued::row(id, candidate.id, QueueReason::Contradiction, now));
        }
        for candidate in self.namesakes(incoming).await? {
            if !contradicted.iter().any(|(citizen, _)| citizen.id == candidate) {
                rows.push(Queued::row(id, candidate, QueueReason::NameAndBirth, now));
            }
        }
        let queued = !rows.is_empty();
        let mut resolution = Resolution {
            citizen: id,
            new: true,
            linked_by: None,
            queued,
            rows,
            expect: Vec::new(),
            person: Citizen::new(id),
            before: None,
        };
        bind(&mut resolution, incoming, known);
        resolution.write_citizen();
        Ok(resolution)
    }

    /// Citizens of the same name and birth date.
    async fn namesakes(&self, incoming: &Incoming) -> Result<Vec<CitizenId>, PeopleError> {
        let mut found = Vec::new();
        for key in match_keys(incoming) {
            let prefix = match_prefix(&key);
            for (row, _) in self.store.rows(Table::MatchKey, &prefix, None, CANDIDATES_MOST).await? {
                let Some(id) = row.get(prefix.len()..).and_then(|tail| tail.try_into().ok()) else {
                    return Err(PeopleError::Row { table: "match key" });
                };
                found.push(CitizenId(u64::from_be_bytes(id)));
            }
        }
        found.sort();
        found.dedup();
        found.truncate(CANDIDATES_MOST);
        Ok(found)
    }
}

fn linked(incoming: &Incoming, known: Vec<Known>, citizen: Citizen, before: Vec<u8>, now: Instant) -> Resolution {
    let id = citizen.id;
    let two_numbers = known.iter().any(|new| {
        new.identifier.facility().is_some_and(|institution| {
            let same = |old: &Identifier| old.facility() == Some(institution) && old.value != new.identifier.value;
            new.holders.is_empty() && citizen.identifiers.iter().any(same)
        })
    });
    let mut resolution = Resolution {
        citizen: id,
        new: false,
        linked_by: known.iter().find(|known| known.holders.contains(&id)).map(|known| known.identifier.clone()),
        queued: two_numbers,
        rows: if two_numbers { vec![Queued::row(id, id, QueueReason::TwoNumbers, now)] } else { Vec::new() },
        expect: Vec::new(),
        person: citizen.clone(),
        before: Some(before),
    };
    bind(&mut resolution, incoming, known);
    if resolution.person != citizen {
        resolution.write_citizen();
    }
    resolution
}

/// Lets every personal identifier lead to the citizen, learns what is new, and expects what was read.
fn bind(resolution: &mut Resolution, incoming: &Incoming, known: Vec<Known>) {
    let id = resolution.citizen;
    let mut personal = Vec::new();
    for Known { identifier, key, before, mut holders } in known {
        resolution.expect.push(Expectation::Row(Table::Identifier, key.clone().into_bytes(), before));
        personal.push(identifier);
        if !holders.contains(&id) && holders.len() < HOLDERS_MOST {
            holders.push(id);
            resolution.rows.push(Row {
                table: Table::Identifier,
                key: key.into_bytes(),
                value: Some(Holders(holders).encode()),
            });
        }
    }
    for key in resolution.person.learn(incoming, &personal) {
        let mut row = match_prefix(&key);
        row.extend(Citizen::key(id));
        resolution.rows.push(Row { table: Table::MatchKey, key: row, value: Some(vec![1]) });
    }
}

/// The key, then a zero byte, which no key contains.
fn match_prefix(key: &str) -> Vec<u8> {
    let mut prefix: Vec<u8> = key.bytes().filter(|b| *b != 0).collect();
    prefix.push(0);
    prefix
}
