//! Names folded so that spellings of one name find each other: 髙橋 and 高橋, ﾀｶﾊｼ and たかはし, シヨウコ and ショウコ.
//!
//! Folding is for finding candidates only. Names are kept and shown as written, and nothing is ever linked by a fold.

use unicode_normalization::UnicodeNormalization;

/// Variant characters seen in family registers, each with the character it is found under.
const VARIANTS: &[(char, &str)] = &[
    ('高', "髙"),
    ('崎', "﨑嵜碕"),
    ('斎', "齋斉齊"),
    ('辺', "邊邉"),
    ('沢', "澤"),
    ('浜', "濱濵"),
    ('広', "廣"),
    ('桜', "櫻"),
    ('滝', "瀧"),
    ('島', "嶋嶌"),
    ('国', "國"),
    ('恵', "惠"),
    ('真', "眞"),
    ('徳', "德"),
    ('吉', "𠮷"),
    ('桑', "桒"),
    ('富', "冨"),
    ('万', "萬"),
    ('竜', "龍"),
    ('蔵', "藏"),
    ('桧', "檜"),
    ('寿', "壽"),
    ('実', "實"),
    ('弥', "彌"),
    ('礼', "禮"),
    ('条', "條"),
    ('曽', "曾"),
    ('円', "圓"),
    ('栄', "榮"),
    ('静', "靜"),
    ('浅', "淺"),
    ('渕', "淵渊"),
    ('学', "學"),
    ('豊', "豐"),
    ('与', "與"),
    ('伝', "傳"),
    ('鉄', "鐵"),
    ('関', "關"),
    ('黒', "黑"),
    ('増', "增"),
    ('横', "橫"),
    ('槙', "槇"),
    ('桝', "枡"),
    ('柳', "栁"),
    ('郎', "郞"),
    ('緑', "綠"),
    ('薫', "薰"),
    ('暁', "曉"),
    ('釜', "竈"),
    ('芦', "蘆"),
    ('塩', "鹽"),
    ('清', "淸"),
    ('瀬', "瀨"),
    ('鶴', "靏靍"),
    ('巌', "巖"),
    ('亀', "龜"),
    ('峰', "峯"),
    ('秋', "穐"),
];

/// A name as a key: compatibility forms unified, variants unified, hiragana as katakana, small kana as large, without
/// spaces, middle dots and long-vowel marks, in lower case.
#[must_use]
pub fn name(text: &str) -> String {
    // Composed after decomposition, so that a half-width ｶﾞ becomes one ガ.
    text.nfkc().filter_map(letter).flat_map(char::to_lowercase).collect()
}

fn letter(c: char) -> Option<char> {
    if c.is_whitespace() || matches!(c, '・' | 'ー' | '-' | '‐' | '−' | '―' | '\'' | '.') {
        return None;
    }
    // Hiragana ぁ..ゖ stand 0x60 below their katakana.
    let c = if ('ぁ'..='ゖ').contains(&c) { char::from_u32(c as u32 + 0x60).unwrap_or(c) } else { c };
    Some(match c {
        'ァ' => 'ア',
        'ィ' => 'イ',
        'ゥ' => 'ウ',
        'ェ' => 'エ',
        'ォ' => 'オ',
        'ッ' => 'ツ',
        'ャ' => 'ヤ',
        'ュ' => 'ユ',
        'ョ' => 'ヨ',
        'ヮ' => 'ワ',
        'ヵ' => 'カ',
        'ヶ' => 'ケ',
        'ヂ' => 'ジ',
        'ヅ' => 'ズ',
        'ヲ' => 'オ',
        'ヰ' => 'イ',
        'ヱ' => 'エ',
        other => VARIANTS.iter().find(|(_, variants)| variants.contains(other)).map_or(other, |(plain, _)| *plain),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_name_meet() {
        for (a, b) in [
            ("髙橋 花子", "高橋　花子"),
            ("ﾀｶﾊｼ ﾊﾅｺ", "たかはし はなこ"),
            ("シヨウコ", "ショウコ"),
            ("ｶﾞｯｺｳ", "ガツコウ"),
            ("渡邉", "渡辺"),
            ("山﨑", "山崎"),
            ("齊藤", "斎藤"),
            ("𠮷田", "吉田"),
            ("マリー・アン", "マリ アン"),
            ("ＳＭＩＴＨ John", "smith john"),
        ] {
            assert_eq!(name(a), name(b), "{a} {b}");
        }
        assert_ne!(name("佐藤"), name("加藤"));
        assert_ne!(name("ハナコ"), name("バナコ"));
    }
}
