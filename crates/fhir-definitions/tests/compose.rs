//! Every way of composing a value set, with made-up code systems.
#![expect(clippy::expect_used, reason = "helpers of a test panic as a test does")]

use tsumugi_fhir_definitions::{Definitions, Membership, NotChecked, Package};

mod made;

const SYSTEM: &str = r#"{"resourceType":"CodeSystem","url":"urn:s","content":"complete","concept":[
    {"code":"a","property":[{"code":"colour","valueCode":"red"}],"concept":[
        {"code":"b","concept":[{"code":"c","property":[{"code":"colour","valueString":"blue"}]}]},{"code":"d"}]},
    {"code":"e","property":[{"code":"parent","valueCode":"a"},{"code":"notSelectable","valueBoolean":true}]}]}"#;
const LOOSE: &str = r#"{"resourceType":"CodeSystem","url":"urn:i","caseSensitive":false,"content":"complete","concept":[{"code":"Ab"}]}"#;
const PART: &str = r#"{"resourceType":"CodeSystem","url":"urn:f","content":"fragment","concept":[{"code":"x","concept":[{"code":"y"}]}]}"#;
const LOOP: &str = r#"{"resourceType":"CodeSystem","url":"urn:loop","content":"complete","concept":[
    {"code":"a","property":[{"code":"parent","valueCode":"b"}]},{"code":"b","property":[{"code":"parent","valueCode":"a"}]}]}"#;

