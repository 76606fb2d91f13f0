//! The person at one glance, for an emergency: what must not be given and what is taken stand first. Only what this
//! purpose can show has a place here, so that no empty box stands in the way.

use maud::{Markup, html};

use super::{glass, medicines, person, ward};
use crate::frame::{Frame, document};
use crate::parts;
use crate::view::{EmergencyView, Statement};

/// The page. The frame must name a subject.
#[must_use]
pub fn page(view: &EmergencyView, frame: &Frame) -> Markup {
    let main = html! {
        (glass::above(view.glass.as_ref(), frame))
        section.heed aria-labelledby="allergies" {
            h2 #allergies { span.sign aria-hidden="true" { "!" } (frame.t("person-allergies")) }
            @if view.allergies.is_empty() { (parts::none("person-no-allergies", frame)) }
            @else { (list(&view.allergies, frame)) }
        }
        section.heed aria-labelledby="medicines" {
            h2 #medicines { span.sign aria-hidden="true" { "!" } (frame.t("emergency-medicines")) }
            @if !view.taken.is_empty() { (list(&view.taken, frame)) }
            @if view.medicines.is_empty() { (parts::none("medicines-none", frame)) }
            @else { (medicines::list(&view.medicines, frame)) }
        }
        (person::block("conditions", &frame.t("person-conditions"), "person-no-conditions", &view.conditions, frame))
        @if !view.infections.is_empty() {
            section.block aria-labelledby="infections" {
                h2 #infections { (frame.t("emergency-infections")) }
                (list(&view.infections, frame))
            }
        }
        @if !view.precautions.is_empty() {
            section.block aria-labelledby="heed" {
                h2 #heed { (frame.t("emergency-heed")) }
                dl.facts {
                    @for one in &view.precautions {
                        div {
                            dt { (person::topic_name(one.topic, frame)) }
                            dd { @for said in &one.statements { p { (parts::statement(said, frame)) } } }
                        }
                    }
                }
            }
        }
        @if !view.support.is_empty() {
            section.block aria-labelledby="support" {
                h2 #support { (frame.t("emergency-support")) }
                (list(&view.support, frame))
            }
        }
        (glass::below(view.glass.as_ref(), frame))
    };
    document(frame, &ward::sheet(frame), &main)
}

fn list(statements: &[Statement], frame: &Frame) -> Markup {
    html! { ul.plain { @for said in statements { li { (parts::statement(said, frame)) } } } }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::tests::sample;
    use crate::view::Words;

    #[test]
    fn allergies_then_medicines_stand_before_everything_else() {
        let said = |text: &str| vec![Statement { text: Words::ja(text), origin: None }];
        let view = EmergencyView {
            allergies: said("ペニシリン"),
            taken: said("アピキサバン"),
            conditions: said("心房細動"),
            ..EmergencyView::default()
        };
        let page = page(&view, &sample()).into_string();
        let order = ["ペニシリン", "アピキサバン", "心房細動"].map(|text| page.find(text).unwrap());
        assert!(order.is_sorted(), "{page}");
        assert!(!page.contains("生活の力の記録はありません") && !page.contains("メモはありません"), "{page}");
    }
}
