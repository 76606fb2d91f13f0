//! What was taken along, read again from the bundle that left, for paper and for whoever holds a link: so that what people
//! read is never more than what the leaf names.

use std::collections::BTreeMap;

use jiff::civil::Date;
use tsumugi_access::Shown;
use tsumugi_fhir::json::{Document, Limits, Node};
use tsumugi_kernel::{Flags, Instant, Kind};

use super::{Piece, laboratory, medicines, person, words};
use crate::view::{Level, Medicine, Name, Origin, Sex, Statement, TakenPart, TakenRow, TakenView, TestRow};
use crate::{Lang, calendar};

/// Most lines of one paper.
pub const LINES_MOST: usize = 1_500;
/// Tests whose newest result is printed.
const TESTS_MOST: usize = 60;

/// Kinds that stand in a part of their own, or only say who, where and with what.
const ELSEWHERE: [&str; 22] = [
    "Patient",
    "Practitioner",
    "PractitionerRole",
    "Organization",
    "Location",
    "Medication",
    "Device",
    "Specimen",
    "AllergyIntolerance",
    "MedicationRequest",
    "MedicationDispense",
    "Condition",
    "Flag",
    "RelatedPerson",
    "EpisodeOfCare",
    "Coverage",
    "Provenance",
    "Consent",
    "QuestionnaireResponse",
    "DocumentReference",
    "Binary",
    "List",
];
/// Where a resource says what it is about.
const NAMES: [&str; 9] = [
    "code",
    "vaccineCode",
    "medicationCodeableConcept",
    "type",
    "serviceType",
    "reasonCode",
    "class",
    "category",
    "description",
];
/// Where it says when.
const WHEN: [&str; 11] = [
    "effectiveDateTime",
    "effectivePeriod.start",
    "performedDateTime",
    "performedPeriod.start",
    "occurrenceDateTime",
    "period.start",
    "authoredOn",
    "date",
    "created",
    "recordedDate",
    "issued",
];

/// The facts of a bundle; `None` where it is none.
#[must_use]
pub fn pieces(bundle: &[u8]) -> Option<Vec<Piece>> {
    let document = Document::parse(bundle.to_vec().into(), &Limits::default()).ok()?;
    let mut pieces = Vec::new();
    for resource in document.root().find("entry.resource") {
        let Some(kind) = resource.get_str("resourceType").and_then(|name| Kind::from_name(&name)) else { continue };
        let own = Document::parse(resource.raw().to_owned().into(), &Limits::default()).ok()?;
        pieces.push(Piece::new(kind, 0, Flags::default(), None, own));
    }
    Some(pieces)
}

/// The view. Nothing is told here: the leaf was left when the bundle was.
#[must_use]
pub fn view(pieces: &[Piece], made: Instant, lang: Lang) -> TakenView {
    let today = made.civil().date();
    let (name, birth, sex) = whose(pieces);
    let shown = &mut Shown::none();
    let medicines = medicines::view(pieces, today, lang, shown);
    let said = |list: Vec<Statement>| list.into_iter().map(|one| statement(&one, lang)).collect::<Vec<_>>();
    let heed = person::precautions(pieces, today, lang, shown).into_iter().flat_map(|topic| topic.statements).collect();
    let tests = laboratory::list(pieces, lang, shown).tests;
    let part = |title: &str, empty: Option<&str>, rows: Vec<TakenRow>| TakenPart {
        title: lang.t(title).into_owned(),
        empty: empty.filter(|_| rows.is_empty()).map(|key| lang.t(key).into_owned()),
        rows,
    };
    let mut parts = vec![
        part("person-allergies", Some("taken-none"), said(person::allergies(pieces, lang, shown))),
        part(
            "emergency-medicines",
            Some("taken-none"),
            medicines.current.iter().map(|one| medicine(one, lang)).collect(),
        ),
        part("person-conditions", Some("taken-none"), said(person::conditions(pieces, lang, shown))),
        part("emergency-heed", None, said(heed)),
        part(
            "section-laboratory",
            Some("taken-none"),
            tests.iter().take(TESTS_MOST).map(|one| test(one, lang)).collect(),
        ),
        part("emergency-support", None, contacts(pieces, today, lang)),
        part("taken-earlier-medicines", None, medicines.earlier.iter().map(|one| medicine(one, lang)).collect()),
    ];
    parts.extend(others(pieces, lang));
    parts.retain(|part| !part.rows.is_empty() || part.empty.is_some());
    let left = cut(&mut parts);
    TakenView { name, birth, sex, made, parts, left }
}

