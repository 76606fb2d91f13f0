//! Who somebody is by name, birth date, sex and, where needed, address (氏名・生年月日・性別・住所): in a disaster, without a
//! card or a number.
//!
//! It finds the one person, or says that more is needed, or nobody: never a list. What is typed must agree as it stands:
//! letters that are variants of each other are one, a reading stands for a name, and nothing else is forgiven, because whoever
//! types cannot choose among people whom they may not see.
//!
//! What must hold: an address that must not be told (DV等支援措置) decides nothing, so that nobody learns it by trying.

use std::sync::Arc;

use jiff::civil::Date;
use tsumugi_kernel::CitizenId;
use tsumugi_people_match::{
    Pass,
    compare::{Address, Birth, Family, Given, Sex as SexLevel},
    fold::{
        date::{self, DateFinding},
        name::{is_sound, sound, written},
    },
};

use crate::{Candidate, Directory, Incoming, PeopleError, Sex, Shelves};

/// People who agree in everything that are told apart; with more, more is needed.
const ALIKE_MOST: usize = 16;

/// What is typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FourItems {
    /// The family name, in characters or in kana.
    pub family: String,
    /// The given name, in characters or in kana.
    pub given: String,
    /// The day of birth.
    pub birth: Date,
    /// The sex.
    pub sex: Sex,
    /// The address, as far as it is known; empty where it is not.
    pub address: String,
}

/// Who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identified {
    /// This one person, by the first of their shelves.
    One(CitizenId),
    /// Several agree, or somebody may have been missed: an address is needed, or another number.
    MoreNeeded,
    /// Nobody agrees.
    Nobody,
}

impl Directory {
    /// Who agrees with the items on a day.
    ///
    /// # Errors
    /// [`PeopleError`] when the store cannot read or a row is damaged.
    pub async fn identify(&self, items: &FourItems, day: Date) -> Result<Identified, PeopleError> {
        // The address parts those who agree in the rest, and takes nobody away: people move, and flee.
        let found = self.look_for(&described(items, false), usize::MAX).await?;
        // Everybody who agrees stands under one of these, by how the name is written or read.
        let complete = [Pass::WrittenGivenAndBirth, Pass::GivenAndBirth];
        if found.overflowed.iter().any(|pass| complete.contains(pass)) {
            return Ok(Identified::MoreNeeded);
        }
        let mut alike: Vec<Arc<Shelves>> = Vec::new();
        for candidate in found.candidates.into_iter().filter(agrees) {
            // One person with two shelves is one.
            if !alike.iter().any(|shelves| shelves.hold(candidate.citizen)) {
                alike.push(self.shelves(candidate.citizen).await?);
            }
            if alike.len() > ALIKE_MOST {
                return Ok(Identified::MoreNeeded);
            }
        }
        match alike.as_slice() {
            [] => Ok(Identified::Nobody),
            [one] => Ok(one.all().first().map_or(Identified::Nobody, |shelf| Identified::One(*shelf))),
            several => self.by_address(items, several, day).await,
        }
    }

    /// Which of several lives where the items say.
    async fn by_address(
        &self,
        items: &FourItems,
        several: &[Arc<Shelves>],
        day: Date,
    ) -> Result<Identified, PeopleError> {
        let found = self.look_for(&described(items, true), usize::MAX).await?;
        let (mut here, there) = (Vec::new(), |candidate: &Candidate| agrees(candidate) && lives_there(candidate));
        for shelves in several {
            let lives = found.candidates.iter().any(|one| shelves.hold(one.citizen) && there(one));
            // INVARIANT: where a protected person lives decides nothing.
            if lives && !self.protected(shelves, day).await? {
                here.extend(shelves.all().first());
            }
        }
        Ok(if let [one] = here.as_slice() { Identified::One(*one) } else { Identified::MoreNeeded })
    }

    async fn protected(&self, shelves: &Shelves, day: Date) -> Result<bool, PeopleError> {
        for shelf in shelves.all() {
            if self.is_protected(*shelf, day).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// A day of birth as people write it, in the calendar or in an era (1948-03-05, 昭和23年3月5日, S23.3.5), where it can mean
/// one day only.
#[must_use]
pub fn birth_of(text: &str) -> Option<Date> {
    let read = date::read(text).ok()?;
    let guessed = read.findings.contains(&DateFinding::Estimated);
    let [one] = read.candidates.as_slice() else { return None };
    one.parse().ok().filter(|_| !guessed)
}

/// The items as a description; a name that is all kana is a reading.
fn described(items: &FourItems, placed: bool) -> Incoming {
    let whole = format!("{} {}", items.family.trim(), items.given.trim());
    let read = is_sound(&sound(&items.family)) && is_sound(&sound(&items.given));
    let (name, kana) = if read { (None, Some(whole)) } else { (Some(whole), None) };
    let address = Some(items.address.trim().to_owned()).filter(|text| placed && !written(text).is_empty());
    Incoming {
        name,
        kana,
        birth_date: Some(items.birth.to_string()),
        sex: Some(items.sex),
        address,
        ..Incoming::default()
    }
}

fn agrees(candidate: &Candidate) -> bool {
    let levels = &candidate.levels;
    matches!(levels.given, Given::Exact | Given::Variant | Given::Sound | Given::OtherReading)
        && matches!(levels.family, Family::Exact | Family::Variant | Family::Sound)
        && levels.birth == Birth::Same
        && matches!(levels.sex, SexLevel::Same | SexLevel::Missing)
}

fn lives_there(candidate: &Candidate) -> bool {
    matches!(candidate.levels.address, Address::Household | Address::Block | Address::Town)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_birth_is_one_day_in_whatever_writing() {
        let birth = |text| birth_of(text).map(|day| day.to_string());
        for text in ["1948-03-05", "１９４８年３月５日", "昭和23年3月5日", "S23.3.5", "19480305"] {
            assert_eq!(birth(text).as_deref(), Some("1948-03-05"), "{text}");
        }
        for text in ["", "1948", "1948-03", "23.3.5", "1948-02-30", "昭和23年ごろ", "1948年3月5日ごろ"] {
            assert_eq!(birth(text), None, "{text}");
        }
    }
}
