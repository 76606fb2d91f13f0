//! What of a town is in: a file of short lines in the data folder, one when a message begins, one when it is answered.
//!
//! ```text
//! +12 3    citizen 12, message 3 (from 0) is on its way
//! =12 3    it was answered
//! .12      everything about citizen 12 is in
//! ```
//!
//! The story counts as citizen `s`. What must hold: a line stands before its message is sent, and again after its answer;
//! so of an import that was killed, all that is uncertain is the message that began last for each person under way, and
//! that one is looked for before it is sent again. Numbers only: nothing here says who anybody is.

use std::{
    collections::{HashMap, HashSet},
    fs::File,
    io::Write as _,
    path::Path,
    sync::{Mutex, PoisonError},
};

use anyhow::Context;
use sha2::{Digest as _, Sha256};
use tsumugi_synth::out::TownName;

/// The story, as if it were a citizen.
pub const STORY: u64 = u64::MAX;

/// The journal of one town in one data folder.
pub struct Journal {
    /// None: nothing is remembered beyond this process.
    file: Option<Mutex<File>>,
    whole: HashSet<u64>,
    /// Messages answered, and whether the next had begun.
    parts: HashMap<u64, (usize, bool)>,
}

impl Journal {
    /// The journal of `town` in the data folder `data`, made where there is none.
    ///
    /// # Errors
    /// If the file cannot be read or written.
    pub fn open(data: &Path, town: &TownName) -> anyhow::Result<Self> {
        let dir = data.join("towns");
        std::fs::create_dir_all(&dir).with_context(|| format!("{} cannot be made", dir.display()))?;
        let hash = Sha256::digest(serde_json::to_vec(town)?);
        let name: String = hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        let path = dir.join(format!("{name}.journal"));
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(error).with_context(|| format!("{} cannot be read", path.display())),
        };
        let mut journal = Self::none();
        // The last line may have been cut off in the middle; what it meant to say is then uncertain, and it is left out.
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        text[..whole].lines().for_each(|line| journal.read(line));
        let file = File::options().create(true).append(true).open(&path);
        let file = file.with_context(|| format!("{} cannot be written", path.display()))?;
        file.set_len(whole as u64)?;
        journal.file = Some(Mutex::new(file));
        Ok(journal)
    }

    /// A journal that remembers nothing beyond this process.
    #[must_use]
    pub fn none() -> Self {
        Self { file: None, whole: HashSet::new(), parts: HashMap::new() }
    }

    /// Whether everything about a citizen is in.
    #[must_use]
    pub fn is_in(&self, citizen: u64) -> bool {
        self.whole.contains(&citizen)
    }

    /// How many citizens are in.
    #[must_use]
    pub fn citizens(&self) -> u64 {
        self.whole.iter().filter(|citizen| **citizen != STORY).count() as u64
    }

    /// How many messages about a citizen were answered before, and whether the next had begun.
    #[must_use]
    pub fn before(&self, citizen: u64) -> (usize, bool) {
        self.parts.get(&citizen).copied().unwrap_or_default()
    }

    /// A message is about to be sent.
    ///
    /// # Errors
    /// If the line cannot be written; then the message must not be sent.
    pub fn begin(&self, citizen: u64, message: usize) -> anyhow::Result<()> {
        self.write(&format!("+{} {message}\n", Self::of(citizen)))
    }

    /// A message was answered.
    ///
    /// # Errors
    /// If the line cannot be written.
    pub fn end(&self, citizen: u64, message: usize) -> anyhow::Result<()> {
        self.write(&format!("={} {message}\n", Self::of(citizen)))
    }

    /// Everything about a citizen is in.
    ///
    /// # Errors
    /// If the line cannot be written.
    pub fn whole(&self, citizen: u64) -> anyhow::Result<()> {
        self.write(&format!(".{}\n", Self::of(citizen)))
    }

    fn of(citizen: u64) -> String {
        if citizen == STORY { "s".to_owned() } else { citizen.to_string() }
    }

    fn write(&self, line: &str) -> anyhow::Result<()> {
        let Some(file) = &self.file else { return Ok(()) };
        let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
        file.write_all(line.as_bytes()).context("the journal of the town cannot be written; is the disk full?")
    }

    fn read(&mut self, line: &str) {
        let Some(rest) = line.get(1..) else { return };
        let (citizen, message) = rest.split_once(' ').unwrap_or((rest, "0"));
        let citizen = if citizen == "s" { Some(STORY) } else { citizen.parse().ok() };
        let (Some(citizen), Ok(message)) = (citizen, message.parse::<usize>()) else { return };
        match line.as_bytes().first() {
            Some(b'+') => {
                self.parts.insert(citizen, (message, true));
            }
            Some(b'=') => {
                self.parts.insert(citizen, (message + 1, false));
            }
            Some(b'.') => {
                self.whole.insert(citizen);
                self.parts.remove(&citizen);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn town(seed: u64) -> TownName {
        TownName { seed, citizens: 9, today: "2026-11-22".into(), detail: "whole".into() }
    }

    #[test]
    fn a_journal_remembers_what_is_in_and_what_is_uncertain() {
        let place = tempfile::tempdir().unwrap();
        let journal = Journal::open(place.path(), &town(1)).unwrap();
        journal.begin(3, 0).unwrap();
        journal.end(3, 0).unwrap();
        journal.begin(3, 1).unwrap();
        journal.begin(4, 0).unwrap();
        journal.end(4, 0).unwrap();
        journal.whole(4).unwrap();
        journal.whole(STORY).unwrap();
        let again = Journal::open(place.path(), &town(1)).unwrap();
        assert_eq!((again.before(3), again.before(4), again.before(5)), ((1, true), (0, false), (0, false)));
        assert!(again.is_in(4) && again.is_in(STORY) && !again.is_in(3));
        assert_eq!(again.citizens(), 1);
        assert!(!Journal::open(place.path(), &town(2)).unwrap().is_in(4), "another town has another journal");
    }

    #[test]
    fn half_a_line_says_nothing() {
        let place = tempfile::tempdir().unwrap();
        Journal::open(place.path(), &town(1)).unwrap().whole(12).unwrap();
        let file = std::fs::read_dir(place.path().join("towns")).unwrap().next().unwrap().unwrap().path();
        std::fs::write(&file, ".12\n.1").unwrap();
        let again = Journal::open(place.path(), &town(1)).unwrap();
        assert!(again.is_in(12) && !again.is_in(1));
        again.whole(7).unwrap();
        let third = Journal::open(place.path(), &town(1)).unwrap();
        assert!(third.is_in(7) && third.is_in(12));
    }
}
