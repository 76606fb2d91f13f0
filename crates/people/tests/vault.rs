//! The vault: what is in the store, who is answered, what is refused.
#![expect(clippy::unwrap_used, reason = "helpers of tests; clippy spares test functions only")]

use std::sync::Arc;

use tsumugi_kernel::{CitizenId, MasterSecret, OrganizationKind, Purpose, Role, entropy::SeededEntropy};
use tsumugi_ledger::Signer;
use tsumugi_people::{Duty, MyNumber, Vault, VaultError, vault::VaultWrite};
use tsumugi_store::{Batch, CommitError, MemoryStore, Row, Store, Table};

const NUMBER: &str = "123456789018";
const HER: CitizenId = CitizenId(7);
const HIM: CitizenId = CitizenId(8);

fn store() -> Arc<MemoryStore> {
    Arc::new(MemoryStore::new(Signer::new("test", [1; 32]).unwrap(), "test".into()))
}

fn vault(store: &Arc<MemoryStore>, secret: u8) -> Vault {
    Vault::new(store.clone(), &MasterSecret::new([secret; 32]), Arc::new(SeededEntropy::new(1)))
}

fn number(text: &str) -> MyNumber {
    MyNumber::read(text).ok().unwrap()
}

async fn commit(store: &MemoryStore, write: VaultWrite) -> Result<(), CommitError> {
    store.commit(Batch { rows: write.rows, expect: write.expect, ..Batch::default() }).await.map(|_| ())
}

#[tokio::test]
async fn a_number_leads_to_its_citizen_and_is_told_to_whoever_may_hold_it() {
    let store = store();
    let vault = vault(&store, 3);
    assert_eq!(vault.find(Duty::Ask, &number(NUMBER)).await.unwrap(), None);
    commit(&store, vault.give(Duty::Hold, &number(NUMBER), HER).await.unwrap()).await.unwrap();
    assert_eq!(vault.find(Duty::Ask, &number("１２３４ ５６７８ ９０１８")).await.unwrap(), Some(HER));
    assert_eq!(*vault.number_of(Duty::Hold, HER).await.unwrap().unwrap().reveal(), NUMBER);
    assert!(vault.number_of(Duty::Hold, HIM).await.unwrap().is_none());
    assert!(vault.give(Duty::Hold, &number(NUMBER), HER).await.unwrap().rows.is_empty(), "given twice changes nothing");
    // The number changed after a leak: both lead to her, the new one is told.
    commit(&store, vault.give(Duty::Hold, &number("000000000000"), HER).await.unwrap()).await.unwrap();
    assert_eq!(vault.find(Duty::Ask, &number(NUMBER)).await.unwrap(), Some(HER));
    assert_eq!(*vault.number_of(Duty::Hold, HER).await.unwrap().unwrap().reveal(), "000000000000");
}

#[tokio::test]
async fn nobody_without_the_duty_is_answered() {
    let store = store();
    let vault = vault(&store, 3);
    commit(&store, vault.give(Duty::Hold, &number(NUMBER), HER).await.unwrap()).await.unwrap();
    assert!(matches!(vault.find(Duty::None, &number(NUMBER)).await, Err(VaultError::NoDuty)));
    for duty in [Duty::None, Duty::Ask] {
        assert!(matches!(vault.number_of(duty, HER).await, Err(VaultError::NoDuty)));
        assert!(matches!(vault.give(duty, &number(NUMBER), HER).await, Err(VaultError::NoDuty)));
    }
    let mut duties = Vec::new();
    for role in Role::ALL {
        for kind in OrganizationKind::ALL {
            for purpose in Purpose::ALL {
                let duty = Duty::of(*role, *kind, *purpose);
                if duty != Duty::None {
                    duties.push((role.code(), purpose.code(), duty));
                    assert_eq!(role.code(), kind.code(), "nobody acts for another kind of organisation");
                }
            }
        }
    }
    assert_eq!(
        duties,
        [
            ("insurer", "COVERAGE", Duty::Hold),
            ("municipality", "COVERAGE", Duty::Hold),
            ("municipality", "DISASTER", Duty::Ask),
            ("municipality", "RECORDMGT", Duty::Hold),
        ]
    );
}

