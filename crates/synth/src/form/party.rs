//! Patients, practitioners, organisations, encounters.

use tsumugi_kernel::Instant;

use super::systems as sys;
use crate::{
    json::{Json, arr, obj},
    people::{Citizen, Institution, Name, Professional, member_system},
};

/// A clinical department: SS-MIX2 code and name.
#[derive(Clone, Copy, Debug)]
pub struct Department {
    /// Two digits.
    pub code: &'static str,
    /// Name.
    pub name: &'static str,
}

/// 内科.
pub const INTERNAL: Department = Department { code: "01", name: "内科" };
/// 脳神経内科 (SS-MIX2: 神経内科).
pub const NEUROLOGY: Department = Department { code: "04", name: "神経内科" };

/// How a physician's qualification is written.
const PHYSICIAN: &str = "医師";

/// Who says it, where and when.
#[derive(Clone, Copy, Debug)]
pub struct Author<'a> {
    /// The institution that sends.
    pub institution: &'a Institution,
    /// Its department.
    pub department: Department,
    /// The person responsible.
    pub person: &'a Professional,
    /// When it was written (`meta.lastUpdated`).
    pub time: Instant,
    /// In a document: the entries that stand for the visit and the physician. Elsewhere each resource contains its
    /// own, as collections ask for (R9013).
    pub document: Option<DocumentEntries<'a>>,
}

/// `fullUrl`s of a document's own entries.
#[derive(Clone, Copy, Debug)]
pub struct DocumentEntries<'a> {
    /// The encounter.
    pub visit: &'a str,
    /// The practitioner.
    pub doctor: &'a str,
}

impl Author<'_> {
    /// Where a resource finds its encounter.
    pub(crate) fn visit(&self) -> Json {
        obj! {"reference" => self.document.map_or("#encounter", |entries| entries.visit)}
    }

    /// Where a resource finds its practitioner.
    pub(crate) fn doctor(&self) -> Json {
        obj! {"reference" => self.document.map_or("#practitioner", |entries| entries.doctor)}
    }

    /// The department, which collections ask for on each resource (R9014).
    pub(crate) fn department_extension(&self) -> Option<Json> {
        self.document.is_none().then(|| department_extension(self.department))
    }

    /// What a resource contains itself, outside of documents.
    pub(crate) fn contained(&self, parts: Vec<Json>) -> Option<Json> {
        self.document.is_none().then_some(Json::List(parts))
    }
}

/// Out-patient visit or stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    /// 外来.
    Ambulatory,
    /// 入院.
    Inpatient,
}

impl Setting {
    pub(crate) fn class(self) -> Json {
        let (code, display) = match self {
            Self::Ambulatory => ("AMB", "外来"),
            Self::Inpatient => ("IMP", "入院"),
        };
        obj! {"system" => sys::ACT, "code" => code, "display" => display}
    }
}

/// A coding with its words.
#[must_use]
pub fn coding(system: &str, code: &str, display: &str) -> Json {
    obj! {"system" => system, "code" => code, "display" => display}
}

/// `meta` with the profile (whole URL) and the time.
pub(crate) fn meta(time: Instant, profile: String) -> Json {
    obj! {"lastUpdated" => time.to_fhir(), "profile" => arr![profile]}
}

/// The extension that names the sending institution. JP-CLINS lets it stand on a Patient and on the resources of the
/// five kinds of information only; a document's other entries say whose they are by the organisation they point to.
pub(crate) fn institution_extension(institution: &Institution) -> Json {
    obj! {"url" => sys::EXT_INSTITUTION, "valueIdentifier" => obj! {"system" => sys::INSTITUTION, "value" => &institution.id}}
}

/// The extension that names the department.
fn department_extension(department: Department) -> Json {
    obj! {
        "url" => sys::EXT_DEPARTMENT,
        "valueCodeableConcept" => obj! {"coding" => arr![coding(sys::DEPARTMENT, department.code, department.name)], "text" => department.name},
    }
}

/// The identifier of a resource at its source.
pub(crate) fn resource_identifier(value: &str) -> Json {
    obj! {"system" => sys::RESOURCE_ID, "value" => value}
}

