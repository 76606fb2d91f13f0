//! Papers at a desk: what narrows holds by one clerk, what widens waits for a second, and nobody is their own second.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests; clippy spares test functions only")]

mod town;

use town::{HER, NOW, Town, caller, faulty, organization, person, town};
use tsumugi_access::{
    Action, Against, Caller, Change, Hides, Holder, Mandate, Paper, PaperAct, PaperError, PaperFault, PaperSays,
    PaperState, PolicyProfile, Request, Restriction, Shown, StandingFault,
    door::ChangeError,
    paper::{Handed, Lifting, PaperTyped, Second, WAITING_MOST},
    standing::Period,
};
use tsumugi_kernel::{CitizenId, Instant, OrganizationKind as Kind, Purpose, Role};
use tsumugi_people::Person;
use tsumugi_store::{Batch, CommitError, Table, sqlite::CommitFault};

const DAY: i64 = 24 * 3_600_000;

fn clerk(id: &str) -> Caller {
    Caller {
        person: person(id),
        person_name: format!("{id} さん"),
        ..caller(Role::Municipality, Purpose::RecordManagement, Kind::Municipality)
    }
}

fn her() -> Caller {
    caller(Role::Citizen, Purpose::PatientRequest, Kind::Household)
}

fn daughter() -> Caller {
    caller(Role::Proxy, Purpose::FamilyRequest, Kind::Household)
}

fn mandate(holder: &str) -> Mandate {
    Mandate {
        id: String::new(),
        holder: Holder::Person(person(holder)),
        parental: false,
        holder_name: "花子".into(),
        relation: "娘".into(),
        purposes: vec![Purpose::FamilyRequest],
        categories: None,
        period: Period::between(NOW, NOW.plus_millis(365 * DAY)),
    }
}

fn handed(form: &str, says: PaperSays) -> Handed {
    let typed = PaperTyped { number: "00420078".into(), birth: "1948-03-05".into() };
    Handed { form: form.into(), typed, says }
}

async fn take(town: &Town, who: &Caller, form: &str, says: PaperSays) -> Result<Paper, PaperError> {
    let permit = town.admit(who, Action::Standing).await.map_err(PaperError::from)?;
    Ok(town.door.take_paper_down(permit, handed(form, says)).await?.0)
}

/// What the record does with a second clerk's word: the changes, in one commit with it.
async fn confirm(town: &Town, who: &Caller, paper: &Paper, changes: &[Change]) -> Result<(), PaperError> {
    match town.door.second_paper(who, paper.number, paper.words.len()).await? {
        Second::Before(_) => Ok(()),
        Second::Now(permit, _) => match town.door.change_alone(*permit, changes).await {
            Ok(_) => Ok(()),
            Err(tsumugi_access::door::AloneError::Change(ChangeError::Fault(fault))) => panic!("{fault}"),
            Err(tsumugi_access::door::AloneError::Seal(tsumugi_access::SealError::Commit(error))) => Err(error.into()),
            Err(error) => panic!("{error}"),
        },
    }
}

fn given(id: &str, holder: &str, at: Instant) -> Change {
    let said = mandate(holder);
    Change::Give(Mandate { id: id.into(), period: Period::new(at, said.period.until), ..said })
}

#[track_caller]
fn fault<T: std::fmt::Debug>(done: Result<T, PaperError>) -> PaperFault {
    match done {
        Err(PaperError::Fault(fault)) => fault,
        other => panic!("{other:?}"),
    }
}

async fn acts(town: &Town) -> bool {
    match town.admit(&daughter(), Action::Page).await {
        Ok(permit) => {
            permit.seal(Shown::none()).await.unwrap();
            true
        }
        Err(_) => false,
    }
}

async fn hers(town: &Town) -> Vec<Paper> {
    let permit = town.admit(&her(), Action::AccessLog).await.unwrap();
    let papers = permit.papers(100).await.unwrap();
    permit.seal(Shown::none()).await.unwrap();
    papers
}

