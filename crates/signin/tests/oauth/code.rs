//! Apps of people: requests, codes, refresh tokens.

use serde_json::{Value, json};
use tsumugi_kernel::Clock as _;
use tsumugi_signin::{
    jose::{Jws, PublicKey},
    oauth::{Begun, Decision},
};

use crate::house::{
    BACK, House, ISSUER, Key, NOW, citizen, claims, doctor, exchange, form, parameter, patient, posted, refresh,
    request, text, with,
};

const ALL: &str = "launch/patient patient/Observation.rs openid fhirUser offline_access";

#[tokio::test]
async fn a_citizens_app_gets_what_she_allows() {
    for house in House::both() {
        let id = house.asked(&request(ALL)).await;
        let waiting = house.provider.waiting(&id, Some(&citizen())).await.unwrap();
        assert_eq!((waiting.app.as_str(), waiting.goes_to.as_str()), ("血圧手帳", "https://app.example"));
        assert!(waiting.stays() && !waiting.needs_citizen);
        let back = house.provider.decide(&id, &citizen(), Decision::Allow(None)).await.unwrap();
        assert!(back.starts_with(&format!("{BACK}?code=")), "{back}");
        assert_eq!(parameter(&back, "state").as_deref(), Some("a state"));
        assert_eq!(parameter(&back, "iss").as_deref(), Some(ISSUER));
        let answer = house.exchange(&parameter(&back, "code").unwrap()).await.unwrap();
        assert_eq!((text(&answer, "token_type"), text(&answer, "scope")), ("Bearer", ALL));
        assert_eq!(text(&answer, "patient"), patient(7));
        let token = house.provider.verify(text(&answer, "access_token")).await.unwrap();
        assert_eq!((token.sub.as_str(), token.aud.as_str()), ("haru", "https://record.example/fhir/R4"));
        assert!(token.exp - token.iat <= 600, "minutes");

        // What the app is told of who signed in, checked with the published key.
        let id_token = text(&answer, "id_token");
        let jws = Jws::read(id_token).unwrap();
        let keys = house.provider.jwks();
        let key = keys["keys"].as_array().unwrap().iter().find(|key| key["kid"].as_str() == jws.header.kid.as_deref());
        let read: Value = jws.claims(&PublicKey::from_jwk(key.unwrap()).unwrap(), "jwt").unwrap();
        assert_eq!((text(&read, "nonce"), text(&read, "aud"), text(&read, "iss")), ("a nonce", "app", ISSUER));
        assert_eq!(text(&read, "fhirUser"), format!("{ISSUER}/fhir/R4/Patient/{}", patient(7)));
        assert!(house.provider.verify(id_token).await.is_err(), "an id token opens nothing");
    }
}

#[tokio::test]
async fn a_professional_names_one_citizen_and_a_purpose() {
    let house = House::model();
    let scope = "launch/patient patient/*.rs";
    let id = house.asked(&request(scope)).await;
    assert!(house.provider.waiting(&id, Some(&doctor())).await.unwrap().needs_citizen);
    assert!(house.provider.decide(&id, &doctor(), Decision::Allow(None)).await.is_err());
    assert!(house.provider.decide(&id, &doctor(), Decision::Allow(Some("nobody".into()))).await.is_err());
    let code = house.code(scope, &doctor(), Some(format!("Patient/{}", patient(7)))).await;
    let answer = house.exchange(&code).await.unwrap();
    assert_eq!(answer["authorization_details"][0]["citizen"], patient(7));
    assert!(answer.get("refresh_token").is_none() && answer.get("id_token").is_none());

    // The purpose can be named by the app, and only one that the role has.
    let asking =
        |detail: Value| with(&request("user/*.rs"), "authorization_details", json!([detail]).to_string().leak());
    let named = asking(json!({"type": "tsumugi_purpose", "purpose": "CAREMGT", "citizen": patient(8)}));
    let id = house.asked(&named).await;
    let waiting = house.provider.waiting(&id, Some(&doctor())).await.unwrap();
    assert_eq!(waiting.detail.unwrap().purpose.code(), "CAREMGT");
    for detail in [
        json!({"type": "tsumugi_purpose", "purpose": "HPAYMT"}),
        json!({"type": "tsumugi_purpose", "purpose": "BTG"}),
        json!({"type": "tsumugi_purpose", "purpose": "ETREAT"}),
        json!({"type": "tsumugi_purpose", "purpose": "DISASTER"}),
        json!({"type": "tsumugi_purpose", "role": "supervisor"}),
        json!({"type": "tsumugi_purpose", "person": "somebody-else"}),
        json!({"type": "tsumugi_purpose", "organization": "1311111111"}),
        json!({"type": "tsumugi_purpose", "citizen": "nobody"}),
    ] {
        let id = house.asked(&asking(detail.clone())).await;
        let told = house.provider.decide(&id, &doctor(), Decision::Allow(None)).await.unwrap_err();
        assert_eq!(told.code, "invalid_authorization_details", "{detail}");
    }
    let other = asking(json!({"type": "tsumugi_purpose", "citizen": patient(8)}));
    let id = house.asked(&other).await;
    assert!(house.provider.decide(&id, &citizen(), Decision::Allow(None)).await.is_err(), "not another's record");
}

