//! Two records side by side, and what two clerks say about them.
//!
//! `POST {path}/proposal` with `verdict`, `reason`; `POST {path}/confirmation` with `verdict` (`confirm`, `disagree`),
//! `reason`; both with `csrf`.

use maud::{Markup, html};

use super::match_queue::{reason, turn};
use crate::calendar;
use crate::frame::{Frame, Sheet, document};
use crate::parts::{self, Tone};
use crate::view::{MatchFault, MatchPairView, MatchPerson, MatchReason, MatchSaid, MatchTurn, MatchVerdict};

/// The page.
#[must_use]
pub fn page(view: &MatchPairView, frame: &Frame) -> Markup {
    let main = html! {
        (summary(view, frame))
        p.lead {
            (reason(view.reason, frame))
            @if let Some(likely) = view.likely_percent { " " (frame.with("match-likely", &[("n", likely.into())])) }
        }
        p { span.tag { (turn(view.turn, frame)) } }
        (persons(&view.persons, frame))
        @if !view.likeness.is_empty() {
            h2 { (frame.t("match-compared")) }
            ul.plain { @for words in &view.likeness { li { (parts::words(words, frame.lang)) } } }
            p.hint { (frame.t("match-likely-meaning")) }
        }
        (said(&view.said, frame))
        @match view.turn {
            MatchTurn::First => (propose(view, frame)),
            MatchTurn::Second => (confirm(view, frame)),
            MatchTurn::Another => p { (frame.t("match-wait-for-another")) },
            MatchTurn::Closed(_) => {}
        }
        p.hint { (frame.t("match-noted-both")) }
    };
    let sheet = Sheet {
        back: Some(("/desk/matches".to_owned(), frame.t("match-queue-title"))),
        faulty: !view.faults.is_empty(),
        ..Sheet::plain(frame.t(if view.reason == MatchReason::TwoNumbers {
            "match-one-title"
        } else {
            "match-pair-title"
        }))
    };
    document(frame, &sheet, &main)
}

fn summary(view: &MatchPairView, frame: &Frame) -> Markup {
    if view.faults.is_empty() {
        return html! {};
    }
    let list = html! {
        p { (frame.t("form-kept")) }
        ul { @for fault in &view.faults { li { @match target(*fault) {
            Some(field) => a href={ "#" (field) } { (words(*fault, frame)) },
            None => (words(*fault, frame)),
        } } } }
    };
    parts::banner(Tone::Error, "faults", &frame.t("form-faults"), true, &list)
}

const fn target(fault: MatchFault) -> Option<&'static str> {
    match fault {
        MatchFault::NothingChosen => Some("verdict"),
        MatchFault::NoReason | MatchFault::ReasonTooLong(_) => Some("reason"),
        MatchFault::SameClerk | MatchFault::Oneself | MatchFault::Overtaken => None,
    }
}

/// A fault in words.
pub(super) fn words(fault: MatchFault, frame: &Frame) -> String {
    let key = match fault {
        MatchFault::NothingChosen => "match-fault-nothing",
        MatchFault::NoReason => "match-fault-reason",
        MatchFault::ReasonTooLong(most) => return frame.with("match-fault-reason-long", &[("most", most.into())]),
        MatchFault::SameClerk => "match-fault-same-clerk",
        MatchFault::Oneself => "match-fault-oneself",
        MatchFault::Overtaken => "match-fault-overtaken",
    };
    frame.t(key).into_owned()
}

/// How one thing of a person is shown.
type Cell = fn(&MatchPerson, &Frame) -> Markup;

/// The persons side by side.
fn persons(persons: &[MatchPerson], frame: &Frame) -> Markup {
    let heads: Vec<_> =
        ["match-record-one", "match-record-other"].into_iter().take(persons.len()).map(|key| frame.t(key)).collect();
    let lines: [(&str, Cell); 5] = [
        ("match-name", name),
        ("match-birth", birth),
        ("match-sex", sex),
        ("match-numbers", numbers),
        ("match-sources", sources),
    ];
    html! {
        table.cards-table role="table" {
            caption.vh { (frame.t("match-table")) }
            thead { tr role="row" {
                th scope="col" role="columnheader" { (frame.t("match-what")) }
                @for head in &heads { th scope="col" role="columnheader" { (head) } }
            } }
            tbody {
                @for (key, cell) in lines {
                    tr role="row" {
                        th scope="row" role="rowheader" { (frame.t(key)) }
                        @for (head, person) in heads.iter().zip(persons) { td role="cell" data-label=(head) { (cell(person, frame)) } }
                    }
                }
            }
        }
    }
}

fn unknown(frame: &Frame) -> Markup {
    html! { (frame.t("match-not-known")) }
}

fn name(person: &MatchPerson, frame: &Frame) -> Markup {
    person.name.as_ref().map_or_else(|| unknown(frame), |name| parts::name(name, frame.lang))
}

fn birth(person: &MatchPerson, frame: &Frame) -> Markup {
    person
        .birth
        .map_or_else(|| unknown(frame), |day| html! { time datetime=(day) { (calendar::birth(day, frame.lang)) } })
}

fn sex(person: &MatchPerson, frame: &Frame) -> Markup {
    person.sex.map_or_else(|| unknown(frame), |sex| html! { (parts::sex(sex, frame)) })
}

fn numbers(person: &MatchPerson, frame: &Frame) -> Markup {
    if person.numbers.is_empty() {
        return unknown(frame);
    }
    html! { ul.plain { @for number in &person.numbers { li { code translate="no" { (number) } } } } }
}

fn sources(person: &MatchPerson, frame: &Frame) -> Markup {
    html! { (frame.with("match-sources-n", &[("n", person.sources.into())])) }
}

