//! What the reader's organisation is asked: explanations for looks, corrections of what it wrote; and its answers.

use axum::{extract::State, response::Response};
use maud::Markup;
use tsumugi_access::{
    CaseAct,
    case::{About, REASON_MOST, Sanction, Saying},
};
use tsumugi_record::{
    office::OfficeView,
    review::{CaseEntry, LIST_MOST},
};

use super::{Fault, Site, Visit, answer, cases::is_ours, form, record::caller, review};
use crate::page;
use crate::parts::query_value;
use crate::view::{CaseFormFault, OfficeCaseView, OfficeCasesView, Trouble};

const BASE: &str = "/office/cases";

/// `GET /office/cases?all=&after=`.
pub(crate) async fn list(site: &Site, visit: &Visit) -> Result<Markup, Fault> {
    let all = visit.asked("all") == Some("1");
    let listed = site.desk().office_cases(caller(visit)?, !all, visit.asked("after"), LIST_MOST).await?;
    let list = if all { "all=1&" } else { "" };
    let view = OfficeCasesView {
        all,
        cases: listed.entries.iter().map(|entry| review::waiting(entry, BASE)).collect(),
        next: listed.next.map(|after| format!("{BASE}?{list}after={}", query_value(&after))),
        done: visit.asked("done").is_some(),
    };
    Ok(page::office_cases::page(&view, &visit.frame(None)))
}

/// `GET /office/cases/{id}`: leaves a leaf in the person's log.
pub(crate) async fn one(site: &Site, visit: &Visit) -> Result<Markup, Fault> {
    shown(site, visit, None, &[]).await
}

async fn shown(
    site: &Site,
    visit: &Visit,
    fault: Option<CaseFormFault>,
    fields: &[(String, String)],
) -> Result<Markup, Fault> {
    let case = site.desk().office_case(caller(visit)?, visit.param("id").unwrap_or_default()).await?;
    let concern = match &case.about {
        Some(About::Look { concern, .. }) => Some(*concern),
        _ => None,
    };
    let OfficeView { entry, words, looked, purpose, person, due, .. } = case;
    let view = OfficeCaseView {
        case: review::waiting(&entry, BASE),
        person: person.map(review::person),
        looked,
        purpose,
        concern,
        said: words.into_iter().map(|word| review::spoken(word, true)).collect(),
        may_answer: due.is_some(),
        chosen: form::value(fields, "act").and_then(CaseAct::from_code),
        written: form::value(fields, "words").unwrap_or_default().to_owned(),
        fault,
    };
    Ok(page::office_cases::one(&view, &visit.frame(None)))
}

/// `POST /office/cases/{id}/answer` with `act`, `words`, `said`.
pub(crate) async fn answer(State(site): State<Site>, visit: Visit, body: String) -> Response {
    let fields = form::pairs(&body);
    let outcome = async {
        caller(&visit)?;
        is_ours(&site, &visit, &fields)?;
        let act = form::value(&fields, "act").map(CaseAct::from_code);
        let said = form::value(&fields, "said").and_then(|text| text.parse().ok()).ok_or(Trouble::BadInput)?;
        match act {
            Some(Some(act)) if act.is_organizations() => {
                say(&site, &visit, act, form::value(&fields, "words").unwrap_or_default(), said).await
            }
            None => Ok(Err(CaseFormFault::NoAnswer)),
            _ => Err(Trouble::BadInput.into()),
        }
    };
    match outcome.await {
        Ok(Ok(_)) => answer::see_other("/office/cases?done=1", []),
        Ok(Err(fault)) => answer::page(&visit, shown(&site, &visit, Some(fault), &fields).await),
        Err(fault) => Fault::page(fault, &visit),
    }
}

/// Takes the organisation's answer, or says what is wrong with it.
pub(crate) async fn say(
    site: &Site,
    visit: &Visit,
    act: CaseAct,
    words: &str,
    said: usize,
) -> Result<Result<CaseEntry, CaseFormFault>, Fault> {
    let words = words.trim();
    if words.is_empty() {
        return Ok(Err(CaseFormFault::NoWords));
    }
    if words.chars().count() > REASON_MOST {
        return Ok(Err(CaseFormFault::ReasonTooLong(REASON_MOST)));
    }
    let id = visit.param("id").unwrap_or_default();
    let saying = Saying { act, reason: words, sanction: Sanction::default() };
    match site.desk().answer_case(caller(visit)?, id, said, saying).await {
        Ok(entry) => Ok(Ok(entry)),
        Err(error) => review::not_taken(error).map(Err),
    }
}
