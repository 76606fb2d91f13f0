//! Signing in with a passkey or a desk's code, and as whom to go on. Outside development folders only.
//!
//! What must hold: every form is checked to be ours; each step gives the browser another cookie; what is wrong is told in
//! words that are the same whoever it is.

use axum::{extract::State, http::StatusCode, response::Response};
use tsumugi_access::Caller;
use tsumugi_kernel::{OrganizationKind, Purpose, Role};
use tsumugi_people::Organization;
use tsumugi_signin::{
    Gate,
    gate::{Answer, By, Choice, GateError, Sent, Session, Use},
};

use super::{Fault, Site, Visit, allow, answer, cookie, fault::broken, form};
use crate::page;
use crate::view::{CodeView, ComeInView, GoOn, GoOnView, Name, Trouble, WayFault, Who, Words};

/// What a person is told of a gate's refusal, or the page of something else.
pub(crate) fn told(error: GateError) -> Result<WayFault, Fault> {
    Ok(match error {
        GateError::Address => WayFault::Address,
        GateError::Challenge => WayFault::Challenge,
        GateError::Passkey => WayFault::Passkey,
        GateError::Copied => WayFault::Copied,
        GateError::Known => WayFault::Known,
        GateError::Many => WayFault::Many,
        GateError::Last => WayFault::Last,
        GateError::Mistyped => WayFault::Mistyped,
        GateError::Code => WayFault::Code,
        GateError::CodeUsed => WayFault::CodeUsed,
        GateError::CodeEnded => WayFault::CodeEnded,
        GateError::Often => WayFault::Often,
        GateError::Provider => WayFault::Provider,
        GateError::Stranger => WayFault::Stranger,
        GateError::Renewed => WayFault::Renewed,
        GateError::Number => WayFault::Number,
        GateError::Dead => WayFault::Dead,
        GateError::Licence(fault) => WayFault::Licence(fault),
        GateError::Own | GateError::NotOpen | GateError::Second => return Err(Fault::NOT_SHOWN),
        GateError::Ended => return Err(Fault::SignIn),
        GateError::Busy => return Err(Trouble::Busy.into()),
        GateError::Broken(what) => return Err(broken(&what)),
    })
}

/// A fault of the gate where no form can show it.
pub(crate) fn fault(error: GateError) -> Fault {
    match told(error) {
        Ok(_) => Trouble::BadInput.into(),
        Err(fault) => fault,
    }
}

pub(crate) fn gate(site: &Site) -> Result<&Gate, Fault> {
    site.gate().ok_or(Fault::NOT_SHOWN)
}

pub(crate) fn session(visit: &Visit) -> Result<&Session, Fault> {
    visit.session.as_ref().ok_or(Fault::SignIn)
}

/// The cookie of a session that begins.
pub(crate) fn begin(value: &str) -> Option<axum::http::HeaderValue> {
    cookie::set(cookie::SESSION, value, tsumugi_signin::SESSION_MILLIS / 1000)
}

/// `GET /sign-in`.
pub(crate) async fn form(site: &Site, visit: Visit) -> Response {
    if visit.session.is_some() && visit.caller.is_none() {
        return answer::see_other(&format!("/sign-in/as{}", asked(&visit)), []);
    }
    let request = visit.asked("request").filter(|id| allow::is_name(id)).map(str::to_owned);
    let expired = visit.session.is_none() && visit.had_session();
    show(site, visit, ComeInView { request, expired, ..ComeInView::default() }).await
}

async fn show(site: &Site, mut visit: Visit, view: ComeInView) -> Response {
    let nonce = visit.bind(site);
    let shown = async {
        let gate = gate(site)?;
        let challenge = match gate.site() {
            Ok(own) => Some((gate.challenge(Use::SignIn, &visit.bound).await.map_err(fault)?, own.id.clone())),
            Err(_) => None,
        };
        let provider = provider_name(gate, &visit);
        Ok(page::come_in::page(&ComeInView { challenge, provider, ..view.clone() }, &visit.frame(None)))
    };
    let mut response = match shown.await {
        Ok(page) => answer::html(status(view.fault), page),
        Err(fault) => return Fault::page(fault, &visit),
    };
    if let Some(nonce) = nonce {
        response.headers_mut().append(axum::http::header::SET_COOKIE, nonce);
    }
    response
}

