//! The supervising body's pages: the queue of cases, one case, whose record it is, the judgement.

use std::collections::{BTreeMap, BTreeSet};

use axum::{extract::State, response::Response};
use maud::Markup;
use tsumugi_access::{
    CaseError, CaseFault, CaseState, CaseVerdict, Look,
    case::{CaseWord, Party, REASON_MOST},
};
use tsumugi_kernel::Kind;
use tsumugi_ledger::look::parse_ranges;
use tsumugi_record::review::{CaseEntry, CasePerson, CaseView, LIST_MOST, ReviewError};

use super::{Fault, Site, Visit, answer, fault::broken, form, looks, record::caller};
use crate::page;
use crate::parts::query_value;
use crate::read::words;
use crate::view::{
    CaseFormFault, CasePersonView, CaseSaid, CaseStand, Name, ReviewCaseView, ReviewQueueView, ShownKind, Trouble,
    WaitingCase, Who, Words,
};

const QUEUE: &str = "/review";

/// `GET /review`: the cases that wait, without the persons.
pub(crate) async fn queue(site: &Site, visit: &Visit) -> Result<Markup, Fault> {
    let listed = site.desk().cases(caller(visit)?, visit.asked("after"), LIST_MOST).await?;
    let done = match visit.asked("done") {
        Some("fine") => Some(CaseStand::Fine),
        Some("explain") => Some(CaseStand::Asked),
        Some("unfit") => Some(CaseStand::Unfit),
        _ => None,
    };
    let view = ReviewQueueView {
        cases: listed.entries.iter().map(waiting).collect(),
        next: listed.next.map(|after| format!("{QUEUE}?after={}", query_value(&after))),
        done,
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

/// `POST /review/{id}/judgement` with `verdict`, `reason`, `said`.
pub(crate) async fn judge(State(site): State<Site>, visit: Visit, body: String) -> Response {
    let fields = form::pairs(&body);
    match say(&site, &visit, &fields).await {
        Ok(Ok(verdict)) => answer::see_other(&format!("{QUEUE}?done={}", verdict.code()), []),
        Ok(Err(faults)) => {
            let page = async {
                let case = site.desk().case_of(caller(&visit)?, visit.param("id").unwrap_or_default()).await?;
                Ok(show(&site, &visit, case, faults, &fields))
            };
            answer::page(&visit, page.await)
        }
        Err(fault) => fault.page(&visit),
    }
}

fn is_ours(site: &Site, visit: &Visit, fields: &[(String, String)]) -> Result<(), Fault> {
    if visit.is_own_form(site, fields) { Ok(()) } else { Err(Trouble::StaleForm.into()) }
}

/// Takes a supervisor's word, or says what is wrong with it.
async fn say(
    site: &Site,
    visit: &Visit,
    fields: &[(String, String)],
) -> Result<Result<CaseVerdict, Vec<CaseFormFault>>, Fault> {
    let caller = caller(visit)?;
    is_ours(site, visit, fields)?;
    let verdict = form::value(fields, "verdict").and_then(CaseVerdict::from_code);
    let reason = form::value(fields, "reason").unwrap_or_default().trim();
    let said: usize = form::value(fields, "said").and_then(|text| text.parse().ok()).ok_or(Trouble::BadInput)?;
    let mut faults = Vec::new();
    if verdict.is_none() {
        faults.push(CaseFormFault::NothingChosen);
    }
    if reason.is_empty() {
        faults.push(CaseFormFault::NoReason);
    } else if reason.chars().count() > REASON_MOST {
        faults.push(CaseFormFault::ReasonTooLong(REASON_MOST));
    }
    let Some(verdict) = verdict.filter(|_| faults.is_empty()) else { return Ok(Err(faults)) };
    let id = visit.param("id").unwrap_or_default();
    match site.desk().judge_case(caller, id, said, verdict, reason).await {
        Ok(_) => Ok(Ok(verdict)),
        Err(ReviewError::Case(CaseError::Fault(fault))) => match fault {
            CaseFault::Oneself => Ok(Err(vec![CaseFormFault::Oneself])),
            CaseFault::Reason => Ok(Err(vec![CaseFormFault::NoReason])),
            CaseFault::Judged | CaseFault::Overtaken => Ok(Err(vec![CaseFormFault::Overtaken])),
            CaseFault::Full => Ok(Err(vec![CaseFormFault::Full])),
            CaseFault::NotSupervisor | CaseFault::Absent => Err(Fault::NOT_SHOWN),
        },
        Err(error) => Err(error.into()),
    }
}

fn show(site: &Site, visit: &Visit, case: CaseView, faults: Vec<CaseFormFault>, fields: &[(String, String)]) -> Markup {
    let newest = case.looks.last();
    let reason = case.looks.iter().find_map(|look| look.part.reason.as_deref());
    let waiting = waiting(&case.entry);
    let view = ReviewCaseView {
        path: waiting.path.clone(),
        reason: reason.map(|reason| words(reason, visit.lang)),
        shown: kinds(&case.looks),
        looks: u32::try_from(case.looks.len()).unwrap_or(u32::MAX),
        rule: newest.map(|look| looks::rule(site, look, visit.lang)),
        lately: u32::try_from(case.lately).unwrap_or(u32::MAX),
        person: case.person.map(person),
        said: case.words.into_iter().map(spoken).collect(),
        chosen: form::value(fields, "verdict").map(str::to_owned),
        written: form::value(fields, "reason").unwrap_or_default().to_owned(),
        case: waiting,
        faults,
    };
    page::review_case::page(&view, &visit.frame(None))
}

fn waiting(entry: &CaseEntry) -> WaitingCase {
    WaitingCase {
        path: format!("{QUEUE}/{}", entry.id),
        who: who(&entry.looker),
        opened: entry.opened,
        deadline: entry.deadline,
        stand: stand(entry.state),
        odd: entry.reasons.clone(),
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
        CaseState::Judged(CaseVerdict::Fine) => CaseStand::Fine,
        CaseState::Judged(CaseVerdict::Unfit) => CaseStand::Unfit,
    }
}

fn person(person: CasePerson) -> CasePersonView {
    CasePersonView {
        name: person.name.map(|text| Name { text, kana: person.kana }),
        birth: person.birth_date.and_then(|text| text.parse().ok()),
    }
}

fn spoken(word: CaseWord) -> CaseSaid {
    CaseSaid {
        name: Name::plain(word.by.name),
        stand: match word.verdict {
            CaseVerdict::Fine => CaseStand::Fine,
            CaseVerdict::Explain => CaseStand::Asked,
            CaseVerdict::Unfit => CaseStand::Unfit,
        },
        reason: word.reason,
        at: word.at,
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
