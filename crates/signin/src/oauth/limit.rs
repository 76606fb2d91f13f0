//! How often somebody may be wrong: counted by name, forgotten after a while, bounded.
//!
//! Whoever is right is never kept waiting by whoever guesses under the same name: keys and codes cannot be guessed, and
//! a count that shuts their owner out would be a way to shut anybody out.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use sha2::{Digest as _, Sha256};
use tsumugi_kernel::Instant;

use super::{OauthError, Provider};

/// Wrong attempts in one window that are told why they are wrong.
const WRONG: u32 = 20;
/// Requests that wait for a person, of one client in one window.
const WAITING: u32 = 600;
/// The window.
const WINDOW_MILLIS: i64 = 60 * 1000;
/// Names counted at once.
const NAMES: usize = 20_000;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Counted {
    /// A client that failed to prove itself.
    Client,
    /// Codes and refresh tokens that were none.
    Grant,
    /// Requests that wait for a person.
    Waiting,
    /// Answers that were none of a passkey.
    Passkey,
    /// Codes that no desk gave out.
    DeskCode,
    /// Signatures of professionals that nobody asked for.
    Licence,
}

/// Since when, and how many.
type Counts = HashMap<(Counted, [u8; 32]), (Instant, u32)>;

impl Provider {
    /// The answer, or, if it is one wrong attempt too many under this name, that.
    pub(super) fn counted<T>(
        &self,
        answer: Result<T, OauthError>,
        wrong: Option<Counted>,
        name: &str,
        now: Instant,
    ) -> Result<T, OauthError> {
        let Some(what) = wrong else { return answer };
        if !self.0.limits.allows(what, name, now) {
            return Err(OauthError::often());
        }
        self.0.limits.count(what, name, now);
        answer
    }
}

#[derive(Default)]
pub(crate) struct Limits(Mutex<Counts>);

impl Limits {
    /// Whether one more may be tried under this name.
    pub(crate) fn allows(&self, what: Counted, name: &str, now: Instant) -> bool {
        let most = if what == Counted::Waiting { WAITING } else { WRONG };
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.get(&(what, hash(name))).is_none_or(|(since, count)| *count < most || ended(*since, now))
    }

    /// Counts one.
    pub(crate) fn count(&self, what: Counted, name: &str, now: Instant) {
        // A count is one value: a poisoned lock holds whole ones.
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() >= NAMES {
            counts.retain(|_, (since, _)| !ended(*since, now));
            // Still full of names that are being tried now: the oldest half goes, so that a flood of made-up names costs
            // neither memory nor anybody else's counting for longer than it lasts.
            if counts.len() >= NAMES {
                let mut ages: Vec<i64> = counts.values().map(|(since, _)| since.0).collect();
                ages.sort_unstable();
                let middle = ages[ages.len() / 2];
                counts.retain(|_, (since, _)| since.0 > middle);
            }
        }
        let entry = counts.entry((what, hash(name))).or_insert((now, 0));
        *entry = if ended(entry.0, now) { (now, 1) } else { (entry.0, entry.1.saturating_add(1)) };
    }
}

const fn ended(since: Instant, now: Instant) -> bool {
    let age = now.0 - since.0;
    age < 0 || age >= WINDOW_MILLIS
}

fn hash(name: &str) -> [u8; 32] {
    Sha256::digest(name).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_let_again_after_its_window_and_others_at_once() {
        let limits = Limits::default();
        for attempt in 0..WRONG {
            assert!(limits.allows(Counted::Client, "a", Instant(0)), "{attempt}");
            limits.count(Counted::Client, "a", Instant(0));
        }
        assert!(!limits.allows(Counted::Client, "a", Instant(1)));
        assert!(limits.allows(Counted::Client, "b", Instant(1)) && limits.allows(Counted::Grant, "a", Instant(1)));
        assert!(limits.allows(Counted::Client, "a", Instant(WINDOW_MILLIS)));
    }

    #[test]
    fn a_flood_of_names_is_bounded() {
        let limits = Limits::default();
        for name in 0..3 * NAMES {
            limits.count(Counted::Client, &name.to_string(), Instant(name as i64 / 1_000));
        }
        assert!(limits.0.lock().unwrap().len() <= NAMES);
    }
}
