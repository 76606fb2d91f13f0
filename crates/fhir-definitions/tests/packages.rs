//! Packages: the two that Japan publishes, and ones that lie, explode or contradict.

use proptest::prelude::*;
use tsumugi_fhir::{Finding, Severity};
use tsumugi_fhir_definitions::{Definitions, Membership, Package, Strength, compile::Definition};

mod common;
mod made;

#[test]
fn the_japanese_packages_load_without_findings() {
    let packages = common::packages();
    if packages.is_empty() {
        return;
    }
    assert_eq!(
        packages.iter().map(|it| &*it.name).collect::<Vec<_>>(),
        ["jp-core.r4#1.1.2-url", "jp-eCSCLINS.r4#1.x.x-temp"]
    );
    let count = |fits: fn(&Definition) -> bool| {
        packages.iter().flat_map(|package| &package.definitions).filter(|(_, definition)| fits(definition)).count()
    };
    assert_eq!(count(|it| matches!(it, Definition::Structure(_))), 89 + 49);
    assert_eq!(count(|it| matches!(it, Definition::ValueSet(_))), 37 + 222);
    assert_eq!(count(|it| matches!(it, Definition::CodeSystem(_))), 22 + 23);
    assert_eq!(count(|it| matches!(it, Definition::SearchParam(_))), 8);
    let definitions = Definitions::with_packages(&packages);
    assert_eq!(definitions.findings(), []);
    let bundle = "http://jpfhir.jp/fhir/clins/StructureDefinition/JP_Bundle_CLINS";
    assert!(definitions.structure(bundle).is_some());
    assert!(Definitions::r4().structure(bundle).is_none(), "the base stays as it is");
}

#[test]
fn codes_of_the_japanese_packages_are_judged() {
    let packages = common::packages();
    if packages.is_empty() {
        return;
    }
    let definitions = Definitions::with_packages(&packages);
    let sections = "http://jpfhir.jp/fhir/eReferral/ValueSet/document-section";
    let codes = definitions.expand(sections).expect("expandable");
    assert!(!codes.is_empty());
    for (system, code) in &codes {
        assert_eq!(definitions.contains(sections, Some(system), code), Membership::In, "{code}");
        assert_eq!(definitions.contains(sections, Some(system), "no-such-code"), Membership::Out);
    }
    let mut required = 0;
    let mut open: Vec<Box<str>> = Vec::new();
    for structure in definitions.structures().filter(|structure| structure.url.contains("/clins/")) {
        for binding in structure.elements.iter().filter_map(|element| element.binding.as_ref()) {
            if let (Strength::Required, Some(set)) = (binding.strength, &binding.value_set) {
                required += 1;
                if let Membership::NotChecked(_) = definitions.contains(set, None, "no-such-code") {
                    open.push(set.clone());
                }
            }
        }
    }
    open.sort();
    open.dedup();
    assert!(required > 100, "{required}");
    println!("required bindings of JP-CLINS that cannot be denied: {open:?}");
}

fn read(files: &[(&str, &str)]) -> (Option<Package>, Vec<Finding>) {
    Package::read("made.tgz", &made::package(files))
}

fn set(url: &str, version: &str, code: &str) -> String {
    format!(
        r#"{{"resourceType":"ValueSet","url":"{url}","version":"{version}","compose":{{"include":[{{"system":"urn:s","concept":[{{"code":"{code}"}}]}}]}}}}"#
    )
}

const GOOD: &str = r#"{"resourceType":"CodeSystem","url":"urn:s","content":"complete","concept":[{"code":"a"}]}"#;

#[test]
fn a_wrong_file_costs_that_file_and_is_named() {
    let (package, findings) = read(&[
        ("package/package.json", r#"{"name":"made","version":"1.0"}"#),
        ("package/CodeSystem-good.json", GOOD),
        ("package/Broken.json", "{\"resourceType\":"),
        ("package/NoUrl.json", r#"{"resourceType":"ValueSet"}"#),
        (
            "package/BadMax.json",
            r#"{"resourceType":"StructureDefinition","url":"u","kind":"resource","type":"Patient",
            "snapshot":{"element":[{"path":"Patient","max":"many"}]}}"#,
        ),
        ("package/Example.json", r#"{"resourceType":"Patient"}"#),
    ]);
    assert_eq!(package.expect("a package").definitions.len(), 1);
    let places: Vec<&str> = findings.iter().map(|finding| &*finding.path).collect();
    assert_eq!(places, ["made#1.0/Broken.json", "made#1.0/NoUrl.json", "made#1.0/BadMax.json"]);
    assert!(findings[1].en.contains("`url`") && findings[1].ja.contains("「url」"));
    assert!(findings[2].en.contains("element.max"));
    assert!(findings.iter().all(
        |finding| finding.severity == Severity::Error && finding.place.is_some() == finding.path.contains("Broken")
    ));
}

#[test]
fn names_with_tricks_have_no_power() {
    let (package, _) = read(&[
        ("package/CodeSystem-good.json", GOOD),
        ("package/../../evil.json", GOOD),
        ("/etc/evil.json", GOOD),
        ("package/example/CodeSystem-x.json", GOOD),
        ("package/.index.json", GOOD),
    ]);
    assert_eq!(package.expect("a package").definitions.len(), 1);
}

#[test]
fn what_is_no_package_says_so() {
    for bytes in
        [&b""[..], b"not gzip", &made::gzip(b""), &made::gzip(&[7; 2_000]), &made::package(&[("package/x.txt", "x")])]
    {
        let (package, findings) = Package::read("x.tgz", bytes);
        assert!(package.is_none());
        assert_eq!((findings.len(), &*findings[0].path), (1, "x.tgz"));
    }
    let whole = made::package(&[("package/CodeSystem-good.json", GOOD)]);
    let (package, findings) = Package::read("cut.tgz", &whole[..whole.len() / 2]);
    assert!(package.is_none() && findings.len() == 1);
}

#[test]
fn bombs_are_stopped() {
    // A gigabyte of zeros behind the first file, in a megabyte of gzip.
    let mut tar = vec![0; 512];
    let mut header = tar::Header::new_gnu();
    header.set_path("package/huge.json").expect("a path");
    header.set_size(1 << 30);
    header.set_cksum();
    tar.copy_from_slice(header.as_bytes());
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut out, &tar).expect("written");
    for _ in 0..1024 {
        std::io::Write::write_all(&mut out, &[0; 1 << 20]).expect("written");
    }
    let bomb = out.finish().expect("finished");
    assert!(bomb.len() < 8 << 20);
    let (package, findings) = Package::read("bomb.tgz", &bomb);
    assert!(package.is_none());
    assert!(findings.iter().any(|finding| finding.en.contains("512 MB")), "{findings:?}");
    assert!(findings.iter().any(|finding| finding.en.contains("32 MB")), "{findings:?}");
    let many: Vec<(String, String)> = (0..20_001).map(|at| (format!("package/{at}.txt"), String::new())).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(path, text)| (&**path, &**text)).collect();
    let (package, findings) = read(&many);
    assert!(package.is_none() && findings[0].en.contains("20,000"));
}

