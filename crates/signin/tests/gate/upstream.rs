//! An external provider: a small one in this file, right and wrong in every way.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use p256::ecdsa::{Signature, SigningKey, signature::Signer as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tsumugi_kernel::{Clock as _, Role, clock::ManualClock};
use tsumugi_signin::{
    gate::{Answering, Ask, GateError, Handed, Identity, Lost, Sent, Upstream, What},
    jose::{Jws, PublicKey, encode},
    oauth::Form,
};
use tsumugi_store::sqlite::CommitFault;

use crate::house::{BROWSER, House, person};

const ISSUER: &str = "https://provider.example";

/// A key's JWK.
fn jwk(key: &SigningKey, private: bool) -> Value {
    let point = key.verifying_key().to_sec1_point(false);
    let mut jwk = json!({
        "kty": "EC", "crv": "P-256", "kid": "k1", "x": encode(point.x().unwrap()), "y": encode(point.y().unwrap()),
    });
    if private {
        jwk["d"] = encode(&key.to_bytes()).into();
    }
    jwk
}

fn ours() -> SigningKey {
    SigningKey::from_slice(&[41; 32]).unwrap()
}

/// A change of the claims, and the key that signs.
type Wrong = Option<Change>;
type Change = fn(&mut Value);

pub struct Idp {
    key: SigningKey,
    codes: Mutex<HashMap<String, (String, String, String)>>,
    wrong: Mutex<(Wrong, Option<SigningKey>)>,
    /// An RSA key instead, with the algorithm that tokens name and that the key names.
    rsa: Mutex<Option<(rsa::PrivateKey, &'static str, Option<&'static str>)>>,
    clock: Arc<ManualClock>,
}

impl Idp {
    fn at(house: &House) -> Arc<Self> {
        let idp = Arc::new(Self {
            key: SigningKey::from_slice(&[42; 32]).unwrap(),
            codes: Mutex::default(),
            wrong: Mutex::default(),
            rsa: Mutex::default(),
            clock: house.clock.clone(),
        });
        house.gate.provide(upstream(), idp.clone()).unwrap();
        idp
    }

    /// What the browser brings back after its owner has shown the card with this serial.
    fn shown(&self, address: &str, serial: &str) -> (String, String) {
        let asked = Form::read(address.split_once('?').unwrap().1).unwrap();
        let get = |name: &str| asked.get(name).unwrap().to_owned();
        assert_eq!(
            (get("response_type"), get("client_id"), get("code_challenge_method")),
            ("code".into(), "tsumugi".into(), "S256".into())
        );
        assert_eq!(get("redirect_uri"), "https://record.example/sign-in/provider/back");
        let mut codes = self.codes.lock().unwrap();
        let code = format!("code-{}", codes.len());
        codes.insert(code.clone(), (get("nonce"), get("code_challenge"), serial.to_owned()));
        (get("state"), code)
    }

    fn token(&self, form: &str) -> Option<Vec<u8>> {
        let form = Form::read(form).ok()?;
        let word = Jws::read(form.get("client_assertion")?).ok()?;
        let claims: Value = word.claims_of_any_type(&PublicKey::from_jwk(&jwk(&ours(), false)).unwrap()).ok()?;
        assert_eq!(claims["aud"], "https://provider.example/token");
        let (nonce, challenge, serial) = self.codes.lock().unwrap().remove(form.get("code")?)?;
        if encode(&Sha256::digest(form.get("code_verifier")?)) != challenge {
            return None;
        }
        let now = self.clock.now().0 / 1000;
        let mut claims = json!({
            "iss": ISSUER, "aud": "tsumugi", "sub": "s", "exp": now + 300, "iat": now, "nonce": nonce, "serial": serial,
        });
        let (wrong, key) = &*self.wrong.lock().unwrap();
        if let Some(wrong) = wrong {
            wrong(&mut claims);
        }
        if let Some((key, alg, _)) = &*self.rsa.lock().unwrap() {
            return Some(by_rsa(key, alg, &claims));
        }
        let header = json!({"alg": "ES256", "kid": "k1", "typ": "JWT"});
        let text = format!("{}.{}", encode(header.to_string().as_bytes()), encode(claims.to_string().as_bytes()));
        let signature: Signature = key.as_ref().unwrap_or(&self.key).sign(text.as_bytes());
        let token = format!("{text}.{}", encode(&signature.to_bytes()));
        Some(json!({"access_token": "x", "token_type": "Bearer", "id_token": token}).to_string().into_bytes())
    }
}

