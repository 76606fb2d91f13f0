//! Screening: what is odd opens a case with its reasons, once, and no reader gets anything else because of it.
#![expect(clippy::unwrap_used, reason = "helpers of tests; clippy spares test functions only")]

mod town;

use town::{HER, NOW, Town, caller, faulty, organization, person, town};
use tsumugi_access::{
    Action, Caller, Case, CaseKind, CaseVerdict, PolicyProfile, Reason, ScreenError, Screened, Shown,
};
use tsumugi_kernel::{Flags, Instant, Kind, OrganizationKind, Purpose, Role};
use tsumugi_people::{Incoming, Organization, Person};
use tsumugi_store::{Batch, CommitError, Row, Table, sqlite::CommitFault};

const DAY: i64 = 24 * 60 * 60 * 1000;
/// From eight in the evening, which is [`NOW`], to night.
const NIGHT: i64 = 2 * 60 * 60 * 1000;

/// A nurse of the hospital, of a name.
fn nurse(name: &str) -> Caller {
    let mut nurse = caller(Role::Nurse, Purpose::Treat, OrganizationKind::Hospital);
    (nurse.person, nurse.person_name) = (person("nurse"), name.into());
    nurse
}

fn supervisor() -> Caller {
    caller(Role::Supervisor, Purpose::Operations, OrganizationKind::SupervisingBody)
}

/// Her row in the directory: 髙橋 花子 of 西町. The citizen of a merge test is somebody else.
async fn described(town: &Town) {
    let value = serde_json::json!({"v": 2, "id": HER.0, "name": "髙橋 花子", "kana": "タカハシ ハナコ"});
    let row = Row { table: Table::Citizen, key: HER.0.to_be_bytes().to_vec(), value: Some(value.to_string().into()) };
    town.store.commit(Batch { rows: vec![row], ..Batch::default() }).await.unwrap();
}

async fn look(town: &Town, asks: &Caller) {
    town.admit(asks, Action::Page).await.unwrap().seal(Shown::none()).await.unwrap();
}

/// Writes of care, as a hospital does.
async fn treat(town: &Town, asks: &Caller) {
    let leaves = town.admit(asks, Action::Create).await.unwrap().into_leaves(&Shown::none()).await.unwrap();
    town.store.commit(Batch { leaves, ..Batch::default() }).await.unwrap();
}

async fn screened(town: &Town) -> Screened {
    let mut sum = Screened::default();
    loop {
        let done = town.door.screen().await.unwrap();
        (sum.leaves, sum.waited, sum.odd) = (sum.leaves + done.leaves, sum.waited + done.waited, sum.odd + done.odd);
        if !done.more {
            return sum;
        }
    }
}

async fn cases(town: &Town) -> Vec<Case> {
    screened(town).await;
    town.door.waiting_cases(None, 100).await.unwrap()
}

fn night(town: &Town, days: i64) {
    town.clock.set(NOW.plus_millis(days * DAY + NIGHT));
}

fn at(town: &Town, days: i64) {
    town.clock.set(NOW.plus_millis(days * DAY));
}

#[tokio::test]
async fn a_namesake_without_a_relation_at_night_is_odd_at_once_with_the_reasons() {
    let town = town(PolicyProfile::SpecialLaw);
    described(&town).await;
    night(&town, 0);
    look(&town, &nurse("高橋 久美")).await;
    let cases = cases(&town).await;
    let [case] = cases.as_slice() else { panic!("{cases:?}") };
    assert_eq!((case.kind, case.citizen, case.purpose), (CaseKind::OddLook, HER, Purpose::Treat));
    assert_eq!(case.reasons, [Reason::NoRelation, Reason::FamilyName, Reason::Night]);
    assert_eq!(case.looker.name, "高橋 久美");
    // The citizen's own log tells of it, and the look is the case's.
    let her = caller(Role::Citizen, Purpose::PatientRequest, OrganizationKind::Household);
    let permit = town.admit(&her, Action::AccessLog).await.unwrap();
    let (looks, told) = (permit.looks(1, 9).await.unwrap(), permit.cases().await.unwrap());
    permit.seal(Shown::none()).await.unwrap();
    assert!(told == cases && case.covers(&looks[0].part));
}

#[tokio::test]
async fn a_first_visit_waits_for_the_care_that_explains_it() {
    let town = town(PolicyProfile::SpecialLaw);
    described(&town).await;
    look(&town, &nurse("鈴木 一郎")).await;
    assert_eq!(cases(&town).await, []);
    at(&town, 2);
    treat(&town, &nurse("鈴木 一郎")).await;
    at(&town, 30);
    assert_eq!((screened(&town).await.waited, cases(&town).await.len()), (1, 0), "care followed");

    // Another hospital writes nothing.
    let mut other = nurse("鈴木 一郎");
    other.organization = organization("other-hospital");
    look(&town, &other).await;
    at(&town, 37);
    assert_eq!(cases(&town).await, []);
    at(&town, 38);
    let found = cases(&town).await;
    let [case] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(case.reasons, [Reason::NoRelation, Reason::NoCareFollowed]);
    assert_eq!(case.opened, NOW.plus_millis(30 * DAY));
}

