//! Professionals and organisations: kinds that are nobody's facts, read and searched nationally.
//!
//! The directory registers who signs in and where they work; here it is said in FHIR: a `Practitioner` for each person
//! with a professional role, a `PractitionerRole` where the organisation is known, an `Organization` for each
//! organisation. A citizen's own sign-in is not among them, nor whom a professional is as a citizen. A look at the
//! directory is no look at a citizen and leaves no leaf. There is no registry of places, services or devices, so those
//! kinds answer with nothing. What documents say of their own authors stands on the citizen's shelf and is found there,
//! below `Patient/id/Practitioner`.

use axum::{http::StatusCode, response::Response};
use bytes::Bytes;
use tsumugi_fhir::{
    json::write::Writer,
    outcome::{Finding, IssueType, Severity},
    values::Packed,
};
use tsumugi_fhir_search::{Query, SearchError, Shelf, Subset};
use tsumugi_kernel::{Instant, Kind, OrganizationId, OrganizationKind, PersonId, Role, limits};
use tsumugi_people::{Organization, PeopleError, Person};

use super::{Ask, Desk, Fault, answer, part::Part, search, search::Links, writing};

/// Kinds that the directory answers for.
const KINDS: [&str; 7] = [
    "Endpoint",
    "HealthcareService",
    "Location",
    "Organization",
    "OrganizationAffiliation",
    "Practitioner",
    "PractitionerRole",
];
/// Those that are registered; in the order of kinds.
const REGISTERED: [&str; 3] = ["Organization", "Practitioner", "PractitionerRole"];
/// Most rows that one search goes through; past it the search must name somebody by identifier or `_id`.
const ROWS: usize = 50_000;
/// Rows asked of the directory at once.
const AT_ONCE: usize = 1_000;
const INSTITUTION: &str = tsumugi_fhir::values::systems::INSTITUTION;
const PERSON: &str = "http://tsumugi.example/fhir/IdSystem/person";
const ORGANIZATION: &str = "http://tsumugi.example/fhir/IdSystem/organization";

/// Whether a kind is searched in the directory.
pub(super) fn holds(kind: Kind) -> bool {
    KINDS.contains(&kind.name())
}

/// An entry of the directory by its id; `None` where there is none, and the shelf is asked.
pub(super) async fn read(desk: &Desk, ask: &Ask, kind: &str, id: &str, part: &Part) -> Result<Option<Response>, Fault> {
    let Some(kind) = Kind::from_name(kind).filter(|kind| holds(*kind)) else { return Ok(None) };
    if desk.record.sealer().open(id).is_some() {
        return Ok(None);
    }
    let found = by_id(desk, kind, id).await.map_err(|error| writing::people(ask, &error))?;
    Ok(found.map(|entry| answer::json(StatusCode::OK, part.of(desk, entry.kind, entry.body))))
}

/// A search in the directory.
pub(super) async fn search(desk: &Desk, ask: &Ask, query: &Query, links: &Links<'_>) -> Result<Response, Fault> {
    let failed = |error: &PeopleError| writing::people(ask, error);
    let mut entries = Entries::default();
    let wanted = query.kinds().first().copied();
    for kind in REGISTERED.into_iter().filter_map(Kind::from_name) {
        if Some(kind) == wanted || query.needs_all_kinds() {
            entries.collect(desk, ask, kind, failed).await?;
        }
    }
    let costly = |error: &SearchError| Fault::record(ask.lang, &crate::RecordError::Search(error.clone()));
    let order = desk.record.engine().run(query, &entries, desk.record.now()).map_err(|error| costly(&error))?;
    // The directory has no points in time: a cursor is where to go on.
    let page = desk.record.place_of_page(query.page()).map_err(|error| Fault::record(ask.lang, &error))?;
    let offset = page.map_or(0, |(_, offset)| offset);
    let count = query.count().unwrap_or(limits::PAGE_DEFAULT);
    let end = offset.saturating_add(count).min(order.len());
    let page = &order[offset.min(end)..end];
    let along = desk.record.engine().include(query, &entries, page, desk.record.now());
    let along = along.map_err(|error| costly(&error))?;
    let counts_only = *query.subset() == Subset::Count;
    let next = (count > 0 && end < order.len() && !counts_only)
        .then(|| desk.record.sealer().seal_cursor(0, u32::try_from(end).unwrap_or(u32::MAX)));
    let mut bundle = search::start(query, links, order.len(), next.as_deref());
    if !wanted.is_some_and(|kind| REGISTERED.contains(&kind.name())) {
        bundle.entry(None, Some(&answer::outcome(&[not_registered()], ask.lang)), "\"search\":{\"mode\":\"outcome\"}");
    }
    if !counts_only {
        let found = page.iter().map(|at| (at, search::MATCH)).chain(along.iter().map(|at| (at, search::INCLUDE)));
        for (entry, mode) in found.filter_map(|(at, mode)| Some((entries.0.get(*at)?, mode))) {
            let url = format!("{}/{}/{}", ask.base, entry.kind, entry.id);
            let part = desk.record.engine().subset(query, entry.kind, &entry.body);
            bundle.entry(Some(&url), Some(part.as_deref().unwrap_or(&entry.body)), mode);
        }
    }
    Ok(answer::json(StatusCode::OK, bundle.finish()))
}

