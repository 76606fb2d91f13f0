//! What a search looks through: resources that the asker may see, and nothing else.

use bytes::Bytes;
use tsumugi_fhir::values::Packed;
use tsumugi_kernel::{Instant, Kind};

use crate::SearchError;

/// Resources by index, in the order that a search without `_sort` answers in.
///
/// What must hold: every resource here may be shown to whoever asks, because matching, chains, totals and orders are
/// made of all of them.
pub trait Shelf: Sync {
    /// How many there are.
    fn len(&self) -> usize;
    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// The kind of one.
    fn kind(&self, at: usize) -> Kind;
    /// When it was received.
    fn instant(&self, at: usize) -> Instant;
    /// Its packed values; `None` where there are none, and the body is read instead.
    fn values(&self, at: usize) -> Option<Packed<'_>>;
    /// Its JSON.
    ///
    /// # Errors
    /// [`SearchError::Unreadable`] if the stored bytes are damaged.
    fn body(&self, at: usize) -> Result<Bytes, SearchError>;
    /// Its id.
    fn id(&self, at: usize) -> String;
    /// The one with this kind and id.
    fn find(&self, kind: Kind, id: &str) -> Option<usize>;
    /// Whether a `Patient` with this id is the person whose shelf it is.
    fn is_person(&self, id: &str) -> bool;
}
