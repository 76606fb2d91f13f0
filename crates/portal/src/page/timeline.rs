//! The timeline of life: years folded, newest first.

use maud::{Markup, html};

use crate::calendar;
use crate::frame::{Frame, Section, Sheet, document};
use crate::parts;
use crate::view::{Entry, Period, TimelineView, Topic, Year};

/// The page.
#[must_use]
pub fn page(view: &TimelineView, frame: &Frame) -> Markup {
    let open = view.year.or_else(|| view.years.first().map(|year| year.year));
    let main = html! {
        (filter(view, frame))
        @if view.years.is_empty() { (parts::empty(&frame.t("timeline-none"))) }
        div.thread {
            @for year in &view.years {
                h2 { (heading(year, view, frame)) }
                @if year.entries.is_empty() {
                    p { a.fold href=(address(view.topic, year.year, frame)) { (count(year, frame)) span.vh { " " (calendar::year(year.year, frame.lang)) } } }
                } @else if open == Some(year.year) {
                    (entries(year, frame))
                } @else {
                    (parts::opening(&html! { (count(year, frame)) }, false, frame, &entries(year, frame)))
                }
            }
            @if let (Some(birth), false) = (view.birth, view.years.is_empty()) {
                p.birth { (frame.with("timeline-birth", &[("day", calendar::birth(birth, frame.lang).into())])) }
            }
        }
    };
    document(frame, &Sheet::of_record(frame.t("section-timeline"), Section::Timeline, frame), &main)
}

fn address(topic: Topic, year: i16, frame: &Frame) -> String {
    format!("{}?topic={}&year={year}", Section::Timeline.path(frame.base()), topic.code())
}

/// The year, its era, and how old the person became.
fn heading(year: &Year, view: &TimelineView, frame: &Frame) -> String {
    let written = calendar::year(year.year, frame.lang);
    match view.birth.map(|birth| year.year - birth.year()).filter(|age| *age >= 0) {
        Some(age) => frame.with("timeline-year", &[("year", written.into()), ("age", age.into())]),
        None => written,
    }
}

fn count(year: &Year, frame: &Frame) -> String {
    frame.with("timeline-count", &[("n", year.count.into())])
}

fn topic_name(topic: Topic, frame: &Frame) -> String {
    match topic {
        Topic::All => frame.t("topic-all"),
        Topic::Visits => frame.t("topic-visits"),
        Topic::Illness => frame.t("topic-illness"),
        Topic::Laboratory => frame.t("topic-laboratory"),
        Topic::Medicines => frame.t("topic-medicines"),
        Topic::Care => frame.t("topic-care"),
    }
    .into_owned()
}

fn filter(view: &TimelineView, frame: &Frame) -> Markup {
    let summary = html! { (frame.with("timeline-filter", &[("topic", topic_name(view.topic, frame).into())])) };
    let body = html! {
        form method="get" action=(Section::Timeline.path(frame.base())) {
            div.field {
                label for="topic" { (frame.t("timeline-topic")) }
                select #topic name="topic" {
                    @for &topic in Topic::ALL {
                        option value=(topic.code()) selected[topic == view.topic] { (topic_name(topic, frame)) }
                    }
                }
            }
            p.buttons { button.primary { (frame.t("looks-narrow")) } }
        }
    };
    parts::opening(&summary, false, &Frame { print: false, ..frame.clone() }, &body)
}

fn entries(year: &Year, frame: &Frame) -> Markup {
    html! { ol.life { @for one in &year.entries { (entry(one, frame)) } } }
}

fn entry(entry: &Entry, frame: &Frame) -> Markup {
    let period = !matches!(entry.when, Period::Day(_));
    html! {
        li.period[period] {
            p.when { (when(entry.when, frame)) }
            p.strong {
                @if let Some(path) = &entry.path { a.go href=(path) { (parts::words(&entry.title, frame.lang)) } }
                @else { (parts::words(&entry.title, frame.lang)) }
            }
            @for (index, path) in entry.others.iter().enumerate() {
                p { a.go href=(path) { (frame.with("entry-other", &[("n", (index + 2).into())])) span.vh { ": " (parts::words(&entry.title, frame.lang)) } } }
            }
            @if let Some(place) = &entry.place { p { (parts::words(place, frame.lang)) } }
            @for line in &entry.lines { p.kept { (parts::words(line, frame.lang)) } }
        }
    }
}

fn when(when: Period, frame: &Frame) -> Markup {
    match when {
        Period::Day(day) => parts::near_day(day, frame),
        Period::Span(from, to) => html! { (calendar::span(from, to, frame.today(), frame.lang)) },
        Period::Since(from) => {
            let day = calendar::near_day(from, frame.today(), frame.lang);
            html! { (frame.with("timeline-since", &[("day", day.into())])) }
        }
    }
}
