//! A ZIP file encrypted with AES-256 (AE-2, <https://www.winzip.com/en/support/aes-encryption/>): what a clerk at a hospital's
//! Windows computer can open with 7-Zip, and nearly everybody else with something.
//!
//! Files are stored, not compressed: AE-2 keeps no checksum of the plain bytes, and the length of what is compressed would
//! tell of it. Names and lengths of the files are not encrypted by this format, so names say nothing.

use aes::{
    Aes256,
    cipher::{BlockCipherEncrypt as _, KeyInit as _},
};
use hmac::{Hmac, Mac as _};
use sha1::Sha1;
use tsumugi_kernel::Entropy;
use zeroize::Zeroizing;

/// Rounds of PBKDF2, fixed by the format. They stretch little: the password must be good by itself.
const ROUNDS: u32 = 1_000;
const SALT: usize = 16;
const MARK: usize = 10;
/// 2 of 1980-01-01: the format's first day. When a file was made stands inside.
const DAY: u16 = (1 << 5) | 1;

/// One file.
pub(crate) struct Entry<'a> {
    /// Its name: ASCII, and nothing of a person.
    pub name: &'a str,
    /// Its bytes.
    pub bytes: &'a [u8],
}

/// The ZIP of some files under one password; `None` where a file is beyond the format's 4 GiB.
pub(crate) fn zip(entries: &[Entry<'_>], password: &str, entropy: &dyn Entropy) -> Option<Vec<u8>> {
    let (mut out, mut list) = (Vec::new(), Vec::new());
    for entry in entries {
        let at = u32::try_from(out.len()).ok()?;
        let mut salt = [0; SALT];
        entropy.fill(&mut salt);
        let sealed = seal(entry.bytes, password, &salt);
        let head = head(entry, u32::try_from(sealed.len()).ok()?)?;
        out.extend(b"PK\x03\x04");
        out.extend(&head);
        out.extend(extra_and_name(entry));
        out.extend(&sealed);
        list.extend(b"PK\x01\x02");
        list.extend(51_u16.to_le_bytes());
        list.extend(&head);
        // Comment, disk, attributes: none.
        list.extend([0; 10]);
        list.extend(at.to_le_bytes());
        list.extend(extra_and_name(entry));
    }
    let (count, size, at) =
        (u16::try_from(entries.len()).ok()?, u32::try_from(list.len()).ok()?, u32::try_from(out.len()).ok()?);
    out.extend(list);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend(count.to_le_bytes());
    out.extend(count.to_le_bytes());
    out.extend(size.to_le_bytes());
    out.extend(at.to_le_bytes());
    out.extend([0; 2]);
    Some(out)
}

/// What local and central headers share: version 5.1, encrypted, method 99, no checksum, lengths.
fn head(entry: &Entry<'_>, sealed: u32) -> Option<Vec<u8>> {
    let mut head = Vec::with_capacity(26);
    for part in [51_u16, 1, 99, 0, DAY] {
        head.extend(part.to_le_bytes());
    }
    head.extend(0_u32.to_le_bytes());
    head.extend(sealed.to_le_bytes());
    head.extend(u32::try_from(entry.bytes.len()).ok()?.to_le_bytes());
    head.extend(u16::try_from(entry.name.len()).ok()?.to_le_bytes());
    head.extend(11_u16.to_le_bytes());
    Some(head)
}

/// The name, and the extra field: AE-2, AES-256, stored.
fn extra_and_name(entry: &Entry<'_>) -> Vec<u8> {
    let mut out = entry.name.as_bytes().to_vec();
    out.extend([0x01, 0x99, 7, 0, 2, 0, b'A', b'E', 3, 0, 0]);
    out
}

/// Salt, check of the password, ciphertext, authentication code.
fn seal(bytes: &[u8], password: &str, salt: &[u8; SALT]) -> Vec<u8> {
    let keys = keys(password, salt);
    let mut out = Vec::with_capacity(SALT + 2 + bytes.len() + MARK);
    out.extend(salt);
    out.extend(&keys[64..66]);
    let from = out.len();
    out.extend(bytes);
    apply(&keys[..32], &mut out[from..]);
    let mark = mark(&keys[32..64], &out[from..]);
    out.extend(&mark[..MARK]);
    out
}

/// 32 bytes for AES, 32 for HMAC, 2 for the check: PBKDF2 with HMAC-SHA-1 (RFC 8018).
fn keys(password: &str, salt: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut keys = Zeroizing::new(Vec::with_capacity(80));
    for block in 1_u32..=4 {
        let mut mac = keyed(password.as_bytes());
        mac.update(salt);
        mac.update(&block.to_be_bytes());
        let mut round: [u8; 20] = mac.finalize().into_bytes().into();
        let mut sum = round;
        for _ in 1..ROUNDS {
            let mut mac = keyed(password.as_bytes());
            mac.update(&round);
            round = mac.finalize().into_bytes().into();
            sum.iter_mut().zip(round).for_each(|(sum, byte)| *sum ^= byte);
        }
        keys.extend(sum);
    }
    keys
}

/// HMAC-SHA-1 under a key of at most 64 bytes, padded as RFC 2104 section 2 says. Passwords here are 24 characters.
fn keyed(key: &[u8]) -> Hmac<Sha1> {
    let mut block = [0; 64];
    block.iter_mut().zip(key).for_each(|(into, byte)| *into = *byte);
    Hmac::new(&block.into())
}

fn mark(key: &[u8], bytes: &[u8]) -> [u8; 20] {
    let mut mac = keyed(key);
    mac.update(bytes);
    mac.finalize().into_bytes().into()
}

/// Counter mode as the format has it: the counter begins at 1 and is written little endian.
fn apply(key: &[u8], bytes: &mut [u8]) {
    let mut own = [0; 32];
    own.copy_from_slice(key);
    let cipher = Aes256::new(&own.into());
    for (index, block) in bytes.chunks_mut(16).enumerate() {
        let mut stream = (index as u128 + 1).to_le_bytes().into();
        cipher.encrypt_block(&mut stream);
        block.iter_mut().zip(stream).for_each(|(byte, mask)| *byte ^= mask);
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use tsumugi_kernel::entropy::SeededEntropy;

    /// Opens the first entry of a ZIP as the format's description says.
    pub(crate) fn open(zip: &[u8], password: &str) -> Option<(String, Vec<u8>)> {
        let number = |at: usize| u32::from_le_bytes(zip[at..at + 4].try_into().unwrap()) as usize;
        let short = |at: usize| u16::from_le_bytes(zip[at..at + 2].try_into().unwrap()) as usize;
        assert_eq!((&zip[..4], short(8)), (b"PK\x03\x04".as_slice(), 99), "method 99");
        let (sealed, name, extra) = (number(18), short(26), short(28));
        let from = 30 + name + extra;
        let body = &zip[from..from + sealed];
        let (salt, rest) = body.split_at(SALT);
        let (check, rest) = rest.split_at(2);
        let (cipher, own) = rest.split_at(rest.len() - MARK);
        let keys = keys(password, salt);
        if keys[64..66] != *check || mark(&keys[32..64], cipher)[..MARK] != *own {
            return None;
        }
        let mut plain = cipher.to_vec();
        apply(&keys[..32], &mut plain);
        Some((String::from_utf8(zip[30..30 + name].to_vec()).unwrap(), plain))
    }

    #[test]
    fn what_another_program_sealed_opens_here() {
        // Made with 7-Zip: 7z a -tzip -mem=AES256 -mx=0 -p1234-5678-9012-3456-7890 other.zip note.txt
        let other = include_bytes!("../../tests/data/other.zip");
        let (name, plain) = open(other, "1234-5678-9012-3456-7890").unwrap();
        assert_eq!((name.as_str(), plain.as_slice()), ("note.txt", "紬 is a cloth of hand-spun thread.\n".as_bytes()));
        assert!(open(other, "1234-5678-9012-3456-7891").is_none());
    }

    #[test]
    fn what_is_sealed_here_opens_with_its_password_alone_and_tells_a_changed_byte() {
        let bytes = vec![7; 1_000];
        let mut zip = zip(&[Entry { name: "record.json", bytes: &bytes }], "1-2", &SeededEntropy::new(3)).unwrap();
        assert_eq!(open(&zip, "1-2"), Some(("record.json".to_owned(), bytes)));
        assert_eq!(open(&zip, "1-3"), None);
        zip[100] ^= 1;
        assert_eq!(open(&zip, "1-2"), None);
    }
}
