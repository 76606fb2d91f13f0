//! Which services are used, how often, by which office, and what they cost: month by month, as receipts are.
//!
//! What must hold: a use lies on a day at home, within certification and life; benefits stay within the level's limit.

use jiff::{ToSpan, civil::Date};
use tsumugi_kernel::OrganizationKind;

use super::{
    Care, Cause, Level, Need, Setting, days,
    table::{Numbers, chance, numbers, pick},
};
use crate::{
    dice::{Dice, Stream},
    outgoing::SynthError,
    people::Institution,
    population::Person,
    town::Town,
};

/// Places of the services in [`SERVICES`](super::table::SERVICES).
pub(super) mod place {
    pub const HELP: usize = 0;
    pub const NURSE: usize = 1;
    pub const REHABILITATION: usize = 2;
    pub const DAY: usize = 3;
    pub const SHORT: usize = 4;
    pub const EQUIPMENT: usize = 5;
    pub const LOCAL_DAY: usize = 6;
    pub const GROUP_HOME: usize = 7;
    pub const FACILITIES: usize = 8;
    pub const MANAGEMENT: usize = 11;
}

/// One service in one month: a row of the receipt (介護給付費明細).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// First day of the month.
    pub month: Date,
    /// Ten-digit number of the office.
    pub office: String,
    /// サービス種類コード.
    pub kind: i64,
    /// Code of the service in this project.
    pub service: String,
    /// Level of need that month.
    pub level: Level,
    /// Times or days.
    pub uses: i64,
    /// Units within the limit.
    pub units: i64,
    /// Units beyond the limit, paid by the person.
    pub beyond: i64,
    /// Yen paid by the insurance.
    pub benefit: i64,
}

/// What is used in one month: which service (its place among the services), uses, units within and beyond the limit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Use {
    pub service: usize,
    pub uses: i64,
    pub units: i64,
    pub beyond: i64,
}

/// The offices in charge: the first plans and helps at home, the second gives day services, short stays and a home.
/// In a town with a single office it is both.
pub(super) fn offices<'a>(town: &'a Town, person: &Person) -> Option<(&'a Institution, &'a Institution)> {
    let first = town.place(person, OrganizationKind::CareOffice)?;
    let all: Vec<&Institution> =
        town.institutions().iter().filter(|place| place.kind == OrganizationKind::CareOffice).collect();
    let mut dice = Dice::new(town.seed(), person.index, Stream::Care);
    let second = all.get(usize::try_from(dice.below(all.len() as u64)).unwrap_or(0)).copied()?;
    Some((first, second))
}

/// What the person's office adds to scores, in points: most add nothing.
pub(super) fn flattery(numbers: &Numbers, town: &Town, person: &Person) -> i64 {
    let Some((office, _)) = offices(town, person) else { return 0 };
    let mut dice = Dice::new(town.seed(), office.id.parse().unwrap_or(0), Stream::Care);
    if chance(&mut dice, numbers.office_flatters[0], 1000) { numbers.office_flatters[1] } else { 0 }
}

/// Which kind of facility it is: a special nursing home for whoever lives in one, one of the two others for a time.
fn facility(numbers: &Numbers, care: &Care) -> usize {
    let mut kinds = numbers.facility_kind;
    kinds[0] = 0;
    let other = pick(&mut Dice::new(care.key, 7, Stream::Care), &kinds);
    place::FACILITIES + if care.is_resident { 0 } else { other }
}

/// Times a week of each service on `day`, before the limit: what a care plan says.
pub(super) fn week(numbers: &Numbers, care: &Care, day: Date) -> Vec<(usize, i64)> {
    let (Some(level), Some(wave)) = (care.level_on(day), care.wave_on(day)) else { return Vec::new() };
    let at = level.index();
    let mut dice = care.dice(1, wave.day);
    let [nurse, short, aids] = [numbers.service_nurse[at], numbers.service_short[at], numbers.service_equipment[at]]
        .map(|share| i64::from(chance(&mut dice, share, 1000)));
    let facility = facility(numbers, care);
    let [rehabilitation, _, help] = wave.doses;
    let mut list = match care.setting_on(day) {
        Setting::Nothing => return Vec::new(),
        Setting::Facility => return vec![(facility, 7)],
        Setting::Community if care.cause == Cause::Dementia && !level.is_support() => {
            let mut list = vec![(place::GROUP_HOME, 7), (place::REHABILITATION, rehabilitation)];
            list.retain(|(_, times)| *times > 0);
            return list;
        }
        Setting::Community => vec![(place::LOCAL_DAY, numbers.service_day[at])],
        Setting::Home => vec![(place::DAY, numbers.service_day[at])],
    };
    if level.is_support() && list[0].0 == place::LOCAL_DAY {
        list[0].0 = place::DAY;
    }
    list.extend([
        (place::REHABILITATION, rehabilitation),
        (place::HELP, help),
        (place::EQUIPMENT, aids),
        (place::NURSE, nurse),
        (place::SHORT, short),
        (place::MANAGEMENT, 1),
    ]);
    list.retain(|(_, times)| *times > 0);
    list
}