impl Ask for Idp {
    fn ask<'a>(&'a self, address: &'a str, form: Option<String>) -> Answering<'a> {
        Box::pin(async move {
            match (address, form) {
                ("http://127.0.0.1:9/token", Some(form)) => self.token(&form),
                ("http://127.0.0.1:9/keys", None) => {
                    let rsa = self.rsa.lock().unwrap();
                    let key = rsa.as_ref().map_or_else(|| jwk(&self.key, false), |(key, _, alg)| rsa_jwk(key, *alg));
                    Some(json!({"keys": [key]}).to_string().into_bytes())
                }
                _ => None,
            }
        })
    }
}

fn rsa_jwk(key: &rsa::PrivateKey, alg: Option<&str>) -> Value {
    use rsa::traits::PublicKeyParts as _;
    let number = |bytes: Box<[u8]>| encode(&bytes[bytes.iter().position(|byte| *byte != 0).unwrap()..]);
    let mut jwk =
        json!({"kty": "RSA", "kid": "k1", "n": number(key.n().to_be_bytes()), "e": number(key.e().to_be_bytes())});
    if let Some(alg) = alg {
        jwk["alg"] = alg.into();
    }
    jwk
}

/// A token that says that it is signed with `alg`; whatever is no RSA is a MAC with the public key.
fn by_rsa(key: &rsa::PrivateKey, alg: &str, claims: &Value) -> Vec<u8> {
    use hmac::{KeyInit as _, Mac as _};
    use rsa::{pkcs1v15::SigningKey, signature::SignatureEncoding as _};
    let header = json!({"alg": alg, "kid": "k1"});
    let text = format!("{}.{}", encode(header.to_string().as_bytes()), encode(claims.to_string().as_bytes()));
    let signature = match alg {
        "RS256" => SigningKey::<Sha256>::new(key.clone()).sign(text.as_bytes()).to_vec(),
        "RS384" => SigningKey::<sha2::Sha384>::new(key.clone()).sign(text.as_bytes()).to_vec(),
        _ => {
            let public = rsa_jwk(key, None).to_string();
            let mut mac = hmac::Hmac::<Sha256>::new_from_slice(public.as_bytes()).unwrap();
            mac.update(text.as_bytes());
            mac.finalize().into_bytes().to_vec()
        }
    };
    json!({"id_token": format!("{text}.{}", encode(&signature))}).to_string().into_bytes()
}

fn upstream() -> Upstream {
    serde_json::from_value(json!({
        "issuer": ISSUER, "client_id": "tsumugi", "key": jwk(&ours(), true),
        "authorization_endpoint": "https://provider.example/authorize",
        "token_endpoint": "https://provider.example/token", "token_address": "http://127.0.0.1:9/token",
        "keys_address": "http://127.0.0.1:9/keys", "claim": "serial",
        "name_ja": "マイナンバーカード", "name_en": "My Number card",
    }))
    .unwrap()
}

async fn sign_in(house: &House, idp: &Idp, serial: &str) -> Result<String, GateError> {
    let address = house.gate.to_provider(Sent::In, BROWSER).await?;
    let (state, code) = idp.shown(&address, serial);
    house.gate.from_provider(BROWSER, (&state, &code)).await
}

async fn link(house: &House, idp: &Idp, cookie: &str, serial: &str) -> Result<(), GateError> {
    let session = house.session(cookie).await;
    let address = house.gate.to_provider(Sent::Link, cookie).await?;
    let (state, code) = idp.shown(&address, serial);
    house.gate.link_provider(&session, cookie, (&state, &code)).await
}

#[tokio::test]
async fn whose_a_certificate_is_is_said_once_and_then_it_lets_in() {
    for house in House::both().await {
        let idp = Idp::at(&house);
        assert!(matches!(sign_in(&house, &idp, "S-1").await, Err(GateError::Stranger)));
        let (cookie, _) = house.haru().await;
        link(&house, &idp, &cookie, "S-1").await.unwrap();
        let begun = sign_in(&house, &idp, "S-1").await.unwrap();
        let own = house.choose(&begun, Role::Citizen).await.unwrap();
        assert_eq!(house.caller(&own).await.unwrap().person.as_str(), "haru");
        assert_eq!(house.gate.events(&person("haru")).await.unwrap()[0].what, What::ByProvider);
        assert!(matches!(sign_in(&house, &idp, "S-2").await, Err(GateError::Stranger)));
    }
}

