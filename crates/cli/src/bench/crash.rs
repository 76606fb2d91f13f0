//! `tsumugi bench crash`: the server is killed (SIGKILL) under load, again and again. After each kill, what was
//! acknowledged must be there whole, what was not must be there whole or not at all, and every answer that was given
//! must have its leaf in the log.

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, bail, ensure};
use serde_json::Value;
use tokio::task::JoinHandle;
use tsumugi_cli::{
    http::{self as client, Client, header},
    terminal,
};
use tsumugi_kernel::{
    Clock, Entropy, OrganizationId, PersonId, Purpose, Role,
    edge::{SystemClock, SystemEntropy},
};
use tsumugi_server::Folder;
use tsumugi_signin::{Claims, DevKey, issue};
use tsumugi_synth::load::{self, Load};

/// Connections that submit, and that read.
const WRITERS: usize = 8;
const READERS: usize = 4;
/// Entries that a whole document of the load is answered with, when sent again: all but its Patient.
const PER_DOCUMENT: usize = 20;

/// What one client saw.
#[derive(Default)]
struct Seen {
    /// Documents that were sent, and whether they were acknowledged.
    documents: Vec<(u64, u64, bool)>,
    /// Receipts: the index of each answer's leaf.
    receipts: Vec<u64>,
}

/// Kills the server `rounds` times and checks after each.
pub async fn run(rounds: usize) -> anyhow::Result<()> {
    let place = std::env::temp_dir().join(format!("tsumugi-crash-{}", std::process::id()));
    let done = rounds_in(&place, rounds).await;
    if done.is_ok() {
        std::fs::remove_dir_all(&place).ok();
    } else {
        terminal::complain(&format!("tsumugi: the folder is kept for a look: {}", place.display()));
    }
    done
}

async fn rounds_in(place: &Path, rounds: usize) -> anyhow::Result<()> {
    drop(Folder::open(place, true, &SystemEntropy)?);
    let key = DevKey::new(&Folder::dev_secret(place)?);
    let hospital = OrganizationId::new(&load::sender().id)?;
    let token = |role, purpose, person: &str| {
        let expires = SystemClock.now().plus_millis(6 * 3_600_000);
        anyhow::Ok(issue(&Claims::new(role, purpose, PersonId::new(person)?, hospital.clone(), expires), &key))
    };
    let submitter = token(Role::System, Purpose::RecordManagement, "crash-system")?;
    let reader = token(Role::Physician, Purpose::Treat, "crash-physician")?;
    let load = Arc::new(Load::new(2, PER_DOCUMENT));
    let bar = terminal::progress(rounds as u64, "kills");
    let (mut documents, mut answers) = (0usize, 0usize);
    for round in 0..rounds {
        let (mut server, port) = start(place).await?;
        let stop = Arc::new(AtomicBool::new(false));
        let clients = clients(port, round, &load, &submitter, &reader, &stop);
        tokio::time::sleep(pause()).await;
        server.kill().context("the server cannot be killed")?;
        server.wait()?;
        stop.store(true, Ordering::SeqCst);
        let mut seen = Seen::default();
        for client in clients {
            let mut part = client.await?;
            seen.documents.append(&mut part.documents);
            seen.receipts.append(&mut part.receipts);
        }
        check_leaves(place, &seen.receipts).await.with_context(|| format!("round {round}"))?;
        let (mut server, port) = start(place).await?;
        let checked = check_documents(port, &load, &submitter, &seen).await;
        server.kill()?;
        server.wait()?;
        checked.with_context(|| format!("round {round}"))?;
        documents += seen.documents.iter().filter(|(_, _, acknowledged)| *acknowledged).count();
        answers += seen.receipts.len();
        bar.inc(1);
    }
    bar.finish_and_clear();
    ensure!(
        documents > 0 && answers > documents,
        "the server was killed before it answered anything; nothing was proved"
    );
    terminal::say(&format!(
        "crash: {rounds} kills, {documents} documents acknowledged, {answers} answers; none lost, none half there, none without a leaf"
    ));
    Ok(())
}

/// Between 0.2 and 1.0 seconds.
fn pause() -> Duration {
    let mut byte = [0];
    SystemEntropy.fill(&mut byte);
    Duration::from_millis(200 + u64::from(byte[0]) * 3)
}

