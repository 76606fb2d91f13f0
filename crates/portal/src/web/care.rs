//! The care worker's short form: a Barthel index and a note become two observations, written like any other fact.

use axum::{extract::State, response::Response};
use bytes::Bytes;
use maud::Markup;
use tsumugi_access::{Action, Caller, Request};
use tsumugi_fhir::{
    json::{Document, Limits, write::Writer},
    outcome,
};
use tsumugi_fhir_validate::Mode;
use tsumugi_kernel::{Instant, Kind, Purpose};
use tsumugi_record::{CommitError, RecordError, references::References};

use super::{Fault, Site, Visit, answer, fault::broken, form, record};
use crate::frame::Section;
use crate::page::{self, care_form::NOTE_CHARACTERS};
use crate::read::ADL;
use crate::view::{ACTIVITIES, CareFormView, FieldFault, Trouble};

const CATEGORY: &str = "http://terminology.hl7.org/CodeSystem/observation-category";
const PERSON: &str = "http://tsumugi.example/fhir/IdSystem/person";
const ORGANIZATION: &str = "http://tsumugi.example/fhir/IdSystem/organization";

/// `GET /people/{id}/care`: the empty form.
pub(crate) async fn form(State(site): State<Site>, visit: Visit) -> Response {
    let view = CareFormView { idempotency: site.random(), ..CareFormView::default() };
    let page = show(&site, &visit, view).await;
    answer::page(&visit, page)
}

/// `POST /people/{id}/care`: writes once, however often it is sent.
pub(crate) async fn record(State(site): State<Site>, visit: Visit, body: String) -> Response {
    let fields = form::pairs(&body);
    if visit.caller.is_none() {
        return Fault::SignIn.page(&visit);
    }
    if !visit.is_own_form(&site, &fields) {
        return Fault::from(Trouble::StaleForm).page(&visit);
    }
    let view = read(&fields);
    if !view.faults.is_empty() {
        let page = show(&site, &visit, view).await;
        return answer::page(&visit, page);
    }
    match write(&site, &visit, &view).await {
        Ok(path) => answer::see_other(&path, []),
        Err(fault) => fault.page(&visit),
    }
}

/// The form for those whose work it is.
async fn show(site: &Site, visit: &Visit, view: CareFormView) -> Result<Markup, Fault> {
    may_record(record::caller(visit)?)?;
    let open = record::open(site, visit, Action::Page).await?;
    let frame = open.seal(visit).await?;
    Ok(page::care_form::page(&view, &frame))
}

/// Whether the reader's work has this form; past the glass nothing is written.
pub(super) fn may_record(caller: &Caller) -> Result<(), Fault> {
    let own = Section::of(caller.role).contains(&Section::CareForm) && caller.purpose != Purpose::BreakGlass;
    if own { Ok(()) } else { Err(Fault::NOT_SHOWN) }
}

/// What was sent, with its faults. Ten answers or none: a Barthel index with gaps has no total.
fn read(fields: &[(String, String)]) -> CareFormView {
    let mut view = CareFormView::default();
    for (slot, activity) in view.items.iter_mut().zip(&ACTIVITIES) {
        let sent = form::value(fields, &format!("barthel-{}", activity.code));
        *slot = sent.and_then(|text| text.parse().ok()).filter(|points| activity.points.contains(points));
    }
    form::value(fields, "note").unwrap_or_default().trim().clone_into(&mut view.note);
    form::value(fields, "idempotency").unwrap_or_default().clone_into(&mut view.idempotency);
    let given = view.items.iter().flatten().count();
    if given > 0 {
        let missing = ACTIVITIES.iter().zip(&view.items).filter(|(_, item)| item.is_none());
        view.faults.extend(missing.map(|(activity, _)| FieldFault::Missing(activity.code)));
    } else if view.note.is_empty() {
        view.faults.push(FieldFault::Empty);
    }
    if view.note.chars().count() > NOTE_CHARACTERS as usize {
        view.faults.push(FieldFault::NoteTooLong(NOTE_CHARACTERS));
    }
    view
}

