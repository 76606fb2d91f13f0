//! Bringing a whole town in: from a folder of `tsumugi synth`, or made on the way.
//!
//! [`Source`] gives the town household by household, [`take`] brings many in at once, [`Journal`] remembers what is in, so
//! that a town can be interrupted, taken up again, and brought in twice without anything being there twice.
//!
//! What must hold: the messages of one household keep their order; what waits is bounded; a message is at its own moment
//! ([`TownClock`](crate::town_clock::TownClock)); what is refused is named, counted, and kept in quarantine.

mod again;
pub mod journal;
pub mod source;
pub mod taking;

pub use journal::Journal;
pub use source::{Household, Source};
pub use taking::{Pace, Steady, Tally, take};
