//! The desk's pages: whether two records are one person's. The deeds are those of `/api/desk`.

use axum::{extract::State, response::Response};
use maud::Markup;
use tsumugi_people::{ClerkWord, DecideFault, MatchState, MergeFault, Opinion, QueueReason, decide::REASON_MOST};
use tsumugi_record::matches::{LIST_MOST, MatchEntry, MatchError, MatchView, MergeEntry, Party};

use super::{Fault, Site, Visit, answer, form, record::caller};
use crate::page;
use crate::view::{
    MatchDone, MatchFault, MatchPairView, MatchPerson, MatchQueueView, MatchReason, MatchSaid, MatchTurn, MatchVerdict,
    MergeRow, MergesView, Name, Sex, Trouble, WaitingPair, Words,
};
use crate::{Lang, parts::query_value};

const QUEUE: &str = "/desk/matches";
const MERGES: &str = "/desk/merges";

/// `GET /desk/matches`: the pairs that wait, without names.
pub(crate) async fn queue(site: &Site, visit: &Visit) -> Result<Markup, Fault> {
    let listed = site.desk().matches(caller(visit)?, visit.asked("after"), LIST_MOST).await.map_err(fault)?;
    let view = MatchQueueView {
        pairs: listed.entries.iter().map(waiting).collect(),
        next: listed.next.map(|after| format!("{QUEUE}?after={}", query_value(&after))),
        done: visit.asked("done").and_then(done),
    };
    Ok(page::match_queue::page(&view, &visit.frame(None)))
}

/// `GET /desk/matches/{id}`: one pair with names; leaves a leaf for both.
pub(crate) async fn pair(site: &Site, visit: &Visit) -> Result<Markup, Fault> {
    show(site, visit, Vec::new(), &[]).await
}

/// `POST /desk/matches/{id}/proposal`.
pub(crate) async fn propose(State(site): State<Site>, visit: Visit, body: String) -> Response {
    decide(&site, &visit, &body, Word::First).await
}

/// `POST /desk/matches/{id}/confirmation`.
pub(crate) async fn confirm(State(site): State<Site>, visit: Visit, body: String) -> Response {
    decide(&site, &visit, &body, Word::Second).await
}

/// `GET /desk/merges`: what was made one, without names.
pub(crate) async fn merges(site: &Site, visit: &Visit) -> Result<Markup, Fault> {
    merged(site, visit, None).await
}

