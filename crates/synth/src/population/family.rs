//! Who belongs to whom in a block: couples, mothers, fathers, households.
//!
//! People are drawn by the table first ([`super::block`]) and then put together, so that ages and sexes stay right:
//! men who are to be married look for a woman near the age that is usual, children for a mother. Nothing here knows
//! names or dates of weddings.

use std::{ops::IndexMut, sync::LazyLock};

use super::{
    block::{BLOCK, Slot, slots},
    day::{Day, YEAR},
};
use crate::{
    dice::{Dice, Stream},
    parameters,
    people::Sex,
};

/// How a person lives on the town's day (or lived at the end).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Living {
    /// Alone, below 65.
    Single,
    /// Alone, 65 or over.
    ElderAlone,
    /// A couple.
    Couple,
    /// Parents and children.
    WithChildren,
    /// One parent and children.
    SingleParent,
    /// Grandparents, parents, children.
    ThreeGenerations,
    /// Grown people who are related otherwise.
    Other,
    /// In a special nursing home.
    Facility,
}

/// The families of a block. Places are places in the block.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Index in the town of the block's first person.
    pub first: u64,
    /// The town's day.
    pub today: Day,
    /// The people.
    pub slots: Vec<Slot>,
    /// Husband or wife, living or dead.
    pub partner: Vec<Option<usize>>,
    /// Mother.
    pub mother: Vec<Option<usize>>,
    /// Father: the mother's husband.
    pub father: Vec<Option<usize>>,
    /// Whether the father is a stepfather.
    pub step: Vec<bool>,
    /// Whether the person was married to somebody who does not live here.
    pub divorced: Vec<bool>,
    /// Whether a husband or wife died before the years that the town keeps.
    pub widowed: Vec<bool>,
    /// The place of the household's head.
    pub head: Vec<usize>,
    /// Whether the person lives in a special nursing home.
    pub facility: Vec<bool>,
}

struct Rates {
    married: [Vec<u32>; 2],
    difference: (i64, i64),
    divorced: Vec<u32>,
    widowed: Vec<u32>,
    with_children: u32,
    wanted: Vec<u32>,
    mother_age: [(i64, i64); 2],
    mother_in_town: Vec<u32>,
    with_parents: Vec<u32>,
    elders: Vec<u32>,
    facility: [Vec<u32>; 2],
    step: u32,
}

fn pair(values: &[i64], at: usize) -> (i64, i64) {
    (values.get(at).copied().unwrap_or(0), values.get(at + 1).copied().unwrap_or(0))
}

static RATES: LazyLock<Rates> = LazyLock::new(|| {
    let age = parameters::values("births.mother-age");
    Rates {
        married: [parameters::shares("married.women"), parameters::shares("married.men")],
        difference: pair(parameters::values("marriage.difference"), 0),
        divorced: parameters::shares("divorced"),
        widowed: parameters::shares("widowed"),
        with_children: parameters::share("births.single"),
        wanted: parameters::shares("births.children"),
        mother_age: [pair(age, 0), pair(age, 2)],
        mother_in_town: parameters::shares("home.mother-in-town"),
        with_parents: parameters::shares("home.with-parents"),
        elders: parameters::shares("home.with-children"),
        facility: [parameters::shares("home.facility.women"), parameters::shares("home.facility.men")],
        step: parameters::share("births.step"),
    }
});

fn at(list: &[u32], place: usize) -> u32 {
    list.get(place).or(list.last()).copied().unwrap_or(0)
}

const fn place_of(sex: Sex) -> usize {
    match sex {
        Sex::Female => 0,
        Sex::Male => 1,
    }
}

/// Days in a month, nearly.
const MONTH: i64 = 30;
/// The shortest time between two births of a mother that are not twins.
const BETWEEN_BIRTHS: Day = 300;
/// Youngest and oldest age of a mother at a birth, in days.
const MOTHER: std::ops::RangeInclusive<Day> = 16 * YEAR + 4..=47 * YEAR;

