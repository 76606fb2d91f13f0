//! A server under test in this process, asked over HTTP by clients in this process.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, ensure};
use serde_json::Value;
use tsumugi_access::{Action, Request, Shown};
use tsumugi_cli::{
    http::{self as client, Client, header},
    terminal,
};
use tsumugi_kernel::{
    Clock, OrganizationId, PersonId, Purpose, Role,
    edge::{Stopwatch, SystemClock, SystemEntropy},
};
use tsumugi_server::{App, Folder, Listening};
use tsumugi_signin::{Claims, DevKey, issue};
use tsumugi_synth::load::{self, Load};

use super::{
    Figures,
    measure::{self, median},
    probe,
};

/// What a run is asked for.
pub struct Settings {
    /// Windows of which the median is taken.
    pub windows: usize,
    /// Seconds of one window.
    pub seconds: u64,
    /// Resources in the store that is opened.
    pub resources: u64,
}

/// Connections in the figures with many clients.
const CLIENTS: usize = 64;
/// Citizens over whom the documents are spread.
const CITIZENS: u64 = 3_000;
/// Resources of one document, and so of one submission.
const PER_DOCUMENT: u64 = 20;

/// Resources by which the disk is judged: enough that what a citizen takes once, the rows by which they are found, weighs
/// as much as with a record of some years.
const ON_DISK: u64 = 200_000;

struct Bench<'a> {
    app: App,
    port: u16,
    settings: &'a Settings,
    submitter: String,
    reader: String,
    load: Arc<Load>,
    /// Documents sent so far.
    sent: u64,
}

/// Measures what is wanted.
pub async fn run(figures: &mut Figures, settings: &Settings, wants: &dyn Fn(&str) -> bool) -> anyhow::Result<()> {
    let place = std::env::temp_dir().join(format!("tsumugi-bench-{}", std::process::id()));
    let done = measure_in(&place, figures, settings, wants).await;
    std::fs::remove_dir_all(&place).ok();
    done
}

async fn measure_in(
    place: &Path,
    figures: &mut Figures,
    settings: &Settings,
    wants: &dyn Fn(&str) -> bool,
) -> anyhow::Result<()> {
    if wants("disk") {
        // A store of its own: leaves of the reads that other figures make are not part of what a resource takes.
        let (place, mut bench, serving) = begin(&place.join("disk"), settings).await?;
        bench.fill(ON_DISK.min(settings.resources)).await?;
        let resources = bench.sent * PER_DOCUMENT;
        end(bench, serving).await?;
        #[expect(clippy::cast_precision_loss, reason = "a ratio")]
        figures.insert("disk_bytes_per_resource", size(&place)? as f64 / resources as f64);
    }
    let (place, mut bench, serving) = begin(&place.join("data"), settings).await?;
    bench.submit(figures, wants("submit")).await?;
    if wants("read") {
        bench.read(figures).await?;
    }
    if wants("search") {
        bench.search(figures).await?;
    }
    if wants("everything") {
        bench.everything(figures).await?;
    }
    if wants("summary") {
        bench.summary(figures).await?;
    }
    if wants("door") {
        bench.door(figures).await?;
    }
    if wants("open") {
        bench.fill(settings.resources).await?;
    }
    end(bench, serving).await?;
    if wants("open") {
        opened(&place, figures, settings.windows)?;
    }
    Ok(())
}

/// A server that is serving, and how to end it.
struct Serving {
    end: tokio::sync::oneshot::Sender<()>,
    serving: tokio::task::JoinHandle<()>,
    publishing: tokio::task::JoinHandle<()>,
    screening: tokio::task::JoinHandle<()>,
}

