//! Code systems and value sets.

use std::collections::HashMap;

use tsumugi_fhir::json::Node;

use super::{Fault, canonical, text, texts};
use crate::model::{CodeSystem, Coded, Concept, Include, ValueSet};

/// Reads a CodeSystem. A supplement adds no codes and stands under its own URL.
pub(super) fn code_system(node: Node<'_>) -> Result<CodeSystem, Fault> {
    let (url, version) = canonical(node)?;
    let mut concepts = Concepts::default();
    concepts.read(node)?;
    concepts.link();
    Ok(CodeSystem {
        url,
        version,
        case_sensitive: node.get("caseSensitive").and_then(Node::as_bool).unwrap_or(true),
        complete: node.get_str("content").is_some_and(|content| content == "complete"),
        concepts: concepts.list,
    })
}

/// Codes while they are read, and the parents that are named by code.
#[derive(Default)]
struct Concepts {
    list: Vec<Concept>,
    /// Child and parent.
    named: Vec<(Box<str>, Box<str>)>,
}

impl Concepts {
    /// Reads all concepts under `system`; a stack of our own, so that nesting costs no thread's stack.
    fn read(&mut self, system: Node<'_>) -> Result<(), Fault> {
        let mut waiting =
            vec![(system.get("concept").into_iter().flat_map(Node::items).collect::<Vec<_>>().into_iter(), None)];
        while let Some((items, parent)) = waiting.last_mut() {
            let Some(item) = items.next() else {
                waiting.pop();
                continue;
            };
            let parents = parent.iter().copied().collect();
            let index = u32::try_from(self.list.len()).map_err(|_| Fault::bad("concept"))?;
            let code = text(item, "code").ok_or(Fault::missing("concept.code"))?;
            let mut concept = Concept { code, parents, is_abstract: false, properties: Vec::new() };
            for property in item.get("property").into_iter().flat_map(Node::items) {
                self.property(property, &mut concept);
            }
            self.list.push(concept);
            let children: Vec<_> = item.get("concept").into_iter().flat_map(Node::items).collect();
            if !children.is_empty() {
                waiting.push((children.into_iter(), Some(index)));
            }
        }
        Ok(())
    }

    fn property(&mut self, property: Node<'_>, concept: &mut Concept) {
        let Some(name) = text(property, "code") else { return };
        let Some((_, value)) = property.members().find(|(key, _)| key.starts_with("value")) else { return };
        let words = |node: Node<'_>| match node.as_str() {
            Some(words) => words.into_owned().into_boxed_str(),
            None => node.get_str("code").map_or_else(|| node.raw().into(), |code| code.into_owned().into_boxed_str()),
        };
        match &*name {
            "subsumedBy" | "parent" => self.named.push((concept.code.clone(), words(value))),
            "child" => self.named.push((words(value), concept.code.clone())),
            "notSelectable" | "abstract" => concept.is_abstract |= value.as_bool() == Some(true),
            _ => concept.properties.push((name, words(value))),
        }
    }

    /// Resolves parents that were named by code. A name that no concept has is left out.
    fn link(&mut self) {
        let places: HashMap<&str, usize> =
            self.list.iter().enumerate().map(|(at, concept)| (&*concept.code, at)).collect();
        let links: Vec<(usize, usize)> = self
            .named
            .iter()
            .filter_map(|(child, parent)| Some((*places.get(&**child)?, *places.get(&**parent)?)))
            .collect();
        for (child, parent) in links {
            let Ok(parent) = u32::try_from(parent) else { continue };
            if let Some(concept) = self.list.get_mut(child) {
                concept.parents.push(parent);
            }
        }
        for concept in &mut self.list {
            concept.parents.sort_unstable();
            concept.parents.dedup();
        }
    }
}

/// Reads a ValueSet.
pub(super) fn value_set(node: Node<'_>) -> Result<ValueSet, Fault> {
    let (url, version) = canonical(node)?;
    let compose = node.get("compose");
    let includes = |member: &str| -> Result<Vec<Include>, Fault> {
        let items = compose.and_then(|compose| compose.get(member)).into_iter().flat_map(Node::items);
        items.map(include).collect()
    };
    Ok(ValueSet {
        url,
        version,
        include: includes("include")?,
        exclude: includes("exclude")?,
        expansion: expansion(node)?,
    })
}

fn include(node: Node<'_>) -> Result<Include, Fault> {
    let concepts = node.get("concept").into_iter().flat_map(Node::items);
    let codes = concepts.map(|concept| text(concept, "code").ok_or(Fault::missing("compose.include.concept.code")));
    let filters = node.get("filter").into_iter().flat_map(Node::items);
    let part = |filter: Node<'_>, member| text(filter, member).ok_or(Fault::missing("compose.include.filter"));
    let filters = filters.map(|filter| Ok((part(filter, "property")?, part(filter, "op")?, part(filter, "value")?)));
    Ok(Include {
        system: text(node, "system"),
        codes: codes.collect::<Result<_, _>>()?,
        filters: filters.collect::<Result<_, Fault>>()?,
        value_sets: texts(node, "valueSet"),
    })
}

/// An expansion, if it is whole: one that names a larger total than it lists proves nothing by absence.
fn expansion(node: Node<'_>) -> Result<Option<Vec<Coded>>, Fault> {
    let Some(expansion) = node.get("expansion") else { return Ok(None) };
    let mut codes = Vec::new();
    let mut waiting: Vec<Node<'_>> = expansion.get("contains").into_iter().flat_map(Node::items).collect();
    let mut entries = 0_usize;
    while let Some(entry) = waiting.pop() {
        entries += 1;
        waiting.extend(entry.get("contains").into_iter().flat_map(Node::items));
        let groups = entry.get("abstract").and_then(Node::as_bool) == Some(true);
        if let (Some(system), Some(code), false) = (text(entry, "system"), text(entry, "code"), groups) {
            codes.push((system, code));
        }
    }
    let total = expansion.get("total").and_then(Node::number_text).and_then(|total| total.parse::<usize>().ok());
    let whole = entries > 0 && total.is_none_or(|total| total <= entries);
    codes.sort_unstable();
    codes.dedup();
    Ok(whole.then_some(codes))
}
