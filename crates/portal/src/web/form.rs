//! Pairs of names and values as forms and queries send them (`application/x-www-form-urlencoded`).

/// Most pairs read: the longest form has fourteen.
const MOST: usize = 64;

/// The pairs in order; what is no UTF-8 becomes U+FFFD.
pub(crate) fn pairs(text: &str) -> Vec<(String, String)> {
    let parts = text.split('&').filter(|part| !part.is_empty()).take(MOST);
    parts
        .map(|part| part.split_once('=').unwrap_or((part, "")))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}

/// The first value under a name; empty values count as absent.
pub(crate) fn value<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
}

fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let pair = bytes.get(at + 1..at + 3).filter(|pair| byte == b'%' && pair.iter().all(u8::is_ascii_hexdigit));
        match pair.and_then(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()) {
            Some(decoded) => {
                out.push(decoded);
                at += 3;
            }
            None => {
                out.push(if byte == b'+' { b' ' } else { byte });
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_decoded() {
        let read = pairs("a=1+2&b=%E9%AB%99%2B&c&=x&d=%zz%4");
        let text: Vec<String> = read.iter().map(|(name, value)| format!("{name}:{value}")).collect();
        assert_eq!(text, ["a:1 2", "b:髙+", "c:", ":x", "d:%zz%4"]);
        assert_eq!(value(&read, "c"), None);
        assert_eq!(value(&read, "b"), Some("髙+"));
        assert_eq!(pairs(&"a=1&".repeat(100)).len(), MOST);
    }

    proptest::proptest! {
        #[test]
        fn what_the_pages_encode_comes_back(text in ".*") {
            let sent = format!("x={}", crate::parts::query_value(&text));
            let expected = if text.is_empty() { None } else { Some(text.as_str()) };
            let read = pairs(&sent);
            proptest::prop_assert_eq!(value(&read, "x"), expected);
        }
    }
}
