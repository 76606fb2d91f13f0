//! Search in one person's record, with its order and its pages, and `$everything`.

use serde_json::{Value, json};
use tsumugi_kernel::{Clock, OrganizationId, OrganizationKind, PersonId, Purpose, Role};
use tsumugi_people::{Organization, Person};
use tsumugi_synth::load::Load;

use crate::common::{Answer, House, MEMBER, caller, condition, hospital, lab, physician};

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
        let person = house.get(&doctor, &format!("/Patient?identifier={MEMBER}|{}", Load::member_id(2))).await;
        assert_eq!(person.is(200).entries()[0]["resource"]["id"], Value::from(him));
        let leaves = house.leaves();
        let nobody = house.get(&doctor, &format!("/Patient?identifier={MEMBER}|39999999::99999999:")).await.is(200);
        assert_eq!((nobody.total(), house.leaves()), (0, leaves), "nobody's record was asked for");
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
        format!("patient={her}&nonsense=x"),
        format!("patient={her}&_include=Observation:nothing"),
        format!("patient={her}&date=yesterday"),
        format!("patient={her}&_sort=value"),
        format!("patient={her}&_count=many"),
        format!("patient={her}&patient={him}"),
        format!("patient={her},{him}"),
    ] {
        house.get(&doctor, &format!("/Observation?{query}")).await.outcome(400);
    }
    house.get(&doctor, &format!("/Patient/{her}/$everything?nonsense=2026")).await.outcome(400);
    house.get(&doctor, &format!("/Patient/{her}/$everything?_count=all")).await.outcome(400);
    assert_eq!(house.leaves(), leaves, "nobody's record was asked for");
    let lenient = [("prefer", "respond-async, handling=lenient")];
    let path = format!("/Observation?patient={her}&nonsense=x");
    assert_eq!(house.send(&doctor, "GET", &path, &lenient, Default::default()).await.is(200).total(), 1);
    let path = format!("/Patient/{her}/$everything?nonsense=2026");
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
        // A page that was not made here is refused, wherever there are pages; an empty page has a total.
        for path in ["/Observation?", "/Observation/_history?", "/_history?"] {
            house.get(&doctor, &format!("{path}patient={her}&_page=zzz")).await.outcome(400);
        }
        house.get(&doctor, &format!("/Patient/{her}/$everything?_page=zzz")).await.outcome(400);
        let empty = house.get(&doctor, &format!("/Observation?patient={her}&_count=0")).await.is(200);
        assert_eq!((empty.total(), empty.entries().len(), empty.next()), (8, 0, None));
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
        for (part, total) in [
            ("_type=Observation", 10),
            ("_type=Patient", 2),
            ("start=2026-11-04", 6),
            ("end=2026-11-01", 4),
            ("_since=2030", 0),
            ("_since=2020&_type=Observation&start=2026-11-05", 2),
        ] {
            assert_eq!(
                house.get(&one, &format!("/Patient/{same}/$everything?{part}&_count=1")).await.is(200).total(),
                total,
                "{part}"
            );
        }
        house.get(&one, &format!("/Patient/{same}/$everything?_type=Nothing")).await.outcome(400);
        house.get(&one, &format!("/Observation/{}/$everything", ids[0])).await.outcome(404);
    }
}

#[tokio::test]
async fn somebody_who_may_not_be_seen_is_nobody() {
    let house = House::model();
    let doctor = hospital();
    house.person(&doctor, 1).await;
    let her = Load::member_id(1);
    let researcher = caller(Role::Researcher, Purpose::Research, OrganizationKind::Hospital, "1310000009");
    for path in ["/Patient?identifier=", "/Observation?patient:identifier=", "/Observation?subject.identifier="] {
        let known = house.get(&researcher, &format!("{path}{MEMBER}|{her}")).await.is(200);
        let unknown = house.get(&researcher, &format!("{path}{MEMBER}|39999999::99999999:")).await.is(200);
        assert_eq!(known.text().replace(&her, "ID"), unknown.text().replace("39999999::99999999:", "ID"));
        assert_eq!(known.header("tsumugi-receipt"), unknown.header("tsumugi-receipt"));
        assert_eq!(known.total(), 0);
    }
    let open = house.get(&doctor, &format!("/Observation?patient.identifier={MEMBER}|{her}")).await.is(200);
    assert_ne!(open.header("tsumugi-receipt"), "");
}

