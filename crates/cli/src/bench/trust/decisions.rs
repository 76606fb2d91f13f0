//! What a decision costs, and the door around it: 60 policies, a citizen with 20 restrictions.

use std::sync::Arc;

use anyhow::Context as _;
use tsumugi_access::{
    Action, ActionGroup, Against, Caller, Change, Door, Hides, PolicyProfile, Relation, RelationKind, Request,
    Restriction, Shown,
    policy::{Circumstances, Policies},
    standing::Period,
};
use tsumugi_kernel::{
    CitizenId, Clock as _, Flags, Kind, MasterSecret, OrganizationId, OrganizationKind, PersonId, Purpose, Role,
    edge::{Stopwatch, SystemClock, SystemEntropy},
};
use tsumugi_ledger::Signer;
use tsumugi_people::Organization;
use tsumugi_store::{MemoryStore, Store};

use crate::bench::{Figures, measure::median};

const POLICIES: usize = 60;
const RESTRICTIONS: u64 = 20;
const HER: CitizenId = CitizenId(1);
/// Looks of one window.
const LOOKS: usize = 20_000;
const WINDOWS: usize = 5;
/// Questions that nobody asked before.
const NEW_QUESTIONS: usize = 4_000;

/// `decision_p50_us`, `decision_p99_us`: one admission, from the request to the permit with its lens; equal questions are
/// answered from memory, as in service. `decision_new_p50_us`, `decision_new_p99_us`: the policies alone, asked what nobody asked
/// before. `door_us`: clock time of one thread for admission, leaf and seal, over the store in memory, so that no disk is
/// counted.
pub async fn run(figures: &mut Figures) -> anyhow::Result<()> {
    let policies = Arc::new(sixty()?);
    new_questions(&policies, figures)?;
    let (door, doctor) = door(sixty()?).await?;
    let request = Request { caller: &doctor, action: Action::Read, citizen: HER };
    let mut each: Vec<f64> = Vec::with_capacity(LOOKS);
    for _ in 0..LOOKS {
        let watch = Stopwatch::start();
        drop(door.admit(request).await?);
        each.push(watch.elapsed().as_secs_f64() * 1e6);
    }
    percentiles(&mut each, ["decision_p50_us", "decision_p99_us"], figures);
    let mut windows = Vec::with_capacity(WINDOWS);
    for _ in 0..WINDOWS {
        let watch = Stopwatch::start();
        for number in 0..LOOKS as u64 {
            let permit = door.admit(request).await?;
            let mut shown = Shown::with_capacity(1);
            shown.add(Kind::OBSERVATION, number, Flags::default());
            permit.seal(shown).await?;
        }
        windows.push(watch.elapsed().as_secs_f64() * 1e6 / LOOKS as f64);
    }
    figures.insert("door_us", median(windows));
    Ok(())
}

/// The policies of the special law, some of them twice.
fn sixty() -> anyhow::Result<Policies> {
    let own = Policies::load(PolicyProfile::SpecialLaw)?;
    let mut missing = POLICIES.saturating_sub(own.rules().len());
    let mut files: Vec<(String, String)> = own.files().to_vec();
    // The files that a physician's look is decided by first.
    files.sort_by_key(|(name, _)| (name != "TREAT", name != "ALWAYS"));
    for (name, text) in &mut files {
        let purpose = Purpose::from_code(name);
        let of_file: Vec<_> = own.rules().iter().filter(|rule| rule.purpose == purpose).collect();
        for rule in of_file.into_iter().take(missing) {
            let again = rule.text.replace(&format!("\"{}\"", rule.id), &format!("\"{}-again\"", rule.id));
            text.push('\n');
            text.push_str(&again);
            missing -= 1;
        }
    }
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let sixty = Policies::from_files(PolicyProfile::SpecialLaw, &files)?;
    anyhow::ensure!(sixty.rules().len() == POLICIES, "{} policies instead of {POLICIES}", sixty.rules().len());
    Ok(sixty)
}

/// A door, a citizen who restricts a lot, and her physician.
async fn door(policies: Policies) -> anyhow::Result<(Door, Caller)> {
    let signer = Signer::new("tsumugi.example/bench", [3; 32]).context("the log's key")?;
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new(signer, "tsumugi.example/bench".to_owned()));
    let secret = MasterSecret::new([9; 32]);
    let door = Door::with_policies(store, policies, &secret, Arc::new(SystemClock), Arc::new(SystemEntropy));
    let her = caller(Role::Citizen, Purpose::PatientRequest, OrganizationKind::Household)?;
    let doctor = caller(Role::Physician, Purpose::Treat, OrganizationKind::Hospital)?;
    let permit = door.admit(Request { caller: &her, action: Action::Standing, citizen: HER }).await?;
    let period = Period::since(permit.time());
    let (kind, organization) = (RelationKind::Encounter, doctor.organization.clone());
    let mut changes = vec![Change::Relate(Relation { kind, organization, period })];
    changes.extend((0..RESTRICTIONS).map(|number| {
        Change::Restrict(Restriction {
            id: number.to_string(),
            against: Against::Everyone,
            hides: Hides::facts([(Kind::OBSERVATION, u64::MAX - number)]),
            emergency_may_override: false,
            period,
        })
    }));
    door.change_alone(permit, &changes).await?;
    Ok((door, doctor))
}

fn caller(role: Role, purpose: Purpose, kind: OrganizationKind) -> anyhow::Result<Caller> {
    let place = Organization::new(OrganizationId::new(kind.code())?, "東京第一テスト病院", kind);
    let person = (PersonId::new("dr-sato-0001")?, "佐藤 健一".to_owned());
    let expires = SystemClock.now().plus_millis(3_600_000);
    let citizen = (role == Role::Citizen).then_some(HER);
    Ok(Caller { citizen, ..Caller::new(person, &place, role, purpose, expires) })
}

fn new_questions(policies: &Policies, figures: &mut Figures) -> anyhow::Result<()> {
    const RELATIONS: [&str; 5] = ["encounter", "referral", "prescription", "care-in-charge", "care-opinion"];
    const CONSENTS: [&str; 6] = ["checkup", "medication", "treatment", "operation", "chart", "care"];
    let doctor = caller(Role::Physician, Purpose::Treat, OrganizationKind::Hospital)?;
    let mut each = Vec::with_capacity(NEW_QUESTIONS);
    for number in 0..NEW_QUESTIONS {
        let some = |of: &[&'static str], bits: usize| -> Vec<&'static str> {
            of.iter().enumerate().filter(|(at, _)| bits >> at & 1 == 1).map(|(_, code)| *code).collect()
        };
        let circumstances = Circumstances {
            relations: some(&RELATIONS, number),
            consents: some(&CONSENTS, number >> RELATIONS.len()),
            mandate: number >> 11 & 1 == 1,
            ..Circumstances::default()
        };
        let watch = Stopwatch::start();
        std::hint::black_box(policies.ask(&doctor, ActionGroup::View, &circumstances));
        each.push(watch.elapsed().as_secs_f64() * 1e6);
    }
    percentiles(&mut each, ["decision_new_p50_us", "decision_new_p99_us"], figures);
    Ok(())
}

fn percentiles(each: &mut [f64], names: [&'static str; 2], figures: &mut Figures) {
    each.sort_by(f64::total_cmp);
    for (name, hundredths) in names.into_iter().zip([50, 99]) {
        figures.insert(name, each[(each.len() * hundredths / 100).min(each.len() - 1)]);
    }
}
