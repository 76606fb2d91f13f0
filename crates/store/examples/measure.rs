//! Measures the embedded store: `measure DIR [FACTS]`. Numbers depend on the machine's load; run it more than once.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a measuring program prints and stops at the first error")]

use std::{path::Path, sync::Arc, time::Duration};

use bytes::Bytes;
use sha2::{Digest, Sha256};
use tsumugi_kernel::{CitizenId, FactKey, Instant, Kind, edge::Stopwatch};
use tsumugi_ledger::{DraftLeaf, Label, Signer};
use tsumugi_store::{
    Batch, Expectation, NewVersion, Point, ShelfScan, SqliteOptions, SqliteStore, State, Store, codec,
};

const TASKS: u64 = 64;
const PER_BATCH: u64 = 20;

fn mix(seed: u64) -> u64 {
    let mut z = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// An Observation of about 1.4 KB whose codes, values and texts vary.
fn body(n: u64) -> Vec<u8> {
    let r = mix(n);
    let code = r % 900;
    format!(
        r#"{{"resourceType":"Observation","id":"a{r:026}","meta":{{"versionId":"1","lastUpdated":"2026-11-{:02}T{:02}:{:02}:{:02}.{:03}+09:00","profile":["http://jpfhir.jp/fhir/clins/StructureDefinition/JP_Observation_LabResult_eCS"]}},"identifier":[{{"system":"http://jpfhir.jp/fhir/core/IdSystem/resourceInstance-identifier","value":"13114010{:012}"}}],"status":"final","category":[{{"coding":[{{"system":"http://jpfhir.jp/fhir/core/CodeSystem/JP_SimpleObservationCategory_CS","code":"laboratory","display":"Laboratory"}}]}}],"code":{{"coding":[{{"system":"urn:oid:1.2.392.200119.4.504","code":"3A{code:03}0000023271{:02}","display":"検査項目{code}"}},{{"system":"http://jpfhir.jp/fhir/clins/CodeSystem/JP_CLINS_ObsLabResult_LocalCode_CS","code":"L{code}"}}],"text":"検査項目{code}"}},"subject":{{"reference":"Patient/a{:026}"}},"effectiveDateTime":"2026-{:02}-{:02}T09:{:02}:00+09:00","performer":[{{"reference":"Organization/{}"}}],"valueQuantity":{{"value":{}.{},"unit":"mg/dL","system":"http://unitsofmeasure.org","code":"mg/dL"}},"referenceRange":[{{"low":{{"value":{},"unit":"mg/dL","system":"http://unitsofmeasure.org","code":"mg/dL"}},"high":{{"value":{},"unit":"mg/dL","system":"http://unitsofmeasure.org","code":"mg/dL"}}}}]}}"#,
        r % 28 + 1, r % 24, r % 60, r / 7 % 60, r % 1000, r % 1_000_000_000_000, r % 90, mix(n / 300), r % 12 + 1,
        r / 13 % 28 + 1, r % 60, r % 400, r % 300, r % 10, r % 50, r % 50 + 100
    )
    .into_bytes()
}

fn values(n: u64) -> Vec<u8> {
    let r = mix(n);
    let mut bytes = Vec::with_capacity(120);
    for part in 0..5_u64 {
        bytes.extend_from_slice(&mix(r % 900 + part).to_le_bytes());
    }
    bytes.extend_from_slice(b"3A0100000023271|laboratory|final|13114010");
    bytes.extend_from_slice(&r.to_le_bytes());
    bytes
}

fn label(citizen: u64) -> Label {
    Label(Sha256::digest(citizen.to_le_bytes()).into())
}

fn leaf(citizen: u64, n: u64) -> DraftLeaf {
    let mut body = vec![0; 565];
    for (chunk, place) in body.chunks_mut(8).zip(0_u64..) {
        chunk.copy_from_slice(&mix(n * 100 + place).to_le_bytes()[..chunk.len()]);
    }
    DraftLeaf { label: label(citizen), body }
}

fn batch(store: &SqliteStore, citizen: u64, n: u64) -> Batch {
    let first = store.reserve(PER_BATCH as u32);
    let bodies: Vec<Vec<u8>> = (0..PER_BATCH).map(|i| body(n * PER_BATCH + i)).collect();
    let original = Bytes::from(bodies.concat());
    let origin = Some(Sha256::digest(&original).into());
    let kind = Kind::OBSERVATION;
    let key = |number| FactKey { citizen: CitizenId(citizen), kind, number };
    let versions = (first..).zip(bodies).map(|(number, body)| NewVersion {
        key: key(number),
        version: 1,
        state: State::Live,
        instant: Instant(1_795_000_000_000),
        origin,
        values: values(n * PER_BATCH + number),
        body,
    });
    Batch {
        expect: vec![Expectation::Version(key(first), 0)],
        originals: vec![original],
        versions: versions.collect(),
        leaves: vec![leaf(citizen, n)],
        ..Batch::default()
    }
}

fn cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat[stat.rfind(')').unwrap()..].split(' ').collect();
    Duration::from_millis((fields[12].parse::<u64>().unwrap() + fields[13].parse::<u64>().unwrap()) * 10)
}

