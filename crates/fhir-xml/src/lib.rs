//! FHIR's XML form: from XML to the JSON that everything else reads, and back, without loss.
//!
//! XML is an order of elements with attributes, JSON a set of members; the definitions say which element is an array, a
//! number, an attribute. So both ways walk the definitions beside the document. What each form can say and the other
//! cannot is refused with a place, never dropped: text between elements, an element that the definitions do not know,
//! elements out of order, a null with nothing beside it. Two things of XML are dropped, because FHIR gives them no
//! meaning: comments and processing instructions outside the narrative (and the white space between elements).
//!
//! - Numbers stay as written: `1.50` and `1e3` are the same characters in both forms.
//! - `id` and extensions of primitives are JSON's `_name`, in arrays aligned with null.
//! - The narrative's `div` is one string in JSON: the very text of the XML, with its namespace. Prefixes of the XHTML
//!   namespace are taken off.
//! - JSON's order of members becomes the order of the definition; the order inside arrays stays.
//!
//! What must hold: no document type declaration and no entities but XML's five, so nothing here can be made to grow;
//! size, depth and attributes are bounded before they are walked; a message never repeats what a document says.

mod fault;
mod form;
mod members;
mod read;
pub mod suite;
mod text;
mod write;
mod xhtml;

pub use fault::{XmlError, XmlErrors, XmlFault};
pub use read::to_json;
pub use write::from_json;

/// The namespace of FHIR's elements.
pub const FHIR: &str = "http://hl7.org/fhir";
/// The namespace of the narrative.
pub const XHTML: &str = "http://www.w3.org/1999/xhtml";
