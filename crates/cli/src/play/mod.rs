//! Playing a story (`stories/*/story.json`, form in `stories/README.md`) on a store: everything that is sent and every
//! look goes through the real routes, at its own moment, and what the story promises is checked.

mod deed;
mod paper;
mod special;

use std::{collections::BTreeMap, sync::Arc};

use anyhow::{Context, bail, ensure};
use bytes::Bytes;
use serde_json::Value;
use tsumugi_access::Caller;
use tsumugi_kernel::{CitizenId, Instant, OrganizationId, PersonId, Purpose, Role};
use tsumugi_people::Identifier;
use tsumugi_record::rest::Desk;
use tsumugi_synth::{Form, Outgoing, out::Message};

use deed::Done;

use crate::{gate::Gate, import::Importer, town_clock::TownClock};

/// The story of the stroke, as it stands in the repository.
pub const STROKE: &str = include_str!("../../../../stories/stroke/story.json");
/// The story of what is hidden, seen in an emergency, and answered for.
pub const ACCOUNT: &str = include_str!("../../../../stories/account/story.json");
/// The story of a disaster, of what is read without a network, and of rules that are tried.
pub const DISASTER: &str = include_str!("../../../../stories/disaster/story.json");
/// The story of what is told with its explanation, of a link, and of a summary.
pub const HAND: &str = include_str!("../../../../stories/hand/story.json");
/// The story of what is handed in on paper.
pub const PAPER: &str = include_str!("../../../../stories/paper/story.json");

/// A story being played.
pub struct Player {
    desk: Desk,
    gate: Gate,
    importer: Importer,
    clock: Arc<TownClock>,
    vkey: String,
    story: Value,
    sent: BTreeMap<String, Outgoing>,
    /// Looks that happened: name, person, purpose.
    looked: BTreeMap<String, (String, String)>,
    /// What was set, named or raised, by the step's name.
    done: BTreeMap<String, Done>,
}

impl Player {
    /// A story and what its generator makes, over a desk whose clock is `clock` and whose log has the key `vkey`.
    ///
    /// # Errors
    /// If the story does not have its form.
    pub fn new(
        desk: &Desk,
        clock: Arc<TownClock>,
        vkey: &str,
        story: &str,
        sent: Vec<Outgoing>,
    ) -> anyhow::Result<Self> {
        let story: Value = serde_json::from_str(story).context("the story is no JSON")?;
        ensure!(story["format"] == "tsumugi-story/1", "the story has another form");
        let sent = sent.into_iter().map(|outgoing| (outgoing.name.clone(), outgoing)).collect();
        let importer = Importer::new(desk, Arc::clone(&clock));
        Ok(Self {
            desk: desk.clone(),
            gate: Gate::new(desk),
            importer,
            clock,
            vkey: vkey.to_owned(),
            story,
            sent,
            looked: BTreeMap::new(),
            done: BTreeMap::new(),
        })
    }

    /// Plays every step, then checks who looked and what must hold at the end. The checks look, too, and so leave leaves.
    ///
    /// # Errors
    /// The first promise of the story that does not hold.
    pub async fn play(&mut self) -> anyhow::Result<()> {
        self.steps(|_| {}).await?;
        self.check_looks().await?;
        self.check_after().await
    }

    /// Plays every step, with what each look must and must not show.
    ///
    /// # Errors
    /// The first promise of a step that does not hold.
    pub async fn steps(&mut self, mut progress: impl FnMut(usize)) -> anyhow::Result<()> {
        let steps = self.story["steps"].as_array().cloned().unwrap_or_default();
        ensure!(!steps.is_empty(), "the story has no steps");
        for (index, step) in steps.iter().enumerate() {
            let at: jiff::Timestamp = text(step, "at").parse().context("a step's moment")?;
            self.clock.hold(Instant(at.as_millisecond()));
            if let Some(name) = step["send"].as_str() {
                self.send(name).await.with_context(|| format!("sending {name}"))?;
            } else if step["do"].is_object() {
                let deed = &step["do"];
                self.deed(deed).await.with_context(|| format!("what {} does", text(deed, "name")))?;
            } else {
                let look = &step["look"];
                self.look(look).await.with_context(|| format!("the look {}", text(look, "name")))?;
            }
            progress(index + 1);
        }
        self.clock.release();
        Ok(())
    }

