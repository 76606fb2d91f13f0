//! The two sealed parts of a leaf: one for the citizen, one for the reviewer.
//!
//! The body of a leaf:
//!
//! | offset | bytes | what |
//! |---|---|---|
//! | 0 | 1 | version, 1 |
//! | 1 | 16 | nonce, drawn anew for each leaf |
//! | 17 | 4 | length n of one ciphertext (u32, big endian) |
//! | 21 | n | the citizen's part |
//! | 21+n | n | the reviewer's part |
//!
//! A part is encrypted with AES-256-GCM (NIST SP 800-38D): a one-time key
//! `HMAC-SHA256(key root of the reader, label ‖ nonce)`, a zero 12-byte nonce (the key is never used twice), and
//! `label ‖ "citizen"` or `label ‖ "reviewer"` as associated data. Its plaintext is
//! `length (u32, big endian) ‖ content ‖ zero bytes`, up to the next multiple of 256 that holds the longer of the two
//! contents; n is that plus the 16 bytes of the tag.
//!
//! What must hold: both ciphertexts have the same length, so the citizen's part does not show whether the reviewer's
//! says more (a withheld diagnosis). One reader's key does not open the other's part. A one-time key opens one part of
//! one leaf, so a proof may reveal it.

use aes_gcm::{
    Aes256Gcm,
    aead::{Aead as _, KeyInit as _, Payload},
};
use zeroize::Zeroizing;

use crate::{DraftLeaf, Label, LedgerError, label::hmac_sha256, leaf::MOST_BODY_BYTES};

/// The version of the body.
pub const VERSION: u8 = 1;
/// Plaintexts are padded to a multiple of this many bytes.
pub const PAD_BYTES: usize = 256;
/// The most bytes of one content: what a leaf can hold twice.
pub const MOST_PART_BYTES: usize = (MOST_BODY_BYTES - FRAME_BYTES - 2 * TAG_BYTES) / 2 / PAD_BYTES * PAD_BYTES - 4;

const FRAME_BYTES: usize = 21;
const TAG_BYTES: usize = 16;

/// Whose part of a leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// What the citizen may know of the look.
    Citizen,
    /// What the reviewer may know of the look.
    Reviewer,
}

impl Part {
    const fn name(self) -> &'static [u8] {
        match self {
            Self::Citizen => b"citizen",
            Self::Reviewer => b"reviewer",
        }
    }
}

/// The two key roots of a log. They are never printed and leave memory when dropped.
#[derive(Clone)]
pub struct LeafKeys {
    citizen: Zeroizing<[u8; 32]>,
    reviewer: Zeroizing<[u8; 32]>,
}

impl std::fmt::Debug for LeafKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LeafKeys(…)")
    }
}

impl LeafKeys {
    /// The key roots of the citizens' and of the reviewers' parts, 32 bytes each; they must differ.
    #[must_use]
    pub fn new(citizen: [u8; 32], reviewer: [u8; 32]) -> Self {
        Self { citizen: Zeroizing::new(citizen), reviewer: Zeroizing::new(reviewer) }
    }

    /// Seals both parts, see [`seal_parts`].
    ///
    /// # Errors
    /// As [`seal_parts`].
    pub fn seal(
        &self,
        label: Label,
        nonce: [u8; 16],
        citizen: &[u8],
        reviewer: &[u8],
    ) -> Result<DraftLeaf, LedgerError> {
        seal_parts(label, &self.citizen, &self.reviewer, nonce, citizen, reviewer)
    }

    /// Opens a part, see [`open_part`].
    ///
    /// # Errors
    /// As [`open_part`].
    pub fn open(&self, part: Part, label: &Label, body: &[u8]) -> Result<Vec<u8>, LedgerError> {
        open_part(part, label, self.root(part), body)
    }

    /// The key that opens one part of the leaf with this body and nothing else: what a proof reveals.
    ///
    /// # Errors
    /// [`LedgerError::Format`] if the body is malformed.
    pub fn one_time_key(&self, part: Part, label: &Label, body: &[u8]) -> Result<[u8; 32], LedgerError> {
        Ok(one_time_key(self.root(part), label, Body::read(body)?.nonce))
    }

    fn root(&self, part: Part) -> &[u8; 32] {
        match part {
            Part::Citizen => &self.citizen,
            Part::Reviewer => &self.reviewer,
        }
    }
}

/// `HMAC-SHA256(root, label ‖ nonce)`.
#[must_use]
pub fn one_time_key(root: &[u8; 32], label: &Label, nonce: &[u8; 16]) -> [u8; 32] {
    hmac_sha256(root, &[&label.0, nonce])
}

