//! A month of care as the offices send it: one message of each office at the end of each month.
//!
//! The office that cares most adds what it has seen: the weight, falls, notes, and half-yearly the Barthel index and
//! the measures of LIFE.

use jiff::civil::Date;
use tsumugi_kernel::{Instant, Role};

use super::{
    Care, Setting, Wave,
    measures::{Body, body, scores},
    services::{Use, is_of_first, months, place, uses},
    table::{Numbers, chance},
};
use crate::{
    dice::Dice,
    form::{
        care::{BARTHEL_ITEMS, Subject, barthel, note},
        care_measure::{Quantity, quantities, quantity, scored, stated},
        care_month::{Line, claim, used},
        party::Author,
    },
    json::Json,
    outbox::{Outbox, Sender},
    outgoing::{SynthError, moment},
    people::Institution,
    population::Person,
    town::Detail,
};

/// Whose months are told, and by whom.
pub(super) struct Months<'a> {
    pub numbers: &'static Numbers,
    pub person: &'a Person,
    pub care: &'a Care,
    pub first: &'a Institution,
    pub second: &'a Institution,
    pub begin: Date,
}

/// Tells every month that has ended, and that of the death.
pub(super) fn tell(out: &mut Outbox<'_>, of: &Months<'_>) -> Result<(), SynthError> {
    let today = out.town.today();
    let Some(start) = of.care.waves.first().map(|wave| wave.day.max(of.begin)) else { return Ok(()) };
    for month in months(start, today) {
        let day = of.person.death.map_or(month.last_of_month(), |death| death.min(month.last_of_month()));
        if day < start || !out.wants(day) {
            continue;
        }
        let list = uses(of.numbers, of.care, of.person, month, today);
        let Some(level) = of.care.level_on(day).filter(|_| !list.is_empty()) else { continue };
        let single = of.first.id == of.second.id;
        let at_facility = of.care.setting_on(day) == Setting::Facility;
        for (office, is_first) in [(of.first, true), (of.second, false)] {
            let own: Vec<Use> =
                list.iter().copied().filter(|used| single || is_of_first(used.service) == is_first).collect();
            if own.is_empty() || (single && !is_first) {
                continue;
            }
            let cares = single || is_first != at_facility;
            let seen = if cares { Some(Seen::of(of, month, day.min(month.last_of_month()), start)?) } else { None };
            let sender = Sender::caring(office, role(seen.as_ref()), day);
            let Some(sender) = sender.map(|sender| Sender { hour: 18, ..sender }) else { continue };
            let name = if is_first { "care-month" } else { "care-month-too" };
            let only_claims = matches!(out.town.detail(), Detail::Claims { .. });
            out.transaction(sender, name, |author, subject, ids| {
                let mut resources = Vec::with_capacity(20);
                bill(of.numbers, &own, (month, day), level.coded(), (author, subject), &mut resources, only_claims);
                if let Some(seen) = seen.as_ref().filter(|_| !only_claims) {
                    seen.write(of, (author, subject), &mut resources);
                }
                resources.into_iter().map(|resource| (format!("urn:uuid:{}", ids.uuid()), resource)).collect()
            })?;
        }
    }
    Ok(())
}

const fn role(seen: Option<&Seen>) -> Role {
    match seen {
        Some(Seen { wave: Some(_), .. }) => Role::Nurse,
        Some(_) => Role::CareWorker,
        None => Role::CareManager,
    }
}

fn bill(
    numbers: &Numbers,
    own: &[Use],
    (month, day): (Date, Date),
    level: (&str, &str),
    (author, subject): (&Author<'_>, &Subject<'_>),
    resources: &mut Vec<Json>,
    only_claims: bool,
) {
    let kinds: Vec<String> = own.iter().map(|used| numbers.services[used.service].kind.to_string()).collect();
    let lines: Vec<Line<'_>> = own
        .iter()
        .zip(&kinds)
        .map(|(one, kind)| Line {
            kind: (kind, &numbers.services[one.service].ja),
            uses: one.uses,
            units: one.units,
            beyond: one.beyond,
        })
        .collect();
    if !only_claims {
        // Planning and rented aids are in the claim alone: nobody comes for them.
        let visits =
            lines.iter().zip(own).filter(|(_, one)| !matches!(one.service, place::MANAGEMENT | place::EQUIPMENT));
        resources.extend(visits.map(|(line, _)| used(author, subject, line, month, day)));
    }
    let [yen, percent] = numbers.service_unit;
    resources.push(claim(author, subject, &lines, (month, day), (yen, percent), level));
}

