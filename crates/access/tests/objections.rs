//! Objections: a look is called to account, by clocks, and a sanction holds in the door at once.
#![expect(clippy::unwrap_used, reason = "helpers of tests; clippy spares test functions only")]

mod town;

use jiff::civil::date;
use town::{HER, NOW, Town, caller, faulty, organization, person, town};
use tsumugi_access::{
    Action, Caller, Case, CaseAct, CaseError, CaseFault, CaseKind, CaseState, CaseVerdict, Change, Holder, Mandate,
    PolicyProfile, Refusal, Request, Shown,
    case::{Concern, Penalty, Sanction, Saying, Turn},
    standing::Period,
};
use tsumugi_kernel::{CitizenId, Flags, Kind, OrganizationKind, Purpose, Role};
use tsumugi_store::{CommitError, sqlite::CommitFault};

const DAY: i64 = 24 * 60 * 60 * 1000;

fn her() -> Caller {
    caller(Role::Citizen, Purpose::PatientRequest, OrganizationKind::Household)
}

fn nurse() -> Caller {
    caller(Role::Nurse, Purpose::Treat, OrganizationKind::Hospital)
}

fn colleague() -> Caller {
    caller(Role::Registrar, Purpose::RecordManagement, OrganizationKind::Hospital)
}

fn supervisor() -> Caller {
    caller(Role::Supervisor, Purpose::Operations, OrganizationKind::SupervisingBody)
}

async fn look(town: &Town, who: &Caller) {
    let mut shown = Shown::none();
    shown.add(Kind::OBSERVATION, 11, Flags::default());
    town.admit(who, Action::Page).await.unwrap().seal(shown).await.unwrap();
}

async fn object(town: &Town, who: &Caller, number: u64, words: &str) -> Result<Case, CaseError> {
    let permit = town.admit(who, Action::Object).await.map_err(CaseError::Refused)?;
    town.door.object(permit, number, Concern::NoCare, words).await.map(|(case, _)| case)
}

async fn say(town: &Town, who: &Caller, case: &Case, act: CaseAct, reason: &str) -> Result<Case, CaseError> {
    sanctioned(town, who, case, act, reason, Sanction::default()).await
}

async fn sanctioned(
    town: &Town,
    who: &Caller,
    case: &Case,
    act: CaseAct,
    reason: &str,
    sanction: Sanction,
) -> Result<Case, CaseError> {
    let permit = if act.is_organizations() {
        town.door.admit_answer(who, case).await?
    } else {
        let action = if act.is_supervisors() { Action::Review } else { Action::Object };
        town.admit(who, action).await.map_err(CaseError::Refused)?
    };
    town.door.say(permit, case, Saying { act, reason, sanction }).await.map(|(case, _)| case)
}

fn fault<T: std::fmt::Debug>(outcome: Result<T, CaseError>) -> CaseFault {
    match outcome {
        Err(CaseError::Fault(fault)) => fault,
        other => unreachable!("{other:?}"),
    }
}

async fn office(town: &Town, waiting: bool) -> Vec<Case> {
    town.door.office_cases(&organization("hospital"), waiting, None, 100).await.unwrap()
}

