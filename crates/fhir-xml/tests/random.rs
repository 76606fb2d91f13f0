//! Random XML, well-formed and mangled: never a panic, and what is taken goes round.

use bytes::Bytes;
use proptest::prelude::*;
use tsumugi_fhir::{Document, json::Limits};
use tsumugi_fhir_definitions::Definitions;
use tsumugi_fhir_xml::{from_json, suite, to_json};

const SAMPLE: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Patient xmlns="http://hl7.org/fhir"><id value="a"/><text><status value="generated"/><div xmlns="http://www.w3.org/1999/xhtml"><p class="x">山田 &amp; &#65;</p><!-- b --></div></text><contained><Basic><id value="b"/></Basic></contained><extension url="u"><valueDecimal value="1.50"/></extension><active value="true"/><name id="n"><family value="c"><extension url="v"><valueString value="&lt;d&gt;"/></extension></family><given value="e"/><given value="f"/></name></Patient>"#;

/// What is taken is JSON, and says the same after another round.
fn check(xml: &[u8]) -> Result<bool, TestCaseError> {
    let (defs, limits) = (Definitions::r4(), Limits::default());
    let Ok(json) = to_json(xml, defs, &limits) else { return Ok(false) };
    let parse = |json: Vec<u8>| Document::parse(Bytes::from(json), &limits);
    let first = parse(json).map_err(|error| TestCaseError::fail(error.to_string()))?;
    let xml = from_json(first.root(), defs).map_err(|error| TestCaseError::fail(error.to_string()))?;
    let json = to_json(&xml, defs, &limits).map_err(|error| TestCaseError::fail(error.to_string()))?;
    let again = parse(json).map_err(|error| TestCaseError::fail(error.to_string()))?;
    prop_assert_eq!(suite::difference(first.root(), again.root()), None);
    Ok(true)
}

/// Elements of a few names, so that many of them fit the definitions.
fn element() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec![
        "Patient",
        "Basic",
        "id",
        "contained",
        "extension",
        "name",
        "given",
        "family",
        "active",
        "text",
        "status",
        "div",
        "valueString",
        "valueDecimal",
        "photo",
        "x:y",
    ]);
    let attributes = prop::collection::vec(
        (prop::sample::select(vec!["value", "id", "url", "xmlns", "xmlns:x", "x:a"]), "[a-z0-9.&;#<é\t]{0,6}"),
        0..3,
    );
    let leaf = "[ a-z&;<>!\\[\\]-]{0,5}".boxed();
    leaf.prop_recursive(5, 40, 4, move |inner| {
        (name.clone(), attributes.clone(), prop::collection::vec(inner, 0..4)).prop_map(|(name, attributes, inner)| {
            let attributes: String = attributes.iter().map(|(key, value)| format!(" {key}=\"{value}\"")).collect();
            format!("<{name}{attributes}>{}</{name}>", inner.concat())
        })
    })
}

#[test]
fn the_sample_is_taken() {
    assert!(check(SAMPLE.as_bytes()).expect("it goes round"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn mangled_xml_never_panics(cuts in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..4, "[<>&;\"'/=!a-z \\[\\]-]{0,3}"), 0..4)) {
        let mut xml = SAMPLE.as_bytes().to_vec();
        for (at, length, text) in cuts {
            let at = at.index(xml.len());
            let end = (at + length).min(xml.len());
            xml.splice(at..end, text.into_bytes());
        }
        check(&xml)?;
    }

    #[test]
    fn spliced_parts_of_xml_never_panic(one in any::<(prop::sample::Index, prop::sample::Index)>(), to in any::<prop::sample::Index>()) {
        let xml = SAMPLE.as_bytes();
        let (from, end) = (one.0.index(xml.len()), one.1.index(xml.len()));
        let part = &xml[from.min(end)..from.max(end)];
        let at = to.index(xml.len());
        check(&[&xml[..at], part, &xml[at..]].concat())?;
    }

    #[test]
    fn random_elements_never_panic(inside in element()) {
        check(format!("<Patient xmlns=\"http://hl7.org/fhir\">{inside}</Patient>").as_bytes())?;
    }

    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        check(&bytes)?;
    }

    #[test]
    fn any_text_goes_round(family in "\\PC{1,20}", given in prop::collection::vec(prop::option::of("\\PC{1,5}"), 1..4)) {
        let mut json = br#"{"resourceType":"Patient","name":[{"family":"#.to_vec();
        tsumugi_fhir::json::write::string(&mut json, &family);
        let (mut values, mut extras) = (Vec::new(), Vec::new());
        for text in &given {
            let mut value = Vec::new();
            match text {
                Some(text) => tsumugi_fhir::json::write::string(&mut value, text),
                None => value.extend_from_slice(b"null"),
            }
            values.push(String::from_utf8(value).expect("it is text"));
            extras.push(if text.is_some() { "null" } else { r#"{"id":"x"}"# });
        }
        let mut lists = String::new();
        if given.iter().any(Option::is_some) {
            lists.push_str(&format!(r#","given":[{}]"#, values.join(",")));
        }
        if given.iter().any(Option::is_none) {
            lists.push_str(&format!(r#","_given":[{}]"#, extras.join(",")));
        }
        json.extend_from_slice(format!("{lists}}}]}}").as_bytes());
        let (defs, limits) = (Definitions::r4(), Limits::default());
        let first = Document::parse(Bytes::from(json.clone()), &limits).expect("it is JSON");
        let xml = from_json(first.root(), defs).map_err(|error| TestCaseError::fail(error.to_string()))?;
        let back = to_json(&xml, defs, &limits).map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert_eq!(String::from_utf8_lossy(&back), String::from_utf8_lossy(&json));
    }
}
