//! FHIR's dates as spans of time.
//!
//! A date of less than full precision is the whole span that it may mean: `2026` is the year, `2026-11-22` the day. A
//! date or time without a zone is Japan's (UTC+9, no summer time).

/// Milliseconds of a day.
pub const DAY: i64 = 86_400_000;
/// Japan's offset from UTC in milliseconds.
pub const JAPAN: i64 = 9 * 3_600_000;

/// A span of time `[from, to)` in milliseconds since 1970-01-01T00:00:00Z. `i64::MIN` and `i64::MAX` are open ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Span {
    /// First millisecond.
    pub from: i64,
    /// Millisecond after the last.
    pub to: i64,
}

impl Span {
    /// Reads a FHIR `date`, `dateTime` or `instant`: `YYYY[-MM[-DD[Thh:mm[:ss[.f…]][Z|±hh:mm]]]]`.
    /// `None` for anything else, also for days that the calendar does not have.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let year = digits(bytes, 0, 4).filter(|year| *year >= 1)?;
        if bytes.len() == 4 {
            return Some(Self { from: civil(year, 1, 1), to: civil(year + 1, 1, 1) });
        }
        let month =
            after(bytes, 4, b'-').and_then(|at| digits(bytes, at, 2)).filter(|month| (1..=12).contains(month))?;
        if bytes.len() == 7 {
            let (next_year, next_month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
            return Some(Self { from: civil(year, month, 1), to: civil(next_year, next_month, 1) });
        }
        let day = after(bytes, 7, b'-').and_then(|at| digits(bytes, at, 2))?;
        if !(1..=days_in(year, month)).contains(&day) {
            return None;
        }
        let start = civil(year, month, day);
        if bytes.len() == 10 {
            return Some(Self { from: start, to: start + DAY });
        }
        Self::time(bytes, start)
    }

    /// Reads what follows the day; `start` is Japan's midnight of that day.
    fn time(bytes: &[u8], start: i64) -> Option<Self> {
        let hour = after(bytes, 10, b'T').and_then(|at| digits(bytes, at, 2)).filter(|hour| *hour < 24)?;
        let minute = after(bytes, 13, b':').and_then(|at| digits(bytes, at, 2)).filter(|minute| *minute < 60)?;
        let mut from = start + hour * 3_600_000 + minute * 60_000;
        let mut width = 60_000;
        let mut at = 16;
        if bytes.get(at) == Some(&b':') {
            // FHIR allows the leap second 60.
            from += digits(bytes, 17, 2).filter(|second| *second <= 60)? * 1_000;
            width = 1_000;
            at = 19;
            if bytes.get(at) == Some(&b'.') {
                let fraction = bytes[at + 1..].iter().take_while(|b| b.is_ascii_digit()).count();
                if fraction == 0 {
                    return None;
                }
                let place = |index: usize| if index < fraction { i64::from(bytes[at + 1 + index] - b'0') } else { 0 };
                from += place(0) * 100 + place(1) * 10 + place(2);
                width = match fraction {
                    1 => 100,
                    2 => 10,
                    _ => 1,
                };
                at += 1 + fraction;
            }
        }
        from += zone(bytes.get(at..)?)?;
        Some(Self { from, to: from + width })
    }

    /// The day in Japan's calendar on which the span starts, in days since 1970-01-01.
    #[must_use]
    pub fn day(self) -> Option<i32> {
        (self.from != i64::MIN)
            .then(|| (self.from.saturating_add(JAPAN)).div_euclid(DAY))
            .and_then(|day| i32::try_from(day).ok())
    }
}

/// What to add to a time read as Japan's so that it is the zone's.
fn zone(bytes: &[u8]) -> Option<i64> {
    match bytes {
        [] => Some(0),
        [b'Z'] => Some(JAPAN),
        [sign @ (b'+' | b'-'), _, _, b':', _, _] => {
            let (hour, minute) = (digits(bytes, 1, 2)?, digits(bytes, 4, 2)?);
            if hour > 14 || minute > 59 || (hour == 14 && minute > 0) {
                return None;
            }
            let offset = hour * 3_600_000 + minute * 60_000;
            Some(JAPAN - if *sign == b'-' { -offset } else { offset })
        }
        _ => None,
    }
}

