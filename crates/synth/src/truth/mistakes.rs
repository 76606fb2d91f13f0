//! What sources get wrong about a person, at the rates of `data/parameters.json`; steady for each person and source.
//!
//! [`knowledge`] starts from the truth and makes the mistakes; each is reported, so that nothing is wrong without being
//! written down.

use std::sync::LazyLock;

use jiff::{ToSpan, civil::Date};
use serde::Serialize;
use tsumugi_kernel::OrganizationKind;

use crate::{
    dice::{Dice, Stream},
    parameters,
    people::{Citizen, Institution, Name},
    population::Person,
};

/// A kind of mistake or fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mistake {
    /// Another form of a character (髙 and 高).
    NameVariant,
    /// Kana written otherwise (ヴ and ブ, long vowels).
    Kana,
    /// Wrong day of birth, or day and month swapped.
    Birth,
    /// The address before the last move.
    OldAddress,
    /// The insured number before the last change.
    OldMember,
    /// 枝番 left out.
    NoBranch,
    /// The name before the last change.
    FormerName,
    /// No insured number.
    NoMember,
    /// A newborn without name and number.
    Newborn,
    /// An adult whom the hospital could not identify.
    Unknown,
    /// A second number at the same source.
    Split,
    /// The number of somebody else at the same source.
    Merged,
    /// Arrived late.
    Late,
    /// Sent twice.
    Doubled,
    /// A value with a wrong unit.
    Unit,
}

/// Something that went wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Injected {
    /// What.
    pub what: Mistake,
    /// At which institution.
    pub institution: String,
    /// The first day on which it showed.
    pub day: Date,
    /// The message, for what went wrong with one; else what was meant: the other person's index, the item.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
}

struct Rates {
    missing: Vec<u32>,
    variant: u32,
    kana: u32,
    birth: u32,
    address: u32,
    member: u32,
    member_days: i64,
    branch: u32,
    former: u32,
    former_days: i64,
    newborn_days: i64,
    unknown: u32,
    split: u32,
    merged: u32,
}

static RATES: LazyLock<Rates> = LazyLock::new(|| Rates {
    missing: parameters::shares("identity.missing"),
    variant: parameters::share("identity.variant"),
    kana: parameters::share("identity.kana"),
    birth: parameters::share("identity.birth"),
    address: parameters::share("identity.address"),
    member: parameters::share("identity.member"),
    member_days: parameters::value("identity.member.days"),
    branch: parameters::share("identity.branch"),
    former: parameters::share("identity.former-name"),
    former_days: parameters::value("identity.former-name.days"),
    newborn_days: parameters::value("identity.newborn.days"),
    unknown: parameters::share("identity.unknown"),
    split: parameters::share("fault.split"),
    merged: parameters::share("fault.merged"),
});

/// Characters and the commoner form that a source may write instead.
const VARIANTS: [(char, char); 18] = [
    ('髙', '高'),
    ('﨑', '崎'),
    ('𠮷', '吉'),
    ('邊', '辺'),
    ('邉', '辺'),
    ('齋', '斎'),
    ('齊', '斉'),
    ('斎', '斉'),
    ('澤', '沢'),
    ('濱', '浜'),
    ('廣', '広'),
    ('瀧', '滝'),
    ('櫻', '桜'),
    ('嶋', '島'),
    ('冨', '富'),
    ('嵩', '崇'),
    ('諒', '涼'),
    ('淑', '叔'),
];

/// Kana and what a source may write instead.
const KANA: [(&str, &str); 12] = [
    ("ヴァ", "バ"),
    ("ヴィ", "ビ"),
    ("ヴェ", "ベ"),
    ("ヴォ", "ボ"),
    ("ヴ", "ブ"),
    ("オオ", "オー"),
    ("ユウ", "ユー"),
    ("ョウ", "ョー"),
    ("コウ", "コー"),
    ("ヅ", "ズ"),
    ("ザキ", "サキ"),
    ("ジマ", "シマ"),
];

