//! Whether and when a person is certified as needing care (要介護認定), why, and for how long at which level.

use jiff::{ToSpan, civil::Date};

use super::{
    ability::Wave,
    level::Level,
    table::{Numbers, chance, pick},
};
use crate::{
    dice::Dice,
    health::{Course, Stay},
    people::Sex,
    population::Person,
};

/// Why care is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// 認知症.
    Dementia,
    /// 脳血管疾患.
    Stroke,
    /// 骨折・転倒.
    Fracture,
    /// 関節疾患.
    Joint,
    /// 高齢による衰弱.
    Frailty,
    /// 心疾患.
    Heart,
    /// パーキンソン病.
    Parkinson,
    /// その他.
    Other,
}

impl Cause {
    /// All, in the order of the rows `cause.base.…`.
    pub const ALL: [Self; 8] = [
        Self::Dementia,
        Self::Stroke,
        Self::Fracture,
        Self::Joint,
        Self::Frailty,
        Self::Heart,
        Self::Parkinson,
        Self::Other,
    ];

    /// Code, words, and the ICD-10 code of the diagnosis.
    #[must_use]
    pub const fn coded(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Dementia => ("dementia", "認知症", "F03"),
            Self::Stroke => ("stroke", "脳卒中の後遺症", "I693"),
            Self::Fracture => ("fracture", "骨折・転倒", "S7200"),
            Self::Joint => ("joint", "変形性膝関節症", "M179"),
            Self::Frailty => ("frailty", "高齢による衰弱", "R54"),
            Self::Heart => ("heart", "心不全", "I509"),
            Self::Parkinson => ("parkinson", "パーキンソン病", "G20"),
            Self::Other => ("other", "その他の病気", "R688"),
        }
    }
}

/// One certification, from the application to the end of its validity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certification {
    /// Why it was applied for.
    pub reason: Reason,
    /// 申請日.
    pub applied: Date,
    /// 認定調査.
    pub surveyed: Date,
    /// 主治医意見書.
    pub opinion: Date,
    /// 認定日.
    pub decided: Date,
    /// The level; `None`: 非該当.
    pub level: Option<Level>,
    /// First day of validity.
    pub from: Date,
    /// Last day of validity, or the day before a change took its place.
    pub to: Date,
    /// The ability at the survey, in tenths of a point.
    pub ability: i64,
}

/// Why a certification was applied for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// 新規申請.
    New,
    /// 更新申請.
    Renewal,
    /// 区分変更申請.
    Change,
}

impl Reason {
    /// Code and words.
    #[must_use]
    pub const fn coded(self) -> (&'static str, &'static str) {
        match self {
            Self::New => ("application-new", "新規申請"),
            Self::Renewal => ("application-renewal", "更新申請"),
            Self::Change => ("application-change", "区分変更申請"),
        }
    }
}

/// Causes that a course can show, with their codes: the first five in the order of `certified.relative`.
const SHOWN: [(Cause, &[&str]); 6] = [
    (Cause::Stroke, &["I60", "I61", "I63", "I64", "I69"]),
    (Cause::Fracture, &["S72", "S22", "S32", "M80"]),
    (Cause::Dementia, &["F0", "G30", "G31"]),
    (Cause::Heart, &["I50"]),
    (Cause::Joint, &["M1"]),
    (Cause::Parkinson, &["G20"]),
];

/// From when on a course shows each of stroke, fracture, dementia, heart failure, joint disease, Parkinson's disease.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shown([Option<Date>; 6]);

impl Shown {
    /// What a course shows up to `day`.
    pub(super) fn of(course: &Course, day: Date) -> Self {
        Self(SHOWN.map(|(_, codes)| {
            let fits = |icd10: &str| codes.iter().any(|code| icd10.starts_with(code));
            let ill = course.illnesses.iter().filter(|one| fits(one.disease.icd10)).map(|one| one.onset);
            let lay = course.stays.iter().filter(|one| fits(one.reason.icd10)).map(|one| one.from);
            ill.chain(lay).filter(|from| *from <= day).min()
        }))
    }

    /// Which of the first five are shown.
    pub(super) fn relative(&self) -> impl Iterator<Item = usize> {
        (0..5).filter(|&one| self.0[one].is_some())
    }

    /// From when on a cause is shown; `None`: never, or it is none that a course could show.
    pub(super) fn since(&self, cause: Cause) -> Option<Date> {
        SHOWN.iter().position(|(one, _)| *one == cause).and_then(|place| self.0[place])
    }
}

/// The place of an age in rows by age.
pub(super) fn place(age: i16) -> Option<usize> {
    usize::try_from((age - 65).div_euclid(5)).ok().map(|place| place.min(5))
}

