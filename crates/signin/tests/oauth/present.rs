//! Tokens at the interface: whose they are, for whom, and with which key.

use serde_json::{Value, json};
use tsumugi_access::Deeds;
use tsumugi_kernel::Kind;
use tsumugi_signin::{
    jose::encode,
    oauth::{DpopFault, Presented, TokenRefusal},
};

use crate::house::{House, ISSUER, Key, citizen, claims, text};

const PATH: &str = "/fhir/R4/Observation";

fn presented<'a>(token: &'a str, proof: Option<&'a str>) -> Presented<'a> {
    Presented { token, as_dpop: proof.is_some(), proof, method: "GET", path: PATH }
}

async fn bearer(house: &House) -> String {
    let code = house.code("patient/Observation.rs", &citizen(), None).await;
    text(&house.exchange(&code).await.unwrap(), "access_token").to_owned()
}

async fn bound(house: &House, key: &Key) -> String {
    let proof = house.proof(key, "POST", "/oauth/token", None);
    text(&house.system_token("hospital", &Key::new(1), Some(proof)).await.unwrap(), "access_token").to_owned()
}

#[tokio::test]
async fn a_caller_is_whom_the_token_names_and_narrowed_by_its_scopes() {
    let house = House::model();
    let token = bearer(&house).await;
    let bearer = house.provider.caller(presented(&token, None)).await.unwrap();
    let caller = bearer.caller;
    assert_eq!(
        (caller.person.as_str(), caller.purpose.code(), caller.citizen.map(|it| it.0)),
        ("haru", "PATRQT", Some(7))
    );
    let scope = caller.scope.unwrap();
    assert!(scope.deeds(Kind::OBSERVATION).all(Deeds::READ.and(Deeds::SEARCH)));
    assert!(!scope.deeds(Kind::OBSERVATION).any(Deeds::UPDATE) && scope.deeds(Kind::PATIENT) == Deeds::NONE);
    assert!(!bearer.bound && !caller.automatic);
    let token = bound(&house, &Key::new(3)).await;
    let proof = house.proof(&Key::new(3), "GET", PATH, Some(&token));
    let bearer = house.provider.caller(presented(&token, Some(&proof))).await.unwrap();
    assert!(bearer.bound && bearer.caller.automatic);
    assert_eq!(bearer.caller.person_name, "みなと病院 連携システム", "as the citizen reads it");
}

#[tokio::test]
async fn a_stolen_token_is_worth_nothing_without_its_key() {
    let house = House::model();
    let (own, thief) = (Key::new(3), Key::new(4));
    let token = bound(&house, &own).await;
    let refused = |presented: Presented<'_>| {
        let (provider, token, as_dpop) = (house.provider.clone(), presented.token.to_owned(), presented.as_dpop);
        let (proof, method, path) =
            (presented.proof.map(str::to_owned), presented.method.to_owned(), presented.path.to_owned());
        async move {
            let presented = Presented { token: &token, as_dpop, proof: proof.as_deref(), method: &method, path: &path };
            provider.caller(presented).await.map(|_| ()).unwrap_err()
        }
    };
    assert!(matches!(refused(presented(&token, None)).await, TokenRefusal::Bound), "as a bearer token");
    let by = |key: &Key, method: &str, path: &str, of: Option<&str>| house.proof(key, method, path, of);
    for (what, proof, fault) in [
        ("another's key", by(&thief, "GET", PATH, Some(&token)), DpopFault::Key),
        ("another token's proof", by(&own, "GET", PATH, Some("another")), DpopFault::Key),
        ("a proof of the token endpoint", by(&own, "GET", PATH, None), DpopFault::Key),
        ("another method", by(&own, "POST", PATH, Some(&token)), DpopFault::Request),
        ("another address", by(&own, "GET", "/fhir/R4/Patient", Some(&token)), DpopFault::Request),
        ("no proof", String::new(), DpopFault::Form),
        ("the token itself", token.clone(), DpopFault::Form),
    ] {
        let told = refused(presented(&token, Some(&proof))).await;
        assert!(matches!(told, TokenRefusal::Proof(found) if found == fault), "{what}: {told}");
    }
    let proof = house.proof(&own, "GET", PATH, Some(&token));
    assert!(house.provider.caller(presented(&token, Some(&proof))).await.is_ok());
    assert!(matches!(refused(presented(&token, Some(&proof))).await, TokenRefusal::Proof(DpopFault::Used)), "replayed");
    let old = house.proof(&own, "GET", PATH, Some(&token));
    house.pass(61);
    assert!(matches!(refused(presented(&token, Some(&old))).await, TokenRefusal::Proof(DpopFault::Time)), "too old");
    // A token that is bound to nothing is not made stronger by a proof.
    let unbound = bearer(&house).await;
    let proof = house.proof(&own, "GET", PATH, Some(&unbound));
    assert!(matches!(refused(presented(&unbound, Some(&proof))).await, TokenRefusal::Proof(DpopFault::Unbound)));
    // Nobody remembers a proof of before the start: none is taken.
    let token = bound(&house, &own).await;
    let proof = house.proof(&own, "GET", PATH, Some(&token));
    assert!(house.provider.caller(presented(&token, Some(&proof))).await.is_ok());
    house.pass(2);
    let house = house.again();
    let told = house.provider.caller(presented(&token, Some(&proof))).await.map(|_| ()).unwrap_err();
    assert!(matches!(told, TokenRefusal::Proof(DpopFault::Time)), "{told}");
}

