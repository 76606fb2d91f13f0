//! A document, what the person said about it, and asking for its correction.

use axum::{extract::State, response::Response};
use maud::Markup;
use tsumugi_access::{
    Action, Case, CaseAct, Request, Shown,
    case::{REASON_MOST, Turn},
};
use tsumugi_kernel::{FactKey, Kind, OrganizationId};

use super::{Fault, Site, Visit, answer, cases, form, record, review};
use crate::frame::Section;
use crate::page;
use crate::read;
use crate::view::{CaseFormFault, CaseNote, CorrectionForm, Trouble};

/// `GET {base}/documents/{document}`. A document that is not there and one that is not shown are one page.
pub(crate) async fn document(site: &Site, visit: &Visit) -> Result<Markup, Fault> {
    shown(site, visit, None, "").await
}

async fn shown(site: &Site, visit: &Visit, fault: Option<CaseFormFault>, written: &str) -> Result<Markup, Fault> {
    let mut open = record::open(site, visit, Action::Page).await?;
    let id = visit.param("document").unwrap_or_default();
    let piece = open.one(site, Kind::COMPOSITION, id).await?;
    let mut view = piece.as_ref().and_then(|piece| read::document::view(piece, visit.lang));
    if let (Some(piece), Some(view), Some(key)) = (&piece, &mut view, key(site, visit)) {
        piece.tell(&mut open.shown);
        view.notes = open.permit().wishes(key).await?.into_iter().filter_map(note).collect();
        // A proxy asks for corrections where the mandate is for what the citizen decides.
        let hers = open.subject().sections.contains(&Section::Cases);
        let decides = open.subject().sections.contains(&Section::Sharing);
        let who = format!("{}/who?fact=Composition/{id}", Section::Sharing.path(&open.subject().base));
        view.who = decides.then_some(who);
        let path = format!("{}/documents/{id}/correction", open.subject().base);
        view.correction = hers.then(|| CorrectionForm { path, written: written.to_owned(), fault });
    }
    let frame = open.seal(visit).await?;
    Ok(page::document::page(&view.ok_or(Fault::NOT_SHOWN)?, &frame))
}

/// What stands beside a document: what the person and the author said. Nothing where she took it back unanswered.
fn note(case: Case) -> Option<CaseNote> {
    let answered = case.words.iter().any(|word| word.act.is_organizations());
    if case.turn() == Turn::Nobody && !answered {
        return None;
    }
    let version = case.words.iter().rev().find_map(|word| word.version);
    let theirs = |act: CaseAct| matches!(act, CaseAct::Wish | CaseAct::Insist) || act.is_organizations();
    let said = case.words.into_iter().filter(|word| theirs(word.act)).map(|word| review::spoken(word, true)).collect();
    Some(CaseNote { said, version })
}

fn key(site: &Site, visit: &Visit) -> Option<FactKey> {
    let key = site.desk().record.sealer().open(visit.param("document")?)?;
    (key.kind == Kind::COMPOSITION).then_some(key)
}

/// `POST {base}/documents/{document}/correction` with `words`.
pub(crate) async fn wish(State(site): State<Site>, visit: Visit, body: String) -> Response {
    let fields = form::pairs(&body);
    let words = form::value(&fields, "words").unwrap_or_default().trim();
    let outcome = async {
        record::caller(&visit)?;
        cases::is_ours(&site, &visit, &fields)?;
        if words.is_empty() {
            return Ok(Err(CaseFormFault::NoWords));
        }
        if words.chars().count() > REASON_MOST {
            return Ok(Err(CaseFormFault::ReasonTooLong(REASON_MOST)));
        }
        ask(&site, &visit, words).await.map(Ok)
    };
    match outcome.await {
        Ok(Ok(path)) => answer::see_other(&path, []),
        Ok(Err(fault)) => answer::page(&visit, shown(&site, &visit, Some(fault), words).await),
        Err(fault) => Fault::page(fault, &visit),
    }
}

/// Asks for it: where it is read from then on.
async fn ask(site: &Site, visit: &Visit, words: &str) -> Result<String, Fault> {
    let desk = site.desk();
    let (citizen, base) = record::whose(site, visit)?;
    let permit = desk.door.admit(Request { caller: record::caller(visit)?, action: Action::Object, citizen }).await?;
    let fact = match key(site, visit) {
        Some(key) => desk.record.read(&permit, key).await?.filter(|fact| !fact.is_gone()),
        None => None,
    };
    let Some(fact) = fact else {
        permit.seal(Shown::none()).await?;
        return Err(Fault::NOT_SHOWN);
    };
    let source = OrganizationId::new(fact.values()?.source()).map_err(|_| Fault::from(Trouble::Broken))?;
    let organization = desk.directory.organization(&source).await?;
    let name = organization.map_or_else(|| source.to_string(), |organization| organization.name.clone());
    let (case, _) = desk.door.wish(permit, fact.key(), (source, name), words).await?;
    Ok(format!("{}/{}?done=wish", Section::Cases.path(&base), cases::id(site, &case)))
}
