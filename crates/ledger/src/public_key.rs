//! Public keys as their text, `<name>+<key id as 8 hex digits>+<base64(type byte ‖ public key)>`
//! (`c2sp.org/signed-note`): one form for a log's key and a witness's, told apart by the type byte.
//!
//! The key id is the first four bytes of `SHA-256(name ‖ "\n" ‖ type ‖ public key)`. A name is not empty and has no space
//! and no `+`.

use ed25519_dalek::VerifyingKey;
use sha2::{Digest as _, Sha256};

use crate::{LedgerError, encoding};

/// Type byte of an Ed25519 key that signs notes.
pub(crate) const ED25519: u8 = 0x01;
/// Type byte of an Ed25519 key that cosigns.
pub(crate) const COSIGNATURE: u8 = 0x04;

/// A public Ed25519 key with a name, for what its type says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey<const TYPE: u8> {
    pub(crate) name: String,
    pub(crate) key_id: [u8; 4],
    pub(crate) key: VerifyingKey,
}

impl<const TYPE: u8> PublicKey<TYPE> {
    /// Reads the text of a key of this type.
    ///
    /// # Errors
    /// [`LedgerError::Format`] if it is not of that form or type, or its id is not that of its key.
    pub fn parse(vkey: &str) -> Result<Self, LedgerError> {
        let format = |detail| LedgerError::Format { what: "verifier key", detail };
        let mut parts = vkey.splitn(3, '+');
        let (Some(name), Some(_), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(format("it is not of the form name+id+key"));
        };
        let bytes = encoding::from_base64(key).ok_or_else(|| format("its key is not base64"))?;
        let public = match bytes.as_slice() {
            [found, public @ ..] if *found == TYPE => public,
            _ if TYPE == COSIGNATURE => return Err(format("its key is not an Ed25519 key of a witness (type 4)")),
            _ => return Err(format("its key is not an Ed25519 key")),
        };
        let public: &[u8; 32] = public.try_into().map_err(|_| format("its key has not 32 bytes"))?;
        let key = VerifyingKey::from_bytes(public).map_err(|_| format("its key is not a point of the curve"))?;
        let parsed = Self::of(name, key)?;
        if parsed.vkey() == vkey { Ok(parsed) } else { Err(format("its id is not that of its key and name")) }
    }

    pub(crate) fn of(name: &str, key: VerifyingKey) -> Result<Self, LedgerError> {
        if name.is_empty() || name.contains(|c: char| c.is_whitespace() || c.is_control() || c == '+') {
            return Err(LedgerError::Format { what: "key name", detail: "it is empty or has a space or a plus sign" });
        }
        let hash = Sha256::new_with_prefix(name.as_bytes()).chain_update([b'\n', TYPE]).chain_update(key.as_bytes());
        let [a, b, c, d, ..] = <[u8; 32]>::from(hash.finalize());
        Ok(Self { name: name.to_owned(), key_id: [a, b, c, d], key })
    }

    /// The key's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Name and key id, for people: `name+c74f20a3`.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{}+{:08x}", self.name, u32::from_be_bytes(self.key_id))
    }

    /// The key's text, to be published.
    #[must_use]
    pub fn vkey(&self) -> String {
        format!("{}+{}", self.id(), encoding::to_base64(&[&[TYPE][..], self.key.as_bytes()].concat()))
    }
}
