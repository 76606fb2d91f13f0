//! The survey for certification (認定調査): 62 questions in five groups and 12 special treatments, and the minutes of
//! care that follow (要介護認定等基準時間).
//!
//! An answer is the number of a question's cuts that the person's loss has passed; losses are read off the ability of
//! the body, of the mind, and of sight, hearing and illness. So answers, Barthel index and level agree.

use jiff::civil::Date;

use super::{
    Care, Certification,
    table::{Numbers, Question, chance},
};
use crate::dice::Dice;

/// The answers to the 74 questions, in the order of [`Numbers::survey`]: 0 is the best.
#[must_use]
pub fn answers(numbers: &Numbers, care: &Care, one: &Certification) -> Vec<usize> {
    let body = 100 - one.ability / 10;
    let losses = [body, 100 - care.cognition_on(one.surveyed), body / 2];
    let mut dice = care.dice(2, one.surveyed);
    let general = dice.between(0, 40);
    numbers
        .survey
        .iter()
        .map(|question| match usize::try_from(question.domain).ok().and_then(|domain| losses.get(domain)) {
            Some(loss) if question.domain == 2 => grade(question, loss + general + dice.between(-4, 4)),
            Some(loss) => grade(question, loss + dice.between(-4, 4)),
            None => special(&mut dice, question, body),
        })
        .collect()
}

/// The number of cuts that a loss has passed.
pub(super) fn grade(question: &Question, loss: i64) -> usize {
    question.cuts.iter().filter(|cut| loss >= **cut).count()
}

fn special(dice: &mut Dice, question: &Question, body: i64) -> usize {
    let without = question.cuts.first().copied().unwrap_or(1000);
    usize::from(chance(dice, (1000 - without) * body, 100_000))
}

/// The answers of somebody who was found not in need.
#[must_use]
pub fn answers_of_nobody_in_need(numbers: &Numbers) -> Vec<usize> {
    vec![0; numbers.survey.len()]
}

/// Minutes of care a day: within the band of the level, by the ability in it.
#[must_use]
pub fn minutes(numbers: &Numbers, one: &Certification) -> i64 {
    let Some(level) = one.level.map(super::Level::index) else { return numbers.level_minutes[0] - 3 };
    let low = numbers.level_minutes[level];
    let high = numbers.level_minutes.get(level + 1).copied().filter(|next| *next > low).unwrap_or(low + 18);
    low + (1000 - one.ability) * (high - low - 1) / 1000
}

/// 障害高齢者の日常生活自立度 and 認知症高齢者の日常生活自立度 on `day`: codes of LIFE.
#[must_use]
pub fn independence(numbers: &Numbers, care: &Care, ability: i64, day: Date) -> (usize, usize) {
    let mind = care.cognition_on(day);
    (
        1 + numbers.independence_body.iter().filter(|cut| ability < **cut).count(),
        1 + numbers.independence_mind.iter().filter(|cut| mind < **cut).count(),
    )
}

/// Whether the person forgets so much that medicines are handed over one by one.
#[must_use]
pub fn forgets(care: &Care, day: Date) -> bool {
    matches!(care.cause, super::Cause::Dementia) && care.cognition_on(day) < 60
}
