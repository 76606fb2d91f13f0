//! The tests of which there are results to show, newest first.

use maud::{Markup, html};

use super::laboratory::{level, range_line};
use crate::frame::{Frame, Section, Sheet, document};
use crate::parts;
use crate::view::{LaboratoryListView, TestRow};

/// The page.
#[must_use]
pub fn page(view: &LaboratoryListView, frame: &Frame) -> Markup {
    let main = html! {
        @if view.tests.is_empty() { (parts::none("laboratory-none", frame)) }
        ul.rows.tall { @for test in &view.tests { li { (row(test, frame)) } } }
    };
    document(frame, &Sheet::of_record(frame.t("section-laboratory"), Section::Laboratory, frame), &main)
}

fn row(test: &TestRow, frame: &Frame) -> Markup {
    html! {
        a href={ (Section::Laboratory.path(frame.base())) "/" (test.slug) } {
            span {
                b { (parts::words(&test.name, frame.lang)) }
                @if let Some(meaning) = &test.meaning { br; (parts::words(meaning, frame.lang)) }
            }
            span.v {
                b { (test.newest.text) " " (test.unit) }
                " " (level(test.newest.level, frame))
                @if let Some(range) = &test.range { br; (range_line(range, &test.unit, frame)) }
                br; small { (parts::near_day(test.newest.day, frame)) }
            }
        }
    }
}
