//! Showing a licence: `GET /ways/licence` has the text to be signed, `POST` with `challenge` and `file` or `pasted` takes the
//! signature. `/desk/licences` is the registrar's: `POST` with `number`, and with `serial` confirms.

use maud::{Markup, html};
use tsumugi_signin::hpki::Fault;

use super::{case_parts::fact, come_in, ways::typed};
use crate::calendar;
use crate::frame::{Frame, Sheet, document};
use crate::parts::{self, Tone};
use crate::view::{LicenceView, ShowLicenceView, StaffLicenceFault, StaffLicenceView};

/// The page on which a licence is shown.
#[must_use]
pub fn page(view: &ShowLicenceView, frame: &Frame) -> Markup {
    let main = html! {
        @if let Some(fault) = view.fault { (come_in::wrong(fault, frame)) }
        @if view.done {
            (parts::banner(Tone::Success, "done", &frame.t("licence-done"), true, &html! {
                @if view.licence.as_ref().is_some_and(|kept| kept.fault.is_none()) { p { (frame.t("licence-done-go")) } }
            }))
        }
        p.lead { (frame.t("licence-lead")) }
        @if let Some(kept) = &view.licence {
            section.block aria-labelledby="kept" { h2 #kept { (frame.t("licence-kept")) } (card(kept, frame)) }
        }
        section.block aria-labelledby="show" {
            h2 #show { (frame.t("licence-show")) }
            @match &view.ask {
                Some((text, challenge)) => (form(text, challenge, view.fault.is_some(), frame)),
                None => {
                    p { (frame.t("licence-second")) }
                    p.buttons { a.button href="/sign-in/as" { (frame.t("ways-as-title")) } }
                }
            }
        }
    };
    let back = Some(("/ways".to_owned(), frame.t("frame-back")));
    document(frame, &Sheet { back, faulty: view.fault.is_some(), ..Sheet::plain(frame.t("licence-title")) }, &main)
}

fn form(text: &str, challenge: &str, faulty: bool, frame: &Frame) -> Markup {
    html! {
        ol {
            li {
                p { (frame.t("licence-step-text")) }
                p { span.kept lang="en" { (text) } }
                p.buttons { a.button href={ "/ways/licence/text?challenge=" (parts::query_value(challenge)) } { (frame.t("licence-step-save")) } }
            }
            li { p { (frame.t("licence-step-sign")) } }
            li { p { (frame.t("licence-step-send")) } }
        }
        form method="post" action="/ways/licence" enctype="multipart/form-data" novalidate {
            (parts::csrf(frame))
            input type="hidden" name="challenge" value=(challenge);
            div.field.faulty[faulty] {
                label for="file" { (frame.t("licence-file")) }
                p.hint #file-hint { (frame.t("licence-file-hint")) }
                input #file type="file" name="file" aria-describedby="file-hint" aria-invalid=[faulty.then_some("true")];
            }
            div.field.faulty[faulty] {
                label for="pasted" { (frame.t("licence-pasted")) }
                p.hint #pasted-hint { (frame.t("licence-pasted-hint")) }
                textarea #pasted name="pasted" rows="4" autocomplete="off" spellcheck="false" aria-describedby="pasted-hint"
                    aria-invalid=[faulty.then_some("true")] {}
            }
            p.buttons { button.primary { (frame.t("licence-send")) } }
        }
        p.hint { (frame.t("licence-minutes")) }
    }
}

/// A licence, with what keeps it from counting.
pub(super) fn card(kept: &LicenceView, frame: &Frame) -> Markup {
    let english = frame.lang == crate::Lang::En;
    let named: Vec<&str> =
        kept.qualifications.iter().map(|(ja, en)| if english { en.as_str() } else { ja.as_str() }).collect();
    let joined = named.join(if english { ", " } else { "・" });
    html! {
        div.card {
            h3 { (joined) }
            dl.facts {
                (fact(&frame.t("licence-until"), &html! { (calendar::day(kept.until.civil().date(), frame.lang)) }))
                (fact(&frame.t("licence-name"), &html! { bdi { (typed(&kept.name, frame)) } }))
                (fact(&frame.t("licence-issuer"), &html! { bdi { (typed(&kept.issuer, frame)) } }))
                (fact(&frame.t("licence-serial"), &html! { span.kept { (kept.serial) } }))
                @if let Some(by) = &kept.confirmed { (fact(&frame.t("licence-confirmed"), &html! { bdi { (typed(by, frame)) } })) }
                (fact(&frame.t("licence-state"), &html! {
                    @match kept.fault { None => (frame.t("licence-counts")), Some(fault) => (frame.t(words(fault)[0])) }
                }))
            }
            @if let Some(fault) = kept.fault { p { (frame.t(words(fault)[1])) } }
        }
    }
}

/// What is wrong with a certificate, and what to do.
pub(super) const fn words(fault: Fault) -> [&'static str; 2] {
    match fault {
        Fault::Form => ["licence-fault-form", "licence-fault-form-do"],
        Fault::Algorithm => ["licence-fault-algorithm", "licence-fault-algorithm-do"],
        Fault::Issuer => ["licence-fault-issuer", "licence-fault-issuer-do"],
        Fault::Early => ["licence-fault-early", "licence-fault-early-do"],
        Fault::Expired => ["licence-fault-expired", "licence-fault-expired-do"],
        Fault::Constraint => ["licence-fault-constraint", "licence-fault-constraint-do"],
        Fault::Critical => ["licence-fault-critical", "licence-fault-critical-do"],
        Fault::Policy => ["licence-fault-policy", "licence-fault-policy-do"],
        Fault::Revoked => ["licence-fault-revoked", "licence-fault-revoked-do"],
        Fault::Held => ["licence-fault-held", "licence-fault-held-do"],
        Fault::NoList => ["licence-fault-list", "licence-fault-list-do"],
        Fault::ListOld => ["licence-fault-old", "licence-fault-old-do"],
        Fault::Signature => ["licence-fault-signature", "licence-fault-signature-do"],
        Fault::Text => ["licence-fault-text", "licence-fault-text-do"],
        Fault::Unqualified => ["licence-fault-unqualified", "licence-fault-unqualified-do"],
        Fault::Role => ["licence-fault-role", "licence-fault-role-do"],
        Fault::Taken => ["licence-fault-taken", "licence-fault-taken-do"],
        Fault::Name => ["licence-fault-name", "licence-fault-name-do"],
        Fault::Missing => ["licence-fault-missing", "licence-fault-missing-do"],
    }
}

/// The registrar's desk.
#[must_use]
pub fn desk(view: &StaffLicenceView, frame: &Frame) -> Markup {
    let main = html! {
        @if let Some(fault) = view.fault {
            @let [what, next] = staff_words(fault);
            (parts::banner(Tone::Error, "faults", &frame.t(what), true, &html! { p { (frame.t(next)) } }))
        }
        @if view.done { (parts::banner(Tone::Success, "done", &frame.t("licence-desk-done"), true, &html! {})) }
        p.lead { (frame.t("licence-desk-lead")) }
        form method="post" action="/desk/licences" novalidate {
            (parts::csrf(frame))
            @let faulty = view.fault.is_some();
            div.field.faulty[faulty] {
                label for="number" { (frame.t("codes-person")) }
                p.hint #number-hint { (frame.t("codes-person-hint")) }
                input #number name="number" autocomplete="off" value=(view.number) aria-describedby="number-hint"
                    aria-invalid=[faulty.then_some("true")];
            }
            p.buttons { button.primary[view.found.is_none()] { (frame.t("licence-desk-find")) } }
        }
        @if let Some((name, licence)) = &view.found {
            section.block aria-labelledby="found" {
                h2 #found { bdi { (typed(name, frame)) } }
                @match licence {
                    None => (parts::empty(&frame.t("licence-desk-none"))),
                    Some(kept) => {
                        (card(kept, frame))
                        @if kept.fault == Some(Fault::Name) { (confirm(&view.number, kept, frame)) }
                    }
                }
            }
        }
    };
    let back = Some(("/desk/codes".to_owned(), frame.t("frame-back")));
    document(frame, &Sheet { back, faulty: view.fault.is_some(), ..Sheet::plain(frame.t("licence-desk-title")) }, &main)
}

fn confirm(number: &str, kept: &LicenceView, frame: &Frame) -> Markup {
    html! {
        p { (frame.t("licence-desk-differs")) }
        form method="post" action="/desk/licences" {
            (parts::csrf(frame))
            input type="hidden" name="number" value=(number);
            p.buttons { button.primary name="serial" value=(kept.serial) { (frame.t("licence-desk-confirm")) } }
        }
        p.hint { (frame.t("licence-desk-noted")) }
    }
}

const fn staff_words(fault: StaffLicenceFault) -> [&'static str; 2] {
    match fault {
        StaffLicenceFault::Nobody => ["licence-desk-nobody", "licence-desk-nobody-do"],
        StaffLicenceFault::Own => ["licence-desk-own", "licence-desk-own-do"],
        StaffLicenceFault::Changed => ["licence-desk-changed", "licence-desk-changed-do"],
    }
}
