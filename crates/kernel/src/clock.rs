//! Time as a value: milliseconds since 1970-01-01T00:00:00Z, handed in by whoever owns a [`Clock`].

use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};

/// A moment, in milliseconds since the Unix epoch (UTC). FHIR's `instant` with millisecond precision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default)]
#[serde(transparent)]
pub struct Instant(pub i64);

impl Instant {
    /// The moment as FHIR's `instant` in Japan's time: `2026-11-22T09:00:00.000+09:00`.
    #[must_use]
    pub fn to_fhir(self) -> String {
        let zoned = self.timestamp().to_zoned(japan());
        zoned.strftime("%Y-%m-%dT%H:%M:%S%.3f+09:00").to_string()
    }

    /// The same moment for calendar arithmetic; out-of-range values become the epoch's ends.
    #[must_use]
    pub fn timestamp(self) -> Timestamp {
        Timestamp::from_millisecond(self.0).unwrap_or(if self.0 < 0 { Timestamp::MIN } else { Timestamp::MAX })
    }

    /// Japan's civil date and time at this moment.
    #[must_use]
    pub fn civil(self) -> jiff::civil::DateTime {
        self.timestamp().to_zoned(japan()).datetime()
    }

    /// The moment `millis` later.
    #[must_use]
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }
}

/// Japan's time: UTC+9, no summer time.
#[must_use]
pub fn japan() -> TimeZone {
    TimeZone::fixed(jiff::tz::offset(9))
}

/// Whoever can tell the time. Handed in; the ambient clock is banned by lint outside [`crate::edge`].
pub trait Clock: Send + Sync + 'static {
    /// The present moment.
    fn now(&self) -> Instant;
}

/// A clock that a test or a replay sets by hand.
#[derive(Debug, Default)]
pub struct ManualClock(std::sync::atomic::AtomicI64);

impl ManualClock {
    /// A clock standing at `start`.
    #[must_use]
    pub const fn at(start: Instant) -> Self {
        Self(std::sync::atomic::AtomicI64::new(start.0))
    }

    /// Moves the clock to `moment`.
    pub fn set(&self, moment: Instant) {
        self.0.store(moment.0, std::sync::atomic::Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Instant {
        Instant(self.0.load(std::sync::atomic::Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_written_in_japans_time() {
        assert_eq!(Instant(0).to_fhir(), "1970-01-01T09:00:00.000+09:00");
        assert_eq!(Instant(1_795_000_000_123).to_fhir(), "2026-11-18T20:06:40.123+09:00");
    }
}
