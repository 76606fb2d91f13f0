//! A search ends: what is too much work is refused, and says so.

use serde_json::json;
use tsumugi_fhir::outcome::IssueType;
use tsumugi_fhir_search::SearchError;

use crate::room::Room;

#[test]
fn work_is_bounded() {
    let resources: Vec<_> = (0..3_000)
        .map(|n| json!({"resourceType": "Observation", "id": format!("o{n:04}"), "valueString": "x", "hasMember": [{"reference": format!("Observation/o{:04}", (n + 1) % 3_000)}]}))
        .collect();
    let room = Room::new(&resources);
    assert_eq!(room.ask("Observation", &[("value-string", "x")]).unwrap().len(), 3_000);
    let many = vec![("value-string", "x"); 50];
    let conditions = vec![("value-string:contains", "x"); 10];
    assert_eq!(room.ask("Observation", &[many, conditions].concat()).unwrap().len(), 3_000);
    let all: Vec<(&str, &str)> = (0..10).map(|_| ("_include", "Observation:*")).collect();
    assert_eq!(room.along("Observation", &[&[("_id", "o0000")], &all[..]].concat()).unwrap().len(), 1);
    // Each round brings one more; ten rounds are the most.
    assert_eq!(
        room.along("Observation", &[("_id", "o0000"), ("_include:iterate", "Observation:has-member")]).unwrap().len(),
        10
    );
    let costly = room.ask("Observation", &vec![("value-string", "x"); 99]).unwrap_err();
    assert_eq!(costly, SearchError::Costly);
    assert_eq!(costly.finding().unwrap().code, IssueType::TooCostly);
}

#[test]
fn what_comes_along_is_bounded() {
    let mut resources: Vec<_> = (0..2_500)
        .map(|n| json!({"resourceType": "Observation", "id": format!("o{n:04}"), "encounter": {"reference": "Encounter/e"}}))
        .collect();
    resources.push(json!({"resourceType": "Encounter", "id": "e"}));
    let room = Room::new(&resources);
    let error = room.along("Encounter", &[("_revinclude", "Observation:encounter")]).unwrap_err();
    assert_eq!(error, SearchError::TooManyIncluded);
}
