//! Visits: the transaction of a visit, laboratory values, the list of diagnoses, what the pharmacy hands over.

use jiff::civil::Date;
use tsumugi_kernel::{Instant, Purpose, Role};

use super::{Teller, by, hour, is_shared};
use crate::{
    dice::Stream,
    form::{
        bundle::collection,
        clinical::{Diagnosis, Disease, LAB_ITEMS, LabItem, UNINFORMED, condition, laboratory},
        medicine::Medicine,
        party::{Author, Setting},
        visit::{
            BMI, HEIGHT, Kind, Met, WEIGHT, blood_pressure, body_measure, diagnosed, dispensed, done, met, prescribed,
            withheld,
        },
    },
    health::{
        Specialty, Visit, Why,
        body::{self, decimal, lab_text},
        chance::part,
        medicines::regimen,
        numbers::NUMBERS,
        receipts::principal,
    },
    json::Json,
    outbox::{Outbox, Sender},
    outgoing::{SynthError, moment},
    people::Institution,
    town::Facility,
};

/// What is measured, by place in [`LAB_ITEMS`]: in general, with diabetes, under dialysis or in hospital.
const PANELS: [&[usize]; 3] = [&[1, 2, 8, 9, 13, 14], &[0, 1, 2, 13], &[2, 4, 7, 10, 11, 12]];

