//! The supervising body's queue of cases, by deadline. Nobody whose record it is, is named here.

use maud::{Markup, html};

use super::odd;
use crate::calendar;
use crate::frame::{Frame, Sheet, document};
use crate::parts::{self, Tone};
use crate::view::{CaseStand, ReviewQueueView, WaitingCase};

/// The page.
#[must_use]
pub fn page(view: &ReviewQueueView, frame: &Frame) -> Markup {
    let main = html! {
        @if let Some(done) = view.done { (told(done, frame)) }
        p.lead { (frame.t("review-lead")) }
        @if view.cases.is_empty() {
            (parts::empty(&frame.t("review-none")))
        } @else {
            table.cards-table role="table" {
                caption.vh { (frame.t("review-table")) }
                thead { tr role="row" {
                    @for key in ["review-deadline", "review-who", "review-when", "review-cause", "review-stand", "review-open"] {
                        th scope="col" role="columnheader" { (frame.t(key)) }
                    }
                } }
                tbody { @for case in &view.cases { (row(case, frame)) } }
            }
        }
        @if let Some(next) = &view.next { p { a.button href=(next) { (frame.t("review-more")) } } }
        p.hint { (frame.t("review-noted")) }
    };
    let sheet = Sheet { back: Some(("/".to_owned(), frame.t("frame-back"))), ..Sheet::plain(frame.t("review-title")) };
    document(frame, &sheet, &main)
}

fn row(case: &WaitingCase, frame: &Frame) -> Markup {
    html! {
        tr role="row" {
            th scope="row" role="rowheader" data-label=(frame.t("review-deadline")) { (deadline(case, frame)) }
            td role="cell" data-label=(frame.t("review-who")) { (who(case, frame)) }
            td role="cell" data-label=(frame.t("review-when")) {
                (calendar::near_moment(case.opened, frame.today(), frame.lang))
            }
            td role="cell" data-label=(frame.t("review-cause")) { (cause(case, frame)) }
            td role="cell" data-label=(frame.t("review-stand")) { span.tag { (stand(case.stand, frame)) } }
            td role="cell" data-label=(frame.t("review-open")) {
                a.button href=(case.path) {
                    (frame.t("review-open")) span.vh { " " (parts::unread(&case.who.name, frame.lang)) }
                }
            }
        }
    }
}

/// The day, and a word where it is today or past.
pub(super) fn deadline(case: &WaitingCase, frame: &Frame) -> Markup {
    let today = frame.today();
    html! {
        (parts::near_day(case.deadline, frame))
        @if matches!(case.stand, CaseStand::Waiting | CaseStand::Asked) {
            @if case.deadline < today { " " span.tag.warn { span aria-hidden="true" { "! " } (frame.t("review-late")) } }
            @else if case.deadline == today { " " span.tag { (frame.t("review-today")) } }
        }
    }
}

pub(super) fn who(case: &WaitingCase, frame: &Frame) -> Markup {
    html! {
        (parts::who(&case.who, frame.lang))
        @if let Some(organization) = &case.who.organization { br; (parts::words(organization, frame.lang)) }
    }
}

/// Why there is a case: that limits were passed, or what is odd about the look.
pub(super) fn cause(case: &WaitingCase, frame: &Frame) -> Markup {
    html! {
        @if case.odd.is_empty() { (frame.t("review-cause-glass")) }
        @else {
            (frame.t("review-cause-odd"))
            ul { @for reason in &case.odd { li { (odd::words(*reason, frame)) } } }
        }
    }
}

/// Where a case stands, in words.
pub(super) fn stand(stand: CaseStand, frame: &Frame) -> String {
    let key = match stand {
        CaseStand::Waiting => "review-stand-waiting",
        CaseStand::Asked => "review-stand-asked",
        CaseStand::Fine => "review-stand-fine",
        CaseStand::Unfit => "review-stand-unfit",
    };
    frame.t(key).into_owned()
}

fn told(done: CaseStand, frame: &Frame) -> Markup {
    let text = match done {
        CaseStand::Fine => "review-done-fine",
        CaseStand::Unfit => "review-done-unfit",
        CaseStand::Waiting | CaseStand::Asked => "review-done-asked",
    };
    parts::banner(Tone::Success, "done", &frame.t("review-done"), true, &html! { p { (frame.t(text)) } })
}
