//! What is told of a person's care: by the city, certifications and who is in charge; by the offices, plans and months
//! ([`tell_month`](super::tell_month)).
//!
//! What must hold: each message is sent by somebody whom the door lets write it: the city's desk for certifications and
//! standing, the staff of an office in charge for the rest; the city's message about who the person is comes first.

use jiff::{ToSpan, civil::Date};
use tsumugi_kernel::{OrganizationKind, Role};

use super::{
    Care, Certification, Need, Setting, Wave,
    planted::plant,
    services::{is_of_first, offices, place, week},
    survey,
    table::{Numbers, numbers},
    tell_month,
};
use crate::{
    form::{
        care::{Precaution, in_charge, precaution},
        care_certification::{Answer, City, Decision, Opinion, application, level, opinion, survey as survey_form},
        care_plan::{Aim, Plan, Service, goal, plan},
        party::resident,
    },
    json::Json,
    outbox::{Outbox, Sender},
    outgoing::SynthError,
    people::Institution,
    population::Person,
    story::cast::CITY_HALL,
    town::{Detail, Town},
};

const CITY: City<'_> = City { id: CITY_HALL, name: "紬市" };

/// Tells a person's care.
///
/// # Errors
/// [`SynthError`] when an id or a date does not fit, or the data file; a fault of this crate.
pub fn tell(out: &mut Outbox<'_>, person: &Person, need: &Need) -> Result<(), SynthError> {
    let numbers = numbers()?;
    let town = out.town;
    let applied = match need {
        Need { care: Some(care), .. } => care.certifications.first().map(|one| one.applied),
        Need { refused: Some(refused), .. } => Some(refused.applied),
        Need { .. } => None,
    };
    let (Some(applied), Some((first, second))) = (applied, offices(town, person)) else { return Ok(()) };
    let begin = applied.max(first_told(town));
    let Some(desk) = Sender::caring(first, Role::CareManager, begin).filter(|_| out.wants(begin)) else {
        return Ok(());
    };
    let only_claims = matches!(town.detail(), Detail::Claims { .. });
    // The city's care desk says whom it decides about. Where only receipts are told, the person is registered already.
    if !only_claims {
        out.create(Sender { hour: 8, ..desk }, "resident", |author, subject| resident(author.time, subject.0))?;
        out.by_the_city()?;
    }
    let mut teller = Teller { numbers, person, first, second, begin };
    if let Some(refused) = need.refused.as_ref().filter(|_| !only_claims) {
        teller.certification(out, None, refused)?;
    }
    let Some(care) = &need.care else { return Ok(()) };
    if !only_claims {
        for one in &care.certifications {
            teller.certification(out, Some(care), one)?;
        }
    }
    teller.charge(out, care)?;
    if !only_claims {
        plant(out, person, need);
        teller.plans(out, care)?;
    }
    tell_month::tell(out, &tell_month::Months { numbers, person, care, first, second, begin })
}

/// The first day of the part that is told.
fn first_told(town: &Town) -> Date {
    match town.detail() {
        Detail::Whole => Date::MIN,
        Detail::Recent { years } | Detail::Claims { years } => {
            town.today().saturating_sub(years.years()).saturating_add(1.days())
        }
    }
}

struct Teller<'a> {
    numbers: &'static Numbers,
    person: &'a Person,
    first: &'a Institution,
    second: &'a Institution,
    begin: Date,
}

