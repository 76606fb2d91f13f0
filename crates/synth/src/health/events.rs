//! What leads to a stay in hospital, year by year, and where the stay leads.
//!
//! A stroke leaves paresis and at times dysphagia, and goes by the acute ward and the rehabilitation hospital to home
//! or a facility; a fracture of the hip likewise. The person's death (decided by the population) ends the last stay.

use jiff::civil::Date;

use super::{
    ailment::{Ailment, EVENTS},
    chance::{DECADE, along},
    course::{Maker, Severity, Stay, Then, Ward},
    days::Day,
    numbers::NUMBERS,
};
use crate::{
    dice::{Dice, Stream},
    form::clinical::Disease,
    people::Sex,
    population,
};

/// What else people lie in acute wards for: child, adult, older.
const OTHERS: [&[(Ailment, Disease)]; 3] = [
    &[
        (Ailment::AsthmaAttack, Disease { text: "気管支肺炎", icd10: "J180" }),
        (Ailment::Complaint, Disease { text: "熱性けいれん", icd10: "R560" }),
        (Ailment::Complaint, Disease { text: "扁桃肥大", icd10: "J351" }),
        (Ailment::AsthmaAttack, Disease { text: "喘息発作", icd10: "J46" }),
    ],
    &[
        (Ailment::Complaint, Disease { text: "子宮筋腫", icd10: "D259" }),
        (Ailment::Complaint, Disease { text: "鼠径ヘルニア", icd10: "K409" }),
        (Ailment::Complaint, Disease { text: "腰椎椎間板ヘルニア", icd10: "M512" }),
        (Ailment::Complaint, Disease { text: "大腸憩室炎", icd10: "K573" }),
        (Ailment::Complaint, Disease { text: "帯状疱疹", icd10: "B029" }),
    ],
    &[
        (Ailment::Eye, Disease { text: "白内障", icd10: "H259" }),
        (Ailment::Knee, Disease { text: "変形性膝関節症", icd10: "M179" }),
        (Ailment::Complaint, Disease { text: "総胆管結石", icd10: "K805" }),
        (Ailment::Complaint, Disease { text: "腰部脊柱管狭窄症", icd10: "M480" }),
        (Ailment::Complaint, Disease { text: "房室ブロック", icd10: "I443" }),
        (Ailment::Complaint, Disease { text: "慢性硬膜下血腫", icd10: "I620" }),
    ],
];

/// Women of whom a disease cannot be told of men.
const OF_WOMEN: &str = "D259";

struct Years<'m, 'a> {
    maker: &'m mut Maker<'a>,
    dice: Dice,
    /// The end of the last stay.
    out: Day,
    had: u64,
    /// First days of illnesses that make others likelier.
    risks: Risks,
    /// When the person's children are born, the first at the end.
    births: Vec<Day>,
}

#[derive(Clone, Copy)]
struct Risks {
    pressure: Option<Day>,
    fibrillation: Option<Day>,
    sugar: Option<Day>,
    bones: Option<Day>,
    lungs: Option<Day>,
}

/// Draws all that leads to stays.
pub(super) fn happen(maker: &mut Maker<'_>) {
    let since = |ailment: Ailment| maker.course.first(ailment).map(|one| Day::from(one.onset));
    let risks = Risks {
        pressure: since(Ailment::Hypertension),
        fibrillation: since(Ailment::Fibrillation),
        sugar: since(Ailment::Diabetes),
        bones: since(Ailment::Osteoporosis),
        lungs: since(Ailment::Copd),
    };
    let dice = Dice::new(maker.town.seed(), maker.person.index, Stream::Stays);
    let out = Day(maker.birth.0 - 30);
    let births = births(maker);
    let mut years = Years { maker, dice, out, had: 0, risks, births };
    let mut age = 0;
    while years.maker.birth.0 + age <= years.maker.end.0 {
        years.year(age);
        age += 365;
    }
    years.dies();
}

/// When a woman's children are born, the last first.
fn births(maker: &Maker<'_>) -> Vec<Day> {
    if maker.person.sex != Sex::Female {
        return Vec::new();
    }
    let born = |child: &u64| Day::from(population::person(maker.town, *child).birth);
    let mut births: Vec<Day> = maker.person.children.iter().map(born).collect();
    births.retain(|born| born.0 - maker.birth.0 > 14 * 365 && *born <= maker.end);
    births.sort_by_key(|born| std::cmp::Reverse(*born));
    births.dedup();
    births
}

