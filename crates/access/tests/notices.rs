//! What a citizen is told of looks: her choice alone, and marks for each reader.
#![expect(clippy::unwrap_used, reason = "helpers of tests; clippy spares test functions only")]

mod town;

use town::{HER, NOW, Town, caller, faulty, person, town};
use tsumugi_access::{
    Action, Caller, Change, Mandate, NoticeChange, NoticeChoice, NoticeError, Notices, PolicyProfile, Request, Shown,
    standing::Period,
};
use tsumugi_kernel::{CitizenId, OrganizationKind, Purpose, Role};
use tsumugi_store::{CommitError, sqlite::CommitFault};

fn her() -> Caller {
    caller(Role::Citizen, Purpose::PatientRequest, OrganizationKind::Household)
}

fn daughter() -> Caller {
    caller(Role::Proxy, Purpose::FamilyRequest, OrganizationKind::Household)
}

async fn mandate(town: &Town) {
    let mandate = Mandate {
        id: "m".into(),
        holder: tsumugi_access::Holder::Person(daughter().person),
        parental: false,
        holder_name: "恵".into(),
        relation: "daughter".into(),
        purposes: vec![Purpose::FamilyRequest],
        categories: None,
        period: Period::since(NOW),
    };
    town.herself(&[Change::Give(mandate)]).await;
}

async fn change(town: &Town, who: &Caller, change: NoticeChange) -> Result<(), NoticeError> {
    let permit = town.admit(who, Action::AccessLog).await.unwrap();
    town.door.change_notices(permit, change).await.map(drop)
}

async fn kept(town: &Town, who: &Caller) -> Notices {
    let permit = town.admit(who, Action::AccessLog).await.unwrap();
    let notices = permit.notices().await.unwrap();
    permit.seal(Shown::none()).await.unwrap();
    notices
}

#[tokio::test]
async fn the_choice_is_hers_and_the_marks_are_each_readers() {
    let town = town(PolicyProfile::SpecialLaw);
    mandate(&town).await;
    let nothing = kept(&town, &her()).await;
    assert_eq!((nothing.choice, nothing.read_until(&her().person)), (NoticeChoice::Unusual, None));
    change(&town, &her(), NoticeChange::Choose(NoticeChoice::Every)).await.unwrap();
    let silent = change(&town, &daughter(), NoticeChange::Choose(NoticeChoice::Emergencies)).await;
    assert!(matches!(silent, Err(NoticeError::NotHers)), "{silent:?}");
    assert_eq!(kept(&town, &daughter()).await.choice, NoticeChoice::Every);

    town.clock.set(NOW.plus_millis(1_000));
    change(&town, &daughter(), NoticeChange::Read(NOW.plus_millis(5))).await.unwrap();
    let notices = kept(&town, &her()).await;
    assert_eq!(notices.read_until(&daughter().person), Some(NOW.plus_millis(5)));
    assert_eq!(notices.read_until(&her().person), None, "what the daughter has read is unread for her");
    // What was read stays read, and nothing is read before it happens.
    change(&town, &daughter(), NoticeChange::Read(NOW)).await.unwrap();
    assert_eq!(kept(&town, &her()).await.read_until(&daughter().person), Some(NOW.plus_millis(5)));
    change(&town, &her(), NoticeChange::Read(NOW.plus_millis(9_999_999))).await.unwrap();
    assert_eq!(kept(&town, &her()).await.read_until(&her().person), Some(NOW.plus_millis(1_000)));
}

#[tokio::test]
async fn only_her_side_reads_or_changes_what_is_kept() {
    let town = town(PolicyProfile::SpecialLaw);
    let supervisor = caller(Role::Supervisor, Purpose::Operations, OrganizationKind::SupervisingBody);
    let doctor = caller(Role::Physician, Purpose::Treat, OrganizationKind::Hospital);
    for (who, action) in [(supervisor, Action::AccessLog), (doctor, Action::Page), (her(), Action::Page)] {
        let permit = town.admit(&who, action).await.unwrap();
        assert!(matches!(permit.notices().await, Err(NoticeError::Looks(_))));
        let before = town.leaves().await;
        let changed = town.door.change_notices(permit, NoticeChange::Choose(NoticeChoice::Emergencies)).await;
        assert!(matches!(changed, Err(NoticeError::Looks(_))), "{changed:?}");
        assert_eq!(town.leaves().await, before + 1, "it was tried, and that is told");
    }
    assert_eq!(kept(&town, &her()).await.choice, NoticeChoice::Unusual);
}

