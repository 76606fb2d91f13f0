//! Tallies for comparison with published numbers: what one person adds to each.

use jiff::civil::Date;

use super::{
    Ailment, Course, body,
    course::years,
    days::{Day, Month},
    medicines::regimen,
    receipts::of_visits,
    visits::{acute_band, visits},
};
use crate::{people::Sex, population::Person, town::Town};

/// Tells `add` what this person, seen on `day`, adds to each tally: its key (as [`compare`](crate::compare) names the
/// rows of `data/parameters.json`), how much, and out of how much. Nothing is added for who does not live on `day`.
///
/// | key | second | third |
/// |---|---|---|
/// | `attending.<sex>/<ailment>` | treated on the day | people |
/// | `attending/all`, `/male`, `/female`, `/0-9`, `/80+` | attends a clinic for something | people at home (of the age) |
/// | `diabetes.suspected/<sex>` | HbA1c from 6.5 % on, or treated | people from 20 on |
/// | `checkup.systolic/<sex>` | tenths of mmHg | people from 20 on |
/// | `checkup.systolic.high/<sex>` | 140 mmHg and over | people from 20 on |
/// | `checkup.bmi/…`, `checkup.bmi.age.…` | in the class | people from 20 on |
/// | `health.hba1c` | tenths of % | people from 20 on |
/// | `health.five-medicines/75+` | take five or more | people from 75 on |
pub fn count(person: &Person, course: &Course, day: Date, add: &mut impl FnMut(&'static str, i64, i64)) {
    if !person.lives_on(day) {
        return;
    }
    let sexed = |female: &'static str, male: &'static str| if person.sex == Sex::Male { male } else { female };
    for (ailment, female, male) in TREATED {
        add(sexed(female, male), i64::from(course.treated(ailment, day)), 1);
    }
    let age = years(person, day);
    // The survey asks people at home.
    if course.stay_on(day).is_none() && person.facility_since.is_none_or(|since| day < since) {
        let attends = i64::from(course.illnesses.iter().any(|one| one.is_treated_on(day)));
        add("attending/all", attends, 1);
        add(sexed("attending/female", "attending/male"), attends, 1);
        if age <= 9 {
            add("attending/0-9", attends, 1);
        } else if age >= 80 {
            add("attending/80+", attends, 1);
        }
    }
    if age >= 75 {
        add("health.five-medicines/75+", i64::from(regimen(person, course, day).len() >= 5), 1);
    }
    if age >= 20 {
        measured(person, course, day, age, add);
    }
}

/// Whether what a key counts is a measured value in the scale of its row, not cases.
#[must_use]
pub fn is_value(key: &str) -> bool {
    key.starts_with("checkup.systolic/") || key == "health.hba1c"
}

fn measured(person: &Person, course: &Course, day: Date, age: i64, add: &mut impl FnMut(&'static str, i64, i64)) {
    let sexed = |female: &'static str, male: &'static str| if person.sex == Sex::Male { male } else { female };
    let sugar = body::lab(person, course, 0, day);
    let suspected = sugar >= 65 || course.treated(Ailment::Diabetes, day);
    add(sexed("diabetes.suspected/female", "diabetes.suspected/male"), i64::from(suspected), 1);
    add("health.hba1c", sugar, 1);
    let (systolic, _) = body::pressure(person, course, day);
    add(sexed("checkup.systolic/female", "checkup.systolic/male"), systolic * 10, 1);
    add(sexed("checkup.systolic.high/female", "checkup.systolic.high/male"), i64::from(systolic >= 140), 1);
    let bmi = body::bmi(person, course, day);
    let (high, low) = (i64::from(bmi >= 250), i64::from(bmi < 185));
    add(sexed("checkup.bmi/female/high", "checkup.bmi/male/high"), high, 1);
    add(sexed("checkup.bmi/female/low", "checkup.bmi/male/low"), low, 1);
    if person.sex == Sex::Female && age < 40 {
        add("checkup.bmi/female/20-39/low", low, 1);
    }
    let decade = usize::try_from(age / 10 - 2).unwrap_or(0).min(5);
    add(sexed(BMI_WOMEN[decade], BMI_MEN[decade]), high, 1);
}

const BMI_MEN: [&str; 6] = [
    "checkup.bmi.age.men/20s",
    "checkup.bmi.age.men/30s",
    "checkup.bmi.age.men/40s",
    "checkup.bmi.age.men/50s",
    "checkup.bmi.age.men/60s",
    "checkup.bmi.age.men/70+",
];
const BMI_WOMEN: [&str; 6] = [
    "checkup.bmi.age.women/20s",
    "checkup.bmi.age.women/30s",
    "checkup.bmi.age.women/40s",
    "checkup.bmi.age.women/50s",
    "checkup.bmi.age.women/60s",
    "checkup.bmi.age.women/70+",
];

/// Tells `add` the person's receipts of the last twelve whole months: key, how many, and out of how many
/// person-years: `claims.receipts/<kind>` and, for out-patients, `health.receipts.outpatient/<age>` count twelve for each
/// receipt and one for each month lived; `health.points/<kind>` has points and receipts.
pub fn count_receipts(town: &Town, person: &Person, course: &Course, add: &mut impl FnMut(&'static str, i64, i64)) {
    const BANDS: [&str; 6] = [
        "health.receipts.outpatient/0-4",
        "health.receipts.outpatient/5-14",
        "health.receipts.outpatient/15-39",
        "health.receipts.outpatient/40-64",
        "health.receipts.outpatient/65-74",
        "health.receipts.outpatient/75+",
    ];
    let last = Month(Day::from(town.today()).month().0 - 1);
    let birth = Day::from(person.birth);
    let first = Month(last.0 - 11).max(birth.month());
    let end = person.death.map_or(last.last(), |death| Day::from(death).min(last.last()));
    if end < first.first() {
        return;
    }
    let list = visits(person, course, first.first().max(birth), end);
    let mut of_month = [0i64; 6];
    let all = of_visits(town, person, course, &list, first, end.month());
    let mut rest = all.as_slice();
    for month in (first.0..=end.month().0).map(Month) {
        let (now, later) = rest.split_at(rest.partition_point(|receipt| receipt.month <= month));
        rest = later;
        of_month.fill(0);
        for receipt in now {
            of_month[receipt.kind as usize] += 1;
            add(POINTS[receipt.kind as usize], receipt.points, 1);
        }
        for (key, count) in RECEIPTS.iter().zip(of_month) {
            add(key, count * 12, 1);
        }
        add(BANDS[acute_band((month.first().0 - birth.0).max(0))], of_month[0] * 12, 1);
    }
}

const RECEIPTS: [&str; 6] = [
    "claims.receipts/outpatient",
    "claims.receipts/pharmacy",
    "claims.receipts/dental",
    "claims.receipts/inpatient",
    "claims.receipts/dpc",
    "claims.receipts/dental-inpatient",
];
const POINTS: [&str; 6] = [
    "health.points/outpatient",
    "health.points/pharmacy",
    "health.points/dental",
    "health.points/inpatient",
    "health.points/dpc",
    "health.points/dental-inpatient",
];

const TREATED: [(Ailment, &str, &str); 6] = [
    (Ailment::Hypertension, "attending.female/hypertension", "attending.male/hypertension"),
    (Ailment::Diabetes, "attending.female/diabetes", "attending.male/diabetes"),
    (Ailment::Lipids, "attending.female/lipids", "attending.male/lipids"),
    (Ailment::Eye, "attending.female/eye", "attending.male/eye"),
    (Ailment::Dementia, "attending.female/dementia", "attending.male/dementia"),
    (Ailment::Dialysis, "attending.female/dialysis", "attending.male/dialysis"),
];
