//! Findings as lines for a person.

use std::{
    io::{self, Write},
    path::Path,
};

use tsumugi_fhir::outcome::Lang;
use tsumugi_formats::life::{Copied, Finding, Report, Severity};

use super::life::{Form, Summary};

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

    fn finding(&mut self, path: &Path, finding: &Finding) -> io::Result<()> {
        let severity = match finding.severity() {
            Severity::Error => self.pick("エラー", "error"),
            Severity::Warning => self.pick("警告", "warning"),
            Severity::Note => self.pick("情報", "note"),
        };
        write!(self.output, "{}: {severity} {}", path.display(), finding.rule.id())?;
        let at = &finding.at;
        if at.position > 0 {
            match self.lang {
                Lang::Ja => write!(self.output, " {}列目", at.position)?,
                Lang::En => write!(self.output, " column {}", at.position)?,
            }
        }
        for part in [&at.id, &at.name].into_iter().filter(|part| !part.is_empty()) {
            write!(self.output, " {part}")?;
        }
        if !finding.lines.is_empty() {
            let lines: Vec<String> = finding.lines.iter().map(u64::to_string).collect();
            let lines = lines.join(", ");
            match self.lang {
                Lang::Ja => write!(self.output, "（{lines}行目")?,
                Lang::En => write!(self.output, " (line {lines}")?,
            }
            let named = u64::try_from(finding.lines.len()).unwrap_or(u64::MAX);
            match (finding.times.saturating_sub(named), self.lang) {
                (0, _) => {}
                (more, Lang::Ja) => write!(self.output, " ほか{more}回")?,
                (more, Lang::En) => write!(self.output, " and {more} times more")?,
            }
            write!(self.output, "{}", self.pick("）", ")"))?;
        }
        let text = if self.lang == Lang::Ja { finding.ja() } else { finding.en() };
        writeln!(self.output, "\n    {text}")
    }

    fn copied(&mut self, path: &Path, copied: &Copied) -> io::Result<()> {
        for finding in copied.findings.list().iter().filter(|finding| finding.rule.is_of_copying()) {
            self.finding(path, finding)?;
        }
        let word = if copied.whole {
            self.pick("写しを書き出しました", "copied")
        } else {
            self.pick("写しは作りませんでした（上のエラーを直してください）", "not copied: mend the errors above")
        };
        write!(self.output, "  {word}")?;
        if copied.whole && !copied.left_out.is_empty() {
            write!(self.output, "{}{}", self.pick("。除いた項目: ", "; left out: "), copied.left_out.join(", "))?;
        }
        writeln!(self.output)
    }
}

impl<W: Write> Form for Human<W> {
    fn file(&mut self, path: &Path, report: &Report, copied: Option<&Copied>) -> io::Result<()> {
        for finding in &report.findings.list() {
            self.finding(path, finding)?;
        }
        if let Some(form) = &report.form {
            write!(self.output, "{}: {} {} ({})", path.display(), form.id, form.name, form.version)?;
            if let Some((encoding, certain)) = report.encoding {
                let name = if certain { encoding.name() } else { "ASCII" };
                write!(self.output, ", {name}{}", if report.bom { " (BOM)" } else { "" })?;
            }
            match self.lang {
                Lang::Ja => writeln!(self.output, "、{}行", report.rows)?,
                Lang::En => writeln!(self.output, ", {} rows", report.rows)?,
            }
        }
        if report.findings.more() > 0 {
            match self.lang {
                Lang::Ja => writeln!(self.output, "  ほかに{}件", report.findings.more())?,
                Lang::En => writeln!(self.output, "  and {} more", report.findings.more())?,
            }
        }
        copied.map_or(Ok(()), |copied| self.copied(path, copied))
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        let Summary { files, others, rows, errors, warnings } = summary;
        match self.lang {
            Lang::Ja => writeln!(
                self.output,
                "ファイル {files}（LIFEでないもの {others}）、行 {rows}、エラー {errors}、警告 {warnings}"
            )?,
            Lang::En => writeln!(
                self.output,
                "{files} files ({others} not of LIFE), {rows} rows, {errors} errors, {warnings} warnings"
            )?,
        }
        self.output.flush()
    }
}
