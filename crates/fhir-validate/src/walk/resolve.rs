//! What references point to inside the document.

use std::{borrow::Cow, collections::HashMap};

use tsumugi_fhir::json::Node;

use super::{Scope, Walk};

/// A bundle's resources by full URL, and by kind and id where that names one only.
#[derive(Default)]
pub(crate) struct Index<'d> {
    urls: HashMap<Cow<'d, str>, Node<'d>>,
    names: HashMap<String, Option<Node<'d>>>,
}

impl<'d> Index<'d> {
    fn new(root: Node<'d>) -> Self {
        let mut index = Self::default();
        if root.get_str("resourceType").as_deref() != Some("Bundle") {
            return index;
        }
        for entry in root.get("entry").into_iter().flat_map(Node::items) {
            let Some(resource) = entry.get("resource") else { continue };
            if let Some(url) = entry.get_str("fullUrl") {
                index.urls.entry(url).or_insert(resource);
            }
            if let (Some(kind), Some(id)) = (resource.get_str("resourceType"), resource.get_str("id")) {
                index.names.entry(format!("{kind}/{id}")).and_modify(|one| *one = None).or_insert(Some(resource));
            }
        }
        index
    }
}

/// Where a reference was found to lead.
#[derive(Clone, Copy)]
pub(crate) enum Place {
    Contained,
    Bundled,
}

impl<'d> Walk<'_, 'd> {
    /// What a reference's text points to inside the document. A relative reference is completed with the base of the
    /// full URL of its own entry; where that has none (`urn:uuid:`), kind and id must name one entry.
    pub(crate) fn resolve(&self, scope: Scope<'_, 'd>, text: &str) -> Option<(Node<'d>, Place)> {
        if let Some(id) = text.strip_prefix('#') {
            if id.is_empty() {
                return Some((scope.container, Place::Contained));
            }
            let mut inner = scope.container.get("contained").into_iter().flat_map(Node::items);
            return inner.find(|one| one.get_str("id").as_deref() == Some(id)).map(|one| (one, Place::Contained));
        }
        let index = self.index.get_or_init(|| Index::new(self.root));
        let bare = text.split_once("/_history/").map_or(text, |(bare, _)| bare);
        let found = index.urls.get(text).or_else(|| index.urls.get(bare)).copied().or_else(|| {
            if text.contains(':') {
                return None;
            }
            let base = scope.entry.and_then(|entry| entry.get_str("fullUrl"));
            let base = base.as_deref().filter(|url| url.starts_with("http")).and_then(|url| {
                let at = url.rmatch_indices('/').nth(1)?.0;
                url.get(..=at).map(str::to_owned)
            });
            match base {
                Some(base) => index.urls.get(format!("{base}{bare}").as_str()).copied(),
                None => index.names.get(bare).copied().flatten(),
            }
        });
        found.map(|node| (node, Place::Bundled))
    }

    /// What a Reference points to.
    pub(crate) fn target(&self, scope: Scope<'_, 'd>, reference: Node<'d>) -> Option<(Node<'d>, Place)> {
        self.resolve(scope, &reference.get_str("reference")?)
    }
}
