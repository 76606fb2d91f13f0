//! Search in one person's record, with its order and its pages, and `$everything`.

use serde_json::Value;
use tsumugi_kernel::Clock;

use crate::common::{Answer, House, MEMBER, condition, hospital, lab, physician};

fn values(answer: &Answer) -> Vec<f64> {
    answer.entries().iter().map(|entry| entry["resource"]["valueQuantity"]["value"].as_f64().unwrap()).collect()
}

#[tokio::test]
async fn facts_are_found_by_what_they_say() {
    for house in House::both() {
        let doctor = hospital();
        let (her, him) = (house.person(&doctor, 1).await, house.person(&doctor, 2).await);
        for (code, day, value) in [("CRP", "2026-11-20", 1.0), ("CRP", "2026-11-18", 2.0), ("K", "2026-11-19", 3.0)] {
            house.post(&doctor, "/Observation", &lab(&her, code, day, value)).await.is(201);
        }
        let moment = house.clock.now();
        let last = house.post(&doctor, "/Observation", &lab(&her, "CRP", "2025-01-01", 4.0)).await.is(201).id();
        house.post(&doctor, "/Observation", &lab(&him, "CRP", "2026-11-20", 9.0)).await.is(201);
        house.post(&doctor, "/Condition", &condition(&her, "高血圧症", None)).await.is(201);
        let since = moment.to_fhir().replace('+', "%2B");
        for (query, expected) in [
            ("code=CRP&_sort=-date".to_owned(), vec![1.0, 2.0, 4.0]),
            ("code=CRP&_sort=date".to_owned(), vec![4.0, 2.0, 1.0]),
            ("code=urn:codes|K".to_owned(), vec![3.0]),
            ("code=urn:codes%7CK,CRP&_sort=_lastUpdated".to_owned(), vec![1.0, 2.0, 3.0, 4.0]),
            ("_sort=-_lastUpdated&_count=2".to_owned(), vec![4.0, 3.0]),
            ("category=laboratory&date=ge2026-11-19&_sort=date".to_owned(), vec![3.0, 1.0]),
            ("date=2026-11&date=lt2026-11-19".to_owned(), vec![2.0]),
            ("identifier=urn:lab|K-2026-11-19".to_owned(), vec![3.0]),
            (format!("_id={last}"), vec![4.0]),
            (format!("_lastUpdated=gt{since}"), vec![4.0]),
            ("code=nothing".to_owned(), vec![]),
        ] {
            let found = house.get(&doctor, &format!("/Observation?patient={her}&{query}")).await.is(200);
            assert_eq!(values(&found), expected, "{query}");
            assert_ne!(found.header("tsumugi-receipt"), "");
        }
        let form = [("content-type", "application/x-www-form-urlencoded")];
        let posted = house
            .send(&doctor, "POST", "/Observation/_search", &form, format!("subject=Patient/{her}&code=K").into())
            .await;
        assert_eq!(values(&posted.is(200)), [3.0]);
        house.send(&doctor, "POST", "/Observation/_search", &[], "code=K".into()).await.outcome(415);
        let person = house
            .get(&doctor, &format!("/Patient?identifier={MEMBER}|{}", tsumugi_synth::load::Load::member_id(2)))
            .await;
        assert_eq!(person.is(200).entries()[0]["resource"]["id"], Value::from(him));
        house.get(&doctor, &format!("/Patient?identifier={MEMBER}|39999999::99999999:")).await.outcome(404);
    }
}

