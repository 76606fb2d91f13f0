//! Stays: what the hospital sends at discharge, the letters before and after, and visits of nurses at home.

use jiff::{ToSpan, civil::Date};
use tsumugi_kernel::{Purpose, Role};

use super::{Teller, by, is_shared};
use crate::{
    form::{
        bundle::{Content, LabValue, discharge, referral},
        care::in_charge,
        clinical::{LAB_ITEMS, LabItem},
        visit::{Kind, Met, blood_pressure, diagnosed, done, met, withheld},
    },
    health::{
        Ailment, Specialty, Stay, Then, Ward, body,
        days::{Day, Month},
        medicines::regimen,
        receipts::hospital,
    },
    json::Json,
    outbox::{Outbox, Sender},
    outgoing::{SynthError, moment},
    people::Institution,
    town::Facility,
};

/// The operation of a stay in an acute ward, and the day on which it is done.
#[must_use]
pub fn operation(stay: &Stay) -> Option<(&'static str, i32)> {
    if stay.ward != Ward::Acute {
        return None;
    }
    Some(match (stay.cause, stay.reason.icd10) {
        (Ailment::HipFracture, _) => ("人工骨頭挿入術（股関節）", 2),
        (Ailment::Infarction, _) => ("経皮的冠動脈ステント留置術", 0),
        (Ailment::StomachCancer, _) => ("胃切除術（腹腔鏡下）", 2),
        (Ailment::ColonCancer, _) => ("結腸切除術（腹腔鏡下）", 2),
        (Ailment::LungCancer, _) => ("肺葉切除術（胸腔鏡下）", 2),
        (Ailment::BreastCancer, _) => ("乳腺悪性腫瘍手術", 1),
        (Ailment::ProstateCancer, _) => ("前立腺全摘術（ロボット支援）", 1),
        (Ailment::Appendicitis, _) => ("虫垂切除術（腹腔鏡下）", 0),
        (Ailment::Cholecystitis, _) => ("胆嚢摘出術（腹腔鏡下）", 1),
        (Ailment::Polyp, _) => ("内視鏡的大腸ポリープ切除術", 0),
        (Ailment::Stone, _) => ("経尿道的尿路結石除去術", 1),
        (Ailment::Eye, _) => ("水晶体再建術", 1),
        (Ailment::WisdomTooth, _) => ("埋伏歯抜歯術（全身麻酔）", 1),
        (Ailment::Knee, _) => ("人工関節置換術（膝）", 1),
        (Ailment::Delivery, "O829") => ("帝王切開術", 0),
        (_, "K409") => ("鼠径ヘルニア手術", 1),
        (_, "D259") => ("子宮全摘術", 1),
        (_, "I443") => ("ペースメーカー移植術", 1),
        (_, "I620") => ("慢性硬膜下血腫穿孔洗浄術", 0),
        _ => return None,
    })
}

