//! What an app asks for, and the apps that may come back, for the gallery.

use jiff::civil::date;
use maud::Markup;
use tsumugi_access::Deeds;
use tsumugi_kernel::{Kind, Purpose};
use tsumugi_portal::view::*;
use tsumugi_portal::{Lang, frame::Frame, page};

use crate::people::citizen;

const SEE: Deeds = Deeds::READ.and(Deeds::SEARCH);

fn asked() -> AllowView {
    AllowView {
        request: "n-0S6_WzA2Mj".into(),
        app: "血圧手帳".into(),
        goes_to: "https://app.example".into(),
        purpose: Purpose::PatientRequest,
        may: vec![(Some(Kind::OBSERVATION), SEE.and(Deeds::CREATE)), (None, SEE)],
        desk: false,
        identity: true,
        hours: 90 * 24,
        whose: Whose::Own,
        wrong_citizen: false,
    }
}

pub fn pages(lang: Lang) -> Vec<(&'static str, Markup)> {
    let her = Frame { subject: None, ..citizen(lang) };
    let named = |wrong_citizen| AllowView {
        purpose: Purpose::Treat,
        may: vec![(None, SEE.and(Deeds::UPDATE).and(Deeds::DELETE))],
        desk: true,
        hours: 0,
        whose: Whose::ToName,
        wrong_citizen,
        ..asked()
    };
    let row = |name: &str, app: &str| AppRow {
        name: name.into(),
        app: app.into(),
        may: vec![(Some(Kind::OBSERVATION), SEE)],
        since: date(2026, 11, 20),
        until: date(2027, 2, 18),
    };
    let apps = AppsView { apps: vec![row("0.a", "血圧手帳"), row("0.b", "からだ手帳")], ended: true };
    let nothing =
        NoRequestView { detail: "redirect_uri is not one that is registered for this client".into(), again: false };
    vec![
        ("allow", page::allow::page(&asked(), &her)),
        ("allow-name", page::allow::page(&named(false), &her)),
        ("allow-name-wrong", page::allow::page(&named(true), &her)),
        ("allow-hours", page::allow::page(&AllowView { hours: 12, whose: Whose::Open, ..asked() }, &her)),
        ("allow-nothing", page::allow::nothing(&nothing, &her)),
        ("apps", page::apps::page(&apps, &her)),
        ("apps-none", page::apps::page(&AppsView::default(), &her)),
    ]
}