/// What an office saw in a month.
struct Seen {
    weighed: Instant,
    body: Body,
    wave: Option<Measured>,
    fall: Option<(Instant, bool)>,
    notes: Vec<(Instant, &'static str)>,
}

struct Measured {
    when: Instant,
    barthel: [u32; 10],
    scores: Vec<Vec<i64>>,
    caregiver: (&'static str, &'static str),
}

const NOTES: [&str; 6] = [
    "昼ごはんを半分ほど食べました。変わりはありません。",
    "よく眠れたとのことです。体操に加わりました。",
    "少し疲れたようすで、早めに休みました。",
    "家族のことをよく話されました。笑顔が多い日でした。",
    "歩くときにふらつきがあり、そばで支えました。",
    "入浴のあと、水分を多めにとりました。",
];

impl Seen {
    fn of(of: &Months<'_>, month: Date, last: Date, start: Date) -> Result<Self, SynthError> {
        let (care, numbers) = (of.care, of.numbers);
        let mut dice = care.dice(4, month);
        let ability = care.wave_on(last).map_or(0, |wave| wave.ability);
        let first = month.max(start);
        let here =
            |day: &Date| first <= *day && *day <= last && !care.away.iter().any(|(from, to)| from <= day && day <= to);
        let wave = care.waves.iter().find(|wave| first <= wave.day && wave.day <= last && !wave.missed);
        let level = care.level_on(last).map_or(0, super::Level::index);
        let broken = care.fractures.iter().copied().find(|day| first <= *day && *day <= last);
        let falls = chance(&mut dice, numbers.fall_month[level], 1000);
        let fall_day = day_of(&mut dice, month);
        let fall = match broken {
            Some(day) => Some((moment(day, 7, 40)?, true)),
            None if falls && here(&fall_day) => Some((moment(fall_day, 14, 20)?, false)),
            None => None,
        };
        let mut notes = Vec::new();
        for _ in 0..dice.between(0, numbers.note_month[0]) {
            let (day, text) = (day_of(&mut dice, month), *dice.pick(&NOTES));
            if here(&day) {
                notes.push((moment(day, 16, 10)?, text));
            }
        }
        Ok(Self {
            weighed: moment(last, 10, 0)?,
            body: body(numbers, of.person, care, ability, last),
            wave: wave.map(|wave| Measured::of(of, wave)).transpose()?,
            fall,
            notes,
        })
    }

    fn write(&self, of: &Months<'_>, (author, subject): (&Author<'_>, &Subject<'_>), list: &mut Vec<Json>) {
        let weight =
            Quantity { code: "weight", words: "体重", value: self.body.weight, tenths: true, unit: ("kg", "kg") };
        list.push(quantity(author, subject, &weight, self.weighed));
        if let Some((when, is_hurt)) = self.fall {
            let value = if is_hurt { ("fall-hurt", "けがをした") } else { ("fall-unhurt", "けがはない") };
            list.push(stated(author, subject, ("fall", "転倒"), value, when));
        }
        list.extend(self.notes.iter().map(|(when, text)| note(author, subject, text, *when)));
        let Some(measured) = &self.wave else { return };
        list.push(barthel(author, subject, measured.barthel, measured.when));
        for (measure, scores) in of.numbers.measures.iter().zip(&measured.scores) {
            let questions: Vec<(&str, &str, i64)> = measure
                .questions
                .iter()
                .zip(scores)
                .map(|(question, score)| (question.code.as_str(), question.ja.as_str(), *score))
                .collect();
            list.push(scored(author, subject, (&measure.code, &measure.ja), &questions, measured.when));
        }
        list.push(quantities(
            author,
            subject,
            ("nutrition-state", "栄養のようす"),
            &nourished(&self.body),
            measured.when,
        ));
        list.push(quantities(author, subject, ("motor-state", "体の動き"), &moved(&self.body), measured.when));
        list.push(stated(author, subject, ("caregiver", "家族の介護者"), measured.caregiver, measured.when));
    }
}

const fn tenths<'a>(code: &'a str, words: &'a str, value: i64, unit: (&'a str, &'a str)) -> Quantity<'a> {
    Quantity { code, words, value, tenths: true, unit }
}

const fn whole<'a>(code: &'a str, words: &'a str, value: i64, unit: (&'a str, &'a str)) -> Quantity<'a> {
    Quantity { code, words, value, tenths: false, unit }
}

const fn nourished(body: &Body) -> [Quantity<'static>; 4] {
    [
        tenths("height", "身長", body.height, ("cm", "cm")),
        tenths("bmi", "BMI", body.bmi, ("kg/m2", "kg/m2")),
        tenths("albumin", "血清アルブミン", body.albumin, ("g/dL", "g/dL")),
        whole("intake", "食事の量", body.intake, ("%", "%")),
    ]
}

const fn moved(body: &Body) -> [Quantity<'static>; 5] {
    [
        tenths("grip", "握力", body.grip, ("kg", "kg")),
        tenths("one-leg-stand", "片足立ちの時間", body.leg, ("秒", "s")),
        whole("motion-knee", "膝の曲がる角度", body.motion[0], ("度", "deg")),
        whole("motion-shoulder", "肩の上がる角度", body.motion[1], ("度", "deg")),
        whole("bone-density", "骨密度(若い人との比)", body.bone, ("%", "%")),
    ]
}

fn day_of(dice: &mut Dice, month: Date) -> Date {
    let day = i8::try_from(dice.between(1, i64::from(month.days_in_month()))).unwrap_or(1);
    month.with().day(day).build().unwrap_or(month)
}

impl Measured {
    fn of(of: &Months<'_>, wave: &Wave) -> Result<Self, SynthError> {
        let scores = of.numbers.measures.iter().zip(0..).map(|(measure, place)| scores(measure, of.care, wave, place));
        Ok(Self {
            when: moment(wave.day, 11, 0)?,
            barthel: barthel_items(wave.score),
            scores: scores.collect(),
            caregiver: match of.care.caregiver {
                super::Caregiver::Partner => ("caregiver-partner", "配偶者"),
                super::Caregiver::Child => ("caregiver-child", "子"),
                super::Caregiver::Nobody => ("caregiver-nobody", "いない"),
            },
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
