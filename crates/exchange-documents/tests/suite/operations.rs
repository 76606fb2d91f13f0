//! `$lastn`, `$document`, `$validate`, histories of a kind and of a shelf, `$quarantine`.

use bytes::Bytes;
use serde_json::{Value, json};
use tsumugi_kernel::{OrganizationKind, Purpose, Role};
use tsumugi_record::quarantine::Room;
use tsumugi_synth::load::Load;

use crate::common::{Answer, House, caller, care_worker, condition, hospital, lab, patient, physician};

fn texts(answer: &Answer) -> Vec<String> {
    let code = |entry: &Value| {
        let resource = &entry["resource"];
        format!(
            "{} {}",
            resource["code"]["coding"][0]["code"].as_str().unwrap(),
            resource["effectiveDateTime"].as_str().unwrap()
        )
    };
    answer.entries().iter().map(code).collect()
}

#[tokio::test]
async fn the_newest_of_each_measurement() {
    for house in House::both() {
        let doctor = hospital();
        let her = house.person(&doctor, 1).await;
        for (code, day) in [("CRP", "2026-11-18"), ("CRP", "2026-11-20"), ("K", "2026-11-19"), ("CRP", "2026-11-19")] {
            house.post(&doctor, "/Observation", &lab(&her, code, day, 1.0)).await.is(201);
        }
        // A national code beside the institution's own makes one thing of both.
        let mut both = lab(&her, "own-K", "2026-11-21", 4.0);
        both["code"]["coding"].as_array_mut().unwrap().push(json!({"system": "urn:codes", "code": "K"}));
        house.post(&doctor, "/Observation", &both).await.is(201);
        let leaves = house.leaves();
        let newest = house.get(&doctor, &format!("/Observation/$lastn?patient={her}")).await.is(200);
        assert_eq!(house.leaves(), leaves + 1);
        assert_eq!(texts(&newest), ["own-K 2026-11-21", "CRP 2026-11-20"]);
        let two =
            house.get(&doctor, &format!("/Observation/$lastn?patient={her}&max=2&code=CRP&category=laboratory")).await;
        assert_eq!(texts(&two.is(200)), ["CRP 2026-11-20", "CRP 2026-11-19"]);
        let asked = json!({"resourceType": "Parameters", "parameter": [
            {"name": "patient", "valueString": her}, {"name": "max", "valuePositiveInt": 1}, {"name": "code", "valueString": "K"},
        ]});
        assert_eq!(texts(&house.post(&doctor, "/Observation/$lastn", &asked).await.is(200)), ["own-K 2026-11-21"]);
        for wrong in ["", "?code=K", "?patient=HER&max=0", "?patient=HER&max=x", "?patient=HER&nonsense=1"] {
            house.get(&doctor, &format!("/Observation/$lastn{}", wrong.replace("HER", &her))).await.outcome(400);
        }
        house.get(&doctor, "/Observation/$lastn?patient=nobody").await.outcome(404);
    }
}