/// One entry, as FHIR says it.
struct Entry {
    kind: Kind,
    id: String,
    body: Bytes,
}

/// Entries, by kind and id.
#[derive(Default)]
struct Entries(Vec<Entry>);

impl Entries {
    /// Takes in every entry of a kind.
    async fn collect(
        &mut self,
        desk: &Desk,
        ask: &Ask,
        kind: Kind,
        failed: impl Fn(&PeopleError) -> Fault,
    ) -> Result<(), Fault> {
        let mut rows = 0;
        let mut after: Option<String> = None;
        loop {
            let ids = if kind.name() == "Organization" {
                let from = after.as_deref().and_then(|id| OrganizationId::new(id).ok());
                let page = desk.directory.organizations(from.as_ref(), AT_ONCE).await.map_err(|e| failed(&e))?;
                self.0.extend(page.iter().map(|organization| organization_entry(kind, organization)));
                page.iter().map(|organization| organization.id.as_str().to_owned()).collect::<Vec<_>>()
            } else {
                let from = after.as_deref().and_then(|id| PersonId::new(id).ok());
                let page = desk.directory.persons(from.as_ref(), AT_ONCE).await.map_err(|e| failed(&e))?;
                self.0.extend(page.iter().filter_map(|person| person_entry(kind, person)));
                page.iter().map(|person| person.id.as_str().to_owned()).collect()
            };
            rows += ids.len();
            if rows > ROWS {
                return Err(too_many(ask));
            }
            match ids.last().filter(|_| ids.len() == AT_ONCE) {
                Some(last) => after = Some(last.clone()),
                None => return Ok(()),
            }
        }
    }
}

async fn by_id(desk: &Desk, kind: Kind, id: &str) -> Result<Option<Entry>, PeopleError> {
    if kind.name() == "Organization" {
        let Ok(id) = OrganizationId::new(id) else { return Ok(None) };
        return Ok(desk.directory.organization(&id).await?.map(|found| organization_entry(kind, &found)));
    }
    let Ok(id) = PersonId::new(id) else { return Ok(None) };
    Ok(desk.directory.person(&id).await?.and_then(|found| person_entry(kind, &found)))
}

fn not_registered() -> Finding {
    Finding::new(
        Severity::Information,
        IssueType::Informational,
        "",
        "この種別の全国の台帳はありません。ある人の記録にあるものは、Patient/〈id〉/〈種別〉 でさがせます。",
        "There is no national registry of this type. What stands in a person's record is found below Patient/<id>/<type>.",
    )
}

fn too_many(ask: &Ask) -> Fault {
    Fault::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        ask.lang,
        IssueType::TooCostly,
        "台帳が大きいため、この条件では全国をさがせません。Practitioner/〈id〉 や Organization/〈医療機関番号〉 を直接読んでください。",
        "The directory is too large for this search. Read Practitioner/<id> or Organization/<institution number> directly.",
    )
}

/// Roles in which somebody works, and not for themselves or as a machine.
fn professional(role: Role) -> bool {
    !matches!(role, Role::Citizen | Role::Proxy | Role::System | Role::Researcher | Role::Supervisor | Role::LinkHolder)
}

fn person_entry(kind: Kind, person: &Person) -> Option<Entry> {
    let roles: Vec<Role> = person.roles.iter().copied().filter(|role| professional(*role)).collect();
    if roles.is_empty() {
        return None;
    }
    let mut out = Writer::with_capacity(512);
    match kind.name() {
        "Practitioner" => practitioner(&mut out, person),
        "PractitionerRole" => practitioner_role(&mut out, person, &roles)?,
        _ => return None,
    }
    Some(Entry { kind, id: person.id.as_str().to_owned(), body: out.finish().into() })
}

