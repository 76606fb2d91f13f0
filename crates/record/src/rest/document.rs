//! `Composition/id/$document`: a stored composition as a document, with everything that it names and the lens shows.

use std::collections::HashMap;

use axum::{
    extract::{Path, RawQuery, State},
    http::StatusCode,
    response::Response,
};
use bytes::Bytes;
use tsumugi_access::{Action, Shown};
use tsumugi_fhir::{
    json::{Document, Limits, write::Writer},
    outcome::IssueType,
    values,
};
use tsumugi_kernel::{FactKey, limits};

use super::{
    Ask, Desk, Fault, answer, query, read,
    summary::{goes_along, uuid},
};
use crate::{Fact, RecordError, references::split};

pub(super) async fn document(
    State(desk): State<Desk>,
    ask: Ask,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    body: Bytes,
) -> Result<Response, Fault> {
    let pairs = query::of_operation(&ask, query.as_deref(), &body)?;
    let known = |(name, value): &(String, String)| match name.as_str() {
        "persist" => value == "false",
        "_format" | "_pretty" => true,
        _ => ask.lenient,
    };
    if !pairs.iter().all(known) {
        return Err(not_kept(&ask));
    }
    let key = read::find(&desk, &ask, "Composition", &id).await?;
    let permit = desk.admit(&ask, Action::Everything, key.citizen).await?;
    let failed = |error: RecordError| Fault::record(ask.lang, &error);
    let gathered = match desk.record.shelf(&permit, None, desk.record.present()).await {
        Ok(facts) => gather(&desk, facts, key),
        Err(error) => Err(error),
    };
    let mut shown = Shown::none();
    for fact in gathered.iter().flatten() {
        fact.tell(&mut shown).map_err(failed)?;
    }
    let receipt = read::seal(&ask, permit, shown).await?;
    let facts = gathered.map_err(failed)?;
    if facts.is_empty() {
        return Err(Fault::absent(ask.lang));
    }
    let mut out = Writer::with_capacity(64 * 1024);
    let mut bodies = Vec::with_capacity(facts.len());
    for fact in &facts {
        let id = desk.record.sealer().seal(fact.key());
        bodies.push((format!("{}/{}/{id}", ask.base, fact.key().kind), fact.body().map_err(failed)?));
    }
    out.object(|out| {
        out.field("resourceType", "Bundle");
        out.key("identifier").object(|out| {
            out.field("system", "urn:ietf:rfc:3986");
            out.field("value", &format!("urn:uuid:{}", uuid(&receipt.hash, b'b')));
        });
        out.field("type", "document").field("timestamp", &desk.record.now().to_fhir());
        out.key("entry").array(|out| {
            for (url, body) in &bodies {
                out.object(|out| {
                    out.field("fullUrl", url).key("resource").raw_bytes(body);
                });
            }
        });
    });
    Ok(answer::with_receipt(answer::json(StatusCode::OK, out.finish()), &receipt))
}

/// The composition first, then what it names, then who and what these name. Nothing if the composition is not shown.
fn gather(desk: &Desk, facts: Vec<Fact>, composition: FactKey) -> Result<Vec<Fact>, RecordError> {
    let mut shelf: HashMap<FactKey, Fact> = facts.into_iter().map(|fact| (fact.key(), fact)).collect();
    let mut gathered = Vec::new();
    let mut asked = vec![composition];
    let mut next = 0;
    while let Some(key) = asked.get(next).copied() {
        next += 1;
        let Some(fact) = shelf.remove(&key).filter(|_| gathered.len() < limits::BUNDLE_ENTRIES) else { continue };
        let body = Document::parse(fact.body()?, &Limits::default());
        let body = body.map_err(|_| RecordError::Unreadable("a fact's body"))?;
        for reference in values::references(&body.root()) {
            let Some((kind, id)) = split(&reference.text) else { continue };
            if key == composition || goes_along(kind) || kind == tsumugi_kernel::Kind::PATIENT {
                asked.extend(desk.record.sealer().open(id).filter(|key| key.kind == kind));
            }
        }
        gathered.push(fact);
    }
    Ok(gathered)
}

fn not_kept(ask: &Ask) -> Fault {
    Fault::new(
        StatusCode::BAD_REQUEST,
        ask.lang,
        IssueType::NotSupported,
        "$document は文書を作って返すだけで、保存しません(persist=false)。ほかの条件は使えません。",
        "$document makes the document and does not keep it (persist=false). It takes nothing else.",
    )
}
