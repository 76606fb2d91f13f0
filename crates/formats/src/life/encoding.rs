//! The two encodings of the interface: UTF-8 with or without a byte order mark, and MS932 (Windows' Shift_JIS, CP932).
//!
//! Which one a file is in is decided by rule, at the first line that holds a character beyond ASCII. A byte order mark says
//! UTF-8. Else the line is UTF-8 if it is well-formed as such and holds at least one character that UTF-8 writes with three
//! bytes, as it does every kana, kanji and full-width letter. Half-width kana of MS932 can look like two-byte characters of
//! UTF-8 (`ﾃｸ` like `Ã¸`), never like those. If the line does not tell, the 64 KiB from it on do, by the same rule; what is
//! well-formed in neither is UTF-8 if it begins as such. All else is MS932.

use std::borrow::Cow;

/// An encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8.
    Utf8,
    /// MS932, also called CP932 and Windows-31J.
    Ms932,
}

/// The byte order mark of UTF-8.
pub(super) const BOM: &[u8] = b"\xef\xbb\xbf";

impl Encoding {
    /// Its name as the interface has it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Ms932 => "MS932",
        }
    }

    /// The encoding that a line, and `sample`, which begins with it, tell; `None` while the line is ASCII.
    #[must_use]
    pub fn of(line: &[u8], sample: &[u8]) -> Option<Self> {
        if line.is_ascii() {
            return None;
        }
        let is_wide = |text: &str| text.chars().any(|c| c.len_utf8() >= 3);
        if std::str::from_utf8(line).is_ok_and(is_wide) {
            return Some(Self::Utf8);
        }
        let (begin, is_whole) = match std::str::from_utf8(sample) {
            Ok(text) => (text, true),
            // The sample may end within a character.
            Err(error) => (
                sample.get(..error.valid_up_to()).and_then(|part| std::str::from_utf8(part).ok()).unwrap_or_default(),
                error.error_len().is_none(),
            ),
        };
        let is_utf8 = is_wide(begin) && (is_whole || Self::Ms932.decode(sample).is_none());
        Some(if is_utf8 { Self::Utf8 } else { Self::Ms932 })
    }

    /// The text of some bytes, or `None` if they are no text in this encoding.
    #[must_use]
    pub fn decode(self, bytes: &[u8]) -> Option<Cow<'_, str>> {
        if self == Self::Utf8 || bytes.is_ascii() {
            return std::str::from_utf8(bytes).ok().map(Cow::Borrowed);
        }
        encoding_rs::SHIFT_JIS.decode_without_bom_handling_and_without_replacement(bytes)
    }

    /// Appends a text, or says the first character that this encoding cannot hold; then nothing was appended.
    ///
    /// # Errors
    /// The character.
    pub fn encode(self, text: &str, output: &mut Vec<u8>) -> Result<(), char> {
        if self == Self::Utf8 || text.is_ascii() {
            output.extend_from_slice(text.as_bytes());
            return Ok(());
        }
        let (bytes, _, lost) = encoding_rs::SHIFT_JIS.encode(text);
        if !lost && encoding_rs::SHIFT_JIS.decode_without_bom_handling(&bytes).0 == text {
            output.extend_from_slice(&bytes);
            return Ok(());
        }
        let before = output.len();
        for character in text.chars() {
            if let Err(character) = ms932(character, output) {
                output.truncate(before);
                return Err(character);
            }
        }
        Ok(())
    }
}

/// Whether a text is written with the bytes that MS932 usually has for it.
pub(super) fn is_usual_ms932(text: &str, bytes: &[u8]) -> bool {
    // Only in these rows does MS932 have characters that stand elsewhere, too; looking again takes time.
    if !bytes.iter().any(|byte| matches!(byte, 0x87 | 0xed | 0xee | 0xf0..=0xfc)) {
        return true;
    }
    let (usual, _, lost) = encoding_rs::SHIFT_JIS.encode(text);
    if !lost {
        return *usual == *bytes;
    }
    let mut usual = Vec::with_capacity(bytes.len());
    Encoding::Ms932.encode(text, &mut usual).is_ok() && usual == bytes
}

/// Appends one character in MS932 if reading it gives the same character again.
fn ms932(character: char, output: &mut Vec<u8>) -> Result<(), char> {
    if let Some(bytes) = private(character) {
        output.extend_from_slice(&bytes);
        return Ok(());
    }
    let mut buffer = [0; 4];
    let text: &str = character.encode_utf8(&mut buffer);
    let (bytes, _, lost) = encoding_rs::SHIFT_JIS.encode(text);
    // The web's encoder also writes what only looks like the character: the minus sign as the full-width one.
    if lost || encoding_rs::SHIFT_JIS.decode_without_bom_handling(&bytes).0 != text {
        return Err(character);
    }
    output.extend_from_slice(&bytes);
    Ok(())
}

/// The bytes of a character of somebody's own (外字), which MS932 has and the web's encoder does not write.
fn private(character: char) -> Option<[u8; 2]> {
    const PER_LEAD: u32 = 188;
    let at = u32::from(character).checked_sub(0xe000).filter(|at| *at < 10 * PER_LEAD)?;
    let (lead, trail) = (0xf0 + at / PER_LEAD, at % PER_LEAD);
    let trail = trail + if trail < 0x3f { 0x40 } else { 0x41 };
    Some([u8::try_from(lead).ok()?, u8::try_from(trail).ok()?])
}

