//! One laboratory test over time: meaning, then number, then usual range, then who measured.
//!
//! Generated words say only high, low or usual, and the direction. Advice stands here only where a clinician wrote it.

use maud::{Markup, html};

use crate::calendar;
use crate::chart::{Band, Chart, Point, Series, figure};
use crate::frame::{Frame, Section, Sheet, document};
use crate::parts;
use crate::view::{LaboratoryView, Level, Range, TestValue};

/// The page.
#[must_use]
pub fn page(view: &LaboratoryView, frame: &Frame) -> Markup {
    let main = html! {
        @if let Some(meaning) = &view.meaning { p.lead { (parts::words(meaning, frame.lang)) } }
        @if let Some(newest) = view.values.last() {
            p.glance {
                b { (newest.text) " " (view.unit) } " " (level(newest.level, frame))
                @if let Some(range) = &view.range { br; (range_line(range, &view.unit, frame)) }
                br; small { (parts::near_day(newest.day, frame)) @if let Some(by) = &newest.by { " " (parts::words(by, frame.lang)) } }
            }
            (figure(&chart(view, frame), frame.lang, &table(view, frame)))
        } @else {
            (parts::none("laboratory-none", frame))
        }
        @if !view.about.is_empty() {
            (parts::opening(&html! { (frame.t("laboratory-about")) }, false, frame,
                &html! { @for line in &view.about { p { (parts::words(line, frame.lang)) } } }))
        }
        @if let Some(note) = &view.note {
            section.note aria-labelledby="note" {
                h2 #note { (frame.t("laboratory-note")) }
                p { (parts::words(&note.text, frame.lang)) }
                p { small { (parts::origin(&note.origin, frame)) } }
            }
        }
    };
    let sheet = Sheet {
        heading: Some(html! { (parts::words(&view.name, frame.lang)) }),
        back: Some((Section::Laboratory.path(frame.base()), frame.t("section-laboratory"))),
        ..Sheet::of_record(view.name.text.clone(), Section::Laboratory, frame)
    };
    document(frame, &sheet, &main)
}

/// High, low or usual: a shape, a word and a colour.
pub(super) fn level(level: Level, frame: &Frame) -> Markup {
    html! {
        @match level {
            Level::High => { span.tag.warn { span aria-hidden="true" { "▲ " } (frame.t("level-high")) } }
            Level::Low => { span.tag.warn { span aria-hidden="true" { "▼ " } (frame.t("level-low")) } }
            Level::Usual => { span.tag { (frame.t("level-usual")) } }
            Level::Unknown => {}
        }
    }
}

/// `目安 4.9〜6.0 %(みなと総合病院)`.
pub(super) fn range_line(range: &Range, unit: &str, frame: &Frame) -> Markup {
    html! {
        (range_text(range, unit, frame))
        @if let Some(by) = &range.by { @if frame.lang == crate::Lang::En { " " } span.nb { "(" (parts::words(by, frame.lang)) ")" } }
    }
}

fn range_text(range: &Range, unit: &str, frame: &Frame) -> String {
    frame.with("laboratory-range", &[("range", range.text.as_str().into()), ("unit", unit.into())])
}

/// Where the newest number stands, and whether it went up or down.
fn conclusion(view: &LaboratoryView, frame: &Frame) -> String {
    let Some(newest) = view.values.last() else { return String::new() };
    let stands = match newest.level {
        Level::High => frame.t("laboratory-is-high"),
        Level::Low => frame.t("laboratory-is-low"),
        Level::Usual => frame.t("laboratory-is-usual"),
        Level::Unknown => frame.t("laboratory-is-unknown"),
    };
    let mut numbers = view.values.iter().rev().filter_map(|value| value.number);
    let direction = newest.number.and_then(|_| numbers.next().zip(numbers.next())).map(|(last, before)| {
        if last > before {
            frame.t("laboratory-went-up")
        } else if last < before {
            frame.t("laboratory-went-down")
        } else {
            frame.t("laboratory-stayed")
        }
    });
    match direction {
        Some(direction) => {
            frame.with("laboratory-conclusion", &[("stands", stands.into()), ("direction", direction.into())])
        }
        None => stands.into_owned(),
    }
}

fn chart(view: &LaboratoryView, frame: &Frame) -> Chart {
    let told: Vec<String> = view
        .values
        .iter()
        .map(|value| {
            format!("{} {} {}", calendar::near_day(value.day, frame.today(), frame.lang), value.text, view.unit)
        })
        .collect();
    let point = |value: &TestValue| {
        value.number.map(|number| Point { day: value.day, value: number, text: value.text.clone() })
    };
    Chart {
        id: "laboratory".to_owned(),
        conclusion: conclusion(view, frame),
        title: frame.with("laboratory-chart", &[("name", view.name.text.as_str().into())]),
        description: told.join(&frame.t("list-joint")),
        series: vec![Series { name: view.name.text.clone(), points: view.values.iter().filter_map(point).collect() }],
        band: view.range.as_ref().map(|range| Band {
            low: range.low,
            high: range.high,
            text: range_text(range, &view.unit, frame),
        }),
        scale: None,
    }
}

fn table(view: &LaboratoryView, frame: &Frame) -> Markup {
    let (day, value, by) = (frame.t("table-day"), frame.t("table-value"), frame.t("table-by"));
    let body = html! {
        table role="table" {
            caption.vh { (parts::words(&view.name, frame.lang)) }
            thead { tr role="row" {
                th scope="col" role="columnheader" { (day) }
                th.n scope="col" role="columnheader" { (value) }
                th scope="col" role="columnheader" { (by) }
            } }
            tbody {
                @for one in view.values.iter().rev() {
                    tr role="row" {
                        th scope="row" role="rowheader" { (parts::entry(&one.entry, &parts::near_day(one.day, frame), frame)) }
                        td.n role="cell" data-label=(value) { (one.text) " " (view.unit) " " (level(one.level, frame)) }
                        td role="cell" data-label=(by) { @if let Some(by) = &one.by { (parts::words(by, frame.lang)) } }
                    }
                }
            }
        }
    };
    parts::opening(&html! { (frame.with("table-of", &[("n", view.values.len().into())])) }, false, frame, &body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::tests::sample;
    use crate::view::Words;
    use jiff::civil::date;

    fn told(values: &[(f64, Level)]) -> String {
        let values = values.iter().zip(1..).map(|((number, level), day)| TestValue {
            day: date(2026, 11, day),
            number: Some(*number),
            text: number.to_string(),
            level: *level,
            by: None,
            entry: String::new(),
        });
        let view = LaboratoryView {
            name: Words::ja("HbA1c"),
            meaning: None,
            about: Vec::new(),
            unit: "%".into(),
            range: None,
            values: values.collect(),
            note: None,
        };
        conclusion(&view, &sample())
    }

    #[test]
    fn the_conclusion_says_where_and_whither_and_no_more() {
        assert_eq!(told(&[(7.3, Level::High), (7.1, Level::High)]), "目安より高めです。前より下がりました。");
        assert_eq!(told(&[(5.0, Level::Usual)]), "目安のなかです。");
        assert_eq!(told(&[(4.0, Level::Low), (4.0, Level::Low)]), "目安より低めです。前と同じです。");
    }
}
