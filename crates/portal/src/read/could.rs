//! Who could see what: the moment that is asked for, what stood on the shelf then, and what a lens leaves of it.

use std::collections::{BTreeMap, btree_map::Entry};

use jiff::civil::{Date, Time};
use tsumugi_access::Lens;
use tsumugi_kernel::{Instant, RecordCategory, clock};
use tsumugi_record::{Fact, RecordError};

use crate::view::CouldAt;

/// A day and a time that are no moment of the past.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoMoment;

/// The moment of a day and, if it is said, a time in Japan; without a day, none. The end of the day is its last
/// millisecond.
///
/// # Errors
/// [`NoMoment`] if they are none, or lie ahead of `now`.
pub fn moment(day: &str, time: &str, now: Instant) -> Result<Option<(CouldAt, Instant)>, NoMoment> {
    if day.is_empty() {
        return if time.is_empty() { Ok(None) } else { Err(NoMoment) };
    }
    let day: Date = day.parse().map_err(|_| NoMoment)?;
    let time: Option<Time> = if time.is_empty() { None } else { Some(time.parse().map_err(|_| NoMoment)?) };
    let today = now.civil().date();
    let at = match time {
        Some(time) => day.to_datetime(time).to_zoned(clock::japan()),
        None => day.tomorrow().and_then(|next| next.to_zoned(clock::japan())),
    };
    let millis = at.map_err(|_| NoMoment)?.timestamp().as_millisecond();
    let at = Instant(if time.is_some() { millis } else { millis - 1 });
    if day > today || (time.is_some() && at > now) {
        return Err(NoMoment);
    }
    // Of today, what is to come is not known.
    Ok(Some((CouldAt { day, time: time.map(|time| (time.hour(), time.minute())) }, at.min(now))))
}

/// Of every version of every fact, those that stood at a moment, the newest of each.
#[must_use]
pub fn stood(versions: Vec<Fact>, at: Instant) -> Vec<Fact> {
    let mut newest: BTreeMap<_, Fact> = BTreeMap::new();
    for fact in versions.into_iter().filter(|fact| fact.instant() <= at) {
        match newest.entry((fact.key().citizen, fact.key().kind, fact.key().number)) {
            Entry::Vacant(place) => _ = place.insert(fact),
            Entry::Occupied(mut known) if known.get().version() < fact.version() => _ = known.insert(fact),
            Entry::Occupied(_) => {}
        }
    }
    newest.into_values().filter(|fact| !fact.is_gone()).collect()
}

/// How many of these facts the lens shows, by category.
///
/// # Errors
/// [`RecordError::Unreadable`] if what is stored cannot be read.
pub fn sees(facts: &[Fact], lens: &Lens) -> Result<Vec<(RecordCategory, u32)>, RecordError> {
    let mut counts = BTreeMap::new();
    for fact in facts {
        if fact.passes(lens)? {
            *counts.entry(fact.values()?.category()).or_insert(0) += 1;
        }
    }
    Ok(counts.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_its_end_and_today_is_now() {
        // 2026-11-22 12:00 in Japan.
        let now = Instant(1_795_316_400_000);
        let noon = |day: &str, time: &str| moment(day, time, now).map(|found| found.map(|(_, at)| at.0 - now.0));
        assert_eq!(noon("", ""), Ok(None));
        assert_eq!(noon("2026-11-21", ""), Ok(Some(-12 * 3_600_000 - 1)));
        assert_eq!(noon("2026-11-21", "12:00"), Ok(Some(-24 * 3_600_000)));
        assert_eq!(noon("2026-11-22", ""), Ok(Some(0)), "the rest of today is not known");
        for (day, time) in [
            ("2026-11-23", ""),
            ("2026-11-22", "12:01"),
            ("", "10:00"),
            ("x", ""),
            ("2026-02-30", ""),
            ("2026-11-21", "25:00"),
        ] {
            assert_eq!(noon(day, time), Err(NoMoment), "{day} {time}");
        }
    }
}
