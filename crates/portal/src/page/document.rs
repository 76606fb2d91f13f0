//! One document, with each section's title and text.

use maud::{Markup, html};

use crate::frame::{Frame, Section, Sheet, document};
use crate::parts;
use crate::view::{DocumentSection, DocumentView};

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
    };
    let sheet = Sheet {
        heading: Some(html! { (parts::words(&view.title, frame.lang)) }),
        back: Some((Section::Timeline.path(frame.base()), frame.t("section-timeline"))),
        ..Sheet::of_record(view.title.text.clone(), Section::Timeline, frame)
    };
    document(frame, &sheet, &main)
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
            title: Words::ja("<b>退院時サマリー"),
            day: Some(jiff::civil::date(2026, 11, 20)),
            by: Some(Words::ja("みなと総合病院")),
            sections: vec![DocumentSection { title: None, level: 0, lines: vec![Words::ja("<script>x")] }],
        };
        let page = page(&view, &sample()).into_string();
        assert!(page.contains("<h1>&lt;b&gt;退院時サマリー</h1>") && page.contains("&lt;script&gt;x"), "{page}");
        assert!(page.contains("11月20日(金)") && page.contains("href=\"/me/timeline\""), "{page}");
    }
}
