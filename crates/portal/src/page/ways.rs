//! One's own ways in: passkeys, the second factor, sessions, what happened. `POST /ways` makes a passkey, `/ways/remove` removes
//! one, `/ways/second` sets the second factor up, `/ways/end` ends a session.

use maud::{Markup, PreEscaped, html};
use tsumugi_signin::gate::{NAME_MOST, What};

use super::{come_in, licence};
use crate::calendar;
use crate::frame::{Frame, Sheet, document};
use crate::parts::{self, Tone};
use crate::read;
use crate::view::{EventView, KeyView, LicenceView, NewKeyView, SecondView, SessionView, WayDone, WaysView};

/// The page.
#[must_use]
pub fn page(view: &WaysView, frame: &Frame) -> Markup {
    let main = html! {
        @if let Some(fault) = view.fault { (come_in::wrong(fault, frame)) }
        @if let Some(done) = view.done {
            (parts::banner(Tone::Success, "done", &frame.t(done_words(done)), true, &html! {
                @if matches!(view.second, SecondView::Offer { .. }) { p { (frame.t("ways-done-second-next")) } }
                @else if view.goes_on { p { (frame.t("ways-done-go")) } }
            }))
        }
        @if let Some(until) = view.until { (come_in::hour(until, frame)) }
        @if view.goes_on && view.keys.iter().all(|key| key.stopped) { p.lead { (frame.t("ways-first")) } }
        section.block aria-labelledby="keys" {
            h2 #keys { (frame.t("ways-keys")) }
            @if view.keys.is_empty() { (parts::empty(&frame.t("ways-keys-none"))) }
            @for row in &view.keys { (key(row, frame)) }
            @if let Some(new) = &view.new {
                (make(new, view, frame))
                // Without a script there is nothing to press: the form is shown by the one that it needs.
                noscript { p { (frame.t("ways-key-script")) } }
            }
        }
        (second(view, frame))
        @if let Some(kept) = &view.licence { (licence(kept.as_ref(), frame)) }
        @if let Some((name, there)) = &view.provider {
            section.block aria-labelledby="provider" {
                h2 #provider { (typed(name, frame)) }
                @if *there { p { (frame.t("ways-provider-there")) } } @else { p { (frame.t("ways-provider-what")) } }
                p.buttons { a.button href="/ways/provider" { (frame.t("ways-provider-link")) } }
            }
        }
        @if view.goes_on {
            p.buttons { a.button.primary href={ "/sign-in/as" (come_in::query(view.request.as_deref())) } { (frame.t("ways-go-on")) } }
        }
        section.block aria-labelledby="sessions" {
            h2 #sessions { (frame.t("ways-sessions")) }
            @for row in &view.sessions { (session(row, frame)) }
        }
        section.block aria-labelledby="events" {
            h2 #events { (frame.t("ways-events")) }
            p.hint { (frame.t("ways-events-hint")) }
            ul.plain { @for event in &view.events { li { (happened(event, frame)) } } }
        }
        (come_in::out(frame))
    };
    let back = (!view.goes_on).then(|| ("/".to_owned(), frame.t("frame-back")));
    let sheet = Sheet { back, passkeys: true, faulty: view.fault.is_some(), ..Sheet::plain(frame.t("ways-title")) };
    document(frame, &sheet, &main)
}

const fn done_words(done: WayDone) -> &'static str {
    match done {
        WayDone::Made => "ways-done-made",
        WayDone::Removed => "ways-done-removed",
        WayDone::Second => "ways-done-second",
        WayDone::Ended => "ways-done-ended",
        WayDone::Linked => "ways-done-linked",
    }
}

fn key(row: &KeyView, frame: &Frame) -> Markup {
    let name = named(&row.name, frame);
    html! {
        div.card {
            h3 { bdi { (typed(&name, frame)) } }
            dl.facts {
                div { dt { (frame.t("ways-key-since")) } dd { (calendar::day(row.since, frame.lang)) } }
                @if let Some(used) = row.used { div { dt { (frame.t("ways-key-used")) } dd { (calendar::day(used, frame.lang)) } } }
            }
            @if row.stopped { p { (frame.t("ways-key-stopped")) } }
            @if row.synced && !row.stopped { p.hint { (frame.t("ways-key-synced")) } }
            form method="post" action="/ways/remove" {
                (parts::csrf(frame))
                button name="key" value=(row.id) { (frame.t("ways-key-remove")) span.vh { ": " (typed(&name, frame)) } }
            }
        }
    }
}

/// What somebody typed, marked by its language.
pub(super) fn typed(text: &str, frame: &Frame) -> Markup {
    parts::words(&read::words(text, frame.lang), frame.lang)
}

