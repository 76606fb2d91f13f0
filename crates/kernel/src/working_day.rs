//! Working days of a public body in Japan, for deadlines.
//!
//! Source: 行政機関の休日に関する法律 (law 91 of 1988), article 1: Saturdays and Sundays, the holidays of
//! 国民の祝日に関する法律, and 29 December to 3 January are no working days. The holidays stand in `data/holidays.txt`.

use std::{collections::HashMap, sync::LazyLock};

use jiff::civil::{Date, Weekday};

/// The holidays by day.
static HOLIDAYS: LazyLock<HashMap<Date, &'static str>> = LazyLock::new(|| {
    let lines = include_str!("../data/holidays.txt").lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once(' ')).filter_map(|(day, name)| Some((day.parse().ok()?, name))).collect()
});

/// The name of the holiday, if the day is one. Known for 2025 to 2028; outside these years no day is a holiday.
#[must_use]
pub fn holiday(day: Date) -> Option<&'static str> {
    HOLIDAYS.get(&day).copied()
}

/// Whether a public body works on this day.
#[must_use]
pub fn is_working_day(day: Date) -> bool {
    let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
    let turn_of_the_year = matches!((day.month(), day.day()), (12, 29..) | (1, ..=3));
    !weekend && !turn_of_the_year && holiday(day).is_none()
}

/// The `days`-th working day after `day`, which itself does not count (初日不算入, Civil Code article 140). Where the
/// holidays are not known the result is early rather than late. At the end of the calendar it is the last day.
#[must_use]
pub fn working_days_after(day: Date, days: u32) -> Date {
    let (mut at, mut left) = (day, days);
    while left > 0 {
        let Ok(next) = at.tomorrow() else { return at };
        at = next;
        if is_working_day(at) {
            left -= 1;
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn every_line_is_read_and_the_law_is_kept() {
        let text = include_str!("../data/holidays.txt");
        assert_eq!(HOLIDAYS.len(), text.lines().filter(|line| !line.starts_with('#')).count());
        for year in 2025..=2028 {
            assert!(HOLIDAYS.keys().filter(|day| day.year() == year).count() >= 16, "{year}");
        }
        for (&day, &name) in HOLIDAYS.iter() {
            // Article 3(2): a holiday on a Sunday moves to the next day that is none.
            if day.weekday() == Weekday::Sunday {
                let mut next = day.tomorrow().unwrap();
                while holiday(next).is_some_and(|name| name != "振替休日") {
                    next = next.tomorrow().unwrap();
                }
                assert_eq!(holiday(next), Some("振替休日"), "{day}");
            }
            // Article 2: four holidays stand on Mondays.
            if ["成人の日", "海の日", "敬老の日", "スポーツの日"].contains(&name) {
                assert_eq!(day.weekday(), Weekday::Monday, "{day}");
            }
            // Article 3(3): a weekday between two holidays is one.
            let between = day.tomorrow().unwrap();
            if holiday(between.tomorrow().unwrap()).is_some() && between.weekday() != Weekday::Sunday {
                assert!(holiday(between).is_some(), "{between}");
            }
        }
    }

    #[test]
    fn deadlines_pass_over_days_without_work() {
        for (from, days, to) in [
            // A Friday before a holiday on Monday.
            (date(2026, 11, 20), 1, date(2026, 11, 24)),
            (date(2026, 11, 20), 5, date(2026, 11, 30)),
            // Golden Week with a moved holiday.
            (date(2026, 5, 1), 1, date(2026, 5, 7)),
            // Silver Week with a day between two holidays.
            (date(2026, 9, 18), 1, date(2026, 9, 24)),
            // The turn of the year, and a holiday on a Monday after it.
            (date(2026, 12, 28), 1, date(2027, 1, 4)),
            (date(2026, 12, 28), 5, date(2027, 1, 8)),
            // From a day without work.
            (date(2026, 11, 21), 1, date(2026, 11, 24)),
            (date(2026, 11, 20), 0, date(2026, 11, 20)),
        ] {
            assert_eq!(working_days_after(from, days), to, "{from} + {days}");
        }
        assert_eq!(working_days_after(Date::MAX, 3), Date::MAX);
    }
}
