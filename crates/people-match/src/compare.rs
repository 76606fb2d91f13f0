//! Two people's features, field by field, as levels of agreement.
//!
//! A field that one side does not say is [`Missing`](Birth::Missing): it neither agrees nor disagrees. The family name is judged
//! together with the given one, because marriage and adoption change the one and keep the other, and a household shares
//! the one and not the other. A slip of the pen spoils one writing of a given name, not both at once: names that differ in
//! kanji and in kana are two names (遥 ハルカ and 春菜 ハルナ are twins, not a misspelling).

use serde::{Deserialize, Serialize};

use crate::{
    features::{self, Features, Part},
    fold::date::ERA_SLIPS,
    near,
};

macro_rules! levels {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $level:ident),+ $(,)? }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum $name { $($(#[$doc])* $level),+ }

        impl $name {
            /// Every level, the missing one last.
            pub const ALL: &[Self] = &[$(Self::$level),+];

            /// The place in [`Self::ALL`].
            #[must_use]
            pub const fn index(self) -> usize {
                self as usize
            }
        }
    };
}

levels! {
    /// Given names.
    Given {
        /// The same as written.
        Exact,
        /// Variants of the same characters, or the same letters.
        Variant,
        /// The same reading; one side does not write the name in characters.
        Sound,
        /// The same reading, other characters: 裕子 and 優子.
        Homophone,
        /// The same characters, another reading: 裕子 as ユウコ and as ヒロコ.
        OtherReading,
        /// One letter off in the reading, and the characters do not contradict.
        Near,
        /// Family and given name stand in each other's place.
        Swapped,
        /// Near in the reading, but other characters: as siblings are named.
        Similar,
        /// Another name.
        Different,
        /// Not said by one side.
        Missing,
    }
}

levels! {
    /// Family names.
    Family {
        /// The same as written.
        Exact,
        /// Variants of the same characters: 渡辺 and 渡邉.
        Variant,
        /// The same reading; one side does not write the name in characters.
        Sound,
        /// The same reading, other characters: 渡辺 and 渡部.
        Homophone,
        /// One letter off in the reading.
        Near,
        /// Another family name with the same given name: marriage, adoption, or two people.
        Changed,
        /// The same family name with another given name: as in a household.
        Shared,
        /// Another family name, and the given name does not agree.
        Different,
        /// Family and given name stand in each other's place.
        Swapped,
        /// Not said by one side.
        Missing,
    }
}

levels! {
    /// Birth dates.
    Birth {
        /// The same day.
        Same,
        /// Day and month stand in each other's place.
        Swapped,
        /// The same day of the year; the years are as far apart as two eras.
        EraSlip,
        /// One digit is another.
        OneDigit,
        /// One of year, month and day is another.
        OnePart,
        /// Agrees as far as both go.
        Partial,
        /// A guess, within ten years.
        Around,
        /// Another day, less than twelve years apart.
        Different,
        /// Another day, twelve years apart or more: as parent and child are.
        Generation,
        /// Not said by one side.
        Missing,
    }
}

levels! {
    /// Sex.
    Sex {
        /// The same.
        Same,
        /// Male and female.
        Different,
        /// Not said by one side.
        Missing,
    }
}

levels! {
    /// Addresses.
    Address {
        /// The same house, and the same room if there are rooms.
        Household,
        /// The same 丁目-番-号.
        Block,
        /// The same town of the same city.
        Town,
        /// The same city.
        City,
        /// Another place.
        Different,
        /// Not said by one side.
        Missing,
    }
}

levels! {
    /// Telephone numbers.
    Phone {
        /// One number is the same.
        Same,
        /// No number is the same.
        Different,
        /// Not said by one side.
        Missing,
    }
}

levels! {
    /// Insurances, past and present.
    Insurance {
        /// The same household's number and the same 枝番.
        SameBranch,
        /// The same household's number; one side has no 枝番.
        Household,
        /// The same household's number and another 枝番: two people of one household.
        OtherBranch,
        /// The same insurer, another number.
        Insurer,
        /// Other insurers.
        Different,
        /// Not said by one side.
        Missing,
    }
}

/// How two descriptions agree, field by field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Levels {
    /// Given names.
    pub given: Given,
    /// Family names.
    pub family: Family,
    /// Birth dates.
    pub birth: Birth,
    /// Sex.
    pub sex: Sex,
    /// Addresses.
    pub address: Address,
    /// Telephone numbers.
    pub phone: Phone,
    /// Insurances.
    pub insurance: Insurance,
}

