//! A desk hands out a code: the municipality's to citizens, an organisation's to its staff. `POST /desk/codes` with `number`,
//! `birth`, `identity`, `lost`; the answer is the paper.

use maud::{Markup, html};
use tsumugi_signin::gate::Identity;

use super::case_parts;
use crate::calendar;
use crate::frame::{Frame, Sheet, document};
use crate::parts::{self, Tone};
use crate::view::{DeskCodeFault, DeskCodeView, HandedView};

/// The form.
#[must_use]
pub fn page(view: &DeskCodeView, frame: &Frame) -> Markup {
    let main = html! {
        @if !view.faults.is_empty() {
            (parts::banner(Tone::Error, "faults", &frame.t("form-faults"), true, &html! {
                ul { @for fault in &view.faults { li { a href={ "#" (target(*fault)) } { (frame.t(words(*fault, view.citizens))) } } } }
            }))
        }
        p.lead { @if view.citizens { (frame.t("codes-lead")) } @else { (frame.t("codes-lead-staff")) } }
        form method="post" action="/desk/codes" novalidate {
            (parts::csrf(frame))
            @if view.citizens {
                (field("number", ["find-number", "paper-number-hint"], &view.number, view, frame))
                (field("birth", ["codes-birth", "codes-birth-hint"], &view.birth, view, frame))
                @let options: Vec<_> = Identity::OF_CITIZENS.iter().map(|one| (one.code(), document_words(*one, frame))).collect();
                (case_parts::choice("identity", &frame.t("codes-identity"), &options, view.identity.map(Identity::code), None, frame))
            } @else {
                (field("number", ["codes-person", "codes-person-hint"], &view.number, view, frame))
            }
            fieldset {
                legend { (frame.t("codes-lost")) }
                label.pick for="lost" { input type="radio" id="lost" name="lost" value="" checked[!view.lost]; span { (frame.t("codes-lost-no")) } }
                label.pick for="lost-yes" { input type="radio" id="lost-yes" name="lost" value="yes" checked[view.lost]; span { (frame.t("codes-lost-yes")) } }
            }
            p.buttons { button.primary { (frame.t("codes-send")) } }
        }
        p.hint { (frame.t("codes-noted")) }
        @if view.licences && !view.citizens { p.buttons { a.button href="/desk/licences" { (frame.t("licence-desk-title")) } } }
    };
    let back = Some(("/".to_owned(), frame.t("frame-back")));
    document(frame, &Sheet { back, faulty: !view.faults.is_empty(), ..Sheet::plain(frame.t("codes-title")) }, &main)
}

/// The paper with the code: shown once.
#[must_use]
pub fn handed(view: &HandedView, frame: &Frame) -> Markup {
    let until = calendar::day(view.until, frame.lang);
    let main = html! {
        p.lead { (frame.t("codes-paper-lead")) }
        section.card aria-labelledby="code" {
            h2 #code { (frame.t("codes-paper-code")) }
            p.number { strong { (view.code) } }
            p { (frame.with("codes-paper-until", &[("day", until.into())])) }
        }
        ol {
            li { (frame.with("codes-paper-open", &[("address", view.address.as_str().into())])) }
            li { (frame.t("codes-paper-type")) }
            li { (frame.t("codes-paper-make")) }
            @if view.staff { li { (frame.t("codes-paper-second")) } }
        }
        p { (frame.t("codes-paper-keep")) }
        p.hint { (frame.t("codes-paper-print")) }
    };
    let back = Some(("/desk/codes".to_owned(), frame.t("frame-back")));
    document(frame, &Sheet { back, ..Sheet::plain(frame.t("codes-paper-title")) }, &main)
}

fn field(name: &str, [label, hint]: [&str; 2], value: &str, view: &DeskCodeView, frame: &Frame) -> Markup {
    let wrong = view.faults.iter().copied().find(|fault| target(*fault) == name);
    let (hint_id, fault_id) = (format!("{name}-hint"), format!("{name}-fault"));
    let described = if wrong.is_some() { format!("{hint_id} {fault_id}") } else { hint_id.clone() };
    html! {
        div.field.faulty[wrong.is_some()] {
            label for=(name) { (frame.t(label)) }
            p.hint id=(hint_id) { (frame.t(hint)) }
            @if let Some(wrong) = wrong { p.fault id=(fault_id) { span aria-hidden="true" { "× " } (frame.t(words(wrong, view.citizens))) } }
            input id=(name) name=(name) autocomplete="off" value=(value) aria-invalid=[wrong.map(|_| "true")] aria-describedby=(described);
        }
    }
}

const fn target(fault: DeskCodeFault) -> &'static str {
    match fault {
        DeskCodeFault::Number | DeskCodeFault::Nobody | DeskCodeFault::Own => "number",
        DeskCodeFault::Birth => "birth",
        DeskCodeFault::Identity => "identity",
    }
}

const fn words(fault: DeskCodeFault, citizens: bool) -> &'static str {
    match fault {
        DeskCodeFault::Number if citizens => "find-missing",
        DeskCodeFault::Number => "codes-fault-person",
        DeskCodeFault::Birth => "codes-fault-birth",
        DeskCodeFault::Identity => "codes-fault-identity",
        DeskCodeFault::Nobody => "codes-fault-nobody",
        DeskCodeFault::Own => "codes-fault-own",
    }
}

pub(super) fn document_words(identity: Identity, frame: &Frame) -> String {
    let key = match identity {
        Identity::MyNumberCard => "codes-my-number-card",
        Identity::DrivingLicence => "codes-driving-licence",
        Identity::Passport => "codes-passport",
        Identity::ResidenceCard => "codes-residence-card",
        Identity::DisabilityCertificate => "codes-disability",
        Identity::TwoDocuments => "codes-two-documents",
        Identity::Staff => "codes-staff",
    };
    frame.t(key).into_owned()
}