    /// How many steps there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.story["steps"].as_array().map_or(0, Vec::len)
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    async fn send(&self, name: &str) -> anyhow::Result<()> {
        let sent = if name == "directory" {
            self.sent.values().find(|outgoing| matches!(outgoing.form, Form::Directory(_)))
        } else {
            self.sent.get(name)
        };
        let outgoing = sent.context("the generator makes nothing of this name")?;
        if let Form::Directory(directory) = &outgoing.form {
            return self.importer.directory(directory).await;
        }
        let message = Message::of(outgoing, None, None).context("it has nothing to send")?;
        match self.importer.send(&message.envelope, message.body.into()).await? {
            None => Ok(()),
            Some(outcome) => bail!("it was refused: {}", String::from_utf8_lossy(&outcome)),
        }
    }

    async fn look(&mut self, look: &Value) -> anyhow::Result<()> {
        let (citizen, patient) = self.citizen(text(look, "citizen")).await?;
        let caller = self.caller(look, citizen).await?;
        let mut bodies = Vec::new();
        for read in look["read"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            let answer = self.gate.ask(&caller, "GET", &path(read, &patient), Bytes::new()).await?;
            match text(look, "answer") {
                "refused" => {
                    ensure!(answer.status == 404, "{read} was answered {} instead of being refused", answer.status)
                }
                // Told as such, because it says nothing about the person.
                told @ ("suspended" | "not-open") => {
                    ensure!(answer.status == 403, "{read} was answered {} instead of {told}", answer.status)
                }
                _ => ensure!(
                    answer.status == 200,
                    "{read} was answered {}: {}",
                    answer.status,
                    String::from_utf8_lossy(&answer.body)
                ),
            }
            bodies.push(serde_json::from_slice::<Value>(&answer.body)?);
        }
        self.looked.insert(text(look, "name").into(), (text(look, "person").into(), text(look, "purpose").into()));
        let entries = bodies.iter().flat_map(|body| body["entry"].as_array().into_iter().flatten());
        let mut facts: Vec<&Value> = Vec::new();
        for fact in entries.map(|entry| &entry["resource"]) {
            // Two reads of one look may show the same fact.
            if !facts.contains(&fact) {
                facts.push(fact);
            }
        }
        for wanted in look["shows"].as_array().into_iter().flatten() {
            self.shows(&facts, wanted)?;
        }
        for hidden in look["hides"].as_array().into_iter().flatten() {
            if let Some(words) = hidden["text"].as_str() {
                let shown = bodies.iter().any(|body| body.to_string().contains(words));
                let by: Vec<_> = facts.iter().filter(|fact| fact.to_string().contains(words)).collect();
                ensure!(!shown, "{words} is shown, and must not be: {by:?}");
            }
            if let Some(kind) = hidden["kind"].as_str() {
                ensure!(!facts.iter().any(|fact| fact["resourceType"] == kind), "a {kind} is shown, and must not be");
            }
        }
        Ok(())
    }

    /// Whether something that must be shown is among the facts.
    fn shows(&self, facts: &[&Value], wanted: &Value) -> anyhow::Result<()> {
        if let Some(name) = wanted["look"].as_str() {
            let (person, purpose) =
                self.looked.get(name).with_context(|| format!("the look {name} has not happened"))?;
            let found = facts.iter().any(|fact| {
                fact["resourceType"] == "AuditEvent"
                    && fact.to_string().contains(person)
                    && fact.to_string().contains(purpose)
            });
            ensure!(found, "the look {name} is not listed");
            return Ok(());
        }
        let fits = |fact: &Value| {
            let whole = fact.to_string();
            let says = |member: &str| wanted[member].as_str().is_none_or(|words| whole.contains(words));
            let kind = wanted["kind"].as_str().is_none_or(|kind| fact["resourceType"] == kind);
            let value = wanted["value"].is_null() || number(fact) == wanted["value"].as_f64();
            kind && value && says("text") && says("code")
        };
        let place = facts.iter().position(|fact| fits(fact)).with_context(|| format!("{wanted} is not shown"))?;
        if wanted["first"] == true {
            let other = facts.iter().position(|fact| fact["resourceType"] != wanted["kind"]);
            ensure!(other.is_none_or(|other| place < other), "{wanted} does not stand first");
        }
        if let Some(count) = wanted["count"].as_u64() {
            let of_kind = |fact: &&&Value| {
                let code = wanted["code"].as_str().is_none_or(|code| fact.to_string().contains(code));
                fact["resourceType"] == wanted["kind"] && code
            };
            let all = facts.iter().filter(of_kind).count() as u64;
            ensure!(all == count, "{all} facts instead of {count}: {wanted}");
        }
        Ok(())
    }

