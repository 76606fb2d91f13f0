//! JSON and XML, in and out, and what is answered to other forms.

use bytes::Bytes;
use serde_json::{Value, json};

use crate::common::{House, hospital, lab};

const XML: (&str, &str) = ("content-type", "application/fhir+xml");

fn observation(her: &str, value: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Observation xmlns=\"http://hl7.org/fhir\">\n  <!-- from the laboratory -->\n  <status value=\"final\"/>\n  <code><coding><system value=\"urn:codes\"/><code value=\"CRP\"/></coding></code>\n  <subject><reference value=\"Patient/{her}\"/></subject>\n  <effectiveDateTime value=\"2026-11-20\"/>\n  <valueQuantity><value value=\"{value}\"/><unit value=\"mg/dL\"/></valueQuantity>\n</Observation>"
    )
}

#[tokio::test]
async fn what_comes_as_xml_is_kept_as_it_came_and_read_as_either() {
    for house in House::both() {
        let doctor = hospital();
        let her = house.person(&doctor, 1).await;
        let sent = observation(&her, "1.50");
        let made = house.send(&doctor, "POST", "/Observation", &[XML], sent.clone().into()).await.is(201);
        let path = format!("/Observation/{}", made.id());
        assert!(made.text().contains("\"value\":1.50"), "{}", made.text());
        // The bytes as they were sent: comment, white space and all.
        let original = house
            .send(&doctor, "GET", &format!("{path}/$original"), &[("accept", "application/fhir+json")], Bytes::new())
            .await
            .is(200);
        assert_eq!(original.text(), sent);
        assert!(original.header("content-type").starts_with("application/fhir+xml"));
        let xml = house.send(&doctor, "GET", &path, &[("accept", "application/fhir+xml")], Bytes::new()).await.is(200);
        assert!(xml.header("content-type").starts_with("application/fhir+xml"));
        assert!(xml.text().contains("<value value=\"1.50\"/>"), "{}", xml.text());
        assert_eq!(xml.header("etag"), "W/\"1\"");
        // What was read goes back, and comes out alike in both forms.
        let back = house.send(&doctor, "PUT", &path, &[XML], xml.body.clone()).await.is(200);
        let mut one: Value = made.json();
        let mut two: Value = back.json();
        for json in [&mut one, &mut two] {
            json["meta"] = Value::Null;
        }
        assert_eq!(one, two);
        assert!(house.get(&doctor, &format!("{path}?_format=xml")).await.text().starts_with("<?xml"));
        let found =
            house.get(&doctor, &format!("/Observation?patient={her}&_format=application/fhir%2Bxml")).await.is(200);
        assert!(found.text().contains("<total value=\"1\"/>"), "{}", found.text());
        let bundle =
            house.send(&doctor, "GET", &format!("{path}/_history"), &[("accept", "text/xml")], Bytes::new()).await;
        assert!(bundle.is(200).text().contains("<type value=\"history\"/>"));
        house.get(&doctor, "/metadata?_format=xml").await.is(200);
    }
}

