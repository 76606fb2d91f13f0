//! Dates and times that keep the precision that they were written with.
//!
//! One struct serves Date, DateTime and Time; a Time stands on year 0 without date. A comparison looks at the span of
//! moments that each side may mean: spans apart are ordered, spans that overlap at different precision are not
//! (FHIRPath N1 6.2, "if the precision differs, the result is empty"). A date-time without an offset beside one with an
//! offset may stand anywhere between UTC-12 and UTC+14.
//!
//! What must hold: a [`Temporal`] exists only for a date and time that there is; nothing here reads a clock.

use std::cmp::Ordering;
use std::fmt::Write as _;

/// The finest part that was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Precision {
    /// Year.
    Year,
    /// Month.
    Month,
    /// Day.
    Day,
    /// Hour.
    Hour,
    /// Minute.
    Minute,
    /// Second, with or without a fraction: FHIRPath treats both as one precision.
    Second,
}

/// A date, date-time or time with its precision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Temporal {
    pub(crate) year: u16,
    pub(crate) month: u8,
    pub(crate) day: u8,
    pub(crate) hour: u8,
    pub(crate) minute: u8,
    pub(crate) second: u8,
    /// Digits of the fraction that were written, at most nine kept.
    pub(crate) digits: u8,
    pub(crate) nanos: u32,
    /// Minutes east of UTC, where written.
    pub(crate) offset: Option<i16>,
    pub(crate) precision: Precision,
}

/// Seconds of the earliest and latest moment, each with nanoseconds.
type Span = ((i64, u32), (i64, u32));

const DAY_SECONDS: i64 = 86_400;

impl Temporal {
    pub(crate) const ZERO: Self = Self {
        year: 0,
        month: 1,
        day: 1,
        hour: 0,
        minute: 0,
        second: 0,
        digits: 0,
        nanos: 0,
        offset: None,
        precision: Precision::Year,
    };

    /// The finest part that was written.
    #[must_use]
    pub fn precision(&self) -> Precision {
        self.precision
    }

    /// Reads a date (`2015`, `2015-02`, `2015-02-04`) from the start of `text`: the date and its bytes.
    pub(crate) fn scan_date(text: &[u8]) -> Option<(Self, usize)> {
        let mut date = Self { year: u16::try_from(digits(text, 0, 4)?).ok()?, ..Self::ZERO };
        if date.year == 0 {
            return None;
        }
        let mut at = 4;
        if let Some(month) = part(text, at, b'-') {
            (date.month, date.precision, at) = (month, Precision::Month, at + 3);
            if let Some(day) = part(text, at, b'-') {
                (date.day, date.precision, at) = (day, Precision::Day, at + 3);
            }
        }
        let real = (1..=12).contains(&date.month) && date.day >= 1 && date.day <= days_in(date.year, date.month);
        real.then_some((date, at))
    }

    /// Reads a time (`14`, `14:34`, `14:34:28.123`) from the start of `text`: the time and its bytes.
    pub(crate) fn scan_time(text: &[u8]) -> Option<(Self, usize)> {
        let mut time = Self { precision: Precision::Hour, ..Self::ZERO };
        time.hour = u8::try_from(digits(text, 0, 2)?).ok()?;
        let mut at = 2;
        if let Some(minute) = part(text, at, b':') {
            (time.minute, time.precision, at) = (minute, Precision::Minute, at + 3);
            if let Some(second) = part(text, at, b':') {
                (time.second, time.precision, at) = (second, Precision::Second, at + 3);
                at += time.scan_fraction(text.get(at..).unwrap_or_default());
            }
        }
        // A leap second is written as 60 (FHIR's `instant` allows it).
        (time.hour < 24 && time.minute < 60 && time.second <= 60).then_some((time, at))
    }

    fn scan_fraction(&mut self, text: &[u8]) -> usize {
        if text.first() != Some(&b'.') {
            return 0;
        }
        let count = text[1..].iter().take_while(|b| b.is_ascii_digit()).count();
        if count == 0 {
            return 0;
        }
        let mut scale = 100_000_000;
        for digit in &text[1..=count.min(9)] {
            self.nanos += u32::from(digit - b'0') * scale;
            scale /= 10;
        }
        self.digits = u8::try_from(count.min(9)).unwrap_or(9);
        count + 1
    }

    /// Reads what may follow a date in a date-time: `T`, a time and an offset, each only with those before it.
    pub(crate) fn scan_rest(self, text: &[u8]) -> Option<(Self, usize)> {
        if text.first() != Some(&b'T') {
            return Some((self, 0));
        }
        if self.precision != Precision::Day || !text.get(1).is_some_and(u8::is_ascii_digit) {
            return Some((self, 1));
        }
        let (time, length) = Self::scan_time(&text[1..])?;
        let mut all = Self { year: self.year, month: self.month, day: self.day, ..time };
        let (offset, more) = scan_offset(text.get(length + 1..).unwrap_or_default())?;
        all.offset = offset;
        Some((all, length + 1 + more))
    }

    /// A whole text as a date.
    #[must_use]
    pub fn date(text: &str) -> Option<Self> {
        Self::scan_date(text.as_bytes()).and_then(|(date, length)| (length == text.len()).then_some(date))
    }

    /// A whole text as a date-time; a date is one too.
    #[must_use]
    pub fn date_time(text: &str) -> Option<Self> {
        let (date, length) = Self::scan_date(text.as_bytes())?;
        let (all, more) = date.scan_rest(&text.as_bytes()[length..])?;
        (length + more == text.len()).then_some(all)
    }

