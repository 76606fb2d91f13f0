//! `tsumugi synth`: a synthetic town as files.

use std::path::PathBuf;

use clap::Args;
use tsumugi_cli::terminal;
use tsumugi_synth::{Detail, Town, compare, out, town::Sources};

/// Make a synthetic town as files: the stories, and citizens with what institutions sent about them.
#[derive(Args)]
#[command(after_help = "\
Examples:
  tsumugi synth --citizens 100 --seed 7 --out town
  tsumugi synth --citizens 10000 --years 3 --out town
  tsumugi synth --citizens 1000 --whole --out town      every life from its birth
  tsumugi synth --citizens 1000 --usual --out town      sources make mistakes, messages go wrong, people look
  tsumugi import --dir data town

The same arguments give the same bytes. Nobody and no place in it is real.")]
pub struct Synth {
    /// How many citizens, besides those of the stories.
    #[arg(long, default_value_t = 100)]
    citizens: u64,
    /// The seed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// A new or empty folder.
    #[arg(long)]
    out: PathBuf,
    /// The day on which the town is seen.
    #[arg(long, default_value = "2026-11-22")]
    today: jiff::civil::Date,
    /// How many years of each life are told [default: 1].
    #[arg(long, value_parser = clap::value_parser!(i16).range(1..=120))]
    years: Option<i16>,
    /// Tell every life from its birth.
    #[arg(long, conflicts_with = "years")]
    whole: bool,
    /// Let sources make mistakes and messages go wrong at the rates of the parameters, and people look at records with and
    /// without a reason. What is wrong stands in truth.jsonl.zst; some of what is sent is refused.
    #[arg(long)]
    usual: bool,
    /// Threads; the bytes do not depend on it [default: one for each core].
    #[arg(long)]
    threads: Option<usize>,
}

impl Synth {
    /// Runs the command.
    pub fn run(self) -> anyhow::Result<()> {
        let mut town = Town::new(self.seed, self.citizens, self.today);
        if self.whole {
            town = town.told(Detail::Whole);
        } else if let Some(years) = self.years {
            town = town.told(Detail::Recent { years });
        }
        if self.usual {
            town = town.with_sources(Sources::Usual);
        }
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get);
        let threads = self.threads.unwrap_or(cores);
        let bar = terminal::progress(self.citizens, "compared");
        let comparison = compare::of_town(&town, threads, &|done| bar.set_position(done));
        bar.finish_and_clear();
        let bar = terminal::progress(self.citizens, "citizens");
        let files = [("comparison.json", serde_json::to_vec_pretty(&comparison)?)];
        let manifest = out::write_out(&town, &self.out, threads, &files, &|done| bar.set_position(done))?;
        bar.finish_and_clear();
        for row in comparison.rows.iter().filter(|row| row.target && row.verdict == compare::Verdict::Off) {
            terminal::complain(&format!(
                "tsumugi: {} is off: {:.4} where Japan has {:.4}",
                row.key,
                row.found.unwrap_or_default(),
                row.expected
            ));
        }
        terminal::say(&format!(
            "tsumugi: {} messages with {} resources in {}; take them in with `tsumugi import`",
            manifest.messages(),
            manifest.resources(),
            self.out.display()
        ));
        Ok(())
    }
}