pub(crate) const fn status(fault: Option<WayFault>) -> StatusCode {
    match fault {
        None => StatusCode::OK,
        Some(WayFault::Often) => StatusCode::TOO_MANY_REQUESTS,
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

/// `?request=` where the person came for an app.
fn asked(visit: &Visit) -> String {
    visit.asked("request").filter(|id| allow::is_name(id)).map(|id| format!("?request={id}")).unwrap_or_default()
}

/// `POST /sign-in/passkey` with a passkey's answer.
pub(crate) async fn passkey(State(site): State<Site>, visit: Visit, body: String) -> Response {
    let fields = form::pairs(&body);
    let text = |name| form::value(&fields, name).unwrap_or_default();
    let request = form::value(&fields, "request").filter(|id| allow::is_name(id)).map(str::to_owned);
    if !visit.is_own_form(&site, &fields) {
        return Fault::from(Trouble::StaleForm).page(&visit);
    }
    let said = Answer {
        id: text("id"),
        client: text("client"),
        data: text("data"),
        signature: text("signature"),
        handle: text("handle"),
    };
    let gate = match gate(&site) {
        Ok(gate) => gate,
        Err(fault) => return fault.page(&visit),
    };
    if said.id.is_empty() {
        let view = ComeInView { fault: Some(WayFault::Script), request, ..ComeInView::default() };
        return show(&site, visit, view).await;
    }
    match gate.sign_in(&visit.bound, &said).await {
        Ok(cookie) => went_in(&site, &visit, gate, &cookie, request.as_deref()).await,
        Err(error) => match told(error) {
            Ok(fault) => {
                let view = ComeInView { fault: Some(fault), request, ..ComeInView::default() };
                show(&site, visit, view).await
            }
            Err(fault) => fault.page(&visit),
        },
    }
}

/// After signing in: straight on where there is one choice, else to the page of choosing.
async fn went_in(site: &Site, visit: &Visit, gate: &Gate, cookie: &str, request: Option<&str>) -> Response {
    let only = async {
        let session = gate.session(cookie).await.map_err(fault)?;
        let choices = offered(site, gate, &session).await?;
        match choices.as_slice() {
            [one] if !one.needs_second && one.licence.is_none() => {
                gate.choose(&session, &one.code()).await.map(Some).map_err(fault)
            }
            _ => Ok(None),
        }
    };
    match only.await {
        Ok(Some(chosen)) => answer::see_other(&allow::after_sign_in(request), [begin(&chosen)]),
        Ok(None) => answer::see_other(&format!("/sign-in/as{}", page::come_in::query(request)), [begin(cookie)]),
        Err(fault) => fault.page(visit),
    }
}

/// `GET /sign-in/code`.
pub(crate) async fn code_form(State(site): State<Site>, visit: Visit) -> Response {
    let request = visit.asked("request").filter(|id| allow::is_name(id)).map(str::to_owned);
    show_code(&site, visit, CodeView { request, fault: None })
}

fn show_code(site: &Site, mut visit: Visit, view: CodeView) -> Response {
    if let Err(fault) = gate(site) {
        return fault.page(&visit);
    }
    let nonce = visit.bind(site);
    let mut response = answer::html(status(view.fault), page::come_in::code(&view, &visit.frame(None)));
    if let Some(nonce) = nonce {
        response.headers_mut().append(axum::http::header::SET_COOKIE, nonce);
    }
    response
}

/// `POST /sign-in/code` with `code`.
pub(crate) async fn code(State(site): State<Site>, visit: Visit, body: String) -> Response {
    let fields = form::pairs(&body);
    if !visit.is_own_form(&site, &fields) {
        return Fault::from(Trouble::StaleForm).page(&visit);
    }
    let request = form::value(&fields, "request").filter(|id| allow::is_name(id)).map(str::to_owned);
    let redeemed = match gate(&site) {
        Ok(gate) => gate.redeem(form::value(&fields, "code").unwrap_or_default()).await.map(|cookie| begin(&cookie)),
        Err(fault) => return fault.page(&visit),
    };
    match redeemed {
        Ok(cookie) => answer::see_other(&format!("/ways{}", page::come_in::query(request.as_deref())), [cookie]),
        Err(error) => match told(error) {
            Ok(fault) => show_code(&site, visit, CodeView { fault: Some(fault), request }),
            Err(fault) => fault.page(&visit),
        },
    }
}

/// `GET /sign-in/as`.
pub(crate) async fn go_on_form(State(site): State<Site>, visit: Visit) -> Response {
    let request = visit.asked("request").filter(|id| allow::is_name(id)).map(str::to_owned);
    show_go_on(&site, &visit, None, request).await
}

async fn show_go_on(site: &Site, visit: &Visit, wrong: Option<WayFault>, request: Option<String>) -> Response {
    let shown = async {
        let (gate, session) = (gate(site)?, session(visit)?);
        let choices = offered(site, gate, session).await?;
        let waits = choices.iter().any(|choice| choice.needs_second);
        let has = waits && gate.has_second(&session.person).await.map_err(fault)?;
        let person = site.desk().directory.person(&session.person).await?.ok_or(Fault::SignIn)?;
        let name = Name { text: person.name.clone(), kana: person.kana.clone() };
        let open = choices.iter().filter(|choice| !choice.needs_second && choice.licence.is_none());
        let mut unlicensed: Vec<_> = choices.iter().filter_map(|choice| Some((choice.role, choice.licence?))).collect();
        unlicensed.dedup();
        let view = GoOnView {
            choices: open.map(|choice| card(choice, &name, person.qualification.as_deref())).collect(),
            by_code: session.by == By::Code,
            second: waits && has,
            second_missing: waits && !has,
            unlicensed,
            until: (session.by == By::Code).then_some(session.ends),
            fault: wrong,
            request,
        };
        Ok(page::come_in::go_on(&view, &visit.frame(None)))
    };
    match shown.await {
        Ok(page) => answer::html(status(wrong), page),
        Err(fault) => Fault::page(fault, visit),
    }
}

fn card(choice: &Choice, name: &Name, qualification: Option<&str>) -> GoOn {
    let at_work = choice.organization_name.is_some();
    let who = Who {
        name: name.clone(),
        role: choice.role,
        qualification: qualification.filter(|_| at_work).map(Words::ja),
        organization: choice.organization_name.as_deref().map(Words::ja),
    };
    GoOn { code: choice.code(), who, purpose: choice.purpose }
}

/// The choices; acting for somebody only where there is somebody.
async fn offered(site: &Site, gate: &Gate, session: &Session) -> Result<Vec<Choice>, Fault> {
    let mut choices = gate.choices(session).await.map_err(fault)?;
    if let Some(place) = choices.iter().position(|choice| choice.role == Role::Proxy) {
        let home = Organization::new(choices[place].organization.clone(), "", OrganizationKind::Household);
        let named = (session.person.clone(), String::new());
        let proxy = Caller::new(named, &home, Role::Proxy, Purpose::FamilyRequest, session.ends);
        if site.desk().door.wards(&proxy).await?.is_empty() {
            choices.remove(place);
        }
    }
    Ok(choices)
}

/// `POST /sign-in/as` with `as`.
pub(crate) async fn go_on(State(site): State<Site>, visit: Visit, body: String) -> Response {
    let fields = form::pairs(&body);
    let request = form::value(&fields, "request").filter(|id| allow::is_name(id)).map(str::to_owned);
    let chosen = async {
        if !visit.is_own_form(&site, &fields) {
            return Err(Trouble::StaleForm.into());
        }
        let (gate, session) = (gate(&site)?, session(&visit)?);
        match gate.choose(session, form::value(&fields, "as").unwrap_or_default()).await {
            // Shown with what to do about it.
            Err(GateError::Licence(fault)) => Ok(Err(WayFault::Licence(fault))),
            done => Ok(Ok(done.map_err(fault)?)),
        }
    };
    match chosen.await {
        Ok(Err(wrong)) => show_go_on(&site, &visit, Some(wrong), request).await,
        Ok(Ok(cookie)) => answer::see_other(&allow::after_sign_in(request.as_deref()), [begin(&cookie)]),
        Err(fault) => Fault::page(fault, &visit),
    }
}

/// `POST /sign-in/second` with `number`.
pub(crate) async fn second(State(site): State<Site>, visit: Visit, body: String) -> Response {
    let fields = form::pairs(&body);
    let request = form::value(&fields, "request").filter(|id| allow::is_name(id)).map(str::to_owned);
    let given = async {
        if !visit.is_own_form(&site, &fields) {
            return Err(Trouble::StaleForm.into());
        }
        let (gate, session) = (gate(&site)?, session(&visit)?);
        Ok(gate.give_second(session, form::value(&fields, "number").unwrap_or_default()).await)
    };
    match given.await {
        Ok(Ok(cookie)) => {
            let path = format!("/sign-in/as{}", page::come_in::query(request.as_deref()));
            answer::see_other(&path, [begin(&cookie)])
        }
        Ok(Err(error)) => match told(error) {
            Ok(wrong) => show_go_on(&site, &visit, Some(wrong), request).await,
            Err(fault) => fault.page(&visit),
        },
        Err(fault) => Fault::page(fault, &visit),
    }
}

/// The external provider's name in the reader's language.
pub(crate) fn provider_name(gate: &Gate, visit: &Visit) -> Option<String> {
    let (ja, en) = gate.provider_names()?;
    Some(if visit.lang == crate::Lang::En { en } else { ja }.to_owned())
}

/// How long a person may be away at the external provider, in seconds: as long as its state holds.
const AWAY_SECONDS: i64 = 5 * 60;

/// `GET /sign-in/provider`: to the external provider. Nothing is kept, so a link suffices.
pub(crate) async fn to_provider(State(site): State<Site>, mut visit: Visit) -> Response {
    let nonce = visit.bind(&site);
    let request = visit.asked("request").filter(|id| allow::is_name(id)).unwrap_or_default();
    let away = cookie::set(cookie::REQUEST, request, if request.is_empty() { 0 } else { AWAY_SECONDS });
    match gate(&site) {
        Ok(gate) => match gate.to_provider(Sent::In, &visit.bound).await {
            Ok(address) => answer::see_other(&address, [nonce, away]),
            Err(error) => fault(error).page(&visit),
        },
        Err(fault) => fault.page(&visit),
    }
}

/// `GET /sign-in/provider/back` with `state` and `code`: from the external provider. Whoever is signed in has said whose the
/// certificate is; anybody else comes in by it.
pub(crate) async fn from_provider(State(site): State<Site>, visit: Visit) -> Response {
    let gate = match gate(&site) {
        Ok(gate) => gate,
        Err(fault) => return fault.page(&visit),
    };
    let brought = (visit.asked("state").unwrap_or_default(), visit.asked("code").unwrap_or_default());
    if let Some(session) = &visit.session {
        return match gate.link_provider(session, &visit.bound, brought).await {
            Ok(()) => answer::see_other("/ways?done=linked", []),
            Err(error) => super::ways::refused(&site, &visit, error, None).await,
        };
    }
    let request = cookie::get(&visit.headers, cookie::REQUEST).filter(|id| allow::is_name(id));
    match gate.from_provider(&visit.bound, brought).await {
        Ok(cookie) => went_in(&site, &visit, gate, &cookie, request.as_deref()).await,
        Err(error) => match told(error) {
            Ok(fault) => {
                let view = ComeInView { fault: Some(fault), request, ..ComeInView::default() };
                show(&site, visit, view).await
            }
            Err(fault) => fault.page(&visit),
        },
    }
}
