//! A citizen calls others to account: objecting to a look, what became of it, and her own word in it.

use axum::{extract::State, response::Response};
use maud::Markup;
use tsumugi_access::{
    Action, Case, CaseAct, CaseError, CaseFault, CaseKind, CaseState, Look, Request,
    case::{About, Concern, REASON_MOST, Sanction, Saying, Turn},
};
use tsumugi_kernel::Role;

use super::{Fault, Site, Visit, answer, corrections, form, looks, record, review};
use crate::frame::Section;
use crate::page;
use crate::view::{CaseFormFault, CasesView, ObjectionForm, OwnCaseView, Trouble, WaitingCase};

/// `GET {base}/cases`: newest first.
pub(crate) async fn list(site: &Site, visit: &Visit) -> Result<Markup, Fault> {
    let open = record::open(site, visit, Action::AccessLog).await?;
    let base = Section::Cases.path(&open.subject().base);
    let cases = open.permit().cases().await?;
    let view = CasesView { cases: cases.iter().rev().map(|case| waiting(site, case, &base)).collect() };
    let frame = open.seal(visit).await?;
    Ok(page::cases::page(&view, &frame))
}

/// `GET {base}/cases/{case}`.
pub(crate) async fn one(site: &Site, visit: &Visit) -> Result<Markup, Fault> {
    shown(site, visit, None, "").await
}

async fn shown(site: &Site, visit: &Visit, fault: Option<CaseFormFault>, written: &str) -> Result<Markup, Fault> {
    let open = record::open(site, visit, Action::AccessLog).await?;
    let base = open.subject().base.clone();
    let cases = open.permit().cases().await?;
    let Some(case) = cases.into_iter().find(|case| Some(id(site, case).as_str()) == visit.param("case")) else {
        open.seal(visit).await?;
        return Err(Fault::NOT_SHOWN);
    };
    let look = match case.kind {
        CaseKind::Correction => None,
        _ => looks::all(&open).await?.into_iter().find(|look| case.covers(&look.part)),
    };
    let document = case.fact().map(|key| format!("{base}/{}", corrections::address(site, key)));
    let concern = match &case.about {
        Some(About::Look { concern, .. }) => Some(*concern),
        _ => None,
    };
    let view = OwnCaseView {
        about: look.map(|look| format!("{}/{}", Section::Looks.path(&base), look.number)).or(document),
        concern,
        may_reply: case.kind.is_citizens() && case.state() == CaseState::Answered,
        may_withdraw: case.kind.is_citizens() && case.turn() != Turn::Nobody,
        done: visit.asked("done").and_then(CaseAct::from_code),
        written: written.to_owned(),
        fault,
        case: waiting(site, &case, &Section::Cases.path(&base)),
        // What supervisors write to each other about a broken glass is theirs.
        said: said(case),
    };
    let frame = open.seal(visit).await?;
    Ok(page::cases::one(&view, &frame))
}

fn said(case: Case) -> Vec<crate::view::CaseSaid> {
    let in_full = case.kind.is_citizens();
    case.words.into_iter().map(|word| review::spoken(word, in_full)).collect()
}

/// `POST {base}/looks/{number}/objection` with `concern`, `words`: one button.
pub(crate) async fn object(State(site): State<Site>, visit: Visit, body: String) -> Response {
    let fields = form::pairs(&body);
    let words = form::value(&fields, "words").unwrap_or_default().trim();
    let concern = form::value(&fields, "concern").map_or(Some(Concern::Other), Concern::from_code);
    let outcome = async {
        let caller = record::caller(&visit)?;
        is_ours(&site, &visit, &fields)?;
        let concern = concern.ok_or(Trouble::BadInput)?;
        let number: u64 = visit.param("number").and_then(|text| text.parse().ok()).ok_or(Fault::NOT_SHOWN)?;
        let (citizen, base) = record::whose(&site, &visit)?;
        if words.chars().count() > REASON_MOST {
            return Ok(None);
        }
        let permit = site.desk().door.admit(Request { caller, action: Action::Object, citizen }).await?;
        let cases = Section::Cases.path(&base);
        match site.desk().door.object(permit, number, concern, words).await {
            Ok((case, _)) => Ok(Some(format!("{cases}/{}?done=object", id(&site, &case)))),
            // Sent twice, or by another who acts for her: there is one.
            Err(CaseError::Fault(CaseFault::Twice)) => Ok(Some(cases)),
            Err(error) => Err(error.into()),
        }
    };
    match outcome.await {
        Ok(Some(path)) => answer::see_other(&path, []),
        Ok(None) => {
            let form = ObjectionForm {
                chosen: concern,
                written: words.to_owned(),
                fault: Some(CaseFormFault::ReasonTooLong(REASON_MOST)),
                ..ObjectionForm::default()
            };
            answer::page(&visit, looks::with_form(&site, &visit, form).await)
        }
        Err(fault) => Fault::page(fault, &visit),
    }
}

