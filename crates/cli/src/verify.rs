//! `tsumugi verify`: check a saved proof, without any server.

use std::{path::PathBuf, process::ExitCode};

use clap::Args;
use tsumugi_access::{PolicyProfile, policy::Policies};
use tsumugi_cli::terminal;
use tsumugi_kernel::{Clock as _, edge::SystemClock};
use tsumugi_verifier::{
    Demand, WitnessKey, WitnessPolicy, Words, is_emergency_summary, is_key, read_emergency_summary, verify_witnessed,
};

/// The file cannot be read, or is no proof.
const NO_PROOF: u8 = 1;
/// What the command line says cannot be.
const COMMAND_LINE: u8 = 2;
/// The proof does not hold.
const ALARM: u8 = 3;
/// The proof holds by itself, and fewer witnesses than demanded have seen what it speaks of.
const TOO_FEW: u8 = 4;

/// Check a proof of completeness that a citizen has saved, or read an emergency summary that somebody carries.
#[derive(Args)]
#[command(after_help = "\
Examples:
  tsumugi verify looks-proof.json
  tsumugi verify --key 'tsumugi.example/dev/1a2b3c4d+5e6f7081+AW…' looks-proof.json
  tsumugi verify --witness 'bar.example/w1+…' --witness 'press.example/w2+…' --quorum 1 looks-proof.json
  tsumugi verify --policy witnesses.policy looks-proof.json
  tsumugi verify --key 'tsumugi.example/dev/1a2b3c4d/emergency+…' tsumugi-emergency.txt

Exit status: 0 the proof holds; 1 the file cannot be read, or is no proof; 2 --key, --witness, --quorum or --policy is
wrong, or the command line was; 3 the proof does not hold; 4 it holds by itself, but fewer witnesses than demanded have
seen the log that it speaks of.")]
pub struct Verify {
    /// The proof file.
    proof: PathBuf,
    /// The log's public key: the line after “log key:” that `tsumugi serve` and `tsumugi demo` print at the start. Without it
    /// the key in the file is used and named.
    #[arg(long)]
    key: Option<String>,
    /// A witness's public key, as `tsumugi witness` prints it; may be given more than once.
    #[arg(long, value_name = "KEY")]
    witness: Vec<String>,
    /// How many of the witnesses must have seen the log; all of them unless told.
    #[arg(long, requires = "witness", value_name = "K")]
    quorum: Option<usize>,
    /// A file that says which witnesses are demanded, and of which log (c2sp.org/tlog-policy): the page of the log's state
    /// (/log) gives one, and better still somebody whom you trust.
    #[arg(long, conflicts_with = "witness")]
    policy: Option<PathBuf>,
    /// Warn where the witnesses saw the log longer ago than so many hours.
    #[arg(long, default_value_t = 24, value_name = "HOURS")]
    older_than: u64,
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
        let demand = match self.demand() {
            Ok(demand) => demand,
            Err(words) => return (COMMAND_LINE, words),
        };
        let bytes = match std::fs::read(&self.proof) {
            Ok(bytes) => bytes,
            Err(error) => {
                return (NO_PROOF, format!("tsumugi: {} cannot be read: {error}", self.proof.display()));
            }
        };
        if is_emergency_summary(&bytes) {
            let now = u64::try_from(SystemClock.now().0 / 1_000).unwrap_or(0);
            let verdict = read_emergency_summary(&bytes, key, now);
            let status = match verdict.outcome {
                Ok(_) => 0,
                Err(tsumugi_verifier::Fault::Format(_)) => NO_PROOF,
                Err(_) => ALARM,
            };
            return (status, self.in_language(verdict.words));
        }
        // Words of rules are an adornment: without them their codes are shown.
        let policies = Policies::load(profile).ok();
        let rules = |code: &str| {
            let rule = policies.as_ref()?.rule(code)?;
            Some(Words::new(rule.ja.as_str(), rule.en.as_str()))
        };
        let verdict = verify_witnessed(&bytes, key, &rules, demand.as_ref());
        let status = match () {
            () if verdict.holds() => 0,
            () if verdict.has_too_few_witnesses() => TOO_FEW,
            () if verdict.is_no_proof() => NO_PROOF,
            () => ALARM,
        };
        (status, self.in_language(verdict.words))
    }

    /// Which witnesses are demanded; the error is what there is to say.
    fn demand(&self) -> Result<Option<Demand>, String> {
        let policy = if let Some(file) = &self.policy {
            let text = std::fs::read_to_string(file)
                .map_err(|error| format!("tsumugi: --policy {} cannot be read: {error}", file.display()))?;
            WitnessPolicy::parse(&text).map_err(|error| format!("tsumugi: --policy {}: {error}", file.display()))?
        } else if self.witness.is_empty() {
            return Ok(None);
        } else {
            let keys = self.witness.iter().map(|key| WitnessKey::parse(key.trim())).collect::<Result<Vec<_>, _>>();
            let keys = keys.map_err(|error| format!("tsumugi: --witness: {error}. Nothing was checked."))?;
            let quorum = self.quorum.unwrap_or(keys.len());
            if quorum == 0 {
                return Err("tsumugi: --quorum 0 would demand nothing; leave --witness out instead".into());
            }
            WitnessPolicy::of(keys, quorum).map_err(|error| format!("tsumugi: --quorum: {error}"))?
        };
        let now = u64::try_from(SystemClock.now().0 / 1_000).unwrap_or(0);
        Ok(Some(Demand { policy, now, old_after_hours: self.older_than }))
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
        Verify { key: key.map(str::to_owned), ..of(proof) }.check()
    }

    fn of(proof: PathBuf) -> Verify {
        let policies = "special-law".into();
        Verify {
            proof,
            key: None,
            witness: Vec::new(),
            quorum: None,
            policy: None,
            older_than: 24,
            policies,
            english: true,
        }
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
    fn what_witnesses_are_demanded_is_read_or_refused() {
        let key = tsumugi_ledger::Cosigner::new("w.example/1", [1; 32]).unwrap().public().vkey();
        let with = |witness: &[&str], quorum| {
            let witness = witness.iter().map(|key| (*key).to_owned()).collect();
            Verify { witness, quorum, ..of("no/such/file".into()) }.demand()
        };
        assert!(with(&[], None).unwrap().is_none());
        assert_eq!(with(&[&key], None).unwrap().unwrap().policy.needed(), Some(1));
        for (witness, quorum) in [(&key[..], Some(2)), (&key[..], Some(0)), ("x", None)] {
            assert!(with(&[witness], quorum).unwrap_err().starts_with("tsumugi: --"));
        }
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("policy");
        let from = |text: &str| {
            std::fs::write(&file, text).unwrap();
            Verify { policy: Some(file.clone()), ..of("no/such/file".into()) }.demand()
        };
        assert!(from(&format!("witness a {key}\nquorum a\n")).unwrap().is_some());
        assert!(from("quorum a\n").unwrap_err().contains("policy"));
    }

    #[test]
    fn a_missing_file_is_named() {
        let verify = of("no/such/file".into());
        let (status, words) = verify.check();
        assert!(status == NO_PROOF && words.contains("no/such/file cannot be read"), "{words}");
    }
}
