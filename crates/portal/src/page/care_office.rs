//! The person as the care office sees her: what to heed first, then the way to the form, then how she lives.

use maud::{Markup, html};

use super::{person, ward};
use crate::frame::{Frame, Section, document};
use crate::view::PersonView;

/// The page. The frame must name a subject.
#[must_use]
pub fn page(view: &PersonView, frame: &Frame) -> Markup {
    let main = html! {
        (person::receipt(view, frame))
        (person::precautions(view, frame))
        @if view.may_record {
            p { a.button.primary href=(Section::CareForm.path(frame.base())) { (frame.t("person-record")) } }
        }
        (person::stay(view, frame))
        div.columns {
            (person::living(view, frame))
            (person::block("notes", &frame.t("person-notes"), "activities-no-notes", &view.notes, frame))
            (person::block("support", &frame.t("person-support"), "person-no-support", &view.support, frame))
            (person::block("conditions", &frame.t("person-conditions"), "person-no-conditions", &view.conditions, frame))
        }
    };
    document(frame, &ward::sheet(frame), &main)
}
