//! One document: a discharge summary, a referral.

use jiff::civil::Date;

use super::Words;

/// A document as its author wrote it.
#[derive(Clone, Debug)]
pub struct DocumentView {
    /// Its title.
    pub title: Words,
    /// The day it was written.
    pub day: Option<Date>,
    /// The organisation, and the author's name where the document says it.
    pub by: Option<Words>,
    /// Its sections, in its own order.
    pub sections: Vec<DocumentSection>,
}

/// One section.
#[derive(Clone, Debug)]
pub struct DocumentSection {
    /// Its title.
    pub title: Option<Words>,
    /// How deep it stands in others; 0 stands in none.
    pub level: u8,
    /// Its text in lines, without markup; none where it only points at facts.
    pub lines: Vec<Words>,
}