fn whose(pieces: &[Piece]) -> (Name, Option<Date>, Option<Sex>) {
    let known = |piece: &&Piece| piece.is("Patient") && piece.text("birthDate").is_some();
    let newest = || pieces.iter().rfind(|piece| piece.is("Patient"));
    let Some(patient) = pieces.iter().find(known).or_else(newest) else {
        return (Name::plain(""), None, None);
    };
    let parts = || {
        let name = [patient.text("name.family"), patient.text("name.given")];
        Some(name.into_iter().flatten().collect::<Vec<_>>().join(" "))
    };
    let name = patient.text("name.text").or_else(parts).unwrap_or_default();
    let sex = patient.text("gender").map(|code| match code.as_str() {
        "female" => Sex::Female,
        "male" => Sex::Male,
        "other" => Sex::Other,
        _ => Sex::Unknown,
    });
    (Name::plain(name), patient.day(&["birthDate"]), sex)
}

/// Whom to call: those whom the `Patient` itself names, those close to the person, the offices in charge.
fn contacts(pieces: &[Piece], today: Date, lang: Lang) -> Vec<TakenRow> {
    let mut rows: Vec<TakenRow> = Vec::new();
    for contact in pieces
        .iter()
        .filter(|piece| piece.is("Patient"))
        .flat_map(|piece| piece.root().find("contact").collect::<Vec<_>>())
    {
        let text = |path: &str| contact.find_str(path).map(std::borrow::Cow::into_owned);
        let name = text("name.text").or_else(|| text("name.family"));
        let relation = text("relationship.text").or_else(|| text("relationship.coding.display"));
        let line = [relation, name, text("telecom.value")].into_iter().flatten().collect::<Vec<_>>().join(" ");
        if !line.is_empty() {
            rows.push(TakenRow { text: words(line, lang), note: None });
        }
    }
    rows.extend(person::support(pieces, today, lang, &mut Shown::none()).iter().map(|one| statement(one, lang)));
    let mut once: Vec<TakenRow> = Vec::new();
    for row in rows {
        if !once.iter().any(|known| known.text == row.text) {
            once.push(row);
        }
    }
    once
}

/// Everything that has no part above, by what it is called.
fn others(pieces: &[Piece], lang: Lang) -> Vec<TakenPart> {
    let mut by_name: BTreeMap<String, Vec<(Option<Date>, TakenRow)>> = BTreeMap::new();
    for piece in pieces {
        let Some(kind) = piece.root().get_str("resourceType").and_then(|name| Kind::from_name(&name)) else { continue };
        let ours = piece.is("Composition") && piece.has_code("type", "http://loinc.org", "60591-5");
        let wrong = !piece.is(kind.name());
        let test = piece.is("Observation") && piece.codings("category").any(|(_, code)| code == "laboratory");
        if ELSEWHERE.contains(&kind.name()) || ours || wrong || test {
            continue;
        }
        let name = piece.text("title").or_else(|| NAMES.iter().find_map(|path| piece.concept(path)));
        let name = name.or_else(|| piece.text("class.display")).or_else(|| piece.text("description"));
        let Some(name) = name else { continue };
        let text = match value(piece.root()) {
            Some(value) => format!("{name} {value}"),
            None => name,
        };
        let day = piece.day(&WHEN);
        let row = TakenRow { text: words(text, lang), note: note(day, piece.by().map(|by| by.text), lang) };
        by_name.entry(heading(&lang.kind(kind))).or_default().push((day, row));
    }
    let part = |(title, mut rows): (String, Vec<(Option<Date>, TakenRow)>)| {
        rows.sort_by_key(|(day, _)| std::cmp::Reverse(*day));
        TakenPart { title, rows: rows.into_iter().map(|(_, row)| row).collect(), empty: None }
    };
    by_name.into_iter().map(part).collect()
}

fn value(resource: Node<'_>) -> Option<String> {
    if let Some(quantity) = resource.get("valueQuantity") {
        let number = quantity.get("value")?.number_text()?.to_string();
        return Some(format!("{number} {}", quantity.get_str("unit").unwrap_or_default()).trim_end().to_owned());
    }
    let text = ["valueString", "valueCodeableConcept.text", "valueCodeableConcept.coding.display", "valueDateTime"];
    text.iter().find_map(|path| resource.find_str(path)).map(std::borrow::Cow::into_owned)
}

fn statement(said: &Statement, lang: Lang) -> TakenRow {
    TakenRow { text: said.text.clone(), note: said.origin.as_ref().and_then(|origin| origin_note(origin, lang)) }
}

fn medicine(one: &Medicine, lang: Lang) -> TakenRow {
    let parts = [Some(&one.name), one.dose.as_ref(), one.supply.as_ref()];
    let text = parts.into_iter().flatten().map(|part| part.text.as_str()).collect::<Vec<_>>().join(" ");
    TakenRow { text: words(text, lang), note: origin_note(&one.origin, lang) }
}

