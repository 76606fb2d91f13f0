//! An index in memory: for measuring, and for a synthetic town. The server keeps the same keys in rows of its store.

use crate::{
    block::{BLOCK_MOST, keys},
    features::Features,
    model::Model,
    search::{Found, Search},
};

/// People by their keys. Built once.
#[derive(Debug)]
pub struct Index {
    people: Vec<Features>,
    /// Wide key, narrow key, and whose.
    keys: Vec<(u64, u16, u32)>,
}

impl Index {
    /// An index of people; a person's number is their place. People above 2³² are not taken.
    #[must_use]
    pub fn of(people: Vec<Features>) -> Self {
        let mut all = Vec::with_capacity(people.len() * 10);
        for (number, features) in (0_u32..=u32::MAX).zip(&people) {
            all.extend(keys(features).into_iter().map(|key| (key.wide, key.narrow, number)));
        }
        all.sort_unstable();
        Self { people, keys: all }
    }

    /// How many keys there are.
    #[must_use]
    pub fn keys(&self) -> usize {
        self.keys.len()
    }

    /// A person's features.
    #[must_use]
    pub fn person(&self, number: usize) -> Option<&Features> {
        self.people.get(number)
    }

    /// Who may be whoever `wanted` describes, at most `most`.
    #[must_use]
    pub fn candidates(&self, model: &Model, wanted: &Features, most: usize) -> Found {
        let mut search = Search::new(model, *wanted);
        let mut rows = 0;
        let mut compared = std::collections::BTreeSet::new();
        for key in search.keys() {
            let mut block = self.block(|entry| entry.0 == key.wide, (key.wide, 0));
            if block.len() > BLOCK_MOST {
                block = self.block(|entry| (entry.0, entry.1) == (key.wide, key.narrow), (key.wide, key.narrow));
            }
            if block.len() > BLOCK_MOST {
                search.overflow(key.pass);
                block = block.get(..BLOCK_MOST).unwrap_or(block);
            }
            rows += block.len();
            for (_, _, number) in block {
                if compared.insert(*number)
                    && let Some(features) = usize::try_from(*number).ok().and_then(|number| self.people.get(number))
                {
                    search.judge(u64::from(*number), features);
                }
            }
        }
        Found { rows, ..search.finish(most) }
    }

    /// The entries from `start` on for which `within` holds, at most one more than a block may have.
    fn block(&self, within: impl Fn(&(u64, u16, u32)) -> bool, start: (u64, u16)) -> &[(u64, u16, u32)] {
        let from = self.keys.partition_point(|entry| (entry.0, entry.1) < start);
        let rest = self.keys.get(from..).unwrap_or(&[]);
        let length = rest.iter().take(BLOCK_MOST + 1).take_while(|entry| within(entry)).count();
        rest.get(..length).unwrap_or(&[])
    }
}
