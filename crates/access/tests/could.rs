//! Who could see what, now and at any moment before: by what held then, as it was known then.

#![expect(clippy::unwrap_used, reason = "helpers of tests; clippy spares test functions only")]

mod town;

use std::sync::Arc;

use town::{NOW, Town, caller, fact, faulty, place, town};
use tsumugi_access::{
    Action, Against, Caller, Change, Could, Door, Hides, PolicyProfile, Relation, RelationKind, Restriction,
    standing::Period,
};
use tsumugi_kernel::{
    Instant, MasterSecret, OrganizationId, OrganizationKind, Purpose, RecordCategory, Role, entropy::SeededEntropy,
};
use tsumugi_store::sqlite::CommitFault;

const HOUR: i64 = 3_600_000;

/// Whether somebody could have seen a fact of elsewhere, and by which rules.
async fn could(town: &Town, door: &Door, (viewer, of): &(Caller, RecordCategory), at: Instant) -> (bool, String) {
    let her = caller(Role::Citizen, Purpose::PatientRequest, OrganizationKind::Household);
    let permit = town.admit(&her, Action::AccessLog).await.unwrap();
    let moment = door.moment(&permit, at).await.unwrap();
    match door.could_see(&permit, &moment, viewer).await.unwrap() {
        Could::Nothing => (false, if moment.has_rules() { "none" } else { "unknown" }.to_owned()),
        Could::See(lens, rules) => {
            let seen = lens.shows(&fact(*of, 1, "clinic"));
            (seen, rules.iter().map(|rule| rule.id.as_str()).collect::<Vec<_>>().join(" "))
        }
    }
}

fn physician() -> (Caller, RecordCategory) {
    (caller(Role::Physician, Purpose::Treat, OrganizationKind::Hospital), RecordCategory::Condition)
}

async fn city(town: &Town, change: Change) {
    let city = caller(Role::Registrar, Purpose::RecordManagement, OrganizationKind::Municipality);
    town.change(&city, Action::Standing, &[change]).await.unwrap();
}

fn relate(kind: RelationKind, place: OrganizationId, from: Instant) -> Change {
    Change::Relate(Relation { kind, organization: place, period: Period::since(from) })
}

#[tokio::test]
async fn what_was_reported_late_opened_nothing_before_and_what_was_lifted_hid_until_then() {
    let town = town(PolicyProfile::SpecialLaw);
    town.door.note_policies().await.unwrap();
    let at = |hours: i64| NOW.plus_millis(hours * HOUR);
    let manager =
        (caller(Role::CareManager, Purpose::CareManagement, OrganizationKind::CareOffice), RecordCategory::Care);
    let office = || place(OrganizationKind::CareOffice);
    // On the second hour it is reported who is in charge since before the first.
    town.clock.set(at(2));
    city(&town, relate(RelationKind::CareInCharge, office(), at(0))).await;
    town.clock.set(at(4));
    let hides = Restriction {
        id: "r".into(),
        against: Against::Everyone,
        hides: Hides::Categories(vec![RecordCategory::Care]),
        emergency_may_override: true,
        period: Period::since(at(4)),
    };
    town.herself(&[Change::Restrict(hides)]).await;
    town.clock.set(at(6));
    town.herself(&[Change::Lift { restriction: "r".into(), at: at(6) }]).await;
    town.clock.set(at(8));
    city(&town, Change::Part { kind: RelationKind::CareInCharge, organization: office(), at: at(1) }).await;
    town.clock.set(at(9));
    let mut seen = Vec::new();
    for hour in 1..=9 {
        seen.push(could(&town, &town.door, &manager, at(hour)).await.0);
    }
    // 1: nobody knew. 2, 3: open. 4, 5: hidden. 6, 7: open, although the office's charge had ended at 1. 8, 9: known to have ended.
    assert_eq!(seen, [false, true, true, false, false, true, true, false, false]);
}

#[tokio::test]
async fn the_rules_are_those_that_held_then() {
    let town = town(PolicyProfile::SpecialLaw);
    assert_eq!(could(&town, &town.door, &physician(), NOW.plus_millis(-1)).await.1, "unknown", "nobody noted any");
    town.door.note_policies().await.unwrap();
    town.door.note_policies().await.unwrap();
    city(&town, relate(RelationKind::Encounter, place(OrganizationKind::Hospital), NOW)).await;
    let day = NOW.plus_millis(24 * HOUR);
    town.clock.set(day);
    // The deployment starts anew under the other profile.
    let secret = MasterSecret::new([9; 32]);
    let entropy = Arc::new(SeededEntropy::new(2));
    let later = Door::new(town.store.clone(), PolicyProfile::Jp2026, &secret, town.clock.clone(), entropy).unwrap();
    later.note_policies().await.unwrap();
    town.clock.set(day.plus_millis(HOUR));
    let (before, rules) = could(&town, &later, &physician(), day.plus_millis(-1)).await;
    assert!(before && rules.contains("treat-in-care"), "{rules}");
    let (after, rules) = could(&town, &later, &physician(), day).await;
    assert!(!after && !rules.contains("treat-in-care"), "without a card nothing of others: {rules}");
    assert_eq!(could(&town, &later, &physician(), NOW.plus_millis(-1)).await.1, "unknown");
    // Back again, with the clock set back as well: what is noted last stands last.
    town.clock.set(NOW);
    town.door.note_policies().await.unwrap();
    town.clock.set(day.plus_millis(2 * HOUR));
    assert!(could(&town, &town.door, &physician(), day.plus_millis(HOUR)).await.0);
}

#[tokio::test]
async fn a_note_that_failed_is_made_again_and_one_that_is_there_is_not() {
    for fault in [CommitFault::Fails, CommitFault::FailsButPersists] {
        let (town, faults, _dir) = faulty();
        faults.arm(fault);
        assert!(town.door.note_policies().await.is_err());
        town.door.note_policies().await.unwrap();
        town.clock.set(NOW.plus_millis(HOUR));
        let (_, rules) = could(&town, &town.door, &physician(), NOW).await;
        assert_ne!(rules, "unknown");
    }
}
