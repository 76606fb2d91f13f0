//! The present, as signing in believes it: a clock that was set back ends every token, code and grant of before.
//!
//! A token ends by the clock. Whoever can set the clock back would bring ended tokens to life; so the furthest moment is
//! kept in the store, and with it an epoch. When the clock stands before that moment, the epoch is raised: every grant
//! carries its epoch in its name, and those of another count no more. People sign in again; nothing needs repair.

use std::sync::{Mutex, PoisonError};

use tsumugi_kernel::Instant;
use tsumugi_store::StoreError;

use super::{OauthError, Provider};
use crate::keep::{Change, Reached, Tag};

/// How far the clock may go back without anything ending: what a time server corrects.
const TOLERANCE_MILLIS: i64 = 5 * 1000;
/// How far the clock may have gone before that is kept.
const KEEP_MILLIS: i64 = 60 * 1000;
/// Most revocations loaded at the start; each lives for minutes.
const MOST_REVOKED: usize = 1_000_000;

#[derive(Default)]
pub(crate) struct Watch(Mutex<Option<Known>>);

#[derive(Clone, Copy)]
struct Known {
    reached: Reached,
    kept: Instant,
}

/// A moment and its epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    pub now: Instant,
    pub epoch: u32,
}

impl Provider {
    /// The present.
    ///
    /// # Errors
    /// When what was reached before cannot be read, or a clock set back cannot be noted: then no token is believed.
    pub(crate) async fn moment(&self) -> Result<Moment, OauthError> {
        let now = self.0.clock.now();
        let known = self.known();
        let known = match known {
            Some(known) => known,
            None => self.load().await?,
        };
        let Reached { moment, epoch } = known.reached;
        if now.plus_millis(TOLERANCE_MILLIS) < moment {
            tracing::error!("the clock was set back: every token, code and grant of before ends");
            let reached = Reached { moment: now, epoch: epoch + 1 };
            self.note(reached).await?;
            return Ok(Moment { now, epoch: reached.epoch });
        }
        if now > known.kept.plus_millis(KEEP_MILLIS) {
            // Kept for a later start. Where it cannot be, this process still knows it.
            if let Err(error) = self.note(Reached { moment: now, epoch }).await {
                tracing::warn!(%error, "how far the clock has been could not be kept");
            }
        }
        self.advance(now);
        Ok(Moment { now, epoch })
    }

    fn known(&self) -> Option<Known> {
        *self.0.watch.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn advance(&self, now: Instant) {
        let mut known = self.0.watch.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = &mut *known
            && now > known.reached.moment
        {
            known.reached.moment = now;
        }
    }

    async fn load(&self) -> Result<Known, StoreError> {
        let revoked = self.0.keep.all::<String>(Tag::Revoked, MOST_REVOKED).await?;
        let reached = self.0.keep.reached().await?.unwrap_or_default();
        let known = Known { reached, kept: reached.moment };
        let mut all = self.0.revoked.lock().unwrap_or_else(PoisonError::into_inner);
        all.extend(revoked.into_iter().map(|row| (row.value, row.expires)));
        Ok(*self.0.watch.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(known))
    }

    async fn note(&self, reached: Reached) -> Result<(), OauthError> {
        let mut change = Change::default();
        change.reach(reached);
        self.0.keep.commit(change, reached.moment).await?;
        *self.0.watch.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Known { reached, kept: reached.moment });
        Ok(())
    }
}