fn names(name: &Name) -> Json {
    let one = |kind: &str, text: String, family: &str, given: &str| {
        obj! {
            "extension" => arr![obj! {"url" => sys::EXT_NAME, "valueCode" => kind}],
            "use" => "official", "text" => text, "family" => family, "given" => arr![given],
        }
    };
    arr![
        one("IDE", name.full(), &name.family, &name.given),
        one("SYL", name.full_kana(), &name.family_kana, &name.given_kana)
    ]
}

/// The patient as the author's institution knows her.
#[must_use]
pub fn patient(author: &Author<'_>, citizen: &Citizen) -> Json {
    let institution = author.institution;
    let number = obj! {"system" => format!("{}{}", sys::HOSPITAL_NUMBER, institution.id), "value" => citizen.number_at(&institution.id)};
    person(
        citizen,
        meta(author.time, format!("{}JP_Patient_eCS", sys::ECS)),
        Some(institution_extension(institution)),
        Json::list([Some(number), member(citizen)].into_iter().flatten()),
    )
}

/// A resident as the municipality knows them. It is no medical institution, so it has neither an institution number nor
/// a patient number to give: the insured number alone says who this is.
#[must_use]
pub fn resident(time: Instant, citizen: &Citizen) -> Json {
    resident_with(time, citizen, Json::list(member(citizen)))
}

/// The same with identifiers of the sender's choice.
pub(crate) fn resident_with(time: Instant, citizen: &Citizen, identifiers: Json) -> Json {
    person(citizen, meta(time, format!("{}JP_Patient", sys::CORE)), None, identifiers)
}

/// The insured number, where the source knows one.
fn member(citizen: &Citizen) -> Option<Json> {
    let value = &citizen.member_id;
    (!value.is_empty()).then(|| obj! {"system" => member_system(value), "value" => value})
}

fn person(citizen: &Citizen, meta: Json, institution: Option<Json>, identifiers: Json) -> Json {
    obj! {
        "resourceType" => "Patient",
        "meta" => meta,
        "language" => "ja",
        "extension" => institution.map(|one| arr![one]),
        "identifier" => identifiers,
        "active" => true,
        "name" => names(&citizen.name),
        "telecom" => (!citizen.phone.is_empty()).then(|| arr![obj! {"system" => "phone", "value" => &citizen.phone, "use" => "home"}]),
        "gender" => citizen.sex.code(),
        "birthDate" => citizen.birth.to_string(),
        "address" => arr![obj! {
            "text" => citizen.address.text(), "city" => &citizen.address.city, "state" => &citizen.address.state,
            "postalCode" => &citizen.address.postal, "country" => "JP",
        }],
    }
}

/// The practitioner as an entry of a document.
#[must_use]
pub fn practitioner(author: &Author<'_>, person: &Professional) -> Json {
    obj! {
        "resourceType" => "Practitioner",
        "meta" => meta(author.time, format!("{}JP_Practitioner_eCS", sys::ECS)),
        "language" => "ja",
        "identifier" => arr![
            obj! {"system" => format!("{}{}", sys::PHYSICIAN_NUMBER, author.institution.id), "value" => &person.id},
            obj! {"system" => sys::PERSON, "value" => &person.id},
        ],
        "name" => names(&person.name),
        "qualification" => person.qualification.and_then(licence),
    }
}

/// A qualification. The profile asks for a code; of what our authors are, its system has one for physicians only (that
/// of 医籍登録).
fn licence(qualification: &str) -> Option<Json> {
    let coded =
        |code: &str| obj! {"coding" => arr![obj! {"system" => sys::LICENCE, "code" => code}], "text" => qualification};
    (qualification == PHYSICIAN).then(|| arr![obj! {"code" => coded("medical-registration")}])
}

