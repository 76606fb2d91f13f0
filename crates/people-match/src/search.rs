//! One search for candidates: what a caller reads goes in, the best come out.
//!
//! There is no trait for a store here: a caller reads its rows key by key, as [`Search::read_all`] shows for readers that
//! answer at once, and offers what it finds.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    block::{BLOCK_MOST, Key, Pass, keys},
    features::Features,
    model::{Likeness, Model, Verdict},
};

/// A search under way.
#[derive(Debug)]
pub struct Search<'m> {
    model: &'m Model,
    wanted: Features,
    best: BTreeMap<u64, Likeness>,
    seen: BTreeSet<(u64, Vec<u8>)>,
    overflowed: BTreeSet<Pass>,
    rows: usize,
}

/// What a search found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Who may be the one looked for, the likeliest first; only those worth queueing.
    pub candidates: Vec<(u64, Likeness)>,
    /// Passes of which even the narrower block was too large, so that somebody may have been missed.
    pub overflowed: Vec<Pass>,
    /// How many rows were read.
    pub rows: usize,
    /// How many people were compared.
    pub compared: usize,
}

impl<'m> Search<'m> {
    /// A search for whoever these features describe.
    #[must_use]
    pub const fn new(model: &'m Model, wanted: Features) -> Self {
        Self { model, wanted, best: BTreeMap::new(), seen: BTreeSet::new(), overflowed: BTreeSet::new(), rows: 0 }
    }

    /// The keys to read under, each at most once.
    #[must_use]
    pub fn keys(&self) -> Vec<Key> {
        keys(&self.wanted)
    }

    /// Takes one row: a citizen and the packed features under which they are known.
    ///
    /// # Errors
    /// `Err(())` if the features are damaged or of another version; nothing was taken.
    #[expect(clippy::result_unit_err, reason = "there is one fault, and the caller knows which row it was")]
    pub fn offer(&mut self, citizen: u64, packed: &[u8]) -> Result<(), ()> {
        self.rows += 1;
        if !self.seen.insert((citizen, packed.to_vec())) {
            return Ok(());
        }
        self.judge(citizen, &Features::unpack(packed).ok_or(())?);
        Ok(())
    }

    /// Takes one person's features that stand ready.
    pub fn judge(&mut self, citizen: u64, features: &Features) {
        let likeness = self.model.judge(&self.wanted, features);
        let best = self.best.entry(citizen).or_insert(likeness);
        if (likeness.verdict, likeness.score) > (best.verdict, best.score) {
            *best = likeness;
        }
    }

    /// Says that the narrower block of a pass was too large too.
    pub fn overflow(&mut self, pass: Pass) {
        self.overflowed.insert(pass);
    }

    /// Reads every key with `read`, which gives at most so many rows under a prefix. The overflow rule stands here.
    ///
    /// # Errors
    /// The reader's, and `Err(None)` for a row that is damaged.
    pub fn read_all<E>(
        &mut self,
        mut read: impl FnMut(&[u8], usize) -> Result<Vec<(u64, Vec<u8>)>, E>,
    ) -> Result<(), Option<E>> {
        for key in self.keys() {
            let mut rows = read(&key.wide_prefix(), BLOCK_MOST + 1).map_err(Some)?;
            if rows.len() > BLOCK_MOST {
                rows = read(&key.narrow_prefix(), BLOCK_MOST + 1).map_err(Some)?;
            }
            if rows.len() > BLOCK_MOST {
                self.overflow(key.pass);
                rows.truncate(BLOCK_MOST);
            }
            for (citizen, packed) in rows {
                self.offer(citizen, &packed).map_err(|()| None)?;
            }
        }
        Ok(())
    }

    /// The best, at most `most`.
    #[must_use]
    pub fn finish(self, most: usize) -> Found {
        let compared = self.best.len();
        let mut candidates: Vec<(u64, Likeness)> =
            self.best.into_iter().filter(|(_, likeness)| likeness.verdict != Verdict::Ignore).collect();
        candidates.sort_by_key(|(citizen, likeness)| (std::cmp::Reverse(likeness.score), *citizen));
        candidates.truncate(most);
        Found { candidates, overflowed: self.overflowed.into_iter().collect(), rows: self.rows, compared }
    }
}
