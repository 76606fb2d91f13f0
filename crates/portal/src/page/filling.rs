//! How far the demonstration's town is. It does not refresh itself: whoever wants to know again asks again.

use maud::{Markup, html};

use crate::frame::{Frame, Sheet, document};
use crate::view::{FillingState, FillingView};

/// The page.
#[must_use]
pub fn page(view: &FillingView, frame: &Frame) -> Markup {
    let rows = [
        ("filling-there", view.there),
        ("filling-citizens", view.citizens),
        ("filling-taken", view.taken),
        ("filling-resources", view.resources),
        ("filling-refused", view.refused),
    ];
    let main = html! {
        p.lead { (sentence(view, frame)) }
        p {
            progress max=(view.citizens) value=(view.there) aria-label=(frame.t("filling-title")) {}
        }
        dl.facts {
            @for (words, count) in rows { div { dt { (frame.t(words)) } dd { (grouped(count)) } } }
        }
        p { (frame.t("filling-meanwhile")) }
        @if view.state == FillingState::Running { p { a.button href="/demo" { (frame.t("filling-again")) } } }
    };
    let sheet = Sheet { back: Some(("/".to_owned(), frame.t("frame-back"))), ..Sheet::plain(frame.t("filling-title")) };
    document(frame, &sheet, &main)
}

/// How far it is, in one quiet sentence; the first page says it, too.
pub(crate) fn sentence(view: &FillingView, frame: &Frame) -> String {
    let words = match view.state {
        FillingState::Running => "filling-running",
        FillingState::Done => "filling-done",
        FillingState::Stopped => "filling-stopped",
        FillingState::Failed => "filling-failed",
    };
    let (there, all) = (grouped(view.there), grouped(view.citizens));
    frame.with(words, &[("there", there.into()), ("all", all.into())])
}

/// Digits in groups of three.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn digits_stand_in_groups() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (10_000, "10,000"), (1_234_567, "1,234,567")] {
            assert_eq!(super::grouped(number), text);
        }
    }
}
