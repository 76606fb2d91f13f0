//! The stand-alone verifier: reads a completeness proof and says in plain words, Japanese and English, what it proves or
//! what is wrong with it.
//!
//! It needs nothing but the file (and, to be sure of the log, its published key): no server, no network, no store. The
//! checks themselves are those of [`tsumugi_ledger::completeness`].
//!
//! What must hold: the words never say more than was checked. Text from the file reaches the words without control
//! characters, so a name cannot steer the reader's terminal.

mod emergency;
mod fault_words;
mod look_words;
mod report_words;
mod witness_words;

pub use emergency::{EmergencyVerdict, is_emergency_summary, read_emergency_summary};
pub use tsumugi_ledger::{Fault, Report, WitnessKey, WitnessPolicy, Witnessed};
use tsumugi_ledger::{Note, ProofFile};

/// One text in both languages; several lines, without a newline at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// Japanese.
    pub ja: String,
    /// English.
    pub en: String,
}

impl Words {
    /// One text in both languages.
    #[must_use]
    pub fn new(ja: impl Into<String>, en: impl Into<String>) -> Self {
        Self { ja: ja.into(), en: en.into() }
    }
}

/// What came out of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// One report for each chain that the file is about (several where a person's shelves were merged), or the first
    /// fault found.
    pub outcome: Result<Vec<Report>, Fault>,
    /// What the witnesses say, where some were demanded and the file is a proof that holds by itself.
    pub witnessed: Option<Witnessed>,
    /// The same for people.
    pub words: Words,
}

/// Which witnesses a reader demands, and by which clock.
#[derive(Clone, Debug)]
pub struct Demand {
    /// Whom, and how many of them; where it names logs, the proof must be of one of them.
    pub policy: WitnessPolicy,
    /// The reader's clock, in seconds since 1970.
    pub now: u64,
    /// From which age on, in hours, the reader is warned that the log may have gone on since.
    pub old_after_hours: u64,
}

impl Verdict {
    /// Whether there was nothing to check: what was given is no proof, or is so damaged that it cannot be read as one.
    #[must_use]
    pub const fn is_no_proof(&self) -> bool {
        matches!(self.outcome, Err(Fault::Format(_)))
    }

    /// Whether the proof holds, and enough witnesses have seen what it speaks of.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.outcome.is_ok() && !self.has_too_few_witnesses()
    }

    /// Whether all that is missing are witnesses.
    #[must_use]
    pub fn has_too_few_witnesses(&self) -> bool {
        self.witnessed.as_ref().is_some_and(|witnessed| !witnessed.holds())
    }
}

/// Checks the bytes of a proof file. `trusted_vkey` is the log's published verifier key (`name+id+key`); without it the
/// words say that the key is only the one in the file.
#[must_use]
pub fn verify(json: &[u8], trusted_vkey: Option<&str>) -> Verdict {
    verify_with(json, trusted_vkey, &|_| None)
}

/// The same, with the words of the rules that the caller knows, by a rule's code: they are the caller's, not the proof's.
#[must_use]
pub fn verify_with(json: &[u8], trusted_vkey: Option<&str>, rules: &dyn Fn(&str) -> Option<Words>) -> Verdict {
    verify_witnessed(json, trusted_vkey, rules, None)
}

/// The same, and enough witnesses must have seen the checkpoint. Without `trusted_vkey` the log's key must be one of those
/// that the policy names, if it names any.
#[must_use]
pub fn verify_witnessed(
    json: &[u8],
    trusted_vkey: Option<&str>,
    rules: &dyn Fn(&str) -> Option<Words>,
    demand: Option<&Demand>,
) -> Verdict {
    let checked = ProofFile::from_json(json).and_then(|file| {
        let named = demand.and_then(|demand| log_of(&file, &demand.policy));
        let reports = file.verify(trusted_vkey.or(named.as_deref()))?;
        let judge = |demand: &Demand| Ok(demand.policy.judge(&Note::split(note_of(&file))?, demand.now));
        Ok((reports, demand.map(judge).transpose()?))
    });
    let (reports, witnessed) = match checked {
        Ok(checked) => checked,
        Err(fault) => {
            let words = fault_words::words(&fault);
            return Verdict { outcome: Err(fault), witnessed: None, words };
        }
    };
    let mut words = report_words::words(&reports, rules);
    if let (Some(seen), Some(demand)) = (&witnessed, demand) {
        if !seen.holds() {
            words = witness_words::too_few(seen);
        } else if seen.demanded {
            let more = witness_words::enough(seen, demand.now, demand.old_after_hours.saturating_mul(3_600));
            words = Words::new(format!("{}\n{}", more.ja, words.ja), format!("{}\n{}", more.en, words.en));
        }
    }
    Verdict { outcome: Ok(reports), witnessed, words }
}

/// The log's key that a policy demands of a file: the file's own, if the policy names it, else the first that it names.
fn log_of(file: &ProofFile, policy: &WitnessPolicy) -> Option<String> {
    let own = file.proofs.first().map(|proof| proof.vkey.as_str());
    let logs = policy.logs();
    logs.iter().find(|log| Some(log.vkey().as_str()) == own).or(logs.first()).map(tsumugi_ledger::NoteVerifier::vkey)
}

/// The one checkpoint of a file.
fn note_of(file: &ProofFile) -> &str {
    file.proofs.first().map_or("", |proof| proof.checkpoint.as_str())
}

/// Whether a text has the form of a log's verifier key (`name+id+key`).
#[must_use]
pub fn is_key(text: &str) -> bool {
    tsumugi_ledger::NoteVerifier::parse(text).is_ok()
}

/// A purpose of use (HL7 v3 code) in the words of the citizen's pages; `None` for a code that is not known here.
#[must_use]
pub fn purpose(code: &str) -> Option<Words> {
    look_words::purpose(code)
}

/// The words for a fault found elsewhere, for example by an audit.
#[must_use]
pub fn explain(fault: &Fault) -> Words {
    fault_words::words(fault)
}

/// Text from a file without control characters.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() || is_direction(c) { '\u{fffd}' } else { c }).collect()
}

/// Marks that turn the direction of text, and so could make it read as something else.
const fn is_direction(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
