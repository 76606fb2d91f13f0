//! Care: the Barthel index, notes, precautions, the office in charge, and a mandate.
//!
//! These arrive one by one, not in a JP-CLINS bundle, so their subject is named by the insured number
//! (`subject.identifier`), never by a server's id.
//!
//! A care worker's note is an `Observation` with our code `care-note`: it is a dated statement by a named person
//! about the person cared for, and so it is found by code and date beside the Barthel index. `Communication` is a
//! message that somebody sends to somebody and is searched by its sending; `ClinicalImpression` claims a clinician's
//! assessment, which a care worker does not make.

use jiff::civil::Date;
use tsumugi_kernel::Instant;

use super::{
    party::{Author, coding},
    systems as sys,
};
use crate::{
    json::{Json, arr, obj},
    people::{Citizen, Institution, Name, Professional, member_system},
};

/// The person cared for, named by the insured number.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a>(pub &'a Citizen);

impl Subject<'_> {
    /// A logical reference to the patient.
    #[must_use]
    pub fn reference(&self) -> Json {
        obj! {
            "type" => "Patient",
            "identifier" => (!self.0.member_id.is_empty())
                .then(|| obj! {"system" => member_system(&self.0.member_id), "value" => &self.0.member_id}),
            "display" => self.0.name.full(),
        }
    }
}

/// A logical reference to the author.
pub(crate) fn person_reference(author: &Author<'_>) -> Json {
    obj! {"type" => "Practitioner", "identifier" => obj! {"system" => sys::PERSON, "value" => &author.person.id}, "display" => author.person.name.full()}
}

pub(crate) fn organization_reference(institution: &Institution) -> Json {
    obj! {"type" => "Organization", "identifier" => obj! {"system" => sys::ORGANIZATION, "value" => &institution.id}, "display" => &institution.name}
}

/// The ten items of the Barthel index: code, words, greatest score (Mahoney and Barthel 1965).
pub const BARTHEL_ITEMS: [(&str, &str, u32); 10] = [
    ("barthel-feeding", "食事", 10),
    ("barthel-transfer", "移乗", 15),
    ("barthel-grooming", "整容", 5),
    ("barthel-toilet-use", "トイレ動作", 10),
    ("barthel-bathing", "入浴", 5),
    ("barthel-mobility", "移動", 15),
    ("barthel-stairs", "階段昇降", 10),
    ("barthel-dressing", "更衣", 10),
    ("barthel-bowels", "排便", 10),
    ("barthel-bladder", "排尿", 10),
];

/// A Barthel index, 0 to 100, with its ten items in the order of [`BARTHEL_ITEMS`].
#[must_use]
pub fn barthel(author: &Author<'_>, subject: &Subject<'_>, items: [u32; 10], when: Instant) -> Json {
    let component = |((code, words, _), score): (&(&str, &str, u32), u32)| {
        obj! {"code" => obj! {"coding" => arr![coding(sys::ADL, code, words)], "text" => *words}, "valueInteger" => score}
    };
    obj! {
        "resourceType" => "Observation",
        "meta" => obj! {"lastUpdated" => author.time.to_fhir()},
        "language" => "ja",
        "status" => "final",
        "category" => arr![obj! {"coding" => arr![
            coding(sys::OBSERVATION_CATEGORY, "functional-status", "Functional Status"),
            coding("http://terminology.hl7.org/CodeSystem/observation-category", "survey", "Survey"),
        ]}],
        "code" => obj! {"coding" => arr![coding(sys::ADL, "barthel-index", "バーセルインデックス")], "text" => "日常生活の力(バーセルインデックス)"},
        "subject" => subject.reference(),
        "effectiveDateTime" => when.to_fhir(),
        "performer" => arr![person_reference(author), organization_reference(author.institution)],
        "valueInteger" => items.iter().sum::<u32>(),
        "component" => Json::list(BARTHEL_ITEMS.iter().zip(items).map(component)),
    }
}

/// A care worker's note. `language` is that of the text.
#[must_use]
pub fn note(author: &Author<'_>, subject: &Subject<'_>, text: &str, when: Instant) -> Json {
    obj! {
        "resourceType" => "Observation",
        "meta" => obj! {"lastUpdated" => author.time.to_fhir()},
        "language" => "ja",
        "status" => "final",
        "category" => arr![obj! {"coding" => arr![coding("http://terminology.hl7.org/CodeSystem/observation-category", "activity", "Activity")]}],
        "code" => obj! {"coding" => arr![coding(sys::ADL, "care-note", "介護の記録")], "text" => "介護の記録"},
        "subject" => subject.reference(),
        "effectiveDateTime" => when.to_fhir(),
        "performer" => arr![person_reference(author), organization_reference(author.institution)],
        "valueString" => text,
    }
}

