//! `tsumugi import`: FHIR files, or a whole synthetic town, into a data folder.
//!
//! Every file goes the way a message from outside goes: through the door, with its leaf. What is refused is named with
//! its findings and kept in quarantine; the others go in all the same.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, bail};
use bytes::Bytes;
use clap::Args;
use tsumugi_access::Caller;
use tsumugi_fhir::json::{Document, Limits, Node};
use tsumugi_kernel::{Clock, OrganizationId, OrganizationKind, PersonId, Purpose, Role, edge::SystemEntropy};
use tsumugi_people::{Identifier, Organization, Person};
use tsumugi_record::rest::Desk;
use tsumugi_server::{App, Folder};
use tsumugi_synth::{
    Directory,
    out::{FORMAT, Item, Manifest},
};

use crate::{gate::Gate, terminal, town_clock::TownClock};

/// Put FHIR documents, collections or a whole synthetic town into a data folder that no server has open.
#[derive(Args)]
#[command(after_help = "\
Examples:
  tsumugi import --dir data referral.json laboratory.json
  tsumugi import --dir data town/                 a folder made by `tsumugi synth`
  tsumugi import --dir data --organization 1318814790 letters/

Exit status: 0 all went in; 1 at least one file was refused, and is named with its findings.")]
pub struct Import {
    /// The data folder.
    #[arg(long)]
    dir: PathBuf,
    /// The ten-digit number of the institution that sends; read from Bundle.identifier where it is not given.
    #[arg(long)]
    organization: Option<String>,
    /// Files or folders.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
}

impl Import {
    /// Runs the command.
    ///
    /// # Errors
    /// If the folder cannot be opened, or a file was refused.
    pub fn run(self) -> anyhow::Result<()> {
        let dev = Folder::is_dev(&self.dir)?;
        let folder = Folder::open(&self.dir, dev, &SystemEntropy)?;
        let clock = Arc::new(TownClock::default());
        let app = App::new(folder, Arc::clone(&clock) as Arc<dyn Clock>, Arc::new(SystemEntropy))?;
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(async {
            let importer = Importer::new(&app.desk, Arc::clone(&clock));
            let mut counted = Counted::default();
            for path in &self.paths {
                if path.join("manifest.json").is_file() {
                    counted.add(importer.town(path).await?);
                    let people = path.join("people.json");
                    if people.is_file() {
                        std::fs::copy(&people, self.dir.join("people.json")).context("people.json cannot be copied")?;
                    }
                } else {
                    for file in files(path)? {
                        counted.add(importer.file(&file, self.organization.as_deref()).await?);
                    }
                }
            }
            app.publish().await?;
            terminal::say(&format!("tsumugi: {} taken in, {} refused", counted.taken, counted.refused));
            if counted.refused > 0 {
                bail!(
                    "{} of {} were refused; each is named above and kept in quarantine",
                    counted.refused,
                    counted.taken + counted.refused
                );
            }
            Ok(())
        })
    }
}

/// How many went in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// Taken in.
    pub taken: u64,
    /// Refused.
    pub refused: u64,
}

impl Counted {
    fn add(&mut self, other: Self) {
        self.taken += other.taken;
        self.refused += other.refused;
    }
}

/// The JSON files of a path, in the order of their names.
fn files(path: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if path.is_file() {
        return Ok(vec![path.to_owned()]);
    }
    let entries =
        std::fs::read_dir(path).with_context(|| format!("{} is not there, or cannot be read", path.display()))?;
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    if files.is_empty() {
        bail!("{} holds no .json file", path.display());
    }
    Ok(files)
}

/// Brings messages in.
pub struct Importer {
    desk: Desk,
    gate: Gate,
    clock: Arc<TownClock>,
}

impl Importer {
    /// Over a desk whose clock is `clock`.
    #[must_use]
    pub fn new(desk: &Desk, clock: Arc<TownClock>) -> Self {
        Self { desk: desk.clone(), gate: Gate::new(desk), clock }
    }

    /// Registers the organisations and people of a town.
    ///
    /// # Errors
    /// If the store cannot write.
    pub async fn directory(&self, directory: &Directory) -> anyhow::Result<()> {
        let organizations: Vec<Organization> = directory
            .organizations
            .iter()
            .map(|entry| Organization { id: entry.id.clone(), name: entry.name.clone(), kind: entry.kind })
            .collect();
        let persons: Vec<Person> = directory
            .people
            .iter()
            .map(|entry| Person {
                kana: Some(entry.kana.clone()),
                qualification: entry.qualification.clone(),
                roles: vec![entry.role],
                organization: Some(entry.organization.clone()),
                ..Person::named(entry.id.clone(), entry.name.clone())
            })
            .collect();
        self.desk.directory.register(&persons, &organizations).await?;
        Ok(())
    }

