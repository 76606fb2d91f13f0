//! Who may be who: candidates for one person in spite of marriages, moves, new jobs and misspelt names.
//!
//! A match never links: it is scored, and from a threshold on it waits for a person to decide
//! (`decisions/0001-patient.md`, `decisions/0017-matching.md`). This crate is pure: descriptions become compact
//! [`features`], keys ([`block`]) say under which rows to look, two people's features are held together field by field
//! ([`compare`]), and a [`model`] says how likely they are one.
//!
//! What must hold:
//! - Nothing here does I/O, links anybody, or says a person's data in an error.
//! - What is missing weighs nothing; absence of data never makes a candidate.
//! - A search reads a bounded number of rows, and what it leaves out it says.
//! - The same features get the same score on every machine.

pub mod block;
pub mod compare;
pub mod features;
pub mod fit;
pub mod fixed;
pub mod fold;
pub mod index;
pub mod model;
pub mod names;
pub mod near;
pub mod sample;
pub mod search;
pub mod words;

pub use block::{BLOCK_MOST, Key, Pass};
pub use compare::Levels;
pub use features::{Description, Features, Insured, Sex};
pub use fit::{About, LabelledPair, em, fit};
pub use index::Index;
pub use model::{Likeness, Model, ModelError, Verdict};
pub use search::{Found, Search};
