//! What leaves say, to whom, and that none can be missed.
#![expect(clippy::unwrap_used, reason = "helpers of tests; clippy spares test functions only")]

mod town;

use town::{HER, NOW, caller, place, town};
use tsumugi_access::{Action, Change, PolicyProfile, Relation, RelationKind, Request, Shown, standing::Period};
use tsumugi_kernel::{CitizenId, Flags, Kind, OrganizationKind, Purpose, Role};
use tsumugi_ledger::{completeness, leaf::LeafView, look::Decision};

fn her() -> tsumugi_access::Caller {
    caller(Role::Citizen, Purpose::PatientRequest, OrganizationKind::Household)
}

fn doctor() -> tsumugi_access::Caller {
    caller(Role::Physician, Purpose::Treat, OrganizationKind::Hospital)
}

fn condition() -> Kind {
    Kind::from_name("Condition").unwrap()
}

fn with_withheld() -> Shown {
    let mut shown = Shown::none();
    for number in [11, 12, 13] {
        shown.add(Kind::OBSERVATION, number, Flags::default());
    }
    shown.add(condition(), 99, Flags::UNINFORMED);
    shown
}

#[tokio::test]
async fn the_citizens_part_never_names_what_is_withheld_and_is_as_long() {
    let town = town(PolicyProfile::SpecialLaw);
    let mut asks = doctor();
    asks.reason = Some("がんの経過を見るため".into());
    town.admit(&asks, Action::Everything).await.unwrap().seal(with_withheld()).await.unwrap();

    let log = town.admit(&her(), Action::AccessLog).await.unwrap();
    let look = log.looks(1, 1).await.unwrap().remove(0).part;
    assert_eq!(look.shown.get("Observation").map(String::as_str), Some("11-13"));
    assert_eq!((look.shown.len(), look.count, look.reason.as_deref()), (1, 3, None));
    assert_eq!((look.decision, look.action.as_str(), look.purpose.as_str()), (Decision::Shown, "everything", "TREAT"));
    assert_eq!(look.rule, "treat-first-contact treat-own-facts");

    let supervisor = caller(Role::Supervisor, Purpose::Operations, OrganizationKind::SupervisingBody);
    let review = town.admit(&supervisor, Action::AccessLog).await.unwrap();
    let look = review.looks(1, 1).await.unwrap().remove(0).part;
    assert_eq!(look.shown.get("Condition").map(String::as_str), Some("99"));
    assert_eq!((look.count, look.reason.is_some()), (4, true));

    // The bytes give nothing away either: a look at the same facts without the withheld one is as long.
    let mut plain = Shown::none();
    for number in [11, 12, 13] {
        plain.add(Kind::OBSERVATION, number, Flags::default());
    }
    town.admit(&doctor(), Action::Everything).await.unwrap().seal(plain).await.unwrap();
    let bytes: Vec<usize> = town.store.log(0, 2).await.unwrap().iter().map(|leaf| leaf.bytes.len()).collect();
    assert_eq!(bytes[0], bytes[1]);
    let first = town.store.log(0, 1).await.unwrap().remove(0);
    let body = LeafView::new(&first.bytes).unwrap().body.len() - 21;
    assert_eq!(body % 2, 0, "two parts of one length");
    for permit in [log, review] {
        permit.seal(Shown::none()).await.unwrap();
    }
}

#[tokio::test]
async fn a_write_of_withheld_facts_reads_like_any_other_write() {
    let town = town(PolicyProfile::SpecialLaw);
    let mut shown = Shown::none();
    shown.subject(5);
    shown.add(condition(), 99, Flags::UNINFORMED.with(Flags::LONG_TERM));
    let leaves = town.admit(&doctor(), Action::Create).await.unwrap().into_leaves(&shown).await.unwrap();
    town.store.commit(tsumugi_store::Batch { leaves, ..Default::default() }).await.unwrap();
    let log = town.admit(&her(), Action::AccessLog).await.unwrap();
    let look = log.looks(1, 1).await.unwrap().remove(0).part;
    assert_eq!((look.decision, look.count), (Decision::Written, 1));
    assert_eq!(look.shown.into_iter().collect::<Vec<_>>(), [("Patient".to_owned(), "5".to_owned())]);
    log.seal(Shown::none()).await.unwrap();
}

