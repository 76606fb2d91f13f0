//! Where a town comes from, household by household.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, bail};
use tokio::sync::mpsc;
use tsumugi_synth::{
    Directory, Form, Town,
    out::{self, FORMAT, Manifest, Message, TownName},
    population, story,
};

use super::Journal;

/// Households that wait to be brought in: some megabytes.
const WAITING: usize = 32;

/// A town in a folder, or one that is made while it is brought in.
pub enum Source {
    /// A folder made by `tsumugi synth`.
    Folder {
        /// Where it is.
        dir: PathBuf,
        /// What it says of itself.
        manifest: Box<Manifest>,
    },
    /// A town that is made person by person.
    Made(Town),
}

/// People of one household, with what is sent about each, in order.
#[derive(Debug, Default)]
pub struct Household {
    /// Its number.
    pub number: u64,
    /// Citizens' numbers and messages.
    pub people: Vec<(u64, Vec<Message>)>,
}

/// What the thread that makes or reads a town hands over.
type Handed = mpsc::Sender<anyhow::Result<Household>>;

impl Source {
    /// The town in a folder.
    ///
    /// # Errors
    /// If there is no manifest, or it is of another form.
    pub fn folder(dir: &Path) -> anyhow::Result<Self> {
        #[derive(serde::Deserialize)]
        struct Form {
            format: String,
        }
        let bytes = read(dir, "manifest.json")?;
        let Form { format } = serde_json::from_slice(&bytes).context("manifest.json does not have its form")?;
        if format != FORMAT {
            bail!("{} has the form {format}, this program reads {FORMAT}; make the town again", dir.display());
        }
        let manifest = Box::new(serde_json::from_slice(&bytes).context("manifest.json does not have its form")?);
        Ok(Self::Folder { dir: dir.to_owned(), manifest })
    }

    /// What makes this town.
    #[must_use]
    pub fn name(&self) -> TownName {
        match self {
            Self::Folder { manifest, .. } => manifest.town.clone(),
            Self::Made(town) => TownName::of(town),
        }
    }

    /// Organisations and people who sign in, those of the stories first.
    ///
    /// # Errors
    /// If the folder cannot be read.
    pub fn directory(&self) -> anyhow::Result<Directory> {
        match self {
            Self::Folder { dir, .. } => {
                serde_json::from_slice(&read(dir, "directory.json")?).context("directory.json does not have its form")
            }
            Self::Made(town) => {
                let mut directory = Directory::default();
                let of_stories = story::all(town.today())?.into_iter().filter_map(|outgoing| match outgoing.form {
                    Form::Directory(directory) => Some(directory),
                    _ => None,
                });
                for mut one in of_stories.chain([town.directory()?]) {
                    directory.organizations.append(&mut one.organizations);
                    directory.people.append(&mut one.people);
                }
                Ok(directory)
            }
        }
    }

    /// The messages of the stories, in their order.
    ///
    /// # Errors
    /// If the folder cannot be read, or the chunk is damaged.
    pub fn story(&self) -> anyhow::Result<Vec<Message>> {
        match self {
            Self::Folder { dir, manifest } => Ok(out::read_chunk(dir, &manifest.story)?),
            Self::Made(town) => {
                Ok(story::all(town.today())?.iter().filter_map(|sent| Message::of(sent, None, None)).collect())
            }
        }
    }

    /// Small files that go into the data folder as they are: name and bytes.
    ///
    /// # Errors
    /// If one is there and cannot be read.
    pub fn companions(&self) -> anyhow::Result<Vec<(&'static str, Vec<u8>)>> {
        match self {
            Self::Folder { dir, .. } => {
                let there = ["people.json", "comparison.json"].into_iter().filter(|name| dir.join(name).is_file());
                there.map(|name| Ok((name, read(dir, name)?))).collect()
            }
            Self::Made(_) => Ok(vec![("people.json", serde_json::to_vec_pretty(&story::people_to_be()?)?)]),
        }
    }

    /// Begins to make or read the households in the order of their people; those who are in already are left out. Another
    /// thread does it, a little ahead of whoever receives, and ends when nobody does.
    #[must_use]
    pub fn households(self: &Arc<Self>, journal: &Arc<Journal>) -> mpsc::Receiver<anyhow::Result<Household>> {
        let (sender, receiver) = mpsc::channel(WAITING);
        let (source, journal) = (Arc::clone(self), Arc::clone(journal));
        std::thread::spawn(move || {
            if let Err(error) = source.hand_over(&journal, &sender) {
                // Where nobody receives any more, nobody needs to know.
                sender.blocking_send(Err(error)).ok();
            }
        });
        receiver
    }

    fn hand_over(&self, journal: &Journal, to: &Handed) -> anyhow::Result<()> {
        let mut hands = Hands { household: Household::default(), to };
        match self {
            Self::Folder { dir, manifest } => {
                for chunk in &manifest.chunks {
                    if (chunk.first..chunk.first + chunk.citizens).all(|citizen| journal.is_in(citizen)) {
                        continue;
                    }
                    for message in out::read_chunk(dir, chunk)? {
                        let citizen = message.envelope.citizen.unwrap_or(chunk.first);
                        let household = message.envelope.household.unwrap_or(citizen);
                        if !journal.is_in(citizen) && !hands.add(household, citizen, vec![message]) {
                            return Ok(());
                        }
                    }
                }
            }
            Self::Made(town) => {
                for citizen in (0..town.citizens()).filter(|citizen| !journal.is_in(*citizen)) {
                    let household = population::person(town, citizen).household;
                    let sent = town.person(citizen)?;
                    let messages =
                        sent.iter().filter_map(|one| Message::of(one, Some(citizen), Some(household))).collect();
                    if !hands.add(household, citizen, messages) {
                        return Ok(());
                    }
                }
            }
        }
        hands.give();
        Ok(())
    }
}

/// Gathers people of one household.
struct Hands<'a> {
    household: Household,
    to: &'a Handed,
}

impl Hands<'_> {
    /// Adds messages; gives the household before when another begins. False when nobody receives any more.
    fn add(&mut self, household: u64, citizen: u64, messages: Vec<Message>) -> bool {
        if self.household.number != household && !self.give() {
            return false;
        }
        self.household.number = household;
        match self.household.people.last_mut() {
            Some((last, own)) if *last == citizen => own.extend(messages),
            _ => self.household.people.push((citizen, messages)),
        }
        true
    }

    fn give(&mut self) -> bool {
        let household = std::mem::take(&mut self.household);
        household.people.is_empty() || self.to.blocking_send(Ok(household)).is_ok()
    }
}

fn read(dir: &Path, name: &str) -> anyhow::Result<Vec<u8>> {
    std::fs::read(dir.join(name)).with_context(|| format!("{} cannot be read", dir.join(name).display()))
}
