//! What a write put on a shelf, for its answer.

use bytes::Bytes;
use tsumugi_access::Receipt;
use tsumugi_kernel::{FactKey, Instant};

/// One version put into a [`crate::Writing`].
#[derive(Clone, Debug)]
pub struct Written {
    /// Where it stands.
    pub key: FactKey,
    /// The id that the outside sees.
    pub id: String,
    /// Its version.
    pub version: u32,
    /// The FHIR JSON as it will be answered; empty for a deletion.
    pub body: Bytes,
    /// Whether this version is new with this write.
    pub fresh: bool,
    /// When it was written, if before this write.
    pub instant: Option<Instant>,
}

impl Written {
    /// The status of an entry that answers it.
    #[must_use]
    pub fn status(&self) -> &'static str {
        match (self.body.is_empty(), self.version, self.fresh) {
            (true, ..) => "204 No Content",
            (false, 1, true) => "201 Created",
            _ => "200 OK",
        }
    }
}

/// A commit that happened.
#[derive(Clone, Debug)]
pub struct Done {
    /// The receipt of the write's leaf.
    pub receipt: Receipt,
    /// What was written, in order.
    pub written: Vec<Written>,
    /// When.
    pub instant: Instant,
}
