//! Adding durations to dates, and the first and last moment that a partial date may mean.

use rust_decimal::{Decimal, prelude::ToPrimitive};

use super::quantity::Calendar;
use super::temporal::{Precision, Temporal, civil_from_days, days_from_civil, days_in};

/// What sort of temporal value it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sort {
    /// A date.
    Date,
    /// A date with a time.
    DateTime,
    /// A time of day.
    Time,
}

const DAY_NANOS: i128 = 86_400_000_000_000;

impl Temporal {
    /// The value moved by `amount` units, at its own precision; `None` outside years 1 to 9999.
    ///
    /// Fractions count for seconds and below only. A unit finer than the value's precision is first turned into whole
    /// units of that precision: 24 months after 2014 is 2016, 25 hours after a day is the next day.
    pub(crate) fn plus(self, amount: Decimal, unit: Calendar, sort: Sort) -> Option<Self> {
        if sort == Sort::Time && unit <= Calendar::Day {
            return None;
        }
        let whole = amount.trunc().to_i64()?;
        match unit {
            Calendar::Year => self.plus_months(whole.checked_mul(12)?),
            Calendar::Month => self.plus_months(whole),
            Calendar::Week => self.plus_days(whole.checked_mul(7)?),
            Calendar::Day => self.plus_days(whole),
            Calendar::Hour => self.plus_nanos(i128::from(whole) * 3_600_000_000_000, sort),
            Calendar::Minute => self.plus_nanos(i128::from(whole) * 60_000_000_000, sort),
            Calendar::Second => self.plus_nanos(nanos(amount, 1_000_000_000)?, sort),
            Calendar::Millisecond => self.plus_nanos(nanos(amount, 1_000_000)?, sort),
        }
    }

    fn plus_months(mut self, months: i64) -> Option<Self> {
        let months = if self.precision == Precision::Year { months / 12 * 12 } else { months };
        let total = (i64::from(self.year) * 12 + i64::from(self.month) - 1).checked_add(months)?;
        let year = total.div_euclid(12);
        if !(1..=9999).contains(&year) {
            return None;
        }
        self.year = u16::try_from(year).ok()?;
        self.month = u8::try_from(total.rem_euclid(12) + 1).ok()?;
        self.day = self.day.min(days_in(self.year, self.month));
        Some(self)
    }

    fn plus_days(mut self, days: i64) -> Option<Self> {
        match self.precision {
            Precision::Year => return self.plus_months((days / 365).checked_mul(12)?),
            Precision::Month => return self.plus_months(days / 30),
            _ => {}
        }
        let start = days_from_civil(i64::from(self.year), i64::from(self.month), i64::from(self.day));
        (self.year, self.month, self.day) = civil_from_days(start.checked_add(days)?)?;
        Some(self)
    }

    fn plus_nanos(mut self, nanos: i128, sort: Sort) -> Option<Self> {
        if self.precision <= Precision::Day {
            return self.plus_days(i64::try_from(nanos / DAY_NANOS).ok()?);
        }
        let step = match self.precision {
            Precision::Hour => 3_600_000_000_000,
            Precision::Minute => 60_000_000_000,
            _ => 1,
        };
        let seconds = i64::from(self.hour) * 3600 + i64::from(self.minute) * 60 + i64::from(self.second);
        let total = i128::from(seconds) * 1_000_000_000 + i128::from(self.nanos) + nanos / step * step;
        let of_day = total.rem_euclid(DAY_NANOS);
        if sort != Sort::Time {
            self = self.plus_days(i64::try_from(total.div_euclid(DAY_NANOS)).ok()?)?;
        }
        let seconds = u32::try_from(of_day / 1_000_000_000).ok()?;
        self.nanos = u32::try_from(of_day % 1_000_000_000).ok()?;
        self.hour = u8::try_from(seconds / 3600).ok()?;
        self.minute = u8::try_from(seconds / 60 % 60).ok()?;
        self.second = u8::try_from(seconds % 60).ok()?;
        if self.nanos != 0 && self.digits < 3 {
            self.digits = 3;
        }
        Some(self)
    }

    /// Digits of the value: 4 for a year, 6, 8, 10 (hour), 12, 14, 17; of a time 2, 4, 6, 9.
    pub(crate) fn digits_written(&self, sort: Sort) -> i32 {
        let all = match self.precision {
            Precision::Year => 4,
            Precision::Month => 6,
            Precision::Day => 8,
            Precision::Hour => 10,
            Precision::Minute => 12,
            Precision::Second if self.digits == 0 => 14,
            Precision::Second => 17,
        };
        if sort == Sort::Time { all - 8 } else { all }
    }

    /// The first or last moment that the value may mean, written with `digits`; `None` for digits that the sort has not.
    pub(crate) fn boundary(self, digits: Option<i32>, sort: Sort, high: bool) -> Option<Self> {
        let most = match sort {
            Sort::Date => 8,
            Sort::DateTime => 17,
            Sort::Time => 9,
        };
        let digits = digits.unwrap_or(most);
        let (precision, fraction) = match if sort == Sort::Time { digits + 8 } else { digits } {
            4 => (Precision::Year, 0),
            6 => (Precision::Month, 0),
            8 => (Precision::Day, 0),
            10 => (Precision::Hour, 0),
            12 => (Precision::Minute, 0),
            14 => (Precision::Second, 0),
            17 => (Precision::Second, 3),
            _ => return None,
        };
        if digits > most || sort == Sort::Time && precision < Precision::Hour {
            return None;
        }
        let mut bound = self;
        if high {
            bound.fill();
        }
        if self.offset.is_none() && sort == Sort::DateTime && precision >= Precision::Hour {
            bound.offset = Some(if high { -12 * 60 } else { 14 * 60 });
        }
        Some(bound.cut(precision, fraction))
    }

