//! A folder with one person to be, and requests as browsers and programs send them.

use std::{path::Path, sync::Arc};

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request, StatusCode, header},
};
use http_body_util::BodyExt as _;
use p256::ecdsa::{Signature, SigningKey, signature::Signer as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tower::ServiceExt as _;
use tsumugi_kernel::{
    Clock as _, OrganizationId, PersonId, Purpose, Role,
    edge::{SystemClock, SystemEntropy},
};
use tsumugi_server::{App, Folder, folder::CLIENTS};
use tsumugi_signin::{Claims, Client, ClientKind, DevKey, Registry, issue, jose::encode};

pub const ISSUER: &str = "https://record.example";
pub const BACK: &str = "https://app.example/back";
pub const VERIFIER: &str = "a-verifier-that-is-long-enough-to-be-one-0123456789";
const MEMBER: &str = "http://jpfhir.jp/fhir/clins/Idsystem/JP_Insurance_memberID";
const HOSPITAL: &str = "1311000014";

pub struct House {
    pub app: App,
    router: Router,
    key: DevKey,
    _place: tempfile::TempDir,
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| json!(self.text))
    }

    pub fn header(&self, name: impl header::AsHeaderName) -> String {
        let all = self.headers.get_all(name).iter();
        all.map(|value| value.to_str().unwrap()).collect::<Vec<_>>().join(" | ")
    }

    pub fn field(&self, name: &str) -> String {
        let mark = format!("name=\"{name}\" value=\"");
        self.text.split(&mark).nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default().to_owned()
    }
}

impl House {
    pub fn new() -> Self {
        Self::open(true)
    }

    /// A folder as in real use.
    pub fn real() -> Self {
        Self::open(false)
    }

    fn open(dev: bool) -> Self {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("data");
        if dev {
            drop(Folder::open(&path, true, &SystemEntropy).unwrap());
        } else {
            Folder::make(&path, "record.example/log", &SystemEntropy).unwrap();
        }
        std::fs::write(path.join("people.json"), people().to_string()).unwrap();
        register(&path);
        let mut folder = Folder::open(&path, dev, &SystemEntropy).unwrap();
        folder.issuer = ISSUER.into();
        let key = DevKey::new(&folder.secret);
        let app = App::new(folder, Arc::new(SystemClock), Arc::new(SystemEntropy)).unwrap();
        Self { router: app.router(), app, key, _place: place }
    }

    pub async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, "record.example");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self.router.clone().oneshot(request.body(Body::from(body.to_owned())).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Answer { status: parts.status, headers: parts.headers, text: String::from_utf8_lossy(&bytes).into_owned() }
    }

    pub async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send("GET", path, headers, "").await
    }

    pub async fn form(&self, path: &str, headers: &[(&str, &str)], pairs: &[(&str, &str)]) -> Answer {
        let mut headers = headers.to_vec();
        headers.push(("content-type", "application/x-www-form-urlencoded"));
        self.send("POST", path, &headers, &encoded(pairs)).await
    }

    /// A form as a browser posts it from our own page.
    pub async fn own_form(&self, path: &str, cookies: &str, pairs: &[(&str, &str)]) -> Answer {
        let own = [("cookie", cookies), ("origin", ISSUER), ("sec-fetch-site", "same-origin")];
        self.form(path, &own, pairs).await
    }

    pub async fn fhir(&self, method: &str, path: &str, token: &str, body: &Value) -> Answer {
        let headers = [
            ("authorization", &*format!("Bearer {token}")),
            ("content-type", "application/fhir+json"),
            ("accept-language", "en"),
        ];
        self.send(method, &format!("/fhir/R4{path}"), &headers, &body.to_string()).await
    }

    /// A printed token of a system, in development.
    pub fn printed(&self) -> String {
        let expires = SystemClock.now().plus_millis(3_600_000);
        let (person, organization) = (PersonId::new("tester").unwrap(), OrganizationId::new(HOSPITAL).unwrap());
        issue(&Claims::new(Role::System, Purpose::RecordManagement, person, organization, expires), &self.key)
    }

    /// Puts her record there; gives the ids of her `Patient`, an `Observation` and a `Condition`.
    pub async fn fill(&self) -> [String; 3] {
        let token = self.printed();
        let patient = json!({"resourceType": "Patient", "identifier": [{"system": MEMBER, "value": "39131234::00420078:"}], "name": [{"text": "山田 ハル"}], "gender": "female", "birthDate": "1948-03-05"});
        let patient = self.made(&token, &patient).await;
        let subject = json!({"reference": format!("Patient/{patient}")});
        let pressure = self.made(&token, &observation(&patient)).await;
        let illness = json!({"resourceType": "Condition", "subject": subject, "code": {"text": "高血圧症"}});
        let illness = self.made(&token, &illness).await;
        [patient, pressure, illness]
    }

    async fn made(&self, token: &str, resource: &Value) -> String {
        let answer =
            self.fhir("POST", &format!("/{}", resource["resourceType"].as_str().unwrap()), token, resource).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
        answer.json()["id"].as_str().unwrap().to_owned()
    }

    /// From the first redirect to the session's cookie and the page on which she decides.
    pub async fn sign_in(&self, address: &str) -> (String, Answer) {
        let sign_in = self.get(address, &[]).await;
        let nonce = sign_in.header(header::SET_COOKIE).split(';').next().unwrap().to_owned();
        let (csrf, request) = (sign_in.field("csrf"), sign_in.field("request"));
        let done =
            self.own_form("/sign-in", &nonce, &[("person", "haru"), ("csrf", &csrf), ("request", &request)]).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
        let session = done.header(header::SET_COOKIE).split(';').next().unwrap().to_owned();
        let page = self.get(&done.header(header::LOCATION), &[("cookie", &session)]).await;
        (session, page)
    }

    /// The whole way of an app, up to the token endpoint's answer.
    pub async fn app_token(&self, scope: &str) -> Value {
        let begun = self.get(&authorize(scope), &[]).await;
        let asked = self.get(&begun.header(header::LOCATION), &[]).await;
        let (session, page) = self.sign_in(&asked.header(header::LOCATION)).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text);
        let (csrf, request) = (page.field("csrf"), page.field("request"));
        let pairs = [("csrf", csrf.as_str()), ("request", &request), ("decision", "allow")];
        let back = self.own_form("/oauth/consent", &session, &pairs).await.header(header::LOCATION);
        let code = back.split("code=").nth(1).unwrap().split('&').next().unwrap().to_owned();
        let answer = self.form("/oauth/token", &[], &exchange(&code.replace("%2D", "-").replace("%5F", "_"))).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        assert_eq!(answer.header(header::CACHE_CONTROL), "no-store");
        answer.json()
    }
}

