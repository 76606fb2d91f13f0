//! Blocking: keys under which a person is found in spite of an error.
//!
//! Every pass joins two things that one error does not spoil together. A block is read up to [`BLOCK_MOST`] rows; a larger one is
//! read again under its narrower key, and if that is too large as well its first rows are taken and the pass is named in
//! [`Found::overflowed`](crate::search::Found::overflowed): nothing is cut off in silence.
//!
//! What must hold: keys stand in rows, so passes keep their numbers and what they hash.

use crate::{
    features::{Features, Sound},
    fold::hash,
    near,
};

/// Most rows read under one key.
pub const BLOCK_MOST: usize = 64;
/// Most keys of one description.
pub const KEYS_MOST: usize = 20;

/// What a key joins. The numbers stand in rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pass {
    /// Birth date and the first kana of the family name; narrower: the first kana of the given name.
    BirthAndInitial = 1,
    /// Both readings in any order, and the birth year; narrower: the month.
    SoundAndYear = 2,
    /// Reading of the given name and birth date; narrower: the first kana of the family name.
    GivenAndBirth = 3,
    /// Whole written name and birth year; narrower: the month.
    WrittenAndYear = 4,
    /// Both readings, and the day of the year; narrower: the year's last digit.
    SoundAndDay = 5,
    /// Written given name and birth date; narrower: sex.
    WrittenGivenAndBirth = 6,
    /// Birth date with day and month in either place, and the first kana of the given name; narrower: that of the family name.
    TurnedBirth = 7,
    /// Telephone number; narrower: the first kana of the given name.
    Phone = 8,
    /// 丁目-番-号 and the reading of the given name; narrower: the birth year.
    BlockAndGiven = 9,
    /// 丁目-番-号 and birth date; narrower: the first kana of the given name.
    BlockAndBirth = 10,
    /// The household's insured number and birth date; narrower: the first kana of the given name.
    HouseholdAndBirth = 11,
    /// Whole written name and the day of the year; narrower: the year's last digit.
    WrittenAndDay = 12,
}

/// One key of one description.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The pass, and 56 bits of the hash of what it joins.
    pub wide: u64,
    /// The narrower key.
    pub narrow: u16,
    /// The pass.
    pub pass: Pass,
}

impl Key {
    fn new(pass: Pass, joined: &[&[u8]], narrow: u16) -> Self {
        let mut text = vec![pass as u8];
        for part in joined {
            text.extend_from_slice(part);
            text.push(0);
        }
        Self { wide: ((pass as u64) << 56) | (hash(&text) >> 8), narrow, pass }
    }

    /// The start of all rows of the block.
    #[must_use]
    pub const fn wide_prefix(&self) -> [u8; 8] {
        self.wide.to_be_bytes()
    }

    /// The start of all rows of the narrower block.
    #[must_use]
    pub fn narrow_prefix(&self) -> [u8; 10] {
        let mut prefix = [0; 10];
        prefix[..8].copy_from_slice(&self.wide.to_be_bytes());
        prefix[8..].copy_from_slice(&self.narrow.to_be_bytes());
        prefix
    }
}

/// A reading's letters without voiced marks.
fn loose(sound: &Sound) -> Vec<u8> {
    sound.letters().iter().map(|letter| near::plain(*letter)).collect()
}

fn initial(sound: &Sound) -> u16 {
    sound.letters().first().map_or(0, |letter| u16::from(near::plain(*letter)))
}

/// The keys of a description, in the order of the passes. Nothing known, no keys.
#[must_use]
pub fn keys(features: &Features) -> Vec<Key> {
    let mut keys = Vec::with_capacity(KEYS_MOST);
    by_birth(features, &mut keys);
    by_name(features, &mut keys);
    by_household(features, &mut keys);
    keys.sort_unstable();
    keys.dedup();
    keys
}

fn whole_birth(features: &Features) -> Option<[u8; 4]> {
    let birth = features.birth;
    let [high, low] = birth.year.to_be_bytes();
    (birth.day != 0 && !birth.estimated).then_some([high, low, birth.month, birth.day])
}

fn by_birth(features: &Features, keys: &mut Vec<Key>) {
    let Some(birth) = whole_birth(features) else { return };
    let (family, given) = (initial(&features.family.sound), initial(&features.given.sound));
    if family != 0 {
        keys.push(Key::new(Pass::BirthAndInitial, &[&birth, &family.to_be_bytes()], given));
    }
    if given != 0 {
        keys.push(Key::new(Pass::GivenAndBirth, &[&birth, &loose(&features.given.sound)], family));
        let [high, low, month, day] = birth;
        if day <= 12 {
            let turned = [high, low, month.min(day), month.max(day)];
            keys.push(Key::new(Pass::TurnedBirth, &[&turned, &given.to_be_bytes()], family));
        }
    }
    if features.given.fold != 0 {
        let sex = match features.sex {
            None => 0,
            Some(crate::features::Sex::Male) => 1,
            Some(crate::features::Sex::Female) => 2,
        };
        let written = features.given.fold.to_be_bytes();
        keys.push(Key::new(Pass::WrittenGivenAndBirth, &[&birth, &written], sex));
    }
}

fn by_name(features: &Features, keys: &mut Vec<Key>) {
    let birth = features.birth;
    if birth.year == 0 || birth.estimated {
        return;
    }
    let (year, day) = (birth.year.to_be_bytes(), [birth.month, birth.day]);
    let digit = birth.year % 10;
    let (family, given) = (loose(&features.family.sound), loose(&features.given.sound));
    if !family.is_empty() && !given.is_empty() {
        let (first, second) = if family <= given { (&family, &given) } else { (&given, &family) };
        keys.push(Key::new(Pass::SoundAndYear, &[first, second, &year], u16::from(birth.month)));
        if birth.day != 0 {
            keys.push(Key::new(Pass::SoundAndDay, &[first, second, &day], digit));
        }
    }
    if features.whole != 0 {
        let whole = features.whole.to_be_bytes();
        keys.push(Key::new(Pass::WrittenAndYear, &[&whole, &year], u16::from(birth.month)));
        if birth.day != 0 {
            keys.push(Key::new(Pass::WrittenAndDay, &[&whole, &day], digit));
        }
    }
}

fn by_household(features: &Features, keys: &mut Vec<Key>) {
    let given = initial(&features.given.sound);
    for phone in features.phones.iter().filter(|phone| **phone != 0) {
        keys.push(Key::new(Pass::Phone, &[&phone.to_be_bytes()], given));
    }
    let block = features.place.block.to_be_bytes();
    if features.place.block != 0 && given != 0 {
        keys.push(Key::new(Pass::BlockAndGiven, &[&block, &loose(&features.given.sound)], features.birth.year));
    }
    let Some(birth) = whole_birth(features) else { return };
    if features.place.block != 0 {
        keys.push(Key::new(Pass::BlockAndBirth, &[&block, &birth], given));
    }
    for insurance in features.insurances.iter().filter(|insurance| insurance.household != 0) {
        keys.push(Key::new(Pass::HouseholdAndBirth, &[&insurance.household.to_be_bytes(), &birth], given));
    }
}
