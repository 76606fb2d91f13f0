//! The numbers of health: every prevalence, incidence, length and point stands in `data/health.json`, with its source.
//!
//! A row has a key, words, values, a unit, a source, whether the source was read (`read`) or is remembered (`memory`)
//! or fitted so that a target comes out (`fitted`), and whether it is a target that the town is compared with.
//!
//! INVARIANT: the file is part of the program; a test reads every key that the code asks for.

use std::{collections::HashMap, sync::LazyLock};

use serde::Deserialize;

use super::ailment::{AILMENTS, CHRONIC, EPISODES, EVENTS, SPECS};
use crate::people::Sex;

/// The file as it is.
pub const FILE: &str = include_str!("../../data/health.json");

/// One row of the file.
#[derive(Clone, Debug, Deserialize)]
pub struct Row {
    /// Its key: `onset.hypertension.male`.
    pub key: String,
    /// What it is, in Japanese.
    pub ja: String,
    /// What it is, in English.
    pub en: String,
    /// The numbers, whole in `unit`.
    pub values: Vec<i64>,
    /// The unit, and what the values run over.
    pub unit: String,
    /// Where the numbers come from.
    pub source: String,
    /// `read`, `memory` or `fitted`.
    pub mark: String,
    /// Whether the town is compared with it.
    pub target: bool,
}

/// A curve by age: at 0, 10 … 100.
pub type Curve = [i64; 11];

/// A value for each sex: female, male.
#[derive(Clone, Copy, Debug, Default)]
pub struct BySex<T> {
    female: T,
    male: T,
}

impl<T> BySex<T> {
    /// That of a sex.
    pub const fn of(&self, sex: Sex) -> &T {
        match sex {
            Sex::Female => &self.female,
            Sex::Male => &self.male,
        }
    }
}

/// An illness found by a curve.
#[derive(Clone, Copy, Debug, Default)]
pub struct Chronic {
    /// Who has it, per 10,000.
    pub onset: BySex<Curve>,
    /// Who is treated for it, per 10,000.
    pub treated: BySex<Curve>,
    /// Loads on frailty, weight, smoking, blood pressure, sugar, kidneys (thousandths).
    pub loads: [i64; 6],
}

/// An illness that comes and goes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Episode {
    /// How many ever have it, per 10,000: female, male.
    pub ever: [i64; 2],
    /// First and last age of onset.
    pub ages: [i64; 2],
    /// Shortest and longest course, in years.
    pub years: [i64; 2],
}

/// How long a stay for it is, and where.
#[derive(Clone, Copy, Debug, Default)]
pub struct Length {
    /// Shortest, usual and longest, in days.
    pub days: [i64; 3],
    /// How many per thousand are on a DPC ward.
    pub dpc: u32,
}

/// All numbers.
#[derive(Debug)]
#[expect(missing_docs, reason = "each field is the row of the same key, which has its words in the file")]
pub struct Numbers {
    pub chronic: [Chronic; AILMENTS],
    pub episodes: [Episode; AILMENTS],
    pub events: [BySex<Curve>; AILMENTS],
    pub stays: [Length; AILMENTS],
    /// Severity at onset, after half a year, and its change in ten years.
    pub severity: [[i64; 3]; AILMENTS],
    pub smokers: BySex<Curve>,
    pub frailty: Curve,
    pub bmi_low: BySex<Curve>,
    pub bmi_high: BySex<Curve>,
    pub systolic: BySex<Curve>,
    pub complaints: BySex<Curve>,
    pub relative: [i64; 7],
    pub filler: Curve,
    pub long_stay: Curve,
    pub seekers: i64,
    pub after_stay: [i64; 4],
    pub withheld: [i64; 4],
    pub causes: [i64; 6],
    pub intervals: [[i64; 4]; super::ailment::SPECIALTIES],
    pub acute: [i64; 6],
    pub kinds: [[i64; 4]; super::acute::ACUTE.len()],
    pub seasons: [[i64; 12]; 3],
    pub dental: Curve,
    pub pharmacy: i64,
    pub points: [[i64; 2]; 6],
    pub quantiles: [i64; 41],
    pub lines: [[i64; 2]; 6],
    pub labs: [[i64; 6]; super::body::LABS.len()],
    pub sugar: [i64; 6],
    pub filtration: [i64; 6],
    pub pressure: [i64; 4],
    pub fat: [i64; 2],
    pub inflammation: [i64; 2],
    pub height: [i64; 3],
    pub allergy: i64,
    pub electronic: i64,
    pub sending: i64,
    pub monday: i64,
    pub caesarean: u32,
    pub in_hospital: u32,
    pub dysphagia: u32,
    pub again: u32,
    pub dialysis_times: i64,
    pub shorter: u32,
    pub discomfort: [i64; 3],
    pub second: [i64; 3],
    /// Keys that were asked for and are missing or too short; a test holds this empty.
    pub missing: Vec<String>,
}

