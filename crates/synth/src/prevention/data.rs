//! The numbers of this chapter: `data/vaccines.json`, `growth.json`, `infections.json` and `life-log.json`, with their
//! sources.

use std::sync::LazyLock;

use jiff::civil::Date;
use serde::Deserialize;

/// A vaccine of the routine programme (定期接種): to whom, when, how many take it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Vaccine {
    /// Short name.
    pub key: String,
    /// Name.
    pub ja: String,
    /// Name in English.
    #[expect(dead_code, reason = "the data's own words for readers in English")]
    pub en: String,
    /// Against what.
    pub disease: String,
    /// Months of age at which a dose is due.
    #[serde(default)]
    pub months: Vec<i32>,
    /// Years of age at which the one dose is due.
    #[serde(default)]
    pub ages: Vec<i16>,
    /// Each year in this month from this age on.
    pub yearly: Option<Yearly>,
    /// First day of the programme.
    pub from: Date,
    /// Last day, if it has ended.
    pub to: Option<Date>,
    /// `female`, if only for one sex.
    pub sex: Option<String>,
    /// Of a thousand to whom it is due, how many take it.
    pub uptake_permille: u32,
    /// HL7 v3 RouteOfAdministration.
    pub route: String,
    /// Millilitres.
    pub dose_ml: String,
}

/// A vaccine given each year.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Yearly {
    /// Month of the year.
    pub month: i8,
    /// From this age on.
    pub from_age: i16,
}

/// A checkup of children, with mean and spread of what is measured.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Checkup {
    /// Short name.
    pub key: String,
    /// Name.
    pub ja: String,
    /// Name in English.
    #[expect(dead_code, reason = "the data's own words for readers in English")]
    pub en: String,
    /// Age in months.
    pub month: i32,
    /// Of a thousand, how many come.
    pub uptake_permille: u32,
    /// Boys.
    pub boys: Norms,
    /// Girls.
    pub girls: Norms,
}

/// Mean and standard deviation.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Norms {
    /// Grams.
    pub weight_g: (i64, i64),
    /// Millimetres.
    pub height_mm: (i64, i64),
    /// Millimetres.
    pub head_mm: (i64, i64),
}

/// A notifiable infection.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Infection {
    /// Short name.
    pub key: String,
    /// Name.
    pub ja: String,
    /// Name in English.
    #[expect(dead_code, reason = "the data's own words for readers in English")]
    pub en: String,
    /// ICD-10 without the dot.
    pub icd10: String,
    /// Class of the law (二類 … 五類).
    pub class: String,
    /// New cases.
    pub per_million_year: u64,
    /// Of a hundred cases: below 10 years, to 29, 49, 64, above.
    pub age_weights: [u64; 5],
}

/// The life-log of the town.
#[derive(Debug, Default, Deserialize)]
pub(super) struct LifeLog {
    /// Who keeps one, by band of age.
    pub keepers_permille: Vec<u32>,
    /// The first age of each band but the first.
    pub ages: Vec<i16>,
    /// Steps a day.
    pub steps: Steps,
    /// Mean and spread of a night.
    pub sleep_minutes: [i64; 2],
}

/// Steps a day.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Steps {
    /// Men's mean.
    pub men: i64,
    /// Women's mean.
    pub women: i64,
    /// Spread between people.
    pub sd: i64,
    /// Steps lost per point of frailty.
    pub lost_per_frailty: i64,
}

#[derive(Deserialize)]
struct Infections {
    infections: Vec<Infection>,
}

#[derive(Deserialize)]
struct Vaccines {
    vaccines: Vec<Vaccine>,
}

#[derive(Deserialize)]
struct Checkups {
    checkups: Vec<Checkup>,
}

/// The vaccines, in the order of the file.
pub(super) static VACCINES: LazyLock<Vec<Vaccine>> = LazyLock::new(|| {
    // The file is part of the program and read by a test: an empty list would fail there.
    serde_json::from_str::<Vaccines>(include_str!("../../data/vaccines.json"))
        .map_or_else(|_| Vec::new(), |file| file.vaccines)
});

/// The checkups, by age.
pub(super) static CHECKUPS: LazyLock<Vec<Checkup>> = LazyLock::new(|| {
    serde_json::from_str::<Checkups>(include_str!("../../data/growth.json"))
        .map_or_else(|_| Vec::new(), |file| file.checkups)
});

/// The infections.
pub(super) static INFECTIONS: LazyLock<Vec<Infection>> = LazyLock::new(|| {
    serde_json::from_str::<Infections>(include_str!("../../data/infections.json"))
        .map_or_else(|_| Vec::new(), |file| file.infections)
});

/// The life-log.
pub(super) static LIFE_LOG: LazyLock<LifeLog> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../data/life-log.json")).unwrap_or_default());

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_have_their_form() {
        assert_eq!(VACCINES.len(), 18, "vaccines.json");
        assert!(VACCINES.iter().all(|one| one.to.is_none_or(|to| one.from < to) && one.uptake_permille <= 1000));
        assert_eq!(CHECKUPS.len(), 5, "growth.json");
        assert!(CHECKUPS.is_sorted_by_key(|one| one.month));
        assert_eq!(INFECTIONS.len(), 6, "infections.json");
        assert_eq!(LIFE_LOG.keepers_permille.len(), LIFE_LOG.ages.len() + 1, "life-log.json");
    }
}
