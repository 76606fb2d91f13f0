//! Whether a number was good on a day, in the words of the online qualification check (`QualificationValidity`).
//!
//! "Nobody is known under this number" and "this is not open for your purpose" are two answers: whoever may not ask gets
//! the door's refusal and never one of these.

use jiff::civil::Date;
use tsumugi_kernel::CitizenId;

use crate::{
    Citizen, Coverage, Directory, Member, PeopleError,
    insurance::{Confidence, Kind},
};

/// The answer, with the code of the online qualification check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Qualification {
    /// 1 有効.
    Valid,
    /// 2 無効.
    Invalid,
    /// 3 無効(新資格あり): the person is insured elsewhere on that day.
    InvalidNewElsewhere,
    /// 4 該当なし.
    NotFound,
    /// 5 複数該当.
    Several,
    /// 6 有効(未登録): entitled to 医療扶助, and no ticket is registered.
    ValidUnregistered,
}

impl Qualification {
    /// The code, 1 to 6.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Valid => 1,
            Self::Invalid => 2,
            Self::InvalidNewElsewhere => 3,
            Self::NotFound => 4,
            Self::Several => 5,
            Self::ValidUnregistered => 6,
        }
    }

    /// Japanese and English.
    #[must_use]
    pub const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Valid => ("有効", "valid"),
            Self::Invalid => ("無効", "not valid"),
            Self::InvalidNewElsewhere => ("無効(新資格あり)", "not valid; insured elsewhere on that day"),
            Self::NotFound => ("該当なし", "nobody under this number"),
            Self::Several => ("複数該当", "more than one person"),
            Self::ValidUnregistered => ("有効(未登録)", "entitled; no ticket registered"),
        }
    }
}

/// What is asked.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The number; without branch number it means everybody of the household.
    pub member: Member,
    /// The birth date, which singles out one of a household.
    pub birth_date: Option<Date>,
    /// The day.
    pub day: Date,
}

/// A person with the number that was asked for, and all that is known of her coverages.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Who.
    pub citizen: CitizenId,
    /// Her coverages.
    pub coverages: Vec<Coverage>,
}

/// Judges; gives the answer and, where it is about one person, her place among the candidates.
#[must_use]
pub fn judge(candidates: &[Candidate], asked: &Asked) -> (Qualification, Option<usize>) {
    let of_number = |candidate: &Candidate, on_day: bool| {
        candidate
            .coverages
            .iter()
            .any(|coverage| coverage.member.answers(&asked.member) && (!on_day || coverage.validity.holds(asked.day)))
    };
    let places = |on_day: bool| -> Vec<usize> {
        (0..candidates.len()).filter(|place| of_number(&candidates[*place], on_day)).collect()
    };
    // Whoever has it on the day comes before whoever had it before.
    match places(true)[..] {
        [one] => {
            let unregistered = candidates[one].coverages.iter().any(|coverage| {
                coverage.unregistered && coverage.member.answers(&asked.member) && coverage.validity.holds(asked.day)
            });
            let answer = if unregistered { Qualification::ValidUnregistered } else { Qualification::Valid };
            return (answer, Some(one));
        }
        [] => {}
        _ => return (Qualification::Several, None),
    }
    match places(false)[..] {
        [] => (Qualification::NotFound, None),
        [one] => {
            let elsewhere = candidates[one].coverages.iter().any(|coverage| {
                // What an institution once saw on a card does not prove a new coverage.
                let told = coverage.confidence == Confidence::Payer;
                let care = |kind: Kind| kind == Kind::Care;
                let same_kind = care(coverage.member.kind) == care(asked.member.kind);
                told && same_kind && coverage.validity.holds(asked.day)
            });
            let answer = if elsewhere { Qualification::InvalidNewElsewhere } else { Qualification::Invalid };
            (answer, Some(one))
        }
        _ => (Qualification::Several, None),
    }
}

impl Directory {
    /// Everybody under a number whose birth date does not speak against it. Go through the door for each before
    /// anything is answered about her.
    ///
    /// # Errors
    /// [`PeopleError`] when the store cannot read or a row is damaged.
    pub async fn who_is_asked_about(&self, asked: &Asked) -> Result<Vec<Candidate>, PeopleError> {
        let mut candidates = Vec::new();
        for citizen in self.insured_under(&asked.member).await? {
            let row = self.citizen(citizen).await?;
            if row.as_ref().is_some_and(|row| is_born_on(row, asked.birth_date)) {
                let coverages = self.history(citizen).await?.coverages();
                candidates.push(Candidate { citizen, coverages });
            }
        }
        Ok(candidates)
    }
}

/// Whether a known birth date agrees as far as it goes: `1948` with every day of 1948.
fn is_born_on(citizen: &Citizen, asked: Option<Date>) -> bool {
    let (Some(known), Some(asked)) = (&citizen.birth_date, asked) else { return true };
    asked.to_string().starts_with(known.as_str())
}
