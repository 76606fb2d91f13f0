//! `GET /AuditEvent?patient=…&date=…` and `GET /AuditEvent/id`: looks as `AuditEvent`s, for systems of the person's side and
//! of the supervising body.
//!
//! The patterns are those of IHE BALP (Basic Audit Log Patterns): type *rest* with the interaction as subtype, the action,
//! an agent for who looked and one for the organisation, the purpose of use, the patient as entity 1, what was shown as
//! further entities. The rules stand in `agent.policy`. No query is kept in a leaf, so none is repeated here.
//!
//! What must hold: nobody else reads an event than who may open the log; a supervisor reads only where there is a case.
//! Reading one is a look of its own.

use axum::{http::StatusCode, response::Response};
use jiff::{ToSpan, civil::Date};
use tsumugi_access::{Action, CaseError, Look, Permit, Shown};
use tsumugi_fhir::{json::write::Writer, outcome::IssueType};
use tsumugi_kernel::{CitizenId, FactKey, Instant, Kind, Role, clock, limits};
use tsumugi_ledger::look::Decision;

use super::{Ask, Desk, Fault, access_log::looks_fault, answer, read, search};
use crate::RecordError;

/// The kind, which is nobody's fact: it is told from the log.
pub(super) const NAME: &str = "AuditEvent";
/// Leaves opened at once.
const CHUNK: u64 = 1_024;

/// `GET /AuditEvent?patient=&date=&_count=&before=`, newest first.
pub(super) async fn search(desk: &Desk, ask: &Ask, query: Option<&str>) -> Result<Response, Fault> {
    let pairs = search::operation_pairs(ask, query, &["patient", "date", "_count", "before"])?;
    let text = |name: &str| pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let Some(patient) = text("patient") else {
        return Err(bad(
            ask,
            "patient がありません。だれの記録かを patient=ID で書いてください。",
            "patient is missing: say whose record with patient=ID.",
        ));
    };
    let id = patient.strip_prefix("Patient/").unwrap_or(patient);
    let dates = pairs.iter().filter(|(name, _)| name == "date").map(|(_, value)| window(value));
    let Some(windows) = dates.collect::<Option<Vec<_>>>() else {
        return Err(bad(
            ask,
            "date が読めません。例: date=ge2026-11-01、date=2026-11。",
            "date cannot be read. Examples: date=ge2026-11-01, date=2026-11.",
        ));
    };
    let key = read::find(desk, ask, "Patient", id).await?;
    let permit = desk.admit(ask, Action::AccessLog, key.citizen).await?;
    let permit = with_case(ask, permit).await?;
    let number = |name: &str| text(name).and_then(|value| value.parse::<u64>().ok());
    let most = number("_count").unwrap_or(limits::PAGE_DEFAULT as u64).clamp(1, limits::PAGE_MOST as u64);
    let before = number("before").unwrap_or(u64::MAX);
    let total = permit.looks_count().await.map_err(|error| looks_fault(ask, &error))?;
    let (mut found, mut page, mut to) = (0_usize, Vec::new(), total);
    while to > 0 {
        let from = to.saturating_sub(CHUNK - 1).max(1);
        let looks = permit.looks(from, to).await.map_err(|error| looks_fault(ask, &error))?;
        for look in looks.into_iter().rev().filter(|look| windows.iter().all(|window| window.holds(look.part.time))) {
            found += 1;
            if look.number < before && page.len() as u64 <= most {
                page.push(look);
            }
        }
        to = from - 1;
    }
    let receipt = read::seal(ask, permit, Shown::none()).await?;
    let mut links = Vec::new();
    if page.len() as u64 > most {
        page.pop();
        let last = page.last().map_or(0, |look| look.number);
        let dates: String = pairs
            .iter()
            .filter(|(name, _)| name == "date")
            .map(|(_, value)| format!("&date={}", value.replace('+', "%2B")))
            .collect();
        links.push(("next", format!("{}/AuditEvent?patient={id}{dates}&_count={most}&before={last}", ask.base)));
    }
    let mut bundle = answer::BundleWriter::start("searchset", Some(found), &links);
    for look in &page {
        bundle.entry(None, Some(&event(desk, look, key.citizen, id)), "\"search\":{\"mode\":\"match\"}");
    }
    Ok(answer::with_receipt(answer::json(StatusCode::OK, bundle.finish()), &receipt))
}

/// `GET /AuditEvent/id`.
pub(super) async fn read(desk: &Desk, ask: &Ask, id: &str) -> Result<Response, Fault> {
    let key = desk.record.sealer().open(id).filter(|key| key.kind == kind());
    let key = key.ok_or_else(|| Fault::absent(ask.lang))?;
    let permit = desk.admit(ask, Action::AccessLog, key.citizen).await?;
    let permit = with_case(ask, permit).await?;
    let looks = permit.looks(key.number, key.number).await.map_err(|error| looks_fault(ask, &error))?;
    let receipt = read::seal(ask, permit, Shown::none()).await?;
    let look = looks.first().ok_or_else(|| Fault::absent(ask.lang))?;
    let row = desk.directory.citizen(key.citizen).await;
    let row = row.map_err(|_| Fault::record(ask.lang, &RecordError::Unreadable("a citizen's row")))?;
    let number = row.and_then(|row| row.patients.first().copied()).ok_or_else(|| Fault::absent(ask.lang))?;
    let patient = desk.record.sealer().seal(FactKey { citizen: key.citizen, kind: Kind::PATIENT, number });
    let body = event(desk, look, key.citizen, &patient);
    Ok(answer::with_receipt(answer::json(StatusCode::OK, body), &receipt))
}

