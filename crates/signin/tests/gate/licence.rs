//! Showing a licence, and acting under it.

use tsumugi_kernel::{Clock as _, Instant, Role};
use tsumugi_signin::{
    gate::{GateError, Handed, Identity, Lost, RawLicence, TotpOffer, What},
    hpki::{Fault, Licences},
};
use tsumugi_store::sqlite::CommitFault;

use crate::{
    authenticator::Token,
    authority::{self, Message, Pair, Said, pem},
    house::{House, NOW, organization, person},
    hpki::{MIDDLE, Pki, ago, ahead},
    second::{number, okada},
};

/// A hospital that asks for licences, a physician with passkey and second factor, and where certificates come from.
struct Ward {
    house: House,
    pki: Pki,
    token: Token,
    offer: TotpOffer,
}

impl Ward {
    async fn over(house: House) -> Self {
        let pki = Pki::new();
        house.demand(&pki);
        let (token, offer) = okada(&house).await;
        Self { house, pki, token, offer }
    }

    /// Signed in with both factors.
    async fn at_work(&mut self) -> String {
        self.house.pass(60);
        let cookie = self.house.sign_in(&mut self.token).await.unwrap();
        let session = self.house.session(&cookie).await;
        self.house.gate.give_second(&session, &number(&self.offer, &self.house, 0)).await.unwrap()
    }

    /// A signed message over a text.
    fn signed(&self, said: &Said, text: &str) -> Vec<u8> {
        signed(&self.pki, said, &self.pki.own, text)
    }

    async fn show(&self, cookie: &str, said: &Said) -> Result<(), GateError> {
        let session = self.house.session(cookie).await;
        let (text, challenge) = self.house.gate.offer_licence(&session).await?;
        self.house.gate.show_licence(&session, &challenge, &self.signed(said, &text)).await
    }

    async fn fault(&self) -> Option<Fault> {
        self.house.gate.licence(&person("okada")).await.unwrap().unwrap().fault
    }
}

fn signed(pki: &Pki, said: &Said, pair: &Pair, text: &str) -> Vec<u8> {
    let chain = [pki.middle.issue(said, pair), pki.middle.certificate.clone()];
    let (certificates, serial) = (chain.as_slice(), said.serial.as_slice());
    let message =
        Message { certificates, issuer: MIDDLE, serial, pair, attached: true, attributes: true, hash: authority::HASH };
    message.over(text.as_bytes())
}

fn licence<T: std::fmt::Debug>(done: Result<T, GateError>) -> Fault {
    match done {
        Err(GateError::Licence(fault)) => fault,
        other => unreachable!("{other:?}"),
    }
}

impl House {
    fn demand(&self, pki: &Pki) {
        self.provider.demand(Licences::open(pki.path()).unwrap());
    }
}

#[tokio::test]
async fn nobody_is_a_physician_without_a_certificate_and_whoever_shows_one_is() {
    for house in House::both().await {
        let mut ward = Ward::over(house).await;
        let up = ward.at_work().await;
        let house = &ward.house;
        assert_eq!(licence(house.choose(&up, Role::Physician).await), Fault::Missing);
        ward.show(&up, &ward.pki.said()).await.unwrap();
        let at_work = house.choose(&up, Role::Physician).await.unwrap();
        let caller = house.caller(&at_work).await.unwrap();
        assert_eq!(caller.qualification.as_deref(), Some("医師（資格証明書で確認）"));
        let row = house.gate.licence(&person("okada")).await.unwrap().unwrap();
        assert_eq!((row.serial.as_str(), row.issuer.as_str(), row.name.as_str()), ("015e", MIDDLE, "岡田　学"));
        assert_eq!((row.until, row.fault, row.confirmed), (ahead(400), None, None));
        let event = house.gate.events(&person("okada")).await.unwrap().remove(0);
        assert_eq!((event.what, event.name.as_deref()), (What::LicenceShown, Some("医師")));
        // Shown once, it counts the next time as well; shown again, it is the same.
        let up = ward.at_work().await;
        ward.house.choose(&up, Role::Physician).await.unwrap();
        let up = ward.at_work().await;
        ward.show(&up, &ward.pki.said()).await.unwrap();
    }
}

