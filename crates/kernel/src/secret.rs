//! The deployment's one secret and the keys derived from it.
//!
//! Each use has its own key: HKDF-SHA-256 (RFC 5869) with the use's name as info. The secret itself never leaves this
//! file, is never printed, and is wiped from memory when dropped.

use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

/// The secret of one deployment (32 bytes).
pub struct MasterSecret(Zeroizing<[u8; 32]>);

impl MasterSecret {
    /// Takes the 32 bytes of the secret.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The 32-byte key for `purpose`, for example `"tsumugi/id/1"`.
    #[must_use]
    pub fn derive(&self, purpose: &str) -> Zeroizing<[u8; 32]> {
        let mut key = Zeroizing::new([0; 32]);
        let expanded = Hkdf::<Sha256>::new(None, self.0.as_slice()).expand(purpose.as_bytes(), key.as_mut_slice());
        debug_assert!(expanded.is_ok(), "32 bytes are within HKDF-SHA-256's 8,160");
        key
    }
}

impl std::fmt::Debug for MasterSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MasterSecret(…)")
    }
}
