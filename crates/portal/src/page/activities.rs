//! Daily activities over time, each activity now and before, and the care workers' notes.

use maud::{Markup, html};

use crate::calendar;
use crate::chart::{Chart, Point, Series, figure};
use crate::frame::{Frame, Section, Sheet, document};
use crate::parts;
use crate::view::{ACTIVITIES, ActivitiesView, Measurement};

/// The page.
#[must_use]
pub fn page(view: &ActivitiesView, frame: &Frame) -> Markup {
    let main = html! {
        @if let Some(newest) = view.measurements.last() {
            p.lead { (frame.t("activities-meaning")) }
            (newest_value(newest, frame))
            (figure(&chart(view, frame), frame.lang, &table(view, frame)))
            h2 { (frame.t("activities-items")) }
            (items(view, newest, frame))
        } @else {
            (parts::none("activities-none", frame))
        }
        h2 { (frame.t("activities-notes")) }
        @if view.notes.is_empty() { (parts::empty(&frame.t("activities-no-notes"))) }
        ul.plain.notes {
            @for note in &view.notes { li { p.kept { (parts::words(&note.text, frame.lang)) } p { small { (parts::origin(&note.origin, frame)) } } } }
        }
    };
    document(frame, &Sheet::of_record(frame.t("section-activities"), Section::Activities, frame), &main)
}

fn newest_value(newest: &Measurement, frame: &Frame) -> Markup {
    html! {
        p.glance {
            b { (parts::tight(&frame.with("activities-total", &[("n", newest.total.into())]))) }
            br; small { (parts::near_day(newest.day, frame)) @if let Some(by) = &newest.by { " " (parts::words(by, frame.lang)) } }
        }
    }
}

/// Says the newest total and its direction, nothing more.
fn conclusion(view: &ActivitiesView, frame: &Frame) -> String {
    let mut newest = view.measurements.iter().rev();
    let (Some(last), before) = (newest.next(), newest.next()) else { return String::new() };
    let Some(before) = before else {
        return frame.with("activities-one", &[("n", last.total.into())]);
    };
    let args = [("n", last.total.into()), ("before", before.total.into())];
    match last.total.cmp(&before.total) {
        std::cmp::Ordering::Greater => frame.with("activities-up", &args),
        std::cmp::Ordering::Less => frame.with("activities-down", &args),
        std::cmp::Ordering::Equal => frame.with("activities-same", &args),
    }
}

fn chart(view: &ActivitiesView, frame: &Frame) -> Chart {
    let point = |one: &Measurement| Point { day: one.day, value: f64::from(one.total), text: one.total.to_string() };
    let told: Vec<String> = view
        .measurements
        .iter()
        .map(|one| format!("{} {}", calendar::near_day(one.day, frame.today(), frame.lang), one.total))
        .collect();
    Chart {
        id: "barthel".to_owned(),
        conclusion: conclusion(view, frame),
        title: frame.t("activities-chart").into_owned(),
        description: told.join(&frame.t("list-joint")),
        series: vec![Series {
            name: frame.t("activities-chart").into_owned(),
            points: view.measurements.iter().map(point).collect(),
        }],
        band: None,
        scale: Some((0.0, 100.0)),
    }
}

fn table(view: &ActivitiesView, frame: &Frame) -> Markup {
    let count = view.measurements.len();
    let (day, total, by) = (frame.t("table-day"), frame.t("table-total"), frame.t("table-by"));
    let body = html! {
        table role="table" {
            caption.vh { (frame.t("activities-chart")) }
            thead { tr role="row" {
                th scope="col" role="columnheader" { (day) }
                th.n scope="col" role="columnheader" { (total) }
                th scope="col" role="columnheader" { (by) }
            } }
            tbody {
                @for one in view.measurements.iter().rev() {
                    tr role="row" {
                        th scope="row" role="rowheader" { (parts::near_day(one.day, frame)) }
                        td.n role="cell" data-label=(total) { (frame.with("activities-points", &[("n", one.total.into())])) }
                        td role="cell" data-label=(by) { @if let Some(by) = &one.by { (parts::words(by, frame.lang)) } }
                    }
                }
            }
        }
    };
    parts::opening(&html! { (frame.with("table-of", &[("n", count.into())])) }, false, frame, &body)
}

/// Each activity in words, now and at the measurement before.
fn items(view: &ActivitiesView, newest: &Measurement, frame: &Frame) -> Markup {
    let before = view.measurements.iter().rev().nth(1);
    let (what, now, then) = (frame.t("activities-what"), frame.t("activities-now"), frame.t("activities-before"));
    html! {
        table.cards-table role="table" {
            caption.vh { (frame.t("activities-items")) }
            thead { tr role="row" {
                th scope="col" role="columnheader" { (what) }
                th scope="col" role="columnheader" { (now) }
                @if before.is_some() { th scope="col" role="columnheader" { (then) } }
            } }
            tbody {
                @for (index, activity) in ACTIVITIES.iter().enumerate() {
                    tr role="row" {
                        th scope="row" role="rowheader" { (activity_name(activity.code, frame)) }
                        td role="cell" data-label=(now) { (ability(activity.code, newest.items[index], frame)) }
                        @if let Some(before) = before {
                            td role="cell" data-label=(then) { (ability(activity.code, before.items[index], frame)) }
                        }
                    }
                }
            }
        }
    }
}

/// An activity's name, for example `食事`.
pub(super) fn activity_name(code: &str, frame: &Frame) -> String {
    frame.t(&format!("barthel-{code}")).into_owned()
}

/// What the points for an activity mean, with the points after the words.
pub(super) fn ability(code: &str, points: Option<u8>, frame: &Frame) -> Markup {
    html! {
        @match points {
            Some(points) => {
                (frame.t(&format!("barthel-{code}-{points}"))) " "
                span.nb.pale { (frame.with("activities-points", &[("n", points.into())])) }
            }
            None => { (frame.t("activities-not-given")) }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::Lang;
    use crate::view::ACTIVITIES;

    #[test]
    fn every_point_of_every_activity_has_words() {
        for &lang in Lang::ALL {
            for activity in ACTIVITIES {
                assert!(!lang.t(&format!("barthel-{}", activity.code)).contains('⟦'));
                for points in activity.points {
                    let key = format!("barthel-{}-{points}", activity.code);
                    assert!(!lang.t(&key).contains('⟦'), "{key}");
                }
            }
        }
    }

    #[test]
    fn the_most_points_make_a_hundred() {
        let most: u32 = ACTIVITIES.iter().map(|activity| u32::from(activity.points[0])).sum();
        assert_eq!(most, 100);
    }
}
