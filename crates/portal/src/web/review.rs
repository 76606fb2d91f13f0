//! The supervising body's pages: the queue of cases, the closed ones, one case, whose record it is, the judgement, lifting.

use std::collections::{BTreeMap, BTreeSet};

use axum::{extract::State, response::Response};
use maud::Markup;
use tsumugi_access::{
    CaseAct, CaseError, CaseFault, CaseState, CaseVerdict, Look,
    case::{About, CaseWord, Party, Penalty, REASON_MOST, Sanction, Saying},
};
use tsumugi_kernel::{Kind, Role};
use tsumugi_ledger::look::parse_ranges;
use tsumugi_record::review::{CaseEntry, CasePerson, CaseView, LIST_MOST, ReviewError};

use super::{Fault, Site, Visit, answer, fault::broken, form, looks, record::caller};
use crate::page;
use crate::page::review_case::PENALTY_DAYS;
use crate::parts::query_value;
use crate::read::words;
use crate::view::{
    CaseFormFault, CasePersonView, CaseSaid, CaseStand, Name, ReviewCaseView, ReviewQueueView, ShownKind, Trouble,
    WaitingCase, Who, Words,
};

const QUEUE: &str = "/review";

/// `GET /review?closed=`: the open cases by deadline, or the closed ones, without the persons.
pub(crate) async fn queue(site: &Site, visit: &Visit) -> Result<Markup, Fault> {
    let closed = visit.asked("closed") == Some("1");
    let (desk, caller, after) = (site.desk(), caller(visit)?, visit.asked("after"));
    let listed = if closed {
        desk.closed_cases(caller, after, LIST_MOST).await?
    } else {
        desk.cases(caller, after, LIST_MOST).await?
    };
    let list = if closed { "closed=1&" } else { "" };
    let view = ReviewQueueView {
        closed,
        cases: listed.entries.iter().map(|entry| waiting(entry, QUEUE)).collect(),
        next: listed.next.map(|after| format!("{QUEUE}?{list}after={}", query_value(&after))),
        done: visit.asked("done").and_then(CaseAct::from_code).filter(|act| act.is_supervisors()),
    };
    Ok(page::review_queue::page(&view, &visit.frame(None)))
}

/// `GET /review/{id}`: one case without the person; leaves a leaf in her log.
pub(crate) async fn case(site: &Site, visit: &Visit) -> Result<Markup, Fault> {
    let case = site.desk().case_of(caller(visit)?, visit.param("id").unwrap_or_default()).await?;
    Ok(show(site, visit, case, Vec::new(), &[]))
}

/// `POST /review/{id}/name`: the same with the person; a look of its own.
pub(crate) async fn name(State(site): State<Site>, visit: Visit, body: String) -> Response {
    let page = async {
        let caller = caller(&visit)?;
        is_ours(&site, &visit, &form::pairs(&body))?;
        let case = site.desk().named_case(caller, visit.param("id").unwrap_or_default()).await?;
        Ok(show(&site, &visit, case, Vec::new(), &[]))
    };
    answer::page(&visit, page.await)
}

/// `POST /review/{id}/judgement` with `verdict`, `reason`, `said`, `penalty`, `report`.
pub(crate) async fn judge(State(site): State<Site>, visit: Visit, body: String) -> Response {
    let fields = form::pairs(&body);
    let said = say(&site, &visit, &fields).await;
    told(&site, &visit, &fields, said).await
}

/// `POST /review/{id}/lift` with `reason`, `said`.
pub(crate) async fn lift(State(site): State<Site>, visit: Visit, body: String) -> Response {
    let fields = form::pairs(&body);
    let said = async {
        let caller = caller(&visit)?;
        is_ours(&site, &visit, &fields)?;
        let (reason, said) = (form::value(&fields, "reason").unwrap_or_default().trim(), count(&fields)?);
        let id = visit.param("id").unwrap_or_default();
        match site.desk().lift_suspension(caller, id, said, reason).await {
            Ok(_) => Ok(Ok(CaseAct::Lift)),
            Err(error) => not_taken(error).map(|fault| Err(vec![fault])),
        }
    };
    let said = said.await;
    told(&site, &visit, &fields, said).await
}

