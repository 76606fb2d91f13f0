//! Names folded so that spellings of one name find each other: 髙橋 and 高橋, ﾀｶﾊｼ and たかはし, シヨウコ and ショウコ.
//!
//! Two folds: [`written`] for what is written, in any script, and [`sound`] for a reading, which also drops what
//! clerks hear alike: long vowels, ヴァ and バ, ヂ and ジ. A name is kept and shown as written.

use std::sync::LazyLock;

use super::{compatible, variants};

/// A written name as a key: compatibility forms and variants unified, hiragana as katakana, small kana as large, without
/// spaces, middle dots and long-vowel marks, in lower case.
#[must_use]
pub fn written(text: &str) -> String {
    compatible(text).chars().filter_map(letter).flat_map(char::to_lowercase).collect()
}

/// A reading as a key: as [`written`], and long vowels short (オウ, オオ, オー → オ; ユウ → ユ), ヴ as バ, ヂ as ジ.
#[must_use]
pub fn sound(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let plain =
        compatible(text).replace("ヴァ", "バ").replace("ヴィ", "ビ").replace("ヴェ", "ベ").replace("ヴォ", "ボ");
    // A vowel is only long within one part of a name: シミズ・ウメ does not lose its ウ.
    for part in parts(&plain) {
        let mut before = ' ';
        for c in written(part).chars() {
            let long =
                (c == 'ウ' && (in_row(before, O_ROW) || in_row(before, U_ROW))) || (c == 'オ' && in_row(before, O_ROW));
            if !long {
                folded.push(c);
                before = c;
            } else {
                before = ' ';
            }
        }
    }
    folded
}

/// Katakana that end in o, after small kana have become large.
const O_ROW: &str = "オコソトノホモヨロゴゾドボポ";
/// Katakana that end in u.
const U_ROW: &str = "ウクスツヌフムユルグズブプ";

fn in_row(c: char, row: &str) -> bool {
    row.contains(c)
}

/// A sound without voiced marks: ナカジマ and ナカシマ are one, as clerks guess them.
#[must_use]
pub fn unvoiced(sound: &str) -> String {
    const VOICED: &str = "ガギグゲゴザジズゼゾダデドバビブベボパピプペポ";
    const PLAIN: &str = "カキクケコサシスセソタテトハヒフヘホハヒフヘホ";
    sound
        .chars()
        .map(|c| VOICED.chars().position(|voiced| voiced == c).and_then(|at| PLAIN.chars().nth(at)).unwrap_or(c))
        .collect()
}

/// The parts of a name, parted by spaces, middle dots or commas, in the order in which they are written.
pub fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || matches!(c, '・' | '･' | '·' | ',' | '，' | '、' | '=' | '＝'))
        .filter(|part| !part.is_empty())
}

/// Family and given name of a whole one, family name first, as Japan writes: the first part, and all others.
/// `None` if there is only one part.
#[must_use]
pub fn split(text: &str) -> Option<(String, String)> {
    let mut all = parts(text);
    let family = all.next()?;
    let given: Vec<&str> = all.collect();
    (!given.is_empty()).then(|| (family.to_owned(), given.join(" ")))
}

/// Whether every letter of a folded name is kana or Latin, so that it says how it sounds.
#[must_use]
pub fn is_sound(folded: &str) -> bool {
    !folded.is_empty() && folded.chars().all(|c| ('ァ'..='ヺ').contains(&c) || c.is_ascii_alphanumeric())
}

/// Names that are none, whole, and starts of such names.
const PLACEHOLDERS: &[&str] = &[
    "男",
    "女",
    "児",
    "男児",
    "女児",
    "長男",
    "長女",
    "次男",
    "次女",
    "二男",
    "二女",
    "三男",
    "三女",
    "不詳",
    "不明",
    "氏名不詳",
    "氏名不明",
    "未命名",
    "未定",
    "命名前",
    "無名",
    "名無",
    "身元不明",
    "フショウ",
    "フメイ",
    "男性",
    "女性",
    "unknown",
    "unk",
    "noname",
    "johndoe",
    "janedoe",
    "doe",
];
const STARTS: &[&str] = &["ベビー", "ベイビー", "新生児", "シンセイジ", "赤ちゃん", "baby", "newborn", "infant"];

