//! Transactions, all or nothing on one shelf; batches, each entry on its own.

use serde_json::{Value, json};

use crate::common::{Answer, House, care_worker, condition, hospital, lab, patient, physician};

fn post(url: &str, resource: Value) -> Value {
    let kind = resource["resourceType"].clone();
    json!({"fullUrl": url, "resource": resource, "request": {"method": "POST", "url": kind}})
}

fn bundle(kind: &str, entries: &[Value]) -> Value {
    json!({"resourceType": "Bundle", "type": kind, "entry": entries})
}

fn statuses(answer: &Answer) -> Vec<String> {
    answer.entries().iter().map(|entry| entry["response"]["status"].as_str().unwrap()[..3].to_owned()).collect()
}

#[tokio::test]
async fn a_transaction_writes_all_of_one_person() {
    for house in House::both() {
        let doctor = hospital();
        let mut fact = lab("x", "CRP", "2026-11-20", 1.0);
        fact["subject"]["reference"] = json!("urn:uuid:p");
        fact["encounter"] = json!({"reference": "urn:uuid:e"});
        let visit = json!({"resourceType": "Encounter", "status": "finished", "class": {"code": "AMB"}, "subject": {"reference": "urn:uuid:p"}});
        // The patient comes last and is still known to the others; the answer keeps the order.
        let sent = bundle(
            "transaction",
            &[post("urn:uuid:o", fact.clone()), post("urn:uuid:e", visit), post("urn:uuid:p", patient(1))],
        );
        let leaves = house.leaves();
        let answer = house.post(&doctor, "/", &sent).await.is(200);
        assert_eq!(house.leaves(), leaves + 1);
        assert_eq!(answer.json()["type"], "transaction-response");
        assert_eq!(statuses(&answer), ["201", "201", "201"]);
        let places: Vec<String> =
            answer.entries().iter().map(|e| e["response"]["location"].as_str().unwrap().to_owned()).collect();
        assert!(places[0].starts_with("Observation/") && places[2].starts_with("Patient/"));
        let id = |place: &str| place.split("/_history").next().unwrap().to_owned();
        let stored = house.get(&doctor, &format!("/{}", id(&places[0]))).await.is(200).json();
        assert_eq!(stored["encounter"]["reference"], id(&places[1]));
        assert_eq!(stored["subject"]["reference"], id(&places[2]));

        // Update, delete and create at once.
        let mut changed = stored.clone();
        changed["valueQuantity"]["value"] = json!(2.0);
        let put =
            json!({"resource": changed, "request": {"method": "PUT", "url": id(&places[0]), "ifMatch": "W/\"1\""}});
        let drop = json!({"request": {"method": "DELETE", "url": id(&places[1])}});
        let more = post("urn:uuid:o2", lab(id(&places[2]).split_once('/').unwrap().1, "K", "2026-11-20", 4.0));
        let answer = house.post(&doctor, "/", &bundle("transaction", &[put.clone(), drop, more])).await.is(200);
        assert_eq!(statuses(&answer), ["200", "204", "201"]);
        house.get(&doctor, &format!("/{}", id(&places[1]))).await.outcome(410);
        // The expected version is no longer the newest.
        let before = house.leaves();
        house.post(&doctor, "/", &bundle("transaction", &[put])).await.outcome(412);
        assert_eq!(house.leaves(), before + 1, "that the version is not the newest is told, so it leaves a leaf");
    }
}

