//! The file that a citizen saves: one completeness proof, or several under one checkpoint where a person has several
//! chains because shelves were merged.
//!
//! One proof is the file of [`CompletenessProof`] as it is. Several are
//! `{"format": "tsumugi-proofs/1", "proofs": [ … ]}`.
//!
//! What must hold: the proofs of a file have one checkpoint, so that they speak of one moment, and different labels.

use serde::{Deserialize, Serialize};

use crate::{
    CompletenessProof, Fault, Report,
    completeness::{MOST_BYTES, verify},
};

/// The format of a file with several proofs.
pub const FORMAT: &str = "tsumugi-proofs/1";
/// Most proofs in one file.
pub const PROOFS_MOST: usize = 16;

/// The proofs of a file; see the module's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProofFile {
    /// The proofs, one for each chain.
    pub proofs: Vec<CompletenessProof>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Several {
    format: String,
    proofs: Vec<CompletenessProof>,
}

/// Enough to know which form a file has.
#[derive(Deserialize)]
struct Front {
    format: String,
}

impl ProofFile {
    /// A file of these proofs.
    #[must_use]
    pub const fn new(proofs: Vec<CompletenessProof>) -> Self {
        Self { proofs }
    }

    /// Reads a file of either form.
    ///
    /// # Errors
    /// [`Fault::Format`] with the place if it is neither.
    pub fn from_json(json: &[u8]) -> Result<Self, Fault> {
        if json.len() > MOST_BYTES {
            return Err(Fault::Format(format!("it is larger than {MOST_BYTES} bytes")));
        }
        let several = serde_json::from_slice::<Front>(json).is_ok_and(|front| front.format == FORMAT);
        if !several {
            return Ok(Self { proofs: vec![CompletenessProof::from_json(json)?] });
        }
        let file: Several = serde_json::from_slice(json).map_err(|error| Fault::Format(error.to_string()))?;
        if file.proofs.is_empty() || file.proofs.len() > PROOFS_MOST {
            return Err(Fault::Format(format!("it does not hold 1 to {PROOFS_MOST} proofs")));
        }
        Ok(Self { proofs: file.proofs })
    }

    /// The file: of one proof the proof itself.
    ///
    /// # Errors
    /// [`Fault::Format`] if it cannot be written; not with the types as they are.
    pub fn to_json(&self) -> Result<Vec<u8>, Fault> {
        match self.proofs.as_slice() {
            [only] => only.to_json(),
            proofs => serde_json::to_vec(&Several { format: FORMAT.to_owned(), proofs: proofs.to_vec() })
                .map_err(|error| Fault::Format(error.to_string())),
        }
    }

    /// Checks every proof, and that they belong together.
    ///
    /// # Errors
    /// The first [`Fault`] found.
    pub fn verify(&self, trusted_vkey: Option<&str>) -> Result<Vec<Report>, Fault> {
        for (index, proof) in self.proofs.iter().enumerate() {
            if proof.checkpoint != self.proofs[0].checkpoint || proof.vkey != self.proofs[0].vkey {
                return Err(Fault::Format("its proofs do not have one checkpoint and one key".to_owned()));
            }
            if self.proofs[..index].iter().any(|before| before.label == proof.label) {
                return Err(Fault::Format("two of its proofs are about one chain".to_owned()));
            }
        }
        self.proofs.iter().map(|proof| verify(proof, trusted_vkey)).collect()
    }
}