    /// A folder made by `tsumugi synth`, each message at its own moment.
    ///
    /// # Errors
    /// If the folder does not hold what its manifest says, or the store cannot write.
    pub async fn town(&self, dir: &Path) -> anyhow::Result<Counted> {
        self.folder(dir, &|_| true).await
    }

    async fn folder(&self, dir: &Path, wanted: &(dyn Fn(&Item) -> bool + Sync)) -> anyhow::Result<Counted> {
        let read = |name: &str| {
            std::fs::read(dir.join(name)).with_context(|| format!("{} cannot be read", dir.join(name).display()))
        };
        let manifest: Manifest =
            serde_json::from_slice(&read("manifest.json")?).context("manifest.json does not have its form")?;
        if manifest.format != FORMAT {
            bail!(
                "{} has the form {}, this program reads {FORMAT}; make the town again",
                dir.display(),
                manifest.format
            );
        }
        self.directory(
            &serde_json::from_slice(&read("directory.json")?).context("directory.json does not have its form")?,
        )
        .await?;
        let bar = terminal::progress(manifest.items.len() as u64, "town");
        let mut counted = Counted::default();
        for item in manifest.items.iter().filter(|item| wanted(item)) {
            let bytes = read(&item.file)?;
            let refusal = self.item(item, bytes.into()).await?;
            counted.add(report(&item.file, refusal));
            bar.inc(1);
        }
        self.clock.release();
        bar.finish_and_clear();
        Ok(counted)
    }

    /// The messages of a town's folder that are not the story's: for a store on which the story was played.
    ///
    /// # Errors
    /// As [`Importer::town`].
    pub async fn rest_of_town(&self, dir: &Path) -> anyhow::Result<Counted> {
        let played: Vec<String> =
            tsumugi_synth::story::stroke(jiff::civil::date(2026, 11, 22))?.into_iter().map(|sent| sent.name).collect();
        self.folder(dir, &|item| !played.contains(&item.name)).await
    }

    /// One message of a town. Gives the answer's body if it was refused.
    ///
    /// # Errors
    /// If the sender is not in the directory, or the store cannot write.
    pub async fn item(&self, item: &Item, bytes: Bytes) -> anyhow::Result<Option<Bytes>> {
        self.clock.hold(item.time);
        let mut caller = self.caller(&item.person, &item.sender, item.role, item.purpose).await?;
        if item.role == Role::Citizen {
            caller.citizen = self.subject(&bytes).await?;
        }
        let path = if item.form == "submit" { "/Bundle/$submit".to_owned() } else { format!("/{}", kind_of(&bytes)?) };
        self.post(&caller, &path, bytes).await
    }

    /// One file of FHIR JSON.
    ///
    /// # Errors
    /// If it cannot be read, or nobody can be named as its sender.
    pub async fn file(&self, file: &Path, organization: Option<&str>) -> anyhow::Result<Counted> {
        let name = file.display().to_string();
        let bytes = Bytes::from(std::fs::read(file).with_context(|| format!("{name} cannot be read"))?);
        let sender = match organization {
            Some(organization) => organization.to_owned(),
            None => sender(&bytes).with_context(|| {
                format!("{name} does not name its institution in Bundle.identifier (ten digits, then ^); give --organization")
            })?,
        };
        let organization = OrganizationId::new(&sender).context("--organization")?;
        if self.desk.directory.organization(&organization).await?.is_none() {
            let name = custodian(&bytes).unwrap_or_else(|| sender.clone());
            let kind = if sender.as_bytes().get(2) == Some(&b'4') {
                OrganizationKind::Pharmacy
            } else {
                OrganizationKind::Hospital
            };
            self.desk.directory.register(&[], &[Organization { id: organization.clone(), name, kind }]).await?;
        }
        let person = PersonId::new("tsumugi-import").context("the importer's own id")?;
        if self.desk.directory.person(&person).await?.is_none() {
            self.desk.directory.register(&[Person::named(person.clone(), "取り込み (tsumugi import)")], &[]).await?;
        }
        let caller = self.caller(&person, &organization, Role::System, Purpose::RecordManagement).await?;
        let kind = kind_of(&bytes).unwrap_or_else(|_| "Bundle".into());
        let path = if kind == "Bundle" { "/Bundle/$submit".into() } else { format!("/{kind}") };
        Ok(report(&name, self.post(&caller, &path, bytes).await?))
    }

