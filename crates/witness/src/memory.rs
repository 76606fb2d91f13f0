//! What a witness remembers of a log: the newest checkpoint that it signed, in one file for each log.
//!
//! What must hold: a file is replaced whole or not at all, and is on the disk before [`Memory::keep`] says so. A missing or
//! damaged file is never taken for a log that was never seen. After a write that failed, what the file says is used for
//! deciding (it is the larger promise) but shown to nobody until a later write is known to be durable.

use std::{
    collections::HashSet,
    fs::File,
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tsumugi_ledger::{Fault, Note, TreeHead};

/// The newest checkpoint of one log that was signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Remembered {
    /// The log.
    pub origin: String,
    /// When it was signed, in seconds since 1970; 0 for never.
    pub time: u64,
    /// The checkpoint with the log's signature and the witness's own; empty for none.
    pub note: String,
}

impl Remembered {
    /// A log that was never signed.
    #[must_use]
    pub fn nothing(origin: &str) -> Self {
        Self { origin: origin.to_owned(), time: 0, note: String::new() }
    }

    /// What was signed; `None` for nothing yet.
    ///
    /// # Errors
    /// A [`Fault`] if what was kept is no checkpoint of this log.
    pub fn head(&self) -> Result<Option<TreeHead>, Fault> {
        if self.note.is_empty() && self.time == 0 {
            return Ok(None);
        }
        let head = TreeHead::parse(Note::split(&self.note)?.text)?;
        if head.origin != self.origin {
            return Err(Fault::Checkpoint("its origin is another log's"));
        }
        Ok(Some(head))
    }
}

/// Replaces a file. Beside the system's there are those of tests, which fail.
pub trait Disk: Send + Sync + 'static {
    /// Replaces the file with these bytes, durably.
    ///
    /// # Errors
    /// What failed. Then the file may have the old bytes or the new ones.
    fn replace(&self, file: &Path, bytes: &[u8]) -> io::Result<()>;
}

/// The system's disk.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemDisk;

impl Disk for SystemDisk {
    fn replace(&self, file: &Path, bytes: &[u8]) -> io::Result<()> {
        let unfinished = file.with_extension("unfinished");
        let mut handle = File::create(&unfinished)?;
        handle.write_all(bytes)?;
        handle.sync_all()?;
        drop(handle);
        std::fs::rename(&unfinished, file)?;
        // Only with its folder synced is a renamed file sure to be there after a loss of power.
        let folder = file.parent().ok_or(io::ErrorKind::NotFound)?;
        File::open(folder)?.sync_all()
    }
}

/// The files, one for each log.
pub struct Memory {
    folder: PathBuf,
    disk: Box<dyn Disk>,
    /// Logs whose last write failed.
    doubtful: Mutex<HashSet<String>>,
}

impl Memory {
    /// The files in this folder.
    #[must_use]
    pub fn new(folder: PathBuf, disk: Box<dyn Disk>) -> Self {
        Self { folder, disk, doubtful: Mutex::default() }
    }

    /// The name of a log's file: its origin may have signs that no file name has.
    #[must_use]
    pub fn name_of(origin: &str) -> String {
        Sha256::digest(origin.as_bytes()).iter().fold(String::with_capacity(64), |mut text, byte| {
            use std::fmt::Write as _;
            // INVARIANT: writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    fn file(&self, origin: &str) -> PathBuf {
        self.folder.join(Self::name_of(origin)).with_extension("json")
    }

    /// What is remembered of a log.
    ///
    /// # Errors
    /// If the file is missing, cannot be read, or is not of this log.
    pub fn of(&self, origin: &str) -> io::Result<Remembered> {
        let bytes = std::fs::read(self.file(origin))?;
        let damaged = |detail: String| io::Error::new(io::ErrorKind::InvalidData, detail);
        let remembered: Remembered = serde_json::from_slice(&bytes).map_err(|error| damaged(error.to_string()))?;
        if remembered.origin != origin {
            return Err(damaged("it is the memory of another log".into()));
        }
        remembered.head().map_err(|fault| damaged(fault.to_string()))?;
        Ok(remembered)
    }

    /// Whether nothing was ever kept of a log.
    #[must_use]
    pub fn is_new(&self, origin: &str) -> bool {
        !self.file(origin).exists()
    }

    /// What may be shown to others.
    ///
    /// # Errors
    /// As [`Self::of`], and after a failed write.
    pub fn shown(&self, origin: &str) -> io::Result<Remembered> {
        if self.doubtful.lock().unwrap_or_else(PoisonError::into_inner).contains(origin) {
            return Err(io::Error::other("the last write of it failed"));
        }
        self.of(origin)
    }

    /// Remembers this instead, durably.
    ///
    /// # Errors
    /// What failed; then nothing may be signed.
    pub fn keep(&self, remembered: &Remembered) -> io::Result<()> {
        let bytes = serde_json::to_vec(remembered).map_err(io::Error::other)?;
        let done = self.disk.replace(&self.file(&remembered.origin), &bytes);
        let mut doubtful = self.doubtful.lock().unwrap_or_else(PoisonError::into_inner);
        match done {
            Ok(()) => doubtful.remove(&remembered.origin),
            Err(_) => doubtful.insert(remembered.origin.clone()),
        };
        done
    }
}

impl std::fmt::Debug for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Memory({})", self.folder.display())
    }
}
