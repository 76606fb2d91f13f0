//! Sessions: new at each step, ended on the server, ended by time.

use tsumugi_kernel::Role;
use tsumugi_signin::gate::{GateError, Lost};

use crate::{
    authenticator::Way,
    house::{BROWSER, House, person},
    second::{number, okada},
};

#[tokio::test]
async fn a_planted_name_is_not_the_one_that_begins() {
    for house in House::both().await {
        let (_, mut token) = house.haru().await;
        let planted = house.sign_in(&mut token).await.unwrap();
        // Whoever planted a cookie in her browser: the challenge is that browser's, the session is another.
        let challenge = house.gate.challenge(tsumugi_signin::gate::Use::SignIn, &planted).await.unwrap();
        let said = token.answer(&challenge, &Way::default());
        let begun = house.gate.sign_in(&planted, &said.answer()).await.unwrap();
        assert_ne!(begun, planted);
        let chosen = house.choose(&begun, Role::Citizen).await.unwrap();
        assert_ne!(chosen, begun);
        assert!(matches!(house.gate.session(&begun).await, Err(GateError::Ended)));
        assert!(matches!(house.gate.session(BROWSER).await, Err(GateError::Ended)), "a made-up name is nobody");
    }
}

#[tokio::test]
async fn signing_out_ends_it_on_the_server() {
    for house in House::both().await {
        let (cookie, _) = house.haru().await;
        let cookie = house.choose(&cookie, Role::Citizen).await.unwrap();
        assert!(house.caller(&cookie).await.is_some());
        house.gate.sign_out(&cookie).await.unwrap();
        assert!(house.caller(&cookie).await.is_none());
        house.gate.sign_out(&cookie).await.unwrap();
    }
}

#[tokio::test]
async fn it_ends_by_itself_sooner_when_unused_and_after_twelve_hours_at_most() {
    for house in House::both().await {
        let (mut token, offer) = okada(&house).await;
        let session = house.session(&house.sign_in(&mut token).await.unwrap()).await;
        let up = house.gate.give_second(&session, &number(&offer, &house, 0)).await.unwrap();
        let at_work = house.choose(&up, Role::Physician).await.unwrap();
        let mut minutes = 0;
        while house.caller(&at_work).await.is_some() {
            house.pass(14 * 60);
            minutes += 14;
            assert!(minutes <= 12 * 60 + 14);
        }
        assert!(minutes >= 12 * 60, "{minutes}");
        let session = house.session(&house.sign_in(&mut token).await.unwrap()).await;
        let up = house.gate.give_second(&session, &number(&offer, &house, 0)).await.unwrap();
        let at_work = house.choose(&up, Role::Physician).await.unwrap();
        house.pass(15 * 60);
        assert!(house.caller(&at_work).await.is_none(), "a screen that nobody sits at");
    }
}

#[tokio::test]
async fn one_sees_ones_own_and_ends_them() {
    for house in House::both().await {
        let (first, mut token) = house.haru().await;
        let second = house.sign_in(&mut token).await.unwrap();
        let haru = person("haru");
        let all = house.gate.sessions(&haru).await.unwrap();
        assert_eq!(all.len(), 2);
        let other = all.iter().find(|row| row.name != house_name(&house, &second)).map(|row| row.name.clone()).unwrap();
        assert!(matches!(house.gate.end_session(&person("okada"), &other).await, Err(GateError::Ended)), "not theirs");
        house.gate.end_session(&haru, &other).await.unwrap();
        assert!(matches!(house.gate.session(&first).await, Err(GateError::Ended)));
        assert_eq!(house.gate.sessions(&haru).await.unwrap().len(), 1);
        assert!(matches!(house.gate.end_session(&haru, &other).await, Err(GateError::Ended)));
    }
}

fn house_name(_: &House, cookie: &str) -> String {
    use sha2::Digest as _;
    tsumugi_signin::jose::encode(&sha2::Sha256::digest(cookie))
}

#[tokio::test]
async fn a_clock_set_back_ends_them_all() {
    let house = House::sqlite().await;
    let (cookie, _) = house.haru().await;
    house.pass(120);
    house.session(&cookie).await;
    house.pass(-60);
    assert!(matches!(house.gate.session(&cookie).await, Err(GateError::Ended)));
    let code = house.code(Lost::Nothing).await.unwrap();
    house.gate.redeem(&code.digits).await.unwrap();
}

#[tokio::test]
async fn a_session_survives_a_start() {
    let house = House::sqlite().await;
    let (cookie, _) = house.haru().await;
    let house = house.again();
    house.session(&cookie).await;
}
