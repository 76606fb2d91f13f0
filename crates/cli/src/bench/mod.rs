//! `tsumugi bench`: what this build does on this machine. Figures are commands, never timed tests.
//!
//! Server and clients share the machine's cores, as the table in `docs/benchmarks.md` asks. Each figure is the median
//! of several windows of one run.

mod crash;
mod fhir;
mod identity;
mod ledger;
mod measure;
mod population;
mod probe;
mod town;
mod trust;

use std::{collections::BTreeMap, path::PathBuf};

use anyhow::bail;
use clap::Args;
use tsumugi_cli::terminal;

use crate::serve::runtime;

/// Measure this build on this machine.
#[derive(Args)]
#[command(after_help = "\
Examples:
  tsumugi bench                    the whole table; the town takes the longest
  tsumugi bench read search        some figures
  tsumugi bench --json             for a program
  tsumugi bench fhir --packages packages/   what FHIR costs: all of parse, fhirpath, validate, submit, import, search, summary
  tsumugi bench town               how fast a town is made and brought in, and how well its people are found
  tsumugi bench match --people 20000        candidates among fewer citizens than a million
  tsumugi bench trust              whether looks without a reason are found, and what trust costs
  tsumugi bench crash --rounds 20  kill the server under load and look for what is lost

Names: submit, read, search, everything, summary, door, disk, ledger, open, parse, fhirpath, validate, import,
synth, resolve, town-import, match, identity, trust; fhir and town for several of them; and crash, which runs only when named.")]
pub struct Bench {
    /// What to measure; all but crash where none is named.
    names: Vec<String>,
    /// One JSON object instead of a table.
    #[arg(long)]
    json: bool,
    /// Windows of which the median is taken.
    #[arg(long, default_value_t = 5)]
    windows: usize,
    /// Seconds of one window.
    #[arg(long, default_value_t = 4)]
    seconds: u64,
    /// Resources in the store that is opened.
    #[arg(long, default_value_t = 1_000_000)]
    resources: u64,
    /// A folder of FHIR packages (.tgz) with the profiles that documents claim, for validate.
    #[arg(long)]
    packages: Option<PathBuf>,
    /// Citizens of the town that is brought in; the figure is told for 10,000.
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(1..))]
    citizens: u64,
    /// Citizens among whom candidates are searched.
    #[arg(long, default_value_t = 1_000_000)]
    people: usize,
    /// How often the server is killed.
    #[arg(long, default_value_t = 200)]
    rounds: usize,
    /// Opens the store in this folder, prints what it took, and ends: used by `bench open` on a process of its own.
    #[arg(long, hide = true)]
    probe: Option<PathBuf>,
}

const NAMES: [&str; 22] = [
    "submit",
    "read",
    "search",
    "everything",
    "summary",
    "door",
    "disk",
    "ledger",
    "open",
    "parse",
    "fhirpath",
    "validate",
    "import",
    "fhir",
    "synth",
    "resolve",
    "town-import",
    "match",
    "identity",
    "town",
    "trust",
    "crash",
];
/// What `fhir` stands for.
const FHIR: [&str; 7] = ["parse", "fhirpath", "validate", "submit", "import", "search", "summary"];
/// What `town` stands for.
const POPULATION: [&str; 5] = ["synth", "resolve", "town-import", "match", "identity"];
/// What is asked over HTTP.
const TOWN: [&str; 8] = ["submit", "read", "search", "everything", "summary", "door", "disk", "open"];

/// The measured figures by their keys.
pub type Figures = BTreeMap<&'static str, f64>;

impl Bench {
    /// Runs the command.
    pub fn run(self) -> anyhow::Result<()> {
        if let Some(folder) = &self.probe {
            return probe::open(folder);
        }
        if let Some(unknown) = self.names.iter().find(|name| !NAMES.contains(&name.as_str())) {
            bail!("{unknown} is no benchmark; choose of: {}", NAMES.join(", "));
        }
        let named = |name: &str| self.names.iter().any(|n| n == name);
        let wants = |name: &str| {
            named(name)
                || (named("fhir") && FHIR.contains(&name))
                || (named("town") && POPULATION.contains(&name))
                || (self.names.is_empty() && name != "crash")
        };
        let settings = town::Settings { windows: self.windows, seconds: self.seconds, resources: self.resources };
        let mut figures = Figures::new();
        if wants("crash") {
            runtime()?.block_on(crash::run(self.rounds))?;
            figures.insert("crash_rounds", f64::from(u32::try_from(self.rounds)?));
            figures.insert("crash_lost", 0.0);
        }
        if wants("ledger") {
            ledger::run(&mut figures, self.windows)?;
        }
        if wants("parse") {
            fhir::parse(&mut figures, &settings)?;
        }
        if wants("fhirpath") {
            fhir::fhirpath(&mut figures, &settings)?;
        }
        if wants("validate") {
            fhir::validate(&mut figures, &settings, self.packages.as_deref())?;
        }
        if wants("import") {
            runtime()?.block_on(fhir::import(&mut figures, &settings))?;
        }
        if wants("synth") {
            population::made(&mut figures, &settings)?;
        }
        if wants("resolve") || wants("town-import") {
            let measured = population::brought_in(&mut figures, &settings, self.citizens, &wants);
            runtime()?.block_on(measured)?;
        }
        if wants("match") {
            runtime()?.block_on(identity::searched(&mut figures, self.people))?;
        }
        if wants("identity") {
            runtime()?.block_on(identity::decided(&mut figures, self.citizens))?;
        }
        if wants("trust") {
            runtime()?.block_on(trust::run(&mut figures, self.citizens))?;
        }
        if TOWN.into_iter().any(wants) {
            runtime()?.block_on(town::run(&mut figures, &settings, &wants))?;
        }
        self.print(&figures)
    }

    fn print(&self, figures: &Figures) -> anyhow::Result<()> {
        if self.json {
            terminal::say(&serde_json::to_string_pretty(figures)?);
        } else {
            for (key, value) in figures {
                terminal::say(&format!("{key:28} {value:>14.3}"));
            }
        }
        Ok(())
    }
}
