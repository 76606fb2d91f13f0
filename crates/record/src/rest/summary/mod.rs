//! `Patient/id/$summary` and `Patient/$summary?identifier=…`: the International Patient Summary of a citizen.
//!
//! A summary is a view: computed from the facts that the lens shows at that moment, over every linked `Patient`, and
//! kept nowhere. A hidden fact and none at all read alike: a required section without entries says *unavailable*, never
//! *nil known*, because only a person can say that there is nothing.

mod choose;
mod compose;
mod narrative;
pub mod rules;

pub use compose::Gathered;
pub(super) use compose::{gather, uuid};

use axum::{
    extract::{Path, RawQuery, State},
    http::StatusCode,
    response::Response,
};
use bytes::Bytes;
use tsumugi_access::{Action, Shown};
use tsumugi_fhir::outcome::IssueType;
use tsumugi_kernel::{CitizenId, FactKey, Kind};
use tsumugi_people::Identifier;

use super::{Ask, Desk, Fault, answer, query, read, writing};
use crate::RecordError;

pub(super) async fn of_patient(
    State(desk): State<Desk>,
    ask: Ask,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    body: Bytes,
) -> Result<Response, Fault> {
    let pairs = asked(&ask, query.as_deref(), &body)?;
    if query::value(&pairs, "identifier").is_some() {
        return Err(unknown(&ask));
    }
    let key = read::find(&desk, &ask, "Patient", &id).await?;
    summary(&desk, &ask, key.citizen, Some(key)).await
}

pub(super) async fn of_person(
    State(desk): State<Desk>,
    ask: Ask,
    RawQuery(query): RawQuery,
    body: Bytes,
) -> Result<Response, Fault> {
    let pairs = asked(&ask, query.as_deref(), &body)?;
    let named = query::value(&pairs, "identifier").and_then(|token| token.split_once('|'));
    let (system, value) = named.ok_or_else(|| unknown(&ask))?;
    let found = desk.directory.find(&Identifier::new(system, value)).await;
    let found = found.map_err(|error| writing::people(&ask, &error))?;
    summary(&desk, &ask, found.ok_or_else(|| Fault::absent(ask.lang))?, None).await
}

async fn summary(desk: &Desk, ask: &Ask, citizen: CitizenId, named: Option<FactKey>) -> Result<Response, Fault> {
    let permit = desk.admit(ask, Action::Everything, citizen).await?;
    let failed = |error: RecordError| Fault::record(ask.lang, &error);
    let gathered = async {
        let facts = desk.record.shelf(&permit, None, desk.record.present()).await?;
        compose::gather(desk, &facts, named, desk.record.now())
    };
    let gathered = match gathered.await {
        Ok(Some(gathered)) => gathered,
        Ok(None) => {
            // Without a Patient that may be seen there is nobody whom a summary could be about.
            read::seal(ask, permit, Shown::none()).await?;
            return Err(Fault::absent(ask.lang));
        }
        Err(error) => {
            read::seal(ask, permit, Shown::none()).await?;
            return Err(failed(error));
        }
    };
    let mut shown = Shown::none();
    for fact in gathered.facts() {
        fact.tell(&mut shown).map_err(failed)?;
    }
    let receipt = read::seal(ask, permit, shown).await?;
    let body = gathered.write(&ask.base, desk.record.now(), &receipt.hash);
    Ok(answer::with_receipt(answer::json(StatusCode::OK, body), &receipt))
}

/// What is asked: `identifier`, and `profile` where it is the one that is served.
fn asked(ask: &Ask, query: Option<&str>, body: &Bytes) -> Result<Vec<(String, String)>, Fault> {
    let pairs = query::of_operation(ask, query, body)?;
    let served = |profile: &str| {
        let profile = profile.split('|').next().unwrap_or(profile);
        profile == rules::COMPOSITION_PROFILE || profile == rules::BUNDLE_PROFILE
    };
    let known = |(name, value): &(String, String)| match name.as_str() {
        "identifier" | "_format" | "_pretty" => true,
        "profile" => served(value),
        _ => ask.lenient,
    };
    if pairs.iter().all(known) { Ok(pairs) } else { Err(unknown(ask)) }
}

fn unknown(ask: &Ask) -> Fault {
    Fault::new(
        StatusCode::BAD_REQUEST,
        ask.lang,
        IssueType::NotSupported,
        "$summary で使えるのは、id のない URL での identifier=〈system〉|〈value〉 と、profile(IPS の Composition-uv-ips)だけです。",
        "$summary takes identifier=<system>|<value> where the URL has no id, and profile (Composition-uv-ips of the IPS).",
    )
}

/// Whether a kind only says who, where or with what, and so goes along with what refers to it.
pub(super) fn goes_along(kind: Kind) -> bool {
    matches!(
        kind.name(),
        "Practitioner" | "PractitionerRole" | "Organization" | "Location" | "Medication" | "Device" | "Specimen"
    )
}