#[tokio::test]
async fn a_transaction_writes_nothing_when_one_entry_is_refused() {
    for house in House::both() {
        let (doctor, other) = (hospital(), physician("1310000002"));
        let (her, him) = (house.person(&doctor, 1).await, house.person(&doctor, 2).await);
        let own = house.post(&doctor, "/Observation", &lab(&her, "CRP", "2026-11-20", 1.0)).await.is(201).id();
        let theirs = house.post(&other, "/Observation", &lab(&her, "K", "2026-11-20", 4.0)).await.is(201).id();
        let good = || post("urn:uuid:g", lab(&her, "Na", "2026-11-20", 140.0));
        let put = |id: &str, resource: Value| json!({"resource": resource, "request": {"method": "PUT", "url": format!("Observation/{id}")}});
        let delete = |id: &str| json!({"request": {"method": "DELETE", "url": format!("Observation/{id}")}});
        let mut twisted = lab(&her, "CRP", "2026-11-20", 1.0);
        twisted["id"] = json!("other-id");
        let (mut point, mut leaves) = (house.store.status().point, house.leaves());
        for (why, wrong, status) in [
            ("two people", vec![post("urn:uuid:h", lab(&him, "Na", "2026-11-20", 1.0))], 422),
            ("moved to him", vec![put(&own, lab(&him, "CRP", "2026-11-20", 1.0))], 422),
            ("another organisation's", vec![put(&theirs, lab(&her, "K", "2026-11-20", 1.0))], 403),
            ("another organisation's, taken away", vec![delete(&theirs)], 403),
            ("an unknown id", vec![delete("nothing")], 404),
            ("an id that is not the URL's", vec![put(&own, twisted)], 400),
            ("the same fact twice", vec![put(&own, lab(&her, "CRP", "2026", 1.0)), delete(&own)], 400),
            (
                "a structure that does not hold",
                vec![post(
                    "urn:uuid:i",
                    json!({"resourceType": "Observation", "id": "ä", "subject": {"reference": format!("Patient/{her}")}}),
                )],
                422,
            ),
            ("a kind that is none", vec![post("urn:uuid:j", json!({"resourceType": "Nonsense"}))], 404),
            ("a read of nothing", vec![json!({"request": {"method": "GET", "url": "/"}})], 400),
            (
                "a method that is none",
                vec![json!({"request": {"method": "LOOK", "url": format!("Observation/{own}")}})],
                400,
            ),
            ("no request", vec![json!({"resource": lab(&her, "Na", "2026", 1.0)})], 400),
        ] {
            let mut entries = vec![good()];
            entries.extend(wrong);
            let answer = house.post(&doctor, "/", &bundle("transaction", &entries)).await;
            assert_eq!(answer.status, status, "{why}: {}", answer.text());
            assert_eq!(answer.json()["resourceType"], "OperationOutcome", "{why}");
            // What was decided behind the door leaves its leaf, and nothing else is written.
            let status = house.store.status();
            assert_eq!(status.point.0 - point.0, status.leaves - leaves, "{why}");
            assert!(status.leaves - leaves <= 1, "{why}");
            (point, leaves) = (status.point, status.leaves);
        }
        house.post(&doctor, "/", &bundle("transaction", &[])).await.outcome(400);
        house.post(&doctor, "/", &bundle("document", &[good()])).await.outcome(400);
        assert_eq!(house.get(&doctor, &format!("/Observation?patient={her}")).await.total(), 2);
    }
}

#[tokio::test]
async fn two_new_people_in_one_transaction_are_refused() {
    let house = House::model();
    let sent = bundle("transaction", &[post("urn:uuid:a", patient(1)), post("urn:uuid:b", patient(2))]);
    let status = house.store.status();
    house.post(&hospital(), "/", &sent).await.outcome(422);
    assert_eq!((house.store.status().point, house.leaves()), (status.point, status.leaves));
}