impl Teller<'_> {
    /// Everything about visits.
    pub(super) fn visits(&mut self, out: &mut Outbox<'_>, list: &[Visit]) -> Result<(), SynthError> {
        let mut last: [Option<(i16, Date)>; crate::health::ailment::SPECIALTIES] = Default::default();
        for visit in list {
            let day = visit.day.date();
            let before = &mut last[visit.at as usize];
            // The dentist tells a month's treatment once, at its beginning.
            let monthly = visit.at == Specialty::Teeth;
            let is_told = |before: Date| before == day || (monthly && before.first_of_month() == day.first_of_month());
            if before.is_some_and(|(_, before)| is_told(before)) {
                continue;
            }
            let is_first_of_year = before.is_none_or(|(year, _)| year != day.year());
            *before = Some((day.year(), day));
            self.visit(out, visit, is_first_of_year)?;
        }
        Ok(())
    }

    fn visit(&mut self, out: &mut Outbox<'_>, visit: &Visit, first_of_year: bool) -> Result<(), SynthError> {
        let (town, day) = (out.town, visit.day.date());
        let place = town.facility_on(self.person, visit.at.facility(), 0, day);
        let sender = place.and_then(|place| by(place, visit.at.role(), Purpose::Treat, day, hour(visit.minute)));
        let Some(sender) = sender.filter(|sender| sends(out, visit.at.facility(), sender.place)) else {
            return Ok(());
        };
        let medicines = self.prescribed(visit, day);
        self.transact(out, sender, visit, &medicines)?;
        if matches!(visit.why, Why::Regular) && visit.at != Specialty::Women && is_shared(day) {
            if first_of_year {
                self.diagnoses(out, sender, visit)?;
            }
            let checks = match visit.at {
                Specialty::Internal => visit.number % 4 == 1,
                Specialty::Hospital => visit.number % 2 == 0,
                Specialty::Dialysis => true,
                _ => false,
            };
            if checks {
                self.laboratory(out, sender, visit)?;
            }
        }
        self.pharmacy(out, sender, visit, &medicines)
    }

    fn prescribed(&self, visit: &Visit, day: Date) -> Vec<(Medicine, u32)> {
        match visit.why {
            Why::Acute(what) if visit.number == 0 => what.medicines.to_vec(),
            Why::Acute(_) => Vec::new(),
            Why::Regular => {
                let days = u32::try_from(self.every(visit.at)).unwrap_or(28);
                let own = regimen(self.person, self.course, day).into_iter().filter(|(by, _)| *by == visit.at);
                own.map(|(_, medicine)| (medicine, days)).collect()
            }
        }
    }

    /// Days between regular visits of the person there.
    fn every(&self, at: Specialty) -> i64 {
        crate::health::visits::interval(self.course, at)
    }

    fn transact(
        &self,
        out: &mut Outbox<'_>,
        sender: Sender<'_>,
        visit: &Visit,
        medicines: &[(Medicine, u32)],
    ) -> Result<(), SynthError> {
        let day = visit.day.date();
        let (h, m) = (i8::try_from(visit.minute / 60).unwrap_or(9), i8::try_from(visit.minute % 60).unwrap_or(0));
        let (begin, end) = (moment(day, h, m)?, moment(day, sender.hour, 0)?);
        let serial = out.serial(visit.at.word(), day);
        let reason = principal(self.course, visit);
        let hidden = self.is_hidden(reason, day);
        let what = format!("visit-{}", visit.at.word());
        let number = (serial.as_str(), visit);
        out.transaction(sender, &what, |author, subject, ids| {
            let author = &Author { department: visit.at.department(), ..*author };
            let note = (visit.at == Specialty::Dialysis).then_some("人工透析");
            let met_there = Met {
                serial: &serial,
                kind: Kind::Ambulatory,
                department: author.department,
                from: &begin.to_fhir(),
                to: Some(&end.to_fhir()),
                reason,
                then: None,
                note,
            };
            let url = format!("urn:uuid:{}", ids.uuid());
            let mut list = vec![(url.clone(), met(author, subject, &met_there))];
            let mut add = |one: Json| list.push((format!("urn:uuid:{}", ids.uuid()), one));
            if let Why::Acute(what) = visit.why
                && visit.number == 0
            {
                add(diagnosed(author, subject, &url, &serial, what.disease, day, None));
            }
            self.measured(author, subject, &url, visit, begin, &mut add);
            if let Some(words) = treatment(number.1) {
                add(done(author, subject, &url, number.0, (&words, reason), (day, day)));
            }
            for ((medicine, days), group) in medicines.iter().zip(1..) {
                add(prescribed(author, subject, &url, &serial, (medicine, *days), group));
            }
            if hidden {
                list = list.into_iter().map(|(url, one)| (url, withheld(one))).collect();
            }
            list
        })
    }

    fn measured(
        &self,
        author: &Author<'_>,
        subject: &crate::form::care::Subject<'_>,
        url: &str,
        visit: &Visit,
        when: Instant,
        add: &mut impl FnMut(Json),
    ) {
        let day = visit.day.date();
        let regular = matches!(visit.why, Why::Regular);
        let bodily = matches!(
            visit.at,
            Specialty::Internal | Specialty::Dialysis | Specialty::Hospital | Specialty::Women | Specialty::Children
        );
        if !regular || !bodily {
            return;
        }
        if visit.at != Specialty::Children {
            add(blood_pressure(author, subject, url, body::pressure(self.person, self.course, day), when));
        }
        if visit.number % 4 == 0 || visit.at == Specialty::Women {
            let weight = decimal(body::weight(self.person, self.course, day), 1);
            add(body_measure(author, subject, url, WEIGHT, weight, when));
        }
        if visit.number % 8 == 0 {
            let height = decimal(body::height(self.person, self.course, day), 1);
            add(body_measure(author, subject, url, HEIGHT, height, when));
            let bmi = decimal(body::bmi(self.person, self.course, day), 1);
            add(body_measure(author, subject, url, BMI, bmi, when));
        }
    }

    /// Whether this is a diagnosis of which the person has not been told on the day.
    pub(super) fn is_hidden(&self, disease: Disease, day: Date) -> bool {
        self.course
            .illnesses
            .iter()
            .any(|one| one.disease.icd10 == disease.icd10 && one.onset <= day && one.is_withheld_on(day))
    }

    fn diagnoses(&self, out: &mut Outbox<'_>, sender: Sender<'_>, visit: &Visit) -> Result<(), SynthError> {
        let day = visit.day.date();
        let illnesses: Vec<_> = self.treated(visit.at, day).collect();
        if illnesses.is_empty() {
            return Ok(());
        }
        let serial = out.serial(&format!("C{}", visit.at as usize), day);
        let what = format!("conditions-{}", visit.at.word());
        out.submit(sender, &what, |author, citizen, ids| {
            let author = &Author { department: visit.at.department(), ..*author };
            collection(author, citizen, "Condition", &serial, ids, |subject| {
                let one = |(illness, n): (&&crate::health::Illness, u32)| {
                    let onset = illness.onset.to_string();
                    let flags: &[_] = if illness.is_withheld_on(day) { &[UNINFORMED] } else { &[] };
                    let diagnosis = Diagnosis { flags, ..Diagnosis::active(illness.disease, &onset) };
                    condition(author, subject, &format!("{serial}-{n}"), &diagnosis, Setting::Ambulatory)
                };
                illnesses.iter().zip(1..).map(one).collect()
            })
        })
    }

    fn laboratory(&self, out: &mut Outbox<'_>, sender: Sender<'_>, visit: &Visit) -> Result<(), SynthError> {
        let day = visit.day.date();
        let drawn = moment(day, 9, 0)?;
        let diabetic = self.course.first(crate::health::Ailment::Diabetes).is_some_and(|one| one.is_treated_on(day));
        let panel = match visit.at {
            Specialty::Dialysis | Specialty::Hospital => 2,
            _ => usize::from(diabetic),
        };
        let serial = out.serial(&format!("L{}", visit.at as usize), day);
        let what = format!("labs-{}", visit.at.word());
        let items: Vec<(usize, LabItem)> = PANELS[panel]
            .iter()
            .map(|&at| {
                let item = LAB_ITEMS[at];
                (at, item.in_unit(out.unit_slip(sender.place, day, item.key, item.unit)))
            })
            .collect();
        out.submit(sender, &what, |author, citizen, ids| {
            let author = &Author { department: visit.at.department(), ..*author };
            collection(author, citizen, "Observation", &serial, ids, |subject| {
                let value = |(at, item): &(usize, LabItem)| {
                    let text = lab_text(self.person, self.course, *at, day);
                    laboratory(author, subject, &serial, item, &text, drawn, Setting::Ambulatory)
                };
                items.iter().map(value).collect()
            })
        })
    }

    /// What the pharmacy hands over, where the clinic prescribes electronically.
    fn pharmacy(
        &self,
        out: &mut Outbox<'_>,
        from: Sender<'_>,
        visit: &Visit,
        medicines: &[(Medicine, u32)],
    ) -> Result<(), SynthError> {
        let electronic = habit(out, from.place, 77, NUMBERS.electronic);
        let place = out.town.facility_on(self.person, Facility::Pharmacy, 0, from.day);
        let sender = place.and_then(|place| by(place, Role::Pharmacist, Purpose::Treat, from.day, from.hour + 1));
        let (Some(sender), true, false) = (sender, electronic, medicines.is_empty()) else { return Ok(()) };
        let serial = out.serial(visit.at.word(), from.day);
        let what = format!("dispensed-{}", visit.at.word());
        out.transaction(sender, &what, |author, subject, ids| {
            let one = |(medicine, group): (&(Medicine, u32), u32)| {
                let given = dispensed(author, subject, &serial, (&medicine.0, medicine.1), group);
                (format!("urn:uuid:{}", ids.uuid()), given)
            };
            medicines.iter().zip(1..).map(one).collect()
        })
    }
}