impl Years<'_, '_> {
    /// A birth: the pregnancy is followed from its second month on.
    fn gives_birth(&mut self, born: Day) {
        let (visit, after) = (Day(born.0 - 210), Day(born.0 + 30));
        self.maker.falls_ill(Ailment::Delivery, visit, Some(visit), Some(after));
        let caesarean = self.dice.chance(NUMBERS.caesarean);
        let reason = if caesarean {
            Disease { text: "帝王切開分娩", icd10: "O829" }
        } else {
            Ailment::Delivery.spec().disease
        };
        let to = Day(born.0 + if caesarean { 8 } else { 5 });
        self.lies(born, to, reason, Ailment::Delivery, Ward::Acute, caesarean, Then::Home);
    }

    fn year(&mut self, age: i64) {
        let start = Day(self.maker.birth.0 + age);
        while let Some(born) = self.births.last().copied().filter(|born| born.0 < start.0 + 365) {
            self.births.pop();
            self.gives_birth(born);
        }
        let sex = self.maker.person.sex;
        for ailment in EVENTS {
            let rate = along(NUMBERS.events[ailment as usize].of(sex), age + 182);
            if rate == 0 {
                continue;
            }
            let rate = rate * self.risk(ailment, start, age) / 100;
            let thrown = self.dice.below(36_500_000);
            if thrown < rate.unsigned_abs() * 365 {
                let day = Day(start.0 + i64::try_from(thrown % 365).unwrap_or(0));
                self.event(ailment, day, age);
            }
        }
        let thrown = self.dice.below(36_500_000);
        let day = Day(start.0 + i64::try_from(thrown % 365).unwrap_or(0));
        let (filler, long) = (along(&NUMBERS.filler, age + 182), along(&NUMBERS.long_stay, age + 182));
        if thrown < filler.unsigned_abs() * 365 {
            self.other(day, age);
        } else if thrown < (filler + long).unsigned_abs() * 365 {
            self.long(day, age);
        }
    }

    /// The relative risk of what the person has, in hundredths.
    fn risk(&self, ailment: Ailment, day: Day, age: i64) -> i64 {
        let [pressure, fibrillation, sugar, smoking, bones, lungs, smoke] = NUMBERS.relative;
        let times = |risk: i64, from: Option<Day>, by: i64| {
            if from.is_some_and(|from| from < day) { risk * by / 100 } else { risk }
        };
        let smokes = self.maker.course.body.smokes(self.maker.person.sex, age).then_some(self.maker.birth);
        match ailment {
            Ailment::Stroke => {
                let risk = times(times(100, self.risks.pressure, pressure), self.risks.fibrillation, fibrillation);
                times(times(risk, self.risks.sugar, sugar), smokes, smoking)
            }
            Ailment::Haemorrhage => times(100, self.risks.pressure, pressure),
            Ailment::Infarction | Ailment::HeartFailure => {
                times(times(times(100, self.risks.pressure, pressure), self.risks.sugar, sugar), smokes, smoking)
            }
            Ailment::LungCancer => times(100, smokes, smoke),
            Ailment::HipFracture | Ailment::VertebralFracture => times(100, self.risks.bones, bones),
            Ailment::Pneumonia => times(100, self.risks.lungs, lungs),
            _ => 100,
        }
    }

    /// From when on what lasts is treated after the stay: some never come back.
    fn followed(&self, day: Day) -> Option<Day> {
        self.maker.seeks.then_some(day)
    }

    fn length(&mut self, ailment: Ailment) -> i64 {
        let [low, usual, high] = NUMBERS.stays[ailment as usize].days;
        if self.dice.chance(NUMBERS.shorter) { self.dice.between(low, usual) } else { self.dice.between(usual, high) }
    }

    /// A stay, cut at death; nothing when the person is in hospital already or it begins after the last day.
    #[expect(clippy::too_many_arguments, reason = "the facts of a stay")]
    fn lies(&mut self, from: Day, to: Day, reason: Disease, cause: Ailment, ward: Ward, dpc: bool, then: Then) -> bool {
        let follows =
            from == self.out && self.maker.course.stays.last().is_some_and(|stay| stay.then == Then::Hospital);
        if from > self.maker.end || (from.0 <= self.out.0 + 7 && !follows) {
            return false;
        }
        let death = self.maker.person.death.map(Day::from);
        let dies = death.is_some_and(|death| death <= to);
        let to = if dies { death.unwrap_or(to) } else { to };
        let then = if dies { Then::Death } else { then };
        self.maker.course.stays.push(Stay { from: from.date(), to: to.date(), reason, cause, ward, is_dpc: dpc, then });
        self.out = to;
        true
    }

    fn acute(&mut self, ailment: Ailment, reason: Disease, day: Day, then: Then) -> Option<Day> {
        let to = Day(day.0 + self.length(ailment));
        let dpc = self.dice.chance(NUMBERS.stays[ailment as usize].dpc);
        let lies = self.lies(day, to, reason, ailment, Ward::Acute, dpc, then);
        lies.then_some(self.out)
    }

