//! The person as the hospital's ward sees her at admission: what to heed, how she lived, who supports her.

use maud::{Markup, html};

use super::{glass, person};
use crate::frame::{Frame, Section, Sheet, document};
use crate::parts;
use crate::view::PersonView;

/// The page. The frame must name a subject.
#[must_use]
pub fn page(view: &PersonView, frame: &Frame) -> Markup {
    let main = html! {
        (person::receipt(view, frame))
        (glass::above(view.glass.as_ref(), frame))
        (person::stay(view, frame))
        (person::precautions(view, frame))
        div.columns {
            (person::living(view, frame))
            (person::block("conditions", &frame.t("person-conditions"), "person-no-conditions", &view.conditions, frame))
            (person::block("support", &frame.t("person-support"), "person-no-support", &view.support, frame))
            (person::block("notes", &frame.t("person-notes"), "activities-no-notes", &view.notes, frame))
        }
        (glass::below(view.glass.as_ref(), frame))
    };
    document(frame, &sheet(frame), &main)
}

/// The page's heading is the person's name, with its reading.
pub(super) fn sheet(frame: &Frame) -> Sheet {
    let name = frame.subject.as_ref().map(|subject| &subject.name);
    let title =
        name.map_or_else(|| frame.t("section-overview").into_owned(), |name| parts::addressed(name, frame.lang));
    Sheet {
        heading: name.map(|name| parts::named(name, frame.lang)),
        back: Some(("/home".to_owned(), frame.t("person-other"))),
        ..Sheet::of_record(title, Section::Overview, frame)
    }
}
