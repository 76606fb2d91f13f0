//! Receipts (レセプト): what institutions claim for a person, month by month, from visits and stays.
//!
//! Rows are typed and without JSON, for the national scale; [`tell`](super::tell) makes them into claims. One receipt is
//! one person, one institution and one month (療養の給付及び公費負担医療に関する費用の請求に関する命令). Ordinary births
//! and the checkups of a pregnancy are not insured and have none.

use super::{
    Course, Specialty, Stay, Ward,
    chance::{gauss, part},
    course::Then,
    days::{Day, Month},
    events::{days_within, is_insured},
    numbers::NUMBERS,
    visits::{Visit, Why, visits, window},
};
use crate::{
    dice::{Dice, Stream},
    form::clinical::Disease,
    people::Institution,
    population::Person,
    town::{Facility, Town},
};

/// The kinds of receipts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReceiptKind {
    /// 医科入院外.
    Outpatient,
    /// 調剤.
    Pharmacy,
    /// 歯科.
    Dental,
    /// 医科入院.
    Inpatient,
    /// DPC.
    Dpc,
    /// 歯科入院.
    DentalInpatient,
}

/// One receipt.
#[derive(Clone, Copy, Debug)]
pub struct Receipt<'a> {
    /// The month of treatment.
    pub month: Month,
    /// Its kind.
    pub kind: ReceiptKind,
    /// Who claims; `None` in a town without such a place.
    pub place: Option<&'a Institution>,
    /// The first day of treatment in the month.
    pub first: Day,
    /// 診療実日数.
    pub days: i64,
    /// 主傷病.
    pub disease: Disease,
    /// Total points (10 yen each).
    pub points: i64,
    /// Lines of the details.
    pub lines: i64,
}

/// The receipts of a person for the whole months that the town tells, in order of months.
#[must_use]
pub fn receipts<'a>(town: &'a Town, person: &Person, course: &Course) -> Vec<Receipt<'a>> {
    let (from, to) = window(town, person);
    // A month that is only partly in the window has no receipt: it would lack visits.
    let is_birth = from == Day::from(person.birth);
    let first = if is_birth || from == from.month().first() { from.month() } else { Month(from.month().0 + 1) };
    let today = Day::from(town.today());
    let last = if today == today.month().last() { today.month() } else { Month(today.month().0 - 1) };
    let list = visits(person, course, first.first().max(from), to.min(last.last()));
    of_visits(town, person, course, &list, first, last)
}

/// The receipts that visits and stays from month `first` to `last` lead to.
#[must_use]
pub fn of_visits<'a>(
    town: &'a Town,
    person: &Person,
    course: &Course,
    visits: &[Visit],
    first: Month,
    last: Month,
) -> Vec<Receipt<'a>> {
    let mut claims = Claims { town, person, course, list: Vec::with_capacity(visits.len() * 2) };
    let mut rest = visits;
    let mut month = first;
    while month <= last {
        let end = rest.partition_point(|visit| visit.day <= month.last());
        let (of_month, later) = rest.split_at(end);
        rest = later;
        claims.visited(month, of_month);
        claims.stayed(month);
        month = Month(month.0 + 1);
    }
    claims.list
}

struct Claims<'t, 'c> {
    town: &'t Town,
    person: &'c Person,
    course: &'c Course,
    list: Vec<Receipt<'t>>,
}

