//! Japan's exchange formats: bytes in, values and findings out, and back again without a loss.
//!
//! What must hold: what a version of a format says stands in data (`rules/`), never in code; a file is read as a stream,
//! within bounds; what cannot be kept is a finding, never a silent change; no finding repeats what a cell says of a person.

pub mod life;
