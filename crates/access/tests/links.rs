//! Links for fifteen minutes, and every way to open one that must not.

#![expect(clippy::unwrap_used, reason = "helpers of tests; clippy spares test functions only")]

mod town;

use town::{HER, NOW, Town, caller, faulty, person, town};
use tsumugi_access::{
    Action, Caller, Change, Ended, Link, LinkError, Mandate, Opened, PolicyProfile, Request, Shown,
    link::{DAY_MOST, FILE_MOST, LINK_MILLIS, OPEN_MOST, Offer, TRIES},
    standing::Period,
};
use tsumugi_kernel::{CitizenId, FactKey, Flags, Instant, Kind, OrganizationKind, Purpose, Role};
use tsumugi_ledger::look::Decision;
use tsumugi_store::sqlite::CommitFault;

const MINUTE: i64 = 60_000;

fn her() -> Caller {
    caller(Role::Citizen, Purpose::PatientRequest, OrganizationKind::Household)
}

fn daughter() -> Caller {
    caller(Role::Proxy, Purpose::FamilyRequest, OrganizationKind::Household)
}

fn told() -> Shown {
    let mut shown = Shown::none();
    for number in [11, 12, 14] {
        shown.add_at(FactKey { citizen: HER, kind: Kind::OBSERVATION, number }, Flags::default());
    }
    shown
}

/// The number of a form.
const fn number(n: u8) -> [u8; 16] {
    [n; 16]
}

async fn make_as(town: &Town, who: &Caller, n: u8, uses: u8) -> Result<Link, LinkError> {
    let secrets = town.door.link_secrets(HER, &number(n));
    let permit = town.admit(who, Action::Take).await.unwrap();
    town.door.make_link(permit, told(), Offer { secrets, uses, file: b"sealed".to_vec() }).await
}

async fn make(town: &Town, n: u8, uses: u8) -> Result<Link, LinkError> {
    make_as(town, &her(), n, uses).await
}

async fn open(town: &Town, n: u8, pin: &str) -> Result<Opened, LinkError> {
    let secrets = town.door.link_secrets(HER, &number(n));
    town.door.open_link(&secrets.address, pin, " 田中\n 医師\u{7} ").await
}

async fn rightly(town: &Town, n: u8) -> Result<Opened, LinkError> {
    open(town, n, &town.door.link_secrets(HER, &number(n)).pin).await
}

fn wrong(town: &Town, n: u8) -> String {
    let right: u32 = town.door.link_secrets(HER, &number(n)).pin.parse().unwrap();
    format!("{:06}", (right + 1) % 1_000_000)
}

async fn links(town: &Town, who: &Caller) -> Vec<Link> {
    let permit = town.admit(who, Action::Page).await.unwrap();
    let links = permit.links().await.unwrap();
    permit.seal(Shown::none()).await.unwrap();
    links
}

async fn end(town: &Town, who: &Caller, id: &str) -> Result<(), LinkError> {
    let permit = town.admit(who, Action::Take).await.unwrap();
    town.door.end_link(permit, id).await.map(|_| ())
}

async fn mandate(town: &Town) {
    let mandate = Mandate {
        id: "m".into(),
        holder: tsumugi_access::Holder::Person(person("the-proxy")),
        parental: false,
        holder_name: "恵".into(),
        relation: "娘".into(),
        purposes: vec![Purpose::FamilyRequest],
        categories: None,
        period: Period::since(NOW),
    };
    town.herself(&[Change::Give(mandate)]).await;
}

#[tokio::test]
async fn an_opening_is_told_in_her_log_before_the_file_leaves() {
    let town = town(PolicyProfile::SpecialLaw);
    let link = make(&town, 1, 1).await.unwrap();
    assert_eq!(link.until, NOW.plus_millis(LINK_MILLIS));
    town.clock.set(NOW.plus_millis(3 * MINUTE));
    let opened = rightly(&town, 1).await.unwrap();
    assert_eq!((opened.file.as_slice(), opened.uses), (b"sealed".as_slice(), 0));
    let permit = town.admit(&her(), Action::AccessLog).await.unwrap();
    let looks = permit.looks(1, 10).await.unwrap();
    permit.seal(Shown::none()).await.unwrap();
    let [made, seen] = looks.as_slice() else { panic!("{looks:?}") };
    assert_eq!((made.part.action.as_str(), made.part.role.as_str(), made.part.count), ("take", "citizen", 3));
    assert_eq!((seen.part.action.as_str(), seen.part.role.as_str()), ("link", "link-holder"));
    assert_eq!((seen.part.person.name.as_str(), seen.part.time), ("田中 医師", NOW.plus_millis(3 * MINUTE).0));
    assert_eq!((seen.part.purpose.as_str(), seen.part.decision), ("PATRQT", Decision::Shown));
    assert_eq!(seen.part.shown["Observation"], "11-12,14");
    assert_eq!(seen.part.rule, made.part.rule, "it stands on the rule under which it was made");
    let [kept] = links(&town, &her()).await.try_into().unwrap();
    assert_eq!((kept.ended, kept.openings[0].by.as_str()), (Some(Ended::Used), "田中 医師"));
}

