//! The queue of pairs that may be one person. Nobody is named here.

use maud::{Markup, html};

use crate::frame::{Frame, Sheet, document};
use crate::parts::{self, Tone};
use crate::view::{MatchDone, MatchQueueView, MatchReason, MatchTurn, MatchVerdict, WaitingPair};

/// The page.
#[must_use]
pub fn page(view: &MatchQueueView, frame: &Frame) -> Markup {
    let main = html! {
        @if let Some(done) = view.done { (told(done, frame)) }
        p.lead { (frame.t("match-queue-lead")) }
        @if view.pairs.is_empty() {
            (parts::empty(&frame.t("match-queue-none")))
        } @else {
            ul.rows { @for pair in &view.pairs { li { (row(pair, frame)) } } }
        }
        @if let Some(next) = &view.next { p { a.button href=(next) { (frame.t("match-queue-more")) } } }
        ul.rows { li { a href="/desk/merges" { (frame.t("merges-title")) } } }
        p.hint { (frame.t("match-noted")) }
    };
    let sheet =
        Sheet { back: Some(("/".to_owned(), frame.t("frame-back"))), ..Sheet::plain(frame.t("match-queue-title")) };
    document(frame, &sheet, &main)
}

fn row(pair: &WaitingPair, frame: &Frame) -> Markup {
    html! {
        a href=(pair.path) {
            (parts::near_day(pair.since, frame)) " " (reason(pair.reason, frame))
            @if let Some(likely) = pair.likely_percent { " " span.nb { (frame.with("match-likely", &[("n", likely.into())])) } }
            br; span.tag { (turn(pair.turn, frame)) }
        }
    }
}

fn told(done: MatchDone, frame: &Frame) -> Markup {
    let (title, text) = match done {
        MatchDone::Proposed => ("match-done-proposed", "match-done-proposed-what"),
        MatchDone::SentBack => ("match-done-sent-back", "match-done-sent-back-what"),
        MatchDone::Joined => ("match-done-joined", "match-done-joined-what"),
        MatchDone::KeptApart => ("match-done-kept-apart", "match-done-kept-apart-what"),
        MatchDone::TakenApart => ("match-done-taken-apart", "match-done-taken-apart-what"),
    };
    parts::banner(Tone::Success, "done", &frame.t(title), true, &html! { p { (frame.t(text)) } })
}

/// Why a pair is in the queue, in words.
pub(super) fn reason(reason: MatchReason, frame: &Frame) -> String {
    let key = match reason {
        MatchReason::Contradiction => "match-reason-contradiction",
        MatchReason::Likeness => "match-reason-likeness",
        MatchReason::TwoNumbers => "match-reason-two-numbers",
    };
    frame.t(key).into_owned()
}

/// Whose turn it is, in words.
pub(super) fn turn(turn: MatchTurn, frame: &Frame) -> String {
    let key = match turn {
        MatchTurn::First => "match-turn-first",
        MatchTurn::Second => "match-turn-second",
        MatchTurn::Another => "match-turn-another",
        MatchTurn::Closed(MatchVerdict::Same) => "match-closed-same",
        MatchTurn::Closed(_) => "match-closed-different",
    };
    frame.t(key).into_owned()
}