#[tokio::test]
async fn a_mandate_on_paper_holds_once_another_clerk_of_the_desk_has_confirmed_it() {
    for profile in PolicyProfile::ALL {
        let town = town(*profile);
        let leaves = town.leaves().await;
        let paper = take(&town, &clerk("oka"), "f1", PaperSays::Mandate(mandate("the-proxy"))).await.unwrap();
        assert_eq!((town.leaves().await, paper.state(NOW)), (leaves + 1, PaperState::Waiting));
        assert!(!acts(&town).await, "what waits opens nothing");
        // Whose it is, is in no list.
        let waiting = town.door.papers_waiting(&clerk("sato"), None, 10).await.unwrap();
        assert!(waiting.len() == 1 && waiting[0].typed.is_none(), "{waiting:?}");
        let (permit, read) = town.door.paper(&clerk("sato"), paper.number).await.unwrap();
        assert_eq!(read.typed.as_ref().unwrap().number, "00420078");
        permit.seal(Shown::none()).await.unwrap();
        // Nobody is their own second.
        let alone = town.door.second_paper(&clerk("oka"), paper.number, 1).await;
        assert_eq!(fault(alone), PaperFault::Oneself);
        // Nor is anybody of another desk, or of another kind of desk.
        let other = Caller { organization: organization("city-b"), ..clerk("ito") };
        assert_eq!(fault(town.door.second_paper(&other, paper.number, 1).await), PaperFault::Absent);
        assert_eq!(town.door.papers_waiting(&other, None, 10).await.unwrap(), []);
        let registrar = caller(Role::Registrar, Purpose::RecordManagement, Kind::Hospital);
        assert_eq!(fault(town.door.second_paper(&registrar, paper.number, 1).await), PaperFault::NotDesk);
        let machine = Caller { automatic: true, ..clerk("sato") };
        assert_eq!(fault(town.door.second_paper(&machine, paper.number, 1).await), PaperFault::NotDesk);
        let given = given("m", "the-proxy", NOW);
        confirm(&town, &clerk("sato"), &paper, std::slice::from_ref(&given)).await.unwrap();
        assert!(acts(&town).await);
        let kept = hers(&town).await;
        assert_eq!((kept.len(), kept[0].state(NOW)), (1, PaperState::Confirmed));
        let named: Vec<&str> = kept[0].words.iter().map(|word| word.by.name.as_str()).collect();
        assert_eq!((named, &kept[0].typed), (vec!["oka さん", "sato さん"], &None));
        // Sent again it is one word; by a third it is too late.
        confirm(&town, &clerk("sato"), &paper, &[]).await.unwrap();
        assert_eq!(fault(town.door.second_paper(&clerk("kato"), paper.number, 1).await), PaperFault::NotNow);
        assert_eq!(town.door.papers_waiting(&clerk("oka"), None, 10).await.unwrap(), []);
    }
}

#[tokio::test]
async fn a_clerk_alone_narrows_and_never_widens_and_a_register_says_who_is_a_parent() {
    let town = town(PolicyProfile::SpecialLaw);
    let restriction = |id: &str| Restriction {
        id: id.into(),
        against: Against::Everyone,
        hides: Hides::Everything,
        emergency_may_override: true,
        period: Period::since(NOW),
    };
    let desks = [clerk("oka"), caller(Role::Registrar, Purpose::RecordManagement, Kind::Hospital)];
    let register = caller(Role::System, Purpose::RecordManagement, Kind::Municipality);
    for (number, desk) in desks.iter().enumerate() {
        let id = format!("r{number}");
        town.change(desk, Action::Standing, &[Change::Restrict(restriction(&id))]).await.unwrap();
        town.herself(&[given(&format!("m{number}"), "somebody", NOW)]).await;
        town.change(desk, Action::Standing, &[Change::Revoke { mandate: format!("m{number}"), at: NOW }])
            .await
            .unwrap();
        let item = tsumugi_access::ConsentItem::Medication;
        for widens in [
            given("m", "the-proxy", NOW),
            Change::Lift { restriction: id.clone(), at: NOW },
            Change::Consent(tsumugi_access::Consent { item, organization: None, period: Period::since(NOW) }),
        ] {
            let refused = town.change(desk, Action::Standing, &[widens]).await.unwrap_err();
            assert_eq!(refused, StandingFault::TwoClerks.to_string());
        }
    }
    let parent = Mandate { parental: true, relation: "母".into(), ..mandate("the-mother") };
    let guardian = Mandate { id: "g".into(), relation: "成年後見人".into(), ..mandate("the-guardian") };
    for registered in [Mandate { id: "p".into(), ..parent }, guardian] {
        town.change(&register, Action::Standing, &[Change::Give(registered)]).await.unwrap();
    }
    for other in [given("m", "the-proxy", NOW), Change::Lift { restriction: "r0".into(), at: NOW }] {
        let refused = town.change(&register, Action::Standing, &[other]).await.unwrap_err();
        assert_eq!(refused, StandingFault::NotRegistered.to_string());
    }
    let elsewhere = caller(Role::System, Purpose::RecordManagement, Kind::Hospital);
    assert!(town.admit(&elsewhere, Action::Standing).await.is_err(), "a hospital keeps no such register");
}