fn resident_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}

fn disk(dir: &Path) -> u64 {
    std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().metadata().unwrap().len()).sum()
}

fn options(dictionary: Option<Vec<u8>>) -> SqliteOptions {
    SqliteOptions { dictionary, ..SqliteOptions::new(Signer::new("measure.example/log", [1; 32]).unwrap()) }
}

async fn tasks<F: Future<Output = ()> + Send + 'static>(make: impl Fn(u64) -> F) {
    let running: Vec<_> = (0..TASKS).map(|task| tokio::spawn(make(task))).collect();
    for task in running {
        task.await.unwrap();
    }
}

fn percentile(mut micros: Vec<u64>, part: usize) -> u64 {
    micros.sort_unstable();
    micros[(micros.len() - 1) * part / 1000]
}

/// Publishes once a second, as a server does.
fn publisher(store: &Arc<SqliteStore>) -> tokio::task::JoinHandle<()> {
    let store = Arc::clone(store);
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(Duration::from_secs(1)).await;
            let watch = Stopwatch::start();
            let before = store.status();
            store.publish().await.unwrap();
            println!("    publish of {} leaves took {:?}", before.leaves - before.published, watch.elapsed());
        }
    })
}

async fn write(store: &Arc<SqliteStore>, facts: u64, citizens: u64) {
    let rounds = facts / PER_BATCH / TASKS;
    let (watch, before) = (Stopwatch::start(), cpu());
    let publishing = publisher(store);
    tasks(|task| {
        let store = Arc::clone(store);
        async move {
            for round in 0..rounds {
                let n = round * TASKS + task;
                store.commit(batch(&store, mix(n) % citizens, n)).await.unwrap();
            }
        }
    })
    .await;
    let (took, used) = (watch.elapsed(), cpu() - before);
    publishing.abort();
    let facts = rounds * TASKS * PER_BATCH;
    println!(
        "write: {facts} facts in {took:.2?}: {:.0}/s, {:.1} us CPU each (making the input included)",
        facts as f64 / took.as_secs_f64(),
        used.as_micros() as f64 / facts as f64
    );
}

async fn leaves(store: &Arc<SqliteStore>, citizens: u64, each: u64) {
    let (watch, before) = (Stopwatch::start(), cpu());
    let publishing = publisher(store);
    let waits = Arc::new(std::sync::Mutex::new(Vec::new()));
    tasks(|task| {
        let (store, waits) = (Arc::clone(store), Arc::clone(&waits));
        async move {
            let mut mine = Vec::new();
            for round in 0..each {
                let n = round * TASKS + task;
                let watch = Stopwatch::start();
                store.commit(Batch { leaves: vec![leaf(mix(n) % citizens, n)], ..Batch::default() }).await.unwrap();
                mine.push(watch.elapsed().as_micros() as u64);
            }
            waits.lock().unwrap().extend(mine);
        }
    })
    .await;
    let (took, used) = (watch.elapsed(), cpu() - before);
    publishing.abort();
    let count = each * TASKS;
    let waits = std::mem::take(&mut *waits.lock().unwrap());
    println!(
        "leaf-only batches: {:.0}/s, {:.1} us CPU each, p50 {} us, p99 {} us, p99.9 {} us",
        count as f64 / took.as_secs_f64(),
        used.as_micros() as f64 / count as f64,
        percentile(waits.clone(), 500),
        percentile(waits.clone(), 990),
        percentile(waits, 999)
    );
}