#[tokio::test]
async fn an_end_of_the_certificate_ends_the_role_at_the_next_request() {
    let mut ward = Ward::over(House::sqlite().await).await;
    let up = ward.at_work().await;
    ward.show(&up, &ward.pki.said()).await.unwrap();
    let cookie = ward.house.choose(&up, Role::Physician).await.unwrap();
    for (revoked, fault) in [(None, Fault::Revoked), (Some(6), Fault::Held)] {
        ward.pki.revoked(&[(&[1, 94], revoked)]);
        assert!(ward.house.caller(&cookie).await.is_none(), "the session goes on without a role");
        assert_eq!(ward.fault().await, Some(fault));
        assert_eq!(licence(ward.house.choose(&cookie, Role::Physician).await), fault);
    }
    // Held no longer, it counts again, in the same session.
    ward.pki.revoked(&[]);
    assert!(ward.house.caller(&cookie).await.is_some());
    ward.pki.file("crls/middle.crl", &ward.pki.middle.list(&[], ago(9), ago(8), &[]));
    assert!(ward.house.caller(&cookie).await.is_none());
    assert_eq!(ward.fault().await, Some(Fault::ListOld));
    // An authority that the operator believes no more.
    ward.pki.revoked(&[]);
    std::fs::remove_file(ward.pki.path().join("anchors/root.pem")).unwrap();
    assert!(ward.house.caller(&cookie).await.is_none());
    assert_eq!(ward.fault().await, Some(Fault::Issuer));
}

#[tokio::test]
async fn a_certificate_that_ends_at_night_ends_the_role() {
    let mut ward = Ward::over(House::sqlite().await).await;
    let up = ward.at_work().await;
    let said = Said { until: Instant(ward.house.clock.now().0 + 5 * 60 * 1000), ..ward.pki.said() };
    ward.show(&up, &said).await.unwrap();
    let cookie = ward.house.choose(&up, Role::Physician).await.unwrap();
    assert!(ward.house.caller(&cookie).await.is_some());
    ward.house.pass(5 * 60 + 1);
    assert!(ward.house.caller(&cookie).await.is_none());
    assert_eq!(ward.fault().await, Some(Fault::Expired));
}

#[tokio::test]
async fn another_qualification_opens_no_role_that_needs_this_one() {
    let mut ward = Ward::over(House::sqlite().await).await;
    let up = ward.at_work().await;
    ward.show(&up, &Said::person(NOW, "Pharmacist")).await.unwrap();
    assert_eq!(licence(ward.house.choose(&up, Role::Physician).await), Fault::Role);
    // A role that needs none goes on as before.
    ward.house.appoint("1311000014", "okada", Role::Nurse).await;
    ward.house.choose(&up, Role::Nurse).await.unwrap();
}

#[tokio::test]
async fn what_is_signed_is_our_text_of_this_session_once() {
    for house in House::both().await {
        let mut ward = Ward::over(house).await;
        let up = ward.at_work().await;
        let (house, said) = (&ward.house, ward.pki.said());
        let session = house.session(&up).await;
        let (text, challenge) = house.gate.offer_licence(&session).await.unwrap();
        assert!(text.starts_with("Tsumugi-licence https://record.example okada "), "{text}");
        let (other, _) = house.gate.offer_licence(&session).await.unwrap();
        let show = async |challenge: &str, file: &[u8]| house.gate.show_licence(&session, challenge, file).await;
        assert_eq!(licence(show(&challenge, &ward.signed(&said, &other)).await), Fault::Text);
        assert_eq!(licence(show(&challenge, &ward.signed(&said, &challenge)).await), Fault::Text);
        let for_another = text.replace(" okada ", " haru ");
        assert_eq!(licence(show(&challenge, &ward.signed(&said, &for_another)).await), Fault::Text);
        let elsewhere = text.replace("record.example", "record.evil");
        assert_eq!(licence(show(&challenge, &ward.signed(&said, &elsewhere)).await), Fault::Text);
        // Another use's challenge, another session's, a made-up one.
        let sign_in = house.challenge().await;
        let file = ward.signed(&said, &house.gate.licence_text(&person("okada"), &sign_in));
        assert!(matches!(show(&sign_in, &file).await, Err(GateError::Challenge)));
        assert!(matches!(show("made-up", &file).await, Err(GateError::Challenge)));
        let good = ward.signed(&said, &format!("{text}\r\n"));
        show(&challenge, &good).await.unwrap();
        assert!(matches!(show(&challenge, &good).await, Err(GateError::Challenge)), "answered once");
        let (house, pki) = (ward.house.again(), ward.pki);
        house.demand(&pki);
        let done = house.gate.show_licence(&house.session(&up).await, &challenge, &good).await;
        assert!(matches!(done, Err(GateError::Challenge)), "also after a start: {done:?}");
        let (text, challenge) = house.gate.offer_licence(&house.session(&up).await).await.unwrap();
        let file = signed(&pki, &said, &pki.own, &text);
        house.pass(5 * 60);
        let late = house.gate.show_licence(&house.session(&up).await, &challenge, &file).await;
        assert!(matches!(late, Err(GateError::Challenge)));
    }
}

