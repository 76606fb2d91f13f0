//! Whether a message that had begun when an import was cut off is in: asked before it is sent again.
//!
//! A document or collection may simply be sent again: the same bytes under the same identifier change nothing. A created
//! resource would stand there twice; so it is looked for as its sender's system may check what it sent (RECORDMGT), by kind
//! and by the moment at which it was put on the shelf, which is the message's own.

use bytes::Bytes;
use serde_json::Value;
use tsumugi_kernel::{FactKey, Kind, PersonId, Purpose, Role};
use tsumugi_people::{Identifier, Person};
use tsumugi_synth::out::Envelope;

use crate::import::Importer;
use crate::town_clock::TownClock;

/// Whether the message is in.
///
/// # Errors
/// If the store cannot answer.
pub(super) async fn is_there(importer: &Importer, envelope: &Envelope, body: &Bytes) -> anyhow::Result<bool> {
    if envelope.form == "submit" {
        return Ok(false);
    }
    let sent: Value = serde_json::from_slice(body)?;
    // A transaction is in whole or not at all: the first resource that says whom it is about tells.
    let entries = sent["entry"].as_array().into_iter().flatten().map(|entry| &entry["resource"]);
    let about = |resource: &&Value| subject(resource).is_some();
    let first = if envelope.form == "transaction" { entries.into_iter().find(about).unwrap_or(&sent) } else { &sent };
    let Some(patient) = patient(importer, first).await? else { return Ok(false) };
    let person = PersonId::new("tsumugi-import")?;
    importer.desk().directory.register(&[Person::named(person.clone(), "取り込み (tsumugi import)")], &[]).await?;
    let kind = first["resourceType"].as_str().unwrap_or_default();
    let moment = envelope.time.to_fhir().replace('+', "%2B");
    let path = format!("/{kind}?patient=Patient/{patient}&_lastUpdated={moment}&_count=1000");
    let answer = TownClock::at(envelope.time, async {
        let caller = importer.caller(&person, &envelope.sender, Role::System, Purpose::RecordManagement).await?;
        importer.gate().ask(&caller, "GET", &path, Bytes::new()).await
    })
    .await?;
    anyhow::ensure!(
        answer.status == 200,
        "{}: it cannot be found out whether it is in; the search was answered {}",
        envelope.name,
        answer.status
    );
    let found: Value = serde_json::from_slice(&answer.body)?;
    Ok(found["entry"].as_array().into_iter().flatten().any(|entry| is_same(first, &entry["resource"])))
}

/// The identifier by which a resource names whom it is about.
fn subject(resource: &Value) -> Option<&serde_json::Map<String, Value>> {
    ["subject", "patient"].into_iter().find_map(|name| resource[name]["identifier"].as_object())
}

/// The sealed id of a `Patient` of whom a resource names by an identifier.
async fn patient(importer: &Importer, resource: &Value) -> anyhow::Result<Option<String>> {
    let Some(identifier) = subject(resource) else { return Ok(None) };
    let text = |name: &str| identifier.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let desk = importer.desk();
    let Some(citizen) = desk.directory.find(&Identifier::new(text("system"), text("value"))).await? else {
        return Ok(None);
    };
    let row = desk.directory.citizen(citizen).await?;
    let number = row.and_then(|row| row.patients.first().copied());
    Ok(number.map(|number| desk.record.sealer().seal(FactKey { citizen, kind: Kind::PATIENT, number })))
}

/// Whether what stands on the shelf is what was sent: every member but those that the server writes or turns into its own
/// ids.
fn is_same(sent: &Value, found: &Value) -> bool {
    let ours = |name: &str| matches!(name, "id" | "meta" | "subject" | "patient" | "text");
    let points = |value: &Value| value.to_string().contains("\"reference\":");
    sent.as_object()
        .into_iter()
        .flatten()
        .filter(|(name, value)| !ours(name) && !points(value))
        .all(|(name, value)| found[name.as_str()] == *value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn two_notes_of_one_moment_are_told_apart() {
        let note =
            |text: &str| json!({"resourceType": "Observation", "valueString": text, "subject": {"identifier": {}}});
        let mut found = note("昼");
        found["id"] = json!("x1");
        found["subject"] = json!({"reference": "Patient/a"});
        assert!(is_same(&note("昼"), &found));
        assert!(!is_same(&note("夜"), &found));
    }
}