    fn event(&mut self, ailment: Ailment, day: Day, age: i64) {
        let bit = 1u64 << (ailment as u64);
        let once = ailment.is_cancer()
            || matches!(ailment, Ailment::Stroke | Ailment::Haemorrhage | Ailment::Appendicitis | Ailment::Infarction);
        if once && self.had & bit != 0 {
            return;
        }
        match ailment {
            Ailment::Stroke | Ailment::Haemorrhage => self.stroke(ailment, day),
            Ailment::HipFracture => self.fracture(day),
            Ailment::HeartFailure => {
                if self.acute(ailment, ailment.spec().disease, day, Then::Home).is_some()
                    && self.maker.course.first(ailment).is_none()
                {
                    self.maker.falls_ill(ailment, day, self.followed(day), None);
                }
            }
            _ if ailment.is_cancer() => self.cancer(ailment, day, age, None),
            _ => {
                let then = Then::Home;
                if let Some(out) = self.acute(ailment, ailment.spec().disease, day, then) {
                    let lasts = matches!(ailment, Ailment::Infarction | Ailment::VertebralFracture);
                    let ended = if lasts { out.0 + 365 } else { out.0 };
                    self.maker.falls_ill(ailment, day, Some(day), Some(Day(ended)));
                }
            }
        }
        self.had |= bit;
    }

    /// Severity of a sequela around the usual one.
    fn spread(&mut self, ailment: Ailment) -> Severity {
        let [first, settled, drift] = NUMBERS.severity[ailment as usize];
        let shift = super::chance::gauss(&mut self.dice) * 18 / 1000;
        let small = |value: i64| u8::try_from(value.clamp(3, 100)).unwrap_or(3);
        Severity {
            at_onset: small(first + shift),
            settled: small(settled + shift + shift / 3),
            drift: i8::try_from(drift).unwrap_or(0),
        }
    }

    fn stroke(&mut self, ailment: Ailment, day: Day) {
        let [to_rehabilitation, ..] = NUMBERS.after_stay;
        let severity = self.spread(Ailment::Paresis);
        let rehabilitates = severity.at_onset >= 25 && self.dice.chance(u32::try_from(to_rehabilitation).unwrap_or(0));
        let then = if rehabilitates { Then::Hospital } else { self.goes(severity) };
        let Some(out) = self.acute(ailment, ailment.spec().disease, day, then) else { return };
        self.maker.falls_ill(ailment, day, self.followed(day), None);
        self.sequela(ailment, day, severity);
        self.sequela(Ailment::Paresis, day, severity);
        if self.dice.chance(u32::from(severity.at_onset) * NUMBERS.dysphagia) {
            let swallowing = self.spread(Ailment::Dysphagia);
            self.sequela(Ailment::Dysphagia, day, swallowing);
        }
        if rehabilitates && out != self.maker.end {
            self.rehabilitate(ailment, out, severity);
        }
    }

    /// Sets the severity of an illness that began on `day`, or begins it.
    fn sequela(&mut self, ailment: Ailment, day: Day, severity: Severity) {
        let onset = day.date();
        let there = |one: &&mut super::Illness| one.ailment == ailment && one.onset == onset;
        if !self.maker.course.illnesses.iter().any(|one| one.ailment == ailment && one.onset == onset) {
            self.maker.falls_ill(ailment, day, None, None);
        }
        if let Some(one) = self.maker.course.illnesses.iter_mut().find(there) {
            one.severity = severity;
        }
    }

    fn goes(&mut self, severity: Severity) -> Then {
        let [_, _, home, home_severe] = NUMBERS.after_stay;
        let home = if severity.settled < 45 { 1000 - (1000 - home) / 5 } else { home - home_severe };
        if self.dice.chance(u32::try_from(home).unwrap_or(0)) { Then::Home } else { Then::Facility }
    }

    fn rehabilitate(&mut self, cause: Ailment, from: Day, severity: Severity) {
        let to = Day(from.0 + self.length(Ailment::Paresis) * (40 + i64::from(severity.at_onset)) / 100);
        let then = self.goes(severity);
        self.lies(from, to, cause.spec().disease, cause, Ward::Rehabilitation, false, then);
    }

    fn fracture(&mut self, day: Day) {
        let [_, to_rehabilitation, ..] = NUMBERS.after_stay;
        let severity = self.spread(Ailment::HipFracture);
        let rehabilitates = self.dice.chance(u32::try_from(to_rehabilitation).unwrap_or(0));
        let then = if rehabilitates { Then::Hospital } else { self.goes(severity) };
        let ailment = Ailment::HipFracture;
        let Some(out) = self.acute(ailment, ailment.spec().disease, day, then) else { return };
        if self.maker.course.first(ailment).is_none() {
            self.sequela(ailment, day, severity);
        }
        if rehabilitates && out != self.maker.end {
            self.rehabilitate(ailment, out, severity);
        }
    }

