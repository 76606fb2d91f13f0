//! The story of the stroke, fixed by name and independent of any seed: who is in it ([`cast`]), what was sent
//! ([`events`]), and whom a visitor of the demo may be ([`people_to_be()`]).
//!
//! What the story must show is data in `stories/stroke/story.json`; it refers to what is sent by name.

pub mod cast;
pub mod events;
pub mod people_to_be;

use jiff::civil::Date;

use crate::outgoing::{Directory, Outgoing, SynthError};

pub use people_to_be::{PersonToBe, people_to_be};

/// Everything sent in the story up to and including `today`, in order of time; the directory comes first.
///
/// # Errors
/// [`SynthError`] only if a fixed id or date of the story were wrong.
pub fn stroke(today: Date) -> Result<Vec<Outgoing>, SynthError> {
    let end = crate::outgoing::moment(today, 23, 59)?;
    let mut all = events::all(&cast::Cast::new())?;
    all.retain(|outgoing| outgoing.time <= end);
    all.sort_by_key(|outgoing| outgoing.time);
    Ok(all)
}

/// Organisations and people of the story.
///
/// # Errors
/// As [`stroke`].
pub fn directory() -> Result<Directory, SynthError> {
    cast::Cast::new().directory()
}
