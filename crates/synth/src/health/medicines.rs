//! What a person takes on a day: each treated illness brings its medicines, the next one when the first no longer
//! suffices, and old age brings those against discomfort.

use jiff::civil::Date;

use super::{Ailment, Course, Specialty, body, course::years, numbers::NUMBERS};
use crate::{
    form::medicine::{self as m, Medicine},
    population::Person,
};

/// Medicines of an ailment: the first for everybody, the next for the worse.
const fn against(ailment: Ailment) -> &'static [Medicine] {
    use Ailment as A;
    match ailment {
        A::Hypertension => &[m::AMLODIPINE, m::CANDESARTAN, m::BISOPROLOL],
        A::Diabetes => &[m::METFORMIN, m::SITAGLIPTIN, m::EMPAGLIFLOZIN],
        A::Lipids => &[m::ROSUVASTATIN],
        A::Kidney => &[m::OLMESARTAN],
        A::Dialysis => &[m::FUROSEMIDE, m::LANTHANUM],
        A::Fibrillation => &[m::APIXABAN],
        A::Ischaemia | A::Infarction => &[m::ASPIRIN, m::BISOPROLOL],
        A::HeartFailure => &[m::FUROSEMIDE, m::SPIRONOLACTONE, m::BISOPROLOL],
        A::Stroke => &[m::CLOPIDOGREL, m::LANSOPRAZOLE],
        A::Copd => &[m::CARBOCISTEINE],
        A::Osteoporosis => &[m::ELDECALCITOL],
        A::Knee | A::Back | A::VertebralFracture => &[m::LOXOPROFEN, m::REBAMIPIDE],
        A::Reflux => &[m::LANSOPRAZOLE],
        A::Gout => &[m::FEBUXOSTAT],
        A::Prostate => &[m::TAMSULOSIN],
        A::Thyroid => &[m::LEVOTHYROXINE],
        A::Insomnia => &[m::ZOLPIDEM],
        A::Rheumatism => &[m::PREDNISOLONE, m::LOXOPROFEN],
        A::Parkinson => &[m::LEVODOPA],
        A::Dementia => &[m::DONEPEZIL],
        A::Rhinitis | A::Atopic => &[m::FEXOFENADINE],
        A::Asthma | A::AsthmaOfChildren => &[m::MONTELUKAST],
        A::Depression => &[m::ESCITALOPRAM, m::ZOLPIDEM],
        A::Schizophrenia => &[m::ARIPIPRAZOLE, m::ZOLPIDEM],
        A::Eye => &[m::MECOBALAMIN],
        A::Complaint => &[m::REBAMIPIDE],
        _ => &[],
    }
}

/// What is taken on `day`, by who prescribes it; each medicine once.
#[must_use]
pub fn regimen(person: &Person, course: &Course, day: Date) -> Vec<(Specialty, Medicine)> {
    let mut list: Vec<(Specialty, Medicine)> = Vec::with_capacity(8);
    let mut add = |by: Specialty, medicine: Medicine| {
        if !list.iter().any(|(_, taken)| taken.code == medicine.code) {
            list.push((by, medicine));
        }
    };
    for illness in course.illnesses.iter().filter(|one| one.is_treated_on(day) && one.by != Specialty::Women) {
        let years = years(person, day) - years(person, illness.treated.unwrap_or(illness.onset));
        // Whether one medicine suffices is the person's own; it suffices the less the longer the illness lasts.
        let trait_of = body::trait_of(course, illness.ailment as usize);
        let [a_year, second, third] = NUMBERS.second;
        let worse = trait_of + years * a_year;
        let steps = 1 + usize::from(worse > second) + usize::from(worse > third);
        for medicine in against(illness.ailment).iter().take(steps) {
            add(illness.by, *medicine);
        }
    }
    let frail = body::frailty(person, course, day);
    if by_family_doctor(course, day) {
        for (medicine, from) in [m::MAGNESIUM, m::REBAMIPIDE, m::ACETAMINOPHEN].into_iter().zip(NUMBERS.discomfort) {
            if frail >= from {
                add(Specialty::Internal, medicine);
            }
        }
    }
    list
}

fn by_family_doctor(course: &Course, day: Date) -> bool {
    course.illnesses.iter().any(|one| one.by == Specialty::Internal && one.is_treated_on(day))
}
