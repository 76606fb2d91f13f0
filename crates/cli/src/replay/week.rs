//! The letters of some days of a town, in the order in which they leave.

use std::collections::HashMap;

use anyhow::ensure;
use jiff::{ToSpan, civil::Date};
use tsumugi_kernel::{Instant, clock};
use tsumugi_synth::{Detail, Town, out::Message, population};

use super::rhythm;

/// Most bytes of letters kept at once.
const MOST_BYTES: usize = 1 << 30;

/// A letter and when it leaves.
#[derive(Clone, Debug)]
pub struct Letter {
    /// When it leaves.
    pub moment: Instant,
    /// What it is.
    pub message: Message,
}

/// Midnight, Japan's time, with which a day begins.
///
/// # Errors
/// If the day is outside the calendar.
pub fn midnight(day: Date) -> anyhow::Result<Instant> {
    Ok(Instant(day.to_zoned(clock::japan())?.timestamp().as_millisecond()))
}

/// The town as it is on `last`, with all that happens from its own day until then.
///
/// # Errors
/// If the days are outside the calendar.
pub fn later(town: &Town, last: Date) -> anyhow::Result<Town> {
    let years = town.today().until((jiff::Unit::Year, last))?.get_years() + 1;
    let detail = if town.detail() == Detail::Whole { Detail::Whole } else { Detail::Recent { years } };
    Ok(Town::new(town.seed(), town.citizens(), last).told(detail))
}

/// The letters that leave from `from` until the end of `until`, in a town that is `later` than the one that is there, whose
/// day is `there`. A thread of its own makes them.
///
/// # Errors
/// If the town cannot be made, or the letters are too many to be kept at once.
pub async fn letters(later: Town, there: Date, from: Date, until: Date) -> anyhow::Result<Vec<Letter>> {
    tokio::task::spawn_blocking(move || made(&later, there, from, until)).await?
}

fn made(later: &Town, there: Date, from: Date, until: Date) -> anyhow::Result<Vec<Letter>> {
    let (first, end) = (midnight(from)?, midnight(until.tomorrow()?)?);
    // What was written a day before may leave on the first. The town's own day and what was before are there already.
    let written = midnight(from.checked_sub(1.days())?)?.max(midnight(there.tomorrow()?)?);
    let (mut letters, mut bytes) = (Vec::new(), 0);
    for citizen in 0..later.citizens() {
        let household = population::person(later, citizen).household;
        let sent = later.person(citizen)?;
        let of_days = sent.iter().filter(|one| written <= one.time && one.time < end);
        for message in of_days.filter_map(|one| Message::of(one, Some(citizen), Some(household))) {
            let moment = rhythm::leaves(&message.envelope.name, message.envelope.time);
            if moment < end {
                bytes += message.body.len();
                ensure!(bytes <= MOST_BYTES, "a week of so many citizens is more than 1 GiB; replay a smaller town");
                letters.push(Letter { moment, message });
            }
        }
    }
    keep_order(&mut letters);
    letters.retain(|letter| first <= letter.moment && letter.moment < end);
    letters.sort_by_key(|letter| letter.moment);
    Ok(letters)
}

/// Of two letters about one household the one that was written later leaves later.
fn keep_order(letters: &mut [Letter]) {
    let mut last: HashMap<Option<u64>, Instant> = HashMap::new();
    letters.sort_by_key(|letter| letter.message.envelope.time);
    for letter in letters {
        let before = last.entry(letter.message.envelope.household).or_insert(Instant(i64::MIN));
        if letter.moment <= *before {
            letter.moment = before.plus_millis(1);
        }
        *before = letter.moment;
    }
}
