//! Findings as SARIF 2.1.0 (OASIS), for code scanning: results file by file, the rules that they name at the end.
//!
//! What was not checked and what was passed over are no results but notifications of the tool.

use std::{
    collections::BTreeMap,
    io::{self, Write},
    path::{Component, Path},
};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use tsumugi_fhir::{Finding, Lang, Severity};

use super::{
    engine::is_not_checked,
    input::Skip,
    report::{At, Checked, Form, Summary},
};

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// Rules that are described; results may name further ones, which SARIF allows.
const RULES: usize = 10_000;
/// All that RFC 3986 does not leave unreserved.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Writes SARIF.
pub struct Sarif<W> {
    output: W,
    lang: Lang,
    first: bool,
    /// Each rule with the kind of issue that it reports.
    rules: BTreeMap<String, &'static str>,
}

impl<W: Write> Sarif<W> {
    /// To `output`.
    pub fn new(output: W, lang: Lang) -> Self {
        Self { output, lang, first: true, rules: BTreeMap::new() }
    }

    fn result(&mut self, file: &Path, at: At, finding: &Finding) -> io::Result<()> {
        let rule = rule_id(finding);
        if self.rules.len() < RULES {
            self.rules.entry(rule.clone()).or_insert(finding.code.code());
        }
        let mut physical = json!({ "artifactLocation": { "uri": uri(file) } });
        if let Some(line) = at.line {
            physical["region"] = json!({ "startLine": line });
            if let Some(column) = at.column {
                physical["region"]["startColumn"] = column.into();
            }
        }
        let mut location = json!({ "physicalLocation": physical });
        if !finding.path.is_empty() {
            location["logicalLocations"] = json!([{ "fullyQualifiedName": finding.path, "kind": "member" }]);
        }
        let result = json!({
            "ruleId": rule,
            "level": level(finding.severity),
            "message": { "text": finding.text(self.lang) },
            "locations": [location],
        });
        let before = if std::mem::replace(&mut self.first, false) { "\n" } else { ",\n" };
        write!(self.output, "{before}{result}")
    }

    fn rule(&self, id: &str, code: &str) -> Value {
        let text = match self.lang {
            Lang::Ja => format!("規則 {id}(FHIRの問題の種別:{code})"),
            Lang::En => format!("Rule {id} (FHIR issue type: {code})"),
        };
        json!({ "id": id, "shortDescription": { "text": text } })
    }

    fn notifications(&self, summary: &Summary) -> Vec<Value> {
        let note = |text: String| json!({ "level": "note", "message": { "text": text } });
        let mut notes: Vec<Value> =
            summary.not_checked.iter().map(|(reason, times)| note(format!("{reason} ×{times}"))).collect();
        notes.extend(summary.skipped.iter().map(|(word, times)| note(format!("{} ×{times}", word.words(self.lang)))));
        notes
    }
}

impl<W: Write> Form for Sarif<W> {
    fn start(&mut self) -> io::Result<()> {
        write!(
            self.output,
            "{{\"$schema\":\"{SCHEMA}\",\"version\":\"2.1.0\",\"runs\":[{{\"columnKind\":\"unicodeCodePoints\",\"results\":["
        )
    }

    fn checked(&mut self, checked: &Checked<'_>) -> io::Result<()> {
        for (at, finding) in checked.findings {
            if !is_not_checked(finding) {
                self.result(checked.file, *at, finding)?;
            }
        }
        Ok(())
    }

    fn skipped(&mut self, _: &Path, _: Option<u32>, _: Skip) -> io::Result<()> {
        Ok(())
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        let rules: Vec<Value> = self.rules.iter().map(|(id, code)| self.rule(id, code)).collect();
        let language = match self.lang {
            Lang::Ja => "ja",
            Lang::En => "en",
        };
        let driver = json!({
            "name": "tsumugi",
            "version": env!("CARGO_PKG_VERSION"),
            "semanticVersion": env!("CARGO_PKG_VERSION"),
            "language": language,
            "rules": rules,
        });
        let invocation = json!({
            "executionSuccessful": true,
            "toolExecutionNotifications": self.notifications(summary),
        });
        writeln!(self.output, "\n],\"tool\":{{\"driver\":{driver}}},\"invocations\":[{invocation}]}}]}}")?;
        self.output.flush()
    }
}

/// The id of a finding's rule: its own, or the kind of issue where it has none.
fn rule_id(finding: &Finding) -> String {
    finding.rule.as_deref().map_or_else(|| finding.code.code().to_owned(), str::to_owned)
}

const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Fatal | Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Information => "note",
    }
}

/// A path as a URI reference: relative paths stay relative, an absolute one becomes `file:///…`.
fn uri(path: &Path) -> String {
    let mut out = String::from(if path.is_absolute() { "file://" } else { "" });
    let mut between = false;
    for component in path.components() {
        let name = match component {
            Component::CurDir | Component::RootDir | Component::Prefix(_) => {
                between |= component == Component::RootDir;
                continue;
            }
            Component::ParentDir => "..".into(),
            Component::Normal(name) => name.to_string_lossy(),
        };
        if std::mem::replace(&mut between, true) {
            out.push('/');
        }
        out.extend(utf8_percent_encode(&name, RESERVED));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_becomes_a_uri() {
        assert_eq!(uri(Path::new("./letters/紹介 1.json")), "letters/%E7%B4%B9%E4%BB%8B%201.json");
        assert_eq!(uri(Path::new("/data/a.json")), "file:///data/a.json");
        assert_eq!(uri(Path::new("../a:b.json")), "../a%3Ab.json");
    }
}
