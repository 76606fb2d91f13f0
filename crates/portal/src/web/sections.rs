//! The pages of a record: timeline, activities, laboratory, medicines.

use maud::Markup;
use tsumugi_access::Action;

use super::{Fault, Site, Visit, record};
use crate::Frame;
use crate::page;
use crate::read::{self, timeline::Asked};
use crate::view::{ActivitiesView, LaboratoryListView, LaboratoryView, MedicinesView, TimelineView, Topic};

/// `GET {base}/timeline?topic=&year=`.
pub(crate) async fn timeline(site: &Site, visit: &Visit) -> Result<Markup, Fault> {
    let (view, frame) = timeline_view(site, visit).await?;
    Ok(page::timeline::page(&view, &frame))
}

/// `GET {base}/activities`.
pub(crate) async fn activities(site: &Site, visit: &Visit) -> Result<Markup, Fault> {
    let (view, frame) = activities_view(site, visit).await?;
    Ok(page::activities::page(&view, &frame))
}

/// `GET {base}/laboratory`.
pub(crate) async fn laboratory(site: &Site, visit: &Visit) -> Result<Markup, Fault> {
    let (view, frame) = laboratory_view(site, visit).await?;
    Ok(page::laboratory_list::page(&view, &frame))
}

/// `GET {base}/laboratory/{slug}`.
pub(crate) async fn test(site: &Site, visit: &Visit) -> Result<Markup, Fault> {
    let (view, frame) = test_view(site, visit).await?;
    Ok(page::laboratory::page(&view.ok_or(Fault::NOT_SHOWN)?, &frame))
}

/// `GET {base}/medicines`.
pub(crate) async fn medicines(site: &Site, visit: &Visit) -> Result<Markup, Fault> {
    let (view, frame) = medicines_view(site, visit).await?;
    Ok(page::medicines::page(&view, &frame))
}

/// The timeline, sealed.
pub(crate) async fn timeline_view(site: &Site, visit: &Visit) -> Result<(TimelineView, Frame), Fault> {
    let mut open = record::open(site, visit, Action::Page).await?;
    let pieces = open.pieces(site, read::timeline::WANTS).await?;
    let subject = open.subject().clone();
    let asked = Asked {
        topic: visit.asked("topic").map(Topic::from_code).unwrap_or_default(),
        year: visit.asked("year").and_then(|year| year.parse().ok()),
        birth: subject.birth,
        base: &subject.base,
    };
    let view = read::timeline::view(&pieces, asked, visit.lang, &mut open.shown);
    Ok((view, open.seal(visit).await?))
}

/// Activities and notes, sealed.
pub(crate) async fn activities_view(site: &Site, visit: &Visit) -> Result<(ActivitiesView, Frame), Fault> {
    let mut open = record::open(site, visit, Action::Page).await?;
    let pieces = open.pieces(site, &[read::CARE]).await?;
    let view = read::activities::view(&pieces, visit.lang, &mut open.shown);
    Ok((view, open.seal(visit).await?))
}

/// The newest result of each test, sealed.
pub(crate) async fn laboratory_view(site: &Site, visit: &Visit) -> Result<(LaboratoryListView, Frame), Fault> {
    let mut open = record::open(site, visit, Action::Page).await?;
    let pieces = open.pieces(site, &[read::TESTS]).await?;
    let view = read::laboratory::list(&pieces, visit.lang, &mut open.shown);
    Ok((view, open.seal(visit).await?))
}

/// One test, sealed; `None` where nothing of it can be shown.
async fn test_view(site: &Site, visit: &Visit) -> Result<(Option<LaboratoryView>, Frame), Fault> {
    let mut open = record::open(site, visit, Action::Page).await?;
    let pieces = open.pieces(site, &[read::TESTS]).await?;
    let slug = visit.param("slug").unwrap_or_default();
    let view = read::laboratory::view(&pieces, slug, visit.lang, &mut open.shown);
    Ok((view, open.seal(visit).await?))
}

/// Medicines, sealed.
pub(crate) async fn medicines_view(site: &Site, visit: &Visit) -> Result<(MedicinesView, Frame), Fault> {
    let mut open = record::open(site, visit, Action::Page).await?;
    let pieces = open.pieces(site, read::medicines::WANTS).await?;
    let view = read::medicines::view(&pieces, visit.now.civil().date(), visit.lang, &mut open.shown);
    Ok((view, open.seal(visit).await?))
}
