//! Signing in by choosing a person: development folders only. The session is a development token in a cookie. Everywhere else
//! it is [`super::come_in`].

use axum::{extract::State, http::StatusCode, response::Response};
use tsumugi_kernel::{FactKey, Kind, Role};
use tsumugi_people::Identifier;
use tsumugi_signin::{Claims, SESSION_MILLIS, issue};

use super::{CitizenReference, Fault, Site, Visit, allow, answer, come_in, cookie, disaster, form};
use crate::page;
use crate::view::{SignInView, Trouble};

/// `GET /sign-in`: whom to be.
pub(crate) async fn form(State(site): State<Site>, mut visit: Visit) -> Response {
    if site.0.dev_key.is_none() {
        return come_in::form(&site, visit).await;
    }
    let nonce = visit.bind(&site);
    let mut people = Vec::new();
    for person in &site.0.people {
        let mut candidate = person.candidate(visit.lang);
        // Readings only decorate: where the directory cannot be asked, the names stand alone.
        let known = site.desk().directory.person(&person.id).await.ok().flatten();
        candidate.who.name.kana = known.and_then(|known| known.kana.clone());
        people.push(candidate);
    }
    let filling = site.filling().map(super::Filling::view);
    let request = visit.asked("request").filter(|id| allow::is_name(id)).map(str::to_owned);
    // Whoever cannot be told of it here is told by the page itself.
    let disaster = disaster::news(&site, &visit).await.unwrap_or_default();
    let view =
        SignInView { disaster, people, expired: visit.caller.is_none() && visit.had_session(), request, filling };
    let mut response = answer::html(StatusCode::OK, page::sign_in::page(&view, &visit.frame(None)));
    if let Some(nonce) = nonce {
        response.headers_mut().append(axum::http::header::SET_COOKIE, nonce);
    }
    response
}

/// `POST /sign-in` with `person`: begins a session of 12 hours.
pub(crate) async fn sign_in(State(site): State<Site>, visit: Visit, body: String) -> Response {
    let fields = form::pairs(&body);
    if !visit.is_own_form(&site, &fields) {
        return Fault::from(Trouble::StaleForm).page(&visit);
    }
    let then = allow::after_sign_in(form::value(&fields, "request"));
    match begin(&site, &visit, form::value(&fields, "person").unwrap_or_default()).await {
        Ok(token) => answer::see_other(&then, [cookie::set(cookie::SESSION, &token, SESSION_MILLIS / 1000)]),
        Err(fault) => fault.page(&visit),
    }
}

/// `POST /sign-out`: ends the session. A development token itself lasts until its hour; a gate's session ends on the server.
pub(crate) async fn sign_out(State(site): State<Site>, visit: Visit, body: String) -> Response {
    if !visit.is_own_form(&site, &form::pairs(&body)) {
        return Fault::from(Trouble::StaleForm).page(&visit);
    }
    if let (Some(gate), Some(held)) = (site.gate(), cookie::get(&visit.headers, cookie::SESSION))
        && let Err(error) = gate.sign_out(&held).await
    {
        // It may hold still: then nobody is told that they are out.
        return come_in::fault(error).page(&visit);
    }
    answer::see_other("/sign-in", [cookie::set(cookie::SESSION, "", 0), cookie::set(cookie::NONCE, "", 0)])
}

async fn begin(site: &Site, visit: &Visit, person: &str) -> Result<String, Fault> {
    let key = site.0.dev_key.as_ref().ok_or(Fault::NOT_SHOWN)?;
    let chosen = site.0.people.iter().find(|known| known.id.as_str() == person).ok_or(Trouble::BadInput)?;
    let expires = visit.now.plus_millis(SESSION_MILLIS);
    let mut claims = Claims::new(chosen.role, chosen.purpose, chosen.id.clone(), chosen.organization.clone(), expires);
    if chosen.role == Role::Citizen {
        let own = chosen.citizen.as_ref().ok_or(Fault::NOT_SHOWN)?;
        claims.citizen = Some(patient(site, own).await?.ok_or(Fault::NOT_SHOWN)?);
    }
    Ok(issue(&claims, key))
}

/// The sealed id of a `Patient` of the citizen whom a card names.
pub(crate) async fn patient(site: &Site, reference: &CitizenReference) -> Result<Option<String>, Fault> {
    let directory = &site.desk().directory;
    let identifier = Identifier::new(reference.system.as_str(), reference.value.as_str());
    let Some(citizen) = directory.find(&identifier).await? else { return Ok(None) };
    patient_of(site, citizen).await
}

/// The sealed id of the first `Patient` on a citizen's shelf.
pub(crate) async fn patient_of(site: &Site, citizen: tsumugi_kernel::CitizenId) -> Result<Option<String>, Fault> {
    let row = site.desk().directory.citizen(citizen).await?;
    let number = row.and_then(|row| row.patients.first().copied());
    Ok(number.map(|number| site.desk().record.sealer().seal(FactKey { citizen, kind: Kind::PATIENT, number })))
}
