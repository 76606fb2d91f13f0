//! Where letters about notices go: a part of the page of notices. `POST {base}/notices/mail` with `csrf`, `act` (`name`, `confirm`,
//! `remove`), `address`, `id`, `code`.

use maud::{Markup, html};

use crate::frame::{Frame, Section};
use crate::parts::{self, Tone};
use crate::view::{LetterFault, LettersView, MailAddress, MailState};

/// What is wrong, at the top of the page.
pub(super) fn fault(view: &LettersView, frame: &Frame) -> Markup {
    let Some((fault, id)) = &view.fault else { return html! {} };
    let target = id.as_ref().map_or_else(|| "#address".to_owned(), |id| format!("#code-{id}"));
    let list = html! { ul { li { a href=(target) { (words(*fault, frame)) } } } };
    parts::banner(Tone::Error, "faults", &frame.t("form-faults"), true, &list)
}

fn words(fault: LetterFault, frame: &Frame) -> String {
    match fault {
        LetterFault::Address => frame.t("letters-fault-address").into_owned(),
        LetterFault::Full => frame.t("letters-full").into_owned(),
        LetterFault::TooOften => frame.t("letters-fault-often").into_owned(),
        LetterFault::Code(left) => frame.with("letters-fault-code", &[("n", u64::from(left).into())]),
        LetterFault::Closed => frame.t("letters-fault-closed").into_owned(),
    }
}

/// The part of the page.
pub(super) fn section(view: &LettersView, frame: &Frame) -> Markup {
    let full = view.addresses.len() >= tsumugi_access::mail::ADDRESSES_MOST;
    let wrong = view.fault.as_ref().filter(|(_, id)| id.is_none()).map(|(fault, _)| *fault);
    html! {
        section #letters aria-labelledby="letters-title" {
            h2 #letters-title { (frame.t("letters-title")) }
            p { (frame.t("letters-what")) }
            p.hint { (frame.t("letters-who-reads")) }
            @for address in &view.addresses { (card(address, view, frame)) }
            @if full {
                p { (frame.t("letters-full")) }
            } @else {
                form.care method="post" action=(path(frame)) novalidate {
                    (parts::csrf(frame))
                    input type="hidden" name="act" value="name";
                    div.field {
                        label for="address" { (frame.t("letters-address")) }
                        @if let Some(fault) = wrong { p.fault #address-error { span aria-hidden="true" { "× " } (words(fault, frame)) } }
                        input #address name="address" type="email" inputmode="email" autocomplete="email" maxlength="254"
                            value=(view.typed) aria-invalid=[wrong.map(|_| "true")] aria-describedby=[wrong.map(|_| "address-error")];
                    }
                    p.buttons { button { (frame.t("letters-send-code")) } }
                }
            }
        }
    }
}

fn card(address: &MailAddress, view: &LettersView, frame: &Frame) -> Markup {
    let id = &address.id;
    let wrong = view.fault.as_ref().filter(|(_, about)| about.as_ref() == Some(id)).map(|(fault, _)| *fault);
    let state = match address.state {
        MailState::Waiting => "letters-waiting",
        MailState::Confirmed => "letters-confirmed",
        MailState::Failed => "letters-failed",
    };
    let error = format!("code-{id}-error");
    html! {
        div.card {
            p { b translate="no" { (address.address) } br; (frame.t(state)) }
            @if address.state == MailState::Waiting {
                form.care method="post" action=(path(frame)) novalidate {
                    (parts::csrf(frame))
                    input type="hidden" name="act" value="confirm";
                    input type="hidden" name="id" value=(id);
                    div.field {
                        label for={ "code-" (id) } { (frame.t("letters-code")) }
                        @if let Some(fault) = wrong { p.fault id=(error) { span aria-hidden="true" { "× " } (words(fault, frame)) } }
                        input id={ "code-" (id) } name="code" inputmode="numeric" autocomplete="one-time-code" maxlength="20"
                            aria-invalid=[wrong.map(|_| "true")] aria-describedby=[wrong.map(|_| &error)];
                    }
                    p.buttons { button.primary { (frame.t("letters-confirm")) } }
                }
            }
            form method="post" action=(path(frame)) {
                (parts::csrf(frame))
                input type="hidden" name="act" value="remove";
                input type="hidden" name="id" value=(id);
                p.buttons { button { (frame.t("letters-remove")) span.vh { " " (address.address) } } }
            }
        }
    }
}

fn path(frame: &Frame) -> String {
    format!("{}/mail", Section::Notices.path(frame.base()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::tests::sample;

    fn address(state: MailState) -> MailAddress {
        MailAddress { id: "a1".into(), address: "<haru>@example.jp".into(), state }
    }

    #[test]
    fn every_state_and_fault_has_words_and_leads_to_its_field() {
        for state in [MailState::Waiting, MailState::Confirmed, MailState::Failed] {
            let view = LettersView { addresses: vec![address(state)], ..LettersView::default() };
            let text = section(&view, &sample()).into_string();
            assert!(text.contains("&lt;haru&gt;@example.jp"), "{text}");
            assert_eq!(text.contains("name=\"code\""), state == MailState::Waiting, "{text}");
        }
        use LetterFault as F;
        for fault_of in [F::Address, F::Full, F::TooOften, F::Code(3), F::Closed] {
            for id in [None, Some("a1".to_owned())] {
                let addresses = vec![address(MailState::Waiting)];
                let view = LettersView { addresses, fault: Some((fault_of, id.clone())), typed: "x".into() };
                let (top, text) = (fault(&view, &sample()).into_string(), section(&view, &sample()).into_string());
                let target = if id.is_some() { "code-a1" } else { "address" };
                assert!(
                    top.contains(&format!("href=\"#{target}\"")) && text.contains(&format!("id=\"{target}\"")),
                    "{top}"
                );
                assert!(text.contains("aria-invalid") && text.contains(&words(fault_of, &sample())), "{text}");
            }
        }
        let full = LettersView { addresses: vec![address(MailState::Confirmed); 3], ..LettersView::default() };
        assert!(!section(&full, &sample()).into_string().contains("name=\"address\""));
    }
}
