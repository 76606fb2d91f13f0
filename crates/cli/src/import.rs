//! `tsumugi import`: FHIR files, or a whole synthetic town, into a data folder.
//!
//! Every file goes the way a message from outside goes: through the door, with its leaf. What is refused is named with
//! its findings and kept in quarantine; the others go in all the same. Several files go in at once, because each waits
//! for the disk; those about one person, or under one identifier, keep their order.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, anyhow, bail};
use bytes::Bytes;
use clap::Args;
use tsumugi_access::Caller;
use tsumugi_fhir::{
    Lang,
    json::{Document, Limits, Node},
};
use tsumugi_kernel::{
    Clock, FactKey, Kind, OrganizationId, OrganizationKind, PersonId, Purpose, Role, edge::SystemEntropy,
};
use tsumugi_people::{Area, Identifier, Organization, Person};
use tsumugi_record::rest::Desk;
use tsumugi_server::{App, Folder};
use tsumugi_synth::{Directory, Town, out::Envelope, outgoing::Look};

use tokio::task::JoinSet;

use crate::{
    gate::Gate,
    packages, terminal,
    town::{self, Journal, Source as TownSource, Steady, Tally},
    town_clock::TownClock,
    validate::input::{Piece, Source},
    walk,
};

/// Messages under way at once: enough that one write to the disk carries several.
const AT_ONCE: usize = 32;

/// Put FHIR documents, collections or a whole synthetic town into a data folder that no server has open.
#[derive(Args)]
#[command(after_help = "\
Examples:
  tsumugi import --dir data referral.json laboratory.json
  tsumugi import --dir data town/                 a folder made by `tsumugi synth`
  tsumugi import --dir data --synth-citizens 10000 --seed 1   the same without a folder: made while it goes in
  tsumugi import --dir data observations.ndjson   one resource on each line
  tsumugi import --dir data --organization 1318814790 letters/

Exit status: 0 all went in; 1 at least one file was refused or could not be read, and is named with the reason; the
others went in all the same.")]
pub struct Import {
    /// The data folder.
    #[arg(long)]
    dir: PathBuf,
    /// The ten-digit number of the institution that sends; read from Bundle.identifier where it is not given.
    #[arg(long)]
    organization: Option<String>,
    /// A folder of FHIR packages (.tgz) by which everything is checked, as `serve --packages` does.
    #[arg(long)]
    packages: Option<PathBuf>,
    /// Make a synthetic town of so many citizens and put it in, without a folder between.
    #[arg(long, conflicts_with_all = ["paths", "organization"])]
    synth_citizens: Option<u64>,
    /// The seed of that town.
    #[arg(long, default_value_t = 1, requires = "synth_citizens")]
    seed: u64,
    /// The day on which that town is seen.
    #[arg(long, default_value = "2026-11-22", requires = "synth_citizens")]
    today: jiff::civil::Date,
    /// Files or folders.
    #[arg(required_unless_present = "synth_citizens")]
    paths: Vec<PathBuf>,
}

