//! Whether the screening finds the town's planted looks, and how many ordinary ones it takes for odd.
//!
//! A year of a town passes in the order of its moments: what institutions write of care leaves its leaf at the door, what
//! it says of relations changes the standing, looks go through the door, and the screening runs after each hour. The town
//! tells who looked without a reason; nothing of that is known to the screening. The seed is not the one on which the
//! weights were chosen.

use std::{collections::BTreeMap, sync::Arc};

use anyhow::{Context, ensure};
use bytes::Bytes;
use jiff::civil::{Date, date};
use tsumugi_access::{Action, Caller, CaseKind, Door, PolicyProfile, Request, Shown, case::QueuePlace};
use tsumugi_cli::{terminal, town_clock::TownClock};
use tsumugi_fhir::json::{Document, Limits};
use tsumugi_kernel::{
    CitizenId, Clock, FactKey, Instant, Kind, MasterSecret, OrganizationId, OrganizationKind, PersonId, Purpose, Role,
    Sealer,
    edge::{Stopwatch, SystemEntropy},
};
use tsumugi_ledger::Signer;
use tsumugi_people::{Identifier, Incoming, Organization, Person, identifier};
use tsumugi_record::learn;
use tsumugi_store::{MemoryStore, Store};
use tsumugi_synth::{
    Detail, Form, Outgoing, Sources, Town, population,
    truth::looks::{Snoop, employer},
};

use super::super::Figures;

/// The day on which the town is seen.
const TODAY: Date = date(2026, 11, 22);
/// Not the seed on which the weights were chosen (77).
const SEED: u64 = 4_242;
const HOUR_MILLIS: i64 = 60 * 60 * 1000;
/// Cases read at once.
const PAGE: usize = 1_000;

/// What happens, with whom it is about.
struct Event {
    person: usize,
    sent: Outgoing,
    why: Option<Snoop>,
}

/// Measures `snoop_recall_pct`, `snoop_false_per_2000`, `snoop_looks` and `screen_us` over a year of `citizens` people;
/// prints which planted looks were found, and by what.
pub async fn run(figures: &mut Figures, citizens: u64) -> anyhow::Result<()> {
    let year = Year::new(citizens).await?;
    let (looks, screening) = year.passes(citizens).await?;
    let found = year.found().await?;
    let mut kinds: BTreeMap<Option<Snoop>, (u64, u64)> = BTreeMap::new();
    let mut wrongly: BTreeMap<String, u64> = BTreeMap::new();
    for (at, person, looker, why) in &looks {
        let odd = found.iter().find(|case| {
            case.citizen == year.people[*person]
                && case.looker.person.as_ref().is_some_and(|person| person.as_str() == looker)
                && (case.opened.0..case.ends.0).contains(at)
        });
        let (all, odds) = kinds.entry(*why).or_default();
        (*all, *odds) = (*all + 1, *odds + u64::from(odd.is_some()));
        if let Some(case) = odd.filter(|_| why.is_none()) {
            *wrongly.entry(format!("{:?} of {}", case.reasons, case.looker.role)).or_default() += 1;
        }
    }
    for (reasons, times) in &wrongly {
        terminal::complain(&format!("ordinary, {times} times: {reasons}"));
    }
    for (why, (all, odd)) in &kinds {
        let why = why.map_or_else(|| "ordinary".to_owned(), |why| format!("{why:?}"));
        terminal::complain(&format!("{why:14} {odd:>6} of {all:>6} found odd"));
    }
    let sum = |planted: bool| {
        let of = kinds.iter().filter(|(why, _)| why.is_some() == planted).map(|(_, counts)| *counts);
        of.fold((0, 0), |(all, odd), more| (all + more.0, odd + more.1))
    };
    let ((planted, caught), (ordinary, wrong)) = (sum(true), sum(false));
    ensure!(planted > 0 && ordinary > 0, "nobody looks in so small a town; take more --citizens");
    #[expect(clippy::cast_precision_loss, reason = "shares")]
    figures.extend([
        ("snoop_recall_pct", caught as f64 * 100.0 / planted as f64),
        ("snoop_false_per_2000", wrong as f64 * 2_000.0 / ordinary as f64),
        ("snoop_planted", planted as f64),
        ("snoop_looks", (planted + ordinary) as f64),
        ("screen_us", screening * 1e6 / year.store.status().leaves as f64),
    ]);
    Ok(())
}

/// A look that happened: when, at whom, by whom, and why it should be found.
type Looked = (i64, usize, String, Option<Snoop>);

