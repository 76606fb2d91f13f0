//! What the screening remembers: rows of one table, told apart by their first byte.
//!
//! | key | value | for |
//! |---|---|---|
//! | `c` | index | up to which leaf the log is screened |
//! | `k` citizen, organisation | moment | when the organisation last wrote of care for the person |
//! | `h` person, 0, organisation | habit | how many people a looker usually looks at, and when |
//! | `w` moment, index | look | looks that wait for care to be written, by the moment at which they are asked about again |
//! | `d` opening of the disaster mode | number | how many looks were made under it |
//! | `f` citizen | – | people whom many know |
//!
//! Numbers and moments (milliseconds since 1970) are written big endian, so that keys sort by them. What a look showed
//! stands in none of them.

use serde::{Deserialize, Serialize};
use tsumugi_kernel::{CitizenId, Instant, OrganizationId, PersonId, Purpose};
use tsumugi_store::{Row, Table};

use super::{
    rules::{NIGHT, Signal, USUAL_DAYS},
    signals::{Habit, civil},
};
use crate::case::Party;

/// Different people of one day that are told apart; a looker who has looked at more is far above anybody's usual.
const PEOPLE_MOST: usize = 1_000;

/// A look that waits for care to be written.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Waiting {
    /// The shelf that was asked for.
    pub citizen: CitizenId,
    /// Who looked.
    pub looker: Party,
    /// For what.
    pub purpose: Purpose,
    /// When.
    pub at: Instant,
    /// What was found at once.
    pub signals: Vec<Signal>,
}

/// A looker's habit as it is kept.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Kept {
    /// The day of the newest look: days since 1970.
    day: i32,
    /// Days before it, with looks.
    days: u32,
    /// The usual number of people of such a day, in hundredths.
    usual: u32,
    looks: u32,
    nights: u32,
    /// The people of that day.
    people: Vec<CitizenId>,
}

impl Kept {
    /// Takes in a look, and gives the habit it is held against.
    pub(super) fn take(&mut self, citizen: CitizenId, at: Instant) -> Habit {
        let (date, hour) = civil(at);
        let day = date.since(jiff::civil::Date::constant(1970, 1, 1)).map_or(0, |span| span.get_days());
        if day > self.day {
            let people = u32::try_from(self.people.len()).unwrap_or(u32::MAX).saturating_mul(100);
            if !self.people.is_empty() {
                self.days = (self.days + 1).min(USUAL_DAYS);
                // A mean in which newer days count more, once there are enough of them.
                self.usual = (self.usual * (self.days - 1) + people) / self.days;
            }
            (self.day, self.people) = (day, Vec::new());
        }
        if self.people.len() < PEOPLE_MOST && !self.people.contains(&citizen) {
            self.people.push(citizen);
        }
        let habit = Habit {
            today: u32::try_from(self.people.len()).unwrap_or(u32::MAX),
            usual: (self.days > 0).then_some(self.usual),
            looks: self.looks,
            nights: self.nights,
        };
        self.looks = self.looks.saturating_add(1);
        self.nights = self.nights.saturating_add(u32::from(hour >= NIGHT.0 || hour < NIGHT.1));
        habit
    }
}

pub(crate) fn cursor_key() -> Vec<u8> {
    b"c".to_vec()
}

pub(super) fn cared_key(citizen: CitizenId, organization: &OrganizationId) -> Vec<u8> {
    [b"k".as_slice(), &citizen.0.to_be_bytes(), organization.as_str().as_bytes()].concat()
}

/// Under which the looks of an opening of the disaster mode are counted.
pub(crate) fn opening_key(number: u64) -> Vec<u8> {
    [b"d".as_slice(), &number.to_be_bytes()].concat()
}

pub(super) fn habit_key(person: &PersonId, organization: &OrganizationId) -> Vec<u8> {
    [b"h".as_slice(), person.as_str().as_bytes(), &[0], organization.as_str().as_bytes()].concat()
}

/// Looks that wait until a moment, the moment itself included, stand before this key.
pub(super) fn waiting_key(due: Instant, index: u64) -> Vec<u8> {
    [b"w".as_slice(), &moment(due), &index.to_be_bytes()].concat()
}

/// When a waiting look is asked about again.
pub(super) fn due(key: &[u8]) -> Option<Instant> {
    let millis = key.get(1..9)?.first_chunk::<8>()?;
    i64::try_from(u64::from_be_bytes(*millis)).ok().map(Instant)
}

pub(super) fn public_key(citizen: CitizenId) -> Vec<u8> {
    [b"f".as_slice(), &citizen.0.to_be_bytes()].concat()
}

pub(super) fn moment(at: Instant) -> [u8; 8] {
    u64::try_from(at.0).unwrap_or(0).to_be_bytes()
}

/// A moment or number as it stands in a value.
pub(crate) fn number(value: &[u8]) -> Option<u64> {
    value.first_chunk::<8>().filter(|_| value.len() == 8).map(|number| u64::from_be_bytes(*number))
}

pub(super) fn row(key: Vec<u8>, value: Option<Vec<u8>>) -> Row {
    Row { table: Table::Screen, key, value }
}

/// The bytes of a value. Strings, numbers and lists always serialise.
pub(super) fn bytes(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_habit_is_the_mean_of_days_with_looks_and_counts_each_person_once() {
        const DAY: i64 = 24 * 60 * 60 * 1000;
        let at = |day: i64| Instant(1_795_000_000_000 + day * DAY);
        let mut kept = Kept::default();
        assert_eq!(kept.take(CitizenId(1), at(0)), Habit { today: 1, usual: None, looks: 0, nights: 0 });
        kept.take(CitizenId(2), at(0));
        assert_eq!(kept.take(CitizenId(2), at(0)).today, 2);
        // Days without a look are no days.
        assert_eq!(kept.take(CitizenId(1), at(9)), Habit { today: 1, usual: Some(200), looks: 3, nights: 0 });
        assert_eq!(kept.take(CitizenId(1), at(10)).usual, Some(150));
        let again: Kept = serde_json::from_slice(&bytes(&kept)).unwrap();
        assert_eq!(bytes(&again), bytes(&kept));
    }

    #[test]
    fn looks_wait_in_the_order_of_their_moments() {
        assert!(waiting_key(Instant(5), 9) < waiting_key(Instant(6), 1));
        assert_eq!(due(&waiting_key(Instant(5), 9)), Some(Instant(5)));
        assert_eq!((number(&moment(Instant(7))), number(b"1")), (Some(7), None));
    }
}
