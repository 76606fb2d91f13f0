//! What the care office sends, and what the city sends about who is in charge.

use jiff::ToSpan;
use tsumugi_kernel::{OrganizationKind, Role};

use super::Need;
use crate::{
    dice::{Dice, Stream},
    form::{
        care::{BARTHEL_ITEMS, Precaution, barthel, in_charge, note, precaution},
        party::resident,
    },
    outbox::{Outbox, Sender},
    outgoing::SynthError,
    population::Person,
};

/// Mean Barthel index by level, and its spread.
const BARTHEL: [(i64, i64); 7] = [(92, 8), (87, 11), (78, 16), (67, 20), (48, 22), (28, 21), (8, 12)];

/// Tells a person's care.
///
/// # Errors
/// [`SynthError`] when an id or a date does not fit; a fault of this crate.
pub fn tell(out: &mut Outbox<'_>, person: &Person, need: &Need) -> Result<(), SynthError> {
    let Some(level) = need.level else { return Ok(()) };
    let Some(office) = out.town.place(person, OrganizationKind::CareOffice) else { return Ok(()) };
    let today = out.town.today();
    let ago = |days: i64| today.checked_sub(days.days());
    let start = ago(360)?;
    let (Some(manager), Some(nurse), Some(worker)) = (
        Sender::caring(office, Role::CareManager, start),
        Sender::caring(office, Role::Nurse, start),
        Sender::caring(office, Role::CareWorker, ago(3)?),
    ) else {
        return Ok(());
    };
    // The city knows its residents: for some of them this is the first that anybody sends.
    out.create(manager, "resident", |author, subject| resident(author.time, subject.0))?;
    out.by_the_city()?;
    out.create(manager, "in-charge", |author, subject| in_charge(author, subject, "居宅介護支援", start, None))?;
    out.by_the_city()?;
    let (mean, sd) = BARTHEL[level];
    let total = Dice::new(out.town.seed(), person.index, Stream::Measures).normal(mean, sd).clamp(0, 100);
    for (days, drift) in [(200, 0), (20, -2)] {
        let items = barthel_items(total + drift);
        out.create(Sender { day: ago(days)?, ..nurse }, "barthel", |author, subject| {
            barthel(author, subject, items, author.time)
        })?;
    }
    if level >= 3 {
        let day = ago(180)?;
        out.create(Sender { day, ..nurse }, "precaution", |author, subject| {
            precaution(author, subject, Precaution::Moving, "立つときと歩くときは、そばで支える。", day)
        })?;
    }
    out.create(worker, "note", |author, subject| {
        note(author, subject, "昼ごはんを半分ほど食べました。変わりはありません。", author.time)
    })
}

/// Ten items that add up to `total` rounded down to a multiple of five: points are taken first from what is lost
/// first (stairs, bathing), last from eating.
#[must_use]
fn barthel_items(total: i64) -> [u32; 10] {
    const LOST_FIRST: [usize; 10] = [6, 4, 5, 7, 3, 1, 2, 9, 8, 0];
    let mut items = BARTHEL_ITEMS.map(|(.., most)| most);
    let mut missing = (100 - u32::try_from(total.clamp(0, 100)).unwrap_or(0)).div_ceil(5) * 5;
    for item in LOST_FIRST {
        let taken = missing.min(items[item]);
        items[item] -= taken;
        missing -= taken;
    }
    items
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn barthel_items_add_up_and_stay_within_their_scores() {
        for total in 0..=100 {
            let items = barthel_items(total);
            assert_eq!(i64::from(items.iter().sum::<u32>()), total / 5 * 5);
            assert!(items.iter().zip(BARTHEL_ITEMS).all(|(score, (.., most))| *score <= most && score % 5 == 0));
        }
    }
}