impl Plan {
    /// The families of the block that begins with person `first`.
    #[must_use]
    pub fn new(seed: u64, first: u64, today: Day) -> Self {
        let slots = slots(seed, first, today);
        let mut plan = Self {
            first,
            today,
            partner: vec![None; BLOCK],
            mother: vec![None; BLOCK],
            father: vec![None; BLOCK],
            step: vec![false; BLOCK],
            divorced: vec![false; BLOCK],
            widowed: vec![false; BLOCK],
            head: (0..BLOCK).collect(),
            facility: vec![false; BLOCK],
            slots,
        };
        let mut dice = Dice::new(seed, first, Stream::Household);
        plan.couples(&mut dice);
        plan.mothers(&mut dice);
        plan.households(&mut dice);
        plan
    }

    /// The person's index in the town.
    #[must_use]
    pub const fn index(&self, place: usize) -> u64 {
        self.first + place as u64
    }

    fn couples(&mut self, dice: &mut Dice) {
        let mut wish = [Vec::new(), Vec::new()];
        for (place, slot) in self.slots.iter().enumerate() {
            let band = usize::try_from((slot.age - 15).div_euclid(5)).ok();
            let share = band.map_or(0, |band| at(&RATES.married[place_of(slot.sex)], band.min(15)));
            // Nobody below 18 is married.
            if dice.chance(share) && slot.age >= 18 {
                wish[place_of(slot.sex)].push(place);
            }
        }
        let [mut women, mut men] = wish;
        women.sort_by_key(|&place| self.slots[place].birth);
        men.sort_by_key(|&place| (self.slots[place].birth, place));
        for man in men {
            let months = dice.normal(RATES.difference.0, RATES.difference.1);
            let ideal = i64::from(self.slots[man].birth) + months * MONTH;
            let far = |woman: usize| (i64::from(self.slots[woman].birth) - ideal).abs();
            let near = women.iter().enumerate().min_by_key(|&(_, &woman)| far(woman));
            let Some((found, woman)) = near.map(|(found, &woman)| (found, woman)) else { break };
            let lived_together =
                self.slots[man].death.unwrap_or(self.today).min(self.slots[woman].death.unwrap_or(self.today))
                    - 18 * YEAR
                    - 400;
            let old_enough = self.slots[man].birth.max(self.slots[woman].birth) < lived_together;
            if far(woman) <= 9 * i64::from(YEAR) && old_enough {
                women.remove(found);
                self.partner[man] = Some(woman);
                self.partner[woman] = Some(man);
            }
        }
        for place in 0..BLOCK {
            let age = self.slots[place].age;
            let band = [35, 50, 65].iter().filter(|limit| age >= **limit).count();
            let thrown = dice.chance(at(&RATES.divorced, band));
            let alone = self.partner[place].is_none();
            self.divorced[place] = thrown && age >= 21 && alone;
            let old = [60, 75].iter().filter(|limit| age >= **limit).count();
            let share =
                old.checked_sub(1).map_or(0, |old| at(&RATES.widowed, old * 2 + place_of(self.slots[place].sex)));
            self.widowed[place] = dice.chance(share) && alone && !self.divorced[place];
        }
    }

    fn mothers(&mut self, dice: &mut Dice) {
        let mut room: Vec<u32> = vec![0; BLOCK];
        for (place, room) in room.iter_mut().enumerate() {
            let wanted = u32::try_from(dice.weighted(&RATES.wanted)).unwrap_or(0);
            let divorced = dice.chance(RATES.with_children) && self.divorced[place];
            let woman = self.slots[place].sex == Sex::Female;
            let has = (self.partner[place].is_some() || divorced) && woman || self.widowed[place];
            *room = if has { wanted } else { 0 };
        }
        let mut last: Vec<Vec<Day>> = vec![Vec::new(); BLOCK];
        let mut order: Vec<usize> = (0..BLOCK).collect();
        order.sort_by_key(|&place| (std::cmp::Reverse(self.slots[place].birth), place));
        let mut twin_of: Option<usize> = None;
        for child in order {
            let slot = self.slots[child];
            let minor = slot.age < 18;
            let band = [25, 35, 45, 55, 65].iter().filter(|limit| slot.age >= **limit).count();
            let here = dice.chance(at(&RATES.mother_in_town, band)) || minor;
            let recent = usize::from(self.today - slot.birth > 41 * YEAR);
            let (mean, spread) = RATES.mother_age[recent];
            let ideal = slot.birth - i32::try_from(dice.normal(mean, spread) * MONTH).unwrap_or(0);
            // Twins share mother and day of birth; they stand side by side in the order.
            let twin = twin_of.filter(|&twin| self.slots[twin].birth == slot.birth && child.abs_diff(twin) == 1);
            twin_of = Some(child);
            let found = match twin {
                Some(twin) => self.mother[twin],
                None if here => self.find_parent(child, ideal, Sex::Female, &room, &last).or_else(|| {
                    // A minor has a mother, whatever number of children was wished for.
                    let all: Vec<u32> = self.partner.iter().map(|partner| u32::from(partner.is_some())).collect();
                    if minor { self.find_parent(child, ideal, Sex::Female, &all, &last) } else { None }
                }),
                None => None,
            };
            // Some whose mother is not here have a widowed father who is.
            let father = found.is_none().then(|| self.find_parent(child, ideal - YEAR, Sex::Male, &room, &last));
            let father = father.flatten().filter(|_| here && !minor && twin.is_none());
            if let Some(parent) = found.or(father) {
                *(if found.is_some() { &mut self.mother } else { &mut self.father }).index_mut(child) = Some(parent);
                room[parent] = room[parent].saturating_sub(1);
                last[parent].push(slot.birth);
            }
        }
        self.fathers(dice);
    }

