//! `tsumugi verify`: check a saved proof, without any server.

use std::{path::PathBuf, process::ExitCode};

use clap::Args;

use tsumugi_cli::terminal;

/// Check a proof of completeness that a citizen has saved.
#[derive(Args)]
#[command(after_help = "\
Examples:
  tsumugi verify looks-proof.json
  tsumugi verify --key 'tsumugi.example/dev/1a2b3c4d+5e6f7081+AW…' looks-proof.json

Exit status: 0 the proof holds; 1 the file cannot be read; 3 it does not hold.")]
pub struct Verify {
    /// The proof file.
    proof: PathBuf,
    /// The log's public key, as printed by the deployment; without it the key in the file is used and named.
    #[arg(long)]
    key: Option<String>,
    /// Say it in English.
    #[arg(long)]
    english: bool,
}

impl Verify {
    /// Runs the command.
    pub fn run(self) -> ExitCode {
        let bytes = match std::fs::read(&self.proof) {
            Ok(bytes) => bytes,
            Err(error) => {
                terminal::complain(&format!("tsumugi: {} cannot be read: {error}", self.proof.display()));
                return ExitCode::from(1);
            }
        };
        let verdict = tsumugi_verifier::verify(&bytes, self.key.as_deref());
        let words = if self.english { &verdict.words.en } else { &verdict.words.ja };
        if verdict.holds() {
            terminal::say(words);
            ExitCode::SUCCESS
        } else {
            terminal::complain(words);
            ExitCode::from(3)
        }
    }
}
