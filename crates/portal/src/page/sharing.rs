//! Who may see the record: what is restricted, who cares for the person, who acts for them.

use jiff::civil::Date;
use maud::{Markup, html};
use tsumugi_access::{Against, Hides, RelationKind};

use super::paper_parts;
use crate::calendar;
use crate::frame::{Frame, Section, Sheet, document};
use crate::parts::{self, Tone};
use crate::read::sharing as read;
use crate::view::{RelatedRow, Restricted, RestrictionRow, SharingDone, SharingView};

/// The page.
#[must_use]
pub fn page(view: &SharingView, frame: &Frame) -> Markup {
    let base = Section::Sharing.path(frame.base());
    let main = html! {
        @if let Some(done) = view.done { (told(done, frame)) }
        h2 { (frame.t("sharing-hidden")) }
        @if view.restrictions.is_empty() { (parts::empty(&frame.t("sharing-hidden-none"))) }
        @for row in &view.restrictions { (restriction(row, frame)) }
        p { a.button.primary href={ (base) "/new" } { (frame.t("sharing-new")) } }
        h2 { (frame.t("sharing-related")) }
        @if view.related.is_empty() { (parts::empty(&frame.t("sharing-related-none"))) }
        @else { ul.list.plain { @for row in &view.related { li { (related(row, frame)) } } } }
        p.hint { (frame.t("sharing-rules-hint")) }
        ul.rows {
            @if frame.is_own() { li { a href="/apps" { span { (frame.t("apps-title")) } } } }
            li { a href={ (frame.base()) "/mandates" } { span { (frame.t("sharing-mandates")) } span.v { (parts::tight(&frame.with("sharing-mandates-n", &[("n", view.mandates.into())]))) } } }
            li { a href={ (frame.base()) "/papers" } { span { (frame.t("papers-own-title")) } span.v {} } }
            li { a href={ (base) "/who" } { span { (frame.t("sharing-who")) } span.v {} } }
            li { a href="/rules" { span { (frame.t("sharing-rules")) } span.v {} } }
            li { a href=(Section::Looks.path(frame.base())) { span { (frame.t("section-looks")) } span.v {} } }
        }
    };
    document(frame, &Sheet::of_record(frame.t("section-sharing"), Section::Sharing, frame), &main)
}

fn told(done: SharingDone, frame: &Frame) -> Markup {
    let key = match done {
        SharingDone::Set => "sharing-done-set",
        SharingDone::Lifted => "sharing-done-lifted",
    };
    parts::banner(Tone::Success, "done", &frame.t(key), true, &html! { p { (frame.t("sharing-done-what")) } })
}

fn restriction(row: &RestrictionRow, frame: &Frame) -> Markup {
    html! {
        div.card {
            (said(&row.said, None, frame))
            p.hint { (frame.t("papers-setting")) ": " span.nb translate="no" { (row.code) } }
            @if let Some(on) = &row.on_paper { (paper_parts::on_paper(on, frame)) }
            form method="post" action=(row.lift) {
                (parts::csrf(frame))
                button { (frame.t("sharing-lift")) span.vh { ": " (hides(&row.said, frame)) } }
            }
        }
    }
}

/// A restriction as a short list; with the addresses at which what, from whom and how long are changed.
pub(super) fn said(said: &Restricted, change: Option<[String; 3]>, frame: &Frame) -> Markup {
    let [what, whom, long] = change.map_or([None, None, None], |paths| paths.map(Some));
    html! {
        dl.facts {
            (fact("sharing-what", &hides(said, frame), what, frame))
            (fact("sharing-whom", &against(said, frame), whom, frame))
            (fact("sharing-long", &html! { (until(said.until, frame)) }, long.clone(), frame))
            (fact("sharing-unconscious", &html! { (frame.t(if said.emergency { "sharing-emergency-yes" } else { "sharing-emergency-no" })) }, long, frame))
        }
    }
}

fn fact(key: &str, value: &Markup, change: Option<String>, frame: &Frame) -> Markup {
    html! {
        div { dt { (frame.t(key)) } dd {
            (value)
            @if let Some(path) = change { " " a.go href=(path) { span.vh { (frame.t(key)) } (frame.t("restrict-change")) } }
        } }
    }
}