impl Teller<'_> {
    fn certification(
        &mut self,
        out: &mut Outbox<'_>,
        care: Option<&Care>,
        one: &Certification,
    ) -> Result<(), SynthError> {
        let Some(desk) = Sender::caring(self.first, Role::CareManager, one.decided).filter(|_| out.wants(one.decided))
        else {
            return Ok(());
        };
        let numbers = self.numbers;
        let grades =
            care.map_or_else(|| survey::answers_of_nobody_in_need(numbers), |care| survey::answers(numbers, care, one));
        let answers: Vec<Answer<'_>> = numbers
            .survey
            .iter()
            .zip(grades)
            .map(|(question, grade)| Answer {
                code: &question.code,
                question: &question.ja,
                grade,
                words: numbers.scales[question.scale].get(grade).map_or("", String::as_str),
            })
            .collect();
        let clinic = out.town.place(self.person, OrganizationKind::Clinic);
        let physician = clinic.and_then(|clinic| Some((clinic, clinic.who(Role::Physician)?.name.full())));
        let limit = one.level.map(|level| numbers.level_limit[level.index()]);
        let decision = Decision {
            level: one.level.map_or(("none", "非該当"), super::Level::coded),
            minutes: survey::minutes(numbers, one),
            valid: (one.from, one.level.map(|_| one.to)),
            limit,
        };
        out.transaction(desk, "certification", |author, subject, ids| {
            let mut list = vec![
                application(author, subject, CITY, one.reason.coded(), one.applied),
                survey_form(author, subject, CITY, &answers, one.surveyed),
            ];
            if let (Some((clinic, physician)), Some(care)) = (&physician, care) {
                let (body, mind) = survey::independence(numbers, care, one.ability, one.surveyed);
                let (code, words, icd10) = care.cause_on(one.opinion).coded();
                let said = Opinion {
                    physician,
                    institution: &clinic.name,
                    diagnosis: (icd10, words),
                    cause: (code, words),
                    independence: [BODY[body - 1], MIND[mind - 1]],
                };
                list.push(opinion(author, subject, &said, one.opinion));
            }
            list.push(level(author, subject, CITY, &decision, one.decided));
            list.into_iter().map(|resource| (format!("urn:uuid:{}", ids.uuid()), resource)).collect()
        })?;
        out.by_the_city()
    }

    /// Says who is in charge, and when the first office no longer is because the person has moved to a facility.
    fn charge(&self, out: &mut Outbox<'_>, care: &Care) -> Result<(), SynthError> {
        let Some(start) = care.waves.first().map(|wave| wave.day).filter(|_| care.setting != Setting::Nothing) else {
            return Ok(());
        };
        let day = start.max(self.begin);
        let moves = (care.setting == Setting::Facility).then_some(care.since);
        if moves.is_none_or(|moves| day < moves) {
            self.in_charge(out, self.first, "居宅介護支援", (start, None), day)?;
            if let Some(moves) = moves.filter(|_| self.first.id != self.second.id) {
                self.in_charge(out, self.first, "居宅介護支援", (start, Some(moves)), moves)?;
            }
        }
        if self.first.id != self.second.id {
            let from = moves.unwrap_or(start);
            self.in_charge(out, self.second, "介護サービス", (from, None), from.max(self.begin))
        } else if let Some(moves) = moves.filter(|moves| *moves <= day) {
            self.in_charge(out, self.first, "介護サービス", (moves, None), day)
        } else {
            Ok(())
        }
    }

    fn in_charge(
        &self,
        out: &mut Outbox<'_>,
        office: &Institution,
        what: &str,
        (from, to): (Date, Option<Date>),
        day: Date,
    ) -> Result<(), SynthError> {
        let Some(desk) = Sender::caring(office, Role::CareManager, day).filter(|_| out.wants(day)) else {
            return Ok(());
        };
        let name = match (to, office.id == self.first.id) {
            (Some(_), _) => "charge-ended",
            (None, true) => "in-charge",
            (None, false) => "in-charge-too",
        };
        let desk = Sender { hour: 9, ..desk };
        out.create(desk, name, |author, subject| in_charge(author, subject, what, from, to))?;
        out.by_the_city()
    }

    /// A plan at each half-yearly review, and the one in force when the telling begins.
    fn plans(&self, out: &mut Outbox<'_>, care: &Care) -> Result<(), SynthError> {
        let mut known: Vec<&Danger> = Vec::new();
        for (place, wave) in care.waves.iter().enumerate() {
            let next = care.waves.get(place + 1).map(|next| next.day);
            let day = wave.day.max(self.begin);
            if next.is_some_and(|next| next <= day) || !out.wants(day) || care.setting == Setting::Nothing {
                continue;
            }
            let dangers: Vec<&Danger> = DANGERS.iter().filter(|one| (one.is_there)(care, wave)).collect();
            let fresh: Vec<&Danger> =
                dangers.iter().copied().filter(|one| !known.iter().any(|old| old.text == one.text)).collect();
            let until = next.unwrap_or(wave.day.saturating_add(super::ability::HALF_YEAR.days()));
            self.plan(out, care, wave, &fresh, (day, until.saturating_sub(1.days())))?;
            known = dangers;
        }
        Ok(())
    }

    fn plan(
        &self,
        out: &mut Outbox<'_>,
        care: &Care,
        wave: &Wave,
        dangers: &[&Danger],
        (day, until): (Date, Date),
    ) -> Result<(), SynthError> {
        let week = week(self.numbers, care, day);
        let office = if care.setting_on(day) == Setting::Facility { self.second } else { self.first };
        let Some(sender) = Sender::caring(office, Role::CareManager, day).filter(|_| !week.is_empty()) else {
            return Ok(());
        };
        let sender = Sender { hour: 10, ..sender };
        let kinds: Vec<(String, usize, i64)> = week
            .iter()
            .map(|(service, times)| (self.numbers.services[*service].kind.to_string(), *service, *times))
            .collect();
        let mut wanted: Vec<usize> = week.iter().map(|(service, _)| aim_of(*service)).collect();
        wanted.sort_unstable();
        wanted.dedup();
        out.transaction(sender, "care-plan", |author, subject, ids| {
            let urls: Vec<String> = wanted.iter().map(|_| format!("urn:uuid:{}", ids.uuid())).collect();
            let aims: Vec<Aim<'_>> = wanted
                .iter()
                .zip(&urls)
                .map(|(aim, url)| Aim { url, need: AIMS[*aim].0, goal: AIMS[*aim].1, until })
                .collect();
            let services: Vec<Service<'_>> = kinds
                .iter()
                .map(|(kind, service, times)| Service {
                    kind: (kind.as_str(), self.numbers.services[*service].ja.as_str()),
                    times: (!matches!(*service, place::SHORT | place::EQUIPMENT | place::MANAGEMENT)).then_some(*times),
                    office: if is_of_first(*service) { self.first } else { self.second },
                    aim: wanted.iter().position(|aim| *aim == aim_of(*service)).unwrap_or(0),
                })
                .collect();
            let words =
                Plan { wish: wish(care), course: course(wave), period: (day, until), aims: &aims, services: &services };
            let mut list: Vec<(String, Json)> =
                aims.iter().map(|aim| (aim.url.to_owned(), goal(author, subject, aim, day))).collect();
            list.push((format!("urn:uuid:{}", ids.uuid()), plan(author, subject, &words)));
            list.extend(dangers.iter().map(|one| {
                let flag = precaution(author, subject, one.about, one.text, day);
                (format!("urn:uuid:{}", ids.uuid()), flag)
            }));
            list
        })
    }
}

