//! Whom a checkpoint must have been seen by to be believed (`c2sp.org/tlog-policy`), and whether it was.
//!
//! A policy is a text of lines: `log <vkey> [url]`, `witness <name> <vkey> [url]`,
//! `group <name> all|any|<k> <name>…`, and one `quorum <name>` (or `quorum none`); empty lines and lines that start with
//! `#` are passed over. A group holds if at least k of its members do; a name stands before it is used, and in one group
//! at most.
//!
//! What must hold: a witness counts once, by its key; a line of a witness that does not hold never counts, nor does one
//! from the future.

use std::{collections::HashMap, fmt::Write as _};

use crate::{LedgerError, Note, NoteVerifier, WitnessKey};

/// The most logs, the most witnesses and the most groups of a policy.
const MOST: usize = 32;
/// The most bytes of a policy.
const MOST_BYTES: usize = 64 * 1024;
/// How far a witness's clock may be before the reader's, in seconds, for its word to count.
pub const CLOCKS_APART: u64 = 300;

/// A policy, see the module's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WitnessPolicy {
    logs: Vec<NoteVerifier>,
    witnesses: Vec<(String, WitnessKey)>,
    quorum: Rule,
}

/// What must hold: a witness, or so many of several rules.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Rule {
    Witness(usize),
    Some(usize, Vec<Rule>),
}

/// What one witness says of a checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// It saw it at this time (seconds since 1970).
    At(u64),
    /// It says nothing.
    Nothing,
    /// Its line does not hold: the text or the time was changed, or somebody else wrote it.
    Broken,
    /// It names a time that has not come yet by the reader's clock: one of both clocks is wrong.
    Future(u64),
}

/// A witness, and what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The name of its key.
    pub witness: String,
    /// What it says.
    pub sight: Sight,
}

/// What the witnesses of a policy say of one checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witnessed {
    /// Each witness of the policy, in its order.
    pub seen: Vec<Seen>,
    /// How many are demanded, where the policy says it as one number over all of them.
    pub needed: Option<usize>,
    /// Since when enough of them have seen it (seconds since 1970); `None` if they have not.
    pub enough_at: Option<u64>,
    /// Whether the policy demands any.
    pub demanded: bool,
}

impl Witnessed {
    /// Whether the policy holds.
    #[must_use]
    pub const fn holds(&self) -> bool {
        self.enough_at.is_some() || !self.demanded
    }

    /// How many have seen it.
    #[must_use]
    pub fn count(&self) -> usize {
        self.seen.iter().filter(|seen| matches!(seen.sight, Sight::At(_))).count()
    }
}

impl WitnessPolicy {
    /// At least `quorum` of these witnesses, for any log.
    ///
    /// # Errors
    /// [`LedgerError::Format`] if that can never hold, a key stands twice, or there are more than 32.
    pub fn of(witnesses: Vec<WitnessKey>, quorum: usize) -> Result<Self, LedgerError> {
        let all = (0..witnesses.len()).map(Rule::Witness).collect();
        let named = witnesses.into_iter().map(|key| (key.name().to_owned(), key)).collect();
        let policy = Self { logs: Vec::new(), witnesses: named, quorum: Rule::Some(quorum, all) };
        policy.check_keys()?;
        if quorum > policy.witnesses.len() {
            return Err(fault("its quorum is larger than the number of its witnesses"));
        }
        Ok(policy)
    }

    /// Reads the text of a policy.
    ///
    /// # Errors
    /// [`LedgerError::Format`] with what does not fit.
    pub fn parse(text: &str) -> Result<Self, LedgerError> {
        if text.len() > MOST_BYTES {
            return Err(fault("it is longer than 64 KiB"));
        }
        if text.bytes().any(|byte| (byte < 0x20 && byte != b'\n' && byte != b'\t') || byte == 0x7f) {
            return Err(fault("it has a control character"));
        }
        let mut reader = Reader::default();
        for line in text.split('\n') {
            let words: Vec<&str> = line.split([' ', '\t']).filter(|word| !word.is_empty()).collect();
            if words.first().is_some_and(|word| !word.starts_with('#')) {
                reader.line(&words)?;
            }
        }
        let quorum = reader.quorum.ok_or_else(|| fault("it has no line with its quorum"))?;
        let policy = Self { logs: reader.logs, witnesses: reader.witnesses, quorum };
        policy.check_keys()?;
        Ok(policy)
    }

    fn check_keys(&self) -> Result<(), LedgerError> {
        if self.logs.len() > MOST || self.witnesses.len() > MOST {
            return Err(fault("it has more than 32 logs or witnesses"));
        }
        for (index, (_, key)) in self.witnesses.iter().enumerate() {
            if self.witnesses[..index].iter().any(|(_, before)| before.is_same_key(key)) {
                return Err(fault("two of its witnesses have one key: one witness would count twice"));
            }
        }
        Ok(())
    }

    /// The same for this log alone.
    #[must_use]
    pub fn with_log(self, log: NoteVerifier) -> Self {
        Self { logs: vec![log], ..self }
    }

    /// The logs that it names; none means any.
    #[must_use]
    pub fn logs(&self) -> &[NoteVerifier] {
        &self.logs
    }

    /// Its witnesses' keys.
    pub fn witnesses(&self) -> impl ExactSizeIterator<Item = &WitnessKey> {
        self.witnesses.iter().map(|(_, key)| key)
    }

