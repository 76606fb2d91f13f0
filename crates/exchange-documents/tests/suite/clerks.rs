//! Who may write what, and who may change it.

use serde_json::json;
use tsumugi_kernel::{OrganizationKind, Purpose, Role};
use tsumugi_synth::load;

use crate::common::{House, caller, care_worker, city, condition, hospital, lab, patient, physician};

#[tokio::test]
async fn roles_write_what_their_rules_say() {
    let house = House::model();
    let doctor = hospital();
    let her = house.person(&doctor, 1).await;
    let note = json!({
        "resourceType": "Observation", "status": "final", "subject": {"reference": format!("Patient/{her}")},
        "code": {"coding": [{"system": "http://tsumugi.example/fhir/CodeSystem/adl", "code": "care-note"}]}, "valueString": "昼を全部食べた",
    });
    let claim = json!({
        "resourceType": "Claim", "status": "active", "use": "claim", "patient": {"reference": format!("Patient/{her}")},
        "type": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/claim-type", "code": "institutional"}]},
        "created": "2026-11-20", "provider": {"display": "みなと総合病院"}, "priority": {"text": "通常"},
        "insurance": [{"sequence": 1, "focal": true, "coverage": {"display": "協会けんぽ"}}],
    });
    let worker = care_worker("1370000001");
    let nurse = caller(Role::Nurse, Purpose::Treat, OrganizationKind::Clinic, "1310000002");
    let insurer = caller(Role::Insurer, Purpose::Payment, OrganizationKind::Insurer, "insurer-39");
    let crew = caller(Role::Crew, Purpose::EmergencyTreat, OrganizationKind::FireHeadquarters, "fire");
    let herself = house.herself(&her);
    let document = load::documents(1, 1, 12).next().unwrap();
    for (who, name, resource, status) in [
        (&worker, "Observation", &note, 201),
        (&worker, "Condition", &condition(&her, "高血圧症", None), 403),
        (&worker, "Observation", &lab(&her, "CRP", "2026-11-20", 1.0), 403),
        (&nurse, "Observation", &lab(&her, "CRP", "2026-11-20", 1.0), 201),
        (&insurer, "Claim", &claim, 201),
        (&insurer, "Observation", &lab(&her, "CRP", "2026-11-20", 1.0), 403),
        (&crew, "Observation", &note, 403),
        (&herself, "Observation", &note, 403),
        (&city(), "Observation", &note, 201),
    ] {
        let (point, facts) = (house.store.status().point, count(&house, &her).await);
        let answer = house.post(who, &format!("/{name}"), resource).await;
        assert_eq!(answer.status, status, "{} {name}: {}", who.role, answer.text());
        let written = u64::from(status == 201);
        assert_eq!(count(&house, &her).await, facts + written, "{} {name}", who.role);
        assert!(house.store.status().point >= point);
    }
    for (who, status) in [(&worker, 403), (&crew, 403), (&herself, 403), (&insurer, 403)] {
        let answer = house.submit(who, document.clone()).await;
        assert_eq!(answer.status, status, "{}: {}", who.role, answer.text());
        assert_eq!(
            house.get(who, "/Bundle/$quarantine").await.is(200).entries().len(),
            0,
            "what was refused at the door is not kept"
        );
    }
    house.submit(&doctor, document).await.is(201);
    // A sign-in that has ended, or that was given for another person, writes nothing.
    let mut ended = hospital();
    ended.expires = crate::common::NOW;
    house.post(&ended, "/Observation", &lab(&her, "CRP", "2026", 1.0)).await.outcome(401);
    let mut bound = hospital();
    bound.citizen = Some(house.citizen_of(&house.person(&doctor, 7).await));
    house.post(&bound, "/Observation", &lab(&her, "CRP", "2026", 1.0)).await.outcome(404);
}

async fn count(house: &House, patient: &str) -> u64 {
    house.get(&house.herself(patient), &format!("/Patient/{patient}/$everything?_count=1")).await.is(200).total()
}

#[tokio::test]
async fn only_the_sender_changes_a_fact() {
    for house in House::both() {
        let (one, two) = (hospital(), physician("1310000002"));
        let her = house.person(&one, 1).await;
        let sent = lab(&her, "CRP", "2026-11-20", 1.0);
        let path = format!("/Observation/{}", house.post(&one, "/Observation", &sent).await.is(201).id());
        let leaves = house.leaves();
        house.put(&two, &path, &sent).await.outcome(403);
        house.delete(&two, &path).await.outcome(403);
        house.put(&two, &format!("/Patient/{her}"), &patient(1)).await.outcome(403);
        assert_eq!(house.leaves(), leaves + 3, "what the door opened and the record refused leaves its leaf");
        assert_eq!(house.get(&two, &path).await.is(200).header("etag"), "W/\"1\"");
        // A colleague of the same organisation does.
        let mut colleague = caller(Role::Nurse, Purpose::Treat, OrganizationKind::Hospital, one.organization.as_str());
        colleague.person_name = "森 由美".into();
        assert_eq!(house.put(&colleague, &path, &sent).await.is(200).header("etag"), "W/\"2\"");
    }
}

#[tokio::test]
async fn nobody_unknown_gets_in() {
    use axum::{body::Body, http::Request};
    use tower::ServiceExt;
    let house = House::model();
    for (method, path) in [
        ("GET", "/Observation/x"),
        ("POST", "/Observation"),
        ("POST", "/"),
        ("POST", "/Bundle/$submit"),
        ("GET", "/Bundle/$quarantine"),
    ] {
        let router =
            tsumugi_record::rest::router().merge(tsumugi_exchange_documents::router()).with_state(house.desk.clone());
        let request =
            Request::builder().method(method).uri(path).header("accept-language", "en").body(Body::empty()).unwrap();
        let answer = router.oneshot(request).await.unwrap();
        assert_eq!(answer.status(), 401, "{method} {path}");
        assert_eq!(answer.headers()["www-authenticate"], "Bearer");
    }
}
