//! A person at one glance: allergies and medicines first, then illnesses, what to heed, and whom to call.

use jiff::civil::Date;
use tsumugi_access::Shown;
use tsumugi_fhir::{json::Node, values::Packed};
use tsumugi_kernel::{Instant, RecordCategory};

use super::{Piece, Want, medicines, person, words};
use crate::view::{EmergencyView, Origin, Statement};
use crate::{Lang, calendar};

/// What the view needs.
pub const WANTS: &[Want] = &[
    Want::all("AllergyIntolerance"),
    Want::all("MedicationRequest"),
    Want::all("MedicationDispense"),
    Want::all("MedicationAdministration"),
    Want::all("Condition"),
    Want { kind: "Observation", only: is_infection },
    Want::all("Flag"),
    Want::all("RelatedPerson"),
    Want::all("EpisodeOfCare"),
];

fn is_infection(values: &Packed<'_>) -> bool {
    values.category() == RecordCategory::Infection
}

/// Newest doses.
const MOST: usize = 3;

/// The view.
#[must_use]
pub fn view(pieces: &[Piece], today: Date, lang: Lang, shown: &mut Shown) -> EmergencyView {
    for piece in medicines::current(pieces, today) {
        piece.tell(shown);
    }
    EmergencyView {
        allergies: person::allergies(pieces, lang, shown),
        medicines: medicines::view(pieces, today, lang, &mut Shown::none()).current,
        taken: taken(pieces, today, lang, shown),
        conditions: person::conditions(pieces, lang, shown),
        infections: infections(pieces, lang, shown),
        precautions: person::precautions(pieces, today, lang, shown),
        support: person::support(pieces, today, lang, shown),
        glass: None,
    }
}

/// What was found of infections: the test and its result.
fn infections(pieces: &[Piece], lang: Lang, shown: &mut Shown) -> Vec<Statement> {
    let statement = |piece: &Piece| {
        let quantity = piece.root().get("valueQuantity").and_then(|quantity| quantity.get("value"));
        let number = || quantity.and_then(Node::number_text).map(|number| number.to_string());
        let value = piece.text("valueString").or_else(|| piece.concept("valueCodeableConcept")).or_else(number);
        let text = [piece.concept("code"), value].into_iter().flatten().collect::<Vec<_>>().join(" ");
        let origin = piece.origin(&["effectiveDateTime", "effectivePeriod.start", "issued"]);
        (!text.is_empty()).then(|| Statement { text: words(text, lang), origin })
    };
    let found = pieces.iter().filter(|piece| piece.is("Observation"));
    person::told(found.filter_map(|piece| Some((piece, statement(piece)?))).collect(), usize::MAX, shown)
}

/// The newest doses that somebody gave, with the hour: for what thins the blood, the hour decides.
fn taken(pieces: &[Piece], today: Date, lang: Lang, shown: &mut Shown) -> Vec<Statement> {
    let mut doses: Vec<(Instant, String, &Piece)> = pieces
        .iter()
        .filter(|piece| piece.is("MedicationAdministration"))
        .filter(|piece| {
            piece.text("status").is_some_and(|status| matches!(status.as_str(), "completed" | "in-progress"))
        })
        .filter_map(|piece| {
            let when = ["effectiveDateTime", "effectivePeriod.start"].iter().find_map(|path| piece.text(path))?;
            let stamp: jiff::Timestamp = when.parse().ok()?;
            Some((Instant(stamp.as_millisecond()), medicines::name(piece)?, piece))
        })
        .collect();
    doses.sort_by_key(|(when, ..)| std::cmp::Reverse(*when));
    let statement = |(when, name, piece): (Instant, String, &Piece)| {
        piece.tell(shown);
        let at = calendar::near_moment(when, today, lang);
        let text = lang.with("emergency-taken", &[("what", name.into()), ("when", at.into())]);
        Statement { text: words(text, lang), origin: Some(Origin { day: when.civil().date(), by: piece.by() }) }
    };
    doses.into_iter().take(MOST).map(statement).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::piece;
    use super::*;

    #[test]
    fn the_last_dose_is_told_with_its_hour() {
        let dose = |number, status: &str, when: &str| {
            let json = format!(
                r#"{{"resourceType":"MedicationAdministration","status":"{status}","medicationCodeableConcept":{{"text":"アピキサバン"}},"effectiveDateTime":"{when}"}}"#
            );
            piece(number, &json)
        };
        let pieces = [
            dose(1, "completed", "2026-11-02T20:00:00+09:00"),
            dose(2, "not-done", "2026-11-03T08:00:00+09:00"),
            dose(3, "completed", "2026-11-01"),
            piece(
                4,
                r#"{"resourceType":"AllergyIntolerance","code":{"text":"ペニシリン"},"recordedDate":"2019-05-01"}"#,
            ),
        ];
        let mut shown = Shown::none();
        let view = view(&pieces, jiff::civil::date(2026, 11, 3), Lang::Ja, &mut shown);
        let told: Vec<&str> = view.taken.iter().map(|said| said.text.text.as_str()).collect();
        assert_eq!(told, ["アピキサバン 最後 11月2日(月) 20:00"]);
        assert_eq!((view.allergies.len(), view.medicines.len(), shown.count()), (1, 0, 2));
    }
}