    /// The policy's text, where it is one number over all its witnesses; as others wrote theirs, it stays theirs.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        let needed = if matches!(&self.quorum, Rule::Some(0, _)) { 0 } else { self.needed()? };
        let mut text = String::new();
        // INVARIANT: writing to a String cannot fail, so the results of `writeln!` are of no interest.
        for log in &self.logs {
            let _ = writeln!(text, "log {}", log.vkey());
        }
        let mut names = String::new();
        for (index, (_, key)) in self.witnesses.iter().enumerate() {
            let _ = writeln!(text, "witness w{} {}", index + 1, key.vkey());
            let _ = write!(names, " w{}", index + 1);
        }
        if needed == 0 {
            text.push_str("quorum none\n");
        } else {
            let _ = write!(text, "group quorum-of-witnesses {needed}{names}\nquorum quorum-of-witnesses\n");
        }
        Some(text)
    }

    /// How many witnesses are demanded, where that is one number over all of them.
    #[must_use]
    pub fn needed(&self) -> Option<usize> {
        match &self.quorum {
            Rule::Witness(_) => (self.witnesses.len() == 1).then_some(1),
            Rule::Some(needed, rules) => {
                let flat = rules.iter().all(|rule| matches!(rule, Rule::Witness(_)));
                (flat && rules.len() == self.witnesses.len() && *needed > 0).then_some(*needed)
            }
        }
    }

    /// What the witnesses say of a note, by a reader's clock (seconds since 1970).
    #[must_use]
    pub fn judge(&self, note: &Note<'_>, now: u64) -> Witnessed {
        let sight = |key: &WitnessKey| match key.seen(note) {
            Err(_) => Sight::Broken,
            Ok(None) => Sight::Nothing,
            Ok(Some(time)) if time > now.saturating_add(CLOCKS_APART) => Sight::Future(time),
            Ok(Some(time)) => Sight::At(time),
        };
        let seen: Vec<Seen> =
            self.witnesses().map(|key| Seen { witness: key.name().to_owned(), sight: sight(key) }).collect();
        let demanded = !matches!(&self.quorum, Rule::Some(0, _));
        let enough_at = if demanded { self.quorum.since(&seen) } else { None };
        Witnessed { needed: self.needed(), enough_at, demanded, seen }
    }
}

impl Rule {
    /// The newest time for which it holds when what is older is left out: of k members the k-th newest.
    fn since(&self, seen: &[Seen]) -> Option<u64> {
        match self {
            Self::Witness(index) => match seen.get(*index)?.sight {
                Sight::At(time) => Some(time),
                _ => None,
            },
            Self::Some(needed, rules) => {
                let mut times: Vec<u64> = rules.iter().filter_map(|rule| rule.since(seen)).collect();
                times.sort_unstable_by(|a, b| b.cmp(a));
                times.get(needed.checked_sub(1)?).copied()
            }
        }
    }
}

const fn fault(detail: &'static str) -> LedgerError {
    LedgerError::Format { what: "policy of witnesses", detail }
}

/// What was read so far.
#[derive(Default)]
struct Reader {
    logs: Vec<NoteVerifier>,
    witnesses: Vec<(String, WitnessKey)>,
    /// Rules by name, until they are a member of a group.
    rules: HashMap<String, Option<Rule>>,
    groups: usize,
    quorum: Option<Rule>,
}

impl Reader {
    fn line(&mut self, words: &[&str]) -> Result<(), LedgerError> {
        match words {
            ["log", vkey] | ["log", vkey, _] => {
                let key = NoteVerifier::parse(vkey)?;
                if self.logs.contains(&key) {
                    return Err(fault("a log stands twice"));
                }
                self.logs.push(key);
            }
            ["witness", name, vkey] | ["witness", name, vkey, _] => {
                self.name(name, Rule::Witness(self.witnesses.len()))?;
                self.witnesses.push(((*name).to_owned(), WitnessKey::parse(vkey)?));
            }
            ["group", name, needed, members @ ..] if !members.is_empty() => self.group(name, needed, members)?,
            ["quorum", name] => {
                let rule = if *name == "none" { Rule::Some(0, Vec::new()) } else { self.take(name)? };
                if self.quorum.replace(rule).is_some() {
                    return Err(fault("it has two lines with a quorum"));
                }
            }
            _ => return Err(fault("a line is none of: log, witness, group, quorum")),
        }
        Ok(())
    }

    fn name(&mut self, name: &str, rule: Rule) -> Result<(), LedgerError> {
        if name == "none" {
            return Err(fault("`none` is no name"));
        }
        if self.rules.insert(name.to_owned(), Some(rule)).is_some() {
            return Err(fault("a name stands for two things"));
        }
        Ok(())
    }

    fn take(&mut self, name: &str) -> Result<Rule, LedgerError> {
        let rule = self.rules.get_mut(name).ok_or_else(|| fault("a name is used that no line before it gives"))?;
        rule.take().ok_or_else(|| fault("a name is used twice: one witness would count twice"))
    }

    fn group(&mut self, name: &str, needed: &str, members: &[&str]) -> Result<(), LedgerError> {
        self.groups += 1;
        if self.groups > MOST {
            return Err(fault("it has more than 32 groups"));
        }
        let count = match needed {
            "any" => 1,
            "all" => members.len(),
            number => number.parse().map_err(|_| fault("a group's number is none of: all, any, a number"))?,
        };
        if count == 0 || count > members.len() {
            return Err(fault("a group asks for none, or for more than it has"));
        }
        let rules = members.iter().map(|member| self.take(member)).collect::<Result<_, _>>()?;
        self.name(name, Rule::Some(count, rules))
    }
}