#[tokio::test]
async fn a_number_is_not_given_to_another_and_two_at_once_do_not_both_win() {
    let store = store();
    let vault = vault(&store, 3);
    let (one, two) = (
        vault.give(Duty::Hold, &number(NUMBER), HER).await.unwrap(),
        vault.give(Duty::Hold, &number(NUMBER), HIM).await.unwrap(),
    );
    commit(&store, one).await.unwrap();
    assert!(matches!(commit(&store, two).await, Err(CommitError::Conflict(_))));
    assert!(matches!(vault.give(Duty::Hold, &number(NUMBER), HIM).await, Err(VaultError::Taken)));
    assert_eq!(vault.find(Duty::Ask, &number(NUMBER)).await.unwrap(), Some(HER));
}

#[tokio::test]
async fn the_store_holds_no_number_and_tells_nothing_without_the_secret() {
    let store = store();
    let ours = vault(&store, 3);
    commit(&store, ours.give(Duty::Hold, &number(NUMBER), HER).await.unwrap()).await.unwrap();
    let rows = store.rows(Table::Vault, b"", None, 10).await.unwrap();
    assert_eq!(rows.len(), 2);
    let digits: Vec<u8> = NUMBER.bytes().map(|b| b - b'0').collect();
    for (key, value) in &rows {
        for bytes in [key, value] {
            assert!(!bytes.windows(4).any(|run| NUMBER.as_bytes().windows(4).any(|part| part == run)));
            assert!(!bytes.windows(12).any(|run| run == digits));
        }
        assert_eq!(key.len(), 32);
    }
    // Another secret finds nothing: not even whether the number is there.
    assert_eq!(vault(&store, 4).find(Duty::Ask, &number(NUMBER)).await.unwrap(), None);
    assert_eq!(format!("{ours:?}"), "Vault(…)");
}

#[tokio::test]
async fn a_row_that_was_moved_or_changed_does_not_open() {
    let store = store();
    let vault = vault(&store, 3);
    commit(&store, vault.give(Duty::Hold, &number(NUMBER), HER).await.unwrap()).await.unwrap();
    commit(&store, vault.give(Duty::Hold, &number("000000000000"), HIM).await.unwrap()).await.unwrap();
    let of_her = vault.give(Duty::Hold, &number("111111111118"), HER).await.unwrap();
    let rows = store.rows(Table::Vault, b"", None, 10).await.unwrap();
    // Every row in the place of every other, and every row with its last bit turned.
    for (key, value) in &rows {
        for (_, other) in &rows {
            let mut bad = other.to_vec();
            if other == value {
                *bad.last_mut().unwrap() ^= 1;
            }
            let row = |value: Vec<u8>| Row { table: Table::Vault, key: key.to_vec(), value: Some(value) };
            store.commit(Batch { rows: vec![row(bad)], ..Batch::default() }).await.unwrap();
            let answers = [
                vault.find(Duty::Ask, &number(NUMBER)).await.map(|found| found == Some(HER)),
                vault.find(Duty::Ask, &number("000000000000")).await.map(|found| found == Some(HIM)),
                vault.number_of(Duty::Hold, HER).await.map(|found| *found.unwrap().reveal() == *NUMBER),
                vault.number_of(Duty::Hold, HIM).await.map(|found| *found.unwrap().reveal() == *"000000000000"),
            ];
            assert_eq!(answers.iter().filter(|answer| matches!(answer, Err(VaultError::Sealed))).count(), 1);
            assert_eq!(answers.iter().filter(|answer| matches!(answer, Ok(true))).count(), 3, "nobody else's is told");
            store.commit(Batch { rows: vec![row(value.to_vec())], ..Batch::default() }).await.unwrap();
        }
    }
    // What was prepared on what has changed meanwhile is not written.
    commit(&store, vault.give(Duty::Hold, &number("222222222225"), HER).await.unwrap()).await.unwrap();
    assert!(matches!(commit(&store, of_her).await, Err(CommitError::Conflict(_))));
}
