//! Letters: to whom, when, how often, and never to an address that nobody confirmed.

#![expect(clippy::unwrap_used, reason = "helpers of tests; clippy spares test functions only")]

mod town;

use town::{HER, NOW, Town, caller, faulty, town};
use tsumugi_access::{
    Action, Caller, Change, Letter, MailAddress, MailChange, MailError, MailState, NoticeChange, NoticeChoice,
    PolicyProfile, Posted, Relation, RelationKind, Shown,
    mail::{ADDRESSES_MOST, CODE_MILLIS, CODES_DAY, TRIES, URGENT_DAY},
    standing::Period,
};
use tsumugi_kernel::{CitizenId, Flags, Kind, OrganizationKind, Purpose, Role};
use tsumugi_store::{Table, sqlite::CommitFault};

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;
const HERS: &str = "haru@example.jp";

fn her() -> Caller {
    caller(Role::Citizen, Purpose::PatientRequest, OrganizationKind::Household)
}

fn doctor() -> Caller {
    caller(Role::Physician, Purpose::Treat, OrganizationKind::Hospital)
}

async fn change_as(town: &Town, who: &Caller, change: MailChange) -> Result<(), MailError> {
    let permit = town.admit(who, Action::AccessLog).await.unwrap();
    town.door.change_mail(permit, &change).await
}

async fn name(town: &Town, address: &str) -> Result<(), MailError> {
    change_as(town, &her(), MailChange::Name(address.into())).await
}

async fn confirm(town: &Town, id: &str, code: &str) -> Result<(), MailError> {
    change_as(town, &her(), MailChange::Confirm(id.into(), code.into())).await
}

async fn addresses(town: &Town) -> Vec<MailAddress> {
    let permit = town.admit(&her(), Action::AccessLog).await.unwrap();
    let addresses = permit.mail().await.unwrap();
    permit.seal(Shown::none()).await.unwrap();
    addresses
}

/// Everything that waits, taken by the relay.
async fn delivered(town: &Town) -> Vec<Letter> {
    while town.door.screen().await.unwrap().more {}
    while town.door.write_letters().await.unwrap() {}
    let letters = town.door.letters(100).await.unwrap();
    for letter in &letters {
        town.door.posted(letter, Posted::Taken).await.unwrap();
    }
    letters
}

/// An address with its number typed.
async fn confirmed(town: &Town, address: &str) {
    name(town, address).await.unwrap();
    let [letter] = delivered(town).await.try_into().unwrap();
    assert_eq!(letter.address, address);
    let id = addresses(town).await.pop().unwrap().id;
    confirm(town, &id, &letter.code.unwrap()).await.unwrap();
}

async fn look(town: &Town, who: &Caller) {
    let mut shown = Shown::none();
    shown.add(Kind::OBSERVATION, 11, Flags::default());
    town.admit(who, Action::Page).await.unwrap().seal(shown).await.unwrap();
}

/// She is in the hospital's care: who works there is somebody new once, and no stranger afterwards.
async fn in_care(town: &Town) {
    let city = caller(Role::Municipality, Purpose::RecordManagement, OrganizationKind::Municipality);
    let organization = town::place(OrganizationKind::Hospital);
    let relation = Relation { kind: RelationKind::Encounter, organization, period: Period::since(NOW) };
    town.change(&city, Action::Standing, &[Change::Relate(relation)]).await.unwrap();
}

fn named(id: &str, who: Caller) -> Caller {
    Caller { person: town::person(id), ..who }
}

