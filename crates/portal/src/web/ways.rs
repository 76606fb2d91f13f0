//! `/ways`: a person's passkeys, second factor and sessions, and what happened with them.

use axum::{extract::State, response::Response};
use qrcode::{EcLevel, QrCode, render::svg};
use tsumugi_signin::{
    Gate,
    gate::{By, Event, GateError, KeyRow, Made, Sent, Session, SessionRow, Side},
};

use super::{
    Fault, Site, Visit, allow, answer,
    come_in::{begin, fault, gate, provider_name, session, status, told},
    fault::broken,
    form, licence,
};
use crate::page;
use crate::view::{
    EventView, KeyView, NewKeyView, SecondView, SessionView, Trouble, WayDone, WayFault, WaysView, Words,
};

/// `GET /ways`.
pub(crate) async fn list(State(site): State<Site>, visit: Visit) -> Response {
    show(&site, &visit, None, visit.asked("request").map(str::to_owned)).await
}

async fn show(site: &Site, visit: &Visit, wrong: Option<WayFault>, request: Option<String>) -> Response {
    match view(site, visit, wrong, request).await {
        Ok(view) => answer::html(status(wrong), page::ways::page(&view, &visit.frame(None))),
        Err(fault) => fault.page(visit),
    }
}

async fn view(site: &Site, visit: &Visit, wrong: Option<WayFault>, request: Option<String>) -> Result<WaysView, Fault> {
    let (gate, session) = (gate(site)?, session(visit)?);
    let person = site.desk().directory.person(&session.person).await?.ok_or(Fault::SignIn)?;
    let new = match gate.new_key(session, &visit.bound).await {
        Ok(new) => {
            let (challenge, site, handle) = (new.challenge, new.site, new.handle);
            Some(NewKeyView { challenge, site, handle, known: new.known.join(" ") })
        }
        Err(GateError::Address) => None,
        Err(error) => return Err(fault(error)),
    };
    let mut sessions = Vec::new();
    for row in gate.sessions(&session.person).await.map_err(fault)? {
        sessions.push(own_session(site, session, row).await?);
    }
    let provider = match provider_name(gate, visit).filter(|_| session.side == Side::Home) {
        Some(name) => Some((name, gate.has_certificate(&session.person).await.map_err(fault)?)),
        None => None,
    };
    let second = second_of(site, gate, session).await?;
    let done = match visit.asked("done") {
        Some("made") => Some(WayDone::Made),
        Some("removed") => Some(WayDone::Removed),
        Some("second") => Some(WayDone::Second),
        Some("ended") => Some(WayDone::Ended),
        Some("linked") => Some(WayDone::Linked),
        _ => None,
    };
    let works = !matches!(second, SecondView::None);
    let licence = if works && gate.asks_licences() { Some(licence::licence_of(site, session).await?) } else { None };
    Ok(WaysView {
        licence,
        until: (session.by == By::Code).then_some(session.ends),
        person: person.name.clone(),
        keys: gate.keys(&session.person).await.map_err(fault)?.into_iter().map(key).collect(),
        new,
        second,
        provider,
        sessions,
        events: gate.events(&session.person).await.map_err(fault)?.into_iter().map(event).collect(),
        fault: wrong,
        done: done.filter(|_| wrong.is_none()),
        goes_on: !session.has_chosen(),
        request: request.filter(|id| allow::is_name(id)),
    })
}

fn key(row: KeyRow) -> KeyView {
    let day = |at: tsumugi_kernel::Instant| at.civil().date();
    KeyView {
        id: row.id,
        name: row.name,
        since: day(row.since),
        used: row.used.map(day),
        synced: row.synced,
        stopped: row.stopped,
    }
}

fn event(event: Event) -> EventView {
    EventView { at: event.at, what: event.what, name: event.name }
}

async fn own_session(site: &Site, this: &Session, row: SessionRow) -> Result<SessionView, Fault> {
    let organization = match &row.organization {
        Some(id) => site.desk().directory.organization(id).await?.map(|known| Words::ja(known.name.as_str())),
        None => None,
    };
    let is_this = row.name == this.name;
    Ok(SessionView { name: row.name, is_this, since: row.session.since, seen: row.session.seen, organization })
}

async fn second_of(site: &Site, gate: &Gate, session: &Session) -> Result<SecondView, Fault> {
    if site.desk().directory.workplaces(&session.person).await?.is_empty() {
        return Ok(SecondView::None);
    }
    let there = gate.has_second(&session.person).await.map_err(fault)?;
    match gate.offer_second(session) {
        Ok(offer) if !there => {
            let code = QrCode::with_error_correction_level(offer.address.as_bytes(), EcLevel::M);
            let code = code.map_err(|error| broken(&error))?;
            let svg = code.render::<svg::Color<'_>>().min_dimensions(240, 240).quiet_zone(true).build();
            let svg = svg.split_once("?>").map_or(svg.as_str(), |(_, svg)| svg).to_owned();
            Ok(SecondView::Offer { secret: offer.secret, svg })
        }
        _ if there => Ok(SecondView::There),
        Ok(_) | Err(GateError::NotOpen) => Ok(SecondView::Desk),
        Err(error) => Err(fault(error)),
    }
}

