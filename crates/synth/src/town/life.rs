//! What is sent about one citizen of the town in the last year: diagnoses, laboratory values, allergies, stays,
//! letters, and care.
//!
//! First form: prevalences by age only, from the survey of 2022 and the certification rates of 2020
//! (`secondary-use.md` section 6); the whole life comes with the town's own chapter.

use jiff::{ToSpan, civil::Date};
use tsumugi_kernel::{OrganizationId, OrganizationKind, PersonId, Purpose, Role};

use super::{Resident, Town};
use crate::story::cast::{CITY_HALL, CLERK};
use crate::{
    dice::{Dice, Stream},
    form::{
        bundle::{Content, LabValue, collection, discharge, referral},
        care::{BARTHEL_ITEMS, Precaution, Subject, barthel, in_charge, note, precaution},
        clinical::{ALLERGENS, Diagnosis, Disease, UNINFORMED, allergy, condition, lab_item, laboratory},
        medicine::{AMLODIPINE, LANSOPRAZOLE, METFORMIN, Medicine, ROSUVASTATIN},
        party::{Author, INTERNAL, Setting, resident},
    },
    json::Json,
    outgoing::{Form, Outgoing, SynthError, moment},
    people::{Institution, Professional},
};

/// A common chronic disease: with whom it is found (per thousand below 40, 40–59, 60–74, 75 and over) and what is
/// taken against it.
struct Chronic {
    disease: Disease,
    permille: [u32; 4],
    medicine: Medicine,
}

const CHRONIC: [Chronic; 4] = [
    Chronic {
        disease: Disease { text: "高血圧症", icd10: "I10" }, permille: [8, 110, 320, 480], medicine: AMLODIPINE
    },
    Chronic {
        disease: Disease { text: "2型糖尿病", icd10: "E119" }, permille: [4, 55, 130, 160], medicine: METFORMIN
    },
    Chronic {
        disease: Disease { text: "脂質異常症", icd10: "E785" },
        permille: [5, 80, 170, 170],
        medicine: ROSUVASTATIN,
    },
    Chronic {
        disease: Disease { text: "逆流性食道炎", icd10: "K210" },
        permille: [5, 25, 50, 70],
        medicine: LANSOPRAZOLE,
    },
];

/// Stays: the disease that led to one.
const ACUTE: [Disease; 4] = [
    Disease { text: "肺炎", icd10: "J189" },
    Disease { text: "大腿骨頚部骨折", icd10: "S7200" },
    Disease { text: "脳梗塞", icd10: "I639" },
    Disease { text: "心不全", icd10: "I509" },
];

/// Diagnoses that are at times withheld for a while.
const WITHHELD: Disease = Disease { text: "胃癌", icd10: "C169" };

/// Certified as needing care, per thousand: 65–69, 70–74, 75–79, 80–84, 85–89, 90 and over.
pub(super) const CERTIFIED: [u32; 6] = [28, 55, 124, 264, 481, 727];
/// Shares of the levels 要支援1, 2, 要介護1 … 5.
const LEVELS: [u32; 7] = [143, 138, 209, 166, 132, 128, 84];
/// Mean Barthel index by level, and its spread.
const BARTHEL: [(i64, i64); 7] = [(92, 8), (87, 11), (78, 16), (67, 20), (48, 22), (28, 21), (8, 12)];

fn band(age: i16) -> usize {
    match age {
        ..=39 => 0,
        40..=59 => 1,
        60..=74 => 2,
        _ => 3,
    }
}

/// The level of care need (0 is 要支援1), if the citizen is certified.
pub(super) fn care_level(seed: u64, index: u64, age: i16) -> Option<usize> {
    let place = usize::try_from((age - 65).div_euclid(5)).ok()?;
    let mut dice = Dice::new(seed, index, Stream::Care);
    dice.chance(CERTIFIED[place.min(CERTIFIED.len() - 1)]).then(|| dice.weighted(&LEVELS))
}

/// One citizen's file while it is being written.
struct Life<'a> {
    town: &'a Town,
    index: u64,
    resident: Resident,
    ids: Dice,
    dice: Dice,
    sent: Vec<Outgoing>,
}

/// Everything sent about citizen `index`.
pub(super) fn sent(town: &Town, index: u64) -> Result<Vec<Outgoing>, SynthError> {
    let seed = town.seed();
    let mut life = Life {
        town,
        index,
        resident: town.resident(index),
        ids: Dice::new(seed, index, Stream::Ids),
        dice: Dice::new(seed, index, Stream::Laboratory),
        sent: Vec::new(),
    };
    let chronic = life.chronic();
    life.diagnoses(&chronic)?;
    life.laboratory(&chronic)?;
    life.allergies()?;
    life.stay(&chronic)?;
    life.letter(&chronic)?;
    life.care()?;
    life.sent.sort_by_key(|outgoing| outgoing.time);
    Ok(life.sent)
}

