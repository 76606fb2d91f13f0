//! Who looked: the list, one look, and the proof.

use std::collections::{HashMap, HashSet};

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use maud::Markup;
use tsumugi_access::{Action, Look, disaster::CARRIED};
use tsumugi_kernel::{Instant, Kind, OrganizationId, OrganizationKind, PersonId, Purpose};
use tsumugi_ledger::look::Decision;

use super::{Fault, Site, Visit, answer, cases, fault::broken, record, review};
use crate::Lang;
use crate::page;
use crate::read::{looks as read, looks_file as file, own, words};
use crate::view::{
    LookBy, LookCase, LookFilter, LookView, LooksView, ObjectionForm, Proof, ProofFile, ProofWitnesses, RuleWords,
    Trouble, Words,
};

/// Looks opened at once.
const CHUNK: u64 = 4_096;
/// Longest text that is looked for, in characters.
const TEXT_MOST: usize = 100;

/// Every look at the record, oldest first.
pub(crate) async fn all(open: &record::Open) -> Result<Vec<Look>, Fault> {
    let total = open.permit().looks_count().await?;
    let mut looks = Vec::new();
    let mut from = 1;
    while from <= total {
        let to = total.min(from + CHUNK - 1);
        looks.extend(open.permit().looks(from, to).await?);
        from = to + 1;
    }
    Ok(looks)
}

/// `GET {base}/looks?text=&by=&purpose=&kind=&from=&to=&page=`.
pub(crate) async fn list(site: &Site, visit: &Visit) -> Result<Markup, Fault> {
    let filter = filter(visit)?;
    let open = record::open(site, visit, Action::AccessLog).await?;
    let looks = all(&open).await?;
    let found = narrowed(site, &looks, &filter).await?;
    let hospitals = hospitals(site, &found).await?;
    let known = known(site, &looks, &found).await?;
    let groups = read::groups(&found, &known, &|place| hospitals.contains(place), visit.lang);
    let (groups, pager) = read::paged(groups, page_number(visit));
    let view = LooksView {
        total: looks.len() as u64,
        found: found.len() as u64,
        filter,
        sorts: read::sorts(&looks),
        kinds: read::kinds(&looks),
        proof: proof_state(site, visit).await,
        proof_file: proof_file(site, &open),
        groups,
        pager,
    };
    let frame = open.seal(visit).await?;
    Ok(page::looks::page(&view, &frame))
}

/// The looks that a filter leaves. How names are read is asked only where something is looked for by name.
pub(crate) async fn narrowed<'a>(site: &Site, looks: &'a [Look], filter: &LookFilter) -> Result<Vec<&'a Look>, Fault> {
    let named: Vec<&Look> = if filter.text.is_some() { looks.iter().collect() } else { Vec::new() };
    Ok(read::narrowed(looks, filter, &readings(site, &named).await?))
}

/// `GET {base}/looks/csv` with the list's filter: a table that a person opens.
pub(crate) async fn csv(site: &Site, visit: &Visit) -> Result<Response, Fault> {
    let filter = filter(visit)?;
    let open = record::open(site, visit, Action::AccessLog).await?;
    let looks = all(&open).await?;
    let found = narrowed(site, &looks, &filter).await?;
    let known = known(site, &looks, &found).await?;
    let table = file::csv(&found, &known, &|look| rule(site, look, visit.lang), visit.lang);
    open.seal(visit).await?;
    Ok(saved("text/csv; charset=utf-8", "attachment; filename=\"looks.csv\"", table))
}

/// `GET {base}/looks/json` with the list's filter: the same for a program, with the proofs of the whole log, so that each
/// look can be held against it.
pub(crate) async fn json(site: &Site, visit: &Visit) -> Result<Response, Fault> {
    let filter = filter(visit)?;
    let open = record::open(site, visit, Action::AccessLog).await?;
    let looks = all(&open).await?;
    let found = narrowed(site, &looks, &filter).await?;
    site.desk().record.publish().await?;
    let proof = open.permit().proofs(&site.0.vkey).await?.to_json().map_err(|fault| broken(&fault))?;
    let proof: serde_json::Value = serde_json::from_slice(&proof).map_err(|fault| broken(&fault))?;
    let looks = super::api::looks_of(site, &looks, &found, visit.lang);
    let body = serde_json::json!({ "format": "tsumugi-looks/1", "looks": looks, "proof": proof });
    open.seal(visit).await?;
    Ok(saved("application/json", "attachment; filename=\"looks.json\"", body.to_string()))
}

