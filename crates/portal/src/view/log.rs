//! The state of the log and its witnesses, for everybody: numbers, times and names of witnesses, nobody else.

use tsumugi_kernel::Instant;

/// The page of the log's state.
#[derive(Clone, Debug)]
pub struct LogView {
    /// The log's key as `name+hash+key`.
    pub key: String,
    /// Leaves that the newest checkpoint covers.
    pub size: u64,
    /// Leaves that wait for the next one.
    pub pending: u64,
    /// When the newest checkpoint was made, by the log's clock.
    pub signed: Option<Instant>,
    /// Whether enough witnesses have signed.
    pub quorum: LogQuorum,
    /// The witnesses.
    pub witnesses: Vec<LogWitness>,
}

/// Whether enough witnesses have signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogQuorum {
    /// None is named.
    Nobody,
    /// So many are needed, and have signed this size since then.
    Reached(usize, LogSeen),
    /// So many are needed, and the newest checkpoint was not offered yet.
    NotYet(usize),
    /// So many are needed, and fewer have signed since then; the last time that enough had.
    TooFew(usize, Instant, Option<LogSeen>),
}

/// What was signed, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogSeen {
    /// Leaves.
    pub size: u64,
    /// By the witness's clock.
    pub at: Instant,
}

/// One witness.
#[derive(Clone, Debug)]
pub struct LogWitness {
    /// Who it is.
    pub name: String,
    /// What it signed last.
    pub signed: Option<LogSeen>,
    /// How it stands with it.
    pub state: LogWitnessState,
}

/// How it stands with a witness.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogWitnessState {
    /// It signs.
    Signs,
    /// It was not asked yet.
    Waits,
    /// It does not answer.
    Silent,
    /// It does not know this log, or signs with another key than the one that was named.
    Refused,
    /// It has signed another log than this one, or a longer one.
    Contradicts,
}