impl Given {
    /// Whether this says that it is the same given name.
    #[must_use]
    pub const fn agrees(self) -> bool {
        matches!(
            self,
            Self::Exact
                | Self::Variant
                | Self::Sound
                | Self::Homophone
                | Self::OtherReading
                | Self::Near
                | Self::Swapped
        )
    }
}

impl Birth {
    /// Whether this speaks for one birth date, whole.
    #[must_use]
    pub const fn agrees(self) -> bool {
        matches!(self, Self::Same | Self::Swapped | Self::EraSlip | Self::OneDigit | Self::OnePart)
    }
}

impl Levels {
    /// Compares two people. It does not matter which comes first.
    #[must_use]
    pub fn of(a: &Features, b: &Features) -> Self {
        let (given, family) = names(a, b);
        Self {
            given,
            family,
            birth: birth(&a.birth, &b.birth),
            sex: match (a.sex, b.sex) {
                (Some(a), Some(b)) if a == b => Sex::Same,
                (Some(_), Some(_)) => Sex::Different,
                _ => Sex::Missing,
            },
            address: address(&a.place, &b.place),
            phone: phone(&a.phones, &b.phones),
            insurance: insurance(&a.insurances, &b.insurances),
        }
    }

    /// Whether the two are of one household, be they one person or two: what [`Self::shares_a_household`] says, and another 枝番.
    #[must_use]
    pub const fn are_of_one_household(&self) -> bool {
        self.shares_a_household() || matches!(self.insurance, Insurance::OtherBranch)
    }

    /// Whether this is how twins agree: one household, one birth date, two given names. Whoever took another given name is not
    /// taken for a twin while the insured number with its 枝番 stays.
    #[must_use]
    pub const fn are_twins(&self) -> bool {
        self.are_of_one_household()
            && self.birth.agrees()
            && matches!(self.given, Given::Different | Given::Similar)
            && !matches!(self.insurance, Insurance::SameBranch)
    }

    /// Whether an address, a telephone number or an insured number is shared.
    #[must_use]
    pub const fn shares_a_household(&self) -> bool {
        matches!(self.address, Address::Household | Address::Block)
            || matches!(self.phone, Phone::Same)
            || matches!(self.insurance, Insurance::SameBranch | Insurance::Household)
    }
}

fn names(a: &Features, b: &Features) -> (Given, Family) {
    let given = part(&a.given, &b.given);
    let family = part(&a.family, &b.family);
    // One side wrote the name without a space: it can only be held against the whole.
    if (given == Given::Missing || family == Given::Missing) && !(given.agrees() || family.agrees()) {
        if a.whole != 0 && a.whole == b.whole {
            return (Given::Variant, Family::Variant);
        }
        if a.whole_sound != 0 && a.whole_sound == b.whole_sound {
            return (Given::Sound, Family::Sound);
        }
    }
    if !given.agrees() && !family.agrees() && same(&a.family, &b.given) && same(&a.given, &b.family) {
        return (Given::Swapped, Family::Swapped);
    }
    let level = match family {
        Given::Missing => Family::Missing,
        family if matches!(given, Given::Different | Given::Similar) && family.agrees() => Family::Shared,
        Given::Exact => Family::Exact,
        Given::Variant | Given::OtherReading => Family::Variant,
        Given::Sound => Family::Sound,
        Given::Homophone => Family::Homophone,
        Given::Near | Given::Similar if given.agrees() => Family::Near,
        _ if given.agrees() => Family::Changed,
        _ => Family::Different,
    };
    (given, level)
}

fn same(a: &Part, b: &Part) -> bool {
    (a.fold != 0 && a.fold == b.fold) || (!a.sound.is_empty() && a.sound == b.sound)
}

