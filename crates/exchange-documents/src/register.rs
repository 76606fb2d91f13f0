//! `POST /Bundle/$submit`: a document or a collection about one person.

use axum::{extract::State, http::StatusCode, response::Response};
use bytes::Bytes;
use tsumugi_fhir::{
    Finding,
    bundle::{Bundle, BundleType},
    json::{Document, Limits},
    outcome::{self, IssueType},
    validate,
};
use tsumugi_record::{
    CommitError, Done,
    rest::{Ask, Desk, Fault, answer},
};

use crate::arrival::{Arrival, Attempt};

/// How often a submission that met a concurrent one is decided again. Of those that meet, one gets through each time,
/// so as many may meet.
const ATTEMPTS: usize = 64;

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
    let document =
        Document::parse(bytes.clone(), &Limits::default()).map_err(|error| Fault::syntax(ask.lang, &error))?;
    let unprocessable = |findings| Fault::findings(StatusCode::UNPROCESSABLE_ENTITY, ask.lang, findings);
    let bundle = Bundle::read(&document).map_err(unprocessable)?;
    let findings = check(&bundle);
    if outcome::refused(&findings) {
        return Err(unprocessable(findings));
    }
    let arrival = Arrival::read(ask, &bundle, bytes)?;
    for _ in 0..ATTEMPTS {
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