#[tokio::test]
async fn refusals_are_in_the_log_with_their_cause() {
    let town = town(PolicyProfile::SpecialLaw);
    for (asks, cause) in [
        (caller(Role::Crew, Purpose::Treat, OrganizationKind::FireHeadquarters), "outside-table"),
        (caller(Role::Physician, Purpose::Treat, OrganizationKind::Insurer), "no-rule"),
        (tsumugi_access::Caller { citizen: Some(CitizenId(1)), ..doctor() }, "one-citizen-per-sign-in"),
    ] {
        let refusal = town.admit(&asks, Action::Read).await.unwrap_err();
        let number = refusal.receipt().unwrap().number;
        let log = town.admit(&her(), Action::AccessLog).await.unwrap();
        let look = log.looks(number, number).await.unwrap().remove(0).part;
        assert_eq!((look.decision, look.rule.as_str(), look.count), (Decision::Refused, cause, 0));
        log.seal(Shown::none()).await.unwrap();
    }
}

#[tokio::test]
async fn only_a_permit_for_the_log_opens_it() {
    let town = town(PolicyProfile::SpecialLaw);
    let read = town.admit(&doctor(), Action::Read).await.unwrap();
    assert!(read.looks(1, 10).await.is_err());
    assert!(read.proof("x").await.is_err());
    read.seal(Shown::none()).await.unwrap();
}

#[tokio::test]
async fn the_proof_of_all_looks_is_checked_by_the_ledger_alone() {
    let town = town(PolicyProfile::SpecialLaw);
    // Others' leaves stand between hers, so that the tree and the map have more than one path.
    for round in 0..300_u64 {
        let citizen = if round % 3 == 0 { HER } else { CitizenId(100 + round) };
        let permit = town.door.admit(Request { caller: &doctor(), action: Action::Read, citizen }).await.unwrap();
        permit.seal(with_withheld()).await.unwrap();
    }
    town.store.publish().await.unwrap();
    // Pending: after the checkpoint.
    town.admit(&doctor(), Action::Read).await.unwrap().seal(Shown::none()).await.unwrap();
    let log = town.admit(&her(), Action::AccessLog).await.unwrap();
    let proof = log.proof(&town::vkey()).await.unwrap();
    let report = completeness::verify(&proof, Some(&town::vkey())).unwrap();
    assert_eq!((report.count, report.looks.len(), report.unreadable.len()), (100, 100, 0));
    assert!(report.looks.iter().all(|look| look.look.count == 3));
    assert_eq!(log.looks_count().await.unwrap(), 101);

    let mut shortened = proof.clone();
    shortened.leaf_hashes.pop();
    shortened.readable.pop();
    shortened.count -= 1;
    assert!(completeness::verify(&shortened, Some(&town::vkey())).is_err(), "a dropped last look shows");
    log.seal(Shown::none()).await.unwrap();
}

#[tokio::test]
async fn two_changes_at_once_do_not_both_happen() {
    let town = town(PolicyProfile::SpecialLaw);
    let relate = |kind| {
        Change::Relate(Relation { kind, organization: place(OrganizationKind::Hospital), period: Period::since(NOW) })
    };
    let (one, two) =
        (town.admit(&her(), Action::Standing).await.unwrap(), town.admit(&her(), Action::Standing).await.unwrap());
    let first = town.door.change(&one, &[relate(RelationKind::Encounter)]).await.unwrap();
    let second = town.door.change(&two, &[relate(RelationKind::Referral)]).await.unwrap();
    for (permit, write, happens) in [(one, first, true), (two, second, false)] {
        let leaves = permit.into_leaves(&Shown::none()).await.unwrap();
        let batch = tsumugi_store::Batch { rows: write.rows, expect: write.expect, leaves, ..Default::default() };
        assert_eq!(town.store.commit(batch).await.is_ok(), happens);
    }
}
