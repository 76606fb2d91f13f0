//! Checks of the house itself (`cargo xtask check`), and making what is compiled offline (`cargo xtask definitions`, `cargo xtask life`).
//!
//! Each check is a pure function from what was read to findings, so that its tests can show on made-up input that it
//! can fail. This file alone touches the disk, `git` and `cargo metadata`. A finding names the place and the next step.

mod arrows;
mod definitions;
mod dependencies;
mod documents;
mod life;
mod ratchet;
mod words;

use std::{
    collections::BTreeMap,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// One thing that is wrong: where, what, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// A file, with `:line` where there is one.
    place: String,
    /// What is wrong and the next step.
    text: String,
}

impl Finding {
    /// A finding about `place`.
    fn new(place: impl Into<String>, text: impl Into<String>) -> Self {
        Self { place: place.into(), text: text.into() }
    }
}

/// The files of the repository by path from its root, with `/`.
pub type Files = BTreeMap<String, String>;

const HELP: &str = "\
cargo xtask check              checks the house: arrows between crates, sizes, documents, dependencies, words
cargo xtask definitions DIR    makes the definitions pack of HL7's official R4 files in DIR
cargo xtask life VERSION DIR   makes the data of LIFE's forms of the sheets of its interface in DIR

Exit status: 0 nothing found, 1 findings, 2 the check itself could not run.
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut out = std::io::stdout().lock();
    let result = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["check"] => check(&mut out),
        ["definitions", folder] => make_definitions(&mut out, Path::new(folder)),
        ["life", version, folder] => make_life(&mut out, version, Path::new(folder)),
        ["help" | "--help" | "-h"] => out.write_all(HELP.as_bytes()).map(|()| true).map_err(Into::into),
        _ => Err(anyhow::anyhow!("unknown arguments {arguments:?}\n\n{HELP}")),
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            // Nothing is left to do when even standard error is gone.
            let _gone = writeln!(std::io::stderr(), "xtask: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// Runs every check, prints the findings, and says whether there was none.
fn check(out: &mut impl Write) -> Result<bool> {
    let root = root()?;
    let files = read_files(&root)?;
    let metadata = cargo_metadata(&root)?;
    let mut sound = true;
    for (name, findings) in [
        ("arrows", arrows::check(&arrows::edges(&metadata)?, &files)),
        ("sizes", ratchet::check(&files)),
        ("documents", documents::check(&files)),
        ("dependencies", dependencies::check(&files, &metadata)?),
        ("words", words::check(&files)),
    ] {
        writeln!(
            out,
            "{name}: {}",
            if findings.is_empty() { "sound".into() } else { format!("{} found", findings.len()) }
        )?;
        for finding in &findings {
            writeln!(out, "  {}: {}", finding.place, finding.text)?;
        }
        sound &= findings.is_empty();
    }
    Ok(sound)
}

/// Makes the definitions pack and prints what is in it.
fn make_definitions(out: &mut impl Write, folder: &Path) -> Result<bool> {
    writeln!(out, "{}", definitions::make(&root()?, folder)?)?;
    Ok(true)
}

/// Makes the data of LIFE's forms and prints what was made.
fn make_life(out: &mut impl Write, version: &str, folder: &Path) -> Result<bool> {
    writeln!(out, "{}", life::make(&root()?, version, folder)?)?;
    Ok(true)
}

/// The repository's root: the folder above this crate.
fn root() -> Result<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().map(Path::to_path_buf).context("xtask stands in no folder")
}

/// Every file that git knows or would add. Binary files (no UTF-8) stand with an empty text.
fn read_files(root: &Path) -> Result<Files> {
    let mut git = Command::new("git");
    git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]).current_dir(root);
    let listed = run(&mut git).context("listing the repository's files")?;
    let mut files = Files::new();
    for path in String::from_utf8(listed)?.split('\0').filter(|path| !path.is_empty()) {
        // A file that was removed but not yet from git's index is no longer there to be checked.
        let Ok(bytes) = std::fs::read(root.join(path)) else { continue };
        files.insert(path.to_owned(), String::from_utf8(bytes).unwrap_or_default());
    }
    Ok(files)
}

/// What cargo knows of every package in the lock file, and which uses which.
fn cargo_metadata(root: &Path) -> Result<Value> {
    let mut cargo = Command::new("cargo");
    cargo.args(["metadata", "--quiet", "--locked", "--format-version", "1"]).current_dir(root);
    Ok(serde_json::from_slice(&run(&mut cargo).context("asking cargo for its metadata")?)?)
}

/// What a command prints, or what it complained about.
fn run(command: &mut Command) -> Result<Vec<u8>> {
    let output = command.output().with_context(|| format!("starting {command:?}"))?;
    if !output.status.success() {
        bail!("{command:?} failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(output.stdout)
}
