//! `AuditEvent`: looks for systems of the person's side, and for a supervisor about a case; for nobody else.

use serde_json::Value;
use tsumugi_kernel::{OrganizationKind, Purpose, Role};

use crate::common::{House, caller, hospital, lab};

#[tokio::test]
async fn looks_are_found_by_day_read_one_by_one_and_valid() {
    for house in House::both() {
        let doctor = hospital();
        let her = house.person(&doctor, 1).await;
        let fact = house.post(&doctor, "/Observation", &lab(&her, "CRP", "2026-11-20", 1.0)).await.is(201).id();
        house.get(&doctor, &format!("/Observation/{fact}")).await.is(200);
        let herself = house.herself(&her);
        let path = format!("/AuditEvent?patient={her}");
        let all = house.get(&herself, &path).await.is(200);
        assert_eq!((all.total(), all.entries().len()), (3, 3), "the person, the fact, the look");
        let event = all.entries()[0]["resource"].clone();
        assert_eq!(event["type"]["code"], "rest");
        assert_eq!(event["subtype"][0]["code"], "read");
        assert_eq!(event["agent"][0]["purposeOfUse"][0]["coding"][0]["code"], "TREAT");
        assert_eq!(event["agent"][0]["policy"][0], "urn:tsumugi:rule:treat-first-contact");
        assert_eq!(event["entity"][0]["what"]["reference"], format!("Patient/{her}"));
        // The same one by its id, and every one of them holds to R4.
        let id = event["id"].as_str().unwrap().to_owned();
        let one = house.get(&herself, &format!("/AuditEvent/{id}")).await.is(200).json();
        assert_eq!((&one["id"], &one["recorded"]), (&event["id"], &event["recorded"]));
        for event in all.entries() {
            let checked = house.post(&doctor, "/AuditEvent/$validate", &event["resource"]).await.is(200).json();
            let errors = checked["issue"].as_array().unwrap().iter().filter(|issue| issue["severity"] == "error");
            assert_eq!(errors.count(), 0, "{checked}");
        }
        // Days narrow it; what cannot be read is said.
        let count = async |more: &str| house.get(&herself, &format!("{path}{more}")).await.is(200).total();
        let today = event["recorded"].as_str().unwrap()[..10].to_owned();
        assert!(count(&format!("&date={today}")).await >= 4);
        assert_eq!(count(&format!("&date=lt{today}")).await, 0);
        assert_eq!(count("&date=ge2020&date=le2021-03").await, 0);
        house.get(&herself, &format!("{path}&date=soon")).await.outcome(400);
        house.get(&herself, "/AuditEvent").await.outcome(400);
        // Pages go back in time, and stay within the days.
        let page = house.get(&herself, &format!("{path}&date=ge{today}&_count=2")).await.is(200);
        assert_eq!(page.entries().len(), 2);
        let next = page.next().unwrap();
        assert!(next.contains(&format!("date=ge{today}")) && next.contains("before="), "{next}");
    }
}

#[tokio::test]
async fn nobody_else_reads_them_and_a_supervisor_only_where_there_is_a_case() {
    for house in House::both() {
        let doctor = hospital();
        let her = house.person(&doctor, 1).await;
        let path = format!("/AuditEvent?patient={her}");
        let events: Vec<Value> = house.get(&house.herself(&her), &path).await.is(200).entries();
        let one = format!("/AuditEvent/{}", events[0]["resource"]["id"].as_str().unwrap());
        for path in [&path, &one] {
            house.get(&doctor, path).await.outcome(403);
        }
        let mut other = house.herself(&her);
        other.citizen = Some(house.citizen_of(&house.person(&doctor, 2).await));
        for path in [&path, &one] {
            house.get(&other, path).await.outcome(404);
        }
        let watch = caller(Role::Supervisor, Purpose::Operations, OrganizationKind::SupervisingBody, "supervision");
        for path in [&path, &one] {
            house.get(&watch, path).await.outcome(404);
        }
        // A look that breaks the glass opens a case.
        let mut breaking = hospital();
        (breaking.purpose, breaking.reason, breaking.whole) = (Purpose::BreakGlass, Some("意識がない".into()), true);
        house.get(&breaking, &format!("/Observation?patient={her}")).await.is(200);
        for path in [&path, &one] {
            house.get(&watch, path).await.is(200);
        }
        // The supervisor's looks stand in her log like anybody's, those for which nothing was shown as well.
        let log = house.get(&house.herself(&her), &path).await.is(200);
        let watched = |event: &Value| event["resource"]["agent"][0]["role"][0]["coding"][0]["code"] == "supervisor";
        assert_eq!(log.entries().iter().filter(|event| watched(event)).count(), 4);
    }
}
