//! The Barthel index over time and the care workers' notes.

use tsumugi_access::Shown;
use tsumugi_fhir::json::Node;

use super::{ADL, Piece, words};
use crate::Lang;
use crate::view::{ACTIVITIES, ActivitiesView, CareNote, Measurement};

/// When it was measured or seen.
pub(crate) const WHEN: &[&str] = &["effectiveDateTime", "effectivePeriod.start", "effectiveInstant", "issued"];

/// Measurements and notes among the facts.
#[must_use]
pub fn view(pieces: &[Piece], lang: Lang, shown: &mut Shown) -> ActivitiesView {
    let mut measurements: Vec<(String, Measurement)> = Vec::new();
    let mut notes: Vec<(String, CareNote)> = Vec::new();
    for piece in pieces {
        if let Some(measured) = measurement(piece) {
            piece.tell(shown);
            measurements.push((moment(piece), measured));
        } else if let Some(note) = note(piece, lang) {
            piece.tell(shown);
            notes.push((moment(piece), note));
        }
    }
    measurements.sort_by(|(a, left), (b, right)| (left.day, a).cmp(&(right.day, b)));
    notes.sort_by(|(a, left), (b, right)| (right.origin.day, b).cmp(&(left.origin.day, a)));
    ActivitiesView {
        measurements: measurements.into_iter().map(|(_, measured)| measured).collect(),
        notes: notes.into_iter().map(|(_, note)| note).collect(),
    }
}

/// The moment as text, for the order within a day.
fn moment(piece: &Piece) -> String {
    WHEN.iter().find_map(|path| piece.text(path)).unwrap_or_default()
}

/// A fact as a measurement, if it is one with a day and a total.
#[must_use]
pub fn measurement(piece: &Piece) -> Option<Measurement> {
    if !piece.is("Observation") || !piece.has_code("code", ADL, "barthel-index") {
        return None;
    }
    let mut items = [None; 10];
    for component in piece.root().get("component").into_iter().flat_map(Node::items) {
        let code = component.find("code.coding").find(|coding| coding.get_str("system").as_deref() == Some(ADL));
        let Some(code) = code.and_then(|coding| coding.get_str("code")) else { continue };
        let index = ACTIVITIES.iter().position(|activity| code.strip_prefix("barthel-") == Some(activity.code));
        if let Some(index) = index {
            items[index] = points(component).filter(|points| ACTIVITIES[index].points.contains(points));
        }
    }
    let total = points(piece.root()).filter(|total| *total <= 100)?;
    Some(Measurement { day: piece.day(WHEN)?, total, items, by: piece.by() })
}

/// A whole number of points: as an integer, or as a quantity.
fn points(node: Node<'_>) -> Option<u8> {
    let value = node.get("valueInteger").or_else(|| node.get("valueQuantity")?.get("value"))?;
    value.number_text()?.parse().ok()
}

/// A fact as a care worker's note.
#[must_use]
pub fn note(piece: &Piece, lang: Lang) -> Option<CareNote> {
    if !piece.is("Observation") || !piece.has_code("code", ADL, "care-note") {
        return None;
    }
    Some(CareNote { origin: piece.origin(WHEN)?, text: words(piece.text("valueString")?, lang) })
}

#[cfg(test)]
mod tests {
    use super::super::tests::piece;
    use super::*;

    fn barthel(number: u64, when: &str, total: &str, feeding: &str) -> Piece {
        piece(
            number,
            &format!(
                r#"{{"resourceType":"Observation","status":"final","code":{{"coding":[{{"system":"{ADL}","code":"barthel-index"}}]}},
            "effectiveDateTime":"{when}","valueInteger":{total},"performer":[{{"display":"林 真央"}}],
            "component":[{{"code":{{"coding":[{{"system":"{ADL}","code":"barthel-feeding"}}]}},"valueInteger":{feeding}}},
                         {{"code":{{"coding":[{{"system":"http://other","code":"barthel-stairs"}}]}},"valueInteger":10}}]}}"#
            ),
        )
    }

    fn care_note(number: u64, when: &str, text: &str) -> Piece {
        piece(
            number,
            &format!(
                r#"{{"resourceType":"Observation","status":"final","code":{{"coding":[{{"system":"{ADL}","code":"care-note"}}]}},
            "effectiveDateTime":"{when}","valueString":"{text}"}}"#
            ),
        )
    }

    #[test]
    fn measurements_come_in_order_with_their_items() {
        let mut shown = Shown::none();
        let pieces = [
            barthel(1, "2026-11-20T10:30:00+09:00", "55", "5"),
            barthel(2, "2026-10-15T15:00:00+09:00", "75", "10"),
            care_note(3, "2026-11-21", "むせました"),
            care_note(4, "2026-11-22", "歩きました"),
        ];
        let view = view(&pieces, Lang::Ja, &mut shown);
        let totals: Vec<u8> = view.measurements.iter().map(|one| one.total).collect();
        assert_eq!(totals, [75, 55]);
        assert_eq!(view.measurements[1].items[0], Some(5));
        assert_eq!(view.measurements[1].items[6], None, "a code of another system is no item");
        assert_eq!(view.measurements[1].by.as_ref().unwrap().text, "みなと総合病院 林 真央");
        let notes: Vec<&str> = view.notes.iter().map(|note| note.text.text.as_str()).collect();
        assert_eq!(notes, ["歩きました", "むせました"]);
        assert_eq!(shown.count(), 4);
    }

    #[test]
    fn points_that_cannot_be_are_left_out() {
        let mut shown = Shown::none();
        let pieces =
            [barthel(1, "2026-11-20", "101", "5"), barthel(2, "2026", "50", "5"), barthel(3, "2026-11-20", "50", "7")];
        let view = view(&pieces, Lang::Ja, &mut shown);
        assert_eq!(view.measurements.len(), 1);
        assert_eq!(view.measurements[0].items[0], None);
        assert_eq!(shown.count(), 1, "what is not shown is not told");
    }
}