#[tokio::test]
async fn faults_come_in_the_form_that_was_asked() {
    let house = House::model();
    let doctor = hospital();
    let her = house.person(&doctor, 1).await;
    let ask_xml = ("accept", "application/fhir+xml");
    let told = house.send(&doctor, "GET", "/Observation/nothing", &[ask_xml], Bytes::new()).await.is(404);
    assert!(told.text().contains("<OperationOutcome xmlns=\"http://hl7.org/fhir\">"), "{}", told.text());
    // XML that is none, that lies or that explodes.
    for wrong in [
        "<Observation",
        "<!DOCTYPE a [<!ENTITY b \"c\">]><Observation xmlns=\"http://hl7.org/fhir\"/>",
        "<Observation xmlns=\"urn:other\"/>",
        "<Observation xmlns=\"http://hl7.org/fhir\"><nothing value=\"1\"/></Observation>",
        "",
    ] {
        house.send(&doctor, "POST", "/Observation", &[XML], wrong.into()).await.outcome(400);
    }
    let two = "<Observation xmlns=\"http://hl7.org/fhir\"><nothing/><status/></Observation>";
    let told = house.send(&doctor, "POST", "/Observation", &[XML], two.into()).await.outcome(400);
    let rules: Vec<&str> =
        told["issue"].as_array().unwrap().iter().filter_map(|i| i["details"]["coding"][0]["code"].as_str()).collect();
    assert_eq!(rules, ["xml-unknown-element", "xml-no-value"]);
    let before = house.desk.record.quarantined(&doctor.organization, None, 10).await.unwrap().len();
    house.send(&doctor, "POST", "/Bundle/$submit", &[XML], "<Bundle".into()).await.outcome(422);
    let kept = house.desk.record.quarantined(&doctor.organization, None, 10).await.unwrap();
    assert_eq!(kept.len(), before + 1);
    assert_eq!(house.store.original(tsumugi_record::content_hash(b"<Bundle")).await.unwrap().unwrap(), "<Bundle");
    let leaves = house.leaves();
    for (name, value, status) in [
        ("accept", "text/turtle", 406),
        ("accept", "application/pdf, image/png", 406),
        ("content-type", "text/plain", 415),
        ("content-type", "application/x-www-form-urlencoded", 415),
        ("content-type", "application/json-patch+json", 415),
    ] {
        let body = lab(&her, "CRP", "2026-11-20", 1.0).to_string();
        house.send(&doctor, "POST", "/Observation", &[(name, value)], body.into()).await.outcome(status);
    }
    house.get(&doctor, &format!("/Observation?patient={her}&_format=ttl")).await.outcome(406);
    assert_eq!(house.leaves(), leaves, "nothing was looked at");
}

#[tokio::test]
async fn transactions_batches_and_documents_come_as_xml() {
    let house = House::sqlite();
    let doctor = hospital();
    let her = house.person(&doctor, 1).await;
    for kind in ["transaction", "batch"] {
        let inner = observation(&her, "2.0").split_once("?>\n").unwrap().1.to_owned();
        let sent = format!(
            "<Bundle xmlns=\"http://hl7.org/fhir\"><type value=\"{kind}\"/><entry><resource>{inner}</resource><request><method value=\"POST\"/><url value=\"Observation\"/></request></entry></Bundle>"
        );
        let answer =
            house.send(&doctor, "POST", "/", &[XML, ("accept", "application/fhir+xml")], sent.into()).await.is(200);
        assert!(answer.text().contains("201 Created"), "{}", answer.text());
    }
    assert_eq!(house.get(&doctor, &format!("/Observation?patient={her}")).await.total(), 2);
}

#[tokio::test]
async fn pretty_is_the_same_with_lines() {
    let house = House::model();
    let doctor = hospital();
    let her = house.person(&doctor, 1).await;
    let plain = house.get(&doctor, &format!("/Patient/{her}")).await.is(200);
    let pretty = house.get(&doctor, &format!("/Patient/{her}?_pretty=true")).await.is(200);
    assert_eq!(plain.json(), pretty.json());
    assert!(pretty.text().lines().count() > 10);
    house.get(&doctor, &format!("/Patient/{her}/$everything?_pretty=true&_count=1")).await.is(200);
}

#[tokio::test]
async fn writes_answer_with_what_is_preferred() {
    let house = House::model();
    let doctor = hospital();
    let her = house.person(&doctor, 1).await;
    let body = |value: f64| Bytes::from(lab(&her, "CRP", "2026-11-20", value).to_string());
    let prefer = |text: &'static str| [("prefer", text)];
    let made = house.send(&doctor, "POST", "/Observation", &prefer("return=minimal"), body(1.0)).await.is(201);
    assert!(made.body.is_empty());
    let path = made
        .header("location")
        .strip_prefix("http://house/fhir/R4")
        .unwrap()
        .split("/_history")
        .next()
        .unwrap()
        .to_owned();
    let told = house.send(&doctor, "PUT", &path, &prefer("return=OperationOutcome"), body(2.0)).await.outcome(200);
    assert_eq!(told["issue"][0]["severity"], "information");
    let whole =
        house.send(&doctor, "PUT", &path, &prefer("handling=strict, return=representation"), body(3.0)).await.is(200);
    assert_eq!(whole.json()["valueQuantity"]["value"], json!(3.0));
    let gone =
        house.send(&doctor, "DELETE", &path, &prefer("return=OperationOutcome"), Bytes::new()).await.outcome(200);
    assert_eq!(gone["issue"][0]["severity"], "information");
}
