//! `POST /Bundle/$submit`: a document or a collection about one person.

use axum::{extract::State, http::StatusCode, response::Response};
use bytes::Bytes;
use tsumugi_access::{ActionGroup, roles};
use tsumugi_fhir::{
    Finding,
    bundle::{Bundle, BundleType},
    json::{Document, Limits},
    outcome::{self, IssueType},
};
use tsumugi_fhir_validate::Mode;
use tsumugi_people::mynumber;
use tsumugi_record::{
    CommitError, Done,
    rest::{Ask, Desk, Fault, answer},
    sent::Counts,
};

use crate::arrival::{Arrival, Attempt};

/// How often a submission that met a concurrent one is decided again. Of those that meet, one gets through each time,
/// so as many may meet.
const ATTEMPTS: usize = 64;

pub(super) async fn submit(State(desk): State<Desk>, ask: Ask, body: Bytes) -> Result<Response, Fault> {
    // Who could not have put anything on a shelf fills no quarantine either.
    if !roles::may_ask(ask.caller.role, ask.caller.purpose, ActionGroup::Write) {
        return Err(register(&desk, &ask, body).await.err().filter(|fault| !refused(fault)).unwrap_or_else(|| {
            Fault::new(
                StatusCode::FORBIDDEN,
                ask.lang,
                IssueType::Forbidden,
                "この役割と目的では、文書を送れません。何も保存していません。サインインの役割と目的をたしかめてください。",
                "Documents cannot be sent in this role and for this purpose. Nothing was saved. Check the role and purpose of the sign-in.",
            )
        }));
    }
    match register(&desk, &ask, body.clone()).await {
        Ok(registered) => Ok(registered.answer()),
        // What was refused for what it says is kept; what was refused at the door or for lack of room is not.
        Err(fault) if refused(&fault) => {
            let fault = fault.with_status(StatusCode::UNPROCESSABLE_ENTITY);
            let sender = &ask.caller.organization;
            let counted = desk.record.sent_row(sender, &Counts::of(None, fault.found()));
            if carries_individual_number(&body) {
                desk.record.count_refused(counted).await.map_err(|error| Fault::record(ask.lang, &error))?;
                return Err(fault);
            }
            let kept = desk.record.quarantine(sender, body, &fault.body(), counted).await;
            match kept.map_err(|error| Fault::record(ask.lang, &error))? {
                Some(_) => Err(fault),
                None => Err(fault.and(full(), StatusCode::INSUFFICIENT_STORAGE)),
            }
        }
        Err(fault) => Err(fault),
    }
}

/// Whether bytes must not be kept, because they carry or may carry an individual number. What cannot be read as JSON is
/// looked through as text: better a refused document too little in quarantine than a number too much.
fn carries_individual_number(body: &Bytes) -> bool {
    match Document::parse(body.clone(), &Limits::default()) {
        Ok(document) => mynumber::carried(document.root()).is_some(),
        Err(_) => mynumber::may_be_in(body),
    }
}

/// Whether a submission was refused for what it says.
fn refused(fault: &Fault) -> bool {
    matches!(fault.status(), StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY)
}

/// The organisation's room in the quarantine is filled.
fn full() -> Finding {
    Finding::error(
        IssueType::TooCostly,
        "",
        "隔離の置き場が、あなたの機関の分はいっぱいです。この文書は保管していません。手もとの控えを直して送り直し、運用の担当者に知らせてください。受け取れる文書はこれまでどおり登録されます。",
        "Your organisation's room in the quarantine is full. This document was not kept. Correct your copy and send it again, and tell the operator. Documents that hold are registered as before.",
    )
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
    let document = ask.document(&bytes)?;
    let unprocessable = |findings| Fault::findings(StatusCode::UNPROCESSABLE_ENTITY, ask.lang, findings);
    let bundle = Bundle::read(&document).map_err(unprocessable)?;
    let findings = check(desk, &bundle);
    if outcome::refused(&findings) {
        return Err(unprocessable(findings));
    }
    let arrival = Arrival::read(ask, &bundle, bytes, &findings)?;
    for _ in 0..ATTEMPTS {
        match arrival.put(desk, ask).await {
            Err(Attempt::Met) => {}
            Err(Attempt::Fault(fault)) => return Err(fault),
            Ok((done, unchanged)) => return Ok(Registered { done, unchanged, findings, lang: ask.lang }),
        }
    }
    Err(Fault::commit(ask.lang, &CommitError::Conflict(0)))
}

/// R4, every profile that is loaded, and the rules of JP-CLINS.
fn check(desk: &Desk, bundle: &Bundle<'_>) -> Vec<Finding> {
    let mode = match bundle.kind {
        BundleType::Document => Mode::of(bundle.node),
        BundleType::Collection => Mode::Collection,
        _ => {
            return vec![Finding::error(
                IssueType::NotSupported,
                "Bundle.type",
                "$submit が受け取るのは document と collection です。",
                "$submit takes a document or a collection.",
            )];
        }
    };
    desk.record.check(bundle.node, mode, &[])
}
