//! A label's path in the map: the proof that the map holds (count, head) for it, or nothing.

use serde::{Deserialize, Serialize};

use super::{EMPTY, MapEntry, inner_hash};
use crate::{Fault, Hash, Label};

/// The way from the root down along a label's bits to where it ends.
///
/// JSON: `{"siblings": [base64…], "end": {"label","count","head"} | null}`. `siblings[d]` is the hash of the half that
/// the label does *not* go into at depth `d`, from the root down; 32 zero bytes for an empty half. `end` is the entry
/// of the leaf where the way ends: the label's own, or another label's that stands alone there (then the label is
/// absent), or `null` for an empty half (absent too).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MapPath {
    /// Hashes beside the way, from the root down; at most 256.
    #[serde(with = "crate::encoding::hashes")]
    pub siblings: Vec<Hash>,
    /// The entry at the end of the way.
    pub end: Option<MapEntry>,
}

impl MapPath {
    /// What the path says of `label`: its count and head, or `None` for absence. It is only proven by [`Self::verify`].
    #[must_use]
    pub fn state_of(&self, label: Label) -> Option<(u64, Hash)> {
        self.end.filter(|end| end.label == label).map(|end| (end.count, end.head))
    }

    /// Checks that the map with `root` holds exactly `state` for `label`: (count, head), or nothing for `None`.
    ///
    /// # Errors
    /// [`Fault::Map`] with what does not fit.
    pub fn verify(&self, label: Label, state: Option<(u64, Hash)>, root: &Hash) -> Result<(), Fault> {
        let depth = self.siblings.len();
        if depth > 256 {
            return Err(Fault::Map("the path is longer than a label has bits"));
        }
        if self.state_of(label) != state {
            return Err(Fault::Map("the path ends at another count or head"));
        }
        if state.is_some_and(|(count, _)| count == 0) {
            return Err(Fault::Map("the map holds no count of 0"));
        }
        let shares_way = |end: &MapEntry| (0..depth).all(|bit| end.label.bit(bit) == label.bit(bit));
        if !self.end.as_ref().is_none_or(shares_way) {
            return Err(Fault::Map("the path ends at a label that does not stand there"));
        }
        let start = self.end.map_or(EMPTY, |end| end.hash());
        let reached = self.siblings.iter().enumerate().rev().fold(start, |hash, (bit, sibling)| {
            if label.bit(bit) { inner_hash(sibling, &hash) } else { inner_hash(&hash, sibling) }
        });
        if reached != *root {
            return Err(Fault::Map("the path does not lead to the root of the map"));
        }
        Ok(())
    }
}
