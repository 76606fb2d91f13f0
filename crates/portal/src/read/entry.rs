//! A single entry by itself: a result, an illness, an allergy, a medicine. From here its correction is asked for.

use jiff::civil::Date;
use tsumugi_kernel::Kind;

use super::{Piece, medicines, own, words};
use crate::Lang;
use crate::view::{DocumentSection, DocumentView, Words};

/// The kinds that have a page of their own.
const KINDS: [&str; 12] = [
    "AllergyIntolerance",
    "CarePlan",
    "Condition",
    "DiagnosticReport",
    "Encounter",
    "Flag",
    "Immunization",
    "MedicationDispense",
    "MedicationRequest",
    "MedicationStatement",
    "Observation",
    "Procedure",
];

/// Where entries say when they are of.
const DAYS: [&str; 14] = [
    "effectiveDateTime",
    "effectivePeriod.start",
    "onsetDateTime",
    "onsetPeriod.start",
    "performedDateTime",
    "performedPeriod.start",
    "occurrenceDateTime",
    "authoredOn",
    "whenHandedOver",
    "period.start",
    "recordedDate",
    "issued",
    "dateAsserted",
    "created",
];

/// Where entries say what they say, in words.
const SAID: [&str; 7] = [
    "valueString",
    "conclusion",
    "reaction.description",
    "dosageInstruction.text",
    "dosage.text",
    "note.text",
    "description",
];
/// The same as concepts.
const CONCEPTS: [&str; 6] =
    ["valueCodeableConcept", "clinicalStatus", "reaction.manifestation", "bodySite", "reasonCode", "interpretation"];
/// The most parts of a result that are told one by one.
const PARTS_MOST: usize = 50;

/// Whether facts of this kind have a page of their own.
#[must_use]
pub fn is_one(kind: Kind) -> bool {
    KINDS.contains(&kind.name())
}

/// An entry as a page; `None` for what has no page of its own, or no name.
#[must_use]
pub fn view(piece: &Piece, lang: Lang) -> Option<DocumentView> {
    KINDS.iter().find(|kind| piece.is(kind))?;
    let named = ["code", "vaccineCode", "type", "category"].iter().find_map(|path| piece.concept(path));
    let title = named.or_else(|| medicines::name(piece)).or_else(|| piece.text("title"))?;
    let mut lines: Vec<Words> = Vec::new();
    let mut say = |text: Option<String>| lines.extend(text.map(|text| words(text, lang)));
    say(quantity(piece));
    SAID.iter().for_each(|path| say(piece.text(path)));
    CONCEPTS.iter().for_each(|path| say(piece.concept(path)));
    for part in piece.root().get("component").into_iter().flat_map(|parts| parts.items()).take(PARTS_MOST) {
        let name = ["code.text", "code.coding.display"].iter().find_map(|path| part.find_str(path));
        let value = part.get("valueQuantity").and_then(|value| {
            Some(format!("{} {}", value.get("value")?.number_text()?, value.get_str("unit").unwrap_or_default()))
        });
        let value = value.or_else(|| part.find_str("valueCodeableConcept.text").map(std::borrow::Cow::into_owned));
        if let (Some(name), Some(value)) = (name, value) {
            lines.push(words(format!("{name}: {value}"), lang));
        }
    }
    let day: Option<Date> = piece.day(&DAYS);
    let sections = vec![DocumentSection { title: Some(own(lang.t("entry-says"), lang)), level: 0, lines }];
    let (title, by) = (words(title, lang), piece.by());
    Some(DocumentView {
        title,
        day,
        by,
        sections,
        who: None,
        notes: Vec::new(),
        code: None,
        entry: true,
        correction: None,
    })
}

fn quantity(piece: &Piece) -> Option<String> {
    let root = piece.root();
    let whole = root.get("valueInteger").and_then(|value| value.number_text()).map(|text| text.to_string());
    let measured = root.get("valueQuantity").and_then(|value| {
        let sign = value.get_str("comparator").unwrap_or_default();
        Some(format!("{sign}{} {}", value.get("value")?.number_text()?, value.get_str("unit").unwrap_or_default()))
    });
    measured.or(whole)
}

#[cfg(test)]
mod tests {
    use super::super::tests::piece;
    use super::*;

    #[test]
    fn an_entry_says_its_name_its_value_its_day_and_who_wrote_it() {
        let told = |json: &str| {
            let view = view(&piece(1, json), Lang::Ja)?;
            let lines = view.sections[0].lines.iter().map(|line| line.text.clone()).collect::<Vec<_>>().join("|");
            Some((view.title.text, view.day.map(|day| day.to_string()), lines, view.by.unwrap().text))
        };
        let result = told(
            r#"{"resourceType":"Observation","status":"final","code":{"text":"CRP"},"effectiveDateTime":"2026-11-18","valueQuantity":{"value":0.22,"unit":"mg/dL"}}"#,
        );
        let said = |name: &str, day: &str, lines: &str| {
            Some((name.to_owned(), Some(day.to_owned()), lines.to_owned(), "みなと総合病院".to_owned()))
        };
        assert_eq!(result, said("CRP", "2026-11-18", "0.22 mg/dL"));
        let medicine = told(
            r#"{"resourceType":"MedicationRequest","status":"active","authoredOn":"2026-11-20","medicationCodeableConcept":{"text":"アピキサバン"},"dosageInstruction":[{"text":"1日2回"}]}"#,
        );
        assert_eq!(medicine, said("アピキサバン", "2026-11-20", "1日2回"));
        assert_eq!(told(r#"{"resourceType":"Observation","status":"entered-in-error","code":{"text":"x"}}"#), None);
        assert_eq!(told(r#"{"resourceType":"Patient","name":[{"text":"x"}]}"#), None);
    }
}