#[tokio::test]
async fn a_letter_comes_only_where_the_number_was_typed() {
    let town = town(PolicyProfile::SpecialLaw);
    in_care(&town).await;
    look(&town, &doctor()).await;
    assert!(delivered(&town).await.is_empty(), "nobody has an address");
    name(&town, HERS).await.unwrap();
    let [code] = delivered(&town).await.try_into().unwrap();
    assert_eq!((code.address.as_str(), code.code.as_ref().unwrap().len()), (HERS, 6));
    // Not confirmed: nothing goes there, whatever happens.
    look(&town, &named("another", doctor())).await;
    assert!(delivered(&town).await.is_empty());
    let [address] = addresses(&town).await.try_into().unwrap();
    assert_eq!((address.address.as_str(), address.state), (HERS, MailState::Waiting));
    assert!(matches!(confirm(&town, &address.id, "nothing").await, Err(MailError::Code(left)) if left == TRIES - 1));
    confirm(&town, &address.id, code.code.as_ref().unwrap()).await.unwrap();
    // What was before is not told; a new look is, and says nothing but that it is there.
    assert!(delivered(&town).await.is_empty());
    look(&town, &named("third", doctor())).await;
    let [letter] = delivered(&town).await.try_into().unwrap();
    assert_eq!((letter.address.as_str(), &letter.code), (HERS, &None));
    assert!(delivered(&town).await.is_empty(), "once");
    // Her own looks are no news, nor are those of whom she knows.
    town.clock.set(NOW.plus_millis(2 * DAY));
    look(&town, &her()).await;
    look(&town, &doctor()).await;
    assert!(delivered(&town).await.is_empty());
    // Taken away, nothing more goes there, also what waits already.
    look(&town, &named("fourth", doctor())).await;
    while town.door.screen().await.unwrap().more {}
    town.door.write_letters().await.unwrap();
    change_as(&town, &her(), MailChange::Remove(address.id)).await.unwrap();
    assert!(delivered(&town).await.is_empty() && addresses(&town).await.is_empty());
}

#[tokio::test]
async fn one_letter_for_what_is_unread_and_emergencies_at_once() {
    let town = town(PolicyProfile::SpecialLaw);
    confirmed(&town, HERS).await;
    look(&town, &doctor()).await;
    assert_eq!(delivered(&town).await.len(), 1);
    look(&town, &named("another", doctor())).await;
    assert!(delivered(&town).await.is_empty(), "she has not read the first");
    let crew = || caller(Role::Crew, Purpose::EmergencyTreat, OrganizationKind::FireHeadquarters);
    for number in 0..URGENT_DAY + 3 {
        look(&town, &named(&format!("crew-{number}"), crew())).await;
        assert_eq!(delivered(&town).await.len(), usize::from(number < URGENT_DAY), "{number}");
    }
    // Read: the next one is told again.
    town.clock.set(NOW.plus_millis(MINUTE));
    let permit = town.admit(&her(), Action::AccessLog).await.unwrap();
    town.door.change_notices(permit, NoticeChange::Read(town.clock_now())).await.unwrap();
    town.clock.set(NOW.plus_millis(2 * MINUTE));
    look(&town, &named("third", doctor())).await;
    assert_eq!(delivered(&town).await.len(), 1);
    // Unread for a day, one letter more.
    town.clock.set(NOW.plus_millis(2 * MINUTE + DAY));
    look(&town, &named("fourth", doctor())).await;
    assert_eq!(delivered(&town).await.len(), 1);
}

#[tokio::test]
async fn her_choice_is_followed() {
    for (choice, expected) in
        [(NoticeChoice::Emergencies, [0, 0, 1]), (NoticeChoice::Unusual, [1, 0, 1]), (NoticeChoice::Every, [1, 1, 1])]
    {
        let town = town(PolicyProfile::SpecialLaw);
        in_care(&town).await;
        confirmed(&town, HERS).await;
        let permit = town.admit(&her(), Action::AccessLog).await.unwrap();
        town.door.change_notices(permit, NoticeChange::Choose(choice)).await.unwrap();
        let crew = caller(Role::Crew, Purpose::EmergencyTreat, OrganizationKind::FireHeadquarters);
        let mut found = Vec::new();
        for (day, who) in (1..).zip([doctor(), doctor(), crew]) {
            town.clock.set(NOW.plus_millis(day * 2 * DAY));
            look(&town, &who).await;
            found.push(delivered(&town).await.len());
        }
        assert_eq!(found, expected, "{choice:?}");
    }
}

