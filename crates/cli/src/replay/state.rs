//! How far a replay is: a file with the town's name and the moment up to which everything was answered on its first line,
//! then the names of letters that were answered since.

use std::{
    collections::HashSet,
    fs::File,
    io::Write as _,
    path::{Path, PathBuf},
};

use anyhow::{Context, ensure};
use serde::{Deserialize, Serialize};
use tsumugi_kernel::Instant;
use tsumugi_synth::{Town, out::TownName};

/// The first line.
#[derive(Serialize, Deserialize)]
struct Head {
    town: TownName,
    through: Instant,
}

/// The state of one replay.
pub struct State {
    path: PathBuf,
    town: TownName,
    file: File,
    through: Instant,
    answered: HashSet<String>,
}

impl State {
    /// The state in the file `path`, or that of a replay that has not begun.
    ///
    /// # Errors
    /// If the file is of another town, or cannot be read or written.
    pub fn open(path: &Path, town: &Town) -> anyhow::Result<Self> {
        let town = TownName::of(town);
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(error).with_context(|| format!("{} cannot be read", path.display())),
        };
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        let mut lines = text[..whole].lines();
        let (through, answered) = match lines.next() {
            None => (Instant(0), HashSet::new()),
            Some(line) => {
                let head: Head = serde_json::from_str(line)
                    .with_context(|| format!("{} is no state of a replay; name another --state", path.display()))?;
                ensure!(
                    head.town == town,
                    "{} is the state of another town (seed {}, {} citizens); name another --state",
                    path.display(),
                    head.town.seed,
                    head.town.citizens
                );
                (head.through, lines.map(str::to_owned).collect())
            }
        };
        let file = Self::write(path, &town, through, &answered)?;
        Ok(Self { path: path.to_owned(), town, file, through, answered })
    }

    /// Everything that leaves before this moment was answered.
    #[must_use]
    pub const fn through(&self) -> Instant {
        self.through
    }

    /// Whether a letter of a later moment was answered.
    #[must_use]
    pub fn was_answered(&self, name: &str) -> bool {
        self.answered.contains(name)
    }

    /// A letter was answered.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn answered(&mut self, name: String) -> anyhow::Result<()> {
        self.file.write_all(format!("{name}\n").as_bytes()).context("the state cannot be written")?;
        self.answered.insert(name);
        Ok(())
    }

    /// Everything that leaves before `moment` was answered.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn come_to(&mut self, moment: Instant) -> anyhow::Result<()> {
        self.answered.clear();
        self.through = moment;
        self.file = Self::write(&self.path, &self.town, moment, &self.answered)?;
        Ok(())
    }

    /// Writes the file anew, beside the old one first: half a file is never in its place.
    fn write(path: &Path, town: &TownName, through: Instant, answered: &HashSet<String>) -> anyhow::Result<File> {
        let mut text = serde_json::to_string(&Head { town: town.clone(), through })?;
        text.push('\n');
        for name in answered {
            text.push_str(name);
            text.push('\n');
        }
        let new = path.with_extension("new");
        let write = || {
            std::fs::write(&new, &text)?;
            std::fs::rename(&new, path)?;
            File::options().append(true).open(path)
        };
        write().with_context(|| format!("{} cannot be written", path.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: jiff::civil::Date = jiff::civil::date(2026, 11, 22);

    #[test]
    fn a_state_is_taken_up_again_and_belongs_to_one_town() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("replay.state");
        let mut state = State::open(&path, &Town::new(1, 5, TODAY)).unwrap();
        state.answered("gone".into()).unwrap();
        state.come_to(Instant(7)).unwrap();
        state.answered("p1-labs".into()).unwrap();
        drop(state);
        // Killed in the middle of a line.
        File::options().append(true).open(&path).unwrap().write_all(b"p2-la").unwrap();
        let again = State::open(&path, &Town::new(1, 5, TODAY)).unwrap();
        assert_eq!(again.through(), Instant(7));
        assert!(again.was_answered("p1-labs") && !again.was_answered("gone") && !again.was_answered("p2-la"));
        let other = State::open(&path, &Town::new(2, 5, TODAY)).err().unwrap().to_string();
        assert!(other.contains("another town"), "{other}");
        std::fs::write(&path, "shopping list\n").unwrap();
        assert!(State::open(&path, &Town::new(1, 5, TODAY)).is_err());
    }
}
