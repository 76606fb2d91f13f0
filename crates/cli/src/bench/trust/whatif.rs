//! How long it takes to ask recorded decisions again of other rules.

use std::sync::Arc;

use anyhow::{Context as _, ensure};
use tsumugi_access::{
    Action, Caller, Change, Door, PolicyProfile, Relation, RelationKind, Request, Shown, policy::Policies,
    standing::Period,
};
use tsumugi_kernel::{
    CitizenId, Clock as _, Flags, Instant, Kind, MasterSecret, OrganizationId, OrganizationKind, PersonId, Purpose,
    Role,
    edge::{Stopwatch, SystemClock, SystemEntropy},
};
use tsumugi_ledger::Signer;
use tsumugi_people::{Identifier, Incoming, Organization, identifier};
use tsumugi_store::{SqliteOptions, SqliteStore, Store};

use crate::bench::{Figures, measure::Place};

/// Decisions that are asked again.
const DECISIONS: u64 = 1_000_000;
/// Citizens whom they are about.
const CITIZENS: u64 = 10_000;
/// Looks under way at once while the log is made.
const TASKS: u64 = 512;
/// Who looks: a town's usual mixture.
const LOOKERS: [(Role, Purpose, OrganizationKind); 6] = [
    (Role::Physician, Purpose::Treat, OrganizationKind::Hospital),
    (Role::Nurse, Purpose::Treat, OrganizationKind::Hospital),
    (Role::Pharmacist, Purpose::Treat, OrganizationKind::Pharmacy),
    (Role::CareManager, Purpose::CareManagement, OrganizationKind::CareOffice),
    (Role::Insurer, Purpose::Payment, OrganizationKind::Insurer),
    (Role::Physician, Purpose::Treat, OrganizationKind::Clinic),
];

/// `whatif_1m_s`: a million decisions of a log on disk, asked again of the other profile; seconds of the clock.
pub async fn run(figures: &mut Figures) -> anyhow::Result<()> {
    let place = Place::new("whatif");
    let options = SqliteOptions::new(Signer::new("tsumugi.example/bench", [3; 32]).context("the log's key")?);
    let store: Arc<dyn Store> = SqliteStore::create(place.path(), options)?;
    let secret = MasterSecret::new([9; 32]);
    let (clock, entropy) = (Arc::new(SystemClock), Arc::new(SystemEntropy));
    let door = Door::new(store, PolicyProfile::SpecialLaw, &secret, clock, entropy)?;
    record(&door).await?;
    let other = Policies::load(PolicyProfile::Jp2026)?;
    let watch = Stopwatch::start();
    let result = door.what_if(&other, Instant(0), DECISIONS, &mut |_, _| {}).await?;
    figures.insert("whatif_1m_s", watch.elapsed().as_secs_f64());
    ensure!(result.read == DECISIONS, "{} decisions were read", result.read);
    ensure!(
        result.same + result.changed.iter().map(|row| row.decisions).sum::<u64>() > DECISIONS * 9 / 10,
        "{result:?}"
    );
    Ok(())
}

/// The log: everybody is in care at the hospital and at the office, and is looked at by all.
async fn record(door: &Door) -> anyhow::Result<()> {
    let lookers = LOOKERS.iter().map(|looker| caller(*looker)).collect::<anyhow::Result<Vec<Caller>>>()?;
    let places: Vec<Organization> = lookers.iter().map(place).collect();
    door.directory().register(&[], &places).await?;
    let city = caller((Role::Registrar, Purpose::RecordManagement, OrganizationKind::Municipality))?;
    let mut citizens = Vec::new();
    for number in 0..CITIZENS {
        let citizen = settled(door, number).await?;
        let request = Request { caller: &city, action: Action::Standing, citizen };
        let permit = door.admit(request).await?;
        let period = Period::since(permit.time());
        let relate =
            |kind, place: &Caller| Change::Relate(Relation { kind, organization: place.organization.clone(), period });
        let changes = [relate(RelationKind::Encounter, &lookers[0]), relate(RelationKind::CareInCharge, &lookers[3])];
        door.change_alone(permit, &changes).await?;
        citizens.push(citizen);
    }
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..TASKS {
        let (door, lookers, citizens) = (door.clone(), lookers.clone(), citizens.clone());
        tasks.spawn(async move {
            for number in (task..DECISIONS).step_by(usize::try_from(TASKS)?) {
                let at = usize::try_from(number)?;
                let (looker, citizen) = (&lookers[at % lookers.len()], citizens[at % citizens.len()]);
                let permit = door.admit(Request { caller: looker, action: Action::Page, citizen }).await?;
                let mut shown = Shown::with_capacity(1);
                shown.add(Kind::OBSERVATION, number, Flags::default());
                permit.seal(shown).await?;
            }
            anyhow::Ok(())
        });
    }
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    Ok(())
}

/// A citizen in the register.
async fn settled(door: &Door, number: u64) -> anyhow::Result<CitizenId> {
    let incoming = Incoming {
        identifiers: vec![Identifier::new(identifier::MEMBER, format!("39131234::{number:08}:"))],
        name: Some(format!("試験 {number}")),
        ..Incoming::default()
    };
    let resolution = door.directory().resolve(&incoming, SystemClock.now()).await?;
    let id = resolution.person().id;
    ensure!(door.directory().settle(resolution).await?, "a citizen could not be put into the directory");
    Ok(id)
}

fn place(caller: &Caller) -> Organization {
    Organization::new(caller.organization.clone(), caller.organization_name.clone(), caller.organization_kind)
}

fn caller((role, purpose, kind): (Role, Purpose, OrganizationKind)) -> anyhow::Result<Caller> {
    let place = Organization::new(OrganizationId::new(kind.code())?, kind.code(), kind);
    let person = (PersonId::new(&format!("the-{role}"))?, role.code().to_owned());
    Ok(Caller::new(person, &place, role, purpose, SystemClock.now().plus_millis(3 * 3_600_000)))
}
