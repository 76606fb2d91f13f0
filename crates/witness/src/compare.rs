//! Two signed checkpoints held beside each other: whether they can be of one log.

use tsumugi_ledger::{Fault, Hash, Note, NoteVerifier, TreeHead, WitnessKey, verify_consistency};

/// What two checkpoints of one log say together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Compared {
    /// They say the same, or the larger was shown to continue the smaller.
    One,
    /// Their sizes differ, and without a proof nothing can be said.
    Open,
    /// They contradict each other: the log signed two histories. Both are the evidence.
    Two {
        /// The sizes.
        sizes: (u64, u64),
        /// Witnesses whose signature stands under both.
        witnesses: Vec<String>,
    },
}

/// Compares two signed checkpoints. `proof` is a consistency proof from the smaller to the larger.
///
/// # Errors
/// [`Fault`] if one of them is not signed by the log's key.
pub fn compare(
    log: &NoteVerifier,
    witnesses: &[WitnessKey],
    a: &str,
    b: &str,
    proof: Option<&[Hash]>,
) -> Result<Compared, Fault> {
    let open = |note: &str| log.open(note).and_then(TreeHead::parse);
    let (mut first, mut second) = (open(a)?, open(b)?);
    if first.size > second.size {
        std::mem::swap(&mut first, &mut second);
    }
    let one = match (first.size == second.size, proof) {
        (true, _) => first == second,
        (false, None) => return Ok(Compared::Open),
        (false, Some(proof)) => verify_consistency(first.size, &first.root, second.size, &second.root, proof).is_ok(),
    };
    if one {
        return Ok(Compared::One);
    }
    let signed =
        |note: &str, key: &WitnessKey| Note::split(note).is_ok_and(|note| matches!(key.seen(&note), Ok(Some(_))));
    let both = witnesses.iter().filter(|key| signed(a, key) && signed(b, key));
    Ok(Compared::Two { sizes: (first.size, second.size), witnesses: both.map(|key| key.name().to_owned()).collect() })
}
