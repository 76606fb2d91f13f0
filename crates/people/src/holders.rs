//! To whom a number has led, and for which days: the row of an identifier.
//!
//! Form 2: a version byte, then for each holder eight bytes of the citizen and four each for the first day and the day
//! after the last, as days since 1970-01-01, big end first; the extremes mean that a side is open. Form 1, the citizens
//! alone, is read as open on both sides.

use jiff::{ToSpan as _, Unit, civil::Date};
use tsumugi_kernel::CitizenId;

use crate::{PeopleError, Validity};

/// One citizen to whom a number led.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Holder {
    pub citizen: CitizenId,
    pub validity: Validity,
}

/// Everybody to whom a number has led, in the order in which they came.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) struct Holders(pub Vec<Holder>);

const EPOCH: Date = Date::constant(1970, 1, 1);

impl Holders {
    const VERSION: u8 = 2;

    pub fn decode(bytes: &[u8]) -> Result<Self, PeopleError> {
        let fault = || PeopleError::Row { table: "identifier" };
        let (holders, tail): (Vec<Holder>, &[u8]) = match bytes {
            [1, rest @ ..] => {
                let (ids, tail) = rest.as_chunks::<8>();
                let open =
                    |id: &[u8; 8]| Holder { citizen: CitizenId(u64::from_be_bytes(*id)), validity: Validity::ALWAYS };
                (ids.iter().map(open).collect(), tail)
            }
            [2, rest @ ..] => {
                let (rows, tail) = rest.as_chunks::<16>();
                let holders = rows.iter().map(holder).collect::<Option<Vec<_>>>().ok_or_else(fault)?;
                (holders, tail)
            }
            _ => return Err(fault()),
        };
        if holders.is_empty() || !tail.is_empty() {
            return Err(fault());
        }
        Ok(Self(holders))
    }

    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![Self::VERSION];
        for holder in &self.0 {
            bytes.extend(holder.citizen.0.to_be_bytes());
            bytes.extend(holder.validity.from.map_or(i32::MIN, days).to_be_bytes());
            bytes.extend(holder.validity.until.map_or(i32::MAX, days).to_be_bytes());
        }
        bytes
    }

    /// To whom the number leads on a day, the first being the one to whom it leads unless something contradicts.
    ///
    /// An older document is often sent with today's number. So for a day before anybody had it, it leads to the first
    /// who will.
    pub fn on(&self, day: Date) -> Vec<CitizenId> {
        let on_day = self.0.iter().filter(|holder| holder.validity.holds(day)).map(|holder| holder.citizen);
        let found: Vec<CitizenId> = on_day.collect();
        let all_later = self.0.iter().all(|holder| holder.validity.from.is_some_and(|from| day < from));
        if all_later {
            return self.0.iter().min_by_key(|holder| holder.validity.from).map(|h| h.citizen).into_iter().collect();
        }
        found
    }

    /// The first whose days have no end, else whose ended last.
    pub fn newest(&self) -> Option<CitizenId> {
        let open = self.0.iter().find(|holder| holder.validity.until.is_none());
        open.or_else(|| self.0.iter().max_by_key(|holder| holder.validity.until)).map(|holder| holder.citizen)
    }

    /// The days around `day` that nobody has, as far as ends and beginnings are known: what a new holder may have.
    pub fn gap_around(&self, day: Date) -> Validity {
        let ends = self.0.iter().filter_map(|holder| holder.validity.until).filter(|until| *until <= day);
        let starts = self.0.iter().filter_map(|holder| holder.validity.from).filter(|from| *from > day);
        Validity::new(ends.max(), starts.min())
    }

    /// Sets the days of a holder to what its payer says; says whether something changed.
    pub fn set(&mut self, citizen: CitizenId, days: Validity) -> bool {
        let Some(holder) = self.0.iter_mut().find(|holder| holder.citizen == citizen) else { return false };
        let changed = !days.is_empty() && holder.validity != days;
        if changed {
            holder.validity = days;
        }
        changed
    }

    /// Sets the days of a holder, as a source says them; says whether something changed. A side that is not said stays
    /// as it was, unless the two would then leave no day.
    pub fn say(&mut self, citizen: CitizenId, said: Validity) -> bool {
        let Some(holder) = self.0.iter_mut().find(|holder| holder.citizen == citizen) else { return false };
        let old = holder.validity;
        let both = Validity::new(said.from.or(old.from), said.until.or(old.until));
        // A number taken up again after its end: the new beginning opens it.
        let taken_up =
            said.until.is_none() && old.until.is_some_and(|until| said.from.is_some_and(|from| from >= until));
        let new = if taken_up { Validity::new(old.from, None) } else { both };
        if new.is_empty() || new == old {
            return false;
        }
        holder.validity = new;
        true
    }
}