#[tokio::test]
async fn numbers_are_few_short_lived_and_counted() {
    let town = town(PolicyProfile::SpecialLaw);
    for wrong in ["haru", "haru@localhost", "a@example.jp\nBcc: b@example.jp"] {
        assert!(matches!(name(&town, wrong).await, Err(MailError::Address)), "{wrong}");
    }
    name(&town, HERS).await.unwrap();
    let [letter] = delivered(&town).await.try_into().unwrap();
    let id = addresses(&town).await[0].id.clone();
    for left in (0..TRIES).rev() {
        assert!(matches!(confirm(&town, &id, "x").await, Err(MailError::Code(found)) if found == left));
    }
    let right = letter.code.unwrap();
    assert!(matches!(confirm(&town, &id, &right).await, Err(MailError::Closed)), "after so many wrong ones");
    // The same address again: another number, and the one before is good for nothing.
    name(&town, HERS).await.unwrap();
    let [again] = delivered(&town).await.try_into().unwrap();
    assert_eq!(addresses(&town).await.len(), 1);
    town.clock.set(NOW.plus_millis(CODE_MILLIS));
    assert!(matches!(confirm(&town, &id, &again.code.unwrap()).await, Err(MailError::Closed)), "too late");
    for number in 2..CODES_DAY {
        name(&town, &format!("a{number}@example.jp"))
            .await
            .map_or_else(|error| assert!(matches!(error, MailError::Full)), |()| ());
    }
    assert_eq!(addresses(&town).await.len(), ADDRESSES_MOST);
    town.clock.set(NOW.plus_millis(DAY + CODE_MILLIS + 1));
    assert!(matches!(name(&town, "one.more@example.jp").await, Err(MailError::Full)));
    for _ in 0..CODES_DAY {
        name(&town, HERS).await.unwrap();
    }
    assert!(matches!(name(&town, HERS).await, Err(MailError::TooOften)));
}

#[tokio::test]
async fn nobody_else_says_where_letters_go() {
    let town = town(PolicyProfile::SpecialLaw);
    let supervisor = caller(Role::Supervisor, Purpose::Operations, OrganizationKind::SupervisingBody);
    let permit = town.admit(&supervisor, Action::Review).await.unwrap();
    assert!(permit.mail().await.is_err());
    let named = town.door.change_mail(permit, &MailChange::Name("spy@example.jp".into())).await;
    assert!(named.is_err(), "{named:?}");
    assert!(addresses(&town).await.is_empty() && delivered(&town).await.is_empty());
}

#[tokio::test]
async fn what_cannot_be_delivered_is_tried_again_then_given_up() {
    let town = town(PolicyProfile::SpecialLaw);
    confirmed(&town, HERS).await;
    look(&town, &doctor()).await;
    while town.door.screen().await.unwrap().more {}
    town.door.write_letters().await.unwrap();
    let mut tries = 0;
    while let [letter] = town.door.letters(10).await.unwrap().as_slice() {
        town.door.posted(letter, Posted::Later).await.unwrap();
        assert!(town.door.letters(10).await.unwrap().is_empty(), "not at once");
        town.clock.set(town.clock_now().plus_millis(DAY));
        tries += 1;
    }
    assert_eq!(tries, 16);
    assert_eq!(addresses(&town).await[0].state, MailState::Failed);
    look(&town, &named("another", doctor())).await;
    assert!(delivered(&town).await.is_empty(), "nothing more goes there");
    // Nobody of this name there: given up at once.
    name(&town, "other@example.jp").await.unwrap();
    let [letter] = town.door.letters(10).await.unwrap().try_into().unwrap();
    town.door.posted(&letter, Posted::Never).await.unwrap();
    assert_eq!(addresses(&town).await[1].state, MailState::Failed);
}

