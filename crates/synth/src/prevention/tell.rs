//! What clinics send about vaccinations, and the city about checkups of children.

use jiff::civil::Date;
use tsumugi_kernel::{OrganizationKind, Purpose, Role};

use super::{ChildCheckup, Dose, Month, Notified, Prevention};
use crate::{
    form::{
        bundle::collection,
        clinical::{LAB_ITEMS, LabItem, laboratory},
        life_log::{Own, own_measure},
        notification::{infection_found, notification},
        party::Setting,
        prevention::{Measure, blood_pressure, immunization, measure},
    },
    health::{Course, body, is_shared},
    json::Json,
    outbox::{Outbox, Sender},
    outgoing::{SynthError, moment},
    parameters,
    people::Sex,
    population::Person,
};

/// Tells a person's prevention.
///
/// # Errors
/// [`SynthError`] when an id or a date does not fit; a fault of this crate.
pub fn tell(out: &mut Outbox<'_>, person: &Person, course: &Course, prevention: &Prevention) -> Result<(), SynthError> {
    for doses in prevention.doses.chunk_by(|one, other| one.day == other.day) {
        vaccinated(out, person, doses)?;
    }
    prevention.child_checkups.iter().try_for_each(|checkup| checked(out, person, checkup))?;
    prevention.checkups.iter().try_for_each(|&day| specific(out, person, course, day))?;
    prevention.infections.iter().try_for_each(|one| notified(out, person, one))?;
    prevention.life_log.iter().try_for_each(|month| logged(out, person, month))
}

/// Doses of one day: several vaccines are often given together.
fn vaccinated(out: &mut Outbox<'_>, person: &Person, doses: &[Dose]) -> Result<(), SynthError> {
    let Some(day) = doses.first().map(|dose| dose.day).filter(|&day| out.wants(day)) else { return Ok(()) };
    let clinic = out.town.place(person, OrganizationKind::Clinic);
    let Some(sender) = clinic.and_then(|clinic| Sender::treating(clinic, Role::Physician, day)) else { return Ok(()) };
    let given = moment(day, 15, 30)?;
    out.transaction(sender, "vaccines", |author, subject, ids| {
        doses
            .iter()
            .map(|dose| {
                let vaccine = dose.vaccine;
                let resource = immunization(
                    author,
                    subject,
                    (&vaccine.ja, &vaccine.disease),
                    (dose.number, &dose.lot),
                    (&vaccine.route, &vaccine.dose_ml),
                    given,
                );
                (format!("urn:uuid:{}", ids.uuid()), resource)
            })
            .collect()
    })
}

/// What was measured at a checkup: at birth by the clinic, later by the city.
fn checked(out: &mut Outbox<'_>, person: &Person, checkup: &ChildCheckup) -> Result<(), SynthError> {
    let day = checkup.day;
    let place = out.town.place(person, OrganizationKind::Clinic).filter(|_| out.wants(day));
    let Some(sender) = place.and_then(|clinic| Sender::treating(clinic, Role::Physician, day)) else { return Ok(()) };
    let when = moment(day, 13, 30)?;
    let measures = checkup.measures;
    out.transaction(sender, &format!("child-{}", checkup.key()), |author, subject, ids| {
        [
            (Measure::Weight, thousandths(measures.weight_g, 2)),
            (Measure::Height, tenths(measures.height_mm)),
            (Measure::Head, tenths(measures.head_mm)),
        ]
        .map(|(what, value)| {
            (format!("urn:uuid:{}", ids.uuid()), measure(author, subject, what, &value, checkup.name(), when))
        })
        .into()
    })
}

/// What a specific checkup measures in blood: places in [`LAB_ITEMS`] of HbA1c, LDL, creatinine, AST, ALT, TG, HDL.
const BLOOD: [usize; 7] = [0, 1, 2, 8, 9, 13, 14];

