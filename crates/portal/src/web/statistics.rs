//! `/statistics`: how objections go, for everybody. Counted once a day, so that nobody sees one case move; small numbers are
//! not told.

use std::sync::Arc;

use jiff::civil::Date;
use maud::Markup;
use tsumugi_access::{CaseKind, CaseVerdict, case::CaseClock};
use tsumugi_kernel::working_day::is_working_day;

use super::{Fault, Site, Visit};
use crate::page;
use crate::view::{Count, MonthRow, Statistics};

/// Months that are told, the present one included.
const MONTHS: usize = 12;
/// Fewer than this are not told.
pub(crate) const LEAST: usize = 10;

/// `GET /statistics`: told to anybody.
pub(crate) async fn page(site: &Site, visit: &Visit) -> Result<Markup, Fault> {
    Ok(page::statistics::page(&*counted(site, visit).await?, &visit.frame(None)))
}

/// The statistics of today, counted at the day's first question.
pub(crate) async fn counted(site: &Site, visit: &Visit) -> Result<Arc<Statistics>, Fault> {
    let today = visit.now.civil().date();
    if let Some(known) = site.statistics().filter(|known| known.counted == today) {
        return Ok(known);
    }
    let mut months = Vec::new();
    let mut month = today.first_of_month();
    for _ in 0..MONTHS {
        let clocks = site.desk().door.case_clocks(month).await?;
        months.extend(CaseKind::ALL.iter().map(|kind| row(month, *kind, &clocks, today)));
        let Ok(before) = month.yesterday() else { break };
        month = before.first_of_month();
    }
    let counted = Arc::new(Statistics { counted: today, months });
    site.keep_statistics(Arc::clone(&counted));
    Ok(counted)
}

fn row(month: Date, kind: CaseKind, clocks: &[CaseClock], today: Date) -> MonthRow {
    let all: Vec<&CaseClock> = clocks.iter().filter(|clock| clock.kind == kind).collect();
    let mut days: Vec<u32> = all.iter().filter_map(|clock| Some(working_days(clock.opened, clock.answered?))).collect();
    days.sort_unstable();
    let late = all.iter().filter(|clock| clock.deadline.is_some_and(|deadline| deadline < today)).count();
    let closed = all.iter().filter(|clock| clock.closed.is_some()).count();
    let found = |verdict| all.iter().filter(|clock| clock.found == Some(verdict)).count();
    let (upheld, not) = (found(CaseVerdict::Unfit), found(CaseVerdict::Fine));
    let enough = upheld >= LEAST && not >= LEAST;
    MonthRow {
        month,
        kind,
        opened: told(all.len(), all.len()),
        answered: told(days.len(), all.len()),
        days: days.get(days.len() / 2).copied().zip(days.last().copied()).filter(|_| days.len() >= LEAST),
        late: told(late, all.len()),
        closed: told(closed, all.len()),
        upheld_percent: enough.then(|| u32::try_from(upheld * 100 / (upheld + not)).unwrap_or(100)),
    }
}

/// A count out of a whole. INVARIANT: neither it nor what the whole leaves of it is a small number that is told: whoever
/// takes one from the other would know it.
fn told(count: usize, whole: usize) -> Count {
    let rest = whole - count.min(whole);
    if count < LEAST || (1..LEAST).contains(&rest) { Count::Few } else { Count::Exactly(count as u64) }
}

/// Working days from one day to another; the first does not count.
fn working_days(from: Date, to: Date) -> u32 {
    let (mut days, mut at) = (0, from);
    while at < to {
        let Ok(next) = at.tomorrow() else { return days };
        at = next;
        days += u32::from(is_working_day(at));
    }
    days
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const TODAY: Date = date(2026, 12, 28);

    fn clock(answered: Option<Date>, found: Option<CaseVerdict>) -> CaseClock {
        CaseClock {
            kind: CaseKind::Objection,
            opened: date(2026, 11, 18),
            answered,
            closed: found.map(|_| date(2026, 12, 1)),
            deadline: found.is_none().then_some(date(2026, 12, 3)),
            found,
        }
    }

    fn counts(clocks: &[CaseClock]) -> MonthRow {
        row(date(2026, 11, 1), CaseKind::Objection, clocks, TODAY)
    }

    #[test]
    fn small_numbers_are_not_told_nor_what_they_would_leave() {
        let few = counts(&vec![clock(None, None); 9]);
        let none = counts(&[]);
        assert_eq!((few.opened, few.late), (Count::Few, Count::Few));
        assert_eq!(few, none, "nine and none are one to whoever reads");
        // Of twelve, eleven answered: the one that was not would be known.
        let mut clocks = vec![clock(Some(date(2026, 11, 20)), Some(CaseVerdict::Fine)); 11];
        clocks.push(clock(None, None));
        let most = counts(&clocks);
        assert_eq!(
            (most.opened, most.answered, most.closed, most.late),
            (Count::Exactly(12), Count::Few, Count::Few, Count::Few)
        );
        assert_eq!(most.upheld_percent, None, "all alike would tell of each");
    }

    #[test]
    fn days_are_working_days_and_shares_need_both_sides() {
        // Friday to Tuesday over a holiday on Monday is one working day.
        assert_eq!((working_days(date(2026, 11, 20), date(2026, 11, 24)), working_days(TODAY, TODAY)), (1, 0));
        let mut clocks = vec![clock(Some(date(2026, 11, 19)), Some(CaseVerdict::Fine)); 15];
        clocks.extend(vec![clock(Some(date(2026, 12, 2)), Some(CaseVerdict::Unfit)); 10]);
        let row = counts(&clocks);
        assert_eq!(
            (row.opened, row.answered, row.closed),
            (Count::Exactly(25), Count::Exactly(25), Count::Exactly(25))
        );
        assert_eq!((row.days, row.upheld_percent), (Some((1, 9)), Some(40)));
        assert_eq!(counts(&clocks[..16]).upheld_percent, None);
    }
}
