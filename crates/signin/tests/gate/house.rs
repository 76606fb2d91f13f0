//! A deployment of one with a clerk, a citizen and a physician.

use std::sync::Arc;

use jiff::civil::date;
use tempfile::TempDir;
use tsumugi_access::{Action, Caller, Door, Permit, PolicyProfile, Request};
use tsumugi_kernel::{
    CitizenId, Clock as _, Instant, MasterSecret, OrganizationId, OrganizationKind, PersonId, Purpose, Role, Sealer,
    clock::ManualClock, entropy::SeededEntropy,
};
use tsumugi_ledger::Signer;
use tsumugi_people::{By, Directory, Organization, Person, Post, Source, Validity};
use tsumugi_signin::{
    Gate, Provider, Registry,
    gate::{Code, GateError, Handed, Identity, Lost, Made, Session, Use},
    oauth::Parts,
};
use tsumugi_store::{
    Batch, MemoryStore, Row, SqliteOptions, SqliteStore, Store, Table,
    sqlite::{CommitFault, Faults},
};

use crate::authenticator::{Token, Way};

/// 2026-11-22 09:00 in Japan.
pub const NOW: Instant = Instant(1_795_305_600_000);
pub const ISSUER: &str = "https://record.example";
pub const HER: CitizenId = CitizenId(7);
/// The cookie of a browser before there is a session.
pub const BROWSER: &str = "browser";

pub struct House {
    pub gate: Gate,
    pub provider: Provider,
    pub door: Door,
    pub clock: Arc<ManualClock>,
    pub store: Arc<dyn Store>,
    pub directory: Directory,
    faults: Faults,
    place: TempDir,
}

pub fn person(id: &str) -> PersonId {
    PersonId::new(id).unwrap()
}

pub fn organization(id: &str) -> OrganizationId {
    OrganizationId::new(id).unwrap()
}

impl House {
    pub async fn both() -> [Self; 2] {
        let store = MemoryStore::new(Signer::new("test", [1; 32]).unwrap(), "test".into());
        let model = Self::over(Arc::new(store), Faults::default(), tempfile::tempdir().unwrap());
        model.register().await;
        [model, Self::sqlite().await]
    }

    pub async fn sqlite() -> Self {
        let place = tempfile::tempdir().unwrap();
        let (faults, signer) = (Faults::default(), Signer::new("test", [1; 32]).unwrap());
        let options = SqliteOptions { readers: 1, cache_mb: 4, faults: faults.clone(), ..SqliteOptions::new(signer) };
        let store = SqliteStore::create(&place.path().join("store"), options).unwrap();
        let house = Self::over(store, faults, place);
        house.register().await;
        house
    }

    fn over(store: Arc<dyn Store>, faults: Faults, place: TempDir) -> Self {
        let (clock, entropy) = (Arc::new(ManualClock::at(NOW)), Arc::new(SeededEntropy::new(7)));
        let secret = Arc::new(MasterSecret::new([9; 32]));
        let profile = PolicyProfile::SpecialLaw;
        let door = Door::new(store.clone(), profile, &secret, clock.clone(), entropy.clone()).unwrap();
        let directory = door.directory().clone();
        let provider = Provider::new(Parts {
            issuer: ISSUER.into(),
            bound_only: true,
            secret: secret.clone(),
            registry: Registry::new(place.path().join("clients.json")),
            store: store.clone(),
            directory: directory.clone(),
            sealer: Arc::new(Sealer::new(&secret)),
            clock: clock.clone(),
            entropy,
        });
        let gate = Gate::new(provider.clone(), &secret);
        Self { gate, provider, door, clock, store, directory, faults, place }
    }

    /// The same folder, started again.
    pub fn again(self) -> Self {
        let clock = self.clock.clone();
        let house = Self::over(self.store, self.faults, self.place);
        house.clock.set(clock.now());
        house
    }

    async fn register(&self) {
        let haru = Person { citizen: Some(HER), ..Person::named(person("haru"), "山田 ハル") };
        let okada = Person { citizen: Some(CitizenId(8)), ..Person::named(person("okada"), "岡田 学") };
        let clerk = Person { citizen: Some(CitizenId(9)), ..Person::named(person("clerk"), "岡 市子") };
        let places = [
            Organization::new(organization("1311000014"), "みなと総合病院", OrganizationKind::Hospital),
            Organization::new(organization("city"), "みなと市", OrganizationKind::Municipality),
        ];
        self.directory.register(&[haru, okada, clerk], &places).await.unwrap();
        self.appoint("1311000014", "okada", Role::Physician).await;
    }

