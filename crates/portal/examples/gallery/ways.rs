//! Signing in, one's own ways in, and licences, for the gallery.

use jiff::civil::date;
use maud::Markup;
use tsumugi_kernel::{Purpose, Role};
use tsumugi_portal::view::*;
use tsumugi_portal::{Frame, Lang, page};
use tsumugi_signin::{gate::What, hpki::Fault};

use crate::people::{LONGEST, NOW, ago, citizen, staff};

fn licence(fault: Option<Fault>) -> LicenceView {
    LicenceView {
        qualifications: vec![("医師".into(), "Physician".into())],
        issuer: "HPKI-01-ExampleSignCA2-forNonRepudiation".into(),
        serial: "0123456789abcdef0123456789abcdef01234567".into(),
        until: NOW.plus_millis(400 * 24 * 3_600_000),
        name: "岡田　學".into(),
        confirmed: None,
        fault,
    }
}

fn provider(lang: Lang) -> String {
    if lang == Lang::En { "My Number card" } else { "マイナンバーカード" }.to_owned()
}

fn ways(lang: Lang) -> WaysView {
    let key = |name: &str, synced, stopped| KeyView {
        id: "k".into(),
        name: name.into(),
        since: date(2026, 4, 2),
        used: Some(date(2026, 11, 21)),
        synced,
        stopped,
    };
    let session = |is_this| SessionView {
        name: "s".into(),
        is_this,
        since: ago(3),
        seen: ago(0),
        organization: (!is_this).then(|| Words::ja("みなと総合病院")),
    };
    let event = |what, name: Option<&str>| EventView { at: ago(5), what, name: name.map(Into::into) };
    WaysView {
        person: "岡田 学".into(),
        keys: vec![key("自分のスマートフォン", true, false), key("", false, true)],
        new: Some(NewKeyView {
            challenge: "c".into(),
            site: "record.example".into(),
            handle: "h".into(),
            known: String::new(),
        }),
        second: SecondView::There,
        licence: Some(Some(licence(Some(Fault::Name)))),
        until: None,
        provider: Some((provider(lang), true)),
        sessions: vec![session(true), session(false)],
        events: vec![
            event(What::LicenceShown, Some("医師")),
            event(What::LicenceConfirmed, Some("前田 彩（みなと総合病院）")),
            event(What::SecondGiven, None),
            event(What::CodeHanded, Some(LONGEST)),
        ],
        fault: None,
        done: None,
        goes_on: false,
        request: None,
    }
}

fn go_on() -> GoOnView {
    let choice = |role, organization: Option<&str>, purpose| GoOn {
        code: "a b c".into(),
        who: Who {
            name: Name::read("岡田 学", "おかだ まなぶ"),
            role,
            qualification: None,
            organization: organization.map(Words::ja),
        },
        purpose,
    };
    GoOnView {
        choices: vec![
            choice(Role::Citizen, None, Purpose::PatientRequest),
            choice(Role::Nurse, Some("みなと総合病院"), Purpose::Treat),
        ],
        second: false,
        by_code: false,
        second_missing: false,
        unlicensed: vec![(Role::Physician, Fault::Expired), (Role::Dentist, Fault::Missing)],
        until: None,
        fault: None,
        request: None,
    }
}

pub fn pages(lang: Lang) -> Vec<(&'static str, Markup)> {
    let own = Frame { subject: None, ways: true, ..citizen(lang) };
    let nobody = Frame { signed_in: None, ways: false, ..own.clone() };
    let (name, place) = (Name::read("前田 彩", "まえだ あや"), "みなと総合病院");
    let desk = staff(lang, name, Role::Registrar, place, Purpose::RecordManagement, None);
    let desk = Frame { subject: None, ways: true, ..desk };
    let first = WaysView {
        keys: Vec::new(),
        licence: Some(None),
        until: Some(NOW.plus_millis(3_600_000)),
        second: SecondView::Desk,
        goes_on: true,
        ..ways(lang)
    };
    let ask = Some((
        format!("Tsumugi-licence https://record.example okada {}", "n0S6WzA2Mj".repeat(8)),
        "n0S6WzA2Mj".repeat(8),
    ));
    let show = |licence, fault, done| ShowLicenceView { licence, ask: ask.clone(), fault, done };
    let found = |licence| StaffLicenceView {
        number: "okada".into(),
        found: Some(("岡田 学".into(), licence)),
        ..StaffLicenceView::default()
    };
    let wrong = WayFault::Licence(Fault::ListOld);
    let come_in = ComeInView { challenge: Some(("c".into(), "record.example".into())), ..ComeInView::default() };
    let faulty = ComeInView { fault: Some(WayFault::Passkey), provider: Some(provider(lang)), ..come_in.clone() };
    let code = CodeView { request: None, fault: Some(WayFault::Mistyped) };
    vec![
        ("sign-in-passkey", page::come_in::page(&come_in, &nobody)),
        ("sign-in-passkey-faulty", page::come_in::page(&faulty, &nobody)),
        ("sign-in-code", page::come_in::code(&CodeView::default(), &nobody)),
        ("sign-in-code-faulty", page::come_in::code(&code, &nobody)),
        ("sign-in-as", page::come_in::go_on(&go_on(), &nobody)),
        ("ways", page::ways::page(&ways(lang), &own)),
        ("ways-first", page::ways::page(&first, &nobody)),
        ("ways-licence", page::licence::page(&show(None, None, false), &own)),
        ("ways-licence-done", page::licence::page(&show(Some(licence(None)), None, true), &own)),
        (
            "ways-licence-faulty",
            page::licence::page(&show(Some(licence(Some(Fault::Revoked))), Some(wrong), false), &own),
        ),
        ("ways-licence-second", page::licence::page(&ShowLicenceView { ask: None, ..show(None, None, false) }, &own)),
        ("desk-licences", page::licence::desk(&StaffLicenceView::default(), &desk)),
        ("desk-licences-found", page::licence::desk(&found(Some(licence(Some(Fault::Name)))), &desk)),
        ("desk-licences-none", page::licence::desk(&found(None), &desk)),
        (
            "desk-licences-faulty",
            page::licence::desk(
                &StaffLicenceView { fault: Some(StaffLicenceFault::Nobody), ..StaffLicenceView::default() },
                &desk,
            ),
        ),
    ]
}
