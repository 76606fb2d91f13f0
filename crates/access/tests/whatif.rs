//! Recorded decisions asked again of other rules.

#![expect(clippy::unwrap_used, reason = "helpers of tests; clippy spares test functions only")]

mod town;

use town::{HER, NOW, Town, caller, town};
use tsumugi_access::{
    Action, Change, PolicyProfile, Relation, RelationKind, Shown,
    policy::Policies,
    standing::Period,
    whatif::{Effect, WhatIf},
};
use tsumugi_kernel::{Instant, OrganizationKind, Purpose, Role};
use tsumugi_people::Organization;
use tsumugi_store::{Batch, Row, Table};

/// Her row in the register, and the organisations.
async fn registered(town: &Town) {
    let row = Row {
        table: Table::Citizen,
        key: HER.0.to_be_bytes().to_vec(),
        value: Some(format!(r#"{{"v":2,"id":{}}}"#, HER.0).into_bytes()),
    };
    town.store.commit(Batch { rows: vec![row], ..Batch::default() }).await.unwrap();
    let kinds = [OrganizationKind::Hospital, OrganizationKind::Clinic, OrganizationKind::Household];
    let all = kinds.map(|kind| Organization::new(town::place(kind), kind.code().to_owned(), kind));
    town.door.directory().register(&[], &all).await.unwrap();
}

async fn look(town: &Town, role: Role, purpose: Purpose, kind: OrganizationKind) -> bool {
    match town.admit(&caller(role, purpose, kind), Action::Page).await {
        Ok(permit) => permit.seal(Shown::none()).await.is_ok(),
        Err(_) => false,
    }
}

async fn tried(town: &Town, profile: PolicyProfile, since: Instant) -> WhatIf {
    let other = Policies::load(profile).unwrap();
    town.door.what_if(&other, since, u64::MAX, &mut |_, _| {}).await.unwrap()
}

#[tokio::test]
async fn it_says_who_would_be_refused_and_who_allowed_and_is_the_same_for_the_same_rules() {
    let town = town(PolicyProfile::SpecialLaw);
    registered(&town).await;
    let visit = Relation {
        kind: RelationKind::Encounter,
        organization: town::place(OrganizationKind::Hospital),
        period: Period::between(NOW, NOW.plus_millis(10_000)),
    };
    let city = caller(Role::Registrar, Purpose::RecordManagement, OrganizationKind::Municipality);
    town.change(&city, Action::Standing, &[Change::Relate(visit)]).await.unwrap();
    town.clock.set(NOW.plus_millis(1_000));
    for _ in 0..3 {
        assert!(look(&town, Role::Physician, Purpose::Treat, OrganizationKind::Hospital).await);
    }
    assert!(look(&town, Role::Physician, Purpose::Treat, OrganizationKind::Clinic).await, "what it wrote itself");
    assert!(!look(&town, Role::Researcher, Purpose::Research, OrganizationKind::Clinic).await);
    assert!(look(&town, Role::Citizen, Purpose::PatientRequest, OrganizationKind::Household).await);
    // The visit has ended since: what is asked again is what held then.
    town.clock.set(NOW.plus_millis(20_000));
    assert!(look(&town, Role::Physician, Purpose::Treat, OrganizationKind::Hospital).await);

    let same = tried(&town, PolicyProfile::SpecialLaw, Instant(0)).await;
    assert_eq!((same.changed.len(), same.read, same.same), (0, 8, 6), "{same:?}");
    assert_eq!((same.unlike, same.outside), (1, 1), "the city is in no register; a clinic does no research");

    let today = tried(&town, PolicyProfile::Jp2026, Instant(0)).await;
    // Without the card they would have seen what the hospital wrote itself, and nothing of others.
    let fewer: Vec<_> = today.changed.iter().filter(|row| row.effect == Effect::Narrower).collect();
    // The most frequent first; beside it those of a first contact, at both places.
    assert_eq!(fewer.len(), 3, "{today:?}");
    let physicians = fewer[0];
    assert_eq!((physicians.role, physicians.organization), (Role::Physician, OrganizationKind::Hospital));
    assert_eq!((physicians.decisions, physicians.people, physicians.citizens), (3, 1, 1));
    assert!(physicians.rule.contains("treat-in-care") && !physicians.other.contains("treat-in-care"), "{today:?}");
    assert_eq!((today.count(Effect::Allowed), today.count(Effect::Refused)), (0, 0));

    let late = tried(&town, PolicyProfile::Jp2026, NOW.plus_millis(15_000)).await;
    assert_eq!((late.read, late.changed.len()), (1, 1), "only the last is as young");
    let newest = Policies::load(PolicyProfile::Jp2026).unwrap();
    let few = town.door.what_if(&newest, Instant(0), 2, &mut |_, _| {}).await.unwrap();
    assert_eq!(few.read, 2);
}
