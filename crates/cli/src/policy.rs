//! `tsumugi policy`: rules tried out before they bind.

use std::{fmt::Write as _, path::PathBuf, sync::Arc};

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use tsumugi_access::{
    PolicyProfile,
    policy::Policies,
    whatif::{Effect, WhatIf},
};
use tsumugi_cli::terminal;
use tsumugi_kernel::{
    Clock as _,
    edge::{SystemClock, SystemEntropy},
};
use tsumugi_server::{App, Folder};

const DAY_MILLIS: i64 = 24 * 60 * 60 * 1000;
/// Most bytes of one policy file.
const FILE_MOST: u64 = 1 << 20;

/// Rules of who may see what.
#[derive(Args)]
pub struct Policy {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Ask the decisions of the last days again of other rules: who would be newly allowed or refused.
    Try(Try),
}

/// Ask recorded decisions again of other rules.
#[derive(Args)]
#[command(after_help = "\
Examples:
  tsumugi policy try --dir data --profile jp-2026 --days 30
  tsumugi policy try --dir data --files my-rules --json

--files is a folder like crates/access/policies/special-law: one Cedar file for each purpose (TREAT.cedar, …), and ALWAYS.cedar for
all. No server may run on the folder meanwhile.")]
struct Try {
    /// The data folder.
    #[arg(long)]
    dir: PathBuf,
    /// The rules to try: special-law or jp-2026.
    #[arg(long, conflicts_with = "files", required_unless_present = "files")]
    profile: Option<String>,
    /// A folder with rules to try.
    #[arg(long)]
    files: Option<PathBuf>,
    /// Decisions of how many days.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..=3_650))]
    days: u16,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

impl Policy {
    /// Runs the command.
    ///
    /// # Errors
    /// If the rules or the folder cannot be read.
    pub fn run(self) -> anyhow::Result<()> {
        let Command::Try(run) = self.command;
        run.run()
    }
}

impl Try {
    fn run(&self) -> anyhow::Result<()> {
        let other = self.policies()?;
        let dev = Folder::is_dev(&self.dir)?;
        let folder = Folder::open(&self.dir, dev, &SystemEntropy)?;
        let app = App::new(folder, Arc::new(SystemClock), Arc::new(SystemEntropy))?;
        let since = SystemClock.now().plus_millis(-i64::from(self.days) * DAY_MILLIS);
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let bar = indicatif::ProgressBar::new(0);
        let mut seen = |read, of| {
            bar.set_length(of);
            bar.set_position(read);
        };
        let result = runtime.block_on(app.desk.door.what_if(&other, since, u64::MAX, &mut seen))?;
        bar.finish_and_clear();
        if self.json {
            terminal::say(&serde_json::to_string_pretty(&result)?);
        } else {
            terminal::say(&table(&result));
        }
        Ok(())
    }

    fn policies(&self) -> anyhow::Result<Policies> {
        if let Some(name) = &self.profile {
            let profile = PolicyProfile::from_code(name)
                .with_context(|| format!("--profile {name} is no profile; use special-law or jp-2026"))?;
            return Ok(Policies::load(profile)?);
        }
        let Some(folder) = &self.files else { bail!("say --profile or --files") };
        let mut files = Vec::new();
        for entry in std::fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))? {
            let path = entry?.path();
            if path.extension().is_none_or(|end| end != "cedar") {
                continue;
            }
            if path.metadata()?.len() > FILE_MOST {
                bail!("{} is larger than 1 MiB", path.display());
            }
            let name = path.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let text = std::fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()))?;
            files.push((name, text));
        }
        if files.is_empty() {
            bail!("{} holds no .cedar file", folder.display());
        }
        files.sort();
        let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        // The profile names where they come from; the files say what holds.
        Ok(Policies::from_files(PolicyProfile::SpecialLaw, &files)?)
    }
}

/// The result for people.
fn table(result: &WhatIf) -> String {
    let mut out = format!(
        "{} decisions read, {} the same, {} no rule decides, {} not reproduced by today's rules\n",
        result.read, result.same, result.outside, result.unlike
    );
    for effect in Effect::ALL {
        // Writing into a string never fails.
        let _ = writeln!(out, "{:>9} {}", result.count(effect), effect.code());
        for row in result.changed.iter().filter(|row| row.effect == effect) {
            let _ = writeln!(
                out,
                "{:>9} {} at {} for {} ({}): {} people of {} organisations about {} citizens; {} -> {}",
                row.decisions,
                row.role,
                row.organization,
                row.purpose,
                row.group.code(),
                row.people,
                row.organizations,
                row.citizens,
                if row.rule.is_empty() { "none" } else { &row.rule },
                if row.other.is_empty() { "none" } else { &row.other },
            );
        }
    }
    out.trim_end().to_owned()
}