fn saved(kind: &'static str, disposition: &'static str, body: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static(disposition)),
    ];
    answer::private((StatusCode::OK, headers, body).into_response())
}

/// `GET {base}/looks/{number}`.
pub(crate) async fn one(site: &Site, visit: &Visit) -> Result<Markup, Fault> {
    with_form(site, visit, ObjectionForm::default()).await
}

/// The same with what was typed into the form of an objection.
pub(crate) async fn with_form(site: &Site, visit: &Visit, form: ObjectionForm) -> Result<Markup, Fault> {
    let number: u64 = visit.param("number").and_then(|text| text.parse().ok()).unwrap_or(0);
    let open = record::open(site, visit, Action::AccessLog).await?;
    let looks = all(&open).await?;
    let Some(look) = looks.iter().find(|look| look.number == number) else {
        open.seal(visit).await?;
        return Err(Fault::NOT_SHOWN);
    };
    let view = LookView {
        row: read::row(look, &known(site, &looks, &[look]).await?, visit.lang),
        reason: look.part.reason.as_deref().map(|reason| words(reason, visit.lang)),
        disaster: opening(site, look).await?,
        offline: look.part.offline.map(Instant),
        rule: rule(site, look, visit.lang),
        total: looks.len() as u64,
        proof: proof_state(site, visit).await,
        proof_file: proof_file(site, &open),
        case: case(&open, look).await?,
        objection: cases::offered(site, visit, &open, look, form).await?,
    };
    let frame = open.seal(visit).await?;
    Ok(page::look::page(&view, &frame))
}

/// The region for which the disaster mode was open.
async fn opening(site: &Site, look: &Look) -> Result<Option<String>, Fault> {
    let Some(number) = look.part.opening else { return Ok(None) };
    Ok(site.desk().door.opening(number).await?.map(|opening| opening.place))
}

/// `GET /api/…/looks/proof`: the file that `tsumugi verify` reads. Everything is published first, so that nothing in it
/// is pending; the leaf of this look itself comes after it.
pub(crate) async fn proof(site: &Site, visit: &Visit) -> Result<Response, Fault> {
    let open = record::open(site, visit, Action::AccessLog).await?;
    // While the turn is held nobody offers a later checkpoint, so that the witnesses can sign the one of this proof.
    let circle = site.circle();
    let turn = match circle {
        Some(circle) => circle.turn().await,
        None => None,
    };
    site.desk().record.publish().await?;
    let mut proof = open.permit().proofs(&site.0.vkey).await?;
    if let (Some(circle), Some(_)) = (circle, &turn)
        && let Some(first) = proof.proofs.first()
    {
        let cosigned = circle.offer(&first.checkpoint).await.map_err(|fault| broken(&fault))?;
        proof.proofs.iter_mut().for_each(|proof| proof.checkpoint.clone_from(&cosigned.note));
    }
    drop(turn);
    let json = proof.to_json().map_err(|fault| broken(&fault))?;
    open.seal(visit).await?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"looks-proof.json\"")),
    ];
    Ok(answer::private((StatusCode::OK, headers, json).into_response()))
}

/// What the query narrows to. A day or purpose that cannot be read is said, not passed over: a list that seems
/// narrowed and is not would mislead.
pub(crate) fn filter(visit: &Visit) -> Result<LookFilter, Fault> {
    let day =
        |name: &str| visit.asked(name).map(|text| text.parse().map_err(|_| Fault::from(Trouble::BadInput))).transpose();
    let purpose = visit.asked("purpose").map(|code| Purpose::from_code(code).ok_or(Fault::from(Trouble::BadInput)));
    let text = visit.asked("text").map(str::trim).filter(|text| !text.is_empty());
    if text.is_some_and(|text| text.chars().count() > TEXT_MOST) {
        return Err(Trouble::BadInput.into());
    }
    let kind = visit.asked("kind").map(|name| Kind::from_name(name).ok_or(Fault::from(Trouble::BadInput)));
    let sort = |code: &str| LookBy::ALL.iter().find(|(_, own)| *own == code).map(|(by, _)| *by);
    let by = visit.asked("by").map(|code| sort(code).ok_or(Fault::from(Trouble::BadInput)));
    Ok(LookFilter {
        text: text.map(str::to_owned),
        by: by.transpose()?,
        kind: kind.transpose()?,
        purpose: purpose.transpose()?,
        from: day("from")?,
        to: day("to")?,
    })
}

