//! What people write, folded so that spellings of one thing find each other.
//!
//! Folding is for finding and comparing only. Everything is kept and shown as written, and nothing is ever linked by a
//! fold. Every function here is total: any text gives a fold, or a fault that says what it is not.

pub mod address;
pub mod date;
pub mod name;
pub mod numeral;
pub mod phone;
mod variants;

use unicode_normalization::UnicodeNormalization;

/// Compatibility forms unified: full-width Latin and digits as half-width, half-width kana as full-width with their
/// voiced marks joined, compatibility ideographs as unified ones, without variation selectors (IVS).
#[must_use]
pub fn compatible(text: &str) -> String {
    text.chars()
        .filter_map(|c| match c {
            // Free-standing voiced marks join the kana before them.
            '\u{309b}' => Some('\u{3099}'),
            '\u{309c}' => Some('\u{309a}'),
            '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' | '\u{200b}'..='\u{200f}' | '\u{feff}' => None,
            other => Some(other),
        })
        .nfkc()
        .collect()
}

/// A stable hash of a folded text, never zero, so that zero can say *missing*. FNV-1a with a final mix; it is kept in
/// rows, so it must never change.
#[must_use]
pub fn hash(text: &[u8]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in text {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    }
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash ^= hash >> 33;
    hash.max(1)
}

/// The upper half of [`hash`], never zero; zero for an empty text.
#[must_use]
pub fn hash32(text: &str) -> u32 {
    if text.is_empty() { 0 } else { u32::try_from(hash(text.as_bytes()) >> 32).unwrap_or(1).max(1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_never_change() {
        assert_eq!(hash32(""), 0);
        assert_eq!(hash(b"tsumugi"), 6_059_058_499_460_780_472);
        assert_ne!(hash32("a"), hash32("b"));
    }

    #[test]
    fn compatibility_forms_are_one() {
        for (a, b) in [
            ("ｶﾞ", "ガ"),
            ("カ゛", "ガ"),
            ("か\u{3099}", "が"),
            ("葛\u{e0100}", "葛"),
            ("\u{fa19}", "神"),
            ("１２３ＡＢ", "123AB"),
            ("㍼", "昭和"),
        ] {
            assert_eq!(compatible(a), b, "{a}");
        }
    }
}