/// Seals both parts into a leaf. `nonce` must be drawn at random for each leaf; contents have at most
/// [`MOST_PART_BYTES`].
///
/// # Errors
/// [`LedgerError::TooLarge`] if a content is longer.
pub fn seal_parts(
    label: Label,
    citizen_key: &[u8; 32],
    reviewer_key: &[u8; 32],
    nonce: [u8; 16],
    citizen_part: &[u8],
    reviewer_part: &[u8],
) -> Result<DraftLeaf, LedgerError> {
    let longer = citizen_part.len().max(reviewer_part.len());
    if longer > MOST_PART_BYTES {
        return Err(LedgerError::TooLarge { most: MOST_PART_BYTES, found: longer });
    }
    let padded = (4 + longer).next_multiple_of(PAD_BYTES);
    let length = u32::try_from(padded + TAG_BYTES).unwrap_or(u32::MAX);
    let mut body = Vec::with_capacity(FRAME_BYTES + 2 * (padded + TAG_BYTES));
    body.push(VERSION);
    body.extend_from_slice(&nonce);
    body.extend_from_slice(&length.to_be_bytes());
    for (part, root, content) in
        [(Part::Citizen, citizen_key, citizen_part), (Part::Reviewer, reviewer_key, reviewer_part)]
    {
        let mut plain = Vec::with_capacity(padded);
        plain.extend_from_slice(&u32::try_from(content.len()).unwrap_or(u32::MAX).to_be_bytes());
        plain.extend_from_slice(content);
        plain.resize(padded, 0);
        let key = one_time_key(root, &label, &nonce);
        let sealed = Aes256Gcm::new(&key.into())
            .encrypt(&[0; 12].into(), Payload { msg: &plain, aad: &associated(part, &label) })
            .map_err(|_| LedgerError::TooLarge { most: MOST_PART_BYTES, found: longer })?;
        body.extend_from_slice(&sealed);
    }
    Ok(DraftLeaf { label, body })
}

/// Opens a part of a leaf with the reader's key root.
///
/// # Errors
/// [`LedgerError::Format`] if the body is malformed, [`LedgerError::Sealed`] if the key or the label is another.
pub fn open_part(part: Part, label: &Label, root: &[u8; 32], body: &[u8]) -> Result<Vec<u8>, LedgerError> {
    let key = one_time_key(root, label, Body::read(body)?.nonce);
    open_part_with(part, label, &key, body)
}

/// Opens a part of a leaf with its one-time key.
///
/// # Errors
/// As [`open_part`].
pub fn open_part_with(part: Part, label: &Label, key: &[u8; 32], body: &[u8]) -> Result<Vec<u8>, LedgerError> {
    let view = Body::read(body)?;
    let sealed = match part {
        Part::Citizen => view.citizen,
        Part::Reviewer => view.reviewer,
    };
    let plain = Aes256Gcm::new(&(*key).into())
        .decrypt(&[0; 12].into(), Payload { msg: sealed, aad: &associated(part, label) })
        .map_err(|_| LedgerError::Sealed)?;
    let padding = LedgerError::Format { what: "part of a leaf", detail: "its padding is not of the known form" };
    let Some((length, rest)) = plain.split_first_chunk::<4>() else { return Err(padding) };
    match usize::try_from(u32::from_be_bytes(*length)).ok().and_then(|length| rest.split_at_checked(length)) {
        Some((content, zeros)) if zeros.iter().all(|&byte| byte == 0) => Ok(content.to_vec()),
        _ => Err(padding),
    }
}

fn associated(part: Part, label: &Label) -> Vec<u8> {
    [&label.0, part.name()].concat()
}

/// A body read in place.
struct Body<'a> {
    nonce: &'a [u8; 16],
    citizen: &'a [u8],
    reviewer: &'a [u8],
}

impl<'a> Body<'a> {
    fn read(body: &'a [u8]) -> Result<Self, LedgerError> {
        let format = |detail| LedgerError::Format { what: "body of a leaf", detail };
        let Some((&VERSION, rest)) = body.split_first() else {
            return Err(format("its version is not known"));
        };
        let frame = rest.split_first_chunk::<16>().and_then(|(nonce, rest)| {
            let (length, parts) = rest.split_first_chunk::<4>()?;
            Some((nonce, u32::from_be_bytes(*length) as usize, parts))
        });
        let (nonce, length, parts) = frame.ok_or_else(|| format("it is shorter than its frame"))?;
        let padded = length.checked_sub(TAG_BYTES).filter(|padded| *padded > 0 && padded.is_multiple_of(PAD_BYTES));
        if padded.is_none() || Some(parts.len()) != length.checked_mul(2) {
            return Err(format("its parts do not have the length that it says"));
        }
        let (citizen, reviewer) = parts.split_at(length);
        Ok(Self { nonce, citizen, reviewer })
    }
}
