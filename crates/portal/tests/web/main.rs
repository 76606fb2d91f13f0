//! The pages over a store in memory: facts put there through the FHIR interface, requests as a browser sends them.

#![expect(clippy::unwrap_used, reason = "helpers of tests; clippy spares test functions only")]

mod api;
#[path = "../../../signin/tests/gate/authority.rs"]
#[allow(dead_code, reason = "what the tests of signing in need besides")]
mod authority;
mod care;
mod correction;
mod could;
mod desk;
mod disaster;
mod glass;
mod insurer;
mod licence;
mod looks;
mod notices;
mod objection;
mod pages;
mod papers;
mod review;
mod sharing;
mod take;
mod ways;
mod whatif;

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
    middleware::{self, Next},
    response::Response,
};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;
use tsumugi_access::{Door, PolicyProfile};
use tsumugi_kernel::{
    Clock as _, Instant, MasterSecret, OrganizationId, OrganizationKind, PersonId, Purpose, Role, Sealer,
    clock::ManualClock, entropy::SeededEntropy,
};
use tsumugi_ledger::Signer;
use tsumugi_people::{Directory, Organization, Person};
use tsumugi_record::{Record, rest::Desk};
use tsumugi_signin::{Claims, DevKey, Gate, Provider, Registry, oauth::Parts};
use tsumugi_store::{MemoryStore, Store as _};

use tsumugi_portal::web::{BothWords, CitizenReference, PersonToBe, Site};

/// 2026-11-22T12:00 in Japan.
const NOW: Instant = Instant(1_795_316_400_000);
const MEMBER: &str = "http://jpfhir.jp/fhir/clins/Idsystem/JP_Insurance_memberID";
const PRECAUTION: &str = "http://tsumugi.example/fhir/CodeSystem/precaution";
const COOKIE: &str = "tsumugi_session";
const HOSPITAL: &str = "1311000014";
const OFFICE: &str = "1370000001";

/// Who can be chosen.
type Player = (&'static str, &'static str, Option<&'static str>, Role, Purpose, &'static str, OrganizationKind);

/// Who can be chosen: id, name, qualification, role, purpose, organisation, kind.
const CAST: [Player; 11] = [
    (
        "sasaki",
        "佐々木 健",
        Some("救急救命士"),
        Role::Crew,
        Purpose::EmergencyTreat,
        "fire",
        OrganizationKind::FireHeadquarters,
    ),
    ("haru", "山田 ハル", None, Role::Citizen, Purpose::PatientRequest, "home", OrganizationKind::Household),
    ("megumi", "山田 恵", None, Role::Proxy, Purpose::FamilyRequest, "home", OrganizationKind::Household),
    ("stranger", "田中 一", None, Role::Proxy, Purpose::FamilyRequest, "home", OrganizationKind::Household),
    ("mori", "森 由美", Some("看護師"), Role::Nurse, Purpose::Treat, HOSPITAL, OrganizationKind::Hospital),
    ("rin", "リン", Some("介護職員"), Role::CareWorker, Purpose::CareManagement, OFFICE, OrganizationKind::CareOffice),
    ("ito", "伊藤 誠", None, Role::Supervisor, Purpose::Operations, "supervision", OrganizationKind::SupervisingBody),
    (
        "ueda",
        "上田 恭子",
        None,
        Role::Supervisor,
        Purpose::Operations,
        "supervision",
        OrganizationKind::SupervisingBody,
    ),
    ("city", "岡 市子", None, Role::Municipality, Purpose::RecordManagement, "city", OrganizationKind::Municipality),
    ("takada", "高田 実", None, Role::Municipality, Purpose::RecordManagement, "city", OrganizationKind::Municipality),
    ("clerk", "前田 彩", None, Role::Registrar, Purpose::RecordManagement, HOSPITAL, OrganizationKind::Hospital),
];

struct Town {
    store: Arc<MemoryStore>,
    desk: Desk,
    router: Router,
    gate: Gate,
    provider: Provider,
    key: DevKey,
    vkey: String,
    clock: Arc<ManualClock>,
    /// The sealed id of her `Patient`.
    patient: String,
}

