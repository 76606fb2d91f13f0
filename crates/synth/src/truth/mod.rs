//! The truth about the town: who is who, what sources got wrong, what was planted. Nobody's system sees it; whoever judges a
//! linkage, a rule about looks or a study compares with it.
//!
//! One JSON object a person ([`Truth`]), written as a line; a file of lines is the truth of the town.

pub mod looks;
pub mod mistakes;

use std::io::Write;

use jiff::civil::Date;
use serde::Serialize;

use crate::{
    outgoing::{Outgoing, SynthError},
    people::Name,
    population::{Coverage, Insurer, Living, Marriage, Person},
    town::Town,
};

pub use looks::Planted;
pub use mistakes::{Injected, Mistake};

/// A value from a day on.
#[derive(Clone, Debug, Serialize)]
pub struct Since<T> {
    /// From when.
    pub from: Date,
    /// What.
    pub value: T,
}

/// An insured number and when it held.
#[derive(Clone, Debug, Serialize)]
pub struct Identifier {
    /// 資格取得日.
    pub from: Date,
    /// 資格喪失日.
    pub to: Option<Date>,
    /// What kind of insurer.
    pub insurer: Insurer,
    /// FHIR's identifier system.
    pub system: &'static str,
    /// The number as written.
    pub value: String,
}

/// What an institution wrote as the person's identifiers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Used {
    /// The institution.
    pub institution: String,
    /// Its patient number.
    pub number: String,
    /// The insured number; empty when it had none.
    pub member_id: String,
}

/// An effect of care that was planted, for studies to find: filled by the chapter of care.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Effect {
    /// The service or its absence: for example `rehabilitation`, `none`.
    pub arm: String,
    /// First day of the service.
    pub from: Date,
    /// Last day.
    pub to: Option<Date>,
    /// Times a month, in tenths.
    pub dose_tenths: i32,
    /// True effect on the Barthel index over six months, in hundredths of a point.
    pub effect_hundredths: i32,
    /// Severity that confounds who gets it, 0 to 1000.
    pub severity_permille: i32,
}

/// What was written down while a person was told.
#[derive(Clone, Debug, Default)]
pub struct Notes {
    /// Mistakes of sources and faults of messages.
    pub injected: Vec<Injected>,
    /// Identifiers by institution.
    pub used: Vec<Used>,
    /// Planted effects.
    pub effects: Vec<Effect>,
}

/// The truth about a person.
#[derive(Clone, Debug, Serialize)]
pub struct Truth {
    /// Index in the town.
    pub person: u64,
    /// Sex: FHIR's code.
    pub sex: &'static str,
    /// Date of birth.
    pub birth: Date,
    /// Date of death.
    pub death: Option<Date>,
    /// Household: index of its head.
    pub household: u64,
    /// How the person lives.
    pub living: Living,
    /// Names.
    pub names: Vec<Since<Name>>,
    /// Addresses, in one line each.
    pub addresses: Vec<Since<String>>,
    /// Insured numbers.
    pub identifiers: Vec<Identifier>,
    /// Number of the residence card.
    pub residence_card: Option<String>,
    /// Mother, father, partner, children: indices in the town.
    pub mother: Option<u64>,
    /// The father.
    pub father: Option<u64>,
    /// Husband or wife on the town's day.
    pub partner: Option<u64>,
    /// Children.
    pub children: Vec<u64>,
    /// Marriages.
    pub marriages: Vec<Marriage>,
    /// What institutions wrote.
    pub used: Vec<Used>,
    /// What went wrong.
    pub injected: Vec<Injected>,
    /// Planted effects.
    pub effects: Vec<Effect>,
    /// Planted looks, by the name of what was sent.
    pub looks: Vec<Planted>,
}

impl Truth {
    /// The truth about a person, with what was noted while telling, and what was told.
    #[must_use]
    pub fn of(town: &Town, person: &Person, notes: Notes, sent: &[Outgoing]) -> Self {
        let Notes { injected, mut used, effects } = notes;
        used.sort();
        used.dedup();
        Self {
            person: person.index,
            sex: person.sex.code(),
            birth: person.birth,
            death: person.death,
            household: person.household,
            living: person.living,
            names: person.name.entries().map(|(from, name)| Since { from, value: name.clone() }).collect(),
            addresses: person.address.entries().map(|(from, home)| Since { from, value: home.text() }).collect(),
            identifiers: person.coverages.iter().map(identifier).collect(),
            residence_card: person.residence_card.clone(),
            mother: person.mother,
            father: person.father,
            partner: person.partner,
            children: person.children.clone(),
            marriages: person.marriages.clone(),
            used,
            injected,
            effects,
            looks: looks::planted(town, person, sent),
        }
    }

    /// Writes the truth as one line of JSON.
    ///
    /// # Errors
    /// [`SynthError::Truth`] when `out` does not take it.
    pub fn write_line(&self, out: &mut impl Write) -> Result<(), SynthError> {
        let mut line = serde_json::to_vec(self)?;
        line.push(b'\n');
        out.write_all(&line).map_err(SynthError::Truth)
    }
}

fn identifier(coverage: &Coverage) -> Identifier {
    Identifier {
        from: coverage.from,
        to: coverage.to,
        insurer: coverage.insurer,
        system: crate::people::member_system(&coverage.member_id),
        value: coverage.member_id.clone(),
    }
}
