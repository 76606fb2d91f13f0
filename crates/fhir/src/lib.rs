//! FHIR R4 as data: JSON of our own, findings, search values, stamping.
//!
//! A document is kept as the text that came in, with a flat tape of places over it ([`json`]). Nothing is turned into
//! typed structs: unknown elements survive, `1.50` stays `1.50`, and the order of members stays. From a resource are
//! computed, once, the values that the lens and a search look at first ([`values`]). What is wrong with a document is
//! said as [`outcome::Finding`]s with a place, a rule and the next step, in Japanese and in English, and never with a
//! value of the document.
//!
//! What must hold: nothing here does I/O, knows stores, rules of access or HTTP; every input is bounded in size and
//! depth before it is walked; a message never repeats what a document says about a person.

pub mod bundle;
pub mod conformance;
pub mod date;
pub mod json;
pub mod outcome;
pub mod stamp;
pub mod text;
pub mod values;

pub use json::{Document, Node};
pub use outcome::{Finding, IssueType, Lang, Severity};
