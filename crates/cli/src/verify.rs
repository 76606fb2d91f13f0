//! `tsumugi verify`: check a saved proof, without any server.

use std::{path::PathBuf, process::ExitCode};

use clap::Args;

use crate::terminal;

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
        let lang = if self.english { tsumugi_verifier::Lang::En } else { tsumugi_verifier::Lang::Ja };
        match tsumugi_verifier::verify(&bytes, self.key.as_deref()) {
            Ok(report) => {
                terminal::say(&tsumugi_verifier::report(&report, lang));
                ExitCode::SUCCESS
            }
            Err(fault) => {
                terminal::complain(&tsumugi_verifier::fault(&fault, lang));
                ExitCode::from(3)
            }
        }
    }
}
