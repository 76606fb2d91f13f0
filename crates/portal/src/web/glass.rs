//! Looking in an emergency with a typed reason. The reason is written into a short token of its own, for one citizen, in
//! a cookie that the browser sends to that citizen's pages alone; the session stays what it is.
//!
//! What must hold: what is offered depends on the reader alone; nothing is seen before the leaf that tells of it.

use axum::{extract::State, response::Response};
use maud::Markup;
use tsumugi_access::{Action, ActionGroup, Caller, roles};
use tsumugi_kernel::{OrganizationKind, Purpose};
use tsumugi_signin::{Claims, EMERGENCY_MILLIS, issue};

use super::{Fault, Site, Visit, answer, cookie, form, record};
use crate::Lang;
use crate::page;
use crate::read::words;
use crate::view::{Glass, GlassFault, GlassKind, GlassView, GlassWhy, Trouble};

/// Fewest characters of a reason.
const REASON_LEAST: usize = 5;
/// Fewest different characters of a reason.
const KINDS_LEAST: usize = 3;
/// Most characters of a reason.
const REASON_MOST: usize = 200;

/// What stands on a person's first page: what may be typed, or what was.
pub(crate) fn stands(site: &Site, visit: &Visit) -> Option<Glass> {
    let caller = visit.caller.as_ref()?;
    if caller.purpose == Purpose::Disaster {
        return Some(Glass::Disaster { until: caller.expires });
    }
    match &caller.reason {
        Some(reason) if caller.purpose.is_emergency() && caller.citizen.is_some() => Some(Glass::Typed {
            kind: if caller.purpose == Purpose::BreakGlass { GlassKind::Break } else { GlassKind::Tell },
            reason: words(reason.as_str(), visit.lang),
            until: caller.expires,
            whole: caller.whole,
        }),
        _ => offer(site, caller).map(Glass::Offered),
    }
}

/// What a typed reason would do for this reader; `None` where there is nothing to type. Nothing of a citizen is asked.
fn offer(site: &Site, caller: &Caller) -> Option<GlassKind> {
    let medical = matches!(caller.organization_kind, OrganizationKind::Hospital | OrganizationKind::Clinic);
    let breaks = medical
        && !caller.automatic
        && matches!(caller.purpose, Purpose::Treat | Purpose::EmergencyTreat)
        && roles::may_ask(caller.role, Purpose::BreakGlass, ActionGroup::View)
        && site.desk().door.policies().know(Purpose::BreakGlass);
    match caller.purpose {
        _ if site.emergency_key().is_none() => None,
        _ if breaks => Some(GlassKind::Break),
        Purpose::EmergencyTreat => Some(GlassKind::Tell),
        _ => None,
    }
}

/// `GET /people/{id}/break-glass`: what happens, and the field.
pub(crate) async fn form(State(site): State<Site>, visit: Visit) -> Response {
    let page = show(&site, &visit, None, String::new(), None).await;
    answer::page(&visit, page)
}

/// `POST /people/{id}/break-glass` with `reason`.
pub(crate) async fn begin(State(site): State<Site>, visit: Visit, body: String) -> Response {
    let fields = form::pairs(&body);
    if let Err(fault) = is_ours(&site, &visit, &fields) {
        return fault.page(&visit);
    }
    let written = form::value(&fields, "reason").unwrap_or_default();
    let picked = form::value(&fields, "why").and_then(|code| GlassWhy::ALL.into_iter().find(|why| why.code() == code));
    match read(picked, written) {
        Ok(reason) => match start(&site, &visit, reason) {
            Ok(begun) => begun,
            Err(fault) => fault.page(&visit),
        },
        Err(fault) => {
            let page = show(&site, &visit, picked, written.to_owned(), Some(fault)).await;
            answer::page(&visit, page)
        }
    }
}

/// `POST /people/{id}/break-glass/whole`: the second step.
pub(crate) async fn widen(State(site): State<Site>, visit: Visit, body: String) -> Response {
    let outcome = || {
        is_ours(&site, &visit, &form::pairs(&body))?;
        let caller = record::caller(&visit)?;
        let (citizen, _) = record::whose(&site, &visit)?;
        // The reason was typed for one citizen; it opens no other.
        let reason = caller.reason.clone().filter(|_| caller.citizen == Some(citizen)).ok_or(Fault::NOT_SHOWN)?;
        if caller.purpose != Purpose::BreakGlass {
            return Err(Fault::NOT_SHOWN);
        }
        let claims = Claims { whole: true, ..claims(&visit, caller, Purpose::BreakGlass, reason)? };
        lead(&site, &visit, &Claims { expires: caller.expires, ..claims })
    };
    outcome().unwrap_or_else(|fault| fault.page(&visit))
}

/// `POST /people/{id}/break-glass/end`: from here on the session alone says why.
pub(crate) async fn end(State(site): State<Site>, visit: Visit, body: String) -> Response {
    let outcome = || {
        is_ours(&site, &visit, &form::pairs(&body))?;
        let (_, base) = record::whose(&site, &visit)?;
        Ok(answer::see_other(&base, [cookie::set_under(cookie::EMERGENCY, "", &base, 0)]))
    };
    outcome().unwrap_or_else(|fault: Fault| fault.page(&visit))
}

fn is_ours(site: &Site, visit: &Visit, fields: &[(String, String)]) -> Result<(), Fault> {
    record::caller(visit)?;
    if visit.is_own_form(site, fields) { Ok(()) } else { Err(Trouble::StaleForm.into()) }
}

