//! Every FHIR file of the shared data goes through; every error of each is in the table, with the reason why it is true.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test stops at what must not be, and says what it skips"
)]

mod support;

use std::collections::BTreeSet;

use serde_json::Value as Json;
use support::{errors, json_files, mode, read, shared, validate};
use tsumugi_fhir_validate::{Mode, clins};

/// Files with errors: the end of the file's name, the rules that it breaks, and why that is true.
const TRUE_ERRORS: &[(&str, &[&str], &str)] = &[
    ("ErrorExample-JP-MedReq-ExtEye-Total1.json", &["R3010"], "its own note says that the standard codes are missing"),
    ("examples/codesystem-example.json", &["csd-1"], "the code chol-mass stands twice in it"),
    ("input/codesystem-example.json", &["csd-1"], "the same file"),
    (
        "devicemetric-example.json",
        &["DeviceMetric|DeviceMetric.parent"],
        "its parent is a DeviceDefinition; R4 allows a Device",
    ),
    (
        "deviceusestatement-example.json",
        &["DeviceUseStatement|DeviceUseStatement.reasonReference"],
        "its reason is a Procedure, which R4 does not allow there",
    ),
    (
        "explanationofbenefit-example.json",
        &[
            "ExplanationOfBenefit|ExplanationOfBenefit.created",
            "ExplanationOfBenefit|ExplanationOfBenefit.insurance",
            "ExplanationOfBenefit|ExplanationOfBenefit.insurer",
            "ExplanationOfBenefit|ExplanationOfBenefit.item.productOrService",
            "ExplanationOfBenefit|ExplanationOfBenefit.outcome",
            "ExplanationOfBenefit|ExplanationOfBenefit.patient",
            "ExplanationOfBenefit|ExplanationOfBenefit.provider",
            "ExplanationOfBenefit|ExplanationOfBenefit.status",
            "ExplanationOfBenefit|ExplanationOfBenefit.type",
            "ExplanationOfBenefit|ExplanationOfBenefit.use",
        ],
        "a fragment for FHIRPath's tests without the required elements",
    ),
    (
        "patient-container-example.json",
        &["dom-3", "org-1", "reference-form"],
        "its reference is `1` instead of `#1`, so that the contained Organization, which has neither name nor identifier, is not referred to",
    ),
    (
        "Bundle-Bundle-for-JP-MedReq-ePreBundleExample01.json",
        &[
            "http://jpfhir.jp/fhir/core/Extension/StructureDefinition/JP_Organization_InsuranceOrganizationCategory|Extension.value[x]",
            "http://jpfhir.jp/fhir/core/Extension/StructureDefinition/JP_Organization_InsuranceOrganizationNo|Extension.value[x].system",
            "http://jpfhir.jp/fhir/core/Extension/StructureDefinition/JP_Organization_PrefectureNo|Extension.value[x]",
            "http://jpfhir.jp/fhir/core/StructureDefinition/JP_MedicationRequest|MedicationRequest.identifier:orderInRp",
            "http://jpfhir.jp/fhir/core/StructureDefinition/JP_MedicationRequest|MedicationRequest.identifier:rpNumber",
        ],
        "written for an earlier JP Core: Identifier where the extension takes Coding, and systems as OIDs where it fixes URLs",
    ),
    (
        "Bundle-Bundle-for-JP-MedReq-ePreData-Example01.json",
        &[
            "http://jpfhir.jp/fhir/core/Extension/StructureDefinition/JP_Organization_InsuranceOrganizationCategory|Extension.value[x]",
            "http://jpfhir.jp/fhir/core/Extension/StructureDefinition/JP_Organization_InsuranceOrganizationNo|Extension.value[x].system",
            "http://jpfhir.jp/fhir/core/Extension/StructureDefinition/JP_Organization_PrefectureNo|Extension.value[x]",
        ],
        "as above",
    ),
    (
        "Bundle-JP-MedReq-ePreData-Example-bunkatsu.json",
        &[
            "bdl-10",
            "http://jpfhir.jp/fhir/core/Extension/StructureDefinition/JP_Organization_InsuranceOrganizationCategory|Extension.value[x]",
            "http://jpfhir.jp/fhir/core/Extension/StructureDefinition/JP_Organization_InsuranceOrganizationNo|Extension.value[x].system",
            "http://jpfhir.jp/fhir/core/Extension/StructureDefinition/JP_Organization_PrefectureNo|Extension.value[x]",
            "json-array",
        ],
        "as above; its outer document has no timestamp, and a Composition's identifier as an array",
    ),
    (
        "get_scr_additional_information.response.json",
        &[
            "Composition|Composition.title",
            "Condition|Condition.clinicalStatus",
            "Condition|Condition.subject",
            "Procedure|Procedure.subject",
        ],
        "written for STU3's ways: no title, no subjects, and the value set's URL where the code system's belongs",
    ),
];

