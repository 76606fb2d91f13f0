//! The town in numbers: each figure of the town beside Japan's, as bars and as a table. For everybody.

use maud::{Markup, html};

use crate::frame::{Frame, Sheet, document};
use crate::parts;
use crate::view::{TownRow, TownVerdict, TownView};

/// Width of the longest bar, in units of the drawing.
const LONGEST: f64 = 200.0;

/// The page.
#[must_use]
pub fn page(view: &TownView, frame: &Frame) -> Markup {
    let off = view.rows.iter().filter(|row| row.verdict == TownVerdict::Off).count();
    let counted = view.rows.iter().filter(|row| row.verdict != TownVerdict::NotCounted).count();
    let main = html! {
        @if view.rows.is_empty() {
            (parts::empty(&frame.t("town-none")))
            p { (frame.t("town-none-do")) }
        } @else {
            p.lead { (frame.with("town-lead", &[("counted", counted.into()), ("off", off.into())])) }
            @if let (Some(citizens), Some(today)) = (view.citizens, &view.today) {
                p { (frame.with("town-which", &[("citizens", citizens.into()), ("day", today.as_str().into())])) }
            }
            (table(view, frame))
            h2 { (frame.t("town-read")) }
            ul.plain {
                li { (frame.t("town-read-near")) }
                li { (frame.t("town-read-error")) }
                li { (frame.t("town-read-off")) }
            }
        }
        p.hint { (frame.t("town-fictional")) }
    };
    let sheet = Sheet { back: Some(("/".to_owned(), frame.t("frame-back"))), ..Sheet::plain(frame.t("town-title")) };
    document(frame, &sheet, &main)
}

fn table(view: &TownView, frame: &Frame) -> Markup {
    let heads = [
        frame.t("town-what"),
        frame.t("town-bars"),
        frame.t("town-japan"),
        frame.t("town-found"),
        frame.t("town-apart"),
        frame.t("town-verdict"),
    ];
    html! {
        table.cards-table role="table" {
            caption.vh { (frame.t("town-title")) }
            thead { tr role="row" {
                @for (place, head) in heads.iter().enumerate() { th.n[(2..5).contains(&place)] scope="col" role="columnheader" { (head) } }
            } }
            tbody {
                @for row in &view.rows {
                    tr role="row" {
                        th scope="row" role="rowheader" {
                            (parts::words(&row.words, frame.lang))
                            @if !row.source.is_empty() { br; small lang="ja" { (row.source) } }
                        }
                        td role="cell" data-label=(heads[1]) { (bars(row, frame)) }
                        td.n role="cell" data-label=(heads[2]) { (figure(row.expected, &row.unit)) }
                        td.n role="cell" data-label=(heads[3]) { (found(row, frame)) }
                        td.n role="cell" data-label=(heads[4]) { @if let Some(off) = row.off_percent { (format!("{off:+.1}%")) } }
                        td role="cell" data-label=(heads[5]) { (verdict(row.verdict, frame)) }
                    }
                }
            }
        }
    }
}

/// Two bars: Japan's hatched above, the town's full below. What they say stands in their name, and in the table.
fn bars(row: &TownRow, frame: &Frame) -> Markup {
    let most = row.found.unwrap_or(0.0).abs().max(row.expected.abs());
    let length = |value: f64| if most > 0.0 && value.is_finite() { value.abs() / most * LONGEST } else { 0.0 };
    let japan = figure(row.expected, &row.unit);
    let town = row.found.map_or_else(|| frame.t("town-not-counted").into_owned(), |found| figure(found, &row.unit));
    let name = frame.with("town-bars-name", &[("japan", japan.as_str().into()), ("town", town.as_str().into())]);
    html! {
        svg.bars role="img" aria-label=(name) viewBox="0 0 204 40" width="204" height="40" {
            rect.hatch x="2" y="4" width=(format!("{:.1}", length(row.expected))) height="12" {}
            @if let Some(found) = row.found { rect.m x="2" y="24" width=(format!("{:.1}", length(found))) height="12" {} }
        }
    }
}

fn found(row: &TownRow, frame: &Frame) -> String {
    match (row.found, row.standard_error) {
        (None, _) => frame.t("town-not-counted").into_owned(),
        (Some(found), Some(error)) => format!("{} ± {}", figure(found, ""), figure(error, &row.unit)),
        (Some(found), None) => figure(found, &row.unit),
    }
}

/// A figure with as many digits as say something. A share is told in hundredths.
fn figure(value: f64, unit: &str) -> String {
    let digits = match value.abs() {
        size if size >= 100.0 => 0,
        size if size >= 10.0 => 1,
        size if size >= 1.0 => 2,
        _ => 3,
    };
    let gap = if unit.is_empty() || unit == "%" { "" } else { " " };
    format!("{value:.digits$}{gap}{unit}")
}

fn verdict(verdict: TownVerdict, frame: &Frame) -> Markup {
    let (sign, words) = match verdict {
        TownVerdict::Near => ("✓", "town-near"),
        TownVerdict::WithinError => ("≈", "town-within"),
        TownVerdict::Off => ("!", "town-off"),
        TownVerdict::NotCounted => ("–", "town-not-counted"),
    };
    html! { span aria-hidden="true" { (sign) " " } (frame.t(words)) }
}
