//! Measuring: how many true pairs are queued, how many false ones, and how long a search takes in memory.

use std::{collections::BTreeMap, time::Instant};

use super::{
    Dice,
    slips::{Slip, again},
    town::{Person, Sources},
};
use crate::{
    compare::Levels,
    features::Features,
    fit::LabelledPair,
    index::Index,
    model::{Model, Verdict},
};

/// A made-up town in memory.
#[derive(Debug)]
pub struct Town {
    /// Its people.
    pub people: Vec<Person>,
    /// Their features by their keys.
    pub index: Index,
    /// Names to draw from.
    pub sources: Sources,
}

/// What was measured.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// True pairs asked for, by slip.
    pub asked: BTreeMap<Slip, u64>,
    /// Those whose citizen was compared at all: what blocking reaches.
    pub reached: BTreeMap<Slip, u64>,
    /// Those that were queued.
    pub queued: BTreeMap<Slip, u64>,
    /// Those called likely.
    pub likely: u64,
    /// Others queued, in all.
    pub others: u64,
    /// Others called likely.
    pub others_likely: u64,
    /// Others queued for people who are not in the town.
    pub others_of_newcomers: u64,
    /// Newcomers asked for.
    pub newcomers: u64,
    /// Rows read, in all.
    pub rows: u64,
    /// Most rows read by one search.
    pub rows_most: usize,
    /// Searches with a pass that was too large.
    pub overflowed: u64,
    /// Microseconds of each search, sorted; empty without a clock.
    pub micros: Vec<u64>,
}

impl Town {
    /// A town of so many people, from a seed.
    #[must_use]
    pub fn of(count: usize, seed: u64) -> Self {
        let sources = Sources::default();
        let people = sources.people(count, &mut Dice::new(seed));
        let index = Index::of(people.iter().map(|person| Features::of(&person.described())).collect());
        Self { people, index, sources }
    }

    /// A person's second description, and its first slip.
    pub fn second(&self, number: usize, dice: &mut Dice) -> Option<(Slip, Features)> {
        let first = Slip::draw(dice);
        let mut slips = vec![first];
        if dice.permille(200) {
            slips.push(Slip::draw(dice));
        }
        if dice.permille(50) {
            slips.push(Slip::draw(dice));
        }
        let described = again(self.people.get(number)?, &slips, &self.sources, dice);
        Some((first, Features::of(&described)))
    }

    /// Pairs for fitting: each true pair, each pair of a household, and so many pairs of strangers.
    #[must_use]
    pub fn pairs(&self, true_pairs: usize, strangers: usize, seed: u64) -> Vec<LabelledPair> {
        let mut dice = Dice::new(seed);
        let mut pairs = Vec::new();
        let any = |dice: &mut Dice| usize::try_from(dice.below(self.people.len() as u64)).unwrap_or(0);
        for _ in 0..true_pairs {
            let number = any(&mut dice);
            if let (Some((_, b)), Some(a)) = (self.second(number, &mut dice), self.index.person(number)) {
                pairs.push(LabelledPair { a: *a, b, same: true });
            }
        }
        for (number, person) in self.people.iter().enumerate() {
            let mates = self.people.iter().enumerate().skip(number + 1).take(8);
            for (other, _) in mates.filter(|(_, mate)| mate.household == person.household) {
                // Those of a household of whom nothing says so are no sample of strangers.
                if let (Some(a), Some((_, b))) = (self.index.person(number), self.second(other, &mut dice))
                    && Levels::of(a, &b).are_of_one_household()
                {
                    pairs.push(LabelledPair { a: *a, b, same: false });
                }
            }
        }
        for _ in 0..strangers {
            let (a, b) = (any(&mut dice), any(&mut dice));
            if a != b
                && let (Some(a), Some(b)) = (self.index.person(a), self.index.person(b))
            {
                pairs.push(LabelledPair { a: *a, b: *b, same: false });
            }
        }
        pairs
    }

