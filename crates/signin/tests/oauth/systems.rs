//! Systems: assertions, and what may not be done with them.

use serde_json::{Value, json};

use crate::house::{House, ISSUER, Key, credentials, posted, text};

fn header() -> Value {
    json!({"alg": "ES256", "typ": "JWT", "kid": "one"})
}

#[tokio::test]
async fn a_system_proves_itself_and_gets_its_standing() {
    for house in House::both() {
        let key = Key::new(1);
        let answer = house.system_token("hospital", &key, None).await.unwrap();
        let detail = &answer["authorization_details"][0];
        assert_eq!((text(detail, "role"), text(detail, "purpose")), ("system", "RECORDMGT"));
        assert_eq!((text(detail, "person"), text(detail, "organization")), ("hospital", "1311000014"));
        assert_eq!(answer["expires_in"], 300);
        let token = text(&answer, "access_token").to_owned();
        assert!(house.provider.verify(&token).await.is_ok());

        // Of its own tokens it is told, of others nothing; and it ends its own.
        let about = |id: &'static str, key: u8, token: &str| {
            let assertion = house.assertion(id, &Key::new(key));
            let mut pairs = credentials(&assertion).to_vec();
            pairs[0] = ("token", token);
            posted(&pairs, None)
        };
        assert_eq!(house.provider.introspect(&about("hospital", 1, &token)).await.unwrap()["active"], true);
        assert_eq!(house.provider.introspect(&about("other", 2, &token)).await.unwrap(), json!({"active": false}));
        assert_eq!(house.provider.introspect(&about("other", 2, "x.y.z")).await.unwrap(), json!({"active": false}));
        assert!(house.provider.introspect(&posted(&[("client_id", "app"), ("token", &token)], None)).await.is_err());
        house.provider.revoke_token(&about("other", 2, &token)).await.unwrap();
        assert!(house.provider.verify(&token).await.is_ok(), "another's revocation ends nothing");
        house.provider.revoke_token(&about("hospital", 1, &token)).await.unwrap();
        assert!(house.provider.verify(&token).await.is_err());
        house.provider.revoke_token(&about("hospital", 1, &token)).await.unwrap();
        assert_eq!(house.provider.introspect(&about("hospital", 1, &token)).await.unwrap(), json!({"active": false}));
        let house = house.again();
        assert!(house.provider.verify(&token).await.is_err(), "after a start as well");
    }
}

#[tokio::test]
async fn an_assertion_is_used_once() {
    for house in House::both() {
        let assertion = house.assertion("hospital", &Key::new(1));
        assert!(house.token(&credentials(&assertion), None).await.is_ok());
        let told = house.token(&credentials(&assertion), None).await.unwrap_err();
        assert_eq!((told.status, told.code), (401, "invalid_client"));
        let house = house.again();
        assert!(house.token(&credentials(&assertion), None).await.is_err(), "after a start as well");
    }
}

#[tokio::test]
async fn an_assertion_that_is_not_the_systems_own_is_refused() {
    let house = House::model();
    let key = Key::new(1);
    let now = house.seconds();
    let good = |house: &House| json!({"iss": "hospital", "sub": "hospital", "aud": ISSUER, "exp": now + 60, "jti": house.serial()});
    let with = |name: &str, value: Value| {
        let mut claims = good(&house);
        claims[name] = value;
        claims
    };
    for claims in
        [good(&house), with("aud", json!([ISSUER, format!("{ISSUER}/oauth/token")])), with("iat", json!(now - 5))]
    {
        let assertion = key.sign(&header(), &claims);
        assert!(house.token(&credentials(&assertion), None).await.is_ok(), "{claims}");
    }
    let refused = |assertion: String| {
        let house = &house;
        async move { house.token(&credentials(&assertion), None).await.unwrap_err().code }
    };
    for claims in [
        with("iss", json!("other")),
        with("sub", json!("other")),
        with("aud", json!("https://other.example/oauth/token")),
        with("aud", json!([ISSUER, "https://other.example/"])),
        with("aud", json!([])),
        with("exp", json!(now - 60)),
        with("exp", json!(now + 3_600)),
        with("iat", json!(now + 600)),
        with("nbf", json!(now + 600)),
        with("jti", json!("")),
        with("jti", json!("x".repeat(300))),
        json!({"iss": "hospital", "sub": "hospital"}),
    ] {
        assert_eq!(refused(key.sign(&header(), &claims)).await, "invalid_client", "{claims}");
    }
    house.pass(61);
    // Algorithms: none, an HMAC keyed with what is public, another curve's name, a key that is not this client's.
    let now = house.seconds();
    let good = || json!({"iss": "hospital", "sub": "hospital", "aud": ISSUER, "exp": now + 60, "jti": house.serial()});
    for header in [
        json!({"alg": "none", "kid": "one"}),
        json!({"alg": "HS256", "kid": "one"}),
        json!({"alg": "ES384", "kid": "one"}),
        json!({"alg": "ES256", "kid": "two"}),
        json!({"alg": "ES256", "kid": "one", "crit": ["b64"], "b64": false}),
        json!({"kid": "one"}),
    ] {
        assert_eq!(refused(key.sign(&header, &good())).await, "invalid_client", "{header}");
    }
    let public = Key::new(1).jwk().to_string();
    let text = format!("{}.{}", enc(&json!({"alg": "HS256", "kid": "one"})), enc(&good()));
    assert_eq!(refused(format!("{text}.{}", hmac(public.as_bytes(), &text))).await, "invalid_client");
    assert_eq!(refused(format!("{}.{}.", enc(&json!({"alg": "none"})), enc(&good()))).await, "invalid_client");
    assert_eq!(refused(Key::new(2).sign(&header(), &good())).await, "invalid_client", "another's key");
}