impl Teller<'_> {
    /// Everything about one stay.
    pub(super) fn stay(&mut self, out: &mut Outbox<'_>, stay: &Stay) -> Result<(), SynthError> {
        let Some(place) = hospital(out.town, self.person, stay) else { return Ok(()) };
        let hidden = self.is_hidden(stay.reason, stay.to);
        if out.wants(stay.from) && !out.wants(stay.to) {
            // Still there: nothing but that the person is in hospital.
            let sender = by(place, Role::Physician, Purpose::Treat, stay.from, 11);
            return sender.map_or(Ok(()), |sender| self.encounter(out, sender, stay, hidden));
        }
        if !out.wants(stay.to) {
            return Ok(());
        }
        let Some(sender) = by(place, Role::Physician, Purpose::Treat, stay.to, 14) else { return Ok(()) };
        self.encounter(out, sender, stay, hidden)?;
        if !hidden && is_shared(stay.to) {
            let content = self.content(out, place, stay)?;
            let serial = out.serial("D", stay.to);
            out.submit(Sender { hour: 15, ..sender }, "discharge", |author, citizen, ids| {
                discharge(author, citizen, stay.from, stay.to, &content, &serial, ids)
            })?;
            if stay.then == Then::Hospital {
                self.onward(out, sender, stay, &content)?;
            }
        }
        self.sent_there(out, stay, hidden)
    }

    fn encounter(&self, out: &mut Outbox<'_>, sender: Sender<'_>, stay: &Stay, hidden: bool) -> Result<(), SynthError> {
        let serial = out.serial("S", stay.from);
        let ended = sender.day == stay.to;
        let then = match stay.then {
            Then::Home => ("home", "自宅"),
            Then::Facility => ("long", "介護施設"),
            Then::Hospital => ("other-hcf", "ほかの病院"),
            Then::Death => ("exp", "死亡"),
        };
        let operated = operation(stay).filter(|_| ended);
        // A transfer ends one stay and begins another on the same day.
        let what = match stay.ward {
            Ward::Acute => "stay",
            Ward::Rehabilitation => "stay-rehabilitation",
            Ward::LongTerm => "stay-long",
        };
        out.transaction(sender, what, |author, subject, ids| {
            let (from, to) = (stay.from.to_string(), stay.to.to_string());
            let stayed = Met {
                serial: &serial,
                kind: Kind::Inpatient,
                department: author.department,
                from: &from,
                to: ended.then_some(to.as_str()),
                reason: stay.reason,
                then: ended.then_some(then),
                note: None,
            };
            let url = format!("urn:uuid:{}", ids.uuid());
            let mut list = vec![(url.clone(), met(author, subject, &stayed))];
            let mut add = |one: Json| list.push((format!("urn:uuid:{}", ids.uuid()), one));
            let lasts = self.course.illnesses.iter().any(|one| one.ailment == stay.cause && one.ended.is_none());
            let over = (ended && !lasts && stay.then != Then::Death).then_some(stay.to);
            add(diagnosed(author, subject, &url, &serial, stay.reason, stay.from, over));
            if let Some((what, after)) = operated {
                let day = stay.from.checked_add(after.days()).unwrap_or(stay.from).min(stay.to);
                add(done(author, subject, &url, &serial, (what, stay.reason), (day, day)));
            }
            if hidden {
                list = list.into_iter().map(|(url, one)| (url, withheld(one))).collect();
            }
            list
        })
    }

    /// The clinical content of a stay's documents.
    fn content(&self, out: &mut Outbox<'_>, place: &Institution, stay: &Stay) -> Result<Content, SynthError> {
        let (admitted, discharged) = (moment(stay.from, 7, 0)?, moment(stay.to, 7, 0)?);
        let mut diagnoses = vec![(stay.reason, stay.from.to_string())];
        let others = self.course.on(stay.to).filter(|one| {
            one.disease.icd10 != stay.reason.icd10 && one.treated.is_some() && !one.is_withheld_on(stay.to)
        });
        diagnoses.extend(others.map(|one| (one.disease, one.onset.min(stay.from).to_string())));
        diagnoses.truncate(8);
        let mut value = |item: usize, day: Date, drawn| {
            let LabItem { key, unit, .. } = LAB_ITEMS[item];
            let value = body::lab_text(self.person, self.course, item, day);
            LabValue { key, value, drawn, wrong_unit: out.unit_slip(place, day, key, unit) }
        };
        let mut labs: Vec<LabValue> = [3, 4, 5, 2, 8].map(|item| value(item, stay.from, admitted)).into();
        labs.extend([3, 4, 2].map(|item| value(item, stay.to, discharged)));
        let (systolic, diastolic) = body::pressure(self.person, self.course, stay.to);
        let medicines = regimen(self.person, self.course, stay.to);
        Ok(Content {
            reason: format!("{}のため", stay.reason.text),
            complaint: complaint(stay.cause).into(),
            present: format!("{}に{}と診断し、入院となりました。", stay.from, stay.reason.text),
            course: course_of(stay),
            instruction: instruction(stay).into(),
            medication: "飲み方は処方のとおりです。".into(),
            diagnoses,
            medicines: medicines.into_iter().take(8).map(|(_, medicine)| (medicine, 14)).collect(),
            labs,
            findings: vec![("血圧", format!("{systolic}/{diastolic} mmHg"))],
            ..Content::default()
        })
    }

    /// The letter that goes with a person to the next hospital.
    fn onward(
        &self,
        out: &mut Outbox<'_>,
        sender: Sender<'_>,
        stay: &Stay,
        content: &Content,
    ) -> Result<(), SynthError> {
        let next = self.course.stays.iter().find(|next| next.from == stay.to && next.ward == Ward::Rehabilitation);
        let Some(next) = next.and_then(|next| hospital(out.town, self.person, next)) else { return Ok(()) };
        let content = Content { reason: "回復期のリハビリテーションのため".into(), ..content.clone() };
        let serial = out.serial("T", stay.to);
        out.submit(sender, "referral-onward", |author, citizen, ids| {
            referral(author, citizen, next, stay.to, &content, &serial, ids)
        })
    }

    /// The family doctor's letter before a stay that was planned.
    fn sent_there(&self, out: &mut Outbox<'_>, stay: &Stay, hidden: bool) -> Result<(), SynthError> {
        let planned = stay.cause.is_cancer()
            || matches!(stay.cause, Ailment::Polyp | Ailment::Eye | Ailment::Knee | Ailment::Complaint);
        let day = Day(Day::from(stay.from).0 - 13).opened().date();
        if !planned || hidden || !is_shared(day) || !out.wants(day) || self.course.stay_on(day).is_some() {
            return Ok(());
        }
        let clinic = out.town.facility_on(self.person, Facility::ClinicInternal, 0, day);
        let target = hospital(out.town, self.person, stay);
        let (Some(clinic), Some(target)) = (clinic, target) else { return Ok(()) };
        let Some(sender) = by(clinic, Role::Physician, Purpose::Treat, day, 18) else { return Ok(()) };
        let onset = self.course.first(stay.cause).map_or(day, |one| one.onset.min(day));
        let content = Content {
            reason: format!("{}の精査と治療のお願い", stay.reason.text),
            complaint: complaint(stay.cause).into(),
            present: format!("{onset}ごろから症状があります。"),
            course: "外来で検査をしました。入院での検査と治療をお願いします。".into(),
            instruction: "入院までは、いまの薬を続けます。".into(),
            medication: "飲み方は変わりません。".into(),
            diagnoses: vec![(stay.reason, onset.to_string())],
            medicines: regimen(self.person, self.course, day).into_iter().take(6).map(|(_, one)| (one, 28)).collect(),
            ..Content::default()
        };
        let serial = out.serial("R", day);
        out.submit(sender, "referral", |author, citizen, ids| {
            referral(author, citizen, target, day, &content, &serial, ids)
        })
    }

    /// Nurses who come home, told once a month: after a stroke with much left, with advanced Parkinson's disease, with
    /// a cancer that has not gone.
    pub(super) fn at_home(&mut self, out: &mut Outbox<'_>) -> Result<(), SynthError> {
        let mut month = self.from.month();
        let mut in_charge = None;
        while month <= self.to.month() {
            let day = Day(month.first().0 + 18).opened();
            let date = day.date();
            let severe = |ailment: Ailment, from: u8| self.course.severity(ailment, date) >= from;
            let cause = [(Ailment::Paresis, 50), (Ailment::Parkinson, 35), (Ailment::LungCancer, 48)]
                .into_iter()
                .find(|(ailment, from)| severe(*ailment, *from));
            if let Some((cause, _)) = cause
                && out.wants(date)
                && self.course.stay_on(date).is_none()
            {
                let station = out.town.facility_on(self.person, Facility::HomeNursing, 0, date);
                // The city says who is in charge before a station may write what its nurses saw.
                if let Some(station) = station.filter(|station| in_charge != Some(station.id.as_str())) {
                    charged(out, station, date)?;
                    in_charge = Some(station.id.as_str());
                }
                self.nursed(out, date, cause)?;
            }
            month = Month(month.0 + 1);
        }
        Ok(())
    }

    fn nursed(&self, out: &mut Outbox<'_>, day: Date, cause: Ailment) -> Result<(), SynthError> {
        let place = out.town.facility_on(self.person, Facility::HomeNursing, 0, day);
        let sender = place.and_then(|place| by(place, Role::Nurse, Purpose::CareManagement, day, 16));
        let Some(illness) = self.course.first(cause) else { return Ok(()) };
        let Some(sender) = sender.filter(|_| !illness.is_withheld_on(day)) else { return Ok(()) };
        let (serial, begin, end) = (out.serial("V", day), moment(day, 14, 0)?, moment(day, 15, 0)?);
        out.transaction(sender, "nursed", |author, subject, ids| {
            let visited = Met {
                serial: &serial,
                kind: Kind::Home,
                department: Specialty::Internal.department(),
                from: &begin.to_fhir(),
                to: Some(&end.to_fhir()),
                reason: illness.disease,
                then: None,
                note: Some("訪問看護（週1回）"),
            };
            let url = format!("urn:uuid:{}", ids.uuid());
            let pressure = body::pressure(self.person, self.course, day);
            let other = format!("urn:uuid:{}", ids.uuid());
            vec![
                (url.clone(), met(author, subject, &visited)),
                (other, blood_pressure(author, subject, &url, pressure, begin)),
            ]
        })
    }
}