/// The numbers of the file.
pub static NUMBERS: LazyLock<Numbers> = LazyLock::new(|| Reader::new().numbers());

struct Reader {
    rows: HashMap<String, Vec<i64>>,
    missing: Vec<String>,
}

impl Reader {
    fn new() -> Self {
        let (rows, missing) = match rows() {
            Ok(rows) => (rows, Vec::new()),
            Err(error) => (Vec::new(), vec![error.to_string()]),
        };
        Self { rows: rows.into_iter().map(|row| (row.key, row.values)).collect(), missing }
    }

    fn has(&self, key: &str) -> bool {
        self.rows.contains_key(key)
    }

    fn get<const N: usize>(&mut self, key: &str) -> [i64; N] {
        match self.rows.get(key).and_then(|values| <[i64; N]>::try_from(values.as_slice()).ok()) {
            Some(values) => values,
            None => {
                self.missing.push(key.to_owned());
                [0; N]
            }
        }
    }

    fn one(&mut self, key: &str) -> i64 {
        self.get::<1>(key)[0]
    }

    fn share(&mut self, key: &str) -> u32 {
        u32::try_from(self.one(key)).unwrap_or(0)
    }

    fn sexes(&mut self, key: &str) -> BySex<Curve> {
        BySex { female: self.get(&format!("{key}.female")), male: self.get(&format!("{key}.male")) }
    }

    fn numbers(mut self) -> Numbers {
        let mut chronic = [Chronic::default(); AILMENTS];
        for ailment in CHRONIC {
            let key = ailment.spec().key;
            let onset = self.sexes(&format!("onset.{key}"));
            let treated = format!("treated.{key}");
            let treated = if self.has(&format!("{treated}.male")) { self.sexes(&treated) } else { onset };
            chronic[ailment as usize] = Chronic { onset, treated, loads: self.get(&format!("loads.{key}")) };
        }
        let mut episodes = [Episode::default(); AILMENTS];
        for ailment in EPISODES {
            let [female, male, from, to, shortest, longest] = self.get(&format!("episode.{}", ailment.spec().key));
            episodes[ailment as usize] = Episode { ever: [female, male], ages: [from, to], years: [shortest, longest] };
        }
        let mut events = [BySex::default(); AILMENTS];
        for ailment in EVENTS {
            events[ailment as usize] = self.sexes(&format!("event.{}", ailment.spec().key));
        }
        let (mut stays, mut severity) = ([Length::default(); AILMENTS], [[0; 3]; AILMENTS]);
        for spec in &SPECS {
            let place = spec.ailment as usize;
            if self.has(&format!("stay.{}", spec.key)) {
                let [low, usual, high, dpc] = self.get(&format!("stay.{}", spec.key));
                stays[place] = Length { days: [low, usual, high], dpc: u32::try_from(dpc).unwrap_or(0) };
            }
            severity[place] = self.get(&format!("severity.{}", spec.key));
        }
        self.rest(chronic, episodes, events, stays, severity)
    }

