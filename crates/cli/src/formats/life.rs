//! `tsumugi formats life check`.

use std::{
    fs::File,
    io::{self, BufWriter, ErrorKind, Read, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use tsumugi_fhir::outcome::Lang;
use tsumugi_formats::life::{Ask, Catalogue, Copied, Encoding, Plan, Report, Session, Severity, check, copy};

use super::{human::Human, json::Json};
use crate::{terminal, walk};

/// Check LIFE files (CSV) before they are sent.
#[derive(Args)]
#[command(after_help = "\
Examples:
  tsumugi formats life check SERVICE_USER_INFO_1.csv FORM_0000_2021_1.csv
  tsumugi formats life check --format json export/ > findings.json
  tsumugi formats life check --to ms932 --out converted/ export/
  tsumugi formats life check --strip --out to-send/ export/

Files named together are one send: people first, then forms, then their details, whatever their order here.
Nothing is sent anywhere. docs/life.md has the forms and the rules.

Exit status: 0 no error; 1 at least one error, or a copy that could not be made whole; 2 nothing could be checked, or
the command line was wrong.")]
pub struct Check {
    /// Files, or folders with .csv files.
    #[arg(required = true)]
    pub(super) paths: Vec<PathBuf>,
    /// A copy of every file goes into this folder, which must not have them yet.
    #[arg(long)]
    pub(super) out: Option<PathBuf>,
    /// The copies leave out what must not leave the office or is personal, and have 15 as the day of birth.
    #[arg(long, requires = "out")]
    pub(super) strip: bool,
    /// The encoding of the copies.
    #[arg(long, value_enum, requires = "out")]
    pub(super) to: Option<To>,
    /// A folder with the data of another version, named like it; may be given several times.
    #[arg(long)]
    pub(super) rules: Vec<PathBuf>,
    /// The version whose rules hold; the newest that has the form unless given.
    #[arg(long)]
    pub(super) life_version: Option<String>,
    /// How to say it: human or json.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub(super) format: Format,
    /// The language of messages.
    #[arg(long, value_enum, default_value_t = Words::Ja)]
    pub(super) lang: Words,
}

/// An encoding of the interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum To {
    /// UTF-8.
    Utf8,
    /// MS932 (Windows' Shift_JIS).
    Ms932,
}

/// How findings are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Lines for a person.
    Human,
    /// One JSON object.
    Json,
}

/// The language of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Words {
    /// Japanese.
    Ja,
    /// English.
    En,
}

/// What came of all files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Files of a form that is known.
    pub files: u64,
    /// Files that are none.
    pub others: u64,
    /// Rows read.
    pub rows: u64,
    /// Errors, those of copying included.
    pub errors: u64,
    /// Warnings.
    pub warnings: u64,
}

/// One way of writing what was found.
pub trait Form {
    /// One file.
    ///
    /// # Errors
    /// If the output cannot be written.
    fn file(&mut self, path: &Path, report: &Report, copied: Option<&Copied>) -> io::Result<()>;
    /// The end.
    ///
    /// # Errors
    /// If the output cannot be written.
    fn finish(&mut self, summary: &Summary) -> io::Result<()>;
}