/// Days of the month that begins on `month` on which the person lives, is cared for and is at home.
fn days_there(care: &Care, person: &Person, month: Date, today: Date) -> i64 {
    let last = month.last_of_month().min(today).min(person.death.unwrap_or(today));
    let from = care.waves.first().map_or(last, |wave| wave.day).max(month);
    let away: i64 =
        care.away.iter().map(|(first, until)| (days((*first).max(from), (*until).min(last)) + 1).max(0)).sum();
    (days(from, last) + 1 - away).max(0)
}

/// What is used in the month that begins on `month`, most needed first; nothing when the person is never there.
pub(super) fn uses(numbers: &Numbers, care: &Care, person: &Person, month: Date, today: Date) -> Vec<Use> {
    let day = month.last_of_month().min(today).min(person.death.unwrap_or(today));
    let there = days_there(care, person, month, today);
    let Some(level) = care.level_on(day).filter(|_| there > 0) else { return Vec::new() };
    let mut left = numbers.level_limit[level.index()];
    let mut list = Vec::new();
    for (service, times) in week(numbers, care, day) {
        let kind = &numbers.services[service];
        let uses = match service {
            place::MANAGEMENT | place::EQUIPMENT => 1,
            place::SHORT => (there / 14).max(1),
            _ => ((times * there + 3) / 7).max(1),
        };
        let step = i64::try_from(level.index()).unwrap_or(0) - 2;
        let units = match service {
            place::EQUIPMENT if !level.is_support() => numbers.service_equipment[7],
            _ if level.is_support() => kind.flat[level.index()],
            _ => uses * (kind.base + kind.more * step),
        };
        let limited = service != place::MANAGEMENT && service < place::GROUP_HOME;
        // What would go beyond the limit is not planned, but for rehabilitation and help, which people pay themselves.
        if limited && units > left && !matches!(service, place::REHABILITATION | place::HELP) {
            continue;
        }
        let beyond = if limited { (units - left).max(0) } else { 0 };
        left -= if limited { units - beyond } else { 0 };
        list.push(Use { service, uses, units: units - beyond, beyond });
    }
    list
}

/// Whether the first office gives a service.
pub(super) const fn is_of_first(service: usize) -> bool {
    matches!(service, place::HELP | place::NURSE | place::REHABILITATION | place::EQUIPMENT | place::MANAGEMENT)
}

/// The receipts of the month that holds `day`.
///
/// # Errors
/// [`SynthError::Numbers`] when the data file does not fit; a fault of this crate.
pub fn receipts(town: &Town, person: &Person, need: &Need, day: Date) -> Result<Vec<Receipt>, SynthError> {
    let numbers = numbers()?;
    let (Some(care), Some((first, second))) = (&need.care, offices(town, person)) else { return Ok(Vec::new()) };
    let month = day.first_of_month();
    let last = month.last_of_month().min(town.today());
    let last = person.death.map_or(last, |death| last.min(death));
    let Some(level) = care.level_on(last) else { return Ok(Vec::new()) };
    let [yen, percent] = numbers.service_unit;
    let row = |used: Use| {
        let service = &numbers.services[used.service];
        let office = if is_of_first(used.service) { first } else { second };
        Receipt {
            month,
            office: office.id.clone(),
            kind: service.kind,
            service: service.code.clone(),
            level,
            uses: used.uses,
            units: used.units,
            beyond: used.beyond,
            benefit: used.units * yen * percent / 100,
        }
    };
    Ok(uses(numbers, care, person, month, town.today()).into_iter().map(row).collect())
}

/// The first day of each month from `from` to `to`.
pub(super) fn months(from: Date, to: Date) -> impl Iterator<Item = Date> {
    let mut month = from.first_of_month();
    std::iter::from_fn(move || {
        let this = (month <= to).then_some(month)?;
        month = month.saturating_add(1.months());
        Some(this)
    })
}