    async fn caller(&self, look: &Value, citizen: CitizenId) -> anyhow::Result<Caller> {
        let person = PersonId::new(text(look, "person"))?;
        let role = Role::from_code(text(look, "role")).context("the role")?;
        let purpose = Purpose::from_code(text(look, "purpose")).context("the purpose")?;
        let organization = self.organization(&person, text(look, "organization")).await?;
        let mut caller = self.importer.caller(&person, &organization, role, purpose).await?;
        caller.reason = look["reason"].as_str().map(str::to_owned);
        caller.whole = look["whole"] == true;
        if role == Role::Citizen {
            caller.citizen = Some(citizen);
        }
        Ok(caller)
    }

    /// The organisation that the story calls by its name: the person's own, unless another has that name.
    async fn organization(&self, person: &PersonId, name: &str) -> anyhow::Result<OrganizationId> {
        let all = self.desk.directory.organizations(None, 10_000).await?;
        if let Some(found) = all.iter().find(|organization| organization.name == name) {
            return Ok(found.id.clone());
        }
        let person = self.desk.directory.person(person).await?.context("the person is not in the directory")?;
        person.organization.clone().with_context(|| format!("no organisation is called {name}"))
    }

    /// A citizen of the story: the shelf, and a `Patient` id on it.
    async fn citizen(&self, name: &str) -> anyhow::Result<(CitizenId, String)> {
        let identifier = &self.story["citizens"][name]["identifier"];
        let identifier =
            Identifier { system: text(identifier, "system").into(), value: text(identifier, "value").into() };
        let found = self.desk.directory.find(&identifier).await?.with_context(|| format!("{name} is not known yet"))?;
        let citizen = self.desk.directory.citizen(found).await?.context("the citizen has no row")?;
        let number = *citizen.patients.first().context("the citizen has no Patient")?;
        let key = tsumugi_kernel::FactKey { citizen: found, kind: tsumugi_kernel::Kind::PATIENT, number };
        Ok((found, self.desk.record.sealer().seal(key)))
    }

    /// Who looked, as the citizen may read it, beginning with the first.
    async fn log(&self, name: &str) -> anyhow::Result<Vec<Value>> {
        let (citizen, patient) = self.citizen(name).await?;
        let person = PersonId::new("tsumugi-player")?;
        self.desk.directory.register(&[tsumugi_people::Person::named(person.clone(), "player")], &[]).await?;
        let organization =
            self.desk.directory.organizations(None, 1).await?.into_iter().next().context("no organisation")?.id;
        let mut caller = self.importer.caller(&person, &organization, Role::Citizen, Purpose::PatientRequest).await?;
        caller.citizen = Some(citizen);
        let path = format!("/Patient/{patient}/$access-log?_count=1000");
        let answer = self.gate.ask(&caller, "GET", &path, Bytes::new()).await?;
        ensure!(answer.status == 200, "the log of {name} was answered {}", answer.status);
        let bundle: Value = serde_json::from_slice(&answer.body)?;
        let entries = bundle["entry"].as_array().cloned().unwrap_or_default();
        Ok(entries.into_iter().rev().map(|mut entry| entry["resource"].take()).collect())
    }