#[tokio::test]
async fn a_batch_answers_each_entry_in_order() {
    for house in House::both() {
        let doctor = hospital();
        let her = house.person(&doctor, 1).await;
        let fact = house.post(&doctor, "/Observation", &lab(&her, "CRP", "2026-11-20", 1.0)).await.is(201).id();
        let get = |url: String| json!({"request": {"method": "GET", "url": url}});
        let stale = json!({"resource": lab(&her, "CRP", "2026-11-20", 1.5), "request": {"method": "PUT", "url": format!("Observation/{fact}"), "ifMatch": "W/\"9\""}});
        let mut conditional = post("urn:uuid:c", condition(&her, "高血圧症", None));
        conditional["request"]["ifNoneExist"] = json!("_sort=code");
        let sent = bundle(
            "batch",
            &[
                get(format!("Observation/{fact}")),
                get("Observation/nothing".into()),
                post("urn:uuid:n", condition(&her, "高血圧症", None)),
                get(format!("Condition?patient={her}&code:missing=false")),
                stale,
                conditional,
                json!({"resource": {"resourceType": "Flag"}}),
                json!({"request": {"method": "GET", "url": "/"}}),
                get("metadata".into()),
            ],
        );
        let leaves = house.leaves();
        let answer = house.post(&doctor, "/", &sent).await.is(200);
        assert_eq!(statuses(&answer), ["200", "404", "201", "200", "412", "400", "400", "400", "200"]);
        assert_eq!(house.leaves(), leaves + 4, "read, created, searched, not updated");
        let entries = answer.entries();
        assert_eq!(entries[0]["resource"]["id"], fact);
        assert_eq!(entries[3]["resource"]["total"], 1);
        assert!(entries[1]["resource"].is_null());
        for failed in [1, 4, 5, 6, 7] {
            assert_eq!(entries[failed]["response"]["outcome"]["resourceType"], "OperationOutcome", "{failed}");
        }
        assert!(entries[2]["response"]["location"].as_str().unwrap().starts_with("Condition/"));
        let receipt = |entry: &Value| entry["response"]["extension"][0]["valueString"].as_str().map(str::to_owned);
        assert!([0, 2, 3].iter().all(|index| receipt(&entries[*index]).is_some()));
        // A batch opens no more than its entries would.
        let seen = house.post(&care_worker("1370000001"), "/", &sent).await.is(200);
        assert_eq!(statuses(&seen)[..2], ["404", "404"]);
    }
}

#[tokio::test]
async fn a_reference_to_an_entry_that_is_not_there_is_refused_with_entry_and_element() {
    let issues = |answer: Answer| -> Vec<(String, String)> {
        let json = answer.outcome(422);
        let text = |issue: &Value, name: &str| issue[name][0].as_str().unwrap().to_owned();
        json["issue"]
            .as_array()
            .unwrap()
            .iter()
            .map(|issue| (issue["code"].as_str().unwrap().to_owned(), text(issue, "expression")))
            .collect()
    };
    let not_found = |paths: &[&str]| -> Vec<(String, String)> {
        paths.iter().map(|path| ("not-found".to_owned(), (*path).to_owned())).collect()
    };
    for house in House::both() {
        let doctor = hospital();
        let her = house.person(&doctor, 1).await;
        let status = house.store.status();
        let with = |name: &str| {
            let mut fact = lab(&her, "CRP", "2026-11-20", 1.0);
            fact["encounter"] = json!({"reference": name});
            fact
        };
        let mut of_nobody = lab(&her, "K", "2026-11-20", 4.0);
        of_nobody["subject"]["reference"] = json!("urn:uuid:gone");
        // Each reference is named, also the one that would say whose record it is.
        let two = [post("urn:uuid:a", with("urn:uuid:b")), post("urn:uuid:c", of_nobody.clone())];
        assert_eq!(
            issues(house.post(&doctor, "/", &bundle("transaction", &two)).await),
            not_found(&["Bundle.entry[0].resource.encounter.reference", "Bundle.entry[1].resource.subject.reference"])
        );
        // An entry that takes a fact away leaves nothing to refer to.
        let drop = json!({"fullUrl": "urn:uuid:b", "request": {"method": "DELETE", "url": "Encounter/nothing"}});
        let sent = bundle("transaction", &[drop, post("urn:uuid:a", with("urn:oid:1.2.3"))]);
        assert_eq!(
            issues(house.post(&doctor, "/", &sent).await),
            not_found(&["Bundle.entry[1].resource.encounter.reference"])
        );
        // One write alone has no entries.
        let path = "Observation.encounter.reference";
        assert_eq!(issues(house.post(&doctor, "/Observation", &with("urn:uuid:b")).await), not_found(&[path]));
        assert_eq!(issues(house.put(&doctor, "/Observation/mine", &with("urn:uuid:b")).await), not_found(&[path]));
        assert_eq!((house.store.status().point, house.leaves()), (status.point, status.leaves));
        // Nor do the entries of a batch know of each other.
        let visit = json!({"resourceType": "Encounter", "status": "finished", "class": {"code": "AMB"}, "subject": {"reference": format!("Patient/{her}")}});
        let sent = bundle("batch", &[post("urn:uuid:b", visit.clone()), post("urn:uuid:a", with("urn:uuid:b"))]);
        let answer = house.post(&doctor, "/", &sent).await.is(200);
        assert_eq!(statuses(&answer), ["201", "422"]);
        assert_eq!(answer.entries()[1]["response"]["outcome"]["issue"][0]["expression"][0], path);
        let sent = bundle("transaction", &[post("urn:uuid:b", visit), post("urn:uuid:a", with("urn:uuid:b"))]);
        house.post(&doctor, "/", &sent).await.is(200);
    }
}

