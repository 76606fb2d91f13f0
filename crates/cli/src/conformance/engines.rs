//! The engines that the suites drive, each in one shape: bytes in, cases out.

use tsumugi_fhir::{conformance::CaseResult, json::Limits};
use tsumugi_fhir_definitions::Definitions;
use tsumugi_fhirpath::suite::OwnType;
use tsumugi_kernel::{Clock, edge::SystemClock};

/// Runs HL7's FHIRPath suite; `load` gives an input by its name.
///
/// The suite names its inputs as XML; where one is there as JSON only, that is taken.
pub fn fhirpath(
    suite: &[u8],
    load: &dyn Fn(&str) -> Option<Vec<u8>>,
    definitions: &Definitions,
) -> Result<Vec<CaseResult>, String> {
    let input = |name: &str| match name.strip_suffix(".xml") {
        None => load(name),
        Some(stem) => match load(name) {
            Some(xml) => tsumugi_fhir_xml::to_json(&xml, definitions, &Limits::default()).ok(),
            None => load(&format!("{stem}.json")),
        },
    };
    let cases =
        tsumugi_fhirpath::suite::run(text(suite)?, definitions, Some(&OwnType(definitions)), SystemClock.now(), input)
            .map_err(|error| error.to_string())?;
    let named = |expression: &str, why: String| format!("{expression}: {why}");
    Ok(cases
        .into_iter()
        .map(|case| CaseResult::of(case.name, case.failure.map_or(Ok(()), |why| Err(named(&case.expression, why)))))
        .collect())
}

/// Runs the JSON Patch suite.
pub fn json_patch(suite: &[u8], _: &Definitions) -> Result<Vec<CaseResult>, String> {
    Ok(tsumugi_fhir_patch::suite::json(text(suite)?))
}

/// Runs the FHIRPath Patch suite.
pub fn fhirpath_patch(suite: &[u8], definitions: &Definitions) -> Result<Vec<CaseResult>, String> {
    Ok(tsumugi_fhir_patch::suite::fhirpath(text(suite)?, definitions))
}

fn text(suite: &[u8]) -> Result<&str, String> {
    std::str::from_utf8(suite).map_err(|_| "it is not UTF-8".to_owned())
}