/// Starts a server on a free port, and waits until it listens.
async fn start(place: &Path) -> anyhow::Result<(Child, u16)> {
    let program: PathBuf = std::env::current_exe()?;
    let free = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
    let port = free.local_addr()?.port();
    drop(free);
    let mut server = Command::new(program)
        .args(["serve", "--dev", "--port", &port.to_string(), "--dir"])
        .arg(place)
        .stdout(Stdio::null())
        .spawn()
        .context("the server cannot be started")?;
    for _ in 0..500 {
        if Client::connect(port).await.is_ok() {
            return Ok((server, port));
        }
        if let Some(status) = server.try_wait()? {
            bail!("the server did not start again after a kill: {status}");
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    server.kill().ok();
    bail!("the server does not listen after ten seconds")
}

fn clients(
    port: u16,
    round: usize,
    load: &Arc<Load>,
    submitter: &str,
    reader: &str,
    stop: &Arc<AtomicBool>,
) -> Vec<JoinHandle<Seen>> {
    let mut tasks = Vec::new();
    for writer in 0..WRITERS as u64 {
        let (load, submitter, stop) = (Arc::clone(load), submitter.to_owned(), Arc::clone(stop));
        let (citizen, reader) = (round as u64 * 100 + writer, reader.to_owned());
        tasks.push(tokio::spawn(async move {
            let mut seen = Seen::default();
            let Ok(mut client) = Client::connect(port).await else { return seen };
            for number in 0.. {
                if stop.load(Ordering::SeqCst) {
                    break;
                }
                let body = load.document(citizen, number);
                let answered = client.ask(&client::post("/fhir/R4/Bundle/$submit", &submitter, &body)).await;
                let Ok(answer) = answered else {
                    seen.documents.push((citizen, number, false));
                    break;
                };
                seen.documents.push((citizen, number, answer.status == 201));
                let location = receipt(answer.head, &mut seen.receipts).then(|| location(answer.body)).flatten();
                // Some of the writers read what they wrote.
                if let (true, Some(path)) = (writer < READERS as u64, location) {
                    let Ok(answer) = client.ask(&client::get(&path, &reader)).await else { break };
                    receipt(answer.head, &mut seen.receipts);
                }
            }
            seen
        }));
    }
    tasks
}

fn receipt(head: &str, receipts: &mut Vec<u64>) -> bool {
    let index: Option<u64> = header(head, "tsumugi-receipt").and_then(|index| index.parse().ok());
    receipts.extend(index);
    index.is_some()
}

fn location(body: &[u8]) -> Option<String> {
    let bundle: Value = serde_json::from_slice(body).ok()?;
    let location = bundle["entry"][0]["response"]["location"].as_str()?;
    Some(format!("/fhir/R4/{}", location.split("/_history").next()?))
}

/// Every receipt that a client holds names a leaf that is in the log.
async fn check_leaves(place: &Path, receipts: &[u64]) -> anyhow::Result<()> {
    let folder = Folder::open(place, true, &SystemEntropy)?;
    let leaves = folder.store.status().leaves;
    if let Some(missing) = receipts.iter().find(|index| **index >= leaves) {
        bail!("an answer with leaf {missing} was given, and the log ends at {leaves}");
    }
    for index in receipts.iter().rev().take(50) {
        ensure!(folder.store.log(*index, index + 1).await?.len() == 1, "leaf {index} cannot be read");
    }
    folder.store.publish().await?;
    Ok(())
}

/// Each document, sent again: acknowledged ones are there whole and unchanged; the others are there whole, or go in anew.
async fn check_documents(port: u16, load: &Load, submitter: &str, seen: &Seen) -> anyhow::Result<()> {
    let mut client = Client::connect(port).await?;
    for (citizen, number, acknowledged) in &seen.documents {
        let body = load.document(*citizen, *number);
        let answer = client.ask(&client::post("/fhir/R4/Bundle/$submit", submitter, &body)).await?;
        let there = answer.status == 200;
        ensure!(there || answer.status == 201, "document {citizen}/{number} was answered {}", answer.status);
        ensure!(there || !acknowledged, "document {citizen}/{number} was acknowledged and is lost");
        let bundle: Value = serde_json::from_slice(answer.body)?;
        let entries = bundle["entry"].as_array().map_or(0, Vec::len);
        ensure!(
            entries + usize::from(there) == PER_DOCUMENT,
            "document {citizen}/{number} is half there: {entries} entries"
        );
    }
    Ok(())
}
