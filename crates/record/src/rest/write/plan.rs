//! Whose shelf a request is about. It is known before the door is asked, from ids, bodies and conditions; nothing of the
//! shelf is read here.

use axum::http::StatusCode;
use tsumugi_fhir::{json::Node, outcome::IssueType};
use tsumugi_kernel::{CitizenId, FactKey, Kind};
use tsumugi_people::{IdentifierStanding, Incoming, Resolution};

use super::{At, Course, Deed, Wish};
use crate::{
    RecordError,
    references::split,
    rest::{Ask, Desk, Fault, condition::Condition, update, writing},
};

/// Where each wish leads.
pub(super) struct Plan {
    pub citizen: CitizenId,
    pub places: Vec<Place>,
    pub inside: Inside,
}

/// Where one wish leads.
pub(super) struct Place {
    pub citizen: CitizenId,
    /// The fact that an id leads to.
    pub key: Option<FactKey>,
    /// The client-chosen id, and its row as read.
    pub alias: Option<(String, Option<Vec<u8>>)>,
    /// What `people` wants written, of a `Patient` that a body describes.
    pub resolution: Option<Resolution>,
    /// How the wish was read.
    pub course: Course,
}

/// Who is meant by names that only this request knows: full URLs, and ids that it gives.
#[derive(Default)]
pub(super) struct Inside(Vec<(String, CitizenId)>);

impl Inside {
    pub(super) fn find(&self, reference: &str) -> Option<CitizenId> {
        self.0.iter().find(|(known, _)| known == reference).map(|(_, citizen)| *citizen)
    }
}