async fn reads(store: &Arc<SqliteStore>, citizens: u64, facts: u64) {
    let mut keys = Vec::new();
    for citizen in 0..citizens.min(2_000) {
        let page = scan(store, citizen * citizens / citizens.min(2_000), 1 << 30).await;
        keys.extend(page.iter().map(|fact| fact.key).take(20));
    }
    let (rounds, before, watch) = (200_000, cpu(), Stopwatch::start());
    for n in 0..rounds {
        let key = keys[mix(n) as usize % keys.len()];
        assert!(store.fact(key, Point::NOW).await.unwrap().is_some());
    }
    println!(
        "fact(): {:.2} us wall, {:.2} us CPU",
        watch.elapsed().as_micros() as f64 / rounds as f64,
        (cpu() - before).as_micros() as f64 / rounds as f64
    );
    let watch = Stopwatch::start();
    for n in 0..50_000 {
        let key = keys[mix(n) as usize % keys.len()];
        store.fact(key, Point::NOW).await.unwrap().unwrap().body().unwrap();
    }
    println!("fact() and body(): {:.2} us wall", watch.elapsed().as_micros() as f64 / 50_000.0);
    let (mut times, mut sizes) = (Vec::new(), 0);
    let bytes = 300 * 420;
    for n in 0..3_000 {
        let watch = Stopwatch::start();
        let page = scan(store, mix(n) % citizens, bytes).await;
        times.push(watch.elapsed().as_micros() as u64);
        sizes += page.len();
    }
    println!(
        "shelf of {} facts: p50 {} us, p99 {} us (store of {facts})",
        sizes / 3_000,
        percentile(times.clone(), 500),
        percentile(times, 990)
    );
}

async fn scan(store: &Arc<SqliteStore>, citizen: u64, most_bytes: usize) -> Vec<tsumugi_store::StoredFact> {
    let scan = ShelfScan {
        citizen: CitizenId(citizen),
        kind: None,
        at: Point::NOW,
        after: None,
        most_bytes,
        tombstones: false,
    };
    store.shelf(scan).await.unwrap().facts
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let dir = Path::new(arguments.get(1).map_or("/tmp/measure-store", |dir| dir)).to_owned();
    let facts: u64 = arguments.get(2).map_or(200_000, |count| count.parse().unwrap());
    let citizens = (facts / 300).max(1);
    if !dir.exists() {
        let samples: Vec<Vec<u8>> = (0..2_000).map(|n| body(n + 1_000_000_000)).collect();
        let dictionary = codec::train(&samples, 32 * 1024).unwrap();
        let store = SqliteStore::create(&dir, options(Some(dictionary))).unwrap();
        println!("a body has {} bytes", samples[0].len());
        write(&store, facts, citizens).await;
        let watch = Stopwatch::start();
        store.publish().await.unwrap();
        println!("last publish: {:.2?}", watch.elapsed());
        let watch = Stopwatch::start();
        drop(store);
        println!("close: {:.2?}; disk {:.0} bytes per fact", watch.elapsed(), disk(&dir) as f64 / facts as f64);
    }
    let before = resident_mb();
    let watch = Stopwatch::start();
    let store = SqliteStore::open(&dir, options(None)).unwrap();
    println!("open: {:.2?}, resident {before} -> {} MB", watch.elapsed(), resident_mb());
    reads(&store, citizens, facts).await;
    leaves(&store, citizens, 2_000).await;
    let watch = Stopwatch::start();
    drop(store);
    println!("close: {:.2?}; resident {} MB", watch.elapsed(), resident_mb());
}