#[tokio::test]
async fn care_written_before_explains_a_namesakes_look() {
    let town = town(PolicyProfile::SpecialLaw);
    described(&town).await;
    treat(&town, &nurse("高橋 久美")).await;
    at(&town, 300);
    look(&town, &nurse("高橋 久美")).await;
    at(&town, 400);
    assert_eq!(cases(&town).await, []);
    look(&town, &nurse("高橋 久美")).await;
    assert_eq!(cases(&town).await, [], "care may follow");
    at(&town, 408);
    let found = cases(&town).await;
    assert_eq!(found[0].reasons, [Reason::RelationEnded, Reason::NoCareFollowed, Reason::FamilyName]);
}

#[tokio::test]
async fn a_neighbour_and_a_colleague_are_found_in_the_directory() {
    let town = town(PolicyProfile::SpecialLaw);
    let directory = town.door.directory();
    let hers = Incoming {
        name: Some("山田 ハル".into()),
        birth_date: Some("1944-04-01".into()),
        address: Some("綾野県紬市西町2丁目3-4".into()),
        ..Incoming::default()
    };
    let resolution = directory.resolve(&hers, NOW).await.unwrap();
    let citizen = resolution.person().id;
    assert!(directory.settle(resolution).await.unwrap());
    let hospital = Organization {
        address: Some("綾野県紬市西町1-1".into()),
        ..Organization::new(organization("hospital"), "つむぎ病院", OrganizationKind::Hospital)
    };
    let herself = Person {
        organization: Some(organization("hospital")),
        citizen: Some(citizen),
        ..Person::named(person("haru-at-work"), "山田 ハル")
    };
    directory.register(&[herself], &[hospital]).await.unwrap();
    let asks = nurse("鈴木 一郎");
    let request = tsumugi_access::Request { caller: &asks, action: Action::Page, citizen };
    town.door.admit(request).await.unwrap().seal(Shown::none()).await.unwrap();
    at(&town, 8);
    let found = cases(&town).await;
    let reasons = [Reason::NoRelation, Reason::NoCareFollowed, Reason::Neighbour, Reason::Colleague];
    assert_eq!(found[0].reasons, reasons);
}

#[tokio::test]
async fn many_know_her_where_she_or_a_supervisor_said_so() {
    for by_herself in [true, false] {
        let town = town(PolicyProfile::SpecialLaw);
        described(&town).await;
        // Nobody else says so.
        let doctor = town.admit(&nurse("鈴木 一郎"), Action::Page).await.unwrap();
        assert!(matches!(town.door.mark_public(doctor, true).await, Err(ScreenError::NotHers)));
        let her = caller(Role::Citizen, Purpose::PatientRequest, OrganizationKind::Household);
        let (who, action) = if by_herself { (&her, Action::AccessLog) } else { (&supervisor(), Action::Review) };
        let permit = town.admit(who, action).await.unwrap();
        town.door.mark_public(permit, true).await.unwrap();
        look(&town, &nurse("鈴木 一郎")).await;
        let reasons: Vec<Vec<Reason>> = cases(&town).await.into_iter().map(|case| case.reasons).collect();
        assert_eq!(reasons, [vec![Reason::NoRelation, Reason::PublicPerson]], "{by_herself}");
    }
}

#[tokio::test]
async fn a_supervisor_without_a_case_is_curious_and_one_with_a_case_is_not() {
    let town = town(PolicyProfile::SpecialLaw);
    described(&town).await;
    let log = async || town.admit(&supervisor(), Action::AccessLog).await.unwrap().seal(Shown::none()).await.unwrap();
    log().await;
    let found = cases(&town).await;
    let [case] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((case.looker.role, case.reasons.as_slice()), (Role::Supervisor, [Reason::NoCase].as_slice()));
    // Nobody judges their own look.
    let permit = town.admit(&supervisor(), Action::Review).await.unwrap();
    assert!(town.door.judge(permit, case, CaseVerdict::Fine, "自分").await.is_err());
    // Her log tells of both looks: nobody's look is left out.
    let her = caller(Role::Citizen, Purpose::PatientRequest, OrganizationKind::Household);
    let permit = town.admit(&her, Action::AccessLog).await.unwrap();
    let looks = permit.looks(1, 9).await.unwrap();
    permit.seal(Shown::none()).await.unwrap();
    assert_eq!(looks.iter().filter(|look| look.part.role == "supervisor").count(), 2);
    // There is a case about her now, so looking into it is work.
    log().await;
    assert_eq!(cases(&town).await.len(), 1);
}

