//! Rules of JP-CLINS that need no profile engine, under the numbers of its specification.
//!
//! Source: JP-CLINS 1.5 `InvariantsRules` and its page on the five kinds of information; the words are our own. A
//! missing section of a discharge summary is a warning here: which sections are required is for the profile engine.
//! Where the package is loaded, its profiles state most rules in FHIRPath as well; [`table`] gives both one number and one
//! wording, and of a rule that both find broken one finding is kept, the one that names the place more closely.
//! What the official examples get wrong themselves (R1011: their Patient lacks the institution extension) is checked
//! only where the element is there.

mod bundle;
mod extra;
pub(crate) mod patient;
mod resource;
pub(crate) mod table;

use tsumugi_fhir::{
    bundle::{Bundle, BundleType},
    json::Node,
    outcome::{Collector, Finding, Severity},
};
use tsumugi_kernel::Kind;

use crate::{
    Validator,
    ask::{Ask, Mode},
    walk::Walk,
};

pub(crate) use extra::Extra;

/// Checks a JP-CLINS collection (5情報: `JP_Bundle_CLINS`).
#[must_use]
pub fn collection(node: &Node<'_>) -> Vec<Finding> {
    with_bundle(node, |rules, bundle| {
        if bundle.kind != BundleType::Collection {
            let at = node.get("type").unwrap_or(*node);
            rules.error("CLINS-type", at);
        }
        bundle::identifier(rules, bundle);
        bundle::profile_and_tag(rules, bundle);
        bundle::entries(rules, bundle);
        if let Some(patient) = bundle.first().filter(|first| is_kind(*first, "Patient")) {
            patient::patient(rules, patient);
        }
        for resource in bundle.resources().skip(1) {
            resource::in_collection(rules, resource);
            resource::everywhere(rules, resource);
        }
    })
}

/// Checks a JP-CLINS document (3文書: referral letter, discharge summary, checkup report; and the patient summary).
#[must_use]
pub fn document(node: &Node<'_>) -> Vec<Finding> {
    with_bundle(node, |rules, bundle| {
        if bundle.kind != BundleType::Document {
            let at = node.get("type").unwrap_or(*node);
            rules.error("CLINS-type/document", at);
        }
        bundle::identifier(rules, bundle);
        bundle::composition(rules, bundle);
        for resource in bundle.resources().skip(1) {
            if is_kind(resource, "Patient") {
                patient::patient(rules, resource);
            }
            resource::everywhere(rules, resource);
        }
    })
}

/// The form of an institution number: prefecture, kind of fee table, seven digits.
pub(crate) fn is_institution(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 10
        && bytes.iter().all(u8::is_ascii_digit)
        && (b'0'..=b'4').contains(&bytes[0])
        && (b'1'..=b'3').contains(&bytes[2])
}

fn with_bundle<'a>(node: &Node<'a>, check: impl FnOnce(&mut Rules<'a>, &Bundle<'a>)) -> Vec<Finding> {
    match Bundle::of(*node) {
        Err(findings) => findings,
        Ok(bundle) => {
            let mut rules = Rules { root: *node, out: Collector::default() };
            check(&mut rules, &bundle);
            rules.out.finish()
        }
    }
}

fn is_kind(node: Node<'_>, name: &str) -> bool {
    node.get_str("resourceType").as_deref() == Some(name)
}

fn kind_of(node: Node<'_>) -> Option<Kind> {
    Kind::from_name(&node.get_str("resourceType")?)
}

/// Whether `meta.profile` names `profile`, with any version.
fn has_profile(node: Node<'_>, profile: &str) -> bool {
    let fits = |own: &str| own.strip_prefix(profile).is_some_and(|rest| rest.is_empty() || rest.starts_with('|'));
    node.find("meta.profile").filter_map(Node::as_str).any(|own| fits(&own))
}

/// The value of the extension with this URL, if there is one.
fn extension<'a>(node: Node<'a>, url: &str) -> Option<Node<'a>> {
    node.find("extension").find(|one| one.get_str("url").as_deref() == Some(url))
}

/// How often `system` stands in the codings of `concept`, with `code` where given.
fn codings(concept: Option<Node<'_>>, system: &str, code: Option<&str>) -> usize {
    let fits = |coding: &Node<'_>| {
        let own = tsumugi_fhir::values::systems::present(coding.get_str("system").unwrap_or_default());
        own == system && code.is_none_or(|code| coding.get_str("code").as_deref() == Some(code))
    };
    concept.map_or(0, |concept| concept.find("coding").filter(fits).count())
}

/// Collects what the rules find.
struct Rules<'a> {
    root: Node<'a>,
    out: Collector,
}

impl<'a> Rules<'a> {
    fn error(&mut self, rule: &'static str, node: Node<'a>) {
        self.say(Severity::Error, rule, node);
    }

    fn warn(&mut self, rule: &'static str, node: Node<'a>) {
        self.say(Severity::Warning, rule, node);
    }

    fn say(&mut self, severity: Severity, rule: &'static str, node: Node<'a>) {
        let root = self.root;
        if let Some(known) = table::named(rule) {
            self.out.add(severity, || known.finding(severity, format!("Bundle{}", root.path_to(node)), node));
        }
    }
}

/// The rules of a mode, after the walk over profiles: what the profiles found already is not said again.
pub(crate) fn run<'v, 'd>(v: &'v Validator, root: Node<'d>, ask: &Ask<'d>, walk: &mut Walk<'v, 'd>) {
    let findings = match ask.mode {
        Mode::Resource => return,
        Mode::Document => document(&root),
        Mode::Collection => collection(&root),
    };
    for finding in findings {
        walk.take_rule(finding);
    }
    extra::run(v, root, ask, walk);
}
