//! Create, read, vread, update, delete, history, ids that clients choose, references, originals.

use bytes::Bytes;
use serde_json::json;

use crate::common::{House, hospital, lab, patient, physician};

#[tokio::test]
async fn a_fact_lives_from_creation_to_tombstone() {
    for house in House::both() {
        let doctor = hospital();
        let her = house.person(&doctor, 1).await;
        let sent = lab(&her, "CRP", "2026-11-20", 0.86);
        let created = house.post(&doctor, "/Observation", &sent).await.is(201);
        let id = created.id();
        assert_eq!(created.header("location"), format!("http://house/fhir/R4/Observation/{id}/_history/1"));
        assert_eq!(created.header("etag"), "W/\"1\"");
        assert_ne!(created.header("tsumugi-receipt"), "");
        let read = house.get(&doctor, &format!("/Observation/{id}")).await.is(200);
        assert_eq!(read.body, created.body);
        assert_eq!(read.json()["meta"]["versionId"], "1");
        assert_eq!(read.json()["valueQuantity"], sent["valueQuantity"]);
        assert_eq!(read.header("cache-control"), "no-store");

        let path = format!("/Observation/{id}");
        let mut changed = read.json();
        changed["valueQuantity"]["value"] = json!(0.9);
        let bytes = Bytes::from(changed.to_string());
        let updated = house.send(&doctor, "PUT", &path, &[("if-match", "W/\"1\"")], bytes.clone()).await.is(200);
        assert_eq!((updated.id(), updated.header("etag")), (id.clone(), "W/\"2\""));
        house.send(&doctor, "PUT", &path, &[("if-match", "W/\"1\"")], bytes.clone()).await.outcome(412);
        house.send(&doctor, "PUT", &path, &[("if-match", "two")], bytes).await.outcome(400);
        assert_eq!(house.get(&doctor, &format!("{path}/_history/1")).await.is(200).body, created.body);
        house.get(&doctor, &format!("{path}/_history/3")).await.outcome(404);
        house.get(&doctor, &format!("{path}/_history/x")).await.outcome(404);

        house.send(&doctor, "DELETE", &path, &[("if-match", "W/\"1\"")], Bytes::new()).await.outcome(412);
        house.send(&doctor, "DELETE", &path, &[("if-match", "W/\"2\"")], Bytes::new()).await.is(204);
        assert_eq!(house.get(&doctor, &path).await.outcome(410)["issue"][0]["code"], "deleted");
        assert_eq!(house.delete(&doctor, &path).await.is(204).body, "");
        let history = house.get(&doctor, &format!("{path}/_history")).await.is(200);
        let steps: Vec<_> =
            history.entries().iter().map(|e| e["request"]["method"].as_str().unwrap().to_owned()).collect();
        assert_eq!(steps, ["DELETE", "PUT", "POST"]);
        assert_eq!(history.total(), 3);
        assert_eq!(history.entries()[2]["resource"]["valueQuantity"]["value"], json!(0.86));
        assert!(house.get(&doctor, &format!("/Observation?patient={her}")).await.is(200).total() == 0);
        assert_eq!(house.put(&doctor, &path, &changed).await.is(200).header("etag"), "W/\"4\"");
    }
}

#[tokio::test]
async fn a_client_may_choose_ids() {
    for house in House::both() {
        let (one, two) = (hospital(), physician("1310000002"));
        let her = house.person(&one, 1).await;
        let mut fact = lab(&her, "CRP", "2026-11-20", 0.86);
        fact["id"] = json!("crp-1");
        let created = house.put(&one, "/Observation/crp-1", &fact).await.is(201);
        assert_ne!(created.id(), "crp-1");
        assert_eq!(house.get(&one, "/Observation/crp-1").await.is(200).body, created.body);
        assert_eq!(house.get(&one, &format!("/Observation?patient={her}&_id=crp-1")).await.is(200).total(), 1);
        // Sent again it is the same fact's next version; what was read may be sent back under either id.
        assert_eq!(house.put(&one, "/Observation/crp-1", &fact).await.is(200).id(), created.id());
        let back = house.get(&one, "/Observation/crp-1").await.json();
        assert_eq!(house.put(&one, "/Observation/crp-1", &back).await.is(200).header("etag"), "W/\"3\"");
        // The same id of another organisation, or of another kind, is another thing.
        house.get(&two, "/Observation/crp-1").await.outcome(404);
        house.get(&one, "/Condition/crp-1").await.outcome(404);
        let other = house.put(&two, "/Observation/crp-1", &fact).await.is(201);
        assert_ne!(other.id(), created.id());
        assert_eq!(house.get(&one, "/Observation/crp-1").await.id(), created.id());
        // After its deletion the id is used again for the same fact.
        house.delete(&one, "/Observation/crp-1").await.is(204);
        house.get(&one, "/Observation/crp-1").await.outcome(410);
        assert_eq!(house.put(&one, "/Observation/crp-1", &fact).await.is(200).header("etag"), "W/\"5\"");
        // A version cannot be expected of what is not there.
        house
            .send(
                &one,
                "PUT",
                "/Observation/new-1",
                &[("if-match", "W/\"1\"")],
                lab(&her, "K", "2026", 4.0).to_string().into(),
            )
            .await
            .outcome(412);
        house.get(&one, "/Observation/new-1").await.outcome(404);
    }
}