#[tokio::test]
async fn gathering_is_odd_and_a_busy_day_with_patients_is_not() {
    let town = town(PolicyProfile::SpecialLaw);
    described(&town).await;
    let other = |number: u64| tsumugi_kernel::CitizenId(1_000 + number);
    let rows: Vec<Row> = (0..30)
        .map(|number| Row {
            table: Table::Citizen,
            key: other(number).0.to_be_bytes().to_vec(),
            value: Some(format!(r#"{{"v":2,"id":{}}}"#, other(number).0).into_bytes()),
        })
        .collect();
    town.store.commit(Batch { rows, ..Batch::default() }).await.unwrap();
    let see = async |citizen, asks: &Caller| {
        let request = tsumugi_access::Request { caller: asks, action: Action::Page, citizen };
        town.door.admit(request).await.unwrap().seal(Shown::none()).await.unwrap();
    };
    let asks = nurse("鈴木 一郎");
    treat(&town, &asks).await;
    for day in 0..3 {
        at(&town, day);
        look(&town, &asks).await;
    }
    at(&town, 3);
    for number in 0..30 {
        see(other(number), &asks).await;
    }
    // Her own look, of a patient on the same day, weighs the volume alone.
    look(&town, &asks).await;
    assert_eq!(cases(&town).await, [], "care may follow");
    at(&town, 12);
    let found = cases(&town).await;
    assert!(found.len() == 30 && found.iter().all(|case| case.citizen != HER));
    let gathered = [Reason::NoRelation, Reason::NoCareFollowed, Reason::Volume];
    assert_eq!(found.iter().filter(|case| case.reasons == gathered).count(), 30 - 14, "from the fifteenth on");
}

#[tokio::test]
async fn further_odd_looks_of_one_looker_are_one_case() {
    let town = town(PolicyProfile::SpecialLaw);
    described(&town).await;
    for day in [0, 0, 3, 20] {
        night(&town, day);
        look(&town, &nurse("高橋 久美")).await;
        if day == 3 {
            screened(&town).await;
        }
    }
    let found = cases(&town).await;
    let [case] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((case.opened, case.ends), (NOW.plus_millis(NIGHT), NOW.plus_millis(20 * DAY + NIGHT + 1)));
    let doctor = person("nurse");
    assert_eq!(town.door.broken_lately(&doctor, 90, NOW.plus_millis(30 * DAY)).await.unwrap(), 1);
}

#[tokio::test]
async fn what_a_look_showed_changes_nothing_of_its_screening() {
    // Two stores: in one of them the look showed a withheld diagnosis. All that the screening keeps is equal.
    let kept = async |withheld: bool| {
        let town = town(PolicyProfile::SpecialLaw);
        described(&town).await;
        night(&town, 0);
        let mut shown = Shown::none();
        if withheld {
            shown.add(Kind::OBSERVATION, 99, Flags::UNINFORMED);
        }
        let permit = town.admit(&nurse("高橋 久美"), Action::Page).await.unwrap();
        permit.seal(shown).await.unwrap();
        screened(&town).await;
        let rows = town.store.rows(Table::Screen, b"", None, 100).await.unwrap();
        (rows, town.store.rows(Table::Case, b"", None, 100).await.unwrap())
    };
    assert_eq!(kept(true).await, kept(false).await);
}

#[tokio::test]
async fn a_leaf_is_screened_once_whether_the_commit_failed_or_not() {
    for fault in [CommitFault::Fails, CommitFault::FailsButPersists] {
        let (town, faults, _folder) = faulty();
        described(&town).await;
        night(&town, 0);
        look(&town, &nurse("高橋 久美")).await;
        faults.arm(fault);
        let failed = town.door.screen().await;
        assert!(
            matches!(failed, Err(ScreenError::Commit(CommitError::Refused(_) | CommitError::Unknown(_)))),
            "{failed:?}"
        );
        assert_eq!(cases(&town).await.len(), 1, "{fault:?}");
        assert_eq!(screened(&town).await, Screened::default());
    }
}

#[tokio::test]
async fn two_at_once_open_one_case() {
    let town = town(PolicyProfile::SpecialLaw);
    described(&town).await;
    night(&town, 0);
    look(&town, &nurse("高橋 久美")).await;
    let (one, other) = tokio::join!(town.door.screen(), town.door.screen());
    assert!(one.is_ok() || other.is_ok());
    assert_eq!(cases(&town).await.len(), 1);
}

#[tokio::test]
async fn a_look_on_a_merged_persons_record_is_one_look() {
    let town = town(PolicyProfile::SpecialLaw);
    town.merge(tsumugi_kernel::CitizenId(8)).await;
    look(&town, &nurse("鈴木 一郎")).await;
    town.clock.set(Instant(NOW.0 + 9 * DAY));
    assert_eq!(cases(&town).await.len(), 1);
}
