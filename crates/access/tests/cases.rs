//! Looks that break the glass and their cases: no look without one, judged once, by somebody else.
#![expect(clippy::unwrap_used, reason = "helpers of tests; clippy spares test functions only")]

mod town;

use jiff::civil::date;
use town::{HER, NOW, Town, caller, faulty, town};
use tsumugi_access::{
    Action, Caller, Case, CaseError, CaseFault, CaseState, CaseVerdict, PolicyProfile, Receipt, Refusal, Request,
    SealError, Shown,
    case::{QueuePlace, REASON_MOST},
};
use tsumugi_kernel::{CitizenId, Flags, Instant, Kind, OrganizationKind, PersonId, Purpose, Role};
use tsumugi_store::{CommitError, sqlite::CommitFault};

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;

/// A physician who has typed why, for her alone, for half an hour from `at`.
fn breaking(at: Instant) -> Caller {
    let mut doctor = caller(Role::Physician, Purpose::BreakGlass, OrganizationKind::Hospital);
    (doctor.citizen, doctor.reason) = (Some(HER), Some("意識がなく、薬がわからない".into()));
    doctor.expires = at.plus_millis(30 * MINUTE);
    doctor
}

fn supervisor() -> Caller {
    caller(Role::Supervisor, Purpose::Operations, OrganizationKind::SupervisingBody)
}

fn her() -> Caller {
    caller(Role::Citizen, Purpose::PatientRequest, OrganizationKind::Household)
}

fn two_facts() -> Shown {
    let mut shown = Shown::none();
    shown.add(Kind::OBSERVATION, 11, Flags::default());
    shown.add(Kind::OBSERVATION, 12, Flags::default());
    shown
}

async fn look(town: &Town, asks: &Caller) -> Result<Receipt, SealError> {
    town.admit(asks, Action::Page).await.unwrap().seal(two_facts()).await
}

async fn waiting(town: &Town) -> Vec<Case> {
    town.door.waiting_cases(None, 100).await.unwrap()
}

async fn judge(town: &Town, who: &Caller, read: &Case, verdict: CaseVerdict, reason: &str) -> Result<Case, CaseError> {
    let permit = town.admit(who, Action::Review).await.unwrap();
    town.door.judge(permit, read, verdict, reason).await.map(|(case, _)| case)
}

#[tokio::test]
async fn the_first_look_opens_the_case_and_the_others_belong_to_it() {
    let town = town(PolicyProfile::SpecialLaw);
    // A look for treatment opens none.
    look(&town, &caller(Role::Physician, Purpose::Treat, OrganizationKind::Hospital)).await.unwrap();
    assert!(waiting(&town).await.is_empty());
    for minutes in [0, 3, 29] {
        town.clock.set(NOW.plus_millis(minutes * MINUTE));
        look(&town, &Caller { whole: minutes > 0, ..breaking(NOW) }).await.unwrap();
    }
    let cases = waiting(&town).await;
    let [case] = cases.as_slice() else { panic!("{cases:?}") };
    assert_eq!((case.citizen, case.opened, case.state()), (HER, NOW, CaseState::Open));
    assert_eq!((case.looker.name.as_str(), case.looker.organization_name.as_str()), ("physician さん", "hospital A"));
    // 2026-11-18 is a Wednesday; the 23rd is a holiday.
    assert_eq!((NOW.civil().date(), case.deadline), (date(2026, 11, 18), date(2026, 11, 26)));
    // What was typed stands in the sealed leaf alone.
    assert!(!serde_json::to_string(case).unwrap().contains("意識"));

    // Typed again, it is another case; the doctor's count tells both, and only those of the days asked for.
    town.clock.set(NOW.plus_millis(2 * DAY));
    look(&town, &breaking(NOW.plus_millis(2 * DAY))).await.unwrap();
    assert_eq!(waiting(&town).await.len(), 2);
    let doctor = PersonId::new("the-physician").unwrap();
    let count = async |days, at| town.door.broken_lately(&doctor, days, NOW.plus_millis(at)).await.unwrap();
    assert_eq!((count(90, 2 * DAY).await, count(90, 91 * DAY).await, count(1, 2 * DAY).await), (2, 1, 1));
    let prefix = PersonId::new("the-physicia").unwrap();
    assert_eq!(town.door.broken_lately(&prefix, 90, NOW).await.unwrap(), 0, "another person's id begins alike");

    // She reads her cases and which looks they cover; the doctor reads none.
    let log = town.admit(&her(), Action::AccessLog).await.unwrap();
    let cases = log.cases().await.unwrap();
    let looks = log.looks(1, 100).await.unwrap();
    let covered: Vec<Vec<u64>> = cases
        .iter()
        .map(|case| looks.iter().filter(|look| case.covers(&look.part)).map(|look| look.number).collect())
        .collect();
    assert_eq!(covered, [vec![2, 3, 4], vec![5]]);
    log.seal(Shown::none()).await.unwrap();
    let page = town.admit(&breaking(NOW.plus_millis(2 * DAY)), Action::Page).await.unwrap();
    assert!(page.cases().await.is_err());
    page.seal(Shown::none()).await.unwrap();
}

