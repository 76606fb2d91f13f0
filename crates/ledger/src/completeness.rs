//! The completeness proof: the file with which a citizen checks, alone, that no look at their data was left out.
//!
//! JSON, every member required, none other allowed:
//!
//! | member | what |
//! |---|---|
//! | `format` | `"tsumugi-proof/1"` |
//! | `checkpoint` | the signed note of a [`Checkpoint`] |
//! | `vkey` | the verifier key of the log ([`crate::note`]) |
//! | `label` | the citizen's [`Label`] |
//! | `count` | number of the citizen's leaves under the checkpoint |
//! | `leaf_hashes` | hashes of leaf 1 … count |
//! | `path` | the label's [`MapPath`] |
//! | `inclusion` | `{index, proof}` of the newest leaf in the tree (RFC 9162 section 2.1.3); `null` for count 0 |
//! | `readable` | `[{number, leaf, key}]`: leaves with the one-time key of the citizen's part, numbers ascending |
//!
//! Hashes, labels, leaves and keys are base64.
//!
//! # What it proves
//! The signed map holds one (count, head) for the label, and the head fixes the hashes of all leaves and their order.
//! So a proof with fewer, other, swapped or repeated hashes does not lead to the signed map. Each readable leaf has the
//! hash that the chain counts, so what is read is what was logged. What it does not prove: that the log shows everybody
//! the same map; that is found by auditors ([`crate::audit`]) and by comparing checkpoints.
//!
//! What must hold: [`verify`] is a pure function of the file and the trusted key; a file that differs in any member
//! either has a fault or says less in its report (a readable leaf was taken out: its number is reported as unreadable).

use serde::{Deserialize, Serialize};

use crate::{
    Checkpoint, Fault, Hash, Label, LookPart, MapPath, NoteVerifier, Part, chain, leaf::LeafView, merkle,
    parts::open_part_with,
};

/// The format that this program writes and reads.
pub const FORMAT: &str = "tsumugi-proof/1";
/// The most bytes of a proof that [`CompletenessProof::from_json`] reads: 256 MiB.
pub const MOST_BYTES: usize = 256 << 20;

/// A completeness proof, see the module's text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompletenessProof {
    /// [`FORMAT`].
    pub format: String,
    /// The signed checkpoint.
    pub checkpoint: String,
    /// The log's verifier key.
    pub vkey: String,
    /// Whose leaves.
    pub label: Label,
    /// Number of leaves.
    pub count: u64,
    /// Their hashes, in order.
    #[serde(with = "crate::encoding::hashes")]
    pub leaf_hashes: Vec<Hash>,
    /// The label's path in the map.
    pub path: MapPath,
    /// Where the newest leaf stands in the tree.
    pub inclusion: Option<Inclusion>,
    /// Leaves that can be read.
    pub readable: Vec<Readable>,
}

/// Where the newest leaf stands in the tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inclusion {
    /// Index in the log, from 0.
    pub index: u64,
    /// Siblings from the leaf upwards.
    #[serde(with = "crate::encoding::hashes")]
    pub proof: Vec<Hash>,
}

/// A leaf that can be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Readable {
    /// The citizen's number of the leaf.
    pub number: u64,
    /// The leaf's bytes.
    #[serde(with = "crate::encoding::bytes")]
    pub leaf: Vec<u8>,
    /// The one-time key of the citizen's part.
    #[serde(with = "crate::encoding::hash")]
    pub key: [u8; 32],
}

/// What a proof without fault says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The log.
    pub origin: String,
    /// Name and id of the key that signed.
    pub key: String,
    /// Whether that key was given as trusted; if not, it is only the one that the proof itself names.
    pub key_trusted: bool,
    /// Leaves that the checkpoint covers, of everybody.
    pub checkpoint_size: u64,
    /// The citizen's leaves: exactly so many, none left out.
    pub count: u64,
    /// Those that could be read.
    pub looks: Vec<ReadLook>,
    /// Numbers of those that the proof counts but does not let read.
    pub unreadable: Vec<u64>,
}

/// A look as read from a leaf.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReadLook {
    /// The citizen's number of the leaf.
    pub number: u64,
    /// What it says.
    pub look: LookPart,
}

impl CompletenessProof {
    /// Reads the file.
    ///
    /// # Errors
    /// [`Fault::Format`] with the place if it is not a proof of the known form.
    pub fn from_json(json: &[u8]) -> Result<Self, Fault> {
        if json.len() > MOST_BYTES {
            return Err(Fault::Format(format!("it is larger than {MOST_BYTES} bytes")));
        }
        serde_json::from_slice(json).map_err(|error| Fault::Format(error.to_string()))
    }

