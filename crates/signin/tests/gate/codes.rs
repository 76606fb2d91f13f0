//! Codes from a desk: who may hand one out, and what one opens.

use tsumugi_kernel::{CitizenId, Purpose, Role};
use tsumugi_signin::gate::{By, GateError, Handed, Identity, Lost, Side, What};

use crate::house::{HER, House, person};

#[tokio::test]
async fn a_code_opens_once_and_for_two_weeks() {
    for house in House::both().await {
        let code = house.code(Lost::Nothing).await.unwrap();
        assert_eq!((code.digits.len(), code.grouped().len()), (20, 23));
        let cookie = house.gate.redeem(&code.grouped()).await.unwrap();
        let session = house.session(&cookie).await;
        assert_eq!((session.by, session.side), (By::Code, Side::Home));
        assert!(matches!(house.gate.redeem(&code.digits).await, Err(GateError::CodeUsed)));
        let own = house.choose(&cookie, Role::Citizen).await.unwrap();
        assert_eq!(house.caller(&own).await.unwrap().citizen, Some(HER), "who has no telephone reads here once");
        let late = house.code(Lost::Nothing).await.unwrap();
        house.pass(14 * 24 * 60 * 60);
        assert!(matches!(house.gate.redeem(&late.digits).await, Err(GateError::CodeEnded)));
    }
}

#[tokio::test]
async fn a_newer_code_ends_the_one_before() {
    for house in House::both().await {
        let first = house.code(Lost::Nothing).await.unwrap();
        let second = house.code(Lost::Nothing).await.unwrap();
        assert!(matches!(house.gate.redeem(&first.digits).await, Err(GateError::CodeEnded)));
        house.gate.redeem(&second.digits).await.unwrap();
    }
}

#[tokio::test]
async fn a_thousand_wrong_codes_open_nothing_and_keep_nobody_waiting() {
    for house in House::both().await {
        let code = house.code(Lost::Nothing).await.unwrap();
        let mut told = [0; 3];
        for number in 0..1_000_u64 {
            // Every one has a right check digit or none: both kinds are tried.
            let guess = format!("{:020}", number * 7_919_u64.pow(4));
            match house.gate.redeem(&guess).await {
                Err(GateError::Mistyped) => told[0] += 1,
                Err(GateError::Code) => told[1] += 1,
                Err(GateError::Often) => told[2] += 1,
                other => unreachable!("{other:?}"),
            }
        }
        assert!(told[0] > 0 && told[1] == 20 && told[2] > 0, "{told:?}");
        house.gate.redeem(&code.digits).await.unwrap();
    }
}

#[tokio::test]
async fn nobody_hands_one_out_to_themself_or_without_the_office() {
    for house in House::both().await {
        let clerk = house.clerk();
        let own = person("clerk");
        let handed = Handed { person: &own, identity: Identity::MyNumberCard, lost: Lost::Nothing };
        let permit = house.permit(&clerk, CitizenId(9)).await;
        assert!(matches!(house.gate.hand_to_citizen(permit, &handed).await, Err(GateError::Own)));
        // For whom the permit is not.
        let haru = person("haru");
        let handed = Handed { person: &haru, ..handed };
        let permit = house.permit(&clerk, CitizenId(8)).await;
        assert!(matches!(house.gate.hand_to_citizen(permit, &handed).await, Err(GateError::NotOpen)));
        // A hospital's registrar gives nobody a way to a citizen's own record.
        let registrar = house.registrar();
        let permit = house.permit(&registrar, HER).await;
        assert!(matches!(house.gate.hand_to_citizen(permit, &handed).await, Err(GateError::NotOpen)));
        assert!(
            matches!(house.gate.hand_to_staff(&registrar, &handed).await, Err(GateError::NotOpen)),
            "not on the roster"
        );
        assert!(matches!(house.gate.hand_to_staff(&clerk, &handed).await, Err(GateError::NotOpen)));
        house.appoint("1311000014", "maeda", Role::Registrar).await;
        let maeda = person("maeda");
        let handed = Handed { person: &maeda, ..handed };
        assert!(matches!(house.gate.hand_to_staff(&registrar, &handed).await, Err(GateError::Own)));
        let mut nurse = house.registrar();
        (nurse.role, nurse.purpose) = (Role::Nurse, Purpose::Treat);
        assert!(matches!(house.gate.hand_to_staff(&nurse, &handed).await, Err(GateError::NotOpen)));
    }
}

#[tokio::test]
async fn handing_one_out_leaves_a_leaf_and_a_line_for_the_person() {
    for house in House::both().await {
        let before = house.store.status().leaves;
        house.code(Lost::Nothing).await.unwrap();
        assert_eq!(house.store.status().leaves, before + 1);
        let event = house.gate.events(&person("haru")).await.unwrap().remove(0);
        assert_eq!((event.what, event.name.as_deref()), (What::CodeHanded, Some("岡 市子（みなと市）")));
    }
}

#[tokio::test]
async fn whoever_lost_a_phone_has_it_stopped_at_the_desk() {
    for house in House::both().await {
        let (_, mut token) = house.haru().await;
        let cookie = house.sign_in(&mut token).await.unwrap();
        let code = house.code(Lost::All).await.unwrap();
        assert!(matches!(house.sign_in(&mut token).await, Err(GateError::Passkey)));
        assert!(matches!(house.gate.session(&cookie).await, Err(GateError::Ended)));
        let cookie = house.gate.redeem(&code.digits).await.unwrap();
        house.sign_in(&mut house.enrol(&cookie, 2).await).await.unwrap();
    }
}

#[tokio::test]
async fn a_code_of_the_workplace_opens_nothing_of_her_own() {
    for house in House::both().await {
        let cookie = house.gate.redeem(&house.staff_code(Lost::Nothing).await.digits).await.unwrap();
        assert!(house.choose(&cookie, Role::Citizen).await.is_err());
        let mut token = house.enrol(&cookie, 3).await;
        let cookie = house.sign_in(&mut token).await.unwrap();
        for role in [Role::Citizen, Role::Proxy] {
            assert!(matches!(house.choose(&cookie, role).await, Err(GateError::NotOpen)), "{role}");
        }
    }
}

#[tokio::test]
async fn what_a_suspended_clerk_handed_out_opens_nothing_while_they_are() {
    for house in House::both().await {
        let begun = house.gate.redeem(&house.code(Lost::Nothing).await.unwrap().digits).await.unwrap();
        let mut token = house.enrol(&begun, 1).await;
        let by_passkey = house.sign_in(&mut token).await.unwrap();
        let unused = house.code(Lost::Nothing).await.unwrap();
        house.suspend("clerk", 60).await;
        assert!(matches!(house.gate.redeem(&unused.digits).await, Err(GateError::CodeEnded)));
        assert!(matches!(house.gate.session(&begun).await, Err(GateError::Ended)), "nor does the session of one");
        assert!(house.gate.session(&by_passkey).await.is_ok(), "her passkey is hers");
        // What another desk's clerk handed out goes on.
        house.gate.redeem(&house.staff_code(Lost::Nothing).await.digits).await.unwrap();
        // A suspension that is lifted or ends gives it back.
        house.pass(61);
        house.gate.session(&begun).await.unwrap();
        house.gate.redeem(&unused.digits).await.unwrap();
    }
}
