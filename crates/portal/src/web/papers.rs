//! `/desk/papers`: what somebody hands in on paper is taken down; what widens what others may see waits for a second clerk.
//!
//! What must hold: the clerk sees nothing of the record; whose a paper is, is told with a leaf and to its desk alone.

use axum::{extract::State, response::Response};
use jiff::civil::Date;
use maud::Markup;
use tsumugi_access::{
    Caller, PaperAct, PaperError, PaperFault, PaperState, Restriction, Shown,
    case::REASON_MOST,
    paper::{PaperPlace, PaperTyped, is_desk},
};
use tsumugi_kernel::{CitizenId, Instant};
use tsumugi_people::identify::birth_of;
use tsumugi_record::papers::{DeskPaperError, PaperWish, TakenDown};
use tsumugi_signin::gate::Identity;

use super::{
    Fault, Site, Visit, answer, corrections, fault::broken, form, mandates, own_papers, record, sharing, staff,
};
use crate::page;
use crate::read::sharing as answers;
use crate::view::{
    Choice, MandateFault, MandateForm, Name, PaperDone, PaperFormFault, PaperFormView, PaperLookView, PaperRow,
    PaperSlipView, PaperWhat, PapersView, RestrictFault, RestrictView, Step, Trouble, Words,
};

const DESK: &str = "/desk/papers";
/// Papers that one page lists.
const LISTED_MOST: usize = 50;
/// Most that are counted for the start page.
const COUNTED_MOST: usize = 99;

/// `GET /desk/papers`.
pub(crate) async fn queue(site: &Site, visit: &Visit) -> Result<Markup, Fault> {
    let caller = clerk(visit)?;
    let after = visit.asked("after").and_then(place);
    let papers = site.desk().door.papers_waiting(caller, after, LISTED_MOST).await?;
    let next = papers.last().filter(|_| papers.len() == LISTED_MOST);
    let next = next.map(|last| format!("{DESK}?after={}-{}", last.taken().0, last.number));
    let row = |paper: &tsumugi_access::Paper| PaperRow {
        number: paper.number,
        what: own_papers::what(&paper.says),
        taken: paper.taken(),
        by: Name::plain(paper.words.first().map_or("", |word| word.by.name.as_str())),
        last: last_day(paper.lapses()),
        own: paper.is_of(&caller.person),
    };
    let done = match (visit.asked("done"), visit.asked("until").and_then(|day| day.parse().ok())) {
        (Some("waits"), Some(day)) => Some(PaperDone::Waits(day)),
        (Some("confirmed"), _) => Some(PaperDone::Confirmed),
        (Some("sent-back"), _) => Some(PaperDone::SentBack),
        _ => None,
    };
    let view = PapersView { waiting: papers.iter().map(row).collect(), next, done };
    Ok(page::papers::page(&view, &visit.frame(None)))
}

fn place(text: &str) -> Option<PaperPlace> {
    let (taken, number) = text.split_once('-')?;
    Some(PaperPlace { taken: Instant(taken.parse().ok()?), number: number.parse().ok()? })
}

/// The last whole day before a moment.
pub(super) fn last_day(at: Instant) -> Date {
    at.plus_millis(-24 * 60 * 60 * 1000).civil().date()
}

/// How many papers wait at the reader's desk; none where the reader has none.
pub(crate) async fn waiting(site: &Site, visit: &Visit) -> Result<usize, Fault> {
    match visit.caller.as_ref().filter(|caller| is_desk(caller)) {
        Some(caller) => Ok(site.desk().door.papers_waiting(caller, None, COUNTED_MOST).await?.len()),
        None => Ok(0),
    }
}

/// `GET /desk/papers/new` with `what`.
pub(crate) async fn form(site: &Site, visit: &Visit) -> Result<Markup, Fault> {
    clerk(visit)?;
    let what = visit.asked("what").and_then(PaperWhat::from_code).ok_or(Fault::NOT_SHOWN)?;
    let view = typed(site, visit, what, &[("until".to_owned(), mandates::usual(visit))]);
    Ok(page::papers::form(&view, &visit.frame(None)))
}

/// `GET /desk/papers/form` and `GET /papers/form`: the form to be filled by hand.
pub(crate) async fn blank(_: &Site, visit: &Visit) -> Result<Markup, Fault> {
    Ok(page::papers::blank(&visit.frame(None)))
}

fn clerk(visit: &Visit) -> Result<&Caller, Fault> {
    let caller = record::caller(visit)?;
    if is_desk(caller) { Ok(caller) } else { Err(Fault::NOT_SHOWN) }
}

