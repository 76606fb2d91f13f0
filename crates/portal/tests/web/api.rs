//! `/api` against its own description, and the proof against the ledger's check.

use super::*;
use tsumugi_ledger::{CompletenessProof, completeness};

/// The paths of the description, for her own record or for a patient's id.
async fn paths(town: &Town) -> Vec<String> {
    let described = town.get_with("/api/openapi.json", "").await;
    let body: serde_json::Value = serde_json::from_str(&described.text).unwrap();
    body["paths"].as_object().unwrap().keys().map(|path| path.replace("{id}", &town.patient)).collect()
}

#[tokio::test]
async fn every_described_path_answers_and_asks_who() {
    let town = Town::new().await;
    town.mandate().await;
    for path in paths(&town).await {
        // What clerks decide has its own test, and so has calling somebody to account.
        let case =
            path.ends_with("/objection") || path.ends_with("/receipts") || path.starts_with("/api/office/cases/");
        if path == "/api/openapi.json" || path.starts_with("/api/desk") || case {
            continue;
        }
        let unknown = town.get_with(&path, "").await;
        if ["/api/town", "/api/demo", "/api/statistics", "/api/log", "/api/disaster"]
            .iter()
            .any(|public| path.starts_with(public))
        {
            // Numbers only, of nobody: for everybody, and no leaf.
            assert_eq!(unknown.status, StatusCode::OK, "{path}");
            continue;
        }
        assert_eq!(unknown.status, StatusCode::UNAUTHORIZED, "{path}");
        let error: serde_json::Value = serde_json::from_str(&unknown.text).unwrap();
        assert_eq!(error["error"]["ja"], "サインインしていません。サインインしてから、もう一度ためしてください。");
        assert!(error["error"]["en"].as_str().unwrap().contains("Sign in, then"));
        // Of somebody's own sign-in, and no development token is one: `licence.rs` has its tests.
        if path.starts_with("/api/ways") {
            continue;
        }
        // What an organisation sent is counts only: for its staff, and nobody's record is looked at.
        let office = path.starts_with("/api/office");
        let person = if path.starts_with("/api/me") {
            "haru"
        } else if office {
            "mori"
        } else {
            "megumi"
        };
        let before = town.leaves();
        let answer = town.get(person, &path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
        assert_eq!(town.leaves(), before + u64::from(!office), "{path}");
        let media = if path.ends_with("/take") { "application/fhir+json" } else { "application/json" };
        assert_eq!(answer.headers[header::CONTENT_TYPE], media, "{path}");
        let body: serde_json::Value = serde_json::from_str(&answer.text).unwrap();
        assert!(body.is_object());
        assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
    }
    let nothing = town.get("haru", "/api/nothing").await;
    assert_eq!(nothing.status, StatusCode::NOT_FOUND);
    assert!(nothing.text.starts_with("{\"error\":{\"ja\":"), "{}", nothing.text);
    assert_eq!(town.get("haru", "/api/me/looks?page=2&from=1").await.status, StatusCode::BAD_REQUEST);
}

/// The members of an answer are those of its schema.
#[tokio::test]
async fn answers_have_the_members_of_their_schemas() {
    let town = Town::new().await;
    let described: serde_json::Value =
        serde_json::from_str(&town.get_with("/api/openapi.json", "").await.text).unwrap();
    for path in [
        "/api/me",
        "/api/me/looks",
        "/api/me/timeline",
        "/api/me/activities",
        "/api/me/laboratory",
        "/api/me/medicines",
    ] {
        let content = &described["paths"][path]["get"]["responses"]["200"]["content"]["application/json"];
        let name = content["schema"]["$ref"].as_str().unwrap().rsplit('/').next().unwrap();
        let mut said: Vec<&String> =
            described["components"]["schemas"][name]["properties"].as_object().unwrap().keys().collect();
        let body: serde_json::Value = serde_json::from_str(&town.get("haru", path).await.text).unwrap();
        let mut given: Vec<&String> = body.as_object().unwrap().keys().collect();
        said.sort();
        given.sort();
        assert_eq!(said, given, "{path}");
    }
}

#[tokio::test]
async fn the_proof_verifies_and_holds_every_look_before_it() {
    let town = Town::new().await;
    town.get("mori", &town.at("")).await;
    let file = town.get("haru", "/api/me/looks/proof").await;
    assert_eq!(file.status, StatusCode::OK);
    assert_eq!(file.headers[header::CONTENT_DISPOSITION], "attachment; filename=\"looks-proof.json\"");
    let proof = CompletenessProof::from_json(file.text.as_bytes()).unwrap();
    let report = completeness::verify(&proof, Some(&town.vkey)).unwrap();
    assert!(report.key_trusted && report.unreadable.is_empty());
    let last = report.looks.last().unwrap();
    assert_eq!((last.look.person.name.as_str(), last.number), ("森 由美", report.count));
    let listed: serde_json::Value = serde_json::from_str(&town.get("haru", "/api/me/looks").await.text).unwrap();
    assert_eq!(listed["total"], report.count + 1, "the look at the proof follows it");
    assert_eq!(town.get("mori", &format!("/api{}", town.at("/looks/proof"))).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn results_and_the_reader_are_told() {
    let town = Town::new().await;
    let me: serde_json::Value = serde_json::from_str(&town.get("haru", "/api/me").await.text).unwrap();
    assert_eq!(
        (me["person"]["patient"].as_str(), me["reader"]["role"]["code"].as_str()),
        (Some(town.patient.as_str()), Some("citizen"))
    );
    let nurse: serde_json::Value = serde_json::from_str(&town.get("mori", "/api/me").await.text).unwrap();
    assert!(nurse["person"].is_null() && nurse["reader"]["qualification"] == "看護師");
    let tests: serde_json::Value = serde_json::from_str(&town.get("haru", "/api/me/laboratory").await.text).unwrap();
    let test = &tests["tests"][0];
    assert_eq!(
        (test["name"].as_str(), test["value"].as_str(), test["level"].as_str()),
        (Some("CRP"), Some("0.22"), Some("high"))
    );
}
