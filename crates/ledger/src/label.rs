//! The blinded label of a citizen: what leaves and map are keyed by, and what auditors see instead of a person.
//!
//! `label = HMAC-SHA256(key, citizen)` (RFC 2104): without the key nobody can tell whose leaves they are, nor try out
//! citizens. One key gives one citizen one label for good, because the chain and the map hang on it.

use std::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

/// A blinded citizen label, 32 bytes, ordered by its bytes. JSON: base64.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Label(#[serde(with = "crate::encoding::hash")] pub [u8; 32]);

impl Label {
    /// The label of `citizen` (its id's bytes) under the log's 32-byte label key.
    #[must_use]
    pub fn blind(key: &[u8; 32], citizen: &[u8]) -> Self {
        Self(hmac_sha256(key, &[citizen]))
    }

    /// The label's bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The bucket of the map where the label stands: its first 16 bits, big endian.
    #[must_use]
    pub const fn bucket(&self) -> u16 {
        u16::from_be_bytes([self.0[0], self.0[1]])
    }

    /// Bit `depth` of the label (0 is the highest bit of the first byte): `true` goes right in the map.
    #[must_use]
    pub const fn bit(&self, depth: usize) -> bool {
        self.0[depth / 8] >> (7 - depth % 8) & 1 == 1
    }
}

impl fmt::Debug for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Label({})", crate::encoding::to_base64(&self.0))
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&crate::encoding::to_base64(&self.0))
    }
}

/// HMAC-SHA256 over the joined `parts`.
pub(crate) fn hmac_sha256(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    // HMAC pads a key that is shorter than SHA-256's block with zeros (RFC 2104 section 2), so this is the same key
    // and cannot fail.
    let mut block = [0_u8; 64];
    block[..32].copy_from_slice(key);
    let mut mac = Hmac::<Sha256>::new(&block.into());
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231 test case 2 has a 4-byte key; padded with zeros to 32 bytes it is the same HMAC.
    #[test]
    fn hmac_follows_rfc_4231() {
        let mut key = [0_u8; 32];
        key[..4].copy_from_slice(b"Jefe");
        let mac = hmac_sha256(&key, &[b"what do ya want ", b"for nothing?"]);
        let hex: String = mac.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }

    #[test]
    fn bits_and_bucket_read_from_the_front() {
        let mut bytes = [0_u8; 32];
        bytes[0] = 0b1000_0001;
        bytes[1] = 0x02;
        bytes[31] = 1;
        let label = Label(bytes);
        assert_eq!(label.bucket(), 0x8102);
        assert!(label.bit(0) && !label.bit(1) && label.bit(7) && label.bit(14) && label.bit(255));
    }
}
