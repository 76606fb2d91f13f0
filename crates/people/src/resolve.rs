//! From what a source says about a person to a citizen (`decisions/0001-patient.md`).
//!
//! Each personal identifier has a row with the citizens it has ever led to, the first being the one it leads to
//! unless something contradicts. More than one stand there only after a contradiction, so that a document sent again
//! finds the citizen that its first sending made, and does not make another.
//!
//! A number leads to a citizen for its days ([`Validity`]). An insurer may give a number that ended to somebody else:
//! what is dated after the end does not lead to whoever had it before. A message is resolved as of its own date.

use jiff::civil::Date;
use tsumugi_kernel::{CitizenId, Instant};
use tsumugi_store::{Expectation, Row, Table};

use crate::{
    By, Citizen, Directory, Identifier, IdentifierStanding, Incoming, PeopleError, QueueReason, Queued, Said, Shelves,
    Validity, candidates,
    holders::{Holder, Holders},
    protect::Entry,
};

/// Most citizens remembered for one contested identifier; further contradictions still make new citizens.
const HOLDERS_MOST: usize = 32;
/// Most candidates by likeness put into the queue for one new citizen.
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

    /// Takes in what a source says about numbers: it stays as evidence, and a number of this citizen leads here for the
    /// days said. Numbers that this resolution did not meet, and such as lead to somebody else, are evidence only.
    ///
    /// # Errors
    /// [`PeopleError::Row`] if a row that was read is damaged.
    pub fn say(&mut self, said: &[Said]) -> Result<(), PeopleError> {
        let mut heard = false;
        for said in said {
            heard |= self.person.hear(said);
            // Only whoever gives a number out, or records it at a desk or in a register, says when it ends: a period in
            // another's message may be that of a card or of a visit.
            let own = said.source.by != By::Message
                || said.identifier.institution() == Some(said.source.organization.as_str());
            if own && said.validity != Validity::ALWAYS {
                self.days(&said.identifier, |holders, citizen| holders.say(citizen, said.validity))?;
            }
        }
        if heard {
            self.write_citizen();
        }
        Ok(())
    }

    /// Sets the days for which a number leads here to what its payer says.
    ///
    /// # Errors
    /// [`PeopleError::Row`] if a row that was read is damaged.
    pub fn hold(&mut self, identifier: &Identifier, days: Validity) -> Result<(), PeopleError> {
        self.days(identifier, |holders, citizen| holders.set(citizen, days))
    }

    /// Takes in what the register says of the person; says whether something is new.
    pub fn register(&mut self, entry: Entry) -> bool {
        let Entry { correct, address, protected, day, source } = entry;
        let before = self.person.clone();
        if let Some(said) = correct {
            self.person.rename(&said);
        }
        if let Some(address) = address {
            self.person.live_at(address, day, source.clone());
        }
        if let Some(on) = protected {
            self.person.protect(on, day, &source);
        }
        let changed = self.person != before;
        if changed {
            self.write_citizen();
        }
        changed
    }

    /// Changes the days for which a number leads here, as far as it does.
    fn days(
        &mut self,
        identifier: &Identifier,
        change: impl FnOnce(&mut Holders, CitizenId) -> bool,
    ) -> Result<(), PeopleError> {
        let IdentifierStanding::Personal(key) = identifier.standing() else { return Ok(()) };
        let key = key.into_bytes();
        let is_of = |row: &&mut Row| row.table == Table::Identifier && row.key == key;
        let written = self.rows.iter_mut().find(is_of);
        let read = self.expect.iter().find_map(|expectation| match expectation {
            Expectation::Row(Table::Identifier, of, before) if *of == key => before.as_deref(),
            _ => None,
        });
        let now = written.as_ref().and_then(|row| row.value.as_deref()).or(read);
        let Some(mut holders) = now.map(Holders::decode).transpose()? else { return Ok(()) };
        if change(&mut holders, self.citizen) {
            let value = Some(holders.encode());
            match written {
                Some(row) => row.value = value,
                None => self.rows.push(Row { table: Table::Identifier, key, value }),
            }
        }
        Ok(())
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

/// A personal identifier as the directory knows it.
struct Known {
    identifier: Identifier,
    key: String,
    before: Option<Vec<u8>>,
    /// Everybody to whom it has ever led.
    all: Holders,
    /// Those to whom it leads on the day in question.
    holders: Vec<CitizenId>,
    /// That day.
    on: Date,
}

impl Directory {
    /// Decides to whom a description leads. Nothing is written: the rows and expectations of the answer go into the
    /// caller's own commit, beside the facts that they are about. Numbers lead to whoever has them today.
    ///
    /// # Errors
    /// [`PeopleError`] when the store cannot read, or a row is damaged.
    pub async fn resolve(&self, incoming: &Incoming, now: Instant) -> Result<Resolution, PeopleError> {
        self.resolve_on(incoming, now.civil().date(), now).await
    }

    /// The same for a message of a day: numbers lead to whoever had them on that day.
    ///
    /// # Errors
    /// [`PeopleError`] when the store cannot read, or a row is damaged.
    pub async fn resolve_on(&self, incoming: &Incoming, on: Date, now: Instant) -> Result<Resolution, PeopleError> {
        let known = self.known(incoming, on).await?;
        let mut candidates = Vec::new();
        let mut shelves = Vec::new();
        for holder in known.iter().flat_map(|identifier| &identifier.holders) {
            // What contradicts one source of a person may be what another has said all along.
            for shelf in self.shelves(*holder).await?.all() {
                if !candidates.iter().any(|(citizen, _): &(Citizen, Vec<u8>)| citizen.id == *shelf) {
                    candidates.push(self.kept(*shelf).await?);
                    shelves.push(self.shelves(*shelf).await?);
                }
            }
        }
        // Whoever every known identifier agrees on, on whichever of their shelves, and nothing contradicts.
        let chosen = candidates.iter().zip(&shelves).find(|((citizen, _), shelves)| {
            let theirs = |id: &Known| id.holders.is_empty() || id.holders.iter().any(|holder| shelves.hold(*holder));
            known.iter().all(theirs) && !citizen.contradicts(incoming)
        });
        let mut resolution = match chosen {
            Some(((citizen, before), shelves)) => {
                linked(incoming, known, (citizen.clone(), before.clone()), shelves, now)
            }
            None => self.newcomer(incoming, known, &candidates, now).await?,
        };
        self.drop_decided(&mut resolution).await?;
        Ok(resolution)
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
        let kept = self.kept(citizen).await?;
        let shelves = self.shelves(citizen).await?;
        let (ours, others): (Vec<Known>, Vec<Known>) = self
            .known(incoming, now.civil().date())
            .await?
            .into_iter()
            .partition(|id| id.holders.is_empty() || id.holders.iter().any(|holder| shelves.hold(*holder)));
        let mut resolution = linked(incoming, ours, kept, &shelves, now);
        for other in others.iter().filter_map(|id| id.holders.first()) {
            resolution.queued = true;
            resolution.rows.push(Queued::row(citizen, *other, QueueReason::Contradiction, now));
        }
        self.drop_decided(&mut resolution).await?;
        Ok(resolution)
    }

    async fn known(&self, incoming: &Incoming, on: Date) -> Result<Vec<Known>, PeopleError> {
        let mut known: Vec<Known> = Vec::new();
        for identifier in &incoming.identifiers {
            let IdentifierStanding::Personal(key) = identifier.standing() else { continue };
            if known.iter().any(|other| other.key == key) {
                continue;
            }
            let before = self.store.row(Table::Identifier, key.as_bytes()).await?.map(|bytes| bytes.to_vec());
            let all = before.as_deref().map(Holders::decode).transpose()?.unwrap_or_default();
            let holders = all.on(on);
            known.push(Known { identifier: identifier.clone(), key, before, all, holders, on });
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
        for candidate in self.candidates(incoming, CANDIDATES_MOST).await? {
            if !contradicted.iter().any(|(citizen, _)| citizen.id == candidate.citizen) {
                rows.push(Queued::alike(id, candidate, now));
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
        bind(&mut resolution, incoming, known, &Shelves::alone(id));
        resolution.write_citizen();
        Ok(resolution)
    }
}

fn linked(
    incoming: &Incoming,
    known: Vec<Known>,
    (citizen, before): (Citizen, Vec<u8>),
    shelves: &Shelves,
    now: Instant,
) -> Resolution {
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
    bind(&mut resolution, incoming, known, shelves);
    if resolution.person != citizen {
        resolution.write_citizen();
    }
    resolution
}

/// Lets every personal identifier lead to the citizen, learns what is new, and expects what was read.
/// An identifier that leads to another of the person's shelves is left with it: should the two turn out to be two
/// persons, it leads to whom it led before.
fn bind(resolution: &mut Resolution, incoming: &Incoming, known: Vec<Known>, shelves: &Shelves) {
    let id = resolution.citizen;
    let mut personal = Vec::new();
    for Known { identifier, key, before, mut all, holders, on } in known {
        resolution.expect.push(Expectation::Row(Table::Identifier, key.clone().into_bytes(), before));
        if !holders.contains(&id) && holders.iter().any(|holder| shelves.hold(*holder)) {
            continue;
        }
        personal.push(identifier);
        // Whoever had the number before is not given it again by a message dated after its end.
        if !all.0.iter().any(|holder| holder.citizen == id) && all.0.len() < HOLDERS_MOST {
            let validity = all.gap_around(on);
            all.0.push(Holder { citizen: id, validity });
            resolution.rows.push(Row { table: Table::Identifier, key: key.into_bytes(), value: Some(all.encode()) });
        }
    }
    for description in resolution.person.learn(incoming, &personal) {
        resolution.rows.extend(candidates::rows(&description, id));
    }
}
