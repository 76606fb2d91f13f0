//! What every write shares: finding the shelf, checking what the store relies on.

use axum::http::StatusCode;
use tsumugi_access::Permit;
use tsumugi_fhir::{
    json::Node,
    outcome::{self, IssueType},
    values,
};
use tsumugi_kernel::{CitizenId, Kind};
use tsumugi_people::{Incoming, PeopleError, Resolution};

use super::{Ask, Desk, Fault, condition::Condition, read, validate};
use crate::Writing;

/// A resource's shelf, and what `people` wants written with it.
pub(super) struct Place {
    /// Whose shelf.
    pub citizen: CitizenId,
    /// For a `Patient`: the rows and expectations of its resolution.
    pub resolution: Option<Resolution>,
}

/// Checks that `resource` is of `kind` and holds by R4 and the profiles that it claims.
pub(super) fn check(desk: &Desk, ask: &Ask, kind: Kind, resource: Node<'_>) -> Result<(), Fault> {
    if resource.get_str("resourceType").as_deref() != Some(kind.name()) {
        return Err(Fault::new(
            StatusCode::BAD_REQUEST,
            ask.lang,
            IssueType::Structure,
            "本文の resourceType が URL のリソース種別と違います。どちらかを直してください。",
            "The body's resourceType is not the one in the URL. Correct one of them.",
        ));
    }
    let findings = validate::check(desk, resource, &[]);
    if outcome::refused(&findings) {
        return Err(Fault::findings(StatusCode::UNPROCESSABLE_ENTITY, ask.lang, findings));
    }
    Ok(())
}

impl Desk {
    /// Whose shelf a new resource stands on: for a `Patient` whoever its identifiers lead to, for every other kind
    /// whoever its subject names. `inside` gives the citizen of a `urn:uuid` that stands in the same bundle.
    pub(super) async fn place(
        &self,
        ask: &Ask,
        kind: Kind,
        resource: Node<'_>,
        inside: &(dyn Fn(&str) -> Option<CitizenId> + Send + Sync),
    ) -> Result<Place, Fault> {
        if kind == Kind::PATIENT {
            let incoming = Incoming::from_patient(resource);
            let resolution = self.directory.resolve(&incoming, self.record.now()).await;
            let resolution = resolution.map_err(|error| people(ask, &error))?;
            return Ok(Place { citizen: resolution.citizen, resolution: Some(resolution) });
        }
        let Some(subject) = values::subject(&resource) else { return Err(no_subject(ask)) };
        let citizen = match subject.get_str("reference") {
            Some(reference) => match inside(&reference) {
                Some(citizen) => citizen,
                // A reference by query names the person by an identifier.
                None if reference.starts_with("Patient?") => {
                    let query = reference.strip_prefix("Patient?").unwrap_or_default();
                    Condition::read(self, ask, Kind::PATIENT, query)?.must_name(self, ask).await?
                }
                None => {
                    let id = reference.strip_prefix("Patient/").ok_or_else(|| no_subject(ask))?;
                    read::find(self, ask, "Patient", id).await?.citizen
                }
            },
            None => self.citizen_by_identifier(ask, subject).await?,
        };
        if subject.get("reference").is_some() {
            self.one_person(ask, subject, citizen).await?;
        }
        Ok(Place { citizen, resolution: None })
    }

    /// A subject that refers to one person and carries an identifier known as another's is a mix-up: the worst error that
    /// a sender can make.
    async fn one_person(&self, ask: &Ask, subject: Node<'_>, citizen: CitizenId) -> Result<(), Fault> {
        let identifier = subject.get("identifier");
        let (Some(system), Some(value)) =
            (identifier.and_then(|one| one.get_str("system")), identifier.and_then(|one| one.get_str("value")))
        else {
            return Ok(());
        };
        let identifier = tsumugi_people::Identifier { system: system.into_owned(), value: value.into_owned() };
        let known = self.directory.find(&identifier).await.map_err(|error| people(ask, &error))?;
        match known {
            Some(other) if !self.are_one(ask, other, citizen).await? => {}
            _ => return Ok(()),
        }
        Err(Fault::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            ask.lang,
            IssueType::BusinessRule,
            "subject の reference と identifier が、別の人を指しています。患者をたしかめて、どちらかを直してください。何も保存していません。",
            "The reference and the identifier of subject name different people. Check the patient and correct one of them. Nothing was saved.",
        ))
    }

    /// Whether two shelves are one person's.
    pub(super) async fn are_one(&self, ask: &Ask, one: CitizenId, other: CitizenId) -> Result<bool, Fault> {
        self.directory.are_one(one, other).await.map_err(|error| people(ask, &error))
    }

    /// Begins a write, naming in its leaf the `Patient` whom it is about.
    pub(super) async fn begin(&self, ask: &Ask, permit: Permit) -> Result<Writing<'_>, Fault> {
        let citizen = self.directory.citizen(permit.citizen()).await.map_err(|error| people(ask, &error))?;
        let mut writing = self.record.write(permit);
        if let Some(number) = citizen.and_then(|citizen| citizen.patients.first().copied()) {
            writing.subject(number);
        }
        Ok(writing)
    }

    async fn citizen_by_identifier(&self, ask: &Ask, subject: Node<'_>) -> Result<CitizenId, Fault> {
        let identifier = subject.get("identifier").ok_or_else(|| no_subject(ask))?;
        let (Some(system), Some(value)) = (identifier.get_str("system"), identifier.get_str("value")) else {
            return Err(no_subject(ask));
        };
        let identifier = tsumugi_people::Identifier { system: system.into_owned(), value: value.into_owned() };
        let found = self.directory.find(&identifier).await.map_err(|error| people(ask, &error))?;
        found.ok_or_else(|| Fault::absent(ask.lang))
    }
}

/// Gives a failure of the directory its answer.
pub fn people(ask: &Ask, error: &PeopleError) -> Fault {
    match error {
        PeopleError::Store(error) => Fault::store(ask.lang, error),
        PeopleError::Commit(error) => Fault::commit(ask.lang, error),
        PeopleError::Row { table } => Fault::record(ask.lang, &crate::RecordError::Unreadable(table)),
        PeopleError::Full => Fault::record(ask.lang, &crate::RecordError::Unreadable("room in a directory's list")),
        PeopleError::Exhausted => Fault::record(ask.lang, &crate::RecordError::Unreadable("the numbers left")),
        PeopleError::Model(_) => Fault::record(ask.lang, &crate::RecordError::Unreadable("the matching model")),
    }
}

fn no_subject(ask: &Ask) -> Fault {
    Fault::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        ask.lang,
        IssueType::Required,
        "だれの記録かが分かりません。subject(または patient)に Patient/〈id〉 か識別子を入れてください。何も保存していません。",
        "It does not say whose record it is. Put Patient/<id> or an identifier into subject (or patient). Nothing was saved.",
    )
}