#[tokio::test]
async fn a_proof_of_another_form_is_none() {
    let house = House::model();
    let key = Key::new(3);
    let token = bound(&house, &key).await;
    let ath = encode(&<sha2::Sha256 as sha2::Digest>::digest(&token));
    let good = json!({"jti": "x", "htm": "GET", "htu": format!("{ISSUER}{PATH}"), "iat": house.seconds(), "ath": ath});
    let header = |name: &str, value: Value| {
        let mut header = json!({"alg": "ES256", "typ": "dpop+jwt", "jwk": key.jwk()});
        header[name] = value;
        header
    };
    let claim = |name: &str, value: Value| {
        let mut claims = good.clone();
        claims[name] = value;
        claims
    };
    let mut private = key.jwk();
    private["d"] = encode(&[3; 32]).into();
    let now = house.seconds();
    for (header, claims) in [
        (header("typ", json!("JWT")), good.clone()),
        (header("alg", json!("none")), good.clone()),
        (header("alg", json!("HS256")), good.clone()),
        (header("jwk", Key::new(4).jwk()), good.clone()),
        (header("jwk", private), good.clone()),
        (header("jwk", json!({"kty": "oct"})), good.clone()),
        (header("x", json!(1)), claim("jti", json!(""))),
        (header("x", json!(1)), claim("iat", json!(now - 120))),
        (header("x", json!(1)), claim("iat", json!(now + 120))),
        (header("x", json!(1)), claim("htu", json!(PATH))),
        (header("x", json!(1)), claim("htu", json!(format!("https://other.example{PATH}")))),
        (header("x", json!(1)), claim("htu", json!(format!("{ISSUER}.evil.example{PATH}")))),
    ] {
        let proof = key.sign(&header, &claims);
        let told = house.provider.caller(presented(&token, Some(&proof))).await;
        assert!(matches!(told, Err(TokenRefusal::Proof(_))), "{header} {claims}");
    }
    let proof = key.sign(&header("x", json!(1)), &claim("htu", json!(format!("{ISSUER}{PATH}?patient=a"))));
    assert!(house.provider.caller(presented(&token, Some(&proof))).await.is_ok(), "a query does not matter");
}

#[tokio::test]
async fn tokens_of_others_for_others_and_of_other_kinds_are_refused() {
    let house = House::model();
    let token = bearer(&house).await;
    assert!(house.provider.verify(&token).await.is_ok());
    let (parts, body) = (token.split('.').collect::<Vec<_>>(), claims(&token));
    // Signed with a key that is not ours, under our kid, and in every confused way.
    let kid: Value = serde_json::from_slice(&tsumugi_signin::jose::decode(parts[0]).unwrap()).unwrap();
    let kid = text(&kid, "kid").to_owned();
    let forger = Key::new(6);
    for header in [
        json!({"alg": "ES256", "typ": "at+jwt", "kid": kid}),
        json!({"alg": "ES256", "typ": "at+jwt", "kid": "another"}),
        json!({"alg": "ES256", "typ": "at+jwt"}),
        json!({"alg": "ES256", "typ": "at+jwt", "jwk": forger.jwk()}),
        json!({"alg": "none", "typ": "at+jwt", "kid": kid}),
        json!({"alg": "HS256", "typ": "at+jwt", "kid": kid}),
    ] {
        assert!(house.provider.verify(&forger.sign(&header, &body)).await.is_err(), "{header}");
        let unsigned = format!("{}.{}.", encode(header.to_string().as_bytes()), parts[1]);
        assert!(house.provider.verify(&unsigned).await.is_err(), "{header}");
    }
    // Another's claims under a signature of ours.
    for (name, value) in [
        ("iss", json!("https://other.example")),
        ("aud", json!("https://other.example/fhir/R4")),
        ("exp", json!(9_999_999_999_i64)),
        ("sub", json!("okada")),
        ("scope", json!("user/*.cruds")),
    ] {
        let mut changed = body.clone();
        changed[name] = value;
        let text = format!("{}.{}.{}", parts[0], encode(changed.to_string().as_bytes()), parts[2]);
        assert!(house.provider.verify(&text).await.is_err(), "{name}");
    }
    // The same secret under another address: tokens for that one are not for this.
    let secret = std::sync::Arc::new(tsumugi_kernel::MasterSecret::new([9; 32]));
    let keys = tsumugi_signin::keys::SigningKeys::new(secret, crate::house::NOW);
    for (name, value) in [
        ("iss", json!("https://other.example")),
        ("aud", json!("https://record.example")),
        ("authorization_details", json!([])),
    ] {
        let mut changed = body.clone();
        changed[name] = value;
        let foreign = keys.sign(&changed, "at+jwt", crate::house::NOW).unwrap();
        assert!(house.provider.verify(&foreign).await.is_err(), "{name}");
    }
    assert!(house.provider.verify(&keys.sign(&body, "JWT", crate::house::NOW).unwrap()).await.is_err(), "another type");
    assert!(house.provider.verify(&keys.sign(&body, "at+jwt", crate::house::NOW).unwrap()).await.is_ok());
    house.pass(600);
    assert!(house.provider.verify(&token).await.is_err(), "ended");
}

/// Not a measurement: it only sees to it that a token's signature is checked once and not at every request.
#[tokio::test]
async fn a_token_is_checked_once() {
    let house = House::model();
    let token = bearer(&house).await;
    house.provider.verify(&token).await.unwrap();
    let watch = tsumugi_kernel::edge::Stopwatch::start();
    for _ in 0..10_000 {
        house.provider.verify(&token).await.unwrap();
    }
    assert!(watch.elapsed().as_secs_f64() < 5.0, "{:?} for 10,000", watch.elapsed());
}
