//! `GET /metadata`: the `CapabilityStatement`, made from what is served.

use axum::{
    extract::{Extension, State},
    http::StatusCode,
    response::Response,
};
use tsumugi_fhir::json::write::Writer;
use tsumugi_fhir_search::Search;
use tsumugi_kernel::{Instant, Kind};

use super::{Desk, answer, definitions, served::Served};

/// What every kind can do. Each stands in the router of this folder.
const INTERACTIONS: [&str; 7] = ["read", "vread", "patch", "delete", "history-instance", "history-type", "search-type"];
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
/// Kinds that are bundles, answers or definitions: nobody's facts.
const NOT_SERVED: [&str; 6] =
    ["Bundle", "Binary", "CapabilityStatement", "OperationOutcome", "Parameters", "AuditEvent"];

/// Where clients get their tokens, by the names of SMART's `oauth-uris`; the server puts it beside each request.
#[derive(Clone, Debug, Default)]
pub struct OauthUris(pub Vec<(&'static str, String)>);

pub(super) async fn metadata(State(desk): State<Desk>, uris: Option<Extension<OauthUris>>) -> Response {
    let uris = uris.map(|Extension(uris)| uris).unwrap_or_default();
    answer::json(StatusCode::OK, statement(desk.record.engine(), desk.record.now(), &uris))
}

/// The statement as FHIR JSON.
#[must_use]
pub fn statement(engine: &Search, now: Instant, uris: &OauthUris) -> Vec<u8> {
    let served = Served::new(engine);
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
            out.string("json").string("application/fhir+json").string("xml").string("application/fhir+xml");
        });
        out.key("patchFormat").array(|out| {
            out.string("application/json-patch+json").string("application/fhir+json").string("application/fhir+xml");
        });
        out.key("rest").array(|out| {
            out.object(|out| rest(out, &served, uris));
        });
    });
    out.finish()
}

/// How to get a token, for programs that do not read `.well-known/smart-configuration`.
fn security(out: &mut Writer, uris: &OauthUris) {
    if !uris.0.is_empty() {
        out.key("extension").array(|out| {
            out.object(|out| {
                out.field("url", "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris");
                out.key("extension").array(|out| {
                    for (name, uri) in &uris.0 {
                        out.object(|out| {
                            out.field("url", name).field("valueUri", uri);
                        });
                    }
                });
            });
        });
        out.key("service").array(|out| {
            out.object(|out| {
                out.key("coding").array(|out| {
                    out.object(|out| {
                        out.field("system", "http://terminology.hl7.org/CodeSystem/restful-security-service");
                        out.field("code", "SMART-on-FHIR");
                    });
                });
            });
        });
    }
    let text = "Tokens bound to a person, an organisation, a role and a purpose. Every look leaves a leaf in a verifiable log before it is answered.";
    out.field("description", text);
}

fn rest(out: &mut Writer, served: &Served<'_>, uris: &OauthUris) {
    out.field("mode", "server");
    out.key("security").object(|out| security(out, uris));
    out.key("resource").array(|out| {
        for kind in Kind::all().filter(|kind| !NOT_SERVED.contains(&kind.name())) {
            out.object(|out| resource(out, served, kind));
        }
    });
    out.key("interaction").array(|out| {
        for code in ["transaction", "batch", "history-system"] {
            out.object(|out| {
                out.field("code", code);
            });
        }
    });
    out.key("operation").array(|out| {
        let ours = definitions::OURS.iter().map(|operation| (operation.code, operation.url()));
        let standard = definitions::STANDARD.iter().map(|(code, url)| (*code, (*url).to_owned()));
        for (name, definition) in standard.chain(ours) {
            out.object(|out| {
                out.field("name", name).field("definition", &definition);
            });
        }
    });
}

fn resource(out: &mut Writer, served: &Served<'_>, kind: Kind) {
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
    let alone = COMPARTMENT.contains(&format!(" {} ", kind.name()));
    out.key("conditionalCreate").bool(alone).field("conditionalRead", "full-support");
    out.key("conditionalUpdate").bool(alone).field("conditionalDelete", "single");
    served.write(out, kind);
}
