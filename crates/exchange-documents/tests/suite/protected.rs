//! A protected person's whereabouts (DV等支援措置) by every route: nobody without the duty is told, and nothing says why.

use serde_json::{Value, json};
use tsumugi_access::{Caller, Change, Mandate, standing::Period};
use tsumugi_kernel::{CitizenId, OrganizationId, OrganizationKind, PersonId, Purpose, Role};
use tsumugi_people::{By, Source, protect::Entry};
use tsumugi_store::Batch;

use crate::common::{House, MEMBER, NOW, caller, city, hospital, physician};

const TOWN: &str = "紬市みどり町";
const PHONE: &str = "090-0000-7777";
const KIN: &str = "080-0000-8888";

fn patient(number: u64) -> Value {
    json!({
        "resourceType": "Patient",
        "identifier": [{"system": MEMBER, "value": tsumugi_synth::load::Load::member_id(number)}],
        "text": {"status": "generated", "div": format!("<div xmlns=\"http://www.w3.org/1999/xhtml\">{TOWN}1-2-3</div>")},
        "name": [{"text": "松本 さくら"}], "gender": "female", "birthDate": "1992-04-02",
        "telecom": [{"system": "phone", "value": PHONE}],
        "address": [{"text": format!("{TOWN}1-2-3"), "city": TOWN, "postalCode": "1000001"}],
        "contact": [{"name": {"text": "松本 花"}, "telecom": [{"system": "phone", "value": KIN}], "address": {"text": format!("{TOWN}9")}}],
    })
}

fn kin(patient: &str) -> Value {
    json!({"resourceType": "RelatedPerson", "patient": {"reference": format!("Patient/{patient}")},
        "name": [{"text": "松本 花"}], "telecom": [{"system": "phone", "value": KIN}], "address": [{"text": format!("{TOWN}9")}]})
}

/// The city marks her, or ends the mark.
async fn mark(house: &House, citizen: CitizenId, number: u64, on: bool) {
    let directory = &house.desk.directory;
    let row = directory.citizen(citizen).await.unwrap().unwrap();
    let incoming = tsumugi_people::Incoming {
        identifiers: vec![tsumugi_people::Identifier::new(MEMBER, tsumugi_synth::load::Load::member_id(number))],
        name: row.name.clone(),
        ..tsumugi_people::Incoming::default()
    };
    let source = Source { organization: OrganizationId::new("1299999999").unwrap(), by: By::File, reference: None };
    let mut resolution = directory.resolve_known(citizen, &incoming, NOW).await.unwrap();
    let day = NOW.civil().date();
    assert!(resolution.register(Entry { correct: None, address: None, protected: Some(on), day, source }));
    let batch = Batch { rows: resolution.rows, expect: resolution.expect, ..Batch::default() };
    house.store.commit(batch).await.unwrap();
}

/// Everything that could tell, as `who` is told it.
async fn told(house: &House, who: &Caller, patient: &str, kin: &str) -> String {
    let mut all = String::new();
    for path in [
        format!("/Patient/{patient}"),
        format!("/Patient/{patient}?_elements=address,telecom,contact"),
        format!("/Patient/{patient}?_summary=text"),
        format!("/Patient/{patient}/_history"),
        format!("/Patient/{patient}/_history/1"),
        format!("/Patient?_id={patient}"),
        format!("/Patient?identifier={MEMBER}%7C{}", tsumugi_synth::load::Load::member_id(1)),
        format!("/Patient/{patient}/$everything"),
        format!("/Patient/{patient}/$summary"),
        format!("/Patient/{patient}/$original"),
        format!("/RelatedPerson/{kin}"),
        format!("/RelatedPerson?patient={patient}"),
        format!("/RelatedPerson/{kin}/$original"),
        format!("/RelatedPerson?patient={patient}&_include=RelatedPerson:patient"),
    ] {
        let answer = house.get(who, &path).await;
        assert!(answer.status == 200 || answer.status == 404, "{path}: {} {}", answer.status, answer.text());
        all.push_str(&answer.text());
        let xml = house.send(who, "GET", &path, &[("accept", "application/fhir+xml")], bytes::Bytes::new()).await;
        all.push_str(&xml.text());
    }
    all
}

