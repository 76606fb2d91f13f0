//! The town of 紬市: a seed, a size, a day, a window of time, and what is sent about each person in it.
//!
//! A person's file is made in four steps, none of which looks at another person's file: who ([`population`]), what happens
//! ([`health`], [`care`]), and what of it is told ([`Outbox`]).

mod institutions;

use jiff::{ToSpan, civil::Date};
use tsumugi_kernel::OrganizationKind;

use crate::{
    care,
    dice::{Dice, Stream},
    health,
    outbox::Outbox,
    outgoing::{Directory, Outgoing, SynthError},
    people::Institution,
    population::{self, Person, Resident},
};

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
#[derive(Clone, Debug)]
pub struct Town {
    seed: u64,
    citizens: u64,
    today: Date,
    detail: Detail,
    institutions: Vec<Institution>,
}

impl Town {
    /// The town of `citizens` people that `seed` makes, seen on `today`, with the last year of each.
    #[must_use]
    pub fn new(seed: u64, citizens: u64, today: Date) -> Self {
        let detail = Detail::Recent { years: 1 };
        Self { seed, citizens, today, detail, institutions: institutions::all(seed, citizens) }
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
        let first = match self.detail {
            Detail::Whole => Date::MIN,
            Detail::Recent { years } | Detail::Claims { years } => {
                self.today.checked_sub(years.years()).unwrap_or(Date::MIN)
            }
        };
        first < day && day <= self.today
    }

    /// Hospitals, clinics, pharmacies and care offices.
    #[must_use]
    pub fn institutions(&self) -> &[Institution] {
        &self.institutions
    }

    /// The institution of this kind that a person's household uses.
    #[must_use]
    pub fn place(&self, person: &Person, kind: OrganizationKind) -> Option<&Institution> {
        let all: Vec<&Institution> = self.institutions.iter().filter(|place| place.kind == kind).collect();
        let mut dice = Dice::new(self.seed, person.household, Stream::Institution);
        (!all.is_empty()).then(|| *dice.pick(&all))
    }

    /// Citizen `index` (from 0) and the household.
    #[must_use]
    pub fn resident(&self, index: u64) -> Resident {
        population::household::resident(self.seed, index, self.today)
    }

    /// Everything sent about citizen `index` (from 0), in order of time. Healthy young people may have nothing.
    ///
    /// # Errors
    /// [`SynthError`] when an id or a date does not fit; a fault of this crate.
    pub fn person(&self, index: u64) -> Result<Vec<Outgoing>, SynthError> {
        let person = population::person(self, index);
        let course = health::course(self, &person);
        let need = care::need(self, &person, &course);
        let mut out = Outbox::new(self, &person);
        health::tell(&mut out, &person, &course)?;
        care::tell(&mut out, &person, &need)?;
        Ok(out.finish())
    }

    /// The town's organisations and professionals.
    ///
    /// # Errors
    /// [`SynthError::Id`] when an id does not fit; a fault of this crate.
    pub fn directory(&self) -> Result<Directory, SynthError> {
        let mut directory = Directory::default();
        for institution in &self.institutions {
            directory.add(institution)?;
        }
        Ok(directory)
    }
}