#[tokio::test]
async fn a_certificate_is_one_persons_and_needs_its_key() {
    let mut ward = Ward::over(House::sqlite().await).await;
    let up = ward.at_work().await;
    let said = ward.pki.said();
    // Somebody else's certificate, signed with one's own key.
    let session = ward.house.session(&up).await;
    let (text, challenge) = ward.house.gate.offer_licence(&session).await.unwrap();
    let chain = ward.pki.chain(&said);
    let thief = Pair::ec(77);
    let stolen = Message {
        certificates: &chain,
        issuer: MIDDLE,
        serial: &said.serial,
        pair: &thief,
        attached: true,
        attributes: true,
        hash: authority::HASH,
    };
    let done = ward.house.gate.show_licence(&session, &challenge, &stolen.over(text.as_bytes())).await;
    assert_eq!(licence(done), Fault::Signature);
    ward.show(&up, &said).await.unwrap();
    // A second account, by whoever has the card.
    let house = &ward.house;
    house.appoint("1311000014", "mori", Role::Physician).await;
    house.directory.register(&[tsumugi_people::Person::named(person("mori"), "岡田 学")], &[]).await.unwrap();
    let (mori, code) = (person("mori"), Identity::Staff);
    let handed = Handed { person: &mori, identity: code, lost: Lost::Nothing };
    let code = house.gate.hand_to_staff(&house.registrar(), &handed).await.unwrap();
    let cookie = house.gate.redeem(&code.digits).await.unwrap();
    let second = house.session(&cookie).await;
    assert!(matches!(house.gate.offer_licence(&second).await, Err(GateError::Second)));
    assert!(matches!(house.gate.show_licence(&second, "x", b"x").await, Err(GateError::Second)));
    let offer = house.gate.offer_second(&second).unwrap();
    let cookie = house.gate.set_second(&second, &number(&offer, house, 0)).await.unwrap();
    assert_eq!(licence(ward.show(&cookie, &said).await), Fault::Taken);
    assert!(house.gate.licence(&mori).await.unwrap().is_none());
    // Renewed, with another serial and key, it is shown by its owner as the first was.
    let up = ward.at_work().await;
    ward.show(&up, &Said { serial: vec![2, 1], ..said }).await.unwrap();
    assert_eq!(ward.house.gate.licence(&person("okada")).await.unwrap().unwrap().serial, "0201");
}

#[tokio::test]
async fn another_name_waits_for_a_registrar() {
    let mut ward = Ward::over(House::sqlite().await).await;
    let up = ward.at_work().await;
    let okada = person("okada");
    for (japanese, counts) in
        [(Some("岡田学"), true), (Some("岡田　学　"), true), (Some("岡田 學"), false), (None, false)]
    {
        let serial = vec![3, japanese.map_or(1, |name| name.len() as u8)];
        ward.show(&up, &Said { japanese, serial, ..ward.pki.said() }).await.unwrap();
        assert_eq!(ward.fault().await, (!counts).then_some(Fault::Name), "{japanese:?}");
    }
    let house = &ward.house;
    assert_eq!(licence(house.choose(&up, Role::Physician).await), Fault::Name);
    let (registrar, serial) = (house.registrar(), "0301");
    // Neither a clerk of the municipality nor the physician, nor a registrar for themself.
    assert!(matches!(house.gate.confirm_licence(&house.clerk(), &okada, serial).await, Err(GateError::NotOpen)));
    let own = tsumugi_access::Caller { person: okada.clone(), ..registrar.clone() };
    assert!(matches!(house.gate.confirm_licence(&own, &okada, serial).await, Err(GateError::Own)));
    assert!(matches!(house.gate.licence_of_staff(&registrar, &person("haru")).await, Err(GateError::NotOpen)));
    let elsewhere = tsumugi_access::Caller { organization: organization("city"), ..registrar.clone() };
    assert!(matches!(house.gate.confirm_licence(&elsewhere, &okada, serial).await, Err(GateError::NotOpen)));
    let row = house.gate.licence_of_staff(&registrar, &okada).await.unwrap().unwrap();
    assert_eq!((row.name.as_str(), row.serial.as_str()), ("Manabu Okada", serial));
    assert_eq!(licence(house.gate.confirm_licence(&registrar, &okada, "0302").await), Fault::Missing);
    house.gate.confirm_licence(&registrar, &okada, serial).await.unwrap();
    house.choose(&up, Role::Physician).await.unwrap();
    assert_eq!(house.gate.events(&okada).await.unwrap()[0].what, What::LicenceConfirmed);
    // The same again stays confirmed; another waits again.
    let up = ward.at_work().await;
    ward.show(&up, &Said { japanese: None, serial: vec![3, 1], ..ward.pki.said() }).await.unwrap();
    assert_eq!(ward.fault().await, None);
    ward.show(&up, &Said { japanese: None, serial: vec![3, 9], ..ward.pki.said() }).await.unwrap();
    assert_eq!(ward.fault().await, Some(Fault::Name));
    // Lost at work, the licence is shown anew.
    ward.house.staff_code(Lost::All).await;
    assert!(ward.house.gate.licence(&okada).await.unwrap().is_none());
}

