//! Which encoding a file is in, and its text: UTF-8 with or without a byte order mark, or Shift_JIS as Windows writes it
//! (CP932, with 髙 and 﨑). Nothing is guessed from words: what is UTF-8 throughout is UTF-8, and so is a file whose first
//! line has other than ASCII letters in UTF-8; a character broken further down is then one line's fault.

use std::borrow::Cow;

/// The text; a character that could not be read became U+FFFD, and its line will say so.
pub(super) fn read(bytes: &[u8]) -> Cow<'_, str> {
    let plain = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match std::str::from_utf8(plain) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) if plain.len() < bytes.len() || begins_in_utf8(plain) => String::from_utf8_lossy(plain),
        Err(_) => encoding_rs::SHIFT_JIS.decode_without_bom_handling(bytes).0,
    }
}

fn begins_in_utf8(bytes: &[u8]) -> bool {
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    !line.is_ascii() && std::str::from_utf8(line).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_encodings_are_read() {
        let text = "氏名,髙橋 﨑子,①㈱";
        assert_eq!(read(text.as_bytes()), text);
        assert_eq!(read(&[b"\xef\xbb\xbf".as_slice(), text.as_bytes()].concat()), text);
        let (bytes, _, lost) = encoding_rs::SHIFT_JIS.encode(text);
        assert!(!lost, "CP932 has these");
        assert_eq!(read(&bytes), text);
        assert!(read(b"\xef\xbb\xbfa\xff").contains('\u{fffd}'));
        let broken = [text.as_bytes(), b"\n\x93".as_slice()].concat();
        assert!(read(&broken).starts_with(text) && read(&broken).ends_with('\u{fffd}'));
        assert_eq!(read(b""), "");
    }
}