#[tokio::test]
async fn nobody_is_sent_where_no_client_is_registered() {
    let house = House::model();
    for wrong in [
        "https://evil.example/",
        "https://app.example/back/",
        "https://app.example/back?x=1",
        "https://app.example/BACK",
        "https://app.example/",
        "",
    ] {
        let begun = house.provider.begin(&form(&with(&request(ALL), "redirect_uri", wrong)), true).await;
        assert!(matches!(begun, Begun::Here(_)), "{wrong}: {begun:?}");
    }
    for client in ["nobody", "hospital", ""] {
        let begun = house.provider.begin(&form(&with(&request(ALL), "client_id", client)), true).await;
        assert!(matches!(begun, Begun::Here(_)), "{client}: {begun:?}");
    }
    let elsewhere = [("client_id", "app"), ("request_uri", "https://evil.example/request")];
    assert!(matches!(house.provider.begin(&form(&elsewhere), true).await, Begun::Here(_)));
    // The address of the exchange is that of the request.
    let code = house.code(ALL, &citizen(), None).await;
    let mut other = exchange(&code).to_vec();
    other[3].1 = "http://127.0.0.1:8000/";
    assert_eq!(house.token(&other, None).await.unwrap_err().code, "invalid_grant");
}

#[tokio::test]
async fn pkce_cannot_be_left_out_or_weakened() {
    let house = House::model();
    for (name, value, code) in [
        ("code_challenge_method", "plain", "invalid_request"),
        ("code_challenge_method", "", "invalid_request"),
        ("code_challenge", "", "invalid_request"),
        ("code_challenge", "short", "invalid_request"),
        ("response_type", "token", "unsupported_response_type"),
        ("response_mode", "fragment", "invalid_request"),
        ("scope", "patient/King.rs", "invalid_scope"),
        ("aud", "https://other.example/fhir", "invalid_target"),
        ("request", "a.b.c", "request_not_supported"),
        ("prompt", "none", "consent_required"),
    ] {
        match house.provider.begin(&form(&with(&request(ALL), name, value)), true).await {
            Begun::Back(back) => {
                assert_eq!(parameter(&back, "error").as_deref(), Some(code), "{name}={value}");
                assert_eq!(
                    (parameter(&back, "state").as_deref(), parameter(&back, "iss").as_deref()),
                    (Some("a state"), Some(ISSUER))
                );
            }
            other => unreachable!("{name}={value}: {other:?}"),
        }
    }
    for verifier in ["another-verifier-that-is-long-enough-0123456789", "", "short"] {
        let code = house.code(ALL, &citizen(), None).await;
        let mut pairs = exchange(&code).to_vec();
        pairs[4].1 = verifier;
        assert!(house.token(&pairs, None).await.is_err(), "{verifier}");
        if !verifier.is_empty() {
            assert!(house.exchange(&code).await.is_err(), "a code that somebody else had is good no more");
        }
    }
}

