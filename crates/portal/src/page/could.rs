//! Who could see the record, or one thing of it: now, or at a moment of the past.

use std::borrow::Cow;

use maud::{Markup, html};

use crate::calendar;
use crate::frame::{Frame, Section, Sheet, document};
use crate::parts::{self, Tone};
use crate::view::{CouldAt, CouldRow, CouldTold, CouldView, CouldWho};

/// The page.
#[must_use]
pub fn page(view: &CouldView, frame: &Frame) -> Markup {
    let main = html! {
        p.lead {
            @match &view.thing { Some((_, thing)) => { b { (parts::words(thing, frame.lang)) } " " } None => {} }
            (frame.t("could-lead"))
        }
        (moment(view, frame))
        h2 { @match view.at { None => { (frame.t("could-now")) } Some(at) => { (when(at, frame)) } } }
        @match &view.told {
            CouldTold::NoRules => { (parts::empty(&frame.t("could-no-rules"))) }
            CouldTold::NotYet => { (parts::empty(&frame.t("could-not-yet"))) }
            CouldTold::Rows(rows) => { (list(rows, view.thing.is_some(), frame)) }
        }
        p.hint { (frame.t("could-hint")) }
        ul.rows {
            li { a href={ (Section::Sharing.path(frame.base())) "/new" } { span { (frame.t("sharing-new")) } span.v {} } }
            li { a href=(Section::Looks.path(frame.base())) { span { (frame.t("section-looks")) } span.v {} } }
        }
    };
    let mut sheet = Sheet::of_record(frame.t("could-title"), Section::Sharing, frame);
    sheet.back = Some((Section::Sharing.path(frame.base()), frame.t("section-sharing")));
    sheet.faulty = view.fault;
    document(frame, &sheet, &main)
}

/// The moment as a heading.
fn when(at: CouldAt, frame: &Frame) -> String {
    let day = calendar::day(at.day, frame.lang);
    match at.time {
        None => frame.with("could-end-of", &[("day", day.into())]),
        Some((hour, minute)) => {
            frame.with("could-at", &[("day", day.into()), ("time", format!("{hour}:{minute:02}").into())])
        }
    }
}

fn moment(view: &CouldView, frame: &Frame) -> Markup {
    let here = format!("{}/who", Section::Sharing.path(frame.base()));
    let body = html! {
        form method="get" action=(here) novalidate {
            @if let Some((fact, _)) = &view.thing { input type="hidden" name="fact" value=(fact); }
            div.field {
                label for="day" { (frame.t("could-day")) }
                input #day name="day" type="date" max=(frame.today()) value=(view.day);
            }
            div.field {
                label for="time" { (frame.t("could-time")) }
                p.hint #time-hint { (frame.t("could-time-hint")) }
                input #time name="time" type="time" value=(view.time) aria-describedby="time-hint";
            }
            p.buttons { button.primary { (frame.t("could-show")) } }
        }
        @if view.at.is_some() { p { a.button href={ (here) @if let Some((fact, _)) = &view.thing { "?fact=" (fact) } } { (frame.t("could-show-now")) } } }
    };
    html! {
        @if view.fault { (parts::banner(Tone::Error, "fault", &frame.t("could-fault"), true, &html! { p { a href="#day" { (frame.t("could-fault-what")) } } })) }
        (parts::opening(&html! { (frame.t("could-choose")) }, view.fault || view.at.is_some(), frame, &body))
    }
}

