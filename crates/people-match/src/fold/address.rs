//! Addresses in any writing, parted into what is compared: prefecture, city, town, numbers, and what follows them.
//!
//! 丁目, 番 and 号 are numbers however they are written (一丁目2番3号, 1-2-3, １ー２ー３). There is no list of places here:
//! where city and town part is guessed from 市区町村, in the same way for every writing, which is all that comparing needs.

use super::{compatible, numeral, variants};

/// An address folded; empty where nothing is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Address {
    /// The prefecture by its JIS number, 1–47; 0 if it is not written.
    pub prefecture: u8,
    /// City, ward, town or village, with 郡.
    pub city: String,
    /// What stands between the city and the numbers, with the ward of a designated city.
    pub town: String,
    /// 丁目, 番 and 号: `1-2-3`.
    pub numbers: String,
    /// Building, and room last: never part of the block.
    pub room: String,
}

/// Prefectures in the order of their JIS numbers, without 都道府県.
const PREFECTURES: [&str; 47] = [
    "北海道",
    "青森",
    "岩手",
    "宮城",
    "秋田",
    "山形",
    "福島",
    "茨城",
    "栃木",
    "群馬",
    "埼玉",
    "千葉",
    "東京",
    "神奈川",
    "新潟",
    "富山",
    "石川",
    "福井",
    "山梨",
    "長野",
    "岐阜",
    "静岡",
    "愛知",
    "三重",
    "滋賀",
    "京都",
    "大阪",
    "兵庫",
    "奈良",
    "和歌山",
    "鳥取",
    "島根",
    "岡山",
    "広島",
    "山口",
    "徳島",
    "香川",
    "愛媛",
    "高知",
    "福岡",
    "佐賀",
    "長崎",
    "熊本",
    "大分",
    "宮崎",
    "鹿児島",
    "沖縄",
];
/// Most numbers of a block; a further one is a room.
const NUMBERS_MOST: usize = 3;
/// Characters that part the numbers of a block.
const DASHES: &str = "-‐‑–—―−ーノの之ｰ";

/// Folds an address. Any text gives one.
#[must_use]
pub fn read(text: &str) -> Address {
    let plain: String = compatible(text).chars().filter(|c| !c.is_whitespace()).map(variants::usual).collect();
    let (prefecture, rest) = prefecture(postcode(&plain));
    let (city, rest) = city(rest);
    let digits = arabic(rest);
    let start = digits.find(|c: char| c.is_ascii_digit()).unwrap_or(digits.len());
    let (town, tail) = digits.split_at(start);
    let (numbers, room) = block(tail);
    Address { prefecture, city: plainer(city), town: plainer(town), numbers: numbers.join("-"), room }
}

/// Without a postal code at the start.
fn postcode(text: &str) -> &str {
    let bare = text.trim_start_matches('〒');
    let digits = bare.chars().take_while(|c| c.is_ascii_digit() || *c == '-').count();
    let count = bare.chars().take(digits).filter(char::is_ascii_digit).count();
    if count == 7 { bare.get(digits..).unwrap_or(bare) } else { text }
}

fn prefecture(text: &str) -> (u8, &str) {
    for (number, name) in (1_u8..).zip(PREFECTURES) {
        let name: String = name.chars().map(variants::usual).collect();
        let Some(rest) = text.strip_prefix(name.as_str()) else { continue };
        if number == 1 {
            return (number, rest);
        }
        // 広島市 is a city unless 県 follows; 京都市 and 大阪市 likewise.
        if let Some(rest) = rest.strip_prefix(['都', '道', '府', '県']) {
            return (number, rest);
        }
    }
    (0, text)
}

/// City and what follows. The first 市区町村 ends it that is not the first character and has none right after it.
fn city(text: &str) -> (&str, &str) {
    // Names that hold the sign of another kind.
    const WHOLE: [&str; 8] =
        ["東村山市", "武蔵村山市", "四日市市", "廿日市市", "野々市市", "十日町市", "余市郡余市町", "上郡町"];
    for name in WHOLE {
        if let Some(rest) = text.strip_prefix(name) {
            return (text.get(..name.len()).unwrap_or(""), rest);
        }
    }
    let is_end = |c: char| matches!(c, '市' | '区' | '町' | '村');
    let chars: Vec<(usize, char)> = text.char_indices().take(14).collect();
    for (index, (at, c)) in chars.iter().enumerate() {
        let next = chars.get(index + 1).map(|(_, next)| *next);
        if index > 0 && is_end(*c) && !next.is_some_and(is_end) {
            return text.split_at(at + c.len_utf8());
        }
        // A number comes before any sign: no city is written.
        if c.is_ascii_digit() {
            break;
        }
    }
    ("", text)
}

/// Chinese numerals that count 丁目, 番, 号 or 条 as digits; those of names (三田, 六本木) stay.
fn arabic(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(c) = chars.get(at) {
        let run = chars.iter().skip(at).take_while(|c| numeral::is_part(**c) && !c.is_ascii_digit()).count();
        if run == 0 {
            out.push(*c);
            at += 1;
            continue;
        }
        let after: String = chars.iter().skip(at + run).take(2).collect();
        let after_numbers = out.chars().next_back().is_some_and(|c| c.is_ascii_digit() || DASHES.contains(c));
        let counts = after.starts_with("丁目")
            || after.starts_with('条')
            || after.starts_with('号')
            || (after.starts_with('番') && after != "番町")
            || (out.ends_with("番地") || after_numbers)
            || (out.ends_with(['番', '目']) && numeral::is_part(*c))
            || after.chars().next().is_some_and(|c| matches!(c, '-' | '‐' | '−' | 'ー'));
        let word: String = chars.iter().skip(at).take(run).collect();
        match numeral::read(&word).filter(|_| counts) {
            Some(number) => out.push_str(&number.to_string()),
            None => out.push_str(&word),
        }
        at += run;
    }
    out
}

