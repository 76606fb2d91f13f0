//! References inside what is being written: `urn:uuid` of the same bundle, ids that the client chose, sealed ids.

use std::collections::HashMap;

use tsumugi_fhir::{json::Node, values};
use tsumugi_kernel::{Kind, OrganizationId};
use tsumugi_store::StoreError;

use crate::Record;

/// What each reference text is rewritten to. A text that is not here stays as it was sent.
#[derive(Clone, Debug, Default)]
pub struct References(HashMap<String, String>);

impl References {
    /// Records that `from` (a fullUrl or a `Kind/id`) is to be written as `to`.
    pub fn add(&mut self, from: impl Into<String>, to: impl Into<String>) {
        self.0.insert(from.into(), to.into());
    }

    /// What `from` is rewritten to.
    #[must_use]
    pub fn get(&self, from: &str) -> Option<&str> {
        self.0.get(from).map(String::as_str)
    }
}

impl Record {
    /// Adds the aliases of `organization` that `resource` refers to.
    ///
    /// # Errors
    /// If the store cannot read.
    pub async fn add_aliases(
        &self,
        references: &mut References,
        organization: &OrganizationId,
        resource: Node<'_>,
    ) -> Result<(), StoreError> {
        let mut texts: Vec<String> = Vec::new();
        for reference in values::references(&resource) {
            if references.get(&reference.text).is_none() && !texts.iter().any(|known| *known == reference.text) {
                texts.push(reference.text.into_owned());
            }
        }
        for text in texts {
            let Some((kind, id)) = split(&text) else { continue };
            if self.sealer().open(id).is_some() {
                continue;
            }
            if let Some((key, _)) = self.alias(organization, kind, id).await? {
                references.add(text.clone(), format!("{kind}/{}", self.sealer().seal(key)));
            }
        }
        Ok(())
    }
}

/// `Kind/id` in its parts; `None` for every other form of reference.
#[must_use]
pub fn split(reference: &str) -> Option<(Kind, &str)> {
    let (kind, id) = reference.split_once('/')?;
    if id.is_empty() || id.contains('/') {
        return None;
    }
    Some((Kind::from_name(kind)?, id))
}
