//! Members' files and questions through the door: who may, what goes in, what a leaf tells, what a fault of the store does.
#![expect(clippy::unwrap_used, reason = "helpers of tests; clippy spares test functions only")]

use std::sync::Arc;

use jiff::civil::{Date, date};
use tsumugi_access::{Action, Caller, Door, PolicyProfile, Request};
use tsumugi_exchange_members::{MembersError, Taken, give_number, identify, numbers, qualify, take_in};
use tsumugi_kernel::{
    CitizenId, Clock as _, Instant, MasterSecret, OrganizationId, OrganizationKind, PersonId, Purpose, Role, Sealer,
    clock::ManualClock, entropy::SeededEntropy,
};
use tsumugi_ledger::Signer;
use tsumugi_people::{
    Identifier, Member, MyNumber, Qualification, VaultError, bulk::Rule, eligibility::Asked, identifier::MEMBER,
};
use tsumugi_record::{Record, rest::Desk};
use tsumugi_store::{
    MemoryStore, SqliteOptions, SqliteStore, Store,
    sqlite::{CommitFault, Faults},
};

const HEADER: &str = "区分,種別,保険者番号,記号,番号,枝番,氏名,カナ氏名,生年月日,性別,住所,不開示,資格取得日,資格喪失日,喪失事由,担当事業所";
const HERS: &str = "39490014::00420078:";
const OTHERS: &str = "06123456:7:8:01";
const NUMBER: &str = "123456789018";

struct Town {
    store: Arc<dyn Store>,
    desk: Desk,
    clock: Arc<ManualClock>,
}

fn town() -> Town {
    over(Arc::new(MemoryStore::new(Signer::new("test", [1; 32]).unwrap(), "test".into())))
}

fn over(store: Arc<dyn Store>) -> Town {
    let clock = Arc::new(ManualClock::at(Instant(1_795_000_000_000)));
    let secret = MasterSecret::new([9; 32]);
    let entropy = Arc::new(SeededEntropy::new(1));
    let door = Door::new(store.clone(), PolicyProfile::SpecialLaw, &secret, clock.clone(), entropy).unwrap();
    let record = Record::new(store.clone(), Arc::new(Sealer::new(&secret)), clock.clone());
    let directory = door.directory().clone();
    Town { store, desk: Desk { record, door, directory }, clock }
}

fn caller(role: Role, purpose: Purpose, kind: OrganizationKind, organization: &str) -> Caller {
    Caller {
        person: PersonId::new("clerk").unwrap(),
        person_name: "係".into(),
        qualification: None,
        organization: OrganizationId::new(organization).unwrap(),
        organization_name: organization.into(),
        organization_kind: kind,
        role,
        purpose,
        citizen: None,
        on_behalf: None,
        automatic: false,
        reason: None,
        whole: false,
        scope: None,
        expires: Instant(i64::MAX),
    }
}

fn insurer() -> Caller {
    caller(Role::Insurer, Purpose::Coverage, OrganizationKind::Insurer, "insurer-39490014")
}

fn other_insurer() -> Caller {
    caller(Role::Insurer, Purpose::Coverage, OrganizationKind::Insurer, "06123456")
}

fn city(purpose: Purpose) -> Caller {
    caller(Role::Municipality, purpose, OrganizationKind::Municipality, "city-494906")
}

fn file(lines: &[&str]) -> Vec<u8> {
    format!("{HEADER}\r\n{}\r\n", lines.join("\r\n")).into_bytes()
}

const REGISTER: &str = "登録,医療保険,39490014,,00420078,,山田 ハル,ﾔﾏﾀﾞ ﾊﾙ,昭和23年5月1日,女,紬市みどり町1,,R5.5.1,,,";

impl Town {
    async fn take(&self, caller: &Caller, lines: &[&str]) -> Taken {
        take_in(&self.desk, caller, &file(lines)).await.unwrap()
    }

