//! Writing the folder: chunks in parallel, each by one thread, so that the bytes do not depend on how many there are.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use super::{
    CHUNK, Chunk, FORMAT, Manifest, Message, TownName, TruthFile,
    chunk::{Packer, hash},
};
use crate::{
    outgoing::{Directory, Form, SynthError},
    population, story,
    town::{Sources, Town},
};

/// Writes the stories and the town into `dir`, which must be new or empty, with so many threads, and gives the manifest.
/// `files` are written as they are, for example `comparison.json`. `progress` is told how many citizens are done; the
/// numbers only grow.
///
/// # Errors
/// [`SynthError`] names the file that could not be written.
pub fn write_out(
    town: &Town,
    dir: &Path,
    threads: usize,
    files: &[(&str, Vec<u8>)],
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Manifest, SynthError> {
    let folder = dir.join("town");
    std::fs::create_dir_all(dir).map_err(|source| failed(dir, source))?;
    if std::fs::read_dir(dir).map_err(|source| failed(dir, source))?.next().is_some() {
        return Err(SynthError::NotEmpty(dir.to_owned()));
    }
    std::fs::create_dir_all(&folder).map_err(|source| failed(&folder, source))?;
    let (mut directory, story) = write_story(town, dir)?;
    let mut of_town = town.directory()?;
    directory.organizations.append(&mut of_town.organizations);
    directory.people.append(&mut of_town.people);
    put(dir, "directory.json", &serde_json::to_vec_pretty(&directory)?)?;
    put(dir, "people.json", &serde_json::to_vec_pretty(&story::people_to_be()?)?)?;
    for (name, bytes) in files {
        put(dir, name, bytes)?;
    }
    let (chunks, truth) = Chunks::new(town, dir, progress).write(threads)?;
    let truth = write_truth(dir, town, truth)?;
    let manifest = Manifest { format: FORMAT.into(), town: TownName::of(town), story, chunks, truth };
    // The manifest comes last: a folder without it was not finished, and is not read.
    put(dir, "manifest.json", &serde_json::to_vec_pretty(&manifest)?)?;
    Ok(manifest)
}

fn failed(path: &Path, source: std::io::Error) -> SynthError {
    SynthError::Write { path: PathBuf::from(path), source }
}

fn put(dir: &Path, file: &str, bytes: &[u8]) -> Result<(), SynthError> {
    let path = dir.join(file);
    std::fs::write(&path, bytes).map_err(|source| failed(&path, source))
}

fn write_story(town: &Town, dir: &Path) -> Result<(Directory, Chunk), SynthError> {
    let mut directory = Directory::default();
    let mut packer = Packer::new()?;
    for outgoing in story::all(town.today())? {
        if let Form::Directory(mut of_story) = outgoing.form {
            directory.organizations.append(&mut of_story.organizations);
            directory.people.append(&mut of_story.people);
        } else if let Some(message) = Message::of(&outgoing, None, None) {
            packer.message(&message)?;
        }
    }
    let (packed, chunk) = packer.finish("story.jsonl.zst".into(), 0, 0)?;
    put(dir, &chunk.file, &packed)?;
    Ok((directory, chunk))
}

/// Packed truth by first citizen.
type Truths = BTreeMap<u64, Vec<u8>>;

/// The chunks that are being written.
struct Chunks<'a> {
    town: &'a Town,
    dir: &'a Path,
    progress: &'a (dyn Fn(u64) + Sync),
    /// The first citizen of the next chunk.
    next: AtomicU64,
    done: Mutex<Done>,
}

#[derive(Default)]
struct Done {
    citizens: u64,
    chunks: BTreeMap<u64, Chunk>,
    truths: Truths,
    failed: Option<SynthError>,
}

impl<'a> Chunks<'a> {
    fn new(town: &'a Town, dir: &'a Path, progress: &'a (dyn Fn(u64) + Sync)) -> Self {
        Self { town, dir, progress, next: AtomicU64::new(0), done: Mutex::default() }
    }

    fn write(self, threads: usize) -> Result<(Vec<Chunk>, Truths), SynthError> {
        std::thread::scope(|scope| {
            for _ in 0..threads.max(1) {
                scope.spawn(|| self.work());
            }
        });
        let done = self.done.into_inner().unwrap_or_else(PoisonError::into_inner);
        match done.failed {
            Some(error) => Err(error),
            None => Ok((done.chunks.into_values().collect(), done.truths)),
        }
    }

    /// Writes chunk after chunk until there is none, or one could not be written.
    fn work(&self) {
        loop {
            let first = self.next.fetch_add(CHUNK, Ordering::Relaxed);
            if first >= self.town.citizens() {
                return;
            }
            let written = self.chunk(first);
            let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
            match written {
                Ok((chunk, truth)) => {
                    done.citizens += chunk.citizens;
                    done.chunks.insert(first, chunk);
                    done.truths.insert(first, truth);
                    (self.progress)(done.citizens);
                }
                Err(error) => {
                    self.next.store(u64::MAX - CHUNK * 1024, Ordering::Relaxed);
                    done.failed.get_or_insert(error);
                    return;
                }
            }
        }
    }

    fn chunk(&self, first: u64) -> Result<(Chunk, Vec<u8>), SynthError> {
        let end = (first + CHUNK).min(self.town.citizens());
        // Blocks of people are remembered one at a time, so each thread asks a town of its own.
        let town = self.town.clone();
        let (mut packer, mut truth) = (Packer::new()?, Packer::new()?);
        for index in first..end {
            let household = population::person(&town, index).household;
            let told = town.tell(index)?;
            let looks = if town.sources() == Sources::Usual { town.looks(index)? } else { Vec::new() };
            for outgoing in told.sent.iter().chain(&looks) {
                if let Some(message) = Message::of(outgoing, Some(index), Some(household)) {
                    packer.message(&message)?;
                }
            }
            truth.line(&serde_json::to_string(&told.truth)?)?;
        }
        let (packed, chunk) = packer.finish(format!("town/{first:07}.jsonl.zst"), first, end - first)?;
        put(self.dir, &chunk.file, &packed)?;
        let (packed, _) = truth.finish(String::new(), first, 0)?;
        Ok((chunk, packed))
    }
}

/// Puts the parts of the truth together: several frames of zstd one after the other are one file of it.
fn write_truth(dir: &Path, town: &Town, truths: Truths) -> Result<TruthFile, SynthError> {
    let bytes: Vec<u8> = truths.into_values().flatten().collect();
    let file = "truth.jsonl.zst".to_owned();
    put(dir, &file, &bytes)?;
    Ok(TruthFile { sha256: hash(&bytes), file, lines: town.citizens() })
}
