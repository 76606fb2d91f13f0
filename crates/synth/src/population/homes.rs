//! Homes over time: a household moves as one; who marries, is born or is taken in comes to the home that is there.
//!
//! The town is laid out along a way around it: a home has a *spot* from 0 to 999,999, and a quarter of the town is a
//! stretch of it. So the nearest institution of a kind is found by a division, however large the town is.

use std::sync::LazyLock;

use super::{
    biography::Lives,
    day::{Day, age, birthday, date},
    person::Over,
};
use crate::{
    dice::{Dice, Stream},
    names::{CITY, ELSEWHERE, PREFECTURE, QUARTERS},
    parameters,
    people::Address,
};

/// How many spots the way around the town has.
pub const SPOTS: u32 = 1_000_000;

/// A home: in the town, or elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    /// Where along the way around the town; elsewhere, where the person would come in.
    pub spot: u32,
    /// Whether it lies in another city.
    pub elsewhere: bool,
    /// Address.
    pub address: Address,
}

struct Rates {
    moves: Vec<u32>,
    out: u32,
}

static RATES: LazyLock<Rates> =
    LazyLock::new(|| Rates { moves: parameters::shares("home.moves"), out: parameters::share("home.moves.out") });

/// The quarter at a spot, and its postal code.
#[must_use]
pub fn quarter(spot: u32) -> (&'static str, &'static str) {
    let place = u64::from(spot % SPOTS) * QUARTERS.len() as u64 / u64::from(SPOTS);
    QUARTERS[usize::try_from(place).unwrap_or(0) % QUARTERS.len()]
}

/// The address of a house at a spot.
#[must_use]
pub fn address_at(spot: u32, dice: &mut Dice) -> Address {
    let (name, postal) = quarter(spot);
    // A quarter is 25,000 spots long; its five 丁目 follow the way.
    let block = spot % (SPOTS / 40) / (SPOTS / 200) + 1;
    let mut line = format!("{name}{block}-{}-{}", dice.between(1, 40), dice.between(1, 30));
    if dice.chance(300) {
        line.push_str(&format!(" {}号", dice.between(1, 9) * 100 + dice.between(1, 12)));
    }
    Address { postal: postal.into(), state: PREFECTURE.into(), city: CITY.into(), line }
}

