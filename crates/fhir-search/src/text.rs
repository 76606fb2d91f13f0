//! Finding Japanese text: the "ordinary" string search of FHIR as JP Core reads it.
//!
//! R4: case, accents and other diacritics, punctuation and runs of white space do not matter. JP Core's guide on string
//! search adds full and half width (NFKC), and counts 濁点 and 半濁点 among the diacritics: たばた and タハタ find each
//! other. Hiragana and katakana, and variants of characters in names (髙 and 高), are a server's choice there; here they
//! fall together, because a name is read to the desk and written as it is heard. `:exact` folds nothing at all, so that
//! 﨑 and 崎, and a compatibility ideograph and its unified form, stay apart.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Folds `text` for the default match and `:contains`. Folding twice is folding once.
#[must_use]
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.bytes().filter(u8::is_ascii_alphanumeric).map(|b| char::from(b.to_ascii_lowercase())).collect();
    }
    let plain = tsumugi_fhir::text::fold(text);
    // Taken apart once more: が becomes か and a mark, é becomes e and a mark, and the marks go.
    plain.nfkd().filter(|c| !is_combining_mark(*c) && !is_punctuation(*c)).collect()
}

/// Punctuation that a search does not look at. Letters' own marks, such as the long vowel ー and the repeating 々, stay.
fn is_punctuation(character: char) -> bool {
    match character {
        c if c.is_ascii() => !c.is_ascii_alphanumeric(),
        '、' | '。' | '・' | '「' | '」' | '『' | '』' | '〈' | '〉' | '《' | '》' | '【' | '】' | '〔' | '〕'
        | '〜' => true,
        '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{205E}' | '\u{00A1}'..='\u{00BF}' => !character.is_alphanumeric(),
        c => c.is_whitespace(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_that_sound_alike_fall_together() {
        for (one, other) in [
            ("たばた", "タハタ"),
            ("ﾔﾏﾀﾞ", "やまた"),
            ("ポール", "ほーる"),
            ("髙橋", "高橋"),
            ("山崎", "山﨑"),
            ("Café", "CAFE"),
            ("Ｏ'Brien", "obrien"),
            ("東京都、千代田区", "東京都千代田区"),
            ("山田　太郎", "山田太郎"),
        ] {
            assert_eq!(fold(one), fold(other), "{one} and {other}");
        }
        assert_ne!(fold("やまだ"), fold("やまな"));
        assert_ne!(fold("ゆう"), fold("ゆうー"));
        assert_eq!(fold("、。-"), "");
    }

    proptest::proptest! {
        #[test]
        fn folding_twice_is_folding_once(text in "[ぁ-ヶ一-龥a-zA-Zｱ-ﾝﾞﾟéàÅ 　、・'-]{0,20}") {
            proptest::prop_assert_eq!(fold(&fold(&text)), fold(&text));
        }
    }
}
