//! Commits that fail, and commits that fail and yet are there: nobody gets in twice, and nothing that was ended lives.

use tsumugi_signin::oauth::Decision;
use tsumugi_store::sqlite::CommitFault;

use crate::house::{House, Key, citizen, credentials, parameter, posted, refresh, request, text};

const BOTH: [CommitFault; 2] = [CommitFault::Fails, CommitFault::FailsButPersists];
const ALL: &str = "patient/*.rs offline_access";

#[tokio::test]
async fn a_request_or_decision_that_failed_is_begun_again() {
    for fault in BOTH {
        let house = House::sqlite();
        let _ = house.asked(&request(ALL)).await;
        house.fail(0, fault);
        assert_eq!(house.provider.push(&posted(&request(ALL), None)).await.unwrap_err().status, 503);
        let id = house.asked(&request(ALL)).await;
        house.fail(0, fault);
        assert_eq!(house.provider.decide(&id, &citizen(), Decision::Allow(None)).await.unwrap_err().status, 503);
        let again = house.provider.decide(&id, &citizen(), Decision::Allow(None)).await;
        match fault {
            CommitFault::Fails => assert!(parameter(&again.unwrap(), "code").is_some()),
            CommitFault::FailsButPersists => {
                assert_eq!(again.unwrap_err().status, 400, "a code that nobody has is no harm")
            }
        }
    }
}

#[tokio::test]
async fn a_code_whose_exchange_failed_is_exchanged_or_lost_but_never_twice() {
    for fault in BOTH {
        let house = House::sqlite();
        let code = house.code(ALL, &citizen(), None).await;
        house.fail(0, fault);
        assert_eq!(house.exchange(&code).await.unwrap_err().status, 503);
        let again = house.exchange(&code).await;
        match fault {
            CommitFault::Fails => assert!(house.exchange(&code).await.is_err() && again.is_ok()),
            CommitFault::FailsButPersists => assert_eq!(again.unwrap_err().code, "invalid_grant"),
        }
    }
}

#[tokio::test]
async fn a_refresh_that_failed_goes_on_or_ends_the_family() {
    for fault in BOTH {
        let house = House::sqlite();
        let code = house.code(ALL, &citizen(), None).await;
        let first = house.exchange(&code).await.unwrap();
        house.fail(0, fault);
        assert_eq!(house.token(&refresh(text(&first, "refresh_token")), None).await.unwrap_err().status, 503);
        let again = house.token(&refresh(text(&first, "refresh_token")), None).await;
        assert_eq!(again.is_ok(), fault == CommitFault::Fails, "{again:?}");
        assert_eq!(house.provider.verify(text(&first, "access_token")).await.is_ok(), fault == CommitFault::Fails);
    }
}

#[tokio::test]
async fn an_assertion_whose_commit_failed_may_be_tried_again_only_if_nothing_is_there() {
    for fault in BOTH {
        let house = House::sqlite();
        house.system_token("hospital", &Key::new(1), None).await.unwrap();
        let assertion = house.assertion("hospital", &Key::new(1));
        house.fail(0, fault);
        assert_eq!(house.token(&credentials(&assertion), None).await.unwrap_err().status, 503);
        assert_eq!(house.token(&credentials(&assertion), None).await.is_ok(), fault == CommitFault::Fails);
    }
}

#[tokio::test]
async fn what_may_have_been_revoked_is_revoked() {
    for fault in BOTH {
        let house = House::sqlite();
        let token = text(&house.system_token("hospital", &Key::new(1), None).await.unwrap(), "access_token").to_owned();
        let assertion = house.assertion("hospital", &Key::new(1));
        let mut pairs = credentials(&assertion).to_vec();
        pairs[0] = ("token", &token);
        house.fail(1, fault);
        assert_eq!(house.provider.revoke_token(&posted(&pairs, None)).await.unwrap_err().status, 503);
        assert!(house.provider.verify(&token).await.is_err(), "{fault:?}");
    }
}

#[tokio::test]
async fn an_app_whose_end_failed_is_out_all_the_same_and_can_be_ended_again() {
    for fault in BOTH {
        let house = House::sqlite();
        let her = citizen().detail.person;
        let token = house.exchange(&house.code(ALL, &citizen(), None).await).await.unwrap();
        let app = house.provider.apps(&her).await.unwrap().remove(0);
        house.fail(0, fault);
        assert_eq!(house.provider.end_app(&her, &app.name).await.unwrap_err().status, 503);
        assert!(house.provider.verify(text(&token, "access_token")).await.is_err());
        assert_eq!(house.provider.apps(&her).await.unwrap().is_empty(), fault == CommitFault::FailsButPersists);
        house.provider.end_app(&her, &app.name).await.unwrap();
        assert!(house.provider.apps(&her).await.unwrap().is_empty());
        assert!(house.token(&refresh(text(&token, "refresh_token")), None).await.is_err());
    }
}

#[tokio::test]
async fn what_has_ended_is_taken_away() {
    let house = House::sqlite();
    for _ in 0..30 {
        house.system_token("hospital", &Key::new(1), None).await.unwrap();
    }
    let before = house.store.rows(tsumugi_store::Table::Signin, b"", None, 10_000).await.unwrap().len();
    house.pass(3 * 24 * 60 * 60);
    for _ in 0..30 {
        house.system_token("hospital", &Key::new(1), None).await.unwrap();
    }
    let after = house.store.rows(tsumugi_store::Table::Signin, b"", None, 10_000).await.unwrap().len();
    assert!(after <= before, "{before} rows, then {after}");
}