fn test(row: &TestRow, lang: Lang) -> TakenRow {
    let level = match row.newest.level {
        Level::High => format!(" {}", lang.t("level-high")),
        Level::Low => format!(" {}", lang.t("level-low")),
        Level::Usual | Level::Unknown => String::new(),
    };
    let range = row.range.as_ref().map_or_else(String::new, |range| {
        let args = [("range", range.text.as_str().into()), ("unit", row.unit.as_str().into())];
        format!(" ({})", lang.with("laboratory-range", &args).trim())
    });
    let text = format!("{} {} {}{level}{range}", row.name.text, row.newest.text, row.unit);
    let by = row.newest.by.as_ref().map(|by| by.text.clone());
    TakenRow { text: words(text, lang), note: note(Some(row.newest.day), by, lang) }
}

fn origin_note(origin: &Origin, lang: Lang) -> Option<String> {
    note(Some(origin.day), origin.by.as_ref().map(|by| by.text.clone()), lang)
}

fn note(day: Option<Date>, by: Option<String>, lang: Lang) -> Option<String> {
    let parts = [day.map(|day| calendar::day(day, lang)), by];
    let text = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
    (!text.is_empty()).then_some(text)
}

/// Cuts what a paper does not hold, from its end; gives how many lines.
fn cut(parts: &mut Vec<TakenPart>) -> usize {
    let (mut room, mut left) = (LINES_MOST, 0);
    for part in parts.iter_mut() {
        left += part.rows.len().saturating_sub(room);
        part.rows.truncate(room);
        room -= part.rows.len();
    }
    parts.retain(|part| !part.rows.is_empty() || part.empty.is_some());
    left
}

/// A word as a heading begins; Japanese has no capitals.
fn heading(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bundle(entries: &[&str]) -> Vec<Piece> {
        let entries: Vec<String> = entries.iter().map(|one| format!("{{\"resource\":{one}}}")).collect();
        let json = format!("{{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[{}]}}", entries.join(","));
        pieces(json.as_bytes()).unwrap()
    }

    #[test]
    fn what_must_not_be_given_stands_first_and_an_empty_part_says_so() {
        let pieces = bundle(&[
            r#"{"resourceType":"Patient","name":[{"family":"山田","given":["ハル"]}],"gender":"female","birthDate":"1948-03-05","contact":[{"relationship":[{"text":"娘"}],"name":{"text":"山田 恵"},"telecom":[{"value":"090-0000-0000"}]}]}"#,
            r#"{"resourceType":"AllergyIntolerance","code":{"text":"ペニシリン"},"recordedDate":"2020-01-02"}"#,
            r#"{"resourceType":"Procedure","status":"completed","code":{"text":"胃の手術"},"performedDateTime":"2019-05-06"}"#,
            r#"{"resourceType":"Observation","status":"entered-in-error","code":{"text":"まちがい"},"valueString":"x"}"#,
        ]);
        let view = view(&pieces, Instant(1_795_316_400_000), Lang::Ja);
        assert_eq!(
            (view.name.text.as_str(), view.birth, view.left),
            ("山田 ハル", Some(jiff::civil::date(1948, 3, 5)), 0)
        );
        let lines: Vec<String> =
            view.parts.iter().flat_map(|part| part.rows.iter().map(|row| row.text.text.clone())).collect();
        assert_eq!(lines, ["ペニシリン", "娘 山田 恵 090-0000-0000", "胃の手術"]);
        assert_eq!(view.parts[0].rows[0].note.as_deref(), Some("2020年1月2日(木)"));
        let empty: Vec<&str> =
            view.parts.iter().filter(|part| part.empty.is_some()).map(|part| part.title.as_str()).collect();
        assert_eq!(empty, ["使っている薬", "病気", "検査の結果"]);
    }

    #[test]
    fn a_paper_is_bounded_and_says_how_much_is_left() {
        let row = |n: usize| format!(r#"{{"resourceType":"Procedure","status":"completed","code":{{"text":"{n}"}}}}"#);
        let many: Vec<String> = (0..LINES_MOST + 7).map(row).collect();
        let view = view(&bundle(&many.iter().map(String::as_str).collect::<Vec<_>>()), Instant(0), Lang::En);
        assert_eq!((view.left, view.parts.iter().map(|part| part.rows.len()).sum::<usize>()), (7, LINES_MOST));
    }

    #[test]
    fn what_is_no_bundle_has_no_pieces() {
        assert!(pieces(b"nonsense").is_none());
        assert_eq!(pieces(b"{}").map(|pieces| pieces.len()), Some(0));
    }
}
