//! Apps of people, in a development folder.

use axum::http::{StatusCode, header};
use serde_json::{Value, json};

use crate::house::{BACK, House, ISSUER, authorize, exchange, observation};

const NARROW: &str = "launch/patient patient/Observation.rs openid";

#[tokio::test]
async fn what_is_where_is_told_in_three_documents() {
    let house = House::new();
    let smart = house.get("/fhir/R4/.well-known/smart-configuration", &[("origin", "https://app.example")]).await;
    assert_eq!(
        (smart.status, smart.header("access-control-allow-origin")),
        (StatusCode::OK, "*".replace('*', "https://app.example"))
    );
    let smart = smart.json();
    for path in ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"] {
        let own = house.get(path, &[]).await.json();
        for name in own.as_object().unwrap().keys() {
            assert_eq!(own[name], smart[name], "{path} {name}");
        }
        assert_eq!(own["issuer"], ISSUER);
    }
    assert!(smart["capabilities"].as_array().unwrap().contains(&json!("permission-v2")));
    let keys = house.get("/oauth/jwks", &[]).await.json();
    assert_eq!(keys["keys"].as_array().unwrap().len(), 3);
    for name in ["token_endpoint", "revocation_endpoint", "pushed_authorization_request_endpoint"] {
        let path = smart[name].as_str().unwrap().strip_prefix(ISSUER).unwrap();
        let answer = house.form(path, &[], &[]).await;
        assert_eq!(
            (answer.status, answer.json()["error"].clone()),
            (StatusCode::UNAUTHORIZED, json!("invalid_client")),
            "{name}"
        );
        assert_eq!(
            house.send("POST", path, &[("content-type", "application/json")], "{}").await.status,
            StatusCode::BAD_REQUEST
        );
    }
}