/// Writes what the form says in one commit with one leaf, and gives the page to go to. The form's own number is the
/// client-chosen id of what is written, so a second sending finds it there and writes nothing.
async fn write(site: &Site, visit: &Visit, view: &CareFormView) -> Result<String, Fault> {
    let caller = record::caller(visit)?;
    may_record(caller)?;
    let (citizen, base) = record::whose(site, visit)?;
    let id = visit.param("id").unwrap_or_default();
    if view.idempotency.len() != 32 || !view.idempotency.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(Trouble::StaleForm.into());
    }
    let record = &site.desk().record;
    let permit = site.desk().door.admit(Request { caller, action: Action::Create, citizen }).await?;
    let now = visit.now;
    let bodies = [
        view.items.iter().all(Option::is_some).then(|| ("barthel", barthel(caller, id, &view.items, now))),
        (!view.note.is_empty()).then(|| ("note", note(caller, id, &view.note, now))),
    ];
    let keys = [record.new_key(&permit, Kind::OBSERVATION), record.new_key(&permit, Kind::OBSERVATION)];
    let mut writing = record.write(permit);
    for ((what, json), key) in bodies.into_iter().flatten().zip(keys) {
        let bytes = Bytes::from(json);
        let document = Document::parse(bytes.clone(), &Limits::default()).map_err(|error| broken(&error))?;
        if outcome::refused(&record.check(document.root(), Mode::Resource, &[])) {
            return Err(broken(&"the form's observation is not valid"));
        }
        let origin = writing.original(bytes);
        writing.put(key, None, document.root(), origin, &References::default())?;
        writing.alias(&format!("form-{}-{what}", view.idempotency), key);
    }
    match writing.commit(&site.desk().door).await {
        Ok(_) => {}
        Err(RecordError::Commit(CommitError::Conflict(_))) if is_written(site, caller, view).await? => {}
        Err(error) => return Err(error.into()),
    }
    Ok(format!("{base}?recorded={}", now.0))
}

/// Whether this very form was written before.
async fn is_written(site: &Site, caller: &Caller, view: &CareFormView) -> Result<bool, Fault> {
    for what in ["barthel", "note"] {
        let id = format!("form-{}-{what}", view.idempotency);
        if site.desk().record.alias(&caller.organization, Kind::OBSERVATION, &id).await?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What both observations have in common; `fill` adds the value.
fn observation(
    caller: &Caller,
    patient: &str,
    now: Instant,
    category: &str,
    code: (&str, &str),
    fill: impl FnOnce(&mut Writer),
) -> Vec<u8> {
    let mut out = Writer::with_capacity(2048);
    out.object(|out| {
        out.field("resourceType", "Observation").field("language", "ja").field("status", "final");
        out.key("category").array(|out| {
            out.object(|out| concept(out, CATEGORY, category, None));
        });
        out.key("code").object(|out| concept(out, ADL, code.0, Some(code.1)));
        out.key("subject").object(|out| {
            out.field("reference", &format!("Patient/{patient}"));
        });
        out.field("effectiveDateTime", &now.to_fhir());
        out.key("performer").array(|out| {
            named(out, "Practitioner", PERSON, caller.person.as_str(), &caller.person_name);
            named(out, "Organization", ORGANIZATION, caller.organization.as_str(), &caller.organization_name);
        });
        fill(out);
    });
    out.finish()
}

fn barthel(caller: &Caller, patient: &str, items: &[Option<u8>; 10], now: Instant) -> Vec<u8> {
    let total: i64 = items.iter().flatten().map(|points| i64::from(*points)).sum();
    observation(
        caller,
        patient,
        now,
        "survey",
        ("barthel-index", "日常生活の力(バーセルインデックス)"),
        |out| {
            out.key("valueInteger").number(total);
            out.key("component").array(|out| {
                for (activity, points) in ACTIVITIES.iter().zip(items.iter().flatten()) {
                    out.object(|out| {
                        out.key("code").object(|out| concept(out, ADL, &format!("barthel-{}", activity.code), None));
                        out.key("valueInteger").number(i64::from(*points));
                    });
                }
            });
        },
    )
}

fn note(caller: &Caller, patient: &str, text: &str, now: Instant) -> Vec<u8> {
    observation(caller, patient, now, "activity", ("care-note", "介護の記録"), |out| {
        out.field("valueString", text);
    })
}

fn concept(out: &mut Writer, system: &str, code: &str, text: Option<&str>) {
    out.key("coding").array(|out| {
        out.object(|out| {
            out.field("system", system).field("code", code);
        });
    });
    if let Some(text) = text {
        out.field("text", text);
    }
}

fn named(out: &mut Writer, kind: &str, system: &str, value: &str, name: &str) {
    out.object(|out| {
        out.field("type", kind);
        out.key("identifier").object(|out| {
            out.field("system", system).field("value", value);
        });
        out.field("display", name);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(text: &str) -> CareFormView {
        read(&form::pairs(text))
    }

    #[test]
    fn ten_answers_or_none() {
        let all: String = ACTIVITIES.iter().map(|activity| format!("barthel-{}=5&", activity.code)).collect();
        let whole = fields(&all);
        assert!(whole.faults.is_empty() && whole.items.iter().all(|item| *item == Some(5)), "{whole:?}");
        let one = fields("barthel-feeding=10&note=x");
        assert_eq!(one.faults.len(), 9);
        assert_eq!(one.items[0], Some(10));
        assert_eq!(fields("note=+x+").note, "x");
        assert!(fields("note=x").faults.is_empty());
        assert_eq!(fields("note=+").faults, [FieldFault::Empty]);
        assert_eq!(fields("barthel-feeding=7").faults, [FieldFault::Empty], "points that cannot be are no answer");
        assert_eq!(fields(&format!("note={}", "あ".repeat(1_001))).faults, [FieldFault::NoteTooLong(1_000)]);
    }
}
