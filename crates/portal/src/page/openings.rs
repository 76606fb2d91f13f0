//! The supervising body opens, extends and closes the disaster mode. `POST /review/disaster` with `form`, `place`, `areas`,
//! `reason`, `from`, `until`; `POST /review/disaster/{number}` with `act`, `read`, `until`, `reason`; all with `csrf`.

use maud::{Markup, html};
use tsumugi_access::{
    DisasterAct, DisasterFault, DisasterState,
    disaster::{AREAS_MOST, CONFIRM_HOURS, DAYS_MOST, PLACE_MOST, REASON_LEAST, REASON_MOST},
};

use super::disaster;
use crate::calendar;
use crate::frame::{Frame, Sheet, document};
use crate::parts::{self, Tone};
use crate::view::{OpeningDesk, OpeningForm, OpeningsView};

/// The page.
#[must_use]
pub fn page(view: &OpeningsView, frame: &Frame) -> Markup {
    let main = html! {
        @if let Some(act) = view.done {
            (parts::banner(Tone::Success, "done", &disaster::act(act, frame), true, &html! { p { (frame.t("opening-done")) } }))
        }
        @if let Some((about, fault)) = view.fault { (faulty(about, fault, frame)) }
        p.lead { (frame.with("opening-lead", &[("hours", CONFIRM_HOURS.into()), ("days", DAYS_MOST.into())])) }
        @for opening in &view.openings { (desk(opening, frame)) }
        @if view.openings.is_empty() { p { (frame.t("opening-none")) } }
        h2 { (frame.t("opening-new")) }
        (form(view, frame))
        p { a.button href="/disaster" { (frame.t("disaster-title")) } }
    };
    let back = Some(("/".to_owned(), frame.t("frame-back")));
    let sheet = Sheet { back, faulty: view.fault.is_some(), ..Sheet::plain(frame.t("opening-title")) };
    document(frame, &sheet, &main)
}

fn faulty(about: Option<u64>, fault: DisasterFault, frame: &Frame) -> Markup {
    let target = match about {
        Some(number) => format!("#opening-{number}"),
        None => format!("#{}", field_of(fault)),
    };
    let body = html! { p { (frame.t("form-kept")) } ul { li { a href=(target) { (words(fault, frame)) } } } };
    parts::banner(Tone::Error, "faults", &frame.t("form-faults"), true, &body)
}

const fn field_of(fault: DisasterFault) -> &'static str {
    match fault {
        DisasterFault::Areas => "areas",
        DisasterFault::Reason => "reason",
        DisasterFault::Period => "until",
        _ => "place",
    }
}

fn words(fault: DisasterFault, frame: &Frame) -> String {
    let key = match fault {
        DisasterFault::Place => return frame.with("opening-fault-place", &[("most", PLACE_MOST.into())]),
        DisasterFault::Areas => return frame.with("opening-fault-areas", &[("most", AREAS_MOST.into())]),
        DisasterFault::Reason => {
            return frame.with("opening-fault-reason", &[("least", REASON_LEAST.into()), ("most", REASON_MOST.into())]);
        }
        DisasterFault::Period => return frame.with("opening-fault-period", &[("days", DAYS_MOST.into())]),
        DisasterFault::Oneself => "opening-fault-oneself",
        DisasterFault::NotNow | DisasterFault::Absent => "opening-fault-not-now",
        DisasterFault::Overtaken => "opening-fault-overtaken",
        DisasterFault::Full => "opening-fault-full",
        DisasterFault::NotSupervisor
        | DisasterFault::NotOpen
        | DisasterFault::TooOften
        | DisasterFault::Forged
        | DisasterFault::Moment => "error-not-shown",
    };
    frame.t(key).into_owned()
}

/// One opening with what the reader may do about it.
fn desk(opening: &OpeningDesk, frame: &Frame) -> Markup {
    let row = &opening.row;
    let stands = matches!(row.state, DisasterState::Announced | DisasterState::Open);
    html! {
        section.card aria-labelledby={ "opening-" (row.number) } {
            h2 id={ "opening-" (row.number) } { span lang="ja" { (row.place) } " " span.tag.warn[row.state == DisasterState::Open] { (disaster::state(row.state, frame)) } }
            (disaster::facts(row, frame))
            (disaster::words(&row.words, frame))
            @if row.state == DisasterState::Proposed { (waiting(opening, DisasterAct::Confirm, frame)) }
            @if let Some(until) = opening.extension {
                p { (frame.with("opening-extension", &[("to", calendar::near_moment(until, frame.today(), frame.lang).into())])) }
                (waiting(opening, DisasterAct::ConfirmExtension, frame))
            }
            @if stands {
                @if opening.extension.is_none() { (extend(opening, frame)) }
                (close(opening, frame))
            }
            @if opening.searches.0 > 0 { (searches(opening, frame)) }
        }
    }
}

