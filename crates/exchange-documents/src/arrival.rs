//! A submission on its way to a shelf: whose it is, what it replaces, what it writes.

use axum::http::StatusCode;
use bytes::Bytes;
use jiff::civil::Date;
use tsumugi_access::{Action, Permit, Request, Shown};
use tsumugi_fhir::{Finding, bundle::Bundle, json::Node, outcome::IssueType};
use tsumugi_kernel::{FactKey, Instant, Kind};
use tsumugi_people::{By, Incoming, Resolution, Said, Source, evidence};
use tsumugi_record::{
    CommitError, Done, Expectation, Fact, RecordError, Row, Table,
    references::References,
    rest::{Ask, Desk, Fault, people_fault},
    sent::Counts,
};

use crate::{
    matching,
    submission::{self, Submission, SubmittedFact},
};

/// A checked submission: what it says, before anything is decided about it.
pub(crate) struct Arrival<'a> {
    bytes: Bytes,
    sha256: [u8; 32],
    identifier: (String, String),
    pub(crate) patient: (Node<'a>, Option<&'a str>),
    /// Every other entry: kind, resource, fullUrl, mark.
    pub(crate) entries: Vec<(Kind, Node<'a>, Option<&'a str>, String)>,
    /// The day that it is of: its Composition's, else its own.
    date: Option<Date>,
    /// What the report of its sender counts of it.
    counts: Counts,
}

/// Why an attempt did not succeed.
pub(crate) enum Attempt {
    /// Somebody else wrote what this attempt stood on: decide again.
    Met,
    /// It cannot succeed.
    Fault(Fault),
}

impl From<Fault> for Attempt {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl<'a> Arrival<'a> {
    pub(crate) fn read(ask: &Ask, bundle: &'a Bundle<'a>, bytes: Bytes, findings: &[Finding]) -> Result<Self, Fault> {
        let refuse = |path: &str, ja: &str, en: &str| {
            let finding = Finding::error(IssueType::Required, path, ja, en);
            Fault::findings(StatusCode::UNPROCESSABLE_ENTITY, ask.lang, vec![finding])
        };
        let Some((system, value)) = &bundle.identifier else {
            return Err(refuse(
                "Bundle.identifier",
                "Bundle.identifier がありません。",
                "Bundle.identifier is missing.",
            ));
        };
        let mut patient = None;
        let mut entries: Vec<(Kind, Node<'a>, Option<&'a str>, String)> = Vec::with_capacity(bundle.entries.len());
        for entry in &bundle.entries {
            let Some(resource) = entry.resource else { continue };
            let Some(kind) = resource.get_str("resourceType").and_then(|name| Kind::from_name(&name)) else { continue };
            let url = entry.full_url.as_deref();
            if kind == Kind::PATIENT {
                if patient.is_some() {
                    return Err(Fault::record(ask.lang, &RecordError::SecondShelf));
                }
                patient = Some((resource, url));
                continue;
            }
            let taken = |mark: &String| entries.iter().any(|(other, _, _, known)| *other == kind && known == mark);
            let mark = matching::marks(resource, url).find(|mark| !taken(mark)).unwrap_or_default();
            entries.push((kind, resource, url, mark));
        }
        let Some(patient) = patient else {
            return Err(refuse("Bundle.entry", "Patient がありません。", "There is no Patient."));
        };
        let sha256 = tsumugi_record::content_hash(&bytes);
        let counts = Counts::of(Some(entries.len() + 1), findings);
        let date = date(bundle, &entries);
        Ok(Self { bytes, sha256, identifier: (system.to_string(), value.to_string()), patient, entries, date, counts })
    }

    /// What the document says of its patient's numbers, for the evidence of who is who.
    fn said(&self, ask: &Ask, told: Instant) -> Vec<Said> {
        let reference: String = self.sha256.iter().map(|byte| format!("{byte:02x}")).collect();
        let organization = ask.caller.organization.clone();
        let source = Source { organization, by: By::Message, reference: Some(reference) };
        let stated = evidence::stated(self.patient.0).into_iter();
        stated.map(|(identifier, validity)| Said { identifier, validity, source: source.clone(), told }).collect()
    }

