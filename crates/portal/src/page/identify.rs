//! Finding a person by name, birth date and sex while the disaster mode is open: `POST /disaster/find` with `family`, `given`,
//! `birth`, `sex`, `address`, `csrf`. Never a list.

use maud::{Markup, html};

use super::disaster;
use crate::frame::{Frame, Sheet, document};
use crate::parts::{self, Tone};
use crate::view::{IdentifyFault, IdentifyView};

/// The page.
#[must_use]
pub fn page(view: &IdentifyView, frame: &Frame) -> Markup {
    let (outcome, wrong): (Vec<IdentifyFault>, Vec<IdentifyFault>) =
        view.faults.iter().copied().partition(|fault| target(*fault).is_none());
    let main = html! {
        @for fault in outcome {
            (parts::banner(Tone::Warning, "outcome", &words(fault, frame), true, &html! { p { (next(fault, frame)) } }))
        }
        @if !wrong.is_empty() {
            (parts::banner(Tone::Error, "faults", &frame.t("form-faults"), true, &html! {
                p { (frame.t("form-kept")) }
                ul { @for fault in &wrong { li { a href={ "#" (target(*fault).unwrap_or_default()) } { (words(*fault, frame)) } } } }
            }))
        }
        (disaster::news(view.news.as_slice(), frame))
        p.lead { (frame.t("identify-lead")) }
        form method="post" action="/disaster/find" novalidate {
            (parts::csrf(frame))
            (field("family", "identify-family", "identify-name-hint", &view.family, view, frame))
            (field("given", "identify-given", "identify-name-hint", &view.given, view, frame))
            (field("birth", "identify-birth", "identify-birth-hint", &view.birth, view, frame))
            (sex(view, frame))
            (field("address", "identify-address", "identify-address-hint", &view.address, view, frame))
            p.buttons { button.primary { (frame.t("identify-find")) } }
        }
        p.hint { (frame.t("identify-noted")) }
    };
    let back = Some(("/".to_owned(), frame.t("frame-back")));
    let sheet = Sheet { back, faulty: !wrong.is_empty(), ..Sheet::plain(frame.t("identify-title")) };
    document(frame, &sheet, &main)
}

fn field(name: &'static str, label: &str, hint: &str, value: &str, view: &IdentifyView, frame: &Frame) -> Markup {
    let wrong = view.faults.iter().copied().find(|fault| target(*fault) == Some(name));
    let (hint_id, fault_id) = (format!("{name}-hint"), format!("{name}-fault"));
    let described = if wrong.is_some() { format!("{hint_id} {fault_id}") } else { hint_id.clone() };
    html! {
        div.field.faulty[wrong.is_some()] {
            label for=(name) { (frame.t(label)) }
            p.hint id=(hint_id) { (frame.t(hint)) }
            @if let Some(wrong) = wrong { p.fault id=(fault_id) { span aria-hidden="true" { "× " } (words(wrong, frame)) } }
            input id=(name) name=(name) autocomplete="off" value=(value)
                aria-invalid=[wrong.map(|_| "true")] aria-describedby=(described);
        }
    }
}

fn sex(view: &IdentifyView, frame: &Frame) -> Markup {
    let wrong = view.faults.contains(&IdentifyFault::Sex);
    html! {
        fieldset.faulty[wrong] aria-describedby=[wrong.then_some("sex-fault")] {
            legend { (frame.t("identify-sex")) }
            @if wrong { p.fault #sex-fault { span aria-hidden="true" { "× " } (words(IdentifyFault::Sex, frame)) } }
            @for (id, code, key) in [("sex", "female", "sex-female"), ("sex-male", "male", "sex-male")] {
                label.pick for=(id) {
                    input type="radio" id=(id) name="sex" value=(code) checked[view.sex.as_deref() == Some(code)];
                    span { (frame.t(key)) }
                }
            }
        }
    }
}

/// The field that a fault is about; none where it is what came of the search.
const fn target(fault: IdentifyFault) -> Option<&'static str> {
    match fault {
        IdentifyFault::Family | IdentifyFault::Long(_) => Some("family"),
        IdentifyFault::Given => Some("given"),
        IdentifyFault::Birth => Some("birth"),
        IdentifyFault::Sex => Some("sex"),
        IdentifyFault::More | IdentifyFault::Nobody | IdentifyFault::TooOften => None,
    }
}

fn words(fault: IdentifyFault, frame: &Frame) -> String {
    let key = match fault {
        IdentifyFault::Long(most) => return frame.with("identify-fault-long", &[("most", most.into())]),
        IdentifyFault::Family => "identify-fault-family",
        IdentifyFault::Given => "identify-fault-given",
        IdentifyFault::Birth => "identify-fault-birth",
        IdentifyFault::Sex => "identify-fault-sex",
        IdentifyFault::More => "identify-more",
        IdentifyFault::Nobody => "identify-nobody",
        IdentifyFault::TooOften => "identify-too-often",
    };
    frame.t(key).into_owned()
}

fn next(fault: IdentifyFault, frame: &Frame) -> String {
    let key = match fault {
        IdentifyFault::More => "identify-more-do",
        IdentifyFault::TooOften => "identify-too-often-do",
        _ => "identify-nobody-do",
    };
    frame.t(key).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Lang;
    use crate::frame::tests::sample;

    #[test]
    fn each_outcome_says_what_is_next_and_what_was_typed_stays_text() {
        use IdentifyFault as F;
        for lang in Lang::ALL {
            for fault in [F::Family, F::Given, F::Birth, F::Sex, F::Long(40), F::More, F::Nobody, F::TooOften] {
                let view = IdentifyView { family: "<山田".into(), faults: vec![fault], ..IdentifyView::default() };
                let text = page(&view, &Frame { lang: *lang, ..sample() }).into_string();
                assert!(!text.contains('⟦') && text.contains("&lt;山田") && text.contains("role=\"alert\""), "{text}");
                assert_eq!(text.contains("id=\"outcome\""), target(fault).is_none(), "{fault:?}");
            }
        }
    }
}