    async fn outcomes(&self, caller: &Caller, lines: &[&str]) -> Vec<&'static str> {
        self.take(caller, lines).await.lines.iter().map(|line| line.outcome.code()).collect()
    }

    async fn who(&self, value: &str, day: Date) -> Option<CitizenId> {
        self.desk.directory.find_on(&Identifier::new(MEMBER, value), day).await.unwrap()
    }

    fn leaves(&self) -> u64 {
        self.store.status().leaves
    }

    fn today(&self) -> Date {
        self.clock.now().civil().date()
    }
}

fn asked(value: &str, day: Date) -> Asked {
    Asked { member: Member::of(&Identifier::new(MEMBER, value)).unwrap(), birth_date: None, day }
}

fn rules(taken: &Taken) -> Vec<&'static str> {
    taken.lines.iter().flat_map(|line| &line.findings).map(|finding| finding.rule.code()).collect()
}

#[tokio::test]
async fn a_file_goes_in_line_by_line_and_again_changes_nothing() {
    let town = town();
    let bad = REGISTER.replace("昭和23年", "昭和64年2月");
    let lines = [REGISTER, bad.as_str(), "終了,医療保険,39490014,,99999999,,,,,,,,,R8.4.1,03,"];
    let taken = town.take(&insurer(), &lines).await;
    assert_eq!(
        taken.lines.iter().map(|line| line.outcome.code()).collect::<Vec<_>>(),
        ["registered", "refused", "refused"]
    );
    assert_eq!(rules(&taken), ["M05", "M21"]);
    assert_eq!(town.leaves(), 1, "one citizen was touched");
    let her = town.who(HERS, town.today()).await.unwrap();
    let row = town.desk.directory.citizen(her).await.unwrap().unwrap();
    assert_eq!((row.name.as_deref(), row.said.len()), (Some("山田 ハル"), 1));
    let point = town.store.status().point;
    let again = town.take(&insurer(), &lines).await;
    assert!(again.again);
    assert_eq!((again.lines, town.store.status().point), (taken.lines, point), "nothing at all was written");
    // The same line in another file: the door was asked, nothing else changes.
    assert_eq!(town.outcomes(&insurer(), &[REGISTER, ""]).await, ["unchanged"]);
    assert_eq!(town.leaves(), 2);
    assert_eq!(town.desk.directory.history(her).await.unwrap().statements().len(), 1);
    let corrected = REGISTER.replace("登録", "変更").replace("山田 ハル", "山田 春");
    assert_eq!(town.outcomes(&insurer(), &[&corrected]).await, ["changed"]);
    assert_eq!(town.desk.directory.citizen(her).await.unwrap().unwrap().name.as_deref(), Some("山田 春"));
    let end = "終了,医療保険,39490014,,00420078,,,,,,,,,R8.10.1,03,";
    assert_eq!(town.outcomes(&insurer(), &[end, end]).await, ["ended", "unchanged"]);
    assert_eq!(town.who(HERS, date(2026, 9, 30)).await, Some(her));
    assert_eq!(town.who(HERS, date(2026, 10, 1)).await, None, "the number is hers no more");
    // The insurer gives the number to somebody else.
    let next = "登録,医療保険,39490014,,00420078,,別の 人,,S25.1.1,男,,,R8.11.1,,,";
    assert_eq!(town.outcomes(&insurer(), &[next]).await, ["registered"]);
    assert_ne!(town.who(HERS, date(2026, 11, 2)).await, Some(her));
    assert_eq!(town.who(HERS, date(2026, 9, 30)).await, Some(her));
    assert!(town.desk.directory.queue(None, 10).await.unwrap().is_empty(), "there is no doubt about them");
}

