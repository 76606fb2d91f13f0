//! FHIR packages (`.tgz`): a gzipped tar with one JSON file per definition under `package/`.
//!
//! What must hold: sizes are bounded before bytes are believed; nothing is written to disk, so names in the archive
//! have no power; a file that is wrong costs that file and a finding with its name, not the package.

use std::io::Read;

use bytes::Bytes;
use flate2::read::GzDecoder;
use tsumugi_fhir::{
    Document, Finding, IssueType, Severity,
    json::{Limits, Node},
    outcome::Collector,
};

use crate::compile::{self, Definition, Fault};

/// Largest package as it comes, in bytes.
const MOST_PACKED: usize = 64 * 1024 * 1024;
/// Most bytes that come out of it.
const MOST_UNPACKED: u64 = 512 * 1024 * 1024;
/// Largest file in it.
const MOST_FILE: u64 = 32 * 1024 * 1024;
/// Most files in it.
const MOST_ENTRIES: usize = 20_000;

/// One package, read.
#[derive(Clone, Debug)]
pub struct Package {
    /// The name that findings give it: its own (`name#version` of its `package.json`), else that of its file.
    pub name: String,
    /// Definitions with the names of their files, in the order of the names.
    pub definitions: Vec<(String, Definition)>,
}

/// Why reading stopped.
enum Stop {
    Packed,
    Unpacked,
    Entries,
    Archive,
    Nothing,
}

impl Package {
    /// Reads a package. `name` is the file's name, for findings. `None` if nothing of it can be believed.
    #[must_use]
    pub fn read(name: &str, tgz: &[u8]) -> (Option<Self>, Vec<Finding>) {
        let mut found = Collector::default();
        let mut package = Self { name: name.to_owned(), definitions: Vec::new() };
        let outcome = package.unpack(tgz, &mut found);
        if let Err(stop) = outcome {
            found.add(Severity::Error, || stop.finding(name));
            return (None, found.finish());
        }
        package.definitions.sort_by(|a, b| a.0.cmp(&b.0));
        (Some(package), found.finish())
    }

    fn unpack(&mut self, tgz: &[u8], found: &mut Collector) -> Result<(), Stop> {
        if tgz.len() > MOST_PACKED {
            return Err(Stop::Packed);
        }
        // The bound counts what comes out of gzip, headers of the archive included, so that a bomb stops here.
        let mut archive = tar::Archive::new(Bounded { inner: GzDecoder::new(tgz), left: MOST_UNPACKED });
        for (number, entry) in archive.entries().map_err(|_| Stop::Archive)?.enumerate() {
            if number >= MOST_ENTRIES {
                return Err(Stop::Entries);
            }
            let mut entry = entry.map_err(|error| Stop::of(&error))?;
            let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            let Some(file) = definition_file(&path).filter(|_| entry.header().entry_type().is_file()) else { continue };
            if entry.size() > MOST_FILE {
                found.add(Severity::Error, || too_large(&place(&self.name, file)));
                continue;
            }
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).map_err(|error| Stop::of(&error))?;
            self.file(file, bytes, found);
        }
        if self.definitions.is_empty() { Err(Stop::Nothing) } else { Ok(()) }
    }

    fn file(&mut self, file: &str, mut bytes: Vec<u8>, found: &mut Collector) {
        // Some publishers' tools write a byte order mark.
        if bytes.starts_with(b"\xEF\xBB\xBF") {
            bytes.drain(..3);
        }
        let limits = Limits { bytes: bytes.len(), ..Limits::default() };
        let document = match Document::parse(Bytes::from(bytes), &limits) {
            Ok(document) => document,
            Err(error) => {
                let place = place(&self.name, file);
                let mut finding = error.finding();
                finding.severity = Severity::Error;
                finding.path = place;
                return found.add(Severity::Error, || finding);
            }
        };
        if file == "package.json" {
            return self.identity(document.root());
        }
        match compile::definition(document.root()) {
            Ok(Some(definition)) => self.definitions.push((file.to_owned(), definition)),
            Ok(None) => {}
            Err(fault) => found.add(Severity::Error, || malformed(&place(&self.name, file), fault)),
        }
    }

    /// Takes the package's own name.
    fn identity(&mut self, manifest: Node<'_>) {
        let fits =
            |text: &str| text.len() <= 100 && text.chars().all(|c| c.is_ascii_alphanumeric() || ".-_@/".contains(c));
        if let (Some(name), Some(version)) = (manifest.get_str("name"), manifest.get_str("version"))
            && fits(&name)
            && fits(&version)
        {
            self.name = format!("{name}#{version}");
        }
    }
}