#[tokio::test]
async fn histories_of_a_kind_and_of_a_shelf_hold_what_was_taken_away() {
    for house in House::both() {
        let doctor = hospital();
        let her = house.person(&doctor, 1).await;
        let other = house.person(&doctor, 2).await;
        house.post(&doctor, "/Observation", &lab(&other, "Na", "2026-11-20", 1.0)).await.is(201);
        let first = house.post(&doctor, "/Observation", &lab(&her, "CRP", "2026-11-20", 1.0)).await.is(201).id();
        let second = house.post(&doctor, "/Observation", &lab(&her, "K", "2026-11-20", 4.0)).await.is(201).id();
        house.put(&doctor, &format!("/Observation/{first}"), &lab(&her, "CRP", "2026-11-20", 2.0)).await.is(200);
        house.delete(&doctor, &format!("/Observation/{second}")).await.is(204);
        let steps = |answer: &Answer| -> Vec<String> {
            answer.entries().iter().map(|entry| entry["request"]["method"].as_str().unwrap().to_owned()).collect()
        };
        let history = house.get(&doctor, &format!("/Observation/_history?patient={her}")).await.is(200);
        assert_eq!(steps(&history), ["DELETE", "PUT", "POST", "POST"]);
        assert_eq!(history.total(), 4);
        let shelf = house.get(&doctor, &format!("/_history?patient={her}")).await.is(200);
        assert_eq!(steps(&shelf), ["DELETE", "PUT", "POST", "POST", "POST"]);
        // Pages stay where they are while others write.
        let page = house.get(&doctor, &format!("/_history?patient={her}&_count=2")).await.is(200);
        assert_eq!((steps(&page), page.total()), (vec!["DELETE".to_owned(), "PUT".to_owned()], 5));
        house.post(&doctor, "/Observation", &lab(&her, "Cl", "2026-11-20", 100.0)).await.is(201);
        let next = house.get(&doctor, &page.next().unwrap()).await.is(200);
        assert_eq!((steps(&next), next.total()), (vec!["POST".to_owned(), "POST".to_owned()], 5));
        let since = history.entries()[1]["response"]["lastModified"].as_str().unwrap().to_owned();
        let since = since.replace('+', "%2B");
        let late = house.get(&doctor, &format!("/Observation/_history?patient={her}&_since={since}")).await.is(200);
        assert_eq!(late.total(), 3);
        for wrong in [
            "/_history",
            "/Observation/_history",
            "/Observation/_history?patient=HER&_since=x",
            "/Observation/_history?patient=HER&code=x",
        ] {
            house.get(&doctor, &wrong.replace("HER", &her)).await.outcome(400);
        }
    }
}

#[tokio::test]
async fn a_composition_becomes_a_document_of_what_may_be_seen() {
    let house = House::sqlite();
    let doctor = hospital();
    let her = house.person(&doctor, 1).await;
    let open = house.post(&doctor, "/Condition", &condition(&her, "高血圧症", None)).await.is(201).id();
    let told = house.post(&doctor, "/Condition", &condition(&her, "胃がん", Some("UNINFORMED"))).await.is(201).id();
    let composition = json!({
        "resourceType": "Composition", "status": "final", "title": "要約", "date": "2026-11-20",
        "type": {"coding": [{"system": "http://loinc.org", "code": "60591-5"}]},
        "subject": {"reference": format!("Patient/{her}")}, "author": [{"display": "院長"}],
        "section": [{"title": "病名", "entry": [
            {"reference": format!("Condition/{open}")}, {"reference": format!("Condition/{told}")},
        ]}],
    });
    let id = house.post(&doctor, "/Composition", &composition).await.is(201).id();
    let path = format!("/Composition/{id}/$document");
    let kinds = |answer: &Answer| -> Vec<String> {
        answer.entries().iter().map(|entry| entry["resource"]["resourceType"].as_str().unwrap().to_owned()).collect()
    };
    let whole = house.get(&doctor, &path).await.is(200);
    assert_eq!(
        (whole.json()["type"].as_str(), kinds(&whole)),
        (Some("document"), vec!["Composition".into(), "Patient".into(), "Condition".into(), "Condition".into()])
    );
    let hers = house.get(&house.herself(&her), &path).await.is(200);
    assert_eq!(kinds(&hers), ["Composition", "Patient", "Condition"]);
    assert_ne!(whole.json()["identifier"]["value"], hers.json()["identifier"]["value"]);
    house.get(&doctor, &format!("{path}?persist=true")).await.outcome(400);
    house.get(&doctor, &format!("/Observation/{id}/$document")).await.outcome(404);
    house.get(&doctor, "/Composition/nothing/$document").await.outcome(404);
}

