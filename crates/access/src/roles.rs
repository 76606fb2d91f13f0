//! The table: which role may ask for what, for which purpose. The policies say when it is then granted.
//!
//! A request outside the table is refused before any policy is read, in words of its own: the cause lies wholly in the
//! caller, so nothing about a citizen is told. The research purpose has no row: research never reads a
//! shelf.

use tsumugi_kernel::{Purpose, Role};

use crate::{Action, ActionGroup};

use ActionGroup::{Log, Matching, Object, Standing, View, Write};

const LOOK: &[ActionGroup] = &[View];
const WRITE: &[ActionGroup] = &[Write];
const WORK: &[ActionGroup] = &[View, Write];
const REGISTER: &[ActionGroup] = &[View, Write, Standing];
const OWN: &[ActionGroup] = &[View, Log, Standing, Object];
const DESK: &[ActionGroup] = &[View, Write, Standing, Matching, Object];
const WATCH: &[ActionGroup] = &[Log];
const NOTHING: &[ActionGroup] = &[];

/// What the role may ask for with this purpose; empty when nothing.
#[must_use]
pub const fn asks(role: Role, purpose: Purpose) -> &'static [ActionGroup] {
    use Purpose as P;
    match (role, purpose) {
        (Role::Citizen, P::PatientRequest) | (Role::Proxy, P::FamilyRequest) => OWN,

        (
            Role::Physician | Role::Dentist | Role::Nurse | Role::Pharmacist | Role::Therapist,
            P::Treat | P::CareManagement,
        ) => WORK,
        (Role::Physician | Role::Dentist | Role::Nurse | Role::Pharmacist, P::EmergencyTreat) => LOOK,
        (Role::Physician | Role::Dentist | Role::Nurse, P::BreakGlass) => LOOK,
        // Only while the supervising body has opened it where they work.
        (Role::Physician | Role::Dentist | Role::Nurse | Role::Pharmacist | Role::Crew, P::Disaster) => LOOK,
        (Role::Physician, P::PublicHealth) => WRITE,

        (Role::CareManager | Role::CareWorker, P::CareManagement) => WORK,
        (Role::Crew, P::EmergencyTreat) => LOOK,

        (Role::Registrar, P::RecordManagement) => DESK,
        (Role::Registrar, P::Coverage | P::Payment) => LOOK,
        (Role::Insurer, P::Coverage | P::Payment) => WORK,
        (Role::Municipality, P::CareManagement | P::Coverage) => LOOK,
        (Role::Municipality, P::PublicHealth) => WORK,
        (Role::Municipality, P::RecordManagement) => DESK,
        (Role::PublicHealth, P::PublicHealth) => WORK,

        (Role::Supervisor, P::Operations) => WATCH,
        // A register of a municipality says who has parental authority; no other system is granted that.
        (Role::System, P::RecordManagement) => REGISTER,
        _ => NOTHING,
    }
}

/// Whether the role may ask for this action, beyond its group: to take a record along is for the person and whoever acts for
/// her, and what a link shows is asked for by nobody at the door.
#[must_use]
pub const fn may_do(role: Role, action: Action) -> bool {
    match action {
        Action::Take => matches!(role, Role::Citizen | Role::Proxy),
        Action::Link | Action::Offline => false,
        _ => true,
    }
}

/// Whether the role may ask for this at all. Whoever is called to account may answer, whatever they are signed in for.
#[must_use]
pub fn may_ask(role: Role, purpose: Purpose, group: ActionGroup) -> bool {
    match group {
        ActionGroup::Answer => role != Role::Citizen,
        _ => asks(role, purpose).contains(&group),
    }
}
