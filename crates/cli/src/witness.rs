//! `tsumugi witness`: be a witness of other people's logs, and hold what witnesses signed beside each other.

use std::{path::PathBuf, sync::Arc};

use anyhow::Context;
use clap::{Args, Subcommand};
use tsumugi_kernel::edge::{SystemClock, SystemEntropy};
use tsumugi_ledger::{NoteVerifier, WitnessKey};
use tsumugi_witness::{Compared, WitnessFolder, compare, router};

use crate::serve::{bind, ended, runtime};
use tsumugi_cli::terminal;

/// Be a witness of a log: sign what continues what was signed, and nothing else.
#[derive(Args)]
#[command(after_help = "\
Examples:
  tsumugi witness init --dir w1 --name witness.example/w1     make the key; prints its public half for the log's operator
  tsumugi witness trust --dir w1 'tsumugi.example/log+…'      the log's key, from its operator
  tsumugi witness serve --dir w1 --port 8090
  tsumugi witness compare --key 'tsumugi.example/log+…' mine.txt theirs.txt

Whoever runs a witness must be another organisation than the one that runs the log, on another machine.")]
pub struct Witness {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make a witness with a key of its own in an empty folder, and print its public key.
    Init {
        /// The folder.
        #[arg(long)]
        dir: PathBuf,
        /// The witness's name, usually a URL without its scheme.
        #[arg(long)]
        name: String,
    },
    /// Let it witness a log, by the log's public key.
    Trust {
        /// The folder; the witness must not be running.
        #[arg(long)]
        dir: PathBuf,
        /// The line "log key:" that `tsumugi serve` prints.
        key: String,
    },
    /// Serve it on this machine.
    Serve {
        /// The folder.
        #[arg(long)]
        dir: PathBuf,
        /// The port on the loopback interface; 0 takes any free one.
        #[arg(long, default_value_t = 8090)]
        port: u16,
    },
    /// Hold signed checkpoints of one log beside each other: those that witnesses, the log and proofs show.
    Compare(Compare),
}

#[derive(Args)]
#[command(after_help = "\
A checkpoint is the text that a witness serves at /logs/…/checkpoint and the log at /log/checkpoint.

Exit status: 0 no two contradict each other; 1 a file cannot be read, or is not signed by the log; 3 the log signed two
histories: keep the files, they are the evidence.")]
struct Compare {
    /// The log's public key.
    #[arg(long)]
    key: String,
    /// A witness's public key, to name it where it signed both of two histories; may be given more than once.
    #[arg(long, value_name = "KEY")]
    witness: Vec<String>,
    /// The files.
    #[arg(num_args = 2..)]
    files: Vec<PathBuf>,
}

impl Witness {
    /// Runs the command.
    pub fn run(self) -> anyhow::Result<u8> {
        match self.command {
            Command::Init { dir, name } => {
                let folder = WitnessFolder::init(&dir, &name, &SystemEntropy)?;
                terminal::say(&format!("witness key: {}", folder.vkey()));
            }
            Command::Trust { dir, key } => {
                WitnessFolder::open(&dir)?.trust(key.trim())?;
                terminal::say(&format!("tsumugi: {} witnesses {}", dir.display(), key.trim()));
            }
            Command::Serve { dir, port } => runtime()?.block_on(serve(dir, port))?,
            Command::Compare(compare) => return compare.run(),
        }
        Ok(0)
    }
}

async fn serve(dir: PathBuf, port: u16) -> anyhow::Result<()> {
    let listening = bind(port).await?;
    let folder = WitnessFolder::open(&dir)?;
    let vkey = folder.vkey();
    let (witness, lock) = folder.witness(Arc::new(SystemClock));
    let logs = witness.logs().len();
    terminal::say(&format!("tsumugi: a witness at http://{}/, logs: {logs}", listening.address()));
    terminal::say(&format!("witness key: {vkey}"));
    if logs == 0 {
        terminal::complain("tsumugi: it knows no log yet; stop it, and name one with `tsumugi witness trust`");
    }
    listening.serve(router(Arc::new(witness)), ended()).await;
    drop(lock);
    Ok(())
}

impl Compare {
    fn run(&self) -> anyhow::Result<u8> {
        let log = NoteVerifier::parse(self.key.trim()).context("--key")?;
        let witnesses = self.witness.iter().map(|key| WitnessKey::parse(key.trim())).collect::<Result<Vec<_>, _>>();
        let witnesses = witnesses.context("--witness")?;
        let mut notes = Vec::new();
        for file in &self.files {
            let note = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
            log.open(&note).with_context(|| file.display().to_string())?;
            notes.push((file, note));
        }
        let (mut status, mut open) = (0, 0);
        for (index, (first, a)) in notes.iter().enumerate() {
            for (second, b) in &notes[index + 1..] {
                match compare(&log, &witnesses, a, b, None)? {
                    Compared::One => {}
                    Compared::Open => open += 1,
                    Compared::Two { sizes, witnesses } => {
                        status = 3;
                        let both =
                            if witnesses.is_empty() { "none that was named".into() } else { witnesses.join(", ") };
                        terminal::complain(&format!(
                            "tsumugi: {} and {} contradict each other: the log signed two histories of {} entries.\n\
                             Witnesses that signed both: {both}. Keep both files and tell the supervising body.",
                            first.display(),
                            second.display(),
                            sizes.0
                        ));
                    }
                }
            }
        }
        if status == 0 {
            terminal::say("tsumugi: no two of these checkpoints contradict each other");
        }
        if open > 0 {
            terminal::say(&format!(
                "tsumugi: {open} pairs have different sizes, of which these files alone say nothing; compare checkpoints of one size"
            ));
        }
        Ok(status)
    }
}