    /// The one whose age suits best, who has room for a child and no other birth too near.
    fn find_parent(&self, child: usize, ideal: Day, sex: Sex, room: &[u32], births: &[Vec<Day>]) -> Option<usize> {
        let birth = self.slots[child].birth;
        let suits = |place: usize| {
            let slot = &self.slots[place];
            room[place] > 0
                && slot.sex == sex
                && MOTHER.contains(&(birth - slot.birth))
                && slot.death.is_none_or(|death| death >= birth)
                && births[place].iter().all(|other| (other - birth).abs() >= BETWEEN_BIRTHS)
        };
        let cost = |place: usize| {
            let near = births[place].iter().any(|other| (other - birth).abs() < 5 * YEAR);
            let mate = self.partner[place].is_some();
            (self.slots[place].birth - ideal).abs() - if near { 3 * YEAR } else { 0 } + if mate { 0 } else { YEAR }
        };
        (0..BLOCK).filter(|&place| suits(place)).min_by_key(|&place| cost(place))
    }

    fn fathers(&mut self, dice: &mut Dice) {
        for mother in 0..BLOCK {
            let Some(husband) = self.partner[mother].filter(|_| self.slots[mother].sex == Sex::Female) else {
                continue;
            };
            let again = dice.chance(RATES.step);
            let mut children: Vec<usize> = (0..BLOCK).filter(|&child| self.mother[child] == Some(mother)).collect();
            children.sort_by_key(|&child| (self.slots[child].birth, child));
            let eldest = children.first().copied();
            for child in children {
                let birth = self.slots[child].birth;
                let could = birth - self.slots[husband].birth >= 17 * YEAR
                    && self.slots[husband].death.is_none_or(|death| birth < death + 280);
                // In a second marriage the eldest comes from the first, and a twin of the eldest with it.
                let of_first = again && eldest.is_some_and(|eldest| self.slots[eldest].birth == birth);
                self.step[child] = of_first || !could;
                // A man who died before the birth is nobody's stepfather; one who was a child then may be.
                if could || self.slots[husband].death.is_none_or(|death| birth < death) {
                    self.father[child] = Some(husband);
                }
            }
        }
    }

    fn households(&mut self, dice: &mut Dice) {
        for place in 0..BLOCK {
            let slot = self.slots[place];
            if let Some(partner) = self.partner[place].filter(|_| slot.sex == Sex::Female) {
                self.head[place] = partner;
            }
            let band = usize::try_from((slot.age - 75).div_euclid(5)).ok();
            let share = band.map_or(0, |band| at(&RATES.facility[place_of(slot.sex)], band.min(3)));
            self.facility[place] = dice.chance(share);
        }
        let mut order: Vec<usize> = (0..BLOCK).collect();
        // The old first, so that a parent's household is settled before a child asks for it.
        order.sort_by_key(|&place| (self.slots[place].birth, place));
        for place in order {
            let slot = self.slots[place];
            let band = [25, 35, 50].iter().filter(|limit| slot.age >= **limit).count();
            let stays = dice.chance(at(&RATES.with_parents, band)) || slot.age < 18;
            let parent = self.mother[place].or(self.father[place]);
            let at_home = parent.filter(|&parent| {
                stays && self.partner[place].is_none() && (slot.age < 18 || self.slots[parent].lives())
            });
            if let Some(parent) = at_home {
                self.head[place] = self.head[parent];
            }
        }
        self.take_in_elders(dice);
        self.heads_live();
        for place in 0..BLOCK {
            if self.facility[place] {
                self.head[place] = place;
            }
        }
    }

