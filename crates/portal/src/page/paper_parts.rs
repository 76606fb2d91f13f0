//! What pages of papers share: what a paper is, what it says, who said what about it.

use maud::{Markup, html};
use tsumugi_access::{PaperAct, PaperState};

use super::{case_parts, mandates, sharing};
use crate::calendar;
use crate::frame::Frame;
use crate::parts;
use crate::view::{Name, OnPaper, PaperLookView, PaperSaid, PaperWhat};

/// What a paper is.
pub(super) fn what(what: PaperWhat, frame: &Frame) -> String {
    let key = match what {
        PaperWhat::Mandate => "papers-what-mandate",
        PaperWhat::EndMandate => "papers-what-end-mandate",
        PaperWhat::Restriction => "papers-what-restriction",
        PaperWhat::Lift => "papers-what-lift",
        PaperWhat::Correction => "papers-what-correction",
    };
    frame.t(key).into_owned()
}

/// Where it stands.
pub(super) fn state(state: PaperState, frame: &Frame) -> String {
    let key = match state {
        PaperState::Held => "papers-state-held",
        PaperState::Waiting => "papers-state-waiting",
        PaperState::Confirmed => "papers-state-confirmed",
        PaperState::SentBack => "papers-state-sent-back",
        PaperState::TakenBack => "papers-state-taken-back",
        PaperState::Lapsed => "papers-state-lapsed",
    };
    frame.t(key).into_owned()
}

/// A paper: what it says, whom it names, who said what.
pub(super) fn paper(view: &PaperLookView, frame: &Frame) -> Markup {
    html! {
        p { span.tag.warn[view.state == PaperState::Waiting] { (state(view.state, frame)) }
            @if view.state == PaperState::Waiting {
                " " span.nb { (frame.with("papers-last", &[("day", calendar::near_day(view.last, frame.today(), frame.lang).into())])) }
            }
        }
        @if let Some(typed) = &view.typed {
            dl.facts {
                (case_parts::fact(&frame.t("find-number"), &html! { span translate="no" { (typed.number) } }))
                (case_parts::fact(&frame.t("codes-birth"), &html! { span translate="no" { (typed.birth) } }))
            }
        }
        @match &view.said {
            PaperSaid::Mandate(row) => { (mandates::said(row, frame)) }
            PaperSaid::Restriction(said) => { (sharing::said(said, None, frame)) }
            PaperSaid::Lift(code) => {
                dl.facts { (case_parts::fact(&frame.t("papers-setting"), &html! {
                    @match code { Some(code) => { span translate="no" { (code) } } None => { (frame.t("papers-lift-all")) } }
                })) }
            }
            PaperSaid::EndMandate(name) => { dl.facts { (case_parts::fact(&frame.t("mandates-who"), &parts::words(name, frame.lang))) } }
        }
        ol.plain {
            @for word in &view.words {
                li {
                    (calendar::near_moment(word.at, frame.today(), frame.lang)) " "
                    @if let Some(by) = &word.by { (parts::unread(by, frame.lang)) " " }
                    (act(word.act, frame))
                    @if !word.reason.is_empty() { br; q lang="ja" { (word.reason) } }
                }
            }
        }
    }
}

fn act(act: PaperAct, frame: &Frame) -> String {
    let key = match act {
        PaperAct::TakeDown => "papers-act-take-down",
        PaperAct::Confirm => "papers-act-confirm",
        PaperAct::SendBack => "papers-act-send-back",
        PaperAct::TakeBack => "papers-act-take-back",
    };
    frame.t(key).into_owned()
}

/// Where something that holds was handed in.
pub(super) fn on_paper(on: &OnPaper, frame: &Frame) -> Markup {
    html! {
        p.hint {
            (frame.t("papers-on-before")) (parts::words(&on.desk, frame.lang)) (frame.t("papers-on-after")) " "
            (by("papers-on-taken", &on.taken, frame))
            @if let Some(confirmed) = &on.confirmed { " " (by("papers-on-confirmed", confirmed, frame)) }
        }
    }
}

/// A sentence with a clerk's name in it, marked as the language that it is.
fn by(key: &str, clerk: &Name, frame: &Frame) -> Markup {
    const HERE: char = '\u{fffc}';
    let text = frame.with(key, &[("who", HERE.to_string().into())]);
    let (before, after) = text.split_once(HERE).unwrap_or((&text, ""));
    html! { (before) (parts::unread(clerk, frame.lang)) (after) }
}
