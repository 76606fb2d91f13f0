//! Snapshots from differentials.
//!
//! The base's snapshot is held as a tree. Each element of the differential is led to its place by the steps of its id:
//! where a step enters a data type, a profile of it or a content reference, that structure's elements are put in; where
//! it names a slice that is not there, the element is copied as the slice. Then the element's members are laid over.
//!
//! What must hold: only what a differential walks into is unfolded, so recursive types end; elements are bounded; what
//! has no place is a fault with the element's id.

mod compare;
mod merge;
mod tree;

use std::collections::HashMap;

use tsumugi_fhir::{Finding, IssueType};

use crate::{
    compile::{Partial, RawStructure},
    model::{Element, Structure},
};
use tree::Tree;

pub use compare::compare;

/// Most elements of one differential; the largest of the national profiles has some 700.
const MOST_CHANGES: usize = 10_000;

/// Where the generator finds other structures, with their snapshots.
pub trait Source {
    /// The structure with a canonical URL.
    fn structure(&self, canonical: &str) -> Option<&Structure>;
}

/// Why there is no snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SnapshotFault {
    /// The base is not loaded, or has no snapshot, or the structures are each other's bases.
    Base,
    /// An element of the differential has no place in the base.
    Element(Box<str>),
    /// More elements, or deeper, than is believable.
    TooMany,
}

impl SnapshotFault {
    /// The finding for a file.
    #[must_use]
    pub fn finding(&self, file: String) -> Finding {
        let (code, ja, en) = match self {
            Self::Base => (
                IssueType::NotFound,
                "baseDefinitionの定義が読み込まれていません。その定義のパッケージを加えてください。この定義は使いません。"
                    .to_owned(),
                "The definition that baseDefinition names is not loaded. Add its package. This definition is not used."
                    .to_owned(),
            ),
            Self::Element(id) => (
                IssueType::Structure,
                format!("差分の要素「{id}」は元の定義にありません。idとpathを直してください。この定義は使いません。"),
                format!(
                    "The differential's element `{id}` has no place in the base. Correct its id and path. This definition is not used."
                ),
            ),
            Self::TooMany => (
                IssueType::TooCostly,
                "スナップショットの要素が多すぎます。差分を分けてください。この定義は使いません。".to_owned(),
                "The snapshot would have too many elements. Split the differential. This definition is not used."
                    .to_owned(),
            ),
        };
        Finding::error(code, file, ja, en)
    }
}

/// The snapshot of `raw`, whose base is `base`.
///
/// # Errors
/// [`SnapshotFault`] where an element of the differential has no place, or there would be too many elements.
pub fn generate(raw: &RawStructure, base: &Structure, source: &dyn Source) -> Result<Vec<Element>, SnapshotFault> {
    if raw.differential.len() > MOST_CHANGES {
        return Err(SnapshotFault::TooMany);
    }
    let mut tree = Tree::new(base, source);
    let ids = identify(&raw.differential);
    for (partial, id) in raw.differential.iter().zip(&ids) {
        let place = tree.place(id)?;
        merge::apply(partial, tree.element_mut(place));
    }
    Ok(tree.into_elements())
}

/// The ids of a differential's elements; of those without one, made of path and slice names of what stands before.
fn identify(differential: &[Partial]) -> Vec<String> {
    let mut last: HashMap<&str, String> = HashMap::new();
    let mut ids = Vec::with_capacity(differential.len());
    for partial in differential {
        let named_above = |path: &str| {
            path.match_indices('.').rev().find_map(|(at, _)| {
                let (above, rest) = path.split_at(at);
                last.get(above).map(|id| format!("{id}{rest}"))
            })
        };
        let id = match partial.has_id {
            true => partial.id.to_string(),
            false => {
                let id = named_above(&partial.path).unwrap_or_else(|| partial.path.to_string());
                partial.slice.as_ref().map_or(id.clone(), |slice| format!("{id}:{slice}"))
            }
        };
        last.insert(&partial.path, id.clone());
        ids.push(id);
    }
    ids
}
