//! The embedded pack: three parts, each postcard in a zstd frame, so that what is rarely asked for is decoded late.

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::model::{CodeSystem, Compartment, SearchParam, Structure, TypeDef, ValueSet};

/// First bytes of a pack, with the number of its layout.
const MAGIC: &[u8; 8] = b"TSUMDEF\x01";
/// Most bytes of one part after decompression.
const MOST_BYTES: usize = 64 * 1024 * 1024;
/// The slowest and smallest that zstd offers without long windows.
const LEVEL: i32 = 19;

/// Types, search parameters and compartments: asked for by everybody.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Core {
    /// The type model; a [`crate::TypeId`] is a place in it.
    pub types: Vec<TypeDef>,
    /// Search parameters.
    pub search_params: Vec<SearchParam>,
    /// Compartments.
    pub compartments: Vec<Compartment>,
}

/// Codes.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Terms {
    /// Code systems.
    pub code_systems: Vec<CodeSystem>,
    /// Value sets.
    pub value_sets: Vec<ValueSet>,
}

/// Why bytes are no pack.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// Other bytes at the start, or too few.
    #[error("not a definitions pack of this layout; run `cargo xtask definitions` to make one")]
    Layout,
    /// A part cannot be decompressed.
    #[error("a part of the definitions pack cannot be decompressed: {0}")]
    Frame(#[from] std::io::Error),
    /// A part cannot be decoded.
    #[error("a part of the definitions pack cannot be decoded: {0}")]
    Part(#[from] postcard::Error),
}

/// A pack's parts, still compressed.
#[derive(Clone, Copy, Debug)]
pub struct Pack<'a> {
    core: Part<'a>,
    structures: Part<'a>,
    terms: Part<'a>,
}

/// One part: its frame, and how many bytes come out of it.
#[derive(Clone, Copy, Debug)]
struct Part<'a> {
    frame: &'a [u8],
    unpacked: usize,
}

/// Writes a pack.
///
/// # Errors
/// [`PackError`] if a part cannot be encoded.
pub fn write(core: &Core, structures: &[Structure], terms: &Terms) -> Result<Vec<u8>, PackError> {
    let mut out = MAGIC.to_vec();
    let parts = [postcard::to_stdvec(core)?, postcard::to_stdvec(structures)?, postcard::to_stdvec(terms)?];
    for part in parts {
        let frame = zstd::bulk::compress(&part, LEVEL)?;
        for length in [frame.len(), part.len()] {
            let length = u32::try_from(length).map_err(|_| PackError::Layout)?;
            out.extend_from_slice(&length.to_le_bytes());
        }
        out.extend_from_slice(&frame);
    }
    Ok(out)
}

impl<'a> Pack<'a> {
    /// Finds the parts.
    ///
    /// # Errors
    /// [`PackError::Layout`] if they are not there.
    pub fn open(bytes: &'a [u8]) -> Result<Self, PackError> {
        let mut rest = bytes.strip_prefix(MAGIC).ok_or(PackError::Layout)?;
        let mut part = || {
            let (length, after) = rest.split_first_chunk::<4>()?;
            let (unpacked, after) = after.split_first_chunk::<4>()?;
            let (frame, after) = after.split_at_checked(u32::from_le_bytes(*length) as usize)?;
            rest = after;
            Some(Part { frame, unpacked: u32::from_le_bytes(*unpacked) as usize })
        };
        let parts = (part(), part(), part());
        match parts {
            (Some(core), Some(structures), Some(terms)) if rest.is_empty() => Ok(Self { core, structures, terms }),
            _ => Err(PackError::Layout),
        }
    }

    /// Types, search parameters and compartments.
    ///
    /// # Errors
    /// [`PackError`] if the part is damaged.
    pub fn core(&self) -> Result<Core, PackError> {
        decode(self.core)
    }

    /// Structures with their snapshots.
    ///
    /// # Errors
    /// [`PackError`] if the part is damaged.
    pub fn structures(&self) -> Result<Vec<Structure>, PackError> {
        decode(self.structures)
    }

    /// Code systems and value sets.
    ///
    /// # Errors
    /// [`PackError`] if the part is damaged.
    pub fn terms(&self) -> Result<Terms, PackError> {
        decode(self.terms)
    }
}

fn decode<T: DeserializeOwned>(part: Part<'_>) -> Result<T, PackError> {
    if part.unpacked > MOST_BYTES {
        return Err(PackError::Layout);
    }
    let bytes = zstd::bulk::decompress(part.frame, part.unpacked)?;
    Ok(postcard::from_bytes(&bytes)?)
}