/// `POST {base}/cases/{case}/reply` with `act`, `words`, `said`.
pub(crate) async fn reply(State(site): State<Site>, visit: Visit, body: String) -> Response {
    let fields = form::pairs(&body);
    let reason = form::value(&fields, "words").unwrap_or_default().trim();
    let outcome = async {
        let caller = record::caller(&visit)?;
        is_ours(&site, &visit, &fields)?;
        let act = match form::value(&fields, "act").map(CaseAct::from_code) {
            Some(Some(act @ (CaseAct::Accept | CaseAct::Insist))) => act,
            None => return Ok(Err(CaseFormFault::NothingChosen)),
            _ => return Err(Trouble::BadInput.into()),
        };
        let said: usize = form::value(&fields, "said").and_then(|text| text.parse().ok()).ok_or(Trouble::BadInput)?;
        if act == CaseAct::Insist && reason.is_empty() {
            return Ok(Err(CaseFormFault::NoWords));
        }
        if reason.chars().count() > REASON_MOST {
            return Ok(Err(CaseFormFault::ReasonTooLong(REASON_MOST)));
        }
        let (citizen, base) = record::whose(&site, &visit)?;
        let permit = site.desk().door.admit(Request { caller, action: Action::Object, citizen }).await?;
        let key = visit.param("case").and_then(|id| site.desk().record.sealer().open(id));
        let known = match key {
            Some(key) => site.desk().door.case(key.number).await?.filter(|case| case.citizen == key.citizen),
            None => None,
        };
        let Some(mut read) = known.filter(|case| permit.opens(case.citizen) && said <= case.words.len()) else {
            permit.seal(tsumugi_access::Shown::none()).await?;
            return Err(Fault::NOT_SHOWN);
        };
        read.words.truncate(said);
        let saying = Saying { act, reason, sanction: Sanction::default() };
        match site.desk().door.say(permit, &read, saying).await {
            Ok((case, _)) => Ok(Ok(format!("{}/{}?done={}", Section::Cases.path(&base), id(&site, &case), act.code()))),
            Err(error) => review::not_taken(error.into()).map(Err),
        }
    };
    match outcome.await {
        Ok(Ok(path)) => answer::see_other(&path, []),
        Ok(Err(fault)) => answer::page(&visit, shown(&site, &visit, Some(fault), reason).await),
        Err(fault) => Fault::page(fault, &visit),
    }
}

pub(crate) fn is_ours(site: &Site, visit: &Visit, fields: &[(String, String)]) -> Result<(), Fault> {
    if visit.is_own_form(site, fields) { Ok(()) } else { Err(Trouble::StaleForm.into()) }
}

/// The sealed name of a case.
pub(crate) fn id(site: &Site, case: &Case) -> String {
    site.desk().case_entry(case).id
}

/// A case as lists show it.
pub(crate) fn waiting(site: &Site, case: &Case, base: &str) -> WaitingCase {
    review::waiting(&site.desk().case_entry(case), base)
}

/// What a look's page offers: to object, or the objection that there is.
pub(crate) async fn offered(
    site: &Site,
    visit: &Visit,
    open: &record::Open,
    look: &Look,
    form: ObjectionForm,
) -> Result<ObjectionForm, Fault> {
    let base = &open.subject().base;
    let cases = open.permit().cases().await?;
    let raised = cases.iter().find(|case| case.kind == CaseKind::Objection && case.covers(&look.part));
    let reader = &record::caller(visit)?.person;
    let own = look.part.role == Role::Citizen.code() || look.part.person.id == reader.as_str();
    let path = (!own).then(|| format!("{}/{}/objection", Section::Looks.path(base), look.number));
    let raised = raised.map(|case| waiting(site, case, &Section::Cases.path(base)));
    Ok(ObjectionForm { path, raised, ..form })
}
