//! `ValueSet.compose.include.filter` over a code system that is loaded.

use super::{System, fold};
use crate::{
    hash::Set,
    model::{Concept, NotChecked},
};

/// Longest regular expression of a filter, in bytes, and largest compiled program.
const PATTERN_BYTES: usize = 1_000;
const PROGRAM_BYTES: usize = 1 << 20;

/// The codes that pass every filter, as tables hold them.
pub(super) fn select(system: &System, filters: &[(Box<str>, Box<str>, Box<str>)]) -> Result<Set<Box<str>>, NotChecked> {
    let tests: Vec<Test<'_>> = filters.iter().map(|filter| Test::new(system, filter)).collect::<Result<_, _>>()?;
    let mut codes = Set::default();
    for (at, concept) in (0..).zip(&system.it.concepts) {
        if tests.iter().all(|test| test.passes(at, concept)) {
            codes.insert(fold(&concept.code, system.it.case_sensitive));
        }
    }
    Ok(codes)
}

/// One filter, ready.
enum Test<'a> {
    /// `is-a`, `descendent-of`, `generalizes`: these; `is-not-a`: others.
    Among {
        places: Set<u32>,
        wanted: bool,
    },
    Matches {
        property: &'a str,
        values: Vec<&'a str>,
        wanted: bool,
    },
    Regex {
        property: &'a str,
        pattern: regex::Regex,
    },
    Exists {
        property: &'a str,
        wanted: bool,
    },
}

impl<'a> Test<'a> {
    fn new(
        system: &System,
        (property, operator, value): &'a (Box<str>, Box<str>, Box<str>),
    ) -> Result<Self, NotChecked> {
        let unknown = || NotChecked::Filter(format!("{property} {operator} ({})", system.it.url).into_boxed_str());
        // No code of that name: nothing stands below or above it.
        let root = system.place(value);
        let below = || root.map(|root| system.below(root)).unwrap_or_default();
        let list = || value.split(',').map(str::trim).collect();
        Ok(match &**operator {
            "is-a" if is_code(property) => Self::Among { places: below(), wanted: true },
            "is-not-a" if is_code(property) => Self::Among { places: below(), wanted: false },
            "descendent-of" if is_code(property) => {
                let mut places = below();
                root.map(|root| places.remove(&root));
                Self::Among { places, wanted: true }
            }
            "generalizes" if is_code(property) => {
                Self::Among { places: root.map(|leaf| system.above(leaf)).unwrap_or_default(), wanted: true }
            }
            "=" if matches!(&**property, "parent" | "child") => return Err(unknown()),
            "=" => Self::Matches { property, values: vec![value], wanted: true },
            "in" => Self::Matches { property, values: list(), wanted: true },
            "not-in" => Self::Matches { property, values: list(), wanted: false },
            "exists" => Self::Exists { property, wanted: &**value == "true" },
            "regex" if value.len() <= PATTERN_BYTES => {
                let whole = regex::RegexBuilder::new(&format!("^(?:{value})$")).size_limit(PROGRAM_BYTES).build();
                Self::Regex { property, pattern: whole.map_err(|_| unknown())? }
            }
            _ => return Err(unknown()),
        })
    }

    fn passes(&self, at: u32, concept: &Concept) -> bool {
        match self {
            Self::Among { places, wanted } => places.contains(&at) == *wanted,
            Self::Matches { property, values, wanted } => {
                values_of(concept, property).iter().any(|value| values.contains(value)) == *wanted
            }
            Self::Regex { property, pattern } => {
                values_of(concept, property).iter().any(|value| pattern.is_match(value))
            }
            Self::Exists { property, wanted } => values_of(concept, property).is_empty() != *wanted,
        }
    }
}

/// Whether a property names the code itself.
fn is_code(property: &str) -> bool {
    matches!(property, "concept" | "code")
}

/// A concept's values of a property.
fn values_of<'c>(concept: &'c Concept, property: &str) -> Vec<&'c str> {
    match property {
        "concept" | "code" => vec![&concept.code],
        "notSelectable" | "abstract" => vec![if concept.is_abstract { "true" } else { "false" }],
        _ => concept.properties.iter().filter(|(name, _)| **name == *property).map(|(_, value)| &**value).collect(),
    }
}
