//! `/review/disaster`: the supervising body proposes, confirms, extends and closes openings of the disaster mode.

use axum::{extract::State, response::Response};
use jiff::civil::DateTime;
use maud::Markup;
use tsumugi_access::{
    DisasterAct, DisasterError, DisasterFault, Opening,
    case::supervises,
    disaster::{DisasterSaying, Proposal},
};
use tsumugi_kernel::{Instant, clock::japan};
use tsumugi_people::Area;

use super::{Fault, Site, Visit, answer, disaster, form, record, staff::narrow};
use crate::page;
use crate::view::{Name, OpeningDesk, OpeningForm, OpeningsView, SearchRow, Trouble};

const DESK: &str = "/review/disaster";
/// Openings that the page lists, the newest.
const LISTED_MOST: usize = 50;
/// Searches that are listed under an opening.
const SEARCHES_LISTED: usize = 20;

/// `GET /review/disaster`.
pub(crate) async fn desk(site: &Site, visit: &Visit) -> Result<Markup, Fault> {
    let done = visit.asked("done").and_then(DisasterAct::from_code);
    let form = OpeningForm { form: site.random(), ..OpeningForm::default() };
    show(site, visit, OpeningsView { done, form, ..OpeningsView::default() }).await
}

/// `POST /review/disaster`: proposes an opening.
pub(crate) async fn propose(State(site): State<Site>, visit: Visit, body: String) -> Response {
    let fields = form::pairs(&body);
    let text = |name: &str| form::value(&fields, name).unwrap_or_default().trim().to_owned();
    let typed = OpeningForm {
        form: text("form"),
        place: text("place"),
        areas: text("areas"),
        reason: text("reason"),
        from: text("from"),
        until: text("until"),
    };
    let outcome = async {
        supervisor(&site, &visit, Some(&fields))?;
        let done = match proposal(&typed, visit.now) {
            Ok(proposal) => site.desk().door.propose_opening(record::caller(&visit)?, proposal).await,
            Err(fault) => Err(fault.into()),
        };
        taken(&site, &visit, (done.map(|_| DisasterAct::Propose), None), typed).await
    };
    outcome.await.unwrap_or_else(|fault| fault.page(&visit))
}

/// `POST /review/disaster/{number}` with `act`, `read`, `until`, `reason`.
pub(crate) async fn say(State(site): State<Site>, visit: Visit, body: String) -> Response {
    let fields = form::pairs(&body);
    let outcome = async {
        supervisor(&site, &visit, Some(&fields))?;
        let number = visit.param("number").and_then(|text| text.parse().ok()).ok_or(Fault::NOT_SHOWN)?;
        let act = form::value(&fields, "act").and_then(DisasterAct::from_code).ok_or(Trouble::BadInput)?;
        let read = form::value(&fields, "read").and_then(|text| text.parse().ok()).ok_or(Trouble::BadInput)?;
        let until = form::value(&fields, "until").and_then(moment);
        let reason = form::value(&fields, "reason").unwrap_or_default();
        let saying = DisasterSaying { act, read, until, reason };
        let done = site.desk().door.say_of_opening(record::caller(&visit)?, number, saying).await;
        let form = OpeningForm { form: site.random(), ..OpeningForm::default() };
        taken(&site, &visit, (done.map(|_| act), Some(number)), form).await
    };
    outcome.await.unwrap_or_else(|fault| fault.page(&visit))
}

/// Whether a supervisor asks, and by our own form.
fn supervisor(site: &Site, visit: &Visit, fields: Option<&[(String, String)]>) -> Result<(), Fault> {
    if !supervises(record::caller(visit)?) {
        return Err(Fault::NOT_SHOWN);
    }
    if fields.is_some_and(|fields| !visit.is_own_form(site, fields)) { Err(Trouble::StaleForm.into()) } else { Ok(()) }
}