/// Files that must fail, and what the report names as not checked instead where no loaded package defines the rule.
const NOT_DEFINED: &[(&str, &str)] = &[
    ("ng-obs-1.json", "http://jpfhir.jp/fhir/eMunicipalCheckup/StructureDefinition/JP_Bundle_eMunicipalCheckup"),
    ("ng-result-2010.json", "http://jpfhir.jp/fhir/eMunicipalCheckup/StructureDefinition/JP_Bundle_eMunicipalCheckup"),
];

const FOLDERS: [&str; 8] = [
    "jp-clins",
    "jp-prescription",
    "jp-checkup",
    "jp-core-bundles",
    "ips",
    "nhs",
    "fhir-r4/examples",
    "fhir-r4/fhirpath/input",
];

#[test]
fn each_error_of_each_file_is_true() {
    let (Some(data), Some(validator)) = (shared(), support::japan()) else { return };
    let (mut count, mut met) = (0, BTreeSet::new());
    for path in FOLDERS.iter().flat_map(|folder| json_files(&data.join(folder))) {
        let name = path.to_string_lossy();
        let report = validate(validator, &read(&path), mode(&name));
        let found: BTreeSet<String> = errors(&report.findings).into_iter().map(|(rule, _)| rule).collect();
        let known = TRUE_ERRORS.iter().find(|(end, ..)| name.ends_with(end));
        met.extend(known.map(|(end, ..)| *end));
        let expected: BTreeSet<String> =
            known.map_or(&[][..], |(_, rules, _)| rules).iter().map(|rule| (*rule).to_owned()).collect();
        assert_eq!(
            found,
            expected,
            "{name}: {:#?}",
            report.findings.iter().filter(|one| one.refuses()).collect::<Vec<_>>()
        );
        if let Some((_, profile)) = NOT_DEFINED.iter().find(|(end, _)| name.ends_with(end)) {
            assert!(report.not_checked.iter().any(|one| &*one.name == *profile), "{name}: {:?}", report.not_checked);
        } else if name.contains("ErrorExample") || name.contains("-ng-") {
            assert!(report.refused(), "{name} must fail");
        }
        count += 1;
    }
    assert!(count > 110, "only {count} files were found");
    assert_eq!(met.len(), TRUE_ERRORS.len(), "the table names files that are not there: {met:?}");
}

#[test]
fn the_published_list_is_this_table() {
    let page = include_str!("../../../docs/validation.md");
    for (file, _, why) in TRUE_ERRORS {
        let row = page.lines().find(|line| line.starts_with(&format!("| `{file}` |")));
        assert!(row.is_some_and(|row| row.ends_with(&format!("| {why} |"))), "docs/validation.md lacks {file}: {why}");
    }
    assert_eq!(page.lines().filter(|line| line.starts_with("| `")).count(), TRUE_ERRORS.len());
}

#[test]
fn the_native_rules_take_the_official_examples() {
    let Some(data) = shared() else { return };
    for path in json_files(&data.join("jp-clins")) {
        let name = path.to_string_lossy();
        let document = read(&path);
        let findings = match mode(&name) {
            Mode::Document => clins::document(&document.root()),
            Mode::Collection => clins::collection(&document.root()),
            Mode::Resource => continue,
        };
        assert!(!tsumugi_fhir::outcome::refused(&findings), "{name}: {findings:#?}");
    }
}

#[test]
fn messages_never_repeat_values_of_the_document() {
    let Some(data) = shared() else { return };
    let path = data.join("jp-clins/Bundle-Bundle-CLINS-Observations-Example-01.json");
    let mut value: Json = serde_json::from_slice(&std::fs::read(path).expect("read")).expect("JSON");
    let secret = "ひみつ　の値";
    value["identifier"]["value"] = secret.into();
    value["entry"][0]["resource"]["name"][0]["text"] = secret.into();
    value["entry"][0]["resource"]["identifier"][1]["value"] = secret.into();
    value["entry"][0]["resource"]["birthDate"] = secret.into();
    value["entry"][1]["resource"]["subject"]["reference"] = secret.into();
    value["entry"][1]["resource"]["effectiveDateTime"] = secret.into();
    let document = support::of_value(&value);
    let mut findings = clins::collection(&document.root());
    for validator in support::japan().into_iter().chain([support::base()]) {
        let found = validate(validator, &document, Mode::Collection).findings;
        findings.extend(found.into_iter().filter(|finding| finding.refuses()));
    }
    let rules: Vec<&str> = findings.iter().filter_map(|finding| finding.rule.as_deref()).collect();
    for rule in ["R2152", "R1113", "R1013", "date-form", "reference-form"] {
        assert!(rules.contains(&rule), "{rule} is missing among {rules:?}");
    }
    for finding in findings {
        assert!(!format!("{finding:?}").contains("ひみつ"), "{finding:?}");
        assert!(finding.place.is_some() && finding.path.starts_with("Bundle"), "{finding:?}");
    }
}