fn hides(said: &Restricted, frame: &Frame) -> Markup {
    html! {
        @match &said.hides {
            Hides::Everything => { (frame.t("sharing-everything")) }
            Hides::Categories(categories) => {
                @for (index, one) in categories.iter().enumerate() {
                    @if index > 0 { (frame.t("list-joint")) } (frame.lang.category(*one))
                }
            }
            Hides::Facts(facts) => {
                @match &said.what { Some(what) => { (parts::words(what, frame.lang)) } None => { (frame.t("sharing-one-thing")) } }
                " " span.nb { (frame.with("sharing-facts-n", &[("n", facts.len().into())])) }
            }
            Hides::Source(_) => {
                @if let Some(what) = &said.what { (frame.t("sharing-from-before")) (parts::words(what, frame.lang)) (frame.t("sharing-from-after")) }
            }
            Hides::Days { first, last } => { (days(*first, *last, frame)) }
        }
    }
}

fn days(first: i32, last: i32, frame: &Frame) -> String {
    let day = |number| read::day(number).map_or_else(String::new, |day| calendar::day(day, frame.lang));
    match (first, last) {
        (i32::MIN, last) => frame.with("sharing-days-to", &[("last", day(last).into())]),
        (first, i32::MAX) => frame.with("sharing-days-from", &[("first", day(first).into())]),
        (first, last) => frame.with("sharing-days", &[("first", day(first).into()), ("last", day(last).into())]),
    }
}

fn against(said: &Restricted, frame: &Frame) -> Markup {
    html! {
        @match (&said.against, &said.whom) {
            (Against::Everyone, _) => { (frame.t("sharing-everyone")) }
            (Against::OrganizationKind(kind), _) => { (frame.with("sharing-kind", &[("kind", frame.lang.organization(*kind).into())])) }
            (_, Some(whom)) => { (parts::words(whom, frame.lang)) }
            (_, None) => { (frame.t("sharing-somebody")) }
        }
    }
}

fn until(until: Option<Date>, frame: &Frame) -> String {
    match until {
        None => frame.t("sharing-always").into_owned(),
        Some(day) => frame.with("sharing-until", &[("day", calendar::day(day, frame.lang).into())]),
    }
}

fn related(row: &RelatedRow, frame: &Frame) -> Markup {
    let key = match row.kind {
        RelationKind::Encounter => "relation-encounter",
        RelationKind::Referral => "relation-referral",
        RelationKind::Prescription => "relation-prescription",
        RelationKind::CareInCharge => "relation-care-in-charge",
        RelationKind::CareOpinion => "relation-care-opinion",
    };
    let since = calendar::near_day(row.since, frame.today(), frame.lang);
    html! {
        p { b { (parts::words(&row.name, frame.lang)) } }
        p {
            (frame.t(key)) " " span.nb { (frame.with("sharing-since", &[("day", since.into())])) }
            @if let Some(day) = row.until { " " span.nb { (frame.with("sharing-until", &[("day", calendar::near_day(day, frame.today(), frame.lang).into())])) } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::tests::sample;
    use crate::view::Words;
    use tsumugi_kernel::{OrganizationKind, RecordCategory};

    #[test]
    fn what_is_hidden_from_whom_stands_there_with_the_way_back() {
        let said = Restricted {
            hides: Hides::Categories(vec![RecordCategory::MentalHealth, RecordCategory::Genome]),
            what: None,
            against: Against::OrganizationKind(OrganizationKind::Clinic),
            whom: None,
            until: Some(jiff::civil::date(2027, 1, 31)),
            emergency: true,
        };
        let row = RestrictionRow { said, lift: "/me/sharing/x/lift".into(), code: "7k2m-9q4x".into(), on_paper: None };
        let related = RelatedRow {
            name: Words::ja("みなと総合病院"),
            kind: RelationKind::Encounter,
            since: jiff::civil::date(2026, 11, 3),
            until: None,
        };
        let view =
            SharingView { done: Some(SharingDone::Set), related: vec![related], restrictions: vec![row], mandates: 1 };
        let page = page(&view, &sample()).into_string();
        for text in [
            "こころの健康、ゲノム",
            "すべての診療所",
            "2027年1月31日",
            "action=\"/me/sharing/x/lift\"",
            "role=\"alert\"",
            "みなと総合病院",
        ] {
            assert!(page.contains(text), "{text} in {page}");
        }
    }
}
