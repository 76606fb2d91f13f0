//! What a lens hides is nowhere: not in reads, totals, pages, `$everything`, history or the log's text.

use serde_json::json;
use tsumugi_access::{Against, Caller, Change, Hides, Mandate, standing::Period};
use tsumugi_kernel::{OrganizationKind, PersonId, Purpose, RecordCategory, Role};

use crate::common::{House, NOW, caller, condition, hospital, lab, physician, restriction};

const HIDDEN: &str = "膵頭部癌";

/// Asks everything that could show `fact` (`Condition/id`), and counts in how many answers it is.
async fn sightings(house: &House, who: &Caller, patient: &str, fact: &str) -> usize {
    let id = fact.split_once('/').unwrap().1;
    let mut paths = vec![
        format!("/{fact}"),
        format!("/{fact}/_history"),
        format!("/{fact}/_history/1"),
        format!("/Condition?patient={patient}"),
        format!("/Condition?patient={patient}&_id={id}"),
        format!("/Condition?patient={patient}&_tag=UNINFORMED,UNDELIVERED"),
        format!("/Patient/{patient}/$everything"),
    ];
    let mut page = Some(format!("/Patient/{patient}/$everything?_count=1"));
    let mut seen = 0;
    while let Some(path) = page.take().or_else(|| paths.pop()) {
        let answer = house.get(who, &path).await;
        assert!(answer.status == 200 || answer.status == 404, "{path}: {}", answer.text());
        let text = answer.text();
        seen += usize::from(text.contains(HIDDEN) || (answer.status == 200 && text.contains(id) && !path.contains(id)));
        if answer.status == 200 && path.contains("_count=1") {
            page = answer.next();
        }
    }
    seen
}

async fn mandate(house: &House, patient: &str) -> Caller {
    let mut daughter = caller(Role::Proxy, Purpose::FamilyRequest, OrganizationKind::Household, "household");
    daughter.person = PersonId::new("megumi").unwrap();
    let mandate = Mandate {
        id: "m".into(),
        holder: tsumugi_access::Holder::Person(daughter.person.clone()),
        parental: false,
        holder_name: "恵".into(),
        relation: "娘".into(),
        purposes: vec![Purpose::FamilyRequest],
        categories: None,
        period: Period::since(NOW),
    };
    house.decide(patient, &[Change::Give(mandate)]).await;
    daughter
}

#[tokio::test]
async fn what_she_has_not_been_told_is_nowhere_for_her_and_her_proxy() {
    for house in House::both() {
        let doctor = hospital();
        let him = house.person(&doctor, 1).await;
        house.post(&doctor, "/Condition", &condition(&him, "2型糖尿病", None)).await.is(201);
        let fact = house.post(&doctor, "/Condition", &condition(&him, HIDDEN, Some("UNINFORMED"))).await.is(201).id();
        let fact = format!("Condition/{fact}");
        let (himself, daughter) = (house.herself(&him), mandate(&house, &him).await);
        assert!(sightings(&house, &doctor, &him, &fact).await >= 7, "the physician sees it");
        for who in [&himself, &daughter] {
            assert_eq!(sightings(&house, who, &him, &fact).await, 0);
            assert_eq!(house.get(who, &format!("/Condition?patient={him}")).await.total(), 1);
            assert_eq!(house.get(who, &format!("/Condition?patient={him}&_count=0")).await.total(), 1);
            assert_eq!(house.get(who, &format!("/Patient/{him}/$everything")).await.total(), 2);
            // Its own answer is that of what is not there.
            let absent = house.get(who, "/Condition/not-there").await;
            let hidden = house.get(who, &format!("/{fact}")).await;
            assert_eq!((hidden.status, hidden.body, hidden.headers), (absent.status, absent.body, absent.headers));
            // The log tells of looks and of a write, and never which withheld fact it was.
            let log = house.get(who, &format!("/Patient/{him}/$access-log?_count=500")).await.is(200);
            assert!(!log.text().contains(HIDDEN));
            let number = house.key(fact.split_once('/').unwrap().1).number.to_string();
            for event in log.entries() {
                for shown in event["resource"]["entity"].as_array().unwrap().iter().skip(1) {
                    let numbers = shown["description"].as_str().unwrap();
                    assert!(!numbers.split(',').any(|one| one == number), "{event}");
                }
                if event["resource"]["action"] == "C" {
                    assert!(event["resource"]["entity"][1].is_object(), "a write names somebody: {event}");
                }
            }
        }
        // The same again when the flag came with a correction: also its versions before, and cursors from before.
        let page = house.get(&himself, &format!("/Patient/{him}/$everything?_count=1")).await.is(200);
        let open = house.post(&doctor, "/Condition", &condition(&him, HIDDEN, None)).await.is(201).id();
        let cursor = house.get(&himself, &format!("/Patient/{him}/$everything?_count=1")).await.is(200).next();
        let open = format!("Condition/{open}");
        assert!(sightings(&house, &himself, &him, &open).await > 0);
        house.put(&doctor, &format!("/{open}"), &condition(&him, HIDDEN, Some("UNINFORMED"))).await.is(200);
        assert_eq!(sightings(&house, &himself, &him, &open).await, 0);
        let mut next = cursor.or(page.next());
        while let Some(path) = next {
            let page = house.get(&himself, &path).await.is(200);
            assert!(!page.text().contains(HIDDEN));
            next = page.next();
        }
        // Taken away it stays hidden, and told it is there.
        house.delete(&doctor, &format!("/{open}")).await.is(204);
        assert_eq!(house.get(&himself, &format!("/{open}")).await.status, 404);
        assert_eq!(sightings(&house, &himself, &him, &open).await, 0);
        house.put(&doctor, &format!("/{open}"), &condition(&him, HIDDEN, None)).await.is(200);
        assert!(sightings(&house, &himself, &him, &open).await > 0);
    }
}