impl Desk {
    /// Finds the one shelf, and refuses two before anything else.
    pub(super) async fn plan(&self, ask: &Ask, wishes: &[Wish<'_>], courses: &[Course]) -> Result<Plan, Fault> {
        let mut inside = Inside::default();
        let mut places: Vec<Option<Place>> = wishes.iter().map(|_| None).collect();
        let mut citizen: Option<CitizenId> = None;
        // Patients first: the others may name them by what this request calls them.
        for patients in [true, false] {
            for (index, wish) in wishes.iter().enumerate() {
                if (wish.kind == Kind::PATIENT) != patients {
                    continue;
                }
                let place =
                    Place { course: courses[index], ..self.place_of(ask, wish, courses[index], &inside).await? };
                let first = *citizen.get_or_insert(place.citizen);
                if !self.are_one(ask, first, place.citizen).await? {
                    return Err(Fault::record(ask.lang, &RecordError::SecondShelf));
                }
                if patients {
                    inside.0.extend(wish.full_url.map(|url| (url.to_owned(), place.citizen)));
                    inside.0.extend(place.alias.iter().map(|(id, _)| (format!("Patient/{id}"), place.citizen)));
                }
                places[index] = Some(place);
            }
        }
        let citizen = citizen.ok_or_else(|| nothing(ask))?;
        Ok(Plan { citizen, places: places.into_iter().flatten().collect(), inside })
    }

    async fn place_of(&self, ask: &Ask, wish: &Wish<'_>, course: Course, inside: &Inside) -> Result<Place, Fault> {
        match &wish.deed {
            Deed::Create { resource, unless } => {
                let place = self.by_body(ask, wish.kind, *resource, inside).await?;
                if let Some(condition) = unless {
                    self.same_person(ask, condition, place.citizen).await?;
                    decidable(ask, wish.kind, *resource, place.resolution.as_ref())?;
                }
                Ok(place)
            }
            Deed::Update { at: At::Id(id), resource } => {
                self.by_id_or_body(ask, wish.kind, id, *resource, course, inside).await
            }
            Deed::Update { at: At::Where(condition), resource } => {
                if let (Course::UnderOwnId | Course::Absent, Some(id)) = (course, resource.get_str("id")) {
                    return self.by_id_or_body(ask, wish.kind, &id, *resource, course, inside).await;
                }
                let place = self.by_body(ask, wish.kind, *resource, inside).await?;
                self.same_person(ask, condition, place.citizen).await?;
                decidable(ask, wish.kind, *resource, place.resolution.as_ref())?;
                Ok(place)
            }
            Deed::Patch { at: At::Id(id), .. } | Deed::Delete { at: At::Id(id) } => {
                let key = self.record.find(&ask.caller.organization, wish.kind, id).await;
                let key =
                    key.map_err(|error| Fault::store(ask.lang, &error))?.ok_or_else(|| Fault::absent(ask.lang))?;
                Ok(Place { citizen: key.citizen, key: Some(key), alias: None, resolution: None, course: Course::Asked })
            }
            Deed::Patch { at: At::Where(condition), .. } | Deed::Delete { at: At::Where(condition) } => {
                let citizen = condition.must_name(self, ask).await?;
                Ok(Place { citizen, key: None, alias: None, resolution: None, course: Course::Asked })
            }
        }
    }

    async fn by_body(&self, ask: &Ask, kind: Kind, resource: Node<'_>, inside: &Inside) -> Result<Place, Fault> {
        let writing::Place { citizen, resolution } = self.place(ask, kind, resource, &|name| inside.find(name)).await?;
        Ok(Place { citizen, key: None, alias: None, resolution, course: Course::Asked })
    }

    /// By an id of ours, or one that the client chose; a client's id that leads nowhere is new, and then the body says
    /// whose record it is.
    async fn by_id_or_body(
        &self,
        ask: &Ask,
        kind: Kind,
        id: &str,
        resource: Node<'_>,
        course: Course,
        inside: &Inside,
    ) -> Result<Place, Fault> {
        update::id_form(ask, id)?;
        if let Some(key) = self.record.sealer().open(id) {
            return match key.kind == kind {
                true => Ok(Place {
                    citizen: key.citizen,
                    key: Some(key),
                    alias: None,
                    resolution: None,
                    course: Course::Asked,
                }),
                false => Err(Fault::absent(ask.lang)),
            };
        }
        let known = self.record.alias(&ask.caller.organization, kind, id).await;
        let known = known.map_err(|error| Fault::store(ask.lang, &error))?;
        match known {
            Some((key, row)) if course != Course::Absent => {
                let alias = Some((id.to_owned(), Some(row)));
                Ok(Place { citizen: key.citizen, key: Some(key), alias, resolution: None, course })
            }
            known => {
                let place = self.by_body(ask, kind, resource, inside).await?;
                Ok(Place { alias: Some((id.to_owned(), known.map(|(_, row)| row))), ..place })
            }
        }
    }

    /// A condition that names somebody names whoever the body is about.
    async fn same_person(&self, ask: &Ask, condition: &Condition, citizen: CitizenId) -> Result<(), Fault> {
        if condition.kind == Kind::PATIENT {
            // Its identifiers lead where the body's do, or to nobody; either way only the body's shelf is looked at.
            return Ok(());
        }
        match condition.citizen(self, ask).await? {
            Some(named) if !self.are_one(ask, named, citizen).await? => {
                Err(Fault::record(ask.lang, &RecordError::SecondShelf))
            }
            _ => Ok(()),
        }
    }
}

/// A `Patient` whom no identifier names is somebody new each time, so no condition about her could ever be met.
fn decidable(ask: &Ask, kind: Kind, resource: Node<'_>, resolution: Option<&Resolution>) -> Result<(), Fault> {
    if kind != Kind::PATIENT || resolution.is_none_or(|resolution| !resolution.new) {
        return Ok(());
    }
    let incoming = Incoming::from_patient(resource);
    let personal =
        |identifier: &tsumugi_people::Identifier| matches!(identifier.standing(), IdentifierStanding::Personal(_));
    if incoming.identifiers.iter().any(personal) {
        return Ok(());
    }
    Err(Fault::new(
        StatusCode::PRECONDITION_FAILED,
        ask.lang,
        IssueType::BusinessRule,
        "本文の Patient に、一人の人を示す識別子(施設患者番号、被保険者個人識別子など)がないため、条件を判定できません。識別子を付けるか、自分で決めた id に PUT してください。何も保存していません。",
        "The Patient in the body has no identifier that names one person (the institution's patient number, a member id …), so the condition cannot be decided. Add one, or PUT under an id of your own. Nothing was saved.",
    ))
}

fn nothing(ask: &Ask) -> Fault {
    Fault::new(
        StatusCode::BAD_REQUEST,
        ask.lang,
        IssueType::Required,
        "Bundle に entry がありません。",
        "The Bundle has no entry.",
    )
}

/// The names that an entry's own resource can be called by, besides its full URL: a server's URL ends with `Kind/id`.
pub(super) fn short_name(full_url: &str) -> Option<String> {
    let mut parts = full_url.starts_with("http").then(|| full_url.rsplitn(3, '/'))?;
    let (id, kind) = (parts.next()?, parts.next()?);
    let short = format!("{kind}/{id}");
    split(&short).is_some().then_some(short)
}
