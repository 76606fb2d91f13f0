//! Signed notes (`c2sp.org/signed-note`) with Ed25519: how a checkpoint is signed.
//!
//! A note is `text ‖ "\n" ‖ signature lines`; the text ends with a newline. A signature line is
//! `"— " ‖ key name ‖ " " ‖ base64(key id (4 bytes) ‖ signature (64 bytes)) ‖ "\n"`, with an em dash (U+2014). The
//! signature is Ed25519 (RFC 8032) over the text's bytes.
//!
//! What must hold: a note opens only if the known key's signature holds over exactly its text. Signatures of other
//! keys (witnesses) may stand beside it and are passed over.

use ed25519_dalek::{Signature, Signer as _, SigningKey};

use crate::{Fault, LedgerError, PublicKey, encoding, public_key::ED25519};

/// The most signature lines that are looked at.
const MOST_SIGNATURES: usize = 100;

/// The log's signing key. The secret is wiped when dropped and never printed.
pub struct Signer {
    key: SigningKey,
    verifier: NoteVerifier,
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Signer({})", self.verifier.id())
    }
}

impl Signer {
    /// The key with this 32-byte seed under this name; the name of a log is its checkpoints' origin.
    ///
    /// # Errors
    /// [`LedgerError::Format`] if the name is empty or has a space, a control character or a `+`.
    pub fn new(name: &str, seed: [u8; 32]) -> Result<Self, LedgerError> {
        let key = SigningKey::from_bytes(&seed);
        let verifier = NoteVerifier::of(name, key.verifying_key())?;
        Ok(Self { key, verifier })
    }

    /// The key's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.verifier.name
    }

    /// The verifier key's text, to be published.
    #[must_use]
    pub fn vkey(&self) -> String {
        self.verifier.vkey()
    }

    /// The verifier for this key's notes.
    #[must_use]
    pub const fn verifier(&self) -> &NoteVerifier {
        &self.verifier
    }

    /// The signed note over `text`.
    ///
    /// # Errors
    /// [`LedgerError::Format`] if the text does not end with a newline or has another control character.
    pub fn sign(&self, text: &str) -> Result<String, LedgerError> {
        if !text.ends_with('\n') {
            return Err(LedgerError::Format { what: "text of a note", detail: "it does not end with a newline" });
        }
        if has_control(text) {
            return Err(LedgerError::Format { what: "text of a note", detail: "it has a control character" });
        }
        let mut signature = self.verifier.key_id.to_vec();
        signature.extend_from_slice(&self.key.sign(text.as_bytes()).to_bytes());
        Ok(format!("{text}\n\u{2014} {} {}\n", self.verifier.name, encoding::to_base64(&signature)))
    }
}

/// A public key that opens notes.
pub type NoteVerifier = PublicKey<ED25519>;

impl PublicKey<ED25519> {
    /// Opens a note: gives its text if this key signed it.
    ///
    /// # Errors
    /// [`Fault::Signature`] if it is not a note, the key did not sign it, or its signature does not hold.
    pub fn open<'a>(&self, note: &'a str) -> Result<&'a str, Fault> {
        let Note { text, signatures } = Note::split(note)?;
        let mut signed = false;
        for (name, bytes) in signatures {
            if name == self.name && bytes[..4] == self.key_id {
                let signature = bytes[4..].try_into().map_err(|_| Fault::Signature("a signature has not 64 bytes"))?;
                self.key
                    .verify_strict(text.as_bytes(), &Signature::from_bytes(signature))
                    .map_err(|_| Fault::Signature("the text was changed after it was signed"))?;
                signed = true;
            }
        }
        if signed { Ok(text) } else { Err(Fault::Signature("the key did not sign it")) }
    }
}

/// A note taken apart; nothing is checked but its form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note<'a> {
    /// The text, with the newline at its end.
    pub text: &'a str,
    /// Key names, each with its bytes: the key id (4 bytes) and the signature.
    pub signatures: Vec<(&'a str, Vec<u8>)>,
}

impl<'a> Note<'a> {
    /// Takes a note apart.
    ///
    /// # Errors
    /// [`Fault::Signature`] if it is not a note.
    pub fn split(note: &'a str) -> Result<Self, Fault> {
        if has_control(note) {
            return Err(Fault::Signature("the note has a control character"));
        }
        let split = note.rfind("\n\n").ok_or(Fault::Signature("the note has no empty line before its signatures"))?;
        let (text, lines) = (&note[..=split], &note[split + 2..]);
        let lines = lines.strip_suffix('\n').ok_or(Fault::Signature("the note does not end with a newline"))?;
        let mut signatures = Vec::new();
        for line in lines.split('\n') {
            if signatures.len() >= MOST_SIGNATURES {
                return Err(Fault::Signature("the note has more than 100 signatures"));
            }
            signatures.push(signature_line(line).ok_or(Fault::Signature("a signature line is malformed"))?);
        }
        Ok(Self { text, signatures })
    }

    /// One signature line, from a key's name and the bytes (key id and signature).
    #[must_use]
    pub fn line(name: &str, bytes: &[u8]) -> String {
        format!("\u{2014} {name} {}\n", encoding::to_base64(bytes))
    }
}

/// Name and bytes (key id and signature, more than 4) of a signature line.
fn signature_line(line: &str) -> Option<(&str, Vec<u8>)> {
    let (name, base64) = line.strip_prefix("\u{2014} ")?.split_once(' ')?;
    let bytes = encoding::from_base64(base64)?;
    (!name.is_empty() && bytes.len() > 4).then_some((name, bytes))
}

fn has_control(text: &str) -> bool {
    text.bytes().any(|byte| byte < 0x20 && byte != b'\n')
}
