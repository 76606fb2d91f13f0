//! A document or a single entry, what the person said about it, and asking for its correction.

use axum::{extract::State, response::Response};
use jiff::civil::Date;
use maud::Markup;
use tsumugi_access::{
    Action, Caller, Case, CaseAct, CaseError, CaseFault, Refusal, Request, Shown,
    case::{REASON_MOST, Turn},
};
use tsumugi_kernel::{CitizenId, FactKey, Kind, OrganizationId};
use tsumugi_record::papers::setting_code;

use super::{Fault, Site, Visit, answer, cases, form, record, review};
use crate::frame::Section;
use crate::page;
use crate::read;
use crate::view::{CaseFormFault, CaseNote, CorrectionForm, PaperFormFault, Trouble};

/// `GET {base}/documents/{document}` and `GET {base}/entries/{entry}`. What is not there and what is not shown are one page.
pub(crate) async fn document(site: &Site, visit: &Visit) -> Result<Markup, Fault> {
    shown(site, visit, None, "").await
}

async fn shown(site: &Site, visit: &Visit, fault: Option<CaseFormFault>, written: &str) -> Result<Markup, Fault> {
    let mut open = record::open(site, visit, Action::Page).await?;
    let key = key(site, visit);
    let (id, today) =
        (visit.param("document").or_else(|| visit.param("entry")).unwrap_or_default(), visit.now.civil().date());
    let piece = match key {
        Some(key) => open.one(site, key.kind, id).await?,
        None => None,
    };
    let read = |piece: &read::Piece| match visit.param("document") {
        Some(_) => read::document::view(piece, visit.lang),
        None => read::entry::view(piece, visit.lang),
    };
    let mut view = piece.as_ref().and_then(read);
    if let (Some(piece), Some(view), Some(key)) = (&piece, &mut view, key) {
        piece.tell(&mut open.shown);
        view.notes = open.permit().wishes(key).await?.into_iter().filter_map(|case| note(case, today)).collect();
        // A proxy asks for corrections where the mandate is for what the citizen decides.
        let hers = open.subject().sections.contains(&Section::Cases);
        let decides = open.subject().sections.contains(&Section::Sharing);
        let who = format!("{}/who?fact=Composition/{id}", Section::Sharing.path(&open.subject().base));
        view.who = (decides && key.kind == Kind::COMPOSITION).then_some(who);
        let path =
            format!("{}/{}/{id}/correction", open.subject().base, if view.entry { "entries" } else { "documents" });
        view.correction = hers.then(|| CorrectionForm { path, written: written.to_owned(), fault });
        view.code = hers.then(|| setting_code(id));
    }
    let frame = open.seal(visit).await?;
    Ok(page::document::page(&view.ok_or(Fault::NOT_SHOWN)?, &frame))
}

/// What stands beside a document: what the person and the author said. Nothing where she took it back unanswered.
fn note(case: Case, today: Date) -> Option<CaseNote> {
    let answered = case.words.iter().any(|word| word.act.is_organizations());
    if case.turn() == Turn::Nobody && !answered {
        return None;
    }
    let version = case.words.iter().rev().find_map(|word| word.version);
    let ignored = case.is_ignored(today);
    let theirs = |act: CaseAct| matches!(act, CaseAct::Wish | CaseAct::Insist) || act.is_organizations();
    let said = case.words.into_iter().filter(|word| theirs(word.act)).map(|word| review::spoken(word, true)).collect();
    Some(CaseNote { said, version, ignored })
}

/// The document or entry that the path names.
fn key(site: &Site, visit: &Visit) -> Option<FactKey> {
    let open = |name: &str| site.desk().record.sealer().open(visit.param(name)?);
    let document = open("document").filter(|key| key.kind == Kind::COMPOSITION);
    document.or_else(|| open("entry").filter(|key| read::entry::is_one(key.kind)))
}

/// `POST {base}/documents/{document}/correction` and `POST {base}/entries/{entry}/correction` with `words`.
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
    let author = author(site, fact.values()?.source()).await?;
    let case = match desk.door.wish(permit, fact.key(), author, words).await {
        Ok((case, _)) => case,
        // The same form again: the wish is there.
        Err(CaseError::Fault(CaseFault::Twice)) => return Ok(Section::Cases.path(&base)),
        Err(error) => return Err(error.into()),
    };
    Ok(format!("{}/{}?done=wish", Section::Cases.path(&base), cases::id(site, &case)))
}

/// Where a document or entry stands under a record's base.
pub(super) fn address(site: &Site, key: FactKey) -> String {
    let under = if key.kind == Kind::COMPOSITION { "documents" } else { "entries" };
    format!("{under}/{}", site.desk().record.sealer().seal(key))
}

/// The organisation that wrote something, with its name.
async fn author(site: &Site, source: &str) -> Result<(OrganizationId, String), Fault> {
    let source = OrganizationId::new(source).map_err(|_| Fault::from(Trouble::Broken))?;
    let organization = site.desk().directory.organization(&source).await?;
    let name = organization.map_or_else(|| source.to_string(), |organization| organization.name.clone());
    Ok((source, name))
}

/// A clerk takes down that an entry is to be corrected, by its number on the print: the day by which its author answers. The
/// clerk is shown nothing of it.
pub(super) async fn on_paper(
    site: &Site,
    clerk: &Caller,
    citizen: CitizenId,
    (code, words): (&str, &str),
) -> Result<Result<Date, Vec<PaperFormFault>>, Fault> {
    let desk = site.desk();
    for shelf in desk.directory.shelves(citizen).await?.all() {
        if desk.directory.signing_in_as(*shelf).await?.iter().any(|person| person.id == clerk.person) {
            return Ok(Err(vec![PaperFormFault::Oneself]));
        }
    }
    let permit = match desk.door.admit(Request { caller: clerk, action: Action::Object, citizen }).await {
        Ok(permit) => permit,
        Err(Refusal::NotOpen { .. }) => return Ok(Err(vec![PaperFormFault::Nobody])),
        Err(refusal) => return Err(refusal.into()),
    };
    let Some((key, source)) = desk.fact_on_print(&permit, code).await? else {
        permit.seal(Shown::none()).await?;
        return Ok(Err(vec![PaperFormFault::Entry]));
    };
    match desk.door.wish(permit, key, author(site, &source).await?, words).await {
        Ok((case, _)) => Ok(Ok(case.deadline)),
        Err(CaseError::Fault(CaseFault::Twice)) => Ok(Err(vec![PaperFormFault::Twice])),
        Err(CaseError::Fault(CaseFault::Full)) => Err(Trouble::Busy.into()),
        Err(error) => Err(error.into()),
    }
}
