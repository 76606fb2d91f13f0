//! Two houses that differ in one hidden fact answer alike, whatever is asked.

use std::collections::HashMap;

use serde_json::{Value, json};
use tsumugi_access::{Against, Caller, Hides};
use tsumugi_kernel::{FactKey, Kind, RecordCategory};

use crate::common::{Answer, House, condition, hospital, lab, physician, restriction};

/// An answer's body with ids, cursors and numbers of facts replaced by the order in which they come up.
fn plain(answer: &Answer) -> String {
    let text = answer.text();
    let mut names: HashMap<String, usize> = HashMap::new();
    let mut out = String::new();
    for word in text.split_inclusive(|c: char| !c.is_ascii_alphanumeric()) {
        let bare = word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
        let sealed = bare.len() == 27 && bare.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_lowercase());
        if sealed {
            let next = names.len();
            out.push_str(&format!("id{}{}", names.entry(bare.into()).or_insert(next), &word[bare.len()..]));
        } else {
            out.push_str(word);
        }
    }
    let Ok(mut json) = serde_json::from_str::<Value>(&out) else { return out };
    for entry in json["entry"].as_array_mut().into_iter().flatten() {
        for shown in entry["resource"]["entity"].as_array_mut().into_iter().flatten() {
            if let Some(numbers) = shown["description"].as_str() {
                let count: u64 = numbers
                    .split(',')
                    .map(|run| match run.split_once('-') {
                        Some((from, to)) => to.parse::<u64>().unwrap() - from.parse::<u64>().unwrap() + 1,
                        None => 1,
                    })
                    .sum();
                shown["description"] = json!(count);
            }
        }
    }
    json.to_string()
}

/// As what the other facts of the transaction know the hidden one.
const NAMED: &str = "urn:uuid:5c9dd2d5-6c2f-4fc5-a5f6-3a2b3f7f6a11";

/// A stay that says for what it was, if that is known.
fn stay(her: &str, about: Option<&str>) -> Value {
    let mut stay = json!({
        "resourceType": "Encounter", "status": "finished", "subject": {"reference": format!("Patient/{her}")},
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"},
        "period": {"start": "2026-11-12", "end": "2026-11-20"},
    });
    if let Some(about) = about {
        stay["diagnosis"] = json!([{"condition": {"reference": about, "display": "うつ病"}, "rank": 1}]);
        stay["reasonReference"] = json!([{"reference": about}]);
    }
    stay
}

/// A document about it, with a section that retells the diagnosis, if that is known.
fn summary(her: &str, about: Option<&str>) -> Value {
    let text = |text: &str| json!({"status": "generated", "div": format!("<div xmlns=\"http://www.w3.org/1999/xhtml\">{text}</div>")});
    let mut sections = vec![json!({"title": "経過", "text": text("よくなった。")})];
    sections
        .extend(about.map(|about| json!({"title": "病名", "text": text("うつ病"), "entry": [{"reference": about}]})));
    json!({
        "resourceType": "Composition", "status": "final", "title": "要約", "date": "2026-11-20",
        "subject": {"reference": format!("Patient/{her}")}, "author": [{"display": "医師"}],
        "type": {"coding": [{"system": "http://loinc.org", "code": "34133-9"}]}, "section": sections,
    })
}

/// A house with one person, five open facts and, if `more`, one of `hidden` in the same transaction.
async fn built(hidden: Option<&dyn Fn(&str) -> Value>) -> (House, String) {
    let house = House::model();
    let doctor = hospital();
    let her = house.person(&doctor, 1).await;
    let mut entries = vec![lab(&her, "CRP", "2026-11-20", 1.0), lab(&her, "K", "2026-11-19", 4.0)];
    let about = hidden.map(|_| NAMED);
    entries.extend([stay(&her, about), summary(&her, about)]);
    let entry =
        |resource: Value| json!({"request": {"method": "POST", "url": resource["resourceType"]}, "resource": resource});
    let mut entries: Vec<Value> = entries.into_iter().map(entry).collect();
    if let Some(hidden) = hidden {
        let mut named = entry(hidden(&her));
        named["fullUrl"] = json!(NAMED);
        entries.insert(1, named);
    }
    house.post(&doctor, "/", &json!({"resourceType": "Bundle", "type": "transaction", "entry": entries})).await.is(200);
    house.post(&doctor, "/Observation", &lab(&her, "Na", "2026-11-18", 140.0)).await.is(201);
    (house, her)
}