#[tokio::test]
async fn a_look_is_called_to_account_answered_contested_and_judged() {
    let town = town(PolicyProfile::SpecialLaw);
    look(&town, &nurse()).await;
    let before = town.leaves().await;
    let case = object(&town, &her(), 1, " 受診していません ").await.unwrap();
    assert_eq!(town.leaves().await, before + 1, "the act leaves its leaf");
    assert_eq!((case.kind, case.state(), case.turn()), (CaseKind::Objection, CaseState::Asked, Turn::Organization));
    // Ten working days from Wednesday 2026-11-18, over the holiday of the 23rd.
    assert_eq!((case.deadline, case.words[0].reason.as_str()), (date(2026, 12, 3), "受診していません"));
    assert_eq!(
        (case.words[0].by.name.as_str(), case.words[0].by.organization_name.as_str()),
        ("", ""),
        "whom, no word tells"
    );
    assert_eq!((case.looker.name.as_str(), case.looker.organization.as_str()), ("nurse さん", "hospital"));
    assert_eq!(office(&town, true).await, std::slice::from_ref(&case));

    // To one look one objection; none to what is not there, to her own looks and to the objection's own leaf.
    assert_eq!(fault(object(&town, &her(), 1, "").await), CaseFault::Twice);
    for number in [0, 2, 99] {
        assert_eq!(fault(object(&town, &her(), number, "").await), CaseFault::Nothing, "{number}");
    }
    assert_eq!(fault(object(&town, &her(), 1, &"あ".repeat(501)).await), CaseFault::Reason);

    // While the organisation has time a supervisor does not judge; a stranger neither answers nor goes on with it.
    assert_eq!(fault(say(&town, &supervisor(), &case, CaseAct::Fine, "早い").await), CaseFault::NotYet);
    assert_eq!(fault(say(&town, &her(), &case, CaseAct::Insist, "足りない").await), CaseFault::NotYet);
    let clinic = caller(Role::Physician, Purpose::Treat, OrganizationKind::Clinic);
    let refused = town.door.admit_answer(&clinic, &case).await;
    assert!(matches!(refused, Err(CaseError::Refused(Refusal::NotOpen { .. }))), "{refused:?}");
    let direct = town.admit(&nurse(), Action::Answer).await;
    assert!(matches!(direct, Err(Refusal::NotOpen { .. })), "the door is asked with the case alone");

    // A colleague answers; the citizen reads it and is not content; then it is the reviewer's.
    let answered = say(&town, &colleague(), &case, CaseAct::Answer, "当直の交代で開きました").await.unwrap();
    assert_eq!((answered.state(), answered.turn()), (CaseState::Answered, Turn::Citizen));
    assert_eq!(answered.deadline, date(2026, 12, 17));
    assert!(office(&town, true).await.is_empty() && office(&town, false).await.len() == 1);
    assert_eq!(fault(say(&town, &nurse(), &answered, CaseAct::Answer, "もう一度").await), CaseFault::NotYet);
    let log = town.admit(&her(), Action::AccessLog).await.unwrap();
    assert_eq!(log.cases().await.unwrap(), std::slice::from_ref(&answered));
    let looks = log.looks(1, 100).await.unwrap();
    let covered: Vec<u64> = looks.iter().filter(|look| answered.covers(&look.part)).map(|look| look.number).collect();
    assert_eq!(covered, [1]);
    log.seal(Shown::none()).await.unwrap();
    let insisted = say(&town, &her(), &answered, CaseAct::Insist, "当直ではありませんでした").await.unwrap();
    assert_eq!(
        (insisted.state(), insisted.turn(), insisted.deadline),
        (CaseState::Open, Turn::Supervisor, date(2026, 11, 26))
    );

    // Asked by the reviewer it comes back to the reviewer.
    let asked = say(&town, &supervisor(), &insisted, CaseAct::Explain, "勤務表を見せてください").await.unwrap();
    assert_eq!((asked.turn(), office(&town, true).await.len()), (Turn::Organization, 1));
    let explained = say(&town, &nurse(), &asked, CaseAct::Answer, "当直ではありませんでした").await.unwrap();
    assert_eq!((explained.turn(), explained.state()), (Turn::Supervisor, CaseState::Open));
    let judged = say(&town, &supervisor(), &explained, CaseAct::Unfit, "理由がない").await.unwrap();
    assert_eq!(judged.state(), CaseState::Judged(CaseVerdict::Unfit));
    assert!(town.door.waiting_cases(None, 10).await.unwrap().is_empty());
    assert_eq!(town.door.closed_cases(None, 10).await.unwrap(), std::slice::from_ref(&judged));
    for who in [&her(), &supervisor()] {
        let act = if who.role == Role::Citizen { CaseAct::Accept } else { CaseAct::Fine };
        assert_eq!(fault(say(&town, who, &judged, act, "もう一度").await), CaseFault::Judged);
    }
    let clocks = town.door.case_clocks(date(2026, 11, 1)).await.unwrap();
    assert_eq!(
        (clocks.len(), clocks[0].answered, clocks[0].found),
        (1, Some(date(2026, 11, 18)), Some(CaseVerdict::Unfit))
    );
}

