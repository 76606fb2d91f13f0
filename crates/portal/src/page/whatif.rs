//! Trying rules before they bind: choosing what to try, and what it would have changed.

use std::borrow::Cow;

use maud::{Markup, html};
use tsumugi_access::{
    ActionGroup, PolicyProfile,
    whatif::{Changed, Effect, WhatIf},
};
use tsumugi_kernel::Purpose;

use crate::calendar;
use crate::frame::{Frame, Sheet, document};
use crate::page::rules::profile_word;
use crate::parts::{self, Tone};
use crate::view::{Tried, WHAT_IF_DAYS, WhatIfFault, WhatIfView};

/// The page.
#[must_use]
pub fn page(view: &WhatIfView, frame: &Frame) -> Markup {
    let main = html! {
        @if let Some(fault) = &view.fault { (fault_banner(fault, frame)) }
        p.lead { (frame.t("whatif-lead")) }
        @if let Some((tried, result)) = &view.result { (report(tried, result, frame)) }
        @match &view.text {
            Some((file, text)) => { (edit(file, text, view, frame)) }
            None => { (choose(view, frame)) }
        }
        p.hint { (frame.with("whatif-most", &[("n", view.most.into())])) }
    };
    let back = if view.text.is_some() { "/what-if" } else { "/" };
    let sheet = Sheet {
        faulty: view.fault.is_some(),
        back: Some((back.to_owned(), frame.t("frame-back"))),
        ..Sheet::plain(frame.t("whatif-title"))
    };
    document(frame, &sheet, &main)
}

fn fault_banner(fault: &WhatIfFault, frame: &Frame) -> Markup {
    let body = match fault {
        WhatIfFault::Busy => html! { p { (frame.t("whatif-busy")) } },
        WhatIfFault::Text(detail) => html! {
            ul { li { a href="#text" { (frame.t("whatif-text-fault")) } } }
            p lang="en" translate="no" { (detail) }
        },
    };
    parts::banner(Tone::Error, "fault", &frame.t("form-faults"), true, &body)
}

fn choose(view: &WhatIfView, frame: &Frame) -> Markup {
    html! {
        h2 { (frame.t("whatif-profile")) }
        p { (frame.t("rules-here")) b { (frame.t(profile_word(view.here))) } }
        @for profile in PolicyProfile::ALL.iter().filter(|profile| **profile != view.here) {
            form method="post" action="/what-if" {
                (parts::csrf(frame))
                input type="hidden" name="profile" value=(profile.code());
                (days("profile-days", view.days, frame))
                p.buttons { button.primary { (frame.with("whatif-try-profile", &[("profile", frame.t(profile_word(*profile)).into_owned().into())])) } }
            }
        }
        h2 { (frame.t("whatif-files")) }
        p { (frame.t("whatif-files-lead")) }
        ul.rows { @for (file, purpose) in &view.files {
            li { a href={ "/what-if?file=" (file) } { span { (purpose_words(*purpose, frame)) } span.v translate="no" { (file) } } }
        } }
    }
}

fn edit(file: &str, text: &str, view: &WhatIfView, frame: &Frame) -> Markup {
    let purpose = view.files.iter().find(|(name, _)| name == file).and_then(|(_, purpose)| *purpose);
    html! {
        h2 { (purpose_words(purpose, frame)) }
        form method="post" action="/what-if" novalidate {
            (parts::csrf(frame))
            input type="hidden" name="file" value=(file);
            div.field {
                label for="text" { (frame.t("whatif-text")) }
                p.hint #text-hint { (frame.t("whatif-text-hint")) }
                textarea #text name="text" rows="16" lang="en" translate="no" spellcheck="false" aria-describedby="text-hint" { (text) }
            }
            (days("file-days", view.days, frame))
            p.buttons { button.primary { (frame.t("whatif-try")) } }
        }
    }
}

fn days(id: &str, chosen: u16, frame: &Frame) -> Markup {
    html! {
        div.field {
            label for=(id) { (frame.t("whatif-days")) }
            select id=(id) name="days" {
                @for days in WHAT_IF_DAYS { option value=(days) selected[days == chosen] { (frame.with("whatif-days-n", &[("n", days.into())])) } }
            }
        }
    }
}

fn purpose_words(purpose: Option<Purpose>, frame: &Frame) -> Cow<'static, str> {
    purpose.map_or_else(|| frame.t("rules-always"), |purpose| frame.lang.purpose(purpose))
}

