//! `GET /Bundle/$quarantine`: what this organisation sent and was refused, with the findings, so that it can be mended.

use axum::{extract::State, http::StatusCode, response::Response};
use tsumugi_record::rest::{Ask, Desk, Fault, answer};

/// Most entries in one answer.
const MOST: usize = 100;

pub(super) async fn quarantine(State(desk): State<Desk>, ask: Ask) -> Result<Response, Fault> {
    let found = desk.record.quarantined(&ask.caller.organization, None, MOST).await;
    let found = found.map_err(|error| Fault::record(ask.lang, &error))?;
    let mut bundle = answer::BundleWriter::start("collection", None, &[]);
    for (number, entry) in &found {
        let outcome = serde_json::to_vec(&entry.outcome).unwrap_or_default();
        bundle.entry(
            Some(&format!("urn:tsumugi:quarantine:{number}")),
            Some(&outcome),
            &format!("\"id\":\"{number}\""),
        );
    }
    Ok(answer::json(StatusCode::OK, bundle.finish()))
}
