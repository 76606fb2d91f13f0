//! How much each level of agreement says: Fellegi and Sunter's model with three kinds of pairs.
//!
//! A pair is one person twice (*same*), two people who share a household (*household*), or *strangers*. The usual model knows
//! only same and stranger, and takes twins and parents for one person, because address, telephone, insurer and family name
//! all agree for one reason. Here the score is log2 of the odds of *same* against the likelier of the two others.
//!
//! Common names say less: for strangers the chance of a shared name is that name's own (`data/names.txt`).
//!
//! What must hold:
//! - What is missing weighs nothing; and a candidate needs two of given name, birth date and a shared household to speak for it,
//!   so that absence of data never makes one.
//! - Without a given name and a whole birth date on both sides nobody is a *likely* match, however much else agrees.
//! - Two of one household, born on one day, with two given names are twins: they are never queued.
//! - Decisions are in whole numbers: every machine decides alike.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::{Deserialize, Serialize};

use crate::{
    compare::{Address, Birth, Family, Given, Insurance, Levels, Phone, Sex},
    features::{Features, Part},
    fixed::{self, BIT},
    names::Frequencies,
};

/// The kinds of pairs, in the order in which the data file gives their chances.
pub const CLASSES: usize = 3;
/// Chances are in parts of a thousand million.
pub const WHOLE: u64 = 1_000_000_000;
/// Version of the data file.
const VERSION: u8 = 1;

/// Why a model cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// It is not a model's JSON.
    #[error("the matching model cannot be read; fit it anew: {0}")]
    Form(#[from] serde_json::Error),
    /// Its numbers do not make sense.
    #[error("the matching model's `{what}` is missing or out of range; fit it anew")]
    Value {
        /// Which part.
        what: &'static str,
    },
}

/// How a model came to be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fitted {
    /// By which method.
    pub how: String,
    /// On which pairs.
    pub on: String,
    /// How many pairs of each kind: same, household, strangers.
    pub pairs: [u64; CLASSES],
}

/// A model as data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parameters {
    /// Version of this form.
    pub version: u8,
    /// How it came to be.
    pub fitted: Fitted,
    /// Pairs of each kind that a newcomer makes with everybody, for one million citizens, in millionths.
    pub pairs_per_newcomer: [u64; CLASSES],
    /// From which probability a candidate is queued, in parts of 10,000; below it the candidate is ignored.
    pub queue_from: u16,
    /// From which probability a candidate is called likely.
    pub likely_from: u16,
    /// Chances of each level, for each kind of pair, in parts of a thousand million.
    pub levels: Chances,
}

/// Chances of levels. Family names are judged given that the given name agrees, or given that it does not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chances {
    /// Given names.
    pub given: BTreeMap<Given, [u64; CLASSES]>,
    /// Family names.
    pub family: BTreeMap<Family, [u64; CLASSES]>,
    /// Birth dates.
    pub birth: BTreeMap<Birth, [u64; CLASSES]>,
    /// Sex.
    pub sex: BTreeMap<Sex, [u64; CLASSES]>,
    /// Addresses.
    pub address: BTreeMap<Address, [u64; CLASSES]>,
    /// Telephone numbers.
    pub phone: BTreeMap<Phone, [u64; CLASSES]>,
    /// Insurances.
    pub insurance: BTreeMap<Insurance, [u64; CLASSES]>,
}

/// What the score says should become of a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Not worth a person's time.
    Ignore,
    /// Worth a look.
    Possible,
    /// Probably one person. Still only a person decides.
    Likely,
}

/// How likely two descriptions are of one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Likeness {
    /// log2 of the odds, in 1/1024 bits.
    pub score: i32,
    /// The probability in parts of 10,000.
    pub probability: u16,
    /// What should become of it.
    pub verdict: Verdict,
    /// How the fields agree.
    pub levels: Levels,
}

/// A model ready to judge.
#[derive(Clone, Debug)]
pub struct Model {
    parameters: Parameters,
    weights: Weights,
    priors: [i32; CLASSES],
}

/// log2 of each level's chances, by field and level, in 1/1024 bits.
type Weights = [Vec<[i32; CLASSES]>; 7];

static BUNDLED: LazyLock<Result<Model, ModelError>> =
    LazyLock::new(|| Model::from_json(include_str!("../data/model.json")));
/// For one million citizens.
const MILLION: u64 = 1_000_000;
/// How far a name's own frequency may change its weight.
const COMMON_MOST: i32 = 5 * BIT;
/// How far a rare name may: a misspelling is rare too.
const RARE_MOST: i32 = 4 * BIT;
/// What the first of January is worth less: it stands where no birthday is known.
const NEW_YEAR: i32 = 3 * BIT;

impl Model {
    /// The model that comes with the program.
    ///
    /// # Errors
    /// [`ModelError`] if its data file is damaged; a test reads it.
    pub fn bundled() -> Result<&'static Self, &'static ModelError> {
        BUNDLED.as_ref()
    }

    /// A model from its data file.
    ///
    /// # Errors
    /// [`ModelError`] says what is wrong with it.
    pub fn from_json(json: &str) -> Result<Self, ModelError> {
        Self::new(serde_json::from_str(json)?)
    }

