//! Public statistics of cases: for everybody, signed in or not. Nobody is in them.

use maud::{Markup, html};
use tsumugi_access::{CaseKind, case::Duty};

use super::case_parts;
use crate::calendar;
use crate::frame::{Frame, Sheet, document};
use crate::parts;
use crate::view::{Count, MonthRow, Statistics};

/// The page.
#[must_use]
pub fn page(view: &Statistics, frame: &Frame) -> Markup {
    let main = html! {
        p.lead { (frame.t("statistics-lead")) }
        p { (frame.with("statistics-counted", &[("day", calendar::near_day(view.counted, frame.today(), frame.lang).into())])) }
        @for kind in CaseKind::ALL {
            h2 { (case_parts::kind(*kind, frame)) }
            (table(*kind, view, frame))
        }
        h2 { (frame.t("statistics-clocks")) }
        dl.facts {
            @for (duty, key) in [
                (Duty::Answer, "statistics-clock-answer"),
                (Duty::Correct, "statistics-clock-correct"),
                (Duty::Reply, "statistics-clock-reply"),
                (Duty::Judge, "statistics-clock-judge"),
                (Duty::Amend, "statistics-clock-amend"),
            ] {
                (case_parts::fact(&frame.t(key), &html! {
                    (parts::tight(&frame.with("statistics-days", &[("n", duty.days().into())])))
                    p.hint { span lang="en" { (duty.source()) } }
                }))
            }
        }
        p.hint { (frame.t("statistics-few")) }
    };
    document(frame, &Sheet::plain(frame.t("statistics-title")), &main)
}

/// The months of a kind that have something to tell; the others are one sentence.
fn table(kind: CaseKind, view: &Statistics, frame: &Frame) -> Markup {
    let told: Vec<&MonthRow> = view.months.iter().filter(|row| row.kind == kind && row.opened != Count::Few).collect();
    html! {
        @if told.is_empty() { p { (frame.t("statistics-all-few")) } }
        @else { (months(kind, &told, frame)) p { (frame.t("statistics-others-few")) } }
    }
}

fn months(kind: CaseKind, rows: &[&MonthRow], frame: &Frame) -> Markup {
    let heads = [
        frame.t("statistics-month"),
        frame.t("statistics-opened"),
        frame.t("statistics-answered"),
        frame.t("statistics-median"),
        frame.t("statistics-worst"),
        frame.t("statistics-late"),
        frame.t("statistics-closed"),
        frame.t("statistics-upheld"),
    ];
    html! {
        table.cards-table role="table" {
            caption.vh { (case_parts::kind(kind, frame)) }
            thead { tr role="row" {
                @for (place, head) in heads.iter().enumerate() { th.n[place > 0] scope="col" role="columnheader" { (head) } }
            } }
            tbody {
                @for row in rows {
                    tr role="row" {
                        th scope="row" role="rowheader" data-label=(heads[0]) { (calendar::axis_month(row.month, frame.lang)) }
                        @for (head, cell) in heads[1..].iter().zip(cells(row, frame)) { td.n role="cell" data-label=(head) { (cell) } }
                    }
                }
            }
        }
    }
}

fn cells(row: &MonthRow, frame: &Frame) -> [String; 7] {
    let count = |count: Count| match count {
        Count::Few => frame.t("statistics-under-ten").into_owned(),
        Count::Exactly(many) => many.to_string(),
    };
    let untold = || frame.t("statistics-untold").into_owned();
    let days =
        |days: Option<u32>| days.map_or_else(untold, |days| frame.with("statistics-days", &[("n", days.into())]));
    [
        count(row.opened),
        count(row.answered),
        days(row.days.map(|(median, _)| median)),
        days(row.days.map(|(_, worst)| worst)),
        count(row.late),
        count(row.closed),
        row.upheld_percent.map_or_else(untold, |percent| format!("{percent}%")),
    ]
}
