//! What the reader's organisation sent, which rules it broke, and how it goes over time. Counts only: no person.

use maud::{Markup, html};

use crate::calendar;
use crate::chart::{Chart, Point, Series, figure};
use crate::frame::{Frame, Sheet, document};
use crate::parts;
use crate::view::{SentRule, SentView, SentWeek};

/// The page.
#[must_use]
pub fn page(view: &SentView, frame: &Frame) -> Markup {
    let (all, refused) = view.total();
    let main = html! {
        @if all == 0 {
            (parts::empty(&frame.t("sent-none")))
        } @else {
            p.lead { (frame.with("sent-total", &[("all", all.into()), ("refused", refused.into())])) }
            (figure(&chart(view, frame), frame.lang, &weeks(view, frame)))
            h2 { (frame.t("sent-rules")) }
            @if view.rules.is_empty() {
                p { (frame.t("sent-no-rules")) }
            } @else {
                p { (frame.t("sent-rules-meaning")) }
                (rules(&view.rules, frame))
            }
            h2 { (frame.t("sent-next")) }
            ul.plain {
                li { (frame.t("sent-next-quarantine")) }
                li { (frame.t("sent-next-validate")) }
            }
        }
        p.hint { (frame.t("sent-counts-only")) }
    };
    let sheet = Sheet { back: Some(("/".to_owned(), frame.t("frame-back"))), ..Sheet::plain(frame.t("sent-title")) };
    document(frame, &sheet, &main)
}

fn percent(week: &SentWeek) -> Option<(f64, String)> {
    week.refused_percent().map(|value| (value, format!("{value:.1}%")))
}

fn chart(view: &SentView, frame: &Frame) -> Chart {
    let points: Vec<Point> = view
        .weeks
        .iter()
        .filter_map(|week| percent(week).map(|(value, text)| Point { day: week.from, value, text }))
        .collect();
    let told: Vec<String> =
        points.iter().map(|p| format!("{} {}", calendar::near_day(p.day, frame.today(), frame.lang), p.text)).collect();
    let most = points.iter().map(|point| point.value).fold(10.0, f64::max);
    Chart {
        id: "refused".to_owned(),
        conclusion: conclusion(&points, frame),
        title: frame.t("sent-chart").into_owned(),
        description: told.join(&frame.t("list-joint")),
        series: vec![Series { name: frame.t("sent-chart").into_owned(), points }],
        band: None,
        scale: Some((0.0, most)),
    }
}

/// Says the newest share and its direction, nothing more.
fn conclusion(points: &[Point], frame: &Frame) -> String {
    let mut newest = points.iter().rev();
    let (Some(last), before) = (newest.next(), newest.next()) else { return String::new() };
    let Some(before) = before else { return frame.with("sent-one", &[("now", last.text.as_str().into())]) };
    let args = [("now", last.text.as_str().into()), ("before", before.text.as_str().into())];
    match last.value.total_cmp(&before.value) {
        std::cmp::Ordering::Greater => frame.with("sent-up", &args),
        std::cmp::Ordering::Less => frame.with("sent-down", &args),
        std::cmp::Ordering::Equal => frame.with("sent-same", &args),
    }
}

fn weeks(view: &SentView, frame: &Frame) -> Markup {
    let heads = [
        frame.t("sent-week"),
        frame.t("sent-submissions"),
        frame.t("sent-refused"),
        frame.t("sent-resources"),
        frame.t("sent-warnings"),
    ];
    let body = html! {
        table role="table" {
            caption.vh { (frame.t("sent-weeks")) }
            thead { tr role="row" {
                @for (place, head) in heads.iter().enumerate() { th.n[place > 0] scope="col" role="columnheader" { (head) } }
            } }
            tbody {
                @for week in view.weeks.iter().rev() {
                    @let cells = [week.submissions, week.refused, week.resources, week.warnings];
                    tr role="row" {
                        th scope="row" role="rowheader" { (parts::near_day(week.from, frame)) (frame.t("sent-from")) }
                        @for (head, count) in heads[1..].iter().zip(cells) { td.n role="cell" data-label=(head) { (count) } }
                    }
                }
            }
        }
    };
    parts::opening(&html! { (frame.with("sent-table", &[("n", view.weeks.len().into())])) }, false, frame, &body)
}

fn rules(rules: &[SentRule], frame: &Frame) -> Markup {
    let heads = [
        frame.t("sent-rule"),
        frame.t("sent-errors"),
        frame.t("sent-warnings"),
        frame.t("sent-recent"),
        frame.t("sent-before"),
    ];
    html! {
        table.cards-table role="table" {
            caption.vh { (frame.t("sent-rules")) }
            thead { tr role="row" {
                @for (place, head) in heads.iter().enumerate() { th.n[place > 0] scope="col" role="columnheader" { (head) } }
            } }
            tbody {
                @for rule in rules {
                    tr role="row" {
                        th scope="row" role="rowheader" {
                            @if let Some(words) = &rule.words { (parts::words(words, frame.lang)) " " }
                            code { (rule.rule) }
                        }
                        @for (head, count) in heads[1..].iter().zip([rule.errors, rule.warnings, rule.recent, rule.before]) {
                            td.n role="cell" data-label=(head) { (count) }
                        }
                    }
                }
            }
        }
    }
}
