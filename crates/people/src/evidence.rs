//! Who said that a number is a person's, for which days, when, and by which message or file.
//!
//! What is said is never taken back: a number that ended stays as evidence, and leads to the person for what is dated
//! within its days ([`crate::resolve`]).

use serde::{Deserialize, Serialize};
use tsumugi_fhir::json::Node;
use tsumugi_kernel::{Instant, OrganizationId};

use crate::{Identifier, Validity, identifier};

/// By what somebody said something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum By {
    /// A FHIR resource or document.
    Message,
    /// A line of a members' file.
    File,
    /// A person at a desk.
    Desk,
}

/// Where a statement comes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Source {
    /// Who says so.
    pub organization: OrganizationId,
    /// By what.
    pub by: By,
    /// Which message or file: the lower-case hexadecimal SHA-256 of its bytes, with `:line` for a line of a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

/// One statement about a number.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Said {
    /// The number.
    #[serde(flatten)]
    pub identifier: Identifier,
    /// The days for which it is the person's.
    #[serde(flatten)]
    pub validity: Validity,
    /// Who said so.
    pub source: Source,
    /// When it was told here.
    pub told: Instant,
}

/// Most statements kept of one person. The first of an organisation about a number is kept before its repetitions are.
pub(crate) const SAID_MOST: usize = 1_024;

/// Adds what is new: another number, other days, or another organisation. Says whether something was.
pub(crate) fn add(said: &mut Vec<Said>, new: &Said) -> bool {
    let same = |old: &Said| {
        old.identifier == new.identifier
            && old.validity == new.validity
            && old.source.organization == new.source.organization
    };
    let fresh = said.len() < SAID_MOST && !said.iter().any(same);
    if fresh {
        said.push(new.clone());
    }
    fresh
}

/// What a FHIR `Patient` says of its numbers: each with its `period`, those that it calls old as well, and the member
/// ids that parts sent apart make up.
#[must_use]
pub fn stated(patient: Node<'_>) -> Vec<(Identifier, Validity)> {
    let mut stated = Vec::new();
    for node in patient.get("identifier").into_iter().flat_map(|array| array.items()) {
        let (Some(system), Some(value)) = (node.get_str("system"), node.get_str("value")) else { continue };
        let validity = node.get("period").map_or(Validity::ALWAYS, Validity::from_period);
        stated.push((Identifier::new(system, value), validity));
    }
    let sent: Vec<Identifier> = stated.iter().map(|(identifier, _)| identifier.clone()).collect();
    for composed in identifier::with_composed(&sent) {
        if !sent.contains(&composed) {
            stated.push((composed, Validity::ALWAYS));
        }
    }
    stated.retain(|(identifier, _)| identifier.standing() != identifier::Standing::Nothing);
    stated
}
