//! Passkeys: how they are made and used, and what is refused.

use tsumugi_kernel::{Purpose, Role};
use tsumugi_signin::gate::{GateError, Lost, Made, Use, What};

use crate::{
    authenticator::{Token, Way},
    house::{BROWSER, House, person},
};

#[tokio::test]
async fn a_citizen_makes_one_and_comes_back_with_it() {
    for house in House::both().await {
        let (_, mut token) = house.haru().await;
        let cookie = house.sign_in(&mut token).await.unwrap();
        assert!(house.caller(&cookie).await.is_none(), "nobody is anybody before choosing");
        let own = house.choose(&cookie, Role::Citizen).await.unwrap();
        let caller = house.caller(&own).await.unwrap();
        assert_eq!((caller.role, caller.purpose), (Role::Citizen, Purpose::PatientRequest));
        assert_eq!((caller.citizen, caller.person.as_str()), (Some(crate::house::HER), "haru"));
        let what: Vec<What> =
            house.gate.events(&person("haru")).await.unwrap().into_iter().map(|event| event.what).collect();
        assert_eq!(what, [What::SignedIn, What::KeyMade, What::CodeUsed, What::CodeHanded]);
    }
}

#[tokio::test]
async fn a_challenge_is_answered_once_in_its_browser_and_time() {
    for house in House::both().await {
        let (_, mut token) = house.haru().await;
        let challenge = house.challenge().await;
        let said = token.answer(&challenge, &Way::default());
        let other = house.gate.sign_in("another-browser", &said.answer()).await;
        assert!(matches!(other, Err(GateError::Challenge)), "{other:?}");
        house.gate.sign_in(BROWSER, &said.answer()).await.unwrap();
        let again = house.gate.sign_in(BROWSER, &said.answer()).await;
        assert!(matches!(again, Err(GateError::Challenge)), "{again:?}");
        // Answered anew by the token itself, too.
        let again = house.gate.sign_in(BROWSER, &token.answer(&challenge, &Way::default()).answer()).await;
        assert!(matches!(again, Err(GateError::Challenge)), "{again:?}");
        let late = house.challenge().await;
        let said = token.answer(&late, &Way::default());
        house.pass(5 * 60);
        assert!(matches!(house.gate.sign_in(BROWSER, &said.answer()).await, Err(GateError::Challenge)));
        let for_enrolment = house.gate.challenge(Use::Enrol, BROWSER).await.unwrap();
        let said = token.answer(&for_enrolment, &Way::default());
        assert!(matches!(house.gate.sign_in(BROWSER, &said.answer()).await, Err(GateError::Challenge)));
    }
}

#[tokio::test]
async fn an_answered_challenge_stays_answered_after_a_start_and_ends_when_the_clock_is_set_back() {
    let house = House::sqlite().await;
    let (_, mut token) = house.haru().await;
    let said = token.answer(&house.challenge().await, &Way::default());
    house.gate.sign_in(BROWSER, &said.answer()).await.unwrap();
    let open = house.challenge().await;
    let house = house.again();
    assert!(matches!(house.gate.sign_in(BROWSER, &said.answer()).await, Err(GateError::Challenge)));
    house.gate.sign_in(BROWSER, &token.answer(&open, &Way::default()).answer()).await.unwrap();
    house.pass(120);
    let open = house.challenge().await;
    house.pass(-60);
    let back = house.gate.sign_in(BROWSER, &token.answer(&open, &Way::default()).answer()).await;
    assert!(matches!(back, Err(GateError::Challenge)), "{back:?}");
}

/// Ways that are not ours.
fn wrong_ways() -> Vec<(&'static str, Way)> {
    let way = Way::default;
    vec![
        ("another origin", Way { origin: "https://record.example.evil.example".into(), ..way() }),
        ("another scheme", Way { origin: "http://record.example".into(), ..way() }),
        ("another id", Way { site: "evil.example".into(), ..way() }),
        ("nobody recognised", Way { flags: 0x01, ..way() }),
        ("nobody there", Way { flags: 0x04, ..way() }),
        ("copied, though it cannot be", Way { flags: 0x15, ..way() }),
        ("within another page", Way { cross_origin: true, ..way() }),
        ("another deed", Way { kind: Some("payment.get".into()), ..way() }),
        ("extensions that are not there", Way { flags: 0x85, ..way() }),
    ]
}

#[tokio::test]
async fn what_was_not_made_for_us_by_the_person_is_refused() {
    for house in House::both().await {
        let (cookie, mut token) = house.haru().await;
        for (what, way) in wrong_ways() {
            let said = token.answer(&house.challenge().await, &way);
            let refused = house.gate.sign_in(BROWSER, &said.answer()).await;
            assert!(matches!(refused, Err(GateError::Passkey)), "{what}: {refused:?}");
            let session = house.session(&cookie).await;
            let new = house.gate.new_key(&session, &cookie).await.unwrap();
            let (client, attestation) = Token::new(5, &new.handle).made(&new.challenge, &way);
            let made = Made { client: &client, attestation: &attestation, name: "" };
            let refused = house.gate.enrol(&session, &cookie, &made).await;
            assert!(matches!(refused, Err(GateError::Passkey)), "{what}: {refused:?}");
        }
        assert_eq!(house.gate.keys(&person("haru")).await.unwrap().len(), 1);
        house.sign_in(&mut token).await.unwrap();
    }
}

