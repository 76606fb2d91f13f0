//! Notices: the list, marking it as read, and her choice.

use std::collections::HashSet;

use axum::{extract::State, response::Response};
use maud::Markup;
use tsumugi_access::{
    Action, CaseKind, Look, MailChange, MailError, NoticeChange, NoticeChoice, NoticeError, PaperState, Request,
    ScreenError,
};
use tsumugi_kernel::{Instant, Role};

use super::{Fault, Site, Visit, answer, fault::broken, form, looks, own_papers, record, staff::narrow};
use crate::frame::Section;
use crate::page;
use crate::read::notices::{self as read, Asked, PaperNews};
use crate::view::{LetterFault, LettersView, Notice, NoticeDone, NoticeWhy, NoticeWish, NoticesView, Trouble};

/// `GET {base}/notices`.
pub(crate) async fn list(site: &Site, visit: &Visit) -> Result<Markup, Fault> {
    show(site, visit, LettersView::default()).await
}

async fn show(site: &Site, visit: &Visit, letters: LettersView) -> Result<Markup, Fault> {
    let open = record::open(site, visit, Action::AccessLog).await?;
    let all = looks::all(&open).await?;
    let Told { notices, unread, choice } = told(site, visit, &open, &all).await?;
    // What lapsed did so after the look that took it down.
    let until =
        notices.iter().map(|notice| if notice.why == NoticeWhy::Lapsed { visit.now.0 } else { notice.row.when.0 });
    let until = until.max();
    let choice = match choice {
        NoticeChoice::Emergencies => NoticeWish::Emergencies,
        NoticeChoice::Unusual => NoticeWish::Unusual,
        NoticeChoice::Every => NoticeWish::Every,
    };
    let may_choose = record::caller(visit)?.role == Role::Citizen;
    let done = match visit.asked("done") {
        Some("read") => Some(NoticeDone::Read),
        Some("chosen") => Some(NoticeDone::Chosen),
        Some("named") => Some(NoticeDone::Named),
        Some("confirmed") => Some(NoticeDone::Confirmed),
        Some("removed") => Some(NoticeDone::Removed),
        Some("screened") => Some(NoticeDone::Screened),
        _ => None,
    };
    let done = done.filter(|_| letters.fault.is_none());
    let public = if may_choose { Some(open.permit().is_public().await.map_err(unscreened)?) } else { None };
    let letters = match may_choose && site.offers_letters() {
        true => Some(LettersView { addresses: open.permit().mail().await?, ..letters }),
        false => None,
    };
    let view = NoticesView { notices, unread, until, choice, may_choose, public, letters, done };
    let frame = open.seal(visit).await?;
    Ok(page::notices::page(&view, &frame))
}

/// What a reader is told.
pub(crate) struct Told {
    /// The newest notices.
    pub notices: Vec<Notice>,
    /// How many of all are unread.
    pub unread: u32,
    /// Her choice.
    pub choice: NoticeChoice,
}

/// The notices of an opened log.
pub(crate) async fn told(site: &Site, visit: &Visit, open: &record::Open, all: &[Look]) -> Result<Told, Fault> {
    let kept = open.permit().notices().await?;
    let reader = &record::caller(visit)?.person;
    let outside = |look: &Look| site.desk().door.policies().asks_no_relation(&look.part.rule);
    let (choice, read_until) = (kept.choice, kept.read_until(reader));
    let cases = open.permit().cases().await?;
    let odd = |look: &Look| cases.iter().any(|case| case.kind == CaseKind::OddLook && case.covers(&look.part));
    let papers = open.permit().papers(own_papers::LISTED_MOST).await?;
    let paper = |look: &Look| {
        let paper = papers.iter().find(|paper| paper.is_told_by(&look.part))?;
        let lapsed = paper.state(visit.now) == PaperState::Lapsed;
        Some(if lapsed { PaperNews::Lapsed(paper.lapses()) } else { PaperNews::Said })
    };
    let asked = Asked { choice, reader, read_until, outside: &outside, odd: &odd, paper: &paper };
    // How names are read is asked only for those whom the list names.
    let unread_names = looks::known(site, all, &[]).await?;
    let (listed, _) = read::list(all, &unread_names, asked, visit.lang);
    let numbers: HashSet<u64> = listed.iter().map(|notice| notice.row.number).collect();
    let named: Vec<&Look> = all.iter().filter(|look| numbers.contains(&look.number)).collect();
    let known = looks::known(site, all, &named).await?;
    let (notices, unread) = read::list(all, &known, asked, visit.lang);
    Ok(Told { notices, unread, choice })
}

/// `POST {base}/notices/read` with `until`.
pub(crate) async fn mark(State(site): State<Site>, visit: Visit, body: String) -> Response {
    let fields = form::pairs(&body);
    let until = form::value(&fields, "until").and_then(|text| text.parse().ok()).map(Instant);
    change(&site, &visit, &fields, until.map(NoticeChange::Read), "read").await
}

/// `POST {base}/notices/choice` with `choice`.
pub(crate) async fn choose(State(site): State<Site>, visit: Visit, body: String) -> Response {
    let fields = form::pairs(&body);
    let choice = form::value(&fields, "choice").and_then(NoticeChoice::from_code);
    change(&site, &visit, &fields, choice.map(NoticeChange::Choose), "chosen").await
}