/// A supervisor reads about a case, and nothing where there is none; the look is in the log all the same.
async fn with_case(ask: &Ask, permit: Permit) -> Result<Permit, Fault> {
    if permit.caller().role != Role::Supervisor {
        return Ok(permit);
    }
    let cases = permit.cases().await.map_err(|error| match error {
        CaseError::Store(error) => Fault::store(ask.lang, &error),
        _ => Fault::record(ask.lang, &RecordError::Unreadable("a case")),
    })?;
    if cases.is_empty() {
        read::seal(ask, permit, Shown::none()).await?;
        return Err(Fault::absent(ask.lang));
    }
    Ok(permit)
}

fn bad(ask: &Ask, ja: &str, en: &str) -> Fault {
    Fault::new(StatusCode::BAD_REQUEST, ask.lang, IssueType::Invalid, ja, en)
}

fn kind() -> Kind {
    Kind::from_name(NAME).unwrap_or(Kind::PATIENT)
}

/// Milliseconds in which a look must lie; the end does not belong to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Window {
    from: i64,
    until: i64,
}

impl Window {
    const fn holds(self, time: i64) -> bool {
        self.from <= time && time < self.until
    }
}

/// FHIR's date parameter: `ge2026-11-01`, `2026-11`, `lt2026-11-20T09:00:00+09:00`. Days are Japan's.
fn window(text: &str) -> Option<Window> {
    let (prefix, value) = match text.get(..2) {
        Some(prefix @ ("eq" | "ge" | "gt" | "le" | "lt")) => (prefix, text.get(2..)?),
        _ => ("eq", text),
    };
    let (from, until) = span(value)?;
    let (first, last) = (i64::MIN, i64::MAX);
    let (from, until) = match prefix {
        "ge" => (from, last),
        "gt" => (until, last),
        "le" => (first, until),
        "lt" => (first, from),
        _ => (from, until),
    };
    Some(Window { from, until })
}

fn span(value: &str) -> Option<(i64, i64)> {
    let midnight = |day: Date| Some(day.to_zoned(clock::japan()).ok()?.timestamp().as_millisecond());
    let number = |range: std::ops::Range<usize>| value.get(range).and_then(|digits| digits.parse::<i16>().ok());
    let (start, length) = match value.len() {
        4 => (Date::new(number(0..4)?, 1, 1).ok()?, 1.year()),
        7 => (format!("{value}-01").parse::<Date>().ok()?, 1.month()),
        10 => (value.parse::<Date>().ok()?, 1.day()),
        _ => {
            let stamp: jiff::Timestamp = value.replace(' ', "+").parse().ok()?;
            // A moment is as wide as what is written of it: a second, or its fraction.
            let wide = if value.contains('.') { 1 } else { 1_000 };
            return Some((stamp.as_millisecond(), stamp.as_millisecond() + wide));
        }
    };
    Some((midnight(start)?, midnight(start.checked_add(length).ok()?)?))
}

/// One look as an `AuditEvent`.
pub(super) fn event(desk: &Desk, look: &Look, citizen: CitizenId, patient: &str) -> Vec<u8> {
    let part = &look.part;
    let id = desk.record.sealer().seal(FactKey { citizen, kind: kind(), number: look.number });
    let mut out = Writer::with_capacity(2_048);
    out.object(|out| {
        out.field("resourceType", "AuditEvent").field("id", &id);
        out.key("type").object(|out| {
            out.field("system", "http://terminology.hl7.org/CodeSystem/audit-event-type").field("code", "rest");
        });
        if let Some(interaction) = interaction(&part.action) {
            out.key("subtype").array(|out| {
                out.object(|out| {
                    out.field("system", "http://hl7.org/fhir/restful-interaction").field("code", interaction);
                });
            });
        }
        out.field("action", action(&part.action));
        // When it was read without a network; that was told later.
        if let Some(offline) = part.offline.map(|at| Instant(at).to_fhir()) {
            out.key("period").object(|out| {
                out.field("start", &offline).field("end", &offline);
            });
        }
        out.field("recorded", &Instant(part.time).to_fhir());
        // 4 is "minor failure": a refusal is an event that did not succeed.
        out.field("outcome", if part.decision == Decision::Refused { "4" } else { "0" });
        purpose(out, "purposeOfEvent", &part.purpose, part.reason.as_deref());
        out.key("agent").array(|out| agents(out, look));
        out.key("source").object(|out| {
            out.key("observer").object(|out| {
                out.field("display", "Tsumugi");
            });
        });
        out.key("entity").array(|out| entities(out, look, patient));
    });
    out.finish()
}

