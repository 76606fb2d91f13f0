//! `GET /metadata`: the `CapabilityStatement`, made from what is served.

use axum::{extract::State, http::StatusCode, response::Response};
use tsumugi_fhir::{json::write::Writer, values::params};
use tsumugi_kernel::{Instant, Kind};

use super::{Desk, answer};

/// What every kind can do. Each stands in the router of this folder.
const INTERACTIONS: [&str; 5] = ["read", "vread", "delete", "history-instance", "search-type"];
/// What kinds can do besides that are about a person; the others come inside documents and transactions only.
const OF_A_PERSON: [&str; 2] = ["create", "update"];
/// Kinds through which R4's compartment definition reaches a patient.
const COMPARTMENT: &str = " Account AdverseEvent AllergyIntolerance Appointment AppointmentResponse Basic BodyStructure \
    CarePlan CareTeam ChargeItem Claim ClaimResponse ClinicalImpression Communication CommunicationRequest Composition \
    Condition Consent Coverage CoverageEligibilityRequest CoverageEligibilityResponse DetectedIssue DeviceRequest \
    DeviceUseStatement DiagnosticReport DocumentManifest DocumentReference Encounter EnrollmentRequest EpisodeOfCare \
    ExplanationOfBenefit FamilyMemberHistory Flag Goal Group ImagingStudy Immunization ImmunizationEvaluation \
    ImmunizationRecommendation Invoice List MeasureReport Media MedicationAdministration MedicationDispense \
    MedicationRequest MedicationStatement MolecularSequence NutritionOrder Observation Patient Person Procedure \
    Provenance QuestionnaireResponse RelatedPerson RequestGroup ResearchSubject RiskAssessment Schedule ServiceRequest \
    Specimen SupplyDelivery SupplyRequest VisionPrescription ";
/// Operations: name, and whether on `Patient` only.
const OPERATIONS: [(&str, &str); 5] = [
    ("everything", "Patient"),
    ("access-log", "Patient"),
    ("original", "Resource"),
    ("submit", "Bundle"),
    ("quarantine", "Bundle"),
];
/// Kinds that are bundles, answers or definitions: nobody's facts.
const NOT_SERVED: [&str; 6] =
    ["Bundle", "Binary", "CapabilityStatement", "OperationOutcome", "Parameters", "AuditEvent"];

pub(super) async fn metadata(State(desk): State<Desk>) -> Response {
    answer::json(StatusCode::OK, statement(desk.record.now()))
}

/// The statement as FHIR JSON.
#[must_use]
pub fn statement(now: Instant) -> Vec<u8> {
    let mut out = Writer::with_capacity(128 * 1024);
    out.object(|out| {
        out.field("resourceType", "CapabilityStatement").field("status", "active").field("date", &now.to_fhir());
        out.field("kind", "instance").field("fhirVersion", "4.0.1");
        out.key("software").object(|out| {
            out.field("name", "Tsumugi").field("version", env!("CARGO_PKG_VERSION"));
        });
        out.key("implementation").object(|out| {
            out.field("description", "Tsumugi (紬): one record per person, held by that person");
        });
        out.key("format").array(|out| {
            out.string("json").string("application/fhir+json");
        });
        out.key("rest").array(|out| {
            out.object(rest);
        });
    });
    out.finish()
}

fn rest(out: &mut Writer) {
    out.field("mode", "server");
    out.key("security").object(|out| {
        let text = "Bearer tokens bound to a person, an organisation, a role and a purpose. Every look leaves a leaf in a verifiable log before it is answered.";
        out.field("description", text);
    });
    out.key("resource").array(|out| {
        for kind in Kind::all().filter(|kind| !NOT_SERVED.contains(&kind.name())) {
            out.object(|out| resource(out, kind));
        }
    });
    out.key("interaction").array(|out| {
        for code in ["transaction", "batch"] {
            out.object(|out| {
                out.field("code", code);
            });
        }
    });
    out.key("operation").array(|out| {
        for (name, on) in OPERATIONS {
            out.object(|out| {
                out.field("name", name);
                out.field("definition", &format!("http://tsumugi.example/fhir/OperationDefinition/{on}-{name}"));
            });
        }
    });
}

fn resource(out: &mut Writer, kind: Kind) {
    out.field("type", kind.name());
    out.key("interaction").array(|out| {
        let alone = COMPARTMENT.contains(&format!(" {} ", kind.name()));
        for code in INTERACTIONS.into_iter().chain(OF_A_PERSON.into_iter().filter(|_| alone)) {
            out.object(|out| {
                out.field("code", code);
            });
        }
    });
    out.field("versioning", "versioned");
    out.key("readHistory").bool(true).key("updateCreate").bool(COMPARTMENT.contains(&format!(" {} ", kind.name())));
    out.key("conditionalCreate").bool(false).key("conditionalUpdate").bool(false);
    out.key("searchParam").array(|out| {
        for (name, kind) in [("_id", "token"), ("_lastUpdated", "date")] {
            out.object(|out| {
                out.field("name", name).field("type", kind);
            });
        }
        for param in params::of_kind(kind) {
            out.object(|out| {
                out.field("name", param.name).field("type", param.ty.code());
            });
        }
    });
}
