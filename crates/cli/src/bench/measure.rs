//! Running a request many times from many clients, and what came of it.

use std::path::{Path, PathBuf};

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use anyhow::ensure;
use tsumugi_kernel::edge::Stopwatch;

use tsumugi_cli::http::Client;

/// What a run gave.
#[derive(Clone, Debug)]
pub struct Run {
    /// Answers per second.
    pub per_s: f64,
    /// Latencies, sorted.
    latencies: Vec<Duration>,
}

impl Run {
    /// The latency below which this share of the answers came, in milliseconds.
    pub fn percentile_ms(&self, share: f64) -> f64 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "an index into a list"
        )]
        let at = ((self.latencies.len() as f64 * share) as usize).min(self.latencies.len().saturating_sub(1));
        self.latencies.get(at).map_or(0.0, |latency| latency.as_secs_f64() * 1000.0)
    }
}

/// Asks from `clients` connections for `time`; `request` gives the bytes for the i-th request. Every answer must have
/// `status`.
pub async fn run(
    port: u16,
    clients: usize,
    time: Duration,
    status: u16,
    request: impl Fn(u64) -> Vec<u8> + Send + Sync + 'static,
) -> anyhow::Result<Run> {
    let request = Arc::new(request);
    let next = Arc::new(AtomicU64::new(0));
    let mut connections = Vec::with_capacity(clients);
    for _ in 0..clients {
        connections.push(Client::connect(port).await?);
    }
    let watch = Stopwatch::start();
    let tasks: Vec<_> = connections
        .into_iter()
        .map(|mut client| {
            let (request, next) = (Arc::clone(&request), Arc::clone(&next));
            tokio::spawn(async move {
                let mut latencies = Vec::new();
                while watch.elapsed() < time {
                    let bytes = request(next.fetch_add(1, Ordering::Relaxed));
                    let asked = Stopwatch::start();
                    let answer = client.ask(&bytes).await?;
                    ensure!(
                        answer.status == status,
                        "answered {} instead of {status}: {}",
                        answer.status,
                        String::from_utf8_lossy(&answer.body[..answer.body.len().min(400)])
                    );
                    latencies.push(asked.elapsed());
                }
                anyhow::Ok(latencies)
            })
        })
        .collect();
    let mut latencies = Vec::new();
    for task in tasks {
        latencies.extend(task.await??);
    }
    let seconds = watch.elapsed().as_secs_f64();
    latencies.sort_unstable();
    #[expect(clippy::cast_precision_loss, reason = "a rate")]
    let per_s = latencies.len() as f64 / seconds;
    Ok(Run { per_s, latencies })
}

/// The middle value.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// A folder of this process that goes when it is dropped.
pub struct Place(PathBuf);

impl Place {
    /// Its path; one for each `what` of this process.
    pub fn new(what: &str) -> Self {
        Self(std::env::temp_dir().join(format!("tsumugi-bench-{what}-{}", std::process::id())))
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // What cannot be removed stays in the temporary folder; the figures are none the less right.
        std::fs::remove_dir_all(&self.0).ok();
    }
}
