//! `/desk/papers`: what waits for a second clerk, taking papers down, and looking at one. `POST /desk/papers` with `paper`,
//! `insured`, `birth`, `identity`, the fields of the paper, `form`; `POST /desk/papers/{number}` with `act`, `read`,
//! `reason`; both with `csrf`.

use maud::{Markup, html};
use tsumugi_access::{
    PaperFault as Refused, PaperState,
    case::REASON_MOST as WORDS_MOST,
    paper::{REASON_MOST, WAIT_DAYS},
};
use tsumugi_signin::gate::Identity;

use super::{case_parts, desk_codes, mandates, paper_parts, restrict};
use crate::calendar;
use crate::frame::{Frame, Sheet, document};
use crate::parts::{self, Tone};
use crate::view::{
    PaperDone, PaperFormFault, PaperFormView, PaperLookView, PaperRow, PaperSlipView, PaperWhat, PapersView,
};

const DESK: &str = "/desk/papers";

/// The desk's page.
#[must_use]
pub fn page(view: &PapersView, frame: &Frame) -> Markup {
    let main = html! {
        @if let Some(done) = view.done { (told(done, frame)) }
        p.lead { (frame.t("papers-lead")) }
        h2 { (frame.t("papers-take")) }
        ul.rows {
            @for what in PaperWhat::ALL {
                li { a href={ (DESK) "/new?what=" (what.code()) } {
                    span { (paper_parts::what(what, frame)) }
                    span.v { (frame.t(if what.waits() { "papers-two" } else { "papers-one" })) }
                } }
            }
            li { a href="/desk/objections" { span { (frame.t("paper-title")) } span.v { (frame.t("papers-one")) } } }
            li { a href={ (DESK) "/form" } { span { (frame.t("papers-blank")) } span.v {} } }
        }
        h2 { (frame.t("papers-waiting")) }
        p.hint { (frame.with("papers-waiting-hint", &[("days", WAIT_DAYS.into())])) }
        @if view.waiting.is_empty() { (parts::empty(&frame.t("papers-none"))) }
        @else { ol.rows.tall { @for one in &view.waiting { li { (row(one, frame)) } } } }
        @if let Some(next) = &view.next { p { a.button href=(next) { (frame.t("papers-next")) } } }
    };
    let back = Some(("/".to_owned(), frame.t("frame-back")));
    document(frame, &Sheet { back, ..Sheet::plain(frame.t("papers-title")) }, &main)
}

fn told(done: PaperDone, frame: &Frame) -> Markup {
    let (title, body) = match done {
        PaperDone::Waits(day) => {
            let day = calendar::near_day(day, frame.today(), frame.lang);
            ("papers-done-waits", frame.with("papers-done-waits-what", &[("day", day.into())]))
        }
        PaperDone::Confirmed => ("papers-done-confirmed", frame.t("papers-done-confirmed-what").into_owned()),
        PaperDone::SentBack => ("papers-done-sent-back", frame.t("papers-done-sent-back-what").into_owned()),
    };
    parts::banner(Tone::Success, "done", &frame.t(title), true, &html! { p { (body) } })
}

fn row(one: &PaperRow, frame: &Frame) -> Markup {
    let last = calendar::near_day(one.last, frame.today(), frame.lang);
    html! {
        a href={ (DESK) "/" (one.number) } {
            span {
                b { (paper_parts::what(one.what, frame)) }
                br; (frame.with("papers-number", &[("n", one.number.to_string().into())]))
                br; (calendar::near_moment(one.taken, frame.today(), frame.lang)) " " (parts::unread(&one.by, frame.lang))
                br; span.nb { (frame.with("papers-last", &[("day", last.into())])) }
                @if one.own { br; span.tag { (frame.t("papers-yours")) } }
            }
        }
    }
}