/// Where a word led: to the queue, or back to the case with what is wrong.
async fn told(
    site: &Site,
    visit: &Visit,
    fields: &[(String, String)],
    said: Result<Result<CaseAct, Vec<CaseFormFault>>, Fault>,
) -> Response {
    match said {
        Ok(Ok(act)) => answer::see_other(&format!("{QUEUE}?done={}", act.code()), []),
        Ok(Err(faults)) => {
            let page = async {
                let (caller, id) = (caller(visit)?, visit.param("id").unwrap_or_default());
                // Who had the name before them keeps it: by a look of its own, as before.
                let case = match form::value(fields, "named") {
                    Some("1") => site.desk().named_case(caller, id).await?,
                    _ => site.desk().case_of(caller, id).await?,
                };
                Ok(show(site, visit, case, faults, fields))
            };
            answer::page(visit, page.await)
        }
        Err(fault) => fault.page(visit),
    }
}

fn count(fields: &[(String, String)]) -> Result<usize, Fault> {
    form::value(fields, "said").and_then(|text| text.parse().ok()).ok_or(Trouble::BadInput.into())
}

fn is_ours(site: &Site, visit: &Visit, fields: &[(String, String)]) -> Result<(), Fault> {
    if visit.is_own_form(site, fields) { Ok(()) } else { Err(Trouble::StaleForm.into()) }
}

/// Takes a supervisor's word, or says what is wrong with it.
async fn say(
    site: &Site,
    visit: &Visit,
    fields: &[(String, String)],
) -> Result<Result<CaseAct, Vec<CaseFormFault>>, Fault> {
    let caller = caller(visit)?;
    is_ours(site, visit, fields)?;
    let verdict = form::value(fields, "verdict").and_then(CaseVerdict::from_code);
    let reason = form::value(fields, "reason").unwrap_or_default().trim();
    let (said, sanction) = (count(fields)?, sanction(fields)?);
    let mut faults = Vec::new();
    if verdict.is_none() {
        faults.push(CaseFormFault::NothingChosen);
    } else if verdict != Some(CaseVerdict::Unfit) && !sanction.is_none() {
        faults.push(CaseFormFault::Sanction);
    }
    if reason.is_empty() {
        faults.push(CaseFormFault::NoReason);
    } else if reason.chars().count() > REASON_MOST {
        faults.push(CaseFormFault::ReasonTooLong(REASON_MOST));
    }
    let Some(verdict) = verdict.filter(|_| faults.is_empty()) else { return Ok(Err(faults)) };
    let (id, act) = (visit.param("id").unwrap_or_default(), CaseAct::from(verdict));
    match site.desk().judge_case(caller, id, said, Saying { act, reason, sanction }).await {
        Ok(_) => Ok(Ok(act)),
        Err(error) => not_taken(error).map(|fault| Err(vec![fault])),
    }
}

/// What follows, as the form says it.
fn sanction(fields: &[(String, String)]) -> Result<Sanction, Fault> {
    let penalty = match form::value(fields, "penalty").unwrap_or("none") {
        "none" => Penalty::None,
        "warning" => Penalty::Warning,
        "until-lifted" => Penalty::UntilLifted,
        code => {
            let days = code.strip_prefix("days-").and_then(|days| days.parse().ok());
            Penalty::Days(days.filter(|days| PENALTY_DAYS.contains(days)).ok_or(Trouble::BadInput)?)
        }
    };
    Ok(Sanction { penalty, report: form::value(fields, "report") == Some("1") })
}

/// What to tell whoever's word is not taken; what does not concern them is not there.
pub(crate) fn not_taken(error: ReviewError) -> Result<CaseFormFault, Fault> {
    match error {
        ReviewError::Case(CaseError::Fault(fault)) => match fault {
            CaseFault::Oneself => Ok(CaseFormFault::Oneself),
            CaseFault::Reason => Ok(CaseFormFault::NoReason),
            CaseFault::Judged | CaseFault::Overtaken | CaseFault::Twice => Ok(CaseFormFault::Overtaken),
            CaseFault::Full => Ok(CaseFormFault::Full),
            CaseFault::NotYet => Ok(CaseFormFault::NotYet),
            CaseFault::NotCorrected => Ok(CaseFormFault::NotCorrected),
            CaseFault::Sanction => Ok(CaseFormFault::Sanction),
            CaseFault::NotSupervisor | CaseFault::Absent | CaseFault::Nothing => Err(Fault::NOT_SHOWN),
        },
        error => Err(error.into()),
    }
}

