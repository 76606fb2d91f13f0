//! Why a citizen is told of a look: the one rule, for the list on her page and for what is sent to her.

use std::collections::HashSet;

use tsumugi_kernel::{Purpose, Role};
use tsumugi_ledger::{LookPart, look::Decision};

use super::NoticeChoice;
use crate::{Look, policy::Policies};

/// Why she is told of a look, the most urgent first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NoticeWhy {
    /// It went past her limits.
    Glass,
    /// The screening found it odd.
    Odd,
    /// Somebody said something in a case of hers.
    Case,
    /// A paper of hers was not confirmed in time. Her papers say so, not a look.
    Lapsed,
    /// A clerk took a paper of hers down, confirmed it, or sent it back. Her papers say so, not a look.
    Paper,
    /// It was in a disaster.
    Disaster,
    /// It was an emergency.
    Emergency,
    /// Somebody looked for the first time.
    First,
    /// Whoever looked is not in charge of her.
    Outside,
    /// She asked to be told of every look.
    Every,
}

/// What is known of a look besides itself; asked only where it decides.
pub struct Circumstances<'a> {
    /// Whether it is somebody's first ([`is_first`]).
    pub first: &'a dyn Fn() -> bool,
    /// Whether it stands on no care relation ([`Policies::asks_no_relation`]).
    pub outside: &'a dyn Fn() -> bool,
    /// Whether the screening found it odd.
    pub odd: &'a dyn Fn() -> bool,
}

/// Why she is told of a look that is not her own; `None` if she is not.
#[must_use]
pub fn why(part: &LookPart, choice: NoticeChoice, known: &Circumstances<'_>) -> Option<NoticeWhy> {
    // What is said in a case of hers is always told.
    if part.decision == Decision::Written && matches!(part.action.as_str(), "review" | "answer") {
        return Some(NoticeWhy::Case);
    }
    if part.decision != Decision::Shown {
        return None;
    }
    match Purpose::from_code(&part.purpose) {
        // Past her limits is told even where nothing was found.
        Some(Purpose::BreakGlass) => return Some(NoticeWhy::Glass),
        // In a disaster she was found by her name: that is told even where nothing more was.
        Some(Purpose::Disaster) => return Some(NoticeWhy::Disaster),
        _ => {}
    }
    // What is odd is told even where nothing was shown: the case is there, and the log tells of it.
    if choice != NoticeChoice::Emergencies && (known.odd)() {
        return Some(NoticeWhy::Odd);
    }
    if part.count == 0 {
        return None;
    }
    if Purpose::from_code(&part.purpose) == Some(Purpose::EmergencyTreat) {
        return Some(NoticeWhy::Emergency);
    }
    let unusual = || {
        let first = (known.first)().then_some(NoticeWhy::First);
        first.or_else(|| (known.outside)().then_some(NoticeWhy::Outside))
    };
    match choice {
        NoticeChoice::Emergencies => None,
        NoticeChoice::Unusual => unusual(),
        NoticeChoice::Every => unusual().or(Some(NoticeWhy::Every)),
    }
}

/// Whether it shows a professional something: only such a look can be somebody's first.
#[must_use]
pub fn is_by_other(part: &LookPart) -> bool {
    let other = !matches!(Role::from_code(&part.role), Some(Role::Citizen | Role::System) | None) && !part.automatic;
    other && part.decision != Decision::Refused && part.count > 0
}

/// Numbers of the looks that are somebody's first at this record, of looks in their order.
#[must_use]
pub fn firsts(looks: &[Look]) -> HashSet<u64> {
    let mut known = HashSet::new();
    let others = looks.iter().filter(|look| is_by_other(&look.part));
    others.filter(|look| known.insert(look.part.person.id.as_str())).map(|look| look.number).collect()
}

impl Policies {
    /// Whether no rule by which a look was decided (`rules`, ids with spaces between them) asked for a care relation or a
    /// consent. Rules about what an organisation wrote itself say nothing of it; a rule that is not in the policies any
    /// more is believed to have asked.
    #[must_use]
    pub fn asks_no_relation(&self, rules: &str) -> bool {
        let mut found = false;
        for id in rules.split(' ') {
            match self.rule(id) {
                Some(rule) if rule.own_facts_only => {}
                Some(rule) if rule.unrelated => found = true,
                _ => return false,
            }
        }
        found
    }
}
