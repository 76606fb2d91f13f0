//! The town of 紬市: households, institutions, and what is sent about each citizen.
//!
//! Households are cut from blocks of twelve consecutive citizens, so that one citizen's household is known from twelve
//! throws of the dice and no other state.

pub mod household;
mod institutions;
mod life;

use jiff::civil::Date;

pub use household::Resident;

use crate::{
    outgoing::{Directory, Outgoing, SynthError},
    people::Institution,
};

/// A town of a given size, from a seed, as it is on a given day.
#[derive(Clone, Debug)]
pub struct Town {
    seed: u64,
    citizens: u64,
    today: Date,
    institutions: Vec<Institution>,
}

impl Town {
    /// The town of `citizens` people that `seed` makes, seen on `today`.
    #[must_use]
    pub fn new(seed: u64, citizens: u64, today: Date) -> Self {
        Self { seed, citizens, today, institutions: institutions::all(seed, citizens) }
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

    /// Hospitals, clinics, pharmacies and care offices.
    #[must_use]
    pub fn institutions(&self) -> &[Institution] {
        &self.institutions
    }

    /// Citizen `index` (from 0) and the household.
    #[must_use]
    pub fn resident(&self, index: u64) -> Resident {
        household::resident(self.seed, index, self.today)
    }

    /// Everything sent about citizen `index` (from 0), in order of time. Healthy young people may have nothing.
    ///
    /// # Errors
    /// [`SynthError`] when an id or a date does not fit; a fault of this crate.
    pub fn person(&self, index: u64) -> Result<Vec<Outgoing>, SynthError> {
        life::sent(self, index)
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

    pub(crate) const fn seed(&self) -> u64 {
        self.seed
    }
}
