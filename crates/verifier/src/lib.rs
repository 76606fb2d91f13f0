//! The stand-alone verifier: reads a completeness proof and says in plain words, Japanese and English, what it proves or
//! what is wrong with it.
//!
//! It needs nothing but the file (and, to be sure of the log, its published key): no server, no network, no store. The
//! checks themselves are those of [`tsumugi_ledger::completeness`].
//!
//! What must hold: the words never say more than was checked. Text from the file reaches the words without control
//! characters, so a name cannot steer the reader's terminal.

mod fault_words;
mod look_words;
mod report_words;

use tsumugi_ledger::ProofFile;
pub use tsumugi_ledger::{Fault, Report};

/// One text in both languages; several lines, without a newline at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// Japanese.
    pub ja: String,
    /// English.
    pub en: String,
}

impl Words {
    /// One text in both languages.
    #[must_use]
    pub fn new(ja: impl Into<String>, en: impl Into<String>) -> Self {
        Self { ja: ja.into(), en: en.into() }
    }
}

/// What came out of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// One report for each chain that the file is about (several where a person's shelves were merged), or the first
    /// fault found.
    pub outcome: Result<Vec<Report>, Fault>,
    /// The same for people.
    pub words: Words,
}

impl Verdict {
    /// Whether there was nothing to check: what was given is no proof, or is so damaged that it cannot be read as one.
    #[must_use]
    pub const fn is_no_proof(&self) -> bool {
        matches!(self.outcome, Err(Fault::Format(_)))
    }

    /// Whether the proof holds.
    #[must_use]
    pub const fn holds(&self) -> bool {
        self.outcome.is_ok()
    }
}

/// Checks the bytes of a proof file. `trusted_vkey` is the log's published verifier key (`name+id+key`); without it the
/// words say that the key is only the one in the file.
#[must_use]
pub fn verify(json: &[u8], trusted_vkey: Option<&str>) -> Verdict {
    verify_with(json, trusted_vkey, &|_| None)
}

/// The same, with the words of the rules that the caller knows, by a rule's code: they are the caller's, not the proof's.
#[must_use]
pub fn verify_with(json: &[u8], trusted_vkey: Option<&str>, rules: &dyn Fn(&str) -> Option<Words>) -> Verdict {
    let outcome = ProofFile::from_json(json).and_then(|file| file.verify(trusted_vkey));
    let words = match &outcome {
        Ok(reports) => report_words::words(reports, rules),
        Err(fault) => fault_words::words(fault),
    };
    Verdict { outcome, words }
}

/// Whether a text has the form of a log's verifier key (`name+id+key`).
#[must_use]
pub fn is_key(text: &str) -> bool {
    tsumugi_ledger::NoteVerifier::parse(text).is_ok()
}

/// A purpose of use (HL7 v3 code) in the words of the citizen's pages; `None` for a code that is not known here.
#[must_use]
pub fn purpose(code: &str) -> Option<Words> {
    look_words::purpose(code)
}

/// The words for a fault found elsewhere, for example by an audit.
#[must_use]
pub fn explain(fault: &Fault) -> Words {
    fault_words::words(fault)
}

/// Text from a file without control characters.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() || is_direction(c) { '\u{fffd}' } else { c }).collect()
}

/// Marks that turn the direction of text, and so could make it read as something else.
const fn is_direction(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
