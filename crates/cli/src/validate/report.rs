//! What was found, counted and handed to one of the forms, file by file.
//!
//! What must hold: memory does not grow with the number of files: only counts, rules and reasons are kept.

use std::{
    collections::BTreeMap,
    io::{self, Write},
    path::Path,
};

use tsumugi_fhir::{Finding, Lang, Severity};

use super::{
    Format,
    engine::{Answer, is_not_checked},
    human::Human,
    input::Skip,
    json::Json,
    sarif::Sarif,
};

/// Reasons that are kept; further ones are counted together.
const REASONS: usize = 1_000;

/// Where in a file a finding stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct At {
    /// Line in the file, from 1.
    pub line: Option<u32>,
    /// Column in characters, from 1.
    pub column: Option<u32>,
}

/// One text of one file, checked.
#[derive(Clone, Copy, Debug)]
pub struct Checked<'a> {
    /// The file.
    pub file: &'a Path,
    /// The line on which it starts; none unless the file is NDJSON.
    pub line: Option<u32>,
    /// The resource's type; empty if there is none.
    pub kind: &'a str,
    /// What was found, with its place in the file.
    pub findings: &'a [(At, &'a Finding)],
}

/// What it comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Files looked at, those passed over included.
    pub files: u64,
    /// Texts that were looked into: files, or lines of NDJSON.
    pub documents: u64,
    /// Resources that were checked, those inside bundles included.
    pub resources: u64,
    /// Findings that refuse a document.
    pub errors: u64,
    /// Findings that somebody should look at.
    pub warnings: u64,
    /// Files and texts passed over, by the reason.
    pub skipped: BTreeMap<Skip, u64>,
    /// What was not checked, by the reason, and in how many documents.
    pub not_checked: BTreeMap<String, u64>,
    /// Reasons beyond those kept.
    pub more_not_checked: u64,
}

/// A way to write what was found.
pub trait Form {
    /// Before everything.
    fn start(&mut self) -> io::Result<()>;
    /// One text.
    fn checked(&mut self, checked: &Checked<'_>) -> io::Result<()>;
    /// One text or file that was passed over.
    fn skipped(&mut self, file: &Path, line: Option<u32>, word: Skip) -> io::Result<()>;
    /// After everything.
    fn finish(&mut self, summary: &Summary) -> io::Result<()>;
}

/// The form of a format.
pub fn form<'w>(format: Format, lang: Lang, output: impl Write + 'w) -> Box<dyn Form + 'w> {
    match format {
        Format::Human => Box::new(Human::new(output, lang)),
        Format::Json => Box::new(Json::new(output, lang)),
        Format::Sarif => Box::new(Sarif::new(output, lang)),
    }
}

/// Counts, and hands on.
pub struct Report<'w> {
    form: Box<dyn Form + 'w>,
    lang: Lang,
    summary: Summary,
}

impl<'w> Report<'w> {
    /// Starts a report.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn start(mut form: Box<dyn Form + 'w>, lang: Lang) -> io::Result<Self> {
        form.start()?;
        Ok(Self { form, lang, summary: Summary::default() })
    }

    /// Takes what came of a text that starts after `lines_before` lines of `file`.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn answer(&mut self, file: &Path, lines_before: u32, ndjson: bool, answer: &Answer) -> io::Result<()> {
        match answer {
            Answer::Skipped(word) => self.skipped(file, ndjson.then_some(lines_before + 1), *word),
            Answer::Checked { kind, resources, findings, placed } => {
                self.summary.resources += resources;
                let line = ndjson.then_some(lines_before + 1);
                self.checked(file, line, kind, findings, |finding| {
                    let place = finding.place.filter(|_| *placed);
                    let within = place.map(|place| place.line.saturating_add(lines_before));
                    At { line: within.or(line), column: place.map(|place| place.column) }
                })
            }
        }
    }

    /// Takes a text that cannot be read.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn unreadable(&mut self, file: &Path, line: Option<u32>, finding: &Finding) -> io::Result<()> {
        self.checked(file, line, "", std::slice::from_ref(finding), |_| At { line, column: None })
    }

    fn checked(
        &mut self,
        file: &Path,
        line: Option<u32>,
        kind: &str,
        findings: &[Finding],
        place: impl Fn(&Finding) -> At,
    ) -> io::Result<()> {
        self.summary.documents += 1;
        let mut placed = Vec::with_capacity(findings.len());
        for finding in findings {
            if is_not_checked(finding) {
                self.not_checked(finding);
            }
            match finding.severity {
                Severity::Fatal | Severity::Error => self.summary.errors += 1,
                Severity::Warning => self.summary.warnings += 1,
                Severity::Information => {}
            }
            placed.push((place(finding), finding));
        }
        self.form.checked(&Checked { file, line, kind, findings: &placed })
    }

    fn not_checked(&mut self, finding: &Finding) {
        let (text, counted) = (finding.text(self.lang), &mut self.summary.not_checked);
        if let Some(times) = counted.get_mut(text) {
            *times += 1;
        } else if counted.len() < REASONS {
            counted.insert(text.to_owned(), 1);
        } else {
            self.summary.more_not_checked += 1;
        }
    }

    /// Takes something that was passed over.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn skipped(&mut self, file: &Path, line: Option<u32>, word: Skip) -> io::Result<()> {
        *self.summary.skipped.entry(word).or_default() += 1;
        self.form.skipped(file, line, word)
    }

    /// Ends the report.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn finish(mut self, files: usize) -> io::Result<Summary> {
        self.summary.files = files as u64;
        self.form.finish(&self.summary)?;
        Ok(self.summary)
    }
}