/// Random searches: conditions, chains, `_has`, orders, pages and what comes along, in every combination.
fn random(mut seed: u64, count: usize) -> Vec<String> {
    let mut below = |end: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap() % end
    };
    let starts =
        ["/Condition?patient=HER", "/Observation?patient=HER", "/Patient?_id=HER", "/Patient/HER/*?", "/?patient=HER"];
    let parts = [
        "code:text=%E8%86%B5",
        "_has:Condition:patient:onset-date=2026-11-12",
        "_has:Condition:patient:code:missing=false",
        "subject:Patient._has:Condition:patient:clinical-status=active",
        "patient._has:Observation:patient:code=CRP",
        "_content=%E8%86%B5",
        "_lastUpdated=gt2020",
        "_tag:not=UNINFORMED",
        "_sort=-date",
        "_sort=-_lastUpdated",
        "_sort=onset-date",
        "_count=1",
        "_count=2",
        "_include=*",
        "_revinclude=*",
        "_revinclude=Condition:patient",
        "_revinclude:iterate=Condition:subject",
        "_summary=count",
        "_summary=true",
        "_elements=code",
        "_total=none",
        "_type=Condition,Observation",
        "code=CRP,K",
        "status:missing=true",
        "value-quantity=gt0.5",
    ];
    let query = |_| {
        let mut path = starts[below(starts.len())].to_owned();
        for _ in 0..below(4) + 1 {
            path.push('&');
            path.push_str(parts[below(parts.len())]);
        }
        path
    };
    (0..count).map(query).collect()
}

async fn alike(one: (House, String), two: (House, String), who: impl Fn(&House, &str) -> Caller, log: bool) {
    let mut asked = 0;
    let mut queue: Vec<String> = [
        "/Condition?patient=HER",
        "/Condition/_history?patient=HER",
        "/_history?patient=HER&_count=2",
        "/Observation/$lastn?patient=HER&max=2",
        "/Condition?patient=HER&_count=0",
        "/Condition?patient=HER&_tag=UNINFORMED",
        "/Condition?patient=HER&code:missing=false",
        "/Condition?patient=HER&onset-date=2026-11-12",
        "/Observation?patient=HER&_count=1&_sort=-date",
        "/Observation?patient=HER&_count=2&_sort=_lastUpdated",
        "/Observation?patient=HER&category=laboratory",
        "/Patient?_id=HER",
        "/Patient/HER",
        "/Patient/HER/_history",
        "/Patient/HER/_history/1",
        "/Patient/HER/$everything",
        "/Patient/HER/$everything?_count=1",
        "/Patient/HER/$everything?_count=3",
        "/Patient/HER/$original",
        "/Condition/not-there",
        "/Composition?patient=HER",
        "/Composition?patient=HER&entry:missing=true",
        "/Composition?patient=HER&_text=%E3%81%86%E3%81%A4",
        "/Composition?patient=HER&_content=%E3%81%86%E3%81%A4%E7%97%85",
        "/Composition?patient=HER&_include=Composition:entry",
        "/Encounter?patient=HER&diagnosis:missing=true",
        "/Encounter?patient=HER&reason-reference:missing=false",
        "/Encounter?patient=HER&_sort=diagnosis",
        "/Encounter?patient=HER&diagnosis:Condition.clinical-status=active",
        "/Encounter?patient=HER&_elements=diagnosis",
        "/Encounter/_history?patient=HER",
        "/Flag?patient=HER",
        "/Encounter?patient=HER&_sort=date",
    ]
    .map(str::to_owned)
    .to_vec();
    queue.extend(random(20_261_122, 150));
    if log {
        queue.extend(["/Patient/HER/$access-log".to_owned(), "/Patient/HER/$access-log?_count=2&before=4".to_owned()]);
    }
    for path in queue {
        let mut paths = [Some(path.replace("HER", &one.1)), Some(path.replace("HER", &two.1))];
        while let [Some(a), Some(b)] = &paths {
            let first = one.0.get(&who(&one.0, &one.1), a).await;
            let second = two.0.get(&who(&two.0, &two.1), b).await;
            asked += 1;
            assert_eq!(first.status, second.status, "{path}");
            assert_eq!(plain(&first), plain(&second), "{path}");
            let names = |answer: &Answer| answer.headers.keys().cloned().collect::<Vec<_>>();
            assert_eq!(names(&first), names(&second), "{path}");
            paths = if first.status == 200 && first.text().contains("\"searchset\"") {
                [first.next(), second.next()]
            } else {
                [None, None]
            };
        }
        assert_eq!(paths[0].is_some(), paths[1].is_some(), "{path}");
    }
    assert!(asked >= 172);
}

#[tokio::test]
async fn a_withheld_diagnosis_changes_no_answer_to_the_person() {
    let hidden = |her: &str| condition(her, "膵頭部癌", Some("UNINFORMED"));
    let (one, two) = (built(None).await, built(Some(&hidden)).await);
    alike(one, two, |house, her| house.herself(her), true).await;
}

#[tokio::test]
async fn an_undelivered_fact_changes_no_answer_to_others() {
    let hidden = |her: &str| condition(her, "膵頭部癌", Some("UNDELIVERED"));
    let (one, two) = (built(None).await, built(Some(&hidden)).await);
    alike(one, two, |_, _| physician("1310000002"), false).await;
}