async fn begin<'a>(place: &Path, settings: &'a Settings) -> anyhow::Result<(PathBuf, Bench<'a>, Serving)> {
    let folder = Folder::open(place, true, &SystemEntropy)?;
    let key = DevKey::new(&folder.secret);
    let app = App::new(folder, Arc::new(SystemClock), Arc::new(SystemEntropy))?;
    let listening = Listening::bind(0).await?;
    let port = listening.address().port();
    let (end, ended) = tokio::sync::oneshot::channel::<()>();
    let router = app.router();
    let serving = tokio::spawn(listening.serve(router, async move {
        ended.await.ok();
    }));
    let publishing = tokio::spawn(app.clone().keep_publishing());
    // As `serve` does: what screening costs is in the figures.
    let screening = tokio::spawn(app.clone().keep_screening());
    let hospital = OrganizationId::new(&load::sender().id)?;
    let token = |role, purpose, person: &str| {
        let expires = SystemClock.now().plus_millis(3_600_000);
        anyhow::Ok(issue(&Claims::new(role, purpose, PersonId::new(person)?, hospital.clone(), expires), &key))
    };
    let bench = Bench {
        submitter: token(Role::System, Purpose::RecordManagement, "bench-system")?,
        reader: token(Role::Physician, Purpose::Treat, "bench-physician")?,
        app,
        port,
        settings,
        load: Arc::new(Load::new(1, usize::try_from(PER_DOCUMENT)?)),
        sent: 0,
    };
    Ok((place.to_owned(), bench, Serving { end, serving, publishing, screening }))
}

/// Ends the server in an orderly way: the store is closed when this returns.
async fn end(bench: Bench<'_>, serving: Serving) -> anyhow::Result<()> {
    bench.app.publish().await?;
    serving.screening.abort();
    serving.screening.await.ok();
    serving.publishing.abort();
    serving.publishing.await.ok();
    drop(bench);
    serving.end.send(()).ok();
    serving.serving.await?;
    Ok(())
}

