//! A clerk of the municipality takes down an objection that somebody hands in on paper. `POST /desk/objections` with `number`,
//! `look`, `concern`, `words`, `csrf`. The clerk does not see the log.

use maud::{Markup, html};
use tsumugi_access::case::{Concern, REASON_MOST};

use super::case_parts;
use crate::calendar;
use crate::frame::{Frame, Sheet, document};
use crate::parts::{self, Tone};
use crate::view::{PaperFault, PaperView};

/// The page.
#[must_use]
pub fn page(view: &PaperView, frame: &Frame) -> Markup {
    let options: Vec<_> = Concern::ALL.iter().map(|one| (one.code(), case_parts::concern(*one, frame))).collect();
    let chosen = view.concern.unwrap_or_default().code();
    let main = html! {
        @if let Some(day) = view.done {
            @let day = calendar::near_day(day, frame.today(), frame.lang);
            (parts::banner(Tone::Success, "done", &frame.t("paper-done"), true,
                &html! { p { (frame.with("paper-done-what", &[("day", day.into())])) } }))
        }
        @if !view.faults.is_empty() {
            (parts::banner(Tone::Error, "faults", &frame.t("form-faults"), true, &html! {
                ul { @for fault in &view.faults { li { a href={ "#" (target(*fault)) } { (words(*fault, frame)) } } } }
            }))
        }
        p.lead { (frame.t("paper-lead")) }
        form method="post" action="/desk/objections" novalidate {
            (parts::csrf(frame))
            (field("number", "find-number", "paper-number-hint", &view.number, view, frame))
            (field("look", "paper-look", "paper-look-hint", &view.look, view, frame))
            (case_parts::choice("concern", &frame.t("objection-why"), &options, Some(chosen), None, frame))
            div.field.faulty[fault(view, "words").is_some()] {
                label for="words" { (frame.t("paper-words")) }
                p.hint #words-hint { (frame.with("paper-words-hint", &[("most", REASON_MOST.into())])) }
                @if let Some(wrong) = fault(view, "words") { p.fault #words-fault { span aria-hidden="true" { "× " } (words(wrong, frame)) } }
                textarea #words name="words" rows="4" aria-describedby="words-hint" { (view.written) }
            }
            p.buttons { button.primary { (frame.t("paper-send")) } }
        }
        p.hint { (frame.t("paper-noted")) }
    };
    let back = Some(("/".to_owned(), frame.t("frame-back")));
    document(frame, &Sheet { back, faulty: !view.faults.is_empty(), ..Sheet::plain(frame.t("paper-title")) }, &main)
}

fn field(name: &str, label: &str, hint: &str, value: &str, view: &PaperView, frame: &Frame) -> Markup {
    let wrong = fault(view, name);
    let (hint_id, fault_id) = (format!("{name}-hint"), format!("{name}-fault"));
    let described = if wrong.is_some() { format!("{hint_id} {fault_id}") } else { hint_id.clone() };
    html! {
        div.field.faulty[wrong.is_some()] {
            label for=(name) { (frame.t(label)) }
            p.hint id=(hint_id) { (frame.t(hint)) }
            @if let Some(wrong) = wrong { p.fault id=(fault_id) { span aria-hidden="true" { "× " } (words(wrong, frame)) } }
            input id=(name) name=(name) inputmode="numeric" autocomplete="off" value=(value)
                aria-invalid=[wrong.map(|_| "true")] aria-describedby=(described);
        }
    }
}

fn fault(view: &PaperView, field: &str) -> Option<PaperFault> {
    view.faults.iter().copied().find(|fault| target(*fault) == field)
}

const fn target(fault: PaperFault) -> &'static str {
    match fault {
        PaperFault::Number | PaperFault::Nobody => "number",
        PaperFault::Look | PaperFault::Twice => "look",
        PaperFault::TooLong(_) => "words",
    }
}

fn words(fault: PaperFault, frame: &Frame) -> String {
    let key = match fault {
        PaperFault::Number => "find-missing",
        PaperFault::Nobody => "error-not-shown",
        PaperFault::Look => "paper-fault-look",
        PaperFault::Twice => "paper-fault-twice",
        PaperFault::TooLong(most) => return frame.with("case-fault-long", &[("most", most.into())]),
    };
    frame.t(key).into_owned()
}
