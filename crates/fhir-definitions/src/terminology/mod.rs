//! Which codes a value set holds, as far as the loaded definitions tell.
//!
//! What must hold: an answer is `In` or `Out` only where that follows from what is loaded; else it says what is missing.
//! Value sets that refer to each other, and lists of codes, are bounded.

mod evaluate;
mod filter;
pub(crate) mod native;

use std::{
    cell::Cell,
    sync::{Arc, OnceLock},
};

use crate::{
    canonical::Canonicals,
    hash::{self, Map},
    model::{CodeSystem, Coded, Concept, Membership, NotChecked, ValueSet},
};
use evaluate::{Prepared, Walk};

/// Most codes that one expansion lists.
pub(crate) const MOST_CODES: usize = 100_000;
/// Deepest chain of value sets that name value sets.
const MOST_DEPTH: u8 = 16;
/// Most value sets that an expansion asks: some for each of its codes.
const MOST_ASKED: u32 = 1_000_000;
/// Most value sets that the question about one code asks.
const MOST_ASKED_BY_ONE: u32 = 10_000;

/// All code systems and value sets.
#[derive(Debug, Default)]
pub(crate) struct Terminology {
    systems: Vec<System>,
    system_places: Canonicals,
    sets: Vec<Set>,
    set_places: Canonicals,
}

/// A code system with its codes by text, lower case where case does not matter.
#[derive(Clone, Debug)]
pub(crate) struct System {
    it: Arc<CodeSystem>,
    codes: Arc<Map<Box<str>, u32>>,
}

/// A value set, with what it holds once that was asked.
#[derive(Debug)]
struct Set {
    it: Arc<ValueSet>,
    prepared: OnceLock<Prepared>,
}

impl System {
    pub(crate) fn new(it: Arc<CodeSystem>) -> Self {
        let folded = |concept: &Concept| fold(&concept.code, it.case_sensitive);
        let codes = (0..).zip(&it.concepts).map(|(at, concept)| (folded(concept), at)).collect();
        Self { codes: Arc::new(codes), it }
    }

    /// The place of a code.
    fn place(&self, code: &str) -> Option<u32> {
        match self.it.case_sensitive {
            true => self.codes.get(code).copied(),
            false => self.codes.get(&*code.to_lowercase()).copied(),
        }
    }

    fn concept(&self, place: u32) -> Option<&Concept> {
        self.it.concepts.get(place as usize)
    }

    /// Whether `ancestor` is `code` or stands above it.
    fn is_above(&self, ancestor: u32, code: u32) -> bool {
        self.above(code).contains(&ancestor)
    }

    /// A code with all that stand above it. Each is visited once, so circles among parents end.
    fn above(&self, code: u32) -> hash::Set<u32> {
        let parents = |at: u32| self.concept(at).map_or(&[][..], |concept| &concept.parents);
        reach(code, parents)
    }

    /// A code with all that stand below it.
    fn below(&self, root: u32) -> hash::Set<u32> {
        let mut children: Map<u32, Vec<u32>> = Map::default();
        for (at, concept) in (0..).zip(&self.it.concepts) {
            for &parent in &concept.parents {
                children.entry(parent).or_default().push(at);
            }
        }
        reach(root, |at| children.get(&at).map_or(&[][..], |children| children))
    }
}

/// All that is reached from `start`, itself included.
fn reach<'a>(start: u32, next: impl Fn(u32) -> &'a [u32]) -> hash::Set<u32> {
    let mut seen = hash::Set::default();
    let mut waiting = vec![start];
    while let Some(at) = waiting.pop() {
        if seen.insert(at) {
            waiting.extend(next(at));
        }
    }
    seen
}

/// A code as tables hold it.
fn fold(code: &str, case_sensitive: bool) -> Box<str> {
    if case_sensitive { code.into() } else { code.to_lowercase().into_boxed_str() }
}