#[tokio::test]
async fn what_the_door_refuses_opens_no_case_and_nothing_is_written_past_the_glass() {
    let town = town(PolicyProfile::SpecialLaw);
    for wrong in [
        Caller { reason: None, ..breaking(NOW) },
        Caller { reason: Some("  ".into()), ..breaking(NOW) },
        Caller { citizen: Some(CitizenId(HER.0 + 1)), ..breaking(NOW) },
        Caller { automatic: true, ..breaking(NOW) },
        Caller { expires: NOW, ..breaking(NOW) },
    ] {
        assert!(town.admit(&wrong, Action::Page).await.is_err());
    }
    let elsewhere = Request { caller: &breaking(NOW), action: Action::Page, citizen: CitizenId(HER.0 + 1) };
    assert!(matches!(town.door.admit(elsewhere).await, Err(Refusal::NotOpen { .. })));
    assert!(matches!(town.admit(&breaking(NOW), Action::Create).await, Err(Refusal::OutsideTable { .. })));
    let permit = town.admit(&breaking(NOW), Action::Page).await.unwrap();
    assert!(matches!(permit.into_leaves(&Shown::none()).await, Err(SealError::Glass)));
    assert!(waiting(&town).await.is_empty());
    let today = tsumugi_access::policy::Policies::load(PolicyProfile::Jp2026).unwrap();
    assert!(town.door.policies().know(Purpose::BreakGlass) && !today.know(Purpose::BreakGlass));
}

#[tokio::test]
async fn looks_at_once_have_one_case() {
    let (town, _faults, _dir) = faulty();
    let breaking = breaking(NOW);
    let (one, two, three) = tokio::join!(look(&town, &breaking), look(&town, &breaking), look(&town, &breaking));
    for receipt in [one, two, three] {
        receipt.unwrap();
    }
    assert_eq!((waiting(&town).await.len(), town.leaves().await), (1, 3));
}

#[tokio::test]
async fn a_look_that_fails_leaves_neither_leaf_nor_case_and_one_that_persists_leaves_both() {
    for (fault, there) in [(CommitFault::Fails, 0), (CommitFault::FailsButPersists, 1)] {
        let (town, faults, _dir) = faulty();
        let permit = town.admit(&breaking(NOW), Action::Page).await.unwrap();
        faults.arm(fault);
        let failed = permit.seal(two_facts()).await;
        assert!(
            matches!(failed, Err(SealError::Commit(CommitError::Unknown(_) | CommitError::Refused(_)))),
            "nothing may be answered: {failed:?}"
        );
        // Asked again: one case in all, and a leaf for each look that is there.
        look(&town, &breaking(NOW)).await.unwrap();
        assert_eq!((town.leaves().await, waiting(&town).await.len()), (there + 1, 1), "{fault:?}");
        assert_eq!(town.door.broken_lately(&PersonId::new("the-physician").unwrap(), 1, NOW).await.unwrap(), 1);
    }
}

