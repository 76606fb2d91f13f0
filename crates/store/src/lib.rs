//! Where facts, originals, directories and the ledger's leaves are kept: one contract, several engines.
//!
//! [`contract`] says in prose what every engine promises and how it fails. [`SqliteStore`] is the embedded engine;
//! [`MemoryStore`] is the naive model beside it, simple enough to be believed, and one suite (`tests/`) runs seeded
//! workloads over both and compares every answer. [`codec`] keeps bodies small.
//!
//! What must hold: engines share the contract and the rules that a batch must keep ([`rules`]), nothing else; nothing
//! here knows FHIR, policies or HTTP; nothing here reads the ambient clock.

pub mod codec;
pub mod contract;
pub mod memory;
pub mod rules;
pub mod sqlite;

pub use contract::{
    Answer, Batch, CommitError, Committed, Event, Expectation, LeafPlace, NewVersion, PackedBody, Point,
    PublishedCheckpoint, Row, ShelfPage, ShelfScan, State, Status, Store, StoreError, StoredFact, StoredLeaf, Table,
};
pub use memory::MemoryStore;
pub use sqlite::{SqliteOptions, SqliteStore};
