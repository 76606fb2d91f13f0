//! Counting a whole town: what each chapter says of a person, under the keys of the rows.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use super::{Comparison, Tally};
use crate::{care, health, parameters, people::Sex, population, prevention, town::Town};

/// People counted at a time by one thread: whole blocks of the population.
const PART: u64 = 960;

/// Rows of `data/parameters.json` for the keys under which care counts.
const CARE: [(&str, &str); 6] = [
    ("certified.rate", "certified.age"),
    ("level.share", "certified.level"),
    ("cause.share.support", "care.cause.support"),
    ("cause.share.care", "care.cause.care"),
    ("setting.share", "care.receipt"),
    ("setting.facility.kind", "care.facility"),
];
/// The same for values.
const CARE_VALUES: [(&str, &str); 2] = [("ability.mean", "barthel.mean"), ("benefit.head", "care.benefit")];

impl Town {
    /// Adds person `index` to a comparison with Japan: population, health, care, prevention.
    pub fn count(&self, index: u64, tally: &mut Tally) {
        let person = population::person(self, index);
        population::count(tally, self, &person);
        let course = health::course(self, &person);
        health::count(&person, &course, self.today(), &mut |key, n, of| {
            if health::is_value(key) { tally.add_value(key, n) } else { tally.add(key, n, of) }
        });
        health::count_receipts(self, &person, &course, &mut |key, n, of| tally.add(key, n, of));
        // A stay makes receipts of several months: they are no independent ones.
        tally.widen("claims.receipts/inpatient", 90);
        tally.widen("claims.receipts/dpc", 50);
        // So rare that chance is that of counted receipts; each counts twelve: the root of twelve, and a tenth for the months.
        tally.widen("claims.receipts/dental-inpatient", 38);
        let need = care::need(self, &person, &course);
        care::count(&person, &need, self.today(), &mut |key, n, of| care_count(tally, key, n, of));
        if person.lives_on(self.today()) && need.level_on(self.today()).is_some() {
            tally.add("care.certified-sex", i64::from(person.sex == Sex::Male), 1);
        }
        let level = need.level_on(self.today()).filter(|_| person.lives_on(self.today()));
        let band = match person.age_on(self.today()) {
            ..65 => None,
            65..75 => Some("certified.support/65-74"),
            75..85 => Some("certified.support/75-84"),
            85.. => Some("certified.support/85+"),
        };
        if let (Some(level), Some(key)) = (level, band) {
            tally.add(key, i64::from(level.is_support()), 1);
        }
        if person.lives_on(self.today()) {
            let (age, is_certified) = (person.age_on(self.today()), i64::from(need.level_on(self.today()).is_some()));
            for (key, from) in [("certified.wide", 65), ("certified.old/75+", 75), ("certified.old/85+", 85)] {
                if age >= from {
                    tally.add(key, is_certified, 1);
                }
            }
        }
        prevention::count(self, &person, &mut |key, n, of| tally.add(key, n, of));
    }
}

/// Puts what care counts under `<row>.<place>` at the row's label of that place.
fn care_count(tally: &mut Tally, key: &str, n: u64, of: u64) {
    let Some((row, place)) = key.rsplit_once('.') else { return };
    let (n, of) = (i64::try_from(n).unwrap_or(i64::MAX), i64::try_from(of).unwrap_or(i64::MAX));
    let named = |table: &[(&str, &str)]| {
        let own = table.iter().find(|(theirs, _)| *theirs == row).map(|(_, own)| *own)?;
        let label = parameters::row(own)?.labels.get(place.parse::<usize>().ok()?)?;
        Some(format!("{own}/{label}"))
    };
    if let Some(key) = named(&CARE) {
        tally.add(&key, n, of);
    } else if let Some(key) = named(&CARE_VALUES) {
        tally.add_value(&key, n);
    }
}

/// Counts every citizen of a town with so many threads, and compares. The result does not depend on their number.
/// `progress` is told how many citizens are counted.
#[must_use]
pub fn of_town(town: &Town, threads: usize, progress: &(dyn Fn(u64) + Sync)) -> Comparison {
    let (next, done) = (AtomicU64::new(0), AtomicU64::new(0));
    let whole = Mutex::new(Tally::default());
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| {
                // Each thread has a town of its own: blocks of people are remembered one at a time.
                let town = town.clone();
                let mut tally = Tally::default();
                loop {
                    let first = next.fetch_add(PART, Ordering::Relaxed);
                    let end = (first + PART).min(town.citizens());
                    if first >= end {
                        break;
                    }
                    (first..end).for_each(|index| town.count(index, &mut tally));
                    progress(done.fetch_add(end - first, Ordering::Relaxed) + end - first);
                }
                whole.lock().unwrap_or_else(PoisonError::into_inner).merge(&tally);
            });
        }
    });
    let tally = whole.into_inner().unwrap_or_else(PoisonError::into_inner);
    Comparison {
        seed: Some(town.seed()),
        citizens: Some(town.citizens()),
        today: Some(town.today()),
        ..tally.compare()
    }
}
