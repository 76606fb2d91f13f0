//! The disaster mode for everybody: where it is open and until when, and every opening so far with what became of it.

use maud::{Markup, html};
use tsumugi_access::{DisasterAct, DisasterState};
use tsumugi_kernel::Instant;

use super::case_parts::fact;
use crate::calendar;
use crate::frame::{Frame, Sheet, document};
use crate::parts::{self, Tone};
use crate::view::{Count, DisasterNews, DisasterView, OpeningRow, OpeningWord};

/// The page.
#[must_use]
pub fn page(view: &DisasterView, frame: &Frame) -> Markup {
    let is_now = |row: &&OpeningRow| matches!(row.state, DisasterState::Open | DisasterState::Announced);
    let (now, past): (Vec<_>, Vec<_>) = view.openings.iter().partition(is_now);
    let main = html! {
        p.lead { (frame.t("disaster-lead")) }
        h2 { (frame.t("disaster-now")) }
        @if now.is_empty() { p { (frame.t("disaster-none")) } }
        @for row in &now { (opening(row, frame)) }
        @if view.may_find { p.buttons { a.button.primary href="/disaster/find" { (frame.t("identify-title")) } } }
        h2 { (frame.t("disaster-means")) }
        ul {
            li { (frame.t("disaster-means-who")) }
            li { (frame.t("disaster-means-what")) }
            li { (frame.t("disaster-means-hidden")) }
            li { (frame.t("disaster-means-told")) }
            li { (frame.t("disaster-means-two")) }
        }
        p { a.button href="/rules" { (frame.t("rules-title")) } }
        h2 { (frame.t("disaster-past")) }
        @if past.is_empty() { p { (frame.t("disaster-past-none")) } }
        @for row in &past { (opening(row, frame)) }
        p.hint { (frame.t("disaster-few")) }
    };
    let back = Some(("/".to_owned(), frame.t("frame-back")));
    document(frame, &Sheet { back, ..Sheet::plain(frame.t("disaster-title")) }, &main)
}

fn opening(row: &OpeningRow, frame: &Frame) -> Markup {
    html! {
        section.card aria-labelledby={ "opening-" (row.number) } {
            h3 id={ "opening-" (row.number) } { span lang="ja" { (row.place) } " " span.tag.warn[row.state == DisasterState::Open] { (state(row.state, frame)) } }
            (facts(row, frame))
            (words(&row.words, frame))
        }
    }
}

/// What is told of an opening.
pub(super) fn facts(row: &OpeningRow, frame: &Frame) -> Markup {
    html! {
        dl.facts {
            (fact(&frame.t("disaster-why"), &html! { span lang="ja" { (row.reason) } }))
            (fact(&frame.t("disaster-when"), &html! {
                (frame.with("disaster-from-to", &[("from", moment(row.from, frame).into()), ("to", moment(row.until, frame).into())]))
            }))
            (fact(&frame.t("disaster-codes"), &html! { span translate="no" { (row.areas.join(" ")) } }))
            (fact(&frame.t("disaster-looks"), &html! { (count(row.looks, frame)) }))
        }
    }
}

/// What was done with an opening, oldest first.
pub(super) fn words(words: &[OpeningWord], frame: &Frame) -> Markup {
    html! {
        ol.plain {
            @for word in words {
                li {
                    (moment(word.at, frame)) " " strong { (act(word.act, frame)) }
                    @if let Some(by) = &word.by { " " (parts::unread(by, frame.lang)) }
                    @if let Some(until) = word.until { " " (frame.with("disaster-until", &[("to", moment(until, frame).into())])) }
                    @if !word.reason.is_empty() { p.kept lang="ja" { (word.reason) } }
                }
            }
        }
    }
}

fn count(looks: Count, frame: &Frame) -> String {
    match looks {
        Count::Few => frame.t("disaster-under-ten").into_owned(),
        Count::Exactly(many) => frame.with("disaster-count", &[("n", many.into())]),
    }
}

fn moment(at: Instant, frame: &Frame) -> String {
    calendar::near_moment(at, frame.today(), frame.lang)
}

/// Where an opening stands.
pub(super) fn state(state: DisasterState, frame: &Frame) -> String {
    let key = match state {
        DisasterState::Proposed => "disaster-state-proposed",
        DisasterState::Lapsed => "disaster-state-lapsed",
        DisasterState::Withdrawn => "disaster-state-withdrawn",
        DisasterState::Announced => "disaster-state-announced",
        DisasterState::Open => "disaster-state-open",
        DisasterState::Ended => "disaster-state-ended",
        DisasterState::Closed => "disaster-state-closed",
    };
    frame.t(key).into_owned()
}

/// What was done.
pub(super) fn act(act: DisasterAct, frame: &Frame) -> String {
    let key = match act {
        DisasterAct::Propose => "disaster-act-propose",
        DisasterAct::Confirm => "disaster-act-confirm",
        DisasterAct::Withdraw => "disaster-act-withdraw",
        DisasterAct::Extend => "disaster-act-extend",
        DisasterAct::ConfirmExtension => "disaster-act-confirm-extension",
        DisasterAct::Close => "disaster-act-close",
    };
    frame.t(key).into_owned()
}

/// What a start page says while an opening holds somewhere.
pub(super) fn news(news: &[DisasterNews], frame: &Frame) -> Markup {
    if news.is_empty() {
        return html! {};
    }
    let body = html! {
        ul.plain {
            @for one in news {
                li { span lang="ja" { (one.place) } " " (frame.with("disaster-until", &[("to", moment(one.until, frame).into())])) }
            }
        }
        p { a.button href="/disaster" { (frame.t("disaster-read")) } }
    };
    parts::banner(Tone::Warning, "disaster", &frame.t("disaster-open-now"), false, &body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Lang;
    use crate::frame::tests::sample;

    fn row(state: DisasterState, looks: Count) -> OpeningRow {
        let word = |act| OpeningWord {
            act,
            at: Instant(1_790_000_000_000),
            until: Some(Instant(1_790_600_000_000)),
            reason: "<もう要らない>".into(),
            by: None,
        };
        OpeningRow {
            number: 7,
            place: "綾野県 <紬市>".into(),
            areas: vec!["49201".into(), "49".into()],
            reason: "地震".into(),
            from: Instant(1_790_000_000_000),
            until: Instant(1_790_600_000_000),
            state,
            looks,
            words: DisasterAct::ALL.iter().copied().map(word).collect(),
        }
    }

    #[test]
    fn every_state_has_words_in_every_language_and_what_is_typed_is_text() {
        use DisasterState as S;
        let states = [S::Proposed, S::Lapsed, S::Withdrawn, S::Announced, S::Open, S::Ended, S::Closed];
        for lang in Lang::ALL {
            let rows = |looks| states.map(|state| row(state, looks)).to_vec();
            for (looks, may_find) in [(Count::Few, true), (Count::Exactly(12), false)] {
                let view = DisasterView { openings: rows(looks), may_find };
                let text = page(&view, &Frame { lang: *lang, ..sample() }).into_string();
                assert!(!text.contains('⟦') && text.contains("&lt;紬市&gt;") && !text.contains("<もう"), "{text}");
                assert_eq!(text.contains("/disaster/find"), may_find);
            }
        }
        assert!(news(&[], &sample()).into_string().is_empty());
        let told = news(&[DisasterNews { place: "紬市".into(), until: Instant(0) }], &sample()).into_string();
        assert!(told.contains("href=\"/disaster\"") && told.contains("紬市"), "{told}");
    }
}
