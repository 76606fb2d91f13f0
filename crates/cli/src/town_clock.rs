//! The clock of a town that is being brought in: it stands at the moment of each message, and goes with the system's
//! once the town is there.

use std::sync::atomic::{AtomicI64, Ordering};

use tsumugi_kernel::{Clock, Instant, edge::SystemClock};

/// A clock that can be held at a moment.
#[derive(Debug, Default)]
pub struct TownClock(AtomicI64);

/// Stands for "goes with the system's clock".
const FREE: i64 = 0;

impl TownClock {
    /// Holds the clock at `moment`.
    pub fn hold(&self, moment: Instant) {
        self.0.store(moment.0, Ordering::SeqCst);
    }

    /// Lets the clock go with the system's again.
    pub fn release(&self) {
        self.0.store(FREE, Ordering::SeqCst);
    }
}

impl Clock for TownClock {
    fn now(&self) -> Instant {
        match self.0.load(Ordering::SeqCst) {
            FREE => SystemClock.now(),
            held => Instant(held),
        }
    }
}
