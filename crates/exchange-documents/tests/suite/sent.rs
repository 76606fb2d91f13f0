//! What an organisation sent, counted: taken in and refused, day by day, folded without loss.

use jiff::civil::date;
use tsumugi_kernel::Instant;
use tsumugi_store::{CommitError, sqlite::CommitFault};
use tsumugi_synth::load::Load;

use crate::common::{House, hospital, physician};

const DAY: i64 = 86_400_000;
/// 2026-11-22T12:00 in Japan.
const NOON: Instant = Instant(1_795_316_400_000);

#[tokio::test]
async fn submissions_are_counted_by_day_and_sender_and_folding_changes_nothing() {
    for house in House::both() {
        let mut one = hospital();
        one.expires = Instant(i64::MAX);
        let mut two = physician("1310000002");
        two.expires = Instant(i64::MAX);
        let load = Load::new(7, 20);
        house.clock.set(NOON);
        house.submit(&one, load.document(1, 0)).await.is(201);
        house.submit(&one, load.document(2, 0)).await.is(201);
        // The same bytes again are no second submission.
        house.submit(&one, load.document(1, 0)).await.is(200);
        let broken = String::from_utf8(load.document(3, 0)).unwrap().replacen(
            "\"type\":\"document\"",
            "\"type\":\"searchset\"",
            1,
        );
        house.submit(&one, broken).await.outcome(422);
        house.submit(&two, load.document(4, 1)).await.is(201);
        let record = &house.desk.record;
        let from = date(2026, 11, 1);
        let today = record.sent(&one.organization, from).await.unwrap();
        assert_eq!(today.len(), 1);
        let (day, counts) = &today[0];
        assert_eq!((*day, counts.submissions, counts.refused, counts.resources), (date(2026, 11, 22), 3, 1, 40));
        assert!(counts.rules.values().any(|broken| broken.errors > 0 && broken.submissions == 1), "{counts:?}");
        assert_eq!(record.sent(&two.organization, from).await.unwrap()[0].1.submissions, 1);
        // The next day the finished day is folded: the same counts, however often they are read.
        house.clock.set(Instant(NOON.0 + DAY));
        house.submit(&one, load.document(5, 0)).await.is(201);
        for _ in 0..2 {
            let both = record.sent(&one.organization, from).await.unwrap();
            assert_eq!(both[0], today[0]);
            assert_eq!((both[1].0, both[1].1.submissions), (date(2026, 11, 23), 1));
        }
        assert!(record.sent(&one.organization, date(2026, 11, 24)).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_fold_that_fails_or_fails_but_persists_counts_once() {
    for fault in [CommitFault::Fails, CommitFault::FailsButPersists] {
        let house = House::sqlite();
        let mut who = hospital();
        who.expires = Instant(i64::MAX);
        house.clock.set(NOON);
        house.submit(&who, Load::new(7, 20).document(1, 0)).await.is(201);
        house.clock.set(Instant(NOON.0 + DAY));
        house.fail(0, fault);
        let record = &house.desk.record;
        let failed = record.sent(&who.organization, date(2026, 11, 22)).await;
        assert!(
            matches!(
                failed,
                Err(tsumugi_record::RecordError::Commit(CommitError::Unknown(_) | CommitError::Refused(_)))
            ),
            "{failed:?}"
        );
        let again = record.sent(&who.organization, date(2026, 11, 22)).await.unwrap();
        assert_eq!((again.len(), again[0].1.submissions), (1, 1));
    }
}
