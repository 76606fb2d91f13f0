//! Checks of documents: the structure that the store relies on, and the rules of JP-CLINS that need no profile engine.
//!
//! What must hold: a check reads, never changes; its findings are bounded; an error means that nothing of the document
//! goes onto a shelf.

pub mod clins;
mod structure;

pub use structure::structure;