impl Bench<'_> {
    /// The request that submits document `index`.
    fn submission(load: &Load, token: &str, index: u64) -> Vec<u8> {
        client::post("/fhir/R4/Bundle/$submit", token, &load.document(index % CITIZENS, index / CITIZENS))
    }

    async fn submit(&mut self, figures: &mut Figures, measured: bool) -> anyhow::Result<()> {
        let windows = if measured { self.settings.windows } else { 1 };
        let mut rates = Vec::new();
        for _ in 0..windows {
            let (load, token, sent) = (Arc::clone(&self.load), self.submitter.clone(), self.sent);
            let counter = Arc::new(std::sync::atomic::AtomicU64::new(0));
            let counted = Arc::clone(&counter);
            let time = Duration::from_secs(self.settings.seconds);
            let run = measure::run(self.port, CLIENTS, time, 201, move |index| {
                counted.fetch_max(index + 1, std::sync::atomic::Ordering::Relaxed);
                Self::submission(&load, &token, sent + index)
            })
            .await?;
            self.sent += counter.load(std::sync::atomic::Ordering::Relaxed);
            #[expect(clippy::cast_precision_loss, reason = "a rate")]
            rates.push(run.per_s * PER_DOCUMENT as f64);
        }
        if measured {
            figures.insert("submit_resources_per_s", median(rates));
        }
        Ok(())
    }

    /// A citizen of the load with at least `documents` documents: a `Patient` id.
    async fn patient(&self, citizen: u64, documents: u64) -> anyhow::Result<String> {
        let mut client = Client::connect(self.port).await?;
        let mut location = None;
        for number in 0..documents {
            // Numbers far above those of the windows: these documents are this citizen's own.
            let body = self.load.document(citizen, 1_000_000 + number);
            let answer = client.ask(&client::post("/fhir/R4/Bundle/$submit", &self.submitter, &body)).await?;
            ensure!(matches!(answer.status, 200 | 201), "a document was answered {}", answer.status);
            let bundle: Value = serde_json::from_slice(answer.body)?;
            location = bundle["entry"].as_array().into_iter().flatten().find_map(|entry| {
                let location = entry["response"]["location"].as_str()?;
                location.strip_prefix("Patient/")?.split('/').next().map(str::to_owned)
            });
        }
        location.context("the submission names no Patient")
    }

    async fn bundle(&self, path: &str) -> anyhow::Result<Value> {
        let mut client = Client::connect(self.port).await?;
        let answer = client.ask(&client::get(path, &self.reader)).await?;
        ensure!(answer.status == 200, "{path} was answered {}", answer.status);
        ensure!(header(answer.head, "tsumugi-receipt").is_some(), "an answer without a receipt");
        Ok(serde_json::from_slice(answer.body)?)
    }

    async fn read(&self, figures: &mut Figures) -> anyhow::Result<()> {
        let mut requests = Vec::new();
        for citizen in 0..50 {
            let patient = self.patient(CITIZENS + citizen, 1).await?;
            let bundle = self.bundle(&format!("/fhir/R4/Patient/{patient}/$everything")).await?;
            for entry in bundle["entry"].as_array().into_iter().flatten() {
                let resource = &entry["resource"];
                let (kind, id) =
                    (resource["resourceType"].as_str().context("a kind")?, resource["id"].as_str().context("an id")?);
                requests.push(client::get(&format!("/fhir/R4/{kind}/{id}"), &self.reader));
            }
        }
        let (rate, p99) = self.windows(CLIENTS, requests).await?;
        figures.insert("read_per_s", rate);
        figures.insert("read_p99_ms", p99.1);
        Ok(())
    }

    async fn search(&self, figures: &mut Figures) -> anyhow::Result<()> {
        let mut requests = Vec::new();
        for citizen in 0..20 {
            let patient = self.patient(2 * CITIZENS + citizen, 5).await?;
            let bundle =
                self.bundle(&format!("/fhir/R4/Observation?patient=Patient/{patient}&category=laboratory")).await?;
            let observations = bundle["entry"].as_array().into_iter().flatten();
            let codings = observations.map(|entry| &entry["resource"]["code"]["coding"][0]);
            let coding =
                codings.into_iter().find(|coding| coding["code"].is_string()).context("a coded observation")?;
            let token = format!(
                "{}|{}",
                coding["system"].as_str().unwrap_or_default(),
                coding["code"].as_str().unwrap_or_default()
            );
            let token = token.replace('|', "%7C");
            requests.push(client::get(
                &format!("/fhir/R4/Observation?patient=Patient/{patient}&code={token}&_sort=-date"),
                &self.reader,
            ));
        }
        let (rate, _) = self.windows(CLIENTS, requests).await?;
        figures.insert("search_per_s", rate);
        Ok(())
    }

    /// Ten citizens of 300 resources each: `Patient` ids.
    async fn full_citizens(&self, from: u64) -> anyhow::Result<Vec<String>> {
        let mut patients = Vec::new();
        for citizen in from..from + 10 {
            let patient = self.patient(citizen, 15).await?;
            let bundle = self.bundle(&format!("/fhir/R4/Patient/{patient}/$everything")).await?;
            let total = bundle["total"].as_u64().unwrap_or_default();
            ensure!((280..=300).contains(&total), "a citizen of 300 resources has {total}");
            patients.push(patient);
        }
        Ok(patients)
    }

    async fn everything(&self, figures: &mut Figures) -> anyhow::Result<()> {
        let patients = self.full_citizens(3 * CITIZENS).await?;
        let path = |patient: &String| format!("/fhir/R4/Patient/{patient}/$everything");
        let requests: Vec<_> = patients.iter().map(|patient| client::get(&path(patient), &self.reader)).collect();
        let (rate, _) = self.windows(8, requests.clone()).await?;
        let (_, (p50, _)) = self.windows(1, requests).await?;
        figures.insert("everything_per_s", rate);
        figures.insert("everything_p50_ms", p50);
        Ok(())
    }

    /// `$summary`, which must be a document.
    async fn summary(&self, figures: &mut Figures) -> anyhow::Result<()> {
        let mut requests = Vec::new();
        for patient in self.full_citizens(5 * CITIZENS).await? {
            let path = format!("/fhir/R4/Patient/{patient}/$summary");
            let bundle = self.bundle(&path).await?;
            ensure!(bundle["type"] == "document", "a summary is no document");
            requests.push(client::get(&path, &self.reader));
        }
        let (_, (p50, _)) = self.windows(1, requests).await?;
        figures.insert("summary_p50_ms", p50);
        Ok(())
    }

    /// Median rate and (p50, p99) in milliseconds over the windows.
    async fn windows(&self, clients: usize, requests: Vec<Vec<u8>>) -> anyhow::Result<(f64, (f64, f64))> {
        let requests = Arc::new(requests);
        let (mut rates, mut p50, mut p99) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..self.settings.windows {
            let requests = Arc::clone(&requests);
            let run = measure::run(self.port, clients, Duration::from_secs(self.settings.seconds), 200, move |index| {
                // A stride that visits all of them in no order that a cache would like.
                let at = usize::try_from(index.wrapping_mul(7_919) % requests.len() as u64).unwrap_or(0);
                requests[at].clone()
            })
            .await?;
            rates.push(run.per_s);
            p50.push(run.percentile_ms(0.5));
            p99.push(run.percentile_ms(0.99));
        }
        Ok((median(rates), (median(p50), median(p99))))
    }

    /// CPU of admit and seal, the store's own part in it included, per read.
    async fn door(&self, figures: &mut Figures) -> anyhow::Result<()> {
        let patient = self.patient(4 * CITIZENS, 1).await?;
        let key = self.app.desk.record.sealer().open(&patient).context("an id of this server")?;
        let caller = self.app.caller(&self.reader, None).await.context("the reader's token")?;
        let mut costs = Vec::new();
        for _ in 0..self.settings.windows {
            let (before, watch) = (probe::cpu_us()?, Stopwatch::start());
            let tasks: Vec<_> = (0..CLIENTS)
                .map(|_| {
                    let (door, caller) = (self.app.desk.door.clone(), caller.clone());
                    let time = Duration::from_secs(self.settings.seconds.min(3));
                    tokio::spawn(async move {
                        let mut done = 0u32;
                        while watch.elapsed() < time {
                            let request = Request { caller: &caller, action: Action::Read, citizen: key.citizen };
                            let permit = door.admit(request).await?;
                            let mut shown = Shown::none();
                            shown.add(key.kind, key.number, tsumugi_kernel::Flags::default());
                            permit.seal(shown).await?;
                            done += 1;
                        }
                        anyhow::Ok(done)
                    })
                })
                .collect();
            let mut done = 0;
            for task in tasks {
                done += task.await??;
            }
            costs.push((probe::cpu_us()? - before) / f64::from(done));
        }
        figures.insert("door_us", median(costs));
        Ok(())
    }

    /// Submits until at least `resources` were sent.
    async fn fill(&mut self, resources: u64) -> anyhow::Result<()> {
        let documents = resources / PER_DOCUMENT;
        let bar = terminal::progress(documents, "documents");
        while self.sent < documents {
            bar.set_position(self.sent);
            let (load, token, sent) = (Arc::clone(&self.load), self.submitter.clone(), self.sent);
            let counter = Arc::new(std::sync::atomic::AtomicU64::new(0));
            let counted = Arc::clone(&counter);
            measure::run(self.port, CLIENTS, Duration::from_secs(5), 201, move |index| {
                counted.fetch_max(index + 1, std::sync::atomic::Ordering::Relaxed);
                Self::submission(&load, &token, sent + index)
            })
            .await?;
            self.sent += counter.load(std::sync::atomic::Ordering::Relaxed);
        }
        bar.finish_and_clear();
        Ok(())
    }
}

/// Opens the store in processes of their own.
fn opened(place: &Path, figures: &mut Figures, windows: usize) -> anyhow::Result<()> {
    let (mut seconds, mut megabytes) = (Vec::new(), Vec::new());
    for _ in 0..windows {
        let program = std::env::current_exe()?;
        let output = std::process::Command::new(program).args(["bench", "--probe"]).arg(place).output()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let mut numbers = text.split_whitespace().filter_map(|word| word.parse::<f64>().ok());
        let (Some(took), Some(used)) = (numbers.next(), numbers.next()) else {
            anyhow::bail!("the probe failed: {}", String::from_utf8_lossy(&output.stderr));
        };
        seconds.push(took);
        megabytes.push(used);
    }
    figures.insert("open_1m_s", median(seconds));
    figures.insert("open_1m_rss_mb", median(megabytes));
    Ok(())
}

/// Bytes of all files below a folder.
fn size(folder: &Path) -> anyhow::Result<u64> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        bytes += if entry.file_type()?.is_dir() { size(&entry.path())? } else { entry.metadata()?.len() };
    }
    Ok(bytes)
}