/// The city's word that a nursing station is in charge from a day on.
fn charged(out: &mut Outbox<'_>, station: &Institution, day: Date) -> Result<(), SynthError> {
    let Some(sender) = by(station, Role::Nurse, Purpose::CareManagement, day, 9) else { return Ok(()) };
    out.create(sender, "nursing-station", |author, subject| in_charge(author, subject, "訪問看護", day, None))?;
    out.by_the_city()
}

const fn complaint(cause: Ailment) -> &'static str {
    match cause {
        Ailment::Stroke | Ailment::Haemorrhage => "急に片方の手足が動きにくくなった",
        Ailment::HipFracture => "転んで足の付け根が痛み、立てない",
        Ailment::VertebralFracture => "腰が痛く、起き上がれない",
        Ailment::Pneumonia => "熱とせきが続く",
        Ailment::HeartFailure => "息が苦しく、足がむくむ",
        Ailment::Infarction => "急に胸が締めつけられる",
        Ailment::Delivery => "陣痛",
        Ailment::Dehydration | Ailment::Senility => "食べられず、ぐったりしている",
        Ailment::Appendicitis | Ailment::Cholecystitis | Ailment::Ileus | Ailment::Stone => "おなかが強く痛む",
        _ => "体の調子がすぐれない",
    }
}

