//! The town beside the numbers it is made from: a tally filled person by person, and each row of
//! `data/parameters.json` compared with what is found.
//!
//! A [`Tally`] is merged from parts in any order and any split, since it holds whole numbers only. Each chapter adds its own
//! counts under the keys of the rows (`certified.age/80-84`). What must hold: a row that is off by more than three in a
//! hundred *and* by more than three standard errors is [`Verdict::Off`]; nothing is off by chance alone.

mod count;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::parameters::{self, Mark, Row};

pub use count::of_town;

/// Sums of one cell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Cell {
    /// Cases, or the sum of values.
    pub n: i64,
    /// Persons, person-years or values.
    pub of: i64,
    /// Sum of squares of values; 0 for cases.
    pub squares: i64,
    /// By how many tenths the error is larger than of independent persons (10: not at all).
    pub widen_tenths: i64,
}

/// Counts by key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    cells: BTreeMap<String, Cell>,
}

impl Tally {
    fn cell(&mut self, key: &str) -> &mut Cell {
        if !self.cells.contains_key(key) {
            self.cells.insert(key.to_owned(), Cell { widen_tenths: 10, ..Cell::default() });
        }
        self.cells.entry(key.to_owned()).or_default()
    }

    /// Adds `n` cases among `of` persons (or person-years).
    pub fn add(&mut self, key: &str, n: i64, of: i64) {
        let cell = self.cell(key);
        cell.n += n;
        cell.of += of;
    }

    /// Adds a measured value, whole and in the scale of the row.
    pub fn add_value(&mut self, key: &str, value: i64) {
        let cell = self.cell(key);
        cell.n += value;
        cell.of += 1;
        cell.squares += value * value;
    }

    /// Adds each of `labels` as cases: one for `which`, none for the others.
    pub fn add_one_of(&mut self, key: &str, labels: &[String], which: Option<usize>) {
        for (place, label) in labels.iter().enumerate() {
            self.add(&format!("{key}/{label}"), i64::from(which == Some(place)), 1);
        }
    }

    /// Says that persons of a key come in groups that are alike, so that the error is larger by so many tenths.
    pub fn widen(&mut self, key: &str, tenths: i64) {
        let cell = self.cell(key);
        cell.widen_tenths = cell.widen_tenths.max(tenths);
    }

    /// The sums of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<Cell> {
        self.cells.get(key).copied()
    }

    /// Takes another tally in.
    pub fn merge(&mut self, other: &Self) {
        for (key, add) in &other.cells {
            let cell = self.cell(key);
            cell.n += add.n;
            cell.of += add.of;
            cell.squares += add.squares;
            cell.widen_tenths = cell.widen_tenths.max(add.widen_tenths);
        }
    }

    /// Every target and everything counted, beside the rows.
    #[must_use]
    pub fn compare(&self) -> Comparison {
        let mut rows = Vec::new();
        for row in parameters::all() {
            let whole = whole(row);
            for (key, value) in row.cells() {
                let cell = self.get(&key).filter(|cell| cell.of > 0);
                if cell.is_some() || row.target {
                    rows.push(line(row, key, as_f64(value) / whole, cell));
                }
            }
        }
        let off = rows.iter().filter(|line| line.target && line.verdict == Verdict::Off).count();
        Comparison { seed: None, citizens: None, today: None, off, rows }
    }
}

/// What a row's values are divided by: its scale, or their sum where they are people by band.
fn whole(row: &Row) -> f64 {
    let of_people = row.unit == "thousand persons" && row.labels.len() > 1 && !row.target;
    as_f64(if of_people { row.values.iter().sum() } else { row.scale })
}

/// A verdict about a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Within three in a hundred.
    Near,
    /// Farther, but within three standard errors.
    WithinError,
    /// Farther than both.
    Off,
    /// Nothing was counted.
    NotCounted,
}

/// One value of a row, compared.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Line {
    /// Key of the value.
    pub key: String,
    /// What it is, in Japanese.
    pub ja: String,
    /// What it is, in English.
    pub en: String,
    /// The unit of the numbers: of the row, divided by its scale.
    pub unit: String,
    /// Where the number comes from.
    pub source: String,
    /// How sure it is.
    pub mark: Mark,
    /// Whether the town is held to it.
    pub target: bool,
    /// What the row says, as a share, rate or mean.
    pub expected: f64,
    /// What the town has.
    pub found: Option<f64>,
    /// Standard error of what was found.
    pub standard_error: Option<f64>,
    /// Found less expected, in hundredths of expected.
    pub off_percent: Option<f64>,
    /// Among how many.
    pub of: i64,
    /// Whether it holds.
    pub verdict: Verdict,
}

/// The town beside the numbers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// The seed of the town.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// How many citizens it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub citizens: Option<u64>,
    /// The day on which it is seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub today: Option<jiff::civil::Date>,
    /// How many targets are off.
    pub off: usize,
    /// In the order of the parameters.
    pub rows: Vec<Line>,
}