/// `POST {base}/notices/mail` with `act` (`name`, `confirm`, `remove`), `address`, `id`, `code`.
pub(crate) async fn mail(State(site): State<Site>, visit: Visit, body: String) -> Response {
    let fields = form::pairs(&body);
    let outcome = async {
        let text = |name: &str| narrow(form::value(&fields, name).unwrap_or_default().trim());
        if !visit.is_own_form(&site, &fields) {
            return Err(Trouble::StaleForm.into());
        }
        if !site.offers_letters() {
            return Err(Fault::NOT_SHOWN);
        }
        let (change, done, id) = match form::value(&fields, "act") {
            Some("name") => (MailChange::Name(text("address")), "named", None),
            Some("confirm") => (MailChange::Confirm(text("id"), text("code")), "confirmed", Some(text("id"))),
            Some("remove") => (MailChange::Remove(text("id")), "removed", None),
            _ => return Err(Trouble::BadInput.into()),
        };
        let (citizen, base) = record::whose(&site, &visit)?;
        let caller = record::caller(&visit)?;
        let permit = site.desk().door.admit(Request { caller, action: Action::AccessLog, citizen }).await?;
        let fault = match site.desk().door.change_mail(permit, &change).await {
            Ok(()) => {
                let path = Section::Notices.path(&base);
                return Ok(answer::see_other(&format!("{path}?done={done}#letters"), []));
            }
            Err(MailError::Address) => LetterFault::Address,
            Err(MailError::Full) => LetterFault::Full,
            Err(MailError::TooOften) => LetterFault::TooOften,
            Err(MailError::Code(left)) => LetterFault::Code(left),
            Err(MailError::Closed) => LetterFault::Closed,
            Err(error) => return Err(error.into()),
        };
        let typed = if id.is_none() { text("address") } else { String::new() };
        let letters = LettersView { fault: Some((fault, id)), typed, ..LettersView::default() };
        Ok(answer::page(&visit, show(&site, &visit, letters).await))
    };
    outcome.await.unwrap_or_else(|fault: Fault| fault.page(&visit))
}

/// `POST {base}/notices/public` with `public` (`yes`, `no`): she says that many know her, or not any more.
pub(crate) async fn public(State(site): State<Site>, visit: Visit, body: String) -> Response {
    let fields = form::pairs(&body);
    let outcome = async {
        if !visit.is_own_form(&site, &fields) {
            return Err(Trouble::StaleForm.into());
        }
        let public = match form::value(&fields, "public") {
            Some("yes") => true,
            Some("no") => false,
            _ => return Err(Trouble::BadInput.into()),
        };
        let (citizen, base) = record::whose(&site, &visit)?;
        let caller = record::caller(&visit)?;
        let permit = site.desk().door.admit(Request { caller, action: Action::AccessLog, citizen }).await?;
        site.desk().door.mark_public(permit, public).await.map_err(unscreened)?;
        Ok(format!("{}?done=screened", Section::Notices.path(&base)))
    };
    match outcome.await {
        Ok(path) => answer::see_other(&path, []),
        Err(fault) => Fault::page(fault, &visit),
    }
}

fn unscreened(error: ScreenError) -> Fault {
    match error {
        ScreenError::NotHers => Fault::NOT_SHOWN,
        ScreenError::Store(error) => error.into(),
        ScreenError::Seal(error) => error.into(),
        ScreenError::Commit(error) => error.into(),
        error => broken(&error),
    }
}

async fn change(
    site: &Site,
    visit: &Visit,
    fields: &[(String, String)],
    change: Option<NoticeChange>,
    done: &str,
) -> Response {
    let outcome = async {
        let caller = record::caller(visit)?;
        if !visit.is_own_form(site, fields) {
            return Err(Trouble::StaleForm.into());
        }
        let change = change.ok_or(Trouble::BadInput)?;
        let (citizen, base) = record::whose(site, visit)?;
        let permit = site.desk().door.admit(Request { caller, action: Action::AccessLog, citizen }).await?;
        site.desk().door.change_notices(permit, change).await?;
        Ok(format!("{}?done={done}", Section::Notices.path(&base)))
    };
    match outcome.await {
        Ok(path) => answer::see_other(&path, []),
        Err(fault) => Fault::page(fault, visit),
    }
}

impl From<MailError> for Fault {
    fn from(error: MailError) -> Self {
        match error {
            MailError::NotHers => Self::NOT_SHOWN,
            MailError::Looks(error) => error.into(),
            MailError::Store(error) => error.into(),
            MailError::Seal(error) => error.into(),
            MailError::Commit(error) => error.into(),
            MailError::Directory(error) => error.into(),
            error => broken(&error),
        }
    }
}

impl From<NoticeError> for Fault {
    fn from(error: NoticeError) -> Self {
        match error {
            NoticeError::NotHers => Self::NOT_SHOWN,
            NoticeError::Looks(error) => error.into(),
            NoticeError::Store(error) => error.into(),
            NoticeError::Seal(error) => error.into(),
            NoticeError::Commit(error) => error.into(),
            NoticeError::Row => broken(&error),
        }
    }
}