#[tokio::test]
async fn a_link_that_was_used_opens_no_more_however_often_it_is_tried() {
    let town = town(PolicyProfile::SpecialLaw);
    make(&town, 1, 2).await.unwrap();
    assert_eq!(rightly(&town, 1).await.unwrap().uses, 1);
    assert_eq!(rightly(&town, 1).await.unwrap().uses, 0);
    let leaves = town.leaves().await;
    for _ in 0..3 {
        assert!(matches!(rightly(&town, 1).await, Err(LinkError::Closed)));
    }
    // The form that made it, sent again, does not bring it back.
    assert!(matches!(make(&town, 1, 2).await, Err(LinkError::Closed)));
    assert!(matches!(rightly(&town, 1).await, Err(LinkError::Closed)));
    assert_eq!(town.leaves().await, leaves + 1, "nothing was shown; the form sent again left its leaf");
}

#[tokio::test]
async fn many_at_once_open_it_as_often_as_was_said() {
    let town = town(PolicyProfile::SpecialLaw);
    make(&town, 1, 1).await.unwrap();
    let (a, b, c) = tokio::join!(rightly(&town, 1), rightly(&town, 1), rightly(&town, 1));
    let opened = [a, b, c].into_iter().filter(Result::is_ok).count();
    assert_eq!(opened, 1);
}

#[tokio::test]
async fn after_fifteen_minutes_it_is_gone_for_good_also_when_the_clock_goes_back() {
    let town = town(PolicyProfile::SpecialLaw);
    make(&town, 1, 1).await.unwrap();
    town.clock.set(NOW.plus_millis(LINK_MILLIS));
    assert!(matches!(rightly(&town, 1).await, Err(LinkError::Closed)));
    town.clock.set(NOW.plus_millis(MINUTE));
    assert!(matches!(rightly(&town, 1).await, Err(LinkError::Closed)), "set back");
    assert_eq!(links(&town, &her()).await[0].ended, Some(Ended::Expired));
    // Before it was made, no link can be opened: such a clock is wrong.
    make(&town, 2, 3).await.unwrap();
    town.clock.set(NOW);
    assert!(matches!(rightly(&town, 2).await, Err(LinkError::Closed)));
    town.clock.set(NOW.plus_millis(2 * MINUTE));
    assert!(matches!(rightly(&town, 2).await, Err(LinkError::Closed)));
    // Nor before it was last opened: the time that is left cannot be used twice.
    make(&town, 3, 3).await.unwrap();
    town.clock.set(NOW.plus_millis(10 * MINUTE));
    rightly(&town, 3).await.unwrap();
    town.clock.set(NOW.plus_millis(5 * MINUTE));
    assert!(matches!(rightly(&town, 3).await, Err(LinkError::Closed)));
}

#[tokio::test]
async fn five_wrong_pins_end_it_and_each_stands_in_her_log() {
    let town = town(PolicyProfile::SpecialLaw);
    make(&town, 1, 3).await.unwrap();
    let before = town.leaves().await;
    for left in (0..TRIES).rev() {
        let tried = open(&town, 1, &wrong(&town, 1)).await;
        assert!(matches!(tried, Err(LinkError::Pin(known)) if known == left), "{left}: {tried:?}");
    }
    assert!(matches!(rightly(&town, 1).await, Err(LinkError::Closed)), "the right PIN comes too late");
    assert_eq!(town.leaves().await, before + u64::from(TRIES));
    let permit = town.admit(&her(), Action::AccessLog).await.unwrap();
    let last = permit.looks(before + 1, before + 1).await.unwrap().remove(0);
    permit.seal(Shown::none()).await.unwrap();
    assert_eq!((last.part.decision, last.part.count, last.part.role.as_str()), (Decision::Refused, 0, "link-holder"));
    assert_eq!(links(&town, &her()).await[0].ended, Some(Ended::Tries));
}