/// The numbers at the start of `text`, at most three, and the room after them.
fn block(text: &str) -> (Vec<String>, String) {
    let mut numbers: Vec<String> = Vec::new();
    let mut rest = text;
    while numbers.len() < NUMBERS_MOST {
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        if end == 0 {
            break;
        }
        let (number, after) = rest.split_at(end);
        // 101号室 after the numbers is a room, not a 号.
        if after.starts_with("号室") || after.starts_with("階") || after.starts_with('F') {
            break;
        }
        let number = number.trim_start_matches('0');
        numbers.push(if number.is_empty() { "0".into() } else { number.into() });
        let word = ["丁目", "番地の", "番地ノ", "番地", "番", "号", "条"].iter().find(|word| after.starts_with(**word));
        rest = word.map_or(after, |word| after.get(word.len()..).unwrap_or(""));
        let bare = rest.trim_start_matches(|c| DASHES.contains(c));
        if bare.starts_with(|c: char| c.is_ascii_digit()) && (word.is_some() || bare.len() < rest.len()) {
            rest = bare;
        } else {
            // 北1条西2丁目 has a word between two numbers; it is part of the place.
            if word == Some(&"条") && bare.starts_with(['東', '西', '南', '北']) {
                let side: String = bare.chars().take(1).collect();
                if let Some(last) = numbers.last_mut() {
                    last.push_str(&side);
                }
                rest = bare.get(side.len()..).unwrap_or("");
                continue;
            }
            break;
        }
    }
    (numbers, room(rest))
}

/// The room number if the rest ends in one, else the building's name.
fn room(text: &str) -> String {
    let text = text.trim_matches(|c: char| DASHES.contains(c) || c.is_ascii_punctuation() || c == '、');
    let text = text.trim_end_matches("号室").trim_end_matches("号").trim_end_matches("室");
    let name = text.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = text.get(name.len()..).unwrap_or("").trim_start_matches('0');
    if digits.is_empty() { super::name::written(text) } else { digits.to_owned() }
}

/// A place's name without 大字 and 字, and with ヶ, の and their like dropped.
fn plainer(text: &str) -> String {
    let text = text.replace("大字", "");
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let skipped = match c {
            'ヶ' | 'ケ' | 'が' | 'ガ' | 'ヵ' | 'カ' | 'の' | 'ノ' | '之' | 'っ' | 'ッ' | 'ツ' | 'つ' => {
                true
            }
            '字' => !out.ends_with('文'),
            c => c.is_ascii_punctuation() || DASHES.contains(c),
        };
        if !skipped {
            out.push(c);
        }
    }
    super::name::written(&out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(prefecture: u8, city: &str, town: &str, numbers: &str, room: &str) -> Address {
        Address { prefecture, city: city.into(), town: town.into(), numbers: numbers.into(), room: room.into() }
    }

    #[test]
    fn one_place_in_every_writing() {
        let place = of(13, "千代田区", "霞関", "1-2-3", "");
        for text in [
            "東京都千代田区霞が関1-2-3",
            "東京都千代田区霞ヶ関１ー２ー３",
            "東京都千代田区霞ケ関一丁目2番3号",
            "〒100-0013 東京都 千代田区 霞が関 １丁目２番３号",
            "東京都千代田区霞が関1丁目2番地3",
            "東京都千代田区霞が関一丁目二番三号",
            "東京都千代田区霞が関１の２の３",
            "東京都千代田区霞が関1−2−3",
        ] {
            assert_eq!(read(text), place, "{text}");
        }
    }

    #[test]
    fn the_parts_of_an_address() {
        for (text, expected) in [
            ("千代田区三田2-1-4 コーポ桜101号室", of(0, "千代田区", "三田", "2-1-4", "101")),
            ("千代田区三田2-1-4-101", of(0, "千代田区", "三田", "2-1-4", "101")),
            ("港区六本木6丁目10番1号 桜ビル", of(0, "港区", "六本木", "6-10-1", "桜ビル")),
            ("千葉県長生郡長生村大字本郷字中町12番地", of(12, "長生郡長生村", "本郷中町", "12", "")),
            ("広島市中区紙屋町1-1", of(0, "広島市", "中区紙屋町", "1-1", "")),
            ("広島県広島市中区紙屋町1-1", of(34, "広島市", "中区紙屋町", "1-1", "")),
            ("東村山市本町1-1", of(0, "東村山市", "本町", "1-1", "")),
            ("三重県四日市市諏訪町1-5", of(24, "四日市市", "諏訪町", "1-5", "")),
            ("市川市八幡1丁目1番1号", of(0, "市川市", "八幡", "1-1-1", "")),
            ("千代田区一番町25番地", of(0, "千代田区", "一番町", "25", "")),
            ("京都府京都市上京区", of(26, "京都市", "上京区", "", "")),
            ("", Address::default()),
            ("住所不定", of(0, "", "住所不定", "", "")),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
        assert_eq!(read("札幌市北区北一条西二丁目3番"), read("札幌市北区北1条西2-3"));
        assert_ne!(read("千代田区三田2-1-4"), read("千代田区三田2-1-5"));
    }
}