fn holder(row: &[u8; 16]) -> Option<Holder> {
    let citizen = CitizenId(u64::from_be_bytes(*row.first_chunk::<8>()?));
    let from = i32::from_be_bytes(*row.get(8..12)?.first_chunk::<4>()?);
    let until = i32::from_be_bytes(*row.last_chunk::<4>()?);
    let date = |days: i32, open: i32| {
        if days == open { Some(None) } else { EPOCH.checked_add(i64::from(days).days()).ok().map(Some) }
    };
    Some(Holder { citizen, validity: Validity::new(date(from, i32::MIN)?, date(until, i32::MAX)?) })
}

fn days(date: Date) -> i32 {
    let span = EPOCH.until((Unit::Day, date));
    // Dates of the proleptic calendar from year -9999 to 9999 are some millions of days apart.
    span.map_or(0, |span| span.get_days())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn of(holders: &[(u64, Option<Date>, Option<Date>)]) -> Holders {
        let one = |(id, from, until): &(u64, Option<Date>, Option<Date>)| Holder {
            citizen: CitizenId(*id),
            validity: Validity::new(*from, *until),
        };
        Holders(holders.iter().map(one).collect())
    }

    #[test]
    fn rows_of_both_forms_are_read_and_damaged_ones_refused() {
        let holders = of(&[(7, None, Some(date(2026, 4, 1))), (1 << 39, Some(date(1969, 12, 31)), None)]);
        assert_eq!(Holders::decode(&holders.encode()).unwrap(), holders);
        let mut old = vec![1];
        old.extend(9u64.to_be_bytes());
        assert_eq!(Holders::decode(&old).unwrap(), of(&[(9, None, None)]));
        let whole = holders.encode();
        for bad in [&[] as &[u8], &[1], &[2], &[3, 0], &old[..8], &whole[..whole.len() - 1]] {
            assert!(Holders::decode(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_number_leads_to_whoever_has_it_on_the_day() {
        let end = date(2024, 4, 1);
        let mut holders = of(&[(1, None, None)]);
        assert!(holders.say(CitizenId(1), Validity::new(None, Some(end))));
        assert!(!holders.say(CitizenId(1), Validity::new(None, Some(end))), "said twice changes nothing");
        assert_eq!(holders.gap_around(date(2025, 1, 1)), Validity::since(end));
        holders.0.push(Holder { citizen: CitizenId(2), validity: holders.gap_around(date(2025, 1, 1)) });
        assert_eq!(holders.on(date(2024, 3, 31)), [CitizenId(1)]);
        assert_eq!(holders.on(end), [CitizenId(2)]);
        assert_eq!(holders.newest(), Some(CitizenId(2)));
        let later = of(&[(1, Some(date(2024, 4, 1)), None), (2, Some(date(2022, 4, 1)), Some(date(2024, 4, 1)))]);
        assert_eq!(later.on(date(2020, 1, 1)), [CitizenId(2)], "today's number on an older document");
        assert!(of(&[]).on(end).is_empty());
        assert!(!holders.say(CitizenId(3), Validity::since(end)), "who never had it is not given it by a word");
    }

    #[test]
    fn days_that_would_leave_none_are_not_taken_and_a_number_may_be_taken_up_again() {
        let mut holders = of(&[(1, Some(date(2020, 4, 1)), Some(date(2022, 4, 1)))]);
        assert!(!holders.say(CitizenId(1), Validity::new(None, Some(date(2020, 4, 1)))));
        assert!(holders.say(CitizenId(1), Validity::since(date(2023, 4, 1))));
        assert_eq!(holders.0[0].validity, Validity::since(date(2020, 4, 1)));
    }
}
