//! The state of the log: how far it is signed, who has seen it, and how anybody checks it.

use maud::{Markup, html};
use tsumugi_kernel::Instant;

use crate::calendar;
use crate::frame::{Frame, Sheet, document};
use crate::view::{LogQuorum, LogSeen, LogView, LogWitness, LogWitnessState};

/// The page.
#[must_use]
pub fn page(view: &LogView, frame: &Frame) -> Markup {
    let main = html! {
        p.lead { (frame.t("log-lead")) }
        h2 { (frame.t("log-now")) }
        dl.facts {
            div { dt { (frame.t("log-size")) } dd { (frame.with("log-count", &[("n", view.size.into())])) } }
            div { dt { (frame.t("log-pending")) } dd { (frame.with("log-count", &[("n", view.pending.into())])) } }
            div { dt { (frame.t("log-signed")) } dd {
                @match view.signed { Some(at) => { (moment(at, frame)) } None => { (frame.t("log-signed-none")) } }
            } }
            div { dt { (frame.t("log-key")) } dd { code translate="no" { (view.key) } } }
        }
        h2 { (frame.t("log-witnesses")) }
        p { (frame.t("log-witnesses-what")) }
        (quorum(view, frame))
        @if !view.witnesses.is_empty() { (table(&view.witnesses, frame)) }
        (check(view, frame))
    };
    let sheet = Sheet { back: Some(("/".to_owned(), frame.t("frame-back"))), ..Sheet::plain(frame.t("log-title")) };
    document(frame, &sheet, &main)
}

fn quorum(view: &LogView, frame: &Frame) -> Markup {
    let seen = |key: &'static str, seen: LogSeen| {
        frame.with(key, &[("when", moment(seen.at, frame).into()), ("n", seen.size.into())])
    };
    let contradicts = view.witnesses.iter().any(|witness| witness.state == LogWitnessState::Contradicts);
    html! {
        @if contradicts { p.banner.warn { b { (frame.t("log-contradiction")) } } }
        @match view.quorum {
            LogQuorum::Nobody => { p { b { (frame.t("log-nobody")) } } p { (frame.t("log-nobody-means")) } }
            LogQuorum::Reached(needed, at) => {
                p { span.state.ok {
                    span aria-hidden="true" { "✓ " }
                    (frame.with("log-reached", &[("all", view.witnesses.len().into()), ("needed", needed.into())]))
                } }
                p { (seen("log-reached-at", at)) }
            }
            LogQuorum::NotYet(needed) => { p { (frame.with("log-not-yet", &[("needed", needed.into())])) } }
            LogQuorum::TooFew(needed, since, last) => {
                p.banner.warn { b { (frame.with("log-too-few", &[("when", moment(since, frame).into()), ("needed", needed.into())])) } }
                p { (frame.t("log-too-few-means")) }
                @if let Some(last) = last { p { (seen("log-last-enough", last)) } }
            }
        }
    }
}

fn table(witnesses: &[LogWitness], frame: &Frame) -> Markup {
    let (last, state) = (frame.t("log-last-signed"), frame.t("log-state"));
    html! {
        table role="table" {
            caption.vh { (frame.t("log-witnesses")) }
            thead { tr role="row" {
                th scope="col" role="columnheader" { (frame.t("log-who")) }
                th scope="col" role="columnheader" { (last) }
                th scope="col" role="columnheader" { (state) }
            } }
            tbody { @for witness in witnesses {
                tr role="row" {
                    th scope="row" role="rowheader" translate="no" { (witness.name) }
                    td role="cell" data-label=(last) {
                        @match witness.signed {
                            Some(seen) => { (frame.with("log-signed-cell", &[("when", moment(seen.at, frame).into()), ("n", seen.size.into())])) }
                            None => { (frame.t("log-signed-none")) }
                        }
                    }
                    td role="cell" data-label=(state) { (frame.t(state_word(witness.state))) }
                }
            } }
        }
    }
}

const fn state_word(state: LogWitnessState) -> &'static str {
    match state {
        LogWitnessState::Signs => "log-state-signs",
        LogWitnessState::Waits => "log-state-waits",
        LogWitnessState::Silent => "log-state-silent",
        LogWitnessState::Refused => "log-state-refused",
        LogWitnessState::Contradicts => "log-state-contradicts",
    }
}

/// How anybody checks the log without trusting this page.
fn check(view: &LogView, frame: &Frame) -> Markup {
    html! {
        h2 { (frame.t("log-check")) }
        ol.plain {
            li { (frame.t("log-check-proof")) }
            @if view.quorum != LogQuorum::Nobody { li { (frame.t("log-check-witnesses")) } }
            li { (frame.t("log-check-run")) br; code translate="no" {
                @if view.quorum == LogQuorum::Nobody { "tsumugi verify --key '" (view.key) "' looks-proof.json" }
                @else { "tsumugi verify --policy witnesses.policy looks-proof.json" }
            } }
        }
        @if view.quorum != LogQuorum::Nobody {
            p { a.button href="/log/policy" download="witnesses.policy" { (frame.t("log-policy")) } }
        }
        @if view.signed.is_some() {
            p { a.button href="/log/checkpoint" download="checkpoint.txt" { (frame.t("log-checkpoint")) } }
        }
        p.hint { (frame.t("log-check-hint")) }
    }
}

fn moment(at: Instant, frame: &Frame) -> String {
    calendar::near_moment(at, frame.today(), frame.lang)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Lang;
    use crate::frame::tests::sample;

    fn view(quorum: LogQuorum, state: LogWitnessState) -> LogView {
        let signed = Some(LogSeen { size: 41, at: Instant(1_790_000_000_000) });
        let witness = LogWitness { name: "弁護士会<b>".into(), signed, state };
        let signed = Some(Instant(1_790_000_000_000));
        LogView { key: "a+b+c".into(), size: 42, pending: 1, signed, quorum, witnesses: vec![witness] }
    }

    #[test]
    fn every_state_has_words_in_both_languages() {
        use LogWitnessState as S;
        let (since, seen) = (Instant(1_790_000_000_000), LogSeen { size: 40, at: Instant(1_780_000_000_000) });
        let quorums = [
            LogQuorum::Nobody,
            LogQuorum::Reached(1, seen),
            LogQuorum::NotYet(1),
            LogQuorum::TooFew(1, since, Some(seen)),
            LogQuorum::TooFew(1, since, None),
        ];
        for lang in Lang::ALL {
            for quorum in quorums {
                for state in [S::Signs, S::Waits, S::Silent, S::Refused, S::Contradicts] {
                    let text = page(&view(quorum, state), &Frame { lang: *lang, ..sample() }).into_string();
                    assert!(!text.contains('⟦') && !text.contains("<b>\u{5f01}"), "{text}");
                    assert!(text.contains("弁護士会&lt;b&gt;"));
                    assert_eq!(text.contains("/log/policy"), quorum != LogQuorum::Nobody);
                }
            }
        }
        let text = page(&view(quorums[3], S::Contradicts), &sample()).into_string();
        assert!(text.contains("監督機関に知らせてください") && text.contains("から足りません"), "{text}");
    }
}
