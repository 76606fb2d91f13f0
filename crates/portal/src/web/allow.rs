//! An app asks for access: the browser comes with a request, the person decides, the browser goes back.
//!
//! What must hold: nobody is sent anywhere but to an address that is registered for the app; only a person on our own
//! page decides, signed in by a session of theirs and never by a token that an app holds; after signing in they come back
//! here by the request's name and by nothing that an address says.

use axum::{
    extract::{RawQuery, State},
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use tsumugi_access::Caller;
use tsumugi_kernel::{Purpose, Role};
use tsumugi_signin::{
    Provider, SESSION_MILLIS,
    gate::By,
    oauth::{Begun, Decision, Form, OauthError, PurposeDetail, Signed, Waiting},
    scopes::One,
};

use super::{Fault, Site, Visit, answer, form, sign_in};
use crate::page;
use crate::view::{AllowView, NoRequestView, Trouble, Whose};

/// `GET /oauth/authorize`: the browser comes from the app.
pub(crate) async fn authorize(State(site): State<Site>, visit: Visit, RawQuery(query): RawQuery) -> Response {
    let Some(provider) = site.provider() else { return Fault::NO_PAGE.page(&visit) };
    let begun = match Form::read(&query.unwrap_or_default()) {
        Ok(form) => provider.begin(&form, session(&visit).is_some()).await,
        Err(error) => Begun::Here(error),
    };
    match begun {
        Begun::Ask(id) => answer::see_other(&consent(&id), []),
        Begun::Back(address) => answer::see_other(&address, []),
        Begun::Here(error) => nothing(&visit, &error),
    }
}

/// `GET /oauth/consent?request=`: what the app asks for. Whoever is not signed in does that first.
pub(crate) async fn ask(State(site): State<Site>, visit: Visit) -> Response {
    let Some(provider) = site.provider() else { return Fault::NO_PAGE.page(&visit) };
    let Some(id) = visit.asked("request").filter(|id| is_name(id)) else { return Fault::NO_PAGE.page(&visit) };
    let Some(caller) = session(&visit) else { return answer::see_other(&format!("/sign-in?request={id}"), []) };
    show(&site, &visit, provider, (id, caller), false).await
}

/// `POST /oauth/consent`: the person's word.
pub(crate) async fn decide(State(site): State<Site>, visit: Visit, body: String) -> Response {
    let fields = form::pairs(&body);
    if !visit.is_own_form(&site, &fields) {
        return Fault::from(Trouble::StaleForm).page(&visit);
    }
    let Some(provider) = site.provider() else { return Fault::NO_PAGE.page(&visit) };
    let Some(caller) = session(&visit) else { return Fault::SignIn.page(&visit) };
    let Some(id) = form::value(&fields, "request").filter(|id| is_name(id)) else {
        return Fault::from(Trouble::BadInput).page(&visit);
    };
    let decision = match form::value(&fields, "decision") {
        Some("allow") => Decision::Allow(form::value(&fields, "citizen").map(str::to_owned)),
        Some("refuse") => Decision::Refuse,
        _ => return Fault::from(Trouble::BadInput).page(&visit),
    };
    let signed = match signed(&site, caller).await {
        Ok(signed) => signed,
        Err(fault) => return fault.page(&visit),
    };
    match provider.decide(id, &signed, decision).await {
        Ok(address) => leave(&address),
        Err(error) if error.code == "invalid_authorization_details" && form::value(&fields, "citizen").is_some() => {
            show(&site, &visit, provider, (id, caller), true).await
        }
        Err(error) if error.code == "invalid_authorization_details" => {
            match provider.waiting(id, Some(&signed)).await {
                Ok(waiting) if waiting.needs_citizen => show(&site, &visit, provider, (id, caller), true).await,
                _ => nothing(&visit, &error),
            }
        }
        Err(error) => nothing(&visit, &error),
    }
}

async fn show(site: &Site, visit: &Visit, provider: &Provider, (id, caller): (&str, &Caller), wrong: bool) -> Response {
    let signed = match signed(site, caller).await {
        Ok(signed) => signed,
        Err(fault) => return fault.page(visit),
    };
    let waiting = match provider.waiting(id, Some(&signed)).await {
        Ok(waiting) => waiting,
        Err(error) => return nothing(visit, &error),
    };
    let goes_to = waiting.goes_to.clone();
    let view = view(id, waiting, caller, wrong);
    let status = if wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    answer::html_leaving_to(status, page::allow::page(&view, &visit.frame(None)), &goes_to)
}

fn view(id: &str, waiting: Waiting, caller: &Caller, wrong_citizen: bool) -> AllowView {
    let named = waiting.detail.as_ref().and_then(|detail| detail.citizen.as_ref());
    let whose = match (named, caller.role) {
        (Some(_), Role::Citizen) => Whose::Own,
        (Some(_), _) => Whose::Named,
        (None, _) if waiting.needs_citizen => Whose::ToName,
        (None, _) => Whose::Open,
    };
    let may = waiting.scopes.iter().filter_map(|one| match one {
        One::Resource(_, kind, deeds) => Some((*kind, *deeds)),
        _ => None,
    });
    let identity = waiting.scopes.has(&One::OpenId);
    AllowView {
        request: id.to_owned(),
        purpose: waiting.detail.as_ref().map_or(caller.purpose, |detail| detail.purpose),
        may: may.collect(),
        desk: waiting.scopes.has(&One::Desk),
        identity,
        hours: waiting.hours(),
        whose,
        wrong_citizen,
        app: waiting.app,
        goes_to: waiting.goes_to,
    }
}

/// The person's own session. A token that an app holds decides nothing here, nor does a reason typed in an emergency.
pub(crate) fn session(visit: &Visit) -> Option<&Caller> {
    let with_token = visit.headers.contains_key(header::AUTHORIZATION);
    // Whoever came in with a desk's code alone reads; an app that comes back for months needs a passkey.
    if visit.session.as_ref().is_some_and(|session| session.by == By::Code) {
        return None;
    }
    visit
        .caller
        .as_ref()
        .filter(|caller| !with_token && caller.scope.is_none() && caller.purpose != Purpose::BreakGlass)
}

async fn signed(site: &Site, caller: &Caller) -> Result<Signed, Fault> {
    let citizen = match (caller.role, caller.citizen) {
        (_, None) => None,
        (_, Some(citizen)) => Some(sign_in::patient_of(site, citizen).await?.ok_or(Fault::NOT_SHOWN)?),
    };
    let detail = PurposeDetail {
        kind: "tsumugi_purpose".into(),
        person: caller.person.clone(),
        organization: caller.organization.clone(),
        role: caller.role,
        purpose: caller.purpose,
        citizen,
    };
    Ok(Signed { detail, since: caller.expires.plus_millis(-SESSION_MILLIS) })
}

/// The page of a request's name.
pub(crate) fn consent(id: &str) -> String {
    format!("/oauth/consent?request={id}")
}

/// The form of a request's name: nothing else is put into an address.
pub(crate) fn is_name(id: &str) -> bool {
    (1..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

/// To the app, without telling it from which page.
fn leave(address: &str) -> Response {
    let mut response = answer::see_other(address, []);
    response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

fn nothing(visit: &Visit, error: &OauthError) -> Response {
    let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_REQUEST);
    // A challenge belongs to 401, and a person has no use for one.
    let status = if status == StatusCode::UNAUTHORIZED { StatusCode::BAD_REQUEST } else { status };
    let again = error.status >= 429 || error.description.contains("begin again");
    let view = NoRequestView { detail: error.description.clone(), again };
    answer::html(status, page::allow::nothing(&view, &visit.frame(None)))
}

/// Where the form of signing in leads: to the app's request, if the person came for one.
pub(crate) fn after_sign_in(request: Option<&str>) -> String {
    request.filter(|id| is_name(id)).map_or_else(|| "/".to_owned(), consent)
}
