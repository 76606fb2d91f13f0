//! The witness and the log's side against each other, and against an operator of a log who lies.

#![expect(clippy::unwrap_used, reason = "a test's own helpers may stop the test")]

#[path = "../../../ledger/tests/common/mod.rs"]
mod sample;

mod attacks;
mod desk;

use std::{
    io,
    path::Path,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU8, Ordering},
    },
};

use sample::{Log, signer};
use tsumugi_kernel::{Instant, clock::ManualClock};
use tsumugi_ledger::{Cosigner, Hash, Signer, consistency_proof};
use tsumugi_witness::{AddCheckpoint, Disk, Memory, Remembered, SystemDisk, Witness};

/// When the tests begin, in seconds since 1970.
pub(crate) const START: u64 = 1_790_000_000;

pub(crate) fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::at(Instant(START as i64 * 1_000)))
}

pub(crate) fn set(clock: &ManualClock, seconds: i64) {
    clock.set(Instant((START as i64 + seconds) * 1_000));
}

/// A disk that fails when told: 1 before anything is written, 2 after everything is.
#[derive(Clone, Default)]
pub(crate) struct Faulty(pub Arc<AtomicU8>);

impl Disk for Faulty {
    fn replace(&self, file: &Path, bytes: &[u8]) -> io::Result<()> {
        match self.0.swap(0, Ordering::SeqCst) {
            1 => Err(io::Error::other("failed")),
            2 => SystemDisk.replace(file, bytes).and_then(|()| Err(io::Error::other("failed, but persisted"))),
            _ => SystemDisk.replace(file, bytes),
        }
    }
}

/// A witness over a folder; with `new` it begins to know the log.
pub(crate) fn witness(number: u8, folder: &Path, clock: Arc<ManualClock>, disk: Faulty, new: bool) -> Witness {
    let cosigner = Cosigner::new(&format!("witness.example/w{number}"), [number; 32]).unwrap();
    let memory = Memory::new(folder.to_owned(), Box::new(disk));
    if new {
        memory.keep(&Remembered::nothing(sample::ORIGIN)).unwrap();
    }
    Witness::new(cosigner, vec![signer().verifier().clone()], memory, clock)
}

/// The checkpoint of a log, signed by its operator.
pub(crate) fn note(log: &Log) -> String {
    log.checkpoint().sign(&signer()).unwrap()
}

/// What the log's side would send, with the proof from `old`.
pub(crate) fn request(log: &Log, old: u64) -> String {
    let proof = consistency_proof(&log.reader(), old, log.size()).unwrap();
    AddCheckpoint { old, proof, note: note(log) }.text()
}

/// The log as the operator has it now: shared, so that a test can put another in its place.
#[derive(Clone, Default)]
pub(crate) struct Operator(pub Arc<Mutex<Log>>);

impl Operator {
    pub(crate) fn note(&self) -> String {
        note(&self.0.lock().unwrap())
    }

    pub(crate) fn grow(&self, leaves: u64) {
        let mut log = self.0.lock().unwrap();
        for _ in 0..leaves {
            let size = log.size();
            log.append(size % 7, [u8::try_from(size % 251).unwrap(); 16]);
        }
    }
}

impl tsumugi_witness::Log for Operator {
    fn consistency(&self, old: u64, new: u64) -> Pin<Box<dyn Future<Output = Result<Vec<Hash>, String>> + Send + '_>> {
        let log = self.0.lock().unwrap().clone();
        Box::pin(async move { consistency_proof(&log.reader(), old, new).map_err(|error| error.to_string()) })
    }
}

/// Another log's key.
pub(crate) fn stranger() -> Signer {
    Signer::new("other.example/log", [0x66; 32]).unwrap()
}
