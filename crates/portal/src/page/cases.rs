//! What a citizen has called others to account for: the list, and one with its clocks.
//!
//! `POST {path}/reply` with `act` (`accept`, `insist`), `words`, `said`, `csrf`.

use maud::{Markup, html};
use tsumugi_access::{CaseAct, CaseKind};

use super::case_parts::{self, fact};
use crate::calendar;
use crate::frame::{Frame, Section, Sheet, document};
use crate::parts::{self, Tone};
use crate::view::{CaseFormFault, CasesView, OwnCaseView, WaitingCase};

/// The list.
#[must_use]
pub fn page(view: &CasesView, frame: &Frame) -> Markup {
    let main = html! {
        p.lead { (frame.t("cases-lead")) }
        @if view.cases.is_empty() { (parts::empty(&frame.t("cases-none"))) }
        @else { ol.rows.tall { @for case in &view.cases { li { (row(case, frame)) } } } }
        h2 { (frame.t("cases-how")) }
        ul.plain {
            li { (frame.t("cases-how-look")) }
            li { (frame.t("cases-how-document")) }
            li { (frame.t("cases-how-paper")) }
        }
        p { a.button href=(Section::Looks.path(frame.base())) { (frame.t("section-looks")) } }
        p { a.button href="/statistics" { (frame.t("statistics-title")) } }
    };
    document(frame, &Sheet::of_record(frame.t("section-cases"), Section::Cases, frame), &main)
}

fn row(case: &WaitingCase, frame: &Frame) -> Markup {
    html! {
        a href=(case.path) {
            span {
                b { (case_parts::kind(case.kind, frame)) } " "
                (calendar::near_day(case.opened.civil().date(), frame.today(), frame.lang))
                br; (case_parts::looker(case, frame))
                br; span.tag { (case_parts::stand(case.stand, frame)) } " " (case_parts::deadline(case, frame))
            }
        }
    }
}

/// One of them.
#[must_use]
pub fn one(view: &OwnCaseView, frame: &Frame) -> Markup {
    let case = &view.case;
    let target = |fault| match fault {
        CaseFormFault::NoWords | CaseFormFault::ReasonTooLong(_) => Some("words"),
        CaseFormFault::NothingChosen => Some("act"),
        _ => None,
    };
    let faults: Vec<_> = view.fault.into_iter().collect();
    let main = html! {
        (case_parts::faults(&faults, &target, frame))
        @if let Some(done) = view.done { (told(done, case, frame)) }
        p { span.tag { (case_parts::stand(case.stand, frame)) } }
        dl.facts {
            (fact(&frame.t("case-turn"), &html! { (case_parts::turn(case, frame)) }))
            (fact(&frame.t(if case.closed.is_some() { "case-closed" } else { "review-deadline" }), &case_parts::deadline(case, frame)))
            (fact(&frame.t("case-whom"), &case_parts::looker(case, frame)))
            (fact(&frame.t("case-opened"), &html! { (calendar::moment(case.opened, frame.lang)) }))
            @if let Some(why) = view.concern { (fact(&frame.t("objection-why"), &html! { (case_parts::concern(why, frame)) })) }
        }
        @if let Some(about) = &view.about {
            p { a.button href=(about) { (frame.t(if case.kind == CaseKind::Correction { "case-about-document" } else { "case-about-look" })) } }
        }
        (case_parts::said(&view.said, frame))
        @if view.may_reply { (reply(view, frame)) }
        @else if view.may_withdraw { (withdraw(view, frame)) }
        @if case.kind == CaseKind::Objection { p.hint { (frame.t("case-who-reads")) } }
    };
    let back = Some((Section::Cases.path(frame.base()), frame.t("section-cases")));
    let title = case_parts::kind(case.kind, frame);
    let sheet = Sheet { back, faulty: view.fault.is_some(), ..Sheet::of_record(title, Section::Cases, frame) };
    document(frame, &sheet, &main)
}

fn told(done: CaseAct, case: &WaitingCase, frame: &Frame) -> Markup {
    let day = calendar::near_day(case.deadline, frame.today(), frame.lang);
    let (title, text) = match done {
        CaseAct::Accept => (frame.t("case-done-accept"), frame.t("case-done-accept-what").into_owned()),
        CaseAct::Insist => (frame.t("case-done-insist"), frame.with("case-done-insist-what", &[("day", day.into())])),
        CaseAct::Wish => (frame.t("case-done-wish"), frame.with("case-done-object-what", &[("day", day.into())])),
        _ => (frame.t("case-done-object"), frame.with("case-done-object-what", &[("day", day.into())])),
    };
    parts::banner(Tone::Success, "done", &title, true, &html! { p { (text) } })
}

fn reply(view: &OwnCaseView, frame: &Frame) -> Markup {
    let options =
        [("accept", frame.t("case-reply-accept").into_owned()), ("insist", frame.t("case-reply-insist").into_owned())];
    let wrong = |fault: &CaseFormFault| matches!(fault, CaseFormFault::NoWords | CaseFormFault::ReasonTooLong(_));
    let missing = view.fault.filter(|fault| *fault == CaseFormFault::NothingChosen);
    html! {
        form method="post" action={ (view.case.path) "/reply" } novalidate {
            (parts::csrf(frame))
            input type="hidden" name="said" value=(view.said.len());
            (case_parts::choice("act", &frame.t("case-reply"), &options, view.fault.and(Some("insist")).filter(|_| missing.is_none()), missing, frame))
            (case_parts::words("words", &frame.t("case-reply-words"), &frame.t("case-reply-words-hint"), &view.written, view.fault.filter(wrong), frame))
            p.buttons { button.primary { (frame.t("case-reply-send")) } }
        }
    }
}

fn withdraw(view: &OwnCaseView, frame: &Frame) -> Markup {
    let body = html! {
        form method="post" action={ (view.case.path) "/reply" } {
            (parts::csrf(frame))
            input type="hidden" name="said" value=(view.said.len());
            input type="hidden" name="act" value="accept";
            p { (frame.t("case-withdraw-what")) }
            p.buttons { button { (frame.t("case-withdraw")) } }
        }
    };
    parts::opening(&html! { (frame.t("case-withdraw-open")) }, false, frame, &body)
}
