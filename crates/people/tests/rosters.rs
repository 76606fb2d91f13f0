//! Rosters and the numbers under which organisations act.
#![expect(clippy::unwrap_used, reason = "helpers of tests; clippy spares test functions only")]

use std::sync::Arc;

use jiff::civil::{Date, date};
use tsumugi_kernel::{OrganizationId, OrganizationKind, PersonId, Role};
use tsumugi_ledger::Signer;
use tsumugi_people::{By, Directory, Organization, Post, Source, Validity};
use tsumugi_store::MemoryStore;

fn directory() -> Directory {
    Directory::new(Arc::new(MemoryStore::new(Signer::new("test", [1; 32]).unwrap(), "test".into())))
}

fn post(role: Role, from: Date, until: Option<Date>) -> Post {
    let organization = OrganizationId::new("4911000017").unwrap();
    let source = Source { organization, by: By::Desk, reference: None };
    Post { role, validity: Validity::new(Some(from), until), source }
}

#[tokio::test]
async fn whoever_left_acts_no_more() {
    let directory = directory();
    let (hospital, okada) = (OrganizationId::new("4911000017").unwrap(), PersonId::new("okada").unwrap());
    let day = date(2026, 11, 22);
    let may = async |role, day| directory.posts(&hospital, &okada).await.unwrap().may_act(role, day);
    assert!(may(Role::Physician, day).await, "the hospital keeps no roster here yet");
    directory.appoint(&hospital, &okada, &post(Role::Physician, date(2024, 4, 1), None)).await.unwrap();
    assert!(may(Role::Physician, day).await);
    assert!(!may(Role::Physician, date(2024, 3, 31)).await, "before the first day");
    assert!(!may(Role::Pharmacist, day).await, "in another role");
    assert!(may(Role::Citizen, day).await, "as herself she needs no post");
    directory.dismiss(&hospital, &okada, Role::Physician, date(2026, 11, 1)).await.unwrap();
    assert!(may(Role::Physician, date(2026, 10, 31)).await);
    assert!(!may(Role::Physician, day).await, "the post ended");
    // Back again, and told twice.
    for _ in 0..2 {
        directory.appoint(&hospital, &okada, &post(Role::Physician, date(2026, 11, 20), None)).await.unwrap();
    }
    assert!(may(Role::Physician, day).await);
    let roster = directory.roster(&hospital, None, 10).await.unwrap();
    assert_eq!((roster.len(), roster[0].1.posts.len()), (1, 2), "the earlier post is still told");
}

#[tokio::test]
async fn a_kept_roster_lets_nobody_else_in() {
    let directory = directory();
    let (hospital, other) = (OrganizationId::new("4911000017").unwrap(), OrganizationId::new("49110000").unwrap());
    let stranger = PersonId::new("stranger").unwrap();
    let may = async |at: &OrganizationId, role| {
        directory.posts(at, &stranger).await.unwrap().may_act(role, date(2026, 11, 22))
    };
    assert!(may(&hospital, Role::Nurse).await);
    directory.keep_roster(&hospital).await.unwrap();
    assert!(!may(&hospital, Role::Nurse).await, "also when it was asked before");
    assert!(may(&hospital, Role::System).await, "a machine is registered, not employed");
    assert!(may(&other, Role::Nurse).await, "an organisation whose number begins the same is another");
}

#[tokio::test]
async fn payers_act_under_their_own_numbers() {
    let directory = directory();
    let make = |id: &str, kind| Organization::new(OrganizationId::new(id).unwrap(), id, kind);
    let insurer = make("insurer-39490014", OrganizationKind::Insurer);
    let city = make("city", OrganizationKind::Municipality);
    let hospital = make("4911000017", OrganizationKind::Hospital);
    directory.act_under(&city.id, &["494906".into(), "12490018".into()]).await.unwrap();
    directory.act_under(&hospital.id, &["494906".into()]).await.unwrap();
    for (organization, number, expected) in [
        (&insurer, "39490014", true),
        (&insurer, "9490014", false),
        (&insurer, "06123456", false),
        (&insurer, "", false),
        (&city, "494906", true),
        (&city, "12490018", true),
        (&city, "49490", false),
        (&hospital, "494906", false),
        (&hospital, "4911000017", false),
    ] {
        let acts = directory.acts_under(organization, number).await.unwrap();
        assert_eq!(acts, expected, "{} {number}", organization.id);
    }
}
