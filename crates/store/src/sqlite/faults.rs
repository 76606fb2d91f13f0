//! A hook that makes the next COMMIT fail, so that tests can see what a real disk does once in years.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How the next COMMIT fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommitFault {
    /// It fails and nothing is there.
    Fails,
    /// It fails, and yet everything is there.
    FailsButPersists,
}

/// The hook: shared between the test and the store's writer. The default never fails anything.
#[derive(Clone, Debug, Default)]
pub struct Faults(Arc<Mutex<Option<(u32, CommitFault)>>>);

impl Faults {
    /// Makes the next COMMIT fail.
    pub fn arm(&self, fault: CommitFault) {
        self.arm_after(0, fault);
    }

    /// Makes a COMMIT fail after `commits` more have gone well.
    pub fn arm_after(&self, commits: u32, fault: CommitFault) {
        *self.armed_fault() = Some((commits, fault));
    }

    /// Whether a fault is still waiting for its COMMIT.
    #[must_use]
    pub fn armed(&self) -> bool {
        self.armed_fault().is_some()
    }

    pub(super) fn take(&self) -> Option<CommitFault> {
        let mut armed = self.armed_fault();
        match armed.take() {
            Some((0, fault)) => Some(fault),
            Some((commits, fault)) => {
                *armed = Some((commits - 1, fault));
                None
            }
            None => None,
        }
    }

    fn armed_fault(&self) -> MutexGuard<'_, Option<(u32, CommitFault)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
