//! 渡辺 健一, 52, who works and has diabetes: three years of HbA1c at his family doctor's.

use jiff::civil::{Date, date};
use tsumugi_kernel::Role;

use super::{
    cast::Cast,
    letters::{From, Letters},
    neighbours::household,
};
use crate::{
    form::{
        bundle::collection,
        clinical::{Diagnosis, Disease, condition, lab_item, laboratory},
        party::Setting,
    },
    outgoing::{Outgoing, SynthError, moment},
    people::{Citizen, Institution, Name, Sex, insurer_number},
};

/// His sign-in.
pub const KENICHI: &str = "watanabe-kenichi";

const DIABETES: Disease = Disease { text: "2型糖尿病", icd10: "E119" };
const LIPIDS: Disease = Disease { text: "脂質異常症", icd10: "E785" };

/// When blood was drawn, then HbA1c, LDL cholesterol and creatinine.
const COURSE: [(Date, [&str; 3]); 12] = [
    (date(2023, 12, 11), ["8.9", "162", "0.81"]),
    (date(2024, 3, 18), ["8.4", "155", "0.80"]),
    (date(2024, 6, 17), ["7.9", "141", "0.82"]),
    (date(2024, 9, 9), ["7.6", "132", "0.82"]),
    (date(2024, 12, 16), ["7.8", "136", "0.83"]),
    (date(2025, 3, 10), ["7.4", "128", "0.82"]),
    (date(2025, 6, 16), ["7.1", "121", "0.84"]),
    (date(2025, 9, 8), ["7.0", "118", "0.83"]),
    (date(2025, 12, 15), ["7.3", "124", "0.84"]),
    (date(2026, 3, 16), ["6.9", "116", "0.85"]),
    (date(2026, 6, 15), ["6.8", "112", "0.84"]),
    (date(2026, 11, 9), ["6.7", "109", "0.85"]),
];

/// His home.
pub(super) fn home() -> Institution {
    household(
        "household-watanabe",
        "渡辺さんの家",
        "7-4",
        &[(KENICHI, ["渡辺", "健一", "ワタナベ", "ケンイチ"], Role::Citizen)],
    )
}

/// The diabetic.
pub(super) fn kenichi() -> Citizen {
    Citizen {
        name: Name::new("渡辺", "健一", "ワタナベ", "ケンイチ"),
        sex: Sex::Male,
        birth: date(1974, 5, 30),
        address: home().address,
        phone: "000-0000-0704".into(),
        member_id: format!("{}:331:704:00", insurer_number("06", 1)),
        number: 420_704,
    }
}

/// Everything sent.
pub(super) fn letters(cast: &Cast) -> Result<Vec<Outgoing>, SynthError> {
    let person = kenichi();
    let mut out = Letters::new(2);
    let first = From::physician(&cast.clinic, date(2023, 12, 11), (17, 0));
    out.submit(first, "watanabe-conditions-2023-12", |author, ids| {
        collection(author, &person, "Condition", "CONDITION-420704", ids, |subject| {
            let known = [(DIABETES, "2023-12-11"), (LIPIDS, "2022-10-05")];
            let one = |((disease, onset), n): (&(Disease, &str), i32)| {
                let known = Diagnosis::active(*disease, onset);
                condition(author, subject, &n.to_string(), &known, Setting::Ambulatory)
            };
            known.iter().zip(1..).map(one).collect()
        })
    })?;
    for (day, values) in COURSE {
        let drawn = moment(day, 8, 50)?;
        let serial = format!("LAB-{}-W", day.strftime("%Y%m%d"));
        let name = format!("watanabe-labs-{day}");
        out.submit(From::physician(&cast.clinic, day, (18, 10)), &name, |author, ids| {
            collection(author, &person, "Observation", &serial, ids, |subject| {
                let items = ["HbA1c-NGSP", "LDL-C", "Cre"].into_iter().zip(values);
                items
                    .map(|(key, value)| {
                        laboratory(author, subject, &serial, lab_item(key), value, drawn, Setting::Ambulatory)
                    })
                    .collect()
            })
        })?;
    }
    Ok(out.finish())
}