#[tokio::test]
async fn reads_in_a_transaction_come_last_and_each_is_a_look_of_its_own() {
    for house in House::both() {
        let doctor = hospital();
        let her = house.person(&doctor, 1).await;
        let read = |method: &str, url: String| json!({"request": {"method": method, "url": url}});
        let all = || read("GET", format!("Observation?patient={her}"));
        let fact = || post("urn:uuid:o", lab(&her, "CRP", "2026-11-20", 1.0));
        let leaves = house.leaves();
        // A search before the write in the bundle's order still finds what is written; a read that finds nothing undoes
        // nothing.
        let sent = [
            all(),
            fact(),
            read("GET", "Observation/nothing".into()),
            read("HEAD", format!("Patient/{her}")),
            read("GET", format!("Patient/{her}?_elements=gender")),
        ];
        let answer = house.post(&doctor, "/", &bundle("transaction", &sent)).await.is(200);
        assert_eq!(answer.json()["type"], "transaction-response");
        assert_eq!(statuses(&answer), ["200", "201", "404", "200", "200"]);
        assert_eq!(
            house.leaves(),
            leaves + 4,
            "one write and three looks; nobody's record was asked for by the fourth"
        );
        let entries = answer.entries();
        assert_eq!(entries[0]["resource"]["total"], 1);
        assert_eq!(entries[2]["response"]["outcome"]["resourceType"], "OperationOutcome");
        assert!(entries[3]["resource"].is_null() && entries[3]["response"]["etag"] == "W/\"1\"");
        assert_eq!(entries[4]["resource"]["gender"], "female");
        let receipt = |entry: &Value| entry["response"]["extension"][0]["valueString"].as_str().map(str::to_owned);
        assert!([0, 3, 4].iter().all(|index| receipt(&entries[*index]).is_some()));
        assert_ne!(answer.header("tsumugi-receipt"), "");

        // Reads alone.
        let answer = house.post(&doctor, "/", &bundle("transaction", &[all()])).await.is(200);
        assert_eq!((statuses(&answer), answer.header("tsumugi-receipt")), (vec!["200".to_owned()], ""));
        // They open no more than they would alone: an office that is not in charge sees what it wrote itself, nothing here.
        let sent = [all(), read("GET", format!("Patient/{her}"))];
        let seen = house.post(&care_worker("1370000001"), "/", &bundle("transaction", &sent)).await.is(200);
        assert_eq!(statuses(&seen), ["200", "404"]);
        assert_eq!(seen.entries()[0]["resource"]["total"], 0);
        // Where the writes fail there is nothing to answer reads beside.
        let stale = json!({"resource": lab(&her, "K", "2026-11-20", 4.0), "request": {"method": "PUT", "url": "Observation/mine", "ifMatch": "W/\"9\""}});
        house.post(&doctor, "/", &bundle("transaction", &[all(), stale])).await.outcome(412);
        assert_eq!(house.get(&doctor, &format!("/Observation?patient={her}")).await.total(), 1);
    }
}
