//! `/ways/licence`: a professional shows the licence by certificate; `/desk/licences`: a registrar confirms whose one is.

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use maud::Markup;
use tsumugi_kernel::{PersonId, Purpose, Role};
use tsumugi_signin::{
    gate::{GateError, LicenceRow, Session},
    hpki::Fault as Wrong,
};

use super::{
    Fault, Site, Visit, answer,
    come_in::{fault, gate, session, status, told},
    form, record, upload,
};
use crate::page;
use crate::view::{LicenceView, ShowLicenceView, StaffLicenceFault, StaffLicenceView, Trouble, WayFault};

/// Longest challenge in an address.
const CHALLENGE_MOST: usize = 100;

/// `GET /ways/licence`.
pub(crate) async fn form(State(site): State<Site>, visit: Visit) -> Response {
    let done = visit.asked("done").is_some();
    show(&site, &visit, None, done).await
}

async fn show(site: &Site, visit: &Visit, wrong: Option<WayFault>, done: bool) -> Response {
    let shown = async {
        let (gate, session) = (gate(site)?, session(visit)?);
        let ask = match gate.offer_licence(session).await {
            Ok(ask) => Some(ask),
            Err(GateError::Second) => None,
            Err(error) => return Err(fault(error)),
        };
        let licence = licence_of(site, session).await?;
        let view = ShowLicenceView { licence, ask, fault: wrong, done: done && wrong.is_none() };
        Ok(page::licence::page(&view, &visit.frame(None)))
    };
    match shown.await {
        Ok(page) => answer::html(status(wrong), page),
        Err(fault) => Fault::page(fault, visit),
    }
}

pub(crate) async fn licence_of(site: &Site, session: &Session) -> Result<Option<LicenceView>, Fault> {
    Ok(gate(site)?.licence(&session.person).await.map_err(fault)?.map(view))
}

fn view(row: LicenceRow) -> LicenceView {
    LicenceView {
        qualifications: row.qualifications.iter().map(|one| (one.ja.clone(), one.en.clone())).collect(),
        issuer: row.issuer,
        serial: row.serial,
        until: row.until,
        name: row.name,
        confirmed: row.confirmed,
        fault: row.fault,
    }
}

/// `GET /ways/licence/text?challenge=`: the text to be signed, as a file.
pub(crate) async fn text(State(site): State<Site>, visit: Visit) -> Response {
    let made = async {
        let (gate, session) = (gate(&site)?, session(&visit)?);
        let challenge = visit.asked("challenge").filter(|text| {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
            text.len() <= CHALLENGE_MOST && text.bytes().all(plain)
        });
        Ok(gate.licence_text(&session.person, challenge.ok_or(Trouble::BadInput)?))
    };
    match made.await {
        Ok(text) => {
            let headers = [
                (header::CONTENT_TYPE, "text/plain; charset=us-ascii"),
                (header::CONTENT_DISPOSITION, "attachment; filename=\"tsumugi-licence.txt\""),
            ];
            answer::private((headers, text).into_response())
        }
        Err(fault) => Fault::page(fault, &visit),
    }
}

/// `POST /ways/licence` with `challenge`, and `file` or `pasted`.
pub(crate) async fn take(State(site): State<Site>, visit: Visit, body: Bytes) -> Response {
    let taken = async {
        let parts = upload::parts(&visit.headers, &body).ok_or(Trouble::BadInput)?;
        let part = |name: &str| parts.iter().find(|(own, _)| own == name).map(|(_, value)| *value).unwrap_or_default();
        let text = |name: &str| std::str::from_utf8(part(name)).unwrap_or_default().to_owned();
        let fields = vec![("csrf".to_owned(), text("csrf"))];
        if !visit.is_own_form(&site, &fields) {
            return Err(Trouble::StaleForm.into());
        }
        let (gate, session) = (gate(&site)?, session(&visit)?);
        let file = if part("file").is_empty() { part("pasted") } else { part("file") };
        Ok(gate.show_licence(session, &text("challenge"), file).await)
    };
    match taken.await {
        Ok(Ok(())) => answer::see_other("/ways/licence?done=shown", []),
        Ok(Err(error)) => match told(error) {
            Ok(wrong) => show(&site, &visit, Some(wrong), false).await,
            Err(fault) => fault.page(&visit),
        },
        Err(fault) => Fault::page(fault, &visit),
    }
}

/// `GET /desk/licences`.
pub(crate) async fn desk(site: &Site, visit: &Visit) -> Result<Markup, Fault> {
    registrar(site, visit)?;
    Ok(page::licence::desk(&StaffLicenceView::default(), &visit.frame(None)))
}

/// `POST /desk/licences` with `number`; with `serial` as well, that one is confirmed.
pub(crate) async fn at_desk(State(site): State<Site>, visit: Visit, body: String) -> Response {
    let fields = form::pairs(&body);
    let number = form::value(&fields, "number").unwrap_or_default().trim().to_owned();
    let found = async {
        if !visit.is_own_form(&site, &fields) {
            return Err(Trouble::StaleForm.into());
        }
        registrar(&site, &visit)?;
        let (gate, caller) = (gate(&site)?, record::caller(&visit)?);
        let serial = form::value(&fields, "serial");
        let view = StaffLicenceView { number: number.clone(), ..StaffLicenceView::default() };
        let wrong = |fault| StaffLicenceView { fault: Some(fault), ..view.clone() };
        let Ok(person) = PersonId::new(&number) else { return Ok(wrong(StaffLicenceFault::Nobody)) };
        let confirmed = match serial {
            Some(serial) => gate.confirm_licence(caller, &person, serial).await,
            None => Ok(()),
        };
        let licence = match confirmed {
            Ok(()) => gate.licence_of_staff(caller, &person).await,
            Err(error) => Err(error),
        };
        let known = site.desk().directory.person(&person).await?;
        Ok(match licence {
            Ok(licence) => StaffLicenceView {
                found: Some((known.map(|known| known.name.clone()).unwrap_or_default(), licence.map(self::view))),
                done: serial.is_some(),
                ..view
            },
            Err(GateError::NotOpen) => wrong(StaffLicenceFault::Nobody),
            Err(GateError::Own) => wrong(StaffLicenceFault::Own),
            Err(GateError::Licence(Wrong::Missing)) => wrong(StaffLicenceFault::Changed),
            Err(error) => return Err(fault(error)),
        })
    };
    match found.await {
        Ok(view) => {
            let status = if view.fault.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
            answer::html(status, page::licence::desk(&view, &visit.frame(None)))
        }
        Err(fault) => Fault::page(fault, &visit),
    }
}

/// Whether the reader is a registrar of an organisation where licences are asked for.
fn registrar(site: &Site, visit: &Visit) -> Result<(), Fault> {
    let caller = record::caller(visit)?;
    let desk = (caller.role, caller.purpose) == (Role::Registrar, Purpose::RecordManagement);
    if desk && gate(site)?.asks_licences() { Ok(()) } else { Err(Fault::NOT_SHOWN) }
}