#[tokio::test]
async fn a_case_waits_until_it_is_judged_by_somebody_else() {
    let town = town(PolicyProfile::SpecialLaw);
    look(&town, &breaking(NOW)).await.unwrap();
    let case = waiting(&town).await.remove(0);
    for reason in ["", "  ", &"あ".repeat(REASON_MOST + 1)] {
        let judged = judge(&town, &supervisor(), &case, CaseVerdict::Fine, reason).await;
        assert!(matches!(judged, Err(CaseError::Fault(CaseFault::Reason))), "{judged:?}");
    }
    let mut oneself = supervisor();
    oneself.person = case.looker.person.clone().unwrap();
    let judged = judge(&town, &oneself, &case, CaseVerdict::Fine, "正しい").await;
    assert!(matches!(judged, Err(CaseError::Fault(CaseFault::Oneself))), "{judged:?}");
    for (who, action) in [(her(), Action::Review), (supervisor(), Action::AccessLog)] {
        let permit = town.admit(&who, action).await.unwrap();
        let judged = town.door.judge(permit, &case, CaseVerdict::Fine, "正しい").await;
        assert!(matches!(judged, Err(CaseError::Fault(CaseFault::NotSupervisor))), "{judged:?}");
    }
    // The permit is for somebody else.
    let other = Request { caller: &supervisor(), action: Action::Review, citizen: CitizenId(HER.0 + 1) };
    let permit = town.door.admit(other).await.unwrap();
    let judged = town.door.judge(permit, &case, CaseVerdict::Fine, "正しい").await;
    assert!(matches!(judged, Err(CaseError::Fault(CaseFault::Absent))), "{judged:?}");
    assert_eq!(waiting(&town).await, std::slice::from_ref(&case), "nothing was taken so far");

    // Asked to explain it stays, with a new deadline; whoever read it before comes too late.
    town.clock.set(NOW.plus_millis(2 * DAY));
    let asked = judge(&town, &supervisor(), &case, CaseVerdict::Explain, "薬の一覧で足りたはず").await.unwrap();
    assert_eq!((asked.state(), asked.deadline), (CaseState::Asked, date(2026, 11, 30)));
    assert_eq!(waiting(&town).await, std::slice::from_ref(&asked));
    let mut another = supervisor();
    another.person = PersonId::new("another-supervisor").unwrap();
    let late = judge(&town, &another, &case, CaseVerdict::Fine, "正しい").await;
    assert!(matches!(late, Err(CaseError::Fault(CaseFault::Overtaken))), "{late:?}");
    // Sent twice, a word is taken once; each sending has its leaf.
    let before = town.leaves().await;
    let again = judge(&town, &supervisor(), &case, CaseVerdict::Explain, " 薬の一覧で足りたはず ").await.unwrap();
    assert_eq!((again, town.leaves().await), (asked.clone(), before + 1));

    let judged = judge(&town, &another, &asked, CaseVerdict::Unfit, "説明がない").await.unwrap();
    assert_eq!(judged.state(), CaseState::Judged(CaseVerdict::Unfit));
    assert!(waiting(&town).await.is_empty());
    assert_eq!(town.door.case(judged.number).await.unwrap(), Some(judged.clone()));
    let late = judge(&town, &supervisor(), &judged, CaseVerdict::Fine, "正しい").await;
    assert!(matches!(late, Err(CaseError::Fault(CaseFault::Judged))), "{late:?}");

    // She reads that supervisors were there, without the words of either.
    let log = town.admit(&her(), Action::AccessLog).await.unwrap();
    let looks = log.looks(1, 100).await.unwrap();
    let reviews: Vec<_> = looks.iter().filter(|look| look.part.action == "review").collect();
    assert!(reviews.iter().any(|look| look.part.person.id == "another-supervisor"), "{reviews:?}");
    assert!(reviews.iter().all(|look| look.part.reason.is_none() && look.part.count == 0));
    assert_eq!(log.cases().await.unwrap(), [judged]);
    log.seal(Shown::none()).await.unwrap();
}

