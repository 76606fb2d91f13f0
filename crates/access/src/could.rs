//! Who could have seen what: the door's answer of any moment, to whoever has the record in hand.
//!
//! Three things are asked of that moment and not of now: the policies that held, what was known of the citizen's relations,
//! mandates, restrictions and consents, and the day. Whether the looker worked there then is not asked: it is about
//! places and roles.

use std::sync::Arc;

use tsumugi_kernel::Instant;

use crate::{
    Caller, Door, Lens, Permit, Refusal, Rule, Standing,
    policy::{Policies, PolicyPastError},
};

/// A moment of the past or the present, as the door saw one citizen then.
#[derive(Debug)]
pub struct Moment {
    at: Instant,
    standing: Arc<Standing>,
    policies: Option<Arc<Policies>>,
}

/// What somebody could have seen.
#[derive(Debug)]
pub enum Could {
    /// Nothing.
    Nothing,
    /// What the lens shows, by these rules.
    See(Box<Lens>, Vec<Rule>),
}

/// Why it cannot be told.
#[derive(Debug, thiserror::Error)]
pub enum CouldError {
    /// The citizen's standing could not be read.
    #[error(transparent)]
    Refusal(#[from] Refusal),
    /// Which policies held could not be read.
    #[error(transparent)]
    Policies(#[from] PolicyPastError),
}

impl Moment {
    /// What was known of the citizen.
    #[must_use]
    pub fn standing(&self) -> &Standing {
        &self.standing
    }

    /// Whether it is known which rules held: not before the deployment began to note them.
    #[must_use]
    pub const fn has_rules(&self) -> bool {
        self.policies.is_some()
    }
}

impl Door {
    /// The moment `at`, for the permit's citizen. In the present, the policies are those in force.
    ///
    /// # Errors
    /// [`CouldError`].
    pub async fn moment(&self, permit: &Permit, at: Instant) -> Result<Moment, CouldError> {
        let standing = self.standing_as_known(permit.shelves(), at).await?;
        let policies =
            if at >= self.0.clock.now() { Some(Arc::clone(&self.0.policies)) } else { self.policies_at(at).await? };
        Ok(Moment { at, standing, policies })
    }

    /// What `viewer` could have seen at that moment. As with [`Door::would_show`], it is a guess about a look, and what it
    /// is held against must be what the permit itself shows. Without known rules it is nothing.
    ///
    /// # Errors
    /// [`CouldError`].
    pub async fn could_see(&self, permit: &Permit, moment: &Moment, viewer: &Caller) -> Result<Could, CouldError> {
        let Some(policies) = &moment.policies else { return Ok(Could::Nothing) };
        let guessed = self.guess(policies, permit.shelves(), &moment.standing, viewer, moment.at).await?;
        Ok(guessed
            .map_or(Could::Nothing, |(lens, rules)| Could::See(Box::new(lens), rules.into_iter().cloned().collect())))
    }
}
