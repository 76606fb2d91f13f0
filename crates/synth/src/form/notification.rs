//! A notifiable infection: the diagnosis, and the notification (発生届) to the health centre.

use tsumugi_kernel::Instant;

use super::{
    care::{Subject, organization_reference, person_reference},
    party::{Author, coding, meta},
    systems as sys,
};
use crate::{
    json::{Json, arr, obj},
    people::Institution,
};

/// The diagnosis of an infection as it is when it is notified: (words, ICD-10), since when.
#[must_use]
pub fn infection_found(author: &Author<'_>, subject: &Subject<'_>, (words, icd10): (&str, &str), onset: &str) -> Json {
    obj! {
        "resourceType" => "Condition",
        "meta" => meta(author.time, format!("{}JP_Condition", sys::CORE)),
        "language" => "ja",
        "clinicalStatus" => obj! {"coding" => arr![obj! {"system" => "http://terminology.hl7.org/CodeSystem/condition-clinical", "code" => "active"}]},
        "verificationStatus" => obj! {"coding" => arr![obj! {"system" => "http://terminology.hl7.org/CodeSystem/condition-ver-status", "code" => "confirmed"}]},
        "category" => arr![obj! {"coding" => arr![obj! {"system" => "http://terminology.hl7.org/CodeSystem/condition-category", "code" => "encounter-diagnosis"}]}],
        "code" => obj! {"coding" => arr![coding(sys::ICD10, icd10, words)], "text" => words},
        "subject" => subject.reference(),
        "onsetDateTime" => onset,
        "recordedDate" => author.time.civil().date().to_string(),
        "asserter" => person_reference(author),
    }
}

/// The notification of an infection, (its name, its class in the law), to a health centre. What must be notified at once
/// and to whom is 感染症法 第12条; the form of 別記様式1-1 comes with its own exchange.
#[must_use]
pub fn notification(
    author: &Author<'_>,
    subject: &Subject<'_>,
    centre: &Institution,
    (infection, class): (&str, &str),
    diagnosis: &str,
    sent: Instant,
) -> Json {
    obj! {
        "resourceType" => "Communication",
        "meta" => obj! {"lastUpdated" => author.time.to_fhir()},
        "language" => "ja",
        "status" => "completed",
        "category" => arr![obj! {"coding" => arr![coding("http://terminology.hl7.org/CodeSystem/communication-category", "notification", "Notification")], "text" => "感染症発生届"}],
        "subject" => subject.reference(),
        "topic" => obj! {"text" => format!("{infection}({class}感染症)")},
        "about" => arr![obj! {"reference" => diagnosis}],
        "sent" => sent.to_fhir(),
        "recipient" => arr![organization_reference(centre)],
        "sender" => person_reference(author),
    }
}
