//! What the clinic and the hospital of a household send: diagnoses, laboratory values, allergies, letters, summaries.

use jiff::{ToSpan, civil::Date};
use tsumugi_kernel::{OrganizationKind, Role};

use super::{Course, Illness, Stay};
use crate::{
    dice::{Dice, Stream},
    form::{
        bundle::{Content, LabValue, collection, discharge, referral},
        clinical::{ALLERGENS, Diagnosis, Disease, UNINFORMED, allergy, condition, lab_item, laboratory},
        party::Setting,
    },
    outbox::{Outbox, Sender},
    outgoing::{SynthError, moment},
    population::Person,
};

/// Tells a person's course.
///
/// # Errors
/// [`SynthError`] when an id or a date does not fit; a fault of this crate.
pub fn tell(out: &mut Outbox<'_>, person: &Person, course: &Course) -> Result<(), SynthError> {
    let mut teller = Teller { dice: Dice::new(out.town.seed(), person.index, Stream::Laboratory), person, course };
    teller.diagnoses(out)?;
    teller.laboratory(out)?;
    teller.allergies(out)?;
    for stay in &course.stays {
        teller.stay(out, stay)?;
    }
    teller.letter(out)
}

struct Teller<'a> {
    dice: Dice,
    person: &'a Person,
    course: &'a Course,
}

impl Teller<'_> {
    fn day_before(&self, out: &Outbox<'_>, days: i64) -> Result<Date, SynthError> {
        Ok(out.town.today().checked_sub(days.days())?)
    }

    fn known(&self) -> impl Iterator<Item = &Illness> {
        self.course.illnesses.iter().filter(|one| !one.is_withheld)
    }

    fn diagnoses(&mut self, out: &mut Outbox<'_>) -> Result<(), SynthError> {
        let day = self.day_before(out, 300)?;
        let Some(clinic) = out.town.place(self.person, OrganizationKind::Clinic) else { return Ok(()) };
        let Some(sender) = Sender::treating(clinic, Role::Physician, day) else { return Ok(()) };
        if self.course.illnesses.is_empty() || !out.wants(day) {
            return Ok(());
        }
        let serial = out.serial("C", day);
        out.submit(sender, "conditions", |author, citizen, ids| {
            collection(author, citizen, "Condition", &serial, ids, |subject| {
                self.course
                    .illnesses
                    .iter()
                    .zip(1..)
                    .map(|(illness, n)| {
                        let onset = illness.onset.to_string();
                        let flags: &[_] = if illness.is_withheld { &[UNINFORMED] } else { &[] };
                        let diagnosis = Diagnosis { flags, ..Diagnosis::active(illness.disease, &onset) };
                        condition(author, subject, &n.to_string(), &diagnosis, Setting::Ambulatory)
                    })
                    .collect()
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

    fn laboratory(&mut self, out: &mut Outbox<'_>) -> Result<(), SynthError> {
        let diabetic = self.course.ever("E11").is_some();
        let checked = self.person.age_on(out.town.today()) >= 40 && self.dice.chance(580);
        let times = if self.known().next().is_none() { i64::from(checked) } else { 3 };
        let Some(clinic) = out.town.place(self.person, OrganizationKind::Clinic) else { return Ok(()) };
        for time in 0..times {
            let back = 20 + 110 * time + self.dice.between(0, 30);
            let day = self.day_before(out, back)?;
            let Some(sender) = Sender::treating(clinic, Role::Physician, day).filter(|_| out.wants(day)) else {
                continue;
            };
            let drawn = moment(day, 9, 10)?;
            let values: Vec<(&str, String)> = ["HbA1c-NGSP", "LDL-C", "HDL-C", "TG", "Cre", "Hb", "AST", "ALT"]
                .into_iter()
                .map(|key| (key, self.value(key, diabetic)))
                .collect();
            let serial = out.serial("L", day);
            out.submit(sender, "labs", |author, citizen, ids| {
                collection(author, citizen, "Observation", &serial, ids, |subject| {
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

    fn allergies(&mut self, out: &mut Outbox<'_>) -> Result<(), SynthError> {
        let has = self.dice.chance(80);
        let allergen = *self.dice.pick(&ALLERGENS);
        let back = self.dice.between(30, 340);
        let day = self.day_before(out, back)?;
        let clinic = out.town.place(self.person, OrganizationKind::Clinic).filter(|_| has && out.wants(day));
        let Some(sender) = clinic.and_then(|clinic| Sender::treating(clinic, Role::Physician, day)) else {
            return Ok(());
        };
        let serial = out.serial("A", day);
        out.submit(sender, "allergies", |author, citizen, ids| {
            collection(author, citizen, "AllergyIntolerance", &serial, ids, |subject| {
                vec![allergy(author, subject, "1", &allergen, &(day.year() - 3).to_string())]
            })
        })
    }

    fn content(&mut self, reason: Disease, onset: Date, drawn: Date) -> Result<Content, SynthError> {
        let drawn = moment(drawn, 7, 0)?;
        let mut diagnoses = vec![(reason, onset.to_string())];
        diagnoses.extend(
            self.known()
                .filter(|one| one.disease.icd10 != reason.icd10)
                .map(|one| (one.disease, one.onset.to_string())),
        );
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
            medicines: self.known().filter_map(|one| one.medicine).map(|medicine| (medicine, 28)).collect(),
            labs,
            findings: vec![(
                "血圧",
                format!("{}/{} mmHg", 128 + self.dice.between(-14, 22), 74 + self.dice.between(-8, 12)),
            )],
            ..Content::default()
        })
    }

    fn stay(&mut self, out: &mut Outbox<'_>, stay: &Stay) -> Result<(), SynthError> {
        let content = self.content(stay.reason, stay.from, stay.to)?;
        let hospital = out.town.place(self.person, OrganizationKind::Hospital).filter(|_| out.wants(stay.to));
        let Some(sender) = hospital.and_then(|place| Sender::treating(place, Role::Physician, stay.to)) else {
            return Ok(());
        };
        let serial = out.serial("D", stay.to);
        out.submit(sender, "discharge", |author, citizen, ids| {
            discharge(author, citizen, stay.from, stay.to, &content, &serial, ids)
        })
    }

    fn letter(&mut self, out: &mut Outbox<'_>) -> Result<(), SynthError> {
        let goes = self.dice.chance(150);
        let back = self.dice.between(15, 320);
        let day = self.day_before(out, back)?;
        let (Some(clinic), Some(hospital)) = (
            out.town.place(self.person, OrganizationKind::Clinic),
            out.town.place(self.person, OrganizationKind::Hospital),
        ) else {
            return Ok(());
        };
        let first = self.known().next().copied().filter(|_| goes && out.wants(day));
        let (Some(first), Some(sender)) = (first, Sender::treating(clinic, Role::Physician, day)) else {
            return Ok(());
        };
        let content = self.content(first.disease, first.onset, day)?;
        let serial = out.serial("R", day);
        out.submit(sender, "referral", |author, citizen, ids| {
            referral(author, citizen, hospital, day, &content, &serial, ids)
        })
    }
}