#[tokio::test]
async fn no_changed_byte_passes() {
    let house = House::sqlite().await;
    let (_, mut token) = house.haru().await;
    let said = token.answer(&house.challenge().await, &Way::default());
    for field in 0..4 {
        let changed = |at: usize| {
            let mut changed = said.clone();
            let text = [&mut changed.id, &mut changed.client, &mut changed.data, &mut changed.signature];
            let text = text.into_iter().nth(field).unwrap();
            let mut bytes = tsumugi_signin::jose::decode(text).unwrap();
            if at >= bytes.len() {
                return None;
            }
            bytes[at] ^= 1;
            *text = tsumugi_signin::jose::encode(&bytes);
            Some(changed)
        };
        for at in 0.. {
            let Some(changed) = changed(at) else { break };
            assert!(house.gate.sign_in(BROWSER, &changed.answer()).await.is_err(), "field {field} byte {at}");
        }
    }
    let other = crate::authenticator::Said { handle: "somebody".into(), ..said.clone() };
    assert!(house.gate.sign_in(BROWSER, &other.answer()).await.is_err(), "another person's handle");
    house.gate.sign_in(BROWSER, &said.answer()).await.unwrap();
}

#[tokio::test]
async fn a_copied_passkey_is_noticed_and_stopped_with_its_sessions() {
    for house in House::both().await {
        let (_, mut token) = house.haru().await;
        let mut copy = token.clone();
        let hers = house.sign_in(&mut token).await.unwrap();
        house.sign_in(&mut token).await.unwrap();
        let refused = house.sign_in(&mut copy).await;
        assert!(matches!(refused, Err(GateError::Copied)), "{refused:?}");
        assert!(
            matches!(house.sign_in(&mut token).await, Err(GateError::Passkey)),
            "it counts no more, whoever has it"
        );
        assert!(matches!(house.gate.session(&hers).await, Err(GateError::Ended)));
        let (keys, events) =
            (house.gate.keys(&person("haru")).await.unwrap(), house.gate.events(&person("haru")).await.unwrap());
        assert!(keys[0].stopped && events[0].what == What::Copied);
        // The desk is the way back.
        let cookie = house.gate.redeem(&house.code(Lost::All).await.unwrap().digits).await.unwrap();
        house.sign_in(&mut house.enrol(&cookie, 2).await).await.unwrap();
    }
}

#[tokio::test]
async fn one_is_removed_but_never_the_last() {
    for house in House::both().await {
        let (cookie, mut first) = house.haru().await;
        let mut second = house.enrol(&cookie, 2).await;
        let by_first = house.sign_in(&mut first).await.unwrap();
        let by_second = house.sign_in(&mut second).await.unwrap();
        let session = house.session(&by_second).await;
        house.gate.remove_key(&session, &first.id()).await.unwrap();
        assert!(matches!(house.gate.session(&by_first).await, Err(GateError::Ended)), "what it began ends");
        assert!(matches!(house.sign_in(&mut first).await, Err(GateError::Passkey)));
        assert!(matches!(house.gate.remove_key(&session, &second.id()).await, Err(GateError::Last)));
        assert!(matches!(house.gate.remove_key(&session, "other").await, Err(GateError::Passkey)));
        house.sign_in(&mut second).await.unwrap();
        // Another person's is as if it were not there.
        let okada = house.gate.redeem(&house.staff_code(Lost::Nothing).await.digits).await.unwrap();
        house.enrol(&okada, 3).await;
        let theirs = house.session(&okada).await;
        assert!(matches!(house.gate.remove_key(&theirs, &second.id()).await, Err(GateError::Passkey)));
    }
}

#[tokio::test]
async fn one_passkey_is_one_persons() {
    for house in House::both().await {
        let (_, token) = house.haru().await;
        let okada = house.gate.redeem(&house.staff_code(Lost::Nothing).await.digits).await.unwrap();
        let session = house.session(&okada).await;
        let new = house.gate.new_key(&session, &okada).await.unwrap();
        let (client, attestation) = token.made(&new.challenge, &Way::default());
        let made = Made { client: &client, attestation: &attestation, name: "" };
        assert!(matches!(house.gate.enrol(&session, &okada, &made).await, Err(GateError::Known)));
    }
}

#[tokio::test]
async fn wrong_answers_are_counted_and_keep_nobody_waiting() {
    for house in House::both().await {
        let (_, mut token) = house.haru().await;
        let mut often = 0;
        for _ in 0..200 {
            let said = token.answer(&house.challenge().await, &Way { flags: 0x01, ..Way::default() });
            match house.gate.sign_in(BROWSER, &said.answer()).await {
                Err(GateError::Often) => often += 1,
                Err(GateError::Passkey) => {}
                other => unreachable!("{other:?}"),
            }
        }
        assert!(often > 150, "{often}");
        house.sign_in(&mut token).await.unwrap();
    }
}
