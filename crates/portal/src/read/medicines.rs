//! Medicines in use and earlier ones, from prescriptions and dispensings.

use jiff::{ToSpan as _, civil::Date};
use tsumugi_access::Shown;
use tsumugi_fhir::json::Node;

use super::{Piece, Want, own, words};
use crate::Lang;
use crate::view::{Medicine, MedicinesView, Origin};

/// What the view needs.
pub const WANTS: &[Want] = &[Want::all("MedicationRequest"), Want::all("MedicationDispense")];

/// Days that a prescription without a length counts as in use.
const UNSAID_DAYS: i32 = 90;
const PERIOD: &str = "http://jpfhir.jp/fhir/core/Extension/StructureDefinition/JP_MedicationDosage_PeriodOfUse";

/// The newest prescription of one medicine.
struct Found<'a> {
    piece: &'a Piece,
    name: String,
    start: Date,
    in_use: bool,
}

/// The view: each medicine once, by its newest prescription.
#[must_use]
pub fn view(pieces: &[Piece], today: Date, lang: Lang, shown: &mut Shown) -> MedicinesView {
    let mut view = MedicinesView::default();
    for found in newest(pieces, today) {
        found.piece.tell(shown);
        let list = if found.in_use { &mut view.current } else { &mut view.earlier };
        list.push(medicine(&found, lang));
    }
    view
}

/// The facts behind the medicines in use.
pub fn current(pieces: &[Piece], today: Date) -> impl Iterator<Item = &Piece> {
    newest(pieces, today).into_iter().filter(|found| found.in_use).map(|found| found.piece)
}

/// The day on which a medicine was prescribed or handed over.
#[must_use]
pub fn day(piece: &Piece) -> Option<Date> {
    match () {
        () if piece.is("MedicationRequest") => piece.day(&["authoredOn"]),
        () if piece.is("MedicationDispense") => piece.day(&["whenHandedOver", "whenPrepared"]),
        () => None,
    }
}

/// The medicine's name as prescribed.
#[must_use]
pub fn name(piece: &Piece) -> Option<String> {
    piece.concept("medicationCodeableConcept").or_else(|| piece.text("medicationReference.display"))
}

fn newest(pieces: &[Piece], today: Date) -> Vec<Found<'_>> {
    let mut all: Vec<Found<'_>> = pieces.iter().filter_map(|piece| found(piece, today)).collect();
    all.sort_by_key(|found| std::cmp::Reverse(found.start));
    let mut newest: Vec<Found<'_>> = Vec::new();
    for one in all {
        if !newest.iter().any(|known| known.name == one.name) {
            newest.push(one);
        }
    }
    newest
}

fn found(piece: &Piece, today: Date) -> Option<Found<'_>> {
    let said = day(piece)?;
    let start = period_start(piece).unwrap_or(said);
    let days = days(piece);
    let end = start.checked_add(days.unwrap_or(UNSAID_DAYS).max(1).days()).ok()?;
    let stopped =
        matches!(piece.text("status").as_deref(), Some("stopped" | "cancelled" | "declined" | "on-hold" | "draft"));
    Some(Found { piece, name: name(piece)?, start, in_use: !stopped && today < end })
}

/// JP Core's extension: from when the medicine is taken.
fn period_start(piece: &Piece) -> Option<Date> {
    let mut extensions = piece.root().find("dosageInstruction.extension");
    let period = extensions.find(|extension| extension.get_str("url").as_deref() == Some(PERIOD))?;
    super::day(&period.find_str("valuePeriod.start")?)
}

/// For how many days it was supplied.
fn days(piece: &Piece) -> Option<i32> {
    let paths =
        ["dosageInstruction.timing.repeat.boundsDuration", "dispenseRequest.expectedSupplyDuration", "daysSupply"];
    let number = |node: Node<'_>| {
        let unit = node.get_str("code").or_else(|| node.get_str("unit"))?;
        let days = if matches!(&*unit, "wk" | "週") {
            7
        } else if matches!(&*unit, "d" | "日") {
            1
        } else {
            return None;
        };
        let value: i32 = node.get("value")?.number_text()?.parse().ok()?;
        value.checked_mul(days)
    };
    paths.iter().find_map(|path| piece.root().find(path).find_map(number))
}

