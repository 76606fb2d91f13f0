//! One document as its author wrote it: title, day, author, and each section with its text.

use tsumugi_fhir::json::Node;

use super::{Piece, narrative, words};
use crate::Lang;
use crate::view::{DocumentSection, DocumentView};

/// The section of Japan's clinical documents that only holds the others (構造情報セクション).
const WRAPPER: &str = "300";

/// A `Composition` as a page; `None` for anything else, and for one without a title.
#[must_use]
pub fn view(piece: &Piece, lang: Lang) -> Option<DocumentView> {
    if !piece.is("Composition") {
        return None;
    }
    let title = piece.text("title").or_else(|| piece.concept("type"))?;
    let mut sections = Vec::new();
    own_text(piece.root(), lang, &mut sections);
    for section in sections_of(piece.root()) {
        gather(section, 0, lang, &mut sections);
    }
    let (day, by) = (piece.day(&["date"]), piece.by());
    Some(DocumentView {
        title: words(title, lang),
        day,
        by,
        sections,
        who: None,
        notes: Vec::new(),
        code: None,
        entry: false,
        correction: None,
    })
}

/// The document's own narrative stands first, without a heading.
fn own_text(root: Node<'_>, lang: Lang, sections: &mut Vec<DocumentSection>) {
    let lines = lines_of(root, lang);
    if !lines.is_empty() {
        sections.push(DocumentSection { title: None, level: 0, lines });
    }
}

fn sections_of(node: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    node.get("section").into_iter().flat_map(Node::items)
}

/// A section and those in it, in order. The JSON's bounded depth bounds this one.
fn gather(section: Node<'_>, level: u8, lang: Lang, sections: &mut Vec<DocumentSection>) {
    let lines = lines_of(section, lang);
    let code = section.find_str("code.coding.code");
    let wraps = lines.is_empty() && code.as_deref() == Some(WRAPPER) && sections_of(section).next().is_some();
    if !wraps {
        let title = ["title", "code.text", "code.coding.display"].iter().find_map(|path| section.find_str(path));
        let title = title.map(|title| words(title.trim(), lang)).filter(|title| !title.text.is_empty());
        sections.push(DocumentSection { title, level, lines });
    }
    let below = if wraps { level } else { level.saturating_add(1) };
    for inner in sections_of(section) {
        gather(inner, below, lang, sections);
    }
}

fn lines_of(node: Node<'_>, lang: Lang) -> Vec<crate::view::Words> {
    let text = node.get("text").and_then(|text| text.get_str("div"));
    text.map(|text| narrative::lines(&text)).unwrap_or_default().into_iter().map(|line| words(line, lang)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::piece;
    use super::*;

    #[test]
    fn a_document_is_its_sections_in_order_without_their_markup() {
        let json = r#"{"resourceType":"Composition","status":"final","title":"退院時サマリー","date":"2026-11-20T13:00:00+09:00",
            "author":[{"display":"岡田 千尋"}],
            "section":[{"title":"構造情報","code":{"coding":[{"code":"300"}]},"section":[
                {"title":"現病歴","text":{"status":"additional","div":"<div><p>11月3日に<b>発症</b></p><script>x</script></div>"}},
                {"title":"検査","section":[{"code":{"coding":[{"display":"血液"}]},"text":{"div":"<div>CRP &lt; 0.1</div>"}}]}]}]}"#;
        let view = view(&piece(1, json), Lang::Ja).unwrap();
        assert_eq!((view.title.text.as_str(), view.day), ("退院時サマリー", Some(jiff::civil::date(2026, 11, 20))));
        assert_eq!(view.by.unwrap().text, "みなと総合病院 岡田 千尋");
        let told: Vec<(u8, &str, Vec<&str>)> = view
            .sections
            .iter()
            .map(|one| {
                let title = one.title.as_ref().map_or("", |title| title.text.as_str());
                (one.level, title, one.lines.iter().map(|line| line.text.as_str()).collect())
            })
            .collect();
        assert_eq!(told, [(0, "現病歴", vec!["11月3日に発症"]), (0, "検査", vec![]), (1, "血液", vec!["CRP < 0.1"]),]);
    }

    #[test]
    fn what_was_entered_by_mistake_is_no_document() {
        let json = |status: &str| format!(r#"{{"resourceType":"Composition","status":"{status}","title":"x"}}"#);
        assert!(view(&piece(1, &json("final")), Lang::Ja).unwrap().sections.is_empty());
        assert!(view(&piece(1, &json("entered-in-error")), Lang::Ja).is_none());
    }
}
