//! A witness's folder: `witness.json` (its name and the logs that it knows), `key` (its seed, readable by its owner
//! only), `seen/` (one file for each log), `lock`.

use std::{
    fs::File,
    io::Write as _,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use serde::{Deserialize, Serialize};
use tsumugi_kernel::{Clock, Entropy};
use tsumugi_ledger::{Cosigner, LedgerError, NoteVerifier};

use crate::{Disk as _, Memory, Remembered, SystemDisk, Witness};

const MARK: &str = "witness.json";
const KEY: &str = "key";
const SEEN: &str = "seen";
/// The form of `witness.json` that this program writes and reads.
const FORMAT: u32 = 1;

/// Why a folder could not be made, changed or opened. Each says what to do next.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// There is no witness there.
    #[error("{0} is no witness's folder; make it with `tsumugi witness init --dir {0} --name NAME`")]
    Missing(String),
    /// There is something there already.
    #[error("{0} is not empty, and nothing in it was touched; a witness's key is made once. Name another folder")]
    Taken(String),
    /// Another process has it.
    #[error("{0} is in use by another process; a witness runs once, or it could sign two histories")]
    Busy(String),
    /// A file in it cannot be read or written.
    #[error("{path}: {detail}")]
    File {
        /// The file.
        path: String,
        /// What went wrong.
        detail: String,
    },
    /// A name or a key is not of its form.
    #[error(transparent)]
    Form(#[from] LedgerError),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Mark {
    witness: u32,
    name: String,
    logs: Vec<String>,
}

/// An open folder, locked for this process.
#[derive(Debug)]
pub struct WitnessFolder {
    path: PathBuf,
    mark: Vec<NoteVerifier>,
    name: String,
    cosigner: Cosigner,
    _lock: File,
}

impl WitnessFolder {
    /// Makes a witness with a key of its own in an absent or empty folder.
    ///
    /// # Errors
    /// [`FolderError`]; nothing that stands there is touched.
    pub fn init(path: &Path, name: &str, entropy: &dyn Entropy) -> Result<Self, FolderError> {
        if std::fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_some()) {
            return Err(FolderError::Taken(path.display().to_string()));
        }
        let mut seed = [0; 32];
        entropy.fill(&mut seed);
        Cosigner::new(name, seed)?;
        let seen = path.join(SEEN);
        std::fs::create_dir_all(&seen).map_err(|error| fault(&seen, &error))?;
        let text: String = seed.iter().map(|byte| format!("{byte:02x}")).collect();
        let key = path.join(KEY);
        let opened = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&key);
        let written = opened.and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()));
        written.map_err(|error| fault(&key, &error))?;
        // The mark comes last: a folder without it was not finished.
        write_mark(path, name, &[])?;
        Self::open(path)
    }

    /// Opens a folder and keeps other processes out of it.
    ///
    /// # Errors
    /// [`FolderError`].
    pub fn open(path: &Path) -> Result<Self, FolderError> {
        let file = path.join(MARK);
        let bytes = match std::fs::read(&file) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(FolderError::Missing(path.display().to_string()));
            }
            Err(error) => return Err(fault(&file, &error)),
        };
        let mark: Mark = serde_json::from_slice(&bytes).map_err(|error| fault(&file, &error))?;
        if mark.witness != FORMAT {
            return Err(fault(&file, &format!("it has format {}, this program reads {FORMAT}", mark.witness)));
        }
        let lock = path.join("lock");
        let lock = File::create(&lock).map_err(|error| fault(&lock, &error))?;
        lock.try_lock().map_err(|_| FolderError::Busy(path.display().to_string()))?;
        let key = path.join(KEY);
        let text = std::fs::read(&key).map_err(|error| fault(&key, &error))?;
        let seed = seed(&text).ok_or_else(|| fault(&key, &"it does not hold 64 hexadecimal digits"))?;
        let cosigner = Cosigner::new(&mark.name, seed)?;
        let logs = mark.logs.iter().map(|vkey| NoteVerifier::parse(vkey)).collect::<Result<_, _>>()?;
        Ok(Self { path: path.to_owned(), mark: logs, name: mark.name, cosigner, _lock: lock })
    }

    /// The witness's public key, as text.
    #[must_use]
    pub fn vkey(&self) -> String {
        self.cosigner.public().vkey()
    }

    /// Lets it witness one more log, by the log's verifier key.
    ///
    /// # Errors
    /// [`FolderError`].
    pub fn trust(&mut self, vkey: &str) -> Result<(), FolderError> {
        let key = NoteVerifier::parse(vkey)?;
        if self.mark.contains(&key) {
            return Ok(());
        }
        let memory = self.memory();
        // The memory first: a log that is known has one, or nothing is signed.
        if memory.is_new(key.name()) {
            let kept = memory.keep(&Remembered::nothing(key.name()));
            kept.map_err(|error| fault(&self.path.join(SEEN), &error))?;
        }
        let mut logs = self.mark.clone();
        logs.push(key);
        write_mark(&self.path, &self.name, &logs)?;
        self.mark = logs;
        Ok(())
    }

    /// The witness. The folder stays locked while the returned guard lives.
    #[must_use]
    pub fn witness(self, clock: Arc<dyn Clock>) -> (Witness, impl Sized + Send + 'static) {
        let memory = self.memory();
        (Witness::new(self.cosigner, self.mark, memory, clock), self._lock)
    }

    fn memory(&self) -> Memory {
        Memory::new(self.path.join(SEEN), Box::new(SystemDisk))
    }
}

fn write_mark(path: &Path, name: &str, logs: &[NoteVerifier]) -> Result<(), FolderError> {
    let mark = Mark { witness: FORMAT, name: name.to_owned(), logs: logs.iter().map(NoteVerifier::vkey).collect() };
    let file = path.join(MARK);
    let bytes = serde_json::to_vec_pretty(&mark).map_err(|error| fault(&file, &error))?;
    SystemDisk.replace(&file, &bytes).map_err(|error| fault(&file, &error))
}

fn seed(text: &[u8]) -> Option<[u8; 32]> {
    let hex = |pair: &[u8]| std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok());
    let bytes: Option<Vec<u8>> = text.trim_ascii().chunks(2).map(hex).collect();
    bytes?.try_into().ok()
}

fn fault(file: &Path, error: &dyn std::fmt::Display) -> FolderError {
    FolderError::File { path: file.display().to_string(), detail: error.to_string() }
}
