//! The supervising body's queue of cases, by deadline, and the closed ones. Nobody whose record it is, is named here.

use maud::{Markup, html};
use tsumugi_access::CaseAct;

use super::case_parts::{self, deadline, looker, stand};
use super::odd;
use crate::calendar;
use crate::frame::{Frame, Sheet, document};
use crate::parts::{self, Tone};
use crate::view::{ReviewQueueView, WaitingCase};

/// The page.
#[must_use]
pub fn page(view: &ReviewQueueView, frame: &Frame) -> Markup {
    let day = if view.closed { "case-closed" } else { "review-deadline" };
    let main = html! {
        @if let Some(done) = view.done { (told(done, frame)) }
        p.lead { (frame.t(if view.closed { "review-closed-lead" } else { "review-lead" })) }
        @if view.cases.is_empty() {
            (parts::empty(&frame.t(if view.closed { "review-closed-none" } else { "review-none" })))
        } @else {
            table.cards-table role="table" {
                caption.vh { (frame.t("review-table")) }
                thead { tr role="row" {
                    @for key in [day, "case-kind", "review-who", "case-opened", "review-cause", "review-stand", "review-open"] {
                        th scope="col" role="columnheader" { (frame.t(key)) }
                    }
                } }
                tbody { @for case in &view.cases { (row(case, day, frame)) } }
            }
        }
        @if let Some(next) = &view.next { p { a.button href=(next) { (frame.t("review-more")) } } }
        p {
            @if view.closed { a.button href="/review" { (frame.t("review-title")) } }
            @else { a.button href="/review?closed=1" { (frame.t("review-closed-title")) } }
        }
        p.hint { (frame.t("review-noted")) }
    };
    let title = if view.closed { "review-closed-title" } else { "review-title" };
    let sheet = Sheet { back: Some(("/".to_owned(), frame.t("frame-back"))), ..Sheet::plain(frame.t(title)) };
    document(frame, &sheet, &main)
}

fn row(case: &WaitingCase, day: &str, frame: &Frame) -> Markup {
    html! {
        tr role="row" {
            th scope="row" role="rowheader" data-label=(frame.t(day)) { (deadline(case, frame)) }
            td role="cell" data-label=(frame.t("case-kind")) { (case_parts::kind(case.kind, frame)) }
            td role="cell" data-label=(frame.t("review-who")) { (looker(case, frame)) }
            td role="cell" data-label=(frame.t("case-opened")) {
                (calendar::near_moment(case.opened, frame.today(), frame.lang))
            }
            td role="cell" data-label=(frame.t("review-cause")) { (cause(case, frame)) }
            td role="cell" data-label=(frame.t("review-stand")) { span.tag { (stand(case.stand, frame)) } }
            td role="cell" data-label=(frame.t("review-open")) {
                a.button href=(case.path) {
                    (frame.t(if case.closed.is_some() { "review-read" } else { "review-open" }))
                    span.vh { " " (parts::unread(&case.who.name, frame.lang)) }
                }
            }
        }
    }
}

/// What is odd about the look, where the screening opened the case.
pub(super) fn cause(case: &WaitingCase, frame: &Frame) -> Markup {
    html! { @if !case.odd.is_empty() { ul { @for reason in &case.odd { li { (odd::words(*reason, frame)) } } } } }
}

fn told(done: CaseAct, frame: &Frame) -> Markup {
    let text = match done {
        CaseAct::Fine => "review-done-fine",
        CaseAct::Unfit => "review-done-unfit",
        CaseAct::Lift => "review-done-lifted",
        _ => "review-done-asked",
    };
    parts::banner(Tone::Success, "done", &frame.t("review-done"), true, &html! { p { (frame.t(text)) } })
}
