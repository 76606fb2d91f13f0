//! Days as whole numbers, and Japan's calendar of working days.
//!
//! A life has tens of thousands of days and a town many lives, so days are counted here and made into dates only where
//! they leave the chapter. Civil days by Howard Hinnant's `days_from_civil` (public domain description).

use jiff::civil::Date;

/// A day: days since 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Day(pub i64);

impl From<Date> for Day {
    fn from(date: Date) -> Self {
        Self::civil(i64::from(date.year()), i64::from(date.month()), i64::from(date.day()))
    }
}

impl Day {
    /// The day of a year, month and day.
    #[must_use]
    pub const fn civil(year: i64, month: i64, day: i64) -> Self {
        let year = if month <= 2 { year - 1 } else { year };
        let era = year.div_euclid(400);
        let of_era = year - era * 400;
        let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        Self(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468)
    }

    /// Year, month and day.
    #[must_use]
    pub const fn parts(self) -> (i64, i64, i64) {
        let days = self.0 + 719_468;
        let era = days.div_euclid(146_097);
        let of_era = days - era * 146_097;
        let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted = (5 * of_year + 2) / 153;
        let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
        let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
        (year, month, of_year - (153 * shifted + 2) / 5 + 1)
    }

    /// As a date; the calendar's last when it lies beyond.
    #[must_use]
    pub fn date(self) -> Date {
        let (year, month, day) = self.parts();
        let (Ok(year), Ok(month), Ok(day)) = (i16::try_from(year), i8::try_from(month), i8::try_from(day)) else {
            return Date::MAX;
        };
        Date::new(year, month, day).unwrap_or(Date::MAX)
    }

    /// Monday is 0.
    #[must_use]
    pub const fn weekday(self) -> i64 {
        (self.0 + 3).rem_euclid(7)
    }

    /// The month, counted from January of year 0.
    #[must_use]
    pub const fn month(self) -> Month {
        let (year, month, _) = self.parts();
        Month(year * 12 + month - 1)
    }

    /// Whether clinics are closed: Sundays, holidays, and the days around New Year.
    #[must_use]
    pub fn is_closed(self) -> bool {
        let (_, month, day) = self.parts();
        self.weekday() == 6 || matches!((month, day), (12, 30 | 31) | (1, 1..=3)) || self.is_holiday()
    }

    /// The first day from this one on that is open.
    #[must_use]
    pub fn opened(self) -> Self {
        let mut day = self;
        while day.is_closed() {
            day.0 += 1;
        }
        day
    }

    /// Whether it is a holiday by the law of 1948 as it stands since 2020 (国民の祝日に関する法律), substitutes included.
    #[must_use]
    pub fn is_holiday(self) -> bool {
        if self.named() {
            return true;
        }
        // A holiday on a Sunday moves to the next day that is none; a day between two holidays is one.
        let mut before = Self(self.0 - 1);
        while before.named() {
            if before.weekday() == 6 {
                return true;
            }
            before.0 -= 1;
        }
        self.weekday() != 6 && Self(self.0 - 1).named() && Self(self.0 + 1).named()
    }

    fn named(self) -> bool {
        let (year, month, day) = self.parts();
        let nth_monday = |nth: i64| self.weekday() == 0 && (day - 1) / 7 + 1 == nth;
        match month {
            1 => day == 1 || nth_monday(2),
            2 => day == 11 || day == 23,
            3 => day == equinox(year, 208_431),
            4 => day == 29,
            5 => (3..=5).contains(&day),
            7 => nth_monday(3),
            8 => day == 11,
            9 => nth_monday(3) || day == equinox(year, 232_488),
            10 => nth_monday(2),
            11 => day == 3 || day == 23,
            _ => false,
        }
    }
}

/// The day of an equinox from 1980 to 2099 (the usual formula of calendars; `base` in ten-thousandths of a day).
const fn equinox(year: i64, base: i64) -> i64 {
    (base + 2422 * (year - 1980)) / 10_000 - (year - 1980).div_euclid(4)
}

/// A month, counted from January of year 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(pub i64);

impl Month {
    /// Its first day.
    #[must_use]
    pub const fn first(self) -> Day {
        Day::civil(self.0.div_euclid(12), self.0.rem_euclid(12) + 1, 1)
    }

    /// Its last day.
    #[must_use]
    pub const fn last(self) -> Day {
        Day(Self(self.0 + 1).first().0 - 1)
    }

    /// January is 0.
    #[must_use]
    pub fn of_year(self) -> usize {
        usize::try_from(self.0.rem_euclid(12)).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        let mut day = date(1890, 1, 1);
        while day.year() < 2060 {
            let own = Day::from(day);
            assert_eq!(own.date(), day);
            assert_eq!(own.weekday(), i64::from(day.weekday().to_monday_zero_offset()), "{day}");
            assert!(own.month().first() <= own && own <= own.month().last());
            day = day.checked_add(jiff::Span::new().days(17)).unwrap();
        }
    }

    /// The holidays that the Cabinet Office has published for 2024 and 2026.
    #[test]
    fn holidays_are_the_published_ones() {
        let published = [
            (
                2024,
                "0101 0108 0211 0212 0223 0320 0429 0503 0504 0505 0506 0715 0811 0812 0916 0922 0923 1014 1103 1104 1123",
            ),
            (2026, "0101 0112 0211 0223 0320 0429 0503 0504 0505 0506 0720 0811 0921 0922 0923 1012 1103 1123"),
        ];
        for (year, list) in published {
            let first = Day::civil(year, 1, 1);
            let found: Vec<String> = (first.0..Day::civil(year + 1, 1, 1).0)
                .map(Day)
                .filter(|day| day.is_holiday())
                .map(|day| format!("{:02}{:02}", day.parts().1, day.parts().2))
                .collect();
            assert_eq!(found.join(" "), list, "{year}");
        }
        assert!(Day::civil(2026, 11, 22).is_closed() && !Day::civil(2026, 11, 24).is_closed());
        assert_eq!(Day::civil(2026, 5, 2 + 1).opened(), Day::civil(2026, 5, 7));
    }
}
