//! Laboratory results: the newest of each test, and one test over time.

use jiff::civil::Date;
use tsumugi_access::Shown;
use tsumugi_fhir::json::Node;

use super::{Piece, activities::WHEN, own, words};
use crate::Lang;
use crate::view::{LaboratoryListView, LaboratoryView, Level, Range, TestRow, TestValue, Words};

/// JLAC10's: the first five characters name what is measured.
const JLAC10: &str = "JLAC10";
/// What common tests measure, in plain words: JLAC10 analyte and the text's key.
const MEANINGS: [(&str, &str); 16] = [
    ("3D046", "test-hba1c"),
    ("3F077", "test-ldl"),
    ("3C015", "test-creatinine"),
    ("5C070", "test-crp"),
    ("2A030", "test-haemoglobin"),
    ("2A990", "test-white-cells"),
    ("2A050", "test-platelets"),
    ("3A015", "test-albumin"),
    ("3B035", "test-liver"),
    ("3B045", "test-liver"),
    ("3H010", "test-sodium"),
    ("3H015", "test-potassium"),
    ("3C025", "test-urea"),
    ("3F015", "test-triglycerides"),
    ("3F070", "test-hdl"),
    ("2B140", "test-d-dimer"),
];

/// One result, with what tells it from others.
struct Found<'a> {
    piece: &'a Piece,
    test: Test,
    moment: String,
    value: TestValue,
    unit: String,
    range: Option<Range>,
}

/// A test's names.
struct Test {
    slug: String,
    name: String,
    analyte: Option<String>,
}

/// The newest result of each test.
#[must_use]
pub fn list(pieces: &[Piece], lang: Lang, shown: &mut Shown) -> LaboratoryListView {
    let mut found = results(pieces, lang);
    found.sort_by(|a, b| (b.value.day, &b.moment).cmp(&(a.value.day, &a.moment)));
    let mut tests: Vec<TestRow> = Vec::new();
    for one in found {
        if tests.iter().any(|row| row.slug == one.test.slug) {
            continue;
        }
        one.piece.tell(shown);
        let meaning = one.test.meaning(lang);
        tests.push(TestRow {
            slug: one.test.slug,
            name: words(one.test.name, lang),
            meaning,
            unit: one.unit,
            newest: one.value,
            range: one.range,
        });
    }
    LaboratoryListView { tests }
}

/// One test over time; `None` where nothing of it can be shown.
#[must_use]
pub fn view(pieces: &[Piece], slug: &str, lang: Lang, shown: &mut Shown) -> Option<LaboratoryView> {
    let mut found: Vec<Found<'_>> = results(pieces, lang).into_iter().filter(|one| one.test.slug == slug).collect();
    found.sort_by(|a, b| (a.value.day, &a.moment).cmp(&(b.value.day, &b.moment)));
    for one in &found {
        one.piece.tell(shown);
    }
    // A document repeats results that were sent alone: the same moment with the same value is one result.
    found.dedup_by(|a, b| a.moment == b.moment && a.value.text == b.value.text && a.unit == b.unit);
    let newest = found.last()?;
    let (name, meaning, unit) =
        (words(newest.test.name.as_str(), lang), newest.test.meaning(lang), newest.unit.clone());
    let range = newest.range.clone();
    // Numbers in another unit cannot stand in one chart; they are listed.
    let value = |one: Found<'_>| {
        if one.unit == unit {
            one.value
        } else {
            TestValue { text: format!("{} {}", one.value.text, one.unit), number: None, ..one.value }
        }
    };
    let values = found.into_iter().map(value).collect();
    Some(LaboratoryView { name, meaning, about: Vec::new(), values, range, note: None, unit: unit.clone() })
}

/// The day of a fact that is a laboratory result.
#[must_use]
pub fn day(piece: &Piece) -> Option<Date> {
    if piece.is("Observation") && is_result(piece) { piece.day(WHEN) } else { None }
}

/// The name of a fact that is a laboratory result.
#[must_use]
pub fn name(piece: &Piece) -> Option<String> {
    piece.concept("code")
}

fn is_result(piece: &Piece) -> bool {
    piece.codings("category").any(|(_, code)| code == "laboratory")
}

fn results(pieces: &[Piece], lang: Lang) -> Vec<Found<'_>> {
    pieces.iter().filter_map(|piece| result(piece, lang)).collect()
}

