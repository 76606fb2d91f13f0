//! What an answer shows or a write puts on the shelf, as the leaf will say it.

use std::collections::BTreeMap;

use tsumugi_kernel::{Flags, Kind};
use tsumugi_ledger::look::ranges;

/// Counts what is shown. Give every fact whose content, or whose existence, the answer tells.
#[derive(Clone, Debug, Default)]
pub struct Shown {
    facts: Vec<(Kind, u64, bool)>,
}

impl Shown {
    /// Nothing shown (yet).
    #[must_use]
    pub const fn none() -> Self {
        Self { facts: Vec::new() }
    }

    /// Room for `count` facts.
    #[must_use]
    pub fn with_capacity(count: usize) -> Self {
        Self { facts: Vec::with_capacity(count) }
    }

    /// Adds a fact with its flags.
    pub fn add(&mut self, kind: Kind, number: u64, flags: Flags) {
        self.facts.push((kind, number, flags.has(Flags::UNINFORMED)));
    }

    /// Adds the `Patient` whom a write is about. Every write should name one, so that the citizen's part of a write of
    /// withheld facts only reads like any other write.
    pub fn subject(&mut self, number: u64) {
        self.add(Kind::PATIENT, number, Flags::default());
    }

    /// How many facts, each counted once, withheld ones included.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.view(true).1
    }

    /// Whether nothing is shown.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.facts.is_empty()
    }

    /// Whether a withheld fact is among them.
    pub(crate) fn withheld(&self) -> bool {
        self.facts.iter().any(|(_, _, withheld)| *withheld)
    }

    /// Kind → ranges of numbers, and the count; without withheld facts unless `all`.
    pub(crate) fn view(&self, all: bool) -> (BTreeMap<String, String>, u64) {
        let mut facts: Vec<(Kind, u64)> = self
            .facts
            .iter()
            .filter(|(_, _, withheld)| all || !withheld)
            .map(|(kind, number, _)| (*kind, *number))
            .collect();
        facts.sort_unstable();
        facts.dedup();
        let kinds = facts
            .chunk_by(|a, b| a.0 == b.0)
            .map(|run| (run[0].0.name().to_owned(), ranges(run.iter().map(|fact| fact.1))));
        (kinds.collect(), facts.len() as u64)
    }
}