pub fn observation(patient: &str) -> Value {
    json!({"resourceType": "Observation", "status": "final", "code": {"text": "血圧"}, "subject": {"reference": format!("Patient/{patient}")}, "effectiveDateTime": "2026-11-20", "valueQuantity": {"value": 128, "unit": "mm[Hg]"}})
}

pub fn authorize(scope: &str) -> String {
    let challenge = encode(&Sha256::digest(VERIFIER));
    let pairs = [
        ("response_type", "code"),
        ("client_id", "app"),
        ("redirect_uri", BACK),
        ("scope", scope),
        ("state", "s"),
        ("aud", "https://record.example/fhir/R4"),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ];
    format!("/oauth/authorize?{}", encoded(&pairs))
}

pub fn exchange(code: &str) -> [(&'static str, &str); 5] {
    [
        ("grant_type", "authorization_code"),
        ("client_id", "app"),
        ("code", code),
        ("redirect_uri", BACK),
        ("code_verifier", VERIFIER),
    ]
}

fn encoded(pairs: &[(&str, &str)]) -> String {
    let hex = |text: &str| text.bytes().map(|byte| format!("%{byte:02x}")).collect::<String>();
    pairs.iter().map(|(name, value)| format!("{name}={}", hex(value))).collect::<Vec<_>>().join("&")
}

fn people() -> Value {
    json!([{
        "id": "haru", "name": "山田 ハル", "qualification": null, "role": "citizen", "purpose": "PATRQT",
        "organization": "home", "organization_name": "山田さんの家", "organization_kind": "household",
        "citizen": {"system": MEMBER, "value": "39131234::00420078:", "name": "山田 ハル"}, "others": [],
        "who": {"ja": "本人", "en": "herself"}, "try_this": {"ja": "見る", "en": "look"},
    }])
}

fn register(path: &Path) {
    let registry = Registry::new(path.join(CLIENTS));
    let app = Client {
        id: PersonId::new("app").unwrap(),
        name: "血圧手帳".into(),
        kind: ClientKind::App,
        redirect_uris: vec![BACK.into()],
        scopes: "launch/patient patient/*.cruds user/*.cruds openid fhirUser offline_access".into(),
        jwks: None,
        organization: None,
        role: None,
        purpose: None,
    };
    let system = Client {
        id: PersonId::new("hospital").unwrap(),
        name: "みなと病院 連携システム".into(),
        kind: ClientKind::System,
        redirect_uris: Vec::new(),
        scopes: "system/*.cruds".into(),
        jwks: Some(json!({"keys": [jwk()]})),
        organization: OrganizationId::new(HOSPITAL).ok(),
        role: Some(Role::System),
        purpose: Some(Purpose::RecordManagement),
    };
    registry.add(app).unwrap();
    registry.add(system).unwrap();
}

fn signing() -> SigningKey {
    SigningKey::from_slice(&[1; 32]).unwrap()
}

fn jwk() -> Value {
    let point = signing().verifying_key().to_sec1_point(false);
    json!({"kty": "EC", "crv": "P-256", "kid": "one", "x": encode(point.x().unwrap()), "y": encode(point.y().unwrap())})
}

fn sign(header: &Value, claims: &Value) -> String {
    let text = format!("{}.{}", encode(header.to_string().as_bytes()), encode(claims.to_string().as_bytes()));
    let signature: Signature = signing().sign(text.as_bytes());
    format!("{text}.{}", encode(&signature.to_bytes()))
}

/// A proof of the system's key.
pub fn proof(method: &str, path: &str, token: Option<&str>, jti: &str) -> String {
    let iat = SystemClock.now().0 / 1000;
    let mut claims = json!({"jti": jti, "htm": method, "htu": format!("{ISSUER}{path}"), "iat": iat});
    if let Some(token) = token {
        claims["ath"] = encode(&Sha256::digest(token)).into();
    }
    let mut key = jwk();
    key.as_object_mut().unwrap().remove("kid");
    sign(&json!({"alg": "ES256", "typ": "dpop+jwt", "jwk": key}), &claims)
}

/// What the system posts for a token.
pub fn credentials(jti: &str) -> String {
    let exp = SystemClock.now().0 / 1000 + 60;
    let claims =
        json!({"iss": "hospital", "sub": "hospital", "aud": format!("{ISSUER}/oauth/token"), "exp": exp, "jti": jti});
    sign(&json!({"alg": "ES256", "typ": "JWT", "kid": "one"}), &claims)
}
