//! What the ward's and the care office's first views share.

use maud::{Markup, html};

use super::activities;
use crate::calendar;
use crate::frame::{Frame, Section};
use crate::parts::{self, Tone};
use crate::view::{ACTIVITIES, PersonView, PrecautionTopic, Statement};

/// The banner after a write.
pub(super) fn receipt(view: &PersonView, frame: &Frame) -> Markup {
    let Some(receipt) = view.receipt else { return html! {} };
    let title = frame.with("form-recorded", &[("time", calendar::time(receipt.at).into())]);
    parts::banner(Tone::Success, "receipt", &title, true, &html! { p { (frame.t("form-recorded-what")) } })
}

/// What to heed, every topic in the same order; a topic without a statement says so.
pub(super) fn precautions(view: &PersonView, frame: &Frame) -> Markup {
    let of = |topic: PrecautionTopic| -> Vec<&Statement> {
        let of_topic = view.precautions.iter().filter(move |one| one.topic == topic);
        of_topic.flat_map(|one| &one.statements).collect()
    };
    html! {
        section.heed aria-labelledby="heed" {
            h2 #heed { span.sign aria-hidden="true" { "!" } (frame.t("person-heed")) }
            dl.facts {
                @for &topic in PrecautionTopic::ALL {
                    div {
                        dt { (topic_name(topic, frame)) }
                        dd {
                            @let statements = of(topic);
                            @if statements.is_empty() { (parts::none_text("person-no-precaution", frame)) }
                            @for said in statements { p { (parts::statement(said, frame)) } }
                        }
                    }
                }
                div {
                    dt { (frame.t("person-allergies")) }
                    dd {
                        @if view.allergies.is_empty() { (parts::none_text("person-no-allergies", frame)) }
                        @for said in &view.allergies { p { (parts::statement(said, frame)) } }
                    }
                }
            }
        }
    }
}

pub(super) fn topic_name(topic: PrecautionTopic, frame: &Frame) -> String {
    match topic {
        PrecautionTopic::Swallowing => frame.t("precaution-swallowing"),
        PrecautionTopic::Moving => frame.t("precaution-moving"),
        PrecautionTopic::Medicine => frame.t("precaution-medicine"),
    }
    .into_owned()
}

/// Abilities in words and the newest total.
pub(super) fn living(view: &PersonView, frame: &Frame) -> Markup {
    html! {
        section.block aria-labelledby="living" {
            h2 #living { (frame.t("person-living")) }
            @match &view.activities {
                None => {
                    (parts::none("activities-none", frame))
                    (abilities(view, frame))
                }
                Some(newest) => {
                    p.glance {
                        b { (parts::tight(&frame.with("activities-total", &[("n", newest.total.into())]))) }
                        br; small { (parts::near_day(newest.day, frame)) @if let Some(by) = &newest.by { " " (parts::words(by, frame.lang)) } }
                    }
                    (abilities(view, frame))
                    @let helped: Vec<usize> = (0..ACTIVITIES.len()).filter(|&index| newest.items[index].is_some_and(|points| points < ACTIVITIES[index].points[0])).collect();
                    @if !helped.is_empty() {
                        p.label { (frame.t("person-helped")) }
                        dl.short {
                            @for index in helped {
                                div {
                                    dt { (activities::activity_name(ACTIVITIES[index].code, frame)) }
                                    dd { (activities::ability(ACTIVITIES[index].code, newest.items[index], frame)) }
                                }
                            }
                        }
                    }
                    p { a.go href=(Section::Activities.path(frame.base())) { (frame.t("person-course")) } }
                }
            }
        }
    }
}

fn abilities(view: &PersonView, frame: &Frame) -> Markup {
    html! {
        @if !view.abilities.is_empty() {
            dl.short {
                @for one in &view.abilities {
                    div { dt { (parts::words(&one.what, frame.lang)) } dd { (parts::words(&one.how, frame.lang)) } }
                }
            }
        }
    }
}

/// A block of statements; `none` is the key of its honest empty text.
pub(super) fn block(id: &str, title: &str, none: &str, statements: &[Statement], frame: &Frame) -> Markup {
    html! {
        section.block aria-labelledby=(id) {
            h2 id=(id) { (title) }
            @if statements.is_empty() { (parts::none(none, frame)) }
            @else { ul.plain { @for said in statements { li { (parts::statement(said, frame)) } } } }
        }
    }
}

/// The present or last stay.
pub(super) fn stay(view: &PersonView, frame: &Frame) -> Markup {
    html! { @if let Some(stay) = &view.stay { p.lead { (parts::statement(stay, frame)) } } }
}
