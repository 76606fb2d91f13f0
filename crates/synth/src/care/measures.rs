//! The half-yearly measures of LIFE beside the Barthel index: behaviour (DBD13), Vitality Index, nutrition, mouth,
//! swallowing, and those of rehabilitation: grip, standing on one leg, range of motion, bone density.

use jiff::civil::Date;

use super::{
    Care, Wave,
    survey::grade,
    table::{Measure, Numbers},
};
use crate::{
    dice::{Dice, Stream},
    people::Sex,
    population::Person,
};

/// The scores of a measure's questions on the day of a wave. In DBD13, nutrition, mouth and swallowing 0 is best, in
/// the Vitality Index the greatest score.
#[must_use]
pub fn scores(measure: &Measure, care: &Care, wave: &Wave, place: u64) -> Vec<i64> {
    let body = 100 - wave.ability / 10;
    let mut dice = care.dice(16 + place, wave.day);
    let mouth = body * 2 / 3 + Dice::new(care.key, 11, Stream::Measures).between(0, 30);
    let loss = |domain: i64| match domain {
        0 => body,
        1 => 100 - care.cognition_on(wave.day),
        _ => mouth,
    };
    let score = |question: &_, dice: &mut Dice, domain| {
        let lost = i64::try_from(grade(question, loss(domain) + dice.between(-6, 6))).unwrap_or(0);
        if measure.code == VITALITY { measure.most - lost } else { lost }
    };
    measure.questions.iter().map(|question| score(question, &mut dice, question.domain)).collect()
}

/// The one measure whose greatest score is best.
const VITALITY: &str = "vitality";

/// What is measured of the body. Tenths unless said otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Body {
    /// Height, mm.
    pub height: i64,
    /// Weight, tenths of a kilogram.
    pub weight: i64,
    /// Body mass index, tenths.
    pub bmi: i64,
    /// Serum albumin, tenths of g/dL.
    pub albumin: i64,
    /// Share of meals that is eaten, percent.
    pub intake: i64,
    /// Grip strength of the better hand, tenths of a kilogram.
    pub grip: i64,
    /// Standing on one leg, tenths of a second.
    pub leg: i64,
    /// Range of motion of knee and shoulder (flexion), degrees.
    pub motion: [i64; 2],
    /// Bone density, percent of the young adult mean (YAM).
    pub bone: i64,
}

/// The body on `day`, at an ability in tenths of a point.
#[must_use]
pub fn body(numbers: &Numbers, person: &Person, care: &Care, ability: i64, day: Date) -> Body {
    let own = &mut Dice::new(care.key, 13, Stream::Measures);
    let now = &mut care.dice(3, day);
    let man = usize::from(person.sex == Sex::Male);
    let years = i64::from(person.age_on(day) - 65).max(0);
    let lost = 1000 - ability;
    let height = own.normal(numbers.body_height[man], numbers.body_height[2]) - years * numbers.body_height[3] / 10;
    let worse = care.level_on(day).map_or(0, super::Level::index);
    let bmi = own.normal(numbers.body_bmi[0], numbers.body_bmi[1])
        - i64::try_from(worse).unwrap_or(0) * numbers.body_bmi[2]
        + now.normal(0, 2);
    let bmi = bmi.clamp(130, 400);
    let weight = (bmi * height * height + 500_000) / 1_000_000;
    let [albumin, fall, spread] = numbers.body_albumin;
    let (grip_spread, motion) = (own.normal(0, numbers.body_grip[3]), numbers.body_motion);
    let angle = |at: usize, now: &mut Dice| {
        now.normal(motion[at] - lost * motion[at + 1] / 1000, motion[at + 2]).clamp(5, 180) / 5 * 5
    };
    let (knee, shoulder) = (angle(0, now), angle(3, now));
    Body {
        height,
        weight,
        bmi,
        albumin: now.normal(albumin - lost * fall / 1000, spread).clamp(15, 55),
        intake: (100 - lost / 25 + now.between(-10, 5)).clamp(20, 100) / 5 * 5,
        grip: (numbers.body_grip[man] - lost * numbers.body_grip[2] / 1000 + grip_spread + now.normal(0, 8))
            .clamp(0, 600),
        leg: now.normal(numbers.body_leg[0] - lost * numbers.body_leg[1] / 10, numbers.body_leg[2]).clamp(0, 600),
        motion: [knee, shoulder],
        bone: own
            .normal(numbers.body_bone[man] - years * numbers.body_bone[2] / 10, numbers.body_bone[3])
            .clamp(40, 130),
    }
}
