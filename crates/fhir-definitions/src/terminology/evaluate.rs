//! Includes and excludes, worked out once and then asked.

use std::cell::Cell;

use super::{MOST_ASKED, MOST_CODES, MOST_DEPTH, Set, System, Terminology, filter, fold, native};
use crate::{
    hash,
    model::{Coded, Include, Membership, NotChecked, ValueSet},
};

/// How far a question has gone into value sets that name value sets.
#[derive(Clone, Copy)]
pub(super) struct Walk<'a> {
    depth: u8,
    /// Value sets asked so far, so that sets which name each other often end too.
    asked: &'a Cell<u32>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(asked: &'a Cell<u32>) -> Self {
        Self { depth: 0, asked }
    }

    fn down(self) -> Self {
        self.asked.set(self.asked.get().saturating_add(1));
        Self { depth: self.depth + 1, asked: self.asked }
    }

    fn is_over(self) -> bool {
        self.depth > MOST_DEPTH || self.asked.get() > MOST_ASKED
    }
}

type Codes = Vec<Coded>;

/// What a value set holds, part by part.
#[derive(Debug)]
pub(crate) struct Prepared {
    include: Vec<Part>,
    exclude: Vec<Part>,
    /// The expansion that came with the definition, by system.
    expansion: Option<hash::Map<Box<str>, hash::Set<Box<str>>>>,
}

/// One include or exclude: codes of a system, bounded by value sets.
#[derive(Debug)]
struct Part {
    system: Option<Box<str>>,
    codes: Held,
    value_sets: Vec<Box<str>>,
}

/// The codes of one part.
#[derive(Debug)]
enum Held {
    /// No system is named: the value sets alone decide.
    Any,
    /// All of a code system that is loaded whole.
    Whole(System),
    /// These; in lower case where case does not matter.
    These { codes: hash::Set<Box<str>>, case_sensitive: bool },
    /// What the system's grammar allows.
    Native(fn(&str) -> bool),
    /// Not known, but for these.
    Unknown { codes: hash::Set<Box<str>>, why: NotChecked },
}

impl Held {
    fn has(&self, code: &str) -> Membership {
        let has = match self {
            Self::Any => true,
            Self::Whole(system) => system.place(code).is_some(),
            Self::These { codes, case_sensitive: true } => codes.contains(code),
            Self::These { codes, .. } => codes.contains(&*code.to_lowercase()),
            Self::Native(judge) => judge(code),
            Self::Unknown { codes, why } if !codes.contains(code) => return Membership::NotChecked(why.clone()),
            Self::Unknown { .. } => true,
        };
        if has { Membership::In } else { Membership::Out }
    }
}

impl Terminology {
    fn prepare(&self, set: &ValueSet) -> Prepared {
        let parts = |includes: &[Include]| includes.iter().map(|include| self.part(include)).collect();
        let expansion = set.expansion.as_ref().map(|codes| {
            let mut by_system: hash::Map<Box<str>, hash::Set<Box<str>>> = hash::Map::default();
            for (system, code) in codes {
                by_system.entry(system.clone()).or_default().insert(code.clone());
            }
            by_system
        });
        Prepared { include: parts(&set.include), exclude: parts(&set.exclude), expansion }
    }

    fn part(&self, include: &Include) -> Part {
        let system = include.system.clone();
        let codes = match &system {
            None => Held::Any,
            Some(url) => self.held(url, include),
        };
        Part { system, codes, value_sets: include.value_sets.clone() }
    }

    fn held(&self, url: &str, include: &Include) -> Held {
        let system = self.system(url);
        let case_sensitive = system.is_none_or(|system| system.it.case_sensitive);
        if !include.codes.is_empty() {
            let codes = include.codes.iter().map(|code| fold(code, case_sensitive)).collect();
            return Held::These { codes, case_sensitive };
        }
        let unknown = |why| Held::Unknown { codes: hash::Set::default(), why };
        if include.filters.is_empty() {
            if let Some(judge) = native::judge(url) {
                return Held::Native(judge);
            }
            return match system {
                Some(system) if system.it.complete => Held::Whole(system.clone()),
                Some(system) => Held::Unknown {
                    codes: system.codes.keys().cloned().collect(),
                    why: NotChecked::CodeSystem(url.into()),
                },
                None => unknown(NotChecked::CodeSystem(url.into())),
            };
        }
        let Some(system) = system else { return unknown(NotChecked::CodeSystem(url.into())) };
        match filter::select(system, &include.filters) {
            Ok(codes) if system.it.complete => Held::These { codes, case_sensitive },
            Ok(codes) => Held::Unknown { codes, why: NotChecked::CodeSystem(url.into()) },
            Err(why) => unknown(why),
        }
    }

