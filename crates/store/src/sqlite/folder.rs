//! The folder of a store: what may be in it, and whose it is.
//!
//! What must hold: a folder is made only by [`create`], never as a side effect of opening; a store appears in it whole
//! (written under another name, then renamed) or not at all; one process has it open at a time.

use std::{
    fs::{self, File, TryLockError},
    io::Read,
};

use super::{Path, PathBuf, StoreError, schema};

const NAME: &str = "store.sqlite";
const LOCK: &str = "lock";

/// The database's file in a folder.
pub fn file(dir: &Path) -> PathBuf {
    dir.join(NAME)
}

/// Makes the folder if it is absent, refuses it if it holds anything, and lets `write` fill a new database.
pub fn create(dir: &Path, write: impl FnOnce(&Path) -> Result<(), StoreError>) -> Result<(), StoreError> {
    fs::create_dir_all(dir).map_err(|error| folder(dir, format!("it cannot be made: {error}")))?;
    let mut entries = fs::read_dir(dir).map_err(|error| folder(dir, format!("it cannot be read: {error}")))?;
    if entries.next().is_some() {
        return Err(folder(dir, "it is not empty; a new store needs an empty folder or a new name".into()));
    }
    let unfinished = dir.join(format!("{NAME}.new"));
    let io = |error: std::io::Error| folder(dir, format!("it cannot be written: {error}"));
    File::create_new(&unfinished).map_err(io)?;
    write(&unfinished)?;
    File::open(&unfinished).and_then(|file| file.sync_all()).map_err(io)?;
    fs::rename(&unfinished, file(dir)).map_err(io)?;
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(io)
}

/// Checks that the folder holds a store of a format that this program reads, and takes it for this process. The store
/// is taken as long as the returned file lives.
pub fn take(dir: &Path) -> Result<File, StoreError> {
    if !dir.is_dir() {
        return Err(folder(dir, "there is no such folder; create a store first, or correct the name".into()));
    }
    let file = file(dir);
    if !file.is_file() {
        return Err(folder(dir, format!("it holds no store ({NAME} is missing); create a store in an empty folder")));
    }
    check_header(dir, &file)?;
    let lock = File::create(dir.join(LOCK))
        .map_err(|error| folder(dir, format!("it cannot be written ({error}); give the program the right to")))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(folder(dir, "another process has it open; stop that one first".into())),
        Err(TryLockError::Error(error)) => Err(folder(dir, format!("it cannot be locked: {error}"))),
    }
}

/// Reads the file's first 100 bytes (<https://www.sqlite.org/fileformat.html> section 1.3). Ours never change.
fn check_header(dir: &Path, file: &Path) -> Result<(), StoreError> {
    let mut header = [0; 100];
    File::open(file)
        .and_then(|mut file| file.read_exact(&mut header))
        .map_err(|error| folder(dir, format!("{NAME} cannot be read: {error}")))?;
    let number = |at: usize| i32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
    if !header.starts_with(b"SQLite format 3\0") || number(68) != schema::APPLICATION_ID {
        return Err(folder(dir, format!("{NAME} was not made by this program; choose another folder")));
    }
    let found = number(60);
    if found != schema::FORMAT {
        return Err(StoreError::Format { found: found.to_string(), known: schema::FORMAT.to_string() });
    }
    Ok(())
}

/// A folder that cannot be used.
pub fn folder(dir: &Path, detail: String) -> StoreError {
    StoreError::Folder { path: dir.display().to_string(), detail }
}