#[tokio::test]
async fn what_is_late_stands_first_and_is_the_supervisors() {
    let town = town(PolicyProfile::Jp2026);
    for day in [0, 3] {
        town.clock.set(NOW.plus_millis(day * DAY));
        look(&town, &nurse()).await;
    }
    town.clock.set(NOW.plus_millis(4 * DAY));
    let later = object(&town, &her(), 2, "").await.unwrap();
    let settled = say(&town, &her(), &later, CaseAct::Accept, "").await.unwrap();
    assert_eq!((settled.state(), settled.turn()), (CaseState::Settled, Turn::Nobody), "taken back at any time");
    let case = object(&town, &her(), 1, "").await.unwrap();
    assert_eq!(town.door.waiting_cases(None, 10).await.unwrap(), std::slice::from_ref(&case));
    town.clock.set(NOW.plus_millis(30 * DAY));
    assert!(case.is_late(date(2026, 12, 18)));
    // Late, it can still be answered; and a supervisor need not wait any longer.
    let judged = say(&town, &supervisor(), &case, CaseAct::Unfit, "答えがない").await.unwrap();
    assert_eq!(judged.state(), CaseState::Judged(CaseVerdict::Unfit));
    assert_eq!(fault(say(&town, &nurse(), &case, CaseAct::Answer, "おくれました").await), CaseFault::Judged);
}

#[tokio::test]
async fn who_may_object_and_who_may_not() {
    let town = town(PolicyProfile::SpecialLaw);
    for _ in 0..4 {
        look(&town, &nurse()).await;
        town.clock.set(town_time(&town));
    }
    let mandate = |id: &str, categories| {
        Change::Give(Mandate {
            id: id.into(),
            holder: Holder::Person(person("the-proxy")),
            holder_name: "恵".into(),
            relation: "長女".into(),
            purposes: vec![Purpose::FamilyRequest],
            categories,
            parental: false,
            period: Period::since(NOW),
        })
    };
    let proxy = caller(Role::Proxy, Purpose::FamilyRequest, OrganizationKind::Household);
    town.herself(&[mandate("m1", Some(vec![tsumugi_kernel::RecordCategory::Laboratory]))]).await;
    let refused = object(&town, &proxy, 1, "").await;
    assert!(
        matches!(refused, Err(CaseError::Refused(Refusal::NotOpen { .. }))),
        "the log is not in her mandate: {refused:?}"
    );
    town.herself(&[mandate("m2", None)]).await;
    let case = object(&town, &proxy, 1, "母にかわって").await.unwrap();
    assert_eq!(case.words[0].by.role, Role::Proxy);
    // On paper at the municipality's desk; not at a hospital's, which may be the one that looked.
    let mut clerk = caller(Role::Municipality, Purpose::RecordManagement, OrganizationKind::Municipality);
    let on_paper = object(&town, &clerk, 2, "紙で受け付けました").await.unwrap();
    assert_eq!((on_paper.deadline, on_paper.words[0].by.role), (case.deadline, Role::Municipality));
    clerk.automatic = true;
    for who in [clerk, colleague()] {
        assert!(matches!(object(&town, &who, 3, "").await, Err(CaseError::Refused(Refusal::NotOpen { .. }))));
    }
    assert!(matches!(object(&town, &nurse(), 3, "").await, Err(CaseError::Refused(Refusal::OutsideTable { .. }))));
    let stranger = Caller { citizen: Some(CitizenId(8)), ..her() };
    let request = Request { caller: &stranger, action: Action::Object, citizen: HER };
    assert!(matches!(town.door.admit(request).await, Err(Refusal::NotOpen { .. })));
    // Another person's case is not there for a permit of somebody else's record.
    let other = Request { caller: &supervisor(), action: Action::Review, citizen: CitizenId(8) };
    let permit = town.door.admit(other).await.unwrap();
    let saying = Saying { act: CaseAct::Fine, reason: "正しい", sanction: Sanction::default() };
    assert_eq!(fault(town.door.say(permit, &case, saying).await), CaseFault::Absent);
}

fn town_time(town: &Town) -> tsumugi_kernel::Instant {
    use tsumugi_kernel::Clock as _;
    town.clock.now().plus_millis(1_000)
}

