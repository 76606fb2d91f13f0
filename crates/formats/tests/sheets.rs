//! The data against the sheets that they were made of, and real files, where the shared test data are there.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "helpers of tests stop at the first surprise, and say what they skip"
)]

use std::path::{Path, PathBuf};

use tsumugi_formats::life::{Ask, Catalogue, Encoding, Plan, Required, Rule, Session, check, copy};

/// The shared test data, or `None` (said on standard output) where it is absent.
fn shared() -> Option<PathBuf> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/life-2021");
    if data.is_dir() {
        return Some(data);
    }
    println!("shared test data absent: skipped");
    None
}

#[test]
fn every_form_of_2021_is_there_with_its_key() {
    let catalogue = Catalogue::embedded().expect("embedded");
    let forms = catalogue.forms();
    assert_eq!(forms.len(), 22);
    assert_eq!(forms.iter().map(|form| form.columns.len()).sum::<usize>(), 1_941);
    for form in forms {
        for (at, column) in form.columns.iter().enumerate() {
            assert_eq!(usize::try_from(column.number).ok(), Some(at + 1), "{} {}", form.id, column.id);
        }
        assert!(form.key.iter().all(|column| form.columns[*column].required == Required::Always), "{}", form.id);
        let parent = form.parent.as_deref();
        assert!(parent.is_none_or(|parent| catalogue.form(parent, None).is_some()), "{}", form.id);
    }
    let parents: Vec<_> = forms.iter().filter_map(|form| form.parent.as_deref()).collect();
    assert_eq!(parents, ["FORM_0000_2021", "FORM_0000_2021", "FORM_0800_2021"]);
}

#[test]
fn the_page_for_vendors_names_every_form_and_every_rule() {
    let page = include_str!("../../../docs/life.md");
    for form in Catalogue::embedded().expect("embedded").forms() {
        let required = form.columns.iter().filter(|column| column.required == Required::Always).count();
        let personal = form.columns.iter().filter(|column| column.leaves.is_personal()).count();
        let line = format!("| `{}` | {} | {} | {required} | {personal} |", form.id, form.name, form.columns.len());
        assert!(page.contains(&line), "docs/life.md lacks the line {line}");
    }
    for rule in Rule::ALL {
        assert!(page.contains(&format!("`{}`", rule.id())), "docs/life.md lacks the rule {}", rule.id());
    }
}

#[test]
fn the_examples_are_in_order() {
    let catalogue = Catalogue::embedded().expect("embedded");
    let mut session = Session::default();
    for bytes in [
        include_bytes!("../../../docs/examples/life/SERVICE_USER_INFO_1.csv").as_slice(),
        include_bytes!("../../../docs/examples/life/FORM_0900_2021_1.csv").as_slice(),
    ] {
        let ask = Ask { catalogue: &catalogue, version: None, file_name: None };
        let report = check(ask, &mut session, bytes).expect("memory");
        assert_eq!(report.rows, 2);
        assert!(report.findings.is_sound(), "{:?}", report.findings.list());
        assert_eq!(report.findings.times(Rule::NoPerson) + report.findings.times(Rule::UserNumberForRecord), 0);
    }
}

