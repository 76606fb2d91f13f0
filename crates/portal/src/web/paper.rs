//! `/desk/objections`: a clerk of the municipality takes down an objection that somebody hands in on paper. The clerk sees
//! nothing of the log: the person names the look by its number on the print.

use axum::{extract::State, response::Response};
use jiff::civil::Date;
use maud::Markup;
use tsumugi_access::{
    Action, CaseError, CaseFault, Refusal, Request,
    case::{Concern, REASON_MOST},
};
use tsumugi_kernel::{Purpose, Role};

use super::{Fault, Site, Visit, answer, cases::is_ours, form, record, staff};
use crate::page;
use crate::view::{PaperFault, PaperView, Trouble};

/// `GET /desk/objections`.
pub(crate) async fn form(_: &Site, visit: &Visit) -> Result<Markup, Fault> {
    clerk(visit)?;
    let done = visit.asked("done").and_then(|day| day.parse().ok());
    Ok(page::paper::page(&PaperView { done, ..PaperView::default() }, &visit.frame(None)))
}

/// `POST /desk/objections` with `number`, `look`, `concern`, `words`.
pub(crate) async fn take_down(State(site): State<Site>, visit: Visit, body: String) -> Response {
    let fields = form::pairs(&body);
    let text = |name: &str| form::value(&fields, name).unwrap_or_default().trim().to_owned();
    let view = PaperView {
        number: text("number"),
        look: text("look"),
        concern: form::value(&fields, "concern").and_then(Concern::from_code),
        written: text("words"),
        ..PaperView::default()
    };
    let outcome = async {
        clerk(&visit)?;
        is_ours(&site, &visit, &fields)?;
        take(&site, &visit, &view).await
    };
    match outcome.await {
        Ok(Ok(deadline)) => answer::see_other(&format!("/desk/objections?done={deadline}"), []),
        Ok(Err(faults)) => {
            let page = page::paper::page(&PaperView { faults, ..view }, &visit.frame(None));
            answer::page(&visit, Ok(page))
        }
        Err(fault) => fault.page(&visit),
    }
}

fn clerk(visit: &Visit) -> Result<(), Fault> {
    let caller = record::caller(visit)?;
    let desk = (caller.role, caller.purpose) == (Role::Municipality, Purpose::RecordManagement);
    if desk { Ok(()) } else { Err(Fault::NOT_SHOWN) }
}

/// Takes it down: the day of the deadline, or what is wrong.
async fn take(site: &Site, visit: &Visit, view: &PaperView) -> Result<Result<Date, Vec<PaperFault>>, Fault> {
    let look: Option<u64> = staff::narrow(&view.look).parse().ok();
    let mut faults = Vec::new();
    if view.number.is_empty() {
        faults.push(PaperFault::Number);
    }
    if look.is_none() {
        faults.push(PaperFault::Look);
    }
    if view.written.chars().count() > REASON_MOST {
        faults.push(PaperFault::TooLong(REASON_MOST));
    }
    let Some(look) = look.filter(|_| faults.is_empty()) else { return Ok(Err(faults)) };
    let caller = record::caller(visit)?;
    let Some(citizen) = staff::known_as(site, caller, &view.number).await? else {
        return Ok(Err(vec![PaperFault::Nobody]));
    };
    let permit = match site.desk().door.admit(Request { caller, action: Action::Object, citizen }).await {
        Ok(permit) => permit,
        Err(Refusal::NotOpen { .. }) => return Ok(Err(vec![PaperFault::Nobody])),
        Err(refusal) => return Err(refusal.into()),
    };
    match site.desk().door.object(permit, look, view.concern.unwrap_or_default(), &view.written).await {
        Ok((case, _)) => Ok(Ok(case.deadline)),
        Err(CaseError::Fault(CaseFault::Twice)) => Ok(Err(vec![PaperFault::Twice])),
        Err(CaseError::Fault(CaseFault::Nothing)) => Ok(Err(vec![PaperFault::Look])),
        Err(CaseError::Fault(CaseFault::Full)) => Err(Trouble::Busy.into()),
        Err(error) => Err(error.into()),
    }
}