#[tokio::test]
async fn a_renewed_certificate_needs_the_desk() {
    for house in House::both().await {
        let idp = Idp::at(&house);
        let (cookie, mut token) = house.haru().await;
        link(&house, &idp, &cookie, "S-1").await.unwrap();
        let by_passkey = house.sign_in(&mut token).await.unwrap();
        assert!(matches!(link(&house, &idp, &by_passkey, "S-2").await, Err(GateError::Renewed)));
        assert!(matches!(link(&house, &idp, &by_passkey, "S-1").await, Err(GateError::Known)));
        let by_code = house.gate.redeem(&house.code(Lost::Nothing).await.unwrap().digits).await.unwrap();
        link(&house, &idp, &by_code, "S-2").await.unwrap();
        assert!(matches!(sign_in(&house, &idp, "S-1").await, Err(GateError::Stranger)), "the old one is nobody's");
        sign_in(&house, &idp, "S-2").await.unwrap();
        // Stopped at the desk with everything else.
        let code = house.code(Lost::All).await.unwrap();
        assert!(matches!(sign_in(&house, &idp, "S-2").await, Err(GateError::Stranger)));
        // The card itself was not lost: it is taken up again.
        let by_code = house.gate.redeem(&code.digits).await.unwrap();
        link(&house, &idp, &by_code, "S-2").await.unwrap();
        sign_in(&house, &idp, "S-2").await.unwrap();
        let okada = Handed { person: &person("okada"), identity: Identity::MyNumberCard, lost: Lost::Nothing };
        let permit = house.permit(&house.clerk(), tsumugi_kernel::CitizenId(8)).await;
        let okada = house.gate.hand_to_citizen(permit, &okada).await.unwrap();
        let okada = house.gate.redeem(&okada.digits).await.unwrap();
        assert!(matches!(link(&house, &idp, &okada, "S-2").await, Err(GateError::Known)), "it is somebody's");
    }
}

#[tokio::test]
async fn from_work_nothing_of_home_is_opened() {
    for house in House::both().await {
        let idp = Idp::at(&house);
        let cookie = house.gate.redeem(&house.staff_code(Lost::Nothing).await.digits).await.unwrap();
        assert!(matches!(link(&house, &idp, &cookie, "S-1").await, Err(GateError::NotOpen)));
        assert!(matches!(sign_in(&house, &idp, "S-1").await, Err(GateError::Stranger)));
    }
}

#[tokio::test]
async fn an_answer_is_for_its_browser_its_use_and_once() {
    for house in House::both().await {
        let idp = Idp::at(&house);
        let (cookie, _) = house.haru().await;
        link(&house, &idp, &cookie, "S-1").await.unwrap();
        let address = house.gate.to_provider(Sent::In, BROWSER).await.unwrap();
        let (state, code) = idp.shown(&address, "S-1");
        let answer = (state.as_str(), code.as_str());
        assert!(matches!(house.gate.from_provider("another-browser", answer).await, Err(GateError::Challenge)));
        let session = house.session(&cookie).await;
        assert!(matches!(house.gate.link_provider(&session, BROWSER, answer).await, Err(GateError::Challenge)));
        house.gate.from_provider(BROWSER, answer).await.unwrap();
        assert!(matches!(house.gate.from_provider(BROWSER, answer).await, Err(GateError::Challenge)));
        // A code of one state does not go with another: the verifier is the state's.
        let (_, code) = idp.shown(&house.gate.to_provider(Sent::In, BROWSER).await.unwrap(), "S-1");
        let other = house.gate.to_provider(Sent::In, BROWSER).await.unwrap();
        let (state, _) = idp.shown(&other, "S-1");
        assert!(matches!(house.gate.from_provider(BROWSER, (&state, &code)).await, Err(GateError::Provider)));
    }
}