/// Whether a character is of somebody's own: it looks the same nowhere else.
#[must_use]
pub fn is_private(character: char) -> bool {
    ('\u{e000}'..='\u{f8ff}').contains(&character)
}

/// A character of MS932 to write instead of one that it lacks, where there is a usual one.
#[must_use]
pub fn instead(character: char) -> Option<char> {
    Some(match character {
        '\u{301c}' => '\u{ff5e}',
        '\u{2212}' => '\u{ff0d}',
        '\u{2016}' => '\u{2225}',
        '\u{00a2}' => '\u{ffe0}',
        '\u{00a3}' => '\u{ffe1}',
        '\u{00ac}' => '\u{ffe2}',
        '\u{00a5}' => '\u{ffe5}',
        '\u{2014}' => '\u{2015}',
        '\u{203e}' => '\u{ffe3}',
        '\u{00a0}' => '\u{3000}',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_jis_lacks_is_the_same_again_in_ms932() {
        for (text, bytes) in [
            ("①", &b"\x87\x40"[..]),
            ("髙", b"\xfb\xfc"),
            ("﨑", b"\xfa\xb1"),
            ("㈱", b"\x87\x8a"),
            ("～", b"\x81\x60"),
            ("－", b"\x81\x7c"),
            ("∥", b"\x81\x61"),
            ("\u{e000}", b"\xf0\x40"),
            ("\u{e757}", b"\xf9\xfc"),
            ("ｱ", b"\xb1"),
        ] {
            let mut output = Vec::new();
            assert_eq!(Encoding::Ms932.encode(text, &mut output), Ok(()), "{text}");
            assert_eq!(output, bytes, "{text}");
            assert_eq!(Encoding::Ms932.decode(bytes).as_deref(), Some(text));
        }
    }

    #[test]
    fn every_character_comes_back_or_is_named() {
        for character in '\0'..=char::MAX {
            let mut output = b"x".to_vec();
            match Encoding::Ms932.encode(character.encode_utf8(&mut [0; 4]), &mut output) {
                Ok(()) => {
                    let back = Encoding::Ms932.decode(&output[1..]);
                    assert_eq!(back.as_deref(), Some(character.to_string().as_str()));
                }
                Err(named) => assert_eq!((named, output.as_slice()), (character, b"x".as_slice())),
            }
        }
        for lost in ['〜', '−', '¥', '—', '𠮷', '😀', '‖'] {
            assert_eq!(Encoding::Ms932.encode(lost.encode_utf8(&mut [0; 4]), &mut Vec::new()), Err(lost));
            if let Some(usual) = instead(lost) {
                assert_eq!(Encoding::Ms932.encode(usual.encode_utf8(&mut [0; 4]), &mut Vec::new()), Ok(()));
            }
        }
    }

    #[test]
    fn a_character_with_two_codes_is_told_whichever_row_it_stands_in() {
        let mut other = 0;
        for bytes in (0x81..=0xfc_u8).flat_map(|lead| (0x40..=0xfc_u8).map(move |trail| [lead, trail])) {
            let Some(text) = Encoding::Ms932.decode(&bytes) else { continue };
            let mut again = Vec::new();
            assert_eq!(Encoding::Ms932.encode(&text, &mut again), Ok(()), "{bytes:x?}");
            assert_eq!(is_usual_ms932(&text, &bytes), again == bytes, "{bytes:x?}");
            other += u32::from(again != bytes);
        }
        // NEC's copy of IBM's characters, and the doubles of JIS, NEC and IBM.
        assert_eq!(other, 398);
    }

    #[test]
    fn half_width_kana_are_not_taken_for_utf8() {
        let of = |bytes: &[u8]| Encoding::of(bytes, bytes);
        for text in ["ﾃｸ", "ﾂｱﾃｲ", "山田", "①㈱", "ｱ", "ﾐｶﾐｷ"] {
            let (bytes, _, lost) = encoding_rs::SHIFT_JIS.encode(text);
            assert!(!lost);
            assert_eq!(of(&bytes), Some(Encoding::Ms932), "{text}");
            assert_eq!(of(text.as_bytes()), Some(Encoding::Utf8), "{text}");
        }
        assert_eq!(of(b"abc,1"), None);
        assert_eq!(of(&"山田".as_bytes()[..5]), Some(Encoding::Utf8), "cut within a character");
        // A name with a Latin letter tells nothing; what follows does.
        let sample = "é\n山田".as_bytes();
        assert_eq!(Encoding::of("é".as_bytes(), sample), Some(Encoding::Utf8));
        // One broken byte is one row's fault.
        let broken = ["山田\n".as_bytes(), b"\xff\xfe\n"].concat();
        assert_eq!(Encoding::of("山田".as_bytes(), &broken), Some(Encoding::Utf8));
        assert_eq!(Encoding::of(&broken, &broken), Some(Encoding::Utf8), "well-formed in neither");
    }
}
