//! A door over a store in memory, with a clock set by hand.
#![allow(dead_code, reason = "each test file uses its part")]

use std::sync::Arc;

use tempfile::TempDir;

use tsumugi_access::{
    Action, Caller, Change, DisasterAct, Door, Permit, PolicyProfile, Refusal, Request, Shown, Traits,
    disaster::{DisasterSaying, Proposal},
};
use tsumugi_kernel::{
    CitizenId, Clock as _, Flags, Instant, Kind, MasterSecret, OrganizationId, OrganizationKind, PersonId, Purpose,
    RecordCategory, Role, clock::ManualClock, entropy::SeededEntropy,
};
use tsumugi_ledger::Signer;

use tsumugi_people::{Area, Clerk, Merge, Organization};
use tsumugi_store::{Batch, MemoryStore, Row, SqliteOptions, SqliteStore, Store, Table, sqlite::Faults};

pub const NOW: Instant = Instant(1_795_000_000_000);
pub const HER: CitizenId = CitizenId(7);

pub struct Town {
    pub store: Arc<dyn Store>,
    pub door: Door,
    pub clock: Arc<ManualClock>,
}

pub fn vkey() -> String {
    signer().vkey()
}

fn signer() -> Signer {
    Signer::new("tsumugi.example/test", [3; 32]).unwrap()
}

pub fn town(profile: PolicyProfile) -> Town {
    over(Arc::new(MemoryStore::new(signer(), "tsumugi.example/test".to_owned())), profile)
}

/// The same over a store whose commits can be made to fail; the folder lives as long as its handle.
pub fn faulty() -> (Town, Faults, TempDir) {
    let (dir, faults) = (tempfile::tempdir().unwrap(), Faults::default());
    let options = SqliteOptions { readers: 2, cache_mb: 8, faults: faults.clone(), ..SqliteOptions::new(signer()) };
    let store = SqliteStore::create(&dir.path().join("store"), options).unwrap();
    (over(store, PolicyProfile::SpecialLaw), faults, dir)
}

fn over(store: Arc<dyn Store>, profile: PolicyProfile) -> Town {
    let clock = Arc::new(ManualClock::at(NOW));
    let secret = MasterSecret::new([9; 32]);
    let door = Door::new(store.clone(), profile, &secret, clock.clone(), Arc::new(SeededEntropy::new(1))).unwrap();
    Town { store, door, clock }
}

pub fn person(id: &str) -> PersonId {
    PersonId::new(id).unwrap()
}

pub fn organization(id: &str) -> OrganizationId {
    OrganizationId::new(id).unwrap()
}

/// The id that stands for the one organisation of a kind.
pub fn place(kind: OrganizationKind) -> OrganizationId {
    organization(kind.code())
}

pub fn caller(role: Role, purpose: Purpose, kind: OrganizationKind) -> Caller {
    Caller {
        person: person(&format!("the-{role}")),
        person_name: format!("{role} さん"),
        qualification: None,
        organization: place(kind),
        organization_name: format!("{kind} A"),
        organization_kind: kind,
        role,
        purpose,
        citizen: (role == Role::Citizen).then_some(HER),
        on_behalf: None,
        automatic: role == Role::System,
        reason: None,
        whole: false,
        scope: None,
        expires: NOW.plus_millis(3_600_000 * 24 * 3650),
    }
}

pub fn fact(category: RecordCategory, number: u64, source: &str) -> Traits<'_> {
    Traits { kind: Kind::OBSERVATION, number, category, flags: Flags::default(), day: Some(20_000), source }
}

impl Town {
    pub async fn admit(&self, caller: &Caller, action: Action) -> Result<Permit, Refusal> {
        self.door.admit(Request { caller, action, citizen: HER }).await
    }

    /// Changes her standing the way a caller of the door does: permit, rows, one commit with the leaf, forget.
    pub async fn change(&self, caller: &Caller, action: Action, changes: &[Change]) -> Result<(), String> {
        let permit = self.admit(caller, action).await.map_err(|refusal| refusal.to_string())?;
        let write = self.door.change(&permit, changes).await.map_err(|fault| fault.to_string())?;
        let leaves = permit.into_leaves(&Shown::none()).await.unwrap();
        let batch = Batch { expect: write.expect, rows: write.rows, leaves, ..Batch::default() };
        self.store.commit(batch).await.map_err(|error| error.to_string())?;
        self.door.forget(HER);
        Ok(())
    }

    pub async fn herself(&self, changes: &[Change]) {
        let her = caller(Role::Citizen, Purpose::PatientRequest, OrganizationKind::Household);
        self.change(&her, Action::Standing, changes).await.unwrap();
    }

    /// Makes another shelf hers, as two clerks would.
    pub async fn merge(&self, other: CitizenId) {
        let clerk = |id: &str| Clerk {
            person: person(id),
            name: id.to_owned(),
            organization: organization("city"),
            organization_name: "市役所".to_owned(),
        };
        let rows = [HER, other].map(|citizen| Row {
            table: Table::Citizen,
            key: citizen.0.to_be_bytes().to_vec(),
            value: Some(format!(r#"{{"v":2,"id":{}}}"#, citizen.0).into_bytes()),
        });
        self.store.commit(Batch { rows: rows.to_vec(), ..Batch::default() }).await.unwrap();
        let merge = Merge { number: self.store.reserve(1), one: HER, other, after: 0, at: NOW };
        let directory = self.door.directory();
        let write = directory.merge(&merge, vec![clerk("one"), clerk("two")]).await.unwrap();
        let batch = Batch { rows: write.rows, expect: write.expect, ..Batch::default() };
        self.store.commit(batch).await.unwrap();
        directory.forget_shelves(&write.shelves);
    }

    /// Opens the disaster mode where the one organisation of a kind is.
    pub async fn disaster(&self, kind: OrganizationKind) {
        let municipality = Area::read("49201").ok();
        let place = Organization { municipality, ..Organization::new(place(kind), "A", kind) };
        self.door.directory().register(&[], &[place]).await.unwrap();
        let by = |id: &str| Caller {
            person: person(id),
            ..caller(Role::Supervisor, Purpose::Operations, OrganizationKind::SupervisingBody)
        };
        let proposal = Proposal {
            form: "form".into(),
            place: "綾野県 紬市".into(),
            areas: municipality.into_iter().collect(),
            reason: "綾野県で地震".into(),
            from: NOW,
            until: NOW.plus_millis(86_400_000),
        };
        let opening = self.door.propose_opening(&by("one"), proposal).await.unwrap();
        let saying = DisasterSaying { act: DisasterAct::Confirm, read: 1, until: None, reason: "" };
        self.door.say_of_opening(&by("two"), opening.number, saying).await.unwrap();
    }

    pub fn clock_now(&self) -> Instant {
        self.clock.now()
    }

    pub async fn leaves(&self) -> u64 {
        self.store.status().leaves
    }
}
