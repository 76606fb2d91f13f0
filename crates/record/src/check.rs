//! The one place where it is asked whether something holds: every write goes through it, and `$validate` does.

use tsumugi_fhir::{Finding, json::Node};
use tsumugi_fhir_validate::{Ask, Mode};

use crate::Record;

impl Record {
    /// What is wrong with a resource or document: R4, the profiles that it claims and those of `profiles`, and the rules
    /// of what it is sent as. References that lead out of it are not followed: what stands on a shelf is not looked at
    /// before the door has opened.
    #[must_use]
    pub fn check(&self, root: Node<'_>, mode: Mode, profiles: &[&str]) -> Vec<Finding> {
        let ask = Ask { profiles, mode, ..Ask::at(self.now()) };
        self.validator().validate(root, &ask).findings
    }
}
