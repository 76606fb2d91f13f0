//! The start of a member of staff: find a person by the number in one's own organisation.
//!
//! `POST /people/find` with `number` and `csrf`: a patient's number stands in no address.

use maud::{Markup, html};
use tsumugi_access::{ActionGroup, roles};
use tsumugi_kernel::{Purpose, Role};

use super::{disaster, proxy_home};
use crate::frame::{Frame, Sheet, SignedIn, document};
use crate::parts::{self, Tone};
use crate::view::{SearchTrouble, StaffHomeView};

/// The page.
#[must_use]
pub fn page(view: &StaffHomeView, frame: &Frame) -> Markup {
    let missing = view.trouble == Some(SearchTrouble::NumberMissing);
    let main = html! {
        @match view.trouble {
            Some(SearchTrouble::NumberMissing) => {
                (parts::banner(Tone::Error, "faults", &frame.t("form-faults"), true,
                    &html! { ul { li { a href="#number" { (frame.t("find-missing")) } } } }))
            }
            Some(SearchTrouble::NobodyShown) => {
                (parts::banner(Tone::Warning, "nobody", &frame.t("error-not-shown"), true, &html! { p { (frame.t("error-not-shown-do")) } }))
            }
            None => {}
        }
        (disaster::news(&view.disaster, frame))
        @if view.may_find { p.buttons { a.button.primary href="/disaster/find" { (frame.t("identify-title")) } } }
        @if looks_people_up(frame) { (search(view, missing, frame)) }
        ul.rows {
            @if decides_about_pairs(frame) { li { a href="/desk/matches" { (frame.t("match-queue-title")) } } }
            @if judges_looks(frame) {
                li { a href="/review" { (frame.t("review-title")) } }
                li { a href="/review?closed=1" { (frame.t("review-closed-title")) } }
                li { a href="/what-if" { (frame.t("whatif-title")) } }
                li { a href="/log" { (frame.t("log-title")) } }
                li { a href="/review/disaster" { (frame.t("opening-title")) } }
            }
            @if frame.ways && hands_codes_out(frame) { li { a href="/desk/codes" { (frame.t("codes-title")) } } }
            @if takes_objections_down(frame) {
                li { a href="/desk/papers" { span { (frame.t("papers-title")) } span.v { @if view.papers > 0 { (parts::tight(&frame.with("papers-waiting-n", &[("n", view.papers.into())]))) } } } }
                li { a href="/desk/objections" { (frame.t("paper-title")) } }
            }
            @if reads_summaries(frame) { li { a href="/disaster/receipts" { (frame.t("receipt-title")) } } }
            li { a href="/office/cases" { (frame.t("office-cases-title")) } }
            li { a href="/apps" { (frame.t("apps-title")) } }
            @if looks_people_up(frame) { li { a href="/office/sent" { (frame.t("sent-title")) } } }
            li { a href="/statistics" { (frame.t("statistics-title")) } }
            li { a href="/disaster" { (frame.t("disaster-title")) } }
        }
    };
    let title = if looks_people_up(frame) { "find-title" } else { "staff-watch-title" };
    let sheet = Sheet { faulty: missing, ..Sheet::plain(frame.t(title)) };
    document(frame, &sheet, &main)
}

/// Finding a person by a number.
fn search(view: &StaffHomeView, missing: bool, frame: &Frame) -> Markup {
    html! {
        form.find method="post" action="/people/find" {
            (parts::csrf(frame))
            div.field.faulty[missing] {
                label for="number" { (frame.t("find-number")) }
                p.hint #number-hint { (frame.t("find-hint")) }
                @if missing { p.fault #number-fault { span aria-hidden="true" { "× " } (frame.t("find-missing")) } }
                input #number name="number" inputmode="numeric" autocomplete="off" value=(view.number)
                    aria-invalid=[missing.then_some("true")]
                    aria-describedby=(if missing { "number-hint number-fault" } else { "number-hint" });
            }
            p.buttons { button.primary { (frame.t("find-open")) } }
        }
        @if !view.people.is_empty() {
            h2 { (frame.t("find-in-charge")) }
            (proxy_home::people(&view.people, frame))
        }
        p.hint { (frame.t("find-noted")) }
    }
}

/// Whether the reader opens records or writes to them: a supervisor has no use for a search.
fn looks_people_up(frame: &Frame) -> bool {
    !judges_looks(frame)
}

/// Whether the reader hands out codes with which people sign in for the first time.
fn hands_codes_out(frame: &Frame) -> bool {
    let desk = |reader: &SignedIn| {
        matches!(reader.role, Role::Municipality | Role::Registrar) && reader.purpose == Purpose::RecordManagement
    };
    frame.signed_in.as_ref().is_some_and(desk)
}

/// Whether the reader takes down objections that are handed in on paper.
fn takes_objections_down(frame: &Frame) -> bool {
    let desk = |reader: &SignedIn| (reader.role, reader.purpose) == (Role::Municipality, Purpose::RecordManagement);
    frame.signed_in.as_ref().is_some_and(desk)
}

/// Whether the reader judges looks for the supervising body.
fn judges_looks(frame: &Frame) -> bool {
    let supervises = |reader: &SignedIn| (reader.role, reader.purpose) == (Role::Supervisor, Purpose::Operations);
    frame.signed_in.as_ref().is_some_and(supervises)
}

/// Whether the reader may be one of the two clerks who decide about a pair.
fn decides_about_pairs(frame: &Frame) -> bool {
    frame.signed_in.as_ref().is_some_and(|reader| roles::may_ask(reader.role, reader.purpose, ActionGroup::Matching))
}

/// Whether the reader may be the one who reads an emergency summary.
fn reads_summaries(frame: &Frame) -> bool {
    let looks = |reader: &SignedIn| roles::may_ask(reader.role, Purpose::Disaster, ActionGroup::View);
    frame.signed_in.as_ref().is_some_and(looks)
}
