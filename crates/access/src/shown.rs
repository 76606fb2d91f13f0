//! What an answer shows or a write puts on the shelf, as the leaf will say it.

use std::collections::BTreeMap;

use tsumugi_kernel::{CitizenId, FactKey, Flags, Kind};
use tsumugi_ledger::look::{parse_ranges, ranges};

/// Counts what is shown. Give every fact whose content, or whose existence, the answer tells.
#[derive(Clone, Debug, Default)]
pub struct Shown {
    facts: Vec<Told>,
}

/// One fact that is told.
#[derive(Clone, Copy, Debug)]
struct Told {
    /// The shelf, where it is known.
    on: Option<CitizenId>,
    kind: Kind,
    number: u64,
    withheld: bool,
    /// Whoever acts for the citizen does not learn of it.
    self_only: bool,
}

impl Told {
    fn new(on: Option<CitizenId>, kind: Kind, number: u64, flags: Flags) -> Self {
        // What waits for an explanation is told of as little as what is never to be told; a look that came before the
        // explanation stays as it was told.
        let withheld = flags.has(Flags::UNINFORMED) || flags.has(Flags::EXPLAIN);
        Self { on, kind, number, withheld, self_only: flags.has(Flags::SELF_ONLY) }
    }
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

    /// Adds a fact with its flags. On which of the person's shelves it stands is found when the permit is sealed.
    pub fn add(&mut self, kind: Kind, number: u64, flags: Flags) {
        self.facts.push(Told::new(None, kind, number, flags));
    }

    /// Adds a fact of which it is known where it stands.
    pub fn add_at(&mut self, key: FactKey, flags: Flags) {
        self.facts.push(Told::new(Some(key.citizen), key.kind, key.number, flags));
    }

    /// Adds the `Patient` whom a write is about. Every write should name one, so that the citizen's part of a write of
    /// withheld facts only reads like any other write.
    pub fn subject(&mut self, number: u64) {
        self.add(Kind::PATIENT, number, Flags::default());
    }

    /// Whether a fact is among them, on whichever shelf.
    #[must_use]
    pub fn has(&self, kind: Kind, number: u64) -> bool {
        self.facts.iter().any(|told| told.kind == kind && told.number == number)
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
        self.facts.iter().any(|told| told.withheld)
    }

    /// Facts of which it is not known where they stand.
    pub(crate) fn unplaced(&self) -> impl Iterator<Item = (Kind, u64)> {
        self.facts.iter().filter(|told| told.on.is_none()).map(|told| (told.kind, told.number))
    }

    /// Shelf, kind, numbers as ranges, and whether only the citizen herself learns of it, for a link that will show it again;
    /// `None` if a withheld fact is among it, or one of which it is not known where it stands.
    pub(crate) fn keep(&self) -> Option<Vec<(CitizenId, Kind, String, bool)>> {
        if self.withheld() || self.unplaced().next().is_some() {
            return None;
        }
        let mut facts: Vec<(CitizenId, Kind, bool, u64)> =
            self.facts.iter().filter_map(|told| Some((told.on?, told.kind, told.self_only, told.number))).collect();
        facts.sort_unstable();
        facts.dedup();
        let runs = facts.chunk_by(|a, b| (a.0, a.1, a.2) == (b.0, b.1, b.2));
        Some(runs.map(|run| (run[0].0, run[0].1, ranges(run.iter().map(|fact| fact.3)), run[0].2)).collect())
    }

    /// What was kept.
    pub(crate) fn kept(kept: &[(CitizenId, Kind, String, bool)]) -> Option<Self> {
        let mut shown = Self::none();
        for (citizen, kind, numbers, own) in kept {
            let flags = if *own { Flags::SELF_ONLY } else { Flags::default() };
            for number in parse_ranges(numbers)?.into_iter().flat_map(|(first, last)| first..=last) {
                shown.add_at(FactKey { citizen: *citizen, kind: *kind, number }, flags);
            }
        }
        Some(shown)
    }

    /// What of it stands on one shelf; `place` knows where the unplaced facts are.
    pub(crate) fn on(&self, shelf: CitizenId, place: &dyn Fn(Kind, u64) -> CitizenId) -> Self {
        let there = |told: &&Told| told.on.unwrap_or_else(|| place(told.kind, told.number)) == shelf;
        Self { facts: self.facts.iter().filter(there).copied().collect() }
    }

    /// Kind → ranges of numbers, and the count; without withheld facts unless `all`.
    pub(crate) fn view(&self, all: bool) -> (BTreeMap<String, String>, u64) {
        Self::by_kind(self.facts.iter().filter(|told| all || !told.withheld))
    }

    /// What of [`Shown::view`] whoever acts for the citizen does not learn of: kind → ranges of numbers.
    pub(crate) fn self_only(&self, all: bool) -> BTreeMap<String, String> {
        Self::by_kind(self.facts.iter().filter(|told| told.self_only && (all || !told.withheld))).0
    }

    fn by_kind<'a>(told: impl Iterator<Item = &'a Told>) -> (BTreeMap<String, String>, u64) {
        let mut facts: Vec<(Kind, u64)> = told.map(|told| (told.kind, told.number)).collect();
        facts.sort_unstable();
        facts.dedup();
        let kinds = facts
            .chunk_by(|a, b| a.0 == b.0)
            .map(|run| (run[0].0.name().to_owned(), ranges(run.iter().map(|fact| fact.1))));
        (kinds.collect(), facts.len() as u64)
    }
}
