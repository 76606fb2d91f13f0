//! A minor's own decision, a parent's mandate, an office as proxy, and a result that waits for its explanation.

use serde_json::{Value, json};
use tsumugi_access::{Caller, Change, Holder, Mandate, standing::Period};
use tsumugi_kernel::{OrganizationKind, PersonId, Purpose, Role};

use crate::common::{House, NOW, caller, care_worker, condition, hospital, lab};

const RELEASE: &str = "http://tsumugi.example/fhir/CodeSystem/release";

fn tagged(mut resource: Value, code: &str) -> Value {
    resource["meta"]["tag"] = json!([{"system": RELEASE, "code": code}]);
    resource
}

fn visit(her: &str) -> Value {
    json!({
        "resourceType": "Encounter", "status": "in-progress", "subject": {"reference": format!("Patient/{her}")},
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
        "period": {"start": "2026-11-20T10:00:00+09:00"},
    })
}

/// A mother with a mandate for all of it.
async fn mother(house: &House, her: &str, holder: Option<Holder>) -> Caller {
    let mut mother = caller(Role::Proxy, Purpose::FamilyRequest, OrganizationKind::Household, "household");
    mother.person = PersonId::new("kaori").unwrap();
    let mandate = Mandate {
        id: "m".into(),
        parental: holder.is_none(),
        holder: holder.unwrap_or(Holder::Person(mother.person.clone())),
        holder_name: "香".into(),
        relation: "母".into(),
        purposes: vec![Purpose::FamilyRequest],
        categories: None,
        period: Period::since(NOW),
    };
    house.decide(her, &[Change::Give(mandate)]).await;
    mother
}

#[tokio::test]
async fn a_visit_that_is_hers_alone_is_nowhere_for_her_parents() {
    for house in House::both() {
        let doctor = hospital();
        let her = house.person(&doctor, 1).await;
        let who = Holder::Person(PersonId::new("kaori").unwrap());
        let mother = mother(&house, &her, Some(who)).await;
        house.post(&doctor, "/Observation", &lab(&her, "CRP", "2026-11-19", 1.0)).await.is(201);
        let log = |who: Caller| {
            let (house, path) = (&house, format!("/Patient/{her}/$access-log?_count=500"));
            async move { house.get(&who, &path).await.is(200) }
        };
        let before = log(mother.clone()).await.total();
        let known = house.get(&mother, &format!("/Patient/{her}/$everything")).await.is(200).total();
        let own = house.post(&doctor, "/Encounter", &tagged(visit(&her), "self-only")).await.is(201).id();
        // What is sent about it later knows nothing of the mark.
        let mut found = condition(&her, "妊娠", None);
        found["encounter"] = json!({"reference": format!("Encounter/{own}")});
        house.post(&doctor, "/Condition", &found).await.is(201);
        let search = format!("/Condition?patient={her}&encounter=Encounter/{own}");
        assert_eq!(house.get(&doctor, &search).await.is(200).total(), 1);
        let everything = format!("/Patient/{her}/$everything");
        assert_eq!(house.get(&house.herself(&her), &everything).await.is(200).total(), known + 2, "she sees it");
        let told = house.get(&mother, &everything).await.is(200);
        assert!(told.total() == known && !told.text().contains("妊娠"), "{}", told.text());
        assert_eq!(house.get(&mother, &format!("/Encounter/{own}")).await.status, 404);
        // Of two writes and two looks at it the log tells her mother nothing; her mother's own look and her own at all of
        // the record are there, the latter only as far as it told of something else.
        let log = log(mother).await;
        assert!(!log.text().contains("Encounter") && !log.text().contains("Condition"), "{}", log.text());
        assert_eq!(log.total(), before + 5, "four looks of her mother, one of hers");
    }
}

#[tokio::test]
async fn a_parents_mandate_ends_when_the_child_is_of_age() {
    let house = House::model();
    let doctor = hospital();
    let child = |birth: &str| {
        json!({
            "resourceType": "Patient", "birthDate": birth, "name": [{"text": "山田 花"}],
            "identifier": [{"system": "urn:oid:1.2.392.100495.20.3.51.1.1310000001", "value": birth}],
        })
    };
    // NOW is 22 November 2026.
    for (birth, opens) in [("2008-11-22", false), ("2008-11-23", true), ("2020-04-01", true), ("1990-01-01", false)] {
        let her = house.post(&doctor, "/Patient", &child(birth)).await.is(201).id();
        let mother = mother(&house, &her, None).await;
        let status = house.get(&mother, &format!("/Patient/{her}/$everything")).await.status;
        assert_eq!(status, if opens { 200 } else { 404 }, "{birth}");
    }
}

#[tokio::test]
async fn whoever_works_at_the_office_she_named_acts_for_her() {
    let house = House::model();
    let her = house.person(&hospital(), 1).await;
    let worker = care_worker("1390000003");
    let office = Holder::Organization { organization: worker.organization.clone() };
    mother(&house, &her, Some(office)).await;
    let everything = format!("/Patient/{her}/$everything");
    let proxy = Caller { role: Role::Proxy, purpose: Purpose::FamilyRequest, ..worker };
    house.get(&proxy, &everything).await.is(200);
    assert_eq!(house.desk.door.wards(&proxy).await.unwrap().len(), 1);
    let elsewhere = Caller { organization: hospital().organization, ..proxy };
    assert_eq!(house.get(&elsewhere, &everything).await.status, 404);
    assert!(house.desk.door.wards(&elsewhere).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_result_that_waits_for_its_explanation_is_told_with_it_or_after_thirty_days() {
    let house = House::model();
    let doctor = hospital();
    let her = house.person(&doctor, 1).await;
    let herself = house.herself(&her);
    // NOW is 22 November 2026: the first waits, the other has waited for 31 days.
    let held = lab(&her, "CEA", "2026-11-20", 80.0);
    let id = house.post(&doctor, "/Observation", &tagged(held.clone(), "to-be-explained")).await.is(201).id();
    let old = tagged(lab(&her, "CEA", "2026-10-22", 40.0), "to-be-explained");
    house.post(&doctor, "/Observation", &old).await.is(201);
    let path = format!("/Observation?patient={her}");
    assert_eq!(house.get(&doctor, &path).await.total(), 2);
    assert_eq!(house.get(&herself, &path).await.total(), 1);
    // Explained: the source says it anew without the mark.
    let mut explained = held;
    explained["id"] = json!(id);
    house.put(&doctor, &format!("/Observation/{id}"), &explained).await.is(200);
    assert_eq!(house.get(&herself, &path).await.total(), 2);
}
