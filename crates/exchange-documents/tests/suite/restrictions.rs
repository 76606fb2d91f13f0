//! Restrictions and consents as FHIR `Consent`: what they hide, from whom, until when, and what cannot be kept to.

use serde_json::{Value, json};
use tsumugi_kernel::{OrganizationKind, Purpose, Role};
use tsumugi_store::sqlite::CommitFault;

use crate::common::{House, caller, city, condition, hospital, physician};

const SCOPE: &str = "http://terminology.hl7.org/CodeSystem/consentscope";
const ORGANIZATION: &str = "http://tsumugi.example/fhir/IdSystem/organization";
const CATEGORY: &str = "http://tsumugi.example/fhir/CodeSystem/record-category";

fn consent(patient: &str, status: &str, provision: Value) -> Value {
    json!({
        "resourceType": "Consent", "status": status, "patient": {"reference": format!("Patient/{patient}")},
        "scope": {"coding": [{"system": SCOPE, "code": "patient-privacy"}]},
        "category": [{"coding": [{"system": "http://loinc.org", "code": "59284-0"}]}],
        "policyRule": {"text": "本人が決める範囲"}, "provision": provision,
    })
}

fn from(organization: &str) -> Value {
    json!([{"role": {"text": "x"}, "reference": {"identifier": {"system": ORGANIZATION, "value": organization}}}])
}

#[tokio::test]
async fn what_she_denies_is_hidden_until_she_says_otherwise_whoever_took_it_down() {
    for house in House::both() {
        let (one, two) = (hospital(), physician("1310000002"));
        let her = house.person(&one, 1).await;
        let herself = house.herself(&her);
        let fact = house.post(&one, "/Condition", &condition(&her, "うつ病", None)).await.is(201).id();
        let look = format!("/Condition/{fact}");
        house.get(&two, &look).await.is(200);
        let deny =
            json!({"type": "deny", "actor": from("1310000002"), "class": [{"system": CATEGORY, "code": "condition"}]});
        // Taken down at the city's desk, from paper.
        let id = house.post(&city(), "/Consent", &consent(&her, "active", deny.clone())).await.is(201).id();
        house.get(&two, &look).await.outcome(404);
        house.get(&one, &look).await.is(200);
        // What she decided is for her; not even the desk reads it again as a record, and no chart shows it.
        for who in [&one, &two, &city()] {
            house.get(who, &format!("/Consent/{id}")).await.outcome(404);
        }
        house.get(&herself, &format!("/Consent/{id}")).await.is(200);
        // It is hers to change, though another wrote it down.
        let path = format!("/Consent/{id}");
        house.put(&herself, &path, &consent(&her, "inactive", deny)).await.is(200);
        house.get(&two, &look).await.is(200);
        // One fact, by its id.
        let data = json!([{"meaning": "instance", "reference": {"reference": format!("Condition/{fact}")}}]);
        house.put(&herself, &path, &consent(&her, "active", json!({"type": "deny", "data": data}))).await.is(200);
        house.get(&two, &look).await.outcome(404);
        house.delete(&herself, &path).await.is(204);
        house.get(&two, &look).await.is(200);
    }
}

#[tokio::test]
async fn an_emergency_sees_it_only_where_she_said_so() {
    for house in House::both() {
        let one = hospital();
        let her = house.person(&one, 1).await;
        let herself = house.herself(&her);
        let fact = house.post(&one, "/Condition", &condition(&her, "てんかん", None)).await.is(201).id();
        let look = format!("/Condition/{fact}");
        let crew = caller(Role::Crew, Purpose::EmergencyTreat, OrganizationKind::FireHeadquarters, "fire");
        house.get(&crew, &look).await.is(200);
        let hidden = consent(&her, "active", json!({"type": "deny"}));
        let id = house.post(&herself, "/Consent", &hidden).await.is(201).id();
        house.get(&crew, &look).await.outcome(404);
        let exception = json!([{"type": "permit", "purpose": [
            {"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "ETREAT"},
            {"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "BTG"},
        ]}]);
        let softened = consent(&her, "active", json!({"type": "deny", "provision": exception}));
        house.put(&herself, &format!("/Consent/{id}"), &softened).await.is(200);
        house.get(&crew, &look).await.is(200);
        house.get(&physician("1310000002"), &look).await.outcome(404);
    }
}

#[tokio::test]
async fn what_cannot_be_kept_to_is_refused_by_name_and_nobody_restricts_for_her() {
    let house = House::model();
    let doctor = hospital();
    let her = house.person(&doctor, 1).await;
    let herself = house.herself(&her);
    let before = house.get(&herself, &format!("/Consent?patient={her}")).await.total();
    for (provision, path) in [
        (json!({"type": "deny", "securityLabel": [{"code": "R"}]}), "Consent.provision"),
        (json!({"type": "deny", "class": [{"system": CATEGORY, "code": "secrets"}]}), "Consent.provision.class"),
        (json!({"type": "permit", "purpose": [{"code": "FAMRQT"}]}), "Consent.provision.actor"),
    ] {
        let refused = house.post(&herself, "/Consent", &consent(&her, "active", provision.clone())).await;
        assert_eq!(refused.status, 422, "{provision}: {}", refused.text());
        assert!(refused.text().contains(path), "{path}: {}", refused.text());
        // What is not in force promises nothing, and is kept.
        let draft = house.post(&herself, "/Consent", &consent(&her, "draft", provision)).await;
        assert_eq!(draft.status, 201, "{}", draft.text());
    }
    assert_eq!(house.get(&herself, &format!("/Consent?patient={her}")).await.total(), before + 3);
    house.post(&doctor, "/Consent", &consent(&her, "active", json!({"type": "deny"}))).await.outcome(403);
}

#[tokio::test]
async fn a_restriction_that_did_not_become_durable_hides_nothing_and_one_that_did_hides() {
    let house = House::sqlite();
    let (one, two) = (hospital(), physician("1310000002"));
    let her = house.person(&one, 1).await;
    let herself = house.herself(&her);
    let fact = house.post(&one, "/Condition", &condition(&her, "うつ病", None)).await.is(201).id();
    let look = format!("/Condition/{fact}");
    let deny = consent(&her, "active", json!({"type": "deny"}));
    house.fail(0, CommitFault::Fails);
    let failed = house.post(&herself, "/Consent", &deny).await;
    assert!(failed.status >= 500, "{}", failed.text());
    house.get(&two, &look).await.is(200);
    house.fail(0, CommitFault::FailsButPersists);
    let failed = house.post(&herself, "/Consent", &deny).await;
    assert!(failed.status >= 500, "{}", failed.text());
    house.get(&two, &look).await.outcome(404);
}
