//! `/desk/codes`: a clerk of the municipality hands a citizen the code for a first passkey, after seeing who it is; the
//! registrar of an organisation hands one to somebody on its roster.
//!
//! What must hold: a code for a citizen leaves a leaf before it is shown, with the document that was seen; a mistyped number
//! gives nobody somebody else's code, since the birth date on the document must be the person's; nobody hands one to
//! themself.

use axum::{extract::State, response::Response};
use maud::Markup;
use tsumugi_access::{Action, Caller, Refusal, Request};
use tsumugi_kernel::{CitizenId, PersonId, Purpose, Role};
use tsumugi_people::{Person, identify::birth_of};
use tsumugi_signin::gate::{Code, GateError, Handed, Identity, Lost};

use super::{
    Fault, Site, Visit, answer,
    come_in::{fault, gate},
    form, record, staff,
};
use crate::page;
use crate::view::{DeskCodeFault, DeskCodeView, HandedView, Trouble};

/// `GET /desk/codes`.
pub(crate) async fn form(site: &Site, visit: &Visit) -> Result<Markup, Fault> {
    let licences = gate(site)?.asks_licences();
    let citizens = desk(record::caller(visit)?)?;
    Ok(page::desk_codes::page(&DeskCodeView { citizens, licences, ..DeskCodeView::default() }, &visit.frame(None)))
}

/// `POST /desk/codes` with `number`, `birth`, `identity`, `lost`.
pub(crate) async fn hand(State(site): State<Site>, visit: Visit, body: String) -> Response {
    let fields = form::pairs(&body);
    let text = |name: &str| form::value(&fields, name).unwrap_or_default().trim().to_owned();
    let identity = form::value(&fields, "identity");
    let identity = identity.and_then(|code| Identity::OF_CITIZENS.into_iter().find(|one| one.code() == code));
    let handed = async {
        if !visit.is_own_form(&site, &fields) {
            return Err(Trouble::StaleForm.into());
        }
        let caller = record::caller(&visit)?;
        let view = DeskCodeView {
            citizens: desk(caller)?,
            licences: gate(&site)?.asks_licences(),
            number: text("number"),
            birth: staff::narrow(&text("birth")),
            identity,
            lost: form::value(&fields, "lost") == Some("yes"),
            faults: Vec::new(),
        };
        let handed = if view.citizens {
            to_citizen(&site, caller, &view).await?
        } else {
            to_staff(&site, caller, &view).await?
        };
        let frame = visit.frame(None);
        Ok(match handed {
            Ok(code) => page::desk_codes::handed(&paper(&site, &code, !view.citizens)?, &frame),
            Err(faults) => page::desk_codes::page(&DeskCodeView { faults, ..view }, &frame),
        })
    };
    let page = handed.await;
    answer::page(&visit, page)
}

/// Whether it is the municipality's desk; no page for anybody else but registrars.
fn desk(caller: &Caller) -> Result<bool, Fault> {
    match (caller.role, caller.purpose) {
        (Role::Municipality, Purpose::RecordManagement) => Ok(true),
        (Role::Registrar, Purpose::RecordManagement) => Ok(false),
        _ => Err(Fault::NOT_SHOWN),
    }
}

type Outcome = Result<Result<Code, Vec<DeskCodeFault>>, Fault>;

async fn to_citizen(site: &Site, caller: &Caller, view: &DeskCodeView) -> Outcome {
    let (gate, birth) = (gate(site)?, birth_of(&view.birth));
    let mut faults = Vec::new();
    if view.number.is_empty() {
        faults.push(DeskCodeFault::Number);
    }
    if birth.is_none() {
        faults.push(DeskCodeFault::Birth);
    }
    if view.identity.is_none() {
        faults.push(DeskCodeFault::Identity);
    }
    let (Some(birth), Some(identity)) = (birth.filter(|_| faults.is_empty()), view.identity) else {
        return Ok(Err(faults));
    };
    let nobody = || Ok(Err(vec![DeskCodeFault::Nobody]));
    let Some(citizen) = staff::known_as(site, caller, &view.number).await? else { return nobody() };
    let row = site.desk().directory.citizen(citizen).await?;
    let Some(row) = row.filter(|row| row.birth_date.as_deref() == Some(&birth.to_string())) else { return nobody() };
    // What was seen stands in the leaf, beside who saw it.
    let clerk = Caller { reason: Some(format!("本人確認: {}", identity.ja())), ..caller.clone() };
    let request = Request { caller: &clerk, action: Action::Standing, citizen };
    let permit = match site.desk().door.admit(request).await {
        Ok(permit) => permit,
        Err(Refusal::NotOpen { .. } | Refusal::OutsideTable { .. }) => return nobody(),
        Err(refusal) => return Err(refusal.into()),
    };
    let person = match signing_in(site, citizen).await {
        Ok(Some(person)) => person,
        Ok(None) => made(site, citizen, row.name.as_deref(), row.kana.as_deref()).await?,
        Err(fault) => return Err(fault),
    };
    let lost = if view.lost { Lost::All } else { Lost::Nothing };
    told(gate.hand_to_citizen(permit, &Handed { person: &person, identity, lost }).await)
}

async fn to_staff(site: &Site, caller: &Caller, view: &DeskCodeView) -> Outcome {
    let Ok(person) = PersonId::new(&view.number) else { return Ok(Err(vec![DeskCodeFault::Number])) };
    let lost = if view.lost { Lost::All } else { Lost::Nothing };
    told(gate(site)?.hand_to_staff(caller, &Handed { person: &person, identity: Identity::Staff, lost }).await)
}

fn told(handed: Result<Code, GateError>) -> Outcome {
    match handed {
        Ok(code) => Ok(Ok(code)),
        Err(GateError::Own) => Ok(Err(vec![DeskCodeFault::Own])),
        Err(GateError::NotOpen) => Ok(Err(vec![DeskCodeFault::Nobody])),
        Err(error) => Err(fault(error)),
    }
}

/// Whoever signs in and is that citizen, on whichever shelf.
async fn signing_in(site: &Site, citizen: CitizenId) -> Result<Option<PersonId>, Fault> {
    let directory = &site.desk().directory;
    for shelf in directory.shelves(citizen).await?.all() {
        if let Some(known) = directory.signing_in_as(*shelf).await?.first() {
            return Ok(Some(known.id.clone()));
        }
    }
    Ok(None)
}

/// Somebody new who signs in. Without a code nobody comes in as them.
async fn made(site: &Site, citizen: CitizenId, name: Option<&str>, kana: Option<&str>) -> Result<PersonId, Fault> {
    let id = PersonId::new(&format!("c-{}", site.random())).map_err(|error| super::fault::broken(&error))?;
    let person = Person {
        kana: kana.map(str::to_owned),
        roles: vec![Role::Citizen],
        citizen: Some(citizen),
        ..Person::named(id.clone(), name.unwrap_or_default())
    };
    site.desk().directory.register(&[person], &[]).await?;
    Ok(id)
}

fn paper(site: &Site, code: &Code, staff: bool) -> Result<HandedView, Fault> {
    let address = format!("{}/sign-in/code", site.provider().ok_or(Fault::NOT_SHOWN)?.issuer());
    // It ends within this day; the day before is the last that is whole.
    let until = code.until.plus_millis(-24 * 60 * 60 * 1000).civil().date();
    Ok(HandedView { code: code.grouped(), until, address, staff })
}
