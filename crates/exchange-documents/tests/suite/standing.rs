//! What written facts mean for who may see what: offices in charge, visits, mandates, and their ends.

use serde_json::{Value, json};
use tsumugi_kernel::{OrganizationKind, PersonId, Purpose, Role};

use crate::common::{House, MEMBER, caller, care_worker, city, condition, hospital, lab};

fn in_charge(number: u64, office: &str, status: &str) -> Value {
    json!({
        "resourceType": "EpisodeOfCare", "status": status,
        "patient": {"type": "Patient", "identifier": {"system": MEMBER, "value": tsumugi_synth::load::Load::member_id(number)}},
        "managingOrganization": {"identifier": {"system": "http://tsumugi.example/fhir/IdSystem/organization", "value": office}},
        "period": {"start": "2026-04-01"},
    })
}

fn mandate(patient: &str, holder: &str, status: &str) -> Value {
    json!({
        "resourceType": "Consent", "status": status, "patient": {"reference": format!("Patient/{patient}")},
        "scope": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "patient-privacy"}]},
        "category": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "INFA"}]}],
        "policyRule": {"text": "本人の委任"},
        "provision": {"type": "permit", "period": {"start": "2026-01-01"},
            "purpose": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "FAMRQT"}],
            "actor": [{"role": {"text": "娘"}, "reference": {"identifier": {"system": "http://tsumugi.example/fhir/IdSystem/person", "value": holder}}}]},
    })
}

#[tokio::test]
async fn an_office_is_in_charge_while_the_episode_says_so() {
    for house in House::both() {
        let (doctor, worker) = (hospital(), care_worker("1370000001"));
        let her = house.person(&doctor, 1).await;
        let fact = house.post(&doctor, "/Condition", &condition(&her, "高血圧症", None)).await.is(201).id();
        let look = format!("/Condition/{fact}");
        house.get(&worker, &look).await.outcome(404);
        let episode = house.post(&doctor, "/EpisodeOfCare", &in_charge(1, "1370000001", "active")).await.is(201).id();
        house.get(&worker, &look).await.is(200);
        let path = format!("/EpisodeOfCare/{episode}");
        // Said again it goes on.
        house.put(&doctor, &path, &in_charge(1, "1370000001", "active")).await.is(200);
        house.get(&worker, &look).await.is(200);
        house.get(&care_worker("1370000009"), &look).await.outcome(404);
    }
}

#[tokio::test]
async fn a_visit_that_is_deleted_is_over() {
    let house = House::model();
    let doctor = hospital();
    let her = house.person(&doctor, 1).await;
    let mut planner = hospital();
    planner.purpose = Purpose::CareManagement;
    let fact = house
        .post(
            &caller(Role::Physician, Purpose::Treat, OrganizationKind::Clinic, "1310000002"),
            "/Condition",
            &condition(&her, "高血圧症", None),
        )
        .await
        .is(201)
        .id();
    let look = format!("/Condition/{fact}");
    house.get(&planner, &look).await.outcome(404);
    let visit = json!({"resourceType": "Encounter", "status": "in-progress", "class": {"code": "IMP"}, "subject": {"reference": format!("Patient/{her}")}, "period": {"start": "2026-11-03"}});
    let id = house.post(&doctor, "/Encounter", &visit).await.is(201).id();
    house.get(&planner, &look).await.is(200);
    house.delete(&doctor, &format!("/Encounter/{id}")).await.is(204);
    house.get(&planner, &look).await.outcome(404);
    let id = house.post(&doctor, "/Encounter", &visit).await.is(201).id();
    house.get(&planner, &look).await.is(200);
    let mut over = visit.clone();
    (over["status"], over["period"]["end"]) = (json!("finished"), json!("2026-11-20"));
    house.put(&doctor, &format!("/Encounter/{id}"), &over).await.is(200);
    house.get(&planner, &look).await.outcome(404);
}