#[test]
fn the_base_cannot_be_redefined_and_the_higher_version_is_the_unversioned_one() {
    let gender = "http://hl7.org/fhir/ValueSet/administrative-gender";
    let (first, _) =
        read(&[("package/a.json", &set("urn:v", "1.9.0", "old")), ("package/b.json", &set(gender, "9", "robot"))]);
    let (second, _) = read(&[
        ("package/a.json", &set("urn:v", "1.10.0", "new")),
        ("package/c.json", &set("urn:v", "1.9.0", "again")),
    ]);
    let definitions = Definitions::with_packages(&[first.expect("read"), second.expect("read")]);
    let has = |canonical: &str, code| definitions.contains(canonical, None, code) == Membership::In;
    assert!(has("urn:v", "new") && !has("urn:v", "old"));
    assert!(has("urn:v|1.9.0", "old") && has("urn:v|1.10.0", "new") && !has("urn:v|1.9.0", "again"));
    assert!(definitions.value_set("urn:v|1.9").is_none(), "versions are matched whole");
    assert!(!has(gender, "robot") && has(gender, "male"));
    let places: Vec<&str> = definitions.findings().iter().map(|finding| &*finding.path).collect();
    assert_eq!(places, ["made.tgz/b.json", "made.tgz/c.json"]);
}

#[test]
fn profiles_that_are_each_others_bases_are_named() {
    let profile = |url: &str, base: &str| {
        format!(
            r#"{{"resourceType":"StructureDefinition","url":"{url}","kind":"resource","type":"Patient","derivation":"constraint","baseDefinition":"{base}"}}"#
        )
    };
    let (package, findings) = read(&[
        ("package/a.json", &profile("urn:a", "urn:b")),
        ("package/b.json", &profile("urn:b", "urn:a")),
        ("package/c.json", &profile("urn:c", "urn:d")),
        ("package/d.json", &profile("urn:d", "http://hl7.org/fhir/StructureDefinition/Patient")),
    ]);
    assert_eq!(findings, []);
    let definitions = Definitions::with_packages(&[package.expect("read")]);
    assert!(
        definitions.structure("urn:c").is_some_and(|it| it.elements.len() > 20),
        "a base that comes later is waited for"
    );
    let places: Vec<&str> = definitions.findings().iter().map(|finding| &*finding.path).collect();
    assert_eq!(places, ["made.tgz/a.json", "made.tgz/b.json"]);
}

#[test]
fn search_parameters_of_packages_are_found() {
    let (package, _) = read(&[(
        "package/s.json",
        r#"{"resourceType":"SearchParameter","url":"urn:p","code":"kana","type":"string","base":["Patient"],"expression":"Patient.name.family"}"#,
    )]);
    let definitions = Definitions::with_packages(&[package.expect("read")]);
    assert!(
        definitions.search_param("Patient", "kana").is_some() && definitions.search_param("Group", "kana").is_none()
    );
    assert!(definitions.search_param("Patient", "birthdate").is_some());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever stands where a member should be, reading ends in a definition or a fault.
    #[test]
    fn no_definition_makes_the_reader_panic(kind in 0..5_usize, member in 0..12_usize, value in 0..8_usize, text in "[ -~]{0,20}") {
        let kind = ["StructureDefinition", "ValueSet", "CodeSystem", "SearchParameter", "CompartmentDefinition"][kind];
        let member = ["url", "type", "kind", "snapshot", "differential", "concept", "compose", "expansion", "base", "code", "resource", "component"][member];
        let text = serde_json::to_string(&text).expect("JSON");
        let value = ["1", "null", "[]", "{}", "[[]]", "{\"element\":[{\"path\":1}]}", "[{\"code\":{}}]", &text][value];
        let _read = made::definition(&format!("{{\"resourceType\":\"{kind}\",\"{member}\":{value}}}"));
    }

    /// Bytes that changed on the way end in findings, not in a panic or a hang.
    #[test]
    fn no_damage_makes_the_package_panic(at in 0..10_000_usize, byte: u8) {
        let mut bytes = made::package(&[("package/CodeSystem-good.json", GOOD)]);
        let place = at % bytes.len();
        bytes[place] = byte;
        let _read = Package::read("damaged.tgz", &bytes);
    }
}