/// `POST /desk/merges/{id}/undo`.
pub(crate) async fn undo(State(site): State<Site>, visit: Visit, body: String) -> Response {
    let fields = form::pairs(&body);
    if let Err(fault) = is_ours(&site, &visit, &fields) {
        return fault.page(&visit);
    }
    let id = visit.param("id").unwrap_or_default();
    let reason = form::value(&fields, "reason").unwrap_or_default();
    let outcome = async {
        match site.desk().unmerge(caller(&visit)?, id, reason).await {
            Ok(_) => Ok(None),
            Err(MatchError::Decide(DecideFault::Reason)) => Ok(Some(reason_fault(reason))),
            Err(MatchError::Decide(DecideFault::Oneself)) => Ok(Some(MatchFault::Oneself)),
            Err(MatchError::Merge(MergeFault::NotMerged)) => Ok(Some(MatchFault::Overtaken)),
            Err(error) => Err(fault(error)),
        }
    };
    match outcome.await {
        Ok(None) => answer::see_other(&format!("{QUEUE}?done=taken-apart"), []),
        Ok(Some(fault)) => {
            let page = merged(&site, &visit, Some((format!("{MERGES}/{id}"), fault))).await;
            answer::page(&visit, page)
        }
        Err(fault) => fault.page(&visit),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Word {
    First,
    Second,
}

fn is_ours(site: &Site, visit: &Visit, fields: &[(String, String)]) -> Result<(), Fault> {
    if visit.caller.is_none() {
        return Err(Fault::SignIn);
    }
    if visit.is_own_form(site, fields) { Ok(()) } else { Err(Trouble::StaleForm.into()) }
}

async fn decide(site: &Site, visit: &Visit, body: &str, word: Word) -> Response {
    let fields = form::pairs(body);
    if let Err(fault) = is_ours(site, visit, &fields) {
        return fault.page(visit);
    }
    match say(site, visit, &fields, word).await {
        Ok(Ok(done)) => answer::see_other(&format!("{QUEUE}?done={done}"), []),
        Ok(Err(faults)) => {
            let page = show(site, visit, faults, &fields).await;
            answer::page(visit, page)
        }
        Err(fault) => fault.page(visit),
    }
}

/// Takes a clerk's word: what it led to, or what is wrong with it.
async fn say(
    site: &Site,
    visit: &Visit,
    fields: &[(String, String)],
    word: Word,
) -> Result<Result<&'static str, Vec<MatchFault>>, Fault> {
    let id = visit.param("id").unwrap_or_default();
    let chosen = form::value(fields, "verdict").unwrap_or_default();
    let reason = form::value(fields, "reason").unwrap_or_default().trim();
    let opinion = Opinion::from_code(chosen);
    let agrees = [("confirm", true), ("disagree", false)].into_iter().find(|(code, _)| *code == chosen).map(|it| it.1);
    let mut faults = Vec::new();
    if (word == Word::First && opinion.is_none()) || (word == Word::Second && agrees.is_none()) {
        faults.push(MatchFault::NothingChosen);
    }
    if reason.is_empty() || reason.chars().count() > REASON_MOST {
        faults.push(reason_fault(reason));
    }
    if !faults.is_empty() {
        return Ok(Err(faults));
    }
    let caller = caller(visit)?;
    let decided = match (word, opinion, agrees) {
        (Word::First, Some(opinion), _) => site.desk().propose(caller, id, opinion, reason).await,
        (_, _, agrees) => site.desk().confirm(caller, id, agrees.unwrap_or_default(), reason).await,
    };
    Ok(match decided {
        Ok(decided) => Ok(match decided.state {
            MatchState::Proposed => "proposed",
            MatchState::Waiting => "sent-back",
            MatchState::Different => "kept-apart",
            MatchState::Same(_) => "joined",
        }),
        Err(MatchError::Decide(fault)) => Err(vec![match fault {
            DecideFault::SameClerk => MatchFault::SameClerk,
            DecideFault::Oneself => MatchFault::Oneself,
            DecideFault::Reason => reason_fault(reason),
            _ => MatchFault::Overtaken,
        }]),
        Err(error) => return Err(fault(error)),
    })
}

fn reason_fault(reason: &str) -> MatchFault {
    if reason.trim().is_empty() { MatchFault::NoReason } else { MatchFault::ReasonTooLong(REASON_MOST) }
}

async fn show(
    site: &Site,
    visit: &Visit,
    faults: Vec<MatchFault>,
    fields: &[(String, String)],
) -> Result<Markup, Fault> {
    let id = visit.param("id").unwrap_or_default();
    let MatchView { entry, one, other, said, .. } = site.desk().match_of(caller(visit)?, id).await.map_err(fault)?;
    let likeness = entry.likeness.as_ref().map(|found| found.levels.words()).unwrap_or_default();
    let alone = entry.reason == QueueReason::TwoNumbers;
    let view = MatchPairView {
        path: format!("{QUEUE}/{id}"),
        reason: reason(entry.reason),
        likely_percent: likely(&entry),
        persons: if alone { vec![person(one)] } else { vec![person(one), person(other)] },
        likeness: likeness
            .into_iter()
            .map(|words| if visit.lang != Lang::En { Words::ja(words.ja) } else { Words::en(words.en) })
            .collect(),
        said: said.into_iter().map(spoken).collect(),
        turn: turn(&entry),
        chosen: form::value(fields, "verdict").map(str::to_owned),
        written: form::value(fields, "reason").unwrap_or_default().to_owned(),
        faults,
    };
    Ok(page::match_pair::page(&view, &visit.frame(None)))
}

async fn merged(site: &Site, visit: &Visit, fault_at: Option<(String, MatchFault)>) -> Result<Markup, Fault> {
    let listed = site.desk().merges(caller(visit)?, visit.asked("after"), LIST_MOST).await.map_err(fault)?;
    let view = MergesView {
        merges: listed.entries.into_iter().map(row).collect(),
        next: listed.next.map(|after| format!("{MERGES}?after={}", query_value(&after))),
        fault: fault_at,
    };
    Ok(page::merges::page(&view, &visit.frame(None)))
}

fn row(merge: MergeEntry) -> MergeRow {
    MergeRow {
        path: format!("{MERGES}/{}", merge.id),
        at: merge.at,
        by: merge.by.into_iter().map(|clerk| Name::plain(clerk.name)).collect(),
        undone: merge.undone.map(|undone| (Name::plain(undone.by.name), undone.at, undone.reason)),
        open: merge
            .open
            .into_iter()
            .filter(|open| open.settled.is_none())
            .map(|open| (open.source.to_string(), open.count))
            .collect(),
    }
}

fn waiting(entry: &MatchEntry) -> WaitingPair {
    WaitingPair {
        path: format!("{QUEUE}/{}", entry.id),
        reason: reason(entry.reason),
        since: entry.since.civil().date(),
        likely_percent: likely(entry),
        turn: turn(entry),
    }
}

/// Of a million chances, per cent, rounded down: nobody is told 100 where it is not certain.
fn likely(entry: &MatchEntry) -> Option<u32> {
    entry.likeness.as_ref().map(|found| found.percent())
}

const fn reason(reason: QueueReason) -> MatchReason {
    match reason {
        QueueReason::Contradiction => MatchReason::Contradiction,
        QueueReason::NameAndBirth | QueueReason::Likeness => MatchReason::Likeness,
        QueueReason::TwoNumbers => MatchReason::TwoNumbers,
    }
}

const fn turn(entry: &MatchEntry) -> MatchTurn {
    match entry.state {
        MatchState::Waiting => MatchTurn::First,
        MatchState::Proposed if entry.own_proposal => MatchTurn::Another,
        MatchState::Proposed => MatchTurn::Second,
        MatchState::Different => MatchTurn::Closed(MatchVerdict::Different),
        MatchState::Same(_) => MatchTurn::Closed(MatchVerdict::Same),
    }
}

fn person(party: Party) -> MatchPerson {
    MatchPerson {
        name: party.name.map(|text| Name { text, kana: party.kana }),
        birth: party.birth_date.and_then(|text| text.parse().ok()),
        sex: party.sex.map(|sex| match sex {
            tsumugi_people::Sex::Female => Sex::Female,
            tsumugi_people::Sex::Male => Sex::Male,
            tsumugi_people::Sex::Other => Sex::Other,
            tsumugi_people::Sex::Unknown => Sex::Unknown,
        }),
        numbers: party.identifiers.into_iter().map(|identifier| identifier.value).collect(),
        sources: party.sources,
    }
}

fn spoken(said: ClerkWord) -> MatchSaid {
    MatchSaid {
        name: Name::plain(said.clerk.name),
        organization: said.clerk.organization_name,
        verdict: match said.opinion {
            Opinion::Same => MatchVerdict::Same,
            Opinion::Different => MatchVerdict::Different,
            Opinion::CannotSay => MatchVerdict::CannotSay,
        },
        confirms: said.confirms,
        reason: said.reason,
        at: said.at,
    }
}

fn done(code: &str) -> Option<MatchDone> {
    Some(match code {
        "proposed" => MatchDone::Proposed,
        "sent-back" => MatchDone::SentBack,
        "joined" => MatchDone::Joined,
        "kept-apart" => MatchDone::KeptApart,
        "taken-apart" => MatchDone::TakenApart,
        _ => return None,
    })
}

/// What does not concern a desk is not there for it.
fn fault(error: MatchError) -> Fault {
    match error {
        MatchError::Absent | MatchError::NotClerk => Fault::NOT_SHOWN,
        MatchError::Refused(refusal) => refusal.into(),
        MatchError::People(error) | MatchError::Merge(MergeFault::People(error)) => error.into(),
        MatchError::Record(error) => error.into(),
        MatchError::Decide(_) | MatchError::Merge(_) => Trouble::Busy.into(),
    }
}