#[tokio::test]
async fn what_a_cards_software_makes_is_read_in_every_usual_form() {
    let mut ward = Ward::over(House::sqlite().await).await;
    let up = ward.at_work().await;
    let said = ward.pki.said();
    let chain = ward.pki.chain(&said);
    let session = ward.house.session(&up).await;
    for (attached, attributes) in [(true, true), (false, true), (true, false), (false, false)] {
        for form in ["der", "pem", "base64"] {
            let (text, challenge) = ward.house.gate.offer_licence(&session).await.unwrap();
            let (certificates, serial) = (chain.as_slice(), said.serial.as_slice());
            let pair = &ward.pki.own;
            let message =
                Message { certificates, issuer: MIDDLE, serial, pair, attached, attributes, hash: authority::HASH };
            let der = message.over(text.as_bytes());
            let file = match form {
                "der" => der,
                "pem" => pem("CMS", &der).replace('\n', "\r\n").into_bytes(),
                _ => pem("", &der).lines().filter(|line| !line.starts_with('-')).collect::<String>().into_bytes(),
            };
            let done = ward.house.gate.show_licence(&session, &challenge, &file).await;
            assert!(done.is_ok(), "{form}, attached {attached}, attributes {attributes}: {done:?}");
        }
    }
}

#[tokio::test]
async fn no_changed_byte_of_a_message_shows_another_licence() {
    let mut ward = Ward::over(House::sqlite().await).await;
    let up = ward.at_work().await;
    let (gate, session) = (&ward.house.gate, ward.house.session(&up).await);
    let (text, challenge) = gate.offer_licence(&session).await.unwrap();
    let good = ward.signed(&ward.pki.said(), &text);
    for index in 0..good.len() {
        let mut changed = good.clone();
        changed[index] ^= 1;
        match gate.show_licence(&session, &challenge, &changed).await {
            Err(GateError::Licence(_)) => {}
            other => panic!("byte {index}: {other:?}"),
        }
    }
    for hash in ["1.3.14.3.2.26", "1.2.840.113549.2.5", "2.16.840.1.101.3.4.2.3"] {
        let chain = ward.pki.chain(&ward.pki.said());
        let pair = &ward.pki.own;
        let wrong = Message {
            certificates: &chain,
            issuer: MIDDLE,
            serial: &[1, 94],
            pair,
            attached: true,
            attributes: true,
            hash,
        };
        let done = gate.show_licence(&session, &challenge, &wrong.over(text.as_bytes())).await;
        assert_eq!(licence(done), Fault::Algorithm, "{hash}");
    }
    let nested = (0..9000).fold(Vec::new(), |inner: Vec<u8>, _| authority::tlv(0xa0, &inner));
    for garbage in [b"".to_vec(), "署名".into(), nested, vec![0x30; 500_000], b"-----BEGIN CMS-----".to_vec()] {
        assert_eq!(licence(gate.show_licence(&session, &challenge, &garbage).await), Fault::Form);
    }
    gate.show_licence(&session, &challenge, &good).await.unwrap();
}

