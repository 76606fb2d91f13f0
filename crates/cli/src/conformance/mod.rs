//! `tsumugi conformance`: the official suites found below a folder, run against what this binary is made of.
//!
//! What must hold: a case that did not come out as the suite says is shown, with a reason where there is one; a suite
//! that is not there is shown as not run; the published table is written by this command and names the bytes it ran.

mod engines;
mod exceptions;
mod round_trip;
mod suite;
mod table;
mod validator;

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context;
use clap::Args;

pub use suite::{Exception, Suite};

use crate::{terminal, walk};

/// Run the official suites that stand below a folder, and print what came of them.
#[derive(Args)]
#[command(after_help = "\
Examples:
  tsumugi conformance fhir-test-cases/
  tsumugi conformance fhir-test-cases/ --json
  tsumugi conformance fhir-test-cases/ --write docs/conformance.md

Looked for, at any depth: tests-fhir-r4.xml with input/ beside it (FHIRPath), json-patch-tests.json and
fhir-patch-tests.xml (patch), examples/ (round trips), validator/manifest.json.

Exit status: 0 every case came out as its suite says, but for listed exceptions; 1 one did not; 2 nothing could be run.")]
pub struct Conformance {
    /// The folder.
    dir: PathBuf,
    /// One JSON object instead of a table.
    #[arg(long)]
    json: bool,
    /// Writes the table, as published, to this Markdown file too.
    #[arg(long)]
    write: Option<PathBuf>,
}

impl Conformance {
    /// Runs the command.
    #[must_use]
    pub fn run(self) -> ExitCode {
        match self.all() {
            Ok(suites) if suites.iter().all(|suite| suite.files.is_empty()) => {
                terminal::complain(&format!("tsumugi: no suite stands below {}", self.dir.display()));
                ExitCode::from(2)
            }
            Ok(suites) => ExitCode::from(u8::from(!suites.iter().all(Suite::holds))),
            Err(error) => {
                terminal::complain(&format!("tsumugi: {error:#}"));
                ExitCode::from(2)
            }
        }
    }

    fn all(&self) -> anyhow::Result<Vec<Suite>> {
        let files = walk::files(std::slice::from_ref(&self.dir))?;
        let suites = suite::run(&self.dir, &files)?;
        terminal::say(&if self.json { table::json(&suites) } else { table::text(&suites) });
        for suite in &suites {
            for stale in &suite.stale {
                terminal::complain(&format!("tsumugi: {}: {stale} passes: its exception can be taken off", suite.name));
            }
        }
        if let Some(path) = &self.write {
            std::fs::write(path, table::markdown(&suites))
                .with_context(|| format!("{} cannot be written", path.display()))?;
        }
        Ok(suites)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_official_suites_come_out_but_for_what_is_listed() {
        let dir = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/fhir-r4");
        if !dir.is_dir() {
            terminal::complain("shared test data absent: skipped");
            return;
        }
        let suites = suite::run(&dir, &walk::files(std::slice::from_ref(&dir)).unwrap()).unwrap();
        let ran: Vec<_> = suites.iter().filter(|suite| !suite.files.is_empty()).collect();
        assert_eq!(ran.len(), 5, "all but the validator's cases, which are not in the shared data");
        for suite in ran {
            assert!(suite.holds(), "{}: {:?}", suite.name, suite.exceptions);
            assert!(suite.stale.is_empty(), "{}: {:?}", suite.name, suite.stale);
            assert!(suite.passed > 15, "{}: {}", suite.name, suite.passed);
        }
    }
}
