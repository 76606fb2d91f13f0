//! 中村 ひなた, ten months old, and his mother: vaccinations, growth, an allergy. The city recorded at its desk, when the
//! birth was registered, that his mother acts for him.

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
        care::{Subject, mandate, related_person},
        clinical::{ALLERGENS, Allergen, Diagnosis, Disease, allergy, condition},
        party::{Author, Setting, coding},
        systems as sys,
    },
    json::{Json, arr, obj},
    outgoing::{Outgoing, SynthError},
    people::{Citizen, Institution, Name, Sex, insurer_number},
};

/// His mother's sign-in.
pub const AKARI: &str = "nakamura-akari";

/// Wheat, as an infant shows it.
const WHEAT: Allergen = Allergen { reaction: "口のまわりが赤くなり、じんましん", ..ALLERGENS[4] };
const JAUNDICE: Disease = Disease { text: "新生児黄疸", icd10: "P599" };

/// Month, day and hour of a visit in 2026, and the vaccines given (定期接種, 2024年からの五種混合).
const VACCINATIONS: [(i8, i8, &str); 10] = [
    (3, 16, "五種混合ワクチン 1回目"),
    (3, 16, "小児用肺炎球菌ワクチン 1回目"),
    (3, 16, "ロタウイルスワクチン 1回目"),
    (3, 16, "B型肝炎ワクチン 1回目"),
    (4, 13, "五種混合ワクチン 2回目"),
    (4, 13, "小児用肺炎球菌ワクチン 2回目"),
    (4, 13, "ロタウイルスワクチン 2回目"),
    (5, 11, "五種混合ワクチン 3回目"),
    (5, 11, "小児用肺炎球菌ワクチン 3回目"),
    (6, 22, "BCGワクチン"),
];

/// What is measured at a checkup: day, its name, length in cm, weight in kg, head in cm.
const GROWTH: [(Date, &str, [&str; 3]); 4] = [
    (date(2026, 1, 14), "生まれたとき", ["49.2", "3.05", "33.4"]),
    (date(2026, 2, 14), "1か月児健診", ["54.0", "4.21", "36.9"]),
    (date(2026, 5, 20), "4か月児健診", ["63.1", "6.72", "41.3"]),
    (date(2026, 11, 4), "10か月児健診", ["72.4", "8.93", "45.2"]),
];

/// Their home.
pub(super) fn home() -> Institution {
    household(
        "household-nakamura",
        "中村さんの家",
        "6-1",
        &[(AKARI, ["中村", "あかり", "ナカムラ", "アカリ"], Role::Proxy)],
    )
}

/// The infant.
pub(super) fn hinata() -> Citizen {
    Citizen {
        name: Name::new("中村", "ひなた", "ナカムラ", "ヒナタ"),
        sex: Sex::Male,
        birth: date(2026, 1, 14),
        address: home().address,
        phone: "000-0000-0601".into(),
        member_id: format!("{}:4920:601:03", insurer_number("01", 1)),
        number: 420_601,
    }
}

/// Everything sent.
pub(super) fn letters(cast: &Cast) -> Result<Vec<Outgoing>, SynthError> {
    let (infant, home) = (hinata(), home());
    let mut out = Letters::new(1);
    let born = From::physician(&cast.hospital, date(2026, 1, 19), (11, 0));
    out.submit(born, "nakamura-conditions-2026-01", |author, ids| {
        collection(author, &infant, "Condition", "CONDITION-420601", ids, |subject| {
            let known = Diagnosis::active(JAUNDICE, "2026-01-16");
            vec![condition(author, subject, "1", &known, Setting::Inpatient)]
        })
    })?;
    guardian(cast, &home, &infant, &mut out)?;
    let subject = Subject(&infant);
    for (number, (month, day, vaccine)) in VACCINATIONS.into_iter().enumerate() {
        let minute = i8::try_from(number).unwrap_or(0);
        let given = From::physician(&cast.clinic, date(2026, month, day), (14, minute));
        out.create(given, &format!("nakamura-vaccination-{}", number + 1), |author| {
            immunization(author, &subject, vaccine)
        })?;
    }
    for (number, (day, name, sizes)) in GROWTH.into_iter().enumerate() {
        // What was measured at birth was sent when he went home.
        let told = if number == 0 { date(2026, 1, 19) } else { day };
        let place = if number < 2 { &cast.hospital } else { &cast.clinic };
        out.create(From::physician(place, told, (15, 30)), &format!("nakamura-growth-{}", number + 1), |author| {
            growth(author, &subject, name, sizes, day)
        })?;
    }
    let wheat = From::physician(&cast.clinic, date(2026, 9, 8), (16, 0));
    out.submit(wheat, "nakamura-allergies-2026-09", |author, ids| {
        collection(author, &infant, "AllergyIntolerance", "ALLERGY-420601", ids, |subject| {
            vec![allergy(author, subject, "1", &WHEAT, "2026-09")]
        })
    })?;
    Ok(out.finish())
}