#[tokio::test]
async fn a_code_that_comes_twice_ends_what_came_of_it() {
    for house in House::both() {
        let code = house.code(ALL, &citizen(), None).await;
        let first = house.exchange(&code).await.unwrap();
        let (access, refreshed) = (text(&first, "access_token"), text(&first, "refresh_token"));
        assert!(house.provider.verify(access).await.is_ok());
        assert_eq!(house.exchange(&code).await.unwrap_err().code, "invalid_grant");
        assert!(house.provider.verify(access).await.is_err(), "revoked");
        assert!(house.token(&refresh(refreshed), None).await.is_err());
        assert_eq!(house.exchange(&code).await.unwrap_err().code, "invalid_grant", "a third time");
        let house = house.again();
        assert!(house.provider.verify(access).await.is_err(), "and after a start");
    }
}

#[tokio::test]
async fn a_code_ends_and_is_its_clients() {
    let house = House::model();
    let code = house.code(ALL, &citizen(), None).await;
    house.pass(61);
    assert!(house.exchange(&code).await.is_err());
    let other = tsumugi_signin::Client { id: "second".to_owned().try_into().unwrap(), ..crate::house::app() };
    house.registry.add(other).unwrap();
    let code = house.code(ALL, &citizen(), None).await;
    let mut pairs = exchange(&code).to_vec();
    pairs[1].1 = "second";
    assert_eq!(house.token(&pairs, None).await.unwrap_err().code, "invalid_grant");
    let answer = house.exchange(&code).await.unwrap();
    let mut pairs = refresh(text(&answer, "refresh_token")).to_vec();
    pairs[1].1 = "second";
    assert_eq!(house.token(&pairs, None).await.unwrap_err().code, "invalid_grant");
    // Refused is told to the app; decided twice it is not.
    let id = house.asked(&request(ALL)).await;
    let back = house.provider.decide(&id, &citizen(), Decision::Refuse).await.unwrap();
    assert_eq!(parameter(&back, "error").as_deref(), Some("access_denied"));
    assert!(house.provider.decide(&id, &citizen(), Decision::Allow(None)).await.is_err());
    // A client that was taken out is out, with what it holds.
    let code = house.code(ALL, &citizen(), None).await;
    let token = house.exchange(&code).await.unwrap();
    assert!(house.provider.verify(text(&token, "access_token")).await.is_ok());
    house.registry.remove("app").unwrap();
    assert!(house.provider.verify(text(&token, "access_token")).await.is_err());
}

#[tokio::test]
async fn refresh_tokens_rotate_and_a_second_use_ends_the_family() {
    for house in House::both() {
        let code = house.code(ALL, &citizen(), None).await;
        let first = house.exchange(&code).await.unwrap();
        let old = text(&first, "refresh_token").to_owned();
        house.pass(700);
        assert!(house.provider.verify(text(&first, "access_token")).await.is_err(), "ended");
        let mut narrower = refresh(&old).to_vec();
        narrower.push(("scope", "patient/Observation.r"));
        let second = house.token(&narrower, None).await.unwrap();
        assert_eq!(text(&second, "scope"), "patient/Observation.r");
        let new = text(&second, "refresh_token").to_owned();
        let mut wider = refresh(&new).to_vec();
        wider.push(("scope", "patient/*.cruds"));
        assert_eq!(house.token(&wider, None).await.unwrap_err().code, "invalid_scope");
        assert_eq!(house.token(&refresh(&old), None).await.unwrap_err().code, "invalid_grant");
        assert!(house.provider.verify(text(&second, "access_token")).await.is_err(), "the family has ended");
        assert!(house.token(&refresh(&new), None).await.is_err());
    }
}

#[tokio::test]
async fn a_refresh_token_says_whose_it_is() {
    let house = House::model();
    let code = house.code(ALL, &citizen(), None).await;
    let first = house.exchange(&code).await.unwrap();
    let token = text(&first, "refresh_token").to_owned();
    let forged = format!("{token}x");
    let bare = |token| [("grant_type", "refresh_token"), ("refresh_token", token)];
    assert_eq!(house.token(&bare(&forged), None).await.unwrap_err().code, "invalid_client", "nobody's");
    assert!(house.token(&bare(&token), None).await.is_ok());
    assert_eq!(house.token(&bare(&token), None).await.unwrap_err().code, "invalid_grant", "and is good once");
}