#[tokio::test]
async fn what_is_not_delivered_is_for_its_source() {
    for house in House::both() {
        let (one, two) = (hospital(), physician("1310000002"));
        let her = house.person(&one, 1).await;
        let fact = house.post(&one, "/Condition", &condition(&her, HIDDEN, Some("UNDELIVERED"))).await.is(201).id();
        let fact = format!("Condition/{fact}");
        assert!(sightings(&house, &one, &her, &fact).await >= 7);
        for who in [&two, &house.herself(&her)] {
            assert_eq!(sightings(&house, who, &her, &fact).await, 0);
        }
        // Nobody else may even change it: for them it is not there.
        house.put(&two, &format!("/{fact}"), &condition(&her, "x", None)).await.outcome(404);
        house.delete(&two, &format!("/{fact}")).await.outcome(404);
    }
}

#[tokio::test]
async fn a_restriction_hides_from_a_physician_everywhere() {
    for house in House::both() {
        let (one, two) = (hospital(), physician("1310000002"));
        let her = house.person(&one, 1).await;
        house.post(&one, "/Observation", &lab(&her, "CRP", "2026-11-20", 1.0)).await.is(201);
        let fact = house.post(&one, "/Condition", &condition(&her, HIDDEN, None)).await.is(201).id();
        let fact = format!("Condition/{fact}");
        assert!(sightings(&house, &two, &her, &fact).await >= 7);
        let cursor = house.get(&two, &format!("/Patient/{her}/$everything?_count=1")).await.next().unwrap();
        let against = Against::Organization(two.organization.clone());
        house.decide(&her, &[restriction("r", against, Hides::Categories(vec![RecordCategory::Condition]))]).await;
        assert_eq!(sightings(&house, &two, &her, &fact).await, 0);
        assert_eq!(house.get(&two, &format!("/Patient/{her}/$everything")).await.total(), 2);
        assert_eq!(house.get(&two, &cursor).await.is(200).total(), 2);
        assert!(sightings(&house, &one, &her, &fact).await >= 7, "its source keeps it");
        assert!(sightings(&house, &house.herself(&her), &her, &fact).await >= 6, "she has it");
        house.decide(&her, &[Change::Lift { restriction: "r".into(), at: NOW }]).await;
        assert!(sightings(&house, &two, &her, &fact).await >= 7);
        // Bars against the very person hold for the organisation's own facts, and for the original that holds them.
        let sent = serde_json::json!({"resourceType": "Bundle", "type": "transaction", "entry": [
            {"resource": condition(&her, HIDDEN, None), "request": {"method": "POST", "url": "Condition"}},
            {"resource": lab(&her, "K", "2026-11-20", 4.0), "request": {"method": "POST", "url": "Observation"}},
        ]});
        let answer = house.post(&one, "/", &sent).await.is(200);
        let place =
            answer.entries()[1]["response"]["location"].as_str().unwrap().split("/_history").next().unwrap().to_owned();
        let original = format!("/{place}/$original");
        assert!(house.get(&one, &original).await.is(200).text().contains(HIDDEN));
        let against = Against::Person(one.person.clone());
        house.decide(&her, &[restriction("p", against, Hides::Categories(vec![RecordCategory::Condition]))]).await;
        house.get(&one, &format!("/{place}")).await.is(200);
        house.get(&one, &original).await.outcome(404);
    }
}

#[tokio::test]
async fn the_alias_of_a_hidden_fact_is_absent() {
    for house in House::both() {
        let doctor = hospital();
        let her = house.person(&doctor, 1).await;
        let mut fact = condition(&her, HIDDEN, None);
        fact["id"] = json!("c-1");
        let first = house.put(&doctor, "/Condition/c-1", &fact).await.is(201).id();
        let against = Against::Person(doctor.person.clone());
        house
            .decide(
                &her,
                &[restriction("p", against, Hides::facts([(house.key(&first).kind, house.key(&first).number)]))],
            )
            .await;
        let (hidden, absent) = (house.get(&doctor, "/Condition/c-1").await, house.get(&doctor, "/Condition/c-2").await);
        assert_eq!((hidden.status, hidden.body, hidden.headers), (absent.status, absent.body, absent.headers));
        house
            .send(&doctor, "PUT", "/Condition/c-1", &[("if-match", "W/\"1\"")], fact.to_string().into())
            .await
            .outcome(412);
        // As with an id never used, a new fact comes to stand there.
        let second = house.put(&doctor, "/Condition/c-1", &fact).await.is(201).id();
        assert_ne!(first, second);
        assert_eq!(house.get(&doctor, "/Condition/c-1").await.is(200).id(), second);
    }
}
