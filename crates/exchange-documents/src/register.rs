//! `POST /Bundle/$submit`: a document or a collection about one person.

use axum::{extract::State, http::StatusCode, response::Response};
use bytes::Bytes;
use tsumugi_access::{Action, Permit, Request};
use tsumugi_fhir::{
    Finding,
    bundle::{Bundle, BundleType},
    json::{Document, Limits, Node},
    outcome::{self, IssueType},
    validate, values,
};
use tsumugi_kernel::{CitizenId, FactKey, Kind};
use tsumugi_people::{Incoming, Resolution};
use tsumugi_record::{
    CommitError, Done, Expectation, Fact, RecordError, Row, Table,
    references::{References, split},
    rest::{Ask, Desk, Fault, answer, people_fault},
};

use crate::{
    matching::mark,
    submission::{self, Submission, SubmittedFact},
};

/// How often a submission that met a concurrent one is decided again.
const ATTEMPTS: usize = 8;

pub(super) async fn submit(State(desk): State<Desk>, ask: Ask, body: Bytes) -> Result<Response, Fault> {
    match register(&desk, &ask, body.clone()).await {
        Ok(registered) => Ok(registered.answer()),
        // What was refused for what it says is kept; what was refused at the door or for lack of room is not.
        Err(fault) if matches!(fault.status(), StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY) => {
            let fault = fault.with_status(StatusCode::UNPROCESSABLE_ENTITY);
            let kept = desk.record.quarantine(&ask.caller.organization, body, &fault.body()).await;
            kept.map_err(|error| Fault::record(ask.lang, &error))?;
            Err(fault)
        }
        Err(fault) => Err(fault),
    }
}

/// A submission that is on the shelf.
#[derive(Debug)]
pub struct Registered {
    /// What was written, with the receipt.
    pub done: Done,
    /// Whether the same bytes had been there already and nothing was written anew.
    pub unchanged: bool,
    /// Findings that do not refuse.
    pub findings: Vec<Finding>,
    lang: outcome::Lang,
}

impl Registered {
    fn answer(&self) -> Response {
        let mut bundle = answer::BundleWriter::start("transaction-response", None, &[]);
        for (index, written) in self.done.written.iter().enumerate() {
            let mut rest = answer::entry_response(written.status(), written, self.done.instant);
            if index == 0 && !self.findings.is_empty() {
                // FHIR carries warnings about an entry in its response.
                rest.truncate(rest.len() - 1);
                rest.push_str(",\"outcome\":");
                rest.push_str(&String::from_utf8_lossy(&answer::outcome(&self.findings, self.lang)));
                rest.push('}');
            }
            bundle.entry(None, None, &rest);
        }
        let status = if self.unchanged { StatusCode::OK } else { StatusCode::CREATED };
        answer::with_receipt(answer::json(status, bundle.finish()), &self.done.receipt)
    }
}

/// Puts a submission on the shelf of whoever it is about.
///
/// # Errors
/// A [`Fault`] with the findings; nothing is written then.
pub async fn register(desk: &Desk, ask: &Ask, bytes: Bytes) -> Result<Registered, Fault> {
    let document = Document::parse(bytes.clone(), &Limits::default()).map_err(|error| Fault::syntax(ask.lang, &error))?;
    let unprocessable = |findings| Fault::findings(StatusCode::UNPROCESSABLE_ENTITY, ask.lang, findings);
    let bundle = Bundle::read(&document).map_err(unprocessable)?;
    let findings = check(&bundle);
    if outcome::refused(&findings) {
        return Err(unprocessable(findings));
    }
    let arrival = Arrival::read(ask, &bundle, bytes)?;
    for _ in 1..ATTEMPTS {
        match arrival.put(desk, ask).await {
            Err(Attempt::Met) => {}
            Err(Attempt::Fault(fault)) => return Err(fault),
            Ok((done, unchanged)) => return Ok(Registered { done, unchanged, findings, lang: ask.lang }),
        }
    }
    Err(Fault::commit(ask.lang, &CommitError::Conflict(0)))
}

