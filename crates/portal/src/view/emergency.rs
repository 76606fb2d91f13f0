//! A person at one glance, for whoever must act now.

use super::{Glass, Medicine, Precaution, Statement};

/// What an emergency needs, in the order of its page.
#[derive(Clone, Debug, Default)]
pub struct EmergencyView {
    /// Allergies and medicines that must not be given.
    pub allergies: Vec<Statement>,
    /// Medicines in use.
    pub medicines: Vec<Medicine>,
    /// The newest medicines known to have been taken: what, and when.
    pub taken: Vec<Statement>,
    /// Illnesses.
    pub conditions: Vec<Statement>,
    /// Infections.
    pub infections: Vec<Statement>,
    /// What to heed, by topic.
    pub precautions: Vec<Precaution>,
    /// Whom to call.
    pub support: Vec<Statement>,
    /// Looking with a typed reason: offered or begun.
    pub glass: Option<Glass>,
}