fn show(site: &Site, visit: &Visit, case: CaseView, faults: Vec<CaseFormFault>, fields: &[(String, String)]) -> Markup {
    let newest = case.looks.last();
    let reason = case.looks.iter().find_map(|look| look.part.reason.as_deref());
    let waiting = waiting(&case.entry, QUEUE);
    let (looked, concern) = match &case.about {
        Some(About::Look { time, concern, .. }) => (Some(*time), Some(*concern)),
        _ => (None, None),
    };
    let view = ReviewCaseView {
        path: waiting.path.clone(),
        reason: reason.map(|reason| words(reason, visit.lang)),
        shown: kinds(&case.looks),
        looks: u32::try_from(case.looks.len()).unwrap_or(u32::MAX),
        rule: newest.map(|look| looks::rule(site, look, visit.lang)),
        lately: u32::try_from(case.lately).unwrap_or(u32::MAX),
        person: case.person.map(person),
        said: case.words.into_iter().map(|word| spoken(word, true)).collect(),
        concern,
        looked,
        judged_now: case.judged_now,
        suspended: case.suspension.map(|suspension| suspension.until),
        penalty: form::value(fields, "penalty").map(str::to_owned),
        report: form::value(fields, "report") == Some("1"),
        chosen: form::value(fields, "verdict").map(str::to_owned),
        written: form::value(fields, "reason").unwrap_or_default().to_owned(),
        case: waiting,
        faults,
    };
    page::review_case::page(&view, &visit.frame(None))
}

/// A case as lists show it; its page lies under `base`.
pub(crate) fn waiting(entry: &CaseEntry, base: &str) -> WaitingCase {
    WaitingCase {
        path: format!("{base}/{}", entry.id),
        kind: entry.kind,
        who: who(&entry.looker),
        opened: entry.opened,
        deadline: entry.deadline,
        stand: stand(entry.state),
        odd: entry.reasons.clone(),
        turn: entry.turn,
        late: entry.late,
        closed: entry.closed,
    }
}

fn who(party: &Party) -> Who {
    Who {
        name: Name::plain(party.name.as_str()),
        role: party.role,
        qualification: party.qualification.as_deref().map(Words::ja),
        organization: Some(Words::ja(party.organization_name.as_str())),
    }
}

/// Where a case stands, as pages say it.
pub(crate) const fn stand(state: CaseState) -> CaseStand {
    match state {
        CaseState::Open => CaseStand::Waiting,
        CaseState::Asked | CaseState::Judged(CaseVerdict::Explain) => CaseStand::Asked,
        CaseState::Answered => CaseStand::Answered,
        CaseState::Upheld => CaseStand::Upheld,
        CaseState::Settled => CaseStand::Settled,
        CaseState::Judged(CaseVerdict::Fine) => CaseStand::Fine,
        CaseState::Judged(CaseVerdict::Unfit) => CaseStand::Unfit,
    }
}

/// One word; with its reason where that is for the reader.
pub(crate) fn spoken(word: CaseWord, in_full: bool) -> CaseSaid {
    let home = matches!(word.by.role, Role::Citizen | Role::Proxy);
    CaseSaid {
        name: (!home).then(|| Name::plain(word.by.name)),
        role: word.by.role,
        act: word.act,
        reason: in_full.then_some(word.reason),
        at: word.at,
        sanction: word.sanction,
    }
}

pub(crate) fn person(person: CasePerson) -> CasePersonView {
    CasePersonView {
        name: person.name.map(|text| Name { text, kana: person.kana }),
        birth: person.birth_date.and_then(|text| text.parse().ok()),
    }
}

/// What looks showed together, in kinds; a fact that was shown twice counts once.
fn kinds(looks: &[Look]) -> Vec<ShownKind> {
    let mut kinds: BTreeMap<Kind, BTreeSet<(u64, u64)>> = BTreeMap::new();
    for (name, numbers) in looks.iter().flat_map(|look| &look.part.shown) {
        if let (Some(kind), Some(ranges)) = (Kind::from_name(name), parse_ranges(numbers)) {
            kinds.entry(kind).or_default().extend(ranges);
        }
    }
    let count = crate::read::looks::count;
    kinds.into_iter().map(|(kind, ranges)| ShownKind { kind, count: count(&ranges) }).collect()
}

/// What does not concern a supervisor is not there for anybody else.
impl From<ReviewError> for Fault {
    fn from(error: ReviewError) -> Self {
        match error {
            ReviewError::Absent | ReviewError::Case(CaseError::Fault(_)) => Self::NOT_SHOWN,
            ReviewError::People(error) => error.into(),
            ReviewError::WhatIf(error) => broken(&error),
            ReviewError::Case(error) => error.into(),
        }
    }
}

impl From<CaseError> for Fault {
    fn from(error: CaseError) -> Self {
        match error {
            CaseError::Fault(_) => Self::NOT_SHOWN,
            CaseError::Refused(error) => error.into(),
            CaseError::Seal(error) => error.into(),
            CaseError::Looks(error) => error.into(),
            CaseError::Store(error) => error.into(),
            CaseError::Commit(error) => error.into(),
            CaseError::Row => broken(&error),
        }
    }
}