/// A town's year at a door over a store in memory.
struct Year {
    store: Arc<dyn Store>,
    door: Door,
    sealer: Sealer,
    town: Town,
    /// By their index in the town.
    people: Vec<CitizenId>,
}

impl Year {
    /// The town's directory and people, before anything happens.
    async fn new(citizens: u64) -> anyhow::Result<Self> {
        let town = Town::new(SEED, citizens, TODAY).told(Detail::Recent { years: 1 }).with_sources(Sources::Usual);
        let signer = Signer::new("tsumugi.example/bench", [3; 32]).context("the log's key")?;
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new(signer, "tsumugi.example/bench".to_owned()));
        let (secret, clock) = (MasterSecret::new([9; 32]), Arc::new(TownClock::default()));
        let clock = clock as Arc<dyn Clock>;
        let door = Door::new(Arc::clone(&store), PolicyProfile::SpecialLaw, &secret, clock, Arc::new(SystemEntropy))?;
        let mut year = Self { store, door, sealer: Sealer::new(&secret), town, people: Vec::new() };
        year.register().await?;
        year.settle().await?;
        Ok(year)
    }

    async fn register(&self) -> anyhow::Result<()> {
        let directory = self.town.directory()?;
        let places = directory.organizations.iter().map(|entry| Organization {
            address: entry.address.clone(),
            ..Organization::new(entry.id.clone(), entry.name.clone(), entry.kind)
        });
        let people = directory.people.iter().map(|entry| Person {
            kana: Some(entry.kana.clone()),
            organization: Some(entry.organization.clone()),
            ..Person::named(entry.id.clone(), entry.name.clone())
        });
        let (people, places): (Vec<_>, Vec<_>) = (people.collect(), places.collect());
        Ok(self.door.directory().register(&people, &places).await?)
    }

    /// Everybody as the register describes them, with where they work, and whom many know.
    async fn settle(&mut self) -> anyhow::Result<()> {
        let first = moment(self.town.first_day())?;
        for index in 0..self.town.citizens() {
            let person = population::person(&self.town, index);
            let known = person.known_on(TODAY);
            let incoming = Incoming {
                identifiers: vec![Identifier::new(identifier::MEMBER, known.member_id.as_str())],
                name: Some(known.name.full()),
                kana: Some(known.name.full_kana()),
                birth_date: Some(known.birth.to_string()),
                address: Some(known.address.text()),
                ..Incoming::default()
            };
            let directory = self.door.directory();
            let resolution = directory.resolve(&incoming, first).await?;
            let mut citizen = resolution.person().id;
            if self.people.contains(&citizen) {
                // Two of the town share a number for some days; here they are two all the same.
                let alone = Incoming { identifiers: Vec::new(), ..incoming };
                let resolution = directory.resolve(&alone, first).await?;
                citizen = resolution.person().id;
                ensure!(directory.settle(resolution).await?, "a citizen could not be put into the directory");
            } else {
                ensure!(directory.settle(resolution).await?, "a citizen could not be put into the directory");
            }
            self.people.push(citizen);
            if let Some(place) = employer(&self.town, &person) {
                let id = PersonId::new(&format!("works-{index}"))?;
                let works = Person {
                    organization: Some(OrganizationId::new(&place.id)?),
                    citizen: Some(citizen),
                    ..Person::named(id, known.name.full())
                };
                directory.register(&[works], &[]).await?;
            }
            if person.is_public {
                let watch = supervisor()?;
                let mark = async {
                    let request = Request { caller: &watch, action: Action::Review, citizen };
                    let permit = self.door.admit(request).await?;
                    anyhow::Ok(self.door.mark_public(permit, true).await?)
                };
                TownClock::at(first, mark).await?;
            }
        }
        Ok(())
    }

    /// Everything that happens, at its moment. Gives the looks, and the seconds that screening took.
    async fn passes(&self, citizens: u64) -> anyhow::Result<(Vec<Looked>, f64)> {
        let mut events = Vec::new();
        for index in 0..citizens {
            let person = population::person(&self.town, index);
            let sent = self.town.tell(index)?.sent;
            let own = tsumugi_synth::truth::looks::looks(&self.town, &person, &sent)?;
            let person = usize::try_from(index)?;
            events.extend(own.into_iter().map(|(sent, why)| Event { person, sent, why }));
            events.extend(sent.into_iter().map(|sent| Event { person, sent, why: None }));
        }
        events.sort_by_key(|event| event.sent.time);
        let (mut looks, mut seconds, mut hour) = (Vec::new(), 0.0, 0);
        for event in events {
            let at = event.sent.time;
            if at.0 / HOUR_MILLIS > hour {
                seconds += self.screened(at).await?;
                hour = at.0 / HOUR_MILLIS;
            }
            if TownClock::at(at, self.happens(&event)).await? {
                looks.push((at.0, event.person, event.sent.person.as_str().to_owned(), event.why));
            }
        }
        // What still waits is asked about when its time comes.
        let end = moment(TODAY)?.plus_millis(60 * 24 * HOUR_MILLIS);
        seconds += self.screened(end).await?;
        Ok((looks, seconds))
    }

    async fn screened(&self, at: Instant) -> anyhow::Result<f64> {
        let watch = Stopwatch::start();
        while TownClock::at(at, self.door.screen()).await?.more {}
        Ok(watch.elapsed().as_secs_f64())
    }

    /// One message or look at the door. Says whether it was a look that was let in.
    async fn happens(&self, event: &Event) -> anyhow::Result<bool> {
        let Event { person, sent, .. } = event;
        let citizen = self.people[*person];
        let caller = self.caller(sent).await?;
        let action = match sent.form {
            Form::Look(_) => Action::Search,
            Form::Submit(_) => Action::Submit,
            Form::Create(_) | Form::Transaction(_) => Action::Create,
            Form::Directory(_) => return Ok(false),
        };
        // A refused request has left its leaf, and is screened like any other.
        let Ok(permit) = self.door.admit(Request { caller: &caller, action, citizen }).await else { return Ok(false) };
        if action == Action::Search {
            permit.seal(Shown::none()).await?;
            return Ok(true);
        }
        let changes = self.relations(sent, citizen)?;
        self.door.change_alone(permit, &changes).await?;
        Ok(false)
    }

    /// What a message says of who cares for the person.
    fn relations(&self, sent: &Outgoing, citizen: CitizenId) -> anyhow::Result<Vec<tsumugi_access::Change>> {
        let Form::Create(bytes) = &sent.form else { return Ok(Vec::new()) };
        let document =
            Document::parse(Bytes::copy_from_slice(bytes), &Limits::default()).context("a message of the town")?;
        let kind = document.root().get_str("resourceType").and_then(|name| Kind::from_name(&name));
        let Some(kind) = kind.filter(|kind| matches!(kind.name(), "EpisodeOfCare" | "Encounter")) else {
            return Ok(Vec::new());
        };
        let key = FactKey { citizen, kind, number: self.store.reserve(1) };
        let changes = learn::changes(key, 1, document.root(), &sent.sender, &self.sealer, sent.time);
        Ok(changes.into_iter().filter(|change| !learn::is_end(change)).collect())
    }

    async fn caller(&self, sent: &Outgoing) -> anyhow::Result<Caller> {
        let directory = self.door.directory();
        let (person, place) = (directory.person(&sent.person).await?, directory.organization(&sent.sender).await?);
        let name = person.map_or_else(|| sent.person.to_string(), |person| person.name.clone());
        let place = place.map_or_else(
            || Organization::new(sent.sender.clone(), sent.sender.to_string(), OrganizationKind::Clinic),
            |place| Organization::clone(&place),
        );
        Ok(Caller::new((sent.person.clone(), name), &place, sent.role, sent.purpose, Instant(i64::MAX)))
    }

    /// The cases that the screening has opened.
    async fn found(&self) -> anyhow::Result<Vec<tsumugi_access::Case>> {
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let page = self.door.waiting_cases(after, PAGE).await?;
            after = page.last().map(|case| QueuePlace { deadline: case.deadline, number: case.number });
            let read = page.len();
            found.extend(page.into_iter().filter(|case| case.kind == CaseKind::OddLook));
            if read < PAGE {
                return Ok(found);
            }
        }
    }
}

fn supervisor() -> anyhow::Result<Caller> {
    let place = Organization::new(
        OrganizationId::new("supervision")?,
        "健康記録監督委員会".to_owned(),
        OrganizationKind::SupervisingBody,
    );
    let person = (PersonId::new("watch")?, "監督".to_owned());
    Ok(Caller::new(person, &place, Role::Supervisor, Purpose::Operations, Instant(i64::MAX)))
}

fn moment(day: Date) -> anyhow::Result<Instant> {
    Ok(Instant(day.to_zoned(tsumugi_kernel::clock::japan())?.timestamp().as_millisecond()))
}
