//! A desk over either store, callers by role, and the routes asked the way the server asks them.
#![allow(dead_code, reason = "each test file uses its part")]

mod answer;
mod facts;

use std::sync::Arc;

use axum::{Extension, body::Body, extract::DefaultBodyLimit, http::Request};
use bytes::Bytes;
use http_body_util::BodyExt;
use serde_json::Value;
use tempfile::TempDir;
use tower::ServiceExt;
use tsumugi_access::{Action, Caller, Change, Door, PolicyProfile, Restriction, Shown, standing::Period};
use tsumugi_kernel::{
    CitizenId, Clock, FactKey, Instant, MasterSecret, OrganizationId, OrganizationKind, PersonId, Purpose, Role,
    Sealer, clock::ManualClock, entropy::SeededEntropy, limits,
};
use tsumugi_ledger::Signer;
use tsumugi_record::{Record, rest::Desk};
use tsumugi_store::{
    Batch, MemoryStore, SqliteOptions, SqliteStore, Store,
    sqlite::{CommitFault, Faults},
};
use tsumugi_synth::story::cast::Cast;

pub use answer::Answer;
pub use facts::{condition, lab, patient};

/// 2026-11-22 09:00 in Japan.
pub const NOW: Instant = Instant(1_795_305_600_000);
pub const MEMBER: &str = "http://jpfhir.jp/fhir/clins/Idsystem/JP_Insurance_memberID";
const ORIGIN: &str = "tsumugi.example/test";

/// A deployment of one.
pub struct House {
    pub desk: Desk,
    pub store: Arc<dyn Store>,
    pub clock: Arc<ManualClock>,
    pub faults: Faults,
    _dir: Option<TempDir>,
}

pub fn signer() -> Signer {
    Signer::new(ORIGIN, [3; 32]).unwrap()
}

impl House {
    pub fn model() -> Self {
        Self::over(Arc::new(MemoryStore::new(signer(), ORIGIN.into())), Faults::default(), None)
    }

