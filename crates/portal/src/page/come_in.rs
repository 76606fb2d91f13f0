//! The way in: `POST /sign-in/passkey` with a passkey's answer, `POST /sign-in/code` with a desk's code, and `POST /sign-in/as`
//! with as whom to go on; `POST /sign-in/second` with a professional's number.

use maud::{Markup, html};

use super::{licence, sign_in};
use crate::calendar;
use crate::frame::{Frame, Sheet, document};
use crate::parts::{self, Tone};
use crate::view::{CodeView, ComeInView, GoOnView, WayFault};

/// The page of signing in.
#[must_use]
pub fn page(view: &ComeInView, frame: &Frame) -> Markup {
    let main = html! {
        @if view.expired && view.fault.is_none() {
            (parts::banner(Tone::Info, "expired", &frame.t("signin-expired"), false, &html! { p { (frame.t("ways-expired")) } }))
        }
        @if let Some(fault) = view.fault { (wrong(fault, frame)) }
        @if view.request.is_some() { p { (frame.t("signin-for-app")) } }
        p.lead { (frame.t("ways-in-lead")) }
        @match &view.challenge {
            Some((challenge, site)) => {
                form method="post" action="/sign-in/passkey" data-passkey="get" data-challenge=(challenge) data-site=(site) {
                    (parts::csrf(frame))
                    (request(view.request.as_deref()))
                    @for name in ["id", "client", "data", "signature", "handle"] { input type="hidden" name=(name); }
                    (turned_down(&frame.t("ways-in-turned-down")))
                    p.buttons { button.primary { (frame.t("ways-in-passkey")) } }
                }
                p.hint { (frame.t("ways-in-hint")) }
            }
            None => { @if view.fault != Some(WayFault::Address) { (wrong(WayFault::Address, frame)) } }
        }
        @if let Some(name) = &view.provider {
            p.buttons {
                a.button href={ "/sign-in/provider" (query(view.request.as_deref())) } { (frame.with("ways-in-provider", &[("name", name.as_str().into())])) }
            }
        }
        h2 { (frame.t("ways-in-other")) }
        p { (frame.t("ways-in-code-what")) }
        p.buttons { a.button href={ "/sign-in/code" (query(view.request.as_deref())) } { (frame.t("ways-in-code")) } }
        p.hint { (frame.t("ways-in-lost")) }
    };
    let sheet = Sheet { passkeys: true, faulty: view.fault.is_some(), ..Sheet::plain(frame.t("ways-in-title")) };
    document(frame, &sheet, &main)
}

/// The field for a desk's code.
#[must_use]
pub fn code(view: &CodeView, frame: &Frame) -> Markup {
    let main = html! {
        @if let Some(fault) = view.fault { (wrong(fault, frame)) }
        p.lead { (frame.t("ways-code-lead")) }
        form method="post" action="/sign-in/code" novalidate {
            (parts::csrf(frame))
            (request(view.request.as_deref()))
            div.field.faulty[view.fault.is_some()] {
                label for="code" { (frame.t("ways-code-label")) }
                p.hint #code-hint { (frame.t("ways-code-hint")) }
                input #code name="code" inputmode="numeric" autocomplete="one-time-code" maxlength="60" aria-describedby="code-hint"
                    aria-invalid=[view.fault.map(|_| "true")];
            }
            p.buttons { button.primary { (frame.t("ways-code-send")) } }
        }
        p.hint { (frame.t("ways-code-then")) }
    };
    let back = Some(("/sign-in".to_owned(), frame.t("frame-back")));
    document(frame, &Sheet { back, faulty: view.fault.is_some(), ..Sheet::plain(frame.t("ways-code-title")) }, &main)
}

/// As whom to go on.
#[must_use]
pub fn go_on(view: &GoOnView, frame: &Frame) -> Markup {
    let main = html! {
        @if let Some(fault) = view.fault { (wrong(fault, frame)) }
        @if view.second { (second(view.request.as_deref(), view.fault.is_some(), frame)) }
        @if view.second_missing {
            (parts::banner(Tone::Info, "second-missing", &frame.t("ways-second-missing"), false,
                &html! { p { (frame.t("ways-second-missing-do")) } }))
        }
        @if !view.unlicensed.is_empty() && !view.second {
            (parts::banner(Tone::Warning, "unlicensed", &frame.t("licence-needed"), false, &html! {
                ul { @for (role, fault) in &view.unlicensed {
                    @let [what, next] = licence::words(*fault);
                    li { (frame.lang.role(*role)) ": " (frame.t(what)) " " (frame.t(next)) }
                } }
                p.buttons { a.button href="/ways/licence" { (frame.t("licence-title")) } }
            }))
        }
        @if let Some(until) = view.until { (hour(until, frame)) }
        @if !view.choices.is_empty() {
            p.lead { (frame.t("ways-as-lead")) }
            ul.cards {
                @for choice in &view.choices {
                    li.card {
                        (sign_in::described(&choice.who, choice.purpose, frame))
                        form method="post" action="/sign-in/as" {
                            (parts::csrf(frame))
                            (request(view.request.as_deref()))
                            button name="as" value=(choice.code) {
                                (frame.t("ways-as-go"))
                                span.vh { ": " (frame.lang.role(choice.who.role)) " " (frame.lang.purpose(choice.purpose)) }
                            }
                        }
                    }
                }
            }
        }
        @if view.choices.is_empty() && view.unlicensed.is_empty() && !view.second {
            @if view.by_code { p.lead { (frame.t("ways-as-again")) } } @else { (parts::empty(&frame.t("ways-as-none"))) }
        }
        p.buttons { a.button href="/ways" { (frame.t("ways-title")) } }
        (out(frame))
    };
    document(frame, &Sheet { faulty: view.fault.is_some(), ..Sheet::plain(frame.t("ways-as-title")) }, &main)
}

