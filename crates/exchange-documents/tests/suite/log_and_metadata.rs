//! Who looked, and what is served.

use std::collections::BTreeSet;

use bytes::Bytes;
use serde_json::{Value, json};
use tsumugi_kernel::{OrganizationKind, Purpose, Role};

use crate::common::{House, caller, care_worker, hospital, lab};

#[tokio::test]
async fn looks_and_refusals_are_audit_events() {
    for house in House::both() {
        let doctor = hospital();
        let her = house.person(&doctor, 1).await;
        let fact = house.post(&doctor, "/Observation", &lab(&her, "CRP", "2026-11-20", 1.0)).await.is(201).id();
        house.get(&doctor, &format!("/Observation/{fact}")).await.is(200);
        // An office that is not in charge finds nothing; a care worker may not treat, and is told so.
        let mut worker = care_worker("1370000001");
        house.get(&worker, &format!("/Observation/{fact}")).await.outcome(404);
        worker.purpose = Purpose::Treat;
        house.get(&worker, &format!("/Observation/{fact}")).await.outcome(403);
        let mut breaking = hospital();
        (breaking.purpose, breaking.reason, breaking.whole) = (Purpose::BreakGlass, Some("意識がない".into()), true);
        house.get(&breaking, &format!("/Observation/{fact}")).await.is(200);

        let log = format!("/Patient/{her}/$access-log");
        let answer = house.get(&house.herself(&her), &log).await.is(200);
        let events: Vec<Value> = answer.entries().into_iter().map(|entry| entry["resource"].clone()).collect();
        assert_eq!(answer.total(), 6);
        let codes: Vec<_> =
            events.iter().map(|e| (e["action"].as_str().unwrap(), e["outcome"].as_str().unwrap())).collect();
        assert_eq!(codes, [("R", "0"), ("R", "4"), ("R", "0"), ("R", "0"), ("C", "0"), ("C", "0")]);
        for event in &events {
            assert_eq!(event["resourceType"], "AuditEvent");
            for member in ["type", "recorded", "agent", "source", "purposeOfEvent", "entity"] {
                assert!(!event[member].is_null(), "{member}");
            }
            assert!(event.get("policy").is_none(), "R4 has agent.policy");
            assert!(event["agent"].as_array().unwrap().iter().all(|agent| agent["requestor"].is_boolean()));
        }
        let read = &events[3];
        assert_eq!(read["agent"][0]["who"]["display"], "physician さん");
        assert_eq!(read["agent"][0]["policy"][0], "urn:tsumugi:rule:treat-first-contact");
        assert_eq!(read["purposeOfEvent"][0]["coding"][0]["code"], "TREAT");
        assert_eq!(read["entity"][1]["name"], "Observation");
        assert_eq!(events[0]["purposeOfEvent"][0]["text"], "意識がない");
        // Pages go back in time; the look at the log is in the log.
        let page = house.get(&house.herself(&her), &format!("{log}?_count=2&before=3")).await.is(200);
        assert_eq!((page.total(), page.entries().len(), page.next()), (7, 2, None));
        // Nobody else opens it, but for whoever supervises.
        house.get(&doctor, &log).await.outcome(403);
        let watch = caller(Role::Supervisor, Purpose::Operations, OrganizationKind::SupervisingBody, "supervision");
        assert_eq!(house.get(&watch, &log).await.is(200).total(), 9);
        house.get(&house.herself(&her), &format!("{log}?agent=x")).await.outcome(400);
        let mut other = house.herself(&her);
        other.citizen = Some(house.citizen_of(&house.person(&doctor, 2).await));
        house.get(&other, &log).await.outcome(404);
    }
}

async fn statement(house: &House) -> Value {
    house.get(&hospital(), "/metadata").await.is(200).json()["rest"][0].take()
}