#[test]
fn a_version_is_a_folder_and_no_code() {
    let mut catalogue = Catalogue::embedded().expect("embedded");
    let folder = std::env::temp_dir().join(format!("tsumugi-life-{}", std::process::id())).join("2024");
    std::fs::create_dir_all(&folder).expect("a folder");
    let form = r#"{"form":"FORM_0900_2024","version":"2024","name":"ADL","key":["care_facility_id"],"numberOf":"record",
        "columns":[{"no":1,"id":"care_facility_id","name":"事業所番号","type":"text","length":10,"required":"always"}]}"#;
    std::fs::write(folder.join("FORM_0900_2024.json"), form).expect("written");
    std::fs::write(folder.join("lists.json"), "{}").expect("written");
    catalogue.add_folder(&folder).expect("data of their shape");
    let ask = Ask { catalogue: &catalogue, version: None, file_name: None };
    let file = b"FORM_0900_2024\r\ncare_facility_id\r\n1370000001\r\n";
    let report = check(ask, &mut Session::default(), file.as_slice()).expect("memory");
    assert!(report.findings.list().is_empty(), "{:?}", report.findings.list());
    for (wrong, word) in [
        (form.replace("\"care_facility_id\"],", "\"nobody\"],"), "nobody"),
        (form.replace("\"length\"", "\"size\""), "size"),
        (form.replace("\"version\":\"2024\"", "\"version\":\"2023\""), "2023"),
    ] {
        std::fs::write(folder.join("FORM_0900_2024.json"), wrong).expect("written");
        let error = Catalogue::default().add_folder(&folder).expect_err("refused").to_string();
        assert!(error.contains(word) && error.contains("FORM_0900_2024"), "{error}");
    }
    std::fs::remove_dir_all(folder.parent().expect("its parent")).expect("removed");
}

#[test]
fn columns_are_those_of_the_sheets() {
    let Some(data) = shared() else { return };
    let catalogue = Catalogue::embedded().expect("embedded");
    for form in catalogue.forms() {
        let text = std::fs::read_to_string(data.join(format!("{}.csv", form.id))).expect("a sheet");
        // A line of a sheet that is about a column begins with its number and has its name next.
        let ids: Vec<&str> = text
            .lines()
            .filter_map(|line| {
                let mut cells = line.split(',');
                let number = cells.next()?;
                (!number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())).then(|| cells.next())?
            })
            .filter(|id| !id.is_empty())
            .collect();
        let ours: Vec<&str> = form.columns.iter().map(|column| column.id.as_str()).collect();
        assert_eq!(ours, ids, "{}", form.id);
        let always = form.columns.iter().filter(|column| column.required == Required::Always).count();
        assert_eq!(always, text.matches(",◎,").count(), "{}", form.id);
        let encrypted = text.matches("暗号化対象").count();
        let ours = form.columns.iter().filter(|column| column.leaves.is_personal()).count();
        assert!(ours >= encrypted, "{}: {ours} of {encrypted}", form.id);
    }
}

#[test]
fn the_help_desks_sample_is_read_and_is_the_same_again() {
    let Some(data) = shared() else { return };
    let sample = std::fs::read_dir(&data)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .find(|path| path.to_string_lossy().contains("入力サンプル"))
        .expect("the sample");
    let bytes = std::fs::read(sample).expect("it can be read");
    let catalogue = Catalogue::embedded().expect("embedded");
    let ask = Ask { catalogue: &catalogue, version: None, file_name: None };
    let report = check(ask, &mut Session::default(), bytes.as_slice()).expect("memory");
    assert_eq!(report.encoding, Some((Encoding::Ms932, true)));
    assert_eq!((report.rows, report.form.as_ref().map(|form| form.id.as_str())), (1, Some("SERVICE_USER_INFO")));
    assert!(report.findings.is_sound(), "{:?}", report.findings.list());
    assert_eq!(report.findings.times(Rule::NoLastLineEnd), 1, "its last line has no end");
    let mut output = Vec::new();
    let copied = copy(ask, Plan::default(), &Session::default(), bytes.as_slice(), &mut output).expect("memory");
    assert!(copied.whole && output == bytes);
    // Its office and its person have the same ten digits: one leaves, the other does not.
    let mut output = Vec::new();
    let plan = Plan { to: Some(Encoding::Utf8), strip: true };
    let copied = copy(ask, plan, &Session::with_names(), bytes.as_slice(), &mut output).expect("memory");
    assert!(copied.whole, "{:?}", copied.findings.list());
    let text = String::from_utf8(output).expect("UTF-8");
    assert!(text.ends_with("\n\"9999999999\",\"99\",\"1\",\"999999\",1,\"19550415\",\"23\""), "{text}");
}