#[tokio::test]
async fn a_second_clerk_confirms_what_the_paper_says_and_nothing_more() {
    let town = town(PolicyProfile::SpecialLaw);
    let bars = |id: &str| Restriction {
        id: id.into(),
        against: Against::Everyone,
        hides: Hides::Everything,
        emergency_may_override: false,
        period: Period::since(NOW),
    };
    town.herself(&[Change::Restrict(bars("r1")), Change::Restrict(bars("r2"))]).await;
    let lifting = |id: &str| Lifting { restriction: id.into(), shelf: HER, consent: 9 };
    let paper = take(&town, &clerk("oka"), "f1", PaperSays::Lift { code: None, restrictions: vec![lifting("r1")] })
        .await
        .unwrap();
    let second = |paper: Paper| {
        let town = &town;
        async move {
            match town.door.second_paper(&clerk("sato"), paper.number, 1).await.unwrap() {
                Second::Now(permit, _) => *permit,
                Second::Before(_) => panic!("nobody confirmed it"),
            }
        }
    };
    for more in [
        Change::Lift { restriction: "r2".into(), at: NOW },
        given("m", "the-proxy", NOW),
        Change::Consent(tsumugi_access::Consent {
            item: tsumugi_access::ConsentItem::Care,
            organization: None,
            period: Period::since(NOW),
        }),
    ] {
        let permit = second(paper.clone()).await;
        let refused = town.door.change(&permit, &[more]).await.unwrap_err();
        assert!(matches!(refused, ChangeError::Fault(StandingFault::TwoClerks)), "{refused}");
        permit.seal(Shown::none()).await.unwrap();
    }
    assert_eq!(hers(&town).await[0].state(NOW), PaperState::Waiting);
    let lift = Change::Lift { restriction: "r1".into(), at: NOW };
    confirm(&town, &clerk("sato"), &paper, &[lift]).await.unwrap();
    // A mandate for longer, for more, for another, or from earlier is not what was written.
    let paper = take(&town, &clerk("oka"), "f2", PaperSays::Mandate(mandate("the-proxy"))).await.unwrap();
    let said = Mandate { id: "m".into(), ..mandate("the-proxy") };
    let until = |until| Mandate { period: Period::new(NOW, until), ..said.clone() };
    for other in [
        until(None),
        until(said.period.until.map(|until| until.plus_millis(1))),
        Mandate { holder: Holder::Person(person("other")), ..said.clone() },
        Mandate { parental: true, ..said.clone() },
        Mandate { period: Period::new(NOW.plus_millis(-1), said.period.until), ..said.clone() },
    ] {
        let permit = second(paper.clone()).await;
        let refused = town.door.change(&permit, &[Change::Give(other)]).await.unwrap_err();
        assert!(matches!(refused, ChangeError::Fault(StandingFault::TwoClerks)), "{refused}");
        permit.seal(Shown::none()).await.unwrap();
    }
}

