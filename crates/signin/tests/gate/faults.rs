//! Commits that fail, and commits that fail and yet are there: nobody comes in twice, and what was ended stays ended.

use tsumugi_kernel::Role;
use tsumugi_signin::gate::{GateError, Lost, Made};
use tsumugi_store::sqlite::CommitFault;

use crate::{
    authenticator::{Token, Way},
    house::{BROWSER, House, person},
    second::{number, okada},
};

const BOTH: [CommitFault; 2] = [CommitFault::Fails, CommitFault::FailsButPersists];

fn is_busy<T: std::fmt::Debug>(done: &Result<T, GateError>) {
    assert!(matches!(done, Err(GateError::Busy)), "{done:?}");
}

#[tokio::test]
async fn a_code_that_may_have_been_handed_out_is_nobodys() {
    for fault in BOTH {
        let house = House::sqlite().await;
        house.code(Lost::Nothing).await.unwrap();
        let leaves = house.store.status().leaves;
        house.fail(0, fault);
        is_busy(&house.code(Lost::Nothing).await);
        let known = house.gate.events(&person("haru")).await.unwrap().len() as u64;
        assert_eq!(house.store.status().leaves - leaves, known - 1, "the leaf and the line are there, or neither");
        let code = house.code(Lost::Nothing).await.unwrap();
        house.gate.redeem(&code.digits).await.unwrap();
    }
}

#[tokio::test]
async fn a_code_whose_use_failed_is_used_once_or_lost() {
    for fault in BOTH {
        let house = House::sqlite().await;
        let code = house.code(Lost::Nothing).await.unwrap();
        house.fail(0, fault);
        is_busy(&house.gate.redeem(&code.digits).await);
        let again = house.gate.redeem(&code.digits).await;
        match fault {
            CommitFault::Fails => assert!(again.is_ok() && house.gate.redeem(&code.digits).await.is_err()),
            CommitFault::FailsButPersists => assert!(matches!(again, Err(GateError::CodeUsed)), "{again:?}"),
        }
    }
}

#[tokio::test]
async fn a_passkey_whose_making_failed_is_there_whole_or_not_at_all() {
    for fault in BOTH {
        let house = House::sqlite().await;
        let (cookie, _) = house.haru().await;
        let session = house.session(&cookie).await;
        let new = house.gate.new_key(&session, &cookie).await.unwrap();
        let mut token = Token::new(2, &new.handle);
        let (client, attestation) = token.made(&new.challenge, &Way::default());
        let made = Made { client: &client, attestation: &attestation, name: "鍵" };
        house.fail(0, fault);
        is_busy(&house.gate.enrol(&session, &cookie, &made).await);
        let again = house.gate.enrol(&session, &cookie, &made).await;
        match fault {
            CommitFault::Fails => again.unwrap(),
            CommitFault::FailsButPersists => assert!(matches!(again, Err(GateError::Known)), "{again:?}"),
        }
        assert_eq!(house.gate.keys(&person("haru")).await.unwrap().len(), 2);
        house.sign_in(&mut token).await.unwrap();
    }
}

#[tokio::test]
async fn a_sign_in_that_failed_is_answered_once() {
    for fault in BOTH {
        let house = House::sqlite().await;
        let (_, mut token) = house.haru().await;
        let said = token.answer(&house.challenge().await, &Way::default());
        house.fail(0, fault);
        is_busy(&house.gate.sign_in(BROWSER, &said.answer()).await);
        let again = house.gate.sign_in(BROWSER, &said.answer()).await;
        assert_eq!(again.is_ok(), fault == CommitFault::Fails, "{again:?}");
        house.sign_in(&mut token).await.unwrap();
    }
}

#[tokio::test]
async fn a_number_whose_commit_failed_counts_once() {
    for fault in BOTH {
        let house = House::sqlite().await;
        let (mut token, offer) = okada(&house).await;
        let session = house.session(&house.sign_in(&mut token).await.unwrap()).await;
        let now = number(&offer, &house, 0);
        house.fail(0, fault);
        is_busy(&house.gate.give_second(&session, &now).await);
        let again = house.gate.give_second(&session, &now).await;
        assert_eq!(again.is_ok(), fault == CommitFault::Fails, "{again:?}");
    }
}

#[tokio::test]
async fn a_choice_that_failed_is_made_or_the_session_ends() {
    for fault in BOTH {
        let house = House::sqlite().await;
        let (cookie, _) = house.haru().await;
        // The household is registered with the first choice.
        let cookie = house.choose(&cookie, Role::Citizen).await.unwrap();
        house.fail(0, fault);
        is_busy(&house.choose(&cookie, Role::Citizen).await);
        let holds = house.gate.session(&cookie).await.is_ok();
        assert_eq!(holds, fault == CommitFault::Fails, "nobody has the name of the next");
    }
}

#[tokio::test]
async fn an_end_that_failed_can_be_said_again() {
    for fault in BOTH {
        let house = House::sqlite().await;
        let (cookie, _) = house.haru().await;
        house.fail(0, fault);
        is_busy(&house.gate.sign_out(&cookie).await);
        assert_eq!(house.gate.session(&cookie).await.is_ok(), fault == CommitFault::Fails);
        house.gate.sign_out(&cookie).await.unwrap();
        assert!(matches!(house.gate.session(&cookie).await, Err(GateError::Ended)));
    }
}

#[tokio::test]
async fn a_removal_that_failed_is_whole_or_not_at_all() {
    for fault in BOTH {
        let house = House::sqlite().await;
        let (cookie, mut first) = house.haru().await;
        let mut second = house.enrol(&cookie, 2).await;
        let by_first = house.sign_in(&mut first).await.unwrap();
        let session = house.session(&cookie).await;
        house.fail(0, fault);
        is_busy(&house.gate.remove_key(&session, &first.id()).await);
        let there = fault == CommitFault::Fails;
        assert_eq!(house.gate.session(&by_first).await.is_ok(), there);
        assert_eq!(house.sign_in(&mut first).await.is_ok(), there);
        assert_eq!(house.gate.remove_key(&session, &first.id()).await.is_ok(), there);
        house.sign_in(&mut second).await.unwrap();
    }
}
