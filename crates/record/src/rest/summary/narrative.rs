//! The text of a section, for people: one line for each fact, with its day, as XHTML.

use jiff::{ToSpan, civil::date};
use tsumugi_fhir::json::Node;

/// Where a resource says what it is about; the first that is there counts.
const NAMES: &[&str] = &[
    "code",
    "medicationCodeableConcept",
    "vaccineCode",
    "medicationReference",
    "device",
    "title",
    "description",
    "category",
];

/// A paragraph for a section that has nothing.
pub(super) const NOTHING: &str = "記録がありません。No information available.";

/// A line about a resource; `day` as days since 1970-01-01.
pub(super) fn line(resource: Node<'_>, day: Option<i32>) -> String {
    let mut text = name(resource).unwrap_or_else(|| resource.get_str("resourceType").unwrap_or_default().into_owned());
    if let Some(value) = value(resource) {
        text.push_str(": ");
        text.push_str(&value);
    }
    let parts: Vec<String> = resource
        .get("component")
        .into_iter()
        .flat_map(Node::items)
        .filter_map(|part| Some(format!("{} {}", concept(part.get("code")?)?, value(part)?)))
        .collect();
    if !parts.is_empty() {
        text.push_str(" (");
        text.push_str(&parts.join("、"));
        text.push(')');
    }
    let day = day.and_then(|day| date(1970, 1, 1).checked_add(i64::from(day).days()).ok());
    match day {
        Some(day) => format!("{day} {text}"),
        None => text,
    }
}

/// The text of a section.
pub(super) fn div(ja: &str, en: &str, lines: &[String]) -> String {
    let mut out = format!("<div xmlns=\"http://www.w3.org/1999/xhtml\"><p><b>{} / {}</b></p>", escape(ja), escape(en));
    if lines.is_empty() {
        out.push_str("<p>");
        out.push_str(NOTHING);
        out.push_str("</p>");
    } else {
        out.push_str("<ul>");
        for line in lines {
            out.push_str("<li>");
            out.push_str(&escape(line));
            out.push_str("</li>");
        }
        out.push_str("</ul>");
    }
    out.push_str("</div>");
    out
}

fn name(resource: Node<'_>) -> Option<String> {
    NAMES.iter().find_map(|name| {
        let node = resource.get(name)?;
        let node = if node.is_array() { node.items().next()? } else { node };
        match node.as_str() {
            Some(text) => Some(text.into_owned()),
            None => concept(node),
        }
    })
}

/// The words of a CodeableConcept or a Reference.
fn concept(node: Node<'_>) -> Option<String> {
    let first = |path: &str| node.find_str(path).map(std::borrow::Cow::into_owned);
    first("text").or_else(|| first("coding.display")).or_else(|| first("display")).or_else(|| first("coding.code"))
}

fn value(node: Node<'_>) -> Option<String> {
    if let Some(quantity) = node.get("valueQuantity") {
        let unit = quantity.get_str("unit").or_else(|| quantity.get_str("code")).unwrap_or_default();
        let sign = quantity.get_str("comparator").unwrap_or_default();
        return Some(format!("{sign}{} {unit}", quantity.get("value")?.number_text()?).trim_end().to_owned());
    }
    if let Some(number) = node.get("valueInteger") {
        return Some(number.raw().to_owned());
    }
    if let Some(yes) = node.get("valueBoolean").and_then(Node::as_bool) {
        return Some(if yes { "はい".into() } else { "いいえ".into() });
    }
    ["valueString", "valueDateTime"]
        .iter()
        .find_map(|name| node.get_str(name).map(std::borrow::Cow::into_owned))
        .or_else(|| concept(node.get("valueCodeableConcept")?))
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // XML has no other control characters.
            control if control.is_control() && !matches!(control, '\n' | '\t') => out.push(' '),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use tsumugi_fhir::json::{Document, Limits};

    #[test]
    fn a_line_has_the_day_the_words_and_the_value_as_written() {
        let text = r#"{"resourceType":"Observation","code":{"coding":[{"code":"x"}],"text":"CRP <高>"},"valueQuantity":{"value":1.50,"unit":"mg/dL","comparator":"<"}}"#;
        let document = Document::parse(text.into(), &Limits::default()).unwrap();
        let line = line(document.root(), Some(20_778));
        assert_eq!(line, "2026-11-21 CRP <高>: <1.50 mg/dL");
        let div = div("検査", "Results", &[line]);
        assert!(div.contains("<li>2026-11-21 CRP &lt;高&gt;: &lt;1.50 mg/dL</li>"), "{div}");
    }
}
