//! The apps that may come back without the person, and the end of that.

use axum::{extract::State, response::Response};
use maud::Markup;
use tsumugi_signin::{
    oauth::{AppGrant, OauthError},
    scopes::One,
};

use super::{Fault, Site, Visit, allow, answer, form};
use crate::page;
use crate::view::{AppRow, AppsView, Trouble};

/// `GET /apps`.
pub(crate) async fn list(site: &Site, visit: &Visit) -> Result<Markup, Fault> {
    let caller = allow::session(visit).ok_or(Fault::SignIn)?;
    let provider = site.provider().ok_or(Fault::NO_PAGE)?;
    let apps = provider.apps(&caller.person).await.map_err(|error| fault(&error))?;
    let view = AppsView { apps: apps.into_iter().map(row).collect(), ended: visit.asked("done") == Some("ended") };
    Ok(page::apps::page(&view, &visit.frame(None)))
}

/// `POST /apps/end` with `app`.
pub(crate) async fn end(State(site): State<Site>, visit: Visit, body: String) -> Response {
    match ended(&site, &visit, &form::pairs(&body)).await {
        Ok(()) => answer::see_other("/apps?done=ended", []),
        Err(fault) => fault.page(&visit),
    }
}

async fn ended(site: &Site, visit: &Visit, fields: &[(String, String)]) -> Result<(), Fault> {
    if !visit.is_own_form(site, fields) {
        return Err(Trouble::StaleForm.into());
    }
    let caller = allow::session(visit).ok_or(Fault::SignIn)?;
    let provider = site.provider().ok_or(Fault::NO_PAGE)?;
    let app = form::value(fields, "app").ok_or(Trouble::BadInput)?;
    provider.end_app(&caller.person, app).await.map_err(|error| fault(&error))
}

fn row(app: AppGrant) -> AppRow {
    let may = app.scopes.iter().filter_map(|one| match one {
        One::Resource(_, kind, deeds) => Some((*kind, *deeds)),
        _ => None,
    });
    let (since, until) = (app.since.civil().date(), app.until.civil().date());
    AppRow { may: may.collect(), name: app.name, app: app.app, since, until }
}

fn fault(error: &OauthError) -> Fault {
    if error.status == 503 { Trouble::Busy.into() } else { super::fault::broken(error) }
}
