//! The care worker's short form: `POST {base}/care` with `barthel-<code>` points, `note`, `idempotency`, `csrf`.

use maud::{Markup, html};

use super::activities;
use crate::frame::{Frame, Section, Sheet, document};
use crate::parts::{self, Tone};
use crate::view::{ACTIVITIES, Activity, CareFormView, FieldFault};

/// Longest note accepted, in characters.
pub const NOTE_CHARACTERS: u32 = 1_000;

/// The page.
#[must_use]
pub fn page(view: &CareFormView, frame: &Frame) -> Markup {
    let main = html! {
        (summary(view, frame))
        p.lead { (frame.t("form-lead")) }
        form.care method="post" action=(Section::CareForm.path(frame.base())) novalidate {
            (parts::csrf(frame))
            input type="hidden" name="idempotency" value=(view.idempotency);
            @for (index, activity) in ACTIVITIES.iter().enumerate() {
                (choice(*activity, view.items[index], view.faults.contains(&FieldFault::Missing(activity.code)), frame))
            }
            (note(view, frame))
            p.buttons {
                button.primary { (frame.t("form-record")) } " "
                a.button href=(frame.base()) { (frame.t("form-leave")) }
            }
        }
    };
    let mut sheet = Sheet::of_record(frame.t("section-care-form"), Section::CareForm, frame);
    sheet.faulty = !view.faults.is_empty();
    document(frame, &sheet, &main)
}

/// The faults, each leading to its field.
fn summary(view: &CareFormView, frame: &Frame) -> Markup {
    if view.faults.is_empty() {
        return html! {};
    }
    let list = html! {
        p { (frame.t("form-kept")) }
        ul { @for fault in &view.faults { li { a href={ "#" (target(fault)) } { (words(fault, frame)) } } } }
    };
    parts::banner(Tone::Error, "faults", &frame.t("form-faults"), true, &list)
}

fn target(fault: &FieldFault) -> String {
    match fault {
        FieldFault::Missing(code) => field(code),
        FieldFault::Empty => field(ACTIVITIES[0].code),
        FieldFault::NoteTooLong(_) => "note".to_owned(),
    }
}

fn field(code: &str) -> String {
    format!("barthel-{code}")
}

fn words(fault: &FieldFault, frame: &Frame) -> String {
    match fault {
        FieldFault::Missing(code) => {
            frame.with("form-missing", &[("what", activities::activity_name(code, frame).into())])
        }
        FieldFault::Empty => frame.t("form-empty").into_owned(),
        FieldFault::NoteTooLong(most) => frame.with("form-note-long", &[("most", (*most).into())]),
    }
}

fn choice(activity: Activity, chosen: Option<u8>, missing: bool, frame: &Frame) -> Markup {
    let name = field(activity.code);
    let fault = format!("{name}-fault");
    html! {
        fieldset.faulty[missing] aria-describedby=[missing.then_some(fault.as_str())] {
            legend { (activities::activity_name(activity.code, frame)) }
            @if missing {
                p.fault id=(fault) { span aria-hidden="true" { "× " } (words(&FieldFault::Missing(activity.code), frame)) }
            }
            @for (index, points) in activity.points.iter().enumerate() {
                @let id = if index == 0 { name.clone() } else { format!("{name}-{points}") };
                label.pick for=(id) {
                    input type="radio" id=(id) name=(name) value=(points) checked[chosen == Some(*points)];
                    span { (activities::ability(activity.code, Some(*points), frame)) }
                }
            }
        }
    }
}

fn note(view: &CareFormView, frame: &Frame) -> Markup {
    let fault = view.faults.iter().find(|fault| matches!(fault, FieldFault::NoteTooLong(_)));
    html! {
        div.field.faulty[fault.is_some()] {
            label for="note" { (frame.t("form-note")) }
            p.hint #note-hint { (frame.with("form-note-hint", &[("most", NOTE_CHARACTERS.into())])) }
            @if let Some(fault) = fault { p.fault #note-fault { span aria-hidden="true" { "× " } (words(fault, frame)) } }
            textarea #note name="note" rows="4" aria-invalid=[fault.map(|_| "true")]
                aria-describedby=(if fault.is_some() { "note-hint note-fault" } else { "note-hint" }) { (view.note) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::tests::sample;

    #[test]
    fn faults_come_first_lead_to_their_field_and_keep_the_answers() {
        let mut view = CareFormView { note: "むせなし <b>".into(), ..CareFormView::default() };
        view.items[0] = Some(5);
        view.faults = vec![FieldFault::Missing("transfer"), FieldFault::NoteTooLong(NOTE_CHARACTERS)];
        let page = page(&view, &sample()).into_string();
        assert!(page.contains("<title>入力の誤り:"), "{page}");
        assert!(page.contains("href=\"#barthel-transfer\"") && page.contains("id=\"barthel-transfer\""));
        assert!(page.contains("id=\"barthel-feeding-5\" name=\"barthel-feeding\" value=\"5\" checked"), "{page}");
        assert!(page.contains("むせなし &lt;b&gt;</textarea>"));
        assert!(page.find("role=\"alert\"") < page.find("<form class=\"care\""));
    }
}
