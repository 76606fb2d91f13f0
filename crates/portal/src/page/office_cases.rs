//! What an organisation is asked to explain or to correct: the list, and one with the form of its answer. Lists name nobody.
//!
//! `POST /office/cases/{id}/answer` with `act` (`answer`; for a correction `corrected`, `annotated`, `refused`), `words`,
//! `said`, `csrf`.

use maud::{Markup, html};
use tsumugi_access::CaseKind;

use super::case_parts::{self, fact};
use crate::calendar;
use crate::frame::{Frame, Sheet, document};
use crate::parts::{self, Tone};
use crate::view::{CaseFormFault, CaseStand, OfficeCaseView, OfficeCasesView, WaitingCase};

/// The list.
#[must_use]
pub fn page(view: &OfficeCasesView, frame: &Frame) -> Markup {
    let main = html! {
        @if view.done {
            (parts::banner(Tone::Success, "done", &frame.t("office-cases-done"), true, &html! { p { (frame.t("office-cases-done-what")) } }))
        }
        p.lead { (frame.t("office-cases-lead")) }
        @if view.cases.is_empty() {
            (parts::empty(&frame.t(if view.all { "office-cases-none-ever" } else { "office-cases-none" })))
        } @else {
            table.cards-table role="table" {
                caption.vh { (frame.t("office-cases-table")) }
                thead { tr role="row" {
                    @for key in ["review-deadline", "case-kind", "review-who", "case-opened", "review-stand", "office-cases-open"] {
                        th scope="col" role="columnheader" { (frame.t(key)) }
                    }
                } }
                tbody { @for case in &view.cases { (row(case, frame)) } }
            }
        }
        @if let Some(next) = &view.next { p { a.button href=(next) { (frame.t("review-more")) } } }
        p {
            @if view.all { a.button href="/office/cases" { (frame.t("office-cases-waiting")) } }
            @else { a.button href="/office/cases?all=1" { (frame.t("office-cases-all")) } }
        }
        p.hint { (frame.t("office-cases-noted")) }
    };
    let back = Some(("/".to_owned(), frame.t("frame-back")));
    document(frame, &Sheet { back, ..Sheet::plain(frame.t("office-cases-title")) }, &main)
}

fn row(case: &WaitingCase, frame: &Frame) -> Markup {
    html! {
        tr role="row" {
            th scope="row" role="rowheader" data-label=(frame.t("review-deadline")) { (case_parts::deadline(case, frame)) }
            td role="cell" data-label=(frame.t("case-kind")) { (case_parts::kind(case.kind, frame)) }
            td role="cell" data-label=(frame.t("review-who")) { (case_parts::looker(case, frame)) }
            td role="cell" data-label=(frame.t("case-opened")) { (calendar::near_moment(case.opened, frame.today(), frame.lang)) }
            td role="cell" data-label=(frame.t("review-stand")) { span.tag { (case_parts::stand(case.stand, frame)) } }
            td role="cell" data-label=(frame.t("office-cases-open")) {
                a.button href=(case.path) { (frame.t("office-cases-open")) span.vh { " " (parts::unread(&case.who.name, frame.lang)) } }
            }
        }
    }
}

/// One case.
#[must_use]
pub fn one(view: &OfficeCaseView, frame: &Frame) -> Markup {
    let case = &view.case;
    let target = |fault| match fault {
        CaseFormFault::NoWords | CaseFormFault::ReasonTooLong(_) => Some("words"),
        CaseFormFault::NoAnswer | CaseFormFault::NotCorrected => Some("act"),
        _ => None,
    };
    let faults: Vec<_> = view.fault.into_iter().collect();
    let main = html! {
        (case_parts::faults(&faults, &target, frame))
        p { span.tag { (case_parts::stand(case.stand, frame)) } }
        dl.facts {
            (fact(&frame.t(if case.closed.is_some() { "case-closed" } else { "review-deadline" }), &case_parts::deadline(case, frame)))
            (fact(&frame.t("case-turn"), &html! { (case_parts::turn(case, frame)) }))
            (fact(&frame.t("review-who"), &case_parts::looker(case, frame)))
            @if let Some(looked) = view.looked { (fact(&frame.t("review-when"), &html! { (calendar::moment(looked, frame.lang)) })) }
            @if let Some(purpose) = view.purpose { (fact(&frame.t("office-case-purpose"), &parts::purpose(purpose, frame.lang))) }
            (fact(&frame.t("review-person"), &person(view, frame)))
            @if let Some(why) = view.concern { (fact(&frame.t("objection-why"), &html! { (case_parts::concern(why, frame)) })) }
        }
        (case_parts::said(&view.said, frame))
        @if view.may_answer { (form(view, frame)) }
        p.hint { (frame.t("office-case-noted")) }
    };
    let sheet = Sheet {
        back: Some(("/office/cases".to_owned(), frame.t("office-cases-title"))),
        faulty: view.fault.is_some(),
        ..Sheet::plain(case_parts::kind(case.kind, frame))
    };
    document(frame, &sheet, &main)
}

fn person(view: &OfficeCaseView, frame: &Frame) -> Markup {
    html! {
        @match &view.person {
            Some(person) => {
                @match &person.name { Some(name) => b { (parts::named(name, frame.lang)) }, None => (frame.t("match-not-known")) }
                @if let Some(birth) = person.birth { " " (calendar::birth(birth, frame.lang)) }
            }
            None => (frame.t("office-case-unnamed")),
        }
    }
}

fn form(view: &OfficeCaseView, frame: &Frame) -> Markup {
    let wrong = |fault: &CaseFormFault| matches!(fault, CaseFormFault::NoWords | CaseFormFault::ReasonTooLong(_));
    let chosen = |fault: &CaseFormFault| matches!(fault, CaseFormFault::NoAnswer | CaseFormFault::NotCorrected);
    let missing = view.fault.filter(chosen);
    let options = [
        ("corrected", frame.t("case-act-corrected").into_owned()),
        ("annotated", frame.t("case-act-annotated").into_owned()),
        ("refused", frame.t("case-act-refused").into_owned()),
    ];
    let correction = view.case.kind == CaseKind::Correction;
    // What was found right to correct can only be corrected.
    let upheld = view.case.stand == CaseStand::Upheld;
    let options = if upheld { &options[..1] } else { &options[..] };
    let hint = if correction { "office-case-correct-hint" } else { "office-case-words-hint" };
    html! {
        form method="post" action={ (view.case.path) "/answer" } novalidate {
            (parts::csrf(frame))
            input type="hidden" name="said" value=(view.said.len());
            @if correction {
                (case_parts::choice("act", &frame.t("office-case-act"), options, view.chosen.map(|act| act.code()), missing, frame))
            } @else { input type="hidden" name="act" value="answer"; }
            (case_parts::words("words", &frame.t("office-case-words"), &frame.t(hint), &view.written, view.fault.filter(wrong), frame))
            p.buttons {
                button.primary { (frame.t("office-case-send")) } " "
                a.button href="/office/cases" { (frame.t("office-case-leave")) }
            }
        }
    }
}
