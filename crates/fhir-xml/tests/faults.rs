//! What is refused, and that place, element and rule are named.

#![expect(clippy::expect_used, reason = "helpers of a test panic as a test does")]

use bytes::Bytes;
use tsumugi_fhir::{Document, json::Limits};
use tsumugi_fhir_definitions::Definitions;
use tsumugi_fhir_xml::{XmlError, XmlFault, from_json, to_json};

fn refuse(xml: &[u8]) -> XmlError {
    to_json(xml, Definitions::r4(), &Limits::default()).expect_err(&String::from_utf8_lossy(xml))
}

/// A `Patient` around `inside`.
fn patient(inside: &str) -> Vec<u8> {
    format!("<Patient xmlns=\"http://hl7.org/fhir\">{inside}</Patient>").into_bytes()
}

#[test]
fn each_fault_is_named() {
    for (inside, fault, path) in [
        ("<nickname value='secret'/>", XmlFault::UnknownElement, "Patient"),
        ("<name><nick value='x'/></name>", XmlFault::UnknownElement, "Patient.name[0]"),
        ("<_birthDate/>", XmlFault::UnknownElement, "Patient"),
        ("<name color='red'/>", XmlFault::UnknownAttribute, "Patient.name[0]"),
        ("<birthDate value='2000' unit='a'/>", XmlFault::UnknownAttribute, "Patient.birthDate"),
        ("<birthDate value='2000' value='2001'/>", XmlFault::Malformed, "Patient.birthDate"),
        ("<gender value='male'/><gender value='male'/>", XmlFault::Repeated, "Patient"),
        ("<deceasedBoolean value='true'/><deceasedDateTime value='2000'/>", XmlFault::Repeated, "Patient"),
        ("<gender value='male'/><name/>", XmlFault::Order, "Patient"),
        ("<name/><gender value='male'/><name/>", XmlFault::Order, "Patient"),
        ("<birthDate/>", XmlFault::NoValue, "Patient.birthDate"),
        ("<birthDate value=''/>", XmlFault::NoValue, "Patient.birthDate"),
        ("<birthDate id=''/>", XmlFault::NoValue, "Patient.birthDate"),
        ("<active value='yes'/>", XmlFault::NotBoolean, "Patient.active"),
        ("<active value=' true'/>", XmlFault::NotBoolean, "Patient.active"),
        ("<multipleBirthInteger value='+2'/>", XmlFault::NotNumber, "Patient.multipleBirthInteger"),
        ("<name/><name><period><start value=''/></period></name>", XmlFault::NoValue, "Patient.name[1].period.start"),
        ("text", XmlFault::Text, "Patient"),
        ("<![CDATA[text]]>", XmlFault::Text, "Patient"),
        ("<name>&amp;</name>", XmlFault::Text, "Patient.name[0]"),
        ("<birthDate value='&nbsp;'/>", XmlFault::Entity, "Patient.birthDate"),
        ("<birthDate value='&#0;'/>", XmlFault::Entity, "Patient.birthDate"),
        ("<birthDate value='a<b'/>", XmlFault::Malformed, "Patient.birthDate"),
        ("<x:birthDate xmlns:x='urn:x' value='2000'/>", XmlFault::Namespace, "Patient"),
        ("<birthDate xmlns='' value='2000'/>", XmlFault::Namespace, "Patient"),
        ("<text><div>x</div></text>", XmlFault::Namespace, "Patient.text"),
        ("<contained/>", XmlFault::OneResource, "Patient.contained[0]"),
        ("<contained><Nobody/></contained>", XmlFault::NotResource, "Patient.contained[0]"),
        ("<contained><Resource/></contained>", XmlFault::NotResource, "Patient.contained[0]"),
        ("<contained><Basic/><Basic/></contained>", XmlFault::OneResource, "Patient.contained[0]"),
        ("<contained id='x'><Basic/></contained>", XmlFault::UnknownAttribute, "Patient.contained[0]"),
        ("<name></nome>", XmlFault::Malformed, "Patient.name[0]"),
        ("<!-- a -- b -->", XmlFault::Malformed, "Patient"),
        ("<?xml version='1.0'?>", XmlFault::Declaration, "Patient"),
    ] {
        let error = refuse(&patient(inside));
        assert_eq!((error.fault, error.path.as_str()), (fault, path), "{inside}");
    }
}