/// The form for taking a paper down.
#[must_use]
pub fn form(view: &PaperFormView, frame: &Frame) -> Markup {
    let main = html! {
        @if !view.faults.is_empty() {
            (parts::banner(Tone::Error, "faults", &frame.t("form-faults"), true, &html! {
                p { (frame.t("form-kept")) }
                ul { @for fault in &view.faults { li { a href={ "#" (target(*fault)) } { (words(*fault, frame)) } } } }
            }))
        }
        p.lead { (frame.t(if view.what.waits() { "papers-form-two" } else { "papers-form-one" })) }
        form.care method="post" action=(DESK) novalidate {
            (parts::csrf(frame))
            input type="hidden" name="form" value=(view.form);
            input type="hidden" name="paper" value=(view.what.code());
            h2 { (frame.t("papers-whose")) }
            (line("insured", ["find-number", "paper-number-hint"], &view.insured, view, frame))
            (line("birth", ["codes-birth", "codes-birth-hint"], &view.birth, view, frame))
            @let seen: Vec<_> = Identity::OF_CITIZENS.iter().map(|one| (one.code(), desk_codes::document_words(*one, frame))).collect();
            (case_parts::choice("identity", &frame.t("codes-identity"), &seen, view.identity.map(Identity::code), None, frame))
            h2 { (frame.t("papers-says")) }
            @match view.what {
                PaperWhat::Mandate => { (office(view, frame)) (mandates::fields(&view.mandate, frame)) }
                PaperWhat::EndMandate => { (office(view, frame)) (mandates::whom(&view.mandate, frame)) }
                PaperWhat::Restriction => { (restrict::whole(&view.restrict, frame)) }
                PaperWhat::Lift => { (lift(view, frame)) }
                PaperWhat::Correction => {
                    (line("code", ["papers-entry", "papers-entry-hint"], &view.code, view, frame))
                    (text(view, frame))
                }
            }
            p.buttons { button.primary { (frame.t(if view.what.waits() { "papers-send-two" } else { "paper-send" })) } }
        }
        p.hint { (frame.t("papers-noted")) }
    };
    let back = Some((DESK.to_owned(), frame.t("papers-title")));
    let title = paper_parts::what(view.what, frame);
    document(frame, &Sheet { back, faulty: !view.faults.is_empty(), ..Sheet::plain(title) }, &main)
}

/// A desk sees no list of who cares for the person: an office is named by its number.
fn office(view: &PaperFormView, frame: &Frame) -> Markup {
    html! {
        div.field {
            label for="office" { (frame.t("papers-office")) }
            p.hint #office-hint { (frame.t("papers-office-hint")) }
            input #office name="office" autocomplete="off" value=[view.mandate.answer("office")] aria-describedby="office-hint";
        }
    }
}

fn lift(view: &PaperFormView, frame: &Frame) -> Markup {
    html! {
        fieldset {
            legend { (frame.t("papers-lift-which")) }
            label.pick for="which" { input type="radio" id="which" name="which" value="one" checked[!view.all]; span { (frame.t("papers-lift-one")) } }
            label.pick for="which-all" { input type="radio" id="which-all" name="which" value="all" checked[view.all]; span { (frame.t("papers-lift-all")) } }
        }
        (line("code", ["papers-setting", "papers-setting-hint"], &view.code, view, frame))
    }
}

fn text(view: &PaperFormView, frame: &Frame) -> Markup {
    let wrong = view.faults.iter().copied().find(|fault| target(*fault) == "words");
    html! {
        div.field.faulty[wrong.is_some()] {
            label for="words" { (frame.t("paper-words")) }
            p.hint #words-hint { (frame.with("paper-words-hint", &[("most", WORDS_MOST.into())])) }
            @if let Some(wrong) = wrong { p.fault #words-fault { span aria-hidden="true" { "× " } (words(wrong, frame)) } }
            textarea #words name="words" rows="5" aria-describedby="words-hint" { (view.words) }
        }
    }
}

fn line(name: &str, [label, hint]: [&str; 2], value: &str, view: &PaperFormView, frame: &Frame) -> Markup {
    let wrong = view.faults.iter().copied().find(|fault| target(*fault) == name);
    let (hint_id, fault_id) = (format!("{name}-hint"), format!("{name}-fault"));
    let described = if wrong.is_some() { format!("{hint_id} {fault_id}") } else { hint_id.clone() };
    html! {
        div.field.faulty[wrong.is_some()] {
            label for=(name) { (frame.t(label)) }
            p.hint id=(hint_id) { (frame.t(hint)) }
            @if let Some(wrong) = wrong { p.fault id=(fault_id) { span aria-hidden="true" { "× " } (words(wrong, frame)) } }
            input id=(name) name=(name) autocomplete="off" value=(value) aria-invalid=[wrong.map(|_| "true")] aria-describedby=(described);
        }
    }
}

const fn target(fault: PaperFormFault) -> &'static str {
    match fault {
        PaperFormFault::Number | PaperFormFault::Nobody | PaperFormFault::Oneself => "insured",
        PaperFormFault::Birth => "birth",
        PaperFormFault::Identity => "identity",
        PaperFormFault::Setting | PaperFormFault::Entry | PaperFormFault::Twice => "code",
        PaperFormFault::NoWords | PaperFormFault::TooLong(_) => "words",
        PaperFormFault::Mandate(fault) => mandates::field(fault),
        PaperFormFault::Restrict(fault) => restrict::target(fault),
    }
}

