//! Findings as lines for a person.

use std::{
    io::{self, Write},
    path::Path,
};

use tsumugi_fhir::{Lang, Severity};

use super::{
    engine::is_not_checked,
    input::Skip,
    report::{Checked, Form, Summary},
};

/// Writes lines.
pub struct Human<W> {
    output: W,
    lang: Lang,
}

impl<W: Write> Human<W> {
    /// To `output`.
    pub fn new(output: W, lang: Lang) -> Self {
        Self { output, lang }
    }

    fn pick<'t>(&self, ja: &'t str, en: &'t str) -> &'t str {
        match self.lang {
            Lang::Ja => ja,
            Lang::En => en,
        }
    }

    fn severity(&self, severity: Severity) -> &'static str {
        match (severity, self.lang) {
            (Severity::Fatal | Severity::Error, Lang::Ja) => "エラー",
            (Severity::Warning, Lang::Ja) => "警告",
            (Severity::Information, Lang::Ja) => "情報",
            (_, Lang::En) => severity.code(),
        }
    }
}

impl<W: Write> Form for Human<W> {
    fn start(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn checked(&mut self, checked: &Checked<'_>) -> io::Result<()> {
        for (at, finding) in checked.findings {
            // What was not checked would be the same words for every document: the summary has them once.
            if is_not_checked(finding) {
                continue;
            }
            write!(self.output, "{}", checked.file.display())?;
            for number in [at.line, at.column].into_iter().flatten() {
                write!(self.output, ":{number}")?;
            }
            write!(self.output, ": {}", self.severity(finding.severity))?;
            let parts = [finding.rule.as_deref().unwrap_or(""), finding.path.as_str()];
            for part in parts.into_iter().filter(|part| !part.is_empty()) {
                write!(self.output, " {part}")?;
            }
            writeln!(self.output, "\n    {}", finding.text(self.lang))?;
        }
        Ok(())
    }

    fn skipped(&mut self, file: &Path, line: Option<u32>, word: Skip) -> io::Result<()> {
        let line = line.map(|line| format!(":{line}")).unwrap_or_default();
        writeln!(self.output, "{}{line}: {}", file.display(), word.words(self.lang))
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        let Summary { files, resources, errors, warnings, .. } = summary;
        let skipped: u64 = summary.skipped.values().sum();
        if !summary.not_checked.is_empty() {
            writeln!(self.output, "{}", self.pick("確かめられなかったこと:", "What was not checked:"))?;
        }
        for (reason, times) in &summary.not_checked {
            match self.lang {
                Lang::Ja => writeln!(self.output, "  {reason}({times}回)")?,
                Lang::En => writeln!(self.output, "  {reason} ({times} times)")?,
            }
        }
        if summary.more_not_checked > 0 {
            let more = summary.more_not_checked;
            match self.lang {
                Lang::Ja => writeln!(self.output, "  ほかに{more}回")?,
                Lang::En => writeln!(self.output, "  and {more} times more")?,
            }
        }
        match self.lang {
            Lang::Ja => writeln!(
                self.output,
                "ファイル {files}(見なかったもの {skipped})、リソース {resources}、エラー {errors}、警告 {warnings}"
            )?,
            Lang::En => writeln!(
                self.output,
                "{files} files ({skipped} passed over), {resources} resources, {errors} errors, {warnings} warnings"
            )?,
        }
        self.output.flush()
    }
}