/// Both, folded once.
static FOLDED: LazyLock<[Vec<String>; 2]> =
    LazyLock::new(|| [PLACEHOLDERS, STARTS].map(|words| words.iter().map(|word| written(word)).collect()));

/// Whether a given name stands for one that is not there yet or not known: ベビー, 新生児, 不詳.
#[must_use]
pub fn is_placeholder(given: &str) -> bool {
    let folded = written(given);
    let bare = folded.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '(' | ')' | 'a' | 'b' | '#'));
    let [whole, starts] = &*FOLDED;
    whole.contains(&folded)
        || whole.iter().any(|word| word == bare)
        || starts.iter().any(|start| folded.starts_with(start.as_str()))
}

fn letter(c: char) -> Option<char> {
    if c.is_whitespace()
        || matches!(
            c,
            '・' | '·' | 'ー' | '-' | '‐' | '‑' | '–' | '—' | '−' | '―' | '\'' | '’' | '.' | ',' | '、' | '='
        )
    {
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
        'ヴ' => 'ブ',
        'ヂ' => 'ジ',
        'ヅ' => 'ズ',
        'ヲ' => 'オ',
        'ヰ' => 'イ',
        'ヱ' => 'エ',
        other => variants::usual(other),
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
            ("渡邊", "渡辺"),
            ("山﨑", "山崎"),
            ("齊藤", "斎藤"),
            ("齋藤", "斉藤"),
            ("𠮷田", "吉田"),
            ("葛\u{e0101}西", "葛西"),
            ("\u{fa19}谷", "神谷"),
            ("マリー・アン", "マリ アン"),
            ("ＳＭＩＴＨ John", "smith john"),
            ("澤邊", "沢辺"),
        ] {
            assert_eq!(written(a), written(b), "{a} {b}");
        }
        assert_ne!(written("佐藤"), written("加藤"));
        assert_ne!(written("ハナコ"), written("バナコ"));
    }

    #[test]
    fn readings_that_sound_alike_meet() {
        for (a, b) in [
            ("オオノ", "オーノ"),
            ("オオノ", "オウノ"),
            ("おおの", "ｵｰﾉ"),
            ("ヨウコ", "ヨーコ"),
            ("ショウタ", "シヨータ"),
            ("ユウキ", "ユーキ"),
            ("ヴァネッサ", "バネッサ"),
            ("ヴ", "ブ"),
            ("チヅル", "チズル"),
            ("ミヂカ", "ミジカ"),
            ("カヲル", "カオル"),
            ("カ゛ク", "ガク"),
            ("トオル", "トウル"),
        ] {
            assert_eq!(sound(a), sound(b), "{a} {b}");
        }
        for (a, b) in [("オダ", "オオタ"), ("シミズ ウメ", "シミズ メ"), ("イイダ", "イダ"), ("ハルカ", "ハルナ")]
        {
            assert_ne!(sound(a), sound(b), "{a} {b}");
        }
        assert_eq!(unvoiced(&sound("ナカジマ")), sound("ナカシマ"));
    }

    #[test]
    fn a_name_parts_where_it_is_parted() {
        let pair = |a: &str, b: &str| Some((a.to_owned(), b.to_owned()));
        assert_eq!(split("山田　花子"), pair("山田", "花子"));
        assert_eq!(split("グエン ティ・リン"), pair("グエン", "ティ リン"));
        assert_eq!(split("SMITH, John"), pair("SMITH", "John"));
        assert_eq!(split("山田花子"), None);
        assert_eq!(split("　"), None);
    }

    #[test]
    fn names_that_are_none() {
        for given in
            ["ベビー", "ﾍﾞﾋﾞｰ1", "新生児", "Baby Boy", "女児", "女児2", "不詳", "長男", "氏名不詳", "赤ちゃん", "ベビーA"]
        {
            assert!(is_placeholder(given), "{given}");
        }
        for given in ["花子", "男也", "未来", "一男", "次郎", "ジョー", "杏"] {
            assert!(!is_placeholder(given), "{given}");
        }
    }

    #[test]
    fn what_says_how_it_sounds() {
        assert!(is_sound(&written("さくら")) && is_sound(&written("John")));
        assert!(!is_sound(&written("花子")) && !is_sound(""));
    }
}