#[tokio::test]
async fn a_mandate_follows_its_consent() {
    for house in House::both() {
        let doctor = hospital();
        let her = house.person(&doctor, 1).await;
        let herself = house.herself(&her);
        let mut daughter = caller(Role::Proxy, Purpose::FamilyRequest, OrganizationKind::Household, "household");
        daughter.person = PersonId::new("megumi").unwrap();
        let mut son = daughter.clone();
        son.person = PersonId::new("taro").unwrap();
        let look = format!("/Patient/{her}");
        house.get(&daughter, &look).await.outcome(404);
        // One that is not in force yet gives nothing, and is not refused.
        let consent = house.post(&herself, "/Consent", &mandate(&her, "megumi", "draft")).await.is(201).id();
        let path = format!("/Consent/{consent}");
        house.get(&daughter, &look).await.outcome(404);
        house.put(&herself, &path, &mandate(&her, "megumi", "active")).await.is(200);
        house.get(&daughter, &look).await.is(200);
        // Changed, it is somebody else's.
        house.put(&herself, &path, &mandate(&her, "taro", "active")).await.is(200);
        house.get(&daughter, &look).await.outcome(404);
        house.get(&son, &look).await.is(200);
        house.put(&herself, &path, &mandate(&her, "taro", "inactive")).await.is(200);
        house.get(&son, &look).await.outcome(404);
        house.put(&herself, &path, &mandate(&her, "taro", "active")).await.is(200);
        house.get(&son, &look).await.is(200);
        // Taken away, it ends.
        house.delete(&herself, &path).await.is(204);
        house.get(&son, &look).await.outcome(404);
        // Nobody gives it to themself, and a physician gives none; nor does one clerk of the city alone: that
        // takes a second one at the desk (`papers.rs`).
        house.post(&herself, "/Consent", &mandate(&her, herself.person.as_str(), "active")).await.outcome(403);
        house.post(&doctor, "/Consent", &mandate(&her, "taro", "active")).await.outcome(403);
        let alone = house.post(&city(), "/Consent", &mandate(&her, "taro", "active")).await.outcome(403);
        assert!(alone.to_string().contains("/desk/papers"), "{alone}");
        house.get(&son, &look).await.outcome(404);
        // Kept as a draft it promises nothing; made active it is refused like a new one.
        let draft = house.post(&city(), "/Consent", &mandate(&her, "taro", "proposed")).await.is(201).id();
        house.put(&city(), &format!("/Consent/{draft}"), &mandate(&her, "taro", "active")).await.outcome(403);
        house.get(&son, &look).await.outcome(404);
        // The city's register says who is a parent or guardian, and nothing else.
        let mut register = city();
        (register.role, register.automatic) = (Role::System, true);
        house.post(&register, "/Consent", &mandate(&her, "taro", "active")).await.outcome(403);
        let mut guardian = mandate(&her, "taro", "active");
        guardian["provision"]["actor"][0]["role"]["text"] = json!("成年後見人");
        house.post(&register, "/Consent", &guardian).await.is(201);
        house.get(&son, &look).await.is(200);
    }
}

/// The exit is regulated, not the entry (`care-write` of both policy profiles).
#[tokio::test]
async fn an_office_that_is_not_in_charge_adds_its_care_records_and_sees_no_more_than_those() {
    for house in House::both() {
        let (doctor, worker) = (hospital(), care_worker("1370000001"));
        let her = house.person(&doctor, 1).await;
        house.post(&doctor, "/Condition", &condition(&her, "高血圧症", None)).await.is(201);
        let flag = json!({"resourceType": "Flag", "status": "active", "code": {"text": "段差に注意"}, "subject": {"reference": format!("Patient/{her}")}});
        let leaves = house.leaves();
        let added = house.post(&worker, "/Flag", &flag).await.is(201).id();
        assert_eq!(house.leaves(), leaves + 1, "she sees who added it");
        // What is not care's waits until the office is in charge.
        house.post(&worker, "/Observation", &lab(&her, "CRP", "2026-11-20", 1.0)).await.outcome(403);
        house.post(&worker, "/Condition", &condition(&her, "高血圧症", None)).await.outcome(403);
        // Whom nobody has named here is nobody's record.
        let mut unknown = flag.clone();
        unknown["subject"]["reference"] = json!("Patient/nobody");
        house.post(&worker, "/Flag", &unknown).await.outcome(404);
        let seen = house.get(&worker, &format!("/Patient/{her}/*?_count=50")).await.is(200).entries();
        let ids: Vec<&str> = seen.iter().filter_map(|entry| entry["resource"]["id"].as_str()).collect();
        assert_eq!(ids, [added.as_str()]);
        house.get(&worker, &format!("/Patient/{her}")).await.outcome(404);
    }
}