#[tokio::test]
async fn an_agent_of_a_card_shows_it_beside_the_page() {
    let mut ward = Ward::over(House::sqlite().await).await;
    let up = ward.at_work().await;
    let (gate, session) = (&ward.house.gate, ward.house.session(&up).await);
    let chain = ward.pki.chain(&ward.pki.said());
    let (text, _) = gate.offer_licence(&session).await.unwrap();
    let signature = ward.pki.own.sign(text.as_bytes());
    fn raw<'a>((text, certificates): (&'a str, &'a [Vec<u8>]), signature: &'a [u8]) -> RawLicence<'a> {
        RawLicence { text, certificates, signature }
    }
    let wrong = ward.pki.own.sign(b"other");
    assert_eq!(licence(gate.show_raw_licence(raw((&text, &chain), &wrong)).await), Fault::Signature);
    assert_eq!(licence(gate.show_raw_licence(raw((&text, &chain), &[])).await), Fault::Signature);
    for text in
        ["", "x", &text.replace(" okada ", " haru "), &text.replace("record.", "evil."), &format!("{text} more")]
    {
        let signature = ward.pki.own.sign(text.as_bytes());
        let done = gate.show_raw_licence(raw((text, &chain), &signature)).await;
        assert!(matches!(done, Err(GateError::Challenge)), "{text}: {done:?}");
    }
    gate.show_raw_licence(raw((&text, &chain), &signature)).await.unwrap();
    assert!(matches!(gate.show_raw_licence(raw((&text, &chain), &signature)).await, Err(GateError::Challenge)), "once");
    // A text of a session that has ended is worth nothing.
    let (text, _) = gate.offer_licence(&session).await.unwrap();
    gate.sign_out(&up).await.unwrap();
    let signature = ward.pki.own.sign(text.as_bytes());
    assert!(matches!(gate.show_raw_licence(raw((&text, &chain), &signature)).await, Err(GateError::Challenge)));
    // Wrong texts again and again are answered with a wait; whoever is right is answered all the same.
    for _ in 0..30 {
        let _ = gate.show_raw_licence(raw(("x", &chain), &[])).await;
    }
    assert!(matches!(gate.show_raw_licence(raw(("x", &chain), &[])).await, Err(GateError::Often)));
    let up = ward.at_work().await;
    let (text, _) = ward.house.gate.offer_licence(&ward.house.session(&up).await).await.unwrap();
    let signature = ward.pki.own.sign(text.as_bytes());
    ward.house.gate.show_raw_licence(raw((&text, &chain), &signature)).await.unwrap();
}

#[tokio::test]
async fn a_licence_whose_commit_failed_is_there_whole_or_not_at_all() {
    for fault in [CommitFault::Fails, CommitFault::FailsButPersists] {
        let mut ward = Ward::over(House::sqlite().await).await;
        let up = ward.at_work().await;
        let (gate, session) = (&ward.house.gate, ward.house.session(&up).await);
        let (text, challenge) = gate.offer_licence(&session).await.unwrap();
        let file = ward.signed(&Said { japanese: None, ..ward.pki.said() }, &text);
        ward.house.fail(0, fault);
        assert!(matches!(gate.show_licence(&session, &challenge, &file).await, Err(GateError::Busy)));
        let there = fault == CommitFault::FailsButPersists;
        assert_eq!(gate.licence(&person("okada")).await.unwrap().is_some(), there);
        let again = gate.show_licence(&session, &challenge, &file).await;
        assert_eq!(again.is_ok(), !there, "{again:?}");
        ward.house.fail(0, fault);
        let registrar = ward.house.registrar();
        let done = gate.confirm_licence(&registrar, &person("okada"), "015e").await;
        assert!(matches!(done, Err(GateError::Busy)));
        assert_eq!(ward.fault().await, (!there).then_some(Fault::Name));
        gate.confirm_licence(&registrar, &person("okada"), "015e").await.unwrap();
        assert_eq!(ward.fault().await, None);
    }
}

#[tokio::test]
async fn where_nobody_asks_nothing_changes() {
    let house = House::sqlite().await;
    let (mut token, offer) = okada(&house).await;
    let cookie = house.sign_in(&mut token).await.unwrap();
    let up = house.gate.give_second(&house.session(&cookie).await, &number(&offer, &house, 0)).await.unwrap();
    assert!(!house.gate.asks_licences());
    assert!(matches!(house.gate.offer_licence(&house.session(&up).await).await, Err(GateError::NotOpen)));
    let at_work = house.choose(&up, Role::Physician).await.unwrap();
    assert_eq!(house.caller(&at_work).await.unwrap().qualification, None);
    let (cookie, _) = house.haru().await;
    assert!(house.choose(&cookie, Role::Citizen).await.is_ok());
}
