//! Telephone numbers in any writing as their digits.

use super::compatible;

/// The digits of a number in Japan's own form: `+81 90-…` as `090…`. `None` if it has not ten or eleven digits.
#[must_use]
pub fn digits(text: &str) -> Option<String> {
    let text = compatible(text);
    let text = text.trim();
    let text = text.strip_prefix("tel:").unwrap_or(text);
    let (abroad, rest) = match text.strip_prefix("+81").or_else(|| text.strip_prefix("0081")) {
        Some(rest) => (true, rest.trim_start_matches([' ', '-']).trim_start_matches("(0)")),
        None => (false, text),
    };
    let digits: String = rest.chars().filter(char::is_ascii_digit).collect();
    let digits = if abroad && !digits.starts_with('0') { format!("0{digits}") } else { digits };
    let filler = digits.bytes().skip(3).all(|digit| digit == b'0') || digits.bytes().skip(3).all(|digit| digit == b'9');
    (digits.starts_with('0') && (10..=11).contains(&digits.len()) && !filler).then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_number_in_every_writing() {
        for text in [
            "090-1234-5678",
            "０９０（１２３４）５６７８",
            "+81 90-1234-5678",
            "+81 (0)90 1234 5678",
            "tel:09012345678",
        ] {
            assert_eq!(digits(text).as_deref(), Some("09012345678"), "{text}");
        }
        for text in ["", "1234", "000-0000-0000", "なし", "119", "09099999999"] {
            assert_eq!(digits(text), None, "{text}");
        }
    }
}