/// What waits for the second person: a button for them, a word for the first; either may take it back.
fn waiting(opening: &OpeningDesk, act: DisasterAct, frame: &Frame) -> Markup {
    html! {
        @if opening.own { p { (frame.t("opening-waits")) } }
        @else { (button(opening, act, true, frame)) }
        (button(opening, DisasterAct::Withdraw, false, frame))
    }
}

fn button(opening: &OpeningDesk, act: DisasterAct, primary: bool, frame: &Frame) -> Markup {
    let key = match act {
        DisasterAct::Confirm => "opening-confirm",
        DisasterAct::ConfirmExtension => "opening-confirm-extension",
        _ => "opening-withdraw",
    };
    html! {
        form method="post" action={ "/review/disaster/" (opening.row.number) } {
            (parts::csrf(frame)) (hidden(opening, act))
            p.buttons { button.primary[primary] { (frame.t(key)) span.vh { " " (opening.row.place) } } }
        }
    }
}

fn hidden(opening: &OpeningDesk, act: DisasterAct) -> Markup {
    html! {
        input type="hidden" name="act" value=(act.code());
        input type="hidden" name="read" value=(opening.read);
    }
}

fn extend(opening: &OpeningDesk, frame: &Frame) -> Markup {
    let (until, why) = (format!("until-{}", opening.row.number), format!("extend-{}", opening.row.number));
    let body = html! {
        form method="post" action={ "/review/disaster/" (opening.row.number) } novalidate {
            (parts::csrf(frame)) (hidden(opening, DisasterAct::Extend))
            div.field { label for=(until) { (frame.t("opening-until")) } input id=(until) name="until" type="datetime-local"; }
            div.field { label for=(why) { (frame.t("opening-reason")) } textarea id=(why) name="reason" rows="2" {} }
            p.buttons { button { (frame.t("opening-extend")) } }
        }
    };
    parts::opening(&html! { (frame.t("opening-extend-title")) }, false, frame, &body)
}

fn close(opening: &OpeningDesk, frame: &Frame) -> Markup {
    let why = format!("close-{}", opening.row.number);
    let body = html! {
        form method="post" action={ "/review/disaster/" (opening.row.number) } novalidate {
            (parts::csrf(frame)) (hidden(opening, DisasterAct::Close))
            div.field { label for=(why) { (frame.t("opening-reason")) } textarea id=(why) name="reason" rows="2" {} }
            p.buttons { button { (frame.t("opening-close")) } }
        }
    };
    parts::opening(&html! { (frame.t("opening-close-title")) }, false, frame, &body)
}

fn searches(opening: &OpeningDesk, frame: &Frame) -> Markup {
    let (count, newest) = &opening.searches;
    let body = html! {
        ul.plain {
            @for one in newest {
                li { (calendar::near_moment(one.at, frame.today(), frame.lang)) " " (parts::unread(&one.name, frame.lang)) " " span lang="ja" { (one.organization) } }
            }
        }
    };
    parts::opening(&html! { (frame.with("opening-searches", &[("n", (*count).into())])) }, false, frame, &body)
}

fn form(view: &OpeningsView, frame: &Frame) -> Markup {
    let OpeningForm { form, place, areas, reason, from, until } = &view.form;
    let wrong = view.fault.filter(|(about, _)| about.is_none()).map(|(_, fault)| fault);
    let line = |name: &'static str, label: &str, hint: String, value: &str, kind: &str| {
        let fault = wrong.filter(|fault| field_of(*fault) == name);
        let (hint_id, fault_id) = (format!("{name}-hint"), format!("{name}-fault"));
        let described = if fault.is_some() { format!("{hint_id} {fault_id}") } else { hint_id.clone() };
        html! {
            div.field.faulty[fault.is_some()] {
                label for=(name) { (label) }
                p.hint id=(hint_id) { (hint) }
                @if let Some(fault) = fault { p.fault id=(fault_id) { span aria-hidden="true" { "× " } (words(fault, frame)) } }
                input id=(name) name=(name) type=(kind) value=(value) autocomplete="off"
                    aria-invalid=[fault.map(|_| "true")] aria-describedby=(described);
            }
        }
    };
    html! {
        form method="post" action="/review/disaster" novalidate {
            (parts::csrf(frame))
            input type="hidden" name="form" value=(form);
            (line("place", &frame.t("opening-place"), frame.t("opening-place-hint").into_owned(), place, "text"))
            (line("areas", &frame.t("opening-areas"), frame.t("opening-areas-hint").into_owned(), areas, "text"))
            (line("reason", &frame.t("opening-reason"), frame.t("opening-reason-hint").into_owned(), reason, "text"))
            (line("from", &frame.t("opening-from"), frame.t("opening-from-hint").into_owned(), from, "datetime-local"))
            (line("until", &frame.t("opening-until"), frame.with("opening-until-hint", &[("days", DAYS_MOST.into())]), until, "datetime-local"))
            p.buttons { button.primary { (frame.t("opening-propose")) } }
        }
    }
}
