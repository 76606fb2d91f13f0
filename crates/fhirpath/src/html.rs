//! `htmlChecks()`: whether a narrative is the XHTML that FHIR allows (R4, Narrative, rules txt-1 and txt-2).
//!
//! A `div` in the XHTML namespace, well-formed, with elements and attributes of the list only, no script, no external
//! style, and something to read in it.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// Elements of chapters 7 to 11 and 15 of HTML 4.0, links and images.
const ELEMENTS: &str = "a abbr acronym address area b bdo big blockquote br caption cite code col colgroup dd del dfn \
    div dl dt em h1 h2 h3 h4 h5 h6 hr i img ins kbd li map ol p pre q s samp small span strike strong sub sup table \
    tbody td tfoot th thead tr tt u ul var";

/// Attributes of those elements that change only how they look or where they lead.
const ATTRIBUTES: &str = "abbr accesskey align alt axis bgcolor border cellhalign cellpadding cellspacing cellvalign \
    char charoff charset cite class clear color cols colspan compact coords datetime dir face frame headers height \
    href hreflang hspace id ismap lang longdesc name noshade nowrap rel rev rowspan rules scope shape size span src \
    start style summary tabindex title type usemap valign value vlink vspace width xml:lang xml:space xmlns";

const NAMESPACE: &str = "http://www.w3.org/1999/xhtml";

/// Whether a text is a narrative as FHIR allows.
pub(crate) fn is_narrative(text: &str) -> bool {
    check(text).unwrap_or(false)
}

fn check(text: &str) -> Option<bool> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_end_names = true;
    let (mut depth, mut roots, mut readable) = (0_usize, 0, false);
    loop {
        let (start, opens) = match reader.read_event().ok()? {
            Event::Start(start) => (start, true),
            Event::Empty(start) => (start, false),
            Event::End(_) => {
                depth = depth.checked_sub(1)?;
                continue;
            }
            Event::Text(inner) => {
                let blank = inner.trim().is_empty();
                if depth == 0 && !blank {
                    return Some(false);
                }
                readable |= !blank;
                continue;
            }
            Event::GeneralRef(_) | Event::CData(_) if depth > 0 => {
                readable = true;
                continue;
            }
            Event::Comment(_) => continue,
            Event::Eof => return Some(depth == 0 && roots == 1 && readable),
            _ => return Some(false),
        };
        if depth == 0 {
            roots += 1;
        }
        readable |= start.name().as_ref() == "img";
        if !allowed(&start, depth == 0)? {
            return Some(false);
        }
        depth += usize::from(opens);
    }
}

/// Whether an element and its attributes are in the lists; the outermost must be a `div` of XHTML.
fn allowed(start: &BytesStart<'_>, root: bool) -> Option<bool> {
    let name = start.name();
    let name = name.as_ref();
    let mut namespace = false;
    for attribute in start.attributes() {
        let attribute = attribute.ok()?;
        let key = attribute.key.as_ref();
        if !listed(ATTRIBUTES, key) {
            return Some(false);
        }
        let value = attribute.value.trim();
        let scripted = value.get(..11).is_some_and(|start| start.eq_ignore_ascii_case("javascript:"));
        if matches!(key, "href" | "src") && scripted {
            return Some(false);
        }
        namespace |= key == "xmlns" && value == NAMESPACE;
    }
    Some(listed(ELEMENTS, name) && (!root || name == "div" && namespace))
}

fn listed(list: &str, name: &str) -> bool {
    list.split_whitespace().any(|known| known == name)
}

#[cfg(test)]
mod tests {
    use super::is_narrative;

    fn narrative(inner: &str) -> bool {
        is_narrative(&format!("<div xmlns=\"http://www.w3.org/1999/xhtml\">{inner}</div>"))
    }

    #[test]
    fn a_narrative_is_plain_xhtml() {
        assert!(narrative("<p style=\"color:red\">体温 &lt; 37</p><table><tr><td>a</td></tr></table>"));
        assert!(narrative("<img src=\"#a\" alt=\"x\"/>"));
        assert!(narrative("<a href=\"https://example.org\">x</a>"));
    }

    #[test]
    fn what_runs_hides_or_is_broken_is_refused() {
        assert!(!narrative("<script>x</script>"));
        assert!(!narrative("<p onclick=\"x()\">x</p>"));
        assert!(!narrative("<a href=\" JavaScript:x()\">x</a>"));
        assert!(!narrative("<form>x</form>"));
        assert!(!narrative("<p>x"));
        assert!(!narrative(""));
        assert!(!is_narrative("<div>no namespace</div>"));
        assert!(!is_narrative("text"));
        assert!(!is_narrative("<!DOCTYPE x><div xmlns=\"http://www.w3.org/1999/xhtml\">x</div>"));
    }
}
