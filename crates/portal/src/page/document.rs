//! One document, with each section's title and text.

use maud::{Markup, html};
use tsumugi_access::case::Duty;

use super::case_parts;
use crate::frame::{Frame, Section, Sheet, document};
use crate::parts;
use crate::view::{CaseNote, CorrectionForm, DocumentSection, DocumentView};

/// The page.
#[must_use]
pub fn page(view: &DocumentView, frame: &Frame) -> Markup {
    let main = html! {
        p.lead {
            @if let Some(day) = view.day { (parts::near_day(day, frame)) " " }
            @if let Some(by) = &view.by { (parts::words(by, frame.lang)) }
        }
        @if view.sections.is_empty() { (parts::empty(&frame.t("document-empty"))) }
        @for one in &view.sections { (section(one, frame)) }
        p.hint { (frame.t("document-as-written")) }
        @if let Some(code) = &view.code { p.hint { (frame.t("papers-entry")) ": " span.nb translate="no" { (code) } } }
        @if let Some(path) = &view.who { ul.rows { li { a href=(path) { span { (frame.t("document-who")) } span.v {} } } } }
        @for note in &view.notes { (noted(note, frame)) }
        @if let Some(form) = &view.correction { (correction(form, frame)) }
    };
    let sheet = Sheet {
        faulty: view.correction.as_ref().is_some_and(|form| form.fault.is_some()),
        heading: Some(html! { (parts::words(&view.title, frame.lang)) }),
        back: Some((Section::Timeline.path(frame.base()), frame.t("section-timeline"))),
        ..Sheet::of_record(view.title.text.clone(), Section::Timeline, frame)
    };
    document(frame, &sheet, &main)
}

/// What the person said about it, beside what the author wrote: both stay.
fn noted(note: &CaseNote, frame: &Frame) -> Markup {
    html! {
        section.heed {
            h2 { (frame.t("document-note")) }
            // INVARIANT: whoever reads the fact reads this as well, as long as its author leaves it as it is.
            @if note.ignored { p { strong { (frame.t("document-ignored")) } } }
            (case_parts::exchange(&note.said, frame))
            @if let Some(version) = note.version { p { (frame.with("document-corrected", &[("n", version.into())])) } }
        }
    }
}

fn correction(form: &CorrectionForm, frame: &Frame) -> Markup {
    let body = html! {
        form method="post" action=(form.path) novalidate {
            (parts::csrf(frame))
            p { (parts::tight(&frame.with("document-correct-lead", &[("n", Duty::Correct.days().into())]))) }
            (case_parts::words("words", &frame.t("document-correct-words"), &frame.t("document-correct-hint"), &form.written, form.fault, frame))
            p.buttons { button.primary { (frame.t("document-correct-send")) } }
        }
    };
    parts::opening(&html! { (frame.t("document-correct")) }, form.fault.is_some(), frame, &body)
}

fn section(one: &DocumentSection, frame: &Frame) -> Markup {
    html! {
        section.document {
            @if let Some(title) = &one.title {
                @if one.level == 0 { h2 { (parts::words(title, frame.lang)) } }
                @else { h3 { (parts::words(title, frame.lang)) } }
            }
            @for line in &one.lines { p { (parts::words(line, frame.lang)) } }
            @if one.lines.is_empty() { p.hint { (frame.t("document-no-text")) } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::tests::sample;
    use crate::view::Words;

    #[test]
    fn what_a_document_says_is_text_and_never_markup() {
        let view = DocumentView {
            who: None,
            title: Words::ja("<b>退院時サマリー"),
            day: Some(jiff::civil::date(2026, 11, 20)),
            by: Some(Words::ja("みなと総合病院")),
            sections: vec![DocumentSection { title: None, level: 0, lines: vec![Words::ja("<script>x")] }],
            notes: Vec::new(),
            code: None,
            entry: false,
            correction: None,
        };
        let page = page(&view, &sample()).into_string();
        assert!(page.contains("<h1>&lt;b&gt;退院時サマリー</h1>") && page.contains("&lt;script&gt;x"), "{page}");
        assert!(page.contains("11月20日(金)") && page.contains("href=\"/me/timeline\""), "{page}");
    }
}
