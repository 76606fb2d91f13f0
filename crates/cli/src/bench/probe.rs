//! What opening a large store takes, in a process of its own; and what this process has used.

use std::path::Path;

use anyhow::Context;
use tsumugi_cli::terminal;
use tsumugi_kernel::edge::{Stopwatch, SystemEntropy};
use tsumugi_server::Folder;

/// Opens a data folder, reads its checkpoint, and prints seconds and megabytes.
pub fn open(folder: &Path) -> anyhow::Result<()> {
    let watch = Stopwatch::start();
    let folder = Folder::open(folder, true, &SystemEntropy)?;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let leaves = runtime.block_on(async {
        folder.store.checkpoint().await?;
        anyhow::Ok(folder.store.status().leaves)
    })?;
    let seconds = watch.elapsed().as_secs_f64();
    terminal::say(&format!("{seconds} {} {leaves}", rss_mb()?));
    Ok(())
}

/// Resident memory of this process, in MB (Linux).
pub fn rss_mb() -> anyhow::Result<f64> {
    let status =
        std::fs::read_to_string("/proc/self/status").context("/proc/self/status; this benchmark needs Linux")?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).context("VmRSS")?;
    let kilobytes: f64 = line.split_whitespace().nth(1).context("VmRSS")?.parse()?;
    Ok(kilobytes / 1024.0)
}

/// CPU time of all threads of this process so far, in microseconds (Linux).
pub fn cpu_us() -> anyhow::Result<f64> {
    let mut nanoseconds = 0.0;
    for task in std::fs::read_dir("/proc/self/task").context("/proc/self/task; this benchmark needs Linux")? {
        // A thread may end between the listing and the reading.
        let Ok(text) = std::fs::read_to_string(task?.path().join("schedstat")) else { continue };
        nanoseconds += text.split_whitespace().next().and_then(|first| first.parse::<f64>().ok()).unwrap_or(0.0);
    }
    Ok(nanoseconds / 1000.0)
}
