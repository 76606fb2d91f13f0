//! The town as a whole, and how far a demonstration has filled it. Numbers only: nobody's record.

use super::Words;

/// The town beside Japan's figures.
#[derive(Clone, Debug, Default)]
pub struct TownView {
    /// Citizens, where the comparison says so.
    pub citizens: Option<u64>,
    /// The day on which the town is seen, where the comparison says so: `2026-11-22`.
    pub today: Option<String>,
    /// The rows, in the order of the comparison.
    pub rows: Vec<TownRow>,
}

/// One figure.
#[derive(Clone, Debug)]
pub struct TownRow {
    /// What it is.
    pub words: Words,
    /// Its unit: `%`, or a word.
    pub unit: String,
    /// Where Japan's figure comes from.
    pub source: String,
    /// Japan's figure.
    pub expected: f64,
    /// The town's; none where nothing was counted.
    pub found: Option<f64>,
    /// The standard error of the town's figure.
    pub standard_error: Option<f64>,
    /// How far the town's is from Japan's, in hundredths of Japan's.
    pub off_percent: Option<f64>,
    /// What is made of it.
    pub verdict: TownVerdict,
}

/// What is made of a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TownVerdict {
    /// Near Japan's figure.
    Near,
    /// Farther, but no farther than chance goes in a town of this size.
    WithinError,
    /// Farther than both.
    Off,
    /// Nothing was counted.
    NotCounted,
}

/// How far a demonstration's town is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FillingView {
    /// Citizens of the town.
    pub citizens: u64,
    /// Citizens who are there.
    pub there: u64,
    /// Messages taken in since the start.
    pub taken: u64,
    /// Messages refused since the start.
    pub refused: u64,
    /// Records in the messages that were taken in since the start.
    pub resources: u64,
    /// Where it stands.
    pub state: FillingState,
}

/// Where filling stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FillingState {
    /// People are being added.
    #[default]
    Running,
    /// Everybody is there.
    Done,
    /// It was ended before everybody was there: the next start goes on.
    Stopped,
    /// It failed; the operator's log says why.
    Failed,
}

impl FillingState {
    /// Its name for programs.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Done => "done",
            Self::Stopped => "stopped",
            Self::Failed => "failed",
        }
    }
}