/// The place that findings name.
pub(crate) fn place(package: &str, file: &str) -> String {
    format!("{package}/{file}")
}

/// The name of a file directly in `package/`, if it may define something. `.index.json` lists what is there anyway.
fn definition_file(path: &str) -> Option<&str> {
    let path = path.strip_prefix("./").unwrap_or(path);
    let file = path.strip_prefix("package/")?;
    let plain = !file.contains(['/', '\\']) && !file.starts_with('.') && !file.chars().any(char::is_control);
    (plain && file.ends_with(".json")).then_some(file)
}

/// A reader that fails when more than its bound comes out.
struct Bounded<R> {
    inner: R,
    left: u64,
}

/// The mark of [`Bounded`]'s error.
const TOO_MUCH: std::io::ErrorKind = std::io::ErrorKind::FileTooLarge;

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, to: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(to)?;
        self.left = self.left.checked_sub(count as u64).ok_or(std::io::Error::from(TOO_MUCH))?;
        Ok(count)
    }
}

impl Stop {
    fn of(error: &std::io::Error) -> Self {
        if error.kind() == TOO_MUCH { Self::Unpacked } else { Self::Archive }
    }

    fn finding(&self, name: &str) -> Finding {
        let (code, ja, en) = match self {
            Self::Packed => (
                IssueType::TooLong,
                "パッケージのファイルが64 MBを超えています。分けてください。",
                "The package file is larger than 64 MB. Split it.",
            ),
            Self::Unpacked => (
                IssueType::TooCostly,
                "パッケージを展開すると512 MBを超えます。分けてください。",
                "The package unpacks to more than 512 MB. Split it.",
            ),
            Self::Entries => (
                IssueType::TooCostly,
                "パッケージのファイルが20,000個を超えています。分けてください。",
                "The package holds more than 20,000 files. Split it.",
            ),
            Self::Archive => (
                IssueType::Structure,
                "gzipのtarとして読めません。配布元から取り直してください。",
                "This cannot be read as a gzipped tar. Fetch it again from its publisher.",
            ),
            Self::Nothing => (
                IssueType::NotFound,
                "package/ に読める定義がありません。FHIRパッケージかどうかを確かめてください。",
                "There is no readable definition in package/. Check that it is a FHIR package.",
            ),
        };
        Finding::error(code, name, ja, en)
    }
}

fn too_large(place: &str) -> Finding {
    Finding::error(
        IssueType::TooLong,
        place,
        "このファイルは32 MBを超えるため読みません。分けてください。",
        "This file is larger than 32 MB and is not read. Split it.",
    )
}

fn malformed(place: &str, fault: Fault) -> Finding {
    let member = fault.member;
    let (code, ja, en) = match fault.missing {
        true => (
            IssueType::Required,
            format!("定義に「{member}」がありません。加えてください。この定義は使いません。"),
            format!("The definition has no `{member}`. Add it. The definition is not used."),
        ),
        false => (
            IssueType::Value,
            format!("定義の「{member}」の値がR4にないものです。直してください。この定義は使いません。"),
            format!(
                "The definition's `{member}` has a value that R4 does not have. Correct it. The definition is not used."
            ),
        ),
    };
    Finding::error(code, place, ja, en)
}
