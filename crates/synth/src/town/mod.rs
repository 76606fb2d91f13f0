//! The town of 紬市: a seed, a size, a day, a window of time, and what is sent about each person in it.
//!
//! A person's file is made in four steps, none of which looks at another person's file: who ([`population`]), what happens
//! ([`health`], [`care`]), and what of it is told ([`Outbox`]).

mod facility;
mod institutions;

use std::sync::{Arc, Mutex, PoisonError};

use jiff::{ToSpan, civil::Date};
use tsumugi_kernel::OrganizationKind;

use crate::{
    care,
    dice::{Dice, Stream},
    health,
    outbox::Outbox,
    outgoing::{Directory, Outgoing, SynthError},
    people::Institution,
    population::{self, Person, Resident, family::Plan},
    prevention,
    truth::{self, Truth},
};

pub use facility::Facility;
use institutions::Institutions;

/// How much of each life is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Everything, from birth.
    Whole,
    /// Everything of the last years before the town's day.
    Recent {
        /// How many.
        years: i16,
    },
    /// The receipts of the last years, nothing else.
    Claims {
        /// How many.
        years: i16,
    },
}

/// A town of a given size, from a seed, as it is on a given day.
#[derive(Debug)]
pub struct Town {
    seed: u64,
    citizens: u64,
    today: Date,
    detail: Detail,
    sources: Sources,
    institutions: Arc<Institutions>,
    /// The block planned last: people are mostly asked for in order. It changes no answer, only how long one takes.
    newest: Mutex<Option<Arc<Plan>>>,
}

impl Clone for Town {
    /// The same town, with a memory of its own: hand a clone to each thread.
    fn clone(&self) -> Self {
        Self { institutions: Arc::clone(&self.institutions), newest: Mutex::new(None), ..*self }
    }
}

/// How well sources know whom they write about, and how well messages travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sources {
    /// Everybody is known by the truth and every message arrives once, in time. Those whom the sharing service cannot take
    /// (without a number) are not sent.
    Careful,
    /// Mistakes at the rates of `data/parameters.json`; each stands in the [`Truth`]. Some of what is sent is refused.
    Usual,
}

/// What is sent about a person, and the truth about it.
#[derive(Clone, Debug)]
pub struct Told {
    /// In order of time.
    pub sent: Vec<Outgoing>,
    /// Who it really is, and what went wrong on the way.
    pub truth: Truth,
}

impl Town {
    /// The town of `citizens` people that `seed` makes, seen on `today`, with the last year of each.
    #[must_use]
    pub fn new(seed: u64, citizens: u64, today: Date) -> Self {
        let detail = Detail::Recent { years: 1 };
        let institutions = Arc::new(Institutions::new(seed, citizens));
        Self { seed, citizens, today, detail, sources: Sources::Careful, institutions, newest: Mutex::new(None) }
    }

    /// The same town with sources that know and send better or worse.
    #[must_use]
    pub fn with_sources(self, sources: Sources) -> Self {
        Self { sources, ..self }
    }

    /// How well sources know and send.
    #[must_use]
    pub const fn sources(&self) -> Sources {
        self.sources
    }

    /// The same town with another part of each life told.
    #[must_use]
    pub fn told(self, detail: Detail) -> Self {
        Self { detail, ..self }
    }

    /// The seed.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// How many citizens there are.
    #[must_use]
    pub const fn citizens(&self) -> u64 {
        self.citizens
    }

    /// The day on which the town is seen.
    #[must_use]
    pub const fn today(&self) -> Date {
        self.today
    }

    /// How much of each life is told.
    #[must_use]
    pub const fn detail(&self) -> Detail {
        self.detail
    }

    /// Whether what happens on `day` lies in the part that is told.
    #[must_use]
    pub fn tells(&self, day: Date) -> bool {
        self.first_day() <= day && day <= self.today
    }

    /// The first day of the part that is told: for whole lives the first of the calendar.
    #[must_use]
    pub fn first_day(&self) -> Date {
        match self.detail {
            Detail::Whole => Date::MIN,
            Detail::Recent { years } | Detail::Claims { years } => {
                let before = self.today.checked_sub(years.years()).and_then(Date::tomorrow);
                before.unwrap_or(Date::MIN)
            }
        }
    }

    /// All places: hospitals first.
    #[must_use]
    pub fn institutions(&self) -> &[Institution] {
        &self.institutions.list
    }

    /// All places of a kind, along the way around the town.
    #[must_use]
    pub fn facilities(&self, facility: Facility) -> &[Institution] {
        self.institutions.of(facility)
    }

    /// Which kind the place with this id is.
    #[must_use]
    pub fn kind_of(&self, id: &str) -> Option<Facility> {
        self.institutions.kind_of(id)
    }

