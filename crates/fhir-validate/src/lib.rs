//! Validation of FHIR R4 documents against R4 itself and every profile that they claim or that is asked for.
//!
//! Definitions are compiled once: R4's types to *shapes*, each profile to an *overlay* that holds only what it demands
//! beyond R4 ([`Validator`]). One walk over a document then checks R4 and all profiles together; words are only made for
//! faults. What cannot be checked (a value set or a profile that is not loaded) is said once, never passed in silence.
//! The rules of JP-CLINS ([`clins`]) hold with and without its package, one finding for each rule either way.
//!
//! What must hold: a check reads, never changes; time and findings are bounded for every input; a message names element,
//! rule, place and next step and never repeats a value of the document.

mod ask;
mod binding;
pub mod clins;
mod compare;
mod compile;
mod discriminate;
mod found;
mod invariant_words;
pub mod native;
mod overlay;
mod primitive;
mod rule;
mod shape;
mod validator;
mod walk;
mod words;
mod xhtml;

/// What a rule asks for, in Japanese and English: of JP-CLINS by its number, of R4's invariants by their key. `None` where
/// the rule is an element of a profile, or has words only where it is broken.
#[must_use]
pub fn rule_words(rule: &str) -> Option<(&'static str, &'static str)> {
    clins::table::words(rule).or_else(|| words::invariant(rule))
}

pub use ask::{Ask, Missing, Mode, Report, Unchecked};
pub use validator::Validator;
