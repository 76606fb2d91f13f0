//! The page of whoever holds a link: no account, one form; then what the link shows, once. `POST /link` with `code`, `pin`
//! and `by`. Where scripts run, the code comes out of the address that the camera opened.

use maud::{Markup, html};

use crate::Lang;
use crate::calendar;
use crate::frame::{Frame, Sheet, document};
use crate::parts::{self, Tone};
use crate::view::{LinkHolderFault, LinkHolderView, TakenPart, TakenView};

/// The form.
#[must_use]
pub fn page(view: &LinkHolderView, frame: &Frame) -> Markup {
    let main = html! {
        @if let Some(fault) = view.fault { (wrong(fault, frame)) }
        p.lead { (frame.t("link-lead")) }
        form.care method="post" action="/link" novalidate {
            div.field.faulty[view.fault == Some(LinkHolderFault::Code)] {
                label for="code" { (frame.t("link-code")) }
                p.hint #code-hint { (frame.t("link-code-hint")) }
                textarea #code name="code" rows="4" autocomplete="off" spellcheck="false" aria-describedby="code-hint" data-link-code { (view.code) }
            }
            div.field.faulty[matches!(view.fault, Some(LinkHolderFault::Pin(_)))] {
                label for="pin" { (frame.t("link-pin")) }
                p.hint #pin-hint { (frame.t("link-pin-hint")) }
                input #pin name="pin" type="text" inputmode="numeric" autocomplete="off" maxlength="6" aria-describedby="pin-hint";
            }
            div.field.faulty[view.fault == Some(LinkHolderFault::Name)] {
                label for="by" { (frame.t("link-by")) }
                p.hint #by-hint { (frame.t("link-by-hint")) }
                input #by name="by" type="text" autocomplete="name" maxlength="60" value=(view.by) aria-describedby="by-hint";
            }
            p.hint { (frame.t("link-told")) }
            p.buttons { button.primary { (frame.t("link-open")) } }
        }
    };
    let mut sheet = Sheet::plain(frame.t("link-title"));
    sheet.faulty = view.fault.is_some();
    sheet.links = true;
    document(frame, &sheet, &main)
}

fn wrong(fault: LinkHolderFault, frame: &Frame) -> Markup {
    let (text, target) = match fault {
        LinkHolderFault::Code => (frame.t("link-fault-code").into_owned(), "#code"),
        LinkHolderFault::Name => (frame.t("link-fault-name").into_owned(), "#by"),
        LinkHolderFault::Pin(left) => (frame.with("link-fault-pin", &[("n", left.into())]), "#pin"),
        LinkHolderFault::Closed => (frame.t("link-fault-closed").into_owned(), "#code"),
    };
    parts::banner(
        Tone::Error,
        "faults",
        &frame.t("form-faults"),
        true,
        &html! { ul { li { a href=(target) { (text) } } } },
    )
}

/// What the link shows. `file` is the bundle as base64, for keeping.
#[must_use]
pub fn shown(view: &TakenView, file: &str, uses: u8, frame: &Frame) -> Markup {
    let comma = if frame.lang == Lang::En { ", " } else { " " };
    let main = html! {
        p.lead {
            @if let Some(birth) = view.birth { (frame.with("frame-born", &[("day", calendar::birth(birth, frame.lang).into())])) (comma) }
            @if let Some(age) = view.birth.and_then(|birth| calendar::age(birth, view.made.civil().date())) { (frame.with("frame-age", &[("n", age.into())])) (comma) }
            @if let Some(sex) = view.sex { (parts::sex(sex, frame)) }
        }
        p { (frame.with("taken-made", &[("when", calendar::moment(view.made, frame.lang).into())])) }
        (parts::banner(Tone::Info, "once", &frame.t("link-once"), false, &html! { p { (frame.with("link-left", &[("n", uses.into())])) } }))
        @for (index, part) in view.parts.iter().enumerate() { (section(index, part, frame)) }
        p.hint { (frame.t("taken-foot")) }
        p.buttons { a.button href={ "data:application/fhir+json;base64," (file) } download="patient-summary.json" { (frame.t("link-keep")) } }
    };
    let name = parts::addressed(&view.name, frame.lang);
    let title = frame.with("link-summary", &[("name", name.into())]);
    document(frame, &Sheet::plain(title), &main)
}

fn section(index: usize, part: &TakenPart, frame: &Frame) -> Markup {
    let id = format!("part-{index}");
    html! {
        section.block aria-labelledby=(id) {
            h2 id=(id) { (part.title) }
            @if let Some(empty) = &part.empty { (parts::empty(empty)) }
            @if !part.rows.is_empty() {
                ul.plain {
                    @for row in &part.rows { li { span.kept { (parts::words(&row.text, frame.lang)) } @if let Some(note) = &row.note { br; small { (note) } } } }
                }
            }
        }
    }
}
