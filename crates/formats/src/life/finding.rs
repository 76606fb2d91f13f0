//! What was found in a file. The same thing in many rows is one finding with its first rows and how often it was, so that
//! a long file has a short report; and no finding holds what a cell says of a person.

use std::collections::BTreeMap;

use tsumugi_kernel::limits::LIFE_FINDINGS;

use super::rule::{Rule, Severity};

/// How many rows a finding names.
pub(super) const ROWS: usize = 5;

/// What a finding adds to its rule's words.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// Nothing.
    #[default]
    None,
    /// A number.
    Number(u64),
    /// A word of the interface: codes, a column, a version.
    Word(String),
    /// One character.
    Character(char),
}

impl Detail {
    fn text(&self) -> String {
        match self {
            Self::None => String::new(),
            Self::Number(number) => number.to_string(),
            Self::Word(word) => word.clone(),
            Self::Character(character) => format!("「{character}」(U+{:04X})", u32::from(*character)),
        }
    }
}

/// Which column a finding is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct At {
    /// Where it stands in the file, from 1; 0 where the file has no such column, or the finding is about rows.
    pub position: u32,
    /// Its physical name, where it is one of the form's.
    pub id: String,
    /// What it is called.
    pub name: String,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: Rule,
    /// The column.
    pub at: At,
    /// What it adds to the words.
    pub detail: Detail,
    /// The first lines of the file where it was found; none where it is about the file.
    pub lines: Vec<u64>,
    /// How often it was found.
    pub times: u64,
}

impl Finding {
    /// How grave it is.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.rule.severity()
    }

    /// What is wrong and what to do next, in Japanese.
    #[must_use]
    pub fn ja(&self) -> String {
        self.rule.words().0.replace("{d}", &self.detail.text())
    }

    /// The same in English.
    #[must_use]
    pub fn en(&self) -> String {
        self.rule.words().1.replace("{d}", &self.detail.text())
    }
}

/// The findings of one file.
#[derive(Debug, Default)]
pub struct Findings {
    kept: BTreeMap<(Rule, At, Detail), (Vec<u64>, u64)>,
    /// Findings by severity, those that are not kept included.
    counts: BTreeMap<Severity, u64>,
    more: u64,
}

impl Findings {
    /// Adds what was found in `line`, or in the file as a whole.
    pub fn add(&mut self, rule: Rule, line: Option<u64>, at: At, detail: Detail) {
        *self.counts.entry(rule.severity()).or_default() += 1;
        let key = (rule, at, detail);
        if self.kept.len() >= LIFE_FINDINGS && !self.kept.contains_key(&key) {
            self.more += 1;
            return;
        }
        let (lines, times) = self.kept.entry(key).or_default();
        *times += 1;
        if lines.len() < ROWS {
            lines.extend(line);
        }
    }

    /// Adds what was found `times` times, first in `lines`.
    pub fn add_many(&mut self, rule: Rule, lines: &[u64], at: &At, times: u64) {
        for line in lines {
            self.add(rule, Some(*line), at.clone(), Detail::None);
        }
        let rest = times.saturating_sub(u64::try_from(lines.len()).unwrap_or(u64::MAX));
        *self.counts.entry(rule.severity()).or_default() += rest;
        match self.kept.get_mut(&(rule, at.clone(), Detail::None)) {
            Some((_, known)) => *known += rest,
            None => self.more += rest,
        }
    }

    /// Adds what is about the file as a whole.
    pub fn about_file(&mut self, rule: Rule, detail: Detail) {
        self.add(rule, None, At::default(), detail);
    }

    /// All findings: the gravest first, then by where they are.
    #[must_use]
    pub fn list(&self) -> Vec<Finding> {
        let mut list: Vec<Finding> = self
            .kept
            .iter()
            .map(|((rule, at, detail), (lines, times))| Finding {
                rule: *rule,
                at: at.clone(),
                detail: detail.clone(),
                lines: lines.clone(),
                times: *times,
            })
            .collect();
        list.sort_by_key(|finding| (std::cmp::Reverse(finding.severity()), finding.lines.first().copied()));
        list
    }

    /// How many findings there were of a severity.
    #[must_use]
    pub fn count(&self, severity: Severity) -> u64 {
        self.counts.get(&severity).copied().unwrap_or_default()
    }

    /// How many findings are counted and not listed.
    #[must_use]
    pub fn more(&self) -> u64 {
        self.more
    }

    /// How often a rule was found.
    #[must_use]
    pub fn times(&self, rule: Rule) -> u64 {
        self.kept.iter().filter(|((known, _, _), _)| *known == rule).map(|(_, (_, times))| times).sum()
    }

    /// Whether nothing is against the interface.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.count(Severity::Error) == 0
    }
}