/// Where it led: to the list, or back with what is wrong.
async fn taken(
    site: &Site,
    visit: &Visit,
    (done, about): (Result<DisasterAct, DisasterError>, Option<u64>),
    form: OpeningForm,
) -> Result<Response, Fault> {
    match done {
        Ok(act) => Ok(answer::see_other(&format!("{DESK}?done={}", act.code()), [])),
        Err(DisasterError::Fault(fault)) => {
            let view = OpeningsView { fault: Some((about, fault)), form, ..OpeningsView::default() };
            Ok(answer::page(visit, show(site, visit, view).await))
        }
        Err(error) => Err(error.into()),
    }
}

fn proposal(typed: &OpeningForm, now: Instant) -> Result<Proposal, DisasterFault> {
    let codes = typed.areas.split(|c: char| c.is_whitespace() || matches!(c, ',' | '、' | '，'));
    let codes: Vec<String> = codes.map(narrow).filter(|code| !code.is_empty()).collect();
    let areas: Result<Vec<Area>, _> = codes.iter().map(|code| Area::read(code)).collect();
    let from = if typed.from.is_empty() { Some(now) } else { moment(&typed.from) };
    Ok(Proposal {
        form: typed.form.chars().take(64).collect(),
        place: typed.place.clone(),
        areas: areas.map_err(|_| DisasterFault::Areas)?,
        reason: typed.reason.clone(),
        from: from.ok_or(DisasterFault::Period)?,
        until: moment(&typed.until).ok_or(DisasterFault::Period)?,
    })
}

/// A day and time in Japan, as a form sends it: `2026-11-29T18:00`.
pub(crate) fn moment(text: &str) -> Option<Instant> {
    let civil: DateTime = text.parse().ok()?;
    Some(Instant(civil.to_zoned(japan()).ok()?.timestamp().as_millisecond()))
}

async fn show(site: &Site, visit: &Visit, mut view: OpeningsView) -> Result<Markup, Fault> {
    supervisor(site, visit, None)?;
    for opening in site.desk().door.openings().await?.iter().take(LISTED_MOST) {
        view.openings.push(listed(site, visit, opening).await?);
    }
    Ok(page::openings::page(&view, &visit.frame(None)))
}

async fn listed(site: &Site, visit: &Visit, opening: &Opening) -> Result<OpeningDesk, Fault> {
    let caller = record::caller(visit)?;
    let row = disaster::row(site, opening, visit.now, &|word| Some(disaster::told(word, true))).await?;
    let extension = opening.extension(visit.now);
    let first = opening.words.first().and_then(|word| word.by.person.as_ref());
    let waits = extension.map_or(first, |(_, by)| Some(by));
    let searched = site.desk().door.searches_under(opening.number).await?;
    let search = |one: &tsumugi_access::disaster::Searched| SearchRow {
        name: Name::plain(one.name.as_str()),
        organization: one.organization_name.clone(),
        at: one.at,
    };
    Ok(OpeningDesk {
        row,
        read: opening.words.len(),
        extension: extension.map(|(until, _)| until),
        own: waits == Some(&caller.person),
        searches: (searched.len(), searched.iter().take(SEARCHES_LISTED).map(search).collect()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_of_japan_and_codes_of_either_width() {
        assert_eq!(moment("1970-01-01T09:00"), Some(Instant(0)));
        assert_eq!(moment("1970-01-01"), Some(Instant(-9 * 3_600_000)), "a day begins at midnight");
        assert_eq!(moment("tomorrow"), None);
        let typed = OpeningForm {
            areas: "４９２０１、13 131016".into(),
            until: "2026-11-29T18:00".into(),
            ..OpeningForm::default()
        };
        let read = proposal(&typed, Instant(5)).unwrap();
        let areas: Vec<String> = read.areas.iter().map(ToString::to_string).collect();
        assert_eq!((areas.join(" ").as_str(), read.from), ("49201 13 13101", Instant(5)));
        let wrong = OpeningForm { areas: "131017".into(), ..typed.clone() };
        assert_eq!(proposal(&wrong, Instant(5)), Err(DisasterFault::Areas));
        assert_eq!(proposal(&OpeningForm { until: String::new(), ..typed }, Instant(5)), Err(DisasterFault::Period));
    }
}