    async fn post(&self, caller: &Caller, path: &str, bytes: Bytes) -> anyhow::Result<Option<Bytes>> {
        let answer = self.gate.ask(caller, "POST", path, bytes).await?;
        Ok((!(200..300).contains(&answer.status)).then_some(answer.body))
    }

    /// A registered person as a caller.
    ///
    /// # Errors
    /// If the person or the organisation is not in the directory.
    pub async fn caller(
        &self,
        person: &PersonId,
        organization: &OrganizationId,
        role: Role,
        purpose: Purpose,
    ) -> anyhow::Result<Caller> {
        let person =
            self.desk.directory.person(person).await?.with_context(|| format!("{person} is not in the directory"))?;
        let organization = self
            .desk
            .directory
            .organization(organization)
            .await?
            .with_context(|| format!("{organization} is not in the directory"))?;
        Ok(Caller {
            person: person.id.clone(),
            person_name: person.name.clone(),
            qualification: person.qualification.clone(),
            organization: organization.id.clone(),
            organization_name: organization.name.clone(),
            organization_kind: organization.kind,
            role,
            purpose,
            citizen: None,
            on_behalf: None,
            automatic: role == Role::System,
            reason: None,
            expires: self.clock.now().plus_millis(60 * 60 * 1000),
        })
    }

    /// The citizen whom a resource names by an identifier.
    async fn subject(&self, bytes: &Bytes) -> anyhow::Result<Option<tsumugi_kernel::CitizenId>> {
        let document = Document::parse(bytes.clone(), &Limits::default())?;
        let root = document.root();
        let identifier = tsumugi_fhir::values::subject(&root).and_then(|subject| subject.get("identifier"));
        let Some(identifier) = identifier else { return Ok(None) };
        let text = |name: &str| identifier.get_str(name).unwrap_or_default().into_owned();
        Ok(self.desk.directory.find(&Identifier { system: text("system"), value: text("value") }).await?)
    }
}

/// Prints a refusal with its findings; never a value of the file.
fn report(file: &str, refusal: Option<Bytes>) -> Counted {
    let Some(outcome) = refusal else { return Counted { taken: 1, refused: 0 } };
    terminal::complain(&format!("{file}: refused"));
    let outcome: serde_json::Value = serde_json::from_slice(&outcome).unwrap_or_default();
    for issue in outcome["issue"].as_array().into_iter().flatten().take(20) {
        let text = issue["details"]["text"].as_str().unwrap_or_default();
        let place = issue["diagnostics"].as_str().unwrap_or_default();
        terminal::complain(&format!("  {} {place}: {text}", issue["severity"].as_str().unwrap_or_default()));
    }
    Counted { taken: 0, refused: 1 }
}

fn kind_of(bytes: &Bytes) -> anyhow::Result<String> {
    let document = Document::parse(bytes.clone(), &Limits::default())?;
    Ok(document.root().get_str("resourceType").context("there is no resourceType")?.into_owned())
}

/// The institution's number that `Bundle.identifier` starts with (`10 digits^year^id`, JP-CLINS).
fn sender(bytes: &Bytes) -> Option<String> {
    let document = Document::parse(bytes.clone(), &Limits::default()).ok()?;
    let value = document.root().find_str("identifier.value")?;
    let number = value.split('^').next()?;
    (number.len() == 10 && number.bytes().all(|digit| digit.is_ascii_digit())).then(|| number.to_owned())
}

/// The name of the institution that a document calls its custodian.
fn custodian(bytes: &Bytes) -> Option<String> {
    let document = Document::parse(bytes.clone(), &Limits::default()).ok()?;
    let entries: Vec<Node<'_>> = document.root().get("entry")?.items().collect();
    let wanted = entries.iter().find_map(|entry| entry.find_str("resource.custodian.reference"))?;
    let entry = entries.iter().find(|entry| entry.get_str("fullUrl").as_deref() == Some(&*wanted))?;
    Some(entry.find_str("resource.name")?.into_owned())
}
