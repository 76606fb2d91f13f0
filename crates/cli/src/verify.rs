//! `tsumugi verify`: check a saved proof, without any server.

use std::{path::PathBuf, process::ExitCode};

use clap::Args;
use tsumugi_access::{PolicyProfile, policy::Policies};
use tsumugi_cli::terminal;
use tsumugi_verifier::{Words, is_key, verify_with};

/// The file cannot be read, or is no proof.
const NO_PROOF: u8 = 1;
/// What the command line says cannot be.
const COMMAND_LINE: u8 = 2;
/// The proof does not hold.
const ALARM: u8 = 3;

/// Check a proof of completeness that a citizen has saved.
#[derive(Args)]
#[command(after_help = "\
Examples:
  tsumugi verify looks-proof.json
  tsumugi verify --key 'tsumugi.example/dev/1a2b3c4d+5e6f7081+AW…' looks-proof.json

Exit status: 0 the proof holds; 1 the file cannot be read, or is no proof; 2 --key is no key, or the command line was
wrong; 3 the proof does not hold.")]
pub struct Verify {
    /// The proof file.
    proof: PathBuf,
    /// The log's public key: the line \"log key:\" that `tsumugi serve` and `tsumugi demo` print at the start. Without it
    /// the key in the file is used and named.
    #[arg(long)]
    key: Option<String>,
    /// In whose words rules are told: special-law or jp-2026, as this program has them.
    #[arg(long, default_value = "special-law")]
    policies: String,
    /// Say it in English.
    #[arg(long)]
    english: bool,
}

impl Verify {
    /// Runs the command.
    pub fn run(self) -> ExitCode {
        let (status, words) = self.check();
        if status == 0 {
            terminal::say(&words)
        } else {
            terminal::complain(&words)
        }
        ExitCode::from(status)
    }

    /// The exit status, and what there is to say.
    fn check(&self) -> (u8, String) {
        let key = self.key.as_deref().map(str::trim);
        if key.is_some_and(|key| !is_key(key)) {
            let words = Words::new(
                "tsumugi: --key の値は、記録簿の鍵の形ではありません。tsumugi serve が始めに「log key:」のあとに出す1行を、そのまま入れてください。何も確かめていません。",
                "tsumugi: --key is no key of a log. Give the line that `tsumugi serve` prints after \"log key:\" at its start, unchanged. Nothing was checked.",
            );
            return (COMMAND_LINE, self.in_language(words));
        }
        let Some(profile) = PolicyProfile::from_code(&self.policies) else {
            return (
                COMMAND_LINE,
                format!("tsumugi: --policies {} is no profile; use special-law or jp-2026", self.policies),
            );
        };
        let bytes = match std::fs::read(&self.proof) {
            Ok(bytes) => bytes,
            Err(error) => {
                return (NO_PROOF, format!("tsumugi: {} cannot be read: {error}", self.proof.display()));
            }
        };
        // Words of rules are an adornment: without them their codes are shown.
        let policies = Policies::load(profile).ok();
        let rules = |code: &str| {
            let rule = policies.as_ref()?.rule(code)?;
            Some(Words::new(rule.ja.as_str(), rule.en.as_str()))
        };
        let verdict = verify_with(&bytes, key, &rules);
        let status = match () {
            () if verdict.holds() => 0,
            () if verdict.is_no_proof() => NO_PROOF,
            () => ALARM,
        };
        (status, self.in_language(verdict.words))
    }

    fn in_language(&self, words: Words) -> String {
        if self.english { words.en } else { words.ja }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(content: &str, key: Option<&str>) -> (u8, String) {
        let place = tempfile::tempdir().unwrap();
        let proof = place.path().join("proof.json");
        std::fs::write(&proof, content).unwrap();
        Verify { proof, key: key.map(str::to_owned), policies: "special-law".into(), english: true }.check()
    }

    #[test]
    fn what_is_no_proof_and_no_key_is_told_without_alarm() {
        let (status, words) = checked("{\"a\":1}", None);
        assert_eq!(status, NO_PROOF);
        assert!(words.contains("not a proof file") && !words.contains("supervising"), "{words}");
        let (status, words) = checked("{}", Some("x"));
        assert_eq!(status, COMMAND_LINE);
        assert!(words.contains("--key is no key") && words.contains("Nothing was checked"), "{words}");
        let key = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
        assert_eq!(checked("{}", Some(&format!(" {key}\n"))).0, NO_PROOF, "a copied line may have spaces round it");
    }

    #[test]
    fn a_missing_file_is_named() {
        let verify = Verify { proof: "no/such/file".into(), key: None, policies: "special-law".into(), english: false };
        let (status, words) = verify.check();
        assert!(status == NO_PROOF && words.contains("no/such/file cannot be read"), "{words}");
    }
}