/// Whether the person is certified on the last day. Always one throw.
pub(super) fn is_certified(numbers: &Numbers, dice: &mut Dice, person: &Person, shows: &Shown, last: Date) -> bool {
    let age = person.age_on(last);
    let lives_there = person.facility_since.is_some_and(|since| since <= last);
    let Some(place) = place(age) else {
        let early = age >= 40 && shows.relative().any(|one| matches!(one, 0 | 2));
        return chance(dice, if early { numbers.certified_second[0] * 10 } else { 0 }, 10_000);
    };
    let relative =
        shows.relative().map(|one| numbers.certified_relative[one]).max().unwrap_or(numbers.certified_relative[5]);
    let sex = numbers.certified_sex[usize::from(person.sex == Sex::Male)];
    let mut share = numbers.certified_base[place] * relative * sex / 10_000;
    if person.death.is_some() {
        share = share * numbers.certified_dead[0] / 100;
    }
    // A nursing home takes nobody who is not certified.
    chance(dice, share.min(9_700), 10_000) || lives_there
}

/// The day of the first application: with the stay that caused it, or some years ago; not before the age that `last`
/// allows.
pub(super) fn applied(numbers: &Numbers, dice: &mut Dice, person: &Person, stays: &[Stay], last: Date) -> Date {
    let years = i64::try_from(pick(dice, &numbers.certified_years)).unwrap_or(0);
    let drawn = last.saturating_sub((years * 365 + dice.between(70, 420)).days());
    let turned = |years: i16| person.birth.saturating_add(years.years());
    let least = turned(if person.age_on(last) >= 65 { 65 } else { 40 });
    let follows = dice.chance(600);
    let before = i64::from(dice.chance(500)) * 365 + dice.between(120, 500);
    if let Some(since) = person.facility_since.filter(|since| *since <= last) {
        return since.saturating_sub(before.days()).max(least.min(since.saturating_sub(120.days())));
    }
    let stay = stays.iter().rev().find(|stay| {
        let heavy = ["I6", "S72", "S22", "S32"].iter().any(|code| stay.reason.icd10.starts_with(code));
        heavy && least <= stay.to && stay.to.saturating_add(60.days()) <= last
    });
    match stay {
        Some(stay) if follows => stay.to.saturating_sub(4.days()).max(stay.from),
        _ => drawn.max(least).min(last.saturating_sub(50.days())),
    }
}

/// The lightest level at which a special nursing home takes somebody in (介護保険法 第8条第22項; since 2015).
pub(super) const OF_NURSING_HOMES: Level = Level::Care3;

/// The certifications, one after the other without a gap, until `last`. Those that hold while the person lives in a
/// nursing home, from `lives_there` on, are at a level that it takes.
#[expect(clippy::too_many_arguments, reason = "the facts of a certification")]
pub(super) fn certifications(
    numbers: &Numbers,
    dice: &mut Dice,
    applied: Date,
    waves: &[Wave],
    offset: i64,
    stays: &[Stay],
    lives_there: Option<Date>,
    last: Date,
) -> Vec<Certification> {
    let mut list: Vec<Certification> = Vec::new();
    let (mut applied, mut reason) = (applied, Reason::New);
    loop {
        let [surveyed, opinion, decided] = numbers.waits.map(|days| applied.saturating_add(days.days()));
        // A renewal begins when the old one ends; what is new or changed holds from the day of application.
        let from = match (reason, list.last()) {
            (Reason::Renewal, Some(before)) => before.to.saturating_add(1.days()),
            _ => applied,
        };
        let pairs = if reason == Reason::Renewal { &numbers.valid_renewed[..] } else { &numbers.valid_first[..] };
        let weights: Vec<i64> = pairs.chunks_exact(2).map(|pair| pair[1]).collect();
        let months = pairs[2 * pick(dice, &weights)];
        let to = from.saturating_add(months.months()).saturating_sub(1.days());
        let ability =
            waves.iter().rev().find(|wave| wave.day <= decided).or(waves.first()).map_or(0, |one| one.ability);
        let level = Level::of(ability + offset, &numbers.level_threshold);
        let level =
            Some(if lives_there.is_some_and(|since| since <= to) { level.max(OF_NURSING_HOMES) } else { level });
        list.push(Certification { reason, applied, surveyed, opinion, decided, level, from, to, ability });
        let change = stays
            .iter()
            .map(|stay| stay.to.saturating_add(7.days()))
            .find(|day| decided.saturating_add(60.days()) < *day && day.saturating_add(90.days()) < to);
        (applied, reason) = match change.filter(|_| dice.chance(700)) {
            Some(day) => (day, Reason::Change),
            None => (to.saturating_sub(45.days()), Reason::Renewal),
        };
        if applied.saturating_add(numbers.waits[2].days()) > last {
            return list;
        }
        if let (Reason::Change, Some(before)) = (reason, list.last_mut()) {
            before.to = applied.saturating_sub(1.days());
        }
    }
}

/// Why care is needed: by group of level, and nothing that the course could show and does not.
pub(super) fn cause(numbers: &Numbers, dice: &mut Dice, level: Level, shows: &Shown) -> Cause {
    let mut weights = if level.is_support() { numbers.cause_support } else { numbers.cause_care };
    for (cause, _) in SHOWN.iter().filter(|(cause, _)| shows.since(*cause).is_none()) {
        weights[*cause as usize] = 0;
    }
    Cause::ALL[pick(dice, &weights)]
}