/// Counts of a town stay far below 2⁵³, so nothing is lost.
#[expect(clippy::cast_precision_loss, reason = "counts of a town stay far below two to the 53rd")]
const fn as_f64(number: i64) -> f64 {
    number as f64
}

fn line(row: &Row, key: String, expected: f64, cell: Option<Cell>) -> Line {
    let scale = if cell.is_some_and(|cell| cell.squares > 0) { as_f64(row.scale) } else { 1.0 };
    let found = cell.map(|cell| as_f64(cell.n) / as_f64(cell.of) / scale);
    let standard_error = cell.map(|cell| error(&cell, expected) / scale);
    let difference = found.map(|found| found - expected);
    let verdict = match (difference, standard_error) {
        (Some(difference), Some(error)) => {
            if difference.abs() <= 0.03 * expected.abs() {
                Verdict::Near
            } else if difference.abs() <= 3.0 * error {
                Verdict::WithinError
            } else {
                Verdict::Off
            }
        }
        _ => Verdict::NotCounted,
    };
    let of = |words: &str| match key.strip_prefix(&row.key).and_then(|rest| rest.strip_prefix('/')) {
        Some(label) => format!("{words}: {label}"),
        None => words.to_owned(),
    };
    Line {
        ja: of(&row.ja),
        en: of(&row.en),
        unit: unit(row),
        key,
        source: row.source.clone(),
        mark: row.mark,
        target: row.target,
        expected,
        found,
        standard_error,
        off_percent: difference.filter(|_| expected != 0.0).map(|difference| 100.0 * difference / expected),
        of: cell.map_or(0, |cell| cell.of),
        verdict,
    }
}

/// The unit of a compared number: shares and rates have none once they are divided by their scale.
fn unit(row: &Row) -> String {
    let share =
        row.unit.starts_with("permille") || row.unit.starts_with("per ") || row.unit.starts_with("thousand pers");
    match row.unit.strip_prefix("tenths of ") {
        _ if share => String::new(),
        Some(unit) => unit.to_owned(),
        None => row.unit.clone(),
    }
}

/// Standard error of a mean of values, of a share, or of a rate.
fn error(cell: &Cell, expected: f64) -> f64 {
    let of = as_f64(cell.of);
    let variance = if cell.squares > 0 {
        let mean = as_f64(cell.n) / of;
        (as_f64(cell.squares) / of - mean * mean).max(0.0)
    } else if cell.n <= cell.of {
        let share = if cell.n == 0 { expected.min(1.0) } else { as_f64(cell.n) / of };
        share * (1.0 - share)
    } else {
        as_f64(cell.n) / of
    };
    (variance / of).sqrt() * as_f64(cell.widen_tenths) / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_far_by_chance_is_not_off_and_what_is_wrong_is() {
        let mut tally = Tally::default();
        tally.add("certified.age/65-69", 27, 1_000); // 2.8 % expected: near enough by chance
        tally.add("certified.age/80-84", 26_400, 100_000);
        tally.add("certified.age/90+", 80_000, 100_000); // 72.7 % expected
        let lines = tally.compare().rows;
        let verdict = |key: &str| lines.iter().find(|line| line.key == key).unwrap().verdict;
        assert_eq!(verdict("certified.age/65-69"), Verdict::WithinError);
        assert_eq!(verdict("certified.age/80-84"), Verdict::Near);
        assert_eq!(verdict("certified.age/90+"), Verdict::Off);
        assert_eq!(verdict("attending/all"), Verdict::NotCounted);
        assert_eq!(tally.compare().off, 1);
    }

    #[test]
    fn means_are_compared_in_the_scale_of_the_row() {
        let mut tally = Tally::default();
        for value in [1_140, 1_320, 1_500] {
            tally.add_value("checkup.systolic/male", value);
        }
        let lines = tally.compare().rows;
        let line = lines.iter().find(|line| line.key == "checkup.systolic/male").unwrap();
        assert!((line.expected - 131.6).abs() < 1e-9 && (line.found.unwrap() - 132.0).abs() < 1e-9);
        assert!((line.standard_error.unwrap() - 8.485).abs() < 0.01, "{line:?}");
    }

    #[test]
    fn parts_merged_are_the_whole() {
        let (mut whole, mut parts) = (Tally::default(), [Tally::default(), Tally::default()]);
        for number in 0..100 {
            for tally in [&mut whole, &mut parts[usize::from(number % 3 == 0)]] {
                tally.add("attending/all", i64::from(number % 7 == 0), 1);
                tally.add_value("checkup.systolic/male", 1_000 + number);
            }
        }
        let [mut first, second] = parts;
        first.merge(&second);
        assert_eq!(first, whole);
        assert!(serde_json::to_string(&whole.compare()).unwrap().contains("\"verdict\":\"off\""));
    }
}
