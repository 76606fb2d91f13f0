//! A checkpoint: what the log commits to at a moment (`c2sp.org/tlog-checkpoint`).
//!
//! Its text has four lines, each ending with a newline: origin, number of leaves in decimal, root of the tree in
//! base64, and one extension line `map <root of the map in base64>`. It is signed as a note ([`crate::note`]) by a key
//! whose name is the origin.
//!
//! What must hold: one checkpoint has one text; a text in any other form is refused.

use crate::{Fault, Hash, LedgerError, NoteVerifier, Signer, encoding};

/// What a checkpoint says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log: its name without a scheme, for example `tsumugi.example/log`.
    pub origin: String,
    /// Leaves in the tree.
    pub size: u64,
    /// Root of the tree over them.
    pub root: Hash,
    /// Root of the map over the chains of exactly these leaves.
    pub map_root: Hash,
}

/// What any checkpoint says of its tree, whatever else its log lets it say: enough for a witness of any log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeHead {
    /// Which log.
    pub origin: String,
    /// Leaves in the tree.
    pub size: u64,
    /// Root of the tree over them.
    pub root: Hash,
    /// The lines after the third, each with its newline; empty where there is none.
    pub extension: String,
}

impl TreeHead {
    /// The head in the text of a checkpoint.
    ///
    /// # Errors
    /// [`Fault::Checkpoint`] with what does not fit.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let fault = Fault::Checkpoint;
        let mut lines = text.split_inclusive('\n');
        let mut next = || lines.next().and_then(|line| line.strip_suffix('\n')).unwrap_or_default();
        let origin = next().to_owned();
        if origin.is_empty() {
            return Err(fault("it has no origin"));
        }
        let size = next();
        let number: u64 = size.parse().map_err(|_| fault("its size is not a number"))?;
        if number.to_string() != size {
            return Err(fault("its size has a sign or leading zeros"));
        }
        let root = encoding::hash_from_base64(next()).ok_or(fault("its root is not base64 of 32 bytes"))?;
        let extension: String = lines.collect();
        if !text.ends_with('\n') || extension.split_inclusive('\n').any(|line| line == "\n") {
            return Err(fault("a line of it is empty or has no end"));
        }
        Ok(Self { origin, size: number, root, extension })
    }
}

impl Checkpoint {
    /// The text that is signed.
    #[must_use]
    pub fn text(&self) -> String {
        let (root, map) = (encoding::to_base64(&self.root), encoding::to_base64(&self.map_root));
        format!("{}\n{}\n{root}\nmap {map}\n", self.origin, self.size)
    }

    /// The checkpoint with this text.
    ///
    /// # Errors
    /// [`Fault::Checkpoint`] with what does not fit.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let fault = Fault::Checkpoint;
        let mut lines = text.split('\n');
        let mut next = || lines.next().unwrap_or_default();
        let origin = next().to_owned();
        if origin.is_empty() {
            return Err(fault("it has no origin"));
        }
        let size = next().parse().map_err(|_| fault("its size is not a number"))?;
        let root = encoding::hash_from_base64(next()).ok_or(fault("its root is not base64 of 32 bytes"))?;
        let map = next().strip_prefix("map ").ok_or(fault("it has no line for the map"))?;
        let map_root = encoding::hash_from_base64(map).ok_or(fault("its map is not base64 of 32 bytes"))?;
        let checkpoint = Self { origin, size, root, map_root };
        // Also finds further lines, a plus sign and leading zeros.
        if checkpoint.text() == text { Ok(checkpoint) } else { Err(fault("it is not in the one form of its content")) }
    }

    /// The signed note of this checkpoint.
    ///
    /// # Errors
    /// [`LedgerError::Format`] if the signer's name is not the origin, or the origin cannot stand in a note.
    pub fn sign(&self, signer: &Signer) -> Result<String, LedgerError> {
        if signer.name() != self.origin {
            return Err(LedgerError::Format { what: "checkpoint", detail: "its origin is not the signing key's name" });
        }
        signer.sign(&self.text())
    }

    /// Opens a signed checkpoint.
    ///
    /// # Errors
    /// [`Fault::Signature`] or [`Fault::Checkpoint`].
    pub fn open(note: &str, verifier: &NoteVerifier) -> Result<Self, Fault> {
        let checkpoint = Self::parse(verifier.open(note)?)?;
        if checkpoint.origin != verifier.name() {
            return Err(Fault::Checkpoint("its origin is not the name of the key"));
        }
        Ok(checkpoint)
    }
}
