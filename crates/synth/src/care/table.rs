//! The numbers of care: read once from `data/care.json`, where each row names its source and how far it is known.
//!
//! What must hold: no number that shapes the town's care stands in code; a row that is missing or of another length
//! is a fault that [`numbers`] gives back, never a default.

use std::{collections::HashMap, sync::LazyLock};

use serde::Deserialize;

use crate::{dice::Dice, outgoing::SynthError};

/// One row of the data file.
#[derive(Clone, Debug, Deserialize)]
pub struct Row {
    /// Its key: `level.share`.
    pub key: String,
    /// What it says, in Japanese.
    pub ja: String,
    /// The same in English.
    pub en: String,
    /// The numbers.
    pub values: Vec<i64>,
    /// Their unit and order.
    pub unit: String,
    /// Where they are from.
    pub source: String,
    /// `read` in the source, from `memory`, or this project's `own`.
    pub mark: String,
    /// Whether a town must show them.
    pub target: bool,
}

/// A service of long-term care insurance.
#[derive(Clone, Debug)]
pub struct Service {
    /// Code of this project: `home-help`.
    pub code: String,
    /// サービス種類コード, two digits.
    pub kind: i64,
    /// Name in Japanese.
    pub ja: String,
    /// Units a month at 要支援1 and 2.
    pub flat: [i64; 2],
    /// Units a use at 要介護1.
    pub base: i64,
    /// Units added a use for each further level.
    pub more: i64,
    /// Most uses a week.
    pub most: i64,
}

/// One question with its graded answers.
#[derive(Clone, Debug)]
pub struct Question {
    /// Its code: `1-7`, `s-3`, `dbd13.2`.
    pub code: String,
    /// Words.
    pub ja: String,
    /// The ability it asks about: 0 body, 1 mind, 2 mouth, sight and illness, 3 special treatment.
    pub domain: i64,
    /// Which of [`Numbers::scales`], for the survey.
    pub scale: usize,
    /// Losses (of 100) at which the next answer begins.
    pub cuts: Vec<i64>,
}

/// A set of questions that is measured half-yearly.
#[derive(Clone, Debug)]
pub struct Measure {
    /// Code: `dbd13`.
    pub code: String,
    /// Words.
    pub ja: String,
    /// Greatest score of a question.
    pub most: i64,
    /// Its questions.
    pub questions: Vec<Question>,
}

