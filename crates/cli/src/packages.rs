//! The packages folder: FHIR packages (`.tgz`) whose definitions stand beside R4's.

use std::path::{Path, PathBuf};

use anyhow::Context;
use tsumugi_fhir::{Finding, Lang};
use tsumugi_fhir_definitions::{Definitions, Package};

use crate::terminal;

/// R4 with the packages of a folder, and what is to be said about them. Without a folder, R4 alone.
///
/// # Errors
/// If the folder or a package cannot be read, or a package cannot be used at all: a profile that one relies on must not
/// be missing in silence.
pub fn read(folder: Option<&Path>) -> anyhow::Result<(Definitions, Vec<Finding>)> {
    let (mut packages, mut notes) = (Vec::new(), Vec::new());
    for path in folder.map(tgz).transpose()?.into_iter().flatten() {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let bytes = std::fs::read(&path).with_context(|| format!("the package {} cannot be read", path.display()))?;
        let (package, findings) = Package::read(&name, &bytes);
        let Some(package) = package else {
            let words: Vec<&str> = findings.iter().map(|finding| finding.text(Lang::En)).collect();
            anyhow::bail!("the package {} cannot be used: {}", path.display(), words.join(" "));
        };
        packages.push(package);
        notes.extend(findings);
    }
    let definitions = match packages.is_empty() {
        true => Definitions::r4().clone(),
        false => Definitions::with_packages(&packages),
    };
    notes.extend_from_slice(definitions.findings());
    Ok((definitions, notes))
}

/// As [`read`]; says what was loaded, and what is wrong in it.
///
/// # Errors
/// As [`read`].
pub fn loaded(folder: Option<&Path>) -> anyhow::Result<Definitions> {
    let (definitions, notes) = read(folder)?;
    for note in &notes {
        terminal::complain(&format!("tsumugi: {}: {}", note.path, note.en));
    }
    if let Some(folder) = folder {
        let count = definitions.structures().count() - Definitions::r4().structures().count();
        terminal::say(&format!("tsumugi: {count} profiles and extensions loaded from {}", folder.display()));
    }
    Ok(definitions)
}

/// The packages of a folder, in the order of their names.
fn tgz(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder)
        .with_context(|| format!("the packages folder {} cannot be read", folder.display()))?;
    let mut paths = entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>()?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "tgz"));
    paths.sort();
    anyhow::ensure!(!paths.is_empty(), "the packages folder {} holds no .tgz", folder.display());
    Ok(paths)
}