#[test]
fn faults_of_narratives_are_named() {
    for (div, fault) in [
        ("<div xmlns='http://www.w3.org/1999/xhtml'>&nbsp;</div>", XmlFault::Entity),
        ("<div xmlns='http://www.w3.org/1999/xhtml'><p xmlns='urn:x'/></div>", XmlFault::Namespace),
        ("<div xmlns='http://www.w3.org/1999/xhtml' xmlns:x='urn:x' x:a=''/>", XmlFault::Namespace),
        ("<div xmlns='http://www.w3.org/1999/xhtml'><?php ?></div>", XmlFault::Narrative),
        ("<div xmlns='http://www.w3.org/1999/xhtml'><p a='' a=''/></div>", XmlFault::Malformed),
        ("<div xmlns='http://www.w3.org/1999/xhtml'><1/></div>", XmlFault::Malformed),
        ("<div xmlns='http://www.w3.org/1999/xhtml'>]]></div>", XmlFault::Malformed),
        ("<div xmlns='http://www.w3.org/1999/xhtml'/><div xmlns='http://www.w3.org/1999/xhtml'/>", XmlFault::Repeated),
    ] {
        assert_eq!(refuse(&patient(&format!("<text>{div}</text>"))).fault, fault, "{div}");
    }
}

#[test]
fn faults_of_the_whole_are_named() {
    let laughs = b"<!DOCTYPE lolz [<!ENTITY lol \"lol\"><!ENTITY lol2 \"&lol;&lol;&lol;\">]><Patient xmlns=\"http://hl7.org/fhir\"/>";
    for (xml, fault) in [
        (&b""[..], XmlFault::Empty),
        (b" <!-- a --> ", XmlFault::Empty),
        (laughs, XmlFault::DocType),
        (b"<Patient/>", XmlFault::Namespace),
        (b"<Patient xmlns='http://hl7.org/fhir'>", XmlFault::Truncated),
        (b"<Patient xmlns='http://hl7.org/fhir'><name", XmlFault::Truncated),
        (b"<Patient xmlns='http://hl7.org/fhir'/><Patient xmlns='http://hl7.org/fhir'/>", XmlFault::Trailing),
        (b"<Patient xmlns='http://hl7.org/fhir'/>x", XmlFault::Text),
        (b"<name xmlns='http://hl7.org/fhir'/>", XmlFault::NotResource),
        (b"<HumanName xmlns='http://hl7.org/fhir'/>", XmlFault::NotResource),
        (b"<Patient xmlns='http://hl7.org/fhir' id='a'/>", XmlFault::UnknownAttribute),
        (b"<?xml version='1.0' encoding='Shift_JIS'?><Patient xmlns='http://hl7.org/fhir'/>", XmlFault::Declaration),
        (b"<?xml version='1.1'?><Patient xmlns='http://hl7.org/fhir'/>", XmlFault::Declaration),
        (b" <?xml version='1.0'?><Patient xmlns='http://hl7.org/fhir'/>", XmlFault::Declaration),
        (b"\xFE\xFF\0<\0P", XmlFault::WideEncoding),
        (b"<\0P\0", XmlFault::WideEncoding),
        (b"<Patient xmlns='http://hl7.org/fhir'><!-- \x83\x5c --></Patient>", XmlFault::NotUtf8),
        (b"<Patient xmlns='http://hl7.org/fhir'>\x08</Patient>", XmlFault::Character),
        (b"\xEF\xBB\xBF\xEF\xBB\xBF<Patient xmlns='http://hl7.org/fhir'/>", XmlFault::Malformed),
    ] {
        assert_eq!(refuse(xml).fault, fault, "{}", String::from_utf8_lossy(xml));
    }
}

#[test]
fn line_and_column_are_those_of_the_element() {
    let error = refuse("<Patient xmlns='http://hl7.org/fhir'>\n <!-- 山田 --><nickname value='secret'/>".as_bytes());
    assert_eq!((error.place.line, error.place.column), (2, 13));
    let finding = error.finding();
    assert_eq!(finding.rule.as_deref(), Some("xml-unknown-element"));
    let words = format!("{error} {} {} {}", finding.ja, finding.en, finding.path);
    assert!(!words.contains("secret") && !words.contains("nickname"));
}