#[tokio::test]
async fn tries_at_once_are_counted_each() {
    let town = town(PolicyProfile::SpecialLaw);
    make(&town, 1, 3).await.unwrap();
    let pin = wrong(&town, 1);
    let tried = tokio::join!(open(&town, 1, &pin), open(&town, 1, &pin), open(&town, 1, &pin), open(&town, 1, &pin));
    assert!(tried.0.is_err() && tried.1.is_err() && tried.2.is_err() && tried.3.is_err());
    let fifth = open(&town, 1, &pin).await;
    assert!(matches!(fifth, Err(LinkError::Pin(0))), "{fifth:?}");
}

#[tokio::test]
async fn guessed_addresses_and_other_peoples_are_one_answer_and_leave_nothing() {
    let town = town(PolicyProfile::SpecialLaw);
    make(&town, 1, 1).await.unwrap();
    let before = town.leaves().await;
    let own = town.door.link_secrets(HER, &number(1));
    for n in 0..200_u8 {
        let mut address = own.address;
        address[usize::from(n % 32)] ^= n | 1;
        assert!(matches!(town.door.open_link(&address, &own.pin, "x").await, Err(LinkError::Closed)));
    }
    // The same form for another person is another link.
    let other = town.door.link_secrets(CitizenId(8), &number(1));
    assert!(other.address != own.address && other.key != own.key);
    assert!(matches!(town.door.open_link(&other.address, &own.pin, "x").await, Err(LinkError::Closed)));
    assert_eq!(town.leaves().await, before);
}

#[tokio::test]
async fn she_ends_it_at_once_and_nobody_else_does() {
    let town = town(PolicyProfile::SpecialLaw);
    mandate(&town).await;
    let link = make(&town, 1, 3).await.unwrap();
    assert!(matches!(end(&town, &daughter(), &link.id).await, Err(LinkError::Closed)), "her daughter made it not");
    assert!(links(&town, &daughter()).await.is_empty(), "and does not see it");
    rightly(&town, 1).await.unwrap();
    end(&town, &her(), &link.id).await.unwrap();
    end(&town, &her(), &link.id).await.unwrap();
    assert!(matches!(rightly(&town, 1).await, Err(LinkError::Closed)));
    assert_eq!(links(&town, &her()).await[0].ended, Some(Ended::Revoked));
    assert!(matches!(end(&town, &her(), "no-such").await, Err(LinkError::Closed)));
    // Another citizen ends nothing of hers.
    let other = Caller { citizen: Some(CitizenId(8)), person: person("other"), ..her() };
    let request = Request { caller: &other, action: Action::Take, citizen: CitizenId(8) };
    let permit = town.door.admit(request).await.unwrap();
    assert!(matches!(town.door.end_link(permit, &link.id).await, Err(LinkError::Closed)));
}

#[tokio::test]
async fn a_proxys_link_is_hers_to_end_and_ends_with_the_mandate() {
    let town = town(PolicyProfile::SpecialLaw);
    mandate(&town).await;
    make_as(&town, &daughter(), 1, 3).await.unwrap();
    rightly(&town, 1).await.unwrap();
    assert_eq!(links(&town, &her()).await.len(), 1, "she sees it");
    town.herself(&[Change::Revoke { mandate: "m".into(), at: NOW }]).await;
    assert!(matches!(rightly(&town, 1).await, Err(LinkError::Closed)));
    assert_eq!(links(&town, &her()).await[0].ended, Some(Ended::Mandate));
}

#[tokio::test]
async fn what_only_she_learns_of_stays_hers_in_the_leaf_of_an_opening() {
    let town = town(PolicyProfile::SpecialLaw);
    let secrets = town.door.link_secrets(HER, &number(1));
    let mut shown = told();
    shown.add_at(FactKey { citizen: HER, kind: Kind::OBSERVATION, number: 13 }, Flags::SELF_ONLY);
    let permit = town.admit(&her(), Action::Take).await.unwrap();
    town.door.make_link(permit, shown, Offer { secrets, uses: 1, file: b"sealed".to_vec() }).await.unwrap();
    rightly(&town, 1).await.unwrap();
    let permit = town.admit(&her(), Action::AccessLog).await.unwrap();
    let looks = permit.looks(1, 10).await.unwrap();
    permit.seal(Shown::none()).await.unwrap();
    for look in &looks {
        assert_eq!((look.part.count, look.part.self_only["Observation"].as_str()), (4, "13"), "{}", look.part.action);
    }
}

