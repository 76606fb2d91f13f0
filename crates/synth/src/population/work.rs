//! School, work and retirement, and the insurance that follows from them.
//!
//! An adult has a path of employers, gaps and retirement of their own; a child or a wife who does not work follows
//! whoever they depend on. At 75 everybody is insured alone (後期高齢者医療); a household on public assistance has no
//! insurance but 医療扶助. What must hold: the insurances of a person do not overlap, and no number is ever given to two
//! people.

use std::sync::LazyLock;

use super::{
    biography::Lives,
    day::{Day, NEVER, birthday, civil, date, day_of},
    homes::Home,
    person::{Coverage, Insurer, Occupation},
};
use crate::{
    dice::Stream,
    parameters,
    people::{Sex, insurer_number},
};

/// A stretch of an adult's own path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Job {
    from: Day,
    to: Day,
    insurer: Insurer,
    occupation: Occupation,
    ordinal: u64,
}

/// A stretch of a person's insurance: whose job it rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stretch {
    from: Day,
    to: Day,
    job: Job,
    payer: usize,
}

struct Rates {
    start: Vec<u32>,
    kinds: Vec<u32>,
    years: Vec<i64>,
    gap: u32,
    retire: (i64, i64),
    wives: u32,
    back: u32,
    assistance: Vec<u32>,
    unnumbered: u32,
}

static RATES: LazyLock<Rates> = LazyLock::new(|| {
    let retire = parameters::values("work.retire");
    Rates {
        start: parameters::shares("work.start"),
        kinds: parameters::shares("work.kinds"),
        years: parameters::values("work.years").to_vec(),
        gap: parameters::share("work.gap"),
        retire: (retire.first().copied().unwrap_or(60), retire.get(1).copied().unwrap_or(70)),
        wives: parameters::share("work.dependant-wives"),
        back: parameters::share("work.back"),
        assistance: parameters::shares("insurer.assistance"),
        unnumbered: parameters::share("population.unnumbered"),
    }
});

const EMPLOYED: [(Insurer, Occupation); 4] = [
    (Insurer::Association, Occupation::Employed),
    (Insurer::Union, Occupation::Employed),
    (Insurer::MutualAid, Occupation::Employed),
    (Insurer::Municipal, Occupation::SelfEmployed),
];

/// Jobs of one path at most; more would share numbers.
const MOST_JOBS: u64 = 30;

fn small(value: i64) -> Day {
    i32::try_from(value).unwrap_or(0)
}