fn words(fault: PaperFormFault, frame: &Frame) -> String {
    let key = match fault {
        PaperFormFault::Number => "find-missing",
        PaperFormFault::Birth => "codes-fault-birth",
        PaperFormFault::Identity => "codes-fault-identity",
        PaperFormFault::Nobody => "codes-fault-nobody",
        PaperFormFault::Oneself => "papers-fault-oneself",
        PaperFormFault::Setting => "papers-fault-setting",
        PaperFormFault::Entry => "papers-fault-entry",
        PaperFormFault::NoWords => "papers-fault-words",
        PaperFormFault::TooLong(most) => return frame.with("case-fault-long", &[("most", most.into())]),
        PaperFormFault::Twice => "papers-fault-twice",
        PaperFormFault::Mandate(fault) => mandates::words(fault),
        PaperFormFault::Restrict(fault) => restrict::fault_words(fault),
    };
    frame.t(key).into_owned()
}

/// The slip that the person takes home.
#[must_use]
pub fn slip(view: &PaperSlipView, frame: &Frame) -> Markup {
    let main = html! {
        p.lead { (frame.t("papers-slip-lead")) }
        dl.facts {
            (case_parts::fact(&frame.t("papers-slip-what"), &html! { (paper_parts::what(view.what, frame)) }))
            (case_parts::fact(&frame.t("papers-slip-desk"), &html! { span lang="ja" { (view.desk) } }))
            (case_parts::fact(&frame.t("papers-slip-when"), &html! { (calendar::near_moment(view.at, frame.today(), frame.lang)) }))
            @if let Some(day) = view.deadline {
                (case_parts::fact(&frame.t("papers-slip-answer"), &parts::near_day(day, frame)))
            }
        }
        @if let Some(code) = &view.code {
            section.card aria-labelledby="code" {
                h2 #code { (frame.t("papers-setting")) }
                p.number { strong translate="no" { (code) } }
                p { (frame.t("papers-slip-code")) }
            }
        }
        p { (frame.t(if view.what == PaperWhat::Correction { "papers-slip-told" } else { "papers-slip-holds" })) }
        p.hint { (frame.t("papers-slip-print")) }
    };
    let back = Some((DESK.to_owned(), frame.t("papers-title")));
    document(frame, &Sheet { back, ..Sheet::plain(frame.t("papers-slip-title")) }, &main)
}

