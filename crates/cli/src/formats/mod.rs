//! `tsumugi formats`: check, convert and clean files of Japan's exchange formats before they are sent.
//!
//! What must hold: a file is read as a stream; what a cell says of a person stands in no message; a copy that is not whole
//! is not left behind, and no file is overwritten.

mod human;
mod json;
mod life;
#[cfg(test)]
mod tests;

use std::process::ExitCode;

use clap::{Args, Subcommand};

pub use life::Check;

/// Check, convert and clean files of Japan's exchange formats.
#[derive(Args)]
pub struct Formats {
    #[command(subcommand)]
    format: Format,
}

#[derive(Subcommand)]
enum Format {
    /// LIFE CSV (科学的介護情報システム).
    Life(Life),
}

#[derive(Args)]
struct Life {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Check files against their forms; convert them, or leave out personal columns, into another folder.
    Check(Check),
}

impl Formats {
    /// Runs the command.
    #[must_use]
    pub fn run(self) -> ExitCode {
        let Format::Life(Life { verb: Verb::Check(check) }) = self.format;
        check.run()
    }
}
