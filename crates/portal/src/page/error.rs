//! When a page cannot be shown: what happened, what is safe, what to do. No blame, no bare code.

use maud::{Markup, html};

use crate::frame::{Frame, Sheet, document};
use crate::view::{ErrorView, Trouble};

/// The page. It names no record, even when the frame does.
#[must_use]
pub fn page(view: &ErrorView, frame: &Frame) -> Markup {
    let (title, safe, next) = match view.trouble {
        Trouble::NotShown if frame.is_staff() => (frame.t("error-not-shown"), None, frame.t("error-not-shown-do")),
        Trouble::NotShown => (frame.t("error-not-shown"), None, frame.t("error-not-shown-home-do")),
        Trouble::NoPage => (frame.t("error-no-page"), None, frame.t("error-no-page-do")),
        Trouble::Busy => (frame.t("error-busy"), Some(frame.t("error-nothing-saved")), frame.t("error-busy-do")),
        Trouble::BadInput => (frame.t("error-input"), Some(frame.t("error-nothing-saved")), frame.t("error-input-do")),
        Trouble::StaleForm => (frame.t("error-stale"), Some(frame.t("error-nothing-saved")), frame.t("error-stale-do")),
        Trouble::Suspended => {
            (frame.t("error-suspended"), Some(frame.t("error-suspended-what")), frame.t("error-suspended-do"))
        }
        Trouble::NoDisaster => {
            (frame.t("error-no-disaster"), Some(frame.t("error-no-disaster-what")), frame.t("error-no-disaster-do"))
        }
        Trouble::TooMuch => (frame.t("error-too-much"), None, frame.t("error-too-much-do")),
        Trouble::ManyLinks => {
            (frame.t("error-many-links"), Some(frame.t("error-nothing-saved")), frame.t("error-many-links-do"))
        }
        Trouble::NoFont => (frame.t("error-no-font"), None, frame.t("error-no-font-do")),
        Trouble::Broken => (frame.t("error-broken"), Some(frame.t("error-nothing-saved")), frame.t("error-broken-do")),
    };
    let main = html! {
        @if let Some(safe) = safe { p { (safe) } }
        p { (next) }
        p.buttons {
            @if view.trouble == Trouble::Suspended { a.button href="/office/cases?all=1" { (frame.t("office-cases-title")) } " " }
            @if view.trouble == Trouble::NoDisaster { a.button href="/disaster" { (frame.t("disaster-title")) } " " }
            a.button.primary href="/" { (frame.t("error-home")) }
        }
    };
    document(frame, &Sheet::plain(title), &main)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::tests::sample;

    #[test]
    fn not_found_and_refused_are_one_text_that_names_nobody() {
        let page = page(&ErrorView { trouble: Trouble::NotShown }, &sample()).into_string();
        assert!(page.contains("見つからないか、この目的では開けません。"), "{page}");
        assert!(!page.contains("1948"));
        assert!(!page.contains("担当の登録"), "she is in charge of nobody");
    }

    #[test]
    fn an_address_of_no_page_is_told_as_that() {
        let page = page(&ErrorView { trouble: Trouble::NoPage }, &sample()).into_string();
        assert!(page.contains("この住所のページはありません") && !page.contains("担当"), "{page}");
    }
}
