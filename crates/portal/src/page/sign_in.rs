//! Choosing whom to be: `POST /sign-in` with `person`, `csrf`, and `request` where an app asks.

use maud::{Markup, html};
use tsumugi_kernel::Purpose;

use crate::frame::{Frame, Sheet, document};
use crate::parts::{self, Tone};
use crate::view::{Candidate, SignInView, Who};

/// The page.
#[must_use]
pub fn page(view: &SignInView, frame: &Frame) -> Markup {
    let main = html! {
        @if view.expired {
            (parts::banner(Tone::Info, "expired", &frame.t("signin-expired"), false, &html! { p { (frame.t("signin-expired-what")) } }))
        }
        (super::disaster::news(&view.disaster, frame))
        p.lead { (frame.t("signin-lead")) }
        @if view.request.is_some() { p { (frame.t("signin-for-app")) } }
        @if view.people.is_empty() { (parts::empty(&frame.t("signin-none"))) }
        ul.cards { @for candidate in &view.people { li.card { (card(candidate, view.request.as_deref(), frame)) } } }
        p.hint { (frame.t("signin-fictional")) }
        @if let Some(filling) = &view.filling { p.hint { (super::filling::sentence(filling, frame)) } }
        p.buttons {
            @if view.filling.is_some() { a.button href="/demo" { (frame.t("filling-look")) } }
            a.button href="/town" { (frame.t("town-title")) }
            a.button href="/disaster" { (frame.t("disaster-title")) }
        }
    };
    document(frame, &Sheet::plain(frame.t("signin-title")), &main)
}

fn card(candidate: &Candidate, request: Option<&str>, frame: &Frame) -> Markup {
    html! {
        (described(&candidate.who, candidate.purpose, frame))
        @if !candidate.try_this.is_empty() {
            p.label { (frame.t("signin-try")) }
            ul.plain { @for line in &candidate.try_this { li { (parts::words(line, frame.lang)) } } }
        }
        form method="post" action="/sign-in" {
            (parts::csrf(frame))
            @if let Some(request) = request { input type="hidden" name="request" value=(request); }
            button name="person" value=(candidate.person) {
                (frame.t("signin-be-before")) (parts::unread(&candidate.who.name, frame.lang)) (frame.t("signin-be-after"))
            }
        }
    }
}

/// As whom and for what: the head of a card.
pub(super) fn described(who: &Who, purpose: Purpose, frame: &Frame) -> Markup {
    html! {
        h2 { (parts::named(&who.name, frame.lang)) }
        p {
            (parts::qualification(who, frame.lang))
            @if let Some(organization) = &who.organization { br; (parts::words(organization, frame.lang)) }
        }
        p { (parts::purpose(purpose, frame.lang)) }
    }
}