#[tokio::test]
async fn a_resource_is_checked_without_being_written() {
    let house = House::model();
    let doctor = hospital();
    let her = house.person(&doctor, 1).await;
    let good = lab(&her, "CRP", "2026-11-20", 1.0);
    let mut bad = good.clone();
    bad["effectiveDateTime"] = json!("yesterday");
    let point = house.store.status().point;
    let severity = |answer: &Answer| answer.json()["issue"][0]["severity"].as_str().unwrap().to_owned();
    let errors =
        |answer: &Answer| answer.json()["issue"].as_array().unwrap().iter().any(|issue| issue["severity"] == "error");
    assert!(!errors(&house.post(&doctor, "/Observation/$validate", &good).await.is(200)));
    assert!(errors(&house.post(&doctor, "/Observation/$validate", &bad).await.is(200)));
    let wrapped = |mode: &str, resource: &Value| json!({"resourceType": "Parameters", "parameter": [{"name": "mode", "valueCode": mode}, {"name": "resource", "resource": resource}]});
    assert!(errors(&house.post(&doctor, "/Observation/$validate", &wrapped("create", &bad)).await.is(200)));
    assert_eq!(
        severity(&house.post(&doctor, "/Observation/$validate", &wrapped("delete", &bad)).await.is(200)),
        "information"
    );
    assert!(errors(&house.post(&doctor, "/Condition/$validate", &good).await.is(200)), "another kind than the URL's");
    house.post(&doctor, "/Observation/$validate?mode=x", &good).await.outcome(400);
    house.post(&doctor, "/Observation/$validate", &wrapped("profile", &good)).await.outcome(400);
    house.post(&doctor, "/Observation/$validate", &json!({"resourceType": "Parameters"})).await.outcome(400);
    assert_eq!(house.store.status().point, point, "nobody's record was looked at");
    // A stored one is read as every fact is: with a leaf, and through the lens.
    let id = house.post(&doctor, "/Observation", &good).await.is(201).id();
    let leaves = house.leaves();
    let told = house.get(&doctor, &format!("/Observation/{id}/$validate")).await.is(200);
    assert!(!errors(&told) && !told.header("tsumugi-receipt").is_empty());
    assert_eq!(house.leaves(), leaves + 1);
    house.get(&doctor, "/Observation/nothing/$validate").await.outcome(404);
    assert!(!told.text().contains("CRP"), "a finding never repeats a value");
}

#[tokio::test]
async fn a_quarantine_has_pages_and_an_end() {
    for mut house in House::both() {
        house.desk.record = house.desk.record.clone().with_quarantine(Room { count: 5, bytes: 1 << 20 });
        let (doctor, other) = (hospital(), physician("1310000002"));
        for index in 0..5 {
            house.submit(&doctor, format!("{{\"broken\": {index}")).await.outcome(422);
        }
        let mut seen = Vec::new();
        let mut path = Some("/Bundle/$quarantine?_count=2".to_owned());
        let mut pages = 0;
        while let Some(next) = path {
            let page = house.get(&doctor, &next).await.is(200);
            assert_eq!(page.header("tsumugi-total"), "5");
            seen.extend(page.entries().iter().map(|entry| entry["id"].as_str().unwrap().to_owned()));
            path = page.next();
            pages += 1;
        }
        let mut once = seen.clone();
        once.dedup();
        assert_eq!((pages, seen.len(), once.len()), (3, 5, 5));
        house.get(&doctor, "/Bundle/$quarantine?_count=x").await.outcome(400);
        // Full: told with its findings, not kept, and nobody else is touched.
        let full = house.submit(&doctor, "{\"broken\": 6").await.outcome(507);
        assert!(full["issue"].as_array().unwrap().len() >= 2, "{full}");
        assert!(house.store.original(tsumugi_record::content_hash(b"{\"broken\": 6")).await.unwrap().is_none());
        house.submit(&other, "{\"broken\": 7").await.outcome(422);
        house.submit(&doctor, Load::new(7, 20).document(1, 0)).await.is(201);
        // Large bytes fill it as well.
        house.desk.record = house.desk.record.clone().with_quarantine(Room { count: 100, bytes: 100 });
        house.submit(&other, " ".repeat(200)).await.outcome(507);
        // Who could not submit anything keeps nothing there.
        let crew = caller(Role::Crew, Purpose::EmergencyTreat, OrganizationKind::FireHeadquarters, "fire");
        house.submit(&crew, "{\"broken\": 8").await.outcome(403);
        assert_eq!(house.get(&crew, "/Bundle/$quarantine").await.is(200).entries().len(), 0);
    }
}