/// One paper, for its desk.
#[must_use]
pub fn look(view: &PaperLookView, frame: &Frame) -> Markup {
    let waits = view.state == PaperState::Waiting;
    let main = html! {
        @if let Some(fault) = view.fault { (refused(fault, frame)) }
        @if waits { p.lead { (frame.t("papers-look-lead")) } }
        (paper_parts::paper(view, frame))
        @if waits && view.own { p { (frame.t("papers-yours-hint")) } }
        @if waits && !view.own {
            form method="post" action={ (DESK) "/" (view.number) } {
                (hidden(view, "confirm", frame))
                p { (frame.t("papers-confirm-what")) }
                p.buttons { button.primary { (frame.t("papers-confirm")) } }
            }
        }
        @if waits {
            form.care method="post" action={ (DESK) "/" (view.number) } novalidate {
                (hidden(view, "send-back", frame))
                @let wrong = view.fault == Some(Refused::Reason);
                div.field.faulty[wrong] {
                    label for="reason" { (frame.t("papers-reason")) }
                    p.hint #reason-hint { (frame.with("papers-reason-hint", &[("most", REASON_MOST.into())])) }
                    @if wrong { p.fault #reason-fault { span aria-hidden="true" { "× " } (frame.t("papers-fault-reason")) } }
                    textarea #reason name="reason" rows="2" aria-describedby="reason-hint" {}
                }
                p.buttons { button { (frame.t("papers-send-back")) } }
            }
        }
        p.hint { (frame.t("papers-noted")) }
    };
    let back = Some((DESK.to_owned(), frame.t("papers-title")));
    let title = paper_parts::what(view.what, frame);
    document(frame, &Sheet { back, faulty: view.fault.is_some(), ..Sheet::plain(title) }, &main)
}

fn hidden(view: &PaperLookView, act: &str, frame: &Frame) -> Markup {
    html! {
        (parts::csrf(frame))
        input type="hidden" name="act" value=(act);
        input type="hidden" name="read" value=(view.read);
    }
}

fn refused(fault: Refused, frame: &Frame) -> Markup {
    let (key, target) = match fault {
        Refused::Oneself => ("papers-fault-oneself", None),
        Refused::NotNow => ("papers-fault-not-now", None),
        Refused::Overtaken | Refused::Twice => ("papers-fault-overtaken", None),
        Refused::Full => ("papers-fault-full", None),
        Refused::Reason => ("papers-fault-reason", Some("#reason")),
        Refused::Absent | Refused::NotDesk => ("error-not-shown", None),
    };
    let body =
        html! { ul { li { @if let Some(to) = target { a href=(to) { (frame.t(key)) } } @else { (frame.t(key)) } } } };
    parts::banner(Tone::Error, "faults", &frame.t("form-faults"), true, &body)
}

/// The blank form, to be filled by hand.
#[must_use]
pub fn blank(frame: &Frame) -> Markup {
    let boxes = |options: &[&str]| {
        html! { ul.plain { @for option in options { li { "□ " (frame.t(option)) } } } }
    };
    let lines = |labels: &[&str]| {
        html! { dl.facts.blank { @for label in labels { div { dt { (frame.t(label)) } dd { "　" } } } } }
    };
    let main = html! {
        p.lead { (frame.t("papers-blank-lead")) }
        h2 { (frame.t("papers-whose")) }
        (lines(&["papers-blank-name", "find-number", "codes-birth", "papers-blank-day", "papers-blank-signature"]))
        section { h2 { "1. " (frame.t("papers-what-mandate")) }
            (boxes(&["papers-blank-mandate", "papers-blank-end-mandate"]))
            (lines(&["mandates-name", "mandates-number", "mandates-relation", "papers-office", "mandates-until"]))
            p { (frame.t("mandates-extent")) } (boxes(&["mandates-all", "papers-blank-some"]))
        }
        section { h2 { "2. " (frame.t("papers-what-restriction")) }
            (lines(&["sharing-what", "sharing-whom", "sharing-long"]))
            p { (frame.t("sharing-unconscious")) } (boxes(&["sharing-emergency-yes", "sharing-emergency-no"]))
        }
        section { h2 { "3. " (frame.t("papers-what-lift")) }
            (boxes(&["papers-lift-all", "papers-lift-one"])) (lines(&["papers-setting"]))
        }
        section { h2 { "4. " (frame.t("papers-what-correction")) } (lines(&["papers-entry", "papers-blank-words"])) }
        section { h2 { "5. " (frame.t("papers-blank-objection")) } (lines(&["paper-look", "papers-blank-words"])) }
        p { (frame.with("papers-blank-two", &[("days", WAIT_DAYS.into())])) }
        p.hint { (frame.t("papers-slip-print")) }
    };
    let back = Some(("/".to_owned(), frame.t("frame-back")));
    document(frame, &Sheet { back, ..Sheet::plain(frame.t("papers-blank")) }, &main)
}
