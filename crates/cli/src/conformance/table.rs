//! The suites as a table for a person, as JSON, and as the page that is published.

use serde_json::{Value, json};

use super::Suite;

/// A table for a terminal.
pub fn text(suites: &[Suite]) -> String {
    let width = suites.iter().map(|suite| suite.name.len()).max().unwrap_or(0);
    let mut lines = vec![format!("{:width$}  passed  failed  not run", "suite")];
    for suite in suites {
        let Suite { name, passed, failed, not_run, .. } = suite;
        lines.push(format!("{name:width$}  {passed:6}  {failed:6}  {not_run:7}{}", note(suite, "  ")));
    }
    for suite in suites {
        for exception in &suite.exceptions {
            lines.push(format!("{}: {}: {}", suite.name, exception.case, exception.why));
            lines.extend(exception.reason.map(|reason| format!("    listed: {reason}")));
        }
    }
    lines.join("\n")
}

fn note(suite: &Suite, before: &str) -> String {
    suite.note.as_ref().map(|note| format!("{before}{note}")).unwrap_or_default()
}

/// `{"suites":[{name,passed,failed,not_run,exceptions:[{case,why,reason}]}]}`.
pub fn json(suites: &[Suite]) -> String {
    let suites: Vec<Value> = suites
        .iter()
        .map(|suite| {
            let exceptions: Vec<Value> = suite
                .exceptions
                .iter()
                .map(|exception| json!({ "case": exception.case, "why": exception.why, "reason": exception.reason }))
                .collect();
            let files: Vec<Value> =
                suite.files.iter().map(|(path, sum)| json!({ "path": path, "sha256": sum })).collect();
            json!({
                "name": suite.name,
                "passed": suite.passed,
                "failed": suite.failed,
                "not_run": suite.not_run,
                "note": suite.note,
                "exceptions": exceptions,
                "files": files,
            })
        })
        .collect();
    format!("{:#}", json!({ "suites": suites }))
}

/// The page `docs/conformance.md`.
pub fn markdown(suites: &[Suite]) -> String {
    let mut page = String::from(
        "# Conformance\n\n\
        Official suites, run whole. `tsumugi conformance DIR --write docs/conformance.md` wrote this page; change nothing\n\
        by hand. The suites are HL7's (FHIR/fhir-test-cases) and not part of this repository: give the command a folder\n\
        that holds them, and it finds them by their names.\n\n\
        | Suite | Passed | Failed | Not run |\n|---|---:|---:|---:|\n",
    );
    for suite in suites {
        let Suite { name, passed, failed, not_run, .. } = suite;
        let left = if suite.files.is_empty() { "all".into() } else { not_run.to_string() };
        page.push_str(&format!("| {name} | {passed} | {failed} | {left}{} |\n", note(suite, ": ")));
    }
    let exceptions: Vec<_> =
        suites.iter().flat_map(|suite| suite.exceptions.iter().map(move |exception| (suite, exception))).collect();
    page.push_str("\n## Cases that do not come out as their suite says\n\n");
    if exceptions.is_empty() {
        page.push_str("None.\n");
    } else {
        page.push_str("| Suite | Case | What comes instead | Why |\n|---|---|---|---|\n");
    }
    for (suite, exception) in exceptions {
        let cells = [suite.name, &exception.case, &exception.why, exception.reason.unwrap_or("to be mended")];
        page.push_str(&format!("| {} |\n", cells.map(cell).join(" | ")));
    }
    page.push_str("\n## What was run\n\nVersion ");
    page.push_str(env!("CARGO_PKG_VERSION"));
    page.push_str(
        ", on these files. A sum over several files is that of the lines which `sha256sum` prints for them, in the\n\
        order of their names.\n\n| File | SHA-256 |\n|---|---|\n",
    );
    let mut listed: Vec<&(String, String)> = suites.iter().flat_map(|suite| &suite.files).collect();
    listed.dedup();
    for (path, sum) in listed {
        page.push_str(&format!("| `{path}` | `{sum}` |\n"));
    }
    page
}

/// A text as one cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace(['\n', '\r'], " ")
}

#[cfg(test)]
mod tests {
    use tsumugi_fhir::conformance::CaseResult;

    use super::*;

    fn suites() -> Vec<Suite> {
        let cases = vec![CaseResult::of("one", Ok(())), CaseResult::of("two", Err("1 | 2 instead\nof 3".into()))];
        vec![Suite::of("Some", cases, vec![("a/b.xml".into(), "00ff".into())])]
    }

    #[test]
    fn every_form_counts_and_names() {
        let read: Value = serde_json::from_str(&json(&suites())).unwrap();
        let suite = &read["suites"][0];
        assert_eq!((&suite["passed"], &suite["failed"], &suite["not_run"]), (&1.into(), &1.into(), &0.into()));
        assert_eq!(suite["exceptions"][0]["case"], "two");
        assert_eq!(suite["exceptions"][0]["reason"], Value::Null);
        let page = markdown(&suites());
        assert!(page.contains("| Some | 1 | 1 | 0 |"), "{page}");
        assert!(page.contains("| Some | two | 1 \\| 2 instead of 3 | to be mended |"), "{page}");
        assert!(page.contains("| `a/b.xml` | `00ff` |"), "{page}");
        assert!(text(&suites()).contains("Some: two: 1 | 2 instead"));
        assert!(!suites()[0].holds());
    }
}