fn result(piece: &Piece, lang: Lang) -> Option<Found<'_>> {
    let day = day(piece)?;
    let root = piece.root();
    let quantity = root.get("valueQuantity");
    let number = quantity.and_then(|quantity| quantity.get("value")).and_then(Node::number_text);
    let comparator = quantity.and_then(|quantity| quantity.get_str("comparator")).unwrap_or_default();
    let text = match number {
        Some(number) => format!("{comparator}{number}"),
        None => piece.text("valueString").or_else(|| piece.concept("valueCodeableConcept"))?,
    };
    // A value beyond what can be measured has no number to draw.
    let number = number.filter(|_| comparator.is_empty()).and_then(|number| number.parse::<f64>().ok());
    let range = range(root, piece, lang);
    let unit = quantity.and_then(|quantity| quantity.get_str("unit").or_else(|| quantity.get_str("code")));
    Some(Found {
        piece,
        test: test(piece)?,
        moment: WHEN.iter().find_map(|path| piece.text(path)).unwrap_or_default(),
        value: TestValue {
            day,
            number,
            level: level(piece, number, range.as_ref()),
            by: piece.from().cloned(),
            text,
            entry: piece.id().to_owned(),
        },
        unit: unit.unwrap_or_default().into_owned(),
        range,
    })
}

/// The core item's code where there is one, since institutions name the same test differently; else the first code, else
/// the name.
fn test(piece: &Piece) -> Option<Test> {
    let name = name(piece)?;
    let codings: Vec<(String, String)> = piece.codings("code").collect();
    let core = codings.iter().find(|(system, _)| system.contains(JLAC10));
    let code = core.or_else(|| codings.first()).map_or(name.as_str(), |(_, code)| code.as_str());
    Some(Test { slug: slug(code), analyte: core.and_then(|(_, code)| code.get(..5)).map(str::to_owned), name })
}

impl Test {
    fn meaning(&self, lang: Lang) -> Option<Words> {
        let (_, key) = MEANINGS.iter().find(|(analyte, _)| Some(*analyte) == self.analyte.as_deref())?;
        Some(own(lang.t(key), lang))
    }
}

/// A code as the last part of an address: its letters and digits; every other byte as `_` and two hexadecimal digits.
fn slug(code: &str) -> String {
    use std::fmt::Write as _;
    code.bytes().fold(String::with_capacity(code.len()), |mut slug, byte| {
        if byte.is_ascii_alphanumeric() || byte == b'-' {
            slug.push(char::from(byte));
        } else {
            let _ = write!(slug, "_{byte:02x}");
        }
        slug
    })
}

fn range(root: Node<'_>, piece: &Piece, lang: Lang) -> Option<Range> {
    let first = root.get("referenceRange")?.items().next()?;
    let end = |name: &str| first.get(name).and_then(|end| end.get("value")).and_then(Node::number_text);
    let (low, high) = (end("low"), end("high"));
    let joint = if lang == Lang::En { "–" } else { "〜" };
    let text = match (low, high) {
        (Some(low), Some(high)) => format!("{low}{joint}{high}"),
        (Some(low), None) => format!("≥ {low}"),
        (None, Some(high)) => format!("≤ {high}"),
        (None, None) => return None,
    };
    let number = |text: Option<&str>| text.and_then(|text| text.parse().ok());
    Some(Range { low: number(low), high: number(high), text, by: piece.from().cloned() })
}