macro_rules! numbers {
    ($($field:ident: $key:literal, $count:literal;)*) => {
        /// Every number of care, by the key of its row.
        #[derive(Clone, Debug)]
        pub struct Numbers {
            $(#[doc = concat!("Row `", $key, "`.")] pub $field: [i64; $count],)*
            /// The services: rows `service.…` in the order of [`SERVICES`].
            pub services: Vec<Service>,
            /// What effects are planted: rows `planted.…` in the order of [`PLANTED`](super::PLANTED).
            pub planted: Vec<Plant>,
            /// The 74 questions of the survey: rows `survey.…`.
            pub survey: Vec<Question>,
            /// The answers of each scale, best first: rows `scale.…`.
            pub scales: Vec<Vec<String>>,
            /// The half-yearly measures: rows `measure.…`.
            pub measures: Vec<Measure>,
            /// All rows, in the file's order.
            pub rows: Vec<Row>,
        }

        fn read(rows: Vec<Row>) -> Result<Numbers, String> {
            let find = Find::new(&rows)?;
            Ok(Numbers {
                $($field: find.exactly($key)?,)*
                services: services(&find)?,
                planted: planted(&find)?,
                survey: survey(&rows)?,
                scales: scales(&rows),
                measures: measures(&rows)?,
                rows,
            })
        }
    };
}

numbers! {
    certified_rate: "certified.rate", 6;
    certified_base: "certified.base", 6;
    certified_second: "certified.second", 1;
    certified_relative: "certified.relative", 6;
    certified_sex: "certified.sex", 2;
    certified_dead: "certified.dead", 1;
    certified_refused: "certified.refused", 1;
    certified_years: "certified.years", 10;
    valid_first: "certified.valid.first", 4;
    valid_renewed: "certified.valid.renewed", 8;
    waits: "certified.waits", 3;
    level_threshold: "level.threshold", 6;
    level_minutes: "level.minutes", 7;
    level_limit: "level.limit", 7;
    level_life: "level.life", 7;
    barthel_level: "barthel.level", 7;
    ability_share: "ability.share", 7;
    ability_age: "ability.age", 6;
    ability_mean: "ability.mean", 7;
    ability_sd: "ability.sd", 7;
    ability_offset: "ability.offset", 1;
    ability_drift: "ability.drift", 1;
    ability_noise: "ability.noise", 2;
    ability_heavier: "ability.heavier", 6;
    ability_shock: "ability.shock", 3;
    ability_bands: "ability.bands", 4;
    ability_slope: "ability.slope", 1;
    cause_support: "cause.base.support", 8;
    cause_care: "cause.base.care", 8;
    setting_home: "setting.home", 7;
    setting_community: "setting.community", 7;
    setting_facility: "setting.facility", 7;
    setting_none: "setting.none", 7;
    facility_kind: "setting.facility.kind", 3;
    severity_effect: "severity.effect", 5;
    slope_effect: "slope.effect", 3;
    planted_low: "planted.low", 2;
    planted_dropout: "planted.dropout", 6;
    office_flatters: "office.flatters", 2;
    service_unit: "service.unit", 2;
    service_day: "service.day", 7;
    service_nurse: "service.nurse", 7;
    service_short: "service.short", 7;
    service_equipment: "equipment.use", 8;
    independence_body: "independence.body", 8;
    independence_mind: "independence.mind", 7;
    fall_month: "fall.month", 7;
    note_month: "note.month", 1;
    body_bmi: "body.bmi", 3;
    body_height: "body.height", 4;
    body_albumin: "body.albumin", 3;
    body_grip: "body.grip", 4;
    body_leg: "body.leg", 3;
    body_motion: "body.motion", 6;
    body_bone: "body.bone", 4;
    mind_cognition: "mind.cognition", 5;
}

/// Codes of the services, in the order in which code names them.
pub const SERVICES: [&str; 12] = [
    "home-help",
    "visiting-nurse",
    "visiting-rehabilitation",
    "day-service",
    "short-stay",
    "equipment",
    "local-day-service",
    "group-home",
    "welfare-facility",
    "health-facility",
    "medical-facility",
    "care-management",
];

/// What is planted for one service.
#[derive(Clone, Debug)]
pub struct Plant {
    /// True effect on the Barthel index in half a year, in tenths of a point.
    pub effect: i64,
    /// Chance of it by severity, permille.
    pub chance: [i64; 5],
    /// Chance added after falling, steady, rising.
    pub slope: [i64; 3],
    /// From how many a week it counts, then the doses of those who get it.
    pub dose: [i64; 4],
}

struct Find<'a>(HashMap<&'a str, &'a Row>);

impl<'a> Find<'a> {
    fn new(rows: &'a [Row]) -> Result<Self, String> {
        let mut found = HashMap::with_capacity(rows.len());
        for row in rows {
            if found.insert(row.key.as_str(), row).is_some() {
                return Err(format!("row {} is there twice", row.key));
            }
        }
        Ok(Self(found))
    }

    fn row(&self, key: &str) -> Result<&'a Row, String> {
        self.0.get(key).copied().ok_or_else(|| format!("row {key} is missing"))
    }

    fn exactly<const N: usize>(&self, key: &str) -> Result<[i64; N], String> {
        let values = &self.row(key)?.values;
        <[i64; N]>::try_from(values.as_slice()).map_err(|_| format!("row {key} has {} values, not {N}", values.len()))
    }
}

fn services(find: &Find<'_>) -> Result<Vec<Service>, String> {
    let one = |code: &&str| {
        let key = format!("service.{code}");
        let [kind, first, second, base, more, most] = find.exactly(&key)?;
        let ja = find.row(&key)?.ja.clone();
        Ok(Service { code: (*code).to_owned(), kind, ja, flat: [first, second], base, more, most })
    };
    SERVICES.iter().map(one).collect()
}

fn planted(find: &Find<'_>) -> Result<Vec<Plant>, String> {
    let one = |kind: &super::Planted| {
        let code = kind.code();
        let [effect] = find.exactly(&format!("planted.{code}.effect"))?;
        Ok(Plant {
            effect,
            chance: find.exactly(&format!("planted.{code}.chance"))?,
            slope: find.exactly(&format!("planted.{code}.slope"))?,
            dose: find.exactly(&format!("planted.{code}.dose"))?,
        })
    };
    super::PLANTED.iter().map(one).collect()
}

fn survey(rows: &[Row]) -> Result<Vec<Question>, String> {
    let mut list = Vec::with_capacity(74);
    for row in rows {
        let Some(code) = row.key.strip_prefix("survey.") else { continue };
        let [domain, scale, cuts @ ..] = row.values.as_slice() else { return Err(format!("row {} is short", row.key)) };
        let scale = usize::try_from(*scale).map_err(|_| format!("row {} names no scale", row.key))?;
        list.push(Question { code: code.into(), ja: row.ja.clone(), domain: *domain, scale, cuts: cuts.to_vec() });
    }
    Ok(list)
}

