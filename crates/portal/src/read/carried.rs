//! An emergency summary to carry: the lines of what an emergency needs, short and in the words of the record.
//!
//! What must hold: what no emergency may see is not among the pieces that come in; what a line tells is told to [`Shown`].

use jiff::civil::Date;
use tsumugi_access::Shown;
use tsumugi_fhir::values::{Packed, PackedValue, params};
use tsumugi_kernel::RecordCategory as Category;
use tsumugi_ledger::Topic;

use super::{Piece, Want, emergency, words};
use crate::Lang;

/// Blood groups: ABO, Rh, both (LOINC).
const BLOOD: [&str; 3] = ["883-9", "10331-7", "882-1"];

/// What a summary is made of.
pub const WANTS: &[Want] = &[
    Want { kind: "AllergyIntolerance", only: fits },
    Want { kind: "MedicationRequest", only: fits },
    Want { kind: "MedicationDispense", only: fits },
    Want { kind: "Condition", only: fits },
    Want { kind: "Flag", only: fits },
    Want { kind: "RelatedPerson", only: fits },
    Want { kind: "Observation", only: is_blood },
];

/// What an ambulance crew would see: nothing of more private categories goes into a pocket.
fn fits(values: &Packed<'_>) -> bool {
    matches!(
        values.category(),
        Category::Identity
            | Category::Allergy
            | Category::Contraindication
            | Category::Medication
            | Category::Condition
            | Category::Precaution
    )
}

fn is_blood(values: &Packed<'_>) -> bool {
    let blood = |value| matches!(value, PackedValue::Token { code, .. } if BLOOD.contains(&code));
    values.of(params::CODE).any(blood)
}

/// The lines, in the order of the topics.
#[must_use]
pub fn lines(pieces: &[Piece], today: Date, lang: Lang, shown: &mut Shown) -> Vec<(Topic, String)> {
    let mut lines = Vec::new();
    for piece in pieces.iter().filter(|piece| piece.is("Observation")) {
        let value = piece.text("valueString").or_else(|| piece.concept("valueCodeableConcept"));
        if let Some(value) = value {
            piece.tell(shown);
            lines.push((Topic::Blood, words(value, lang).text));
        }
    }
    let others: Vec<Piece> = pieces.iter().filter(|piece| !piece.is("Observation")).cloned().collect();
    let view = emergency::view(&others, today, lang, shown);
    lines.extend(view.allergies.into_iter().map(|said| (Topic::Allergy, said.text.text)));
    lines.extend(view.medicines.into_iter().map(|medicine| {
        let dose = medicine.dose.map_or_else(String::new, |dose| format!(" {}", dose.text));
        (Topic::Medicine, format!("{}{dose}", medicine.name.text))
    }));
    lines.extend(view.conditions.into_iter().map(|said| (Topic::Condition, said.text.text)));
    let heed = view.precautions.into_iter().flat_map(|topic| topic.statements);
    lines.extend(heed.map(|said| (Topic::Precaution, said.text.text)));
    lines.extend(view.support.into_iter().map(|said| (Topic::Contact, said.text.text)));
    lines
}

#[cfg(test)]
mod tests {
    use super::super::tests::piece;
    use super::*;

    #[test]
    fn lines_come_by_topic_and_are_told() {
        let pieces = [
            piece(
                1,
                r#"{"resourceType":"AllergyIntolerance","code":{"text":"ペニシリン"},"recordedDate":"2019-05-01"}"#,
            ),
            piece(2, r#"{"resourceType":"Observation","code":{"text":"ABO式血液型"},"valueString":"A"}"#),
            piece(3, r#"{"resourceType":"Observation","code":{"text":"ABO式血液型"}}"#),
        ];
        let mut shown = Shown::none();
        let told = lines(&pieces, jiff::civil::date(2026, 11, 22), Lang::Ja, &mut shown);
        assert_eq!(told, [(Topic::Blood, "A".into()), (Topic::Allergy, "ペニシリン".into())]);
        assert_eq!(shown.count(), 2, "what says nothing is not told");
    }
}
