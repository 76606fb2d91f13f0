//! What checks one text: the one place that knows the validator.

use std::path::Path;

use tsumugi_fhir::{
    Finding,
    json::{Document, Limits, Node},
};
use tsumugi_fhir_validate::{Ask, Mode, Validator};
use tsumugi_fhir_xml::{XmlError, XmlFault};
use tsumugi_kernel::{Clock, edge::SystemClock};

use super::input::{Form, Skip, Text};
use crate::packages;

/// What the rules of findings begin with that say what could not be checked.
const NOT_CHECKED: &str = "not-checked-";

/// What came of one text.
#[derive(Debug)]
pub enum Answer {
    /// It was checked.
    Checked {
        /// The resource's type.
        kind: String,
        /// How many resources were checked: of a bundle, itself and those of its entries.
        resources: u64,
        /// What was found.
        findings: Vec<Finding>,
        /// Whether places of findings are places in the file.
        placed: bool,
    },
    /// It is none of ours.
    Skipped(Skip),
}

/// Checks texts, one after the other.
pub struct Engine {
    validator: Validator,
    profiles: Vec<String>,
    notes: Vec<Finding>,
}

impl Engine {
    /// Made ready with the packages of a folder.
    ///
    /// # Errors
    /// If the folder or a package cannot be read, or a profile that is asked for is not loaded.
    pub fn new(packages: Option<&Path>, profiles: &[String]) -> anyhow::Result<Self> {
        let (definitions, notes) = packages::read(packages)?;
        for profile in profiles {
            anyhow::ensure!(
                definitions.structure(profile).is_some(),
                "the profile {profile} is not loaded, so nothing could be held to it; name the folder of its package with --packages, or correct the URL"
            );
        }
        Ok(Self { validator: Validator::new(definitions), profiles: profiles.to_vec(), notes })
    }

    /// The validator itself.
    #[must_use]
    pub fn validator(&self) -> &Validator {
        &self.validator
    }

    /// What is to be said about the packages.
    #[must_use]
    pub fn notes(&self) -> &[Finding] {
        &self.notes
    }

    /// Checks one text.
    #[must_use]
    pub fn check(&self, text: Text) -> Answer {
        // A finding about the values of an XML document stands at a place of the JSON that was made of it: no place in
        // the file. The element's path is the same in both.
        let placed = text.form == Form::Json;
        let json = match text.form {
            Form::Json => text.bytes,
            Form::Xml => match tsumugi_fhir_xml::to_json(&text.bytes, self.validator.defs(), &Limits::default()) {
                Ok(json) => json.into(),
                Err(errors) if errors.errors().first().is_some_and(is_other_xml) => {
                    return Answer::Skipped(Skip::OtherXml);
                }
                Err(errors) => return unreadable(errors.findings()),
            },
        };
        let document = match Document::parse(json, &Limits::default()) {
            Ok(document) => document,
            Err(error) => return unreadable(vec![error.finding()]),
        };
        let root = document.root();
        let Some(kind) = root.get_str("resourceType") else { return Answer::Skipped(Skip::NoResource) };
        Answer::Checked { kind: kind.into_owned(), resources: resources(root), findings: self.findings(root), placed }
    }

    fn findings(&self, root: Node<'_>) -> Vec<Finding> {
        let profiles: Vec<&str> = self.profiles.iter().map(String::as_str).collect();
        let ask = Ask { profiles: &profiles, mode: Mode::of(root), ..Ask::at(SystemClock.now()) };
        self.validator.validate(root, &ask).findings
    }
}

fn unreadable(findings: Vec<Finding>) -> Answer {
    Answer::Checked { kind: String::new(), resources: 0, findings, placed: true }
}

/// Whether the root is of another namespace: an error without a path is the root's own.
fn is_other_xml(error: &XmlError) -> bool {
    error.fault == XmlFault::Namespace && error.path.is_empty()
}

/// Whether a finding says that something was not checked.
#[must_use]
pub fn is_not_checked(finding: &Finding) -> bool {
    finding.rule.as_deref().is_some_and(|rule| rule.starts_with(NOT_CHECKED))
}

/// How many resources stand in a document.
fn resources(root: Node<'_>) -> u64 {
    let entries =
        root.get("entry").map(|entries| entries.items().filter(|entry| entry.get("resource").is_some()).count());
    1 + entries.unwrap_or(0) as u64
}
