//! Findings as one JSON object, written file by file: `{"files":[…],"summary":{…}}`.

use std::{
    io::{self, Write},
    path::Path,
};

use serde_json::{Value, json};
use tsumugi_fhir::outcome::Lang;
use tsumugi_formats::life::{Copied, Finding, Report};

use super::life::{Form, Summary};

/// Writes JSON.
pub struct Json<W> {
    output: W,
    lang: Lang,
    first: bool,
}

impl<W: Write> Json<W> {
    /// To `output`.
    ///
    /// # Errors
    /// If the output cannot be written.
    pub fn start(mut output: W, lang: Lang) -> io::Result<Self> {
        write!(output, "{{\"files\":[")?;
        Ok(Self { output, lang, first: true })
    }

    fn finding(&self, finding: &Finding) -> Value {
        let text = if self.lang == Lang::Ja { finding.ja() } else { finding.en() };
        let mut member = json!({
            "severity": finding.severity().code(), "rule": finding.rule.id(), "times": finding.times,
            "lines": finding.lines, "text": text,
        });
        let at = &finding.at;
        if at.position > 0 || !at.id.is_empty() {
            member["column"] = json!({ "position": at.position, "id": at.id, "name": at.name });
        }
        member
    }
}

impl<W: Write> Form for Json<W> {
    fn file(&mut self, path: &Path, report: &Report, copied: Option<&Copied>) -> io::Result<()> {
        let findings: Vec<Value> = report.findings.list().iter().map(|finding| self.finding(finding)).collect();
        let mut entry = json!({
            "file": path.to_string_lossy(), "rows": report.rows, "findings": findings, "more": report.findings.more(),
        });
        if let Some(form) = &report.form {
            entry["form"] = json!({ "id": form.id, "name": form.name, "version": form.version });
        }
        if let Some((encoding, certain)) = report.encoding {
            entry["encoding"] = if certain { encoding.name() } else { "ASCII" }.into();
            entry["byteOrderMark"] = report.bom.into();
        }
        if let Some(copied) = copied {
            let list = copied.findings.list();
            let findings: Vec<Value> = list
                .iter()
                .filter(|finding| finding.rule.is_of_copying())
                .map(|finding| self.finding(finding))
                .collect();
            entry["copy"] = json!({
                "whole": copied.whole, "rows": copied.rows, "leftOut": copied.left_out, "findings": findings,
            });
        }
        let before = if std::mem::replace(&mut self.first, false) { "\n" } else { ",\n" };
        write!(self.output, "{before}{entry}")
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        let Summary { files, others, rows, errors, warnings } = summary;
        let summary = json!({ "files": files, "others": others, "rows": rows, "errors": errors, "warnings": warnings });
        writeln!(self.output, "\n],\"summary\":{summary}}}")?;
        self.output.flush()
    }
}