#[tokio::test]
async fn a_changed_refresh_token_is_none() {
    let house = House::model();
    let code = house.code(ALL, &citizen(), None).await;
    let first = house.exchange(&code).await.unwrap();
    let token = text(&first, "refresh_token").to_owned();
    let parts: Vec<&str> = token.split('.').collect();
    for forged in [
        format!("{}.{}.1.{}", parts[0], parts[1], parts[3]),
        format!("{}.{}.0.", parts[0], parts[1]),
        format!("{}.{}.0.{}x", parts[0], parts[1], parts[3]),
        format!("1.{}.0.{}", parts[1], parts[3]),
        text(&first, "access_token").to_owned(),
        String::from("..."),
    ] {
        assert_eq!(house.token(&refresh(&forged), None).await.unwrap_err().code, "invalid_grant", "{forged}");
    }
    assert!(house.token(&refresh(&token), None).await.is_ok(), "and a forgery ends nothing of hers");
}

#[tokio::test]
async fn a_refresh_token_of_a_bound_token_is_bound() {
    let house = House::model();
    let key = Key::new(3);
    let proof = |key: &Key| Some(house.proof(key, "POST", "/oauth/token", None));
    let code = house.code(ALL, &citizen(), None).await;
    let first = house.token(&exchange(&code), proof(&key)).await.unwrap();
    assert_eq!(text(&first, "token_type"), "DPoP");
    assert_eq!(claims(text(&first, "access_token"))["cnf"]["jkt"], key.thumbprint());
    let token = text(&first, "refresh_token");
    assert!(house.token(&refresh(token), None).await.is_err(), "without the key");
    assert!(house.token(&refresh(token), proof(&Key::new(4))).await.is_err(), "with another");
    assert!(house.token(&refresh(token), proof(&key)).await.is_ok());
    // A code bound to a key (dpop_jkt).
    let bound = with(&request(ALL), "dpop_jkt", key.thumbprint().leak());
    for (by, good) in [(Some(Key::new(4)), false), (None, false), (Some(Key::new(3)), true)] {
        let id = house.asked(&bound).await;
        let back = house.provider.decide(&id, &citizen(), Decision::Allow(None)).await.unwrap();
        let code = parameter(&back, "code").unwrap();
        let answer = house.token(&exchange(&code), by.as_ref().and_then(proof)).await;
        assert_eq!(answer.is_ok(), good, "{answer:?}");
    }
}

#[tokio::test]
async fn a_pushed_request_is_the_clients_and_waits_ten_minutes() {
    let house = House::model();
    let pushed = house.provider.push(&posted(&request(ALL), None)).await.unwrap();
    let uri = text(&pushed, "request_uri");
    let browser = |client| [("client_id", client), ("request_uri", uri)];
    assert!(matches!(house.provider.begin(&form(&browser("hospital")), false).await, Begun::Here(_)));
    assert!(matches!(house.provider.begin(&form(&browser("app")), false).await, Begun::Ask(_)));
    house.pass(601);
    assert!(matches!(house.provider.begin(&form(&browser("app")), false).await, Begun::Here(_)));
    assert!(house.provider.push(&posted(&with(&request(ALL), "code_challenge_method", "plain"), None)).await.is_err());
    assert!(
        house
            .provider
            .push(&posted(&with(&request(ALL), "redirect_uri", "https://evil.example/"), None))
            .await
            .is_err()
    );
    // An app with a key pushes, and proves itself when it does.
    let key = Key::new(5);
    let keyed = tsumugi_signin::Client {
        id: "keyed".to_owned().try_into().unwrap(),
        jwks: Some(key.jwks()),
        ..crate::house::app()
    };
    house.registry.add(keyed).unwrap();
    let own = with(&request(ALL), "client_id", "keyed");
    match house.provider.begin(&form(&own), true).await {
        Begun::Back(back) => assert!(parameter(&back, "error_description").unwrap().contains("PAR")),
        other => unreachable!("{other:?}"),
    }
    assert_eq!(house.provider.push(&posted(&own, None)).await.unwrap_err().code, "invalid_client");
    let mut proved = own.clone();
    proved.push(("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"));
    proved.push(("client_assertion", house.assertion("keyed", &key).leak()));
    assert!(house.provider.push(&posted(&proved, None)).await.is_ok());
    let mut refused = 0;
    for _ in 0..700 {
        let push = house.provider.push(&posted(&request(ALL), None)).await;
        refused += u32::from(push.is_err_and(|error| error.status == 429));
    }
    assert!(refused > 0, "requests that wait are bounded");
}

