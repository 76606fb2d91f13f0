//! One StructureDefinition, its snapshot and its differential.

use tsumugi_fhir::json::Node;

use super::{Fault, Partial, canonical, element, text};
use crate::model::{Element, ExtensionContext, Structure, StructureKind};

/// A StructureDefinition as read: what [`Structure`] says, and the differential.
#[derive(Clone, Debug)]
pub struct RawStructure {
    /// The structure; without elements where there is no snapshot.
    pub structure: Structure,
    /// The snapshot's elements.
    pub snapshot: Vec<Partial>,
    /// The differential's elements.
    pub differential: Vec<Partial>,
}

impl RawStructure {
    /// The snapshot's elements as a whole.
    #[must_use]
    pub fn elements(&self) -> Vec<Element> {
        self.snapshot.iter().map(Partial::element).collect()
    }
}

/// Reads a StructureDefinition.
pub(super) fn read(node: Node<'_>) -> Result<RawStructure, Fault> {
    let (url, version) = canonical(node)?;
    let kind = match node.get_str("kind").as_deref() {
        Some("primitive-type") => StructureKind::Primitive,
        Some("complex-type") => StructureKind::Complex,
        Some("resource") => StructureKind::Resource,
        Some("logical") => StructureKind::Logical,
        Some(_) => return Err(Fault::bad("kind")),
        None => return Err(Fault::missing("kind")),
    };
    let contexts = node.get("context").into_iter().flat_map(Node::items);
    let contexts = contexts.filter_map(|context| {
        Some(ExtensionContext { kind: text(context, "type")?, expression: text(context, "expression")? })
    });
    let partials = |view: &str| -> Result<Vec<Partial>, Fault> {
        let elements = node.get(view).and_then(|view| view.get("element")).into_iter().flat_map(Node::items);
        elements.map(|item| element::read(item, &url)).collect()
    };
    let (snapshot, differential) = (partials("snapshot")?, partials("differential")?);
    let structure = Structure {
        version,
        type_name: text(node, "type").ok_or(Fault::missing("type"))?,
        kind,
        is_abstract: node.get("abstract").and_then(Node::as_bool).unwrap_or(false),
        is_profile: node.get_str("derivation").is_some_and(|how| how == "constraint"),
        base: text(node, "baseDefinition"),
        contexts: contexts.collect(),
        elements: snapshot.iter().map(Partial::element).collect(),
        url: url.clone(),
    };
    if snapshot.is_empty() && structure.base.is_none() {
        return Err(Fault::missing("snapshot"));
    }
    Ok(RawStructure { structure, snapshot, differential })
}
