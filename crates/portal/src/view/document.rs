//! One document: a discharge summary, a referral.

use jiff::civil::Date;

use super::{CaseFormFault, CaseSaid, Words};

/// A document as its author wrote it.
#[derive(Clone, Debug)]
pub struct DocumentView {
    /// Where it is shown who can see it, for whoever decides about that.
    pub who: Option<String>,
    /// Its title.
    pub title: Words,
    /// The day it was written.
    pub day: Option<Date>,
    /// The organisation, and the author's name where the document says it.
    pub by: Option<Words>,
    /// Its sections, in its own order.
    pub sections: Vec<DocumentSection>,
    /// What the person said about it, and what became of it, oldest first: for everybody who may read it.
    pub notes: Vec<CaseNote>,
    /// Its number, by which a paper names it; for whoever may ask for a correction.
    pub code: Option<String>,
    /// Whether it is a single entry, and no document.
    pub entry: bool,
    /// Asking for a correction, where the reader may.
    pub correction: Option<CorrectionForm>,
}

/// What the person said about a document.
#[derive(Clone, Debug)]
pub struct CaseNote {
    /// What was said, by the person and the author.
    pub said: Vec<CaseSaid>,
    /// The version in which it was corrected.
    pub version: Option<u32>,
    /// It was found that it is to be corrected, and the author has let the time pass.
    pub ignored: bool,
}

/// Asking for a correction of a document.
#[derive(Clone, Debug)]
pub struct CorrectionForm {
    /// Where the form goes.
    pub path: String,
    /// What was typed, kept after a fault.
    pub written: String,
    /// What is wrong.
    pub fault: Option<CaseFormFault>,
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