#[tokio::test]
async fn a_clock_set_back_brings_nothing_to_life() {
    for house in House::both() {
        let code = house.code(ALL, &citizen(), None).await;
        let first = house.exchange(&code).await.unwrap();
        let (access, refreshed) = (text(&first, "access_token").to_owned(), text(&first, "refresh_token").to_owned());
        let waiting = house.code(ALL, &citizen(), None).await;
        house.pass(3_600);
        assert!(house.provider.verify(&access).await.is_err());
        house.clock.set(NOW.plus_millis(2_000));
        assert!(house.provider.verify(&access).await.is_err(), "an ended token");
        assert!(house.token(&refresh(&refreshed), None).await.is_err(), "a refresh token");
        assert!(house.exchange(&waiting).await.is_err(), "a code");
        // Also by a start in between.
        house.clock.set(NOW.plus_millis(7_200_000));
        let code = house.code(ALL, &citizen(), None).await;
        let token = text(&house.exchange(&code).await.unwrap(), "access_token").to_owned();
        assert!(house.provider.verify(&token).await.is_ok());
        let house = house.again();
        house.clock.set(NOW.plus_millis(3_600_000));
        assert!(house.provider.verify(&token).await.is_err());
        let code = house.code(ALL, &citizen(), None).await;
        assert!(house.exchange(&code).await.is_ok(), "people sign in again, and nothing needs repair");
        assert!(house.clock.now() < NOW.plus_millis(7_200_000));
    }
}

#[tokio::test]
async fn a_person_finds_the_apps_that_may_come_back_and_ends_them() {
    for house in House::both() {
        let her = citizen().detail.person;
        assert!(house.provider.apps(&her).await.unwrap().is_empty());
        house.exchange(&house.code("patient/*.rs", &citizen(), None).await).await.unwrap();
        assert!(house.provider.apps(&her).await.unwrap().is_empty(), "one of minutes ends by itself");
        let first = house.exchange(&house.code(ALL, &citizen(), None).await).await.unwrap();
        house.pass(60);
        let second = house.exchange(&house.code(ALL, &citizen(), None).await).await.unwrap();
        house.exchange(&house.code(ALL, &doctor(), Some(patient(7))).await).await.unwrap();
        let apps = house.provider.apps(&her).await.unwrap();
        assert_eq!(apps.len(), 2);
        assert_eq!((apps[0].app.as_str(), apps[0].scopes.to_string().as_str()), ("血圧手帳", ALL));
        assert!(apps[0].since > apps[1].since && apps[0].until > house.clock.now());
        house.provider.end_app(&doctor().detail.person, &apps[1].name).await.unwrap();
        assert_eq!(house.provider.apps(&her).await.unwrap().len(), 2, "nobody ends another's");
        house.provider.end_app(&her, &apps[1].name).await.unwrap();
        house.provider.end_app(&her, &apps[1].name).await.unwrap();
        assert_eq!(house.provider.apps(&her).await.unwrap().len(), 1);
        assert!(house.provider.verify(text(&first, "access_token")).await.is_err());
        assert!(house.token(&refresh(text(&first, "refresh_token")), None).await.is_err());
        assert!(house.token(&refresh(text(&second, "refresh_token")), None).await.is_ok());
        house.pass(91 * 24 * 60 * 60);
        assert!(house.provider.apps(&her).await.unwrap().is_empty());
    }
}
