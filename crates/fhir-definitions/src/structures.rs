//! All structures with their snapshots, by canonical URL.

use std::sync::Arc;

use crate::{canonical::Canonicals, model::Structure};

/// Structures and where each stands.
#[derive(Clone, Debug, Default)]
pub(crate) struct Structures {
    list: Vec<Arc<Structure>>,
    places: Canonicals,
}

impl Structures {
    /// Adds a structure; `false` if its URL and version are there already.
    pub(crate) fn add(&mut self, structure: Arc<Structure>) -> bool {
        let Ok(place) = u32::try_from(self.list.len()) else { return false };
        let version = |at: u32| self.list.get(at as usize).and_then(|it| it.version.as_deref());
        if self.places.add(&structure.url, structure.version.as_deref(), place, version).is_some() {
            return false;
        }
        self.list.push(structure);
        true
    }

    pub(crate) fn get(&self, canonical: &str) -> Option<&Arc<Structure>> {
        self.list.get(self.places.find(canonical)? as usize)
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Arc<Structure>> {
        self.list.iter()
    }
}
