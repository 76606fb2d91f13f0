//! FHIR itself, without a server: reading, FHIRPath, validation; and a folder taken in.

use std::{path::Path, sync::Arc, time::Duration};

use anyhow::{Context as _, ensure};
use bytes::Bytes;
use tsumugi_cli::{import::Importer, terminal, town_clock::TownClock, validate::Engine};
use tsumugi_fhir::{Document, Lang, json::Limits};
use tsumugi_fhir_definitions::Definitions;
use tsumugi_fhir_validate::{Ask, Mode};
use tsumugi_fhirpath::mix::{self, Mix};
use tsumugi_kernel::{
    Clock, Instant,
    edge::{Stopwatch, SystemClock, SystemEntropy},
};
use tsumugi_server::{App, Folder};
use tsumugi_synth::load::Load;

use super::{Figures, measure::median, town::Settings};

/// Resources of one document.
const PER_DOCUMENT: usize = 20;
/// Documents that are gone through, so that no cache holds one alone.
const DOCUMENTS: u64 = 64;
/// Documents of one import.
const IMPORTED: u64 = 1_000;

fn documents() -> anyhow::Result<(Vec<Bytes>, Vec<Document>)> {
    let load = Load::new(1, PER_DOCUMENT);
    let texts: Vec<Bytes> = (0..DOCUMENTS).map(|citizen| load.document(citizen, 0).into()).collect();
    let parsed = texts.iter().map(|text| Document::parse(text.clone(), &Limits::default()));
    let parsed = parsed.collect::<Result<_, _>>().context("a document of the load")?;
    Ok((texts, parsed))
}

/// Does `work` on one core again and again for the windows' time; gives the median of what it did per second.
fn per_second(settings: &Settings, mut work: impl FnMut() -> anyhow::Result<f64>) -> anyhow::Result<f64> {
    work()?;
    let time = Duration::from_secs(settings.seconds.min(2));
    let mut rates = Vec::new();
    for _ in 0..settings.windows {
        let (watch, mut done) = (Stopwatch::start(), 0.0);
        while watch.elapsed() < time {
            done += work()?;
        }
        rates.push(done / watch.elapsed().as_secs_f64());
    }
    Ok(median(rates))
}

/// Measures `parse_mb_per_s`.
pub fn parse(figures: &mut Figures, settings: &Settings) -> anyhow::Result<()> {
    let (texts, _) = documents()?;
    let rate = per_second(settings, || {
        let mut bytes = 0;
        for text in &texts {
            let document = Document::parse(text.clone(), &Limits::default())?;
            ensure!(document.root().is_object(), "a document of the load is no object");
            bytes += text.len();
        }
        #[expect(clippy::cast_precision_loss, reason = "a rate")]
        Ok(bytes as f64 / 1e6)
    })?;
    figures.insert("parse_mb_per_s", rate);
    Ok(())
}

/// Measures `fhirpath_evals_per_s`: the mix of twenty usual expressions, prepared.
pub fn fhirpath(figures: &mut Figures, settings: &Settings) -> anyhow::Result<()> {
    let (definitions, now) = (Definitions::r4(), SystemClock.now());
    let mix = Mix::new(definitions)?;
    let rate = per_second(settings, || {
        std::hint::black_box(mix.round(definitions, now)?);
        #[expect(clippy::cast_precision_loss, reason = "a rate")]
        Ok(mix::EXPRESSIONS.len() as f64)
    })?;
    figures.insert("fhirpath_evals_per_s", rate);
    Ok(())
}

/// Measures `validate_us_per_resource`: a document with all profiles that it claims, from the packages of a folder.
pub fn validate(figures: &mut Figures, settings: &Settings, packages: Option<&Path>) -> anyhow::Result<()> {
    let Some(packages) = packages else {
        terminal::complain("tsumugi: validate_us_per_resource is left out: name JP-CLINS's packages with --packages");
        return Ok(());
    };
    let engine = Engine::new(Some(packages), &[])?;
    let (_, documents) = documents()?;
    let ask = Ask { mode: Mode::Document, ..Ask::at(now()) };
    let rate = per_second(settings, || {
        for document in &documents {
            let report = engine.validator().validate(document.root(), &ask);
            if let Some(error) = report.findings.iter().find(|finding| finding.refuses()) {
                anyhow::bail!("a document of the load is refused: {} {}", error.path, error.text(Lang::En));
            }
        }
        #[expect(clippy::cast_precision_loss, reason = "a rate")]
        Ok((documents.len() * PER_DOCUMENT) as f64)
    })?;
    figures.insert("validate_us_per_resource", 1e6 / rate);
    Ok(())
}

fn now() -> Instant {
    SystemClock.now()
}

/// Measures `import_resources_per_s`: a folder of documents into an empty data folder, every one validated and durable.
pub async fn import(figures: &mut Figures, settings: &Settings) -> anyhow::Result<()> {
    let place = std::env::temp_dir().join(format!("tsumugi-bench-import-{}", std::process::id()));
    let done = import_in(&place, settings).await;
    std::fs::remove_dir_all(&place).ok();
    figures.insert("import_resources_per_s", done?);
    Ok(())
}

async fn import_in(place: &Path, settings: &Settings) -> anyhow::Result<f64> {
    let letters = place.join("letters");
    std::fs::create_dir_all(&letters)?;
    let load = Load::new(1, PER_DOCUMENT);
    for citizen in 0..IMPORTED {
        std::fs::write(letters.join(format!("{citizen:06}.json")), load.document(citizen, 0))?;
    }
    let mut rates = Vec::new();
    for window in 0..settings.windows {
        let folder = Folder::open(&place.join(format!("data-{window}")), true, &SystemEntropy)?;
        let clock = Arc::new(TownClock::default());
        let app = App::new(folder, Arc::clone(&clock) as Arc<dyn Clock>, Arc::new(SystemEntropy))?;
        let importer = Importer::new(&app.desk, clock);
        let watch = Stopwatch::start();
        let counted = importer.path(&letters, None).await?;
        #[expect(clippy::cast_precision_loss, reason = "a rate")]
        rates.push((counted.taken as usize * PER_DOCUMENT) as f64 / watch.elapsed().as_secs_f64());
        ensure!(counted.taken == IMPORTED, "{} of {IMPORTED} documents were refused", counted.refused);
        app.publish().await?;
    }
    Ok(median(rates))
}