impl Lives<'_> {
    /// The days on which somebody who decides for themselves moved, latest first. The first move is the one out of the
    /// parents' home.
    fn moves(&self, place: usize) -> Vec<Day> {
        let slot = &self.plan.slots[place];
        let mut dice = self.dice(place, Stream::Home, 1);
        let leaves = slot.birth + i32::try_from(dice.between(18 * 365 + 60, 29 * 365)).unwrap_or(0);
        let last = slot.death.unwrap_or(self.plan.today);
        let mut days = Vec::new();
        let mut year_end = last;
        while year_end > leaves {
            let years = age(slot.birth, year_end);
            let band = [18, 30, 45, 65].iter().filter(|limit| years >= **limit).count();
            let within = i32::try_from(dice.below(365)).unwrap_or(0);
            if dice.chance(RATES.moves.get(band).copied().unwrap_or(0)) && year_end - within > leaves {
                days.push(year_end - within);
            }
            year_end -= 365;
        }
        if leaves < last {
            days.push(leaves);
        }
        days
    }

    /// A home that `owner` came to on `from`. The newest one is in the town; earlier ones may be elsewhere.
    fn home(&self, owner: usize, from: Day, newest: bool) -> Home {
        let mut dice = self.dice(owner, Stream::Home, u64::from(from.unsigned_abs()) + 1000);
        let spot = u32::try_from(dice.below(u64::from(SPOTS))).unwrap_or(0);
        let elsewhere = dice.chance(RATES.out) && !newest;
        let mut address = address_at(spot, &mut dice);
        if elsewhere {
            let (state, city, postal) = dice.pick(&ELSEWHERE);
            let line = format!("{}丁目{}-{}", dice.between(1, 9), dice.between(1, 30), dice.between(1, 30));
            address = Address { postal: (*postal).into(), state: (*state).into(), city: (*city).into(), line };
        }
        Home { spot, elsewhere, address }
    }

    /// Homes of the one who decides where a household lives, earliest first, from the move out of the parents' home on.
    fn own_homes(&self, owner: usize) -> Vec<(Day, Home)> {
        let days = self.moves(owner);
        let newest = days.first().copied();
        days.into_iter().rev().map(|day| (day, self.home(owner, day, Some(day) == newest))).collect()
    }

    /// When `place` came to the household of `head`.
    fn joined(&self, place: usize, head: usize) -> Day {
        let plan = self.plan;
        let birth = plan.slots[place].birth;
        if plan.partner[place] == Some(head) {
            return self.wedding(place, head);
        }
        let parent_here =
            |parent: Option<usize>| parent.is_some_and(|parent| plan.head[parent] == head || parent == head);
        if parent_here(plan.mother[place]) || parent_here(plan.father[place]) {
            return birth;
        }
        // Taken in when old.
        let years = 1 + i32::try_from(self.dice(place, Stream::Home, 2).below(9)).unwrap_or(0);
        (self.plan.today - years * 365).max(birth)
    }

    /// Homes from birth on, earliest first.
    #[must_use]
    pub fn homes(&self, place: usize) -> Vec<(Day, Home)> {
        let plan = self.plan;
        let slot = &plan.slots[place];
        let head = plan.head[place];
        let mut list: Vec<(Day, Home)> = Vec::new();
        let joined = if head == place { slot.birth } else { self.joined(place, head) };
        if joined > slot.birth || head == place {
            // A life of one's own, after the parents' home.
            let own = self.own_homes(place);
            let leaves = own.first().map_or(joined.max(slot.birth + 1), |(day, _)| *day);
            list.extend(self.parents_homes(place, leaves));
            list.extend(own.into_iter().filter(|(day, _)| head == place || *day < joined));
        }
        if head != place {
            let homes = self.homes(head);
            let there = homes.iter().rposition(|(day, _)| *day <= joined).unwrap_or(0);
            for (place_in_list, (day, home)) in homes.into_iter().enumerate().skip(there) {
                list.push((if place_in_list == there { joined } else { day }, home));
            }
        }
        list.retain(|(day, _)| slot.death.is_none_or(|death| *day < death) && *day <= plan.today);
        // Nobody of the town has the newest home elsewhere.
        if list.last().is_none_or(|(_, home)| home.elsewhere) {
            let day = list.last().map_or(slot.birth, |(day, _)| *day);
            list.pop();
            list.push((day, self.home(head, day, true)));
        }
        list
    }

    /// The home in which somebody grew up.
    fn parents_homes(&self, place: usize, until: Day) -> Vec<(Day, Home)> {
        let birth = self.plan.slots[place].birth;
        let Some(mother) = self.plan.mother[place] else {
            return vec![(birth, self.home(place, birth, false))];
        };
        // An old mother may live with a child today; the home of that childhood was her own.
        let head = self.plan.head[mother];
        let parent = if self.plan.slots[head].birth < birth - 15 * 365 { head } else { mother };
        let homes = self.own_homes(parent);
        let there = homes.iter().rposition(|(day, _)| *day <= birth).unwrap_or(0);
        let from = |(at, (day, home)): (usize, (Day, Home))| (if at == there { birth } else { day }, home);
        homes.into_iter().enumerate().skip(there).map(from).filter(|(day, _)| *day < until).collect()
    }

    /// Since when the person lives in a special nursing home.
    #[must_use]
    pub fn facility_since(&self, place: usize) -> Option<Day> {
        let slot = &self.plan.slots[place];
        let earliest = birthday(slot.birth, 75) + 10;
        let last = slot.death.unwrap_or(self.plan.today);
        let ago = i32::try_from(self.dice(place, Stream::Home, 3).between(20, 6 * 365)).unwrap_or(20);
        self.plan.facility[place].then(|| (last - ago).max(earliest.min(last)))
    }

    /// Telephone of the household.
    #[must_use]
    pub fn phone(&self, place: usize) -> String {
        let mut dice = self.dice(self.plan.head[place], Stream::Home, 4);
        format!("000-{:04}-{:04}", dice.between(0, 9999), dice.between(0, 9999))
    }
}

/// Days and values as a value over time.
#[must_use]
pub fn over<T: Clone + PartialEq>(list: &[(Day, T)], otherwise: T) -> Over<T> {
    let Some(((from, first), later)) = list.split_first() else {
        return Over::always(jiff::civil::Date::MIN, otherwise);
    };
    let mut over = Over::always(date(*from), first.clone());
    for (day, value) in later {
        over.change(date(*day), value.clone());
    }
    over
}