/// The form with what was typed.
fn typed(site: &Site, visit: &Visit, what: PaperWhat, fields: &[(String, String)]) -> PaperFormView {
    let text = |name: &str| form::value(fields, name).unwrap_or_default().trim().to_owned();
    let identity = form::value(fields, "identity");
    let mandate = fields.iter().filter(|(name, _)| mandates::FIELDS.contains(&name.as_str())).cloned().collect();
    let mut restricts = sharing::carried(fields);
    restricts.extend(form::value(fields, "whom-number").map(|number| ("whom-number".to_owned(), number.to_owned())));
    let whom = [("organization", "papers-whom-organization"), ("person", "papers-whom-person")];
    let whom = whom.map(|(value, key)| Choice {
        value: value.to_owned(),
        words: Words { text: visit.lang.t(key).into_owned(), lang: visit.lang },
    });
    PaperFormView {
        what,
        insured: text("insured"),
        birth: staff::narrow(&text("birth")),
        identity: identity.and_then(|code| Identity::OF_CITIZENS.into_iter().find(|one| one.code() == code)),
        mandate: MandateForm { answers: mandate, ..MandateForm::default() },
        restrict: RestrictView {
            step: Step::What,
            answers: restricts,
            fault: None,
            things: Vec::new(),
            sources: Vec::new(),
            whom: whom.to_vec(),
            said: None,
            previews: Vec::new(),
            risky: false,
            has_documents: false,
            idempotency: String::new(),
            on_paper: true,
        },
        code: text("code"),
        all: form::value(fields, "which") == Some("all"),
        words: text("words"),
        faults: Vec::new(),
        form: form::value(fields, "form").map_or_else(|| site.random(), str::to_owned),
    }
}

/// What was taken down.
enum Taken {
    /// It holds, or waits.
    Paper(Box<TakenDown>),
    /// An organisation answers until then.
    Correction(Date),
}

/// `POST /desk/papers`.
pub(crate) async fn take_down(State(site): State<Site>, visit: Visit, body: String) -> Response {
    let fields = form::pairs(&body);
    let outcome = async {
        clerk(&visit)?;
        sharing::is_ours(&site, &visit, &fields)?;
        let what = form::value(&fields, "paper").and_then(PaperWhat::from_code).ok_or(Trouble::BadInput)?;
        let mut view = typed(&site, &visit, what, &fields);
        sharing::alias("paper", &view.form)?;
        match taken(&site, &visit, &view, &fields).await? {
            Ok(taken) => Ok(told(&visit, what, taken)?),
            Err(faults) => {
                let mandate = |fault: &PaperFormFault| match fault {
                    PaperFormFault::Mandate(fault) => Some(*fault),
                    _ => None,
                };
                view.mandate.faults = faults.iter().filter_map(mandate).collect();
                view.faults = faults;
                Ok(answer::page(&visit, Ok(page::papers::form(&view, &visit.frame(None)))))
            }
        }
    };
    outcome.await.unwrap_or_else(|fault: Fault| fault.page(&visit))
}

/// To the queue where it waits; the slip where it holds.
fn told(visit: &Visit, what: PaperWhat, taken: Taken) -> Result<Response, Fault> {
    let caller = record::caller(visit)?;
    let (at, code, deadline) = match taken {
        Taken::Paper(taken) if what.waits() => {
            let until = last_day(taken.paper.lapses());
            return Ok(answer::see_other(&format!("{DESK}?done=waits&until={until}"), []));
        }
        Taken::Paper(taken) => (taken.paper.taken(), taken.code, None),
        Taken::Correction(deadline) => (visit.now, None, Some(deadline)),
    };
    let view = PaperSlipView { what, desk: caller.organization_name.clone(), at, code, deadline };
    Ok(answer::page(visit, Ok(page::papers::slip(&view, &visit.frame(None)))))
}

type Outcome<T> = Result<Result<T, Vec<PaperFormFault>>, Fault>;

async fn taken(site: &Site, visit: &Visit, view: &PaperFormView, fields: &[(String, String)]) -> Outcome<Taken> {
    let mut faults = Vec::new();
    let (citizen, birth) = match whose(site, visit, view).await? {
        Ok(found) => found,
        Err(wrong) => {
            faults.extend(wrong);
            (None, String::new())
        }
    };
    let wish = match wish(site, visit, view, fields).await? {
        Ok(wish) => wish,
        Err(wrong) => {
            faults.extend(wrong);
            None
        }
    };
    if !faults.is_empty() {
        return Ok(Err(faults));
    }
    let Some(citizen) = citizen else { return Ok(Err(vec![PaperFormFault::Nobody])) };
    // What was seen stands in the leaf, beside who saw it.
    let seen = view.identity.map(|identity| format!("本人確認: {}", identity.ja()));
    let clerk = Caller { reason: seen, ..record::caller(visit)?.clone() };
    let Some(wish) = wish else {
        return Ok(corrections::on_paper(site, &clerk, citizen, (&view.code, &view.words))
            .await?
            .map(Taken::Correction));
    };
    let given = (view.form.clone(), PaperTyped { number: view.insured.clone(), birth });
    match site.desk().take_paper_down(&clerk, citizen, given, wish).await {
        Ok(taken) => Ok(Ok(Taken::Paper(Box::new(taken)))),
        Err(DeskPaperError::NoSetting) => Ok(Err(vec![PaperFormFault::Setting])),
        Err(DeskPaperError::Nobody) => Ok(Err(vec![PaperFormFault::Nobody])),
        Err(DeskPaperError::Paper(PaperError::Fault(PaperFault::Oneself))) => Ok(Err(vec![PaperFormFault::Oneself])),
        Err(error) => Err(error.into()),
    }
}

