//! Records that were joined, and how to take them apart. Nobody is named here.
//!
//! `POST {path}/undo` with `reason`, `csrf`.

use maud::{Markup, html};

use super::match_pair::words;
use crate::calendar;
use crate::frame::{Frame, Sheet, document};
use crate::parts::{self, Tone};
use crate::view::{MatchFault, MergeRow, MergesView, Name};

/// The page.
#[must_use]
pub fn page(view: &MergesView, frame: &Frame) -> Markup {
    let main = html! {
        @if let Some((_, fault)) = &view.fault {
            (parts::banner(Tone::Error, "faults", &frame.t("form-faults"), true, &html! { p { (words(*fault, frame)) } }))
        }
        p.lead { (frame.t("merges-lead")) }
        @if view.merges.is_empty() {
            (parts::empty(&frame.t("merges-none")))
        } @else {
            ol.plain { @for (place, merge) in view.merges.iter().enumerate() { li { (row(merge, place, view, frame)) } } }
        }
        @if let Some(next) = &view.next { p { a.button href=(next) { (frame.t("match-queue-more")) } } }
    };
    let sheet = Sheet {
        back: Some(("/desk/matches".to_owned(), frame.t("match-queue-title"))),
        faulty: view.fault.is_some(),
        ..Sheet::plain(frame.t("merges-title"))
    };
    document(frame, &sheet, &main)
}

fn row(merge: &MergeRow, place: usize, view: &MergesView, frame: &Frame) -> Markup {
    let fault = view.fault.as_ref().filter(|(path, _)| *path == merge.path).map(|(_, fault)| *fault);
    html! {
        section aria-labelledby={ "merge-" (place) } {
            h2 id={ "merge-" (place) } { (calendar::near_moment(merge.at, frame.today(), frame.lang)) }
            p { (frame.t("merges-by")) " " (names(&merge.by, frame)) }
            @match &merge.undone {
                Some((name, at, reason)) => {
                    p {
                        span.tag { (frame.t("merges-undone")) } " "
                        (calendar::near_moment(*at, frame.today(), frame.lang)) " " (parts::unread(name, frame.lang))
                    }
                    p.kept lang="ja" { (reason) }
                    @for (source, count) in &merge.open {
                        p { (frame.with("merges-open", &[("source", source.as_str().into()), ("n", (*count).into())])) }
                    }
                }
                None => (parts::opening(&html! { (frame.t("match-apart-title")) }, fault.is_some(), frame, &undo(merge, place, fault, frame))),
            }
        }
    }
}

fn names(names: &[Name], frame: &Frame) -> Markup {
    html! { @for (index, name) in names.iter().enumerate() { @if index > 0 { (frame.t("list-joint")) } (parts::unread(name, frame.lang)) } }
}

fn undo(merge: &MergeRow, place: usize, fault: Option<MatchFault>, frame: &Frame) -> Markup {
    let (field, hint, mark) =
        (format!("reason-{place}"), format!("reason-hint-{place}"), format!("reason-fault-{place}"));
    html! {
        p { (frame.t("match-apart-what")) }
        form method="post" action={ (merge.path) "/undo" } novalidate {
            (parts::csrf(frame))
            div.field.faulty[fault.is_some()] {
                label for=(field) { (frame.t("match-why")) }
                p.hint id=(hint) { (frame.t("match-why-hint")) }
                @if let Some(fault) = fault { p.fault id=(mark) { span aria-hidden="true" { "× " } (words(fault, frame)) } }
                textarea id=(field) name="reason" rows="3" aria-invalid=[fault.map(|_| "true")]
                    aria-describedby=(if fault.is_some() { format!("{hint} {mark}") } else { hint.clone() }) {}
            }
            p.buttons { button { (frame.t("match-apart")) } }
        }
    }
}
