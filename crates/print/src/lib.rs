//! Paper: a short document as a PDF that a screen reader can read (PDF/UA-1), in Japanese, with the letters in it.
//!
//! A crate of its own because what it stands on takes two minutes of a processor to compile.
//!
//! What must hold:
//! - The font is part of the file, cut down to the letters that are used: it prints alike everywhere.
//! - Without a Japanese font there is an error that says what to install, and no file of boxes.
//! - A letter that the font has not is printed as 〓, the printers' sign for it, and is never dropped.
//! - Everything but the page numbers is tagged: a title, headings, paragraphs and lists, in reading order.
//! - Nothing here knows FHIR, a person's record, a clock or a page of HTML.

mod draw;
mod face;
mod lines;

pub use face::{FOLDERS, Faces};

/// A document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paper {
    /// Its language as a BCP 47 tag.
    pub lang: String,
    /// What it is: the title, printed large and told as the file's name for readers.
    pub title: String,
    /// Under the title, before the first section: one paragraph each, the first in larger letters.
    pub head: Vec<String>,
    /// Its sections.
    pub sections: Vec<Part>,
    /// The last paragraphs, small.
    pub foot: Vec<String>,
    /// Printed at the bottom of every page before its number.
    pub mark: String,
}

/// A section with a heading.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// The heading.
    pub title: String,
    /// A paragraph under it, where there is nothing to list or something to say first.
    pub lead: Option<String>,
    /// A list.
    pub rows: Vec<Row>,
}

/// A line of a list, and below it, smaller, where it comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// The line.
    pub text: String,
    /// Below it.
    pub note: Option<String>,
}

/// Why there is no PDF.
#[derive(Debug, thiserror::Error)]
pub enum PrintError {
    /// No font with Japanese letters was found.
    #[error(
        "no Japanese font was found below {0}; install the Debian package fonts-noto-cjk or fonts-ipaexfont-gothic and ask again"
    )]
    NoFont(String),
    /// The file could not be written.
    #[error("the PDF could not be written: {0}")]
    Write(String),
}

impl Paper {
    /// The PDF.
    ///
    /// # Errors
    /// [`PrintError::Write`].
    pub fn to_pdf(&self, faces: &Faces) -> Result<Vec<u8>, PrintError> {
        draw::pdf(self, faces)
    }
}
