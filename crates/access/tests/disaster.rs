//! The disaster mode: two open it, one closes it, and the door heeds it at once, where it is open and nowhere else.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests; clippy spares test functions only")]

mod town;

use town::{HER, NOW, Town, caller, fact, faulty, organization, person, town};
use tsumugi_access::{
    Action, Against, Caller, Change, DisasterAct, DisasterError, DisasterFault, DisasterState, Hides, Opening,
    PolicyProfile, Refusal, Request, Restriction, Shown,
    disaster::{DisasterSaying, Found, OfflineReceipt, Proposal, SEARCHES_MOST, SUMMARIES_DAY},
    standing::Period,
};
use tsumugi_kernel::{CitizenId, Instant, OrganizationKind as Kind, Purpose, RecordCategory, Role};
use tsumugi_people::{Area, FourItems, Incoming, Organization, Sex};
use tsumugi_store::{Batch, CommitError, Row, Table, sqlite::CommitFault};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

fn supervisor(id: &str) -> Caller {
    Caller {
        person: person(id),
        person_name: format!("{id} さん"),
        ..caller(Role::Supervisor, Purpose::Operations, Kind::SupervisingBody)
    }
}

fn crew() -> Caller {
    caller(Role::Crew, Purpose::Disaster, Kind::FireHeadquarters)
}

fn area(text: &str) -> Area {
    Area::read(text).unwrap()
}

fn proposal(areas: &[&str]) -> Proposal {
    Proposal {
        form: "form".into(),
        place: "綾野県 紬市".into(),
        areas: areas.iter().map(|text| area(text)).collect(),
        reason: "綾野県で地震".into(),
        from: NOW,
        until: NOW.plus_millis(7 * DAY),
    }
}

fn saying(opening: &Opening, act: DisasterAct) -> DisasterSaying<'static> {
    DisasterSaying { act, read: opening.words.len(), until: None, reason: "もう要らない" }
}

async fn say(town: &Town, who: &str, opening: &Opening, act: DisasterAct) -> Result<Opening, DisasterError> {
    town.door.say_of_opening(&supervisor(who), opening.number, saying(opening, act)).await
}

/// Puts organisations where they are, and her into the directory.
async fn placed(town: &Town) {
    let place = |kind: Kind, area: Option<&str>| Organization {
        municipality: area.map(|text| Area::read(text).unwrap()),
        ..Organization::new(organization(kind.code()), format!("{kind} A"), kind)
    };
    let places = [
        place(Kind::FireHeadquarters, Some("49201")),
        place(Kind::Hospital, Some("49202")),
        place(Kind::Clinic, None),
        place(Kind::Household, Some("49201")),
    ];
    town.door.directory().register(&[], &places).await.unwrap();
    person_row(town, HER, "山田 ハル", "ヤマダ ハル", "1948-03-05", "綾野県紬市港町3-7").await;
}