fn part(a: &Part, b: &Part) -> Given {
    // さくら beside 桜: what is kana on one side only is held against the reading.
    let written = a.fold != 0 && b.fold != 0 && (a.fold ^ b.fold) & 1 == 0;
    let read = !a.sound.is_empty() && !b.sound.is_empty();
    if written && a.fold == b.fold {
        return if read && a.sound != b.sound && !near::is_near(&a.sound, &b.sound) {
            Given::OtherReading
        } else if a.written == b.written {
            Given::Exact
        } else {
            Given::Variant
        };
    }
    match (read, written) {
        (true, true) if a.sound == b.sound => Given::Homophone,
        (true, false) if a.sound == b.sound => Given::Sound,
        (true, false) if near::is_near(&a.sound, &b.sound) => Given::Near,
        (true, true) if near::is_near(&a.sound, &b.sound) => Given::Similar,
        (true, _) | (false, true) => Given::Different,
        (false, false) => Given::Missing,
    }
}

/// Years from which another day speaks of another generation.
const GENERATION: u16 = 12;
/// Years by which a guess may be off.
const GUESS: u16 = 10;

fn birth(a: &features::Birth, b: &features::Birth) -> Birth {
    if a.year == 0 || b.year == 0 {
        return Birth::Missing;
    }
    let apart = a.year.abs_diff(b.year);
    if a.estimated || b.estimated {
        return if apart <= GUESS { Birth::Around } else { Birth::Generation };
    }
    let months = a.month == b.month || a.month == 0 || b.month == 0;
    if a.day == 0 || b.day == 0 {
        return match (apart == 0 && months, apart >= GENERATION) {
            (true, _) => Birth::Partial,
            (false, false) => Birth::Different,
            (false, true) => Birth::Generation,
        };
    }
    let (year, month, day) = (apart == 0, a.month == b.month, a.day == b.day);
    match (year, month, day) {
        (true, true, true) => Birth::Same,
        (true, false, false) if a.month == b.day && a.day == b.month => Birth::Swapped,
        (false, true, true) if ERA_SLIPS.contains(&u32::from(apart)) => Birth::EraSlip,
        _ if digits(a).iter().zip(digits(b)).filter(|(a, b)| **a != *b).count() == 1 => Birth::OneDigit,
        (true, true, false) | (true, false, true) => Birth::OnePart,
        (false, true, true) if apart < GENERATION => Birth::OnePart,
        _ if apart >= GENERATION => Birth::Generation,
        _ => Birth::Different,
    }
}

fn digits(birth: &features::Birth) -> [u16; 8] {
    let (year, month, day) = (birth.year, u16::from(birth.month), u16::from(birth.day));
    [year / 1000, year / 100 % 10, year / 10 % 10, year % 10, month / 10, month % 10, day / 10, day % 10]
}

fn address(a: &features::Place, b: &features::Place) -> Address {
    // 府中市 is in two prefectures.
    let elsewhere = a.prefecture != 0 && b.prefecture != 0 && a.prefecture != b.prefecture;
    let shared = |a: u32, b: u32| a != 0 && a == b;
    if (a.city == 0 || b.city == 0) && !shared(a.town, b.town) {
        return if elsewhere { Address::Different } else { Address::Missing };
    }
    match () {
        () if elsewhere => Address::Different,
        () if shared(a.block, b.block) && a.room == b.room => Address::Household,
        () if shared(a.block, b.block) => Address::Block,
        () if shared(a.town, b.town) => Address::Town,
        () if shared(a.city, b.city) => Address::City,
        () => Address::Different,
    }
}

fn phone(a: &[u32], b: &[u32]) -> Phone {
    let there = |phones: &[u32]| phones.iter().any(|phone| *phone != 0);
    if !there(a) || !there(b) {
        Phone::Missing
    } else if a.iter().any(|phone| *phone != 0 && b.contains(phone)) {
        Phone::Same
    } else {
        Phone::Different
    }
}

fn insurance(a: &[features::Insurance], b: &[features::Insurance]) -> Insurance {
    let known = |all: &[features::Insurance]| all.iter().any(|one| one.insurer != 0);
    if !known(a) || !known(b) {
        return Insurance::Missing;
    }
    let mut best = Insurance::Different;
    for (a, b) in a.iter().flat_map(|a| b.iter().map(move |b| (a, b))).filter(|(a, b)| a.insurer != 0 && b.insurer != 0)
    {
        let level = if a.household != 0 && a.household == b.household {
            match (a.branch, b.branch) {
                (0, _) | (_, 0) => Insurance::Household,
                (a, b) if a == b => Insurance::SameBranch,
                _ => Insurance::OtherBranch,
            }
        } else if a.insurer == b.insurer {
            Insurance::Insurer
        } else {
            Insurance::Different
        };
        best = best.min(level);
    }
    best
}
