//! HL7's patch suites, run over their own text: what comes in, what must come out.

use bytes::Bytes;
use quick_xml::{Reader, events::Event};
use tsumugi_fhir::{Document, Node, conformance::CaseResult, json::Limits};
use tsumugi_fhir_definitions::Definitions;
use tsumugi_fhir_xml::{suite::difference_by, to_json};
use tsumugi_kernel::Instant;

use crate::{fhirpath_patch, json_patch, tree};

/// The JSON Patch suite (`json-patch-tests.json`): an array of cases with `doc`, `patch`, and `expected` or `error`.
///
/// A text that is no such array is one case that failed.
#[must_use]
pub fn json(suite: &str) -> Vec<CaseResult> {
    let document = match parse(suite.as_bytes().to_vec()) {
        Ok(document) if document.root().is_array() => document,
        Ok(_) => return vec![CaseResult::of("json-patch", Err("no array of cases".to_owned()))],
        Err(why) => return vec![CaseResult::of("json-patch", Err(why))],
    };
    let name = |case: Node<'_>| case.get_str("comment").unwrap_or_default().into_owned();
    document.root().items().map(|case| CaseResult::of(name(case), json_case(case))).collect()
}

fn json_case(case: Node<'_>) -> Result<(), String> {
    let (Some(before), Some(patch)) = (case.get("doc"), case.get("patch")) else {
        return Err("the case has no doc or patch".to_owned());
    };
    match (json_patch(before, patch), case.get("expected"), case.get("error")) {
        (Ok(after), Some(want), None) => {
            let after = parse(after)?;
            if tree::equal(after.root(), want) { Ok(()) } else { Err("the result differs".to_owned()) }
        }
        (Err(_), None, Some(_)) => Ok(()),
        (Err(fault), ..) => Err(fault.to_string()),
        (Ok(_), ..) => Err("it succeeds and should not".to_owned()),
    }
}

/// The FHIRPath Patch suite (`fhir-patch-tests.xml`): cases with `input`, `diff`, and `output` or `error`. Those of mode
/// `both` are run from input to output; the way back is for tools that compute patches.
///
/// A text that is no such suite is one case that failed.
#[must_use]
pub fn fhirpath(suite: &str, defs: &Definitions) -> Vec<CaseResult> {
    match cases(suite) {
        Ok(cases) => cases.into_iter().map(|case| CaseResult::of(case.name.clone(), case.run(defs))).collect(),
        Err(why) => vec![CaseResult::of("fhirpath-patch", Err(why))],
    }
}

/// One case: its documents as XML.
#[derive(Default)]
struct Case<'x> {
    name: String,
    input: &'x str,
    diff: &'x str,
    output: Option<&'x str>,
    error: bool,
}

impl Case<'_> {
    fn run(&self, defs: &Definitions) -> Result<(), String> {
        let read = |xml: &str| {
            let json = to_json(xml.trim().as_bytes(), defs, &Limits::default()).map_err(|error| error.to_string())?;
            parse(json)
        };
        let (before, diff) = (read(self.input)?, read(self.diff)?);
        let patched = fhirpath_patch(before.root(), diff.root(), defs, Instant(0));
        match (patched, self.output, self.error) {
            (Ok(after), Some(want), false) => {
                let (after, want) = (parse(after)?, read(want)?);
                // A narrative that came as text of an attribute has its quotes bare.
                let bare = |text: &str| text.replace("&quot;", "\"");
                let same = |key: &str, one: &str, other: &str| one == other || key == "div" && bare(one) == bare(other);
                match difference_by(after.root(), want.root(), &same) {
                    None => Ok(()),
                    Some(path) => Err(format!("the result differs at {path}")),
                }
            }
            (Err(_), None, true) => Ok(()),
            (Err(fault), ..) => Err(fault.to_string()),
            (Ok(_), ..) => Err("it succeeds and should not".to_owned()),
        }
    }
}

/// Cuts the suite into cases; the documents inside are read later, each by itself.
fn cases(suite: &str) -> Result<Vec<Case<'_>>, String> {
    let mut reader = Reader::from_str(suite);
    let mut cases = Vec::new();
    let mut case: Option<Case<'_>> = None;
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Start(tag) if tag.name().as_ref() == "case" => {
                let name = tag.try_get_attribute("name").ok().flatten();
                let name = name.map_or(String::new(), |name| name.value.into_owned());
                case = Some(Case { name, ..Case::default() });
            }
            Event::Start(tag) => {
                let name = tag.name();
                let part = match (name.as_ref(), &mut case) {
                    ("input", Some(case)) => &mut case.input,
                    ("diff", Some(case)) => &mut case.diff,
                    ("output", Some(case)) => case.output.insert(""),
                    ("error", Some(case)) => {
                        case.error = true;
                        continue;
                    }
                    _ => continue,
                };
                let end = tag.to_end().into_owned();
                let span = reader.read_to_end(end.name()).map_err(|error| error.to_string())?;
                let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
                *part = suite.get(place(span.start)..place(span.end)).unwrap_or_default();
            }
            Event::Empty(tag) if tag.name().as_ref() == "error" => {
                if let Some(case) = &mut case {
                    case.error = true;
                }
            }
            Event::End(tag) if tag.name().as_ref() == "case" => cases.extend(case.take()),
            Event::Eof if cases.is_empty() => return Err("no cases".to_owned()),
            Event::Eof => return Ok(cases),
            _ => {}
        }
    }
}

fn parse(json: Vec<u8>) -> Result<Document, String> {
    Document::parse(Bytes::from(json), &Limits::default()).map_err(|error| error.to_string())
}
