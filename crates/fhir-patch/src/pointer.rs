//! JSON Pointer (RFC 6901).

use crate::Problem;

/// The names and indexes of a pointer, escapes resolved; none for the whole document.
pub fn parse(text: &str) -> Result<Vec<String>, Problem> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let rest = text.strip_prefix('/').ok_or(Problem::Pointer)?;
    rest.split('/').map(unescape).collect()
}

fn unescape(token: &str) -> Result<String, Problem> {
    let mut out = String::with_capacity(token.len());
    let mut parts = token.split('~');
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        match part.as_bytes().first() {
            Some(b'0') => out.push('~'),
            Some(b'1') => out.push('/'),
            _ => return Err(Problem::Pointer),
        }
        out.push_str(&part[1..]);
    }
    Ok(out)
}

/// An index as the RFC writes it: without sign and leading zeros.
pub fn index(token: &str) -> Result<usize, Problem> {
    let plain = token == "0" || !token.starts_with('0') && token.bytes().all(|byte| byte.is_ascii_digit());
    if plain { token.parse().map_err(|_| Problem::Index) } else { Err(Problem::Index) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_are_those_of_the_rfc() {
        let read = |text| parse(text).expect("it is a pointer");
        assert!(read("").is_empty());
        assert_eq!(read("/"), [""]);
        assert_eq!(read("/a~1b/m~0n/~01/0"), ["a/b", "m~n", "~1", "0"]);
        for text in ["a", "/~", "/~2", "/a~"] {
            assert_eq!(parse(text), Err(Problem::Pointer), "{text}");
        }
        assert_eq!(index("10"), Ok(10));
        for text in ["", "01", "-1", "+1", "1e0", "-", "99999999999999999999999"] {
            assert_eq!(index(text), Err(Problem::Index), "{text}");
        }
    }
}