#[tokio::test]
async fn a_restricted_fact_changes_no_answer_to_the_physician() {
    let hidden = |her: &str| condition(her, "うつ病", None);
    let (one, two) = (built(None).await, built(Some(&hidden)).await);
    for (house, her) in [&one, &two] {
        let against = Against::Organization(physician("1310000002").organization);
        house.decide(her, &[restriction("r", against, Hides::Categories(vec![RecordCategory::Condition]))]).await;
    }
    alike(one, two, |_, _| physician("1310000002"), false).await;
}

fn kind() -> Kind {
    Kind::from_name("Condition").unwrap()
}

/// Every way to hide the diagnosis, against everybody whom a restriction can name: the reader's answers are those of a
/// house in which it never was.
#[tokio::test]
async fn each_kind_of_restriction_changes_no_answer() {
    let reader = physician("1310000002");
    let whom = [
        Against::Everyone,
        Against::Person(reader.person.clone()),
        Against::Organization(reader.organization.clone()),
        Against::OrganizationKind(reader.organization_kind),
    ];
    let hidden = |her: &str| condition(her, "うつ病", None);
    for turn in 0..5 {
        let (one, two) = (built(None).await, built(Some(&hidden)).await);
        for (house, her) in [&one, &two] {
            let found = house.get(&house.herself(her), &format!("/Condition?patient={her}")).await.is(200).entries();
            let id = found.first().map(|entry| entry["resource"]["id"].as_str().unwrap().to_owned());
            let facts = id.map(|id| (kind(), house.key(&id).number));
            let hides = [
                Hides::Everything,
                Hides::Categories(vec![RecordCategory::Condition, RecordCategory::Genome]),
                // In the other house the same restriction stands and hides nothing.
                Hides::facts([facts.unwrap_or((kind(), u64::MAX))]),
                Hides::Source(hospital().organization),
                Hides::Days { first: 0, last: i32::MAX },
            ];
            let against = whom[turn % whom.len()].clone();
            house.decide(her, &[restriction("r", against, hides[turn].clone())]).await;
        }
        alike(one, two, |_, _| physician("1310000002"), false).await;
    }
}

/// A write by somebody who may not see the diagnosis finds it as little as a read does.
#[tokio::test]
async fn a_restricted_fact_changes_no_answer_to_a_write() {
    let hidden = |her: &str| condition(her, "うつ病", None);
    let (one, two) = (built(None).await, built(Some(&hidden)).await);
    let reader = physician("1310000002");
    let mut answers: Vec<Vec<String>> = Vec::new();
    for (house, her) in [&one, &two] {
        let found = house.get(&house.herself(her), &format!("/Condition?patient={her}")).await.is(200).entries();
        // Where it never was, an id of the server's own form that leads to nothing.
        let nothing = FactKey { citizen: house.citizen_of(her), kind: kind(), number: 999_999 };
        let id = match found.first() {
            Some(entry) => entry["resource"]["id"].as_str().unwrap().to_owned(),
            None => house.desk.record.sealer().seal(nothing),
        };
        let against = Against::Organization(reader.organization.clone());
        house.decide(her, &[restriction("r", against, Hides::Categories(vec![RecordCategory::Condition]))]).await;
        let mut own = Vec::new();
        let body = condition(her, "うつ病", None);
        let bytes = || bytes::Bytes::from(serde_json::to_vec(&body).unwrap());
        let query = format!("patient={her}&code:text=%E3%81%86%E3%81%A4%E7%97%85");
        let patch = bytes::Bytes::from(r#"[{"op":"add","path":"/language","value":"ja"}]"#);
        let patches = [("content-type", "application/json-patch+json")];
        own.push(house.send(&reader, "PATCH", &format!("/Condition/{id}"), &patches, patch.clone()).await);
        own.push(house.send(&reader, "PATCH", &format!("/Condition?{query}"), &patches, patch).await);
        own.push(house.send(&reader, "DELETE", &format!("/Condition?{query}"), &[], bytes::Bytes::new()).await);
        own.push(house.send(&reader, "DELETE", &format!("/Condition/{id}"), &[], bytes::Bytes::new()).await);
        own.push(house.send(&reader, "PUT", &format!("/Condition/{id}"), &[("if-match", "W/\"1\"")], bytes()).await);
        own.push(house.send(&reader, "GET", &format!("/Condition/{id}"), &[], bytes::Bytes::new()).await);
        own.push(house.send(&reader, "GET", &format!("/Condition/{id}/$original"), &[], bytes::Bytes::new()).await);
        own.push(house.send(&reader, "POST", "/Condition", &[("if-none-exist", query.as_str())], bytes()).await);
        let told = |answer: &Answer| format!("{} {} {}", answer.status, answer.header("etag"), plain(answer));
        answers.push(own.iter().map(told).collect());
    }
    assert_eq!(answers[0].len(), 8);
    for (first, second) in answers[0].iter().zip(&answers[1]) {
        assert_eq!(first, second);
    }
}
