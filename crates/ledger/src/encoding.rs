//! Base64 as all texts of the ledger carry it: RFC 4648 section 4, padded, and only the canonical form.
//!
//! What must hold: one byte string has exactly one text, so a flipped bit in a text is never without effect. The
//! engine refuses missing padding and set trailing bits.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::Hash;

/// Bytes as base64 text.
#[must_use]
pub fn to_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Base64 text as bytes; `None` if it is not canonical base64.
#[must_use]
pub fn from_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// Base64 text as a hash; `None` if it is not canonical base64 of 32 bytes.
#[must_use]
pub fn hash_from_base64(text: &str) -> Option<Hash> {
    from_base64(text)?.try_into().ok()
}

/// For `#[serde(with = …)]`: 32 bytes as base64 text.
pub mod hash {
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    use crate::Hash;

    /// Writes the text.
    ///
    /// # Errors
    /// What the serializer reports.
    pub fn serialize<S: Serializer>(hash: &Hash, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&super::to_base64(hash))
    }

    /// Reads the text.
    ///
    /// # Errors
    /// If it is not canonical base64 of 32 bytes.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Hash, D::Error> {
        let text = String::deserialize(deserializer)?;
        super::hash_from_base64(&text).ok_or_else(|| D::Error::custom("expected base64 of 32 bytes"))
    }
}

/// For `#[serde(with = …)]`: a list of hashes as base64 texts.
pub mod hashes {
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    use crate::Hash;

    /// Writes the texts.
    ///
    /// # Errors
    /// What the serializer reports.
    pub fn serialize<S: Serializer>(hashes: &[Hash], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(hashes.iter().map(|hash| super::to_base64(hash)))
    }

    /// Reads the texts.
    ///
    /// # Errors
    /// If one is not canonical base64 of 32 bytes.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Hash>, D::Error> {
        let texts = Vec::<String>::deserialize(deserializer)?;
        let hashes = texts.iter().map(|text| super::hash_from_base64(text)).collect::<Option<Vec<_>>>();
        hashes.ok_or_else(|| D::Error::custom("expected base64 of 32 bytes"))
    }
}

/// For `#[serde(with = …)]`: bytes as base64 text.
pub mod bytes {
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    /// Writes the text.
    ///
    /// # Errors
    /// What the serializer reports.
    pub fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&super::to_base64(bytes))
    }

    /// Reads the text.
    ///
    /// # Errors
    /// If it is not canonical base64.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(deserializer)?;
        super::from_base64(&text).ok_or_else(|| D::Error::custom("expected base64"))
    }
}