impl Check {
    /// Runs the command.
    #[must_use]
    pub fn run(self) -> ExitCode {
        let done = self.checked(BufWriter::new(io::stdout().lock()));
        match &done {
            Ok(summary) if summary.files == 0 => {
                terminal::complain("tsumugi: nothing was checked: no LIFE file was found")
            }
            Err(error) if error.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == ErrorKind::BrokenPipe) => {}
            Err(error) => terminal::complain(&format!("tsumugi: {error:#}")),
            Ok(_) => {}
        }
        ExitCode::from(status(&done))
    }

    /// Checks everything and writes what was found to `output`.
    pub(super) fn checked(&self, output: impl Write) -> anyhow::Result<Summary> {
        let mut catalogue = Catalogue::embedded()?;
        for folder in &self.rules {
            catalogue.add_folder(folder)?;
        }
        let lang = if self.lang == Words::Ja { Lang::Ja } else { Lang::En };
        let mut form: Box<dyn Form + '_> = match self.format {
            Format::Human => Box::new(Human::new(output, lang)),
            Format::Json => Box::new(Json::start(output, lang)?),
        };
        let files = self.files(&catalogue)?;
        self.prepare(&files)?;
        let mut session = if self.strip { Session::with_names() } else { Session::default() };
        let mut summary = Summary::default();
        for path in &files {
            let name = path.file_name().and_then(|name| name.to_str());
            let ask = Ask { catalogue: &catalogue, version: self.life_version.as_deref(), file_name: name };
            let open = || File::open(path).with_context(|| format!("{} cannot be read", path.display()));
            let report = check(ask, &mut session, open()?).with_context(|| path.display().to_string())?;
            let copied = match &self.out {
                Some(out) if report.form.is_some() => Some(self.copied(ask, &session, path, out)?),
                _ => None,
            };
            form.file(path, &report, copied.as_ref())?;
            summary.add(&report, copied.as_ref());
        }
        form.finish(&summary)?;
        Ok(summary)
    }

    /// The files in the order of a send: people, then forms, then what repeats a form's number.
    fn files(&self, catalogue: &Catalogue) -> anyhow::Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        for path in walk::files(&self.paths)? {
            let is_csv = path.extension().is_some_and(|ext| ext.eq_ignore_ascii_case("csv"));
            if is_csv || self.paths.contains(&path) {
                files.push((rank(catalogue, &path)?, path));
            }
        }
        files.sort_by_key(|(rank, _)| *rank);
        Ok(files.into_iter().map(|(_, path)| path).collect())
    }

    /// Sees to it that no copy would overwrite anything.
    fn prepare(&self, files: &[PathBuf]) -> anyhow::Result<()> {
        let Some(out) = &self.out else { return Ok(()) };
        std::fs::create_dir_all(out).with_context(|| format!("the folder {} cannot be made", out.display()))?;
        let mut names = std::collections::BTreeSet::new();
        for path in files {
            let goal = goal(out, path)?;
            if goal.exists() {
                bail!("{} is there already; name an empty folder with --out", goal.display());
            }
            if !names.insert(goal.clone()) {
                bail!("two files are named {}; check them one after the other", goal.display());
            }
        }
        Ok(())
    }

    /// Makes a copy, and leaves it only if it is whole.
    fn copied(&self, ask: Ask<'_>, session: &Session, path: &Path, out: &Path) -> anyhow::Result<Copied> {
        let to = self.to.map(|to| if to == To::Utf8 { Encoding::Utf8 } else { Encoding::Ms932 });
        let goal = goal(out, path)?;
        let mut part = goal.clone().into_os_string();
        part.push(".part");
        let part = PathBuf::from(part);
        let failed = || format!("{} cannot be written", part.display());
        let output = File::create_new(&part).with_context(failed)?;
        let input = File::open(path).with_context(|| format!("{} cannot be read", path.display()))?;
        let done = copy(ask, Plan { to, strip: self.strip }, session, input, BufWriter::new(&output))
            .and_then(|copied| if copied.whole { output.sync_all().map(|()| copied) } else { Ok(copied) });
        let kept = match &done {
            Ok(copied) if copied.whole => std::fs::rename(&part, &goal),
            _ => std::fs::remove_file(&part),
        };
        let copied = done.with_context(failed)?;
        kept.with_context(|| format!("{} cannot be written", goal.display()))?;
        Ok(copied)
    }
}

impl Summary {
    fn add(&mut self, report: &Report, copied: Option<&Copied>) {
        if report.form.is_some() {
            self.files += 1
        } else {
            self.others += 1
        }
        self.rows += report.rows;
        self.errors += report.findings.count(Severity::Error);
        self.warnings += report.findings.count(Severity::Warning);
        // What reading found is counted already; a copy that is not whole is an error of its own.
        self.errors += u64::from(copied.is_some_and(|copied| !copied.whole));
    }
}

fn goal(out: &Path, path: &Path) -> anyhow::Result<PathBuf> {
    Ok(out.join(path.file_name().with_context(|| format!("{} has no name", path.display()))?))
}

/// Where a file comes in a send, by its first line.
fn rank(catalogue: &Catalogue, path: &Path) -> anyhow::Result<u8> {
    let mut start = Vec::new();
    let file = File::open(path).with_context(|| format!("{} cannot be read", path.display()))?;
    file.take(256).read_to_end(&mut start).with_context(|| path.display().to_string())?;
    let text = String::from_utf8_lossy(&start);
    let data_type = text.trim_start_matches('\u{feff}').split(['\r', '\n', ',']).next().unwrap_or_default();
    Ok(match catalogue.form(data_type.trim_matches('"'), None) {
        Some(form) if form.number_of == tsumugi_formats::life::NumberOf::Person => 0,
        Some(form) if form.is_child() => 2,
        _ => 1,
    })
}

/// The exit status: see the command's help.
pub(super) fn status(done: &anyhow::Result<Summary>) -> u8 {
    match done {
        Ok(summary) if summary.files > 0 => u8::from(summary.errors > 0),
        _ => 2,
    }
}