/// Whose paper it is, and the birth date as typed.
async fn whose(site: &Site, visit: &Visit, view: &PaperFormView) -> Outcome<(Option<CitizenId>, String)> {
    let birth = birth_of(&view.birth);
    let mut faults = Vec::new();
    for (wrong, fault) in [
        (view.insured.is_empty(), PaperFormFault::Number),
        (birth.is_none(), PaperFormFault::Birth),
        (view.identity.is_none(), PaperFormFault::Identity),
    ] {
        faults.extend(wrong.then_some(fault));
    }
    let Some(birth) = birth.filter(|_| faults.is_empty()).map(|birth| birth.to_string()) else {
        return Ok(Err(faults));
    };
    let found = staff::known_as(site, record::caller(visit)?, &view.insured).await?;
    let Some(citizen) = found else { return Ok(Err(vec![PaperFormFault::Nobody])) };
    let row = site.desk().directory.citizen(citizen).await?;
    let hers = row.is_some_and(|row| row.birth_date.as_deref() == Some(birth.as_str()));
    if hers { Ok(Ok((Some(citizen), birth))) } else { Ok(Err(vec![PaperFormFault::Nobody])) }
}

/// What it says; none where it is a correction, which is a case and no paper.
async fn wish(
    site: &Site,
    visit: &Visit,
    view: &PaperFormView,
    fields: &[(String, String)],
) -> Outcome<Option<PaperWish>> {
    let one = |fault| Ok(Err(vec![fault]));
    match view.what {
        PaperWhat::Mandate => {
            let said = mandates::understood(site, visit, fields).await?;
            Ok(match said {
                Ok(mandate) => Ok(Some(PaperWish::Mandate(mandate))),
                Err(faults) => Err(faults.into_iter().map(PaperFormFault::Mandate).collect()),
            })
        }
        PaperWhat::EndMandate => match mandates::holder(site, fields).await? {
            Some((holder, name)) => Ok(Ok(Some(PaperWish::EndMandates { holder, name }))),
            None => one(PaperFormFault::Mandate(MandateFault::Nobody)),
        },
        PaperWhat::Restriction => match restriction(site, visit, &view.restrict.answers).await? {
            Ok(restriction) => Ok(Ok(Some(PaperWish::Restriction(restriction)))),
            Err(fault) => one(PaperFormFault::Restrict(fault)),
        },
        PaperWhat::Lift if view.all => Ok(Ok(Some(PaperWish::Lift(None)))),
        PaperWhat::Lift if view.code.is_empty() => one(PaperFormFault::Setting),
        PaperWhat::Lift => Ok(Ok(Some(PaperWish::Lift(Some(view.code.clone()))))),
        PaperWhat::Correction => {
            let count = view.words.chars().count();
            let mut faults = Vec::new();
            for (wrong, fault) in [
                (view.code.is_empty(), PaperFormFault::Entry),
                (count == 0, PaperFormFault::NoWords),
                (count > REASON_MOST, PaperFormFault::TooLong(REASON_MOST)),
            ] {
                faults.extend(wrong.then_some(fault));
            }
            if faults.is_empty() { Ok(Ok(None)) } else { Ok(Err(faults)) }
        }
    }
}

