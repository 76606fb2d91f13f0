//! Names over time, and the weddings, divorces and adoptions that change them.
//!
//! What must hold: both of a couple know the same wedding; a child bears its parents' name; the same person is the same
//! whoever's life is being made.

use std::sync::LazyLock;

use super::{
    day::{Day, NEVER, YEAR, age, birthday, civil, date},
    family::Plan,
    person::{Marriage, MarriageEnd, Over},
};
use crate::{
    dice::{Dice, Stream},
    names::{self, FOREIGN_FAMILY, FOREIGN_MEN, FOREIGN_WOMEN},
    parameters,
    people::{Name, Sex},
};

/// A family name: a place in the list of names, or in that of foreign names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Family {
    Japanese(usize),
    Foreign(usize),
}

/// A marriage to somebody who does not live in the town, which has ended.
#[derive(Clone, Copy, Debug)]
struct Earlier {
    from: Day,
    to: Day,
    name: Family,
    changed: bool,
    back: bool,
    end: MarriageEnd,
}

struct Rates {
    foreigners: Vec<u32>,
    marriage_age: (i64, i64),
    wifes_name: u32,
    name_back: u32,
    adopted: u32,
}

static RATES: LazyLock<Rates> = LazyLock::new(|| {
    let marriage = parameters::values("marriage.age");
    Rates {
        foreigners: parameters::shares("population.foreigners"),
        marriage_age: (marriage.first().copied().unwrap_or(28), marriage.get(1).copied().unwrap_or(4)),
        wifes_name: parameters::share("marriage.wifes-name"),
        name_back: parameters::share("divorced.name-back"),
        adopted: parameters::share("births.adopted"),
    }
});

/// The lives of a block.
#[derive(Clone, Copy, Debug)]
pub struct Lives<'a> {
    /// The town's seed.
    pub seed: u64,
    /// The families.
    pub plan: &'a Plan,
}

fn small(value: i64) -> Day {
    i32::try_from(value).unwrap_or(0)
}