    /// The file.
    ///
    /// # Errors
    /// [`Fault::Format`] if it cannot be written; not with the types as they are.
    pub fn to_json(&self) -> Result<Vec<u8>, Fault> {
        serde_json::to_vec(self).map_err(|error| Fault::Format(error.to_string()))
    }
}

/// Checks a proof. With `trusted_vkey` the log's key must be that one; without, the key is the one in the proof, and
/// the report says so.
///
/// # Errors
/// The first [`Fault`] found.
pub fn verify(proof: &CompletenessProof, trusted_vkey: Option<&str>) -> Result<Report, Fault> {
    if proof.format != FORMAT {
        return Err(Fault::Format(format!("its format is not {FORMAT}")));
    }
    let key = key_of(proof, trusted_vkey)?;
    let checkpoint = Checkpoint::open(&proof.checkpoint, &key)?;
    let heads = heads_of(proof)?;
    let state = heads.last().map(|head| (proof.count, *head));
    proof.path.verify(proof.label, state, &checkpoint.map_root)?;
    check_inclusion(proof, &checkpoint)?;
    let looks = read_looks(proof, &heads)?;
    let mut read = looks.iter().map(|look| look.number).peekable();
    let unreadable = (1..=proof.count).filter(|number| read.next_if_eq(number).is_none()).collect();
    Ok(Report {
        origin: checkpoint.origin,
        key: key.id(),
        key_trusted: trusted_vkey.is_some(),
        checkpoint_size: checkpoint.size,
        count: proof.count,
        looks,
        unreadable,
    })
}

fn key_of(proof: &CompletenessProof, trusted_vkey: Option<&str>) -> Result<NoteVerifier, Fault> {
    let key =
        NoteVerifier::parse(&proof.vkey).map_err(|_| Fault::Signature("the proof's key is not a verifier key"))?;
    if let Some(trusted) = trusted_vkey {
        let trusted =
            NoteVerifier::parse(trusted).map_err(|_| Fault::Signature("the trusted key is not a verifier key"))?;
        if trusted != key {
            return Err(Fault::ForeignKey { trusted: trusted.id(), found: key.id() });
        }
    }
    Ok(key)
}

/// The head of the chain after each leaf.
fn heads_of(proof: &CompletenessProof) -> Result<Vec<Hash>, Fault> {
    let found = proof.leaf_hashes.len() as u64;
    if proof.count != found {
        return Err(Fault::Count { stated: proof.count, found });
    }
    let mut head = chain::START;
    let numbered = (1..).zip(&proof.leaf_hashes);
    Ok(numbered
        .map(|(number, hash)| {
            head = chain::next(&proof.label, number, &head, hash);
            head
        })
        .collect())
}

fn check_inclusion(proof: &CompletenessProof, checkpoint: &Checkpoint) -> Result<(), Fault> {
    match (&proof.inclusion, proof.leaf_hashes.last()) {
        (Some(place), Some(newest)) => {
            merkle::verify_inclusion(&checkpoint.root, checkpoint.size, place.index, newest, &place.proof)
        }
        (None, None) => Ok(()),
        (None, Some(_)) => Err(Fault::InclusionMissing("the newest leaf has no inclusion proof")),
        (Some(_), None) => Err(Fault::InclusionMissing("there is an inclusion proof but no leaf")),
    }
}

fn read_looks(proof: &CompletenessProof, heads: &[Hash]) -> Result<Vec<ReadLook>, Fault> {
    let mut looks: Vec<ReadLook> = Vec::with_capacity(proof.readable.len());
    for readable in &proof.readable {
        let number = readable.number;
        let fault = |reason| Fault::Readable { number, reason };
        if looks.last().is_some_and(|before| before.number >= number) {
            return Err(fault("the numbers are not ascending"));
        }
        let place = number.checked_sub(1).and_then(|place| usize::try_from(place).ok());
        let expected = place.and_then(|place| proof.leaf_hashes.get(place));
        let (Some(place), Some(expected)) = (place, expected) else {
            return Err(fault("the chain has no leaf with this number"));
        };
        if merkle::leaf_hash(&readable.leaf) != *expected {
            return Err(fault("its bytes do not have the hash that the chain counts"));
        }
        let leaf = LeafView::new(&readable.leaf).map_err(|_| fault("its bytes are not a leaf"))?;
        let previous = if place == 0 { chain::START } else { heads[place - 1] };
        if leaf.label != proof.label || leaf.number != number || leaf.previous != previous {
            return Err(fault("it names another label, number or head than its place in the chain"));
        }
        let plain = open_part_with(Part::Citizen, &leaf.label, &readable.key, leaf.body)
            .map_err(|_| fault("its key does not open it"))?;
        let look = LookPart::from_bytes(&plain).map_err(|_| fault("it says nothing that this program can read"))?;
        looks.push(ReadLook { number, look });
    }
    Ok(looks)
}