fn practitioner(out: &mut Writer, person: &Person) {
    out.object(|out| {
        out.field("resourceType", "Practitioner").field("id", person.id.as_str());
        profile(out, "JP_Practitioner");
        identifier(out, PERSON, person.id.as_str());
        out.key("active").bool(true);
        out.key("name").array(|out| {
            name(out, &person.name, "IDE");
            if let Some(kana) = &person.kana {
                name(out, kana, "SYL");
            }
        });
        if let Some(qualification) = &person.qualification {
            out.key("qualification").array(|out| {
                out.object(|out| {
                    out.key("code").object(|out| {
                        out.field("text", qualification);
                    });
                });
            });
        }
    });
}

/// A name with how it is written: in characters, or as it is read.
fn name(out: &mut Writer, text: &str, written: &str) {
    out.object(|out| {
        out.key("extension").array(|out| {
            out.object(|out| {
                out.field("url", tsumugi_fhir::values::systems::NAME_REPRESENTATION).field("valueCode", written);
            });
        });
        out.field("text", text);
        // Family name and given name are registered as one text; a space between them tells them apart.
        if let Some((family, given)) = text.split_once([' ', '\u{3000}']) {
            out.field("family", family);
            out.key("given").array(|out| {
                out.string(given.trim());
            });
        }
    });
}

fn practitioner_role(out: &mut Writer, person: &Person, roles: &[Role]) -> Option<()> {
    let organization = person.organization.as_ref()?;
    out.object(|out| {
        out.field("resourceType", "PractitionerRole").field("id", person.id.as_str());
        profile(out, "JP_PractitionerRole");
        identifier(out, PERSON, person.id.as_str());
        out.key("active").bool(true);
        for (key, reference) in [
            ("practitioner", format!("Practitioner/{}", person.id)),
            ("organization", format!("Organization/{organization}")),
        ] {
            out.key(key).object(|out| {
                out.field("reference", &reference);
            });
        }
        out.key("code").array(|out| {
            for role in roles {
                concept(out, "http://tsumugi.example/fhir/CodeSystem/role", role.code());
            }
        });
    });
    Some(())
}

fn organization_entry(kind: Kind, organization: &Organization) -> Entry {
    let id = organization.id.as_str();
    let is_institution = id.len() == 10 && id.bytes().all(|b| b.is_ascii_digit());
    let mut out = Writer::with_capacity(512);
    out.object(|out| {
        out.field("resourceType", "Organization").field("id", id);
        profile(out, "JP_Organization");
        identifier(out, if is_institution { INSTITUTION } else { ORGANIZATION }, id);
        out.key("active").bool(true);
        out.key("type").array(|out| {
            concept(out, "http://tsumugi.example/fhir/CodeSystem/organization-kind", organization.kind.code());
            if is_provider(organization.kind) {
                concept(out, "http://terminology.hl7.org/CodeSystem/organization-type", "prov");
            }
        });
        out.field("name", &organization.name);
    });
    Entry { kind, id: id.to_owned(), body: out.finish().into() }
}

/// Whether care is given there (HL7's `prov`).
fn is_provider(kind: OrganizationKind) -> bool {
    matches!(
        kind,
        OrganizationKind::Hospital
            | OrganizationKind::Clinic
            | OrganizationKind::Pharmacy
            | OrganizationKind::CareOffice
    )
}

fn profile(out: &mut Writer, name: &str) {
    out.key("meta").object(|out| {
        out.key("profile").array(|out| {
            out.string(&format!("http://jpfhir.jp/fhir/core/StructureDefinition/{name}"));
        });
    });
}

fn identifier(out: &mut Writer, system: &str, value: &str) {
    out.key("identifier").array(|out| {
        out.object(|out| {
            out.field("system", system).field("value", value);
        });
    });
}

fn concept(out: &mut Writer, system: &str, code: &str) {
    out.object(|out| {
        out.key("coding").array(|out| {
            out.object(|out| {
                out.field("system", system).field("code", code);
            });
        });
    });
}

impl Shelf for Entries {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn kind(&self, at: usize) -> Kind {
        // INVARIANT: places come from this shelf's own length.
        self.0[at].kind
    }

    fn instant(&self, _: usize) -> Instant {
        // The directory keeps no times of registration.
        Instant(0)
    }

    fn values(&self, _: usize) -> Option<Packed<'_>> {
        None
    }

    fn body(&self, at: usize) -> Result<Bytes, SearchError> {
        Ok(self.0[at].body.clone())
    }

    fn id(&self, at: usize) -> String {
        self.0[at].id.clone()
    }

    fn find(&self, kind: Kind, id: &str) -> Option<usize> {
        // INVARIANT: kinds are collected in their order, and the directory gives ids in theirs.
        self.0.binary_search_by(|entry| (entry.kind, entry.id.as_str()).cmp(&(kind, id))).ok()
    }

    fn is_person(&self, _: &str) -> bool {
        false
    }
}
