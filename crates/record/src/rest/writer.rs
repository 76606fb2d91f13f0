//! A `Bundle` as an answer, written piece by piece so that no second copy of its resources is made.

use tsumugi_fhir::json::write;

use crate::{Fact, RecordError};

/// A `Bundle` written piece by piece: head, entries, end.
pub struct BundleWriter {
    out: Vec<u8>,
    entries: usize,
}

impl BundleWriter {
    /// Starts a bundle of a type; `total` where the type has one, `links` as (relation, url).
    #[must_use]
    pub fn start(kind: &str, total: Option<usize>, links: &[(&str, String)]) -> Self {
        let mut out = Vec::with_capacity(4096);
        out.extend_from_slice(b"{\"resourceType\":\"Bundle\",\"type\":\"");
        out.extend_from_slice(kind.as_bytes());
        out.push(b'"');
        if let Some(total) = total {
            out.extend_from_slice(format!(",\"total\":{total}").as_bytes());
        }
        for (index, (relation, url)) in links.iter().enumerate() {
            out.extend_from_slice(if index == 0 { b",\"link\":[" } else { b"," });
            out.extend_from_slice(b"{\"relation\":\"");
            out.extend_from_slice(relation.as_bytes());
            out.extend_from_slice(b"\",\"url\":");
            write::string(&mut out, url);
            out.push(b'}');
        }
        if !links.is_empty() {
            out.push(b']');
        }
        Self { out, entries: 0 }
    }

    /// Adds an entry: full URL and resource where there are any, and the rest of the entry as JSON members
    /// (`"search":{…}` or `"response":{…}`).
    pub fn entry(&mut self, full_url: Option<&str>, resource: Option<&[u8]>, rest: &str) {
        self.out.extend_from_slice(if self.entries == 0 { b",\"entry\":[{" } else { b",{" });
        self.entries += 1;
        if let Some(url) = full_url {
            self.out.extend_from_slice(b"\"fullUrl\":");
            write::string(&mut self.out, url);
            self.out.push(b',');
        }
        if let Some(resource) = resource {
            self.out.extend_from_slice(b"\"resource\":");
            self.out.extend_from_slice(resource);
            self.out.push(b',');
        }
        self.out.extend_from_slice(rest.as_bytes());
        self.out.push(b'}');
    }

    /// Adds an entry of a full URL and a resource alone.
    pub fn whole(&mut self, full_url: &str, resource: &[u8]) {
        self.out.extend_from_slice(if self.entries == 0 { b",\"entry\":[{" } else { b",{" });
        self.entries += 1;
        self.out.extend_from_slice(b"\"fullUrl\":");
        write::string(&mut self.out, full_url);
        self.out.extend_from_slice(b",\"resource\":");
        self.out.extend_from_slice(resource);
        self.out.push(b'}');
    }

    /// Adds a fact that was found.
    ///
    /// # Errors
    /// If the stored bytes are damaged.
    pub fn fact(&mut self, base: &str, id: &str, fact: &Fact) -> Result<(), RecordError> {
        let full_url = format!("{base}/{}/{id}", fact.key().kind);
        self.entry(Some(&full_url), Some(&fact.body()?), "\"search\":{\"mode\":\"match\"}");
        Ok(())
    }

    /// The finished bundle.
    #[must_use]
    pub fn finish(mut self) -> Vec<u8> {
        self.out.extend_from_slice(if self.entries == 0 { b"}" } else { b"]}" });
        self.out
    }
}
