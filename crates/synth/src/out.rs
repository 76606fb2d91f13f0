//! A town or a story as a folder that `tsumugi import DIR` loads by itself.
//!
//! ```text
//! DIR/
//!   manifest.json     what is in the folder and in which order, with sender, person, role, purpose, time
//!   directory.json    organisations and people who sign in ([`Directory`])
//!   people.json       whom a visitor of the demo may be ([`PersonToBe`](crate::story::PersonToBe))
//!   0001-4911000016-yamada-allergies.json        <number>-<sender>-<what>.json: a bundle or one resource, as sent
//!   …
//! ```
//!
//! An import reads `manifest.json`, registers `directory.json`, then takes the items in their order: `submit` as
//! `Bundle/$submit`, `create` as the creation of one resource. Standing (the office in charge, the mandate, the
//! daughter) is among the items as `EpisodeOfCare`, `Consent` and `RelatedPerson`. Resources that are created name
//! their subject by the insured number (`subject.identifier`), which earlier items have made known: so the order
//! matters. The story comes first, then the citizens of the town in the order of their number.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tsumugi_kernel::{Instant, OrganizationId, PersonId, Purpose, Role};

use crate::{
    outgoing::{Directory, Form, Outgoing, SynthError},
    story,
    town::Town,
};

/// The format that [`Manifest::format`] names.
pub const FORMAT: &str = "tsumugi-synth/1";

/// The file `manifest.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// [`FORMAT`].
    pub format: String,
    /// The seed of the town.
    pub seed: u64,
    /// How many citizens the town has, besides those of the story.
    pub citizens: u64,
    /// The day on which the town is seen: `2026-11-22`.
    pub today: String,
    /// What was sent, in the order in which it is to be taken in.
    pub items: Vec<Item>,
}

/// One file of the folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Name of the file.
    pub file: String,
    /// Unique name; stories refer to it.
    pub name: String,
    /// `submit`, `create` or `transaction`.
    pub form: String,
    /// The organisation that sends.
    pub sender: OrganizationId,
    /// The person responsible.
    pub person: PersonId,
    /// The person's role.
    pub role: Role,
    /// The purpose.
    pub purpose: Purpose,
    /// When it was sent: milliseconds since 1970-01-01T00:00:00Z.
    pub time: Instant,
}

/// Writes the story and the town into `dir`, which must be new or empty, and gives the manifest. `progress` is told
/// how many citizens are done.
///
/// # Errors
/// [`SynthError`] names the file that could not be written.
pub fn write_out(town: &Town, dir: &Path, mut progress: impl FnMut(u64)) -> Result<Manifest, SynthError> {
    std::fs::create_dir_all(dir).map_err(|source| failed(dir, source))?;
    if std::fs::read_dir(dir).map_err(|source| failed(dir, source))?.next().is_some() {
        return Err(SynthError::NotEmpty(dir.to_owned()));
    }
    let mut writer = Writer { dir, directory: Directory::default(), items: Vec::new() };
    for outgoing in story::stroke(town.today())? {
        writer.take(outgoing)?;
    }
    let mut of_town = town.directory()?;
    writer.directory.organizations.append(&mut of_town.organizations);
    writer.directory.people.append(&mut of_town.people);
    for index in 0..town.citizens() {
        for outgoing in town.person(index)? {
            writer.take(outgoing)?;
        }
        progress(index + 1);
    }
    let manifest = Manifest {
        format: FORMAT.into(),
        seed: town.seed(),
        citizens: town.citizens(),
        today: town.today().to_string(),
        items: std::mem::take(&mut writer.items),
    };
    writer.put("directory.json", &serde_json::to_vec_pretty(&writer.directory)?)?;
    writer.put("people.json", &serde_json::to_vec_pretty(&story::people_to_be()?)?)?;
    writer.put("manifest.json", &serde_json::to_vec_pretty(&manifest)?)?;
    Ok(manifest)
}

fn failed(path: &Path, source: std::io::Error) -> SynthError {
    SynthError::Write { path: PathBuf::from(path), source }
}

struct Writer<'a> {
    dir: &'a Path,
    directory: Directory,
    items: Vec<Item>,
}

impl Writer<'_> {
    fn put(&self, file: &str, bytes: &[u8]) -> Result<(), SynthError> {
        let path = self.dir.join(file);
        std::fs::write(&path, bytes).map_err(|source| failed(&path, source))
    }

    fn take(&mut self, outgoing: Outgoing) -> Result<(), SynthError> {
        let form = outgoing.form.code().to_owned();
        match outgoing.form {
            Form::Directory(mut directory) => {
                self.directory.organizations.append(&mut directory.organizations);
                self.directory.people.append(&mut directory.people);
                Ok(())
            }
            Form::Submit(bytes) | Form::Create(bytes) | Form::Transaction(bytes) => {
                let file = format!("{:04}-{}-{}.json", self.items.len() + 1, outgoing.sender, outgoing.name);
                self.put(&file, &bytes)?;
                self.items.push(Item {
                    file,
                    name: outgoing.name,
                    form,
                    sender: outgoing.sender,
                    person: outgoing.person,
                    role: outgoing.role,
                    purpose: outgoing.purpose,
                    time: outgoing.time,
                });
                Ok(())
            }
        }
    }
}