/// A specific checkup: the body and blood pressure in one message, the blood's values as the laboratory's in another.
fn specific(out: &mut Outbox<'_>, person: &Person, course: &Course, day: Date) -> Result<(), SynthError> {
    const AT: &str = "特定健康診査";
    let clinic = out.town.place(person, OrganizationKind::Clinic).filter(|_| out.wants(day));
    let Some(sender) = clinic.and_then(|clinic| Sender::treating(clinic, Role::Physician, day)) else { return Ok(()) };
    let (when, drawn) = (moment(day, 9, 40)?, moment(day, 9, 50)?);
    let bmi = body::bmi(person, course, day);
    let waist = waist(person, bmi);
    out.transaction(sender, "checkup", |author, subject, ids| {
        let mut list: Vec<(String, Json)> = [
            (Measure::Height, tenths(body::height(person, course, day))),
            (Measure::Weight, tenths(body::weight(person, course, day))),
            (Measure::BodyMassIndex, tenths(bmi)),
            (Measure::Waist, tenths(waist)),
        ]
        .map(|(what, value)| (format!("urn:uuid:{}", ids.uuid()), measure(author, subject, what, &value, AT, when)))
        .into();
        let pressure = body::pressure(person, course, day);
        list.push((format!("urn:uuid:{}", ids.uuid()), blood_pressure(author, subject, pressure, AT, when)));
        list
    })?;
    if !is_shared(day) {
        return Ok(());
    }
    let serial = out.serial("K", day);
    let items: Vec<(usize, LabItem)> = BLOOD
        .iter()
        .map(|&at| {
            let item = LAB_ITEMS[at];
            (at, item.in_unit(out.unit_slip(sender.place, day, item.key, item.unit)))
        })
        .collect();
    out.submit(sender, "checkup-labs", |author, citizen, ids| {
        collection(author, citizen, "Observation", &serial, ids, |patient| {
            let value = |(at, item): &(usize, LabItem)| {
                let text = body::lab_text(person, course, *at, day);
                laboratory(author, patient, &serial, item, &text, drawn, Setting::Ambulatory)
            };
            items.iter().map(value).collect()
        })
    })
}

/// A notified infection: the diagnosis as a clinic sends any, and the notification (発生届) to the health centre.
fn notified(out: &mut Outbox<'_>, person: &Person, one: &Notified) -> Result<(), SynthError> {
    let clinic = out.town.place(person, OrganizationKind::Clinic).filter(|_| out.wants(one.day));
    let centre = out.town.place(person, OrganizationKind::HealthCentre);
    let (Some(clinic), Some(centre)) = (clinic, centre) else { return Ok(()) };
    let Some(sender) = Sender::treating(clinic, Role::Physician, one.day) else { return Ok(()) };
    let infection = one.infection;
    let sent = moment(one.day, 16, 0)?;
    out.transaction(sender, &format!("notice-{}", infection.key), |author, subject, ids| {
        let (diagnosis, report) = (format!("urn:uuid:{}", ids.uuid()), format!("urn:uuid:{}", ids.uuid()));
        let condition = infection_found(author, subject, (&infection.ja, &infection.icd10), &one.onset.to_string());
        let notice = notification(author, subject, centre, (&infection.ja, &infection.class), &diagnosis, sent);
        vec![(diagnosis, condition), (report, notice)]
    })
}

/// A month of the person's own measuring, sent by the program of the insurer's health service, late in the day: a new number
/// is announced before it is used.
fn logged(out: &mut Outbox<'_>, person: &Person, month: &Month) -> Result<(), SynthError> {
    let insurer = person.coverage_on(month.day).and_then(|coverage| out.town.insurer(&coverage.member_id));
    let Some(insurer) = insurer.filter(|_| out.wants(month.day)) else { return Ok(()) };
    let Some(staff) = insurer.who(Role::Insurer) else { return Ok(()) };
    let sender = Sender { place: insurer, person: staff, purpose: Purpose::Coverage, day: month.day, hour: 22 };
    let (from, to) = (month.from, month.day.yesterday()?);
    out.transaction(sender, "life-log", |author, subject, ids| {
        [
            (Own::Steps, month.steps.to_string()),
            (Own::Sleep, month.sleep.to_string()),
            (Own::Systolic, month.pressure.0.to_string()),
            (Own::Diastolic, month.pressure.1.to_string()),
        ]
        .map(|(what, value)| {
            (format!("urn:uuid:{}", ids.uuid()), own_measure(author, subject, what, &value, (from, to)))
        })
        .into()
    })?;
    out.by_a_program();
    Ok(())
}

/// Waist in mm: it goes with the body mass index (tenths), about the mean of the parameters.
fn waist(person: &Person, bmi: i64) -> i64 {
    let means = parameters::values("checkup.means");
    let place = if person.sex == Sex::Male { 8 } else { 9 };
    let mean = means.get(place).copied().unwrap_or(0);
    (mean + (bmi - 230) * 5 / 2).max(450)
}

/// Tenths as a decimal: 805 is `80.5`.
fn tenths(value: i64) -> String {
    format!("{}.{}", value / 10, value % 10)
}

/// Thousandths as a decimal with `digits` places: 10450 is `10.45`.
fn thousandths(value: i64, digits: usize) -> String {
    let rest = format!("{:03}", value % 1000);
    format!("{}.{}", value / 1000, &rest[..digits.min(3)])
}
