//! Folding Japanese text so that spellings of one word find each other.
//!
//! Width, case, compatibility forms, katakana and hiragana, and a small table of variant characters of names (髙 and
//! 高) fall together. A folded text is for finding only: what is shown is always what was written.

use unicode_normalization::UnicodeNormalization;

/// Variant characters frequent in names, and the common form that each folds to.
const VARIANTS: &[(char, char)] = &[
    ('髙', '高'),
    ('﨑', '崎'),
    ('碕', '崎'),
    ('嵜', '崎'),
    ('邉', '辺'),
    ('邊', '辺'),
    ('齋', '斉'),
    ('斎', '斉'),
    ('齊', '斉'),
    ('澤', '沢'),
    ('濵', '浜'),
    ('濱', '浜'),
    ('嶋', '島'),
    ('嶌', '島'),
    ('國', '国'),
    ('櫻', '桜'),
    ('廣', '広'),
    ('眞', '真'),
    ('德', '徳'),
    ('瀨', '瀬'),
    ('𠮷', '吉'),
    ('惠', '恵'),
    ('龍', '竜'),
    ('瀧', '滝'),
    ('學', '学'),
    ('榮', '栄'),
    ('圓', '円'),
    ('壽', '寿'),
    ('條', '条'),
    ('靜', '静'),
    ('豐', '豊'),
    ('冨', '富'),
    ('槇', '槙'),
    ('桒', '桑'),
    ('栁', '柳'),
    ('彌', '弥'),
    ('藏', '蔵'),
    ('渕', '淵'),
    ('渊', '淵'),
    ('萬', '万'),
];

/// Folds `text` for comparison. White space is dropped, so that 山田 太郎 and 山田太郎 are one.
#[must_use]
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.bytes().filter(|b| !b.is_ascii_whitespace()).map(|b| char::from(b.to_ascii_lowercase())).collect();
    }
    let mut out = String::with_capacity(text.len());
    // Composed once more at the end: a spacing ゛ becomes a space and a mark, and joins its kana when the space is gone.
    let plain = text.nfkc().flat_map(char::to_lowercase).filter(|c| !c.is_whitespace()).nfkc();
    out.extend(plain.map(one));
    out
}

fn one(character: char) -> char {
    match character {
        // Katakana from small a to small ke stand 0x60 above hiragana.
        'ァ'..='ヶ' => char::from_u32(u32::from(character) - 0x60).unwrap_or(character),
        other => VARIANTS.iter().find(|(variant, _)| *variant == other).map_or(other, |(_, common)| *common),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_word_fall_together() {
        for (one, other) in [
            ("髙橋", "高橋"),
            ("ﾔﾏﾀﾞ ﾀﾛｳ", "やまだたろう"),
            ("ヤマダ　タロウ", "やまだ たろう"),
            ("ＡＢＣ１２３", "abc123"),
            ("渡邉", "渡辺"),
            ("か\u{3099}", "が"),
            ("カ゛", "が"),
            ("㈱つむぎ", "(株)つむぎ"),
            ("𠮷田", "吉田"),
        ] {
            assert_eq!(fold(one), fold(other), "{one} and {other}");
        }
    }

    #[test]
    fn different_words_stay_different() {
        assert_ne!(fold("高橋"), fold("高梁"));
        assert_ne!(fold("はは"), fold("ぱぱ"));
        assert_ne!(fold("ゆう"), fold("ゆうー"));
    }

    proptest::proptest! {
        #[test]
        fn folding_twice_is_folding_once(text in "[ぁ-ヶ一-龥a-zA-Zｱ-ﾝ 　]{0,20}") {
            proptest::prop_assert_eq!(fold(&fold(&text)), fold(&text));
        }
    }
}