    /// The place of this kind that a person goes to, from where the person lives on the town's day. Another `salt` may give another
    /// place nearby (a second clinic); the same gives the same.
    #[must_use]
    pub fn facility(&self, person: &Person, facility: Facility, salt: u64) -> Option<&Institution> {
        self.facility_on(person, facility, salt, self.today)
    }

    /// As [`Town::facility`], from where the person lived on `day`: a move leads to another place.
    #[must_use]
    pub fn facility_on(&self, person: &Person, facility: Facility, salt: u64, day: Date) -> Option<&Institution> {
        // A household goes to the same family doctor, so the choice is the household's.
        self.facility_near(person.spot_on(day), facility, person.household.wrapping_add(salt.wrapping_mul(0x9e37_79b9)))
    }

    /// A place of this kind near a spot.
    #[must_use]
    pub fn facility_near(&self, spot: u32, facility: Facility, salt: u64) -> Option<&Institution> {
        let mut dice = Dice::new(self.seed, salt ^ (facility.place() as u64) << 48, Stream::Choice);
        self.institutions.near(facility, spot, &mut dice)
    }

    /// The place of this kind of organisation that a person goes to: the family doctor, the care manager.
    #[must_use]
    pub fn place(&self, person: &Person, kind: OrganizationKind) -> Option<&Institution> {
        Facility::of(kind).and_then(|facility| self.facility(person, facility, 0))
    }

    /// The insurer that an insured number names. For the 国保 of another city the town's own desk, which takes such numbers
    /// over when somebody comes in.
    #[must_use]
    pub fn insurer(&self, member_id: &str) -> Option<&Institution> {
        let own = format!("insurer-{}-desk", member_id.get(..8)?);
        let desks = self.facilities(Facility::Insurer);
        let other = || desks.iter().find(|place| member_id.starts_with("00") && place.id.starts_with("insurer-00"));
        desks.iter().find(|place| place.id == own).or_else(other)
    }

    /// The block that begins with person `first`.
    pub(crate) fn plan(&self, first: u64) -> Arc<Plan> {
        let mut newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(plan) = newest.as_ref().filter(|plan| plan.first == first) {
            return Arc::clone(plan);
        }
        let plan = Arc::new(population::plan(self.seed, first, self.today));
        *newest = Some(Arc::clone(&plan));
        plan
    }

    /// Citizen `index` (from 0) and the household.
    #[must_use]
    pub fn resident(&self, index: u64) -> Resident {
        population::household::resident(self, index)
    }

    /// Everything sent about citizen `index` (from 0), in order of time. Healthy young people may have nothing.
    ///
    /// # Errors
    /// [`SynthError`] when an id or a date does not fit; a fault of this crate.
    pub fn person(&self, index: u64) -> Result<Vec<Outgoing>, SynthError> {
        Ok(self.told_of(&population::person(self, index))?.finish())
    }

    /// Everything sent about person `index` (from 0), with the truth.
    ///
    /// # Errors
    /// As [`Town::person`].
    pub fn tell(&self, index: u64) -> Result<Told, SynthError> {
        let person = population::person(self, index);
        let (sent, notes) = self.told_of(&person)?.finish_with_truth();
        let truth = Truth::of(self, &person, notes, &sent);
        Ok(Told { sent, truth })
    }

    /// Every chapter of a life, told.
    fn told_of<'a>(&'a self, person: &'a Person) -> Result<Outbox<'a>, SynthError> {
        let course = health::course(self, person);
        let need = care::need(self, person, &course);
        let mut out = Outbox::new(self, person);
        population::tell(&mut out, person)?;
        health::tell(&mut out, person, &course)?;
        care::tell(&mut out, person, &need)?;
        if !matches!(self.detail, Detail::Claims { .. }) {
            prevention::tell(&mut out, person, &course, &prevention::plan(self, person, &course))?;
        }
        Ok(out)
    }

    /// The looks at person `index`'s record within the town's window, in order of time. Which of them have no reason stands
    /// in the [`Truth`] only.
    ///
    /// # Errors
    /// As [`Town::person`].
    pub fn looks(&self, index: u64) -> Result<Vec<Outgoing>, SynthError> {
        let person = population::person(self, index);
        let sent = self.told_of(&person)?.finish();
        Ok(truth::looks::looks(self, &person, &sent)?.into_iter().map(|(look, _)| look).collect())
    }

    /// The town's organisations and professionals.
    ///
    /// # Errors
    /// [`SynthError::Id`] when an id does not fit; a fault of this crate.
    pub fn directory(&self) -> Result<Directory, SynthError> {
        let mut directory = Directory::default();
        for institution in self.institutions() {
            directory.add(institution)?;
        }
        Ok(directory)
    }
}