/// `page=`, from 1.
pub(crate) fn page_number(visit: &Visit) -> u32 {
    visit.asked("page").and_then(|text| text.parse().ok()).unwrap_or(1)
}

/// Brings every leaf under a checkpoint and says so; where that fails, the proof is pending, a normal state.
pub(crate) async fn proof_state(site: &Site, visit: &Visit) -> Proof {
    match site.desk().record.publish().await {
        Ok(()) => Proof::Covered { at: visit.now },
        Err(error) => {
            tracing::warn!(%error, "no checkpoint could be published");
            Proof::Pending
        }
    }
}

fn proof_file(site: &Site, open: &record::Open) -> ProofFile {
    let witnesses = site.circle().map(|circle| ProofWitnesses {
        keys: circle.members().iter().map(|member| member.key.vkey()).collect(),
        quorum: circle.quorum(),
    });
    let path = format!("/api{}/looks/proof", open.subject().base);
    ProofFile { path, key: Some(site.0.vkey.clone()), witnesses }
}

/// The case of a look that broke the glass or is odd: how far it is, without a word of what supervisors wrote.
async fn case(open: &record::Open, look: &Look) -> Result<Option<LookCase>, Fault> {
    let case =
        open.permit().cases().await?.into_iter().find(|case| !case.kind.is_citizens() && case.covers(&look.part));
    Ok(case.map(|case| LookCase {
        stand: review::stand(case.state()),
        deadline: case.deadline,
        said: case.words.last().map(|word| word.at.civil().date()),
        odd: case.reasons,
    }))
}

/// Who looks for the first time, and how the names of those on the page are read.
pub(crate) async fn known(site: &Site, looks: &[Look], found: &[&Look]) -> Result<read::Known, Fault> {
    Ok(read::Known { firsts: tsumugi_access::notice::firsts(looks), readings: readings(site, found).await? })
}

async fn readings(site: &Site, found: &[&Look]) -> Result<HashMap<String, String>, Fault> {
    let mut readings = HashMap::new();
    let people: HashSet<&str> = found.iter().map(|look| look.part.person.id.as_str()).collect();
    for person in people {
        let Ok(id) = PersonId::new(person) else { continue };
        if let Some(kana) = site.desk().directory.person(&id).await?.and_then(|person| person.kana.clone()) {
            readings.insert(person.to_owned(), kana);
        }
    }
    Ok(readings)
}

/// Which of the organisations that looked are hospitals.
async fn hospitals(site: &Site, looks: &[&Look]) -> Result<HashSet<String>, Fault> {
    let places: HashSet<&str> = looks.iter().map(|look| look.part.organization.id.as_str()).collect();
    let mut hospitals = HashSet::new();
    for place in places {
        let Ok(id) = OrganizationId::new(place) else { continue };
        let organization = site.desk().directory.organization(&id).await?;
        if organization.is_some_and(|organization| organization.kind == OrganizationKind::Hospital) {
            hospitals.insert(place.to_owned());
        }
    }
    Ok(hospitals)
}

/// The rules that a look stands on, in the words of the policies; a refusal that no rule made has words of its own.
pub(crate) fn rule(site: &Site, look: &Look, lang: Lang) -> RuleWords {
    let policies = site.desk().door.policies();
    let rules: Vec<_> = look.part.rule.split(' ').filter_map(|id| policies.rule(id)).collect();
    let joint = if lang == Lang::En { " " } else { "" };
    let plain: Vec<&str> =
        rules.iter().map(|rule| if lang == Lang::En { rule.en.as_str() } else { rule.ja.as_str() }).collect();
    let plain = match (plain.is_empty(), look.part.decision) {
        (false, _) => own(plain.join(joint), lang),
        (true, _) if look.part.rule == CARRIED => own(lang.t("rule-carried"), lang),
        (true, Decision::Refused) => own(lang.t("rule-none"), lang),
        (true, _) => own(lang.t("rule-unknown"), lang),
    };
    let sources: Vec<&str> = rules.iter().map(|rule| rule.source.as_str()).collect();
    RuleWords {
        id: look.part.rule.clone(),
        plain,
        text: (!rules.is_empty())
            .then(|| Words::en(rules.iter().map(|rule| rule.text.as_str()).collect::<Vec<_>>().join("\n"))),
        source: (!sources.is_empty()).then(|| words(sources.join(" / "), lang)),
    }
}