/// Structure of the bundle and of every entry, and the rules of JP-CLINS that need no profiles.
fn check(bundle: &Bundle<'_>) -> Vec<Finding> {
    let mut findings = validate::structure(&bundle.node);
    match bundle.kind {
        BundleType::Document => findings.extend(validate::clins::document(&bundle.node)),
        BundleType::Collection => findings.extend(validate::clins::collection(&bundle.node)),
        _ => findings.push(Finding::error(
            IssueType::NotSupported,
            "Bundle.type",
            "$submit が受け取るのは document と collection です。",
            "$submit takes a document or a collection.",
        )),
    }
    findings
}

/// A checked submission: what it says, before anything is decided about it.
struct Arrival<'a> {
    bytes: Bytes,
    sha256: String,
    identifier: (String, String),
    patient: (Node<'a>, Option<&'a str>),
    /// Every other entry: kind, resource, fullUrl, mark.
    entries: Vec<(Kind, Node<'a>, Option<&'a str>, String)>,
}

/// Why an attempt did not succeed.
enum Attempt {
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
    fn read(ask: &Ask, bundle: &'a Bundle<'a>, bytes: Bytes) -> Result<Self, Fault> {
        let refuse = |path: &str, ja: &str, en: &str| {
            let finding = Finding::error(IssueType::Required, path, ja, en);
            Fault::findings(StatusCode::UNPROCESSABLE_ENTITY, ask.lang, vec![finding])
        };
        let Some((system, value)) = &bundle.identifier else {
            return Err(refuse("Bundle.identifier", "Bundle.identifier がありません。", "Bundle.identifier is missing."));
        };
        let mut patient = None;
        let mut entries: Vec<(Kind, Node<'a>, Option<&'a str>, String)> = Vec::with_capacity(bundle.entries.len());
        for entry in &bundle.entries {
            let Some(resource) = entry.resource else { continue };
            let Some(kind) = resource.get_str("resourceType").and_then(|name| Kind::from_name(&name)) else { continue };
            let url = entry.full_url.as_deref();
            if kind == Kind::PATIENT && patient.is_none() {
                patient = Some((resource, url));
                continue;
            }
            let mark = mark(resource, url);
            let taken = entries.iter().any(|(other, _, _, known)| *other == kind && *known == mark);
            let mark = if taken { format!("u:{}", url.unwrap_or_default()) } else { mark };
            entries.push((kind, resource, url, mark));
        }
        let Some(patient) = patient else {
            return Err(refuse("Bundle.entry", "Patient がありません。", "There is no Patient."));
        };
        let hash = tsumugi_record::content_hash(&bytes);
        let sha256 = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { bytes, sha256, identifier: (system.to_string(), value.to_string()), patient, entries })
    }

    async fn put(&self, desk: &Desk, ask: &Ask) -> Result<(Done, bool), Attempt> {
        let incoming = Incoming::from_patient(self.patient.0);
        let resolution = desk.directory.resolve(&incoming, desk.record.now()).await.map_err(|error| people_fault(ask, &error))?;
        let citizen = resolution.citizen;
        self.same_shelf(desk, ask, citizen)?;
        let key = submission::key(&ask.caller.organization, &self.identifier.0, &self.identifier.1);
        let earlier_row = desk.record.submission_row(&key).await.map_err(|error| Fault::store(ask.lang, &error))?;
        let earlier = earlier_row.as_deref().map(Submission::decode).transpose().map_err(|error| Fault::record(ask.lang, &error))?;
        if earlier.as_ref().is_some_and(|earlier| earlier.citizen != citizen) {
            return Err(Attempt::Fault(other_person(ask)));
        }
        let request = Request { caller: &ask.caller, action: Action::Submit, citizen };
        let permit = desk.door.admit(request).await.map_err(|refusal| Fault::refused(ask.lang, &refusal))?;
        if let Some(earlier) = earlier.as_ref().filter(|earlier| earlier.sha256 == self.sha256) {
            return self.unchanged(desk, ask, permit, earlier).await;
        }
        let expect = Expectation::Row(Table::Submission, key.clone(), earlier_row);
        self.write(desk, ask, permit, resolution, earlier, (key, expect)).await.map(|done| (done, false))
    }

    /// Every subject is the bundle's own patient, or an id on the same shelf.
    fn same_shelf(&self, desk: &Desk, ask: &Ask, citizen: CitizenId) -> Result<(), Fault> {
        for (_, resource, ..) in &self.entries {
            let Some(reference) = values::subject(resource).and_then(|s| s.get_str("reference")) else { continue };
            if reference.starts_with('#') || Some(reference.as_ref()) == self.patient.1 {
                continue;
            }
            let opened = split(&reference).and_then(|(_, id)| desk.record.sealer().open(id));
            if opened.is_some_and(|key| key.citizen != citizen) || (opened.is_none() && reference.starts_with("urn:")) {
                return Err(Fault::record(ask.lang, &RecordError::SecondShelf));
            }
        }
        Ok(())
    }

    /// The same bytes again: nothing is written but the leaf, and the answer is what the first sending was answered.
    async fn unchanged(&self, desk: &Desk, ask: &Ask, permit: Permit, earlier: &Submission) -> Result<(Done, bool), Attempt> {
        let mut written = Vec::with_capacity(earlier.facts.len());
        for fact in &earlier.facts {
            let Some(kind) = Kind::from_number(fact.kind) else { continue };
            let key = FactKey { citizen: earlier.citizen, kind, number: fact.number };
            let found = desk.record.read(&permit, key).await.map_err(|error| Fault::record(ask.lang, &error))?;
            if let Some(fact) = found.filter(|fact| !fact.is_gone()) {
                written.push(desk.record.as_written(&fact).map_err(|error| Fault::record(ask.lang, &error))?);
            }
        }
        let instant = desk.record.now();
        let receipt = permit.seal(tsumugi_access::Shown::none()).await.map_err(|error| Fault::seal(ask.lang, &error))?;
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
        let refer = |references: &mut References, url: Option<&str>, key: FactKey| {
            if let Some(url) = url {
                references.add(url, format!("{}/{}", key.kind, desk.record.sealer().seal(key)));
            }
        };
        refer(&mut references, self.patient.1, patient);
        let mut places = Vec::with_capacity(self.entries.len());
        for (kind, _, url, mark) in &self.entries {
            let known = earlier.as_ref().and_then(|earlier| earlier.find(*kind, mark));
            let standing = match known {
                Some(key) => desk.record.read(&permit, key).await.map_err(failed)?.map(|fact| (key, Some(fact))),
                None => None,
            };
            let (key, before) = standing.unwrap_or_else(|| (desk.record.new_key(&permit, *kind), None));
            refer(&mut references, *url, key);
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
        writing.put(patient, patient_before.as_ref(), self.patient.0, origin, &references).map_err(failed)?;
        let mut facts = Vec::with_capacity(places.len());
        for ((kind, resource, _, mark), (key, before)) in self.entries.iter().zip(&places) {
            writing.put(*key, before.as_ref(), *resource, origin, &references).map_err(failed)?;
            facts.push(SubmittedFact { kind: kind.number(), number: key.number, mark: mark.clone() });
        }
        for fact in &gone {
            writing.remove(fact).map_err(failed)?;
        }
        resolution.add_patient(patient.number);
        writing.rows(resolution.rows, resolution.expect);
        let remembered = Submission::new(citizen, self.sha256.clone(), facts).row(key).map_err(failed)?;
        writing.rows(vec![remembered], vec![expect]);
        writing.rows(patient_row.into_iter().collect(), Vec::new());
        writing.event("document.registered", citizen.0.to_be_bytes().to_vec());
        let done = match writing.commit(&desk.door).await {
            Err(RecordError::Commit(CommitError::Conflict(_))) => return Err(Attempt::Met),
            other => other.map_err(failed)?,
        };
        Ok(done)
    }

    /// The sender's one `Patient` on this shelf: where it stands and its version, or a new place and its row.
    async fn patient_fact(&self, desk: &Desk, ask: &Ask, permit: &Permit) -> Result<(FactKey, Option<Fact>, Option<Row>), Fault> {
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

fn other_person(ask: &Ask) -> Fault {
    let finding = Finding::error(
        IssueType::BusinessRule,
        "Bundle.identifier",
        "この Bundle.identifier は、別の人の文書で使われています。新しい識別子を付けるか、患者の識別子をたしかめてください。何も保存していません。",
        "This Bundle.identifier was used for another person's document. Use a new identifier, or check the patient's identifiers. Nothing was saved.",
    );
    Fault::findings(StatusCode::UNPROCESSABLE_ENTITY, ask.lang, vec![finding])
}
