//! Trains the zstd dictionary of new stores from the synthetic town's resources, as the server stamps them, and writes
//! it: `cargo run --release -p tsumugi-store --example dictionary -- crates/server/assets/dictionary.zstd`.
//!
//! The same program gives the same bytes. A store keeps the dictionary that it was made with, so a new one changes
//! nothing that is written already.

use tsumugi_fhir::{
    bundle::Bundle,
    json::{Document, Limits},
    stamp::{Stamp, stamp},
};
use tsumugi_kernel::{CitizenId, FactKey, Instant, Kind, MasterSecret, Sealer};
use tsumugi_synth::{Town, load};

/// zstd's own advice: about a hundredth of the samples.
const DICTIONARY_BYTES: usize = 64 * 1024;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("name the file to write")?;
    let town = Town::new(1, 1_500, jiff::civil::date(2026, 11, 22));
    let mut bundles: Vec<Vec<u8>> = load::documents(1, 40, 20).collect();
    for index in 0..town.citizens() {
        bundles.extend(town.person(index)?.iter().filter_map(|sent| sent.form.bytes().map(<[u8]>::to_vec)));
    }
    let sealer = Sealer::new(&MasterSecret::new([1; 32]));
    let mut samples = Vec::new();
    for (index, bytes) in bundles.into_iter().enumerate() {
        let document = Document::parse(bytes.into(), &Limits::default())?;
        let root = document.root();
        let resources = match Bundle::of(root) {
            Ok(bundle) => bundle.resources().collect(),
            Err(_) => vec![root],
        };
        for (number, resource) in resources.into_iter().enumerate() {
            let number = (index * 100 + number) as u64;
            let id =
                |number| sealer.seal(FactKey { citizen: CitizenId(index as u64), kind: Kind::OBSERVATION, number });
            let references = |text: &str| text.starts_with("urn:").then(|| format!("Patient/{}", id(number + 50)));
            let instant = Instant(1_790_000_000_000 + i64::try_from(number)? * 1_237);
            samples.push(stamp(
                resource,
                &Stamp { id: &id(number), version: 1, instant, references: &references, subject: None },
            ));
        }
    }
    let dictionary = tsumugi_store::codec::train(&samples, DICTIONARY_BYTES)?;
    std::fs::write(&path, &dictionary)?;
    Ok(())
}
