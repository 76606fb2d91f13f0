//! How common names are: the table in `data/names.txt`.

use std::{collections::HashMap, sync::LazyLock};

use crate::{
    features::{Part, Sound, fold},
    fixed,
    fold::{hash, name},
};

/// One name of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Common {
    /// What it is.
    pub kind: Kind,
    /// As written.
    pub written: &'static str,
    /// As read.
    pub kana: &'static str,
    /// How many of 100,000 people bear it.
    pub bearers: u32,
}

/// What a name of the table is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A family name.
    Family,
    /// A man's given name.
    Male,
    /// A woman's given name.
    Female,
}

/// Everybody, as the table counts them.
const EVERYBODY: u64 = 100_000;
/// How many of 100,000 people bear a name that the table does not have, on average.
const RARE: u64 = 8;

static COMMON: LazyLock<Vec<Common>> =
    LazyLock::new(|| include_str!("../data/names.txt").lines().filter_map(line).collect());

fn line(line: &'static str) -> Option<Common> {
    let mut parts = line.split(' ');
    let kind = match parts.next()? {
        "f" => Kind::Family,
        "m" => Kind::Male,
        "w" => Kind::Female,
        _ => return None,
    };
    Some(Common { kind, written: parts.next()?, kana: parts.next()?, bearers: parts.next()?.parse().ok()? })
}

/// The names of the table.
#[must_use]
pub fn common() -> &'static [Common] {
    &COMMON
}

/// How common names are, by the hash of what is compared.
#[derive(Debug)]
pub struct Frequencies {
    written: HashMap<u32, u64>,
    sound: HashMap<u64, u64>,
    /// Chance that two people bear the same name: the mean of all names, in 100,000².
    mean_written: u64,
    mean_sound: u64,
}

static FAMILY: LazyLock<Frequencies> = LazyLock::new(|| Frequencies::of(|kind| kind == Kind::Family));
static GIVEN: LazyLock<Frequencies> = LazyLock::new(|| Frequencies::of(|kind| kind != Kind::Family));

impl Frequencies {
    /// Those of family names.
    #[must_use]
    pub fn family() -> &'static Self {
        &FAMILY
    }

    /// Those of given names.
    #[must_use]
    pub fn given() -> &'static Self {
        &GIVEN
    }

    fn of(wanted: impl Fn(Kind) -> bool) -> Self {
        let (mut written, mut sound) = (HashMap::new(), HashMap::new());
        for name in common().iter().filter(|name| wanted(name.kind)) {
            *written.entry(fold(name.written)).or_insert(0) += u64::from(name.bearers);
            *sound.entry(sound_key(&Sound::of(&name::sound(name.kana)))).or_insert(0) += u64::from(name.bearers);
        }
        Self { mean_written: mean(written.values()), mean_sound: mean(sound.values()), written, sound }
    }

    /// How much likelier than on average strangers share this written name, in 1/1024 bits: above zero for common names.
    #[must_use]
    pub fn written(&self, part: &Part) -> i32 {
        fixed::log2_ratio(self.written.get(&part.fold).copied().unwrap_or(RARE) * EVERYBODY, self.mean_written)
    }

    /// The same for a reading.
    #[must_use]
    pub fn sound(&self, part: &Part) -> i32 {
        fixed::log2_ratio(self.sound.get(&sound_key(&part.sound)).copied().unwrap_or(RARE) * EVERYBODY, self.mean_sound)
    }
}

fn mean<'a>(bearers: impl Iterator<Item = &'a u64>) -> u64 {
    let (mut squares, mut known) = (0, 0);
    for bearers in bearers {
        squares += bearers * bearers;
        known += bearers;
    }
    squares + EVERYBODY.saturating_sub(known) * RARE
}

fn sound_key(sound: &Sound) -> u64 {
    hash(sound.letters())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_whole_and_common_names_weigh_less() {
        let lines = include_str!("../data/names.txt").lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(common().len(), lines);
        let total: u32 = common().iter().filter(|name| name.kind == Kind::Family).map(|name| name.bearers).sum();
        assert!((30_000..60_000).contains(&total), "{total}");
        let part = |text: &str| Part { fold: fold(text), ..Part::default() };
        let family = Frequencies::family();
        assert!(family.written(&part("佐藤")) > 1024 && family.written(&part("四十物")) < -3 * 1024);
        assert_eq!(family.written(&part("髙橋")), family.written(&part("高橋")));
    }
}