impl Terminology {
    /// A copy that more can be added to. What was already worked out is left behind: an answer may change with more
    /// code systems.
    pub(crate) fn fresh(&self) -> Self {
        let fresh = |set: &Set| Set { it: Arc::clone(&set.it), prepared: OnceLock::new() };
        Self {
            systems: self.systems.clone(),
            system_places: self.system_places.clone(),
            sets: self.sets.iter().map(fresh).collect(),
            set_places: self.set_places.clone(),
        }
    }

    /// Adds a code system; `false` if its URL and version are there already.
    pub(crate) fn add_system(&mut self, system: Arc<CodeSystem>) -> bool {
        let Ok(place) = u32::try_from(self.systems.len()) else { return false };
        let version = |at: u32| self.systems.get(at as usize).and_then(|system| system.it.version.as_deref());
        if self.system_places.add(&system.url, system.version.as_deref(), place, version).is_some() {
            return false;
        }
        self.systems.push(System::new(system));
        true
    }

    /// Adds a value set; `false` if its URL and version are there already.
    pub(crate) fn add_set(&mut self, set: Arc<ValueSet>) -> bool {
        let Ok(place) = u32::try_from(self.sets.len()) else { return false };
        let version = |at: u32| self.sets.get(at as usize).and_then(|set| set.it.version.as_deref());
        if self.set_places.add(&set.url, set.version.as_deref(), place, version).is_some() {
            return false;
        }
        self.sets.push(Set { it: set, prepared: OnceLock::new() });
        true
    }

    pub(crate) fn value_set(&self, canonical: &str) -> Option<&Arc<ValueSet>> {
        Some(&self.set(canonical)?.it)
    }

    pub(crate) fn value_sets(&self) -> impl Iterator<Item = &ValueSet> {
        self.sets.iter().map(|set| &*set.it)
    }

    pub(crate) fn code_system(&self, url: &str) -> Option<&Arc<CodeSystem>> {
        Some(&self.system(url)?.it)
    }

    fn set(&self, canonical: &str) -> Option<&Set> {
        self.sets.get(self.set_places.find(canonical)? as usize)
    }

    fn system(&self, canonical: &str) -> Option<&System> {
        self.systems.get(self.system_places.find(canonical)? as usize)
    }

    /// Whether a code system has a code.
    pub(crate) fn has_code(&self, system: &str, code: &str) -> Membership {
        if let Some(judge) = native::judge(system) {
            return if judge(code) { Membership::In } else { Membership::Out };
        }
        match self.system(system) {
            Some(found) if found.place(code).is_some() => Membership::In,
            Some(found) if found.it.complete => Membership::Out,
            _ => Membership::NotChecked(NotChecked::CodeSystem(system.into())),
        }
    }

    /// Whether `ancestor` is `code` or subsumes it.
    pub(crate) fn subsumes(&self, system: &str, ancestor: &str, code: &str) -> Membership {
        let unknown = || Membership::NotChecked(NotChecked::CodeSystem(system.into()));
        let Some(found) = self.system(system) else {
            return if ancestor == code { Membership::In } else { unknown() };
        };
        match (found.place(ancestor), found.place(code)) {
            (Some(ancestor), Some(code)) if found.is_above(ancestor, code) => Membership::In,
            (Some(_), Some(_)) => Membership::Out,
            _ if found.it.complete => Membership::Out,
            _ => unknown(),
        }
    }

    /// Whether a value set holds a code; of any system where none is named.
    pub(crate) fn contains(&self, value_set: &str, system: Option<&str>, code: &str) -> Membership {
        match self.set(value_set) {
            Some(set) => self.holds(set, system, code, Walk::new(&Cell::new(MOST_ASKED - MOST_ASKED_BY_ONE))),
            None => Membership::NotChecked(NotChecked::ValueSet(value_set.into())),
        }
    }

    /// The codes of a value set, sorted, each once.
    pub(crate) fn expand(&self, value_set: &str) -> Result<Vec<Coded>, NotChecked> {
        let mut codes = self.listed(value_set, Walk::new(&Cell::new(0)))?;
        codes.sort_unstable();
        codes.dedup();
        Ok(codes)
    }
}