    pub fn sqlite() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let faults = Faults::default();
        let options = SqliteOptions { readers: 2, cache_mb: 8, faults: faults.clone(), ..SqliteOptions::new(signer()) };
        let store = SqliteStore::create(&dir.path().join("store"), options).unwrap();
        Self::over(store, faults, Some(dir))
    }

    pub fn both() -> [Self; 2] {
        [Self::model(), Self::sqlite()]
    }

    pub fn over(store: Arc<dyn Store>, faults: Faults, dir: Option<TempDir>) -> Self {
        let clock = Arc::new(ManualClock::at(NOW));
        let secret = MasterSecret::new([9; 32]);
        let entropy = Arc::new(SeededEntropy::new(1));
        let door = Door::new(store.clone(), PolicyProfile::SpecialLaw, &secret, clock.clone(), entropy).unwrap();
        let record = Record::new(store.clone(), Arc::new(Sealer::new(&secret)), clock.clone());
        let directory = door.directory().clone();
        Self { desk: Desk { record, door, directory }, store, clock, faults, _dir: dir }
    }

    /// Makes a commit fail after `commits` more have gone well.
    pub fn fail(&self, commits: u32, fault: CommitFault) {
        self.faults.arm_after(commits, fault);
    }

    pub fn leaves(&self) -> u64 {
        self.store.status().leaves
    }

    /// Asks; each request is a millisecond after the one before.
    pub async fn send(
        &self,
        caller: &Caller,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Bytes,
    ) -> Answer {
        self.clock.set(self.clock.now().plus_millis(1));
        let router = tsumugi_record::rest::router().merge(tsumugi_exchange_documents::router());
        let router = router.with_state(self.desk.clone());
        let router = router.layer(axum::middleware::from_fn(tsumugi_record::rest::negotiate));
        let router = router.layer(DefaultBodyLimit::max(limits::BODY_BYTES)).layer(Extension(caller.clone()));
        let mut request = Request::builder().method(method).uri(path).header("host", "house");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = router.oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        Answer { status, headers, body }
    }

    pub async fn get(&self, caller: &Caller, path: &str) -> Answer {
        self.send(caller, "GET", path, &[], Bytes::new()).await
    }

    pub async fn post(&self, caller: &Caller, path: &str, body: &Value) -> Answer {
        self.send(caller, "POST", path, &[], body.to_string().into()).await
    }

    pub async fn put(&self, caller: &Caller, path: &str, body: &Value) -> Answer {
        self.send(caller, "PUT", path, &[], body.to_string().into()).await
    }

    pub async fn delete(&self, caller: &Caller, path: &str) -> Answer {
        self.send(caller, "DELETE", path, &[], Bytes::new()).await
    }

    pub async fn submit(&self, caller: &Caller, bytes: impl Into<Bytes>) -> Answer {
        self.send(caller, "POST", "/Bundle/$submit", &[], bytes.into()).await
    }

    /// A new person of whom a hospital knows the insured number; gives the Patient's id.
    pub async fn person(&self, caller: &Caller, number: u64) -> String {
        self.post(caller, "/Patient", &patient(number)).await.is(201).id()
    }

    pub fn key(&self, id: &str) -> FactKey {
        self.desk.record.sealer().open(id).unwrap()
    }

    pub fn citizen_of(&self, id: &str) -> CitizenId {
        self.key(id).citizen
    }

    /// The person herself.
    pub fn herself(&self, patient: &str) -> Caller {
        let mut caller = caller(Role::Citizen, Purpose::PatientRequest, OrganizationKind::Household, "household");
        caller.citizen = Some(self.citizen_of(patient));
        caller
    }

    /// What she decides about who may see what.
    pub async fn decide(&self, patient: &str, changes: &[Change]) {
        let her = self.herself(patient);
        let request =
            tsumugi_access::Request { caller: &her, action: Action::Standing, citizen: self.citizen_of(patient) };
        let permit = self.desk.door.admit(request).await.unwrap();
        let write = self.desk.door.change(&permit, changes).await.unwrap();
        let leaves = permit.into_leaves(&Shown::none()).await.unwrap();
        let batch = Batch { expect: write.expect, rows: write.rows, leaves, ..Batch::default() };
        self.store.commit(batch).await.unwrap();
        self.desk.door.forget(self.citizen_of(patient));
    }
}

/// A restriction that holds from now on.
pub fn restriction(id: &str, against: tsumugi_access::Against, hides: tsumugi_access::Hides) -> Change {
    let period = Period::since(NOW);
    Change::Restrict(Restriction { id: id.into(), against, hides, emergency_may_override: false, period })
}

pub fn caller(role: Role, purpose: Purpose, kind: OrganizationKind, organization: &str) -> Caller {
    Caller {
        person: PersonId::new(&format!("the-{role}-of-{organization}")).unwrap(),
        person_name: format!("{role} さん"),
        qualification: None,
        organization: OrganizationId::new(organization).unwrap(),
        organization_name: format!("{organization} の名前"),
        organization_kind: kind,
        role,
        purpose,
        citizen: None,
        on_behalf: None,
        automatic: false,
        reason: None,
        whole: false,
        scope: None,
        expires: NOW.plus_millis(3_600_000 * 24),
    }
}

/// A physician of the hospital with this number.
pub fn physician(organization: &str) -> Caller {
    caller(Role::Physician, Purpose::Treat, OrganizationKind::Hospital, organization)
}

/// みなと総合病院, of the story.
pub fn hospital() -> Caller {
    physician(&Cast::new().hospital.id)
}

/// あおば診療所, of the story.
pub fn clinic() -> Caller {
    caller(Role::Physician, Purpose::Treat, OrganizationKind::Clinic, &Cast::new().clinic.id)
}

pub fn care_worker(organization: &str) -> Caller {
    caller(Role::CareWorker, Purpose::CareManagement, OrganizationKind::CareOffice, organization)
}

pub fn city() -> Caller {
    caller(Role::Municipality, Purpose::RecordManagement, OrganizationKind::Municipality, "city-tsumugi")
}
