//! An app asks for access: `POST /oauth/consent` with `request`, `decision` (`allow` or `refuse`), `citizen` where one
//! must be named, and `csrf`.

use maud::{Markup, html};
use tsumugi_access::Deeds;
use tsumugi_kernel::Kind;

use crate::frame::{Frame, Sheet, document};
use crate::parts::{self, Tone};
use crate::read::words;
use crate::view::{AllowView, NoRequestView, Whose};

/// The page on which a person decides.
#[must_use]
pub fn page(view: &AllowView, frame: &Frame) -> Markup {
    let main = html! {
        @if view.wrong_citizen {
            (parts::banner(Tone::Error, "faults", &frame.t("form-faults"), true, &html! {
                ul { li { a href="#citizen" { (frame.t("allow-citizen-wrong")) } } }
            }))
        }
        p.lead { strong { bdi { (parts::words(&words(view.app.as_str(), frame.lang), frame.lang)) } } (frame.t("allow-lead")) }
        dl.facts {
            div { dt { (frame.t("allow-whose")) } dd { (whose(view.whose, frame)) } }
            div { dt { (frame.t("allow-purpose")) } dd { (parts::purpose(view.purpose, frame.lang)) } }
            div { dt { (frame.t("allow-what")) } dd { (deeds(view, frame)) } }
            div { dt { (frame.t("allow-how-long")) } dd { (how_long(view.hours, frame)) } }
            div { dt { (frame.t("allow-goes-to")) } dd { bdi { (view.goes_to) } } }
        }
        p { (frame.t("allow-narrower")) }
        p { (frame.t("allow-logged")) }
        @if view.hours > 0 { p { (frame.t("allow-end-before")) b { (frame.t("apps-title")) } (frame.t("allow-end-after")) } }
        form method="post" action="/oauth/consent" novalidate {
            (parts::csrf(frame))
            input type="hidden" name="request" value=(view.request);
            @if view.whose == Whose::ToName { (citizen(view, frame)) }
            p.buttons {
                button.primary name="decision" value="allow" { (frame.t("allow-yes")) } " "
                button name="decision" value="refuse" { (frame.t("allow-no")) }
            }
        }
    };
    let sheet = Sheet { faulty: view.wrong_citizen, ..Sheet::plain(frame.t("allow-title")) };
    document(frame, &sheet, &main)
}

fn whose(whose: Whose, frame: &Frame) -> String {
    frame
        .t(match whose {
            Whose::Own => "allow-whose-own",
            Whose::Named => "allow-whose-named",
            Whose::ToName => "allow-whose-to-name",
            Whose::Open => "allow-whose-open",
        })
        .into_owned()
}

fn deeds(view: &AllowView, frame: &Frame) -> Markup {
    html! {
        ul.plain {
            @for (kind, deeds) in &view.may { li { (deed(*kind, *deeds, frame)) } }
            @if view.desk { li { (frame.t("allow-desk")) } }
            @if view.identity { li { (frame.t("allow-identity")) } }
        }
    }
}

/// A kind of facts and what may be done with it.
pub(super) fn deed(kind: Option<Kind>, deeds: Deeds, frame: &Frame) -> Markup {
    html! {
        @match kind {
            None => { (frame.t("allow-every-kind")) }
            Some(kind) => { (frame.lang.kind(kind)) }
        }
        (frame.t("allow-colon"))
        (verbs(deeds, frame))
    }
}

fn verbs(deeds: Deeds, frame: &Frame) -> String {
    let mut words = Vec::new();
    if deeds.any(Deeds::READ.and(Deeds::SEARCH)) {
        words.push(frame.t("allow-see"));
    }
    if deeds.any(Deeds::CREATE) {
        words.push(frame.t("allow-add"));
    }
    if deeds.any(Deeds::UPDATE) {
        words.push(frame.t("allow-change"));
    }
    if deeds.any(Deeds::DELETE) {
        words.push(frame.t("allow-remove"));
    }
    words.join(&frame.t("list-joint"))
}

fn how_long(hours: i64, frame: &Frame) -> String {
    match hours {
        0 => frame.t("allow-minutes").into_owned(),
        hours if hours < 48 => frame.with("allow-hours", &[("n", hours.into())]),
        hours => frame.with("allow-days", &[("n", (hours / 24).into())]),
    }
}

fn citizen(view: &AllowView, frame: &Frame) -> Markup {
    html! {
        div.field.faulty[view.wrong_citizen] {
            label for="citizen" { (frame.t("allow-citizen")) }
            p.hint #citizen-hint { (frame.t("allow-citizen-hint")) }
            @if view.wrong_citizen { p.fault #citizen-fault { (frame.t("allow-citizen-wrong")) } }
            input #citizen name="citizen" type="text" autocomplete="off" autocapitalize="off" spellcheck="false"
                maxlength="80" required aria-describedby=(if view.wrong_citizen { "citizen-fault citizen-hint" } else { "citizen-hint" })
                aria-invalid=[view.wrong_citizen.then_some("true")];
        }
    }
}

/// The page when there is nothing to decide.
#[must_use]
pub fn nothing(view: &NoRequestView, frame: &Frame) -> Markup {
    let main = html! {
        p { (frame.t("allow-none-safe")) }
        p { (frame.t(if view.again { "allow-none-again" } else { "allow-none-app" })) }
        p.hint { (frame.t("allow-none-detail")) " " span lang="en" { (view.detail) } }
        p.buttons { a.button.primary href="/" { (frame.t("error-home")) } }
    };
    document(frame, &Sheet::plain(frame.t("allow-none")), &main)
}
