//! Who lives in the town: ages and sexes by Japan's population of 2024, households, homes, insurers.
//!
//! First form: ages are drawn independently, then the twelve people of a block are put together: children with an
//! adult of 18 to 45 years more, adults near in age and of different sex as couples, the rest alone.

use jiff::{ToSpan, civil::Date};

use crate::{
    dice::{Dice, Stream},
    names::{CITY, FAMILY, PREFECTURE, QUARTERS, given},
    people::{Address, Citizen, Name, Sex, insurer_number},
};

/// Population in thousands by bands of five years, 0–4 … 95–99, 100 and more (Japan 2024; `secondary-use.md` section 6).
pub const POPULATION: [u32; 21] = [
    3900, 4700, 5230, 5480, 6200, 6500, 6400, 6950, 7600, 8800, 9500, 8500, 7500, 7300, 8200, 7800, 6100, 4000, 2100,
    620, 95,
];

/// Women per thousand at an age: 48.7 % below 50, 51 % to 74, 57 % to 84, 67 % to 94, then 86 % (same source).
#[must_use]
pub const fn women_permille(age: i64) -> u32 {
    match age {
        ..=49 => 487,
        50..=74 => 510,
        75..=84 => 570,
        85..=94 => 670,
        _ => 860,
    }
}

const BLOCK: u64 = 12;

/// A citizen with the place in the town.
#[derive(Clone, Debug)]
pub struct Resident {
    /// The citizen.
    pub citizen: Citizen,
    /// Household: the index of its first citizen.
    pub household: u64,
    /// Age on the town's day.
    pub age: i16,
}

/// Age and sex before anything else is known.
#[derive(Clone, Copy)]
struct Sketch {
    index: u64,
    age: i64,
    sex: Sex,
}

fn sketch(seed: u64, index: u64) -> Sketch {
    let mut dice = Dice::new(seed, index, Stream::Identity);
    let band = i64::try_from(dice.weighted(&POPULATION)).unwrap_or(0);
    let age = band * 5 + dice.between(0, 4);
    let sex = if dice.chance(women_permille(age)) { Sex::Female } else { Sex::Male };
    Sketch { index, age, sex }
}

/// Puts the people of a block into households: for each, the index (in the block) of the household's head.
fn heads(block: &[Sketch]) -> Vec<usize> {
    let mut head: Vec<usize> = (0..block.len()).collect();
    let mut taken = vec![false; block.len()];
    for (i, one) in block.iter().enumerate().filter(|(_, one)| one.age >= 22) {
        let partner = block.iter().enumerate().find(|&(j, other)| {
            j > i
                && !taken[i]
                && !taken[j]
                && other.age >= 22
                && other.sex != one.sex
                && (other.age - one.age).abs() <= 9
        });
        if let Some((j, _)) = partner {
            head[j] = i;
            (taken[i], taken[j]) = (true, true);
        }
    }
    for (i, child) in block.iter().enumerate().filter(|(_, one)| one.age < 22) {
        let parent = block.iter().position(|other| other.age >= 22 && (18..=45).contains(&(other.age - child.age)));
        let oldest = block.iter().enumerate().max_by_key(|(_, other)| other.age).map_or(i, |(j, _)| j);
        head[i] = head[parent.unwrap_or(oldest)];
    }
    head
}

fn home(seed: u64, household: u64) -> (Address, String) {
    let mut dice = Dice::new(seed, household, Stream::Household);
    let (quarter, postal) = dice.pick(&QUARTERS);
    let line = format!("{quarter}{}-{}", dice.between(1, 40), dice.between(1, 30));
    let phone = format!("000-{:04}-{:04}", dice.between(0, 9999), dice.between(0, 9999));
    (Address { postal: (*postal).into(), state: PREFECTURE.into(), city: CITY.into(), line }, phone)
}

/// 被保険者個人識別子. From 75 on everybody is insured alone (後期高齢者), below with the household: 協会けんぽ, a union
/// or 国保. Symbols and numbers may hold full-width digits, which are significant as written.
fn member_id(seed: u64, household: u64, index: u64, age: i64, member: usize) -> String {
    if age >= 75 {
        return format!("{}::{:08}:", insurer_number("39", 1), index + 10_000_000);
    }
    let mut dice = Dice::new(seed, household, Stream::Household);
    let kind = dice.weighted(&[40, 30, 30]);
    let symbol = dice.between(1, 9999);
    let number = household + 100;
    let branch = member % 99 + 1;
    match kind {
        0 => format!("{}:{symbol}:{number}:{branch:02}", insurer_number("01", 1)),
        1 => format!(
            "{}:{symbol}:{number}:{branch:02}",
            insurer_number("06", u32::try_from(dice.between(1, 4)).unwrap_or(1))
        ),
        _ => format!("{}:紬:{}:{branch:02}", insurer_number("00", 2), full_width(number)),
    }
}

fn full_width(number: u64) -> String {
    number.to_string().chars().map(|digit| char::from_u32(u32::from(digit) + 0xfee0).unwrap_or(digit)).collect()
}

/// Citizen `index` of the town that `seed` makes.
#[must_use]
pub fn resident(seed: u64, index: u64, today: Date) -> Resident {
    let start = index - index % BLOCK;
    let block: Vec<Sketch> = (start..start + BLOCK).map(|other| sketch(seed, other)).collect();
    let heads = heads(&block);
    let place = usize::try_from(index - start).unwrap_or(0);
    let own = block[place];
    let household = block[heads[place]].index;
    let member = heads[..place].iter().filter(|&&head| head == heads[place]).count();

    let mut dice = Dice::new(seed, index, Stream::Health);
    let born = today
        .checked_sub(own.age.years())
        .and_then(|day| day.checked_sub(dice.between(0, 364).days()))
        .unwrap_or(today);
    let (family, family_kana) = Dice::new(seed, household, Stream::Identity).pick(&FAMILY);
    let (first, first_kana) = dice.pick(given(own.sex, born.year()));
    let (address, phone) = home(seed, household);
    let citizen = Citizen {
        name: Name::new(family, first, family_kana, first_kana),
        sex: own.sex,
        birth: born,
        address,
        phone,
        member_id: member_id(seed, household, index, own.age, member),
        number: 500_000 + index,
    };
    Resident { age: citizen.age_on(today), citizen, household }
}