#[tokio::test]
async fn nobody_takes_down_or_confirms_what_concerns_them() {
    let town = town(PolicyProfile::SpecialLaw);
    let own = Person { citizen: Some(HER), ..Person::named(person("haru"), "山田 ハル") };
    town.door.directory().register(&[own], &[]).await.unwrap();
    let to = |holder: &str| PaperSays::Mandate(mandate(holder));
    assert_eq!(fault(take(&town, &clerk("oka"), "f1", to("oka")).await), PaperFault::Oneself, "names themself");
    assert_eq!(
        fault(take(&town, &clerk("haru"), "f2", to("the-proxy")).await),
        PaperFault::Oneself,
        "their own record"
    );
    let office = Mandate { holder: Holder::Organization { organization: clerk("oka").organization }, ..mandate("x") };
    let office = take(&town, &clerk("oka"), "f3", PaperSays::Mandate(office)).await;
    assert_eq!(fault(office), PaperFault::Oneself, "their own desk");
    let paper = take(&town, &clerk("oka"), "f4", to("sato")).await.unwrap();
    for (who, name) in [("sato", "is named"), ("haru", "whose it is"), ("oka", "took it down")] {
        let leaves = town.leaves().await;
        let refused = town.door.second_paper(&clerk(who), paper.number, 1).await;
        assert_eq!(fault(refused), PaperFault::Oneself, "{name}");
        assert_eq!(town.leaves().await, leaves + 1, "the try is in her log");
    }
    let clerk_of_hospital = caller(Role::Registrar, Purpose::RecordManagement, Kind::Hospital);
    assert_eq!(fault(take(&town, &clerk_of_hospital, "f5", to("x")).await), PaperFault::NotDesk);
}

#[tokio::test]
async fn after_fourteen_days_it_lapses_and_what_is_sent_back_or_stopped_holds_no_more() {
    let town = town(PolicyProfile::SpecialLaw);
    let says = || PaperSays::Mandate(mandate("the-proxy"));
    let lapses = take(&town, &clerk("oka"), "f1", says()).await.unwrap();
    town.clock.set(NOW.plus_millis(14 * DAY - 1));
    assert_eq!(town.door.papers_waiting(&clerk("sato"), None, 10).await.unwrap().len(), 1);
    town.clock.set(NOW.plus_millis(14 * DAY));
    assert_eq!(town.door.papers_waiting(&clerk("sato"), None, 10).await.unwrap(), []);
    assert_eq!(fault(town.door.second_paper(&clerk("sato"), lapses.number, 1).await), PaperFault::NotNow);
    assert_eq!(hers(&town).await[0].state(town.clock_now()), PaperState::Lapsed);
    // Back in time it does not come to life: a look is not a promise, but the state follows the clock alone.
    let back = take(&town, &clerk("oka"), "f2", says()).await.unwrap();
    let rows = town.store.rows(Table::Paper, b"q", None, 10).await.unwrap();
    assert_eq!(rows.len(), 1, "what lapsed is cleared from the queue by the next");
    let say = |paper: Paper, who: Caller, act, reason: &'static str| {
        let town = &town;
        async move {
            let permit = town.admit(&who, Action::Standing).await.unwrap();
            town.door.end_paper(permit, paper.number, 1, (act, reason)).await.map(|(paper, _)| paper)
        }
    };
    let send_back = PaperAct::SendBack;
    assert_eq!(fault(say(back.clone(), clerk("sato"), send_back, " ").await), PaperFault::Reason);
    let other = Caller { organization: organization("city-b"), ..clerk("ito") };
    assert_eq!(fault(say(back.clone(), other, send_back, "別の市").await), PaperFault::Absent);
    assert_eq!(fault(say(back.clone(), her(), send_back, "x").await), PaperFault::Absent);
    let sent = say(back.clone(), clerk("sato"), send_back, "署名がありません").await.unwrap();
    assert_eq!(
        (sent.state(town.clock_now()), sent.words[1].reason.as_str()),
        (PaperState::SentBack, "署名がありません")
    );
    let again = say(back.clone(), clerk("sato"), send_back, "署名がありません").await.unwrap();
    assert_eq!(again.words.len(), 2, "said twice it is said once");
    assert_eq!(fault(town.door.second_paper(&clerk("kato"), back.number, 1).await), PaperFault::NotNow);
    let stopped = take(&town, &clerk("oka"), "f3", says()).await.unwrap();
    assert_eq!(fault(say(stopped.clone(), clerk("oka"), PaperAct::TakeBack, "").await), PaperFault::Absent);
    let kept = say(stopped.clone(), her(), PaperAct::TakeBack, "").await.unwrap();
    assert_eq!(kept.state(town.clock_now()), PaperState::TakenBack);
    // Neither of them opened anything; her log names who spoke.
    assert!(!acts(&town).await);
    // Of another person's paper nobody on her side may speak.
    let strange = Request { caller: &clerk("oka"), action: Action::Standing, citizen: CitizenId(8) };
    let permit = town.door.admit(strange).await.unwrap();
    let (foreign, _) = town.door.take_paper_down(permit, handed("f4", says())).await.unwrap();
    assert_eq!(fault(say(foreign, her(), PaperAct::TakeBack, "").await), PaperFault::Absent);
}

