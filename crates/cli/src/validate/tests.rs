//! The command over folders made for it.

use serde_json::Value;
use tempfile::TempDir;

use super::*;

/// A value that stands in documents and must stand in no message.
const SOMEBODY: &str = "Kaguya-of-the-bamboo";

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text.replace("SOMEBODY", SOMEBODY)).unwrap();
    }
    folder
}

fn check(folder: &TempDir, format: Format, lang: Words) -> (anyhow::Result<Summary>, String) {
    let command = Validate { paths: vec![folder.path().to_owned()], packages: None, profile: Vec::new(), format, lang };
    let mut output = Vec::new();
    let done = command.checked(&mut output);
    (done, String::from_utf8(output).unwrap())
}

const GOOD: (&str, &str) =
    ("good.json", r#"{"resourceType":"Patient","name":[{"text":"SOMEBODY"}],"birthDate":"1948-04-01"}"#);

/// Of findings those that are errors: that a narrative would be good to have is said of each resource, too.
fn errors(findings: &Value, of: &str) -> Vec<Value> {
    findings
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding[of] == "error" || finding[of] == "fatal")
        .cloned()
        .collect()
}

fn mixed() -> TempDir {
    folder(&[
        GOOD,
        ("bad/date.json", "{\n  \"resourceType\": \"Patient\",\n  \"birthDate\": \"SOMEBODY\"\n}"),
        ("bad/cut.json", r#"{"resourceType":"Patient","name":[{"text":"SOMEBODY"}"#),
        (
            "lines.ndjson",
            "{\"resourceType\":\"Patient\"}\n\n{\"resourceType\":\"Patient\",\"birthDate\":\"SOMEBODY\"}\n[1]\n",
        ),
        ("name.xml", r#"<Patient xmlns="http://hl7.org/fhir"><name><text value="SOMEBODY"/></name></Patient>"#),
        ("other.xml", r#"<html xmlns="http://www.w3.org/1999/xhtml"><p>SOMEBODY</p></html>"#),
        ("package.json", r#"{"name":"SOMEBODY"}"#),
        ("table.csv", "SOMEBODY,1\n"),
    ])
}

#[test]
fn every_text_is_counted_once_and_the_status_says_what_came() {
    let (done, _) = check(&mixed(), Format::Human, Words::En);
    let summary = done.as_ref().unwrap();
    assert_eq!(summary.files, 8);
    assert_eq!(summary.documents, 6, "four files and two lines: {summary:?}");
    assert_eq!(summary.errors, 3, "a date twice, and a text cut short");
    let skipped = [(input::Skip::OtherForm, 1), (input::Skip::NoResource, 2), (input::Skip::OtherXml, 1)];
    assert_eq!(summary.skipped, skipped.into_iter().collect());
    assert_eq!(status(&done), 1);
    assert_eq!(status(&check(&folder(&[GOOD]), Format::Human, Words::En).0), 0);
    assert_eq!(status(&check(&folder(&[("table.csv", "1")]), Format::Human, Words::En).0), 2);
    assert_eq!(status(&check(&folder(&[]), Format::Human, Words::En).0), 2);
}

#[test]
fn a_person_reads_file_line_rule_and_element() {
    let (_, text) = check(&mixed(), Format::Human, Words::En);
    assert!(text.contains("bad/date.json:3:16: error date-form Patient.birthDate\n    A date is"), "{text}");
    assert!(text.contains("lines.ndjson:3:39: error date-form Patient.birthDate\n"), "{text}");
    assert!(text.contains("bad/cut.json:1:"), "{text}");
    assert!(text.contains("lines.ndjson:4: no FHIR resource"), "{text}");
    assert!(text.contains("package.json: no FHIR resource"), "{text}");
    assert!(text.ends_with("8 files (4 passed over), 5 resources, 3 errors, 0 warnings\n"), "{text}");
    let (_, text) = check(&mixed(), Format::Human, Words::Ja);
    assert!(text.contains("bad/date.json:3:16: エラー date-form Patient.birthDate\n    日時は"), "{text}");
}

#[test]
fn a_program_reads_the_same_as_json() {
    let (_, text) = check(&mixed(), Format::Json, Words::En);
    let read: Value = serde_json::from_str(&text).unwrap();
    let files = read["files"].as_array().unwrap();
    let of =
        |name: &str| files.iter().filter(|file| file["file"].as_str().unwrap().ends_with(name)).collect::<Vec<_>>();
    let finding = &errors(&of("date.json")[0]["findings"], "severity")[0];
    assert_eq!(finding["rule"], "date-form");
    assert_eq!(finding["expression"], "Patient.birthDate");
    assert_eq!((&finding["line"], &finding["column"]), (&3.into(), &16.into()));
    let lines: Vec<_> = of("lines.ndjson").iter().map(|file| file["line"].clone()).collect();
    assert_eq!(lines, [1, 3, 4].map(Value::from));
    assert_eq!(errors(&of("lines.ndjson")[1]["findings"], "severity")[0]["line"], 3);
    assert!(errors(&of("good.json")[0]["findings"], "severity").is_empty());
    assert!(of("table.csv")[0]["skipped"].is_string());
    assert_eq!(read["summary"]["errors"], 3);
    assert_eq!(read["summary"]["resources"], 5);
}

#[test]
fn a_scanner_reads_sarif() {
    let (_, text) = check(&mixed(), Format::Sarif, Words::En);
    let read: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(read["version"], "2.1.0");
    let run = &read["runs"][0];
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    let rules: Vec<_> = run["tool"]["driver"]["rules"].as_array().unwrap().iter().map(|rule| &rule["id"]).collect();
    assert_eq!(errors(&run["results"], "level").len(), 3);
    for result in run["results"].as_array().unwrap() {
        assert!(rules.contains(&&result["ruleId"]), "{result}");
        assert!(!result["message"]["text"].as_str().unwrap().is_empty());
        let physical = &result["locations"][0]["physicalLocation"];
        let uri = physical["artifactLocation"]["uri"].as_str().unwrap();
        assert!(uri.starts_with("file:///"), "{uri}");
        // In XML the element is named and no line: what is checked is the JSON that was made of it.
        let line = physical["region"]["startLine"].as_u64();
        assert_eq!(line.is_some_and(|line| line >= 1), !uri.ends_with("name.xml"), "{result}");
    }
    assert_eq!(run["invocations"][0]["executionSuccessful"], true);
    assert_eq!(run["invocations"][0]["toolExecutionNotifications"].as_array().unwrap().len(), 3);
    // Nothing at all found is a valid file, too.
    let (_, text) = check(&folder(&[GOOD]), Format::Sarif, Words::Ja);
    let read: Value = serde_json::from_str(&text).unwrap();
    assert!(errors(&read["runs"][0]["results"], "level").is_empty());
}

#[test]
fn no_message_repeats_what_a_document_says() {
    for format in [Format::Human, Format::Json, Format::Sarif] {
        for lang in [Words::Ja, Words::En] {
            let (_, text) = check(&mixed(), format, lang);
            assert!(!text.contains(SOMEBODY), "{format:?} {text}");
        }
    }
}

#[test]
fn what_cannot_be_used_is_said_at_the_start() {
    let command = |packages: Option<PathBuf>, path: PathBuf| Validate {
        paths: vec![path],
        packages,
        profile: Vec::new(),
        format: Format::Human,
        lang: Words::En,
    };
    let good = folder(&[GOOD]);
    let path = good.path().to_owned();
    let bad = folder(&[("some.tgz", "no archive")]);
    let refused = |command: Validate| {
        let done = command.checked(Vec::new());
        assert_eq!(status(&done), 2);
        format!("{:#}", done.unwrap_err())
    };
    assert!(refused(command(Some(bad.path().to_owned()), path.clone())).contains("some.tgz cannot be used"));
    assert!(refused(command(Some(path.clone()), path.clone())).contains("holds no .tgz"));
    assert!(refused(command(None, path.join("none"))).contains("is not there"));
}