#[derive(Clone)]
struct Auth {
    desk: Desk,
    key: DevKey,
    gate: Gate,
    clock: Arc<ManualClock>,
}

/// A cookie of a request.
fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let pairs = headers.get(header::COOKIE)?.to_str().ok()?;
    let mut pairs = pairs.split("; ").filter_map(|pair| pair.split_once('='));
    pairs.find(|(own, _)| *own == name).map(|(_, value)| value.to_owned())
}

/// A text as a form sends it.
fn query_value(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02x}")).collect()
}

/// What the server's middleware does.
async fn auth(State(auth): State<Auth>, mut request: Request, next: Next) -> Response {
    let now = auth.clock.now();
    let emergency = cookie(request.headers(), "tsumugi_emergency");
    if let Some(token) = cookie(request.headers(), COOKIE)
        && let Ok(session) = tsumugi_signin::verify(&token, &auth.key, now)
        && let claims =
            emergency.and_then(|token| tsumugi_signin::under(&session, &token, &auth.key, now)).unwrap_or(session)
        && let Ok(caller) =
            tsumugi_signin::caller(&claims, &auth.desk.directory, auth.desk.record.sealer(), auth.desk.record.now())
                .await
    {
        request.extensions_mut().insert(caller);
    } else if let Some(held) = cookie(request.headers(), COOKIE)
        && let Ok(Some((session, caller))) = auth.gate.caller(&held, None).await
    {
        request.extensions_mut().insert(session);
        if let Some(caller) = caller {
            request.extensions_mut().insert(caller);
        }
    }
    next.run(request).await
}

/// An answer, read to its end.
struct Answered {
    status: StatusCode,
    headers: HeaderMap,
    text: String,
}

impl Answered {
    fn location(&self) -> &str {
        self.headers.get(header::LOCATION).map_or("", |value| value.to_str().unwrap())
    }

    fn cookies(&self) -> Vec<&str> {
        self.headers.get_all(header::SET_COOKIE).iter().map(|value| value.to_str().unwrap()).collect()
    }

    /// The value of the form's hidden field.
    fn field(&self, name: &str) -> String {
        let mark = format!("name=\"{name}\" value=\"");
        self.text.split(&mark).nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default().to_owned()
    }
}

impl Town {
    async fn new() -> Self {
        let signer = Signer::new("tsumugi.example/test", [3; 32]).unwrap();
        let vkey = signer.vkey();
        let store = Arc::new(MemoryStore::new(signer, "tsumugi.example/test".to_owned()));
        let clock = Arc::new(ManualClock::at(NOW));
        let entropy = Arc::new(SeededEntropy::new(1));
        let secret = MasterSecret::new([9; 32]);
        let door =
            Door::new(store.clone(), PolicyProfile::SpecialLaw, &secret, clock.clone(), entropy.clone()).unwrap();
        let record = Record::new(store.clone(), Arc::new(Sealer::new(&secret)), clock.clone());
        let desk = Desk { record, door, directory: Directory::new(store.clone()) };
        let key = DevKey::new(&secret);
        let site =
            Site::new(desk.clone(), Some(key.clone()), cast(), vkey.clone(), &secret, clock.clone(), entropy.clone())
                .unwrap();
        let provider = Provider::new(Parts {
            issuer: "http://tsumugi.test".into(),
            bound_only: true,
            secret: Arc::new(MasterSecret::new([9; 32])),
            // No client is registered: the file is not there.
            registry: Registry::new("/nonexistent/clients.json".into()),
            store: store.clone(),
            directory: desk.directory.clone(),
            sealer: Arc::new(Sealer::new(&secret)),
            clock: clock.clone(),
            entropy,
        });
        let gate = Gate::new(provider.clone(), &secret);
        site.give(provider.clone());
        site.guard(gate.clone());
        site.offer_letters();
        let fhir = tsumugi_record::rest::router().with_state(desk.clone());
        let state = Auth { desk: desk.clone(), key: key.clone(), gate: gate.clone(), clock: clock.clone() };
        let router = Router::new()
            .nest("/fhir/R4", fhir)
            .merge(site.router())
            .layer(middleware::from_fn_with_state(state, auth));
        let mut town = Self { store, desk, router, gate, provider, key, vkey, clock, patient: String::new() };
        town.register().await;
        town.fill().await;
        town
    }

