//! Cosignatures (`c2sp.org/tlog-cosignature`, Ed25519): how a witness says which log it has seen, and when.
//!
//! A cosignature is one more signature line of the checkpoint's note. Its bytes are
//! `key id (4) ‖ time (u64 seconds since 1970, big endian) ‖ Ed25519 signature (64)`; signed is
//! `"cosignature/v1\ntime " ‖ time in decimal ‖ "\n" ‖ the whole text of the note`. The key has type `0x04`, so that a
//! log's key and a witness's are never taken for each other.
//!
//! What a cosignature says: at that time, of this log, this tree was the largest consistent one that the witness had
//! seen. Of further lines it says that they stood there, no more.

use ed25519_dalek::{Signature, Signer as _, SigningKey};

use crate::{LedgerError, Note, PublicKey, encoding, public_key::COSIGNATURE};

/// A witness's signing key. The secret is wiped when dropped and never printed.
pub struct Cosigner {
    key: SigningKey,
    public: WitnessKey,
}

impl std::fmt::Debug for Cosigner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Cosigner({})", self.public.id())
    }
}

impl Cosigner {
    /// The key with this 32-byte seed under this name, usually a URL without its scheme: `witness.example/w1`.
    ///
    /// # Errors
    /// [`LedgerError::Format`] if the name is empty or has a space, a control character or a `+`.
    pub fn new(name: &str, seed: [u8; 32]) -> Result<Self, LedgerError> {
        let key = SigningKey::from_bytes(&seed);
        let public = WitnessKey::of(name, key.verifying_key())?;
        Ok(Self { key, public })
    }

    /// The public half.
    #[must_use]
    pub const fn public(&self) -> &WitnessKey {
        &self.public
    }

    /// The signature line for the text of a checkpoint, seen at `time` (seconds since 1970).
    #[must_use]
    pub fn cosign(&self, text: &str, time: u64) -> String {
        let signature = self.key.sign(message(text, time).as_bytes());
        let bytes = [&self.public.key_id[..], &time.to_be_bytes(), &signature.to_bytes()].concat();
        format!("\u{2014} {} {}\n", self.public.name, encoding::to_base64(&bytes))
    }
}

/// A witness's public key.
pub type WitnessKey = PublicKey<COSIGNATURE>;

impl PublicKey<COSIGNATURE> {
    /// Whether both are one key, whatever their names.
    #[must_use]
    pub fn is_same_key(&self, other: &Self) -> bool {
        self.key == other.key
    }

    /// When this witness says to have seen the note's text: the newest of its cosignatures, in seconds since 1970.
    /// `None` if it has none there.
    ///
    /// # Errors
    /// [`LedgerError::Format`] if a line in this key's name does not hold: then nothing that it says there counts.
    pub fn seen(&self, note: &Note<'_>) -> Result<Option<u64>, LedgerError> {
        let format = |detail| LedgerError::Format { what: "cosignature", detail };
        let mut newest = None;
        for (name, bytes) in &note.signatures {
            if *name != self.name || bytes[..4] != self.key_id {
                continue;
            }
            let rest: &[u8; 72] = bytes[4..].try_into().map_err(|_| format("it has not 72 bytes after its key id"))?;
            let (time, signature) = rest.split_at(8);
            let time = time.iter().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
            let signature = Signature::from_slice(signature).map_err(|_| format("it is no signature"))?;
            if i64::try_from(time).is_err() {
                return Err(format("its time is out of range"));
            }
            self.key
                .verify_strict(message(note.text, time).as_bytes(), &signature)
                .map_err(|_| format("the text or the time was changed after it was signed"))?;
            newest = newest.max(Some(time));
        }
        Ok(newest)
    }
}

fn message(text: &str, time: u64) -> String {
    format!("cosignature/v1\ntime {time}\n{text}")
}