fn enc(value: &Value) -> String {
    tsumugi_signin::jose::encode(value.to_string().as_bytes())
}

fn hmac(key: &[u8], text: &str) -> String {
    use sha2::{Digest as _, Sha256};
    // RFC 2104, written out: tests have no other use for it.
    let key: Vec<u8> = if key.len() > 64 { Sha256::digest(key).to_vec() } else { key.to_vec() };
    let pad = |byte: u8| (0..64).map(|at| key.get(at).copied().unwrap_or(0) ^ byte).collect::<Vec<u8>>();
    let inner = Sha256::digest([pad(0x36), text.as_bytes().to_vec()].concat());
    tsumugi_signin::jose::encode(&Sha256::digest([pad(0x5c), inner.to_vec()].concat()))
}

#[tokio::test]
async fn no_secret_and_no_other_grant_is_taken() {
    let house = House::model();
    let told = house.token(&[("grant_type", "client_credentials"), ("client_id", "app")], None).await.unwrap_err();
    assert_eq!(told.code, "unauthorized_client");
    let told = house.token(&[("grant_type", "client_credentials"), ("client_id", "hospital")], None).await.unwrap_err();
    assert_eq!(told.code, "invalid_client");
    let pairs = [("grant_type", "client_credentials"), ("client_id", "hospital"), ("client_secret", "x")];
    assert_eq!(house.token(&pairs, None).await.unwrap_err().code, "invalid_client");
    let told =
        house.token(&[("grant_type", "password"), ("client_id", "app"), ("username", "haru")], None).await.unwrap_err();
    assert_eq!(told.code, "unsupported_grant_type");
    assert_eq!(house.token(&[("client_id", "app")], None).await.unwrap_err().code, "invalid_request");
    let assertion = house.assertion("hospital", &Key::new(1));
    let mut wider = credentials(&assertion).to_vec();
    wider.push(("scope", "user/*.rs system/King.rs"));
    assert_eq!(house.token(&wider, None).await.unwrap_err().code, "invalid_scope");
    for detail in
        [json!([{"type": "tsumugi_purpose", "purpose": "TREAT"}]), json!([{"type": "other"}]), json!([]), json!({})]
    {
        let assertion = house.assertion("hospital", &Key::new(1));
        let detail = detail.to_string();
        let mut pairs = credentials(&assertion).to_vec();
        pairs.push(("authorization_details", &detail));
        assert_eq!(house.token(&pairs, None).await.unwrap_err().code, "invalid_authorization_details", "{detail}");
    }
    let assertion = house.assertion("hospital", &Key::new(1));
    let mut narrower = credentials(&assertion).to_vec();
    narrower.push(("scope", "system/Observation.rs system/Observation.c"));
    assert_eq!(
        text(&house.token(&narrower, None).await.unwrap(), "scope"),
        "system/Observation.rs system/Observation.c"
    );
}

#[tokio::test]
async fn in_real_use_a_systems_token_is_bound() {
    let house = House::model().strict();
    let key = Key::new(1);
    assert_eq!(house.system_token("hospital", &key, None).await.unwrap_err().code, "invalid_dpop_proof");
    let proof = house.proof(&key, "POST", "/oauth/token", None);
    let answer = house.system_token("hospital", &key, Some(proof.clone())).await.unwrap();
    assert_eq!(text(&answer, "token_type"), "DPoP");
    assert_eq!(house.system_token("hospital", &key, Some(proof)).await.unwrap_err().code, "invalid_dpop_proof", "used");
}

#[tokio::test]
async fn a_thousand_wrong_attempts_open_nothing_and_keep_nobody_waiting() {
    let house = House::model();
    let (mut wrong, mut stopped) = (0, 0);
    for _ in 0..1_000 {
        match house.system_token("hospital", &Key::new(2), None).await.unwrap_err().status {
            401 => wrong += 1,
            429 => stopped += 1,
            other => unreachable!("{other}"),
        }
    }
    assert_eq!((wrong, stopped), (20, 980));
    assert!(house.system_token("other", &Key::new(2), None).await.is_ok(), "nobody else waits for it");
    assert!(house.system_token("hospital", &Key::new(1), None).await.is_ok(), "nor the one who is right");
    house.pass(61);
    assert_eq!(house.system_token("hospital", &Key::new(2), None).await.unwrap_err().status, 401, "told why again");
    let (mut wrong, mut stopped) = (0, 0);
    for number in 0..1_000 {
        let code = format!("guessed-{number}");
        match house.exchange(&code).await.unwrap_err().status {
            400 => wrong += 1,
            429 => stopped += 1,
            other => unreachable!("{other}"),
        }
    }
    assert_eq!((wrong, stopped), (20, 980));
    let code = house.code("patient/*.rs", &crate::house::citizen(), None).await;
    assert!(house.exchange(&code).await.is_ok(), "whoever has a code is not kept waiting");
}