impl Lives<'_> {
    /// Dice of a person of the block for one use.
    #[must_use]
    pub fn dice(&self, place: usize, stream: Stream, salt: u64) -> Dice {
        Dice::new(self.seed.wrapping_add(salt.wrapping_mul(0xa076_1d64_78bd_642f)), self.plan.index(place), stream)
    }

    fn last_day(&self, place: usize) -> Day {
        self.plan.slots[place].death.unwrap_or(self.plan.today)
    }

    /// Whether the person is a citizen of another country: as mother and father both are; otherwise drawn by age, wives
    /// with their husbands.
    #[must_use]
    pub fn is_foreigner(&self, place: usize) -> bool {
        let plan = self.plan;
        if let Some(mother) = plan.mother[place] {
            let father = plan.father[place].filter(|_| !plan.step[place]);
            return self.is_foreigner(mother) && father.is_none_or(|father| self.is_foreigner(father));
        }
        if let Some(husband) = plan.partner[place].filter(|_| plan.slots[place].sex == Sex::Female) {
            return self.is_foreigner(husband);
        }
        let band = [20, 40, 65].iter().filter(|limit| plan.slots[place].age >= **limit).count();
        self.dice(place, Stream::Descent, 1).chance(RATES.foreigners.get(band).copied().unwrap_or(0))
    }

    fn family_drawn(&self, place: usize, salt: u64, foreign: bool) -> Family {
        let mut dice = self.dice(place, Stream::Descent, salt);
        if foreign {
            Family::Foreign(usize::try_from(dice.below(FOREIGN_FAMILY.len() as u64)).unwrap_or(0))
        } else {
            Family::Japanese(names::family().draw(&mut dice))
        }
    }

    /// The name that a couple bears: the husband's, or at times the wife's. With a foreign husband everybody keeps
    /// their own, and children take the mother's if she is Japanese.
    fn couple(&self, husband: usize, wife: usize) -> Family {
        let foreign = (self.is_foreigner(husband), self.is_foreigner(wife));
        let hers = self.dice(wife, Stream::Marriage, 2).chance(RATES.wifes_name);
        match foreign {
            (true, false) => self.at_birth(wife),
            (false, false) if hers => self.at_birth(wife),
            _ => self.at_birth(husband),
        }
    }

    fn at_birth(&self, place: usize) -> Family {
        let plan = self.plan;
        let birth = plan.slots[place].birth;
        match (plan.mother[place], plan.father[place].filter(|_| !plan.step[place])) {
            (Some(mother), Some(father)) => self.couple(father, mother),
            (None, Some(father)) => self.at_birth(father),
            (Some(mother), None) => match self.earlier(mother) {
                Some(earlier) if earlier.from <= birth + 300 && earlier.changed => earlier.name,
                _ => self.at_birth(mother),
            },
            (None, None) => self.family_drawn(place, 3, self.is_foreigner(place)),
        }
    }

    /// A marriage that has ended: of the divorced, and of mothers whose eldest is of another father.
    fn earlier(&self, place: usize) -> Option<Earlier> {
        let plan = self.plan;
        let slot = &plan.slots[place];
        let own = (0..plan.slots.len()).filter(|&child| {
            plan.mother[child] == Some(place) || (plan.widowed[place] && plan.father[child] == Some(place))
        });
        let (mut first, mut last) = (NEVER, -NEVER);
        for child in
            own.filter(|&child| plan.step[child] || plan.father[child].is_none() || plan.mother[child].is_none())
        {
            first = first.min(plan.slots[child].birth);
            last = last.max(plan.slots[child].birth);
        }
        let widowed = plan.widowed[place];
        if !(plan.divorced[place] || widowed || (first < NEVER && plan.partner[place].is_some())) {
            return None;
        }
        let mut dice = self.dice(place, Stream::Marriage, 4);
        let (mean, spread) = RATES.marriage_age;
        let grown = birthday(slot.birth, 18);
        let ideal = slot.birth + small(dice.normal((mean - 2) * 365, spread * 365));
        let from =
            ideal.min(first - small(dice.between(60, 900))).clamp(grown, self.last_day(place).max(grown + 60) - 60);
        let mut to = (from + small(dice.between(300, 15 * 365))).max(last + small(dice.between(200, 2000)));
        if let Some(partner) = plan.partner[place] {
            // The second marriage may begin when the first has ended.
            to = to.min(self.wedding(place, partner) - 110);
        }
        if widowed {
            // Longer ago than the town keeps its dead.
            to = self.plan.today - small(dice.between(5 * 365, 20 * 365));
        }
        let to = to.max(if widowed { last } else { -NEVER }).min(self.last_day(place) - 30).max(from + 1);
        let woman = slot.sex == Sex::Female;
        let changed = woman != dice.chance(RATES.wifes_name) && !self.is_foreigner(place);
        let back = dice.chance(RATES.name_back) && !widowed;
        let end = if widowed { MarriageEnd::Death } else { MarriageEnd::Divorce };
        Some(Earlier { end, from, to, name: self.family_drawn(place, 5, false), changed, back })
    }

    /// The day on which two people of the block married: both grown, before their first child, after children of
    /// others.
    #[must_use]
    pub fn wedding(&self, one: usize, other: usize) -> Day {
        let plan = self.plan;
        let (wife, husband) = if plan.slots[one].sex == Sex::Female { (one, other) } else { (other, one) };
        let mut dice = self.dice(wife, Stream::Marriage, 6);
        let (mean, spread) = RATES.marriage_age;
        let (mut common, mut step) = (NEVER, -NEVER);
        for child in (0..plan.slots.len()).filter(|&child| plan.mother[child] == Some(wife)) {
            let birth = plan.slots[child].birth;
            if plan.step[child] || plan.father[child].is_none() {
                step = step.max(birth);
            } else {
                common = common.min(birth);
            }
        }
        let ideal = plan.slots[wife].birth + small(dice.normal(mean * 365, spread * 365));
        let before = common.saturating_sub(small(dice.between(60, 900)));
        let grown = birthday(plan.slots[wife].birth.max(plan.slots[husband].birth), 18);
        let latest = self.last_day(wife).min(self.last_day(husband)) - 10;
        let after_step = step.saturating_add(500);
        ideal.min(before).max(after_step.min(common - 30)).max(grown).min(latest.max(grown))
    }

    /// Whether a stepchild was adopted, and when.
    #[must_use]
    pub fn adoption(&self, place: usize) -> Option<Day> {
        let (mother, father) = (self.plan.mother[place]?, self.plan.father[place]?);
        let mut dice = self.dice(place, Stream::Marriage, 7);
        let thrown = dice.chance(RATES.adopted);
        let day = self.wedding(mother, father).max(self.plan.slots[place].birth) + small(dice.between(20, 500));
        let fits = day < self.last_day(place) && age(self.plan.slots[place].birth, day) < 20;
        (self.plan.step[place] && thrown && fits).then_some(day)
    }

    /// Given name: no two sisters or brothers have the same.
    fn given(&self, place: usize) -> (&'static str, &'static str) {
        let plan = self.plan;
        let slot = &plan.slots[place];
        let mut dice = self.dice(place, Stream::Descent, 8);
        if self.is_foreigner(place) {
            return *dice.pick(if slot.sex == Sex::Female { &FOREIGN_WOMEN } else { &FOREIGN_MEN });
        }
        let list = names::given(slot.sex, i16::try_from(civil(slot.birth).0).unwrap_or(1970));
        let mut found = list.at(list.draw(&mut dice));
        let Some(mother) = plan.mother[place] else { return found };
        let elder = |other: &usize| plan.mother[*other] == Some(mother) && plan.slots[*other].sex == slot.sex;
        let taken: Vec<&str> = (0..place).filter(elder).map(|other| self.given(other).0).collect();
        for _ in 0..8 {
            if !taken.contains(&found.0) {
                break;
            }
            found = list.at(list.draw(&mut dice));
        }
        found
    }

    /// Names from birth on.
    #[must_use]
    pub fn names(&self, place: usize) -> Over<Name> {
        let plan = self.plan;
        let slot = &plan.slots[place];
        let (first, first_kana) = self.given(place);
        let named = |family: Family| {
            let (written, read) = match family {
                Family::Japanese(at) => names::family().at(at),
                Family::Foreign(at) => FOREIGN_FAMILY[at % FOREIGN_FAMILY.len()],
            };
            Name::new(written, first, read, first_kana)
        };
        let mut current = self.at_birth(place);
        let mut over = Over::always(date(slot.birth), named(current));
        let mut change = |day: Day, family: Family| {
            if family != current && day < self.last_day(place) {
                current = family;
                over.change(date(day), named(family));
            }
        };
        if let (Some(mother), None) = (plan.mother[place], plan.father[place]) {
            let earlier = self.earlier(mother).filter(|one| one.back && one.changed && plan.partner[mother].is_none());
            if let Some(earlier) = earlier.filter(|one| one.to > slot.birth && age(slot.birth, one.to + 60) < 18) {
                change(earlier.to + 60, self.at_birth(mother));
            }
        }
        if let (Some(day), Some(mother), Some(father)) = (self.adoption(place), plan.mother[place], plan.father[place])
        {
            change(day, self.couple(father, mother));
        }
        let own = self.at_birth(place);
        if let Some(earlier) = self.earlier(place).filter(|one| one.changed) {
            change(earlier.from, earlier.name);
            if earlier.back {
                change(earlier.to, own);
            }
        }
        if let Some(partner) = plan.partner[place].filter(|_| !self.is_foreigner(place)) {
            let (wife, husband) = if slot.sex == Sex::Female { (place, partner) } else { (partner, place) };
            if !self.is_foreigner(partner) {
                change(self.wedding(place, partner), self.couple(husband, wife));
            }
        }
        over
    }

    /// Marriages in order of time.
    #[must_use]
    pub fn marriages(&self, place: usize) -> Vec<Marriage> {
        let mut list = Vec::new();
        if let Some(earlier) = self.earlier(place) {
            list.push(Marriage {
                from: date(earlier.from),
                partner: None,
                ended: Some((date(earlier.to), earlier.end)),
            });
        }
        if let Some(partner) = self.plan.partner[place] {
            let death = [place, partner].into_iter().filter_map(|one| self.plan.slots[one].death).min();
            list.push(Marriage {
                from: date(self.wedding(place, partner)),
                partner: Some(self.plan.index(partner)),
                ended: death.map(|day| (date(day), MarriageEnd::Death)),
            });
        }
        list
    }

    /// Number of the residence card (在留カード): two letters, eight digits, two letters. `ZZ` at both ends is given to
    /// none.
    #[must_use]
    pub fn residence_card(&self, place: usize) -> Option<String> {
        let number = self.dice(place, Stream::Descent, 9).below(100_000_000);
        self.is_foreigner(place).then(|| format!("ZZ{number:08}ZZ"))
    }

    /// A year of days before the town's day, for callers that count back.
    #[must_use]
    pub const fn years_ago(&self, years: Day) -> Day {
        self.plan.today - years * YEAR
    }
}
