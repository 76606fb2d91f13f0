//! The emergency summary that a person carries (`POST {base}/take/emergency` with `as` and `csrf`), and handing in the receipt of
//! a look without a network (`POST /disaster/receipts` with `text`, `at`, `reason`, `csrf`).

use maud::{Markup, PreEscaped, html};

use crate::calendar;
use crate::frame::{Frame, Section, Sheet, document};
use crate::parts::{self, Tone};
use crate::view::{CarriedView, ReceiptFault, ReceiptView};

/// The summary that was just made. The frame must name a subject.
#[must_use]
pub fn page(view: &CarriedView, frame: &Frame) -> Markup {
    let until = calendar::day(view.expires.civil().date(), frame.lang);
    let main = html! {
        p.lead { (frame.with("take-carried-until", &[("day", until.into())])) }
        figure.qr role="img" aria-label=(frame.t("take-carried-qr")) { (PreEscaped(&view.svg)) }
        p { (frame.t("take-carried-print")) }
        h2 { (frame.t("take-carried-text")) }
        pre lang="ja" translate="no" tabindex="0" aria-label=(frame.t("take-carried-text")) { (view.text) }
        ul {
            li { (frame.t("take-carried-found")) }
            li { (frame.t("take-carried-hidden")) }
            li { (frame.t("take-carried-told")) }
        }
        p.buttons { a.button href=(view.back) { (frame.t("section-take")) } }
    };
    let mut sheet = Sheet::of_record(frame.t("take-carried").into_owned(), Section::Take, frame);
    sheet.back = Some((view.back.clone(), frame.t("section-take")));
    document(frame, &sheet, &main)
}

/// The way to make one, on the page of taking along.
pub(super) fn offer(frame: &Frame) -> Markup {
    html! {
        section aria-labelledby="carried-title" {
            h2 #carried-title { (frame.t("take-carried")) }
            p { (frame.t("take-carried-lead")) }
            p { (frame.t("take-carried-what")) }
            form method="post" action={ (Section::Take.path(frame.base())) "/emergency" } {
                (parts::csrf(frame))
                p.buttons {
                    button name="as" value="page" { (frame.t("take-carried-page")) } " "
                    button name="as" value="file" { (frame.t("take-carried-file")) }
                }
            }
        }
    }
}

/// Handing in a receipt.
#[must_use]
pub fn receipts(view: &ReceiptView, frame: &Frame) -> Markup {
    let main = html! {
        @if let Some((at, again)) = view.done {
            @let at = calendar::near_moment(at, frame.today(), frame.lang);
            (parts::banner(Tone::Success, "done", &frame.t(if again { "receipt-again" } else { "receipt-done" }), true,
                &html! { p { (frame.with("receipt-told", &[("time", at.into())])) } }))
        }
        @if let Some(fault) = view.fault {
            (parts::banner(Tone::Error, "faults", &frame.t("form-faults"), true, &html! {
                p { (frame.t("form-kept")) }
                ul { li { a href={ "#" (target(fault)) } { (frame.t(words(fault))) } } }
            }))
        }
        p.lead { (frame.t("receipt-lead")) }
        form method="post" action="/disaster/receipts" novalidate {
            (parts::csrf(frame))
            (field(view, "text", &frame.t("receipt-text"), &frame.t("receipt-text-hint"), &|described, wrong| html! {
                textarea #text name="text" rows="8" aria-invalid=[wrong.then_some("true")] aria-describedby=(described) { (view.form.text) }
            }, frame))
            (field(view, "at", &frame.t("receipt-at"), &frame.t("receipt-at-hint"), &|described, wrong| html! {
                input #at name="at" type="datetime-local" value=(view.form.at) aria-invalid=[wrong.then_some("true")] aria-describedby=(described);
            }, frame))
            (field(view, "reason", &frame.t("receipt-reason"), &frame.t("receipt-reason-hint"), &|described, wrong| html! {
                input #reason name="reason" autocomplete="off" value=(view.form.reason) aria-invalid=[wrong.then_some("true")] aria-describedby=(described);
            }, frame))
            p.buttons { button.primary { (frame.t("receipt-send")) } }
        }
        h2 { (frame.t("receipt-reader")) }
        p { (frame.t("receipt-reader-what")) }
        p.buttons {
            a.button href="/emergency/reader" download="tsumugi-emergency-reader.html" { (frame.t("receipt-reader-get")) } " "
            a.button href="/emergency/key" { (frame.t("receipt-key")) }
        }
    };
    let back = Some(("/".to_owned(), frame.t("frame-back")));
    document(frame, &Sheet { back, faulty: view.fault.is_some(), ..Sheet::plain(frame.t("receipt-title")) }, &main)
}

fn field(
    view: &ReceiptView,
    name: &str,
    label: &str,
    hint: &str,
    input: &dyn Fn(&str, bool) -> Markup,
    frame: &Frame,
) -> Markup {
    let fault = view.fault.filter(|fault| target(*fault) == name);
    let (hint_id, fault_id) = (format!("{name}-hint"), format!("{name}-fault"));
    let described = if fault.is_some() { format!("{hint_id} {fault_id}") } else { hint_id.clone() };
    html! {
        div.field.faulty[fault.is_some()] {
            label for=(name) { (label) }
            p.hint id=(hint_id) { (hint) }
            @if let Some(fault) = fault { p.fault id=(fault_id) { span aria-hidden="true" { "× " } (frame.t(words(fault))) } }
            (input(&described, fault.is_some()))
        }
    }
}

const fn target(fault: ReceiptFault) -> &'static str {
    match fault {
        ReceiptFault::Text | ReceiptFault::Forged => "text",
        ReceiptFault::Moment => "at",
        ReceiptFault::Reason => "reason",
    }
}

const fn words(fault: ReceiptFault) -> &'static str {
    match fault {
        ReceiptFault::Text => "receipt-fault-text",
        ReceiptFault::Forged => "receipt-fault-forged",
        ReceiptFault::Moment => "receipt-fault-moment",
        ReceiptFault::Reason => "receipt-fault-reason",
    }
}
