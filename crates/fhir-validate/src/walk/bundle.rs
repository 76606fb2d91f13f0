//! Bundles, beyond what R4's own invariants say: full URLs, and documents that hold together.
//!
//! Source: HL7 FHIR R4, "Bundle" and "Documents" (<https://hl7.org/fhir/R4/documents.html>).

use std::collections::HashSet;

use tsumugi_fhir::{bundle::BundleType, json::Node, values::references};
use tsumugi_kernel::limits;

use super::{At, Scope, Walk};
use crate::words::Say;

impl<'v, 'd> Walk<'v, 'd> {
    pub(crate) fn bundle(&mut self, bundle: Node<'d>) {
        let Some(kind) = bundle.get_str("type").and_then(|code| BundleType::from_code(&code)) else { return };
        let entries: Vec<Node<'d>> = bundle.get("entry").into_iter().flat_map(Node::items).collect();
        if entries.len() > limits::BUNDLE_ENTRIES {
            return self.say(Say::MUCH, None, At::below(bundle, "entry"), [""; 2]);
        }
        for entry in &entries {
            self.full_url(*entry, kind);
        }
        // References inside another bundle's entry are that bundle's affair.
        if kind == BundleType::Document && bundle.is_same(self.root) {
            self.document(&entries);
        }
    }

    fn full_url(&mut self, entry: Node<'d>, kind: BundleType) {
        let Some(resource) = entry.get("resource") else { return };
        let Some(node) = entry.get("fullUrl") else {
            use BundleType::{Collection, Document, Message, Searchset};
            if matches!(kind, Collection | Document | Message | Searchset) {
                self.say(Say::FULL_URL, None, At::below(entry, "fullUrl"), [""; 2]);
            }
            return;
        };
        let Some(url) = node.as_str().filter(|url| !url.is_empty()) else { return };
        if !["http://", "https://", "urn:uuid:", "urn:oid:"].iter().any(|start| url.starts_with(start)) {
            return self.say(Say::FULL_URL_FORM, None, At::node(node), [""; 2]);
        }
        let posted = entry.find_str("request.method").as_deref() == Some("POST");
        if posted || !url.starts_with("http") {
            return;
        }
        let (Some(kind), Some(id)) = (resource.get_str("resourceType"), resource.get_str("id")) else { return };
        if !url.strip_suffix(&*id).is_some_and(|rest| rest.ends_with(&format!("/{kind}/"))) {
            self.say(Say::FULL_URL_ID, None, At::node(node), [""; 2]);
        }
    }

    /// What a Composition points to stands in the document, and every entry can be reached from it.
    fn document(&mut self, entries: &[Node<'d>]) {
        let Some(first) = entries.first().copied() else { return };
        let Some(composition) = first.get("resource").filter(|node| is_composition(*node)) else { return };
        let mut open = vec![(first, composition)];
        let mut seen: HashSet<usize> = HashSet::from([composition.offset()]);
        while let Some((entry, resource)) = open.pop() {
            let scope = self.scope_of(entry, resource);
            for reference in references(&resource) {
                let text: &str = &reference.text;
                let found = self.resolve(scope, text).map(|(node, _)| node);
                if found.is_none() && is_composition(resource) && is_local(text) {
                    self.say(Say::OUTSIDE, None, At::node(reference.value), [""; 2]);
                }
                let Some(found) = found.filter(|node| seen.insert(node.offset())) else { continue };
                let holds = |entry: &&Node<'d>| entry.get("resource").is_some_and(|own| own.is_same(found));
                open.extend(entries.iter().find(holds).map(|entry| (*entry, found)));
            }
        }
        for entry in entries {
            if entry
                .get("resource")
                .is_some_and(|own| !seen.contains(&own.offset()) && !points_back(own, &seen, self, *entry))
            {
                self.say(Say::UNREACHED, None, At::node(*entry), [""; 2]);
            }
        }
    }

    fn scope_of(&self, entry: Node<'d>, resource: Node<'d>) -> Scope<'v, 'd> {
        Scope { resource, container: resource, shape: self.v.shape(self.v.known.element), entry: Some(entry) }
    }
}

fn is_composition(node: Node<'_>) -> bool {
    node.get_str("resourceType").as_deref() == Some("Composition")
}

/// Whether a reference leads to an entry and nowhere else.
fn is_local(text: &str) -> bool {
    text.starts_with("urn:") || !text.contains("://") && !text.starts_with('#') && !text.contains('?')
}

/// Provenance and the like belong to a document by pointing to what is in it.
fn points_back<'d>(resource: Node<'d>, seen: &HashSet<usize>, walk: &Walk<'_, 'd>, entry: Node<'d>) -> bool {
    let scope = walk.scope_of(entry, resource);
    references(&resource)
        .any(|one| walk.resolve(scope, &one.text).is_some_and(|(node, _)| seen.contains(&node.offset())))
}