    /// Searches for `asked` people of the town by their second descriptions, and for `newcomers` who are not in it. `now` gives the
    /// time, for those who may read a clock.
    #[must_use]
    pub fn measure(
        &self,
        model: &Model,
        asked: usize,
        newcomers: usize,
        seed: u64,
        now: Option<fn() -> Instant>,
    ) -> Report {
        let mut dice = Dice::new(seed);
        let mut report = Report::default();
        for _ in 0..asked {
            let number = usize::try_from(dice.below(self.people.len() as u64)).unwrap_or(0);
            let Some((slip, wanted)) = self.second(number, &mut dice) else { continue };
            self.search(model, &wanted, Some((number, slip)), now, &mut report);
        }
        for person in self.sources.people(newcomers, &mut dice) {
            self.search(model, &Features::of(&person.described()), None, now, &mut report);
            report.newcomers += 1;
        }
        report.micros.sort_unstable();
        report
    }

    fn search(
        &self,
        model: &Model,
        wanted: &Features,
        truth: Option<(usize, Slip)>,
        now: Option<fn() -> Instant>,
        report: &mut Report,
    ) {
        let start = now.map(|now| now());
        let found = self.index.candidates(model, wanted, 16);
        if let (Some(start), Some(now)) = (start, now) {
            report.micros.push(u64::try_from((now() - start).as_micros()).unwrap_or(u64::MAX));
        }
        report.rows += found.rows as u64;
        report.rows_most = report.rows_most.max(found.rows);
        report.overflowed += u64::from(!found.overflowed.is_empty());
        for (number, likeness) in &found.candidates {
            let likely = u64::from(likeness.verdict == Verdict::Likely);
            match truth {
                Some((truth, slip)) if *number == truth as u64 => {
                    *report.queued.entry(slip).or_default() += 1;
                    report.likely += likely;
                }
                Some(_) => (report.others, report.others_likely) = (report.others + 1, report.others_likely + likely),
                None => {
                    (report.others_of_newcomers, report.others_likely) =
                        (report.others_of_newcomers + 1, report.others_likely + likely)
                }
            }
        }
        if let Some((truth, slip)) = truth {
            *report.asked.entry(slip).or_default() += 1;
            let reached = self.index.person(truth).is_some_and(|person| reaches(wanted, person));
            *report.reached.entry(slip).or_default() += u64::from(reached);
        }
    }
}

/// Whether two descriptions share a key.
fn reaches(a: &Features, b: &Features) -> bool {
    let keys = crate::block::keys(b);
    crate::block::keys(a).iter().any(|key| keys.iter().any(|other| other.wide == key.wide))
}

impl Report {
    /// True pairs queued, in parts of 10,000.
    #[must_use]
    pub fn recall(&self) -> u64 {
        let sum = |of: &BTreeMap<Slip, u64>| of.values().sum::<u64>();
        sum(&self.queued) * 10_000 / sum(&self.asked).max(1)
    }

    /// True pairs that blocking reaches, in parts of 10,000.
    #[must_use]
    pub fn reach(&self) -> u64 {
        let sum = |of: &BTreeMap<Slip, u64>| of.values().sum::<u64>();
        sum(&self.reached) * 10_000 / sum(&self.asked).max(1)
    }

    /// The microseconds that so many of a thousand searches stay within.
    #[must_use]
    pub fn micros_within(&self, permille: usize) -> Option<u64> {
        let at = (self.micros.len() * permille).div_ceil(1000).checked_sub(1)?;
        self.micros.get(at).copied()
    }

    /// Searches with a false candidate queued, of 10,000 (each candidate counts).
    #[must_use]
    pub fn false_candidates(&self) -> u64 {
        let searches = self.asked.values().sum::<u64>() + self.newcomers;
        (self.others + self.others_of_newcomers) * 10_000 / searches.max(1)
    }
}