fn course_of(stay: &Stay) -> String {
    let text = stay.reason.text;
    if stay.then == Then::Death {
        return format!("{text}の治療を行いましたが、{}に永眠されました。", stay.to);
    }
    match (stay.ward, operation(stay)) {
        (Ward::Rehabilitation, _) => {
            format!("{text}のあとのリハビリテーションを行い、歩く力と身のまわりの動作が戻ってきました。")
        }
        (_, Some((what, _))) => format!("{text}に対して{what}を行いました。経過は順調です。"),
        _ => format!("{text}と診断し、治療を行いました。経過は落ち着いています。"),
    }
}

const fn instruction(stay: &Stay) -> &'static str {
    match (stay.then, stay.cause) {
        (Then::Death, _) => "ご家族に経過をご説明しました。",
        (Then::Hospital, _) => "回復期の病院でリハビリテーションを続けます。",
        (Then::Facility, _) => "施設で見守りを受けて過ごします。薬を続けます。",
        (_, Ailment::Stroke | Ailment::Haemorrhage) => "血圧を測り、薬を続けます。飲みこみに気をつけます。",
        (_, Ailment::HipFracture) => "転ばないように手すりを使い、歩く練習を続けます。",
        (_, Ailment::HeartFailure) => "毎日体重を測り、塩分を控えます。",
        _ => "薬を続け、次の診察は2週間後です。",
    }
}