/// `POST /ways` with a passkey that the browser made.
pub(crate) async fn make(State(site): State<Site>, visit: Visit, body: String) -> Response {
    let fields = form::pairs(&body);
    let request = form::value(&fields, "request").map(str::to_owned);
    let text = |name| form::value(&fields, name).unwrap_or_default();
    let made = Made { client: text("client"), attestation: text("attestation"), name: text("name") };
    let done = async {
        let (gate, session) = ours(&site, &visit, &fields)?;
        Ok(if made.client.is_empty() {
            Err(None)
        } else {
            gate.enrol(session, &visit.bound, &made).await.map_err(Some)
        })
    };
    match done.await {
        Ok(Ok(())) => answer::see_other(&format!("/ways?done=made{}", also(request.as_deref())), []),
        Ok(Err(None)) => show(&site, &visit, Some(WayFault::Script), request).await,
        Ok(Err(Some(error))) => refused(&site, &visit, error, request).await,
        Err(fault) => Fault::page(fault, &visit),
    }
}

/// `POST /ways/remove` with `key`.
pub(crate) async fn remove(State(site): State<Site>, visit: Visit, body: String) -> Response {
    let fields = form::pairs(&body);
    let done = async {
        let (gate, session) = ours(&site, &visit, &fields)?;
        Ok(gate.remove_key(session, form::value(&fields, "key").unwrap_or_default()).await)
    };
    match done.await {
        Ok(Ok(())) => answer::see_other("/ways?done=removed", []),
        Ok(Err(error)) => refused(&site, &visit, error, None).await,
        Err(fault) => Fault::page(fault, &visit),
    }
}

/// `POST /ways/second` with `number`: sets the second factor up.
pub(crate) async fn second(State(site): State<Site>, visit: Visit, body: String) -> Response {
    let fields = form::pairs(&body);
    let request = form::value(&fields, "request").map(str::to_owned);
    let done = async {
        let (gate, session) = ours(&site, &visit, &fields)?;
        Ok(gate.set_second(session, form::value(&fields, "number").unwrap_or_default()).await)
    };
    match done.await {
        Ok(Ok(cookie)) => {
            let path = format!("/ways?done=second{}", also(request.as_deref()));
            answer::see_other(&path, [begin(&cookie)])
        }
        Ok(Err(error)) => refused(&site, &visit, error, request).await,
        Err(fault) => Fault::page(fault, &visit),
    }
}

/// `GET /ways/provider`: to the external provider, to say whose the certificate is.
pub(crate) async fn to_provider(State(site): State<Site>, visit: Visit) -> Response {
    let sent = async {
        session(&visit)?;
        gate(&site)?.to_provider(Sent::Link, &visit.bound).await.map_err(fault)
    };
    match sent.await {
        Ok(address) => answer::see_other(&address, []),
        Err(fault) => Fault::page(fault, &visit),
    }
}

/// `POST /ways/end` with `session`.
pub(crate) async fn end(State(site): State<Site>, visit: Visit, body: String) -> Response {
    let fields = form::pairs(&body);
    let done = async {
        let (gate, session) = ours(&site, &visit, &fields)?;
        let name = form::value(&fields, "session").unwrap_or_default();
        match gate.end_session(&session.person, name).await {
            // It has ended meanwhile: that is what was wanted.
            Ok(()) | Err(GateError::Ended) => Ok(()),
            Err(error) => Err(fault(error)),
        }
    };
    match done.await {
        Ok(()) => answer::see_other("/ways?done=ended", []),
        Err(fault) => Fault::page(fault, &visit),
    }
}

fn ours<'a>(site: &'a Site, visit: &'a Visit, fields: &[(String, String)]) -> Result<(&'a Gate, &'a Session), Fault> {
    if !visit.is_own_form(site, fields) {
        return Err(Trouble::StaleForm.into());
    }
    Ok((gate(site)?, session(visit)?))
}

pub(crate) async fn refused(site: &Site, visit: &Visit, error: GateError, request: Option<String>) -> Response {
    match told(error) {
        Ok(wrong) => show(site, visit, Some(wrong), request).await,
        Err(fault) => fault.page(visit),
    }
}

fn also(request: Option<&str>) -> String {
    request.filter(|id| allow::is_name(id)).map(|id| format!("&request={id}")).unwrap_or_default()
}