impl<'a> Life<'a> {
    /// The institution of this kind that the household uses.
    fn place(&self, kind: OrganizationKind) -> Option<&'a Institution> {
        let all: Vec<&Institution> = self.town.institutions.iter().filter(|place| place.kind == kind).collect();
        let mut dice = Dice::new(self.town.seed, self.resident.household, Stream::Institution);
        (!all.is_empty()).then(|| *dice.pick(&all))
    }

    fn day_before(&self, days: i64) -> Result<Date, SynthError> {
        Ok(self.town.today.checked_sub(days.days())?)
    }

    fn name(&self, what: &str, day: Date) -> String {
        format!("p{:07}-{what}-{day}", self.index)
    }

    fn serial(&self, what: &str, day: Date) -> String {
        format!("{what}-{:07}-{}", self.index, day.strftime("%Y%m%d"))
    }

    /// Sends a bundle as the physician of `place`.
    fn submit(
        &mut self,
        place: &Institution,
        what: &str,
        day: Date,
        make: impl FnOnce(&Author<'_>, &Resident, &mut Dice) -> Json,
    ) -> Result<(), SynthError> {
        let Some(person) = place.who(Role::Physician) else { return Ok(()) };
        let author =
            Author { institution: place, department: INTERNAL, person, time: moment(day, 17, 0)?, document: None };
        let bytes = make(&author, &self.resident, &mut self.ids).write().into_bytes();
        let name = self.name(what, day);
        self.sent.push(Outgoing::new(place, person, Purpose::Treat, Form::Submit(bytes), author.time, name)?);
        Ok(())
    }

    fn create(
        &mut self,
        place: &Institution,
        person: &Professional,
        what: &str,
        day: Date,
        make: impl FnOnce(&Author<'_>, &Subject<'_>) -> Json,
    ) -> Result<(), SynthError> {
        let author =
            Author { institution: place, department: INTERNAL, person, time: moment(day, 15, 0)?, document: None };
        let bytes = make(&author, &Subject(&self.resident.citizen)).write().into_bytes();
        let name = self.name(what, day);
        self.sent.push(Outgoing::new(place, person, Purpose::CareManagement, Form::Create(bytes), author.time, name)?);
        Ok(())
    }

    /// Who is in charge is told at the city's desk, which sends it: an office does not put itself in charge.
    fn by_the_city(&mut self) -> Result<(), SynthError> {
        if let Some(newest) = self.sent.last_mut() {
            newest.sender = OrganizationId::new(CITY_HALL)?;
            newest.person = PersonId::new(CLERK)?;
            (newest.role, newest.purpose) = (Role::Municipality, Purpose::RecordManagement);
        }
        Ok(())
    }

    /// Which chronic diseases the citizen has, and since when.
    fn chronic(&self) -> Vec<(&'static Chronic, Date)> {
        let mut dice = Dice::new(self.town.seed, self.index, Stream::Health);
        let today = self.town.today;
        let longest = i64::from(self.resident.age).clamp(1, 20) * 300;
        let mut has = Vec::new();
        for chronic in &CHRONIC {
            let there = dice.chance(chronic.permille[band(self.resident.age)]);
            let since = dice.between(120, longest.max(121));
            if let (true, Ok(day)) = (there, today.checked_sub(since.days())) {
                has.push((chronic, day));
            }
        }
        has
    }

    fn diagnoses(&mut self, chronic: &[(&'static Chronic, Date)]) -> Result<(), SynthError> {
        let withheld = self.resident.age >= 60 && self.dice.chance(4);
        let Some(clinic) = self.place(OrganizationKind::Clinic).filter(|_| withheld || !chronic.is_empty()) else {
            return Ok(());
        };
        let day = self.day_before(300)?;
        let found = self.day_before(310)?;
        let serial = self.serial("C", day);
        self.submit(clinic, "conditions", day, |author, resident, ids| {
            collection(author, &resident.citizen, "Condition", &serial, ids, |subject| {
                let mut list: Vec<Json> = chronic
                    .iter()
                    .zip(1..)
                    .map(|((chronic, since), n)| {
                        condition(
                            author,
                            subject,
                            &n.to_string(),
                            &Diagnosis::active(chronic.disease, &since.to_string()),
                            Setting::Ambulatory,
                        )
                    })
                    .collect();
                if withheld {
                    list.push(condition(
                        author,
                        subject,
                        "9",
                        &Diagnosis { flags: &[UNINFORMED], ..Diagnosis::active(WITHHELD, &found.to_string()) },
                        Setting::Ambulatory,
                    ));
                }
                list
            })
        })
    }

    /// A value of an item: usual, or as the disease shifts it.
    fn value(&mut self, key: &str, diabetic: bool) -> String {
        let (mean, sd, decimals) = match key {
            "HbA1c-NGSP" if diabetic => (72, 7, 1),
            "HbA1c-NGSP" => (56, 3, 1),
            "LDL-C" => (122, 31, 0),
            "HDL-C" => (61, 14, 0),
            "TG" => (112, 40, 0),
            "Cre" => (74, 16, 2),
            "Hb" => (136, 13, 1),
            "AST" => (23, 6, 0),
            "ALT" => (20, 8, 0),
            _ => (42, 3, 1),
        };
        let scaled = self.dice.normal(mean, sd).max(1);
        match decimals {
            0 => scaled.to_string(),
            1 => format!("{}.{}", scaled / 10, scaled % 10),
            _ => format!("{}.{:02}", scaled / 100, scaled % 100),
        }
    }

    fn laboratory(&mut self, chronic: &[(&'static Chronic, Date)]) -> Result<(), SynthError> {
        let diabetic = chronic.iter().any(|(chronic, _)| chronic.disease.icd10 == "E119");
        let checked = self.resident.age >= 40 && self.dice.chance(580);
        let times = if chronic.is_empty() { i64::from(checked) } else { 3 };
        let Some(clinic) = self.place(OrganizationKind::Clinic) else { return Ok(()) };
        for time in 0..times {
            let back = 20 + 110 * time + self.dice.between(0, 30);
            let day = self.day_before(back)?;
            let drawn = moment(day, 9, 10)?;
            let values: Vec<(&str, String)> = ["HbA1c-NGSP", "LDL-C", "HDL-C", "TG", "Cre", "Hb", "AST", "ALT"]
                .into_iter()
                .map(|key| (key, self.value(key, diabetic)))
                .collect();
            let serial = self.serial("L", day);
            self.submit(clinic, "labs", day, |author, resident, ids| {
                collection(author, &resident.citizen, "Observation", &serial, ids, |subject| {
                    values
                        .iter()
                        .map(|(key, value)| {
                            laboratory(author, subject, &serial, lab_item(key), value, drawn, Setting::Ambulatory)
                        })
                        .collect()
                })
            })?;
        }
        Ok(())
    }

    fn allergies(&mut self) -> Result<(), SynthError> {
        let Some(clinic) = self.place(OrganizationKind::Clinic).filter(|_| self.dice.chance(80)) else { return Ok(()) };
        let allergen = *self.dice.pick(&ALLERGENS);
        let back = self.dice.between(30, 340);
        let day = self.day_before(back)?;
        let serial = self.serial("A", day);
        self.submit(clinic, "allergies", day, |author, resident, ids| {
            collection(author, &resident.citizen, "AllergyIntolerance", &serial, ids, |subject| {
                vec![allergy(author, subject, "1", &allergen, &(day.year() - 3).to_string())]
            })
        })
    }

    fn content(
        &mut self,
        reason: Disease,
        onset: Date,
        chronic: &[(&'static Chronic, Date)],
        drawn: Date,
    ) -> Result<Content, SynthError> {
        let drawn = moment(drawn, 7, 0)?;
        let mut diagnoses = vec![(reason, onset.to_string())];
        diagnoses.extend(chronic.iter().map(|(chronic, since)| (chronic.disease, since.to_string())));
        let labs = ["Hb", "Cre", "AST", "ALT", "LDL-C", "HbA1c-NGSP"]
            .into_iter()
            .map(|key| LabValue { key, value: self.value(key, false), drawn })
            .collect();
        Ok(Content {
            reason: format!("{}のため", reason.text),
            complaint: "体がだるく、動きにくい".into(),
            present: format!("{onset}ごろから体の調子がすぐれず、受診しました。"),
            course: format!("{}と診断し、治療を行いました。経過は落ち着いています。", reason.text),
            instruction: "薬を続け、次の診察は4週間後です。".into(),
            medication: "のみ方は変わりません。".into(),
            diagnoses,
            medicines: chronic.iter().map(|(chronic, _)| (chronic.medicine, 28)).collect(),
            labs,
            findings: vec![(
                "血圧",
                format!("{}/{} mmHg", 128 + self.dice.between(-14, 22), 74 + self.dice.between(-8, 12)),
            )],
            ..Content::default()
        })
    }

    fn stay(&mut self, chronic: &[(&'static Chronic, Date)]) -> Result<(), SynthError> {
        let permille = [20, 60, 130, 260][band(self.resident.age)];
        let Some(hospital) = self.place(OrganizationKind::Hospital).filter(|_| self.dice.chance(permille)) else {
            return Ok(());
        };
        let back = self.dice.between(20, 280);
        let out = self.day_before(back)?;
        let length = self.dice.between(4, 24);
        let admitted = out.checked_sub(length.days())?;
        let disease = *self.dice.pick(&ACUTE);
        let content = self.content(disease, admitted, chronic, out)?;
        let serial = self.serial("D", out);
        self.submit(hospital, "discharge", out, |author, resident, ids| {
            discharge(author, &resident.citizen, admitted, out, &content, &serial, ids)
        })
    }

    fn letter(&mut self, chronic: &[(&'static Chronic, Date)]) -> Result<(), SynthError> {
        let (Some(clinic), Some(hospital)) =
            (self.place(OrganizationKind::Clinic), self.place(OrganizationKind::Hospital))
        else {
            return Ok(());
        };
        let Some((first, since)) = chronic.first().filter(|_| self.dice.chance(150)) else { return Ok(()) };
        let back = self.dice.between(15, 320);
        let day = self.day_before(back)?;
        let content = self.content(first.disease, *since, &chronic[1..], day)?;
        let serial = self.serial("R", day);
        self.submit(clinic, "referral", day, |author, resident, ids| {
            referral(author, &resident.citizen, hospital, day, &content, &serial, ids)
        })
    }

    fn care(&mut self) -> Result<(), SynthError> {
        let Some(level) = care_level(self.town.seed, self.index, self.resident.age) else { return Ok(()) };
        let Some(office) = self.place(OrganizationKind::CareOffice) else { return Ok(()) };
        let (Some(manager), Some(nurse), Some(worker)) =
            (office.who(Role::CareManager), office.who(Role::Nurse), office.who(Role::CareWorker))
        else {
            return Ok(());
        };
        let start = self.day_before(360)?;
        // The city knows its residents: for some of them this is the first that anybody sends.
        self.create(office, manager, "resident", start, |author, subject| resident(author.time, subject.0))?;
        self.by_the_city()?;
        self.create(office, manager, "in-charge", start, |author, subject| {
            in_charge(author, subject, "居宅介護支援", start, None)
        })?;
        self.by_the_city()?;
        let (mean, sd) = BARTHEL[level];
        let total = self.dice.normal(mean, sd).clamp(0, 100);
        for (days, drift) in [(200, 0), (20, -2)] {
            let items = barthel_items(total + drift);
            self.create(office, nurse, "barthel", self.day_before(days)?, |author, subject| {
                barthel(author, subject, items, author.time)
            })?;
        }
        if level >= 3 {
            let day = self.day_before(180)?;
            self.create(office, nurse, "precaution", day, |author, subject| {
                precaution(author, subject, Precaution::Moving, "立つときと歩くときは、そばで支える。", day)
            })?;
        }
        self.create(office, worker, "note", self.day_before(3)?, |author, subject| {
            note(author, subject, "昼ごはんを半分ほど食べました。変わりはありません。", author.time)
        })
    }
}

/// Ten items that add up to `total` rounded down to a multiple of five: points are taken first from what is lost
/// first (stairs, bathing), last from eating.
#[must_use]
pub(super) fn barthel_items(total: i64) -> [u32; 10] {
    const LOST_FIRST: [usize; 10] = [6, 4, 5, 7, 3, 1, 2, 9, 8, 0];
    let mut items = BARTHEL_ITEMS.map(|(.., most)| most);
    let mut missing = (100 - u32::try_from(total.clamp(0, 100)).unwrap_or(0)).div_ceil(5) * 5;
    for item in LOST_FIRST {
        let taken = missing.min(items[item]);
        items[item] -= taken;
        missing -= taken;
    }
    items
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn barthel_items_add_up_and_stay_within_their_scores() {
        for total in 0..=100 {
            let items = barthel_items(total);
            assert_eq!(i64::from(items.iter().sum::<u32>()), total / 5 * 5);
            assert!(items.iter().zip(BARTHEL_ITEMS).all(|(score, (.., most))| *score <= most && score % 5 == 0));
        }
    }
}