impl<'t> Claims<'t, '_> {
    fn visited(&mut self, month: Month, of_month: &[Visit]) {
        if of_month.is_empty() {
            return;
        }
        let mut dice = part(self.town.seed(), self.person.index, Stream::Receipts, month.0.unsigned_abs());
        for at in Specialty::ALL {
            let Some(first) = of_month.iter().find(|visit| visit.at == at) else { continue };
            if at == Specialty::Women {
                continue;
            }
            let days = of_month.iter().filter(|visit| visit.at == at).map(|visit| visit.times).sum();
            let place = self.town.facility_on(self.person, at.facility(), 0, first.day.date());
            let (kind, row) = match at {
                Specialty::Teeth => (ReceiptKind::Dental, 2),
                Specialty::Dialysis => (ReceiptKind::Outpatient, 5),
                _ => (ReceiptKind::Outpatient, 0),
            };
            let disease = principal(self.course, first);
            let (points, lines) = price(&mut dice, row);
            self.list.push(Receipt { month, kind, place, first: first.day, days, disease, points, lines });
            if at != Specialty::Teeth && dice.chance(u32::try_from(NUMBERS.pharmacy).unwrap_or(0)) {
                let place = self.town.facility_on(self.person, Facility::Pharmacy, 0, first.day.date());
                let (points, lines) = price(&mut dice, 1);
                let kind = ReceiptKind::Pharmacy;
                let days = of_month.iter().filter(|visit| visit.at == at).count();
                let days = i64::try_from(days).unwrap_or(1);
                self.list.push(Receipt { month, kind, place, first: first.day, days, disease, points, lines });
            }
        }
    }

    fn stayed(&mut self, month: Month) {
        let (from, to) = (month.first().date(), month.last().date());
        for (number, stay) in self.course.stays.iter().enumerate() {
            if stay.to < from || stay.from > to || !is_insured(stay) {
                continue;
            }
            let key = (1 << 32) | ((number as u64) << 16) ^ month.0.unsigned_abs();
            let mut dice = part(self.town.seed(), self.person.index, Stream::Receipts, key);
            let (kind, row) = match (stay.cause.spec().by, stay.is_dpc) {
                (Specialty::Teeth, _) => (ReceiptKind::DentalInpatient, 3),
                (_, true) => (ReceiptKind::Dpc, 4),
                (_, false) => (ReceiptKind::Inpatient, 3),
            };
            let (points, lines) = price(&mut dice, row);
            self.list.push(Receipt {
                month,
                kind,
                place: hospital(self.town, self.person, stay),
                first: Day::from(stay.from.max(from)),
                days: days_within(stay, from, to),
                disease: stay.reason,
                points,
                lines,
            });
        }
    }
}

/// The hospital of a stay: another one for rehabilitation and for long stays, where the town has several.
#[must_use]
pub fn hospital<'a>(town: &'a Town, person: &Person, stay: &Stay) -> Option<&'a Institution> {
    let salt = match stay.ward {
        Ward::Acute => 0,
        Ward::Rehabilitation => 1,
        Ward::LongTerm => 2,
    };
    town.facility_on(person, Facility::Hospital, salt, stay.from)
}

/// What a visit is mainly for.
#[must_use]
pub fn principal(course: &Course, visit: &Visit) -> Disease {
    if let Why::Acute(what) = visit.why {
        return what.disease;
    }
    let day = visit.day.date();
    let there = course.illnesses.iter().find(|one| one.by == visit.at && one.is_treated_on(day));
    there.map_or(super::Ailment::Complaint.spec().disease, |one| one.disease)
}

/// Points and lines of a receipt by the row of its kind: points are lognormal, by table.
fn price(dice: &mut Dice, row: usize) -> (i64, i64) {
    let [median, spread] = NUMBERS.points[row];
    let z = (gauss(dice) * spread / 1000 + 4000).clamp(0, 7999);
    let low = usize::try_from(z / 200).unwrap_or(0);
    let (from, to) = (NUMBERS.quantiles[low], NUMBERS.quantiles[low + 1]);
    let times = from + (to - from) * (z % 200) / 200;
    let [fewest, most] = NUMBERS.lines[row];
    ((median * times / 1000).max(70), dice.between(fewest, most))
}

/// Whether a stay goes on into another hospital.
#[must_use]
pub const fn is_transferred(stay: &Stay) -> bool {
    matches!(stay.then, Then::Hospital)
}