/// A reason as it will stand in the log, for the person and the reviewer, in Japanese: one line, its length within
/// bounds. What was picked suffices; what was typed is added to it.
fn read(picked: Option<GlassWhy>, written: &str) -> Result<String, GlassFault> {
    let picked = picked.filter(|why| *why != GlassWhy::Other).map(|why| why.words(Lang::Ja));
    let line = written.split(|c: char| c.is_whitespace() || c.is_control()).filter(|part| !part.is_empty());
    let typed = line.collect::<Vec<_>>().join(" ");
    let count = typed.chars().count();
    if count > REASON_MOST {
        return Err(GlassFault::Long(REASON_MOST));
    }
    if let Some(picked) = picked {
        return Ok(if typed.is_empty() { picked.into_owned() } else { format!("{picked} {typed}") });
    }
    if count < REASON_LEAST {
        return Err(GlassFault::Short(REASON_LEAST));
    }
    // Whoever leans on a key gives no reason.
    let mut kinds: Vec<char> = typed.chars().collect();
    kinds.sort_unstable();
    kinds.dedup();
    if kinds.len() < KINDS_LEAST { Err(GlassFault::Empty) } else { Ok(typed) }
}

fn start(site: &Site, visit: &Visit, reason: String) -> Result<Response, Fault> {
    let caller = record::caller(visit)?;
    let purpose = match offer(site, caller).ok_or(Fault::NOT_SHOWN)? {
        GlassKind::Break => Purpose::BreakGlass,
        GlassKind::Tell => Purpose::EmergencyTreat,
    };
    lead(site, visit, &claims(visit, caller, purpose, reason)?)
}

/// What the short token says: never longer than the session.
fn claims(visit: &Visit, caller: &Caller, purpose: Purpose, reason: String) -> Result<Claims, Fault> {
    let id = visit.param("id").ok_or(Fault::NOT_SHOWN)?;
    let expires = visit.now.plus_millis(EMERGENCY_MILLIS).min(caller.expires);
    let claims = Claims::new(caller.role, purpose, caller.person.clone(), caller.organization.clone(), expires);
    Ok(Claims { citizen: Some(id.to_owned()), reason: Some(reason), ..claims })
}

/// To the person's pages, with the token in a cookie for them alone.
fn lead(site: &Site, visit: &Visit, claims: &Claims) -> Result<Response, Fault> {
    let (_, base) = record::whose(site, visit)?;
    lead_to(site, visit, claims, &base)
}

/// To the pages of a person, with a token in a cookie for them alone.
pub(crate) fn lead_to(site: &Site, visit: &Visit, claims: &Claims, base: &str) -> Result<Response, Fault> {
    let key = site.emergency_key().ok_or(Fault::NOT_SHOWN)?;
    let seconds = claims.expires.0.saturating_sub(visit.now.0) / 1000;
    Ok(answer::see_other(base, [cookie::set_under(cookie::EMERGENCY, &issue(claims, key), base, seconds)]))
}

/// The page. It names the person where the reader's session shows who that is; where it does not, it is the same page
/// without a name, so that what she hides from the reader stays hidden and can still be broken.
async fn show(
    site: &Site,
    visit: &Visit,
    picked: Option<GlassWhy>,
    written: String,
    fault: Option<GlassFault>,
) -> Result<Markup, Fault> {
    let caller = record::caller(visit)?;
    let (_, base) = record::whose(site, visit)?;
    let kind = offer(site, caller).ok_or(Fault::NOT_SHOWN)?;
    let frame = match record::open(site, visit, Action::Page).await {
        Ok(open) => open.seal(visit).await?,
        Err(hidden) if hidden == Fault::NOT_SHOWN => visit.frame(None),
        Err(fault) => return Err(fault),
    };
    let minutes = u32::try_from(EMERGENCY_MILLIS / 60_000).unwrap_or(u32::MAX);
    Ok(page::glass::page(&GlassView { base, kind, minutes, picked, written, fault }, &frame))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_one_line_within_bounds() {
        let read = |written: &str| super::read(None, written);
        assert_eq!(read(" 意識が\r\nない\u{7}ため "), Ok("意識が ない ため".to_owned()));
        for short in ["", "     ", "意識なし", "a\n\n\n\n\nb"] {
            assert_eq!(read(short), Err(GlassFault::Short(5)), "{short}");
        }
        for leant in ["ああああああ", "ababababab"] {
            assert_eq!(read(leant), Err(GlassFault::Empty), "{leant}");
        }
        assert_eq!(read("意識なし"), Err(GlassFault::Short(5)));
        assert_eq!(read(&"  \n ".repeat(50)), Err(GlassFault::Short(5)), "white space is no reason");
        assert!(read(&"あいう".repeat(66)).is_ok());
        assert_eq!(read(&"あ".repeat(201)), Err(GlassFault::Long(200)));
        let picked = |typed: &str| super::read(Some(GlassWhy::Unconscious), typed);
        assert_eq!(picked(""), Ok("意識がなく、薬と病気をたしかめる".to_owned()));
        assert_eq!(picked(" 頭を打った"), Ok("意識がなく、薬と病気をたしかめる 頭を打った".to_owned()));
        assert_eq!(super::read(Some(GlassWhy::Other), ""), Err(GlassFault::Short(5)), "then it is typed");
    }
}