fn medicine(found: &Found<'_>, lang: Lang) -> Medicine {
    let piece = found.piece;
    let each = piece
        .root()
        .find("dosageInstruction.doseAndRate.doseQuantity")
        .find_map(|dose| Some((dose.get("value")?.number_text()?, dose.get_str("unit").unwrap_or_default())));
    let times = piece.text("dosageInstruction.timing.code.text");
    let dose = match (times, each) {
        (Some(times), Some((count, unit))) => {
            let each = lang.with("medicines-each", &[("dose", format!("{count}{unit}").into())]);
            Some(words(format!("{times} {each}"), lang))
        }
        (Some(times), None) => Some(words(times, lang)),
        (None, _) => piece.text("dosageInstruction.text").map(|text| words(text, lang)),
    };
    Medicine {
        name: words(found.name.as_str(), lang),
        meaning: piece.concept("reasonCode").map(|reason| words(reason, lang)),
        dose,
        supply: days(piece).map(|days| own(lang.with("medicines-days", &[("n", days.into())]), lang)),
        origin: Origin { day: found.start, by: piece.by() },
        entry: piece.id().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::piece;
    use super::*;

    fn request(number: u64, name: &str, on: &str, days: u32, status: &str) -> Piece {
        piece(
            number,
            &format!(
                r#"{{"resourceType":"MedicationRequest","status":"{status}","medicationCodeableConcept":{{"text":"{name}"}},"authoredOn":"{on}",
            "dosageInstruction":[{{"text":"全文","timing":{{"repeat":{{"boundsDuration":{{"value":{days},"unit":"日","code":"d"}}}},"code":{{"text":"1日2回朝夕食後"}}}},
            "doseAndRate":[{{"doseQuantity":{{"value":1,"unit":"錠"}}}}]}}]}}"#
            ),
        )
    }

    #[test]
    fn each_medicine_stands_once_in_use_until_its_last_day() {
        let pieces = [
            request(1, "アピキサバン", "2026-08-20", 28, "completed"),
            request(2, "アピキサバン", "2026-11-20", 14, "completed"),
            request(3, "メトホルミン", "2026-08-20", 28, "completed"),
            request(4, "ワルファリン", "2026-11-20", 14, "stopped"),
        ];
        let mut shown = Shown::none();
        let names = |today: Date, shown: &mut Shown| {
            let view = view(&pieces, today, Lang::Ja, shown);
            let names = |list: &[Medicine]| list.iter().map(|one| one.name.text.clone()).collect::<Vec<_>>();
            (names(&view.current), names(&view.earlier))
        };
        let day = |month, day| jiff::civil::date(2026, month, day);
        assert_eq!(
            names(day(12, 3), &mut shown),
            (vec!["アピキサバン".into()], vec!["ワルファリン".into(), "メトホルミン".into()])
        );
        assert_eq!(shown.count(), 3, "an older prescription of the same medicine is not shown");
        assert!(names(day(12, 4), &mut shown).0.is_empty(), "14 days from the 20th end with the 3rd");
        assert_eq!(current(&pieces, day(12, 3)).count(), 1);
    }

    #[test]
    fn how_to_take_it_is_said_in_words() {
        let view = view(
            &[request(1, "A", "2026-11-20", 14, "active")],
            jiff::civil::date(2026, 11, 21),
            Lang::Ja,
            &mut Shown::none(),
        );
        let one = &view.current[0];
        assert_eq!(one.dose.as_ref().unwrap().text, "1日2回朝夕食後 1回1錠");
        assert_eq!(one.supply.as_ref().unwrap().text, "14日分");
    }
}
