//! Laboratory results: the list of tests, and one test over time.

use jiff::civil::Date;

use super::{Origin, Words};

/// The tests of which the reader may see results.
#[derive(Clone, Debug, Default)]
pub struct LaboratoryListView {
    /// One row per test, newest result first.
    pub tests: Vec<TestRow>,
}

/// One test's newest result.
#[derive(Clone, Debug)]
pub struct TestRow {
    /// The last part of the test's address: `{base}/laboratory/{slug}`.
    pub slug: String,
    /// The test's name, for example `HbA1c`.
    pub name: Words,
    /// What it measures, in plain words.
    pub meaning: Option<Words>,
    /// The unit as printed.
    pub unit: String,
    /// The newest value.
    pub newest: TestValue,
    /// The usual range.
    pub range: Option<Range>,
}

/// One test over time.
#[derive(Clone, Debug)]
pub struct LaboratoryView {
    /// The test's name.
    pub name: Words,
    /// What it measures, in plain words.
    pub meaning: Option<Words>,
    /// More about the test, one sentence each.
    pub about: Vec<Words>,
    /// The unit as printed.
    pub unit: String,
    /// The usual range and whose it is.
    pub range: Option<Range>,
    /// Values, oldest first.
    pub values: Vec<TestValue>,
    /// What a clinician wrote to the person; never generated.
    pub note: Option<ClinicianNote>,
}

/// One value.
#[derive(Clone, Debug)]
pub struct TestValue {
    /// The day in Japan.
    pub day: Date,
    /// The number, for the chart; values without one are listed, not drawn.
    pub number: Option<f64>,
    /// The value as reported, for example `7.1` or `<0.5`.
    pub text: String,
    /// Whether it is high, low or usual.
    pub level: Level,
    /// Who measured.
    pub by: Option<Words>,
    /// The id of the entry's own page; empty where it has none.
    pub entry: String,
}

/// Where a value stands. As reported, or by the range; nothing more is ever said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Below the usual range.
    Low,
    /// Within it.
    Usual,
    /// Above it.
    High,
    /// Not known.
    Unknown,
}

/// The usual range.
#[derive(Clone, Debug)]
pub struct Range {
    /// The lower end, if there is one.
    pub low: Option<f64>,
    /// The upper end, if there is one.
    pub high: Option<f64>,
    /// As printed, without the unit: `4.9〜6.0`.
    pub text: String,
    /// Whose range it is.
    pub by: Option<Words>,
}

/// A clinician's words to the person.
#[derive(Clone, Debug)]
pub struct ClinicianNote {
    /// When and by whom.
    pub origin: Origin,
    /// The words.
    pub text: Words,
}
