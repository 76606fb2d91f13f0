//! References by a name that only a transaction gives: `urn:uuid:…` and `urn:oid:…`.
//!
//! Outside its transaction nobody can follow such a name, so one that no entry bears is refused before the door is asked,
//! each with its entry and element. A patch shows what it adds only when it was applied; what stood there before (a
//! document's own, put there by `Bundle/$submit`) is left alone.

use axum::http::StatusCode;
use tsumugi_fhir::{
    json::{Document, Limits, Node},
    outcome::{Collector, Finding, IssueType, Severity},
    values::{self, Reference},
};

use super::{
    Deed, Wish,
    decide::{Body, Decision},
};
use crate::{
    RecordError,
    references::References,
    rest::{Ask, Fault},
};

/// Refuses every wish whose body refers to an entry that is not there.
pub(super) fn refuse(ask: &Ask, wishes: &[Wish<'_>]) -> Result<(), Fault> {
    let leaves_a_fact = |wish: &&Wish<'_>| !matches!(wish.deed, Deed::Delete { .. });
    let names: Vec<&str> = wishes.iter().filter(leaves_a_fact).filter_map(|wish| wish.full_url).collect();
    let mut found = Collector::default();
    for wish in wishes {
        if let Deed::Create { resource, .. } | Deed::Update { resource, .. } = &wish.deed {
            collect(wish, *resource, |name| names.contains(&name), &mut found);
        }
    }
    fault(ask, found)
}

/// Refuses every patch that adds a reference to an entry that is not there.
pub(super) fn refuse_patched(
    ask: &Ask,
    wishes: &[Wish<'_>],
    decisions: &[Decision<'_>],
    references: &References,
) -> Result<(), Fault> {
    let failed = |error: RecordError| Fault::record(ask.lang, &error);
    let mut found = Collector::default();
    for (wish, decision) in wishes.iter().zip(decisions) {
        let Decision::Replace { fact, body: Body::Patched(after), .. } = decision else { continue };
        if !values::references(&after.root()).any(|reference| is_name(&reference)) {
            continue;
        }
        let before = Document::parse(fact.body().map_err(failed)?, &Limits::default());
        let before = before.map_err(|_| failed(RecordError::Unreadable("a fact's body")))?;
        let stood: Vec<Reference<'_>> = values::references(&before.root()).collect();
        let known = |name: &str| references.get(name).is_some() || stood.iter().any(|one| one.text == name);
        collect(wish, after.root(), known, &mut found);
    }
    fault(ask, found)
}

fn is_name(reference: &Reference<'_>) -> bool {
    reference.text.starts_with("urn:uuid:") || reference.text.starts_with("urn:oid:")
}

fn collect(wish: &Wish<'_>, resource: Node<'_>, known: impl Fn(&str) -> bool, found: &mut Collector) {
    for reference in values::references(&resource).filter(|one| is_name(one) && !known(&one.text)) {
        found.add(Severity::Error, || {
            let within = resource.path_to(reference.value);
            let path = match wish.entry {
                Some(entry) => format!("Bundle.entry[{entry}].resource{within}"),
                None => format!("{}{within}", wish.kind),
            };
            Finding::error(IssueType::NotFound, path, JA, EN).rule("reference-in-transaction").at(reference.value)
        });
    }
}

const JA: &str = "urn:uuid: や urn:oid: の参照先がありません。同じ transaction に、それを fullUrl とし、リソースを残す entry が要ります(単独の書き込みと batch では使えません)。entry を加えるか、〈種別〉/〈id〉 か 〈種別〉?〈条件〉 で参照してください。何も保存していません。";
const EN: &str = "A reference by urn:uuid: or urn:oid: leads nowhere. It needs an entry of the same transaction that has it as its fullUrl and leaves a resource (single writes and batches take none). Add that entry, or refer by <type>/<id> or <type>?<condition>. Nothing was saved.";

fn fault(ask: &Ask, found: Collector) -> Result<(), Fault> {
    let findings = found.finish();
    if findings.is_empty() {
        return Ok(());
    }
    Err(Fault::findings(StatusCode::UNPROCESSABLE_ENTITY, ask.lang, findings))
}
