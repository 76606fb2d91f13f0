//! Who looked: the list, grouped by stay, organisation and day.

use jiff::civil::Date;
use maud::{Markup, html};
use tsumugi_kernel::Purpose;

use crate::calendar;
use crate::frame::{Frame, Section, Sheet, document};
use crate::parts;
use crate::view::{Decision, LookBy, LookFilter, LookGroup, LookRow, LooksView, ShownKind};

/// The page.
#[must_use]
pub fn page(view: &LooksView, frame: &Frame) -> Markup {
    let main = html! {
        p.lead {
            @if view.total > 0 { (parts::tight(&frame.with("looks-total", &[("n", view.total.into())]))) br; }
            (parts::tight(&frame.t("looks-this-one"))) br;
            (parts::proof_line(view.proof, frame))
        }
        (sorts(view, frame))
        (filter(view, frame))
        @if !view.filter.is_empty() { p role="status" { (frame.with("looks-found", &[("n", view.found.into())])) } }
        @if view.groups.is_empty() { (parts::empty(&nothing(view, frame))) }
        (groups(&view.groups, frame))
        (parts::pager(view.pager, frame, &|page| address(&view.filter, page, frame)))
        (parts::check_yourself(view.proof, &view.proof_file, frame))
        p { a.button href={ (address(&view.filter, view.pager.page, frame)) "&print=1" } { (frame.t("looks-print")) } }
        @if view.found > 0 {
            h2 { (frame.t("looks-save")) }
            p { (frame.t("looks-save-what")) }
            p.buttons {
                a.button href=(saved("csv", &view.filter, frame)) download="looks.csv" { (frame.t("looks-save-csv")) } " "
                a.button href=(saved("json", &view.filter, frame)) download="looks.json" { (frame.t("looks-save-json")) }
            }
        }
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
    format!("{}?page={page}{}", Section::Looks.path(frame.base()), asked(filter))
}

/// The address of a file of all that the filter leaves.
fn saved(form: &str, filter: &LookFilter, frame: &Frame) -> String {
    format!("{}/{form}?all=1{}", Section::Looks.path(frame.base()), asked(filter))
}

/// The filter as further parameters.
fn asked(filter: &LookFilter) -> String {
    let mut pairs = Vec::new();
    if let Some(text) = &filter.text {
        pairs.push(format!("&text={}", parts::query_value(text)));
    }
    pairs.extend(filter.by.map(|by| format!("&by={}", by.code())));
    pairs.extend(filter.purpose.map(|purpose| format!("&purpose={purpose}")));
    pairs.extend(filter.kind.map(|kind| format!("&kind={}", kind.name())));
    pairs.extend(filter.from.map(|day| format!("&from={day}")));
    pairs.extend(filter.to.map(|day| format!("&to={day}")));
    pairs.concat()
}

/// How many looks there are of each sort, where there is more than one; each a link to those alone.
fn sorts(view: &LooksView, frame: &Frame) -> Markup {
    html! {
        @if view.sorts.len() > 1 {
            p.buttons {
                @for (by, count) in &view.sorts {
                    @let alone = LookFilter { by: Some(*by), ..LookFilter::default() };
                    a.button href=(address(&alone, 1, frame)) aria-current=[(view.filter == alone).then_some("true")] {
                        (sort(*by, frame)) " " (frame.with("looks-count", &[("n", (*count).into())]))
                    } " "
                }
            }
        }
    }
}

/// A sort of looks in words.
fn sort(by: LookBy, frame: &Frame) -> String {
    let key = match by {
        LookBy::Person => "looks-by-person",
        LookBy::Assistant => "looks-by-assistant",
        LookBy::Automatic => "looks-by-automatic",
    };
    frame.t(key).into_owned()
}

fn filter(view: &LooksView, frame: &Frame) -> Markup {
    let (filter, path) = (&view.filter, Section::Looks.path(frame.base()));
    let body = html! {
        form method="get" action=(path) {
            div.field {
                label for="text" { (frame.t("looks-text")) }
                p.hint #text-hint { (frame.t("looks-text-hint")) }
                input #text name="text" type="search" maxlength="100" aria-describedby="text-hint" value=[filter.text.as_deref()];
            }
            div.field {
                label for="by" { (frame.t("looks-by")) }
                select #by name="by" {
                    option value="" { (frame.t("looks-by-any")) }
                    @for (by, code) in LookBy::ALL {
                        option value=(code) selected[filter.by == Some(*by)] { (sort(*by, frame)) }
                    }
                }
            }
            div.field {
                label for="purpose" { (frame.t("looks-purpose")) }
                select #purpose name="purpose" {
                    option value="" { (frame.t("looks-any-purpose")) }
                    @for &purpose in Purpose::ALL {
                        option value=(purpose) selected[filter.purpose == Some(purpose)] { (frame.lang.purpose(purpose)) }
                    }
                }
            }
            div.field {
                label for="kind" { (frame.t("looks-kind")) }
                select #kind name="kind" {
                    option value="" { (frame.t("looks-any-kind")) }
                    @for &kind in &view.kinds {
                        option value=(kind.name()) selected[filter.kind == Some(kind)] { (frame.lang.kind(kind)) }
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
            @if row.taken { " " span.tag { (frame.t("looks-taken")) } }
            @match row.by {
                LookBy::Automatic => { " " span.tag { (frame.t("looks-automatic")) } }
                LookBy::Assistant => { " " span.tag { (frame.t("looks-assistant")) } }
                LookBy::Person => {}
            }
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