/// The institution as an entry of a document.
#[must_use]
pub fn organization(author: &Author<'_>, institution: &Institution) -> Json {
    let number = |range: std::ops::Range<usize>| institution.id.get(range).unwrap_or_default();
    obj! {
        "resourceType" => "Organization",
        "meta" => meta(author.time, format!("{}JP_Organization_eCS", sys::ECS)),
        "language" => "ja",
        "extension" => arr![
            obj! {"url" => format!("{}JP_Organization_PrefectureNo", EXT_CORE), "valueCoding" => obj! {
                "system" => "http://jpfhir.jp/fhir/core/mhlw/CodeSystem/PrefectureNo-2digits", "code" => number(0..2)}},
            obj! {"url" => format!("{}JP_Organization_InsuranceOrganizationCategory", EXT_CORE), "valueCoding" => obj! {
                "system" => "http://jpfhir.jp/fhir/core/mhlw/CodeSystem/MedicationFeeScoreType", "code" => number(2..3)}},
            obj! {"url" => format!("{}JP_Organization_InsuranceOrganizationNo", EXT_CORE), "valueIdentifier" => obj! {
                "system" => "http://jpfhir.jp/fhir/core/mhlw/IdSystem/MedicalOrganizationID", "value" => number(3..10)}},
        ],
        "identifier" => arr![obj! {"system" => sys::INSTITUTION, "value" => &institution.id}],
        "active" => true,
        "type" => arr![obj! {"coding" => arr![coding("http://terminology.hl7.org/CodeSystem/organization-type", "prov", "Healthcare Provider")]}],
        "name" => &institution.name,
        "telecom" => arr![obj! {"system" => "phone", "value" => &institution.phone}],
        "address" => arr![obj! {"text" => institution.address.text(), "postalCode" => &institution.address.postal, "country" => "JP"}],
    }
}

const EXT_CORE: &str = "http://jpfhir.jp/fhir/core/Extension/StructureDefinition/";

/// A stay or visit as an entry of a document.
#[must_use]
pub fn encounter(
    author: &Author<'_>,
    setting: Setting,
    subject: &str,
    from: &str,
    to: Option<&str>,
    reason: &str,
    days: Option<u32>,
) -> Json {
    let stay = setting == Setting::Inpatient;
    let serial = format!("{}-E-{from}", author.institution.id);
    obj! {
        "resourceType" => "Encounter",
        "meta" => meta(author.time, format!("{}JP_Encounter_eCS", sys::ECS)),
        "language" => "ja",
        "identifier" => arr![resource_identifier(&serial)],
        "status" => "finished",
        "class" => setting.class(),
        "subject" => obj! {"reference" => subject},
        "period" => obj! {"start" => from, "end" => to},
        "length" => days.map(|days| obj! {"value" => days, "unit" => "日", "system" => sys::UCUM, "code" => "d"}),
        "reasonCode" => arr![obj! {"text" => reason}],
        "hospitalization" => stay.then(|| obj! {
            "dischargeDisposition" => obj! {"coding" => arr![coding("http://jpfhir.jp/fhir/Common/CodeSystem/discharge-disposition", "1", "傷病が治癒・軽快")]},
        }),
    }
}

/// The contained encounter that observations and conditions of JP-CLINS carry (R9013).
pub(crate) fn contained_encounter(author: &Author<'_>, setting: Setting) -> Json {
    obj! {
        "resourceType" => "Encounter", "id" => "encounter",
        "meta" => obj! {"profile" => arr![format!("{}JP_Encounter", sys::CORE)]},
        "identifier" => arr![resource_identifier(&format!("{}-E", author.institution.id))],
        "status" => "finished", "class" => setting.class(),
    }
}

/// The contained practitioner.
pub(crate) fn contained_practitioner(author: &Author<'_>) -> Json {
    obj! {
        "resourceType" => "Practitioner", "id" => "practitioner",
        "meta" => obj! {"profile" => arr![format!("{}JP_Practitioner", sys::CORE)]},
        "identifier" => arr![obj! {"system" => format!("{}{}", sys::PHYSICIAN_NUMBER, author.institution.id), "value" => &author.person.id}],
        "name" => arr![obj! {"extension" => arr![obj! {"url" => sys::EXT_NAME, "valueCode" => "IDE"}], "text" => author.person.name.full()}],
    }
}
