//! Hospitals, clinics, pharmacies and care offices of the town, with their staff.

use tsumugi_kernel::{OrganizationKind, Role};

use crate::{
    dice::{Dice, Stream},
    names::{CITY, FAMILY, PREFECTURE, QUARTERS, given},
    people::{Address, Institution, Name, Professional, Sex, institution_number},
};

/// One kind of institution: how many citizens share one, the kind's digit, the end of its name, who works there.
struct Plan {
    kind: OrganizationKind,
    digit: u32,
    citizens_each: u64,
    ending: &'static str,
    staff: &'static [(Role, Option<&'static str>)],
}

const PLANS: [Plan; 4] = [
    Plan {
        kind: OrganizationKind::Hospital,
        digit: 1,
        citizens_each: 15_000,
        ending: "病院",
        staff: &[(Role::Physician, Some("医師")), (Role::Nurse, Some("看護師")), (Role::Therapist, Some("理学療法士"))],
    },
    Plan {
        kind: OrganizationKind::Clinic,
        digit: 1,
        citizens_each: 1_200,
        ending: "医院",
        staff: &[(Role::Physician, Some("医師")), (Role::Nurse, Some("看護師"))],
    },
    Plan {
        kind: OrganizationKind::Pharmacy,
        digit: 4,
        citizens_each: 2_000,
        ending: "薬局",
        staff: &[(Role::Pharmacist, Some("薬剤師"))],
    },
    Plan {
        kind: OrganizationKind::CareOffice,
        digit: 7,
        citizens_each: 2_000,
        ending: "介護センター",
        staff: &[
            (Role::CareManager, Some("介護支援専門員")),
            (Role::CareWorker, Some("介護福祉士")),
            (Role::Nurse, Some("看護師")),
        ],
    },
];

const FRONT: [&str; 12] = [
    "みどり",
    "あさひ",
    "すみれ",
    "なぎさ",
    "わかば",
    "こだま",
    "つばさ",
    "はるかぜ",
    "しらうめ",
    "あかね",
    "ひばり",
    "ゆうなぎ",
];

/// Every institution, hospitals first. Serial numbers start at 200,001 (the story's are below).
pub(super) fn all(seed: u64, citizens: u64) -> Vec<Institution> {
    let mut list = Vec::new();
    for plan in &PLANS {
        for number in 0..citizens.div_ceil(plan.citizens_each).max(1) {
            list.push(one(seed, plan, number, u64::try_from(list.len()).unwrap_or(0)));
        }
    }
    list
}

fn one(seed: u64, plan: &Plan, number: u64, serial: u64) -> Institution {
    let mut dice = Dice::new(seed, serial, Stream::Institution);
    let (quarter, postal) = dice.pick(&QUARTERS);
    let id = institution_number(plan.digit, 200_001 + u32::try_from(serial).unwrap_or(0));
    let front = dice.pick(&FRONT);
    let name = if number == 0 {
        format!("{quarter}{front}{}", plan.ending)
    } else {
        format!("{quarter}{front}{}{}", plan.ending, number + 1)
    };
    let staff = plan
        .staff
        .iter()
        .enumerate()
        .map(|(place, (role, qualification))| professional(&mut dice, &id, place, *role, *qualification))
        .collect();
    let line = format!("{quarter}{}-{}", dice.between(1, 40), dice.between(1, 30));
    Institution {
        id,
        name,
        kind: plan.kind,
        address: Address { postal: (*postal).into(), state: PREFECTURE.into(), city: CITY.into(), line },
        phone: format!("000-{:04}-{:04}", dice.between(0, 9999), dice.between(0, 9999)),
        staff,
    }
}

fn professional(
    dice: &mut Dice,
    institution: &str,
    place: usize,
    role: Role,
    qualification: Option<&'static str>,
) -> Professional {
    let (family, family_kana) = dice.pick(&FAMILY);
    let sex = if dice.chance(500) { Sex::Female } else { Sex::Male };
    let (first, first_kana) = dice.pick(given(sex, 1980));
    Professional {
        id: format!("s{institution}-{}", place + 1),
        name: Name::new(family, first, family_kana, first_kana),
        qualification,
        role,
    }
}