    fn cancer(&mut self, ailment: Ailment, day: Day, age: i64, ended: Option<Day>) {
        let [withheld, shortest, longest, never] = NUMBERS.withheld.map(|one| u32::try_from(one).unwrap_or(0));
        self.acute(ailment, ailment.spec().disease, Day(day.0 + 20), Then::Home);
        let is_withheld = age >= 60 * 365 && self.dice.chance(withheld);
        let told = Day(day.0 + self.dice.between(shortest.into(), longest.into()));
        let is_never = self.dice.chance(never);
        let ended = ended.unwrap_or(Day(day.0 + DECADE / 2));
        if self.maker.falls_ill(ailment, day, Some(day), Some(ended))
            && is_withheld
            && let Some(newest) = self.maker.course.illnesses.last_mut()
        {
            newest.told = (!is_never && told <= self.maker.end).then(|| told.date());
        }
    }

    fn other(&mut self, day: Day, age: i64) {
        let stage = if age < 15 * 365 { 0 } else { usize::from(age >= 65 * 365) + 1 };
        let (cause, reason) = *self.dice.pick(OTHERS[stage]);
        if reason.icd10 == OF_WOMEN && self.maker.person.sex != Sex::Female {
            return self.other(day, age);
        }
        self.acute(cause, reason, day, Then::Home);
    }

    fn long(&mut self, day: Day, age: i64) {
        let (cause, reason) = if age < 65 * 365 {
            (Ailment::Schizophrenia, Disease { text: "統合失調症", icd10: "F209" })
        } else {
            (Ailment::Senility, Disease { text: "廃用症候群", icd10: "M625" })
        };
        let to = Day(day.0 + self.length(Ailment::Schizophrenia));
        let then = if age < 75 * 365 { Then::Home } else { Then::Facility };
        if self.lies(day, to, reason, cause, Ward::LongTerm, false, then) && cause == Ailment::Schizophrenia {
            let onset = self.maker.course.first(cause).map(|one| one.onset);
            if onset.is_none() {
                self.maker.falls_ill(cause, day, Some(day), None);
            }
        }
    }

    /// The last illness, when the population has let the person die.
    fn dies(&mut self) {
        let Some(death) = self.maker.person.death.map(Day::from).filter(|death| *death <= self.maker.end) else {
            return;
        };
        if self.maker.course.stays.iter().any(|stay| stay.then == Then::Death) {
            return;
        }
        let weights = NUMBERS.causes.map(|one| u32::try_from(one).unwrap_or(0));
        let age = death.0 - self.maker.birth.0;
        let cause = match self.dice.weighted(&weights) {
            0 if age > 20 * 365 => self.last_cancer(death, age),
            1 if age > 40 * 365 => Ailment::Haemorrhage,
            2 if age > 30 * 365 => Ailment::HeartFailure,
            3 => Ailment::Pneumonia,
            4 if age > 80 * 365 => Ailment::Senility,
            _ => Ailment::Dehydration,
        };
        let in_hospital = self.dice.chance(NUMBERS.in_hospital);
        let days = self.dice.between(2, 35);
        let from = Day((death.0 - days).max(self.out.0 + 8));
        if from <= death {
            if self.maker.course.first(cause).is_none() {
                self.maker.falls_ill(cause, from, Some(from), None);
            }
            if in_hospital {
                self.lies(from, death, cause.spec().disease, cause, Ward::Acute, days < 25, Then::Death);
            }
        }
    }

    fn last_cancer(&mut self, death: Day, age: i64) -> Ailment {
        let had = |ailment: Ailment| self.maker.course.first(ailment).is_some();
        let known = EVENTS.into_iter().find(|ailment| ailment.is_cancer() && had(*ailment));
        if let Some(known) = known {
            return known;
        }
        let ailment = *self.dice.pick(&[Ailment::LungCancer, Ailment::ColonCancer, Ailment::StomachCancer]);
        let ago = self.dice.between(60, 900).min(age - 365);
        let onset = Day(death.0 - ago);
        if onset.0 > self.out.0 + 30 || self.out < onset {
            self.cancer(ailment, onset, age - ago, Some(Day(death.0 + 1)));
        } else {
            self.maker.falls_ill(ailment, onset, Some(onset), None);
        }
        ailment
    }
}

/// Whether a stay is paid by insurance: an ordinary birth is not.
#[must_use]
pub fn is_insured(stay: &Stay) -> bool {
    stay.cause != Ailment::Delivery || stay.reason.icd10 != "O809"
}

/// Days of a stay between two days, both included.
#[must_use]
pub fn days_within(stay: &Stay, from: Date, to: Date) -> i64 {
    Day::from(stay.to.min(to)).0 - Day::from(stay.from.max(from)).0 + 1
}