/// 障害高齢者の日常生活自立度.
const BODY: [&str; 9] = ["自立", "J1", "J2", "A1", "A2", "B1", "B2", "C1", "C2"];
/// 認知症高齢者の日常生活自立度.
const MIND: [&str; 8] = ["自立", "Ⅰ", "Ⅱa", "Ⅱb", "Ⅲa", "Ⅲb", "Ⅳ", "M"];

/// Needs and goals.
const AIMS: [(&str, &str); 5] = [
    ("転ばずに歩きたい。", "家の中を、ものにつかまって歩ける。"),
    ("身の回りのことを続けたい。", "助けを受けながら、着替えと入浴ができる。"),
    ("人と会い、体を動かしたい。", "決まった日に外へ出て、体を動かす。"),
    ("病気とうまくつきあいたい。", "体のようすが落ち着き、入院せずに過ごせる。"),
    ("安心して暮らしたい。", "毎日の生活のリズムが整い、よく眠れる。"),
];

/// Which of [`AIMS`] a service serves.
const fn aim_of(service: usize) -> usize {
    match service {
        place::REHABILITATION | place::EQUIPMENT => 0,
        place::HELP => 1,
        place::DAY | place::LOCAL_DAY => 2,
        place::NURSE => 3,
        _ => 4,
    }
}

fn wish(care: &Care) -> &'static str {
    match (care.setting, care.caregiver) {
        (Setting::Facility, _) => "本人: おだやかに過ごしたい。家族: 安全に過ごしてほしい。",
        (_, super::Caregiver::Nobody) => "本人: できるだけ長く、この家でひとりで暮らしたい。",
        (_, super::Caregiver::Partner) => "本人: 夫婦で家で暮らしたい。家族: 無理のない範囲で支えたい。",
        (_, super::Caregiver::Child) => "本人: 家で暮らしたい。家族: 仕事を続けながら支えたい。",
    }
}

fn course(wave: &Wave) -> &'static str {
    match wave.severity {
        0 | 1 => "できることを続け、外へ出る機会を保ちます。",
        2 | 3 => "立つ、歩く、着替えるなどの動きを支え、転ばないようにします。",
        _ => "苦しさや床ずれがないように、家族とともに毎日を支えます。",
    }
}

struct Danger {
    about: Precaution,
    text: &'static str,
    is_there: fn(&Care, &Wave) -> bool,
}

/// What is handed over, and when it applies.
const DANGERS: [Danger; 3] = [
    Danger {
        about: Precaution::Moving,
        text: "立つときと歩くときは、そばで支える。",
        is_there: |_, wave| matches!(wave.severity, 2 | 3),
    },
    Danger {
        about: Precaution::Swallowing,
        text: "飲みものにとろみをつけ、体を起こして食べる。",
        is_there: |_, wave| wave.severity == 4,
    },
    Danger {
        about: Precaution::Medication,
        text: "薬は一回分ずつ手わたし、のんだことを確かめる。",
        is_there: |care, wave| survey::forgets(care, wave.day),
    },
];