    /// Sets everything that was not written to its last value.
    fn fill(&mut self) {
        if self.precision < Precision::Month {
            self.month = 12;
        }
        if self.precision < Precision::Day {
            self.day = days_in(self.year, self.month);
        }
        if self.precision < Precision::Hour {
            self.hour = 23;
        }
        if self.precision < Precision::Minute {
            self.minute = 59;
        }
        if self.precision < Precision::Second {
            self.second = 59;
        }
        if self.digits < 3 {
            let step = 10_u32.pow(9 - u32::from(self.digits));
            self.nanos = self.nanos / step * step + step - 1;
        }
    }

    /// The value without what is finer than `precision`.
    pub(crate) fn cut(self, precision: Precision, digits: u8) -> Self {
        let keep = |wanted: Precision, value: u8, least: u8| if precision >= wanted { value } else { least };
        let step = 10_u32.pow(9 - u32::from(digits));
        Self {
            year: self.year,
            month: keep(Precision::Month, self.month, 1),
            day: keep(Precision::Day, self.day, 1),
            hour: keep(Precision::Hour, self.hour, 0),
            minute: keep(Precision::Minute, self.minute, 0),
            second: keep(Precision::Second, self.second, 0),
            nanos: self.nanos / step * step,
            digits,
            offset: self.offset.filter(|_| precision >= Precision::Hour),
            precision,
        }
    }
}

fn nanos(amount: Decimal, unit: i64) -> Option<i128> {
    amount.checked_mul(Decimal::from(unit))?.trunc().to_i128()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn moved(text: &str, amount: &str, unit: Calendar) -> String {
        let start = Temporal::date_time(text).unwrap();
        start.plus(amount.parse().unwrap(), unit, Sort::DateTime).map_or_else(|| "none".into(), |t| t.to_text())
    }

    #[test]
    fn durations_respect_the_calendar_and_the_precision() {
        assert_eq!(moved("2024-01-31", "1", Calendar::Month), "2024-02-29");
        assert_eq!(moved("2024-02-29", "1", Calendar::Year), "2025-02-28");
        assert_eq!(moved("2014", "24", Calendar::Month), "2016");
        assert_eq!(moved("2014", "23", Calendar::Month), "2015");
        assert_eq!(moved("2014-03", "-31", Calendar::Day), "2014-02");
        assert_eq!(moved("1973-12-25", "7.7", Calendar::Day), "1974-01-01");
        assert_eq!(moved("2016-12-31T23:59:59.900+09:00", "0.2", Calendar::Second), "2017-01-01T00:00:00.100+09:00");
        assert_eq!(moved("2016-02-28T23:30", "45", Calendar::Minute), "2016-02-29T00:15");
        assert_eq!(moved("2016-02-28", "25", Calendar::Hour), "2016-02-29");
        assert_eq!(moved("9999-12-31", "1", Calendar::Day), "none");
    }

    #[test]
    fn a_time_goes_round_the_clock() {
        let time = Temporal::time("23:30").unwrap();
        assert_eq!(time.plus(Decimal::from(45), Calendar::Minute, Sort::Time).unwrap().to_time_text(), "00:15");
        assert_eq!(time.plus(Decimal::ONE, Calendar::Day, Sort::Time), None);
    }

    #[test]
    fn partial_dates_compare_only_where_their_spans_are_apart() {
        let compare = |a: &str, b: &str| Temporal::date_time(a).unwrap().compare(&Temporal::date_time(b).unwrap());
        assert_eq!(compare("2018-03", "2018-03-01"), None);
        assert_eq!(compare("2018-03", "2018-04-01"), Some(std::cmp::Ordering::Less));
        assert_eq!(compare("2012-04-15T15:00:00Z", "2012-04-15T10:00:00"), None);
        assert_eq!(compare("2012-04-15T15:00:00+02:00", "2012-04-15T16:00:00+03:00"), Some(std::cmp::Ordering::Equal));
        assert_eq!(compare("1974-12-25", "2026-01-01T00:00:00Z"), Some(std::cmp::Ordering::Less));
    }

    #[test]
    fn there_is_no_30th_of_february() {
        for text in
            ["2023-02-29", "2023-13", "0000", "2023-1-01", "2023-01-01T24:00", "2023-01-01T10:00+15:00", "2023x"]
        {
            assert_eq!(Temporal::date_time(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn days_count_there_and_back(days in -719_162_i64..2_932_896) {
            let (year, month, day) = civil_from_days(days).unwrap();
            prop_assert_eq!(days_from_civil(i64::from(year), i64::from(month), i64::from(day)), days);
        }

        #[test]
        fn what_is_read_is_written_again(text in "(19|20)[0-9]{2}(-(0[1-9]|1[0-2])(-(0[1-9]|1[0-9]|2[0-8])(T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,9})?(Z|[+-](0[1-9]|1[0-3]):[0-5][0-9]))?)?)?") {
            prop_assert_eq!(Temporal::date_time(&text).unwrap().to_text(), text);
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,30}") {
            let _ = (Temporal::date(&text), Temporal::date_time(&text), Temporal::time(&text));
        }
    }
}
