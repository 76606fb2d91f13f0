//! A folder that is not for development: nothing of development works, and nobody writes without a key.

use axum::http::{StatusCode, header};
use serde_json::{Value, json};
use tsumugi_kernel::{Clock as _, OrganizationId, PersonId, Purpose, Role, edge::SystemClock};
use tsumugi_signin::oauth::{Begun, Decision, Form, PurposeDetail, Signed};

use crate::house::{House, authorize, credentials, exchange, observation, proof};

#[tokio::test]
async fn no_printed_token_and_no_choosing_of_a_person() {
    let house = House::real();
    let printed = house.printed();
    assert_eq!(house.fhir("GET", "/Patient/a", &printed, &Value::Null).await.status, StatusCode::UNAUTHORIZED);
    let cookie = format!("tsumugi_session={printed}");
    assert_ne!(house.get("/me", &[("cookie", &cookie)]).await.status, StatusCode::OK);
    let way_in = house.get("/sign-in", &[]).await;
    assert!(way_in.status == StatusCode::OK && way_in.text.contains("data-passkey=\"get\""));
    assert!(!way_in.text.contains("name=\"person\""), "nobody is chosen");
}

#[tokio::test]
async fn a_system_writes_with_its_key_and_nobody_with_its_token_alone() {
    let house = House::real();
    let post = async |jti: &str, proofs: &[(&str, &str)]| {
        let assertion = credentials(jti);
        let pairs = [
            ("grant_type", "client_credentials"),
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", assertion.as_str()),
        ];
        house.form("/oauth/token", proofs, &pairs).await
    };
    let unbound = post("1", &[]).await;
    assert_eq!(
        (unbound.status, unbound.json()["error"].clone()),
        (StatusCode::BAD_REQUEST, json!("invalid_dpop_proof"))
    );
    let bound = post("2", &[("dpop", &proof("POST", "/oauth/token", None, "p1"))]).await.json();
    assert_eq!(bound["token_type"], "DPoP");
    let token = bound["access_token"].as_str().unwrap();
    let patient = json!({"resourceType": "Patient", "identifier": [{"system": "http://jpfhir.jp/fhir/clins/Idsystem/JP_Insurance_memberID", "value": "39131234::00420078:"}], "name": [{"text": "山田 ハル"}], "gender": "female", "birthDate": "1948-03-05"});
    let path = "/fhir/R4/Patient";
    let write = async |scheme: &str, proof: &str| {
        let authorization = format!("{scheme} {token}");
        let headers =
            [("authorization", authorization.as_str()), ("content-type", "application/fhir+json"), ("dpop", proof)];
        house.send("POST", path, &headers, &patient.to_string()).await
    };
    let good = proof("POST", path, Some(token), "p2");
    let as_bearer = write("Bearer", "").await;
    assert_eq!(as_bearer.status, StatusCode::UNAUTHORIZED);
    assert!(as_bearer.header(header::WWW_AUTHENTICATE).contains("invalid_dpop_proof"));
    assert_eq!(write("DPoP", "").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(write("DPoP", &proof("GET", path, Some(token), "p3")).await.status, StatusCode::UNAUTHORIZED);
    let written = write("DPoP", &good).await;
    assert_eq!(written.status, StatusCode::CREATED, "{}", written.text);
    assert_eq!(write("DPoP", &good).await.status, StatusCode::UNAUTHORIZED, "replayed");
}

#[tokio::test]
async fn an_unbound_token_reads_and_does_not_write() {
    let house = House::real();
    let detail = PurposeDetail {
        kind: "tsumugi_purpose".into(),
        person: PersonId::new("okada").unwrap(),
        organization: OrganizationId::new("1311000014").unwrap(),
        role: Role::Physician,
        purpose: Purpose::Treat,
        citizen: None,
    };
    let signed = Signed { detail, since: SystemClock.now() };
    let address = authorize("user/*.cruds");
    let form = Form::read(address.split_once('?').unwrap().1).unwrap();
    let Begun::Ask(id) = house.app.provider.begin(&form, true).await else { unreachable!("it is asked") };
    let back = house.app.provider.decide(&id, &signed, Decision::Allow(None)).await.unwrap();
    let code = Form::read(back.split_once('?').unwrap().1).unwrap().get("code").unwrap().to_owned();
    let answer = house.form("/oauth/token", &[], &exchange(&code)).await.json();
    let token = answer["access_token"].as_str().unwrap();
    let read = house.fhir("GET", "/Observation?patient=a", token, &Value::Null).await;
    assert_ne!(read.status, StatusCode::UNAUTHORIZED, "{}", read.text);
    for (method, path) in [
        ("POST", "/Observation"),
        ("PUT", "/Observation/a"),
        ("DELETE", "/Observation/a"),
        ("PATCH", "/Observation/a"),
        ("POST", ""),
        ("POST", "/Bundle/$submit"),
    ] {
        let write = house.fhir(method, path, token, &observation("a")).await;
        assert_eq!(write.status, StatusCode::UNAUTHORIZED, "{method} {path}");
        assert!(write.text.contains("bound to the sender"), "{}", write.text);
        assert!(write.header(header::WWW_AUTHENTICATE).contains("DPoP"));
    }
    // Copying by a script ends at six hundred a minute, before anything is read.
    let mut last = read;
    for _ in 0..700 {
        last = house.fhir("GET", "/Observation?patient=a", token, &Value::Null).await;
        if last.status == StatusCode::TOO_MANY_REQUESTS {
            break;
        }
    }
    assert_eq!(last.status, StatusCode::TOO_MANY_REQUESTS, "{}", last.text);
    assert!(last.header(header::RETRY_AFTER) == "60" && last.text.contains("throttled"), "{}", last.text);
}
