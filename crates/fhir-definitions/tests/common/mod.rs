//! Shared test data; what is absent is skipped.
#![expect(clippy::expect_used, clippy::print_stdout, reason = "helpers of a test panic and print as a test does")]

use std::path::{Path, PathBuf};

use tsumugi_fhir_definitions::Package;

/// The packages in the shared test data, JP Core before JP-CLINS; their findings are asserted elsewhere.
pub fn packages() -> Vec<Package> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/fhir-packages");
    let Ok(entries) = std::fs::read_dir(folder) else {
        println!("shared test data absent: skipped");
        return Vec::new();
    };
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    paths.reverse();
    let read = |path: &PathBuf| {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        Package::read(&name, &std::fs::read(path).expect("readable")).0.expect("a package")
    };
    paths.iter().map(read).collect()
}