impl Lives<'_> {
    /// 1 April of the year in which school ends.
    fn starts_work(&self, place: usize) -> Day {
        let birth = self.plan.slots[place].birth;
        let years = [18, 20, 22, 24][self.dice(place, Stream::Work, 1).weighted(&RATES.start).min(3)];
        let (year, month, _) = civil(birth);
        // Born from January to March: a school year earlier.
        day_of(year + years + i32::from(month > 3), 4, 1)
    }

    /// The path of an adult from the end of school to the 75th birthday or death.
    fn path(&self, place: usize) -> Vec<Job> {
        let slot = &self.plan.slots[place];
        let mut dice = self.dice(place, Stream::Work, 2);
        let end = birthday(slot.birth, 75);
        let retires = slot.birth + small(dice.between(RATES.retire.0 * 365, RATES.retire.1 * 365));
        let last = slot.death.unwrap_or(self.plan.today) + 1;
        let mut jobs: Vec<Job> = Vec::new();
        let mut from = self.starts_work(place);
        let mut ordinal = 1;
        while from < retires.min(last) && ordinal < MOST_JOBS {
            let kind = dice.weighted(&RATES.kinds).min(3);
            let (insurer, occupation) = EMPLOYED[kind];
            let bound = |at: usize| RATES.years.get(kind * 2 + at).copied().unwrap_or(1) * 365;
            // Short stays are commoner than long ones: the less of two throws.
            let length = dice.between(bound(0), bound(1)).min(dice.between(bound(0), bound(1)));
            let to = (from + small(length)).min(retires);
            jobs.push(Job { from, to, insurer, occupation, ordinal });
            from = to;
            ordinal += 1;
            let months = dice.between(30, 330);
            if dice.chance(RATES.gap) && from < retires {
                let to = (from + small(months)).min(retires);
                jobs.push(Job {
                    from,
                    to,
                    insurer: Insurer::Municipal,
                    occupation: Occupation::Unemployed,
                    ordinal: 0,
                });
                from = to;
            }
        }
        if from < last {
            jobs.push(Job { from, to: end, insurer: Insurer::Municipal, occupation: Occupation::Retired, ordinal: 0 });
        }
        jobs
    }

    /// When a wife does not work: from when to when.
    fn at_home(&self, place: usize) -> Option<(Day, Day)> {
        let husband = self.plan.partner[place].filter(|_| self.plan.slots[place].sex == Sex::Female)?;
        let mut dice = self.dice(place, Stream::Work, 3);
        let depends = dice.chance(RATES.wives);
        let from = self.wedding(place, husband) + small(dice.between(0, 6 * 365));
        let back = dice.chance(RATES.back);
        let until = from + small(dice.between(6 * 365, 20 * 365));
        let end = self.plan.slots[husband].death.unwrap_or(NEVER).min(birthday(self.plan.slots[husband].birth, 75));
        let to = if back { until.min(end) } else { end };
        (depends && from < to).then_some((from, to))
    }

    /// On whom a child depends: the father, else the mother, as far as they are in the town.
    fn provider(&self, place: usize) -> Option<usize> {
        let plan = self.plan;
        let father = plan.father[place].filter(|_| !plan.step[place] || self.adoption(place).is_some());
        father.or(plan.mother[place])
    }

    /// The stretches of `place` between two days on the path of `payer`; where that has a gap, as 国保 of the household.
    fn along(&self, place: usize, payer: usize, from: Day, to: Day, out: &mut Vec<Stretch>) {
        let mut at = from;
        let municipal = Job { from, to, insurer: Insurer::Municipal, occupation: Occupation::Home, ordinal: 0 };
        for job in self.path(payer) {
            let (start, end) = (job.from.max(at), job.to.min(to));
            if start >= end {
                continue;
            }
            if start > at {
                out.push(Stretch { from: at, to: start, job: municipal, payer: place });
            }
            out.push(Stretch { from: start, to: end, job, payer });
            at = end;
        }
        if at < to {
            out.push(Stretch { from: at, to, job: municipal, payer: place });
        }
    }

    /// Insurance of a person's working life and childhood, before what goes by age and need.
    fn stretches(&self, place: usize) -> Vec<Stretch> {
        let slot = &self.plan.slots[place];
        let end = slot.death.map_or(NEVER, |death| death + 1);
        let old = birthday(slot.birth, 75).min(end);
        let starts = self.starts_work(place).min(old);
        let mut list = Vec::new();
        match self.provider(place) {
            Some(provider) => self.along(place, provider, slot.birth, starts, &mut list),
            None => {
                // The parents live elsewhere: insured there, as their child.
                let kind = self.dice(place, Stream::Work, 4).weighted(&RATES.kinds).min(3);
                let (insurer, occupation) = EMPLOYED[kind];
                let job = Job { from: slot.birth, to: starts, insurer, occupation, ordinal: MOST_JOBS + 1 };
                list.push(Stretch { from: slot.birth, to: starts, job, payer: usize::MAX });
            }
        }
        let home = self.at_home(place).filter(|(from, _)| *from < old);
        let (leave, back) = home.map_or((old, old), |(from, to)| (from.max(starts), to.clamp(from.max(starts), old)));
        if starts < leave {
            self.along(place, place, starts, leave, &mut list);
        }
        if let Some(husband) = self.plan.partner[place].filter(|_| leave < back) {
            self.along(place, husband, leave, back, &mut list);
        }
        if back < old {
            self.along(place, place, back, old, &mut list);
        }
        list
    }

    /// Since when the household lives on public assistance.
    fn assisted_since(&self, place: usize) -> Option<Day> {
        let head = self.plan.head[place];
        let band = [40, 65].iter().filter(|limit| self.plan.slots[head].age >= **limit).count();
        let mut dice = self.dice(head, Stream::Work, 5);
        let thrown = dice.chance(RATES.assistance.get(band).copied().unwrap_or(0));
        let since = self.plan.today - small(dice.between(30, 8 * 365));
        thrown.then_some(since.max(self.plan.slots[place].birth))
    }

    /// Whether the person has no insured number at all.
    #[must_use]
    pub fn is_unnumbered(&self, place: usize) -> bool {
        self.dice(place, Stream::Work, 6).rare(RATES.unnumbered)
    }

    /// Insurances from birth on. `homes` are the person's own: 国保 is the city's.
    #[must_use]
    pub fn coverages(&self, place: usize, homes: &[(Day, Home)]) -> Vec<Coverage> {
        if self.is_unnumbered(place) {
            return Vec::new();
        }
        let slot = &self.plan.slots[place];
        let end = slot.death.map_or(NEVER, |death| death + 1);
        let assisted = self.assisted_since(place).unwrap_or(NEVER);
        let mut list: Vec<Coverage> = Vec::new();
        for stretch in self.stretches(place) {
            let (from, to) = (stretch.from, stretch.to.min(assisted).min(end));
            if from >= to || from > self.plan.today {
                continue;
            }
            if stretch.job.insurer == Insurer::Municipal {
                self.municipal(place, (from, to), homes, &mut list);
            } else {
                push(&mut list, from, to, stretch.job.insurer, self.employed(place, &stretch), stretch.payer == place);
            }
        }
        let old = birthday(slot.birth, 75);
        let (from, to) = (old, end.min(assisted));
        if from < to && from <= self.plan.today {
            let number = scramble(self.plan.index(place), 8);
            push(&mut list, from, to, Insurer::LateElderly, format!("{}::{number}:", insurer_number("39", 1)), true);
        }
        if assisted < end && assisted <= self.plan.today {
            let number = scramble(self.plan.index(place), 7);
            let id = format!("{}::{number}:", insurer_number("12", 1));
            push(&mut list, assisted, end, Insurer::PublicAssistance, id, true);
        }
        if let Some(last) = list.last_mut().filter(|_| slot.death.is_none()) {
            last.to = None;
        }
        list
    }

    /// 国保 of the city in which the person lives, one number for the household.
    fn municipal(&self, place: usize, (from, to): (Day, Day), homes: &[(Day, Home)], list: &mut Vec<Coverage>) {
        // One number for the household, a branch for each who ever belonged to it.
        let head = self.plan.head[place];
        let branch = self.plan.head[..place].iter().filter(|&&other| other == head).count() % 99 + 1;
        let mut at = from;
        while at < to {
            let home = homes.iter().rposition(|(day, _)| *day <= at).unwrap_or(0);
            let next = homes.get(home + 1).map_or(NEVER, |(day, _)| *day).clamp(at + 1, to);
            let elsewhere = homes.get(home).is_some_and(|(_, home)| home.elsewhere);
            let owner = self.plan.index(head);
            let id = if elsewhere {
                // Another city's: one for each stay there, so that the number is new.
                let salt = u64::from(at.unsigned_abs()) % 90;
                let number = scramble(owner * 100 + salt, 9);
                format!("{}:外:{number}:{branch:02}", insurer_number("00", 100 + u32::try_from(salt).unwrap_or(0)))
            } else {
                format!("{}:紬:{}:{branch:02}", insurer_number("00", 2), full_width(&scramble(owner, 8)))
            };
            push(list, at, next, Insurer::Municipal, id, place == head);
            at = next;
        }
    }

    /// The number at an employer's insurer: the payer's, with the branch of the person.
    fn employed(&self, place: usize, stretch: &Stretch) -> String {
        let outside = stretch.payer == usize::MAX;
        let payer = if outside { place } else { stretch.payer };
        let branch = if outside { 3 } else { self.branch(place, payer) };
        let job = stretch.job;
        let mut dice = self.dice(payer, Stream::Work, 100 + job.ordinal);
        let number = scramble(self.plan.index(payer) * 32 + job.ordinal, 8);
        let symbol = dice.between(1000, 9999);
        match job.insurer {
            Insurer::Union => {
                let which = u32::try_from(dice.between(1, 12)).unwrap_or(1);
                // Some unions write their numbers in full width; that is part of the number.
                let (symbol, number) = if which % 4 == 0 {
                    (full_width(&symbol.to_string()), full_width(&number))
                } else {
                    (symbol.to_string(), number)
                };
                format!("{}:{symbol}:{number}:{branch:02}", insurer_number("06", which))
            }
            Insurer::MutualAid => {
                let kind = ["31", "32", "33", "34"][usize::try_from(dice.below(4)).unwrap_or(0)];
                format!("{}:綾公{symbol}:{number}:{branch:02}", insurer_number(kind, 1))
            }
            _ => format!("{}:2149{symbol}:{number}:{branch:02}", insurer_number("01", 1)),
        }
    }

    /// 枝番: 01 the insured, 02 the partner, then children, then others of the household.
    fn branch(&self, place: usize, payer: usize) -> usize {
        let plan = self.plan;
        if place == payer {
            return 1;
        }
        if plan.partner[payer] == Some(place) {
            return 2;
        }
        let mut children = plan.children(payer);
        if let Some(partner) = plan.partner[payer] {
            children.extend(plan.children(partner));
            children.sort_by_key(|&child| (plan.slots[child].birth, child));
            children.dedup();
        }
        children.iter().position(|&child| child == place).map_or(50 + place % 40, |at| 3 + at.min(40))
    }

    /// What the person does, from birth on.
    #[must_use]
    pub fn occupations(&self, place: usize) -> Vec<(Day, Occupation)> {
        let slot = &self.plan.slots[place];
        let last = slot.death.unwrap_or(self.plan.today);
        let (year, month, _) = civil(slot.birth);
        let school = |years: i32| day_of(year + years + i32::from(month > 3), 4, 1);
        let mut list = vec![
            (slot.birth, Occupation::Infant),
            (school(6), Occupation::Elementary),
            (school(12), Occupation::JuniorHigh),
            (school(15), Occupation::HighSchool),
        ];
        let starts = self.starts_work(place);
        if starts > school(18) {
            list.push((school(18), Occupation::Student));
        }
        let home = self.at_home(place);
        for job in self.path(place) {
            match home {
                Some((from, to)) if job.from < to && job.to > from => {
                    if job.from < from {
                        list.push((job.from, job.occupation));
                    }
                    list.push((from.max(job.from), Occupation::Home));
                    if job.to > to {
                        list.push((to, job.occupation));
                    }
                }
                _ => list.push((job.from, job.occupation)),
            }
        }
        list.retain(|(day, _)| *day <= last);
        list.dedup_by(|later, earlier| later.1 == earlier.1);
        list
    }
}

/// Adds an insurance, or lengthens the last one when it goes on under the same number.
fn push(list: &mut Vec<Coverage>, from: Day, to: Day, insurer: Insurer, member_id: String, insured_person: bool) {
    let until = (to < NEVER).then(|| date(to));
    match list.last_mut() {
        Some(last) if last.member_id == member_id && last.to == Some(date(from)) => last.to = until,
        _ => list.push(Coverage { from: date(from), to: until, insurer, member_id, insured_person }),
    }
}

/// `number` in at least `digits` digits, so that neighbours do not look alike: multiplied by a number without common factor with the
/// power of ten, so no two numbers meet.
fn scramble(number: u64, digits: u32) -> String {
    let mut digits = digits;
    while number >= 10u64.pow(digits) {
        digits += 1;
    }
    let modulus = u128::from(10u64.pow(digits));
    let mixed = (u128::from(number) * 7_368_787 + 1_234_567) % modulus;
    format!("{mixed:0width$}", width = usize::try_from(digits).unwrap_or(8))
}

fn full_width(digits: &str) -> String {
    digits.chars().map(|digit| char::from_u32(u32::from(digit) + 0xfee0).unwrap_or(digit)).collect()
}
