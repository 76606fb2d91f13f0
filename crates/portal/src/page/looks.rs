//! Who looked: the list, grouped by stay, organisation and day.

use jiff::civil::Date;
use maud::{Markup, html};
use tsumugi_kernel::Purpose;

use crate::calendar;
use crate::frame::{Frame, Section, Sheet, document};
use crate::parts;
use crate::view::{Decision, LookFilter, LookGroup, LookRow, LooksView, ShownKind};

/// The page.
#[must_use]
pub fn page(view: &LooksView, frame: &Frame) -> Markup {
    let main = html! {
        p.lead {
            @if view.total > 0 { (parts::tight(&frame.with("looks-total", &[("n", view.total.into())]))) br; }
            (parts::tight(&frame.t("looks-this-one"))) br;
            (parts::proof_line(view.proof, frame))
        }
        (filter(&view.filter, frame))
        @if !view.filter.is_empty() { p role="status" { (frame.with("looks-found", &[("n", view.found.into())])) } }
        @if view.groups.is_empty() { (parts::empty(&nothing(view, frame))) }
        (groups(&view.groups, frame))
        (parts::pager(view.pager, frame, &|page| address(&view.filter, page, frame)))
        (parts::check_yourself(view.proof, &view.proof_file, frame))
        p { a.button href={ (address(&view.filter, view.pager.page, frame)) "&print=1" } { (frame.t("looks-print")) } }
    };
    let mut sheet = Sheet::of_record(frame.t("section-looks"), Section::Looks, frame);
    sheet.verifies = true;
    document(frame, &sheet, &main)
}

fn nothing(view: &LooksView, frame: &Frame) -> String {
    let id = if view.filter.is_empty() { frame.t("looks-none") } else { frame.t("looks-none-found") };
    id.into_owned()
}

/// The address of one page of the narrowed list.
fn address(filter: &LookFilter, page: u32, frame: &Frame) -> String {
    let mut address = format!("{}?page={page}", Section::Looks.path(frame.base()));
    if let Some(purpose) = filter.purpose {
        address.push_str(&format!("&purpose={purpose}"));
    }
    for (name, day) in [("from", filter.from), ("to", filter.to)] {
        if let Some(day) = day {
            address.push_str(&format!("&{name}={day}"));
        }
    }
    address
}

fn filter(filter: &LookFilter, frame: &Frame) -> Markup {
    let path = Section::Looks.path(frame.base());
    let body = html! {
        form method="get" action=(path) {
            div.field {
                label for="purpose" { (frame.t("looks-purpose")) }
                select #purpose name="purpose" {
                    option value="" { (frame.t("looks-any-purpose")) }
                    @for &purpose in Purpose::ALL {
                        option value=(purpose) selected[filter.purpose == Some(purpose)] { (frame.lang.purpose(purpose)) }
                    }
                }
            }
            (day_field("from", &frame.t("looks-from"), filter.from))
            (day_field("to", &frame.t("looks-to"), filter.to))
            p.buttons {
                button.primary { (frame.t("looks-narrow")) }
                @if !filter.is_empty() { " " a.button href=(path) { (frame.t("looks-all")) } }
            }
        }
    };
    parts::opening(
        &html! { (frame.t("looks-filter")) },
        !filter.is_empty(),
        &Frame { print: false, ..frame.clone() },
        &body,
    )
}

fn day_field(name: &str, label: &str, value: Option<Date>) -> Markup {
    html! { div.field { label for=(name) { (label) } input #(name) name=(name) type="date" value=[value]; } }
}

/// Groups under one heading per day or stay.
fn groups(groups: &[LookGroup], frame: &Frame) -> Markup {
    let starts = |index: usize| {
        let key = |group: &LookGroup| (group.from, group.to, group.stay);
        index == 0 || key(&groups[index - 1]) != key(&groups[index])
    };
    html! {
        @for (index, group) in groups.iter().enumerate() {
            @if starts(index) {
                h2.day {
                    @let span = calendar::span(group.from, group.to, frame.today(), frame.lang);
                    @if group.stay { (frame.with("looks-stay", &[("span", span.into())])) } @else { (span) }
                }
            }
            @match group.rows.as_slice() {
                [row] => { div.card.look { (alone(row, frame)) } }
                rows => { div.card { (folded(group, rows, frame)) } }
            }
        }
    }
}

fn alone(row: &LookRow, frame: &Frame) -> Markup {
    html! {
        h3 { (link(row, frame)) }
        @if let Some(organization) = &row.who.organization { p { (parts::words(organization, frame.lang)) } }
        (why(row, frame))
    }
}

fn folded(group: &LookGroup, rows: &[LookRow], frame: &Frame) -> Markup {
    let summary = html! { (frame.with("looks-open", &[("n", group.people.into())])) };
    let list = html! {
        ul.plain {
            @for row in rows {
                li.look {
                    p.strong { (link(row, frame)) }
                    (why(row, frame))
                }
            }
        }
    };
    html! {
        h3 { (parts::words(&group.organization, frame.lang)) }
        p { (parts::tight(&frame.with("looks-people", &[("people", group.people.into()), ("looks", group.looks.into())]))) }
        p { @for purpose in &group.purposes { (parts::purpose(*purpose, frame.lang)) " " } }
        (parts::opening(&summary, false, frame, &list))
    }
}

/// The name is the link; the whole block is its target.
fn link(row: &LookRow, frame: &Frame) -> Markup {
    html! {
        a.go href={ (Section::Looks.path(frame.base())) "/" (row.number) } { (parts::who(&row.who, frame.lang)) }
    }
}

fn why(row: &LookRow, frame: &Frame) -> Markup {
    html! {
        p {
            time datetime=(calendar::machine(row.when)) { (calendar::time(row.when)) }
            " " (parts::purpose(row.purpose, frame.lang))
            @if row.first { " " span.tag { (frame.t("looks-first")) } }
            @if row.automatic { " " span.tag { (frame.t("looks-automatic")) } }
            @if row.times > 1 { " " (parts::tight(&frame.with("looks-times", &[("n", row.times.into())]))) }
        }
        p { (what(row, frame)) }
    }
}

/// What was shown or written, in kinds; or that nothing was.
fn what(row: &LookRow, frame: &Frame) -> String {
    if row.decision == Decision::Refused {
        return frame.t("look-refused").into_owned();
    }
    let list = kinds(&row.shown, frame);
    match (row.decision, list.is_empty()) {
        (_, true) => frame.t("look-shown-nothing").into_owned(),
        (Decision::Written, false) => frame.with("look-wrote", &[("what", list.into())]),
        (_, false) => frame.with("look-saw", &[("what", list.into())]),
    }
}

/// Kinds in words, each once: `飲みこみ、移動、薬`.
fn kinds(shown: &[ShownKind], frame: &Frame) -> String {
    let mut names = Vec::with_capacity(shown.len());
    for one in shown {
        let name = frame.lang.kind(one.kind);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.join(&frame.t("list-joint"))
}
