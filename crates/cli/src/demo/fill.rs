//! Filling the demonstration's town in the background, while its pages are served.

use std::{path::Path, sync::Arc, time::Duration};

use tsumugi_cli::{
    import::Importer,
    terminal,
    town::{self, Journal, Source, Tally},
};
use tsumugi_portal::{
    view::{FillingState, FillingView},
    web::Filling,
};
use tsumugi_server::App;
use tsumugi_synth::{Town, compare};

use super::traffic::Traffic;

/// How often the pages are told how far it is.
const TOLD: Duration = Duration::from_millis(500);

/// Compares the town with Japan's figures and shows the comparison, unless it was made before. On a thread of its own:
/// the pages are served meanwhile.
pub async fn compare(app: &App, town: &Town, data: &Path) -> anyhow::Result<()> {
    let path = data.join("comparison.json");
    if path.is_file() {
        return Ok(());
    }
    let town = town.clone();
    let comparison = tokio::task::spawn_blocking(move || compare::of_town(&town, 1, &|_| {})).await?;
    let bytes = serde_json::to_vec_pretty(&comparison)?;
    app.compare(serde_json::from_slice(&bytes)?);
    std::fs::write(&path, bytes)?;
    Ok(())
}

/// Brings the town's people in, from where an earlier start came to, and tells `filling` how far it is.
pub async fn fill(importer: Importer, town: Town, data: &Path, traffic: Traffic, filling: Filling) {
    let citizens = town.citizens();
    let tally = Arc::new(Tally::default());
    let tell = {
        let (tally, filling) = (Arc::clone(&tally), filling.clone());
        move |state| {
            let [there, taken, refused, resources] = tally.read();
            filling.tell(FillingView { citizens, there, taken, refused, resources, state });
        }
    };
    let telling = tokio::spawn({
        let tell = tell.clone();
        async move {
            loop {
                tell(FillingState::Running);
                tokio::time::sleep(TOLD).await;
            }
        }
    });
    let done = take(&importer, town, data, &traffic, &tally).await;
    telling.abort();
    // Only when the teller has ended is its last word not said after this one.
    telling.await.ok();
    match done {
        Ok(true) => tell(FillingState::Done),
        Ok(false) => tell(FillingState::Stopped),
        Err(error) => {
            terminal::complain(&format!("tsumugi: the town cannot be filled further: {error:#}"));
            tell(FillingState::Failed);
        }
    }
}

async fn take(
    importer: &Importer,
    town: Town,
    data: &Path,
    traffic: &Traffic,
    tally: &Arc<Tally>,
) -> anyhow::Result<bool> {
    let source = Arc::new(Source::Made(town));
    let journal = Arc::new(Journal::open(data, &source.name())?);
    importer.directory(&source.directory()?).await?;
    town::take(importer, &source, &journal, traffic, tally).await
}