#[tokio::test]
async fn tokens_of_others_for_others_or_of_another_time_are_refused() {
    let wrongs: [(&str, Change); 9] = [
        ("issuer", |it| it["iss"] = "https://provider.example/".into()),
        ("audience", |it| it["aud"] = "other".into()),
        ("two audiences", |it| it["aud"] = json!(["tsumugi", "other"])),
        ("ended", |it| it["exp"] = (it["iat"].as_i64().unwrap() - 61).into()),
        ("of the future", |it| it["iat"] = (it["iat"].as_i64().unwrap() + 120).into()),
        ("nonce", |it| it["nonce"] = "other".into()),
        ("no nonce", |it| it["nonce"] = Value::Null),
        ("no serial", |it| it["serial"] = Value::Null),
        ("empty serial", |it| it["serial"] = "".into()),
    ];
    for house in House::both().await {
        let idp = Idp::at(&house);
        let (cookie, _) = house.haru().await;
        link(&house, &idp, &cookie, "S-1").await.unwrap();
        for (what, wrong) in wrongs {
            idp.wrong.lock().unwrap().0 = Some(wrong);
            assert!(matches!(sign_in(&house, &idp, "S-1").await, Err(GateError::Provider)), "{what}");
        }
        *idp.wrong.lock().unwrap() = (None, Some(SigningKey::from_slice(&[43; 32]).unwrap()));
        assert!(matches!(sign_in(&house, &idp, "S-1").await, Err(GateError::Provider)), "another's signature");
        *idp.wrong.lock().unwrap() = (None, None);
        sign_in(&house, &idp, "S-1").await.unwrap();
    }
}

#[tokio::test]
async fn a_key_is_for_one_algorithm_and_rs256_is_one() {
    let crate::authority::Pair::Rsa(key) = crate::authority::Pair::rsa(5) else { unreachable!() };
    let house = House::sqlite().await;
    let idp = Idp::at(&house);
    let (cookie, _) = house.haru().await;
    link(&house, &idp, &cookie, "S-1").await.unwrap();
    for (token, own, counts) in [
        ("RS256", Some("RS256"), true),
        ("RS256", None, true),
        ("RS384", Some("RS384"), true),
        ("RS384", Some("RS256"), false),
        ("RS384", None, false),
        ("RS256", Some("RS384"), false),
        ("RS256", Some("RS512"), false),
        ("RS256", Some("PS256"), false),
        ("HS256", Some("RS256"), false),
        ("HS256", Some("HS256"), false),
        ("none", Some("RS256"), false),
        ("ES256", None, false),
    ] {
        *idp.rsa.lock().unwrap() = Some(((*key).clone(), token, own));
        let done = sign_in(&house, &idp, "S-1").await;
        assert_eq!(done.is_ok(), counts, "{token} by a key for {own:?}: {done:?}");
    }
}

#[tokio::test]
async fn a_commit_that_failed_is_done_again_or_was_done() {
    for fault in [CommitFault::Fails, CommitFault::FailsButPersists] {
        let house = House::sqlite().await;
        let idp = Idp::at(&house);
        let (cookie, _) = house.haru().await;
        house.fail(0, fault);
        assert!(matches!(link(&house, &idp, &cookie, "S-1").await, Err(GateError::Busy)));
        let again = link(&house, &idp, &cookie, "S-1").await;
        match fault {
            CommitFault::Fails => again.unwrap(),
            CommitFault::FailsButPersists => assert!(matches!(again, Err(GateError::Known)), "{again:?}"),
        }
        house.fail(0, fault);
        assert!(matches!(sign_in(&house, &idp, "S-1").await, Err(GateError::Busy)));
        sign_in(&house, &idp, "S-1").await.unwrap();
    }
}

#[test]
fn a_description_without_a_key_or_over_plain_http_is_refused() {
    let house = tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(House::sqlite());
    let idp = Arc::new(Idp {
        key: ours(),
        codes: Mutex::default(),
        wrong: Mutex::default(),
        rsa: Mutex::default(),
        clock: house.clock.clone(),
    });
    for change in [
        |it: &mut Upstream| it.key = jwk(&ours(), false),
        |it: &mut Upstream| it.authorization_endpoint = "http://provider.example/authorize".into(),
        |it: &mut Upstream| it.claim = String::new(),
    ] {
        let mut wrong = upstream();
        change(&mut wrong);
        assert!(house.gate.provide(wrong, idp.clone()).is_err());
    }
    assert!(house.gate.provider_names().is_none());
}
