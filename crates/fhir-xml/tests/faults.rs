//! What is refused, and that place, element and rule are named.

#![expect(clippy::expect_used, reason = "helpers of a test panic as a test does")]

use bytes::Bytes;
use tsumugi_fhir::{Document, json::Limits};
use tsumugi_fhir_definitions::Definitions;
use tsumugi_fhir_xml::{XmlError, XmlErrors, XmlFault, from_json, to_json};

fn all(xml: &[u8]) -> XmlErrors {
    to_json(xml, Definitions::r4(), &Limits::default()).expect_err(&String::from_utf8_lossy(xml))
}

/// The one error of a text: no other follows from it.
fn refuse(xml: &[u8]) -> XmlError {
    let errors = all(xml);
    assert_eq!(errors.errors().len(), 1, "{errors} in {}", String::from_utf8_lossy(xml));
    errors.errors()[0].clone()
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
fn every_fault_is_listed_and_reading_goes_on_behind_it() {
    let xml = patient(
        "text &amp; more<nickname value='secret'><deep value='x'/></nickname><other/>\
         <contained><Nobody><x/></Nobody></contained>\
         <identifier color='red' size='1'><value value=''/></identifier>\
         <active value='yes'/><gender value='male'/><name><family value='山田'/><nick/></name><birthDate/>\
         <birthDate value='2000' unit='a'/><multipleBirthInteger value='+2'/>\
         <contact xmlns:x='urn:x' x:y='z'><x:name/></contact>",
    );
    let errors = all(&xml);
    let found: Vec<(XmlFault, &str)> = errors.errors().iter().map(|error| (error.fault, error.path.as_str())).collect();
    assert_eq!(
        found,
        [
            (XmlFault::Text, "Patient"),
            (XmlFault::UnknownElement, "Patient"),
            (XmlFault::UnknownElement, "Patient"),
            (XmlFault::NotResource, "Patient.contained[0]"),
            (XmlFault::UnknownAttribute, "Patient.identifier[0]"),
            (XmlFault::NoValue, "Patient.identifier[0].value"),
            (XmlFault::NotBoolean, "Patient.active"),
            // Out of its place, and still read.
            (XmlFault::Order, "Patient"),
            (XmlFault::UnknownElement, "Patient.name[0]"),
            (XmlFault::NoValue, "Patient.birthDate"),
            (XmlFault::Repeated, "Patient"),
            (XmlFault::UnknownAttribute, "Patient.birthDate"),
            (XmlFault::NotNumber, "Patient.multipleBirthInteger"),
            (XmlFault::UnknownAttribute, "Patient.contact[0]"),
            (XmlFault::Namespace, "Patient.contact[0]"),
        ]
    );
    let findings = errors.findings();
    assert!(findings.iter().all(|finding| finding.severity == tsumugi_fhir::Severity::Error && finding.refuses()));
    assert!(!format!("{errors}{findings:?}").contains("secret"));
}

#[test]
fn a_fault_of_the_narrative_does_not_hide_the_next() {
    for div in [
        "<div xmlns='http://www.w3.org/1999/xhtml'><p><q xmlns='urn:x'><r/></q></p></div>",
        "<div xmlns='http://www.w3.org/1999/xhtml' xmlns:x='urn:x' x:a=''><p/></div>",
        "<div xmlns='http://www.w3.org/1999/xhtml'><p>a<?php ?></p>b</div>",
        "<div xmlns='http://www.w3.org/1999/xhtml' xmlns:x='urn:x' x:a=''/>",
    ] {
        let errors = all(&patient(&format!("<text>{div}</text><active value='yes'/>")));
        let paths: Vec<&str> = errors.errors().iter().map(|error| error.path.as_str()).collect();
        assert_eq!(paths, ["Patient.text.div", "Patient.active"], "{div}: {errors}");
    }
}

#[test]
fn what_is_not_well_formed_is_told_alone() {
    for (xml, fault) in [
        (patient("<nickname/><name></nome>"), XmlFault::Malformed),
        (patient("<nickname/><birthDate value='&nbsp;'/>"), XmlFault::Entity),
        (patient("<nickname><a></nickname>"), XmlFault::Malformed),
        (b"<Patient xmlns='http://hl7.org/fhir'><nickname/><nick>".to_vec(), XmlFault::Truncated),
        (patient(&format!("<nickname/><other>{}</other>", "<a>".repeat(200))), XmlFault::TooDeep),
    ] {
        assert_eq!(refuse(&xml).fault, fault, "{}", String::from_utf8_lossy(&xml));
    }
}

#[test]
fn findings_are_bounded() {
    let most = tsumugi_kernel::limits::FINDINGS;
    let errors = all(&patient(&"<nickname/>".repeat(most + 7)));
    let findings = errors.findings();
    assert_eq!((errors.errors().len(), findings.len()), (most, most + 1));
    assert!(findings[most].en.contains('7') && findings[most].refuses());
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
    let error =
        refuse("<Patient xmlns='http://hl7.org/fhir'>\n <!-- 山田 --><nickname value='secret'/></Patient>".as_bytes());
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
    assert_eq!(to_json(&[b' '; 101], defs, &small).expect_err("too large").errors()[0].fault, XmlFault::TooLarge);
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