#[tokio::test]
async fn an_address_of_either_shelf_is_told_of_looks_at_both() {
    let town = town(PolicyProfile::SpecialLaw);
    confirmed(&town, HERS).await;
    town.merge(CitizenId(8)).await;
    look(&town, &doctor()).await;
    assert_eq!(delivered(&town).await.len(), 1, "one look, one letter");
    let crew = caller(Role::Crew, Purpose::EmergencyTreat, OrganizationKind::FireHeadquarters);
    look(&town, &crew).await;
    assert_eq!(delivered(&town).await.len(), 1, "also of one that is urgent");
}

#[tokio::test]
async fn a_commit_that_fails_sends_nothing_twice_and_forgets_nothing() {
    for fault in [CommitFault::Fails, CommitFault::FailsButPersists] {
        let (town, faults, _dir) = faulty();
        faults.arm(fault);
        assert!(name(&town, HERS).await.is_err());
        let there = fault == CommitFault::FailsButPersists;
        assert_eq!(addresses(&town).await.len(), usize::from(there));
        // She asks again: one address, and the newest number counts.
        town.clock.set(NOW.plus_millis(MINUTE));
        name(&town, HERS).await.unwrap();
        let code = delivered(&town).await.pop().unwrap().code.unwrap();
        let id = addresses(&town).await[0].id.clone();
        faults.arm(fault);
        assert!(confirm(&town, &id, &code).await.is_err());
        confirm(&town, &id, &code).await.unwrap();
        look(&town, &doctor()).await;
        while town.door.screen().await.unwrap().more {}
        faults.arm(fault);
        assert!(town.door.write_letters().await.is_err());
        assert_eq!(delivered(&town).await.len(), 1, "{fault:?}: written once");
        look(&town, &caller(Role::Crew, Purpose::EmergencyTreat, OrganizationKind::FireHeadquarters)).await;
        while town.door.screen().await.unwrap().more {}
        town.door.write_letters().await.unwrap();
        let [letter] = town.door.letters(10).await.unwrap().try_into().unwrap();
        faults.arm(fault);
        assert!(town.door.posted(&letter, Posted::Taken).await.is_err());
        let left = town.door.letters(10).await.unwrap().len();
        assert_eq!(left, usize::from(!there), "once more only where it did not hold");
    }
}

#[tokio::test]
async fn no_address_stands_in_the_store_or_in_what_is_printed() {
    let town = town(PolicyProfile::SpecialLaw);
    name(&town, HERS).await.unwrap();
    let rows = town.store.rows(Table::Mail, b"", None, 100).await.unwrap();
    assert!(rows.len() >= 2);
    for (key, value) in rows {
        let text = format!("{}{}", String::from_utf8_lossy(&key), String::from_utf8_lossy(&value));
        assert!(!text.contains("haru") && !text.contains("example"), "{text}");
    }
    for letter in delivered(&town).await {
        let printed = format!("{letter:?}");
        assert!(!printed.contains("haru") && !printed.contains(letter.code.as_deref().unwrap()), "{printed}");
    }
    // Moved to another shelf, what is sealed does not open.
    let row = town.store.row(Table::Mail, &[b"a".as_slice(), &HER.0.to_be_bytes()].concat()).await.unwrap();
    let moved = tsumugi_store::Row {
        table: Table::Mail,
        key: [b"a".as_slice(), &8_u64.to_be_bytes()].concat(),
        value: row.map(|row| row.to_vec()),
    };
    town.store.commit(tsumugi_store::Batch { rows: vec![moved], ..Default::default() }).await.unwrap();
    let other = Caller { citizen: Some(CitizenId(8)), ..her() };
    let request = tsumugi_access::Request { caller: &other, action: Action::AccessLog, citizen: CitizenId(8) };
    let permit = town.door.admit(request).await.unwrap();
    let Err(error) = permit.mail().await else { panic!("another's address opened") };
    permit.seal(Shown::none()).await.unwrap();
    assert!(matches!(error, MailError::Row), "{error}");
}
