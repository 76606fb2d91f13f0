//! The stories, fixed by name and independent of any seed: that of the stroke, with who is in it ([`cast`]) and what was
//! sent ([`events`]); three small ones beside it ([`neighbours`]); and whom a visitor of the demo may be
//! ([`people_to_be()`]).
//!
//! What the story must show is data in `stories/stroke/story.json`; it refers to what is sent by name.

pub mod cast;
pub mod diabetic;
pub mod doubles;
pub mod events;
pub mod infant;
mod letters;
pub mod neighbours;
pub mod people_to_be;
pub mod protected;

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

/// The stories of the neighbours up to and including `today`, in order of time; their directory comes first.
///
/// # Errors
/// As [`stroke`].
pub fn neighbours(today: Date) -> Result<Vec<Outgoing>, SynthError> {
    let end = crate::outgoing::moment(today, 23, 59)?;
    let mut all = neighbours::all(&cast::Cast::new())?;
    all.retain(|outgoing| outgoing.time <= end);
    all.sort_by_key(|outgoing| outgoing.time);
    Ok(all)
}

/// Every story up to and including `today`: that of the stroke, then the neighbours', each in order of time.
///
/// # Errors
/// As [`stroke`].
pub fn all(today: Date) -> Result<Vec<Outgoing>, SynthError> {
    let mut all = stroke(today)?;
    all.extend(neighbours(today)?);
    Ok(all)
}

/// Organisations and people of all stories.
///
/// # Errors
/// As [`stroke`].
pub fn directory() -> Result<Directory, SynthError> {
    let mut directory = cast::Cast::new().directory()?;
    for place in neighbours::places() {
        directory.add(&place)?;
    }
    Ok(directory)
}