fn report(tried: &Tried, result: &WhatIf, frame: &Frame) -> Markup {
    let what = match tried {
        Tried::Profile(profile) => frame.t(profile_word(*profile)),
        Tried::File(purpose) => purpose_words(*purpose, frame),
    };
    html! {
        h2 { (frame.with("whatif-result", &[("what", what.into_owned().into())])) }
        @if let (Some(first), Some(last)) = (result.first, result.last) {
            p { (frame.with("whatif-read", &[
                ("n", result.read.into()),
                ("first", calendar::near_moment(first, frame.today(), frame.lang).into()),
                ("last", calendar::near_moment(last, frame.today(), frame.lang).into()),
            ])) }
        }
        @if result.read == 0 { (parts::empty(&frame.t("whatif-none"))) }
        @else {
            dl.facts {
                @for effect in Effect::ALL { (count(effect_word(effect), result.count(effect), frame)) }
                (count("whatif-same", result.same, frame))
                (count("whatif-outside", result.outside, frame))
                (count("whatif-unlike", result.unlike, frame))
            }
            p.hint { (frame.t("whatif-unlike-hint")) }
        }
        @for effect in Effect::ALL {
            @let rows: Vec<&Changed> = result.changed.iter().filter(|row| row.effect == effect).collect();
            @if !rows.is_empty() { h3 { (frame.t(effect_word(effect))) } (table(&rows, frame)) }
        }
    }
}

fn count(key: &str, count: u64, frame: &Frame) -> Markup {
    html! { div { dt { (frame.t(key)) } dd { (frame.with("whatif-decisions-n", &[("n", count.into())])) } } }
}

fn table(rows: &[&Changed], frame: &Frame) -> Markup {
    let heads = ["whatif-who", "whatif-for", "whatif-decisions", "whatif-people", "whatif-citizens", "whatif-rules"];
    html! {
        table.cards-table role="table" {
            caption.vh { (frame.t("whatif-title")) }
            thead { tr role="row" { @for key in heads { th scope="col" role="columnheader" { (frame.t(key)) } } } }
            tbody { @for row in rows { tr role="row" {
                th scope="row" role="rowheader" data-label=(frame.t("whatif-who")) {
                    (frame.lang.organization(row.organization)) " " (frame.lang.role(row.role))
                }
                td role="cell" data-label=(frame.t("whatif-for")) {
                    (frame.lang.purpose(row.purpose)) " " span.nb { "(" (frame.t(group_word(row.group))) ")" }
                }
                td role="cell" data-label=(frame.t("whatif-decisions")) { (row.decisions) }
                td role="cell" data-label=(frame.t("whatif-people")) {
                    (frame.with("whatif-people-n", &[("people", row.people.into()), ("places", row.organizations.into())]))
                }
                td role="cell" data-label=(frame.t("whatif-citizens")) { (frame.with("whatif-citizens-n", &[("n", row.citizens.into())])) }
                td role="cell" data-label=(frame.t("whatif-rules")) {
                    code translate="no" { (named(&row.rule)) } " → " code translate="no" { (named(&row.other)) }
                }
            } } }
        }
    }
}

const fn named(rules: &str) -> &str {
    if rules.is_empty() { "–" } else { rules }
}

const fn effect_word(effect: Effect) -> &'static str {
    match effect {
        Effect::Allowed => "whatif-allowed",
        Effect::Refused => "whatif-refused",
        Effect::Wider => "whatif-wider",
        Effect::Narrower => "whatif-narrower",
    }
}

const fn group_word(group: ActionGroup) -> &'static str {
    match group {
        ActionGroup::View => "group-view",
        ActionGroup::Write => "group-write",
        ActionGroup::Log => "group-log",
        ActionGroup::Standing => "group-standing",
        ActionGroup::Matching => "group-matching",
        ActionGroup::Object => "group-object",
        ActionGroup::Answer => "group-answer",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::tests::sample;
    use tsumugi_kernel::{OrganizationKind, Role};

    #[test]
    fn a_report_tells_who_how_often_and_by_which_rule_and_what_is_typed_is_text() {
        let row = Changed {
            effect: Effect::Refused,
            role: Role::Physician,
            organization: OrganizationKind::Clinic,
            purpose: Purpose::Treat,
            group: ActionGroup::View,
            rule: "treat-in-care".into(),
            other: String::new(),
            decisions: 12,
            people: 3,
            organizations: 2,
            citizens: 9,
        };
        let result = WhatIf { read: 20, same: 8, changed: vec![row], ..WhatIf::default() };
        let view = WhatIfView {
            here: PolicyProfile::SpecialLaw,
            files: vec![("TREAT".into(), Some(Purpose::Treat))],
            text: Some(("TREAT".into(), "</textarea><script>".into())),
            days: 7,
            most: 100,
            fault: Some(WhatIfFault::Text("<b>".into())),
            result: Some((Tried::File(Some(Purpose::Treat)), result)),
        };
        let page = page(&view, &sample()).into_string();
        for text in ["treat-in-care", "12", "9人", "診療所", "&lt;/textarea&gt;", "&lt;b&gt;", "value=\"7\" selected"]
        {
            assert!(page.contains(text), "{text} in {page}");
        }
    }
}
