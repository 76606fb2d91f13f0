//! `now()`, `today()` and `timeOfDay()`, by the clock that was handed in.

use super::{Answer, Machine, one};
use crate::item::{Collection, Item};
use crate::syntax::functions::Date;
use crate::value::temporal::{Precision, Temporal, civil_from_days};

const DAY_MILLIS: i64 = 86_400_000;

impl<'a> Machine<'_, 'a> {
    pub(super) fn date(&mut self, date: Date) -> Answer<'a> {
        let Some(now) = self.now() else { return Ok(Collection::new()) };
        Ok(one(match date {
            Date::Now => Item::DateTime(now),
            Date::Today => Item::Date(now.cut(Precision::Day, 0)),
            Date::TimeOfDay => {
                let day = Temporal::ZERO;
                Item::Time(Temporal { year: day.year, month: day.month, day: day.day, offset: None, ..now })
            }
        }))
    }

    fn now(&self) -> Option<Temporal> {
        let minutes = self.context.offset_minutes;
        let local = self.context.now.0.checked_add(i64::from(minutes) * 60_000)?;
        let (year, month, day) = civil_from_days(local.div_euclid(DAY_MILLIS))?;
        let of_day = u32::try_from(local.rem_euclid(DAY_MILLIS)).ok()?;
        let small = |number: u32| u8::try_from(number).unwrap_or(0);
        Some(Temporal {
            year,
            month,
            day,
            hour: small(of_day / 3_600_000),
            minute: small(of_day / 60_000 % 60),
            second: small(of_day / 1000 % 60),
            digits: 3,
            nanos: of_day % 1000 * 1_000_000,
            offset: Some(minutes),
            precision: Precision::Second,
        })
    }
}
