//! `GET /Patient/id/$access-log`: who looked, as `AuditEvent`s (IHE BALP's patient read pattern), newest first.

use axum::{
    extract::{Path, RawQuery, State},
    http::StatusCode,
    response::Response,
};
use tsumugi_access::{Action, Look, Shown, looks::LooksError};
use tsumugi_fhir::json::write::Writer;
use tsumugi_kernel::{Instant, limits};
use tsumugi_ledger::look::Decision;

use super::{Ask, Desk, Fault, answer, read, search};

pub(super) async fn access_log(
    State(desk): State<Desk>,
    ask: Ask,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Fault> {
    let pairs = search::operation_pairs(&ask, query.as_deref(), &["_count", "before"])?;
    let key = read::find(&desk, &ask, "Patient", &id).await?;
    let permit = desk.admit(&ask, Action::AccessLog, key.citizen).await?;
    let total = permit.looks_count().await.map_err(|error| looks_fault(&ask, &error))?;
    let number = |name: &str| pairs.iter().find(|(n, _)| n == name).and_then(|(_, value)| value.parse::<u64>().ok());
    let count = number("_count").unwrap_or(limits::PAGE_DEFAULT as u64).clamp(1, limits::PAGE_MOST as u64);
    let to = number("before").map_or(total, |before| before.saturating_sub(1).min(total));
    let from = to.saturating_sub(count - 1).max(1);
    let looks =
        if to == 0 { Vec::new() } else { permit.looks(from, to).await.map_err(|error| looks_fault(&ask, &error))? };
    let receipt = read::seal(&ask, permit, Shown::none()).await?;
    let mut links = Vec::new();
    if from > 1 && to > 0 {
        links.push(("next", format!("{}/Patient/{id}/$access-log?_count={count}&before={from}", ask.base)));
    }
    let mut bundle = answer::BundleWriter::start("searchset", usize::try_from(total).ok(), &links);
    for look in looks.iter().rev() {
        bundle.entry(None, Some(&event(look, &id)), "\"search\":{\"mode\":\"match\"}");
    }
    Ok(answer::with_receipt(answer::json(StatusCode::OK, bundle.finish()), &receipt))
}

/// Gives a failure to read the log its answer.
pub(super) fn looks_fault(ask: &Ask, error: &LooksError) -> Fault {
    match error {
        LooksError::Permit => Fault::absent(ask.lang),
        LooksError::Store(error) => Fault::store(ask.lang, error),
        LooksError::Ledger(error) => {
            tracing::error!(%error, "a leaf cannot be read");
            Fault::record(ask.lang, &crate::RecordError::Unreadable("a leaf"))
        }
    }
}

/// One look as an `AuditEvent`.
fn event(look: &Look, patient: &str) -> Vec<u8> {
    let part = &look.part;
    let mut out = Writer::with_capacity(1024);
    out.object(|out| {
        out.field("resourceType", "AuditEvent").field("id", &format!("look-{}", look.number));
        coding(out, "type", "http://dicom.nema.org/resources/ontology/DCM", "110110");
        out.field("action", action(&part.action));
        out.field("recorded", &Instant(part.time).to_fhir());
        // 4 is "minor failure": a refusal is an event that did not succeed.
        out.field("outcome", if part.decision == Decision::Refused { "4" } else { "0" });
        out.key("purposeOfEvent").array(|out| {
            out.object(|out| {
                out.key("coding").array(|out| {
                    out.object(|out| {
                        out.field("system", "http://terminology.hl7.org/CodeSystem/v3-ActReason")
                            .field("code", &part.purpose);
                    });
                });
                // In the looker's own words, where the purpose asks for them.
                if let Some(reason) = &part.reason {
                    out.field("text", reason);
                }
            });
        });
        out.key("agent").array(|out| {
            agent(out, &part.person.id, &part.person.name, &part.role, !part.automatic, &part.rule);
            agent(out, &part.organization.id, &part.organization.name, "organization", false, "");
            if let Some(behalf) = &part.on_behalf {
                agent(out, "", &behalf.name, &behalf.relation, false, "");
            }
        });
        out.key("source").object(|out| {
            out.key("observer").object(|out| {
                out.field("display", "Tsumugi");
            });
        });
        out.key("entity").array(|out| {
            out.object(|out| {
                out.key("what").object(|out| {
                    out.field("reference", &format!("Patient/{patient}"));
                });
            });
            for (kind, numbers) in &part.shown {
                out.object(|out| {
                    out.field("name", kind).field("description", numbers);
                });
            }
        });
    });
    out.finish()
}

fn action(code: &str) -> &'static str {
    match code {
        "create" | "submit" => "C",
        "update" | "standing" | "match" | "merge" | "unmerge" | "review" => "U",
        "delete" => "D",
        "search" | "everything" => "E",
        _ => "R",
    }
}

/// `rules` are the ids of the rules under which the agent acted, separated by spaces.
fn agent(out: &mut Writer, id: &str, name: &str, role: &str, requestor: bool, rules: &str) {
    out.object(|out| {
        concept(out, "type", "http://tsumugi.example/fhir/CodeSystem/role", role);
        out.key("who").object(|out| {
            if !id.is_empty() {
                out.key("identifier").object(|out| {
                    out.field("value", id);
                });
            }
            out.field("display", name);
        });
        out.key("requestor").bool(requestor);
        if !rules.is_empty() {
            out.key("policy").array(|out| {
                for rule in rules.split(' ') {
                    out.string(&format!("urn:tsumugi:rule:{rule}"));
                }
            });
        }
    });
}

fn coding(out: &mut Writer, key: &str, system: &str, code: &str) {
    out.key(key).object(|out| {
        out.field("system", system).field("code", code);
    });
}

fn concept(out: &mut Writer, key: &str, system: &str, code: &str) {
    out.key(key).object(|out| {
        out.key("coding").array(|out| {
            out.object(|out| {
                out.field("system", system).field("code", code);
            });
        });
    });
}
