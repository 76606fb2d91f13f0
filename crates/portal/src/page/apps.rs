//! The apps that may come back without the person: `POST /apps/end` with `app` and `csrf` ends one.

use maud::{Markup, html};

use super::allow;
use crate::calendar;
use crate::frame::{Frame, Sheet, document};
use crate::parts::{self, Tone};
use crate::read::words;
use crate::view::{AppRow, AppsView};

/// The page.
#[must_use]
pub fn page(view: &AppsView, frame: &Frame) -> Markup {
    let main = html! {
        @if view.ended {
            (parts::banner(Tone::Success, "done", &frame.t("apps-ended"), true, &html! { p { (frame.t("apps-ended-what")) } }))
        }
        p.lead { (frame.t("apps-lead")) }
        @if view.apps.is_empty() { (parts::empty(&frame.t("apps-none"))) }
        @for row in &view.apps { (app(row, frame)) }
        p.hint { (frame.t("apps-minutes")) }
    };
    let back = Some(("/".to_owned(), frame.t("frame-back")));
    document(frame, &Sheet { back, ..Sheet::plain(frame.t("apps-title")) }, &main)
}

fn app(row: &AppRow, frame: &Frame) -> Markup {
    let day = |day| calendar::day(day, frame.lang);
    html! {
        div.card {
            h2 { bdi { (parts::words(&words(row.app.as_str(), frame.lang), frame.lang)) } }
            dl.facts {
                div { dt { (frame.t("allow-what")) } dd {
                    ul.plain { @for (kind, deeds) in &row.may { li { (allow::deed(*kind, *deeds, frame)) } } }
                } }
                div { dt { (frame.t("apps-since")) } dd { (day(row.since)) } }
                div { dt { (frame.t("apps-until")) } dd { (day(row.until)) } }
            }
            form method="post" action="/apps/end" {
                (parts::csrf(frame))
                button name="app" value=(row.name) { (frame.t("apps-end")) span.vh { ": " (parts::words(&words(row.app.as_str(), frame.lang), frame.lang)) } }
            }
        }
    }
}
