//! The record: facts put on a citizen's shelf, read, searched, replaced and taken away, and the FHIR REST interface
//! over them.
//!
//! Why it is one crate: a write and a read of a shelf share the same three things, the permit, the lens and the leaf,
//! and nothing else may come between them.
//!
//! What must hold:
//! - Nothing here reads or writes a shelf without a [`Permit`](tsumugi_access::Permit); every call takes one.
//! - The permit's lens is applied to each stored version before anything else looks at it: totals, pages, sorts,
//!   histories and conflicts are made of what is left.
//! - A read hands its [`Shown`](tsumugi_access::Shown) to `seal` and answers only afterwards; a write carries its leaf
//!   in its own batch.
//! - A batch touches one shelf.

pub mod alias;
mod check;
pub mod commit;
pub mod consent;
pub mod error;
pub mod fact;
mod inherit;
pub mod learn;
pub mod log;
pub mod matches;
mod no_way_round;
pub mod office;
pub mod papers;
pub mod quarantine;
pub mod read;
pub mod references;
pub mod rest;
pub mod review;
pub mod search;
pub mod sent;
mod veil;
mod whereabouts;
pub mod written;

use std::sync::Arc;

use tsumugi_fhir_definitions::Definitions;
use tsumugi_fhir_search::Search;
use tsumugi_fhir_validate::Validator;
use tsumugi_kernel::{Clock, Sealer};
use tsumugi_store::Store;

// What the chapters above need of the store's words; they do not import the store themselves.
pub use tsumugi_store::{CommitError, Expectation, Row, StoreError, Table};

pub use commit::Writing;
pub use error::RecordError;
pub use fact::Fact;
pub use search::Page;
pub use written::{Done, Written};

/// The record over one store.
#[derive(Clone)]
pub struct Record {
    store: Arc<dyn Store>,
    sealer: Arc<Sealer>,
    clock: Arc<dyn Clock>,
    search: Arc<Search>,
    validator: Arc<Validator>,
    quarantine: quarantine::Room,
}

impl Record {
    /// The record kept in `store`; `sealer` makes and opens the ids that the outside sees.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, sealer: Arc<Sealer>, clock: Arc<dyn Clock>) -> Self {
        let search = Arc::new(Search::new(Definitions::r4().clone()));
        let validator = Arc::new(Validator::new(Definitions::r4().clone()));
        Self { store, sealer, clock, search, validator, quarantine: quarantine::Room::MOST }
    }

    /// With other definitions than base R4: with those of the packages that are loaded as well.
    #[must_use]
    pub fn with_definitions(self, definitions: Definitions) -> Self {
        let validator = Arc::new(Validator::new(definitions.clone()));
        Self { search: Arc::new(Search::new(definitions)), validator, ..self }
    }

    /// The definitions that are loaded.
    #[must_use]
    pub fn definitions(&self) -> &Definitions {
        self.search.definitions()
    }

    /// Search by the definitions that are loaded.
    #[must_use]
    pub fn engine(&self) -> &Search {
        &self.search
    }

    /// Checks resources and documents against the definitions that are loaded.
    #[must_use]
    pub fn validator(&self) -> &Validator {
        &self.validator
    }

    /// Makes and opens ids.
    #[must_use]
    pub fn sealer(&self) -> &Sealer {
        &self.sealer
    }

    /// Brings every leaf into the tree and signs a checkpoint, so that nothing is "proof pending".
    ///
    /// # Errors
    /// If the store cannot write.
    pub async fn publish(&self) -> Result<(), StoreError> {
        self.store.publish().await.map(|_| ())
    }

    /// The present moment, by the clock that was handed in.
    #[must_use]
    pub fn now(&self) -> tsumugi_kernel::Instant {
        self.clock.now()
    }
}

/// SHA-256 of bytes as sent: the name under which the store keeps them.
#[must_use]
pub fn content_hash(bytes: &[u8]) -> tsumugi_ledger::Hash {
    use sha2::{Digest, Sha256};
    Sha256::digest(bytes).into()
}