fn scales(rows: &[Row]) -> Vec<Vec<String>> {
    rows.iter()
        .filter(|row| row.key.starts_with("scale."))
        .map(|row| row.ja.split('|').map(str::to_owned).collect())
        .collect()
}

fn measures(rows: &[Row]) -> Result<Vec<Measure>, String> {
    let mut list: Vec<(Measure, i64)> = Vec::new();
    for row in rows {
        let Some(code) = row.key.strip_prefix("measure.") else { continue };
        if !code.contains('.') {
            let [most, domain] = row.values.as_slice() else { return Err(format!("row {} is short", row.key)) };
            let measure = Measure { code: code.into(), ja: row.ja.clone(), most: *most, questions: Vec::new() };
            list.push((measure, *domain));
        } else if let Some((measure, domain)) = list.last_mut() {
            let (code, ja, cuts) = (code.replace('.', "-"), row.ja.clone(), row.values.clone());
            measure.questions.push(Question { code, ja, domain: *domain, scale: 0, cuts });
        }
    }
    Ok(list.into_iter().map(|(measure, _)| measure).collect())
}

static NUMBERS: LazyLock<Result<Numbers, String>> = LazyLock::new(|| {
    let rows: Vec<Row> =
        serde_json::from_str(include_str!("../../data/care.json")).map_err(|error| error.to_string())?;
    read(rows)
});

/// The numbers of care.
///
/// # Errors
/// [`SynthError::Numbers`] when the data file does not fit; a fault of this crate.
pub fn numbers() -> Result<&'static Numbers, SynthError> {
    NUMBERS.as_ref().map_err(|what| SynthError::Numbers { file: "data/care.json", what: what.clone() })
}

/// The index of one of `weights`, by weight; weights below 0 count as 0.
pub(super) fn pick(dice: &mut Dice, weights: &[i64]) -> usize {
    let mut left = i64::try_from(dice.below(weights.iter().map(|one| one.max(&0).unsigned_abs()).sum())).unwrap_or(0);
    for (index, weight) in weights.iter().enumerate() {
        if left < *weight.max(&0) {
            return index;
        }
        left -= weight.max(&0);
    }
    weights.len().saturating_sub(1)
}

/// True with a probability of `n` in `of`; always the same number of throws.
pub(super) fn chance(dice: &mut Dice, n: i64, of: u64) -> bool {
    i64::try_from(dice.below(of)).is_ok_and(|shown| shown < n)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_data_file_is_whole() {
        let numbers = numbers().unwrap();
        assert_eq!(numbers.survey.len(), 74);
        let groups = [20, 12, 9, 15, 6].into_iter().zip(["1-", "2-", "3-", "4-", "5-"]);
        for (count, group) in groups.chain([(12, "s-")]) {
            assert_eq!(numbers.survey.iter().filter(|one| one.code.starts_with(group)).count(), count, "{group}");
        }
        for one in &numbers.survey {
            assert!(one.cuts.is_sorted() && one.cuts.len() < numbers.scales[one.scale].len(), "{}", one.code);
        }
        for measure in &numbers.measures {
            assert!(measure.questions.iter().all(|one| one.cuts.is_sorted()), "{}", measure.code);
            assert!(measure.questions.iter().all(|one| i64::try_from(one.cuts.len()) == Ok(measure.most)));
        }
        assert_eq!(numbers.measures.iter().map(|one| one.questions.len()).collect::<Vec<_>>(), [13, 5, 6, 8, 5]);
        let marks = ["read", "memory", "own"];
        assert!(numbers.rows.iter().all(|row| marks.contains(&row.mark.as_str()) && !row.source.is_empty()));
        assert!(numbers.rows.iter().all(|row| !row.ja.is_empty() && !row.en.is_empty() && !row.unit.is_empty()));
        assert!(numbers.rows.iter().all(|row| !row.target || row.mark == "read"), "a target has been read");
    }

    #[test]
    fn a_row_that_is_missing_or_too_long_is_a_fault() {
        let all = numbers().unwrap().rows.clone();
        let without: Vec<Row> = all.iter().filter(|row| row.key != "level.limit").cloned().collect();
        assert!(read(without).unwrap_err().contains("level.limit"));
        let twice: Vec<Row> = all.iter().chain(&all[..1]).cloned().collect();
        assert!(read(twice).unwrap_err().contains("is there twice"));
        let mut longer = all;
        longer.iter_mut().filter(|row| row.key == "certified.waits").for_each(|row| row.values.push(1));
        assert!(read(longer).unwrap_err().contains("certified.waits has 4 values, not 3"));
    }
}
