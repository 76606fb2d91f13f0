//! From definitions as FHIR JSON to the model: one reading for the base's pack and for packages.
//!
//! What must hold: bad input is a [`Fault`] with the member's name, never a panic; prose is not read; a definition's
//! text is kept only where it is a rule (expressions, fixed values, codes).

mod element;
mod search;
mod structure;
mod terms;
mod types;

use tsumugi_fhir::json::Node;

use crate::model::{CodeSystem, Compartment, SearchParam, ValueSet};

pub use element::{DiffSlicing, Partial, Step};
pub use structure::RawStructure;
pub use types::{Unresolved, type_model};

/// One definition, read.
#[derive(Clone, Debug)]
pub enum Definition {
    /// A StructureDefinition.
    Structure(Box<RawStructure>),
    /// A ValueSet.
    ValueSet(ValueSet),
    /// A CodeSystem.
    CodeSystem(CodeSystem),
    /// A SearchParameter.
    SearchParam(SearchParam),
    /// A CompartmentDefinition.
    Compartment(Compartment),
}

/// What a definition lacks or says in a way that cannot be understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The member: `url`, `snapshot.element.max`.
    pub member: &'static str,
    /// Whether it is missing; else it is there with a value that the member does not have.
    pub missing: bool,
}

impl Fault {
    pub(crate) const fn missing(member: &'static str) -> Self {
        Self { member, missing: true }
    }

    pub(crate) const fn bad(member: &'static str) -> Self {
        Self { member, missing: false }
    }
}

/// Reads one resource; `Ok(None)` for kinds that define nothing here (examples, capability statements …).
///
/// # Errors
/// A [`Fault`] names the member that is missing or not understood.
pub fn definition(resource: Node<'_>) -> Result<Option<Definition>, Fault> {
    let kind = resource.get_str("resourceType").ok_or(Fault::missing("resourceType"))?;
    Ok(Some(match kind.as_ref() {
        "StructureDefinition" => Definition::Structure(Box::new(structure::read(resource)?)),
        "ValueSet" => Definition::ValueSet(terms::value_set(resource)?),
        "CodeSystem" => Definition::CodeSystem(terms::code_system(resource)?),
        "SearchParameter" => Definition::SearchParam(search::search_param(resource)?),
        "CompartmentDefinition" => Definition::Compartment(search::compartment(resource)?),
        _ => return Ok(None),
    }))
}

/// A string member.
fn text(node: Node<'_>, member: &str) -> Option<Box<str>> {
    node.get_str(member).map(|text| text.into_owned().into_boxed_str())
}

/// The canonical URL and version, which may stand in one (`url|version`).
fn canonical(node: Node<'_>) -> Result<(Box<str>, Option<Box<str>>), Fault> {
    let url = text(node, "url").filter(|url| !url.is_empty()).ok_or(Fault::missing("url"))?;
    Ok((url, text(node, "version")))
}

/// The strings of an array member.
fn texts(node: Node<'_>, member: &str) -> Vec<Box<str>> {
    let items = node.get(member).into_iter().flat_map(Node::items);
    items.filter_map(Node::as_str).map(|text| text.into_owned().into_boxed_str()).collect()
}

/// JSON text without the white space between its tokens.
fn compact(raw: &str) -> Box<str> {
    let mut out = String::with_capacity(raw.len());
    let (mut inside, mut escaped) = (false, false);
    for c in raw.chars() {
        if inside || !c.is_ascii_whitespace() {
            out.push(c);
        }
        match c {
            '"' if !escaped => inside = !inside,
            _ => {}
        }
        escaped = inside && c == '\\' && !escaped;
    }
    out.into_boxed_str()
}
