//! The part of XHTML that a narrative may use (`htmlChecks()`).
//!
//! Source: HL7 FHIR R4, "Narrative" (<https://hl7.org/fhir/R4/narrative.html>): elements of text only, no scripts, no
//! forms, no event attributes, well-formed, with some text or a picture.

/// Elements of chapters 7 to 11 and 15 of HTML 4, `a`, `img` and what stands in them.
const ELEMENTS: &[&str] = &[
    "a",
    "abbr",
    "acronym",
    "address",
    "b",
    "big",
    "blockquote",
    "br",
    "caption",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "map",
    "area",
    "ol",
    "p",
    "pre",
    "q",
    "samp",
    "small",
    "span",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "tt",
    "ul",
    "u",
    "s",
    "strike",
    "var",
    "bdo",
];

/// Attributes of those elements; none runs anything.
const ATTRIBUTES: &[&str] = &[
    "abbr",
    "accesskey",
    "align",
    "alt",
    "axis",
    "bgcolor",
    "border",
    "cellhalign",
    "cellpadding",
    "cellspacing",
    "cellvalign",
    "char",
    "charoff",
    "charset",
    "cite",
    "class",
    "colspan",
    "compact",
    "coords",
    "dir",
    "frame",
    "headers",
    "height",
    "href",
    "hreflang",
    "hspace",
    "id",
    "lang",
    "longdesc",
    "name",
    "nowrap",
    "rel",
    "rev",
    "rowspan",
    "rules",
    "scope",
    "shape",
    "span",
    "src",
    "start",
    "style",
    "summary",
    "tabindex",
    "title",
    "type",
    "usemap",
    "valign",
    "value",
    "vspace",
    "width",
    "xml:lang",
    "xml:space",
    "xmlns",
];

/// Deepest nesting that is looked at.
const DEPTH: usize = 256;

/// Whether a narrative is well-formed, of the safe subset, one `div`, and says something.
pub(crate) fn is_safe(text: &str) -> bool {
    let mut check = Check { rest: text.trim(), open: Vec::new(), says: false, roots: 0 };
    check.run().is_some() && check.says && check.open.is_empty() && check.roots == 1
}

struct Check<'a> {
    rest: &'a str,
    open: Vec<&'a str>,
    says: bool,
    roots: usize,
}

impl<'a> Check<'a> {
    /// `None` at the first thing that must not be.
    fn run(&mut self) -> Option<()> {
        while !self.rest.is_empty() {
            let (text, markup) = self.rest.split_at(self.rest.find('<').unwrap_or(self.rest.len()));
            self.text(text)?;
            self.rest = markup;
            if let Some(rest) = markup.strip_prefix("<!--") {
                self.rest = rest.split_once("-->")?.1;
            } else if let Some(rest) = markup.strip_prefix("</") {
                let (name, rest) = rest.split_once('>')?;
                (self.open.pop()? == name.trim_end()).then_some(())?;
                self.rest = rest;
            } else if let Some(rest) = markup.strip_prefix('<') {
                self.rest = rest;
                self.element()?;
            }
        }
        Some(())
    }

    fn text(&mut self, text: &str) -> Option<()> {
        let blank = text.chars().all(char::is_whitespace);
        (blank || !self.open.is_empty()).then_some(())?;
        self.says |= !blank;
        is_escaped(text).then_some(())
    }

    fn element(&mut self) -> Option<()> {
        let name = self.word();
        let first = self.open.is_empty();
        let fits = ELEMENTS.contains(&name) && (!first || name == "div" && self.roots == 0) && self.open.len() < DEPTH;
        fits.then_some(())?;
        self.roots += usize::from(first);
        self.says |= name == "img";
        let mut seen: Vec<&str> = Vec::new();
        loop {
            let trimmed = self.rest.trim_start();
            let spaced = trimmed.len() < self.rest.len();
            self.rest = trimmed;
            if let Some(rest) = trimmed.strip_prefix("/>") {
                self.rest = rest;
                return Some(());
            }
            if let Some(rest) = trimmed.strip_prefix('>') {
                self.rest = rest;
                self.open.push(name);
                return Some(());
            }
            let attribute = self.word();
            let known = ATTRIBUTES.contains(&attribute) || attribute.starts_with("xmlns:");
            (spaced && known && !seen.contains(&attribute)).then_some(())?;
            seen.push(attribute);
            self.value(attribute)?;
        }
    }

    fn value(&mut self, attribute: &str) -> Option<()> {
        let rest = self.rest.trim_start().strip_prefix('=')?.trim_start();
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let (value, rest) = rest[1..].split_once(quote)?;
        self.rest = rest;
        let lower = value.trim().to_ascii_lowercase();
        let active = matches!(attribute, "href" | "src") && lower.starts_with("javascript:");
        (is_escaped(value) && !value.contains('<') && !active).then_some(())
    }

    fn word(&mut self) -> &'a str {
        let end = self.rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, ':' | '-' | '_')));
        let (word, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        word
    }
}

/// Whether every `&` starts one of XML's five entities or a number.
fn is_escaped(text: &str) -> bool {
    text.split('&').skip(1).all(|part| match part.split_once(';') {
        Some(("amp" | "lt" | "gt" | "quot" | "apos", _)) => true,
        Some((number, _)) => match number.strip_prefix('#') {
            Some(hex) if hex.starts_with('x') => hex.len() > 1 && hex[1..].bytes().all(|b| b.is_ascii_hexdigit()),
            Some(decimal) => !decimal.is_empty() && decimal.bytes().all(|b| b.is_ascii_digit()),
            None => false,
        },
        None => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_safe_and_what_runs_is_not() {
        for good in [
            "<div xmlns=\"http://www.w3.org/1999/xhtml\">山田 &amp; &#12354;</div>",
            "<div><p class='x'>a<br/>b</p><!-- c --><table border=\"1\"><tr><td>1</td></tr></table></div>",
            "<div><img src=\"#a\" alt=\"\"/></div>",
        ] {
            assert!(is_safe(good), "{good}");
        }
        for bad in [
            "",
            "text",
            "<p>a</p>",
            "<div></div>",
            "<div> </div>",
            "<div>a",
            "<div><p>a</div></p>",
            "<div>a</div><div>b</div>",
            "<div>a &nbsp; b</div>",
            "<div onclick=\"x()\">a</div>",
            "<div><script>x</script></div>",
            "<div><a href=\"javascript:x()\">a</a></div>",
            "<div class=x>a</div>",
            "<div class=\"a\" class=\"b\">a</div>",
            "<div><!DOCTYPE x>a</div>",
            "<div><?x?>a</div>",
            "<div>a</div>b",
        ] {
            assert!(!is_safe(bad), "{bad}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_judged(text in "[<>/a-d iv=\"'&;#x!\\-あ]{0,60}") {
            let _ = is_safe(&text);
        }
    }
}
