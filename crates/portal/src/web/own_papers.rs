//! The person's papers: `{base}/papers`, and stopping what waits.

use axum::{extract::State, response::Response};
use maud::Markup;
use tsumugi_access::{Action, Against, Paper, PaperAct, PaperSays, Request};
use tsumugi_kernel::Role;
use tsumugi_record::{Fact, papers::paper_key};

use super::{Fault, Site, Visit, answer, form, mandates, papers, record, sharing};
use crate::frame::Section;
use crate::page;
use crate::view::{
    Name, OnPaper, OwnPapersView, PaperLookView, PaperSaid, PaperWhat, PaperWordRow, Restricted, Trouble, Words,
};

/// Papers that a page lists, the newest.
pub(super) const LISTED_MOST: usize = 100;

/// `GET {base}/papers`.
pub(crate) async fn list(site: &Site, visit: &Visit) -> Result<Markup, Fault> {
    let open = record::open(site, visit, Action::AccessLog).await?;
    let decides = open.subject().sections.contains(&Section::Sharing);
    let mut view = OwnPapersView { done: visit.asked("done").is_some(), may_stop: decides, ..OwnPapersView::default() };
    for paper in open.permit().papers(LISTED_MOST).await? {
        if !keeps_from(visit, &paper)? {
            view.papers.push(self::view(site, visit, &paper).await?);
        }
    }
    let frame = open.seal(visit).await?;
    Ok(page::own_papers::page(&view, &frame))
}

/// Whether it keeps something from the very reader: that is not the reader's to know.
fn keeps_from(visit: &Visit, paper: &Paper) -> Result<bool, Fault> {
    let caller = record::caller(visit)?;
    let own = |against: &Against| *against == Against::Person(caller.person.clone());
    Ok(caller.role != Role::Citizen
        && matches!(&paper.says, PaperSays::Restriction(restriction) if own(&restriction.against)))
}

/// `POST {base}/papers/{number}/stop` with `read`.
pub(crate) async fn stop(State(site): State<Site>, visit: Visit, body: String) -> Response {
    let fields = form::pairs(&body);
    let outcome = async {
        sharing::is_ours(&site, &visit, &fields)?;
        let number = visit.param("number").and_then(|text| text.parse().ok()).ok_or(Fault::NOT_SHOWN)?;
        let read = form::value(&fields, "read").and_then(|text| text.parse().ok()).ok_or(Trouble::BadInput)?;
        let (citizen, base) = record::whose(&site, &visit)?;
        let request = Request { caller: record::caller(&visit)?, action: Action::Standing, citizen };
        let permit = site.desk().door.admit(request).await?;
        site.desk().door.end_paper(permit, number, read, (PaperAct::TakeBack, "")).await?;
        Ok(format!("{base}/papers?done=stopped"))
    };
    match outcome.await {
        Ok(path) => answer::see_other(&path, []),
        Err(fault) => Fault::page(fault, &visit),
    }
}

/// What a paper is.
pub(super) const fn what(says: &PaperSays) -> PaperWhat {
    match says {
        PaperSays::Mandate(_) => PaperWhat::Mandate,
        PaperSays::Restriction(_) => PaperWhat::Restriction,
        PaperSays::Lift { .. } => PaperWhat::Lift,
        PaperSays::EndMandates { .. } => PaperWhat::EndMandate,
    }
}

/// A paper as a page shows it, without whom it names.
pub(super) async fn view(site: &Site, visit: &Visit, paper: &Paper) -> Result<PaperLookView, Fault> {
    let said = match &paper.says {
        PaperSays::Mandate(mandate) => PaperSaid::Mandate(mandates::row(site, mandate.clone(), String::new()).await?),
        PaperSays::Restriction(restriction) => {
            let said: Restricted = sharing::said(site, restriction, None).await?;
            PaperSaid::Restriction(said)
        }
        PaperSays::Lift { code, .. } => PaperSaid::Lift(code.clone()),
        PaperSays::EndMandates { name, .. } => PaperSaid::EndMandate(Words::ja(name.as_str())),
    };
    let word = |word: &tsumugi_access::paper::PaperWord| PaperWordRow {
        act: word.act,
        by: Some(word.by.name.as_str()).filter(|name| !name.is_empty()).map(Name::plain),
        at: word.at,
        reason: word.reason.clone(),
    };
    Ok(PaperLookView {
        number: paper.number,
        what: what(&paper.says),
        state: paper.state(visit.now),
        desk: desk(site, paper).await?,
        said,
        typed: None,
        words: paper.words.iter().map(word).collect(),
        last: papers::last_day(paper.lapses()),
        read: paper.words.len(),
        own: false,
        fault: None,
    })
}

async fn desk(site: &Site, paper: &Paper) -> Result<Words, Fault> {
    let known = site.desk().directory.organization(&paper.organization).await?;
    let name = known.map(|known| known.name.clone());
    let named = name.or_else(|| paper.words.first().map(|word| word.by.organization_name.clone()));
    Ok(Words::ja(named.unwrap_or_default()))
}

/// Where what a fact says was handed in on paper, if it was.
pub(super) async fn origin(site: &Site, papers: &[Paper], fact: &Fact) -> Result<Option<OnPaper>, Fault> {
    let Some(paper) = papers.iter().find(|paper| paper_key(paper) == Some(fact.key())) else { return Ok(None) };
    // A later version is somebody else's word.
    if fact.version() > 1 {
        return Ok(None);
    }
    let by =
        |act: PaperAct| paper.words.iter().find(|word| word.act == act).map(|word| Name::plain(word.by.name.as_str()));
    let Some(taken) = by(PaperAct::TakeDown) else { return Ok(None) };
    Ok(Some(OnPaper { desk: desk(site, paper).await?, taken, confirmed: by(PaperAct::Confirm) }))
}
