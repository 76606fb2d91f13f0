//! What leaves a sender: the unit that a town, a story and an import are made of.

use serde::{Deserialize, Serialize};
use tsumugi_kernel::{Instant, OrganizationId, OrganizationKind, PersonId, Purpose, Role};

use crate::{
    names::{CITY, CITY_CODE},
    people::{Institution, Professional},
};

/// One thing sent.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// The organisation that sends.
    pub sender: OrganizationId,
    /// The person responsible.
    pub person: PersonId,
    /// The role the person acts in.
    pub role: Role,
    /// Why.
    pub purpose: Purpose,
    /// What is sent.
    pub form: Form,
    /// When it was sent.
    pub time: Instant,
    /// Unique name: lower-case ASCII, digits and hyphens; stories refer to it, files carry it.
    pub name: String,
}

/// How it is sent.
#[derive(Clone, Debug)]
pub enum Form {
    /// A JP-CLINS bundle for `Bundle/$submit`: its JSON bytes.
    Submit(Vec<u8>),
    /// One resource to be created: its JSON bytes. Its subject is named by the insured number.
    Create(Vec<u8>),
    /// A FHIR transaction about one person for `POST /`: its JSON bytes. Subjects are named by the insured number.
    Transaction(Vec<u8>),
    /// Organisations and people for the directory.
    Directory(Directory),
    /// Somebody looks at a record.
    Look(Look),
}

/// A look at a record: what is asked for, of whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    /// The kind of view.
    pub view: View,
    /// System of the identifier by which the looker names the person.
    pub system: String,
    /// Its value.
    pub value: String,
}

/// What a look opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum View {
    /// The patient summary.
    Summary,
    /// Laboratory values.
    Laboratory,
    /// Medicines.
    Medicines,
    /// Diagnoses.
    Diagnoses,
    /// Documents.
    Documents,
    /// What care needs.
    Care,
}

impl View {
    /// The path below the FHIR base; `{id}` stands for the patient's id there.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Summary => "Patient/{id}/$summary",
            Self::Laboratory => "Observation?patient={id}&category=laboratory",
            Self::Medicines => "MedicationRequest?patient={id}",
            Self::Diagnoses => "Condition?patient={id}",
            Self::Documents => "Composition?patient={id}",
            Self::Care => "Observation?patient={id}&category=functional-status",
        }
    }
}

impl Form {
    /// The JSON bytes of a bundle or resource.
    #[must_use]
    pub fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Submit(bytes) | Self::Create(bytes) | Self::Transaction(bytes) => Some(bytes),
            Self::Directory(_) | Self::Look(_) => None,
        }
    }

    /// `submit`, `create`, `transaction`, `directory` or `look`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Submit(_) => "submit",
            Self::Create(_) => "create",
            Self::Transaction(_) => "transaction",
            Self::Directory(_) => "directory",
            Self::Look(_) => "look",
        }
    }
}

/// Organisations and people who sign in (the file `directory.json`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Directory {
    /// Organisations.
    pub organizations: Vec<OrganizationEntry>,
    /// People.
    pub people: Vec<PersonEntry>,
}

/// An organisation of the directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganizationEntry {
    /// Its id: the ten-digit number where there is one.
    pub id: OrganizationId,
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: OrganizationKind,
    /// Where it is.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub address: Option<String>,
    /// In which municipality: its code (JIS X 0402), of the prefecture 49 that is nobody's.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub municipality: Option<String>,
}

/// A person of the directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonEntry {
    /// The person's id.
    pub id: PersonId,
    /// Name as written, family name first.
    pub name: String,
    /// Name in katakana.
    pub kana: String,
    /// Qualification in Japanese, if any.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub qualification: Option<String>,
    /// The role the person usually asks in.
    pub role: Role,
    /// Where the person works.
    pub organization: OrganizationId,
}

/// Why the town could not be made or written.
#[derive(Debug, thiserror::Error)]
pub enum SynthError {
    /// An id of ours does not fit the kernel's rule.
    #[error("the town made an id that does not fit: {0}")]
    Id(#[from] tsumugi_kernel::actor::BadId),
    /// A date outside the calendar.
    #[error("the town made a date outside the calendar: {0}")]
    Date(#[from] jiff::Error),
    /// A file could not be written.
    #[error("cannot write {path}: {source}; check that the folder may be written and the disk is not full")]
    Write {
        /// Which file or folder.
        path: std::path::PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The truth could not be written.
    #[error("cannot write the truth: {0}")]
    Truth(std::io::Error),
    /// The folder holds files already.
    #[error("{0} is not empty; name a new or empty folder")]
    NotEmpty(std::path::PathBuf),
    /// A data file of this crate does not fit.
    #[error("the numbers of {file} cannot be read: {what}; correct that row")]
    Numbers {
        /// Which file of the crate.
        file: &'static str,
        /// Which row, and what is wrong with it.
        what: String,
    },
    /// A file could not be read.
    #[error("cannot read {path}: {source}; check that the folder is whole, or make the town again")]
    Read {
        /// Which file.
        path: std::path::PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A chunk of the folder is not what its manifest says.
    #[error("{path} is damaged: {what}; make the town again with `tsumugi synth`")]
    Damaged {
        /// Which file.
        path: std::path::PathBuf,
        /// How it differs.
        what: &'static str,
    },
    /// A message cannot stand on one line.
    #[error("the message {0} has a line break in its JSON and cannot stand on one line; a fault of the town")]
    Line(String),
    /// Packing failed.
    #[error("cannot pack a chunk: {0}")]
    Pack(std::io::Error),
    /// A manifest could not be made into JSON.
    #[error("cannot write the manifest: {0}")]
    Manifest(#[from] serde_json::Error),
}

impl Directory {
    /// The institution and everybody who works there.
    ///
    /// # Errors
    /// [`SynthError::Id`] when an id does not fit.
    pub fn add(&mut self, institution: &Institution) -> Result<(), SynthError> {
        let organization = OrganizationId::new(&institution.id)?;
        self.organizations.push(OrganizationEntry {
            id: organization.clone(),
            name: institution.name.clone(),
            kind: institution.kind,
            address: Some(institution.address.text()),
            municipality: (institution.address.city == CITY).then(|| CITY_CODE.to_owned()),
        });
        for person in &institution.staff {
            self.people.push(PersonEntry {
                id: PersonId::new(&person.id)?,
                name: person.name.full(),
                kana: person.name.full_kana(),
                qualification: person.qualification.map(str::to_owned),
                role: person.role,
                organization: organization.clone(),
            });
        }
        Ok(())
    }
}

impl Outgoing {
    /// Something that `person` of `institution` sends.
    ///
    /// # Errors
    /// [`SynthError::Id`] when an id does not fit.
    pub fn new(
        institution: &Institution,
        person: &Professional,
        purpose: Purpose,
        form: Form,
        time: Instant,
        name: impl Into<String>,
    ) -> Result<Self, SynthError> {
        Ok(Self {
            sender: OrganizationId::new(&institution.id)?,
            person: PersonId::new(&person.id)?,
            role: person.role,
            purpose,
            form,
            time,
            name: name.into(),
        })
    }
}

/// The moment of a civil time in Japan.
///
/// # Errors
/// [`SynthError::Date`] when there is no such time.
pub fn moment(day: jiff::civil::Date, hour: i8, minute: i8) -> Result<Instant, SynthError> {
    let zoned = day.to_datetime(jiff::civil::Time::new(hour, minute, 0, 0)?).to_zoned(tsumugi_kernel::clock::japan())?;
    Ok(Instant(zoned.timestamp().as_millisecond()))
}