/// Those who could see it, each place and person once: those who have to do with the person, then everybody else; at last
/// who could not, by name only.
fn list(rows: &[CouldRow], one: bool, frame: &Frame) -> Markup {
    let (seeing, others): (Vec<_>, Vec<_>) = rows.iter().partition(|row| !row.sees.is_empty());
    let (elsewhere, related): (Vec<_>, Vec<_>) =
        seeing.into_iter().partition(|row| matches!(row.who, CouldWho::Other(_)));
    html! {
        @if related.is_empty() && elsewhere.is_empty() { (parts::empty(&frame.t("could-nobody"))) }
        @for rows in related.chunk_by(|one, other| one.who == other.who) { (card(rows, one, frame)) }
        @if !elsewhere.is_empty() { h3 { (frame.t("could-elsewhere")) } p { (frame.t("could-elsewhere-hint")) } }
        @for rows in elsewhere.chunk_by(|one, other| one.who == other.who) { (card(rows, one, frame)) }
        @if !others.is_empty() {
            h3 { (frame.t(if one { "could-not-this" } else { "could-not" })) }
            ul.list.plain { @for row in others { li { (who(row, frame)) " (" (as_what(row, frame)) ")" } } }
        }
    }
}

/// One place or person: as what, and folded what is seen and why.
fn card(rows: &[&CouldRow], one: bool, frame: &Frame) -> Markup {
    let inside = html! {
        @for row in rows {
            @if rows.len() > 1 { p { b { (as_what(row, frame)) } } }
            @if !one { p { @for (index, (category, count)) in row.sees.iter().enumerate() {
                @if index > 0 { (frame.t("list-joint")) }
                span.nb { (frame.lang.category(*category)) " " (count) }
            } } }
            @for (plain, source) in &row.rules {
                p { (parts::words(plain, frame.lang)) br; small { (frame.t("rules-source")) ": " (parts::words(source, frame.lang)) } }
            }
        }
    };
    let why = if one { "could-why" } else { "could-what-why" };
    html! {
        div.card {
            @if let Some(first) = rows.first() { p { b { (who(first, frame)) } } }
            p { @for (index, row) in rows.iter().enumerate() { @if index > 0 { br; } (as_what(row, frame)) } }
            (parts::opening(&html! { (frame.t(why)) }, false, frame, &inside))
        }
    }
}

/// `医師(治療のため)`.
fn as_what(row: &CouldRow, frame: &Frame) -> String {
    let words = [("role", frame.lang.role(row.role)), ("purpose", frame.lang.purpose(row.purpose))];
    frame.with("could-as", &words.map(|(name, word)| (name, word.into_owned().into())))
}

fn who(row: &CouldRow, frame: &Frame) -> Markup {
    let other = |kind| -> Cow<'static, str> { frame.lang.organization(kind) };
    html! {
        @match &row.who {
            CouldWho::Place(name) | CouldWho::Person(name) => { (parts::words(name, frame.lang)) }
            CouldWho::Other(kind) => { (frame.with("could-other", &[("kind", other(*kind).into())])) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::tests::sample;
    use crate::view::Words;
    use tsumugi_kernel::{OrganizationKind, Purpose, RecordCategory, Role};

    fn row(who: CouldWho, sees: Vec<(RecordCategory, u32)>) -> CouldRow {
        let rules = vec![(Words::ja("担当しています。"), Words::ja("介護保険法 第1条"))];
        CouldRow { who, role: Role::Physician, purpose: Purpose::Treat, sees, rules }
    }

    #[test]
    fn who_could_stands_before_who_could_not_and_every_reason_has_its_source() {
        let rows = vec![
            row(CouldWho::Other(OrganizationKind::Pharmacy), Vec::new()),
            row(CouldWho::Place(Words::ja("<みなと>病院")), vec![(RecordCategory::Medication, 3)]),
        ];
        let at = CouldAt { day: jiff::civil::date(2026, 11, 20), time: Some((9, 5)) };
        let view = CouldView {
            at: Some(at),
            fault: false,
            day: "2026-11-20".into(),
            time: "09:05".into(),
            thing: Some(("Composition/x".into(), Words::ja("退院時サマリー"))),
            told: CouldTold::Rows(rows),
        };
        let page = page(&view, &sample()).into_string();
        let at = |text: &str| page.find(text).unwrap_or_else(|| panic!("{text} in {page}"));
        assert!(at("&lt;みなと&gt;病院") < at("介護保険法 第1条") && at("介護保険法 第1条") < at("薬局"));
        at("2026年11月20日");
        at("9:05");
        at("value=\"Composition/x\"");
    }
}