#[tokio::test]
async fn what_does_not_fit_is_refused_and_nothing_is_written() {
    let house = House::model();
    let doctor = hospital();
    let (her, him) = (house.person(&doctor, 1).await, house.person(&doctor, 2).await);
    let id = house.post(&doctor, "/Observation", &lab(&her, "CRP", "2026-11-20", 0.86)).await.is(201).id();
    let point = house.store.status();
    let path = format!("/Observation/{id}");
    let mut wrong = lab(&her, "CRP", "2026-11-20", 0.9);
    wrong["id"] = json!("something-else");
    house.put(&doctor, &path, &wrong).await.outcome(400);
    house.post(&doctor, "/Condition", &lab(&her, "CRP", "2026", 1.0)).await.outcome(400);
    house.put(&doctor, "/Observation/a%20b", &lab(&her, "CRP", "2026", 1.0)).await.outcome(400);
    house.put(&doctor, &format!("/Observation/{}", "x".repeat(65)), &lab(&her, "CRP", "2026", 1.0)).await.outcome(400);
    let mut nobody = lab(&her, "CRP", "2026", 1.0);
    nobody.as_object_mut().unwrap().remove("subject");
    house.post(&doctor, "/Observation", &nobody).await.outcome(422);
    house.post(&doctor, "/Observation", &lab("nobody-known", "CRP", "2026", 1.0)).await.outcome(404);
    house.post(&doctor, "/Nonsense", &json!({"resourceType": "Nonsense"})).await.outcome(404);
    house.get(&doctor, "/Observation/not-there").await.outcome(404);
    house.get(&doctor, &format!("/Condition/{id}")).await.outcome(404);
    assert_eq!(house.store.status().point, point.point);
    // Her fact does not become his; the try leaves its leaf.
    house.put(&doctor, &path, &lab(&him, "CRP", "2026-11-20", 0.9)).await.outcome(422);
    assert_eq!(house.store.status().leaves, point.leaves + 1);
    assert_eq!(house.get(&doctor, &path).await.json()["meta"]["versionId"], "1");
}

#[tokio::test]
async fn references_are_written_as_answered() {
    let house = House::model();
    let doctor = hospital();
    let mut person = patient(1);
    person["id"] = json!("p-1");
    let her = house.put(&doctor, "/Patient/p-1", &person).await.is(201).id();
    let visit = json!({"resourceType": "Encounter", "id": "e-1", "status": "finished", "class": {"code": "AMB"}, "subject": {"reference": "Patient/p-1"}});
    let visit = house.put(&doctor, "/Encounter/e-1", &visit).await.is(201);
    assert_eq!(visit.json()["subject"]["reference"], format!("Patient/{her}"));
    let mut fact = lab("p-1", "CRP", "2026-11-20", 0.86);
    fact["encounter"] = json!({"reference": "Encounter/e-1"});
    fact["performer"] =
        json!([{"reference": "Practitioner/unknown"}, {"reference": "https://elsewhere.example/Practitioner/1"}]);
    let fact = house.post(&doctor, "/Observation", &fact).await.is(201);
    assert_eq!(fact.json()["encounter"]["reference"], format!("Encounter/{}", visit.id()));
    assert_eq!(fact.json()["performer"][0]["reference"], "Practitioner/unknown");
    // Search follows the answered form.
    let found =
        house.get(&doctor, &format!("/Observation?patient=Patient/p-1&encounter=Encounter/{}", visit.id())).await;
    assert_eq!(found.is(200).total(), 1);
}

#[tokio::test]
async fn an_original_is_for_its_sender() {
    let house = House::sqlite();
    let (doctor, other) = (hospital(), physician("1310000002"));
    let her = house.person(&doctor, 1).await;
    let sent = Bytes::from(format!("  {}\n", lab(&her, "CRP", "2026-11-20", 0.86)));
    let id = house.send(&doctor, "POST", "/Observation", &[], sent.clone()).await.is(201).id();
    let path = format!("/Observation/{id}/$original");
    let got = house.get(&doctor, &path).await.is(200);
    assert_eq!(got.body, sent);
    assert!(got.header("content-disposition").starts_with("attachment"));
    house.get(&other, &format!("/Observation/{id}")).await.is(200);
    house.get(&other, &path).await.outcome(404);
    house.get(&house.herself(&her), &path).await.outcome(404);
    house.delete(&doctor, &format!("/Observation/{id}")).await.is(204);
    house.get(&doctor, &path).await.outcome(404);
}

#[tokio::test]
async fn a_subject_that_names_two_people_is_refused() {
    for house in House::both() {
        let doctor = hospital();
        let (her, _other) = (house.person(&doctor, 1).await, house.person(&doctor, 2).await);
        let mut fact = lab(&her, "CRP", "2026-11-20", 1.0);
        let number = |number: u64| patient(number)["identifier"][0].clone();
        fact["subject"]["identifier"] = number(2);
        let leaves = house.leaves();
        let answer = house.post(&doctor, "/Observation", &fact).await.outcome(422);
        assert_eq!(answer["issue"][0]["code"], "business-rule");
        assert_eq!(house.leaves(), leaves);
        // Her own, and one that nobody has, are taken.
        for own in [number(1), json!({"system": "http://x.example", "value": "7"})] {
            fact["subject"]["identifier"] = own;
            house.post(&doctor, "/Observation", &fact).await.is(201);
        }
    }
}