fn after(bytes: &[u8], at: usize, mark: u8) -> Option<usize> {
    (bytes.get(at) == Some(&mark)).then_some(at + 1)
}

fn digits(bytes: &[u8], at: usize, count: usize) -> Option<i64> {
    let digits = bytes.get(at..at + count)?;
    digits
        .iter()
        .all(u8::is_ascii_digit)
        .then(|| digits.iter().fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0')))
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Milliseconds at which a day starts in Japan. The day of a year that begins in March is `(153 m + 2) / 5`, so that
/// the leap day is the year's last.
fn civil(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leaps = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    // 719,468 days lie between 0000-03-01 and 1970-01-01.
    let days = year * 365 + leaps + (153 * month + 2) / 5 + day - 1 - 719_468;
    days * DAY - JAPAN
}

#[cfg(test)]
mod tests {
    use super::*;

    fn millis(text: &str) -> i64 {
        text.parse::<jiff::Timestamp>().expect("a timestamp").as_millisecond()
    }

    #[test]
    fn less_precision_is_a_longer_span_in_japans_time() {
        let cases = [
            ("2026", "2025-12-31T15:00:00Z", "2026-12-31T15:00:00Z"),
            ("2024-02", "2024-01-31T15:00:00Z", "2024-02-29T15:00:00Z"),
            ("2026-12", "2026-11-30T15:00:00Z", "2026-12-31T15:00:00Z"),
            ("2026-11-22", "2026-11-21T15:00:00Z", "2026-11-22T15:00:00Z"),
            ("2026-11-22T09:30", "2026-11-22T00:30:00Z", "2026-11-22T00:31:00Z"),
            ("2026-11-22T09:30:15", "2026-11-22T00:30:15Z", "2026-11-22T00:30:16Z"),
            ("2026-11-22T09:30:15Z", "2026-11-22T09:30:15Z", "2026-11-22T09:30:16Z"),
            ("2026-11-22T09:30:15+09:00", "2026-11-22T00:30:15Z", "2026-11-22T00:30:16Z"),
            ("2026-11-22T09:30:15.5-05:30", "2026-11-22T15:00:15.5Z", "2026-11-22T15:00:15.6Z"),
            ("2026-11-22T09:30:15.1239Z", "2026-11-22T09:30:15.123Z", "2026-11-22T09:30:15.124Z"),
        ];
        for (text, from, to) in cases {
            assert_eq!(Span::parse(text), Some(Span { from: millis(from), to: millis(to) }), "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "",
            "26",
            "2026-13",
            "2026-00",
            "2026-02-29",
            "2026-02-30",
            "2026-4-1",
            "2026/04/01",
            "0000",
            "2026-11-22T",
            "2026-11-22T24:00:00Z",
            "2026-11-22T09:60:00Z",
            "2026-11-22T09:00:61Z",
            "2026-11-22T09:00:00.Z",
            "2026-11-22T09:00:00+9:00",
            "2026-11-22T09:00:00+15:00",
            "2026-11-22 09:00:00",
            "２０２６",
            "2026-11-22T09:00:00ZZ",
            "2026-11-22T09Z",
            "+2026",
        ] {
            assert_eq!(Span::parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_day_is_japans() {
        let day = |text: &str| Span::parse(text).and_then(Span::day);
        assert_eq!(day("1970-01-01"), Some(0));
        assert_eq!(day("1969-12-31"), Some(-1));
        assert_eq!(day("1970-01-01T14:59:59Z"), Some(0));
        assert_eq!(day("1970-01-01T15:00:00Z"), Some(1));
        assert_eq!(day("2026"), day("2026-01-01"));
    }

    proptest::proptest! {
        #[test]
        fn the_calendar_agrees_with_jiff(year in 1i16..=9998, month in 1i8..=12, day in 1i8..=31) {
            let text = format!("{year:04}-{month:02}-{day:02}");
            let expected = jiff::civil::Date::new(year, month, day).ok().map(|date| {
                let zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(9));
                date.to_zoned(zone).expect("in range").timestamp().as_millisecond()
            });
            proptest::prop_assert_eq!(Span::parse(&text).map(|span| span.from), expected);
        }
    }
}
