//! Measures the door: CPU per read spent in `admit` and `seal`, over the store in memory.
//!
//! `cargo run --release -p tsumugi-access --example measure`
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a measurement prints, and stops when something is wrong")]

use std::sync::Arc;

use tsumugi_access::{
    Action, Caller, Change, Door, Hides, PolicyProfile, Relation, RelationKind, Request, Restriction, Shown,
};
use tsumugi_access::{Against, standing::Period};
use tsumugi_kernel::{
    CitizenId, Clock, Flags, Kind, MasterSecret, OrganizationId, OrganizationKind, PersonId, Purpose, Role,
    edge::{Stopwatch, SystemClock, SystemEntropy},
};
use tsumugi_ledger::Signer;
use tsumugi_store::{Batch, MemoryStore, Store};

const ROUNDS: u32 = 20_000;

fn caller(role: Role, purpose: Purpose, kind: OrganizationKind) -> Caller {
    Caller {
        person: PersonId::new("dr-sato-0001").unwrap(),
        person_name: "佐藤 健一".into(),
        qualification: Some("医師".into()),
        organization: OrganizationId::new("1311234567").unwrap(),
        organization_name: "東京第一テスト病院".into(),
        organization_kind: kind,
        role,
        purpose,
        citizen: (role == Role::Citizen).then_some(CitizenId(1)),
        on_behalf: None,
        automatic: false,
        reason: None,
        whole: false,
        scope: None,
        expires: SystemClock.now().plus_millis(3_600_000),
    }
}

fn us(watch: Stopwatch) -> f64 {
    watch.elapsed().as_secs_f64() * 1e6 / f64::from(ROUNDS)
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    for profile in PolicyProfile::ALL {
        let store = Arc::new(MemoryStore::new(Signer::new("measure", [1; 32]).unwrap(), "measure".into()));
        let secret = MasterSecret::new([2; 32]);
        let door = Door::new(store.clone(), *profile, &secret, Arc::new(SystemClock), Arc::new(SystemEntropy)).unwrap();
        let her = caller(Role::Citizen, Purpose::PatientRequest, OrganizationKind::Household);
        let doctor = caller(Role::Physician, Purpose::Treat, OrganizationKind::Hospital);
        let permit =
            door.admit(Request { caller: &her, action: Action::Standing, citizen: CitizenId(1) }).await.unwrap();
        let now = Period::since(permit.time());
        let mut changes = vec![Change::Relate(Relation {
            kind: RelationKind::Encounter,
            organization: doctor.organization.clone(),
            period: now,
        })];
        for number in 0..20 {
            let hides = Hides::facts([(Kind::OBSERVATION, number)]);
            let id = number.to_string();
            changes.push(Change::Restrict(Restriction {
                id,
                against: Against::Everyone,
                hides,
                emergency_may_override: false,
                period: now,
            }));
        }
        let write = door.change(&permit, &changes).await.unwrap();
        let leaves = permit.into_leaves(&Shown::none()).await.unwrap();
        store.commit(Batch { rows: write.rows, expect: write.expect, leaves, ..Batch::default() }).await.unwrap();
        door.forget(CitizenId(1));

        let request = Request { caller: &doctor, action: Action::Read, citizen: CitizenId(1) };
        let watch = Stopwatch::start();
        for _ in 0..ROUNDS {
            drop(door.admit(request).await.unwrap());
        }
        let admit = us(watch);
        let watch = Stopwatch::start();
        for number in 0..ROUNDS {
            let permit = door.admit(request).await.unwrap();
            let mut shown = Shown::with_capacity(1);
            shown.add(Kind::OBSERVATION, u64::from(number), Flags::default());
            std::hint::black_box(permit.into_leaves(&shown).await.unwrap());
        }
        let draft = us(watch);
        let watch = Stopwatch::start();
        for number in 0..ROUNDS {
            let permit = door.admit(request).await.unwrap();
            let mut shown = Shown::with_capacity(1);
            shown.add(Kind::OBSERVATION, u64::from(number), Flags::default());
            permit.seal(shown).await.unwrap();
        }
        let seal = us(watch);
        println!(
            "{}: admit {admit:.1} us, admit + leaf {draft:.1} us, admit + seal (memory store) {seal:.1} us",
            profile.code()
        );
    }
}
