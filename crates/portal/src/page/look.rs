//! One look: who, why, what, by which rule, and the proof.

use maud::{Markup, html};

use super::{objection, odd};
use crate::calendar;
use crate::frame::{Frame, Section, Sheet, document};
use crate::parts;
use crate::view::{CaseStand, Decision, LookBy, LookCase, LookView, Proof, ShownKind};

/// The page.
#[must_use]
pub fn page(view: &LookView, frame: &Frame) -> Markup {
    let row = &view.row;
    let main = html! {
        dl.facts {
            (fact(&frame.t("look-who"), &html! {
                b { (parts::who(&row.who, frame.lang)) }
                @if let Some(organization) = &row.who.organization { br; (parts::words(organization, frame.lang)) }
                @if let Some(behalf) = &row.on_behalf {
                    br; (frame.t("look-on-behalf")) " "
                    @if row.by == LookBy::Assistant { (behalf.name) " " }
                    (parts::words(&behalf.relation, frame.lang))
                }
                @if row.first { br; span.tag { (frame.t("looks-first")) } }
                @if row.taken { br; span.tag { (frame.t("looks-taken")) } }
                @match row.by {
                    LookBy::Automatic => { br; span.tag { (frame.t("looks-automatic")) } }
                    LookBy::Assistant => { br; span.tag { (frame.t("looks-assistant")) } }
                    LookBy::Person => {}
                }
            }))
            (fact(&frame.t("look-why"), &html! {
                (parts::purpose(row.purpose, frame.lang))
                @if let Some(place) = &view.disaster {
                    br; (frame.t("look-disaster")) " " span lang="ja" { (place) }
                    br; a.button href="/disaster" { (frame.t("disaster-read")) }
                }
                @if let Some(claimed) = view.offline {
                    br; (frame.with("look-offline", &[("time", calendar::moment(claimed, frame.lang).into())]))
                }
                @if let Some(reason) = &view.reason { br; q { (parts::words(reason, frame.lang)) } }
            }))
            (fact(&what_label(row.decision, frame), &what(view, frame)))
            (fact(&frame.t("look-rule"), &rule(view, frame)))
            (fact(&frame.t("look-proof"), &html! {
                (parts::proof_line(view.proof, frame))
                @if matches!(view.proof, Proof::Covered { .. }) {
                    br; (frame.with("look-number", &[("total", view.total.into()), ("n", row.number.into())]))
                }
            }))
        }
        @if let Some(case) = &view.case {
            @if case.odd.is_empty() { p { (frame.t("look-reviewed")) " " (judged(case, frame)) } }
            @else {
                p { (frame.t("look-odd")) " " (judged(case, frame)) }
                ul { @for reason in &case.odd { li { (odd::words(*reason, frame)) } } }
            }
        }
        (objection::section(&view.objection, frame))
        (parts::check_yourself(view.proof, &view.proof_file, frame))
    };
    let title = calendar::moment(row.when, frame.lang);
    let back = Some((Section::Looks.path(frame.base()), frame.t("section-looks")));
    let sheet = Sheet {
        back,
        verifies: true,
        faulty: view.objection.fault.is_some(),
        ..Sheet::of_record(title, Section::Looks, frame)
    };
    document(frame, &sheet, &main)
}

/// How far the reviewer is.
fn judged(case: &LookCase, frame: &Frame) -> String {
    let day = |key: &str, day| frame.with(key, &[("day", calendar::near_day(day, frame.today(), frame.lang).into())]);
    let said = case.said.unwrap_or(case.deadline);
    match case.stand {
        CaseStand::Waiting => day("look-case-waiting", case.deadline),
        CaseStand::Asked | CaseStand::Answered | CaseStand::Upheld | CaseStand::Settled => {
            day("look-case-asked", case.deadline)
        }
        CaseStand::Fine => day("look-case-fine", said),
        CaseStand::Unfit => day("look-case-unfit", said),
    }
}

fn fact(term: &str, body: &Markup) -> Markup {
    html! { div { dt { (term) } dd { (body) } } }
}

fn what_label(decision: Decision, frame: &Frame) -> String {
    match decision {
        Decision::Written => frame.t("look-written").into_owned(),
        Decision::Shown | Decision::Refused => frame.t("look-what").into_owned(),
    }
}

fn what(view: &LookView, frame: &Frame) -> Markup {
    let kinds = named(&view.row.shown, frame);
    html! {
        @if view.row.decision == Decision::Refused { (frame.t("look-refused")) }
        @else if kinds.is_empty() { (frame.t("look-shown-nothing")) }
        @else { ul.plain { @for (name, count) in &kinds { li { (frame.with("look-count", &[("what", name.as_str().into()), ("n", (*count).into())])) } } } }
    }
}

/// Kinds by their plain names; several kinds may share one.
pub(super) fn named(shown: &[ShownKind], frame: &Frame) -> Vec<(String, u64)> {
    let mut kinds: Vec<(String, u64)> = Vec::new();
    for ShownKind { kind, count } in shown {
        let name = frame.lang.kind(*kind).into_owned();
        match kinds.iter_mut().find(|(known, _)| *known == name) {
            Some((_, sum)) => *sum += count,
            None => kinds.push((name, *count)),
        }
    }
    kinds
}

fn rule(view: &LookView, frame: &Frame) -> Markup {
    let rule = &view.rule;
    let details = html! {
        @if let Some(text) = &rule.text { p { (parts::words(text, frame.lang)) } }
        @if let Some(source) = &rule.source { p { (frame.t("look-rule-source")) " " (parts::words(source, frame.lang)) } }
        p.hint { (frame.t("look-rule-number")) " " code translate="no" { (rule.id) } }
    };
    html! {
        (parts::words(&rule.plain, frame.lang))
        (parts::opening(&html! { (frame.t("look-rule-read")) }, false, frame, &details))
    }
}