/// How many are found by where she lives or is reached.
async fn found(house: &House, who: &Caller, patient: &str) -> u64 {
    let mut total = 0;
    for query in [
        format!("address={TOWN}"),
        format!("address-city={TOWN}"),
        "address-postalcode=1000001".to_owned(),
        format!("phone={PHONE}"),
        format!("telecom={PHONE}"),
    ] {
        let answer = house.get(who, &format!("/Patient?_id={patient}&{query}")).await;
        total += answer.is(200).total();
    }
    total
}

#[tokio::test]
async fn a_protected_person_has_no_address_for_anybody_without_the_duty() {
    for house in House::both() {
        let doctor = hospital();
        let her = house.post(&doctor, "/Patient", &patient(1)).await.is(201).id();
        let kin = house.post(&doctor, "/RelatedPerson", &kin(&her)).await.is(201).id();
        let citizen = house.citizen_of(&her);
        let herself = house.herself(&her);
        let mut husband = caller(Role::Proxy, Purpose::FamilyRequest, OrganizationKind::Household, "household-other");
        husband.person = PersonId::new("husband").unwrap();
        let mandate = Mandate {
            id: "m".into(),
            holder: tsumugi_access::Holder::Person(husband.person.clone()),
            parental: false,
            holder_name: "夫".into(),
            relation: "夫".into(),
            purposes: vec![Purpose::FamilyRequest],
            categories: None,
            period: Period::since(NOW),
        };
        house.decide(&her, &[Change::Give(mandate)]).await;
        let other = physician("1310000002");
        let crew = caller(Role::Crew, Purpose::EmergencyTreat, OrganizationKind::FireHeadquarters, "fire");
        // Before the mark everybody who may see her sees it.
        for who in [&other, &husband, &crew] {
            assert!(told(&house, who, &her, &kin).await.contains(TOWN));
        }
        assert!(found(&house, &other, &her).await >= 5);
        mark(&house, citizen, 1, true).await;
        for who in [&other, &husband] {
            let all = told(&house, who, &her, &kin).await;
            for secret in [TOWN, PHONE, KIN, "1000001", "みどり町"] {
                assert!(!all.contains(secret), "{:?}: {secret}", who.role);
            }
            // Nothing says that anything was held back.
            for word in ["mask", "absent", "protect", "不開示"] {
                assert!(!all.contains(word), "{word}");
            }
            assert!(all.contains("松本 さくら"), "{:?}: {all}", who.role);
            assert_eq!(found(&house, who, &her).await, 0, "{:?}", who.role);
        }
        // A crew is told whom to call, and not where she lives.
        let all = told(&house, &crew, &her, &kin).await;
        assert!(all.contains(KIN) && !all.contains("みどり町"), "{all}");
        // She herself, the register's keeper, and who wrote it read it as before.
        let mut city = city();
        city.purpose = Purpose::CareManagement;
        for who in [&herself, &doctor] {
            assert!(told(&house, who, &her, &kin).await.contains(TOWN), "{:?}", who.role);
        }
        assert!(house.get(&city, &format!("/Patient/{her}")).await.is(200).text().contains(TOWN));
        // Ended, it is told again.
        mark(&house, citizen, 1, false).await;
        assert!(told(&house, &other, &her, &kin).await.contains(TOWN));
    }
}

#[tokio::test]
async fn what_a_reader_without_the_duty_gets_is_what_a_person_without_an_address_would_give() {
    let house = House::sqlite();
    let doctor = hospital();
    let her = house.post(&doctor, "/Patient", &patient(1)).await.is(201).id();
    let mut bare = patient(2);
    bare.as_object_mut().unwrap().retain(|name, _| !["text", "telecom", "address", "contact"].contains(&name.as_str()));
    let other = house.post(&doctor, "/Patient", &bare).await.is(201).id();
    mark(&house, house.citizen_of(&her), 1, true).await;
    let reader = physician("1310000002");
    let one = house.get(&reader, &format!("/Patient/{her}")).await.is(200);
    let two = house.get(&reader, &format!("/Patient/{other}")).await.is(200);
    let shape = |answer: &Value| {
        let members: Vec<String> = answer.as_object().unwrap().keys().cloned().collect();
        (members, answer["meta"].as_object().unwrap().keys().cloned().collect::<Vec<_>>())
    };
    assert_eq!(shape(&one.json()), shape(&two.json()));
    assert_eq!(one.header("etag"), two.header("etag"));
}