/// What a precaution is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precaution {
    /// 嚥下.
    Swallowing,
    /// 移動.
    Moving,
    /// 服薬.
    Medication,
}

impl Precaution {
    const fn coded(self) -> (&'static str, &'static str) {
        match self {
            Self::Swallowing => ("swallowing", "飲みこみ"),
            Self::Moving => ("moving", "移動"),
            Self::Medication => ("medication", "薬"),
        }
    }
}

/// A precaution handed over (申し送り), in plain Japanese.
#[must_use]
pub fn precaution(author: &Author<'_>, subject: &Subject<'_>, about: Precaution, text: &str, from: Date) -> Json {
    let (code, words) = about.coded();
    obj! {
        "resourceType" => "Flag",
        "meta" => obj! {"lastUpdated" => author.time.to_fhir()},
        "language" => "ja",
        "status" => "active",
        "category" => arr![obj! {"coding" => arr![coding(sys::PRECAUTION, code, words)], "text" => words}],
        "code" => obj! {"text" => text},
        "subject" => subject.reference(),
        "period" => obj! {"start" => from.to_string()},
        "author" => person_reference(author),
    }
}

/// The office in charge of somebody, from `from` on, until `to` if it has ended. On import it becomes a care relation.
#[must_use]
pub fn in_charge(author: &Author<'_>, subject: &Subject<'_>, what: &str, from: Date, to: Option<Date>) -> Json {
    obj! {
        "resourceType" => "EpisodeOfCare",
        "meta" => obj! {"lastUpdated" => author.time.to_fhir()},
        "language" => "ja",
        "status" => if to.is_some() { "finished" } else { "active" },
        "type" => arr![obj! {"text" => what}],
        "patient" => subject.reference(),
        "managingOrganization" => organization_reference(author.institution),
        "period" => obj! {"start" => from.to_string(), "end" => to.map(|day| day.to_string())},
        "careManager" => person_reference(author),
    }
}

/// Somebody close to the person, who can sign in as `proxy`.
#[must_use]
pub fn related_person(
    time: Instant,
    subject: &Subject<'_>,
    proxy: &Professional,
    relation: (&str, &str),
    phone: &str,
) -> Json {
    obj! {
        "resourceType" => "RelatedPerson",
        "meta" => obj! {"lastUpdated" => time.to_fhir()},
        "language" => "ja",
        "identifier" => arr![obj! {"system" => sys::PERSON, "value" => &proxy.id}],
        "active" => true,
        "patient" => subject.reference(),
        "relationship" => arr![obj! {"coding" => arr![coding("http://terminology.hl7.org/CodeSystem/v3-RoleCode", relation.0, relation.1)], "text" => relation.1}],
        "name" => arr![plain_name(&proxy.name)],
        "telecom" => arr![obj! {"system" => "phone", "value" => phone}],
    }
}

fn plain_name(name: &Name) -> Json {
    obj! {"use" => "official", "text" => name.full(), "family" => &name.family, "given" => arr![&name.given]}
}

/// A mandate: the person lets `proxy` see the record on their behalf (FAMRQT), from `from` until `to`.
#[must_use]
pub fn mandate(
    time: Instant,
    subject: &Subject<'_>,
    proxy: &Professional,
    relation: &str,
    from: Date,
    to: Date,
) -> Json {
    obj! {
        "resourceType" => "Consent",
        "meta" => obj! {"lastUpdated" => time.to_fhir()},
        "language" => "ja",
        "status" => "active",
        "scope" => obj! {"coding" => arr![coding("http://terminology.hl7.org/CodeSystem/consentscope", "patient-privacy", "Privacy Consent")]},
        "category" => arr![obj! {"coding" => arr![coding("http://loinc.org", "59284-0", "Consent Document")], "text" => "代理の人の指定"}],
        "patient" => subject.reference(),
        "dateTime" => time.to_fhir(),
        "performer" => arr![subject.reference()],
        "policyRule" => obj! {"text" => "つむぎ 代理の決まり"},
        "provision" => obj! {
            "type" => "permit",
            "period" => obj! {"start" => from.to_string(), "end" => to.to_string()},
            "actor" => arr![obj! {
                "role" => obj! {"coding" => arr![coding("http://terminology.hl7.org/CodeSystem/v3-RoleClass", "AGNT", "agent")], "text" => relation},
                "reference" => obj! {"type" => "RelatedPerson", "identifier" => obj! {"system" => sys::PERSON, "value" => &proxy.id}, "display" => proxy.name.full()},
            }],
            "action" => arr![obj! {"coding" => arr![coding("http://terminology.hl7.org/CodeSystem/consentaction", "access", "Access")]}],
            "purpose" => arr![coding("http://terminology.hl7.org/CodeSystem/v3-ActReason", "FAMRQT", "family requested")],
        },
    }
}