#[tokio::test]
async fn a_form_sent_twice_is_one_paper_two_at_once_confirm_one_and_the_queue_is_bounded() {
    let town = town(PolicyProfile::SpecialLaw);
    let says = || PaperSays::Mandate(mandate("the-proxy"));
    let paper = take(&town, &clerk("oka"), "f", says()).await.unwrap();
    assert_eq!(fault(take(&town, &clerk("oka"), "f", says()).await), PaperFault::Twice);
    assert_eq!(town.door.paper_of_form(&clerk("oka"), "f").await.unwrap().unwrap().number, paper.number);
    assert_eq!(town.door.paper_of_form(&clerk("sato"), "f").await.unwrap(), None, "another clerk's form is another");
    // Two have read it as it waits; the second commit meets the first.
    let mut permits = Vec::new();
    for who in ["sato", "kato"] {
        match town.door.second_paper(&clerk(who), paper.number, 1).await.unwrap() {
            Second::Now(permit, _) => permits.push(permit),
            Second::Before(_) => panic!("nobody confirmed it"),
        }
    }
    let mut done = Vec::new();
    for permit in permits {
        let write = town.door.change(&permit, &[given("m", "the-proxy", NOW)]).await;
        let Ok(write) = write else {
            permit.seal(Shown::none()).await.unwrap();
            done.push(false);
            continue;
        };
        let leaves = permit.into_leaves(&Shown::none()).await.unwrap();
        let batch = Batch { expect: write.expect, rows: write.rows, leaves, ..Batch::default() };
        done.push(town.store.commit(batch).await.is_ok());
        town.door.forget(HER);
    }
    assert_eq!(done, [true, false]);
    assert_eq!(hers(&town).await[0].words.len(), 2);
    for number in 0..WAITING_MOST {
        take(&town, &clerk("oka"), &format!("n{number}"), says()).await.unwrap();
    }
    assert_eq!(fault(take(&town, &clerk("oka"), "one-more", says()).await), PaperFault::Full);
    let first = town.door.papers_waiting(&clerk("oka"), None, 50).await.unwrap();
    let place = tsumugi_access::paper::PaperPlace { taken: first[49].taken(), number: first[49].number };
    let next = town.door.papers_waiting(&clerk("oka"), Some(place), 50).await.unwrap();
    assert!(next.len() == 50 && next[0].number > first[49].number);
}

#[tokio::test]
async fn what_fails_is_not_there_and_what_persists_is_there_once() {
    let (town, faults, _dir) = faulty();
    let says = || PaperSays::Mandate(mandate("the-proxy"));
    let unknown =
        |done: Result<(), PaperError>| assert!(matches!(done, Err(PaperError::Commit(CommitError::Unknown(_)))));
    let failed = |done: Result<Paper, PaperError>| assert!(matches!(done, Err(PaperError::Commit(_))));
    faults.arm(CommitFault::Fails);
    failed(take(&town, &clerk("oka"), "f", says()).await);
    assert_eq!(town.door.paper_of_form(&clerk("oka"), "f").await.unwrap(), None);
    faults.arm(CommitFault::FailsButPersists);
    failed(take(&town, &clerk("oka"), "f", says()).await);
    let paper = town.door.paper_of_form(&clerk("oka"), "f").await.unwrap().unwrap();
    let give = given("m", "the-proxy", NOW);
    faults.arm(CommitFault::Fails);
    unknown(confirm(&town, &clerk("sato"), &paper, std::slice::from_ref(&give)).await);
    assert!(!acts(&town).await);
    assert_eq!(hers(&town).await[0].state(NOW), PaperState::Waiting, "neither the word nor what it opens");
    faults.arm(CommitFault::FailsButPersists);
    unknown(confirm(&town, &clerk("sato"), &paper, &[give]).await);
    assert!(acts(&town).await);
    assert_eq!(hers(&town).await[0].state(NOW), PaperState::Confirmed, "both");
    confirm(&town, &clerk("sato"), &paper, &[]).await.unwrap();
    assert_eq!(hers(&town).await[0].words.len(), 2);
}
