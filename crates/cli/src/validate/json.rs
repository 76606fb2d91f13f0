//! Findings as one JSON object, written file by file: `{"files":[…],"summary":{…}}`.

use std::{
    io::{self, Write},
    path::Path,
};

use serde_json::{Map, Value, json};
use tsumugi_fhir::Lang;

use super::{
    engine::is_not_checked,
    input::Skip,
    report::{Checked, Form, Summary},
};

/// Writes JSON.
pub struct Json<W> {
    output: W,
    lang: Lang,
    first: bool,
}

impl<W: Write> Json<W> {
    /// To `output`.
    pub fn new(output: W, lang: Lang) -> Self {
        Self { output, lang, first: true }
    }

    fn entry(&mut self, entry: &Value) -> io::Result<()> {
        let before = if std::mem::replace(&mut self.first, false) { "\n" } else { ",\n" };
        write!(self.output, "{before}{entry}")
    }
}

impl<W: Write> Form for Json<W> {
    fn start(&mut self) -> io::Result<()> {
        write!(self.output, "{{\"files\":[")
    }

    fn checked(&mut self, checked: &Checked<'_>) -> io::Result<()> {
        let findings: Vec<Value> = checked
            .findings
            .iter()
            .map(|(at, finding)| {
                let mut member = Map::new();
                member.insert("severity".into(), finding.severity.code().into());
                member.insert("code".into(), finding.code.code().into());
                if let Some(rule) = &finding.rule {
                    member.insert("rule".into(), rule.to_string().into());
                }
                if !finding.path.is_empty() {
                    member.insert("expression".into(), finding.path.clone().into());
                }
                for (name, number) in [("line", at.line), ("column", at.column)] {
                    if let Some(number) = number {
                        member.insert(name.into(), number.into());
                    }
                }
                if is_not_checked(finding) {
                    member.insert("checked".into(), false.into());
                }
                member.insert("text".into(), finding.text(self.lang).into());
                Value::Object(member)
            })
            .collect();
        let mut entry = json!({ "file": checked.file.to_string_lossy(), "findings": findings });
        if let Some(line) = checked.line {
            entry["line"] = line.into();
        }
        if !checked.kind.is_empty() {
            entry["resourceType"] = checked.kind.into();
        }
        self.entry(&entry)
    }

    fn skipped(&mut self, file: &Path, line: Option<u32>, word: Skip) -> io::Result<()> {
        let mut entry = json!({ "file": file.to_string_lossy(), "skipped": word.words(self.lang) });
        if let Some(line) = line {
            entry["line"] = line.into();
        }
        self.entry(&entry)
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        let not_checked: Vec<Value> =
            summary.not_checked.iter().map(|(reason, times)| json!({ "reason": reason, "times": times })).collect();
        let summary = json!({
            "files": summary.files,
            "documents": summary.documents,
            "resources": summary.resources,
            "skipped": summary.skipped.values().sum::<u64>(),
            "errors": summary.errors,
            "warnings": summary.warnings,
            "notChecked": not_checked,
            "moreNotChecked": summary.more_not_checked,
        });
        writeln!(self.output, "\n],\"summary\":{summary}}}")?;
        self.output.flush()
    }
}