#[tokio::test]
async fn an_app_sees_what_its_scopes_leave_of_what_she_may_see() {
    let house = House::new();
    let [patient, pressure, illness] = house.fill().await;
    let answer = house.app_token(NARROW).await;
    assert_eq!(answer["patient"], patient);
    let token = answer["access_token"].as_str().unwrap();
    let get = async |path: String| house.fhir("GET", &path, token, &Value::Null).await;
    let total = |bundle: &Value| bundle["total"].as_u64().unwrap();
    assert_eq!(total(&get(format!("/Observation?patient={patient}")).await.json()), 1);
    assert_eq!(get(format!("/Observation/{pressure}")).await.status, StatusCode::OK);
    let one = get(format!("/Observation/{pressure}")).await.json();
    assert_eq!(one["subject"]["reference"], format!("Patient/{patient}"), "whose it is is no secret");
    // What the scopes leave out is as if it were not there, by every route.
    assert_eq!(total(&get(format!("/Condition?patient={patient}")).await.json()), 0);
    assert_eq!(get(format!("/Condition/{illness}")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(get(format!("/Condition/{illness}/_history")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(get(format!("/Patient/{patient}")).await.status, StatusCode::NOT_FOUND);
    let included = get(format!("/Observation?patient={patient}&_include=Observation:subject")).await.json();
    assert_eq!(included["entry"].as_array().unwrap().len(), 1, "{included}");
    let all = get(format!("/Patient/{patient}/$everything")).await.json();
    let kinds: Vec<&str> = all["entry"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|entry| entry["resource"]["resourceType"].as_str())
        .collect();
    assert_eq!(kinds, ["Observation"]);
    let log = get(format!("/Patient/{patient}/$access-log")).await;
    assert_eq!(log.status, StatusCode::FORBIDDEN, "{}", log.text);
    // Nor does it write, whatever the role would let her.
    let write = house.fhir("POST", "/Observation", token, &observation(&patient)).await;
    assert_eq!(write.status, StatusCode::FORBIDDEN, "{}", write.text);
    // The same token opens no page and decides nothing.
    let bearer = format!("Bearer {token}");
    assert_ne!(house.get("/me", &[("authorization", &bearer)]).await.status, StatusCode::OK);
    let consent = house.get("/oauth/consent?request=abc", &[("authorization", &bearer)]).await;
    assert_eq!(consent.header(header::LOCATION), "/sign-in?request=abc");
}

#[tokio::test]
async fn a_systems_writes_are_narrowed_by_kind_and_deed() {
    let house = House::new();
    let [patient, pressure, illness] = house.fill().await;
    let with = async |scope: &str, jti: &str| {
        let assertion = crate::house::credentials(jti);
        let pairs = [
            ("grant_type", "client_credentials"),
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", &assertion),
            ("scope", scope),
        ];
        house.form("/oauth/token", &[], &pairs).await.json()["access_token"].as_str().unwrap().to_owned()
    };
    let creates = with("system/Observation.c", "1").await;
    let condition = json!({"resourceType": "Condition", "subject": {"reference": format!("Patient/{patient}")}, "code": {"text": "喘息"}});
    let put = |id: &str| {
        let mut changed = observation(&patient);
        changed["id"] = id.into();
        changed
    };
    assert_eq!(house.fhir("POST", "/Observation", &creates, &observation(&patient)).await.status, StatusCode::CREATED);
    let refused = house.fhir("POST", "/Condition", &creates, &condition).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.text);
    assert!(refused.text.contains("scope"), "{}", refused.text);
    assert_ne!(
        house.fhir("PUT", &format!("/Observation/{pressure}"), &creates, &put(&pressure)).await.status,
        StatusCode::OK
    );
    assert_ne!(
        house.fhir("DELETE", &format!("/Observation/{pressure}"), &creates, &Value::Null).await.status,
        StatusCode::NO_CONTENT
    );
    assert_eq!(
        house.fhir("GET", &format!("/Observation/{pressure}"), &creates, &Value::Null).await.status,
        StatusCode::FORBIDDEN
    );
    // A transaction is no way round.
    let entry = |resource: &Value| json!({"resource": resource, "request": {"method": "POST", "url": resource["resourceType"]}});
    let bundle = json!({"resourceType": "Bundle", "type": "transaction", "entry": [entry(&observation(&patient)), entry(&condition)]});
    assert_eq!(house.fhir("POST", "", &creates, &bundle).await.status, StatusCode::FORBIDDEN);
    let updates = with("system/Observation.u", "2").await;
    assert_eq!(
        house.fhir("PUT", &format!("/Observation/{pressure}"), &updates, &put(&pressure)).await.status,
        StatusCode::OK
    );
    assert_eq!(
        house.fhir("POST", "/Observation", &updates, &observation(&patient)).await.status,
        StatusCode::FORBIDDEN
    );
    assert_ne!(
        house.fhir("DELETE", &format!("/Condition/{illness}"), &updates, &Value::Null).await.status,
        StatusCode::NO_CONTENT
    );
    let deletes = with("system/Condition.d", "3").await;
    assert_eq!(
        house.fhir("DELETE", &format!("/Condition/{illness}"), &deletes, &Value::Null).await.status,
        StatusCode::NO_CONTENT
    );
}

#[tokio::test]
async fn only_she_on_our_own_page_decides() {
    let house = House::new();
    house.fill().await;
    let begun = house.get(&authorize(NARROW), &[]).await;
    let consent = begun.header(header::LOCATION);
    let asked = house.get(&consent, &[]).await;
    let (session, page) = house.sign_in(&asked.header(header::LOCATION)).await;
    assert!(page.text.contains("血圧手帳") && page.text.contains("https://app.example"), "{}", page.text);
    let policy = page.header(header::CONTENT_SECURITY_POLICY);
    assert!(
        policy.contains("form-action 'self' https://app.example;") && policy.contains("frame-ancestors 'none'"),
        "{policy}"
    );
    let (csrf, request) = (page.field("csrf"), page.field("request"));
    let pairs = [("csrf", csrf.as_str()), ("request", &request), ("decision", "allow")];
    // From another site, without the form's token, with another visitor's token, without a session.
    for headers in [
        vec![("cookie", session.as_str()), ("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")],
        vec![("cookie", session.as_str()), ("origin", "null")],
        vec![("cookie", session.as_str()), ("sec-fetch-site", "same-site")],
        vec![("cookie", "tsumugi_session=planted")],
        vec![],
    ] {
        let answer = house.form("/oauth/consent", &headers, &pairs).await;
        assert_ne!(answer.status, StatusCode::SEE_OTHER, "{headers:?}");
    }
    for missing in [
        vec![("request", request.as_str()), ("decision", "allow")],
        vec![("csrf", "00"), ("request", &request), ("decision", "allow")],
    ] {
        assert_ne!(house.own_form("/oauth/consent", &session, &missing).await.status, StatusCode::SEE_OTHER);
    }
    assert_eq!(
        house.get("/oauth/consent?request=../../x", &[("cookie", &session)]).await.status,
        StatusCode::NOT_FOUND
    );
    let back = house.own_form("/oauth/consent", &session, &pairs).await;
    assert_eq!(back.status, StatusCode::SEE_OTHER, "{}", back.text);
    assert!(back.header(header::LOCATION).starts_with(&format!("{BACK}?code=")));
    assert_eq!(back.header(header::REFERRER_POLICY), "no-referrer");
    let twice = house.own_form("/oauth/consent", &session, &pairs).await;
    assert_eq!(twice.status, StatusCode::BAD_REQUEST, "{}", twice.text);
    // Refused is refused.
    let begun = house.get(&authorize(NARROW), &[("cookie", &session)]).await;
    let page = house.get(&begun.header(header::LOCATION), &[("cookie", &session)]).await;
    let (csrf, request) = (page.field("csrf"), page.field("request"));
    let pairs = [("csrf", csrf.as_str()), ("request", &request), ("decision", "refuse")];
    let back = house.own_form("/oauth/consent", &session, &pairs).await;
    assert!(back.header(header::LOCATION).contains("error=access%5Fdenied"), "{}", back.header(header::LOCATION));
}

#[tokio::test]
async fn a_wrong_request_is_told_to_the_person_and_sends_nobody_anywhere() {
    let house = House::new();
    for address in [
        authorize(NARROW).replace(&hex(BACK), &hex("https://evil.example/")),
        authorize(NARROW).replace(&hex("app"), &hex("nobody")),
        format!("{}&client_id=app", authorize(NARROW)),
        "/oauth/authorize".to_owned(),
        "/oauth/authorize?client_id=app&request_uri=https%3A%2F%2Fevil.example".to_owned(),
    ] {
        let answer = house.get(&address, &[]).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{address}");
        assert!(
            answer.header(header::LOCATION).is_empty() && answer.text.contains("アプリには何も渡していません"),
            "{address}"
        );
    }
    let weak = house.get(&authorize(NARROW).replace(&hex("S256"), &hex("plain")), &[]).await;
    assert!(weak.header(header::LOCATION).starts_with(&format!("{BACK}?error=invalid%5Frequest")));
}

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02x}")).collect()
}

#[tokio::test]
async fn a_planted_session_is_not_the_one_that_begins() {
    let house = House::new();
    house.fill().await;
    let planted = "tsumugi_session=planted";
    let page = house.get("/sign-in", &[("cookie", planted)]).await;
    let csrf = page.field("csrf");
    let done = house.own_form("/sign-in", planted, &[("person", "haru"), ("csrf", &csrf)]).await;
    let session = done.header(header::SET_COOKIE).split(';').next().unwrap().to_owned();
    assert!(session.starts_with("tsumugi_session=") && session != planted);
    assert_eq!(house.get("/me", &[("cookie", &session)]).await.status, StatusCode::OK);
    assert_ne!(
        house.get("/me", &[("cookie", planted)]).await.status,
        StatusCode::OK,
        "the thief's cookie opens nothing"
    );
    // Nor can another site sign somebody in.
    let foreign = [("cookie", planted), ("origin", "https://evil.example")];
    assert_ne!(
        house.form("/sign-in", &foreign, &[("person", "haru"), ("csrf", &csrf)]).await.status,
        StatusCode::SEE_OTHER
    );
}

#[tokio::test]
async fn a_token_that_does_not_count_is_told_with_a_challenge() {
    let house = House::new();
    let [patient, ..] = house.fill().await;
    let path = format!("/fhir/R4/Observation?patient={patient}");
    for token in ["a.b.c", "tsumugi-dev.a.b", "x"] {
        let answer = house.get(&path, &[("authorization", &format!("Bearer {token}"))]).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{token}");
        assert!(
            answer.header(header::WWW_AUTHENTICATE).contains("Bearer realm"),
            "{}",
            answer.header(header::WWW_AUTHENTICATE)
        );
        assert_eq!(answer.json()["resourceType"], "OperationOutcome");
    }
    let none = house.get(&path, &[]).await;
    assert_eq!(none.status, StatusCode::UNAUTHORIZED);
    assert!(none.header(header::WWW_AUTHENTICATE).contains("DPoP algs"));
    // A code used twice ends the token that it gave.
    let answer = house.app_token(NARROW).await;
    let token = answer["access_token"].as_str().unwrap();
    assert_eq!(
        house.fhir("GET", &format!("/Observation?patient={patient}"), token, &Value::Null).await.status,
        StatusCode::OK
    );
    assert_eq!(house.form("/oauth/token", &[], &exchange("guessed")).await.json()["error"], "invalid_grant");
    let revoked = house.form("/oauth/revoke", &[], &[("client_id", "app"), ("token", token)]).await;
    assert_eq!(revoked.status, StatusCode::OK);
    assert_eq!(
        house.fhir("GET", &format!("/Observation?patient={patient}"), token, &Value::Null).await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn she_finds_the_app_on_a_page_and_ends_it_there() {
    let house = House::new();
    let [patient, ..] = house.fill().await;
    let answer = house.app_token("launch/patient patient/Observation.rs offline_access").await;
    let token = answer["access_token"].as_str().unwrap();
    let path = format!("/Observation?patient={patient}");
    assert_eq!(house.fhir("GET", &path, token, &Value::Null).await.status, StatusCode::OK);
    let (session, _) = house.sign_in("/sign-in").await;
    let page = house.get("/apps", &[("cookie", &session)]).await;
    assert!(page.text.contains("血圧手帳"), "{}", page.text);
    let name = page.text.split("name=\"app\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let csrf = page.field("csrf");
    let pairs = [("csrf", csrf.as_str()), ("app", &name)];
    let foreign = [("cookie", session.as_str()), ("origin", "https://evil.example")];
    assert_ne!(house.form("/apps/end", &foreign, &pairs).await.status, StatusCode::SEE_OTHER);
    // An app does not speak for her here.
    let bearer = format!("Bearer {token}");
    assert_ne!(house.get("/apps", &[("authorization", &bearer)]).await.status, StatusCode::OK);
    let ended = house.own_form("/apps/end", &session, &pairs).await;
    assert_eq!(ended.header(header::LOCATION), "/apps?done=ended");
    assert!(
        house
            .get("/apps?done=ended", &[("cookie", &session)])
            .await
            .text
            .contains("いま許可しているアプリは、ありません")
    );
    assert_eq!(house.fhir("GET", &path, token, &Value::Null).await.status, StatusCode::UNAUTHORIZED);
}