/// The city's desk records the mother, and its register that she acts for him until he is 18.
fn guardian(cast: &Cast, home: &Institution, infant: &Citizen, out: &mut Letters) -> Result<(), SynthError> {
    let (Some(clerk), Some(mother)) = (cast.city.staff.first(), home.staff.first()) else { return Ok(()) };
    let day = date(2026, 1, 23);
    let desk = |minute| Some(From { place: &cast.city, person: clerk, day, at: (10, minute) });
    let subject = Subject(infant);
    out.create(desk(0), "nakamura-mother", |author| {
        related_person(author.time, &subject, mother, ("MTH", "母"), "000-0000-0601")
    })?;
    out.create(desk(5), "nakamura-mandate", |author| {
        mandate(author.time, &subject, mother, "母", day, date(2044, 1, 13))
    })?;
    // Who has parental authority, the register says: no clerk takes it down.
    out.by_register();
    Ok(())
}

fn immunization(author: &Author<'_>, subject: &Subject<'_>, vaccine: &str) -> Json {
    obj! {
        "resourceType" => "Immunization",
        "meta" => obj! {"lastUpdated" => author.time.to_fhir()},
        "language" => "ja",
        "status" => "completed",
        "vaccineCode" => obj! {"text" => vaccine},
        "patient" => subject.reference(),
        "occurrenceDateTime" => author.time.civil().date().to_string(),
        "recorded" => author.time.to_fhir(),
        "primarySource" => true,
        "performer" => arr![obj! {"actor" => obj! {"display" => author.institution.name.as_str()}}],
    }
}

/// Length, weight and head, once in words for the reader, once as quantities.
fn growth(author: &Author<'_>, subject: &Subject<'_>, name: &str, sizes: [&str; 3], day: Date) -> Json {
    let part = |(loinc, words, unit): (&str, &str, &str), value: &str| {
        obj! {
            "code" => obj! {"coding" => arr![obj! {"system" => "http://loinc.org", "code" => loinc}], "text" => words},
            "valueQuantity" => obj! {"value" => Json::number(value), "unit" => unit, "system" => sys::UCUM, "code" => unit},
        }
    };
    let [length, weight, head] = sizes;
    obj! {
        "resourceType" => "Observation",
        "meta" => obj! {"lastUpdated" => author.time.to_fhir()},
        "language" => "ja",
        "status" => "final",
        "category" => arr![obj! {"coding" => arr![coding("http://terminology.hl7.org/CodeSystem/observation-category", "exam", "Exam")]}],
        "code" => obj! {"text" => name},
        "subject" => subject.reference(),
        "effectiveDateTime" => day.to_string(),
        "performer" => arr![obj! {"display" => author.institution.name.as_str()}],
        "valueString" => format!("身長 {length}cm、体重 {weight}kg、頭囲 {head}cm"),
        "component" => arr![
            part(("8302-2", "身長", "cm"), length),
            part(("29463-7", "体重", "kg"), weight),
            part(("9843-4", "頭囲", "cm"), head),
        ],
    }
}
