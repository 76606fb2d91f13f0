//! Fitting a model: by counting pairs that are known, or by expectation and maximisation (EM) where nothing is known.
//!
//! Both give the same model on every machine: counting is in whole numbers, and EM only multiplies, divides and adds, in a fixed
//! order, which IEEE 754 makes the same everywhere.

use std::collections::BTreeMap;

use crate::{
    compare::{Address, Birth, Family, Given, Insurance, Levels, Phone, Sex},
    features::Features,
    model::{CLASSES, Chances, Fitted, Model, ModelError, Parameters, WHOLE},
};

/// Two descriptions of which it is known whether they are of one person.
#[derive(Clone, Copy, Debug)]
pub struct LabelledPair {
    /// One.
    pub a: Features,
    /// The other.
    pub b: Features,
    /// Whether it is one person.
    pub same: bool,
}

/// What a fit needs to know beside the pairs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// How the pairs came to be, for the data file.
    pub on: String,
    /// Pairs of each kind that a newcomer makes with one million citizens, in millionths.
    pub pairs_per_newcomer: [u64; CLASSES],
    /// From which probability a candidate is queued, in parts of 10,000.
    pub queue_from: u16,
    /// From which it is called likely.
    pub likely_from: u16,
}

/// Fits a model by counting.
///
/// Pairs of strangers must be drawn at random, not from blocks: what is rare among strangers is what a match is known by.
///
/// # Errors
/// [`ModelError`] if `about` makes no model.
pub fn fit(pairs: impl IntoIterator<Item = LabelledPair>, about: &About) -> Result<Model, ModelError> {
    let mut counts: BTreeMap<Levels, [f64; CLASSES]> = BTreeMap::new();
    let mut totals = [0; CLASSES];
    for pair in pairs {
        let levels = Levels::of(&pair.a, &pair.b);
        // Two people who share nothing of a household are strangers, wherever they live.
        let class = if pair.same { 0 } else { usize::from(!levels.are_of_one_household()) + 1 };
        counts.entry(levels).or_default()[class] += 1.0;
        totals[class] += 1;
    }
    Model::new(Parameters {
        version: 1,
        fitted: Fitted { how: "counting labelled pairs".into(), on: about.on.clone(), pairs: totals },
        pairs_per_newcomer: about.pairs_per_newcomer,
        queue_from: about.queue_from,
        likely_from: about.likely_from,
        levels: chances(counts.iter().map(|(levels, weights)| (levels, *weights))),
    })
}

/// Fits a model without labels: `patterns` says how often each pattern of agreement was seen, `start` is the model to start
/// from, `rounds` how often to go on.
///
/// # Errors
/// [`ModelError`] if the patterns make no model.
pub fn em(start: &Model, patterns: &BTreeMap<Levels, u64>, rounds: usize) -> Result<Model, ModelError> {
    let mut parameters = start.parameters().clone();
    let everything: u64 = patterns.values().sum();
    let mut shares = parameters.pairs_per_newcomer.map(float);
    let mut totals = [0.0; CLASSES];
    for _ in 0..rounds {
        totals = [0.0; CLASSES];
        let mut weighted = Vec::with_capacity(patterns.len());
        for (levels, count) in patterns {
            let mut belongs = shares;
            for (class, share) in belongs.iter_mut().enumerate() {
                *share *= likelihood(&parameters.levels, levels, class);
            }
            let sum: f64 = belongs.iter().sum();
            let weights = if sum > 0.0 { belongs.map(|share| share / sum * float(*count)) } else { [0.0; CLASSES] };
            for (total, weight) in totals.iter_mut().zip(weights) {
                *total += weight;
            }
            weighted.push((levels, weights));
        }
        parameters.levels = chances(weighted.into_iter());
        shares = totals;
    }
    parameters.fitted = Fitted {
        how: format!("expectation and maximisation, {rounds} rounds"),
        on: format!("{everything} pairs without labels"),
        pairs: totals.map(whole),
    };
    Model::new(parameters)
}

