//! A deployment of one, clients with keys of their own, and requests as clients send them.

use std::sync::Arc;

use p256::ecdsa::{Signature, SigningKey, signature::Signer as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;
use tsumugi_kernel::{
    CitizenId, Clock as _, FactKey, Instant, Kind, MasterSecret, OrganizationId, PersonId, Purpose, Role, Sealer,
    clock::ManualClock, entropy::SeededEntropy,
};
use tsumugi_ledger::Signer;
use tsumugi_people::Directory;
use tsumugi_signin::{
    Client, ClientKind, Provider, Registry,
    jose::{PublicKey, encode},
    oauth::{Begun, Decision, Form, OauthError, Parts, Posted, PurposeDetail, Signed},
};
use tsumugi_store::{
    MemoryStore, SqliteOptions, SqliteStore, Store,
    sqlite::{CommitFault, Faults},
};

/// 2026-11-22 09:00 in Japan.
pub const NOW: Instant = Instant(1_795_305_600_000);
pub const ISSUER: &str = "https://record.example";
pub const BACK: &str = "https://app.example/back";
pub const VERIFIER: &str = "a-verifier-that-is-long-enough-to-be-one-0123456789";

pub struct House {
    pub provider: Provider,
    pub clock: Arc<ManualClock>,
    pub store: Arc<dyn Store>,
    pub registry: Registry,
    faults: Faults,
    bound_only: bool,
    place: TempDir,
    serial: std::cell::Cell<u64>,
}

/// A key of a client.
pub struct Key(pub SigningKey);

impl Key {
    pub fn new(seed: u8) -> Self {
        Self(SigningKey::from_slice(&[seed; 32]).unwrap())
    }

    pub fn jwk(&self) -> Value {
        let point = self.0.verifying_key().to_sec1_point(false);
        json!({"kty": "EC", "crv": "P-256", "x": encode(point.x().unwrap()), "y": encode(point.y().unwrap())})
    }

    pub fn jwks(&self) -> Value {
        let mut jwk = self.jwk();
        jwk["kid"] = "one".into();
        json!({"keys": [jwk]})
    }

    pub fn thumbprint(&self) -> String {
        PublicKey::from_jwk(&self.jwk()).unwrap().thumbprint().to_owned()
    }

    pub fn sign(&self, header: &Value, claims: &Value) -> String {
        let text = format!("{}.{}", encode(header.to_string().as_bytes()), encode(claims.to_string().as_bytes()));
        let signature: Signature = self.0.sign(text.as_bytes());
        format!("{text}.{}", encode(&signature.to_bytes()))
    }
}

pub fn patient(citizen: u64) -> String {
    Sealer::new(&MasterSecret::new([9; 32])).seal(FactKey {
        citizen: CitizenId(citizen),
        kind: Kind::PATIENT,
        number: 9,
    })
}

pub fn app() -> Client {
    Client {
        id: PersonId::new("app").unwrap(),
        name: "血圧手帳".into(),
        kind: ClientKind::App,
        redirect_uris: vec![BACK.into(), "http://127.0.0.1:8000/".into()],
        scopes: "launch/patient patient/*.rs user/*.rs openid fhirUser offline_access".into(),
        jwks: None,
        organization: None,
        role: None,
        purpose: None,
    }
}

pub fn system(id: &str, key: &Key) -> Client {
    Client {
        id: PersonId::new(id).unwrap(),
        name: "みなと病院 連携システム".into(),
        kind: ClientKind::System,
        redirect_uris: Vec::new(),
        scopes: "system/*.cruds".into(),
        jwks: Some(key.jwks()),
        organization: Some(OrganizationId::new("1311000014").unwrap()),
        role: Some(Role::System),
        purpose: Some(Purpose::RecordManagement),
    }
}

pub fn doctor() -> Signed {
    let detail = PurposeDetail {
        kind: "tsumugi_purpose".into(),
        person: PersonId::new("okada").unwrap(),
        organization: OrganizationId::new("1311000014").unwrap(),
        role: Role::Physician,
        purpose: Purpose::Treat,
        citizen: None,
    };
    Signed { detail, since: NOW }
}

pub fn citizen() -> Signed {
    let mut signed = doctor();
    signed.detail.person = PersonId::new("haru").unwrap();
    signed.detail.organization = OrganizationId::new("home").unwrap();
    (signed.detail.role, signed.detail.purpose) = (Role::Citizen, Purpose::PatientRequest);
    signed.detail.citizen = Some(patient(7));
    signed
}

impl House {
    pub fn model() -> Self {
        let store = MemoryStore::new(Signer::new("test", [1; 32]).unwrap(), "test".into());
        Self::over(Arc::new(store), Faults::default(), tempfile::tempdir().unwrap(), NOW)
    }

    pub fn sqlite() -> Self {
        let place = tempfile::tempdir().unwrap();
        let (faults, signer) = (Faults::default(), Signer::new("test", [1; 32]).unwrap());
        let options = SqliteOptions { readers: 1, cache_mb: 4, faults: faults.clone(), ..SqliteOptions::new(signer) };
        let store = SqliteStore::create(&place.path().join("store"), options).unwrap();
        Self::over(store, faults, place, NOW)
    }

    pub fn both() -> [Self; 2] {
        [Self::model(), Self::sqlite()]
    }

    fn over(store: Arc<dyn Store>, faults: Faults, place: TempDir, start: Instant) -> Self {
        let clock = Arc::new(ManualClock::at(start));
        let registry = Registry::new(place.path().join("clients.json"));
        let provider = provider(&store, &clock, &place, false);
        let house = Self { provider, clock, store, registry, faults, bound_only: false, place, serial: 0.into() };
        if house.registry.all().unwrap().is_empty() {
            for client in [app(), system("hospital", &Key::new(1)), system("other", &Key::new(2))] {
                house.registry.add(client).unwrap();
            }
        }
        house
    }

    /// As in real use: systems get no token that is not bound.
    pub fn strict(self) -> Self {
        let provider = provider(&self.store, &self.clock, &self.place, true);
        Self { provider, bound_only: true, ..self }
    }

    /// The same folder, started again.
    pub fn again(self) -> Self {
        let provider = provider(&self.store, &self.clock, &self.place, self.bound_only);
        Self { provider, ..self }
    }

    pub fn fail(&self, commits: u32, fault: CommitFault) {
        self.faults.arm_after(commits, fault);
    }

    pub fn pass(&self, seconds: i64) {
        self.clock.set(self.clock.now().plus_millis(seconds * 1000));
    }

    pub fn seconds(&self) -> i64 {
        self.clock.now().0 / 1000
    }

    pub fn serial(&self) -> String {
        self.serial.set(self.serial.get() + 1);
        format!("jti-{}", self.serial.get())
    }

    /// An assertion of a system.
    pub fn assertion(&self, id: &str, key: &Key) -> String {
        let claims = json!({"iss": id, "sub": id, "aud": format!("{ISSUER}/oauth/token"), "exp": self.seconds() + 60, "jti": self.serial()});
        key.sign(&json!({"alg": "ES256", "typ": "JWT", "kid": "one"}), &claims)
    }

    /// A proof of possession for a request.
    pub fn proof(&self, key: &Key, method: &str, path: &str, token: Option<&str>) -> String {
        let mut claims =
            json!({"jti": self.serial(), "htm": method, "htu": format!("{ISSUER}{path}"), "iat": self.seconds()});
        if let Some(token) = token {
            claims["ath"] = encode(&Sha256::digest(token)).into();
        }
        key.sign(&json!({"alg": "ES256", "typ": "dpop+jwt", "jwk": key.jwk()}), &claims)
    }

    pub async fn token(&self, pairs: &[(&str, &str)], proof: Option<String>) -> Result<Value, OauthError> {
        self.provider.token(&posted(pairs, proof)).await
    }

    /// A token of a system.
    pub async fn system_token(&self, id: &str, key: &Key, proof: Option<String>) -> Result<Value, OauthError> {
        let assertion = self.assertion(id, key);
        self.token(&credentials(&assertion), proof).await
    }

    /// A code, as a person gives it to the app; with the address to which the browser was sent.
    pub async fn code(&self, scope: &str, signed: &Signed, citizen: Option<String>) -> String {
        let id = self.asked(&request(scope)).await;
        let back = self.provider.decide(&id, signed, Decision::Allow(citizen)).await.unwrap();
        parameter(&back, "code").unwrap()
    }

    pub async fn asked(&self, pairs: &[(&str, &str)]) -> String {
        match self.provider.begin(&form(pairs), true).await {
            Begun::Ask(id) => id,
            other => unreachable!("{other:?}"),
        }
    }

    pub async fn exchange(&self, code: &str) -> Result<Value, OauthError> {
        self.token(&exchange(code), None).await
    }
}

fn provider(store: &Arc<dyn Store>, clock: &Arc<ManualClock>, place: &TempDir, bound_only: bool) -> Provider {
    let secret = Arc::new(MasterSecret::new([9; 32]));
    Provider::new(Parts {
        issuer: ISSUER.into(),
        bound_only,
        sealer: Arc::new(Sealer::new(&secret)),
        secret,
        registry: Registry::new(place.path().join("clients.json")),
        store: Arc::clone(store),
        directory: Directory::new(Arc::clone(store)),
        clock: Arc::clone(clock) as _,
        // Names must differ after a start as well.
        entropy: Arc::new(SeededEntropy::new(u64::from(store.status().point.0 as u32) + 1)),
    })
}

pub fn form(pairs: &[(&str, &str)]) -> Form {
    let text: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{name}={}", value.bytes().map(|byte| format!("%{byte:02x}")).collect::<String>()))
        .collect();
    Form::read(&text.join("&")).unwrap()
}

pub fn posted(pairs: &[(&str, &str)], proof: Option<String>) -> Posted {
    Posted { form: form(pairs), proof, authorization: false }
}

pub fn credentials(assertion: &str) -> [(&'static str, &str); 3] {
    [
        ("grant_type", "client_credentials"),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        ("client_assertion", assertion),
    ]
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

pub fn refresh(token: &str) -> [(&'static str, &str); 3] {
    [("grant_type", "refresh_token"), ("client_id", "app"), ("refresh_token", token)]
}

/// Leaked: a test's few bytes, so that pairs can be plain.
pub fn request(scope: &str) -> Vec<(&'static str, &'static str)> {
    let challenge: &'static str = encode(&Sha256::digest(VERIFIER)).leak();
    vec![
        ("response_type", "code"),
        ("client_id", "app"),
        ("redirect_uri", BACK),
        ("scope", scope.to_owned().leak()),
        ("state", "a state"),
        ("nonce", "a nonce"),
        ("code_challenge", challenge),
        ("code_challenge_method", "S256"),
    ]
}

pub fn with(
    pairs: &[(&'static str, &'static str)],
    name: &'static str,
    value: &'static str,
) -> Vec<(&'static str, &'static str)> {
    let mut pairs: Vec<_> = pairs.iter().filter(|(own, _)| *own != name).copied().collect();
    if !value.is_empty() {
        pairs.push((name, value));
    }
    pairs
}

/// A parameter of an address, decoded.
pub fn parameter(address: &str, name: &str) -> Option<String> {
    let query = address.split_once('?')?.1;
    Form::read(query).unwrap().get(name).map(str::to_owned)
}

pub fn text<'a>(answer: &'a Value, name: &str) -> &'a str {
    answer[name].as_str().unwrap_or_default()
}

/// The claims of a token, unchecked.
pub fn claims(token: &str) -> Value {
    serde_json::from_slice(&tsumugi_signin::jose::decode(token.split('.').nth(1).unwrap()).unwrap()).unwrap()
}