#[tokio::test]
async fn nobody_sends_for_others_or_for_another_purpose() {
    let town = town();
    for wrong in [
        caller(Role::Insurer, Purpose::Payment, OrganizationKind::Insurer, "insurer-39490014"),
        caller(Role::Insurer, Purpose::Coverage, OrganizationKind::Hospital, "insurer-39490014"),
        caller(Role::Registrar, Purpose::RecordManagement, OrganizationKind::Municipality, "city-494906"),
        city(Purpose::Coverage),
        caller(Role::Physician, Purpose::Treat, OrganizationKind::Hospital, "4911000017"),
        caller(Role::Citizen, Purpose::PatientRequest, OrganizationKind::Household, "household"),
    ] {
        let refused = take_in(&town.desk, &wrong, &file(&[REGISTER])).await;
        assert!(matches!(refused, Err(MembersError::NotAllowed)), "{} {}", wrong.role, wrong.purpose);
    }
    for sender in [other_insurer(), city(Purpose::RecordManagement)] {
        assert_eq!(rules(&town.take(&sender, &[REGISTER]).await), ["M20"]);
    }
    assert_eq!(town.store.rows(tsumugi_store::Table::Citizen, b"", None, 9).await.unwrap().len(), 0);
    assert_eq!(town.leaves(), 0);
    assert!(matches!(take_in(&town.desk, &insurer(), b"").await, Err(MembersError::File(_))));
}

#[tokio::test]
async fn a_municipality_puts_the_care_office_in_charge_and_ends_it() {
    let town = town();
    let register = "登録,介護保険,494906,,0001234567,,山田 ハル,,S23.5.1,女,,,R5.5.1,,,";
    let begin = "担当開始,介護保険,494906,,0001234567,,,,,,,,2026-10-01,,,4911000017";
    let end = "担当終了,介護保険,494906,,0001234567,,,,,,,,,2026-11-01,,4911000017";
    let sender = city(Purpose::RecordManagement);
    assert_eq!(town.outcomes(&sender, &[register, begin]).await, ["registered", "changed"]);
    let manager = caller(Role::CareManager, Purpose::CareManagement, OrganizationKind::CareOffice, "4911000017");
    let number = Identifier::new(tsumugi_people::identifier::CARE_MEMBER, "494906:0001234567");
    let her = town.desk.directory.find(&number).await.unwrap().unwrap();
    let open = async |what: &str| {
        let permit =
            town.desk.door.admit(Request { caller: &manager, action: Action::Page, citizen: her }).await.unwrap();
        let rules = permit.rule().to_owned();
        permit.seal(tsumugi_access::Shown::none()).await.unwrap();
        rules.contains("care-in-charge") == (what == "in charge")
    };
    assert!(open("in charge").await);
    assert_eq!(town.outcomes(&sender, &[begin, ""]).await, ["unchanged"]);
    assert_eq!(town.outcomes(&sender, &[end]).await, ["ended"]);
    assert!(open("no more").await);
    let never = end.replace("4911000017", "1318814790");
    assert_eq!(rules(&town.take(&sender, &[&never]).await), ["M21"]);
    let automatic = Caller { automatic: true, ..sender };
    assert_eq!(rules(&town.take(&automatic, &[begin, "", ""]).await), ["M23"], "no machine decides who is in charge");
}