    pub(super) fn holds(&self, set: &Set, system: Option<&str>, code: &str, walk: Walk<'_>) -> Membership {
        if walk.is_over() {
            return Membership::NotChecked(NotChecked::Recursion(set.it.url.clone()));
        }
        let prepared = set.prepared.get_or_init(|| self.prepare(&set.it));
        let mut answer = self.any(&prepared.include, system, code, walk);
        if answer != Membership::Out && !prepared.exclude.is_empty() {
            answer = match self.any(&prepared.exclude, system, code, walk) {
                Membership::In => Membership::Out,
                Membership::Out => answer,
                unknown => unknown,
            };
        }
        match (&prepared.expansion, answer) {
            // The compose is the definition; an expansion answers where the compose cannot, or is not there.
            (Some(expansion), Membership::NotChecked(_)) => expanded(expansion, system, code),
            (Some(expansion), _) if prepared.include.is_empty() => expanded(expansion, system, code),
            (_, answer) => answer,
        }
    }

    /// In if any part has it; else unknown if any part cannot say; else out.
    fn any(&self, parts: &[Part], system: Option<&str>, code: &str, walk: Walk<'_>) -> Membership {
        let mut unknown = None;
        for part in parts {
            match self.part_has(part, system, code, walk) {
                Membership::In => return Membership::In,
                Membership::Out => {}
                Membership::NotChecked(why) => unknown = unknown.or(Some(why)),
            }
        }
        unknown.map_or(Membership::Out, Membership::NotChecked)
    }

    /// In if the system's codes and every value set have it; out if one has not.
    fn part_has(&self, part: &Part, system: Option<&str>, code: &str, walk: Walk<'_>) -> Membership {
        if let (Some(asked), Some(its)) = (system, &part.system)
            && *asked != **its
        {
            return Membership::Out;
        }
        let mut answer = part.codes.has(code);
        let system = part.system.as_deref().or(system);
        for canonical in &part.value_sets {
            if answer == Membership::Out {
                return answer;
            }
            let here = match self.set(canonical) {
                Some(set) => self.holds(set, system, code, walk.down()),
                None => Membership::NotChecked(NotChecked::ValueSet(canonical.clone())),
            };
            match (&answer, &here) {
                (_, Membership::Out) | (Membership::In, _) => answer = here,
                _ => {}
            }
        }
        if part.system.is_none() && part.value_sets.is_empty() { Membership::Out } else { answer }
    }

    /// The codes of a value set, in no order, perhaps some twice.
    pub(super) fn listed(&self, canonical: &str, walk: Walk<'_>) -> Result<Codes, NotChecked> {
        if walk.is_over() {
            return Err(NotChecked::Recursion(canonical.into()));
        }
        let set = self.set(canonical).ok_or_else(|| NotChecked::ValueSet(canonical.into()))?;
        let whole = self.composed(set, walk);
        match (&set.it.expansion, whole) {
            (Some(expansion), Err(_)) => Ok(expansion.clone()),
            (Some(expansion), _) if set.it.include.is_empty() => Ok(expansion.clone()),
            (_, whole) => whole,
        }
    }

    fn composed(&self, set: &Set, walk: Walk<'_>) -> Result<Codes, NotChecked> {
        let prepared = set.prepared.get_or_init(|| self.prepare(&set.it));
        let mut codes = Codes::new();
        for (part, include) in prepared.include.iter().zip(&set.it.include) {
            self.list_part(part, include, walk, &mut codes)?;
            if codes.len() > MOST_CODES {
                return Err(NotChecked::TooMany(set.it.url.clone()));
            }
        }
        if prepared.exclude.is_empty() {
            return Ok(codes);
        }
        let mut kept = Codes::new();
        for (system, code) in codes {
            match self.any(&prepared.exclude, Some(&system), &code, walk) {
                Membership::Out => kept.push((system, code)),
                Membership::In => {}
                Membership::NotChecked(why) => return Err(why),
            }
        }
        Ok(kept)
    }

    fn list_part(&self, part: &Part, include: &Include, walk: Walk<'_>, to: &mut Codes) -> Result<(), NotChecked> {
        let candidates: Codes = match (&part.system, &part.codes) {
            (None, _) => match part.value_sets.first() {
                Some(first) => self.listed(first, walk.down())?,
                None => Codes::new(),
            },
            (Some(url), Held::Whole(system)) => {
                system.it.concepts.iter().map(|concept| (url.clone(), concept.code.clone())).collect()
            }
            // As the definition writes them, where the set holds them in lower case.
            (Some(url), Held::These { .. }) if !include.codes.is_empty() => {
                include.codes.iter().map(|code| (url.clone(), code.clone())).collect()
            }
            (Some(url), Held::These { codes, .. }) => codes.iter().map(|code| (url.clone(), code.clone())).collect(),
            (_, Held::Unknown { why, .. }) => return Err(why.clone()),
            (Some(url), Held::Native(_) | Held::Any) => return Err(NotChecked::CodeSystem(url.clone())),
        };
        for (system, code) in candidates {
            match self.part_has(part, Some(&system), &code, walk) {
                Membership::In => to.push((system, code)),
                Membership::Out => {}
                Membership::NotChecked(why) => return Err(why),
            }
        }
        Ok(())
    }
}

fn expanded(expansion: &hash::Map<Box<str>, hash::Set<Box<str>>>, system: Option<&str>, code: &str) -> Membership {
    let has = match system {
        Some(system) => expansion.get(system).is_some_and(|codes| codes.contains(code)),
        None => expansion.values().any(|codes| codes.contains(code)),
    };
    if has { Membership::In } else { Membership::Out }
}
