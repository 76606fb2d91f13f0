//! Medicines in use, then earlier ones.

use maud::{Markup, html};

use crate::frame::{Frame, Section, Sheet, document};
use crate::parts;
use crate::view::{Medicine, MedicinesView};

/// The page.
#[must_use]
pub fn page(view: &MedicinesView, frame: &Frame) -> Markup {
    let main = html! {
        @if view.current.is_empty() { (parts::none("medicines-none", frame)) }
        @else {
            p.lead { (frame.with("medicines-count", &[("n", view.current.len().into())])) }
            (list(&view.current, frame))
        }
        @if !view.earlier.is_empty() {
            (parts::opening(&html! { (frame.with("medicines-earlier", &[("n", view.earlier.len().into())])) }, false, frame, &list(&view.earlier, frame)))
        }
    };
    document(frame, &Sheet::of_record(frame.t("section-medicines"), Section::Medicines, frame), &main)
}

/// Medicines, each with its dose and origin.
pub(super) fn list(medicines: &[Medicine], frame: &Frame) -> Markup {
    html! { ul.plain.list { @for medicine in medicines { li { (one(medicine, frame)) } } } }
}

fn one(medicine: &Medicine, frame: &Frame) -> Markup {
    html! {
        p.strong { (parts::entry(&medicine.entry, &parts::words(&medicine.name, frame.lang), frame)) }
        @if let Some(meaning) = &medicine.meaning { p { (parts::words(meaning, frame.lang)) } }
        @if medicine.dose.is_some() || medicine.supply.is_some() {
            p {
                @if let Some(dose) = &medicine.dose { (parts::words(dose, frame.lang)) " " }
                @if let Some(supply) = &medicine.supply { (parts::words(supply, frame.lang)) }
            }
        }
        p { small { (parts::origin(&medicine.origin, frame)) } }
    }
}