#[tokio::test]
async fn the_answers_of_the_qualification_check_are_not_those_of_a_closed_door() {
    let town = town();
    let end = "終了,医療保険,39490014,,00420078,,,,,,,,,R8.10.1,03,";
    town.take(&insurer(), &[REGISTER, end]).await;
    let desk = caller(Role::Registrar, Purpose::Coverage, OrganizationKind::Hospital, "4911000017");
    let before = town.leaves();
    for (value, day, expected) in [
        (HERS, date(2026, 9, 30), Qualification::Valid),
        (HERS, date(2026, 10, 1), Qualification::Invalid),
        (OTHERS, date(2026, 10, 1), Qualification::NotFound),
    ] {
        let answer = qualify(&town.desk, &desk, &asked(value, day)).await.unwrap();
        assert_eq!(answer.qualification, expected, "{value} {day}");
        assert_eq!(answer.coverage.is_some(), expected != Qualification::NotFound);
    }
    assert_eq!(town.leaves(), before + 2, "whoever was answered about sees it");
    let born = Asked { birth_date: Some(date(1950, 1, 1)), ..asked(HERS, date(2026, 9, 30)) };
    assert_eq!(qualify(&town.desk, &desk, &born).await.unwrap().qualification, Qualification::NotFound);
    for wrong in [
        caller(Role::Physician, Purpose::Treat, OrganizationKind::Hospital, "4911000017"),
        caller(Role::Registrar, Purpose::RecordManagement, OrganizationKind::Hospital, "4911000017"),
        caller(Role::Researcher, Purpose::Coverage, OrganizationKind::ResearchInstitute, "lab"),
    ] {
        let answer = qualify(&town.desk, &wrong, &asked(HERS, date(2026, 9, 30))).await;
        assert!(matches!(answer, Err(MembersError::NotAllowed)), "{}", wrong.role);
    }
    let odd = caller(Role::Registrar, Purpose::Coverage, OrganizationKind::FireHeadquarters, "fire");
    assert!(matches!(qualify(&town.desk, &odd, &asked(HERS, date(2026, 9, 30))).await, Err(MembersError::NotOpen)));
    assert_eq!(town.leaves(), before + 3, "the refusal left its leaf");
    let her = town.who(HERS, date(2026, 9, 30)).await.unwrap();
    assert_eq!(numbers(&town.desk, &other_insurer(), her).await.unwrap().len(), 1);
    assert!(matches!(numbers(&town.desk, &desk, her).await, Err(MembersError::NotAllowed)));
}

#[tokio::test]
async fn the_vault_is_asked_through_the_door() {
    let town = town();
    town.take(&insurer(), &[REGISTER]).await;
    let number = || MyNumber::read(NUMBER).ok().unwrap();
    let member = Member::of(&Identifier::new(MEMBER, HERS)).unwrap();
    assert!(matches!(identify(&town.desk, &insurer(), &number()).await, Err(MembersError::NotOpen)), "nobody yet");
    for wrong in [other_insurer(), city(Purpose::PublicHealth), city(Purpose::Coverage)] {
        let refused = give_number(&town.desk, &wrong, &member, &number()).await;
        assert!(matches!(refused, Err(MembersError::NotAllowed)));
    }
    let her = give_number(&town.desk, &insurer(), &member, &number()).await.unwrap();
    let before = town.leaves();
    assert_eq!(identify(&town.desk, &other_insurer(), &number()).await.unwrap(), her);
    assert_eq!(identify(&town.desk, &city(Purpose::RecordManagement), &number()).await.unwrap(), her);
    assert_eq!(town.leaves(), before + 2);
    for wrong in [
        caller(Role::Registrar, Purpose::Coverage, OrganizationKind::Hospital, "4911000017"),
        caller(Role::Physician, Purpose::EmergencyTreat, OrganizationKind::Hospital, "4911000017"),
        caller(Role::Insurer, Purpose::Payment, OrganizationKind::Insurer, "insurer-39490014"),
        caller(Role::Supervisor, Purpose::Operations, OrganizationKind::SupervisingBody, "board"),
    ] {
        assert!(matches!(identify(&town.desk, &wrong, &number()).await, Err(MembersError::NotAllowed)));
    }
    let disaster = identify(&town.desk, &city(Purpose::Disaster), &number()).await;
    assert!(matches!(disaster, Err(MembersError::NotAllowed)), "the door opens this purpose to nobody yet");
    // Another person's insured number, the same individual number.
    let next = "登録,医療保険,39490014,,00420079,,別の 人,,S25.1.1,男,,,R8.11.1,,,";
    town.take(&insurer(), &[next]).await;
    let member = Member::of(&Identifier::new(MEMBER, "39490014::00420079:")).unwrap();
    let taken = give_number(&town.desk, &insurer(), &member, &number()).await;
    assert!(matches!(&taken, Err(MembersError::Vault(VaultError::Taken))));
    assert!(!taken.err().unwrap().to_string().contains("1234"), "no number in a message");
    // Nothing that the store holds outside the vault has anything of it.
    let digits = NUMBER.as_bytes();
    for table in [1u8, 2, 13, 14] {
        let table = match table {
            1 => tsumugi_store::Table::Identifier,
            2 => tsumugi_store::Table::Citizen,
            13 => tsumugi_store::Table::Coverage,
            _ => tsumugi_store::Table::MemberFile,
        };
        for (key, value) in town.store.rows(table, b"", None, 1_000).await.unwrap() {
            assert!(![key, value].iter().any(|bytes| bytes.windows(12).any(|run| run == digits)));
        }
    }
    for (_, _, payload) in town.store.events(0, 1_000).await.unwrap() {
        assert!(!payload.windows(12).any(|run| run == digits));
    }
}

