//! The second factor of professionals.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use tsumugi_kernel::{Clock as _, Role};
use tsumugi_signin::gate::{GateError, Lost, TotpOffer};

use crate::{
    authenticator::Token,
    house::{House, person},
};

/// What an authenticator app does: the number of the present step, and of others.
pub fn number(offer: &TotpOffer, house: &House, steps: i64) -> String {
    let mut bits = String::new();
    for letter in offer.secret.bytes() {
        let value = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".iter().position(|known| *known == letter).unwrap();
        bits.push_str(&format!("{value:05b}"));
    }
    let secret: Vec<u8> = bits
        .as_bytes()
        .chunks(8)
        .map(|byte| u8::from_str_radix(std::str::from_utf8(byte).unwrap(), 2).unwrap())
        .collect();
    let mut mac = Hmac::<Sha1>::new_from_slice(&secret).unwrap();
    mac.update(&(house.clock.now().0 / 30_000 + steps).to_be_bytes());
    let mac = mac.finalize().into_bytes();
    let at = usize::from(mac[19] & 15);
    let value = u32::from_be_bytes(mac[at..at + 4].try_into().unwrap()) & 0x7fff_ffff;
    format!("{:06}", value % 1_000_000)
}

/// A physician with a passkey and a second factor, signed out.
pub async fn okada(house: &House) -> (Token, TotpOffer) {
    let cookie = house.gate.redeem(&house.staff_code(Lost::Nothing).await.digits).await.unwrap();
    let token = house.enrol(&cookie, 3).await;
    let session = house.session(&cookie).await;
    let offer = house.gate.offer_second(&session).unwrap();
    assert!(matches!(house.gate.set_second(&session, "000000").await, Err(GateError::Number)));
    let next = house.gate.set_second(&session, &number(&offer, house, 0)).await.unwrap();
    assert!(matches!(house.gate.session(&cookie).await, Err(GateError::Ended)), "a step up has another name");
    assert!(house.choose(&next, Role::Physician).await.is_err(), "a code and a number are no passkey");
    house.gate.sign_out(&next).await.unwrap();
    house.pass(60);
    (token, offer)
}

#[tokio::test]
async fn without_it_nobody_is_a_professional() {
    for house in House::both().await {
        let (mut token, offer) = okada(&house).await;
        let cookie = house.sign_in(&mut token).await.unwrap();
        assert!(matches!(house.choose(&cookie, Role::Physician).await, Err(GateError::Second)));
        let session = house.session(&cookie).await;
        let up = house.gate.give_second(&session, &number(&offer, &house, 0)).await.unwrap();
        assert!(matches!(house.gate.session(&cookie).await, Err(GateError::Ended)), "a step up has another name");
        let at_work = house.choose(&up, Role::Physician).await.unwrap();
        let caller = house.caller(&at_work).await.unwrap();
        assert_eq!((caller.role, caller.organization.as_str()), (Role::Physician, "1311000014"));
    }
}

#[tokio::test]
async fn a_number_counts_once() {
    for house in House::both().await {
        let (mut token, offer) = okada(&house).await;
        let now = number(&offer, &house, 0);
        let first = house.session(&house.sign_in(&mut token).await.unwrap()).await;
        house.gate.give_second(&first, &now).await.unwrap();
        let second = house.session(&house.sign_in(&mut token).await.unwrap()).await;
        assert!(matches!(house.gate.give_second(&second, &now).await, Err(GateError::Number)), "replayed");
        let before = number(&offer, &house, -1);
        assert!(
            matches!(house.gate.give_second(&second, &before).await, Err(GateError::Number)),
            "older than the last"
        );
        house.gate.give_second(&second, &number(&offer, &house, 1)).await.unwrap();
    }
}

#[tokio::test]
async fn wrong_numbers_bring_a_wait_and_then_the_end() {
    for house in House::both().await {
        let (mut token, offer) = okada(&house).await;
        let mut cookie = house.sign_in(&mut token).await.unwrap();
        for round in 0..6 {
            for _ in 0..5 {
                let session = house.session(&cookie).await;
                assert!(matches!(house.gate.give_second(&session, "000000").await, Err(GateError::Number)));
            }
            let session = house.session(&cookie).await;
            let right = house.gate.give_second(&session, &number(&offer, &house, 0)).await;
            if round < 5 {
                assert!(matches!(right, Err(GateError::Often)), "{right:?}");
            } else {
                assert!(matches!(right, Err(GateError::Dead)), "{right:?}");
            }
            house.pass(5 * 60);
            if round == 1 {
                cookie = house.sign_in(&mut token).await.unwrap();
            }
            if round == 3 {
                cookie = house.sign_in(&mut token).await.unwrap();
            }
        }
        assert!(!house.gate.has_second(&person("okada")).await.unwrap());
        // The desk of the organisation makes a new one.
        house.staff_code(Lost::All).await;
        let (mut token, offer) = okada_again(&house).await;
        let session = house.session(&house.sign_in(&mut token).await.unwrap()).await;
        house.gate.give_second(&session, &number(&offer, &house, 0)).await.unwrap();
    }
}

async fn okada_again(house: &House) -> (Token, TotpOffer) {
    let cookie = house.gate.redeem(&house.staff_code(Lost::All).await.digits).await.unwrap();
    let token = house.enrol(&cookie, 4).await;
    let session = house.session(&cookie).await;
    let offer = house.gate.offer_second(&session).unwrap();
    house.gate.set_second(&session, &number(&offer, house, 0)).await.unwrap();
    house.pass(60);
    (token, offer)
}

#[tokio::test]
async fn after_a_wait_the_right_number_counts() {
    let house = House::sqlite().await;
    let (mut token, offer) = okada(&house).await;
    let session = house.session(&house.sign_in(&mut token).await.unwrap()).await;
    for _ in 0..5 {
        assert!(house.gate.give_second(&session, "000000").await.is_err());
    }
    house.pass(5 * 60);
    house.gate.give_second(&session, &number(&offer, &house, 0)).await.unwrap();
}

#[tokio::test]
async fn it_is_set_up_only_after_the_organisations_desk_or_with_itself() {
    for house in House::both().await {
        let (mut token, offer) = okada(&house).await;
        let session = house.session(&house.sign_in(&mut token).await.unwrap()).await;
        assert!(matches!(house.gate.offer_second(&session), Err(GateError::NotOpen)), "a passkey alone sets none up");
        let up = house.gate.give_second(&session, &number(&offer, &house, 0)).await.unwrap();
        assert!(house.gate.offer_second(&house.session(&up).await).is_ok());
        // The municipality's desk makes nobody a professional.
        let (by_code, _) = house.haru().await;
        assert!(matches!(house.gate.offer_second(&house.session(&by_code).await), Err(GateError::NotOpen)));
    }
}

#[tokio::test]
async fn a_post_that_ended_is_nobodys() {
    for house in House::both().await {
        let (mut token, offer) = okada(&house).await;
        let session = house.session(&house.sign_in(&mut token).await.unwrap()).await;
        let up = house.gate.give_second(&session, &number(&offer, &house, 0)).await.unwrap();
        let at_work = house.choose(&up, Role::Physician).await.unwrap();
        assert!(house.caller(&at_work).await.is_some());
        let today = house.clock.now().civil().date();
        let hospital = crate::house::organization("1311000014");
        house.directory.dismiss(&hospital, &person("okada"), Role::Physician, today).await.unwrap();
        assert!(house.caller(&at_work).await.is_none());
        assert!(matches!(house.choose(&at_work, Role::Physician).await, Err(GateError::NotOpen)));
    }
}