/// Definitions with value sets `urn:v0`, `urn:v1` … of these bodies.
fn with(sets: &[&str]) -> Definitions {
    let sets: Vec<(String, String)> = (0..)
        .zip(sets)
        .map(|(at, body): (usize, _)| {
            (format!("package/v{at}.json"), format!(r#"{{"resourceType":"ValueSet","url":"urn:v{at}",{body}}}"#))
        })
        .collect();
    let mut files: Vec<(&str, &str)> =
        vec![("package/s.json", SYSTEM), ("package/i.json", LOOSE), ("package/f.json", PART), ("package/l.json", LOOP)];
    files.extend(sets.iter().map(|(path, text)| (&**path, &**text)));
    let (package, findings) = Package::read("made.tgz", &made::package(&files));
    assert_eq!(findings, []);
    Definitions::with_packages(&[package.expect("read")])
}

fn codes(definitions: &Definitions, set: &str) -> String {
    definitions.expand(set).expect("expandable").iter().map(|(_, code)| &**code).collect::<Vec<_>>().join(" ")
}

#[test]
fn filters_select_what_fhir_says() {
    for (property, operator, value, expected) in [
        ("concept", "is-a", "a", "a b c d e"),
        ("concept", "descendent-of", "a", "b c d e"),
        ("concept", "is-not-a", "b", "a d e"),
        ("concept", "generalizes", "c", "a b c"),
        ("concept", "in", "a, c,zz", "a c"),
        ("concept", "not-in", "a,b,c", "d e"),
        ("code", "regex", "[ab]", "a b"),
        ("colour", "=", "red", "a"),
        ("colour", "exists", "true", "a c"),
        ("colour", "exists", "false", "b d e"),
        ("concept", "is-a", "no-such", ""),
        ("notSelectable", "=", "true", "e"),
    ] {
        let body = format!(
            r#""compose":{{"include":[{{"system":"urn:s","filter":[{{"property":"{property}","op":"{operator}","value":"{value}"}}]}}]}}"#
        );
        let definitions = with(&[&body]);
        assert_eq!(codes(&definitions, "urn:v0"), expected, "{property} {operator} {value}");
        for code in ["a", "b", "c", "d", "e"] {
            let member = definitions.contains("urn:v0", Some("urn:s"), code) == Membership::In;
            assert_eq!(member, expected.split(' ').any(|it| it == code), "{property} {operator} {value}: {code}");
        }
    }
}

#[test]
fn a_filter_that_is_not_understood_is_named() {
    let regex = "(a{1000}){1000}";
    for (operator, value) in [("child-of", "a"), ("regex", "("), ("regex", regex)] {
        let body = format!(
            r#""compose":{{"include":[{{"system":"urn:s","filter":[{{"property":"concept","op":"{operator}","value":"{value}"}}]}}]}}"#
        );
        let definitions = with(&[&body]);
        assert!(
            matches!(definitions.contains("urn:v0", None, "a"), Membership::NotChecked(NotChecked::Filter(_))),
            "{value}"
        );
    }
}

#[test]
fn includes_join_filters_and_value_sets_meet_and_excludes_go() {
    let definitions = with(&[
        r#""compose":{"include":[{"system":"urn:s"}],"exclude":[{"system":"urn:s","concept":[{"code":"b"}]}]}"#,
        r#""compose":{"include":[{"valueSet":["urn:v0"]},{"system":"urn:i"}]}"#,
        r#""compose":{"include":[{"system":"urn:s","concept":[{"code":"a"},{"code":"b"}],"valueSet":["urn:v0"]}]}"#,
        r#""compose":{"include":[{"valueSet":["urn:v0","urn:v2"]}]}"#,
    ]);
    assert_eq!(codes(&definitions, "urn:v0"), "a c d e");
    assert_eq!(codes(&definitions, "urn:v1"), "Ab a c d e");
    assert_eq!(codes(&definitions, "urn:v2"), "a");
    assert_eq!(codes(&definitions, "urn:v3"), "a");
    assert_eq!(definitions.contains("urn:v2", Some("urn:s"), "b"), Membership::Out);
    assert_eq!(definitions.contains("urn:v1", Some("urn:i"), "AB"), Membership::In, "case does not matter there");
    assert_eq!(definitions.contains("urn:v1", Some("urn:s"), "A"), Membership::Out, "but here it does");
}

#[test]
fn what_is_not_loaded_whole_is_said() {
    let definitions = with(&[
        r#""compose":{"include":[{"system":"urn:f"}]}"#,
        r#""compose":{"include":[{"system":"urn:gone"}]}"#,
        r#""compose":{"include":[{"system":"urn:gone","concept":[{"code":"listed"}]}]}"#,
        r#""compose":{"include":[{"system":"urn:f","filter":[{"property":"concept","op":"is-a","value":"x"}]}]}"#,
        r#""compose":{"include":[{"system":"urn:gone"}]},"expansion":{"contains":[{"system":"urn:gone","code":"q"}]}"#,
        r#""compose":{"include":[{"system":"urn:gone"}]},"expansion":{"total":9,"contains":[{"system":"urn:gone","code":"q"}]}"#,
    ]);
    let unknown = |name: &str| Membership::NotChecked(NotChecked::CodeSystem(name.into()));
    assert_eq!(definitions.contains("urn:v0", None, "x"), Membership::In);
    assert_eq!(definitions.contains("urn:v0", None, "z"), unknown("urn:f"));
    assert_eq!(definitions.contains("urn:v1", None, "z"), unknown("urn:gone"));
    assert_eq!(definitions.contains("urn:v2", None, "listed"), Membership::In);
    assert_eq!(definitions.contains("urn:v2", None, "z"), Membership::Out, "a list is whole without its system");
    assert_eq!(definitions.contains("urn:v3", None, "y"), Membership::In);
    assert_eq!(definitions.contains("urn:v3", None, "z"), unknown("urn:f"));
    assert_eq!(definitions.contains("urn:v4", None, "q"), Membership::In);
    assert_eq!(definitions.contains("urn:v4", None, "z"), Membership::Out, "the expansion answers for the compose");
    assert_eq!(definitions.contains("urn:v5", None, "z"), unknown("urn:gone"), "but not one that was cut off");
}

#[test]
fn circles_end() {
    let definitions = with(&[
        r#""compose":{"include":[{"valueSet":["urn:v1"]}]}"#,
        r#""compose":{"include":[{"valueSet":["urn:v0"]}]}"#,
        r#""compose":{"include":[{"valueSet":["urn:v2"]},{"valueSet":["urn:v2"]},{"valueSet":["urn:v2"]}]}"#,
    ]);
    assert!(matches!(definitions.contains("urn:v0", None, "a"), Membership::NotChecked(NotChecked::Recursion(_))));
    assert!(matches!(definitions.expand("urn:v0"), Err(NotChecked::Recursion(_))));
    assert!(matches!(definitions.contains("urn:v2", None, "a"), Membership::NotChecked(NotChecked::Recursion(_))));
    assert_eq!(definitions.subsumes("urn:loop", "a", "b"), Membership::In);
    assert_eq!(definitions.subsumes("urn:loop", "b", "a"), Membership::In);
}