/// As reported; else by the range that came with the value.
fn level(piece: &Piece, number: Option<f64>, range: Option<&Range>) -> Level {
    for (_, code) in piece.codings("interpretation") {
        match code.as_str() {
            "H" | "HH" | "HU" => return Level::High,
            "L" | "LL" | "LU" => return Level::Low,
            "N" => return Level::Usual,
            _ => {}
        }
    }
    match (number, range) {
        (Some(number), Some(range)) if range.high.is_some_and(|high| number > high) => Level::High,
        (Some(number), Some(range)) if range.low.is_some_and(|low| number < low) => Level::Low,
        (Some(_), Some(_)) => Level::Usual,
        _ => Level::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::piece;
    use super::*;

    fn result(number: u64, when: &str, value: &str, more: &str) -> Piece {
        piece(
            number,
            &format!(
                r#"{{"resourceType":"Observation","status":"final","category":[{{"coding":[{{"code":"laboratory"}}]}}],
            "code":{{"coding":[{{"system":"http://local","code":"T1"}},{{"system":"http://jpfhir.jp/fhir/clins/CodeSystem/JLAC10/JP_CLINS_ObsLabResult_CoreLabo_CS","code":"3D046000001927101"}}],"text":"HbA1c"}},
            "effectiveDateTime":"{when}","valueQuantity":{{"value":{value},"unit":"%"}},
            "referenceRange":[{{"low":{{"value":4.9}},"high":{{"value":6.0}}}}]{more}}}"#
            ),
        )
    }

    #[test]
    fn a_test_over_time_keeps_number_text_and_repeats_nothing() {
        let pieces = [
            result(1, "2026-11-18T06:30:00+09:00", "7.10", ""),
            result(2, "2026-02-12", "7.8", r#","interpretation":[{"coding":[{"code":"H"}]}]"#),
            result(3, "2026-11-18T06:30:00+09:00", "7.10", ""),
            result(4, "2026-05-14", "5.0", ""),
        ];
        let mut shown = Shown::none();
        let view = view(&pieces, "3D046000001927101", Lang::Ja, &mut shown).unwrap();
        let told: Vec<(&str, Level)> = view.values.iter().map(|value| (value.text.as_str(), value.level)).collect();
        assert_eq!(told, [("7.8", Level::High), ("5.0", Level::Usual), ("7.10", Level::High)]);
        assert_eq!((view.unit.as_str(), view.range.unwrap().text.as_str()), ("%", "4.9〜6.0"));
        assert!(view.meaning.unwrap().text.contains("血糖"));
        assert_eq!(shown.count(), 4);
        assert!(super::view(&pieces, "other", Lang::Ja, &mut shown).is_none());
    }

    #[test]
    fn the_list_shows_and_tells_only_the_newest_of_each_test() {
        let mut shown = Shown::none();
        let other = piece(
            9,
            r#"{"resourceType":"Observation","status":"final","category":[{"coding":[{"code":"laboratory"}]}],"code":{"text":"尿糖"},"effectiveDateTime":"2026-03-01","valueCodeableConcept":{"text":"陰性"}}"#,
        );
        let pieces = [result(1, "2026-02-12", "7.8", ""), result(2, "2026-11-18", "7.1", ""), other];
        let list = list(&pieces, Lang::En, &mut shown);
        let rows: Vec<(&str, &str)> =
            list.tests.iter().map(|row| (row.slug.as_str(), row.newest.text.as_str())).collect();
        assert_eq!(rows, [("3D046000001927101", "7.1"), ("_e5_b0_bf_e7_b3_96", "陰性")]);
        assert_eq!(list.tests[0].range.as_ref().unwrap().text, "4.9–6.0");
        assert_eq!(list.tests[1].newest.level, Level::Unknown);
        assert_eq!(shown.count(), 2);
    }

    #[test]
    fn a_value_beyond_the_scale_is_listed_and_not_drawn() {
        let json = r#"{"resourceType":"Observation","status":"final","category":[{"coding":[{"code":"laboratory"}]}],"code":{"text":"CRP"},"effectiveDateTime":"2026-03-01","valueQuantity":{"value":0.05,"comparator":"<","unit":"mg/dL"}}"#;
        let view = view(&[piece(1, json)], "CRP", Lang::Ja, &mut Shown::none()).unwrap();
        assert_eq!((view.values[0].text.as_str(), view.values[0].number), ("<0.05", None));
    }

    #[test]
    fn results_in_another_unit_are_listed_with_it() {
        let of = |number, day: &str, value: &str, unit: &str| {
            piece(
                number,
                &format!(
                    r#"{{"resourceType":"Observation","status":"final","category":[{{"coding":[{{"code":"laboratory"}}]}}],"code":{{"text":"HbA1c"}},"effectiveDateTime":"{day}","valueQuantity":{{"value":{value},"unit":"{unit}"}}}}"#
                ),
            )
        };
        let pieces = [of(1, "2026-01-01", "71", "mmol/mol"), of(2, "2026-02-01", "7.1", "%")];
        let view = view(&pieces, "HbA1c", Lang::Ja, &mut Shown::none()).unwrap();
        assert_eq!((view.values[0].text.as_str(), view.values[0].number), ("71 mmol/mol", None));
        assert_eq!(view.values[1].number, Some(7.1));
    }
}
