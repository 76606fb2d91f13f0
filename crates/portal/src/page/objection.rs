//! Objecting to a look, at the end of the look's own page: one button, words if she likes. `POST {path}` with `concern`,
//! `words`, `csrf`.

use maud::{Markup, html};
use tsumugi_access::case::{Concern, Duty};

use super::case_parts;
use crate::frame::Frame;
use crate::parts;
use crate::view::ObjectionForm;

/// The section. Nothing where nobody can be called to account.
pub(super) fn section(form: &ObjectionForm, frame: &Frame) -> Markup {
    html! {
        @if let Some(raised) = &form.raised {
            section aria-labelledby="objection-title" {
                h2 #objection-title { (frame.t("objection-raised")) }
                p { (case_parts::turn(raised, frame)) " " (case_parts::deadline(raised, frame)) }
                p { a.button href=(raised.path) { (frame.t("objection-open")) } }
            }
        } @else if let Some(path) = &form.path {
            section aria-labelledby="objection-title" {
                h2 #objection-title { (frame.t("objection-title")) }
                form method="post" action=(path) novalidate {
                    (parts::csrf(frame))
                    p { (parts::tight(&frame.with("objection-lead", &[("n", Duty::Answer.days().into())]))) }
                    p.buttons { button.primary { (frame.t("objection-raise")) } }
                    (parts::opening(&html! { (frame.t("objection-more")) }, form.fault.is_some(), frame, &more(form, frame)))
                }
            }
        }
    }
}

fn more(form: &ObjectionForm, frame: &Frame) -> Markup {
    let options: Vec<_> = Concern::ALL.iter().map(|one| (one.code(), case_parts::concern(*one, frame))).collect();
    let chosen = form.chosen.unwrap_or_default().code();
    html! {
        (case_parts::choice("concern", &frame.t("objection-why"), &options, Some(chosen), None, frame))
        (case_parts::words("words", &frame.t("objection-words"), &frame.t("objection-words-hint"), &form.written, form.fault, frame))
        p.buttons { button { (frame.t("objection-raise-words")) } }
    }
}