    pub(crate) async fn put(&self, desk: &Desk, ask: &Ask) -> Result<(Done, bool), Attempt> {
        let incoming = Incoming::from_patient(self.patient.0);
        let now = desk.record.now();
        let on = self.date.unwrap_or_else(|| now.civil().date());
        let resolved = desk.directory.resolve_on(&incoming, on, now).await;
        let mut resolution = resolved.map_err(|error| people_fault(ask, &error))?;
        let said = self.said(ask, now);
        resolution.say(&said).map_err(|error| people_fault(ask, &error))?;
        self.same_shelf(desk, ask, resolution.citizen).await?;
        let key = submission::key(&ask.caller.organization, &self.identifier.0, &self.identifier.1);
        let earlier_row = desk.record.submission_row(&key).await.map_err(|error| Fault::store(ask.lang, &error))?;
        let earlier = earlier_row
            .as_deref()
            .map(Submission::decode)
            .transpose()
            .map_err(|error| Fault::record(ask.lang, &error))?;
        if let Some(earlier) = earlier.as_ref().filter(|earlier| earlier.citizen != resolution.citizen) {
            let one = desk.directory.are_one(earlier.citizen, resolution.citizen).await;
            if !one.map_err(|error| people_fault(ask, &error))? {
                return Err(Attempt::Fault(other_person(ask)));
            }
            // A person with several shelves: what an earlier sending put on one is replaced there.
            let known = desk.directory.resolve_known(earlier.citizen, &incoming, desk.record.now()).await;
            resolution = known.map_err(|error| people_fault(ask, &error))?;
            resolution.say(&said).map_err(|error| people_fault(ask, &error))?;
        }
        let citizen = resolution.citizen;
        let request = Request { caller: &ask.caller, action: Action::Submit, citizen };
        let permit = desk.door.admit(request).await.map_err(|refusal| Fault::refused(ask.lang, &refusal))?;
        if let Some(earlier) = earlier.as_ref().filter(|earlier| earlier.sha256 == self.sha256) {
            return self.unchanged(desk, ask, permit, earlier).await;
        }
        let expect = Expectation::Row(Table::Submission, key.clone(), earlier_row);
        self.write(desk, ask, permit, resolution, earlier, (key, expect)).await.map(|done| (done, false))
    }

    /// The same bytes again: nothing is written but the leaf, and the answer names what stands there from them.
    async fn unchanged(
        &self,
        desk: &Desk,
        ask: &Ask,
        permit: Permit,
        earlier: &Submission,
    ) -> Result<(Done, bool), Attempt> {
        let mut written = Vec::with_capacity(earlier.facts.len());
        let mut shown = Shown::none();
        for fact in &earlier.facts {
            let Some(kind) = Kind::from_number(fact.kind) else { continue };
            let key = FactKey { citizen: earlier.citizen, kind, number: fact.number };
            let found = desk.record.read(&permit, key).await.map_err(|error| Fault::record(ask.lang, &error))?;
            if let Some(fact) = found.filter(|fact| !fact.is_gone()) {
                fact.tell(&mut shown).map_err(|error| Fault::record(ask.lang, &error))?;
                written.push(desk.record.as_written(&fact).map_err(|error| Fault::record(ask.lang, &error))?);
            }
        }
        let instant = desk.record.now();
        let receipt = permit.seal(shown).await.map_err(|error| Fault::seal(ask.lang, &error))?;
        Ok((Done { receipt, written, instant }, true))
    }

