//! What a suite came to, and where each stands.

use std::path::{Path, PathBuf};

use anyhow::Context;
use sha2::{Digest, Sha256};
use tsumugi_fhir::conformance::CaseResult;
use tsumugi_fhir_definitions::Definitions;

use super::{engines, exceptions, round_trip, validator};

/// Names of the suites, as they stand in tables and in the list of exceptions.
pub const FHIRPATH: &str = "FHIRPath R4";
const JSON_PATCH: &str = "JSON Patch";
const FHIRPATH_PATCH: &str = "FHIRPath Patch";
const THROUGH_XML: &str = "R4 examples, JSON to XML and back";
const WRITTEN_AGAIN: &str = "R4 examples, read and written again";
const VALIDATOR: &str = "Validator, R4";

/// One case that did not come out as the suite says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    /// The suite's name of the case.
    pub case: String,
    /// What came instead.
    pub why: String,
    /// Why it is so, where it is listed.
    pub reason: Option<&'static str>,
}

/// What a suite came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Suite {
    /// Its name.
    pub name: &'static str,
    /// Cases that came out as the suite says.
    pub passed: usize,
    /// Cases that did not.
    pub failed: usize,
    /// Cases that were not run.
    pub not_run: usize,
    /// The cases that did not come out, in the suite's order.
    pub exceptions: Vec<Exception>,
    /// Listed exceptions that pass.
    pub stale: Vec<String>,
    /// Why the suite, or a part of it, was not run.
    pub note: Option<String>,
    /// The files with their SHA-256: by path below the folder, or one sum over many.
    pub files: Vec<(String, String)>,
}

impl Suite {
    /// A suite of which no file is there.
    fn absent(name: &'static str, what: &str) -> Self {
        Self { name, note: Some(format!("no {what} below the folder")), ..Self::default() }
    }

    /// A suite from its cases.
    pub fn of(name: &'static str, cases: Vec<CaseResult>, files: Vec<(String, String)>) -> Self {
        let mut suite = Self { name, files, ..Self::default() };
        for case in cases {
            let reason = exceptions::reason(name, &case.name);
            if case.passed {
                suite.passed += 1;
                suite.stale.extend(reason.map(|_| case.name));
            } else {
                suite.failed += 1;
                suite.exceptions.push(Exception { case: case.name, why: case.why.unwrap_or_default(), reason });
            }
        }
        suite
    }

    /// A suite from its cases, or from why its file could not be read: that counts as one failed case.
    fn ran(name: &'static str, cases: Result<Vec<CaseResult>, String>, files: Vec<(String, String)>) -> Self {
        Self::of(name, cases.unwrap_or_else(|why| vec![CaseResult::of("the suite", Err(why))]), files)
    }

    /// Whether every case came out as the suite says, but for listed exceptions.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.exceptions.iter().all(|exception| exception.reason.is_some())
    }
}

/// Runs every suite that is there.
pub fn run(root: &Path, files: &[PathBuf]) -> anyhow::Result<Vec<Suite>> {
    let definitions = Definitions::r4();
    let named = |name: &str| files.iter().find(|file| file.file_name().is_some_and(|found| found == name));
    let mut suites = Vec::new();
    suites.push(match named("tests-fhir-r4.xml") {
        None => Suite::absent(FHIRPATH, "tests-fhir-r4.xml"),
        Some(path) => {
            let text = read(path)?;
            let input = path.with_file_name("input");
            // Names of inputs come from the file: only a plain name is looked up.
            let load = |name: &str| {
                let plain = Path::new(name).file_name().is_some_and(|plain| plain == name);
                plain.then(|| std::fs::read(input.join(name)).ok()).flatten()
            };
            let cases = engines::fhirpath(&text, &load, definitions);
            let inputs: Vec<&PathBuf> = files.iter().filter(|file| file.parent() == Some(&input)).collect();
            let mut sums = vec![sum(root, path)?];
            sums.extend(sum_of_many(root, &input, &inputs)?);
            Suite::ran(FHIRPATH, cases, sums)
        }
    });
    for (name, file, run) in [
        (JSON_PATCH, "json-patch-tests.json", engines::json_patch as PatchSuite),
        (FHIRPATH_PATCH, "fhir-patch-tests.xml", engines::fhirpath_patch),
    ] {
        suites.push(match named(file) {
            None => Suite::absent(name, file),
            Some(path) => Suite::ran(name, run(&read(path)?, definitions), vec![sum(root, path)?]),
        });
    }
    suites.extend(examples(root, files, definitions)?);
    suites.push(match files.iter().find(|file| file.ends_with("validator/manifest.json")) {
        None => Suite::absent(VALIDATOR, "validator/manifest.json"),
        Some(path) => {
            let mut suite = validator::run(VALIDATOR, path)?;
            suite.files.push(sum(root, path)?);
            suite
        }
    });
    Ok(suites)
}

type PatchSuite = fn(&[u8], &Definitions) -> Result<Vec<CaseResult>, String>;

/// The resources of every folder `examples`.
fn examples(root: &Path, files: &[PathBuf], definitions: &Definitions) -> anyhow::Result<[Suite; 2]> {
    let of_examples = |file: &&PathBuf| {
        file.parent().is_some_and(|folder| folder.ends_with("examples"))
            && file.extension().is_some_and(|extension| extension == "json")
    };
    let (mut through, mut again, mut used) = (Vec::new(), Vec::new(), Vec::new());
    for path in files.iter().filter(of_examples) {
        let bytes = read(path)?;
        if !round_trip::is_resource(&bytes) {
            continue;
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        through.push(tsumugi_fhir_xml::suite::round_trip(&name, &bytes, definitions));
        again.push(round_trip::written_again(&name, &bytes));
        used.push(path);
    }
    let Some(folder) = used.first().and_then(|path| path.parent()) else {
        return Ok([THROUGH_XML, WRITTEN_AGAIN].map(|name| Suite::absent(name, "examples/ with resources")));
    };
    let sums = sum_of_many(root, folder, &used)?;
    Ok([
        Suite::of(THROUGH_XML, through, sums.clone().into_iter().collect()),
        Suite::of(WRITTEN_AGAIN, again, sums.into_iter().collect()),
    ])
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()))
}

fn below(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).display().to_string()
}

/// A file and its sum.
fn sum(root: &Path, path: &Path) -> anyhow::Result<(String, String)> {
    Ok((below(root, path), hex(&Sha256::digest(read(path)?))))
}

/// One sum over the files of a folder: of the lines that `sha256sum` prints for them, in the order of their names.
fn sum_of_many(root: &Path, folder: &Path, files: &[&PathBuf]) -> anyhow::Result<Option<(String, String)>> {
    if files.is_empty() {
        return Ok(None);
    }
    let mut lines = Sha256::new();
    for path in files {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        lines.update(format!("{}  {name}\n", hex(&Sha256::digest(read(path)?))));
    }
    Ok(Some((format!("{}/ ({} files)", below(root, folder), files.len()), hex(&lines.finalize()))))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