    pub async fn appoint(&self, at: &str, who: &str, role: Role) {
        let validity = Validity { from: Some(date(2024, 4, 1)), ..Validity::default() };
        let source = Source { organization: organization(at), by: By::File, reference: None };
        self.directory.appoint(&organization(at), &person(who), &Post { role, validity, source }).await.unwrap();
    }

    pub fn fail(&self, commits: u32, fault: CommitFault) {
        self.faults.arm_after(commits, fault);
    }

    /// Suspends somebody at work, as a decided case does, until so many seconds from now.
    pub async fn suspend(&self, who: &str, seconds: i64) {
        let now = self.clock.now();
        let until = now.plus_millis(seconds * 1000);
        let row = serde_json::json!({"v": 1, "suspensions": [{"case": 1, "from": now, "until": until}]});
        let mut batch = Batch::default();
        let (key, value) = ([b"xw", who.as_bytes()].concat(), Some(row.to_string().into_bytes()));
        batch.rows.push(Row { table: Table::Case, key, value });
        self.store.commit(batch).await.unwrap();
    }

    pub fn pass(&self, seconds: i64) {
        self.clock.set(self.clock.now().plus_millis(seconds * 1000));
    }

    pub fn clerk(&self) -> Caller {
        let city = Organization::new(organization("city"), "みなと市", OrganizationKind::Municipality);
        let ends = self.clock.now().plus_millis(60 * 60 * 1000);
        let clerk = (person("clerk"), "岡 市子".to_owned());
        Caller::new(clerk, &city, Role::Municipality, Purpose::RecordManagement, ends)
    }

    pub fn registrar(&self) -> Caller {
        let hospital = Organization::new(organization("1311000014"), "みなと総合病院", OrganizationKind::Hospital);
        let ends = self.clock.now().plus_millis(60 * 60 * 1000);
        let clerk = (person("maeda"), "前田 彩".to_owned());
        Caller::new(clerk, &hospital, Role::Registrar, Purpose::RecordManagement, ends)
    }

    pub async fn permit(&self, caller: &Caller, citizen: CitizenId) -> Permit {
        self.door.admit(Request { caller, action: Action::Standing, citizen }).await.unwrap()
    }

    pub async fn code(&self, lost: Lost) -> Result<Code, GateError> {
        let haru = person("haru");
        let handed = Handed { person: &haru, identity: Identity::MyNumberCard, lost };
        self.gate.hand_to_citizen(self.permit(&self.clerk(), HER).await, &handed).await
    }

    pub async fn staff_code(&self, lost: Lost) -> Code {
        let okada = person("okada");
        let handed = Handed { person: &okada, identity: Identity::Staff, lost };
        self.gate.hand_to_staff(&self.registrar(), &handed).await.unwrap()
    }

    pub async fn session(&self, cookie: &str) -> Session {
        self.gate.session(cookie).await.unwrap()
    }

    /// Makes a passkey in a session.
    pub async fn enrol(&self, cookie: &str, seed: u8) -> Token {
        let session = self.session(cookie).await;
        let new = self.gate.new_key(&session, cookie).await.unwrap();
        let token = Token::new(seed, &new.handle);
        let (client, attestation) = token.made(&new.challenge, &Way::default());
        let made = Made { client: &client, attestation: &attestation, name: "スマホ" };
        self.gate.enrol(&session, cookie, &made).await.unwrap();
        token
    }

    /// Somebody with a passkey, signed in by a code only.
    pub async fn haru(&self) -> (String, Token) {
        let cookie = self.gate.redeem(&self.code(Lost::Nothing).await.unwrap().digits).await.unwrap();
        let token = self.enrol(&cookie, 1).await;
        (cookie, token)
    }

    pub async fn challenge(&self) -> String {
        self.gate.challenge(Use::SignIn, BROWSER).await.unwrap()
    }

    pub async fn sign_in(&self, token: &mut Token) -> Result<String, GateError> {
        let said = token.answer(&self.challenge().await, &Way::default());
        self.gate.sign_in(BROWSER, &said.answer()).await
    }

    /// The caller that a cookie makes.
    pub async fn caller(&self, cookie: &str) -> Option<Caller> {
        self.gate.caller(cookie, None).await.unwrap().and_then(|(_, caller)| caller)
    }

    /// A cookie after choosing the first choice of a role.
    pub async fn choose(&self, cookie: &str, role: Role) -> Result<String, GateError> {
        let session = self.session(cookie).await;
        let choices = self.gate.choices(&session).await.unwrap();
        let code = choices.iter().find(|choice| choice.role == role).map(|choice| choice.code());
        self.gate.choose(&session, &code.unwrap_or_default()).await
    }
}