    async fn register(&self) {
        let person = |(id, name, qualification, role, _, organization, _): &(
            &str,
            &str,
            Option<&str>,
            Role,
            Purpose,
            &str,
            OrganizationKind,
        )| Person {
            qualification: qualification.map(str::to_owned),
            roles: vec![*role],
            organization: Some(OrganizationId::new(organization).unwrap()),
            kana: (*id == "mori").then(|| "モリ ユミ".to_owned()),
            ..Person::named(PersonId::new(id).unwrap(), *name)
        };
        let place = |id: &str, name: &str, kind| Organization::new(OrganizationId::new(id).unwrap(), name, kind);
        let places = [
            place(HOSPITAL, "みなと総合病院", OrganizationKind::Hospital),
            place(OFFICE, "ひだまりデイ", OrganizationKind::CareOffice),
            place("home", "山田さんの家", OrganizationKind::Household),
            place("fire", "みなと消防署", OrganizationKind::FireHeadquarters),
            place("city", "みなと市", OrganizationKind::Municipality),
            place("supervision", "健康記録監督委員会", OrganizationKind::SupervisingBody),
        ];
        let people: Vec<Person> = CAST.iter().map(person).collect();
        self.desk.directory.register(&people, &places).await.unwrap();
    }

    /// Her `Patient`, the office in charge, what to heed, an illness, one that she has not been told, and results.
    async fn fill(&mut self) {
        let subject = format!(r#""subject":{{"identifier":{{"system":"{MEMBER}","value":"39131234::00420078:"}}}}"#);
        let patient = format!(
            r#"{{"resourceType":"Patient","identifier":[{{"system":"urn:oid:1.2.392.100495.20.3.51.1{HOSPITAL}","value":"420078"}},{{"system":"{MEMBER}","value":"39131234::00420078:"}}],
                "name":[{{"text":"山田 ハル"}}],"gender":"female","birthDate":"1948-03-05"}}"#
        );
        let created = self.create("mori", "Patient", &patient).await;
        let body: serde_json::Value = serde_json::from_str(&created.text).unwrap();
        self.patient = body["id"].as_str().unwrap().to_owned();
        let episode = format!(
            r#"{{"resourceType":"EpisodeOfCare","status":"active","type":[{{"text":"小規模多機能"}}],{},"managingOrganization":{{"identifier":{{"system":"http://tsumugi.example/fhir/IdSystem/organization","value":"{OFFICE}"}},"display":"ひだまりデイ"}},"period":{{"start":"2026-04-01"}}}}"#,
            subject.replace("subject", "patient")
        );
        self.create("mori", "EpisodeOfCare", &episode).await;
        let flag = format!(
            r#"{{"resourceType":"Flag","status":"active","category":[{{"coding":[{{"system":"{}","code":"swallowing"}}]}}],"code":{{"text":"とろみをつける"}},{subject},"period":{{"start":"2026-11-20"}}}}"#,
            PRECAUTION
        );
        self.create("mori", "Flag", &flag).await;
        for (name, tag) in [
            ("脳梗塞", ""),
            (
                "膵頭部癌",
                r#""meta":{"tag":[{"system":"http://jpfhir.jp/fhir/clins/CodeSystem/JP_ehrshrs_indication","code":"UNINFORMED"}]},"#,
            ),
        ] {
            let condition = format!(
                r#"{{"resourceType":"Condition",{tag}"code":{{"text":"{name}"}},"clinicalStatus":{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}}]}},{subject},"onsetDateTime":"2026-11-03"}}"#
            );
            self.create("mori", "Condition", &condition).await;
        }
        let laboratory = format!(
            r#"{{"resourceType":"Observation","status":"final","category":[{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"laboratory"}}]}}],"code":{{"text":"CRP"}},{subject},"effectiveDateTime":"2026-11-18","valueQuantity":{{"value":0.22,"unit":"mg/dL"}},"referenceRange":[{{"high":{{"value":0.14}}}}]}}"#
        );
        self.create("mori", "Observation", &laboratory).await;
    }

    async fn create(&self, person: &str, kind: &str, json: &str) -> Answered {
        let request = Request::post(format!("/fhir/R4/{kind}")).header(header::COOKIE, self.session(person).await);
        let request =
            request.header(header::CONTENT_TYPE, "application/fhir+json").body(Body::from(json.to_owned())).unwrap();
        let answered = self.send(request).await;
        assert_eq!(answered.status, StatusCode::CREATED, "{kind}: {}", answered.text);
        answered
    }

    /// Her mandate to her daughter.
    async fn mandate(&self) {
        let consent = format!(
            r#"{{"resourceType":"Consent","status":"active","scope":{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/consentscope","code":"patient-privacy"}}]}},"category":[{{"text":"代理"}}],"policyRule":{{"text":"委任"}},"patient":{{"reference":"Patient/{}"}},
                "provision":{{"type":"permit","purpose":[{{"system":"http://terminology.hl7.org/CodeSystem/v3-ActReason","code":"FAMRQT"}}],"actor":[{{"role":{{"text":"娘"}},"reference":{{"identifier":{{"system":"http://tsumugi.example/fhir/IdSystem/person","value":"megumi"}},"display":"山田 恵"}}}}]}}}}"#,
            self.patient
        );
        self.create("haru", "Consent", &consent).await;
    }

    /// The cookie of a person of the cast.
    async fn session(&self, person: &str) -> String {
        let (id, _, _, role, purpose, organization, _) = CAST.iter().find(|known| known.0 == person).unwrap();
        let ends = self.clock.now().plus_millis(tsumugi_signin::SESSION_MILLIS);
        let mut claims =
            Claims::new(*role, *purpose, PersonId::new(id).unwrap(), OrganizationId::new(organization).unwrap(), ends);
        if *role == Role::Citizen {
            claims.citizen = Some(self.patient.clone());
        }
        format!("{}={}", COOKIE, tsumugi_signin::issue(&claims, &self.key))
    }

    async fn send(&self, request: Request) -> Answered {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Answered { status: parts.status, headers: parts.headers, text: String::from_utf8(bytes.to_vec()).unwrap() }
    }

    async fn get_with(&self, path: &str, cookies: &str) -> Answered {
        self.send(Request::get(path).header(header::COOKIE, cookies).body(Body::empty()).unwrap()).await
    }

    async fn get(&self, person: &str, path: &str) -> Answered {
        self.get_with(path, &self.session(person).await).await
    }

    async fn post(&self, path: &str, cookies: &str, body: &str) -> Answered {
        let request = Request::post(path).header(header::COOKIE, cookies).header(header::HOST, "tsumugi.test");
        let request = request.header(header::ORIGIN, "http://tsumugi.test").header("sec-fetch-site", "same-origin");
        let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request.body(Body::from(body.to_owned())).unwrap()).await
    }

    fn leaves(&self) -> u64 {
        self.store.status().leaves
    }

    /// A path of her record as others see it.
    fn at(&self, rest: &str) -> String {
        format!("/people/{}{rest}", self.patient)
    }
}

/// Another person on the nurse's card.
fn shigeru() -> CitizenReference {
    CitizenReference { system: MEMBER.into(), value: "39131234::00770042:".into(), name: "小林 茂".into() }
}

fn cast() -> Vec<PersonToBe> {
    let words = |text: &str| BothWords { ja: text.into(), en: text.into() };
    let person = |(id, name, qualification, role, purpose, organization, kind): &(
        &str,
        &str,
        Option<&str>,
        Role,
        Purpose,
        &str,
        OrganizationKind,
    )| PersonToBe {
        id: PersonId::new(id).unwrap(),
        name: (*name).to_owned(),
        qualification: qualification.map(str::to_owned),
        role: *role,
        purpose: *purpose,
        organization: OrganizationId::new(organization).unwrap(),
        organization_name: (*organization).to_owned(),
        organization_kind: *kind,
        citizen: Some(CitizenReference {
            system: MEMBER.into(),
            value: "39131234::00420078:".into(),
            name: "山田 ハル".into(),
        }),
        others: if *id == "mori" { vec![shigeru()] } else { Vec::new() },
        who: words("だれ"),
        try_this: words("ためす"),
    };
    CAST.iter().map(person).collect()
}