fn agents(out: &mut Writer, look: &Look) {
    let part = &look.part;
    out.object(|out| {
        concept(out, "type", "http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "IRCP");
        out.key("role").array(|out| {
            out.object(|out| coded(out, "http://tsumugi.example/fhir/CodeSystem/role", &part.role));
            if let Some(qualification) = &part.person.qualification {
                out.object(|out| {
                    out.field("text", qualification);
                });
            }
        });
        who(out, &part.person.id, &part.person.name);
        out.key("requestor").bool(!part.automatic);
        out.key("policy").array(|out| {
            for rule in part.rule.split(' ') {
                out.string(&format!("urn:tsumugi:rule:{rule}"));
            }
        });
        purpose(out, "purposeOfUse", &part.purpose, None);
    });
    out.object(|out| {
        concept(out, "type", "http://tsumugi.example/fhir/CodeSystem/role", "organization");
        who(out, &part.organization.id, &part.organization.name);
        out.key("requestor").bool(false);
    });
    if let Some(behalf) = &part.on_behalf {
        out.object(|out| {
            concept(out, "type", "http://tsumugi.example/fhir/CodeSystem/role", &behalf.relation);
            who(out, "", &behalf.name);
            out.key("requestor").bool(false);
        });
    }
}

fn entities(out: &mut Writer, look: &Look, patient: &str) {
    out.object(|out| {
        out.key("what").object(|out| {
            out.field("reference", &format!("Patient/{patient}"));
        });
        entity_of(out, "1", "1");
    });
    if let Some(opening) = look.part.opening {
        out.object(|out| {
            out.key("what").object(|out| {
                out.key("identifier").object(|out| {
                    out.field("system", "http://tsumugi.example/fhir/disaster-opening");
                    out.field("value", &opening.to_string());
                });
            });
            entity_of(out, "4", "13");
        });
    }
    for (kind, numbers) in &look.part.shown {
        out.object(|out| {
            entity_of(out, "2", "4");
            out.field("name", kind).field("description", numbers);
        });
    }
}

fn entity_of(out: &mut Writer, of: &str, role: &str) {
    for (key, system, code) in [
        ("type", "http://terminology.hl7.org/CodeSystem/audit-entity-type", of),
        ("role", "http://terminology.hl7.org/CodeSystem/object-role", role),
    ] {
        out.key(key).object(|out| {
            out.field("system", system).field("code", code);
        });
    }
}

fn action(code: &str) -> &'static str {
    match code {
        "create" | "submit" => "C",
        "update" | "standing" | "match" | "merge" | "unmerge" | "review" => "U",
        "delete" => "D",
        "search" | "everything" | "identify" | "take" => "E",
        _ => "R",
    }
}

/// FHIR's code of the interaction; a page for people is none of its own.
fn interaction(code: &str) -> Option<&'static str> {
    Some(match code {
        "read" | "original" => "read",
        "search" => "search-type",
        "history" => "history-instance",
        "create" => "create",
        "update" => "update",
        "delete" => "delete",
        "everything" | "submit" | "access-log" | "identify" => "operation",
        _ => return None,
    })
}

fn purpose(out: &mut Writer, key: &str, code: &str, reason: Option<&str>) {
    out.key(key).array(|out| {
        out.object(|out| {
            coded(out, "http://terminology.hl7.org/CodeSystem/v3-ActReason", code);
            // In the looker's own words, where the purpose asks for them.
            if let Some(reason) = reason {
                out.field("text", reason);
            }
        });
    });
}

fn who(out: &mut Writer, id: &str, name: &str) {
    out.key("who").object(|out| {
        if !id.is_empty() {
            out.key("identifier").object(|out| {
                out.field("value", id);
            });
        }
        out.field("display", name);
    });
}

fn coded(out: &mut Writer, system: &str, code: &str) {
    out.key("coding").array(|out| {
        out.object(|out| {
            out.field("system", system).field("code", code);
        });
    });
}

fn concept(out: &mut Writer, key: &str, system: &str, code: &str) {
    out.key(key).object(|out| coded(out, system, code));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_japans_days_and_prefixes_open_one_side() {
        let at = |text: &str| text.parse::<jiff::Timestamp>().unwrap().as_millisecond();
        let day = window("2026-11-20").unwrap();
        assert_eq!((day.from, day.until), (at("2026-11-19T15:00:00Z"), at("2026-11-20T15:00:00Z")));
        assert!(window("ge2026-11").unwrap().holds(at("2026-12-24T00:00:00Z")));
        assert!(!window("gt2026-11").unwrap().holds(at("2026-11-30T14:59:59Z")));
        assert!(window("le2026").unwrap().holds(at("2026-12-31T14:59:59Z")));
        assert!(!window("lt2026-11-20T09:00:00+09:00").unwrap().holds(at("2026-11-20T00:00:00Z")));
        // A plus that a query made a space is a plus.
        assert_eq!(window("lt2026-11-20T09:00:00 09:00"), window("lt2026-11-20T09:00:00+09:00"));
        for text in ["", "ge", "2026-13-01", "gestern", "sa2026-11-20", "2026-1"] {
            assert_eq!(window(text), None, "{text}");
        }
    }
}
