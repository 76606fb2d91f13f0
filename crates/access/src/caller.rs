//! Who asks.

use std::sync::Arc;

use tsumugi_kernel::{CitizenId, Instant, OrganizationId, OrganizationKind, PersonId, Purpose, Role};
use tsumugi_people::Organization;

use crate::Scope;

/// Whoever asks, as `signin` has established. The door believes this and nothing else about the caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The person.
    pub person: PersonId,
    /// The name that the citizen will read.
    pub person_name: String,
    /// The qualification in words, if there is one.
    pub qualification: Option<String>,
    /// The organisation for which the person acts.
    pub organization: OrganizationId,
    /// Its name.
    pub organization_name: String,
    /// What it is.
    pub organization_kind: OrganizationKind,
    /// In which role.
    pub role: Role,
    /// For what.
    pub purpose: Purpose,
    /// The citizen to whom the token is bound: for a citizen, herself; for others, the only one it opens.
    pub citizen: Option<CitizenId>,
    /// For whom an assistant acts. The door fills it in for a proxy, from the mandate.
    pub on_behalf: Option<OnBehalf>,
    /// Whether no person sits at it.
    pub automatic: bool,
    /// Why, in the caller's own words. Breaking the glass needs it.
    pub reason: Option<String>,
    /// Whether the caller has asked, by a second step, for all that the purpose opens. Breaking the glass shows the
    /// smallest view until then.
    pub whole: bool,
    /// What the token is narrowed to; without it, all that role and purpose give.
    pub scope: Option<Arc<Scope>>,
    /// When the token ends.
    pub expires: Instant,
}

impl Caller {
    /// Somebody at an organisation with nothing said beyond who, as what and for what: the rest is for whoever knows it.
    #[must_use]
    pub fn new(
        (person, person_name): (PersonId, String),
        place: &Organization,
        role: Role,
        purpose: Purpose,
        expires: Instant,
    ) -> Self {
        Self {
            person,
            person_name,
            qualification: None,
            organization: place.id.clone(),
            organization_name: place.name.clone(),
            organization_kind: place.kind,
            role,
            purpose,
            citizen: None,
            on_behalf: None,
            automatic: role == Role::System,
            reason: None,
            whole: false,
            scope: None,
            expires,
        }
    }
}

/// For whom somebody acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnBehalf {
    /// The name.
    pub name: String,
    /// How the two are related: `daughter`, `assistant`.
    pub relation: String,
}
