//! A block of the town: people with age and sex, before anything else is known of them.
//!
//! A block is made whole from the seed, so that families can be put together in it; no block looks at another. Ages and
//! sexes of those who live on the town's day are drawn by the table, one by one; some of a block's places go to people
//! who died in the years that the town keeps, by the table of death rates.

use std::sync::LazyLock;

use super::day::{Day, age, civil, day_of};
use crate::{
    dice::{Dice, Stream},
    parameters,
    people::Sex,
};

/// How many people a block has.
pub const BLOCK: usize = 240;

/// A place in a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// Sex.
    pub sex: Sex,
    /// Day of birth.
    pub birth: Day,
    /// Day of death, if it has come.
    pub death: Option<Day>,
    /// Age on the town's day, or at death.
    pub age: i32,
}

impl Slot {
    /// Whether the person lives on the town's day.
    #[must_use]
    pub const fn lives(&self) -> bool {
        self.death.is_none()
    }
}

/// Women per thousand at an age.
#[must_use]
pub fn women_permille(age: i32) -> u32 {
    static SHARES: LazyLock<Vec<u32>> = LazyLock::new(|| parameters::shares("population.women"));
    let place = match age {
        ..=49 => 0,
        50..=74 => 1,
        75..=84 => 2,
        85..=94 => 3,
        _ => 4,
    };
    SHARES.get(place).copied().unwrap_or(500)
}

/// People of each single year of age, in units of a thousandth of a thousand: each band is laid out along the line between its
/// neighbours, so that its sum stays.
fn years_of_age() -> Vec<u64> {
    let bands = parameters::values("population.age");
    let mut years = Vec::with_capacity(bands.len() * 5);
    for (place, &band) in bands.iter().enumerate() {
        let before = if place == 0 { band } else { bands[place - 1] };
        let after = bands.get(place + 1).copied().unwrap_or(0);
        let mean = band * 1000 / 5;
        let slope = ((after - before) * 1000 / 50).clamp(-mean / 2, mean / 2);
        years.extend((-2..=2).map(|step| u64::try_from(mean + slope * step).unwrap_or(0)));
    }
    years
}

/// Deaths in a million years lived at an age, by the table's bands (0, 1–4, 5–9 …, 100 and over), between the middles
/// of bands along a line.
fn deaths_ppm(sex: Sex, age: i64) -> i64 {
    let rates = match sex {
        Sex::Female => parameters::values("deaths.female"),
        Sex::Male => parameters::values("deaths.male"),
    };
    let at = |place: i64| usize::try_from(place).ok().and_then(|place| rates.get(place)).copied();
    if age < 5 {
        return at(age.min(1)).unwrap_or(0);
    }
    let (band, within) = (age / 5 + 1, age % 5);
    let own = at(band).unwrap_or(0);
    let (other, steps) = if within >= 2 { (at(band + 1), within - 2) } else { (at((band - 1).max(2)), 2 - within) };
    own + (other.unwrap_or(own) - own) * steps / 5
}

#[derive(Clone, Copy, Debug)]
struct Kind {
    age: i32,
    sex: Sex,
    dead: bool,
}

/// Kinds of people with their summed weights. The dead of the years kept are scaled to the known number of deaths.
struct Kinds {
    sums: Vec<u64>,
    kinds: Vec<Kind>,
}

static KINDS: LazyLock<Kinds> = LazyLock::new(|| {
    let years = years_of_age();
    let mut living = Vec::new();
    for (age, &people) in (0i32..).zip(&years) {
        let women = people * u64::from(women_permille(age)) / 1000;
        living.push((Kind { age, sex: Sex::Female, dead: false }, women));
        living.push((Kind { age, sex: Sex::Male, dead: false }, people - women));
    }
    let whole: u64 = living.iter().map(|(_, weight)| weight).sum();
    let expected = |kind: &Kind, weight: u64| weight * deaths_ppm(kind.sex, i64::from(kind.age)).unsigned_abs();
    let raw: u64 = living.iter().map(|(kind, weight)| expected(kind, *weight)).sum::<u64>().max(1);
    let wanted = whole * u64::from(parameters::share("deaths.all")) * u64::from(kept_years().unsigned_abs());
    let mut table = Kinds { sums: Vec::new(), kinds: Vec::new() };
    let mut sum = 0;
    let mut add = |kind: Kind, weight: u64| {
        sum += weight;
        table.kinds.push(kind);
        table.sums.push(sum);
    };
    for (kind, weight) in &living {
        add(*kind, *weight);
        // Deaths of this kind, as a share of all deaths; the product does not fit in 64 bits.
        let scaled = u128::from(expected(kind, *weight)) * u128::from(wanted) / u128::from(raw) / 1_000_000;
        add(Kind { dead: true, ..*kind }, u64::try_from(scaled).unwrap_or(0));
    }
    table
});

/// For how many years the town keeps those who died.
#[must_use]
pub fn kept_years() -> i32 {
    static YEARS: LazyLock<i32> = LazyLock::new(|| i32::try_from(parameters::value("deaths.kept")).unwrap_or(1));
    *YEARS
}

/// The people of the block that begins with person `first`, as of `today`.
#[must_use]
pub fn slots(seed: u64, first: u64, today: Day) -> Vec<Slot> {
    static TWICE: LazyLock<u32> = LazyLock::new(|| {
        // Of n births, one in a hundred is of twins: then of n + n/100 children a fiftieth or so has a twin beside.
        let births = parameters::share("population.twins");
        u32::try_from(u64::from(births) * 2_000_000 / (1_000_000 + u64::from(births))).unwrap_or(0)
    });
    let mut slots: Vec<Slot> = Vec::with_capacity(BLOCK);
    for index in first..first + BLOCK as u64 {
        let mut dice = Dice::new(seed, index, Stream::Identity);
        let kind = drawn(&mut dice);
        let mut slot = made(&mut dice, kind, today);
        let twin = index % 2 == 1 && dice.rare(*TWICE);
        if let Some(elder) = slots.last().copied().filter(|elder| twin && elder.lives() && slot.lives()) {
            // A third of twins are of one egg; the others are of the same sex by chance.
            let sex = if dice.below(3) == 0 { elder.sex } else { slot.sex };
            slot = Slot { sex, ..elder };
        }
        slots.push(slot);
    }
    slots
}

fn drawn(dice: &mut Dice) -> Kind {
    let table = &*KINDS;
    let thrown = dice.below(table.sums.last().copied().unwrap_or(0));
    let place = table.sums.partition_point(|sum| *sum <= thrown);
    table.kinds.get(place).copied().unwrap_or(Kind { age: 0, sex: Sex::Female, dead: false })
}

fn made(dice: &mut Dice, kind: Kind, today: Day) -> Slot {
    let ago = i32::try_from(dice.below(u64::from(kept_years().unsigned_abs()) * 365)).unwrap_or(0);
    let last = if kind.dead { today - 1 - ago } else { today };
    let (year, month, day) = civil(last);
    // Not on the 29th or later, which not every month has; then fewer days keep the age right.
    let width = if day > 28 { 362 } else { 365 };
    let birth = day_of(year - kind.age, month, day.min(28)) - i32::try_from(dice.below(width)).unwrap_or(0);
    let death = kind.dead.then_some(last.max(birth));
    Slot { sex: kind.sex, birth, death, age: age(birth, last) }
}
