//! When letters leave: practices send in working hours, most on a Monday morning; hospitals and crews send at night, too.
//!
//! A letter leaves within the day after it was written, those of a weekend within two, at an hour drawn by these weights. What must hold: no letter leaves
//! before it is written; the same name and moment give the same time of sending.

use jiff::civil::Weekday;
use tsumugi_kernel::Instant;

const HOUR_MILLIS: i64 = 3_600_000;

/// How many letters leave in an hour of the day, against others.
fn weight(day: Weekday, hour: i8) -> u64 {
    let by_hour = match hour {
        9..=11 => 100,
        12 => 50,
        13..=17 => 80,
        8 | 18 => 40,
        19..=21 => 12,
        6 | 7 | 22 => 5,
        _ => 2,
    };
    // Letters of a weekend wait for Monday morning.
    let by_day = match day {
        Weekday::Monday if (8..=11).contains(&hour) => 250,
        Weekday::Saturday if hour > 12 => 25,
        Weekday::Saturday => 60,
        Weekday::Sunday => 8,
        _ => 100,
    };
    by_hour * by_day
}

/// When a letter of this name, written at `moment`, leaves.
#[must_use]
pub fn leaves(name: &str, moment: Instant) -> Instant {
    let most = if matches!(moment.civil().weekday(), Weekday::Saturday | Weekday::Sunday) { 48 } else { 24 };
    let hours = (0..most).map(|ahead| {
        let at = moment.plus_millis(ahead * HOUR_MILLIS).civil();
        (ahead, weight(at.weekday(), at.hour()))
    });
    let all: u64 = hours.clone().map(|(_, weight)| weight).sum();
    let drawn = hash(name);
    let mut left = drawn % all;
    for (ahead, weight) in hours {
        if left < weight {
            let within = i64::try_from((drawn >> 32) % 3_600_000).unwrap_or(0);
            return moment.plus_millis(ahead * HOUR_MILLIS + within);
        }
        left -= weight;
    }
    moment
}

/// FNV-1a, 64 bits, then mixed: names differ at their ends only.
fn hash(name: &str) -> u64 {
    let sum = name
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325u64, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    (sum ^ (sum >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) ^ (sum >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use tsumugi_kernel::clock::japan;

    fn at(day: i8, hour: i8) -> Instant {
        let zoned = date(2026, 11, day).at(hour, 0, 0, 0).to_zoned(japan()).unwrap();
        Instant(zoned.timestamp().as_millisecond())
    }

    #[test]
    fn monday_mornings_are_full_and_nights_are_quiet() {
        // Written evenly over a week from Monday, 23 November.
        let mut counts = std::collections::BTreeMap::<(i8, i8), u32>::new();
        for number in 0..168_000i64 {
            let written = at(23, 0).plus_millis(number % 168 * HOUR_MILLIS);
            let sent = leaves(&format!("p{number:07}-labs"), written);
            assert!(sent >= written && sent.0 < written.0 + 48 * HOUR_MILLIS);
            let sent = sent.civil();
            *counts.entry((sent.weekday().to_monday_one_offset(), sent.hour())).or_default() += 1;
        }
        let count = |day: Weekday, hour| counts.get(&(day.to_monday_one_offset(), hour)).copied().unwrap_or(0);
        assert!(10 * count(Weekday::Monday, 9) > 17 * count(Weekday::Wednesday, 9), "{counts:?}");
        assert!(count(Weekday::Tuesday, 10) > 10 * count(Weekday::Tuesday, 3), "{counts:?}");
        assert!(count(Weekday::Friday, 14) > 4 * count(Weekday::Sunday, 14), "{counts:?}");
    }

    #[test]
    fn the_same_letter_leaves_at_the_same_time() {
        assert_eq!(leaves("a", at(23, 15)), leaves("a", at(23, 15)));
        assert_ne!(leaves("a", at(23, 15)), leaves("b", at(23, 15)));
    }
}