#[test]
fn size_depth_and_attributes_are_bounded() {
    let defs = Definitions::r4();
    let small = Limits { depth: 4, bytes: 100 };
    assert_eq!(to_json(&[b' '; 101], defs, &small).expect_err("too large").fault, XmlFault::TooLarge);
    let deep = patient(&"<extension url='u'>".repeat(200));
    assert_eq!(refuse(&deep).fault, XmlFault::TooDeep);
    let div = format!("<text><div xmlns='http://www.w3.org/1999/xhtml'>{}", "<p>".repeat(200));
    assert_eq!(refuse(&patient(&div)).fault, XmlFault::TooDeep);
    let many: String = (0..100).map(|at| format!(" a{at}='b'")).collect();
    assert_eq!(refuse(&patient(&format!("<name{many}/>"))).fault, XmlFault::TooMany);
    let spaces: String = (0..1000).map(|at| format!(" xmlns:a{at}='b'")).collect();
    assert!(to_json(&patient(&format!("<name{spaces}/>")), defs, &Limits::default()).is_err());
}

#[test]
fn what_xml_cannot_say_is_refused() {
    for (json, fault, path) in [
        (r#"{"id":"a"}"#, XmlFault::NotResource, ""),
        (r#"{"resourceType":"Nobody"}"#, XmlFault::NotResource, ".resourceType"),
        (r#"{"resourceType":"Patient","nickname":"x"}"#, XmlFault::UnknownElement, "Patient"),
        (r#"{"resourceType":"Patient","山田":"x"}"#, XmlFault::UnknownElement, "Patient"),
        (r#"{"resourceType":"Patient","name":{}}"#, XmlFault::JsonType, "Patient.name"),
        (r#"{"resourceType":"Patient","name":["x"]}"#, XmlFault::JsonType, "Patient.name[0]"),
        (r#"{"resourceType":"Patient","active":"true"}"#, XmlFault::JsonType, "Patient.active"),
        (r#"{"resourceType":"Patient","gender":[1]}"#, XmlFault::JsonType, "Patient.gender"),
        (r#"{"resourceType":"Patient","gender":""}"#, XmlFault::NoValue, "Patient.gender"),
        (r#"{"resourceType":"Patient","gender":null}"#, XmlFault::JsonNull, "Patient.gender"),
        (r#"{"resourceType":"Patient","_gender":{}}"#, XmlFault::JsonNull, "Patient._gender"),
        (r#"{"resourceType":"Patient","name":[]}"#, XmlFault::JsonNull, "Patient.name"),
        (r#"{"resourceType":"Patient","name":[{"given":["a",null]}]}"#, XmlFault::JsonNull, "Patient.name[0].given[1]"),
        (r#"{"resourceType":"Patient","gender":"\u0001"}"#, XmlFault::Character, "Patient.gender"),
        (r#"{"resourceType":"Patient","_name":[{"id":"a"}]}"#, XmlFault::UnknownElement, "Patient._name[0]"),
        (
            r#"{"resourceType":"Patient","deceasedBoolean":true,"deceasedDateTime":"2000"}"#,
            XmlFault::Repeated,
            "Patient.deceasedDateTime",
        ),
        (r#"{"resourceType":"Patient","text":{"div":"x"}}"#, XmlFault::Narrative, "Patient.text.div"),
        (r#"{"resourceType":"Patient","text":{"div":"<div>x</div>"}}"#, XmlFault::Narrative, "Patient.text.div"),
        (
            r#"{"resourceType":"Patient","text":{"div":"<div xmlns='http://www.w3.org/1999/xhtml'>"}}"#,
            XmlFault::Truncated,
            "Patient.text.div",
        ),
        (
            r#"{"resourceType":"Patient","text":{"div":"<div xmlns='http://www.w3.org/1999/xhtml'/>x"}}"#,
            XmlFault::Narrative,
            "Patient.text.div",
        ),
        (
            r#"{"resourceType":"Patient","text":{"div":"<div xmlns='http://www.w3.org/1999/xhtml'>&nbsp;</div>"}}"#,
            XmlFault::Entity,
            "Patient.text.div",
        ),
    ] {
        let document = Document::parse(Bytes::from(json), &Limits::default()).expect("it is JSON");
        let error = from_json(document.root(), Definitions::r4()).expect_err(json);
        assert_eq!((error.fault, error.path.as_str()), (fault, path), "{json}");
    }
}