#[tokio::test]
async fn a_suspension_holds_at_once_and_ends_by_itself() {
    let town = town(PolicyProfile::SpecialLaw);
    look(&town, &nurse()).await;
    let case = object(&town, &her(), 1, "").await.unwrap();
    town.clock.set(NOW.plus_millis(30 * DAY));
    let sanction = |penalty| Sanction { penalty, report: true };
    for (act, penalty) in [
        (CaseAct::Fine, Penalty::Warning),
        (CaseAct::Explain, Penalty::Days(7)),
        (CaseAct::Unfit, Penalty::Days(0)),
        (CaseAct::Unfit, Penalty::Days(366)),
    ] {
        let wrong = sanctioned(&town, &supervisor(), &case, act, "理由", sanction(penalty)).await;
        assert_eq!(fault(wrong), CaseFault::Sanction, "{act:?} {penalty:?}");
    }
    // The sign-in of before, and a look that is still allowed.
    look(&town, &nurse()).await;
    let judged = sanctioned(&town, &supervisor(), &case, CaseAct::Unfit, "理由がない", sanction(Penalty::Days(7)))
        .await
        .unwrap();
    assert_eq!(judged.words.last().unwrap().sanction, Some(sanction(Penalty::Days(7))));
    let before = town.leaves().await;
    for action in [Action::Page, Action::Read, Action::Create] {
        let refused = town.admit(&nurse(), action).await;
        let Err(Refusal::Suspended { until, .. }) = refused else { panic!("{refused:?}") };
        assert_eq!(until, Some(NOW.plus_millis(37 * DAY)));
    }
    assert_eq!(town.leaves().await, before + 3, "each refusal leaves its leaf");
    // Colleagues work on; at home nobody is suspended for what they did at work.
    look(&town, &caller(Role::Physician, Purpose::Treat, OrganizationKind::Hospital)).await;
    let mut at_home = her();
    at_home.person = nurse().person;
    town.admit(&at_home, Action::Page).await.unwrap().seal(Shown::none()).await.unwrap();
    // What she is asked she may still answer.
    assert!(town.door.admit_answer(&nurse(), &judged).await.unwrap().seal(Shown::none()).await.is_ok());
    town.clock.set(NOW.plus_millis(37 * DAY - 1));
    assert!(matches!(town.admit(&nurse(), Action::Page).await, Err(Refusal::Suspended { .. })));
    town.clock.set(NOW.plus_millis(37 * DAY));
    look(&town, &nurse()).await;
}

#[tokio::test]
async fn until_it_is_lifted_means_until_a_supervisor_lifts_it() {
    let town = town(PolicyProfile::SpecialLaw);
    look(&town, &nurse()).await;
    let case = object(&town, &her(), 1, "").await.unwrap();
    town.clock.set(NOW.plus_millis(30 * DAY));
    assert_eq!(fault(say(&town, &supervisor(), &case, CaseAct::Lift, "解く").await), CaseFault::NotYet);
    let sanction = Sanction { penalty: Penalty::UntilLifted, report: false };
    let judged = sanctioned(&town, &supervisor(), &case, CaseAct::Unfit, "理由がない", sanction).await.unwrap();
    town.clock.set(NOW.plus_millis(900 * DAY));
    let refused = town.admit(&nurse(), Action::Page).await;
    assert!(matches!(refused, Err(Refusal::Suspended { until: None, .. })), "{refused:?}");
    assert!(town.door.suspension_by(&judged, NOW.plus_millis(900 * DAY)).await.unwrap().is_some());
    let lifted = say(&town, &supervisor(), &judged, CaseAct::Lift, "再教育を終えた").await.unwrap();
    assert_eq!(lifted.state(), CaseState::Judged(CaseVerdict::Unfit), "what was found stays");
    look(&town, &nurse()).await;
    assert_eq!(fault(say(&town, &supervisor(), &lifted, CaseAct::Lift, "もう一度").await), CaseFault::NotYet);
}