/// The chance of a pattern in a class; what is missing does not count.
fn likelihood(chances: &Chances, levels: &Levels, class: usize) -> f64 {
    let of = |found: Option<&[u64; CLASSES]>| {
        found.and_then(|of| of.get(class)).map_or(1.0, |chance| float(*chance) / float(WHOLE))
    };
    of(chances.given.get(&levels.given))
        * of(chances.family.get(&levels.family))
        * of(chances.birth.get(&levels.birth))
        * of(chances.sex.get(&levels.sex))
        * of(chances.address.get(&levels.address))
        * of(chances.phone.get(&levels.phone))
        * of(chances.insurance.get(&levels.insurance))
}

fn chances<'a>(patterns: impl Iterator<Item = (&'a Levels, [f64; CLASSES])>) -> Chances {
    let mut sums: Sums = Sums::default();
    for (levels, weights) in patterns {
        sums.add(levels, weights);
    }
    // Whether a family name agrees is counted apart for pairs whose given name agrees and for the others.
    let (apart, together): (Vec<Family>, Vec<Family>) = Family::ALL[..Family::Swapped.index()]
        .iter()
        .partition(|level| matches!(level, Family::Shared | Family::Different));
    let mut family = share(&sums.family, &together);
    family.extend(share(&sums.family, &apart));
    Chances {
        given: share(&sums.given, &Given::ALL[..Given::Missing.index()]),
        family,
        birth: share(&sums.birth, &Birth::ALL[..Birth::Missing.index()]),
        sex: share(&sums.sex, &Sex::ALL[..Sex::Missing.index()]),
        address: share(&sums.address, &Address::ALL[..Address::Missing.index()]),
        phone: share(&sums.phone, &Phone::ALL[..Phone::Missing.index()]),
        insurance: share(&sums.insurance, &Insurance::ALL[..Insurance::Missing.index()]),
    }
}

#[derive(Default)]
struct Sums {
    given: BTreeMap<Given, [f64; CLASSES]>,
    family: BTreeMap<Family, [f64; CLASSES]>,
    birth: BTreeMap<Birth, [f64; CLASSES]>,
    sex: BTreeMap<Sex, [f64; CLASSES]>,
    address: BTreeMap<Address, [f64; CLASSES]>,
    phone: BTreeMap<Phone, [f64; CLASSES]>,
    insurance: BTreeMap<Insurance, [f64; CLASSES]>,
}

impl Sums {
    fn add(&mut self, levels: &Levels, weights: [f64; CLASSES]) {
        add(&mut self.given, levels.given, weights);
        add(&mut self.family, levels.family, weights);
        add(&mut self.birth, levels.birth, weights);
        add(&mut self.sex, levels.sex, weights);
        add(&mut self.address, levels.address, weights);
        add(&mut self.phone, levels.phone, weights);
        add(&mut self.insurance, levels.insurance, weights);
    }
}

fn add<L: Ord>(sums: &mut BTreeMap<L, [f64; CLASSES]>, level: L, weights: [f64; CLASSES]) {
    for (sum, weight) in sums.entry(level).or_default().iter_mut().zip(weights) {
        *sum += weight;
    }
}

/// Each level's share of all, with half a pair added to each, so that what was never seen is rare and not impossible.
fn share<L: Ord + Copy>(sums: &BTreeMap<L, [f64; CLASSES]>, levels: &[L]) -> BTreeMap<L, [u64; CLASSES]> {
    let of = |level: &L, class: usize| sums.get(level).and_then(|sums| sums.get(class)).copied().unwrap_or(0.0) + 0.5;
    let total = |class: usize| levels.iter().map(|level| of(level, class)).sum::<f64>();
    let totals: [f64; CLASSES] = std::array::from_fn(total);
    levels
        .iter()
        .map(|level| {
            (
                *level,
                std::array::from_fn(|class| whole(of(level, class) / totals[class] * float(WHOLE)).clamp(1, WHOLE)),
            )
        })
        .collect()
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
const fn float(number: u64) -> f64 {
    number as f64
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "shares and counts are never below zero")]
fn whole(number: f64) -> u64 {
    number.round() as u64
}