#[tokio::test]
async fn a_search_says_what_it_does_not_serve() {
    let house = House::model();
    let doctor = hospital();
    let (her, him) = (house.person(&doctor, 1).await, house.person(&doctor, 2).await);
    house.post(&doctor, "/Observation", &lab(&her, "CRP", "2026-11-20", 1.0)).await.is(201);
    let leaves = house.leaves();
    for query in [
        "code=CRP".to_owned(),
        String::new(),
        format!("patient={her}&performer=x"),
        format!("patient={her}&_include=Observation:encounter"),
        format!("patient={her}&date=yesterday"),
        format!("patient={her}&_sort=value"),
        format!("patient={her}&_count=many"),
        format!("patient={her}&patient={him}"),
        format!("patient={her},{him}"),
    ] {
        house.get(&doctor, &format!("/Observation?{query}")).await.outcome(400);
    }
    house.get(&doctor, &format!("/Patient/{her}/$everything?_since=2026")).await.outcome(400);
    house.get(&doctor, &format!("/Patient/{her}/$everything?_count=all")).await.outcome(400);
    assert_eq!(house.leaves(), leaves, "nobody's record was asked for");
    let lenient = [("prefer", "respond-async, handling=lenient")];
    let path = format!("/Observation?patient={her}&performer=x");
    assert_eq!(house.send(&doctor, "GET", &path, &lenient, Default::default()).await.is(200).total(), 1);
    let path = format!("/Patient/{her}/$everything?_since=2026");
    assert_eq!(house.send(&doctor, "GET", &path, &lenient, Default::default()).await.is(200).total(), 2);
}

#[tokio::test]
async fn pages_stay_while_others_write() {
    for house in House::both() {
        let doctor = hospital();
        let her = house.person(&doctor, 1).await;
        for n in 0..7 {
            house
                .post(&doctor, "/Observation", &lab(&her, "CRP", &format!("2026-11-{:02}", n + 1), f64::from(n) + 0.5))
                .await
                .is(201);
        }
        let first =
            house.get(&doctor, &format!("/Observation?patient={her}&code=CRP&_sort=-date&_count=3")).await.is(200);
        let gone = first.entries()[0]["resource"]["id"].as_str().unwrap().to_owned();
        let mut seen = values(&first);
        let mut next = first.next();
        while let Some(url) = next {
            // Between the pages one fact comes and the first one goes.
            house.post(&doctor, "/Observation", &lab(&her, "CRP", "2026-11-30", 99.5)).await.is(201);
            house.delete(&doctor, &format!("/Observation/{gone}")).await.is(204);
            let page = house.get(&doctor, &url).await.is(200);
            assert_eq!(page.total(), 7);
            seen.extend(values(&page));
            next = page.next();
        }
        assert_eq!(seen, [6.5, 5.5, 4.5, 3.5, 2.5, 1.5, 0.5]);
        // A page that was not made here starts at the beginning; an empty page has a total.
        let strange = house.get(&doctor, &format!("/Observation?patient={her}&_page=zzz&_count=0")).await.is(200);
        assert_eq!((strange.total(), strange.entries().len(), strange.next()), (8, 0, None));
    }
}

#[tokio::test]
async fn everything_spans_the_linked_patients_page_by_page() {
    for house in House::both() {
        let (one, two) = (hospital(), physician("1310000002"));
        let (her, same) = (house.person(&one, 1).await, house.person(&two, 1).await);
        assert_ne!(her, same);
        assert_eq!(house.citizen_of(&her), house.citizen_of(&same));
        for n in 1..=5 {
            house.post(&one, "/Observation", &lab(&her, "CRP", &format!("2026-11-0{n}"), 0.5)).await.is(201);
            house.post(&two, "/Observation", &lab(&same, "K", &format!("2026-11-0{n}"), 4.5)).await.is(201);
        }
        assert_eq!(house.get(&one, &format!("/Observation?patient={same}")).await.is(200).total(), 10);
        let mut url = Some(format!("/Patient/{same}/$everything?_count=5"));
        let mut ids: Vec<String> = Vec::new();
        while let Some(path) = url {
            let page = house.get(&one, &path).await.is(200);
            assert_eq!(page.total(), 12);
            ids.extend(page.entries().iter().map(|entry| entry["resource"]["id"].as_str().unwrap().to_owned()));
            url = page.next();
        }
        let all = ids.len();
        ids.sort();
        ids.dedup();
        assert_eq!((all, ids.len()), (12, 12));
        assert!(ids.contains(&her) && ids.contains(&same));
        house.get(&one, &format!("/Observation/{}/$everything", ids[0])).await.outcome(404);
    }
}