    /// The looks that each citizen must find, in order and complete. Several reads of one look stand beside each other.
    async fn check_looks(&self) -> anyhow::Result<()> {
        for (citizen, wanted) in self.story["looks"].as_object().into_iter().flatten() {
            let mut found: Vec<(String, String, bool)> = Vec::new();
            for event in self.log(citizen).await? {
                let looked = matches!(event["action"].as_str(), Some("R" | "E"));
                let person = event["agent"][0]["who"]["identifier"]["value"].as_str().unwrap_or_default();
                // Whoever opened a link is named by the link, which no story can know beforehand.
                let person = if person.starts_with("link-") { "link" } else { person }.to_owned();
                let purpose = event["purposeOfEvent"][0]["coding"][0]["code"].as_str().unwrap_or_default().to_owned();
                let look = (person, purpose, event["outcome"] == "4");
                if looked && look.0 != "tsumugi-player" && found.last() != Some(&look) {
                    found.push(look);
                }
            }
            let mut expected = Vec::new();
            for look in wanted.as_array().into_iter().flatten() {
                let name = text(look, "look");
                let (person, purpose) = self.looked.get(name).with_context(|| format!("{name} was never played"))?;
                let look = (person.clone(), purpose.clone(), text(look, "decision") == "refused");
                if expected.last() != Some(&look) {
                    expected.push(look);
                }
            }
            ensure!(found == expected, "who looked at {citizen}: found {found:?}, promised {expected:?}");
        }
        Ok(())
    }

    async fn check_after(&self) -> anyhow::Result<()> {
        for check in self.story["after"].as_array().into_iter().flatten() {
            let (citizen, patient) = self.citizen(text(check, "citizen")).await?;
            let organization =
                self.desk.directory.organizations(None, 1).await?.into_iter().next().context("no organisation")?.id;
            let person = PersonId::new("tsumugi-player")?;
            let mut caller =
                self.importer.caller(&person, &organization, Role::Citizen, Purpose::PatientRequest).await?;
            caller.citizen = Some(citizen);
            if let Some(read) = check["read"].as_str() {
                let answer = self.gate.ask(&caller, "GET", &path(read, &patient), Bytes::new()).await?;
                let bundle: Value = serde_json::from_slice(&answer.body)?;
                let found: Vec<f64> = bundle["entry"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter_map(|entry| number(&entry["resource"]))
                    .collect();
                let wanted: Vec<f64> =
                    check["values"].as_array().into_iter().flatten().filter_map(Value::as_f64).collect();
                ensure!(found == wanted, "{read}: found {found:?}, promised {wanted:?}");
            } else {
                self.check_proof(&caller, citizen).await?;
            }
        }
        Ok(())
    }

    /// The completeness proof holds, reads every leaf, and its count is that of the log.
    async fn check_proof(&self, caller: &Caller, citizen: CitizenId) -> anyhow::Result<()> {
        self.desk.record.publish().await?;
        let request = tsumugi_access::Request { caller, action: tsumugi_access::Action::AccessLog, citizen };
        let permit = self.desk.door.admit(request).await?;
        let proof = permit.proof(&self.vkey).await?;
        let count = permit.looks_count().await?;
        permit.seal(tsumugi_access::Shown::none()).await?;
        let report = tsumugi_ledger::completeness::verify(&proof, Some(&self.vkey))
            .map_err(|fault| anyhow::anyhow!("{fault}"))?;
        ensure!(report.count == count, "the proof counts {} leaves, the log {count}", report.count);
        Ok(())
    }
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

/// The number that an Observation carries.
fn number(fact: &Value) -> Option<f64> {
    fact["valueInteger"].as_f64().or_else(|| fact["valueQuantity"]["value"].as_f64())
}

/// The address of a story's `read`.
fn path(read: &str, patient: &str) -> String {
    if read.starts_with('$') {
        return format!("/Patient/{patient}/{read}");
    }
    match read.split_once('?') {
        Some((kind, query)) => format!("/{kind}?patient=Patient/{patient}&{query}&_count=1000"),
        None => format!("/{read}?patient=Patient/{patient}&_count=1000"),
    }
}