#[tokio::test]
async fn a_judgement_that_fails_is_none_and_one_that_persists_is_one() {
    for (fault, words) in [(CommitFault::Fails, 0), (CommitFault::FailsButPersists, 1)] {
        let (town, faults, _dir) = faulty();
        look(&town, &breaking(NOW)).await.unwrap();
        let case = waiting(&town).await.remove(0);
        let permit = town.admit(&supervisor(), Action::Review).await.unwrap();
        faults.arm(fault);
        let failed = town.door.judge(permit, &case, CaseVerdict::Fine, "正しい").await;
        assert!(
            matches!(failed, Err(CaseError::Commit(CommitError::Unknown(_) | CommitError::Refused(_)))),
            "{failed:?}"
        );
        let there = town.door.case(case.number).await.unwrap().unwrap();
        assert_eq!(
            (there.words.len(), waiting(&town).await.len(), town.leaves().await),
            (words, 1 - words, 1 + words as u64)
        );
        // Sent again as it was read, it is judged once.
        let judged = judge(&town, &supervisor(), &case, CaseVerdict::Fine, "正しい").await.unwrap();
        assert_eq!((judged.words.len(), waiting(&town).await.len()), (1, 0), "{fault:?}");
    }
}

#[tokio::test]
async fn the_queue_goes_by_deadline_in_bounded_pages() {
    let town = town(PolicyProfile::SpecialLaw);
    for day in [6, 0, 3] {
        let at = NOW.plus_millis(day * DAY);
        town.clock.set(at);
        look(&town, &breaking(at)).await.unwrap();
    }
    let all = waiting(&town).await;
    assert!(all.len() == 3 && all.is_sorted_by_key(|case| case.deadline), "{all:?}");
    let mut paged = Vec::new();
    let mut after = None;
    loop {
        let page = town.door.waiting_cases(after, 2).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(QueuePlace { deadline: last.deadline, number: last.number });
        paged.extend(page);
    }
    assert_eq!(paged, all);
}

#[tokio::test]
async fn a_person_with_two_shelves_has_one_case_for_one_reason() {
    let town = town(PolicyProfile::SpecialLaw);
    let other = CitizenId(HER.0 + 1);
    town.merge(other).await;
    for (minutes, citizen) in [(0, HER), (1, other), (2, HER)] {
        town.clock.set(NOW.plus_millis(minutes * MINUTE));
        let request = Request { caller: &breaking(NOW), action: Action::Page, citizen };
        town.door.admit(request).await.unwrap().seal(two_facts()).await.unwrap();
    }
    let cases = waiting(&town).await;
    assert_eq!((cases.len(), cases[0].citizen), (1, HER), "it stays with the shelf that was asked for first");
    for citizen in [HER, other] {
        let log = Request { caller: &her(), action: Action::AccessLog, citizen };
        let log = town.door.admit(log).await.unwrap();
        assert_eq!(log.cases().await.unwrap(), cases);
        let looks = log.looks(1, 100).await.unwrap();
        assert_eq!(looks.iter().filter(|look| cases[0].covers(&look.part)).count(), 3);
        log.seal(Shown::none()).await.unwrap();
    }
    // A permit for either shelf judges it.
    let review = Request { caller: &supervisor(), action: Action::Review, citizen: other };
    let permit = town.door.admit(review).await.unwrap();
    let (judged, _) = town.door.judge(permit, &cases[0], CaseVerdict::Fine, "正しい").await.unwrap();
    assert_eq!((judged.state(), waiting(&town).await.len()), (CaseState::Judged(CaseVerdict::Fine), 0));
}