/// The restriction that a paper says; whom it names must be known here.
async fn restriction(
    site: &Site,
    visit: &Visit,
    sent: &[(String, String)],
) -> Result<Result<Restriction, RestrictFault>, Fault> {
    let number = form::value(sent, "whom-number").map(staff::narrow).unwrap_or_default();
    let named = |(name, value): &(String, String)| match (name.as_str(), value.as_str()) {
        ("whom", "organization" | "person") => (name.clone(), format!("{value}:{number}")),
        ("source", _) => (name.clone(), staff::narrow(value)),
        _ => (name.clone(), value.clone()),
    };
    let sent: Vec<(String, String)> = sent.iter().map(named).collect();
    let decided = (answers::what(&sent), answers::whom(&sent), answers::long(&sent, visit.now));
    let (hides, against, (period, emergency_may_override)) = match decided {
        (Ok(answers::What::Hides(hides)), Ok(against), Ok(long)) => (hides, against, long),
        (Ok(answers::What::Thing(_)), ..) => return Ok(Err(RestrictFault::Gone)),
        (Err(fault), ..) | (_, Err(fault), _) | (_, _, Err(fault)) => return Ok(Err(fault)),
    };
    let restriction = Restriction { id: String::new(), against, hides, emergency_may_override, period };
    let said = sharing::said(site, &restriction, None).await?;
    let known = said.whom.is_some()
        || matches!(
            restriction.against,
            tsumugi_access::Against::Everyone | tsumugi_access::Against::OrganizationKind(_)
        );
    let source = !matches!(restriction.hides, tsumugi_access::Hides::Source(_)) || said.what.is_some();
    if known && source { Ok(Ok(restriction)) } else { Ok(Err(RestrictFault::Gone)) }
}

/// `GET /desk/papers/{number}`: leaves a leaf.
pub(crate) async fn look(site: &Site, visit: &Visit) -> Result<Markup, Fault> {
    shown(site, visit, None).await
}

fn number(visit: &Visit) -> Result<u64, Fault> {
    visit.param("number").and_then(|text| text.parse().ok()).ok_or(Fault::NOT_SHOWN)
}

async fn shown(site: &Site, visit: &Visit, fault: Option<PaperFault>) -> Result<Markup, Fault> {
    let caller = clerk(visit)?;
    let (permit, paper) = site.desk().door.paper(caller, number(visit)?).await?;
    let view = own_papers::view(site, visit, &paper).await?;
    // INVARIANT: the leaf is durable before whose it is, is told.
    permit.seal(Shown::none()).await?;
    let typed = paper.typed.clone().filter(|_| view.state == PaperState::Waiting);
    let view = PaperLookView { typed, own: paper.is_of(&caller.person), fault, ..view };
    Ok(page::papers::look(&view, &visit.frame(None)))
}

/// `POST /desk/papers/{number}` with `act`, `read`, `reason`.
pub(crate) async fn say(State(site): State<Site>, visit: Visit, body: String) -> Response {
    let fields = form::pairs(&body);
    let outcome = async {
        let caller = clerk(&visit)?;
        sharing::is_ours(&site, &visit, &fields)?;
        let act = form::value(&fields, "act").and_then(PaperAct::from_code).ok_or(Trouble::BadInput)?;
        let read = form::value(&fields, "read").and_then(|text| text.parse().ok()).ok_or(Trouble::BadInput)?;
        let reason = form::value(&fields, "reason").unwrap_or_default();
        match said(&site, caller, number(&visit)?, (act, read, reason)).await {
            Ok(done) => Ok(answer::see_other(&format!("{DESK}?done={done}"), [])),
            Err(DeskPaperError::Paper(PaperError::Fault(fault))) if fault != PaperFault::Absent => {
                Ok(answer::page(&visit, shown(&site, &visit, Some(fault)).await))
            }
            Err(error) => Err(error.into()),
        }
    };
    outcome.await.unwrap_or_else(|fault: Fault| fault.page(&visit))
}

async fn said(
    site: &Site,
    caller: &Caller,
    number: u64,
    (act, read, reason): (PaperAct, usize, &str),
) -> Result<&'static str, DeskPaperError> {
    let desk = site.desk();
    match act {
        PaperAct::Confirm => {
            desk.confirm_paper(caller, number, read).await?;
            Ok("confirmed")
        }
        PaperAct::SendBack => {
            let (permit, paper) = desk.door.paper(caller, number).await?;
            desk.door.end_paper(permit, paper.number, read, (act, reason)).await?;
            Ok("sent-back")
        }
        PaperAct::TakeDown | PaperAct::TakeBack => Err(PaperFault::Absent.into()),
    }
}

impl From<PaperError> for Fault {
    fn from(error: PaperError) -> Self {
        match error {
            PaperError::Fault(PaperFault::Full | PaperFault::Overtaken) => Trouble::Busy.into(),
            PaperError::Fault(_) => Self::NOT_SHOWN,
            PaperError::Refused(error) => error.into(),
            PaperError::Seal(error) => error.into(),
            PaperError::People(error) => error.into(),
            PaperError::Store(error) => error.into(),
            PaperError::Commit(error) => error.into(),
            PaperError::Row => broken(&error),
        }
    }
}

impl From<DeskPaperError> for Fault {
    fn from(error: DeskPaperError) -> Self {
        match error {
            DeskPaperError::Paper(error) => error.into(),
            DeskPaperError::Record(error) => error.into(),
            DeskPaperError::NoSetting | DeskPaperError::Nobody => Self::NOT_SHOWN,
        }
    }
}
