//! `tsumugi validate`: check files against FHIR R4 and the profiles that they claim, before they are sent.
//!
//! What must hold: files are read one after the other, never all at once; what a document says about a person stands in
//! no message; what was not checked is said, with the reason; a file that is no FHIR is passed over with a word.

mod engine;
mod human;
pub(crate) mod input;
mod json;
mod report;
mod sarif;
#[cfg(test)]
mod tests;

use std::{
    io::{BufWriter, ErrorKind, Write},
    path::PathBuf,
    process::ExitCode,
};

use clap::{Args, ValueEnum};
use tsumugi_fhir::outcome::Lang;

pub use engine::Engine;
use input::{Piece, Source};
use report::{Report, Summary};

use crate::{terminal, walk};

/// Check files against FHIR R4, and against every profile that they claim or that is asked for.
#[derive(Args)]
#[command(after_help = "\
Examples:
  tsumugi validate referral.json
  tsumugi validate --packages packages/ letters/ observations.ndjson
  tsumugi validate --profile http://jpfhir.jp/fhir/eCS/StructureDefinition/JP_Patient_eCS patient.json
  tsumugi validate --lang en --format sarif letters/ > findings.sarif

Read are .json, .ndjson, .jsonl and .xml; folders with all that is in them. Nothing is sent anywhere.

Exit status: 0 no error; 1 at least one error; 2 nothing could be checked, or the command line was wrong.")]
pub struct Validate {
    /// Files or folders.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// A folder of FHIR packages (.tgz) whose profiles, code systems and value sets are used too.
    #[arg(long)]
    packages: Option<PathBuf>,
    /// A profile that every resource must satisfy, besides those that it claims; may be given several times.
    #[arg(long)]
    profile: Vec<String>,
    /// How to say it: human, json, or sarif (2.1.0, for code scanning).
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// The language of messages.
    #[arg(long, value_enum, default_value_t = Words::Ja)]
    lang: Words,
}

/// How findings are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Lines for a person.
    Human,
    /// One JSON object.
    Json,
    /// SARIF 2.1.0.
    Sarif,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Words {
    Ja,
    En,
}

impl From<Words> for Lang {
    fn from(words: Words) -> Self {
        match words {
            Words::Ja => Self::Ja,
            Words::En => Self::En,
        }
    }
}

impl Validate {
    /// Runs the command.
    #[must_use]
    pub fn run(self) -> ExitCode {
        let done = self.checked(BufWriter::new(std::io::stdout().lock()));
        match &done {
            Ok(summary) if summary.documents == 0 => {
                terminal::complain("tsumugi: nothing was checked: no FHIR resource in JSON, NDJSON or XML was found");
            }
            // Whoever reads our words has closed the pipe: `| head` needs no complaint, and is no success either.
            Err(error) if error.downcast_ref::<std::io::Error>().is_some_and(|e| e.kind() == ErrorKind::BrokenPipe) => {
            }
            Err(error) => terminal::complain(&format!("tsumugi: {error:#}")),
            Ok(_) => {}
        }
        ExitCode::from(status(&done))
    }

    /// Checks everything and writes what was found to `output`.
    fn checked(&self, output: impl Write) -> anyhow::Result<Summary> {
        let engine = Engine::new(self.packages.as_deref(), &self.profile)?;
        let files = walk::files(&self.paths)?;
        let lang = self.lang.into();
        let mut report = Report::start(report::form(self.format, lang, output), lang)?;
        for note in engine.notes() {
            terminal::complain(&format!("tsumugi: {}: {}: {}", note.severity.code(), note.path, note.text(lang)));
        }
        let bar = terminal::progress(files.len() as u64, "files");
        for file in &files {
            let source = Source::open(file);
            let ndjson = matches!(source, Source::Lines { .. });
            for piece in source {
                match piece {
                    Piece::Text(text) => {
                        let before = text.lines_before;
                        report.answer(file, before, ndjson, &engine.check(text))?;
                    }
                    Piece::Skipped(word) => report.skipped(file, None, word)?,
                    Piece::Unreadable { finding, lines_before } => {
                        report.unreadable(file, ndjson.then_some(lines_before + 1), &finding)?;
                    }
                }
            }
            bar.inc(1);
        }
        bar.finish_and_clear();
        Ok(report.finish(files.len())?)
    }
}

/// The exit status: see the command's help.
fn status(done: &anyhow::Result<Summary>) -> u8 {
    match done {
        Ok(summary) if summary.documents > 0 => u8::from(summary.errors > 0),
        _ => 2,
    }
}