    fn rest(
        mut self,
        chronic: [Chronic; AILMENTS],
        episodes: [Episode; AILMENTS],
        events: [BySex<Curve>; AILMENTS],
        stays: [Length; AILMENTS],
        severity: [[i64; 3]; AILMENTS],
    ) -> Numbers {
        let kinds = ["outpatient", "pharmacy", "dental", "inpatient", "dpc", "dialysis"];
        let specialties =
            ["internal", "eyes", "bones", "mind", "skin", "children", "women", "hospital", "dialysis", "teeth"];
        let acute_kinds = std::array::from_fn(|at| self.get(&format!("acute.{}", super::acute::ACUTE[at].key)));
        let labs = super::body::LABS.map(|key| self.get(&format!("lab.{key}")));
        Numbers {
            chronic,
            episodes,
            events,
            stays,
            severity,
            smokers: self.sexes("smokers"),
            frailty: self.get("frailty"),
            bmi_low: self.sexes("bmi.below-18.5"),
            bmi_high: self.sexes("bmi.from-25"),
            systolic: self.sexes("systolic"),
            complaints: self.sexes("complaints"),
            relative: self.get("relative-risks"),
            filler: self.get("event.other"),
            long_stay: self.get("event.long-stay"),
            seekers: self.one("seekers"),
            after_stay: self.get("after-stay"),
            withheld: self.get("withheld"),
            causes: self.get("causes-of-death"),
            intervals: specialties.map(|key| self.get(&format!("interval.{key}"))),
            acute: self.get("acute"),
            kinds: acute_kinds,
            seasons: ["cold", "influenza", "pollen"].map(|key| self.get(&format!("season.{key}"))),
            dental: self.get("dental"),
            pharmacy: self.one("pharmacy.share"),
            points: kinds.map(|key| self.get(&format!("points.{key}"))),
            quantiles: self.get("lognormal"),
            lines: kinds.map(|key| self.get(&format!("lines.{key}"))),
            labs,
            sugar: self.get("sugar"),
            filtration: self.get("filtration"),
            pressure: self.get("pressure"),
            fat: self.get("fat"),
            inflammation: self.get("inflammation"),
            height: self.get("height"),
            allergy: self.one("allergy.share"),
            electronic: self.one("electronic-prescription.share"),
            discomfort: self.get("discomfort"),
            second: self.get("second-medicine"),
            sending: self.one("sending.share"),
            monday: self.one("monday"),
            caesarean: self.share("birth.caesarean"),
            in_hospital: self.share("death.in-hospital"),
            dysphagia: self.share("dysphagia"),
            again: self.share("visit.again"),
            dialysis_times: self.one("dialysis.times"),
            shorter: self.share("stay.shorter"),
            missing: self.missing,
        }
    }
}

/// The rows of the file.
///
/// # Errors
/// When the file is not JSON of this form.
pub fn rows() -> Result<Vec<Row>, serde_json::Error> {
    #[derive(Deserialize)]
    struct File {
        rows: Vec<Row>,
    }
    serde_json::from_str::<File>(FILE).map(|file| file.rows)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_number_asked_for_stands_in_the_file() {
        assert_eq!(NUMBERS.missing, Vec::<String>::new());
    }

    #[test]
    fn rows_say_what_they_are_and_where_from() {
        let rows = rows().unwrap();
        let keys: HashSet<&str> = rows.iter().map(|row| row.key.as_str()).collect();
        assert_eq!(keys.len(), rows.len(), "a key twice");
        for row in &rows {
            for text in [&row.ja, &row.en, &row.unit, &row.source] {
                assert!(!text.is_empty(), "{}", row.key);
            }
            assert!(["read", "memory", "fitted"].contains(&row.mark.as_str()), "{}", row.key);
            assert!(!row.values.is_empty(), "{}", row.key);
        }
    }

    /// Nobody is treated before the illness begins.
    #[test]
    fn the_treated_are_among_the_ill() {
        for chronic in &NUMBERS.chronic {
            for sex in [Sex::Female, Sex::Male] {
                for (ill, treated) in chronic.onset.of(sex).iter().zip(chronic.treated.of(sex)) {
                    assert!(treated <= ill);
                }
                assert!(chronic.onset.of(sex).is_sorted() && chronic.treated.of(sex).is_sorted());
            }
        }
    }
}
