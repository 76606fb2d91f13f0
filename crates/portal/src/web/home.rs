//! Starting points: by role at `/`, and the start of one record.

use axum::{extract::State, response::Response};
use maud::Markup;
use tsumugi_access::Action;
use tsumugi_kernel::{Instant, OrganizationKind, Purpose, Role};

use super::{Fault, Site, Visit, answer, care, disaster, glass, looks, notices, record, sign_in, staff};
use crate::page;
use crate::read;
use crate::view::{FoundPerson, Name, News, ProxyHomeView, Receipt, Words};

/// How long a receipt is shown after a write, in milliseconds.
const RECEIPT_MILLIS: i64 = 10 * 60 * 1000;

/// `GET /`: the citizen's record, a proxy's people, the staff's search, or the way to sign in.
pub(crate) async fn start(State(site): State<Site>, visit: Visit) -> Response {
    match visit.caller.as_ref().map(|caller| caller.role) {
        None if visit.session.is_some() => answer::see_other("/sign-in/as", []),
        None => Fault::SignIn.page(&visit),
        Some(Role::Citizen) => answer::see_other("/me", []),
        Some(Role::Proxy) => {
            let page = proxy(&site, &visit).await;
            answer::page(&visit, page)
        }
        Some(_) => {
            let page = staff::start(&site, &visit).await;
            answer::page(&visit, page)
        }
    }
}

/// Those who gave a mandate. Only names: whatever else there is stands in their records.
async fn proxy(site: &Site, visit: &Visit) -> Result<Markup, Fault> {
    let mut people = Vec::new();
    for ward in site.desk().door.wards(record::caller(visit)?).await? {
        let Some(row) = site.desk().directory.citizen(ward.citizen).await? else { continue };
        let Some(id) = sign_in::patient_of(site, ward.citizen).await? else { continue };
        people.push(FoundPerson {
            name: Name { text: row.name.unwrap_or_default(), kana: row.kana },
            birth: None,
            sex: None,
            number: None,
            relation: (!ward.relation.is_empty()).then(|| Words::ja(ward.relation)),
            until: None,
            base: format!("/people/{id}"),
        });
    }
    Ok(page::proxy_home::page(
        &ProxyHomeView {
            number: record::caller(visit)?.person.to_string(),
            people,
            disaster: disaster::news(site, visit).await?,
        },
        &visit.frame(None),
    ))
}

/// The start of one record: the person's own, or what the ward and the care office need first.
pub(crate) async fn record(site: &Site, visit: &Visit) -> Result<Markup, Fault> {
    let caller = record::caller(visit)?;
    match (caller.role, caller.purpose) {
        (Role::Citizen | Role::Proxy, _) => own(site, visit).await,
        (_, Purpose::EmergencyTreat | Purpose::Disaster) => emergency(site, visit).await,
        // The smallest view first.
        (_, Purpose::BreakGlass) if !caller.whole => emergency(site, visit).await,
        _ => at_work(site, visit).await,
    }
}

/// The person's start tells who looked, so it is opened as the log is; the rules that open the log to her show all of
/// the record, too. A mandate that leaves out the log still opens the record.
async fn own(site: &Site, visit: &Visit) -> Result<Markup, Fault> {
    let (mut open, looks, news) = match record::open(site, visit, Action::AccessLog).await {
        Ok(open) => {
            let looks = looks::all(&open).await?;
            let told = notices::told(site, visit, &open, &looks).await?;
            let news = read::notices::first(told.notices).map(|first| News { unread: told.unread, first });
            (open, looks, news)
        }
        Err(fault) if record::caller(visit)?.role == Role::Proxy && fault == Fault::NOT_SHOWN => {
            (record::open(site, visit, Action::Page).await?, Vec::new(), None)
        }
        Err(fault) => return Err(fault),
    };
    let caller = record::caller(visit)?;
    let pieces = open.pieces(site, read::home::WANTS).await?;
    let today = visit.now.civil().date();
    let mut view = read::home::view(&pieces, &looks, &caller.person, today, &mut open.shown);
    view.news = news;
    view.disaster = disaster::news(site, visit).await?;
    let frame = open.seal(visit).await?;
    Ok(page::home::page(&view, &frame))
}

/// What an emergency needs, at one glance.
async fn emergency(site: &Site, visit: &Visit) -> Result<Markup, Fault> {
    let mut open = record::open(site, visit, Action::Page).await?;
    let pieces = open.pieces(site, read::emergency::WANTS).await?;
    let mut view = read::emergency::view(&pieces, visit.now.civil().date(), visit.lang, &mut open.shown);
    view.glass = glass::stands(site, visit);
    let frame = open.seal(visit).await?;
    Ok(page::emergency::page(&view, &frame))
}

async fn at_work(site: &Site, visit: &Visit) -> Result<Markup, Fault> {
    let mut open = record::open(site, visit, Action::Page).await?;
    let pieces = open.pieces(site, read::person::WANTS).await?;
    let today = visit.now.civil().date();
    let mut view = read::person::view(&pieces, today, visit.lang, &mut open.shown);
    let caller = record::caller(visit)?;
    view.may_record = care::may_record(caller).is_ok();
    view.glass = glass::stands(site, visit);
    view.receipt = receipt(visit);
    let office = caller.organization_kind == OrganizationKind::CareOffice;
    let frame = open.seal(visit).await?;
    Ok(if office { page::care_office::page(&view, &frame) } else { page::ward::page(&view, &frame) })
}

/// `?recorded=MILLIS`, for some minutes after a write.
fn receipt(visit: &Visit) -> Option<Receipt> {
    let at = Instant(visit.asked("recorded")?.parse().ok()?);
    let fresh = at <= visit.now && visit.now.0.saturating_sub(at.0) <= RECEIPT_MILLIS;
    fresh.then_some(Receipt { at })
}
