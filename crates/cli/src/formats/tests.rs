//! The command over folders made for it.

use serde_json::Value;
use tempfile::TempDir;

use super::life::{Check, Format, Summary, To, Words, status};

const PEOPLE: &str = "SERVICE_USER_INFO\r\ncare_facility_id,service_code,external_system_management_number,insurer_no,insured_no,last_name,first_name,gender,birthday,care_level\r\n1370000001,15,U1,131016,1000000001,髙橋,竹取子,2,19360514,22\r\n";
const ADL: &str = "FORM_0900_2021\r\ncare_facility_id,service_code,insurer_no,insured_no,external_system_management_number,adl_evaluate,barthel_index_meal\r\n1370000001,15,131016,1000000001,R1,20210401,";

fn folder(files: &[(&str, String)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn command(folder: &TempDir) -> Check {
    Check {
        paths: vec![folder.path().to_owned()],
        out: None,
        strip: false,
        to: None,
        rules: Vec::new(),
        life_version: None,
        format: Format::Human,
        lang: Words::En,
    }
}

fn run(command: &Check) -> (anyhow::Result<Summary>, String) {
    let mut output = Vec::new();
    let done = command.checked(&mut output);
    (done, String::from_utf8(output).unwrap())
}

#[test]
fn the_status_says_what_came() {
    let good = folder(&[("people.csv", PEOPLE.to_owned()), ("a.csv", format!("{ADL}2\r\n"))]);
    let (done, text) = run(&command(&good));
    assert_eq!(status(&done), 0, "{text}");
    assert!(text.ends_with("2 files (0 not of LIFE), 2 rows, 0 errors, 1 warnings\n"), "{text}");
    assert!(text.find("people.csv") < text.find("a.csv"), "people first: {text}");
    let bad = folder(&[("a.csv", format!("{ADL}10\r\n")), ("b.csv", "x,y\r\n".to_owned()), ("c.txt", "z".to_owned())]);
    let (done, text) = run(&command(&bad));
    assert_eq!(status(&done), 1);
    assert!(
        text.contains("error points-for-code column 7 barthel_index_meal 食事 (line 3)\n    These are points."),
        "{text}"
    );
    assert!(text.contains("b.csv: error unknown-form (line 1)"), "{text}");
    assert_eq!(status(&run(&command(&folder(&[("b.csv", "x".to_owned())]))).0), 2);
    assert_eq!(status(&run(&command(&folder(&[]))).0), 2);
}

#[test]
fn json_has_the_same_and_no_persons_words() {
    let files = folder(&[("p.csv", PEOPLE.replace("19360514", "昭和11年竹取子")), ("a.csv", format!("{ADL}2\r\n"))]);
    let (done, text) = run(&Check { format: Format::Json, lang: Words::Ja, ..command(&files) });
    assert_eq!(status(&done), 1);
    let value: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value["files"][0]["form"]["id"], "SERVICE_USER_INFO");
    assert_eq!(value["files"][0]["encoding"], "UTF-8");
    assert_eq!(value["files"][0]["findings"][0]["rule"], "japanese-era");
    assert_eq!(value["files"][0]["findings"][0]["column"]["id"], "birthday");
    assert_eq!(value["summary"]["errors"], 1);
    for said in [text, run(&command(&files)).1] {
        assert!(!said.contains("髙橋") && !said.contains("竹取子") && !said.contains("1000000001"), "{said}");
    }
}

#[test]
fn copies_are_whole_or_not_there_and_overwrite_nothing() {
    let files = folder(&[("p.csv", PEOPLE.to_owned()), ("a.csv", format!("{ADL}2\r\n"))]);
    let out = tempfile::tempdir().unwrap();
    let copies = Check { out: Some(out.path().to_owned()), to: Some(To::Ms932), ..command(&files) };
    assert_eq!(status(&run(&copies).0), 0);
    let bytes = std::fs::read(out.path().join("p.csv")).unwrap();
    assert!(bytes.windows(2).any(|pair| pair == b"\xfb\xfc"), "髙 in MS932");
    let again = run(&copies).0.unwrap_err().to_string();
    assert!(again.contains("is there already"), "{again}");

    let clean = tempfile::tempdir().unwrap();
    let strip = Check { out: Some(clean.path().to_owned()), strip: true, ..command(&files) };
    let (done, text) = run(&strip);
    assert_eq!(status(&done), 0, "{text}");
    assert!(text.contains("copied; left out: insured_no, last_name, first_name"), "{text}");
    let left = std::fs::read_to_string(clean.path().join("p.csv")).unwrap();
    assert!(!left.contains("髙橋") && !left.contains("1000000001") && left.contains("19360515"), "{left}");

    let wide = folder(&[("p.csv", PEOPLE.replace("髙橋", "𠮷田"))]);
    let none = tempfile::tempdir().unwrap();
    let (done, text) = run(&Check { out: Some(none.path().to_owned()), to: Some(To::Ms932), ..command(&wide) });
    assert_eq!(status(&done), 1);
    assert!(text.contains("cannot-write column 6 last_name") && text.contains("not copied"), "{text}");
    assert_eq!(std::fs::read_dir(none.path()).unwrap().count(), 0, "nothing half is left behind");
}