fn said(said: &[MatchSaid], frame: &Frame) -> Markup {
    html! {
        @if !said.is_empty() {
            h2 { (frame.t("match-said")) }
            ol.plain {
                @for one in said {
                    li {
                        p {
                            (calendar::near_moment(one.at, frame.today(), frame.lang)) " "
                            (parts::unread(&one.name, frame.lang)) " " span lang="ja" { (one.organization) }
                        }
                        p { strong { (spoken(one, frame)) } }
                        p.kept lang="ja" { (one.reason) }
                    }
                }
            }
        }
    }
}

fn spoken(said: &MatchSaid, frame: &Frame) -> String {
    let verdict = frame.t(verdict(said.verdict));
    match said.confirms {
        None => verdict.into_owned(),
        Some(true) => frame.with("match-confirmed", &[("what", verdict.as_ref().into())]),
        Some(false) => frame.with("match-disagreed", &[("what", verdict.as_ref().into())]),
    }
}

const fn verdict(verdict: MatchVerdict) -> &'static str {
    match verdict {
        MatchVerdict::Same => "match-verdict-same",
        MatchVerdict::Different => "match-verdict-different",
        MatchVerdict::CannotSay => "match-verdict-cannot-say",
    }
}

fn propose(view: &MatchPairView, frame: &Frame) -> Markup {
    let options: Vec<(&str, String, bool)> = MatchVerdict::ALL
        .iter()
        .map(|&one| (one.code(), frame.t(verdict(one)).into_owned(), view.chosen.as_deref() == Some(one.code())))
        .collect();
    form(view, "proposal", "match-propose", "verdict", &frame.t("match-your-view"), &options, frame)
}

fn confirm(view: &MatchPairView, frame: &Frame) -> Markup {
    let options = [("confirm", "match-answer-confirm"), ("disagree", "match-answer-disagree")]
        .map(|(code, key)| (code, frame.t(key).into_owned(), view.chosen.as_deref() == Some(code)));
    form(view, "confirmation", "match-answer", "verdict", &frame.t("match-your-answer"), &options, frame)
}

fn form(
    view: &MatchPairView,
    to: &str,
    button: &str,
    field: &str,
    legend: &str,
    options: &[(&str, String, bool)],
    frame: &Frame,
) -> Markup {
    let missing = view.faults.contains(&MatchFault::NothingChosen);
    html! {
        form method="post" action={ (view.path) "/" (to) } novalidate {
            (parts::csrf(frame))
            fieldset.faulty[missing] aria-describedby=[missing.then_some("verdict-fault")] {
                legend { (legend) }
                @if missing { p.fault #verdict-fault { span aria-hidden="true" { "× " } (words(MatchFault::NothingChosen, frame)) } }
                @for (index, (code, text, chosen)) in options.iter().enumerate() {
                    @let id = if index == 0 { field.to_owned() } else { format!("{field}-{code}") };
                    label.pick for=(id) {
                        input type="radio" id=(id) name=(field) value=(code) checked[*chosen];
                        span { (text) }
                    }
                }
            }
            (reason_field(view, frame))
            p.buttons {
                button.primary { (frame.t(button)) } " "
                a.button href="/desk/matches" { (frame.t("match-leave")) }
            }
        }
    }
}

fn reason_field(view: &MatchPairView, frame: &Frame) -> Markup {
    let fault = view.faults.iter().find(|fault| target(**fault) == Some("reason"));
    html! {
        div.field.faulty[fault.is_some()] {
            label for="reason" { (frame.t("match-why")) }
            p.hint #reason-hint { (frame.t("match-why-hint")) }
            @if let Some(fault) = fault { p.fault #reason-fault { span aria-hidden="true" { "× " } (words(*fault, frame)) } }
            textarea #reason name="reason" rows="3" aria-invalid=[fault.map(|_| "true")]
                aria-describedby=(if fault.is_some() { "reason-hint reason-fault" } else { "reason-hint" }) { (view.written) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::tests::sample;
    use crate::view::{Name, Words};

    fn view(turn: MatchTurn) -> MatchPairView {
        MatchPairView {
            path: "/desk/matches/x".into(),
            reason: MatchReason::Likeness,
            likely_percent: Some(91),
            persons: vec![
                MatchPerson { name: Some(Name::plain("髙橋 <花子>")), ..MatchPerson::default() },
                MatchPerson { name: Some(Name::plain("高橋 花子")), ..MatchPerson::default() },
            ],
            likeness: vec![Words::ja("名は同じです(表記が異なります)。")],
            said: Vec::new(),
            turn,
            chosen: None,
            written: String::new(),
            faults: Vec::new(),
        }
    }

    #[test]
    fn the_first_proposes_the_second_answers_and_the_proposer_waits() {
        for (turn, has, has_not) in [
            (MatchTurn::First, "/proposal\"", "/confirmation\""),
            (MatchTurn::Second, "/confirmation\"", "/proposal\""),
            (MatchTurn::Another, "ほかの職員", "<textarea"),
            (MatchTurn::Closed(MatchVerdict::Different), "別の人", "<textarea"),
        ] {
            let page = page(&view(turn), &sample()).into_string();
            assert!(page.contains(has) && !page.contains(has_not), "{turn:?}: {page}");
            assert!(page.contains("髙橋 &lt;花子&gt;") && page.contains("表記が異なります"), "{page}");
        }
    }

    #[test]
    fn faults_lead_to_their_field_and_the_answers_stay() {
        let faulty =
            MatchPairView { faults: vec![MatchFault::NoReason], chosen: Some("same".into()), ..view(MatchTurn::First) };
        let page = page(&faulty, &sample()).into_string();
        assert!(page.contains("href=\"#reason\"") && page.contains("id=\"reason-fault\""), "{page}");
        assert!(page.contains("value=\"same\" checked"), "{page}");
    }
}