fn texts(list: &Value, member: &str) -> BTreeSet<String> {
    list.as_array().unwrap().iter().map(|one| one[member].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn the_statement_lists_what_is_served() {
    let house = House::model();
    let doctor = hospital();
    let rest = statement(&house).await;
    let of = |kind: &str| rest["resource"].as_array().unwrap().iter().find(|one| one["type"] == kind).cloned();
    assert!(of("Bundle").is_none() && of("AuditEvent").is_none());
    assert_eq!(
        texts(&rest["interaction"], "code"),
        BTreeSet::from(["batch".into(), "history-system".into(), "transaction".into()])
    );
    assert!(!texts(&of("Organization").unwrap()["interaction"], "code").contains("create"));
    let observation = of("Observation").unwrap();
    let listed = texts(&observation["interaction"], "code");
    let her = house.person(&doctor, 1).await;
    let fact = lab(&her, "CRP", "2026-11-20", 1.0);
    let id = house.post(&doctor, "/Observation", &fact).await.is(201).id();
    let path = format!("/Observation/{id}");
    let mut tried = BTreeSet::from(["create".to_owned()]);
    for (code, method, path, body) in [
        ("read", "GET", path.clone(), None),
        ("vread", "GET", format!("{path}/_history/1"), None),
        ("history-instance", "GET", format!("{path}/_history"), None),
        ("search-type", "GET", format!("/Observation?patient={her}"), None),
        ("history-type", "GET", format!("/Observation/_history?patient={her}"), None),
        (
            "patch",
            "PATCH",
            path.clone(),
            Some(json!({"resourceType": "Parameters", "parameter": [{"name": "operation", "part": [
                {"name": "type", "valueCode": "replace"},
                {"name": "path", "valueString": "Observation.status"},
                {"name": "value", "valueCode": "amended"},
            ]}]})),
        ),
        ("update", "PUT", path.clone(), Some(fact.clone())),
        ("delete", "DELETE", path.clone(), None),
    ] {
        let body = body.map_or_else(Bytes::new, |body| body.to_string().into());
        let answer = house.send(&doctor, method, &path, &[], body).await;
        assert!(answer.status < 300, "{code}: {}", answer.text());
        tried.insert(code.into());
    }
    assert_eq!(listed, tried);
    // What is not listed is not there.
    for (method, path) in [("PATCH", "/Observation"), ("PUT", "/OperationDefinition/x"), ("DELETE", "/")] {
        let status = house.send(&doctor, method, path, &[], Bytes::new()).await.status;
        assert!(status == 405 || status == 404 || status == 400, "{method} {path}: {status}");
    }
    house.post(&doctor, "/Bundle", &json!({"resourceType": "Bundle", "type": "collection"})).await.outcome(422);
}

#[tokio::test]
async fn every_listed_search_parameter_is_served() {
    let house = House::model();
    let doctor = hospital();
    let her = house.person(&doctor, 1).await;
    let rest = statement(&house).await;
    let kinds = rest["resource"].as_array().unwrap();
    let observation = kinds.iter().find(|one| one["type"] == "Observation").unwrap();
    for param in observation["searchParam"].as_array().unwrap() {
        let name = param["name"].as_str().unwrap();
        assert!(param["definition"].as_str().unwrap().starts_with("http://hl7.org/fhir/SearchParameter/"), "{name}");
        let value = match param["type"].as_str().unwrap() {
            "date" => "2026",
            "number" | "quantity" => "5",
            "composite" if name.ends_with("quantity") => "x$5",
            "composite" if name.ends_with("date") => "x$2026",
            "composite" => "x$x",
            _ => "x",
        };
        let query = if ["patient", "subject"].contains(&name) { String::new() } else { format!("&{name}={value}") };
        house.get(&doctor, &format!("/Observation?patient={her}{query}")).await.is(200);
    }
}

#[tokio::test]
async fn every_listed_operation_is_defined() {
    let house = House::model();
    let doctor = hospital();
    let rest = statement(&house).await;
    let operations = texts(&rest["operation"], "name");
    let served =
        ["everything", "summary", "document", "lastn", "validate", "access-log", "original", "submit", "quarantine"];
    assert_eq!(operations, BTreeSet::from(served.map(String::from)));
    for operation in rest["operation"].as_array().unwrap() {
        // What is ours is defined here; what is HL7's is not.
        let Some(id) =
            operation["definition"].as_str().unwrap().strip_prefix("http://tsumugi.example/fhir/OperationDefinition/")
        else {
            continue;
        };
        let definition = house.get(&doctor, &format!("/OperationDefinition/{id}")).await.is(200).json();
        assert_eq!(definition["url"], operation["definition"]);
        assert_eq!(
            house
                .get(&doctor, &format!("/OperationDefinition?url={}", definition["url"].as_str().unwrap()))
                .await
                .total(),
            1
        );
    }
    assert_eq!(house.get(&doctor, "/OperationDefinition").await.is(200).total(), 4);
    house.get(&doctor, "/OperationDefinition/nothing").await.outcome(404);
    house.get(&doctor, "/Bundle/$quarantine").await.is(200);
}
