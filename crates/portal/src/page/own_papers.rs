//! The person's papers: what was handed in at a desk, who took it down, who confirmed it; and stopping what waits. `POST
//! {base}/papers/{number}/stop` with `read` and `csrf`.

use maud::{Markup, html};
use tsumugi_access::PaperState;

use super::paper_parts;
use crate::frame::{Frame, Section, Sheet, document};
use crate::parts::{self, Tone};
use crate::view::{OwnPapersView, PaperLookView};

/// The page. The frame must name a subject.
#[must_use]
pub fn page(view: &OwnPapersView, frame: &Frame) -> Markup {
    let main = html! {
        @if view.done {
            (parts::banner(Tone::Success, "done", &frame.t("papers-own-stopped"), true, &html! { p { (frame.t("papers-own-stopped-what")) } }))
        }
        p.lead { (frame.t("papers-own-lead")) }
        @if view.papers.is_empty() { (parts::empty(&frame.t("papers-own-none"))) }
        @for paper in &view.papers { (one(paper, view.may_stop, frame)) }
        p { a.button href="/papers/form" { (frame.t("papers-blank")) } }
    };
    let mut sheet = Sheet::of_record(frame.t("papers-own-title"), Section::Sharing, frame);
    sheet.back = Some((Section::Sharing.path(frame.base()), frame.t("section-sharing")));
    document(frame, &sheet, &main)
}

fn one(paper: &PaperLookView, may_stop: bool, frame: &Frame) -> Markup {
    html! {
        section.card aria-labelledby={ "paper-" (paper.number) } {
            h2 id={ "paper-" (paper.number) } { (paper_parts::what(paper.what, frame)) }
            p { (frame.t("papers-on-before")) (parts::words(&paper.desk, frame.lang)) (frame.t("papers-on-after")) }
            (paper_parts::paper(paper, frame))
            @if paper.state == PaperState::Lapsed { p { (frame.t("papers-own-lapsed")) } }
            @if paper.state == PaperState::Waiting && may_stop {
                form method="post" action={ (frame.base()) "/papers/" (paper.number) "/stop" } {
                    (parts::csrf(frame))
                    input type="hidden" name="read" value=(paper.read);
                    p.hint { (frame.t("papers-own-stop-hint")) }
                    button { (frame.t("papers-own-stop")) span.vh { ": " (paper_parts::what(paper.what, frame)) } }
                }
            }
        }
    }
}
