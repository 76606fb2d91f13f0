//! The start of a proxy: whose record to open.

use maud::{Markup, html};

use crate::calendar;
use crate::frame::{Frame, Sheet, document};
use crate::parts;
use crate::view::{FoundPerson, ProxyHomeView};

/// The page.
#[must_use]
pub fn page(view: &ProxyHomeView, frame: &Frame) -> Markup {
    let main = html! {
        @if view.people.is_empty() { (parts::empty(&frame.t("proxy-none"))) }
        @else { p.lead { (frame.t("proxy-lead")) } }
        (people(&view.people, frame))
        p.hint { (frame.t("proxy-noted")) }
    };
    document(frame, &Sheet::plain(frame.t("proxy-title")), &main)
}

/// People whose record can be opened; each line is one target.
pub(super) fn people(people: &[FoundPerson], frame: &Frame) -> Markup {
    html! {
        ul.rows.tall {
            @for person in people {
                li { a href=(person.base) {
                    span {
                        b { (parts::named(&person.name, frame.lang)) }
                        @if let Some(relation) = &person.relation { " " (parts::words(relation, frame.lang)) }
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