#[tokio::test]
async fn searches_follow_references_and_bring_along_what_stands_on_the_shelf() {
    for house in House::both() {
        let doctor = hospital();
        let her = house.person(&doctor, 1).await;
        let visit = json!({"resourceType": "Encounter", "status": "finished", "class": {"code": "IMP"}, "subject": {"reference": format!("Patient/{her}")}});
        let visit = house.post(&doctor, "/Encounter", &visit).await.is(201).id();
        let mut crp = lab(&her, "CRP", "2026-11-20", 1.5);
        crp["encounter"] = json!({"reference": format!("Encounter/{visit}")});
        let crp = house.post(&doctor, "/Observation", &crp).await.is(201).id();
        house.post(&doctor, "/Observation", &lab(&her, "K", "2026-11-19", 4.0)).await.is(201);
        let ids = |answer: &Answer, mode: &str| -> Vec<String> {
            let entries = answer.entries();
            let of = entries.iter().filter(|entry| entry["search"]["mode"] == mode);
            of.map(|entry| entry["resource"]["id"].as_str().unwrap().to_owned()).collect()
        };
        for (path, matches, along) in [
            (format!("/Observation?patient={her}&encounter.class=IMP"), vec![&crp], vec![]),
            (format!("/Observation?patient={her}&subject:Patient.name=山田"), vec![], vec![]),
            (
                format!("/Observation?patient={her}&value-quantity=1.5&_include=Observation:encounter"),
                vec![&crp],
                vec![&visit],
            ),
            (format!("/Encounter?patient={her}&_has:Observation:encounter:code=CRP"), vec![&visit], vec![]),
            (format!("/Encounter?patient={her}&_has:Observation:encounter:code=K"), vec![], vec![]),
            (format!("/Patient?_id={her}&_revinclude=Encounter:patient"), vec![&her], vec![&visit]),
            (format!("/Patient/{her}/Observation?code=CRP"), vec![&crp], vec![]),
            (format!("/Patient/{her}/*?_type=Encounter,Patient&_sort=_lastUpdated"), vec![&her, &visit], vec![]),
            (format!("/?_type=Encounter&patient={her}"), vec![&visit], vec![]),
        ] {
            let found = house.get(&doctor, &path.replace('山', "%E5%B1%B1").replace('田', "%E7%94%B0")).await.is(200);
            if !path.contains("山田") {
                assert_eq!(ids(&found, "match"), matches.into_iter().cloned().collect::<Vec<_>>(), "{path}");
            } else {
                assert_eq!(found.total(), 2, "{path}");
            }
            assert_eq!(ids(&found, "include"), along.into_iter().cloned().collect::<Vec<_>>(), "{path}");
            assert_ne!(found.header("tsumugi-receipt"), "");
        }
        let part = house
            .get(&doctor, &format!("/Observation?patient={her}&code=CRP&_elements=status&_total=none"))
            .await
            .is(200);
        let resource = &part.entries()[0]["resource"];
        assert!(part.json()["total"].is_null() && resource["valueQuantity"].is_null());
        assert!(resource["meta"]["tag"].as_array().unwrap().iter().any(|tag| tag["code"] == "SUBSETTED"));
        let count = house.get(&doctor, &format!("/Observation?patient={her}&_summary=count")).await.is(200);
        assert_eq!((count.total(), count.entries().len()), (2, 0));
        let lenient = [("prefer", "handling=lenient")];
        let path = format!("/Observation?patient={her}&nonsense=1&code=K");
        let used = house.send(&doctor, "GET", &path, &lenient, Default::default()).await.is(200).json();
        let link = used["link"][0]["url"].as_str().unwrap();
        assert!(link.ends_with("&code=K") && !link.contains("nonsense"), "{link}");
        house.get(&doctor, &format!("/Observation/{crp}/Condition")).await.outcome(404);
    }
}