/// A number that stands for an institution in dice.
#[must_use]
pub fn salt(institution: &str) -> u64 {
    institution.bytes().fold(0xcbf2_9ce4_8422_2325, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

fn day_salt(day: Date) -> u64 {
    u64::from(crate::population::day::day(day).unsigned_abs()).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// How much later the second number of a person who was split is, and how the days are told apart.
const SPLIT: u64 = 700_000_000;

/// What `place` knows of the person on `day`. Each mistake is handed to `report` with what it is about.
pub fn knowledge(
    seed: u64,
    person: &Person,
    place: &Institution,
    day: Date,
    mut report: impl FnMut(Mistake, Option<String>),
) -> Citizen {
    let mut citizen = person.known_on(day);
    let mut steady = Dice::new(seed ^ salt(&place.id), person.index, Stream::Knowledge);
    let mut today = Dice::new(seed ^ salt(&place.id) ^ day_salt(day), person.index, Stream::Knowledge);
    steady_mistakes(&mut steady, person, &mut citizen, day, &mut report);
    numbers(&mut steady, seed, person, place, day, &mut citizen, &mut report);
    let inpatient = place.kind == OrganizationKind::Hospital;
    let missing = RATES.missing.get(usize::from(inpatient)).copied().unwrap_or(0);
    let unknown = today.rare(RATES.unknown) && inpatient && person.age_on(day) >= 20;
    if today.chance(missing) && !citizen.member_id.is_empty() {
        citizen.member_id.clear();
        report(Mistake::NoMember, None);
    }
    let newborn = person.birth.checked_add(RATES.newborn_days.days()).is_ok_and(|named| day < named);
    if newborn {
        "ベビー".clone_into(&mut citizen.name.given);
        "ベビー".clone_into(&mut citizen.name.given_kana);
        citizen.member_id.clear();
        report(Mistake::Newborn, None);
    } else if unknown {
        unidentified(person, day, &mut citizen);
        report(Mistake::Unknown, None);
    }
    citizen
}

/// Mistakes in name, birth, address and insured number.
fn steady_mistakes(
    dice: &mut Dice,
    person: &Person,
    citizen: &mut Citizen,
    day: Date,
    report: &mut impl FnMut(Mistake, Option<String>),
) {
    let rates = &*RATES;
    // Every throw is made whether it matters or not, so that one mistake never shifts another.
    let (variant, kana, birth) = (dice.chance(rates.variant), dice.chance(rates.kana), dice.rare(rates.birth));
    let (address, member) = (dice.chance(rates.address), dice.chance(rates.member));
    let (branch, former) = (dice.chance(rates.branch), dice.chance(rates.former));
    let before = |days: i64| day.checked_sub(days.days()).unwrap_or(Date::MIN);
    if former {
        let earlier = person.name.on(before(rates.former_days));
        if earlier.family != citizen.name.family {
            citizen.name.family.clone_from(&earlier.family);
            citizen.name.family_kana.clone_from(&earlier.family_kana);
            report(Mistake::FormerName, None);
        }
    }
    if variant && vary(&mut citizen.name) {
        report(Mistake::NameVariant, None);
    }
    if kana && slip(&mut citizen.name) {
        report(Mistake::Kana, None);
    }
    if birth {
        citizen.birth = other_birth(person.birth);
        report(Mistake::Birth, None);
    }
    if address {
        let earlier = person.address.on(before(1000));
        if *earlier != citizen.address && !earlier.line.is_empty() {
            citizen.address = earlier.clone();
            report(Mistake::OldAddress, None);
        }
    }
    if member {
        let earlier = person.coverage_on(before(rates.member_days)).map(|one| one.member_id.as_str());
        if let Some(earlier) = earlier.filter(|earlier| *earlier != citizen.member_id) {
            earlier.clone_into(&mut citizen.member_id);
            report(Mistake::OldMember, None);
        }
    }
    if branch && citizen.member_id.bytes().rev().take_while(u8::is_ascii_digit).count() == 2 {
        let kept = citizen.member_id.len() - 2;
        citizen.member_id.truncate(kept);
        report(Mistake::NoBranch, None);
    }
}

/// Split and merged patient numbers, at one kind of institution of those few people.
fn numbers(
    dice: &mut Dice,
    seed: u64,
    person: &Person,
    place: &Institution,
    day: Date,
    citizen: &mut Citizen,
    report: &mut impl FnMut(Mistake, Option<String>),
) {
    let mut own = Dice::new(seed, person.index, Stream::Knowledge);
    let split = own.rare(RATES.split);
    let merged = own.rare(RATES.merged);
    let at_hospital = own.chance(500);
    let second = dice.chance(500);
    if (place.kind == OrganizationKind::Hospital) != at_hospital {
        return;
    }
    if split && (day.day() % 2 == 0) == second {
        citizen.number = person.number + SPLIT;
        report(Mistake::Split, Some(citizen.number_at(&place.id)));
    } else if merged {
        // The neighbour in the town's order: somebody else's number.
        let other = person.index ^ 1;
        citizen.number = person.number - person.index + other;
        report(Mistake::Merged, Some(other.to_string()));
    }
}

/// Writes characters of a name in their commoner form. False when there is none.
fn vary(name: &mut Name) -> bool {
    let common = |text: &str| -> String {
        text.chars()
            .map(|letter| VARIANTS.iter().find(|(rare, _)| *rare == letter).map_or(letter, |(_, common)| *common))
            .collect()
    };
    let other = Name { family: common(&name.family), given: common(&name.given), ..name.clone() };
    let differs = other != *name;
    *name = other;
    differs
}

/// Writes the kana of a name otherwise. False when no usual slip fits.
fn slip(name: &mut Name) -> bool {
    for (right, wrong) in KANA {
        if name.given_kana.contains(right) {
            name.given_kana = name.given_kana.replacen(right, wrong, 1);
            return true;
        }
        if name.family_kana.contains(right) {
            name.family_kana = name.family_kana.replacen(right, wrong, 1);
            return true;
        }
    }
    false
}

/// Day and month swapped where that is a date, else the day before or after.
fn other_birth(birth: Date) -> Date {
    let swapped = Date::new(birth.year(), birth.day(), birth.month()).ok().filter(|swapped| *swapped != birth);
    swapped.or_else(|| birth.yesterday().ok()).unwrap_or(birth)
}

/// An adult whom nobody knows: age by looks, no name, no number.
fn unidentified(person: &Person, day: Date, citizen: &mut Citizen) {
    let years = person.age_on(day) / 10 * 10;
    citizen.name = Name::new("不明", "不明", "フメイ", "フメイ");
    citizen.birth = Date::new(day.year() - years, 1, 1).unwrap_or(citizen.birth);
    citizen.member_id.clear();
    "不明".clone_into(&mut citizen.address.line);
    "000-0000-0000".clone_into(&mut citizen.phone);
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn names_are_written_otherwise_as_sources_do() {
        let mut name = Name::new("髙﨑", "ヴィオラ", "タカサキ", "ヴィオラ");
        assert!(vary(&mut name) && slip(&mut name));
        assert_eq!((name.family.as_str(), name.given_kana.as_str()), ("高崎", "ビオラ"));
        let mut plain = Name::new("林", "恵", "ハヤシ", "メグミ");
        assert!(!vary(&mut plain) && !slip(&mut plain));
        assert_eq!(other_birth(date(1980, 3, 7)), date(1980, 7, 3));
        assert_eq!(other_birth(date(1980, 3, 31)), date(1980, 3, 30));
    }
}
