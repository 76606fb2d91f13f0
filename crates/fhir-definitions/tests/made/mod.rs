//! Made-up definitions and packages.
#![allow(dead_code, reason = "each test file uses some of it")]
#![expect(clippy::expect_used, reason = "helpers of a test panic as a test does")]

use std::io::Write;

use tsumugi_fhir::json::{Document, Limits};
use tsumugi_fhir_definitions::compile::{self, Definition, Fault};

/// Reads one definition.
pub fn definition(text: &str) -> Result<Option<Definition>, Fault> {
    let document = Document::parse(text.as_bytes().to_vec().into(), &Limits::default()).expect("JSON");
    compile::definition(document.root())
}

/// A package with these files.
pub fn package(files: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for (path, text) in files {
        let mut header = tar::Header::new_gnu();
        // The name is written as it is: the library would refuse the tricks that are tested.
        header.as_mut_bytes()[..path.len()].copy_from_slice(path.as_bytes());
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        archive.append(&header, text.as_bytes()).expect("appended");
    }
    gzip(&archive.into_inner().expect("finished"))
}

/// Gzipped.
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    out.write_all(bytes).expect("written");
    out.finish().expect("finished")
}