/// Whether a place has a habit that a share (per thousand) of places have.
fn habit(out: &Outbox<'_>, place: &Institution, which: u64, share: i64) -> bool {
    let key = place.id.bytes().fold(0u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)));
    part(out.town.seed(), key, Stream::Institution, which).chance(u32::try_from(share).unwrap_or(0))
}

/// Whether a place sends its records at all: hospitals and dialysis do, of clinics the first of each kind and a share
/// of the others. Claims tell of all.
fn sends(out: &Outbox<'_>, facility: Facility, place: &Institution) -> bool {
    let always = matches!(facility, Facility::Hospital | Facility::Dialysis);
    let is_first = || out.town.facilities(facility).first().is_some_and(|first| first.id == place.id);
    always || is_first() || habit(out, place, 78, NUMBERS.sending)
}

/// What is done at a visit beyond talking and prescribing.
fn treatment(visit: &Visit) -> Option<String> {
    match (visit.at, visit.why) {
        (Specialty::Dialysis, _) => Some(format!("人工腎臓（今月{}回）", visit.times)),
        (Specialty::Teeth, Why::Acute(what)) => Some(
            match (what.key, visit.number) {
                ("caries", _) => "う蝕歯の充填",
                ("pulpitis", 0) => "抜髄",
                ("pulpitis", _) => "根管充填",
                _ => "歯石除去",
            }
            .to_owned(),
        ),
        (Specialty::Bones, Why::Acute(what)) if what.key == "wrist" && visit.number == 0 => {
            Some("徒手整復・ギプス固定".to_owned())
        }
        _ => None,
    }
}
