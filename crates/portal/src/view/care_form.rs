//! The care worker's short form: ten activities and a note.

use tsumugi_kernel::Instant;

/// The form, empty or with the answers kept.
#[derive(Clone, Debug, Default)]
pub struct CareFormView {
    /// Points chosen per activity, in the order of [`super::ACTIVITIES`].
    pub items: [Option<u8>; 10],
    /// The note typed so far.
    pub note: String,
    /// Faults of the last try.
    pub faults: Vec<FieldFault>,
    /// Makes a double tap one act.
    pub idempotency: String,
}

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldFault {
    /// The activity (by its code) has no answer, while others have.
    Missing(&'static str),
    /// Neither an activity nor a note was given.
    Empty,
    /// The note is longer than the bound, in characters.
    NoteTooLong(u32),
}

/// The proof of a write, for the banner after it.
#[derive(Clone, Copy, Debug)]
pub struct Receipt {
    /// When it was written.
    pub at: Instant,
}