#[tokio::test]
async fn one_resource_is_read_in_part_as_a_search_would_show_it() {
    for house in House::both() {
        let doctor = hospital();
        let her = house.person(&doctor, 1).await;
        let made = house.post(&doctor, "/Observation", &lab(&her, "CRP", "2026-11-20", 1.0)).await.is(201).id();
        let marked = |json: &serde_json::Value| {
            json["meta"]["tag"].as_array().is_some_and(|tags| tags.iter().any(|tag| tag["code"] == "SUBSETTED"))
        };
        for place in [format!("/Observation/{made}"), format!("/Observation/{made}/_history/1")] {
            for (asked, value, code) in [
                ("_elements=effective", false, true),
                ("_elements=valueQuantity", true, true),
                ("_elements=Patient.name,Observation.value", true, true),
                ("_summary=text", false, true),
                ("_summary=data", true, true),
            ] {
                let part = house.get(&doctor, &format!("{place}?{asked}")).await.is(200);
                assert_eq!((part.id(), part.header("etag")), (made.clone(), "W/\"1\""), "{place} {asked}");
                let json = part.json();
                assert!(marked(&json), "{place} {asked}");
                assert_eq!(json["valueQuantity"].is_object(), value, "{place} {asked}");
                assert_eq!(json["code"].is_object(), code, "{place} {asked}: what is mandatory stays");
                assert!(json["identifier"].is_null() || asked == "_summary=data", "{place} {asked}");
            }
            let found = house.get(&doctor, &format!("/Observation?patient={her}&_summary=true")).await.is(200);
            let summary = house.get(&doctor, &format!("{place}?_summary=true")).await.is(200).json();
            assert_eq!(summary, found.entries()[0]["resource"], "{place}");
            let whole = house.get(&doctor, &format!("{place}?_summary=false&other=1")).await.is(200).json();
            assert!(!marked(&whole) && whole["identifier"].is_array(), "{place}");
            for wrong in ["_summary=count", "_summary=short", "_elements=a-b"] {
                house.get(&doctor, &format!("{place}?{wrong}")).await.outcome(400);
            }
        }
    }
}

#[tokio::test]
async fn the_directory_is_national_and_holds_no_citizen() {
    for house in House::both() {
        let doctor = hospital();
        let id = |text: &str| PersonId::new(text).unwrap();
        let office =
            Organization::new(OrganizationId::new("1310000001").unwrap(), "みなと総合病院", OrganizationKind::Hospital);
        let mut physician = Person::named(id("dr-1"), "髙橋 久美");
        physician.kana = Some("タカハシ クミ".into());
        physician.roles = vec![Role::Physician, Role::Citizen];
        physician.organization = Some(office.id.clone());
        physician.citizen = Some(tsumugi_kernel::CitizenId(99));
        let mut citizen = Person::named(id("someone"), "山田 ハル");
        citizen.roles = vec![Role::Citizen];
        house.desk.directory.register(&[physician, citizen], &[office]).await.unwrap();
        let leaves = house.leaves();
        let found = async |path: &str| {
            let answer = house.get(&doctor, path).await.is(200);
            assert_eq!(answer.header("tsumugi-receipt"), "", "{path}");
            let entries = answer.entries();
            entries
                .iter()
                .map(|entry| entry["resource"]["id"].as_str().unwrap_or("outcome").to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(found("/Practitioner").await, ["dr-1"]);
        assert_eq!(found("/Practitioner?name=%E3%81%9F%E3%81%8B%E3%81%AF%E3%81%97").await, ["dr-1"]);
        assert_eq!(found("/Practitioner?name=%E5%B1%B1%E7%94%B0").await, Vec::<String>::new());
        assert_eq!(found("/Practitioner?_id=someone").await, Vec::<String>::new());
        assert_eq!(
            found("/PractitionerRole?practitioner=Practitioner/dr-1&organization.name=%E3%81%BF").await,
            ["dr-1"]
        );
        assert_eq!(found("/PractitionerRole?_include=PractitionerRole:organization").await, ["dr-1", "1310000001"]);
        let number = format!("/Organization?identifier={}|1310000001", tsumugi_fhir::values::systems::INSTITUTION);
        assert_eq!(found(&number).await, ["1310000001"]);
        assert_eq!(found("/Location").await, ["outcome"]);
        let read = house.get(&doctor, "/Practitioner/dr-1").await.is(200).json();
        assert_eq!(read["name"][1]["text"], "タカハシ クミ");
        assert!(!read.to_string().contains("99"), "who the professional is as a citizen is not told");
        let part = house.get(&doctor, "/Practitioner/dr-1?_elements=active").await.is(200).json();
        assert!(part["name"].is_null() && part["active"] == true);
        assert_eq!(part["meta"]["tag"][0]["code"], "SUBSETTED");
        house.get(&doctor, "/Practitioner/someone").await.outcome(404);
        assert_eq!(house.get(&doctor, "/Organization/1310000001").await.is(200).json()["name"], "みなと総合病院");
        assert_eq!(house.leaves(), leaves);
    }
}