fn second(asked: Option<&str>, faulty: bool, frame: &Frame) -> Markup {
    html! {
        section.block aria-labelledby="second" {
            h2 #second { (frame.t("ways-second-title")) }
            p { (frame.t("ways-second-lead")) }
            form method="post" action="/sign-in/second" novalidate {
                (parts::csrf(frame))
                (request(asked))
                (number(faulty, frame))
                p.buttons { button.primary { (frame.t("ways-second-send")) } }
            }
        }
    }
}

/// The field for a number of the second factor.
pub(super) fn number(faulty: bool, frame: &Frame) -> Markup {
    html! {
        div.field.faulty[faulty] {
            label for="number" { (frame.t("ways-second-label")) }
            p.hint #number-hint { (frame.t("ways-second-hint")) }
            input #number name="number" inputmode="numeric" autocomplete="one-time-code" maxlength="12" aria-describedby="number-hint"
                aria-invalid=[faulty.then_some("true")];
        }
    }
}

/// Until when whoever came in with a desk's paper is in.
pub(super) fn hour(until: tsumugi_kernel::Instant, frame: &Frame) -> Markup {
    let moment = calendar::near_moment(until, frame.today(), frame.lang);
    html! { p.hint { (frame.t("ways-paper-hour")) " " (moment) } }
}

/// What is wrong, and what to do.
pub(super) fn wrong(fault: WayFault, frame: &Frame) -> Markup {
    let [what, do_next] = words(fault);
    parts::banner(Tone::Error, "wrong", &frame.t(what), true, &html! { p { (frame.t(do_next)) } })
}

const fn words(fault: WayFault) -> [&'static str; 2] {
    match fault {
        WayFault::Licence(fault) => licence::words(fault),
        WayFault::Script => ["ways-fault-script", "ways-fault-script-do"],
        WayFault::Address => ["ways-fault-address", "ways-fault-address-do"],
        WayFault::Challenge => ["ways-fault-challenge", "ways-fault-challenge-do"],
        WayFault::Passkey => ["ways-fault-passkey", "ways-fault-passkey-do"],
        WayFault::Copied => ["ways-fault-copied", "ways-fault-copied-do"],
        WayFault::Known => ["ways-fault-known", "ways-fault-known-do"],
        WayFault::Many => ["ways-fault-many", "ways-fault-many-do"],
        WayFault::Last => ["ways-fault-last", "ways-fault-last-do"],
        WayFault::Mistyped => ["ways-fault-mistyped", "ways-fault-mistyped-do"],
        WayFault::Code => ["ways-fault-code", "ways-fault-code-do"],
        WayFault::CodeUsed => ["ways-fault-used", "ways-fault-used-do"],
        WayFault::CodeEnded => ["ways-fault-ended", "ways-fault-ended-do"],
        WayFault::Often => ["ways-fault-often", "ways-fault-often-do"],
        WayFault::Number => ["ways-fault-number", "ways-fault-number-do"],
        WayFault::Provider => ["ways-fault-provider", "ways-fault-provider-do"],
        WayFault::Stranger => ["ways-fault-stranger", "ways-fault-stranger-do"],
        WayFault::Renewed => ["ways-fault-renewed", "ways-fault-renewed-do"],
        WayFault::Dead => ["ways-fault-dead", "ways-fault-dead-do"],
    }
}

/// What the script shows where no passkey came.
pub(super) fn turned_down(text: &str) -> Markup {
    html! { p.fault data-passkey-fault hidden tabindex="-1" role="alert" { span aria-hidden="true" { "× " } (text) } }
}

/// The way out, for whoever has no role yet and so no header with it.
pub(super) fn out(frame: &Frame) -> Markup {
    html! {
        @if frame.signed_in.is_none() {
            form method="post" action="/sign-out" { (parts::csrf(frame)) p.buttons { button { (frame.t("frame-sign-out")) } } }
        }
    }
}

pub(super) fn request(request: Option<&str>) -> Markup {
    html! { @if let Some(request) = request { input type="hidden" name="request" value=(request); } }
}

pub(crate) fn query(request: Option<&str>) -> String {
    request.map(|request| format!("?request={}", parts::query_value(request))).unwrap_or_default()
}