#[tokio::test]
async fn a_protected_address_is_told_to_the_duty_alone() {
    let town = town();
    let marked = REGISTER.replace("みどり町1,,", "みどり町1,1,");
    assert_eq!(town.outcomes(&insurer(), &[&marked]).await, ["registered"]);
    let her = town.who(HERS, town.today()).await.unwrap();
    let row = town.desk.directory.citizen(her).await.unwrap().unwrap();
    assert!(row.is_protected(town.today()));
    let told =
        |caller: Caller| row.address_for(caller.role, caller.organization_kind, caller.purpose, town.today()).is_some();
    assert!(told(insurer()) && told(city(Purpose::RecordManagement)));
    assert!(!told(caller(Role::Registrar, Purpose::Coverage, OrganizationKind::Hospital, "4911000017")));
    assert!(!told(caller(Role::Physician, Purpose::Treat, OrganizationKind::Hospital, "4911000017")));
    assert!(!told(caller(Role::Proxy, Purpose::FamilyRequest, OrganizationKind::Household, "household")));
    assert!(!format!("{row:?}").contains("みどり町"));
}

#[tokio::test]
async fn what_the_store_could_not_write_goes_in_when_the_file_is_sent_again() {
    for fault in [CommitFault::Fails, CommitFault::FailsButPersists] {
        for commits in 0..3 {
            let dir = tempfile::tempdir().unwrap();
            let faults = Faults::default();
            let signer = Signer::new("test", [1; 32]).unwrap();
            let options =
                SqliteOptions { readers: 1, cache_mb: 4, faults: faults.clone(), ..SqliteOptions::new(signer) };
            let store = SqliteStore::create(&dir.path().join("store"), options).unwrap();
            let town = over(store);
            let second = REGISTER.replace("00420078", "00420079").replace("S23", "S24");
            faults.arm_after(commits, fault);
            let first = take_in(&town.desk, &insurer(), &file(&[REGISTER, &second])).await;
            let unfinished = first.as_ref().map_or(true, |taken| rules(taken).contains(&Rule::Later.code()));
            assert!(unfinished, "{fault:?} {commits}: the fault is told");
            let again = town.take(&insurer(), &[REGISTER, &second]).await;
            assert!(rules(&again).is_empty(), "{fault:?} {commits}");
            let people = [HERS, "39490014::00420079:"];
            let found = [town.who(people[0], town.today()).await, town.who(people[1], town.today()).await];
            assert!(found[0].is_some() && found[1].is_some() && found[0] != found[1]);
            let rows = town.store.rows(tsumugi_store::Table::Citizen, b"", None, 9).await.unwrap();
            assert_eq!(rows.len(), 2, "{fault:?} {commits}: nobody twice");
            for citizen in found.into_iter().flatten() {
                assert_eq!(town.desk.directory.history(citizen).await.unwrap().statements().len(), 1);
            }
            assert!(town.take(&insurer(), &[REGISTER, &second]).await.again);
        }
    }
}

#[tokio::test]
async fn an_ended_sign_in_sends_nothing() {
    let town = town();
    let expired = Caller { expires: Instant(0), ..insurer() };
    let refused = town.take(&expired, &[REGISTER]).await;
    assert_eq!(rules(&refused), [Rule::NotOpen.code()]);
    assert_eq!(town.who(HERS, town.today()).await, None);
}
