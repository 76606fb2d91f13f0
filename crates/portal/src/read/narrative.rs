//! From a narrative (FHIR's XHTML) to lines of plain text.
//!
//! What must hold: no markup passes, whatever is sent; what is in a table's row stands on one line; nothing but text is
//! kept. A narrative is somebody else's text: it is read tolerantly, never run, and never put on a page as it came.

/// Elements before and after which a new line begins.
const BLOCKS: [&str; 23] = [
    "address",
    "blockquote",
    "br",
    "caption",
    "center",
    "dd",
    "div",
    "dl",
    "dt",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "li",
    "ol",
    "p",
    "pre",
    "table",
    "tbody",
    "ul",
];
/// Between the cells of one row.
const CELL: &str = " / ";
/// Longest entity name that is looked for.
const ENTITY: usize = 10;

/// The lines of a narrative, none of them empty.
#[must_use]
pub fn lines(xhtml: &str) -> Vec<String> {
    let mut out = Lines::default();
    let mut rest = xhtml;
    while let Some(at) = rest.find(['<', '&']) {
        out.text(&rest[..at]);
        rest = &rest[at..];
        rest = if rest.starts_with('<') { out.markup(rest) } else { out.entity(rest) };
    }
    out.text(rest);
    out.end()
}

#[derive(Default)]
struct Lines {
    done: Vec<String>,
    line: String,
    /// White space was read since the last letter.
    gap: bool,
    /// Inside `pre` line breaks are kept.
    kept: usize,
    /// A cell was closed, and another may follow in this row.
    cell: bool,
    /// Inside a table's row.
    row: bool,
}

impl Lines {
    fn text(&mut self, text: &str) {
        for c in text.chars() {
            self.letter(c);
        }
    }

    fn letter(&mut self, c: char) {
        if c == '\n' && self.kept > 0 {
            self.break_line();
        } else if c.is_whitespace() {
            self.gap = true;
        } else if !c.is_control() {
            if !self.line.is_empty() {
                if self.cell {
                    self.line.push_str(CELL);
                } else if self.gap {
                    self.line.push(' ');
                }
            }
            (self.gap, self.cell) = (false, false);
            self.line.push(c);
        }
    }

    fn break_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        // A mark without words behind it says nothing.
        if !line.is_empty() && line != "・" {
            self.done.push(line);
        }
        (self.gap, self.cell) = (false, false);
    }

    /// A tag, a comment, or a sign that is none; gives what follows.
    fn markup<'a>(&mut self, rest: &'a str) -> &'a str {
        if let Some(comment) = rest.strip_prefix("<!--") {
            return comment.split_once("-->").map_or("", |(_, after)| after);
        }
        if let Some(data) = rest.strip_prefix("<![CDATA[") {
            let (text, after) = data.split_once("]]>").unwrap_or((data, ""));
            self.text(text);
            return after;
        }
        let inside = &rest[1..];
        let Some(end) = end_of_tag(inside) else { return "" };
        let (tag, after) = (&inside[..end], &inside[end + 1..]);
        let closes = tag.starts_with('/');
        let name: String = tag
            .trim_start_matches('/')
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .collect::<String>()
            .to_ascii_lowercase();
        if matches!(name.as_str(), "script" | "style" | "head") && !closes && !tag.ends_with('/') {
            return after_element(after, &name);
        }
        match name.as_str() {
            "td" | "th" if closes => self.cell = true,
            "pre" => {
                self.break_line();
                self.kept = if closes { self.kept.saturating_sub(1) } else { self.kept + 1 };
            }
            "tr" => {
                self.break_line();
                self.row = !closes;
            }
            // A paragraph inside a cell does not end its row.
            name if self.row && BLOCKS.contains(&name) => self.gap = true,
            name if BLOCKS.contains(&name) => {
                self.break_line();
                if name == "li" && !closes {
                    self.line.push('・');
                }
            }
            _ => {}
        }
        after
    }

    /// `&name;` and `&#number;`; anything else is the sign itself.
    fn entity<'a>(&mut self, rest: &'a str) -> &'a str {
        let inside = &rest[1..];
        let named = inside.char_indices().take(ENTITY).find(|(_, c)| *c == ';').map(|(at, _)| &inside[..at]);
        match named.and_then(|name| Some((name, character(name)?))) {
            Some((name, c)) => {
                self.letter(c);
                &inside[name.len() + 1..]
            }
            None => {
                self.letter('&');
                inside
            }
        }
    }

    fn end(mut self) -> Vec<String> {
        self.break_line();
        self.done
    }
}

/// Where a tag ends: the first `>` outside of quotation marks.
fn end_of_tag(inside: &str) -> Option<usize> {
    let mut quote = None;
    for (at, c) in inside.char_indices() {
        match quote {
            Some(open) if c == open => quote = None,
            None if c == '>' => return Some(at),
            None if matches!(c, '"' | '\'') => quote = Some(c),
            _ => {}
        }
    }
    None
}

/// What follows the end of an element whose content is no text.
fn after_element<'a>(rest: &'a str, name: &str) -> &'a str {
    let mut from = rest;
    while let Some(at) = from.find("</") {
        let closing = &from[at + 2..];
        if closing.get(..name.len()).is_some_and(|own| own.eq_ignore_ascii_case(name)) {
            return closing.split_once('>').map_or("", |(_, after)| after);
        }
        from = closing;
    }
    ""
}

/// The character of XML's five entities, of the space that does not break, and of numbers.
fn character(name: &str) -> Option<char> {
    let code = match name {
        "amp" => return Some('&'),
        "lt" => return Some('<'),
        "gt" => return Some('>'),
        "quot" => return Some('"'),
        "apos" => return Some('\''),
        "nbsp" => return Some(' '),
        _ => name.strip_prefix('#')?,
    };
    let number = match code.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16),
        None => code.parse(),
    };
    char::from_u32(number.ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_lists_and_tables_become_lines() {
        let text = "<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>11月3日\n  入院</p><ul><li>とろみ<li></li></li><li>杖</li></ul>\
                    <table><tr><th>薬</th><th>量</th></tr><tr><td><p>アピキサバン</p></td><td></td><td>2.5&#160;mg &lt;朝&gt;</td></tr></table>a<br/>b</div>";
        assert_eq!(
            lines(text),
            ["11月3日 入院", "・とろみ", "・杖", "薬 / 量", "アピキサバン / 2.5 mg <朝>", "a", "b"]
        );
        assert_eq!(lines("<pre>一\n二</pre>三\n四"), ["一", "二", "三 四"]);
    }

    #[test]
    fn what_is_no_text_is_left_out() {
        assert_eq!(
            lines("a<script>alert('</p>')</SCRIPT >b<!-- <b>c</b> --><style>p{}</style><img alt=\"x>y\" src='z'/>d"),
            ["abd"]
        );
        assert_eq!(lines("<p title='<script>'>x"), ["x"]);
        assert_eq!(lines("5 &lt 6 & 7 &unknown; &#xD800;"), ["5 &lt 6 & 7 &unknown; &#xD800;"]);
        assert!(lines("").is_empty() && lines("<div> \n</div>").is_empty() && lines("<").is_empty());
    }

    proptest::proptest! {
        #[test]
        fn anything_becomes_lines_without_control_characters(text in "(<|>|/|p|td|pre|&|;|#|x|3|'|\"|!|-|\\[|あ|\u{7}|\n| ){0,60}|.{0,60}") {
            for line in lines(&text) {
                proptest::prop_assert!(!line.is_empty() && !line.chars().any(char::is_control), "{line:?}");
            }
        }
    }
}
