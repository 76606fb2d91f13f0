//! `tsumugi synth`: a synthetic town as files.

use std::path::PathBuf;

use clap::Args;
use tsumugi_cli::terminal;
use tsumugi_synth::{Town, out};

/// Make a synthetic town as files: the story, and citizens with what institutions sent about them.
#[derive(Args)]
#[command(after_help = "\
Examples:
  tsumugi synth --citizens 100 --seed 7 --out town
  tsumugi import --dir data town

The same arguments give the same bytes. Nobody and no place in it is real.")]
pub struct Synth {
    /// How many citizens, besides those of the story.
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
}

impl Synth {
    /// Runs the command.
    pub fn run(self) -> anyhow::Result<()> {
        let bar = terminal::progress(self.citizens, "citizens");
        let manifest =
            out::write_out(&Town::new(self.seed, self.citizens, self.today), &self.out, |done| bar.set_position(done))?;
        bar.finish_and_clear();
        terminal::say(&format!(
            "tsumugi: {} messages in {}; take them in with `tsumugi import`",
            manifest.items.len(),
            self.out.display()
        ));
        Ok(())
    }
}