    /// A model of these parameters.
    ///
    /// # Errors
    /// [`ModelError`] says what is wrong with them.
    pub fn new(parameters: Parameters) -> Result<Self, ModelError> {
        if parameters.version != VERSION {
            return Err(ModelError::Value { what: "version" });
        }
        if parameters.queue_from == 0 || parameters.queue_from > parameters.likely_from {
            return Err(ModelError::Value { what: "queue_from" });
        }
        let levels = &parameters.levels;
        let weights = [
            weights(&levels.given, &Given::ALL[..Given::Missing.index()], "given")?,
            weights(&levels.family, &Family::ALL[..Family::Swapped.index()], "family")?,
            weights(&levels.birth, &Birth::ALL[..Birth::Missing.index()], "birth")?,
            weights(&levels.sex, &Sex::ALL[..Sex::Missing.index()], "sex")?,
            weights(&levels.address, &Address::ALL[..Address::Missing.index()], "address")?,
            weights(&levels.phone, &Phone::ALL[..Phone::Missing.index()], "phone")?,
            weights(&levels.insurance, &Insurance::ALL[..Insurance::Missing.index()], "insurance")?,
        ];
        if parameters.pairs_per_newcomer.contains(&0) {
            return Err(ModelError::Value { what: "pairs_per_newcomer" });
        }
        let priors = parameters.pairs_per_newcomer.map(fixed::log2);
        Ok(Self { parameters, weights, priors })
    }

    /// The same model for a town of so many citizens: the more there are, the more of them are alike by chance.
    #[must_use]
    pub fn for_population(&self, citizens: u64) -> Self {
        let mut model = self.clone();
        model.priors[2] =
            fixed::log2(self.parameters.pairs_per_newcomer[2]) + fixed::log2_ratio(citizens.max(1), MILLION);
        model
    }

    /// The model as data.
    #[must_use]
    pub const fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// How likely two descriptions are of one person. It does not matter which comes first.
    #[must_use]
    pub fn judge(&self, a: &Features, b: &Features) -> Likeness {
        let levels = Levels::of(a, b);
        let mut sums = self.priors;
        for (weights, level) in self.weights.iter().zip(indexes(&levels)) {
            if let Some(weight) = weights.get(level) {
                for (sum, weight) in sums.iter_mut().zip(weight) {
                    *sum += weight;
                }
            }
        }
        sums[2] += commonness(&levels, a, b);
        if levels.birth == Birth::Same && (a.birth.month, a.birth.day) == (1, 1) {
            sums[1] += NEW_YEAR;
            sums[2] += NEW_YEAR;
        }
        self.verdict(sums[0] - sums[1].max(sums[2]), levels)
    }

    /// The verdict, bounded by what there is to judge by.
    fn verdict(&self, score: i32, levels: Levels) -> Likeness {
        let evidence = [levels.given.agrees(), levels.birth.agrees(), levels.shares_a_household()];
        let enough = evidence.iter().filter(|speaks| **speaks).count() >= 2;
        let whole =
            levels.given != Given::Missing && !matches!(levels.birth, Birth::Missing | Birth::Partial | Birth::Around);
        // Nothing but a person may be sure of somebody without a name or a birth date.
        let score = if whole { score } else { score.min(0) };
        let probability = fixed::probability(score);
        let verdict = if !enough || levels.are_twins() || probability < self.parameters.queue_from {
            Verdict::Ignore
        } else if probability < self.parameters.likely_from || !whole {
            Verdict::Possible
        } else {
            Verdict::Likely
        };
        Likeness { score, probability, verdict, levels }
    }
}

/// The place of each field's level among its weights; a missing one has none.
const fn indexes(levels: &Levels) -> [usize; 7] {
    [
        levels.given.index(),
        levels.family.index(),
        levels.birth.index(),
        levels.sex.index(),
        levels.address.index(),
        levels.phone.index(),
        levels.insurance.index(),
    ]
}

fn weights<L: Ord + Copy>(
    chances: &BTreeMap<L, [u64; CLASSES]>,
    levels: &[L],
    what: &'static str,
) -> Result<Vec<[i32; CLASSES]>, ModelError> {
    levels
        .iter()
        .map(|level| {
            let chances =
                chances.get(level).filter(|chances| chances.iter().all(|chance| (1..=WHOLE).contains(chance)));
            chances
                .map(|chances| chances.map(|chance| fixed::log2_ratio(chance, WHOLE)))
                .ok_or(ModelError::Value { what })
        })
        .collect()
}

/// How much likelier strangers share these very names than names on average, in 1/1024 bits.
fn commonness(levels: &Levels, a: &Features, b: &Features) -> i32 {
    let known = |a: &Part, b: &Part, frequencies: &Frequencies, sound: bool| {
        let part = if a.fold == 0 && a.sound.is_empty() { *b } else { *a };
        let adjustment = match (sound, part.fold != 0, part.sound.is_empty()) {
            (false, true, _) => frequencies.written(&part),
            (_, _, false) => frequencies.sound(&part),
            _ => 0,
        };
        adjustment.clamp(-RARE_MOST, COMMON_MOST)
    };
    let given = match levels.given {
        Given::Exact | Given::Variant | Given::OtherReading => known(&a.given, &b.given, Frequencies::given(), false),
        Given::Sound | Given::Homophone => known(&a.given, &b.given, Frequencies::given(), true),
        _ => 0,
    };
    let family = match levels.family {
        Family::Exact | Family::Variant => known(&a.family, &b.family, Frequencies::family(), false),
        Family::Sound | Family::Homophone => known(&a.family, &b.family, Frequencies::family(), true),
        _ => 0,
    };
    given + family
}