#[tokio::test]
async fn operations_of_one_kind_are_of_that_kind() {
    let house = House::model();
    let doctor = hospital();
    let her = house.person(&doctor, 1).await;
    house.post(&doctor, "/Patient", &patient(2)).await.is(201);
    for path in
        [format!("/Patient/{her}/$nonsense"), "/Observation/$summary".into(), format!("/Observation/{her}/$summary")]
    {
        let status = house.send(&doctor, "GET", &path, &[], Bytes::new()).await.status;
        assert!(matches!(status, 400 | 404 | 405), "{path}: {status}");
    }
}

#[tokio::test]
async fn an_operation_that_is_not_there_is_told_so_with_those_that_are() {
    let house = House::model();
    let doctor = hospital();
    let her = house.person(&doctor, 1).await;
    let leaves = house.leaves();
    let of_patient = "Patient/<id>/$access-log, Patient/<id>/$everything, Patient/<id>/$original, Patient/$summary, \
                      Patient/<id>/$summary, Patient/$validate, Patient/<id>/$validate";
    let of_flag = "Flag/<id>/$original, Flag/$validate, Flag/<id>/$validate";
    for (path, listed) in [
        (format!("/Patient/{her}/$foo"), of_patient),
        // Whoever is named, or nobody: the words are the same.
        ("/Patient/nobody/$foo".to_owned(), of_patient),
        ("/Patient/$foo".to_owned(), of_patient),
        (format!("/Patient/{her}/$submit"), of_patient),
        ("/Flag/x/$everything".to_owned(), of_flag),
        ("/Flag/$original".to_owned(), of_flag),
        ("/$foo".to_owned(), "Patient/<id>/$access-log, Composition/<id>/$document,"),
        ("/Bundle/$foo".to_owned(), "Bundle/$quarantine, Bundle/$submit, Bundle/$validate"),
    ] {
        for method in ["GET", "POST", "PUT", "DELETE"] {
            for who in [&doctor, &care_worker("1370000001")] {
                let headers = [("accept-language", "en")];
                let told = house.send(who, method, &path, &headers, Bytes::new()).await.outcome(404);
                assert_eq!(told["issue"][0]["code"], "not-supported", "{method} {path}");
                let words = told["issue"][0]["details"]["text"].as_str().unwrap();
                assert!(words.contains(listed) && !words.contains("foo"), "{method} {path}: {words}");
            }
        }
    }
    assert_eq!(house.leaves(), leaves);
    house.get(&doctor, "/Nonsense/$foo").await.outcome(404);
    // In a batch as well.
    let entry = json!({"request": {"method": "GET", "url": format!("Patient/{her}/$foo")}});
    let sent = json!({"resourceType": "Bundle", "type": "batch", "entry": [entry]});
    let answer = house.post(&doctor, "/", &sent).await.is(200);
    assert_eq!(answer.entries()[0]["response"]["outcome"]["issue"][0]["code"], "not-supported");
}

#[tokio::test]
async fn each_operation_that_is_listed_is_there() {
    let house = House::model();
    let doctor = hospital();
    let headers = [("accept-language", "en")];
    let told = house.send(&doctor, "GET", "/$foo", &headers, Bytes::new()).await.outcome(404);
    let words = told["issue"][0]["details"]["text"].as_str().unwrap();
    let urls: Vec<&str> = words.split([' ', ',']).filter(|word| word.contains('$')).collect();
    assert_eq!(urls.len(), 11, "{words}");
    for url in urls {
        let path = format!("/{}", url.trim_end_matches('.').replace("<type>", "Observation").replace("<id>", "nobody"));
        let mut served = false;
        for method in ["GET", "POST"] {
            let answer = house.send(&doctor, method, &path, &headers, Bytes::new()).await;
            assert!(answer.status == 405 || !answer.text().contains("no such operation"), "{path} {}", answer.text());
            served |= answer.status != 405;
        }
        assert!(served, "{path}");
    }
}
