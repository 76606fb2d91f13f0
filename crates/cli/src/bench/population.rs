//! How fast the town is made, brought in, and how fast a number leads to a citizen.

use std::{path::Path, sync::Arc};

use anyhow::{Context, ensure};
use jiff::civil::{Date, date};
use tsumugi_cli::{
    import::Importer,
    town::{self, Journal, Source, Steady, Tally},
    town_clock::TownClock,
};
use tsumugi_kernel::{
    Clock, OrganizationKind,
    edge::{Stopwatch, SystemEntropy},
};
use tsumugi_people::{Identifier, identifier};
use tsumugi_server::{App, Folder};
use tsumugi_synth::{Detail, Town, out::Message, population};

use super::{Figures, measure::median, probe, town::Settings};

/// The day on which the town is seen.
const TODAY: Date = date(2026, 11, 22);
/// Citizens of the town that is made.
const MADE: u64 = 2_000;
/// Look-ups of one window.
const ASKED: u64 = 20_000;

/// Measures `synth_resources_per_min_core` and `synth_persons_per_min_core`.
pub fn made(figures: &mut Figures, settings: &Settings) -> anyhow::Result<()> {
    let whole = Town::new(1, MADE, TODAY).told(Detail::Recent { years: 3 });
    let claims = Town::new(1, MADE, TODAY).told(Detail::Claims { years: 3 });
    let rate = |town: &Town, people: bool| -> anyhow::Result<f64> {
        let mut rates = Vec::new();
        for _ in 0..settings.windows {
            // CPU time, not the clock's: on a shared machine others would be measured, too.
            let before = probe::cpu_us()?;
            let mut count = 0;
            for citizen in 0..town.citizens() {
                let sent = town.person(citizen)?;
                let messages = sent.iter().filter_map(|one| Message::of(one, Some(citizen), None));
                count += if people { 1 } else { messages.map(|message| message.resources()).sum() };
            }
            #[expect(clippy::cast_precision_loss, reason = "a rate")]
            rates.push(count as f64 / ((probe::cpu_us()? - before) / 60e6));
        }
        Ok(median(rates))
    };
    figures.insert("synth_resources_per_min_core", rate(&whole, false)?);
    figures.insert("synth_persons_per_min_core", rate(&claims, true)?);
    Ok(())
}

/// Measures `import_town_10k_s` with its rates, and `resolve_per_s` over what is then there.
pub async fn brought_in(
    figures: &mut Figures,
    settings: &Settings,
    citizens: u64,
    wants: &dyn Fn(&str) -> bool,
) -> anyhow::Result<()> {
    let place = std::env::temp_dir().join(format!("tsumugi-bench-town-{}", std::process::id()));
    let done = brought_in_at(&place, figures, settings, citizens, wants).await;
    std::fs::remove_dir_all(&place).ok();
    done
}

async fn brought_in_at(
    place: &Path,
    figures: &mut Figures,
    settings: &Settings,
    citizens: u64,
    wants: &dyn Fn(&str) -> bool,
) -> anyhow::Result<()> {
    let folder = Folder::open(place, true, &SystemEntropy)?;
    let clock = Arc::new(TownClock::default());
    let app = App::new(folder, Arc::clone(&clock) as Arc<dyn Clock>, Arc::new(SystemEntropy))?;
    let importer = Importer::new(&app.desk, clock);
    let made = Town::new(1, citizens, TODAY).told(Detail::Recent { years: 3 });
    let (source, journal) = (Arc::new(Source::Made(made.clone())), Arc::new(Journal::none()));
    let tally = Arc::new(Tally::default());
    let (watch, before) = (Stopwatch::start(), probe::cpu_us()?);
    importer.directory(&source.directory()?).await?;
    ensure!(town::take(&importer, &source, &journal, &Steady::default(), &tally).await?, "the town was not whole");
    let (seconds, cpu) = (watch.elapsed().as_secs_f64(), probe::cpu_us()? - before);
    let [_, taken, refused, resources] = tally.read();
    #[expect(clippy::cast_precision_loss, reason = "rates")]
    if wants("town-import") {
        figures.insert("import_town_10k_s", seconds * 10_000.0 / citizens as f64);
        figures.insert("import_town_resources", resources as f64);
        figures.insert("import_town_messages_per_s", taken as f64 / seconds);
        // Each is named on standard error, with the reason.
        figures.insert("import_town_refused", refused as f64);
        figures.insert("import_town_resources_per_s", resources as f64 / seconds);
        figures.insert("import_town_cpu_us_per_resource", cpu / resources as f64);
        figures.insert("import_town_cpu_us_per_message", cpu / (taken + refused) as f64);
    }
    if wants("resolve") {
        figures.insert("resolve_per_s", resolved(&app, &made, settings).await?);
    }
    Ok(())
}

/// How many identifiers a second lead to a citizen, from as many tasks as there are cores. Both kinds are asked: the
/// insured number, and the number at the clinic.
async fn resolved(app: &App, made: &Town, settings: &Settings) -> anyhow::Result<f64> {
    let mut known = Vec::new();
    for citizen in 0..made.citizens() {
        let person = population::person(made, citizen);
        let as_known = person.known_on(TODAY);
        let clinic = made.place(&person, OrganizationKind::Clinic).context("the town has a clinic")?;
        let own = format!("{}{}", identifier::FACILITY_PREFIX, clinic.id);
        for asked in [
            Identifier::new(identifier::MEMBER, as_known.member_id.as_str()),
            Identifier::new(own, as_known.number_at(&clinic.id)),
        ] {
            if app.desk.directory.find(&asked).await?.is_some() {
                known.push(asked);
            }
        }
    }
    ensure!(!known.is_empty(), "nobody of the town is known by a number");
    let known = Arc::new(known);
    let tasks = std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get) as u64;
    let mut rates = Vec::new();
    for _ in 0..settings.windows {
        let watch = Stopwatch::start();
        let asking: Vec<_> = (0..tasks)
            .map(|task| {
                let (known, directory) = (Arc::clone(&known), app.desk.directory.clone());
                tokio::spawn(async move {
                    for number in 0..ASKED {
                        // A stride that visits all of them in no order that a cache would like.
                        let at = (number * 7_919 + task * 104_729) % known.len() as u64;
                        let asked = &known[usize::try_from(at)?];
                        ensure!(directory.find(asked).await?.is_some(), "a number leads to nobody any more");
                    }
                    Ok(())
                })
            })
            .collect();
        for task in asking {
            task.await??;
        }
        #[expect(clippy::cast_precision_loss, reason = "a rate")]
        rates.push((tasks * ASKED) as f64 / watch.elapsed().as_secs_f64());
    }
    Ok(median(rates))
}