#[tokio::test]
async fn two_at_once_make_one() {
    let (town, _faults, _dir) = faulty();
    look(&town, &nurse()).await;
    let (her, nurse, colleague, supervisor) = (her(), nurse(), colleague(), supervisor());
    let (one, two) = tokio::join!(object(&town, &her, 1, "はじめ"), object(&town, &her, 1, "つぎ"));
    let case = match (one, two) {
        (Ok(case), other) | (other, Ok(case)) => {
            assert_eq!(fault(other), CaseFault::Twice);
            case
        }
        other => unreachable!("{other:?}"),
    };
    assert_eq!(office(&town, false).await.len(), 1);
    let (one, two) = tokio::join!(
        say(&town, &nurse, &case, CaseAct::Answer, "担当でした"),
        say(&town, &colleague, &case, CaseAct::Answer, "確かめます")
    );
    let (answered, late) = match (one, two) {
        (Ok(case), other) | (other, Ok(case)) => (case, fault(other)),
        other => unreachable!("{other:?}"),
    };
    assert!(matches!(late, CaseFault::Overtaken | CaseFault::NotYet), "{late:?}");
    // A sanction and the withdrawal at the same time: one of them holds, and the door agrees with the case.
    town.clock.set(NOW.plus_millis(60 * DAY));
    let sanction = Sanction { penalty: Penalty::UntilLifted, report: false };
    let (unfit, accepted) = tokio::join!(
        sanctioned(&town, &supervisor, &answered, CaseAct::Unfit, "理由がない", sanction),
        say(&town, &her, &answered, CaseAct::Accept, "")
    );
    assert!(unfit.is_ok() != accepted.is_ok(), "{unfit:?} {accepted:?}");
    assert_eq!(town.admit(&nurse, Action::Page).await.is_err(), unfit.is_ok());
}

#[tokio::test]
async fn what_fails_is_not_there_and_what_persists_is_there_once() {
    for (broken, there) in [(CommitFault::Fails, 0), (CommitFault::FailsButPersists, 1)] {
        let (town, faults, _dir) = faulty();
        look(&town, &nurse()).await;
        let permit = town.admit(&her(), Action::Object).await.unwrap();
        faults.arm(broken);
        let failed = town.door.object(permit, 1, Concern::Other, "").await;
        assert!(
            matches!(failed, Err(CaseError::Commit(CommitError::Unknown(_) | CommitError::Refused(_)))),
            "{failed:?}"
        );
        assert_eq!((office(&town, true).await.len(), town.leaves().await), (there, 1 + there as u64), "{broken:?}");
        let again = object(&town, &her(), 1, "").await;
        assert_eq!(again.is_ok(), there == 0, "asked again: one objection in all");
        let case = office(&town, true).await.remove(0);

        let permit = town.door.admit_answer(&nurse(), &case).await.unwrap();
        faults.arm(broken);
        let saying = Saying { act: CaseAct::Answer, reason: "担当でした", sanction: Sanction::default() };
        assert!(matches!(town.door.say(permit, &case, saying).await, Err(CaseError::Commit(_))));
        let answered = say(&town, &nurse(), &case, CaseAct::Answer, "担当でした").await.unwrap();
        assert_eq!((answered.words.len(), office(&town, true).await.len()), (2, 0));

        let insisted = say(&town, &her(), &answered, CaseAct::Insist, "ちがいます").await.unwrap();
        let permit = town.admit(&supervisor(), Action::Review).await.unwrap();
        let sanction = Sanction { penalty: Penalty::Days(30), report: false };
        faults.arm(broken);
        let saying = Saying { act: CaseAct::Unfit, reason: "理由がない", sanction };
        assert!(matches!(town.door.say(permit, &insisted, saying).await, Err(CaseError::Commit(_))));
        // The door agrees with the case, whichever it is.
        let suspended = matches!(town.admit(&nurse(), Action::Page).await, Err(Refusal::Suspended { .. }));
        assert_eq!(suspended, there == 1, "{broken:?}");
        let judged = sanctioned(&town, &supervisor(), &insisted, CaseAct::Unfit, "理由がない", sanction).await.unwrap();
        assert_eq!(judged.words.len(), 4);
        assert!(matches!(town.admit(&nurse(), Action::Page).await, Err(Refusal::Suspended { .. })));
    }
}
