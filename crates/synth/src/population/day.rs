//! Days as whole numbers, so that lives are planned by adding and comparing (and cheaply).

use jiff::civil::Date;

/// Days since 1970-01-01.
pub type Day = i32;

/// Later than any day of the town.
pub const NEVER: Day = Day::MAX / 2;

/// A year, when a day more or less does not matter.
pub const YEAR: Day = 365;

/// The day of a date (H. Hinnant, *`chrono`-compatible low-level date algorithms*, `days_from_civil`).
#[must_use]
pub fn day(date: Date) -> Day {
    day_of(i32::from(date.year()), i32::from(date.month()), i32::from(date.day()))
}

/// The day of a year, month and day of the month.
#[must_use]
pub const fn day_of(year: i32, month: i32, day: i32) -> Day {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Year, month and day of the month of a day (`civil_from_days`).
#[must_use]
pub const fn civil(day: Day) -> (i32, i32, i32) {
    let shifted = day + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, of_year - (153 * shifted_month + 2) / 5 + 1)
}

/// The date of a day.
#[must_use]
pub fn date(day: Day) -> Date {
    let (year, month, of_month) = civil(day);
    let small = |number: i32| i8::try_from(number).unwrap_or(1);
    // A day of the town lies in the calendar; the first of all days is never given.
    Date::new(i16::try_from(year).unwrap_or(1), small(month), small(of_month)).unwrap_or(Date::MIN)
}

/// The birthday on which somebody born on `birth` becomes `years` old; 29 February falls on 1 March.
#[must_use]
pub const fn birthday(birth: Day, years: i32) -> Day {
    let (year, month, of_month) = civil(birth);
    day_of(year + years, month, of_month)
}

/// Full years on `on` of somebody born on `birth`.
#[must_use]
pub const fn age(birth: Day, on: Day) -> i32 {
    let (born_year, born_month, born_day) = civil(birth);
    let (year, month, of_month) = civil(on);
    let before = month < born_month || (month == born_month && of_month < born_day);
    year - born_year - if before { 1 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_dates_are_those_of_the_calendar() {
        for (text, expected) in [("1970-01-01", 0), ("2000-02-29", 11_016), ("1926-12-25", -15_713)] {
            let known: Date = text.parse().unwrap();
            assert_eq!(day(known), expected, "{text}");
            assert_eq!(date(expected), known);
        }
        for number in (-30_000..25_000).step_by(13) {
            assert_eq!(day(date(number)), number);
        }
        let born = day_of(2000, 2, 29);
        assert_eq!(date(birthday(born, 1)), "2001-03-01".parse().unwrap());
        assert_eq!((age(born, day_of(2026, 2, 28)), age(born, day_of(2026, 3, 1))), (25, 26));
    }
}