impl Import {
    /// Runs the command.
    ///
    /// # Errors
    /// If the folder cannot be opened, or a file was refused.
    pub fn run(self) -> anyhow::Result<()> {
        let organization = self.organization.as_deref().map(institution).transpose()?;
        let dev = Folder::is_dev(&self.dir)?;
        let definitions = packages::loaded(self.packages.as_deref())?;
        let folder = Folder { definitions, ..Folder::open(&self.dir, dev, &SystemEntropy)? };
        let clock = Arc::new(TownClock::default());
        let app = App::new(folder, Arc::clone(&clock) as Arc<dyn Clock>, Arc::new(SystemEntropy))?;
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(async {
            let importer = Importer::new(&app.desk, Arc::clone(&clock));
            let mut counted = Counted::default();
            if let Some(citizens) = self.synth_citizens {
                let made = TownSource::Made(Town::new(self.seed, citizens, self.today));
                counted.add(importer.town(made, &self.dir).await?);
            }
            for path in &self.paths {
                if path.join("manifest.json").is_file() {
                    let town = async { importer.town(TownSource::folder(path)?, &self.dir).await }.await;
                    counted.add(town.unwrap_or_else(|error| unread(&path.display().to_string(), &error)));
                } else {
                    counted.add(importer.path(path, organization).await?);
                }
            }
            app.publish().await?;
            terminal::say(&format!("tsumugi: {} taken in, {} refused", counted.taken, counted.refused));
            if counted.refused > 0 {
                bail!(
                    "{} of {} were refused; each is named above, and what has a sender is kept in quarantine",
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

/// A number of `--organization`, if it is an institution's.
fn institution(text: &str) -> anyhow::Result<&str> {
    if text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(text);
    }
    bail!(
        "--organization {text} is no institution number: it has ten digits (prefecture 2, kind 1, number 6, check 1), \
         for example 1318814790"
    )
}

/// The FHIR files of a path, in the order of their names.
fn files(path: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if path.is_file() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = walk::files(&[path.to_owned()])?;
    let named = |file: &PathBuf| file.extension().and_then(|it| it.to_str()).map(str::to_ascii_lowercase);
    files.retain(|file| matches!(named(file).as_deref(), Some("json" | "ndjson" | "jsonl")));
    if files.is_empty() {
        bail!("{} holds no .json and no .ndjson file", path.display());
    }
    Ok(files)
}

/// One message, read.
struct Message {
    /// The file, and in NDJSON the line.
    name: String,
    bytes: Bytes,
    kind: String,
    /// The ten-digit number of the institution that sends.
    sender: String,
    /// What the sender calls itself, where the message says so.
    custodian: Option<String>,
    /// Identifiers of the message and of the people in it. None for a resource alone: whom it is about may follow from
    /// anything before it.
    about: Option<Vec<String>>,
}

impl Message {
    fn read(name: String, bytes: Bytes, organization: Option<&str>) -> anyhow::Result<Self> {
        let document = match Document::parse(bytes.clone(), &Limits::default()) {
            Ok(document) => Some(document),
            // With a sender the door refuses it, and keeps it for that sender.
            Err(_) if organization.is_some() => None,
            Err(error) => bail!("it cannot be read as JSON: {error}. Correct it and import it again"),
        };
        let root = document.as_ref().map(Document::root);
        let sender = match organization {
            Some(organization) => organization.to_owned(),
            None => root.and_then(sender).with_context(
                || "it does not name its institution in Bundle.identifier (ten digits, then ^); give --organization",
            )?,
        };
        let kind = root.and_then(|root| root.get_str("resourceType"));
        let kind = kind.map_or_else(|| "Bundle".to_owned(), std::borrow::Cow::into_owned);
        let custodian = root.and_then(custodian);
        let about = root.filter(|_| kind == "Bundle").map(about);
        Ok(Self { name, bytes, kind, sender, custodian, about })
    }
}

/// Brings messages in. Cheap to clone.
#[derive(Clone)]
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
            .map(|entry| Organization {
                address: entry.address.clone(),
                municipality: entry.municipality.as_deref().and_then(|code| Area::read(code).ok()),
                ..Organization::new(entry.id.clone(), entry.name.clone(), entry.kind)
            })
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

    /// A town, each message at its own moment: the stories first, then the people, many households at once. `data` is the
    /// data folder, which remembers what is in: of a town that is there already nothing is sent again.
    ///
    /// # Errors
    /// If the town is damaged, or the store cannot write.
    pub async fn town(&self, source: TownSource, data: &Path) -> anyhow::Result<Counted> {
        let name = source.name();
        let (source, journal) = (Arc::new(source), Arc::new(Journal::open(data, &name)?));
        let tally = Arc::new(Tally::default());
        self.directory(&source.directory()?).await?;
        town::taking::take_story(self, &source, &journal, &tally).await?;
        let bar = terminal::progress(name.citizens, "citizens");
        let showing = tokio::spawn({
            let (bar, tally) = (bar.clone(), Arc::clone(&tally));
            async move {
                loop {
                    bar.set_position(tally.read()[0]);
                    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
                }
            }
        });
        let done = town::take(self, &source, &journal, &Steady::default(), &tally).await;
        showing.abort();
        bar.finish_and_clear();
        done?;
        for (name, bytes) in source.companions()? {
            std::fs::write(data.join(name), bytes).with_context(|| format!("{name} cannot be written"))?;
        }
        let [_, taken, refused, _] = tally.read();
        Ok(Counted { taken, refused })
    }

    /// One message of a town, at its own moment. Gives the answer's body if it was refused.
    ///
    /// # Errors
    /// If the sender is not in the directory, or the store cannot write.
    pub async fn send(&self, envelope: &Envelope, bytes: Bytes) -> anyhow::Result<Option<Bytes>> {
        TownClock::at(envelope.time, async {
            let mut caller = self.caller(&envelope.person, &envelope.sender, envelope.role, envelope.purpose).await?;
            if envelope.form == "look" {
                return self.look(&caller, &bytes).await.map(|()| None);
            }
            if envelope.role == Role::Citizen {
                caller.citizen = self.subject(&bytes).await?;
            }
            let path = match envelope.form.as_str() {
                "submit" => "/Bundle/$submit".to_owned(),
                "transaction" => "/".to_owned(),
                _ => format!("/{}", kind_of(&bytes)?),
            };
            self.post(&caller, &path, bytes).await
        })
        .await
    }

    /// The desk.
    #[must_use]
    pub fn desk(&self) -> &Desk {
        &self.desk
    }

    /// The routes.
    #[must_use]
    pub fn gate(&self) -> &Gate {
        &self.gate
    }

    /// A file of FHIR JSON or NDJSON, or a folder of them.
    ///
    /// # Errors
    /// If the store cannot write; what was begun before is brought to its end. What cannot be read, or names no sender,
    /// is told and counted as refused.
    pub async fn path(&self, path: &Path, organization: Option<&str>) -> anyhow::Result<Counted> {
        let mut under_way = UnderWay::default();
        let files = match files(path) {
            Ok(files) => files,
            Err(error) => return Ok(unread(&path.display().to_string(), &error)),
        };
        let begun = self.begin_all(&files, organization, &mut under_way).await;
        let ended = under_way.finish(0).await;
        begun.and(ended).map(|()| under_way.counted)
    }

    async fn begin_all(
        &self,
        files: &[PathBuf],
        organization: Option<&str>,
        under_way: &mut UnderWay,
    ) -> anyhow::Result<()> {
        let bar = terminal::progress(files.len() as u64, "files");
        for file in files {
            let source = Source::open(file);
            let is_lines = matches!(source, Source::Lines { .. });
            for piece in source {
                let line = |before: u32| if is_lines { format!(":{}", before + 1) } else { String::new() };
                let (name, message) = match piece {
                    Piece::Text(text) => {
                        let name = format!("{}{}", file.display(), line(text.lines_before));
                        (name.clone(), Message::read(name, text.bytes, organization))
                    }
                    Piece::Skipped(word) => (file.display().to_string(), Err(anyhow!("{}", word.words(Lang::En)))),
                    Piece::Unreadable { finding, lines_before } => {
                        let name = format!("{}{}", file.display(), line(lines_before));
                        (name, Err(anyhow!("{}", finding.text(Lang::En))))
                    }
                };
                match message {
                    Ok(message) => under_way.begin(self, message).await?,
                    Err(error) => under_way.counted.add(unread(&name, &error)),
                }
            }
            bar.inc(1);
        }
        bar.finish_and_clear();
        Ok(())
    }

    async fn message(&self, message: Message) -> anyhow::Result<Counted> {
        let organization = OrganizationId::new(&message.sender).context("--organization")?;
        if self.desk.directory.organization(&organization).await?.is_none() {
            let name = message.custodian.unwrap_or_else(|| message.sender.clone());
            let kind = if message.sender.as_bytes().get(2) == Some(&b'4') {
                OrganizationKind::Pharmacy
            } else {
                OrganizationKind::Hospital
            };
            self.desk.directory.register(&[], &[Organization::new(organization.clone(), name, kind)]).await?;
        }
        let person = PersonId::new("tsumugi-import").context("the importer's own id")?;
        if self.desk.directory.person(&person).await?.is_none() {
            self.desk.directory.register(&[Person::named(person.clone(), "取り込み (tsumugi import)")], &[]).await?;
        }
        let caller = self.caller(&person, &organization, Role::System, Purpose::RecordManagement).await?;
        let path = if message.kind == "Bundle" { "/Bundle/$submit".into() } else { format!("/{}", message.kind) };
        Ok(report(&message.name, self.post(&caller, &path, message.bytes).await?))
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
        let expires = self.clock.now().plus_millis(60 * 60 * 1000);
        let caller = Caller::new((person.id.clone(), person.name.clone()), &organization, role, purpose, expires);
        Ok(Caller { qualification: person.qualification.clone(), ..caller })
    }

    /// The citizen whom a resource names by an identifier.
    /// Somebody looks at a record. Whether the door opens is the door's matter: a look that is refused has left its leaf
    /// as well, and one at nobody known leaves none.
    async fn look(&self, caller: &Caller, bytes: &Bytes) -> anyhow::Result<()> {
        let look: Look = serde_json::from_slice(bytes).context("a look does not have its form")?;
        let identifier = Identifier { system: look.system, value: look.value };
        let Some(citizen) = self.desk.directory.find(&identifier).await? else { return Ok(()) };
        let row = self.desk.directory.citizen(citizen).await?;
        let Some(number) = row.and_then(|row| row.patients.first().copied()) else { return Ok(()) };
        let id = self.desk.record.sealer().seal(FactKey { citizen, kind: Kind::PATIENT, number });
        let path = format!("/{}", look.view.path().replace("{id}", &id));
        let answer = self.gate.ask(caller, "GET", &path, Bytes::new()).await?;
        anyhow::ensure!(answer.status < 500, "a look was answered with {}", answer.status);
        Ok(())
    }

    async fn subject(&self, bytes: &Bytes) -> anyhow::Result<Option<tsumugi_kernel::CitizenId>> {
        let document = Document::parse(bytes.clone(), &Limits::default())?;
        let root = document.root();
        let identifier = tsumugi_fhir::values::subject(&root).and_then(|subject| subject.get("identifier"));
        let Some(identifier) = identifier else { return Ok(None) };
        let text = |name: &str| identifier.get_str(name).unwrap_or_default().into_owned();
        Ok(self.desk.directory.find(&Identifier { system: text("system"), value: text("value") }).await?)
    }
}

/// Prints why something was not even sent.
fn unread(name: &str, error: &anyhow::Error) -> Counted {
    terminal::complain(&format!("{name}: refused\n  error: {error:#}"));
    Counted { taken: 0, refused: 1 }
}

/// Prints a refusal with its findings; never a value of the file.
pub(crate) fn report(file: &str, refusal: Option<Bytes>) -> Counted {
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

/// Messages that were begun and have not ended.
#[derive(Default)]
struct UnderWay {
    tasks: JoinSet<anyhow::Result<Counted>>,
    /// What they are about.
    about: HashSet<String>,
    counted: Counted,
}

impl UnderWay {
    /// Begins a message when there is room, and nothing under way that it must come after.
    async fn begin(&mut self, importer: &Importer, message: Message) -> anyhow::Result<()> {
        // INVARIANT: of two messages about one person, or under one identifier, the first is in before the second begins.
        let alone = message.about.is_none();
        if alone || message.about.iter().flatten().any(|one| self.about.contains(one)) {
            self.finish(0).await?;
            self.about.clear();
        }
        self.finish(AT_ONCE - 1).await?;
        self.about.extend(message.about.iter().flatten().cloned());
        let importer = importer.clone();
        self.tasks.spawn(async move { importer.message(message).await });
        if alone { self.finish(0).await } else { Ok(()) }
    }

    /// Waits until at most `left` are under way. Every one is waited for, also after one has failed.
    async fn finish(&mut self, left: usize) -> anyhow::Result<()> {
        let mut outcome = Ok(());
        while self.tasks.len() > left {
            match self.tasks.join_next().await {
                Some(Ok(Ok(counted))) => self.counted.add(counted),
                Some(Ok(Err(error))) => outcome = outcome.and(Err(error)),
                Some(Err(error)) => outcome = outcome.and(Err(error).context("a message was not brought to its end")),
                None => break,
            }
        }
        outcome
    }
}

/// The institution's number that `Bundle.identifier` starts with (`10 digits^year^id`, JP-CLINS).
fn sender(root: Node<'_>) -> Option<String> {
    let value = root.find_str("identifier.value")?;
    let number = value.split('^').next()?;
    (number.len() == 10 && number.bytes().all(|digit| digit.is_ascii_digit())).then(|| number.to_owned())
}

/// The name of the institution that a document calls its custodian.
fn custodian(root: Node<'_>) -> Option<String> {
    let entries: Vec<Node<'_>> = root.get("entry")?.items().collect();
    let wanted = entries.iter().find_map(|entry| entry.find_str("resource.custodian.reference"))?;
    let entry = entries.iter().find(|entry| entry.get_str("fullUrl").as_deref() == Some(&*wanted))?;
    Some(entry.find_str("resource.name")?.into_owned())
}

/// The identifiers of a bundle and of the people in it.
fn about(root: Node<'_>) -> Vec<String> {
    let entries = root.get("entry").into_iter().flat_map(Node::items).filter_map(|entry| entry.get("resource"));
    let people = entries.filter(|resource| resource.get_str("resourceType").as_deref() == Some("Patient"));
    std::iter::once(root)
        .chain(people)
        .flat_map(|resource| {
            resource.find("identifier").map(|identifier| identifier.raw().to_owned()).collect::<Vec<_>>()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUNDLE: &str = r#"{"resourceType":"Bundle","identifier":{"system":"s","value":"1310000001^2026^7"},"entry":[
        {"fullUrl":"urn:uuid:1","resource":{"resourceType":"Composition","custodian":{"reference":"urn:uuid:2"}}},
        {"fullUrl":"urn:uuid:2","resource":{"resourceType":"Organization","name":"みなと","identifier":[{"value":"x"}]}},
        {"resource":{"resourceType":"Patient","identifier":[{"value":"a"},{"value":"b"}]}}]}"#;

    #[test]
    fn a_message_says_who_sends_and_whom_it_is_about() {
        let message = Message::read("one".into(), BUNDLE.into(), None).unwrap();
        assert_eq!(message.sender, "1310000001");
        assert_eq!(message.custodian.as_deref(), Some("みなと"));
        let about = message.about.unwrap();
        assert_eq!(about[1..], [r#"{"value":"a"}"#, r#"{"value":"b"}"#], "people, and no organisation");
        assert!(about[0].contains("^7"), "the bundle's own");
    }

    #[test]
    fn a_resource_alone_waits_for_all_before_it_and_needs_a_sender() {
        let text = r#"{"resourceType":"Observation"}"#;
        let message = Message::read("one".into(), text.into(), Some("1310000001")).unwrap();
        assert_eq!((message.kind.as_str(), message.about), ("Observation", None));
        let refused = Message::read("one".into(), text.into(), None).err().unwrap();
        assert!(refused.to_string().contains("give --organization"));
    }
}
