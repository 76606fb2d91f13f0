//! Chains, `_has`, and what comes along.

use serde_json::json;

use crate::room::Room;

fn room() -> Room {
    Room::new(&[
        json!({"resourceType": "Patient", "id": "p", "name": [{"family": "山田"}], "generalPractitioner": [{"reference": "Practitioner/d"}]}),
        json!({"resourceType": "Practitioner", "id": "d", "name": [{"family": "佐藤"}]}),
        json!({"resourceType": "Encounter", "id": "e1", "status": "finished", "subject": {"reference": "Patient/p"}, "class": {"code": "IMP"}}),
        json!({"resourceType": "Encounter", "id": "e2", "status": "finished", "subject": {"reference": "Patient/p"}, "class": {"code": "AMB"}, "partOf": {"reference": "Encounter/e1"}}),
        json!({"resourceType": "Observation", "id": "o1", "code": {"coding": [{"code": "CRP"}]}, "subject": {"reference": "Patient/p"}, "encounter": {"reference": "Encounter/e1"}}),
        json!({"resourceType": "Observation", "id": "o2", "code": {"coding": [{"code": "K"}]}, "subject": {"reference": "Patient/p"}, "encounter": {"reference": "Encounter/e2"},
            "contained": [{"resourceType": "Practitioner", "id": "c", "name": [{"family": "鈴木"}]}], "performer": [{"reference": "#c"}]}),
        json!({"resourceType": "Observation", "id": "o3", "code": {"coding": [{"code": "panel"}]}, "subject": {"reference": "Patient/p"}, "hasMember": [{"reference": "Observation/o1"}], "encounter": {"reference": "Encounter/gone"}}),
        json!({"resourceType": "Provenance", "id": "v", "target": [{"reference": "Observation/o1"}], "agent": [{"who": {"reference": "Practitioner/d"}}]}),
    ])
}

#[test]
fn references_are_followed() {
    let room = room();
    for (name, value, expected) in [
        ("encounter.class", "IMP", vec!["o1"]),
        ("encounter.class", "AMB,IMP", vec!["o1", "o2"]),
        ("encounter.part-of.class", "IMP", vec!["o2"]),
        ("encounter.part-of", "Encounter/e1", vec!["o2"]),
        ("encounter._id", "e2", vec!["o2"]),
        ("subject:Patient.name", "やまた", vec![]),
        ("subject:Patient.name", "山", vec!["o1", "o2", "o3"]),
        ("patient.family", "山田", vec!["o1", "o2", "o3"]),
        ("subject.general-practitioner.family", "佐", vec!["o1", "o2", "o3"]),
        ("performer:Practitioner.family", "鈴木", vec!["o2"]),
        ("performer.family", "鈴木", vec!["o2"]),
        ("has-member.code", "CRP", vec!["o3"]),
        ("has-member.encounter.class", "IMP", vec!["o3"]),
        ("encounter.class", "HH", vec![]),
    ] {
        assert_eq!(room.ask("Observation", &[(name, value)]).unwrap(), expected, "{name}={value}");
    }
}

#[test]
fn what_refers_is_asked() {
    let room = room();
    for (kind, name, value, expected) in [
        ("Encounter", "_has:Observation:encounter:code", "CRP", vec!["e1"]),
        ("Encounter", "_has:Observation:encounter:code:not", "CRP", vec!["e2"]),
        ("Encounter", "_has:Observation:encounter:_has:Provenance:target:agent", "Practitioner/d", vec!["e1"]),
        ("Patient", "_has:Observation:patient:code", "K", vec!["p"]),
        ("Patient", "_has:Observation:patient:code", "Na", vec![]),
        ("Observation", "_has:Observation:has-member:code", "panel", vec!["o1"]),
        (
            "Encounter",
            "_has:Encounter:part-of:_has:Observation:encounter:performer:Practitioner.family",
            "鈴木",
            vec!["e1"],
        ),
        ("Observation", "encounter._has:Encounter:part-of:class", "AMB", vec!["o1"]),
    ] {
        assert_eq!(room.ask(kind, &[(name, value)]).unwrap(), expected, "{name}={value}");
    }
}

#[test]
fn what_comes_along() {
    let room = room();
    for (kind, search, expected) in [
        ("Observation", vec![("code", "CRP"), ("_include", "Observation:encounter")], vec!["Encounter/e1"]),
        ("Observation", vec![("code", "K"), ("_include", "Observation:encounter")], vec!["Encounter/e2"]),
        (
            "Observation",
            vec![("code", "K"), ("_include", "Observation:encounter"), ("_include:iterate", "Encounter:part-of")],
            vec!["Encounter/e2", "Encounter/e1"],
        ),
        ("Observation", vec![("code", "K"), ("_include", "Observation:subject:Group")], vec![]),
        ("Observation", vec![("code", "K"), ("_include", "Observation:*")], vec!["Patient/p", "Encounter/e2"]),
        ("Observation", vec![("code", "K"), ("_include", "*")], vec!["Patient/p", "Encounter/e2"]),
        ("Observation", vec![("code", "panel"), ("_include", "Observation:encounter")], vec![]),
        ("Observation", vec![("code", "CRP"), ("_revinclude", "Provenance:target")], vec!["Provenance/v"]),
        (
            "Observation",
            vec![("code", "CRP"), ("_revinclude", "Provenance:target"), ("_include:iterate", "Provenance:agent")],
            vec!["Provenance/v", "Practitioner/d"],
        ),
        (
            "Encounter",
            vec![
                ("_id", "e1"),
                ("_revinclude", "Observation:encounter"),
                ("_revinclude:iterate", "Observation:has-member"),
            ],
            vec!["Observation/o1", "Observation/o3"],
        ),
        ("Encounter", vec![("_id", "e1"), ("_revinclude", "*")], vec!["Encounter/e2", "Observation/o1"]),
    ] {
        let mut found = room.along(kind, &search).unwrap();
        let mut expected: Vec<String> = expected.into_iter().map(str::to_owned).collect();
        found.sort();
        expected.sort();
        assert_eq!(found, expected, "{search:?}");
    }
}
