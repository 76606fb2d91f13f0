//! The clock of a town that is being brought in: each message carries its own moment with it, a story holds all at one,
//! and everything else goes with the system's clock.
//!
//! What must hold: whatever happens for a message is at that message's moment, however many are under way at once. So the
//! moment travels with the task ([`TownClock::at`]); who asks the time from another task of its own gets the held one.

use std::sync::atomic::{AtomicI64, Ordering};

use tsumugi_kernel::{Clock, Instant, edge::SystemClock};

tokio::task_local! {
    static MOMENT: Instant;
}

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

    /// Does `work` at `moment`, whatever others do meanwhile.
    pub async fn at<T>(moment: Instant, work: impl Future<Output = T>) -> T {
        MOMENT.scope(moment, work).await
    }
}

impl Clock for TownClock {
    fn now(&self) -> Instant {
        if let Ok(moment) = MOMENT.try_with(|moment| *moment) {
            return moment;
        }
        match self.0.load(Ordering::SeqCst) {
            FREE => SystemClock.now(),
            held => Instant(held),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn each_task_has_its_own_moment_and_others_have_the_held_one() {
        let clock = std::sync::Arc::new(TownClock::default());
        clock.hold(Instant(7));
        let tasks: Vec<_> = (100..200)
            .map(|moment| {
                let clock = std::sync::Arc::clone(&clock);
                tokio::spawn(TownClock::at(Instant(moment), async move {
                    tokio::task::yield_now().await;
                    (Instant(moment), clock.now())
                }))
            })
            .collect();
        for task in tasks {
            let (own, told) = task.await.unwrap();
            assert_eq!(own, told);
        }
        assert_eq!(clock.now(), Instant(7));
        clock.release();
        assert!(clock.now().0 > 1_700_000_000_000);
    }
}