    async fn write(
        &self,
        desk: &Desk,
        ask: &Ask,
        permit: Permit,
        mut resolution: Resolution,
        earlier: Option<Submission>,
        (key, expect): (Vec<u8>, Expectation),
    ) -> Result<Done, Attempt> {
        let failed = |error: RecordError| Attempt::Fault(Fault::record(ask.lang, &error));
        let citizen = permit.citizen();
        let (patient, patient_before, patient_row) = self.patient_fact(desk, ask, &permit).await?;
        let mut references = References::default();
        let refer = |references: &mut References, resource: Node<'_>, url: Option<&str>, key: FactKey| {
            let to = format!("{}/{}", key.kind, desk.record.sealer().seal(key));
            if let Some(local) = local(key.kind, resource) {
                references.add(local, to.clone());
            }
            if let Some(url) = url {
                references.add(url, to);
            }
        };
        refer(&mut references, self.patient.0, self.patient.1, patient);
        let mut places = Vec::with_capacity(self.entries.len());
        for (kind, resource, url, mark) in &self.entries {
            let known = earlier.as_ref().and_then(|earlier| earlier.find(*kind, mark));
            let standing = match known {
                Some(key) => desk.record.read(&permit, key).await.map_err(failed)?.map(|fact| (key, Some(fact))),
                None => None,
            };
            let (key, before) = standing.unwrap_or_else(|| (desk.record.new_key(&permit, *kind), None));
            refer(&mut references, *resource, *url, key);
            places.push((key, before));
        }
        let mut gone = Vec::new();
        for fact in earlier.iter().flat_map(|earlier| &earlier.facts) {
            if places.iter().any(|(key, _)| key.number == fact.number) {
                continue;
            }
            let Some(kind) = Kind::from_number(fact.kind) else { continue };
            let key = FactKey { citizen, kind, number: fact.number };
            gone.extend(desk.record.read(&permit, key).await.map_err(failed)?.filter(|fact| !fact.is_gone()));
        }
        let mut writing = desk.record.write(permit);
        let origin = writing.original(self.bytes.clone());
        writing
            .put_if_changed(patient, patient_before.as_ref(), self.patient.0, origin, &references)
            .map_err(failed)?;
        let mut facts = Vec::with_capacity(places.len());
        for ((_, resource, _, mark), (key, before)) in self.entries.iter().zip(&places) {
            writing.put(*key, before.as_ref(), *resource, origin, &references).map_err(failed)?;
            facts.push(SubmittedFact::new(*key, mark));
        }
        for fact in &gone {
            writing.remove(fact).map_err(failed)?;
        }
        resolution.add_patient(patient.number);
        writing.rows(resolution.rows, resolution.expect);
        let remembered = Submission { citizen, sha256: self.sha256, facts }.row(key);
        let counted = desk.record.sent_row(&ask.caller.organization, &self.counts);
        writing.rows(vec![remembered, counted], vec![expect]);
        writing.rows(patient_row.into_iter().collect(), Vec::new());
        writing.event("document.registered", citizen.0.to_be_bytes().to_vec());
        let done = match writing.commit(&desk.door).await {
            Err(RecordError::Commit(CommitError::Conflict(_))) => return Err(Attempt::Met),
            other => other.map_err(failed)?,
        };
        Ok(done)
    }

    /// The sender's one `Patient` on this shelf: where it stands and its version, or a new place and its row.
    async fn patient_fact(
        &self,
        desk: &Desk,
        ask: &Ask,
        permit: &Permit,
    ) -> Result<(FactKey, Option<Fact>, Option<Row>), Fault> {
        let row_key = submission::patient_key(&ask.caller.organization, permit.citizen());
        let row = desk.record.submission_row(&row_key).await.map_err(|error| Fault::store(ask.lang, &error))?;
        if let Some(number) = row.and_then(|row| row.as_slice().try_into().ok()).map(u64::from_be_bytes) {
            let key = FactKey { citizen: permit.citizen(), kind: Kind::PATIENT, number };
            if let Some(fact) = desk.record.read(permit, key).await.map_err(|error| Fault::record(ask.lang, &error))? {
                return Ok((key, Some(fact), None));
            }
        }
        let key = desk.record.new_key(permit, Kind::PATIENT);
        let row = Row { table: Table::Submission, key: row_key, value: Some(key.number.to_be_bytes().to_vec()) };
        Ok((key, None, Some(row)))
    }
}

/// The day of a submission: numbers lead to whoever had them then. A day that cannot be read is none.
fn date(bundle: &Bundle<'_>, entries: &[(Kind, Node<'_>, Option<&str>, String)]) -> Option<Date> {
    let composed = entries.iter().find(|(kind, ..)| kind.name() == "Composition");
    let written = composed.and_then(|(_, node, ..)| node.get_str("date"));
    let written = written.or_else(|| bundle.node.get_str("timestamp"))?;
    written.get(..10)?.parse().ok()
}

/// How another entry of the bundle may name this resource, besides its fullUrl.
fn local(kind: Kind, resource: Node<'_>) -> Option<String> {
    resource.get_str("id").map(|id| format!("{kind}/{id}"))
}

fn other_person(ask: &Ask) -> Fault {
    let finding = Finding::error(
        IssueType::BusinessRule,
        "Bundle.identifier",
        "この Bundle.identifier は、別の人の文書で使われています。新しい識別子を付けるか、患者の識別子をたしかめてください。何も保存していません。",
        "This Bundle.identifier was used for another person's document. Use a new identifier, or check the patient's identifiers. Nothing was saved.",
    );
    Fault::findings(StatusCode::UNPROCESSABLE_ENTITY, ask.lang, vec![finding])
}
