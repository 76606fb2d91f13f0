//! The town: a synthetic population that sends what real institutions would send, from a seed.
//!
//! - [`Town`] makes households, insurers, institutions and professionals, and what they send about each person
//!   ([`Town::person`]); any person can be made alone and is the same everywhere ([`dice`]).
//! - [`story`] is the story of the stroke: fixed people with names, independent of the seed.
//! - [`load`] makes documents for benchmarks, fast, from templates.
//! - [`out::write_out`] writes a folder that `tsumugi import` loads by itself; its layout is described there.
//!
//! What must hold: the same arguments give the same bytes; no clock, no ambient randomness (`today` is handed in);
//! every bundle passes this project's own checks; nobody and no place in it is real (prefecture number 49, postal
//! codes `000-…`).

pub mod care;
pub mod compare;
pub mod dice;
pub mod form;
pub mod health;
pub mod json;
pub mod load;
mod names;
pub mod out;
pub mod outbox;
pub mod outgoing;
pub mod parameters;
pub mod people;
pub mod population;
pub mod prevention;
pub mod story;
pub mod town;
pub mod truth;

pub use outgoing::{Directory, Form, OrganizationEntry, Outgoing, PersonEntry, SynthError};
pub use town::{Detail, Facility, Sources, Told, Town};
