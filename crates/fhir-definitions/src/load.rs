//! Putting packages on the base: duplicates, what may not be redefined, snapshots that must be generated.

use std::sync::{Arc, OnceLock};

use tsumugi_fhir::{Finding, IssueType, Severity};

use crate::{
    compile::{Definition, RawStructure},
    definitions::Inner,
    hash::Set,
    model::Structure,
    package::{Package, place},
    search::SearchParams,
    snapshot::{self, Source},
    structures::Structures,
};

/// The base with `packages`, in their order.
pub(crate) fn load(base: &Inner, packages: &[Package]) -> Inner {
    let mut findings = Vec::new();
    let mut structures = base.structures().clone();
    let mut terminology = base.terminology().fresh();
    let mut search: Vec<_> = base.search.list().to_vec();
    let mut known: Set<Box<str>> = search.iter().map(|param| param.url.clone()).collect();
    let mut waiting: Vec<(String, &RawStructure)> = Vec::new();
    for package in packages {
        for (file, definition) in &package.definitions {
            let file = place(&package.name, file);
            let added = match definition {
                Definition::Structure(raw) if is_bases(base, &raw.structure.url) => false,
                Definition::Structure(raw) if raw.snapshot.is_empty() => {
                    waiting.push((file.clone(), raw));
                    true
                }
                Definition::Structure(raw) => structures.add(Arc::new(raw.structure.clone())),
                Definition::ValueSet(set) => !is_bases(base, &set.url) && terminology.add_set(Arc::new(set.clone())),
                Definition::CodeSystem(system) => {
                    !is_bases(base, &system.url) && terminology.add_system(Arc::new(system.clone()))
                }
                Definition::SearchParam(param) => {
                    let new = known.insert(param.url.clone());
                    if new {
                        search.push(Arc::new(param.clone()));
                    }
                    new
                }
                Definition::Compartment(_) => false,
            };
            if !added {
                findings.push(there_already(file));
            }
        }
    }
    generate(&mut structures, waiting, &mut findings);
    Inner {
        types: Arc::clone(&base.types),
        search: SearchParams::new(search, &base.types),
        compartments: Arc::clone(&base.compartments),
        structures: OnceLock::from(structures),
        terminology: OnceLock::from(terminology),
        findings,
    }
}

/// Whether the base defines `url`.
fn is_bases(base: &Inner, url: &str) -> bool {
    base.structures().get(url).is_some()
        || base.terminology().value_set(url).is_some()
        || base.terminology().code_system(url).is_some()
}

fn there_already(file: String) -> Finding {
    Finding::new(
        Severity::Warning,
        IssueType::Duplicate,
        file,
        "同じURLと版の定義が、R4基本仕様または先に読んだパッケージにあります。この定義は使いません。URLか版を変えてください。",
        "Base R4 or a package read before defines the same URL and version. This definition is not used. Change its URL or version.",
    )
}

/// Generates the snapshots that are missing, each after the one that it builds on.
fn generate(structures: &mut Structures, mut waiting: Vec<(String, &RawStructure)>, findings: &mut Vec<Finding>) {
    loop {
        let before = waiting.len();
        let mut later = Vec::new();
        for (file, raw) in waiting {
            let base = raw.structure.base.as_deref().and_then(|base| structures.get(base).cloned());
            let Some(base) = base else {
                later.push((file, raw));
                continue;
            };
            match snapshot::generate(raw, &base, &*structures) {
                Ok(elements) => {
                    let structure = Structure { elements, ..raw.structure.clone() };
                    if !structures.add(Arc::new(structure)) {
                        findings.push(there_already(file));
                    }
                }
                Err(fault) => findings.push(fault.finding(file)),
            }
        }
        if later.is_empty() || later.len() == before {
            findings.extend(later.into_iter().map(|(file, _)| snapshot::SnapshotFault::Base.finding(file)));
            return;
        }
        waiting = later;
    }
}

impl Source for Structures {
    fn structure(&self, canonical: &str) -> Option<&Structure> {
        self.get(canonical).map(|structure| &**structure)
    }
}
