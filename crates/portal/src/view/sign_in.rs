//! Signing in by choosing a person: demonstration and development folders only.

use tsumugi_kernel::{PersonId, Purpose};

use super::{DisasterNews, FillingView, Who, Words};

/// The page on which a visitor chooses whom to be.
#[derive(Clone, Debug, Default)]
pub struct SignInView {
    /// Whom one can be, in the order of the story.
    pub people: Vec<Candidate>,
    /// Whether the session before this page ended by itself.
    pub expired: bool,
    /// The app's request for which the visitor came, if they came for one.
    pub request: Option<String>,
    /// Where the disaster mode is open.
    pub disaster: Vec<DisasterNews>,
    /// How far the town is, where one is being filled.
    pub filling: Option<FillingView>,
}

/// One person to be.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Sent as `person` by `POST /sign-in`.
    pub person: PersonId,
    /// Name, role, organisation.
    pub who: Who,
    /// The purpose the session will have.
    pub purpose: Purpose,
    /// What to try as this person, one thing per line.
    pub try_this: Vec<Words>,
}
