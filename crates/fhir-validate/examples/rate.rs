//! How long validation takes for each resource of a JP-CLINS document with all its profiles, on one core.
//!
//! `cargo run --release -p tsumugi-fhir-validate --example rate [DATA]`, where `DATA` has `fhir-packages` and `jp-clins`.
#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a program for developers, which stops at what is missing"
)]

use std::path::PathBuf;

use tsumugi_fhir::{
    bundle::Bundle,
    json::{Document, Limits},
};
use tsumugi_fhir_definitions::{Definitions, Package};
use tsumugi_fhir_validate::{Ask, Mode, Validator};
use tsumugi_kernel::{Instant, edge::Stopwatch};

const ROUNDS: u32 = 1_000;

fn main() {
    let shared = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let data = std::env::args().nth(1).map_or_else(shared, PathBuf::from);
    let read = |path: &str| std::fs::read(data.join(path)).expect("a file of the shared data");
    let packages: Vec<Package> = ["jp-clins.r4-1.5.2-snap.tgz", "jp-core.r4-1.1.2-url.tgz"]
        .into_iter()
        .filter_map(|name| Package::read(name, &read(&format!("fhir-packages/{name}"))).0)
        .collect();
    let validator = Validator::new(Definitions::with_packages(&packages));
    for name in ["Referral", "Observations"] {
        let bytes = read(&format!("jp-clins/Bundle-Bundle-CLINS-{name}-Example-01.json"));
        let document = Document::parse(bytes.into(), &Limits::default()).expect("JSON");
        let bundle = Bundle::read(&document).expect("a bundle");
        let mode = if name == "Referral" { Mode::Document } else { Mode::Collection };
        let ask = Ask { mode, ..Ask::at(Instant(1_790_000_000_000)) };
        let first = Stopwatch::start();
        let report = validator.validate(document.root(), &ask);
        let cold = first.elapsed();
        // The quickest of many: what the code takes, not what else the machine does.
        let once = || {
            let watch = Stopwatch::start();
            std::hint::black_box(validator.validate(document.root(), &ask));
            watch.elapsed()
        };
        let each = (0..ROUNDS).map(|_| once()).min().unwrap_or_default();
        let count = u32::try_from(bundle.entries.len()).unwrap_or(1);
        println!(
            "{name}: {count} resources, {:.1} µs each ({} findings; first time {:.1} ms)",
            each.as_secs_f64() * 1e6 / f64::from(count),
            report.findings.len(),
            cold.as_secs_f64() * 1e3,
        );
    }
}