#[tokio::test]
async fn readers_are_bounded_and_the_oldest_is_forgotten() {
    let town = town(PolicyProfile::SpecialLaw);
    for number in 0..70 {
        let mut reader = her();
        reader.person = person(&format!("reader-{number}"));
        town.clock.set(NOW.plus_millis(number));
        change(&town, &reader, NoticeChange::Read(NOW.plus_millis(number))).await.unwrap();
    }
    let notices = kept(&town, &her()).await;
    let known = (0..70).filter(|number| notices.read_until(&person(&format!("reader-{number}"))).is_some());
    assert_eq!(known.collect::<Vec<_>>(), (6..70).collect::<Vec<_>>());
}

#[tokio::test]
async fn changes_at_once_both_happen() {
    let (town, _faults, _dir) = faulty();
    let her_self = her();
    let (read, chosen) = tokio::join!(
        change(&town, &her_self, NoticeChange::Read(NOW)),
        change(&town, &her_self, NoticeChange::Choose(NoticeChoice::Emergencies))
    );
    read.unwrap();
    chosen.unwrap();
    let notices = kept(&town, &her()).await;
    assert_eq!((notices.choice, notices.read_until(&her().person)), (NoticeChoice::Emergencies, Some(NOW)));
}

#[tokio::test]
async fn a_change_that_fails_is_none_and_one_that_persists_is_one() {
    for (fault, choice, leaves) in
        [(CommitFault::Fails, NoticeChoice::Unusual, 0), (CommitFault::FailsButPersists, NoticeChoice::Every, 1)]
    {
        let (town, faults, _dir) = faulty();
        let permit = town.admit(&her(), Action::AccessLog).await.unwrap();
        faults.arm(fault);
        let failed = town.door.change_notices(permit, NoticeChange::Choose(NoticeChoice::Every)).await;
        assert!(
            matches!(failed, Err(NoticeError::Commit(CommitError::Unknown(_) | CommitError::Refused(_)))),
            "{failed:?}"
        );
        assert_eq!(town.leaves().await, leaves);
        assert_eq!(kept(&town, &her()).await.choice, choice, "{fault:?}");
        change(&town, &her(), NoticeChange::Choose(NoticeChoice::Every)).await.unwrap();
        assert_eq!(kept(&town, &her()).await.choice, NoticeChoice::Every);
    }
}

#[tokio::test]
async fn a_person_with_two_shelves_has_one_choice_and_one_mark() {
    let town = town(PolicyProfile::SpecialLaw);
    let other = CitizenId(HER.0 + 1);
    let on = async |citizen, change| {
        let permit = town.door.admit(Request { caller: &her(), action: Action::AccessLog, citizen }).await.unwrap();
        town.door.change_notices(permit, change).await.unwrap();
    };
    on(HER, NoticeChange::Choose(NoticeChoice::Emergencies)).await;
    town.merge(other).await;
    assert_eq!(kept(&town, &her()).await.choice, NoticeChoice::Emergencies, "the shelf without a choice says nothing");
    town.clock.set(NOW.plus_millis(10));
    on(other, NoticeChange::Choose(NoticeChoice::Every)).await;
    on(other, NoticeChange::Read(NOW.plus_millis(7))).await;
    on(HER, NoticeChange::Read(NOW.plus_millis(3))).await;
    let notices = kept(&town, &her()).await;
    assert_eq!((notices.choice, notices.read_until(&her().person)), (NoticeChoice::Every, Some(NOW.plus_millis(7))));
}