async fn person_row(town: &Town, citizen: CitizenId, name: &str, kana: &str, birth: &str, address: &str) {
    let incoming = Incoming {
        name: Some(name.into()),
        kana: Some(kana.into()),
        birth_date: Some(birth.into()),
        sex: Some(Sex::Female),
        address: Some(address.into()),
        ..Incoming::default()
    };
    let row = Row {
        table: Table::Citizen,
        key: citizen.0.to_be_bytes().to_vec(),
        value: Some(format!(r#"{{"v":2,"id":{},"name":"{name}","birthDate":"{birth}"}}"#, citizen.0).into_bytes()),
    };
    let mut rows = tsumugi_people::candidates::rows_of(&incoming, citizen);
    rows.push(row);
    town.store.commit(Batch { rows, ..Batch::default() }).await.unwrap();
}

async fn opened(town: &Town, areas: &[&str]) -> Opening {
    let proposed = town.door.propose_opening(&supervisor("one"), proposal(areas)).await.unwrap();
    town.door
        .say_of_opening(&supervisor("two"), proposed.number, saying(&proposed, DisasterAct::Confirm))
        .await
        .unwrap()
}

async fn look(town: &Town, who: &Caller) -> Result<u64, Refusal> {
    let permit = town.admit(who, Action::Page).await?;
    Ok(permit.seal(Shown::none()).await.unwrap().number)
}

fn items(family: &str, given: &str, address: &str) -> FourItems {
    FourItems {
        family: family.into(),
        given: given.into(),
        birth: "1948-03-05".parse().unwrap(),
        sex: Sex::Female,
        address: address.into(),
    }
}

async fn find(town: &Town, who: &Caller, items: &FourItems) -> &'static str {
    match town.door.find_in_disaster(who, items).await {
        Ok(Found::One(permit)) => {
            let her = permit.opens(HER);
            permit.seal(Shown::none()).await.unwrap();
            if her { "her" } else { "another" }
        }
        Ok(Found::MoreNeeded) => "more",
        Ok(Found::Nobody) => "nobody",
        Err(DisasterError::Fault(DisasterFault::NotOpen)) => "closed",
        Err(DisasterError::Fault(DisasterFault::TooOften)) => "too often",
        Err(error) => panic!("{error}"),
    }
}

#[track_caller]
fn fault<T: std::fmt::Debug>(done: Result<T, DisasterError>) -> DisasterFault {
    match done {
        Err(DisasterError::Fault(fault)) => fault,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn two_open_it_and_the_door_heeds_it_where_it_is_open() {
    for profile in PolicyProfile::ALL {
        let town = town(*profile);
        placed(&town).await;
        let nurse = |kind| caller(Role::Nurse, Purpose::Disaster, kind);
        assert!(matches!(look(&town, &nurse(Kind::Hospital)).await, Err(Refusal::NoDisaster { .. })));
        let proposed = town.door.propose_opening(&supervisor("one"), proposal(&["49202"])).await.unwrap();
        assert_eq!(proposed.state(NOW), DisasterState::Proposed);
        assert!(matches!(look(&town, &nurse(Kind::Hospital)).await, Err(Refusal::NoDisaster { .. })), "one is not two");
        let own = say(&town, "one", &proposed, DisasterAct::Confirm).await;
        assert_eq!(fault(own), DisasterFault::Oneself);
        let confirm = saying(&proposed, DisasterAct::Confirm);
        let open = town.door.say_of_opening(&supervisor("two"), proposed.number, confirm).await.unwrap();
        assert_eq!(open.state(NOW), DisasterState::Open);
        look(&town, &nurse(Kind::Hospital)).await.unwrap();
        // Another town, and a place of which no town is registered: the same words, and a leaf.
        let before = town.leaves().await;
        assert!(matches!(look(&town, &crew()).await, Err(Refusal::NoDisaster { .. })));
        assert!(matches!(look(&town, &nurse(Kind::Clinic)).await, Err(Refusal::NoDisaster { .. })));
        assert_eq!(town.leaves().await, before + 2);
        // Nobody else has a part in it, wherever they are.
        for (role, kind) in
            [(Role::Registrar, Kind::Hospital), (Role::Citizen, Kind::Household), (Role::Supervisor, Kind::Hospital)]
        {
            let refused = look(&town, &caller(role, Purpose::Disaster, kind)).await;
            assert!(matches!(refused, Err(Refusal::OutsideTable { .. })), "{role}");
        }
        let machine = Caller { automatic: true, ..nurse(Kind::Hospital) };
        assert!(matches!(look(&town, &machine).await, Err(Refusal::NotOpen { .. })));
    }
}

#[tokio::test]
async fn it_ends_by_itself_is_extended_by_two_and_closed_by_one() {
    let town = town(PolicyProfile::SpecialLaw);
    placed(&town).await;
    let open = opened(&town, &["49"]).await;
    look(&town, &crew()).await.unwrap();
    let later = |days| Some(NOW.plus_millis(days * DAY));
    let extend = |opening: &Opening, until| DisasterSaying { until, ..saying(opening, DisasterAct::Extend) };
    for until in [None, later(7), later(6), later(32)] {
        let faulty = town.door.say_of_opening(&supervisor("one"), open.number, extend(&open, until)).await;
        assert_eq!(fault(faulty), DisasterFault::Period, "{until:?}");
    }
    let asked = town.door.say_of_opening(&supervisor("one"), open.number, extend(&open, later(20))).await.unwrap();
    assert_eq!(asked.until, open.until, "what is proposed changes nothing");
    let confirm = saying(&asked, DisasterAct::ConfirmExtension);
    let own = town.door.say_of_opening(&supervisor("one"), open.number, confirm.clone()).await;
    assert_eq!(fault(own), DisasterFault::Oneself);
    let longer = town.door.say_of_opening(&supervisor("two"), open.number, confirm.clone()).await.unwrap();
    assert_eq!(Some(longer.until), later(20));
    assert_eq!(
        town.door.say_of_opening(&supervisor("two"), open.number, confirm).await.unwrap(),
        longer,
        "twice is once"
    );
    town.clock.set(NOW.plus_millis(19 * DAY));
    look(&town, &crew()).await.unwrap();
    town.clock.set(NOW.plus_millis(20 * DAY));
    assert!(matches!(look(&town, &crew()).await, Err(Refusal::NoDisaster { .. })));
    // Closing needs one, and a clock set back opens nothing.
    let again = Proposal { form: "other".into(), from: NOW, until: NOW.plus_millis(25 * DAY), ..proposal(&["49201"]) };
    let proposed = town.door.propose_opening(&supervisor("two"), again).await.unwrap();
    let second = say(&town, "one", &proposed, DisasterAct::Confirm).await.unwrap();
    assert_eq!(second.from, NOW.plus_millis(20 * DAY), "nothing begins before it is confirmed");
    look(&town, &crew()).await.unwrap();
    let closed = say(&town, "two", &second, DisasterAct::Close).await;
    assert_eq!(closed.unwrap().state(town.clock_now()), DisasterState::Closed);
    assert!(matches!(look(&town, &crew()).await, Err(Refusal::NoDisaster { .. })));
    town.clock.set(NOW.plus_millis(20 * DAY + 1_000));
    assert!(matches!(look(&town, &crew()).await, Err(Refusal::NoDisaster { .. })));
    assert_eq!(town.door.openings().await.unwrap().len(), 2, "both stay");
}

#[tokio::test]
async fn a_proposal_lapses_is_taken_back_and_is_made_once() {
    let town = town(PolicyProfile::SpecialLaw);
    let (one, two) = (supervisor("one"), supervisor("two"));
    let first = town.door.propose_opening(&one, proposal(&["49"])).await.unwrap();
    assert_eq!(town.door.propose_opening(&one, proposal(&["49"])).await.unwrap(), first);
    for (faulty, expected) in [
        (Proposal { form: "a".into(), areas: vec![], ..proposal(&[]) }, DisasterFault::Areas),
        (Proposal { form: "a".into(), ..proposal(&["49", "49"]) }, DisasterFault::Areas),
        (Proposal { form: "a".into(), reason: " 地震 ".into(), ..proposal(&["49"]) }, DisasterFault::Reason),
        (Proposal { form: "a".into(), until: NOW, ..proposal(&["49"]) }, DisasterFault::Period),
        (
            Proposal { form: "a".into(), until: NOW.plus_millis(31 * DAY + 1), ..proposal(&["49"]) },
            DisasterFault::Period,
        ),
    ] {
        assert_eq!(fault(town.door.propose_opening(&one, faulty).await), expected);
    }
    assert_eq!(fault(town.door.propose_opening(&crew(), proposal(&["49"])).await), DisasterFault::NotSupervisor);
    let confirm = |opening: &Opening| saying(opening, DisasterAct::Confirm);
    assert_eq!(
        fault(town.door.say_of_opening(&crew(), first.number, confirm(&first)).await),
        DisasterFault::NotSupervisor
    );
    assert_eq!(fault(town.door.say_of_opening(&two, 99, confirm(&first)).await), DisasterFault::Absent);
    let stale = DisasterSaying { read: 0, ..confirm(&first) };
    assert_eq!(fault(town.door.say_of_opening(&two, first.number, stale).await), DisasterFault::Overtaken);
    town.clock.set(NOW.plus_millis(24 * HOUR));
    assert_eq!(first.state(town.clock_now()), DisasterState::Lapsed);
    assert_eq!(fault(town.door.say_of_opening(&two, first.number, confirm(&first)).await), DisasterFault::NotNow);
    town.clock.set(NOW.plus_millis(25 * HOUR));
    let other = Proposal { form: "b".into(), ..proposal(&["49"]) };
    let second = town.door.propose_opening(&one, other).await.unwrap();
    let gone = town.door.say_of_opening(&two, second.number, saying(&second, DisasterAct::Withdraw)).await.unwrap();
    assert_eq!(gone.state(town.clock_now()), DisasterState::Withdrawn);
    assert_eq!(fault(town.door.say_of_opening(&two, second.number, confirm(&gone)).await), DisasterFault::NotNow);
}

#[tokio::test]
async fn what_she_did_not_allow_for_an_emergency_stays_hidden_and_the_leaf_names_the_opening() {
    let town = town(PolicyProfile::SpecialLaw);
    placed(&town).await;
    let open = opened(&town, &["49201"]).await;
    let restriction = |id: &str, category, override_| {
        Change::Restrict(Restriction {
            id: id.into(),
            against: Against::Everyone,
            hides: Hides::Categories(vec![category]),
            emergency_may_override: override_,
            period: Period::since(NOW),
        })
    };
    let hidden = restriction("a", RecordCategory::Condition, false);
    town.herself(&[hidden, restriction("b", RecordCategory::Allergy, true)]).await;
    let permit = town.admit(&crew(), Action::Page).await.unwrap();
    let shows = |category| permit.lens().shows(&fact(category, 1, "elsewhere"));
    assert!(shows(RecordCategory::Allergy) && shows(RecordCategory::Medication));
    assert!(!shows(RecordCategory::Condition) && !shows(RecordCategory::Laboratory));
    assert_eq!(permit.rule(), "disaster-crew");
    permit.seal(Shown::none()).await.unwrap();
    let her = caller(Role::Citizen, Purpose::PatientRequest, Kind::Household);
    let log = town.admit(&her, Action::AccessLog).await.unwrap();
    let looks = log.looks(1, u64::MAX).await.unwrap();
    log.seal(Shown::none()).await.unwrap();
    let part = &looks.last().unwrap().part;
    assert_eq!(
        (part.purpose.as_str(), part.rule.as_str(), part.opening),
        ("DISASTER", "disaster-crew", Some(open.number))
    );
    // Looks are counted once, by the screening, and open no case by themselves.
    while town.door.screen().await.unwrap().more {}
    town.door.screen().await.unwrap();
    assert_eq!(town.door.looks_under(open.number).await.unwrap(), 1);
    assert!(town.door.waiting_cases(None, 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn one_person_is_found_or_more_is_needed_and_never_a_list() {
    let town = town(PolicyProfile::SpecialLaw);
    placed(&town).await;
    assert_eq!(find(&town, &crew(), &items("山田", "ハル", "")).await, "closed");
    let open = opened(&town, &["49201"]).await;
    for (family, given, expected) in [
        ("山田", "ハル", "her"),
        ("やまだ", "はる", "her"),
        ("ヤマダ", "ハル", "her"),
        ("山田", "ハナ", "nobody"),
        ("山本", "ハル", "nobody"),
    ] {
        assert_eq!(find(&town, &crew(), &items(family, given, "")).await, expected, "{family} {given}");
    }
    let day = FourItems { birth: "1948-03-06".parse().unwrap(), ..items("山田", "ハル", "") };
    assert_eq!(find(&town, &crew(), &day).await, "nobody");
    let man = FourItems { sex: Sex::Male, ..items("山田", "ハル", "") };
    assert_eq!(find(&town, &crew(), &man).await, "nobody");
    assert_eq!(find(&town, &crew(), &items("山田", "ハル", "綾野県紬市西町1-1")).await, "her", "people move");
    // Another of the same name and day: the address parts them.
    person_row(&town, CitizenId(8), "山田 はる", "ヤマダ ハル", "1948-03-05", "綾野県紬市西町1-1").await;
    assert_eq!(find(&town, &crew(), &items("ヤマダ", "ハル", "")).await, "more");
    assert_eq!(find(&town, &crew(), &items("ヤマダ", "ハル", "綾野県紬市港町3-7")).await, "her");
    assert_eq!(find(&town, &crew(), &items("ヤマダ", "ハル", "綾野県紬市西町1-1")).await, "another");
    assert_eq!(find(&town, &crew(), &items("ヤマダ", "ハル", "綾野県紬市東町9")).await, "more");
    // Outside the region, and for whoever has no part in it.
    let nurse = caller(Role::Nurse, Purpose::Treat, Kind::Hospital);
    assert_eq!(find(&town, &nurse, &items("山田", "ハル", "")).await, "closed");
    let searched = town.door.searches_under(open.number).await.unwrap();
    assert_eq!((searched.len(), searched[0].name.as_str()), (12, "crew さん"), "each search, also in vain");
    let rows = town.store.rows(Table::Disaster, b"", None, 1_000).await.unwrap();
    let told = |word: &str| rows.iter().any(|(_, value)| String::from_utf8_lossy(value).contains(word));
    assert!(!told("ハル") && !told("1948"), "what was searched for is kept nowhere");
}

#[tokio::test]
async fn a_protected_address_decides_nothing() {
    let town = town(PolicyProfile::SpecialLaw);
    placed(&town).await;
    opened(&town, &["49201"]).await;
    person_row(&town, CitizenId(8), "山田 ハル", "ヤマダ ハル", "1948-03-05", "綾野県紬市西町1-1").await;
    let protected = format!(
        r#"{{"v":2,"id":{},"name":"山田 ハル","birthDate":"1948-03-05","protections":[{{"source":{{"organization":"city","by":"file"}}}}]}}"#,
        HER.0
    );
    let row = Row { table: Table::Citizen, key: HER.0.to_be_bytes().to_vec(), value: Some(protected.into_bytes()) };
    town.store.commit(Batch { rows: vec![row], ..Batch::default() }).await.unwrap();
    for address in ["綾野県紬市港町3-7", "綾野県紬市東町9", ""] {
        assert_eq!(find(&town, &crew(), &items("山田", "ハル", address)).await, "more", "{address}");
    }
    assert_eq!(find(&town, &crew(), &items("山田", "ハル", "綾野県紬市西町1-1")).await, "another");
}

#[tokio::test]
async fn searches_are_bounded_for_each_person() {
    let town = town(PolicyProfile::SpecialLaw);
    placed(&town).await;
    opened(&town, &["49201"]).await;
    for _ in 0..SEARCHES_MOST {
        assert_eq!(find(&town, &crew(), &items("山本", "ハル", "")).await, "nobody");
    }
    assert_eq!(find(&town, &crew(), &items("山田", "ハル", "")).await, "too often");
    let colleague = Caller { person: person("colleague"), ..crew() };
    assert_eq!(find(&town, &colleague, &items("山田", "ハル", "")).await, "her");
    town.clock.set(NOW.plus_millis(HOUR + 1));
    assert_eq!(find(&town, &crew(), &items("山田", "ハル", "")).await, "her");
}

#[tokio::test]
async fn a_failed_commit_opens_nothing_and_one_that_failed_and_was_kept_is_made_once() {
    let (town, faults, _folder) = faulty();
    placed(&town).await;
    let (one, two) = (supervisor("one"), supervisor("two"));
    faults.arm(CommitFault::Fails);
    assert!(matches!(town.door.propose_opening(&one, proposal(&["49"])).await, Err(DisasterError::Commit(_))));
    assert!(town.door.openings().await.unwrap().is_empty());
    faults.arm(CommitFault::FailsButPersists);
    let unknown = town.door.propose_opening(&one, proposal(&["49"])).await;
    assert!(matches!(unknown, Err(DisasterError::Commit(CommitError::Unknown(_)))), "{unknown:?}");
    let proposed = town.door.propose_opening(&one, proposal(&["49"])).await.unwrap();
    assert_eq!(town.door.openings().await.unwrap(), std::slice::from_ref(&proposed));
    let confirm = saying(&proposed, DisasterAct::Confirm);
    faults.arm(CommitFault::Fails);
    assert!(town.door.say_of_opening(&two, proposed.number, confirm.clone()).await.is_err());
    assert!(matches!(look(&town, &crew()).await, Err(Refusal::NoDisaster { .. })));
    faults.arm(CommitFault::FailsButPersists);
    assert!(town.door.say_of_opening(&two, proposed.number, confirm.clone()).await.is_err());
    look(&town, &crew()).await.unwrap();
    let again = town.door.say_of_opening(&two, proposed.number, confirm).await.unwrap();
    assert_eq!(again.words.len(), 2, "it was taken once");
    // A search whose trace is not kept is not made.
    faults.arm(CommitFault::Fails);
    let failed = town.door.find_in_disaster(&crew(), &items("山田", "ハル", "")).await;
    assert!(matches!(failed, Err(DisasterError::Commit(_))), "{failed:?}");
    assert!(town.door.searches_under(proposed.number).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_suspended_person_neither_looks_nor_searches_and_an_ended_sign_in_opens_nothing() {
    let town = town(PolicyProfile::SpecialLaw);
    placed(&town).await;
    opened(&town, &["49201"]).await;
    let ended = Caller { expires: Instant(NOW.0), ..crew() };
    assert_eq!(find(&town, &ended, &items("山田", "ハル", "")).await, "closed");
    assert_eq!(
        fault(town.door.propose_opening(&Caller { expires: NOW, ..supervisor("one") }, proposal(&["49"])).await),
        DisasterFault::NotSupervisor
    );
    let bound = Caller { citizen: Some(CitizenId(9)), ..crew() };
    assert_eq!(find(&town, &bound, &items("山田", "ハル", "")).await, "nobody", "a sign-in for another finds nobody");
    let request = Request { caller: &bound, action: Action::Page, citizen: HER };
    assert!(matches!(town.door.admit(request).await, Err(Refusal::NotOpen { .. })));
}

const ID: &str = "0123456789abcdef0123456789abcdef";

fn hash() -> String {
    "ab".repeat(32)
}

fn told_facts() -> Shown {
    let mut shown = Shown::none();
    for number in [11, 12] {
        let key = tsumugi_kernel::FactKey { citizen: HER, kind: tsumugi_kernel::Kind::OBSERVATION, number };
        shown.add_at(key, tsumugi_kernel::Flags::default());
    }
    shown
}

async fn issue(town: &Town, id: &str) -> Result<(), DisasterError> {
    let her = caller(Role::Citizen, Purpose::PatientRequest, Kind::Household);
    let permit = town.admit(&her, Action::Take).await.unwrap();
    town.door.issue_summary(permit, told_facts(), (id, &hash())).await.map(|_| ())
}

fn receipt() -> OfflineReceipt {
    OfflineReceipt { id: ID.into(), hash: hash(), at: NOW.plus_millis(HOUR), reason: "停電の避難所で".into() }
}

async fn offline_looks(town: &Town) -> Vec<tsumugi_ledger::LookPart> {
    let her = caller(Role::Citizen, Purpose::PatientRequest, Kind::Household);
    let log = town.admit(&her, Action::AccessLog).await.unwrap();
    let looks = log.looks(1, u64::MAX).await.unwrap();
    log.seal(Shown::none()).await.unwrap();
    looks.into_iter().map(|look| look.part).filter(|part| part.action == "offline").collect()
}

#[tokio::test]
async fn a_look_without_a_network_is_told_once_with_the_time_that_is_claimed() {
    let town = town(PolicyProfile::SpecialLaw);
    placed(&town).await;
    issue(&town, ID).await.unwrap();
    let open = opened(&town, &["49201"]).await;
    town.clock.set(NOW.plus_millis(2 * HOUR));
    say(&town, "two", &open, DisasterAct::Close).await.unwrap();
    town.clock.set(NOW.plus_millis(5 * HOUR));
    let crew = Caller { purpose: Purpose::EmergencyTreat, ..crew() };
    let first = town.door.merge_receipt(&crew, &receipt()).await.unwrap();
    assert_eq!((first.at, first.again), (NOW.plus_millis(5 * HOUR), false));
    town.clock.set(NOW.plus_millis(6 * HOUR));
    let again = town.door.merge_receipt(&crew, &receipt()).await.unwrap();
    assert_eq!((again.at, again.again), (first.at, true), "doubled, it is answered the same");
    let [look] = offline_looks(&town).await.try_into().unwrap();
    assert_eq!((look.time, look.offline), (NOW.0 + 5 * HOUR, Some(NOW.0 + HOUR)));
    assert_eq!((look.purpose.as_str(), look.opening), ("DISASTER", Some(open.number)), "it was open then");
    assert_eq!((look.count, look.reason.as_deref()), (2, Some("停電の避難所で")));
    // Later it was closed: an emergency like any other. Another reader's look is another look.
    let nurse = caller(Role::Nurse, Purpose::Treat, Kind::Clinic);
    town.door.merge_receipt(&nurse, &OfflineReceipt { at: NOW.plus_millis(3 * HOUR), ..receipt() }).await.unwrap();
    let looks = offline_looks(&town).await;
    assert_eq!((looks.len(), looks[1].purpose.as_str(), looks[1].opening), (2, "ETREAT", None));
}

#[tokio::test]
async fn a_forged_receipt_is_refused_and_leaves_nothing() {
    let town = town(PolicyProfile::SpecialLaw);
    placed(&town).await;
    issue(&town, ID).await.unwrap();
    town.clock.set(NOW.plus_millis(2 * HOUR));
    let before = town.leaves().await;
    for (forged, expected) in [
        (OfflineReceipt { hash: "cd".repeat(32), ..receipt() }, DisasterFault::Forged),
        (OfflineReceipt { hash: "ab".into(), ..receipt() }, DisasterFault::Forged),
        (OfflineReceipt { id: "f".repeat(32), ..receipt() }, DisasterFault::Forged),
        (OfflineReceipt { id: "../".into(), ..receipt() }, DisasterFault::Forged),
        (OfflineReceipt { at: NOW.plus_millis(-1), ..receipt() }, DisasterFault::Moment),
        (OfflineReceipt { at: NOW.plus_millis(3 * HOUR), ..receipt() }, DisasterFault::Moment),
        (OfflineReceipt { reason: "緊急".into(), ..receipt() }, DisasterFault::Reason),
    ] {
        assert_eq!(fault(town.door.merge_receipt(&crew(), &forged).await), expected, "{forged:?}");
    }
    for (role, purpose, kind) in [
        (Role::Citizen, Purpose::PatientRequest, Kind::Household),
        (Role::Proxy, Purpose::FamilyRequest, Kind::Household),
        (Role::Municipality, Purpose::RecordManagement, Kind::Municipality),
    ] {
        let done = town.door.merge_receipt(&caller(role, purpose, kind), &receipt()).await;
        assert_eq!(fault(done), DisasterFault::NotOpen);
    }
    assert_eq!(town.leaves().await, before);
}

#[tokio::test]
async fn summaries_are_bounded_and_only_hers_to_issue() {
    let town = town(PolicyProfile::SpecialLaw);
    placed(&town).await;
    for n in 0..SUMMARIES_DAY {
        issue(&town, &format!("{n:032x}")).await.unwrap();
    }
    assert_eq!(fault(issue(&town, ID).await), DisasterFault::Full);
    town.clock.set(NOW.plus_millis(DAY + 1));
    issue(&town, ID).await.unwrap();
    let nurse = caller(Role::Nurse, Purpose::Treat, Kind::Hospital);
    let permit = town.admit(&nurse, Action::Page).await.unwrap();
    assert_eq!(fault(town.door.issue_summary(permit, told_facts(), (ID, &hash())).await), DisasterFault::NotOpen);
    assert!(town.admit(&nurse, Action::Offline).await.is_err(), "nobody asks for what only a receipt tells");
}

#[tokio::test]
async fn what_no_emergency_may_see_is_named_whoever_it_is_against() {
    let town = town(PolicyProfile::SpecialLaw);
    placed(&town).await;
    let restriction = |id: &str, against, override_| {
        Change::Restrict(Restriction {
            id: id.into(),
            against,
            hides: Hides::Categories(vec![RecordCategory::Condition]),
            emergency_may_override: override_,
            period: Period::since(NOW),
        })
    };
    town.herself(&[
        restriction("a", Against::Person(person("somebody")), false),
        restriction("b", Against::Everyone, true),
    ])
    .await;
    let her = caller(Role::Citizen, Purpose::PatientRequest, Kind::Household);
    let permit = town.admit(&her, Action::Take).await.unwrap();
    let hidden = permit.hidden_from_emergencies().await.unwrap();
    permit.seal(Shown::none()).await.unwrap();
    assert_eq!(hidden.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), ["a"]);
}

#[tokio::test]
async fn a_receipt_that_failed_and_was_kept_is_told_once() {
    let (town, faults, _folder) = faulty();
    placed(&town).await;
    faults.arm(CommitFault::Fails);
    assert!(issue(&town, ID).await.is_err());
    town.clock.set(NOW.plus_millis(2 * HOUR));
    let at = NOW.plus_millis(2 * HOUR);
    let receipt = OfflineReceipt { at, ..receipt() };
    assert_eq!(fault(town.door.merge_receipt(&crew(), &receipt).await), DisasterFault::Forged, "it was not issued");
    faults.arm(CommitFault::FailsButPersists);
    assert!(issue(&town, ID).await.is_err(), "it was issued, and is not handed out");
    faults.arm(CommitFault::Fails);
    assert!(town.door.merge_receipt(&crew(), &receipt).await.is_err());
    assert!(offline_looks(&town).await.is_empty());
    faults.arm(CommitFault::FailsButPersists);
    assert!(town.door.merge_receipt(&crew(), &receipt).await.is_err());
    let again = town.door.merge_receipt(&crew(), &receipt).await.unwrap();
    assert_eq!((again.at, again.again, offline_looks(&town).await.len()), (at, true, 1));
}