#[tokio::test]
async fn links_are_bounded_and_a_form_sent_twice_makes_one() {
    let town = town(PolicyProfile::SpecialLaw);
    let first = make(&town, 0, 1).await.unwrap();
    assert_eq!(make(&town, 0, 1).await.unwrap().id, first.id);
    for n in 1..u8::try_from(OPEN_MOST).unwrap() {
        make(&town, n, 1).await.unwrap();
    }
    assert!(matches!(make(&town, 50, 1).await, Err(LinkError::Many)));
    for n in 0..u8::try_from(OPEN_MOST).unwrap() {
        rightly(&town, n).await.unwrap();
    }
    for n in u8::try_from(OPEN_MOST).unwrap()..u8::try_from(DAY_MOST).unwrap() {
        make(&town, n, 1).await.unwrap();
        rightly(&town, n).await.unwrap();
    }
    assert!(matches!(make(&town, 60, 1).await, Err(LinkError::Many)), "a day's number is used up");
    assert_eq!(links(&town, &her()).await.len(), DAY_MOST);
    // The next day there is room, and what ended long ago is forgotten.
    town.clock.set(NOW.plus_millis(24 * 60 * MINUTE));
    make(&town, 61, 1).await.unwrap();
    assert_eq!(links(&town, &her()).await.len(), 1);
}

#[tokio::test]
async fn only_her_side_makes_links_and_nothing_withheld_goes_into_one() {
    let town = town(PolicyProfile::SpecialLaw);
    let secrets = town.door.link_secrets(HER, &number(1));
    let offer = Offer { secrets, uses: 1, file: b"sealed".to_vec() };
    let doctor = caller(Role::Physician, Purpose::EmergencyTreat, OrganizationKind::Hospital);
    assert!(town.admit(&doctor, Action::Take).await.is_err(), "the door says no before anything is asked");
    let permit = town.admit(&doctor, Action::Page).await.unwrap();
    assert!(matches!(town.door.make_link(permit, told(), offer.clone()).await, Err(LinkError::Permit)));
    assert!(town.admit(&her(), Action::Link).await.is_err(), "nobody asks for what a link shows");
    let mut withheld = told();
    withheld.add_at(FactKey { citizen: HER, kind: Kind::OBSERVATION, number: 15 }, Flags::UNINFORMED);
    let permit = town.admit(&her(), Action::Take).await.unwrap();
    assert!(matches!(town.door.make_link(permit, withheld, offer.clone()).await, Err(LinkError::Permit)));
    let permit = town.admit(&her(), Action::Take).await.unwrap();
    let large = Offer { file: vec![0; FILE_MOST + 1], ..offer };
    assert!(matches!(town.door.make_link(permit, told(), large).await, Err(LinkError::Large)));
    assert!(links(&town, &her()).await.is_empty());
}

#[tokio::test]
async fn what_fails_or_fails_but_is_kept_is_never_shown_without_its_leaf() {
    for fault in [CommitFault::Fails, CommitFault::FailsButPersists] {
        let (town, faults, _dir) = faulty();
        faults.arm(fault);
        assert!(matches!(make(&town, 1, 1).await, Err(LinkError::Commit(_))), "{fault:?}");
        // The form sent again: one link, whatever had become of the first.
        make(&town, 1, 1).await.unwrap();
        assert_eq!(links(&town, &her()).await.len(), 1);
        let before = town.leaves().await;
        faults.arm(fault);
        assert!(matches!(rightly(&town, 1).await, Err(LinkError::Commit(_))));
        let kept = town.leaves().await == before + 1;
        assert_eq!(kept, fault == CommitFault::FailsButPersists);
        // Counted and told together: a kept opening is used up, a lost one is not.
        assert_eq!(rightly(&town, 1).await.is_ok(), !kept, "{fault:?}");
        assert_eq!(town.leaves().await, before + 1);
    }
}

#[tokio::test]
async fn the_stores_rows_hold_no_key_no_pin_and_after_the_end_no_file() {
    let town = town(PolicyProfile::SpecialLaw);
    make(&town, 1, 1).await.unwrap();
    let secrets = town.door.link_secrets(HER, &number(1));
    let rows = |town: &Town| {
        let store = town.store.clone();
        async move { store.rows(tsumugi_store::Table::Link, b"", None, 100).await.unwrap() }
    };
    let all: Vec<u8> =
        rows(&town).await.into_iter().flat_map(|(key, value)| [key.to_vec(), value.to_vec()].concat()).collect();
    let holds = |part: &[u8]| all.windows(part.len()).any(|window| window == part);
    assert!(holds(b"sealed") && !holds(&secrets.key) && !holds(&secrets.address) && !holds(secrets.pin.as_bytes()));
    let hex: String = secrets.key.iter().map(|byte| format!("{byte:02x}")).collect();
    assert!(!holds(hex.as_bytes()));
    town.clock.set(Instant(NOW.0 + LINK_MILLIS));
    links(&town, &her()).await;
    assert!(rows(&town).await.iter().all(|(key, value)| key.first() != Some(&b'f') && value.as_ref() != b"sealed"));
}