    /// A whole text as a time.
    #[must_use]
    pub fn time(text: &str) -> Option<Self> {
        Self::scan_time(text.as_bytes()).and_then(|(time, length)| (length == text.len()).then_some(time))
    }

    /// Days since 1970-01-01 of the date part (proleptic Gregorian calendar).
    fn days(&self) -> i64 {
        days_from_civil(i64::from(self.year), i64::from(self.month), i64::from(self.day))
    }

    /// The moments that the value may mean, as if written in UTC.
    fn span(&self) -> Span {
        let start = self.days() * DAY_SECONDS
            + i64::from(self.hour) * 3600
            + i64::from(self.minute) * 60
            + i64::from(self.second)
            - i64::from(self.offset.unwrap_or(0)) * 60;
        let length = match self.precision {
            Precision::Year => {
                (days_from_civil(i64::from(self.year) + 1, 1, 1) - days_from_civil(i64::from(self.year), 1, 1))
                    * DAY_SECONDS
            }
            Precision::Month => i64::from(days_in(self.year, self.month)) * DAY_SECONDS,
            Precision::Day => DAY_SECONDS,
            Precision::Hour => 3600,
            Precision::Minute => 60,
            Precision::Second => return ((start, self.nanos), (start, self.nanos)),
        };
        ((start, 0), (start + length - 1, 999_999_999))
    }

    /// Which comes first; `None` where the precision of the two does not tell.
    #[must_use]
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        let ((mut a_low, mut a_high), (mut b_low, mut b_high)) = (self.span(), other.span());
        match (self.offset, other.offset) {
            (Some(_), None) => widen(&mut b_low, &mut b_high),
            (None, Some(_)) => widen(&mut a_low, &mut a_high),
            _ if self.precision == other.precision => return Some(a_low.cmp(&b_low)),
            _ => {}
        }
        if a_high < b_low {
            Some(Ordering::Less)
        } else if a_low > b_high {
            Some(Ordering::Greater)
        } else {
            None
        }
    }

    /// Whether both are the same with the same precision (equivalence never answers "unknown").
    #[must_use]
    pub fn is_equivalent(&self, other: &Self) -> bool {
        self.precision == other.precision
            && self.offset.is_some() == other.offset.is_some()
            && self.compare(other) == Some(Ordering::Equal)
    }

    /// The value as FHIRPath's `toString()` writes a date or date-time.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = format!("{:04}", self.year);
        if self.precision >= Precision::Month {
            let _ = write!(text, "-{:02}", self.month);
        }
        if self.precision >= Precision::Day {
            let _ = write!(text, "-{:02}", self.day);
        }
        if self.precision >= Precision::Hour {
            text.push('T');
            text.push_str(&self.to_time_text());
        }
        match self.offset {
            None => {}
            Some(0) => text.push('Z'),
            Some(minutes) => {
                let sign = if minutes < 0 { '-' } else { '+' };
                let _ = write!(text, "{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60);
            }
        }
        text
    }

    /// The value as FHIRPath's `toString()` writes a time.
    #[must_use]
    pub fn to_time_text(&self) -> String {
        let mut text = format!("{:02}", self.hour);
        if self.precision >= Precision::Minute {
            let _ = write!(text, ":{:02}", self.minute);
        }
        if self.precision >= Precision::Second {
            let _ = write!(text, ":{:02}", self.second);
        }
        if self.digits > 0 {
            let fraction = format!("{:09}", self.nanos);
            let _ = write!(text, ".{}", &fraction[..usize::from(self.digits)]);
        }
        text
    }
}

/// Minutes east of UTC (`Z`, `+09:00`) at the start of `text`, and the bytes taken; `None` for one that cannot be.
fn scan_offset(text: &[u8]) -> Option<(Option<i16>, usize)> {
    let sign = match text.first() {
        Some(b'Z') => return Some((Some(0), 1)),
        Some(b'+') => 1,
        Some(b'-') => -1,
        _ => return Some((None, 0)),
    };
    let (Some(hours), Some(minutes)) = (digits(text, 1, 2), part(text, 3, b':')) else { return Some((None, 0)) };
    let hours = i16::try_from(hours).ok()?;
    (hours <= 14 && minutes < 60).then_some((Some(sign * (hours * 60 + i16::from(minutes))), 6))
}

fn widen(low: &mut (i64, u32), high: &mut (i64, u32)) {
    low.0 -= 14 * 3600;
    high.0 += 12 * 3600;
}

fn digits(text: &[u8], at: usize, count: usize) -> Option<u32> {
    let mut number = 0;
    for byte in text.get(at..at + count)? {
        if !byte.is_ascii_digit() {
            return None;
        }
        number = number * 10 + u32::from(byte - b'0');
    }
    Some(number)
}

/// Two digits after `mark`.
fn part(text: &[u8], at: usize, mark: u8) -> Option<u8> {
    (text.get(at) == Some(&mark)).then(|| digits(text, at + 1, 2)).flatten().and_then(|n| u8::try_from(n).ok())
}

/// Days in a month.
pub(crate) fn days_in(year: u16, month: u8) -> u8 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01, counting years from March so that the leap day is a year's last (proleptic Gregorian).
pub(crate) fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year - era * 400;
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Year, month and day of a number of days since 1970-01-01; `None` outside years 1 to 9999.
pub(crate) fn civil_from_days(days: i64) -> Option<(u16, u8, u8)> {
    let days = days.checked_add(719_468)?;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    if !(1..=9999).contains(&year) {
        return None;
    }
    Some((u16::try_from(year).ok()?, u8::try_from(month).ok()?, u8::try_from(day).ok()?))
}