    /// Old parents who live with a child's family.
    fn take_in_elders(&mut self, dice: &mut Dice) {
        for place in 0..BLOCK {
            let slot = self.slots[place];
            let alone = self.partner[place].is_none_or(|partner| !self.slots[partner].lives());
            let asks = slot.age >= 75 && self.head[place] == place && (alone || slot.sex == Sex::Male);
            if !dice.chance(at(&RATES.elders, usize::from(!alone))) || !asks {
                continue;
            }
            let wife = self.partner[place];
            let child = (0..BLOCK).find(|&child| {
                let parent = self.mother[child].or(self.father[child]);
                parent.is_some_and(|parent| parent == place || Some(parent) == wife)
                    && self.partner[child].is_some()
                    && self.slots[child].lives()
            });
            let Some(child) = child.filter(|&child| self.head[child] != place) else { continue };
            let new = self.head[child];
            for member in 0..BLOCK {
                if self.head[member] == place {
                    self.head[member] = new;
                }
            }
        }
    }

    /// A household's head lives and is grown, where anybody in it does: otherwise the eldest who lives takes the place.
    fn heads_live(&mut self) {
        let old = self.head.clone();
        for head in 0..BLOCK {
            // Who lives in a home of many keeps no household.
            let member = |place: usize| old[place] == head && !self.facility[place];
            if member(head) && self.slots[head].lives() {
                continue;
            }
            let eldest = (0..BLOCK).filter(|&place| member(place) && self.slots[place].lives());
            let eldest = eldest.min_by_key(|&place| self.slots[place].birth);
            let any = eldest.or_else(|| (0..BLOCK).find(|&place| member(place)));
            let Some(new) = any else { continue };
            let members: Vec<usize> = (0..BLOCK).filter(|&place| member(place)).collect();
            for place in members {
                self.head[place] = new;
            }
        }
    }

    /// Those who live in the household of `place` on the town's day.
    pub fn members(&self, place: usize) -> impl Iterator<Item = usize> {
        let head = self.head[place];
        (0..BLOCK).filter(move |&other| self.head[other] == head && (self.slots[other].lives() || other == place))
    }

    /// The children of `place`, eldest first.
    #[must_use]
    pub fn children(&self, place: usize) -> Vec<usize> {
        let mut children: Vec<usize> = (0..BLOCK)
            .filter(|&child| self.mother[child] == Some(place) || self.father[child] == Some(place))
            .collect();
        children.sort_by_key(|&child| (self.slots[child].birth, child));
        children
    }

    /// How `place` lives.
    #[must_use]
    pub fn living(&self, place: usize) -> Living {
        if self.facility[place] {
            return Living::Facility;
        }
        let members: Vec<usize> = self.members(place).collect();
        if members.len() == 1 {
            return if self.slots[place].age >= 65 { Living::ElderAlone } else { Living::Single };
        }
        let within = |other: Option<usize>| other.is_some_and(|other| members.contains(&other));
        let has_parent = |member: usize| within(self.mother[member]) || within(self.father[member]);
        let parent_of =
            |member: usize| self.mother[member].filter(|mother| members.contains(mother)).or(self.father[member]);
        let three = members.iter().any(|&member| {
            has_parent(member)
                && [self.mother[member], self.father[member]]
                    .into_iter()
                    .flatten()
                    .any(|parent| members.contains(&parent) && has_parent(parent))
        });
        if three {
            Living::ThreeGenerations
        } else if let Some(&child) = members.iter().find(|&&member| has_parent(member)) {
            let parent = parent_of(child);
            if parent.is_some_and(|parent| within(self.partner[parent])) {
                Living::WithChildren
            } else {
                Living::SingleParent
            }
        } else if members.len() == 2 && within(self.partner[place]) {
            Living::Couple
        } else {
            Living::Other
        }
    }
}
