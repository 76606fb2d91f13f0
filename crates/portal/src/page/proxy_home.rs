//! The start of a proxy: whose record to open.

use maud::{Markup, html};

use super::disaster;
use crate::calendar;
use crate::frame::{Frame, Sheet, document};
use crate::view::{FoundPerson, ProxyHomeView, Words};
use crate::{Lang, parts};

/// The page.
#[must_use]
pub fn page(view: &ProxyHomeView, frame: &Frame) -> Markup {
    let main = html! {
        (disaster::news(&view.disaster, frame))
        @if view.people.is_empty() { (parts::empty(&frame.t("proxy-none"))) }
        @else { p.lead { (frame.t("proxy-lead")) } }
        (people(&view.people, frame))
        p.hint { (frame.t("proxy-noted")) }
        h2 { (frame.t("proxy-number")) }
        p { code translate="no" { (view.number) } }
        p.hint { (frame.t("proxy-number-hint")) }
    };
    document(frame, &Sheet::plain(frame.t("proxy-title")), &main)
}

/// What the reader is to the person: `あなたは娘`.
fn reader_is(relation: &Words, frame: &Frame) -> Markup {
    let word = if frame.lang == Lang::En { english(&relation.text) } else { None };
    let own = html! {
        @match &word { Some(word) => { (frame.t(word)) } None => { (parts::words(relation, frame.lang)) } }
    };
    html! { (frame.t("proxy-you-are")) (own) }
}

/// The text for a relation that mandates usually name; others stay in their own language.
fn english(relation: &str) -> Option<&'static str> {
    Some(match relation {
        "娘" | "長女" | "次女" | "二女" | "三女" => "relation-daughter",
        "息子" | "長男" | "次男" | "二男" | "三男" => "relation-son",
        "妻" => "relation-wife",
        "夫" => "relation-husband",
        "母" => "relation-mother",
        "父" => "relation-father",
        "姉" | "妹" | "姉妹" => "relation-sister",
        "兄" | "弟" | "兄弟" => "relation-brother",
        "孫" => "relation-grandchild",
        _ => return None,
    })
}

/// People whose record can be opened; each line is one target.
pub(super) fn people(people: &[FoundPerson], frame: &Frame) -> Markup {
    html! {
        ul.rows.tall {
            @for person in people {
                li { a href=(person.base) {
                    span {
                        b { (parts::named(&person.name, frame.lang)) }
                        @if let Some(relation) = &person.relation { " " (reader_is(relation, frame)) }
                        @if person.birth.is_some() || person.sex.is_some() { br; }
                        @if let Some(birth) = person.birth {
                            @if let Some(age) = calendar::age(birth, frame.today()) { (frame.with("frame-age", &[("n", age.into())])) " " }
                        }
                        @if let Some(sex) = person.sex { (parts::sex(sex, frame)) " " }
                        @if let Some(birth) = person.birth { span.nb { (frame.with("frame-born", &[("day", calendar::birth(birth, frame.lang).into())])) } }
                        @if let Some(until) = person.until {
                            br; small { (frame.with("proxy-until", &[("day", calendar::day(until, frame.lang).into())])) }
                        }
                    }
                    @if let Some(number) = &person.number { span.v { (frame.with("find-numbered", &[("number", number.as_str().into())])) } }
                } }
            }
        }
    }
}
