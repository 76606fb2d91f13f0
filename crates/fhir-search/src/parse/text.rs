//! The marks of a value: `,` between alternatives, `|` and `$` inside one, and `\` before a mark that is none.

/// The alternatives of a value, escapes resolved.
pub(super) fn alternatives(value: &str) -> Vec<String> {
    split(value, ',').iter().map(|part| unescape(part)).collect()
}

/// Splits at marks that are not escaped; escapes stay.
pub(super) fn split(value: &str, mark: char) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut escaped = false;
    for character in value.chars() {
        if character == mark && !escaped {
            parts.push(String::new());
            continue;
        }
        escaped = character == '\\' && !escaped;
        if let Some(part) = parts.last_mut() {
            part.push(character);
        }
    }
    parts
}

/// Resolves escapes.
pub(super) fn unescape(part: &str) -> String {
    let mut out = String::with_capacity(part.len());
    let mut characters = part.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => out.extend(characters.next()),
            other => out.push(other),
        }
    }
    out
}

/// A parameter's name as a message may repeat it: only if it looks like one.
pub(super) fn shown(name: &str) -> &str {
    let plain =
        name.len() <= 64 && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b':' | b'.'));
    if plain { name } else { "?" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escaped_marks_are_text() {
        assert_eq!(alternatives(r"a\,b,c\|d"), ["a,b", "c|d"]);
        assert_eq!(split(r"a\$b$c", '$'), [r"a\$b", "c"]);
        assert_eq!(unescape(r"\\a\"), r"\a");
        assert_eq!(shown("code:not"), "code:not");
        assert_eq!(shown("\"x"), "?");
    }
}
