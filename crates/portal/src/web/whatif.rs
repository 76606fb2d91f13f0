//! `/what-if`: the supervising body tries rules before they bind.

use axum::{extract::State, response::Response};
use maud::Markup;
use tsumugi_access::{
    PolicyProfile,
    policy::{Policies, PolicyFault},
};
use tsumugi_kernel::Purpose;

use super::{Fault, Site, Visit, answer, form, record::caller};
use crate::page;
use crate::view::{Tried, Trouble, WHAT_IF_DAYS, WhatIfFault, WhatIfView};

/// Most decisions that a page asks again: the newest. Some seconds; `tsumugi policy try` asks all.
const MOST: u64 = 100_000;
/// Longest text of a file, in bytes.
const TEXT_MOST: usize = 64 * 1024;
const DAY_MILLIS: i64 = 24 * 60 * 60 * 1000;
/// Days where nothing was chosen.
const DAYS: u16 = 30;

/// `GET /what-if?file=`: what can be tried; of one file, its text.
pub(crate) async fn form(site: &Site, visit: &Visit) -> Result<Markup, Fault> {
    site.desk().may_try_rules(caller(visit)?)?;
    let mut view = view(site, DAYS);
    if let Some(file) = visit.asked("file") {
        let files = site.desk().door.policies().files();
        let (name, text) = files.iter().find(|(name, _)| name == file).ok_or(Fault::NO_PAGE)?;
        view.text = Some((name.clone(), text.clone()));
    }
    Ok(page::whatif::page(&view, &visit.frame(None)))
}

/// `POST /what-if` with `days`, and `profile`, or `file` and `text`.
pub(crate) async fn run(State(site): State<Site>, visit: Visit, body: String) -> Response {
    let fields = form::pairs(&body);
    let page = tried(&site, &visit, &fields).await;
    answer::page(&visit, page.map(|view| page::whatif::page(&view, &visit.frame(None))))
}

async fn tried(site: &Site, visit: &Visit, fields: &[(String, String)]) -> Result<WhatIfView, Fault> {
    site.desk().may_try_rules(caller(visit)?)?;
    if !visit.is_own_form(site, fields) {
        return Err(Trouble::StaleForm.into());
    }
    let asked = |name| form::value(fields, name).unwrap_or_default();
    let days = asked("days").parse().ok().filter(|days| WHAT_IF_DAYS.contains(days)).unwrap_or(DAYS);
    let mut view = view(site, days);
    let chosen = if let Some(profile) = PolicyProfile::from_code(asked("profile")) {
        (Tried::Profile(profile), Policies::load(profile))
    } else {
        let (file, text) = (asked("file"), asked("text"));
        view.text = Some((file.to_owned(), text.chars().take(TEXT_MOST).collect()));
        let policies = if text.len() > TEXT_MOST {
            let detail = format!("longer than {TEXT_MOST} bytes");
            Err(PolicyFault::Syntax { file: file.to_owned(), detail })
        } else {
            site.desk().door.policies().with_file(file, text).ok_or(Fault::NO_PAGE)?
        };
        (Tried::File(Purpose::from_code(file)), policies)
    };
    let (tried, policies) = match chosen {
        (tried, Ok(policies)) => (tried, policies),
        (_, Err(fault)) => {
            view.fault = Some(WhatIfFault::Text(fault.to_string()));
            return Ok(view);
        }
    };
    // One after another: each reads much of the log.
    let Ok(_turn) = site.what_if_turn().try_lock() else {
        view.fault = Some(WhatIfFault::Busy);
        return Ok(view);
    };
    let since = visit.now.plus_millis(-i64::from(days) * DAY_MILLIS);
    let result = site.desk().try_rules(caller(visit)?, &policies, since, MOST).await?;
    view.result = Some((tried, result));
    Ok(view)
}

fn view(site: &Site, days: u16) -> WhatIfView {
    let policies = site.desk().door.policies();
    let files = policies.files().iter().map(|(name, _)| (name.clone(), Purpose::from_code(name))).collect();
    WhatIfView { here: policies.profile(), files, text: None, days, most: MOST, fault: None, result: None }
}