fn named(name: &str, frame: &Frame) -> String {
    if name.is_empty() { frame.t("ways-key-unnamed").into_owned() } else { name.to_owned() }
}

fn make(new: &NewKeyView, view: &WaysView, frame: &Frame) -> Markup {
    html! {
        form hidden method="post" action="/ways" data-passkey="create" data-challenge=(new.challenge) data-site=(new.site)
            data-brand=(frame.t("frame-brand")) data-person=(view.person) data-handle=(new.handle) data-known=(new.known) {
            (parts::csrf(frame))
            (come_in::request(view.request.as_deref()))
            @for name in ["client", "attestation"] { input type="hidden" name=(name); }
            div.field {
                label for="name" { (frame.t("ways-key-name")) }
                p.hint #name-hint { (frame.t("ways-key-name-hint")) }
                input #name name="name" autocomplete="off" maxlength=(NAME_MOST) aria-describedby="name-hint";
            }
            (come_in::turned_down(&frame.t("ways-key-turned-down")))
            p.buttons { button.primary[view.keys.iter().all(|key| key.stopped)] { (frame.t("ways-key-make")) } }
        }
    }
}

fn second(view: &WaysView, frame: &Frame) -> Markup {
    let body = match &view.second {
        SecondView::None => return html! {},
        SecondView::There => html! { p { (frame.t("ways-second-there")) } },
        SecondView::Desk => html! { p { (frame.t("ways-second-desk")) } },
        SecondView::Offer { secret, svg } => html! {
            p { (frame.t("ways-second-offer")) }
            figure.qr role="img" aria-label=(frame.t("ways-second-qr")) { (PreEscaped(svg)) }
            p { (frame.t("ways-second-secret")) " " span.kept { (secret) } }
            form method="post" action="/ways/second" novalidate {
                (parts::csrf(frame))
                (come_in::request(view.request.as_deref()))
                (come_in::number(view.fault.is_some(), frame))
                p.buttons { button { (frame.t("ways-second-set")) } }
            }
        },
    };
    html! { section.block aria-labelledby="second" { h2 #second { (frame.t("ways-second-title")) } (body) } }
}

/// The licence, where one is asked for.
fn licence(kept: Option<&LicenceView>, frame: &Frame) -> Markup {
    html! {
        section.block aria-labelledby="licence" {
            h2 #licence { (frame.t("licence-kept")) }
            @match kept { Some(kept) => (licence::card(kept, frame)), None => (parts::empty(&frame.t("licence-none"))) }
            p.buttons { a.button href="/ways/licence" { (frame.t("licence-title")) } }
        }
    }
}

fn session(row: &SessionView, frame: &Frame) -> Markup {
    let moment = |at| calendar::near_moment(at, frame.today(), frame.lang);
    html! {
        div.card {
            h3 {
                @if row.is_this { (frame.t("ways-session-this")) } @else { (frame.t("ways-session-other")) }
                @if let Some(organization) = &row.organization { " " (parts::words(organization, frame.lang)) }
            }
            dl.facts {
                div { dt { (frame.t("ways-session-since")) } dd { (moment(row.since)) } }
                div { dt { (frame.t("ways-session-seen")) } dd { (moment(row.seen)) } }
            }
            @if !row.is_this {
                form method="post" action="/ways/end" {
                    (parts::csrf(frame))
                    button name="session" value=(row.name) { (frame.t("ways-session-end")) span.vh { ": " (moment(row.since)) } }
                }
            }
        }
    }
}

fn happened(event: &EventView, frame: &Frame) -> Markup {
    let text = match event.what {
        What::CodeHanded => "ways-event-code",
        What::AllStopped => "ways-event-stopped",
        What::CodeUsed => "ways-event-code-used",
        What::KeyMade => "ways-event-made",
        What::KeyRemoved => "ways-event-removed",
        What::ByProvider => "ways-event-provider",
        What::Linked => "ways-event-linked",
        What::SignedIn => "ways-event-in",
        What::Copied => "ways-event-copied",
        What::SecondMade => "ways-event-second-made",
        What::SecondGiven => "ways-event-second",
        What::SecondWrong => "ways-event-second-wrong",
        What::LicenceShown => "licence-event-shown",
        What::LicenceConfirmed => "licence-event-confirmed",
        What::SessionEnded => "ways-event-ended",
    };
    html! {
        (calendar::near_moment(event.at, frame.today(), frame.lang)) br; (frame.t(text))
        @if let Some(name) = event.name.as_ref().filter(|name| !name.is_empty()) { " " bdi { (typed(name, frame)) } }
    }
}
