//! What running a case of an official suite came to: one shape for every suite, so that one table can show them all.

/// One case of a suite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseResult {
    /// The suite's name of the case, or the file's.
    pub name: String,
    /// Whether it came out as the suite says.
    pub passed: bool,
    /// Why not, for whoever mends it; suites hold nobody's data.
    pub why: Option<String>,
}

impl CaseResult {
    /// A case that came out as the suite says (`Ok`), or did not and why.
    #[must_use]
    pub fn of(name: impl Into<String>, outcome: Result<(), String>) -> Self {
        let why = outcome.err();
        Self { name: name.into(), passed: why.is_none(), why }
    }
}
