//! `tsumugi init`: makes an empty folder ready for real use.

use std::path::PathBuf;

use clap::Args;
use tsumugi_kernel::edge::SystemEntropy;
use tsumugi_server::Folder;

use tsumugi_cli::terminal;

/// Make an empty folder ready for real use.
#[derive(Args)]
#[command(after_help = "\
Example:
  tsumugi init --dir /srv/tsumugi --log record.example/log

Then let the first people in with `tsumugi people invite`, and serve the folder with `tsumugi serve --address`.")]
pub struct Init {
    /// The data folder: absent or empty.
    #[arg(long)]
    dir: PathBuf,
    /// The name of the log in every checkpoint, for as long as it stands; digits are added, so that no two logs have one.
    #[arg(long, default_value = "tsumugi.example/log")]
    log: String,
}

impl Init {
    /// Runs the command.
    pub fn run(self) -> anyhow::Result<()> {
        Folder::make(&self.dir, &self.log, &SystemEntropy)?;
        terminal::say(&format!("{} is ready; keep its file `secret` safe: nothing can replace it", self.dir.display()));
        Ok(())
    }
}
