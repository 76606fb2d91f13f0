//! `GET /OperationDefinition`: what the operations that are ours do and take, for programs and for people.
//!
//! Each stands in a file of `crates/record/operations`; the capability statement lists the same files. They are about
//! nobody, so no caller is needed and no leaf is left.

use axum::{
    extract::{Path, RawQuery},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use tsumugi_fhir::{json::write, outcome::IssueType};

use super::{Fault, answer, language, query};

/// An operation that is ours.
pub(super) struct Operation {
    /// Its id: where it belongs, and its code.
    pub id: &'static str,
    /// Its code, without the dollar.
    pub code: &'static str,
    text: &'static str,
}

macro_rules! ours {
    ($($on:literal $code:literal),+ $(,)?) => {
        /// Every operation that is ours.
        pub(super) const OURS: &[Operation] = &[$(Operation {
            id: concat!($on, "-", $code),
            code: $code,
            text: include_str!(concat!("../../operations/", $on, "-", $code, ".json")),
        }),+];
    };
}

ours!("Bundle" "submit", "Bundle" "quarantine", "Patient" "access-log", "Resource" "original");

/// Operations of HL7's that are served: code and definition.
pub(super) const STANDARD: &[(&str, &str)] = &[
    ("everything", "http://hl7.org/fhir/OperationDefinition/Patient-everything"),
    ("summary", "http://hl7.org/fhir/uv/ips/OperationDefinition/summary"),
    ("document", "http://hl7.org/fhir/OperationDefinition/Composition-document"),
    ("lastn", "http://hl7.org/fhir/OperationDefinition/Observation-lastn"),
    ("validate", "http://hl7.org/fhir/OperationDefinition/Resource-validate"),
];

impl Operation {
    /// Its canonical URL.
    pub(super) fn url(&self) -> String {
        format!("http://tsumugi.example/fhir/OperationDefinition/{}", self.id)
    }
}

pub(super) async fn list(RawQuery(query): RawQuery, headers: HeaderMap) -> Result<Response, Fault> {
    let pairs = query::pairs(query.as_deref().unwrap_or_default());
    let known = ["_id", "url", "code", "_format", "_pretty"];
    if !pairs.iter().all(|(name, _)| known.contains(&name.as_str())) {
        return Err(Fault::new(
            StatusCode::BAD_REQUEST,
            language(&headers),
            IssueType::NotSupported,
            "OperationDefinition の検索で使えるのは _id、url、code です。",
            "A search of OperationDefinition takes _id, url and code.",
        ));
    }
    let fits = |operation: &&Operation| {
        pairs.iter().all(|(name, value)| match name.as_str() {
            "_id" => value.split(',').any(|id| id == operation.id),
            "url" => *value == operation.url(),
            "code" => value == operation.code,
            _ => true,
        })
    };
    let found: Vec<&Operation> = OURS.iter().filter(fits).collect();
    let mut bundle = answer::BundleWriter::start("searchset", Some(found.len()), &[]);
    for operation in found {
        bundle.entry(Some(&operation.url()), Some(&operation.json()), "\"search\":{\"mode\":\"match\"}");
    }
    Ok(answer::json(StatusCode::OK, bundle.finish()))
}

pub(super) async fn read(Path(id): Path<String>, headers: HeaderMap) -> Result<Response, Fault> {
    let found = OURS.iter().find(|operation| operation.id == id);
    found
        .map(|operation| answer::json(StatusCode::OK, operation.json()))
        .ok_or_else(|| Fault::absent(language(&headers)))
}

impl Operation {
    /// The definition without the white space of its file.
    fn json(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.text.len());
        let parsed = tsumugi_fhir::Document::parse(self.text.into(), &tsumugi_fhir::json::Limits::default());
        match parsed {
            Ok(document) => write::compact(&mut out, document.root()),
            // A file that is no JSON fails the test below; until then it is given as it is.
            Err(_) => out.extend_from_slice(self.text.as_bytes()),
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tsumugi_fhir::{Document, json::Limits};
    use tsumugi_fhir_definitions::Definitions;
    use tsumugi_fhir_validate::{Ask, Validator};

    #[test]
    fn each_file_defines_the_operation_that_it_is_named_for() {
        let validator = Validator::new(Definitions::r4().clone());
        for operation in OURS {
            let document = Document::parse(operation.text.into(), &Limits::default()).unwrap();
            let text = |name: &str| document.root().get_str(name).unwrap().into_owned();
            assert_eq!(text("resourceType"), "OperationDefinition");
            assert_eq!((text("id"), text("url")), (operation.id.to_owned(), operation.url()));
            assert_eq!(text("code"), operation.code);
            assert!(document.root().find_str("_title.extension.extension.valueString").is_some());
            let ask = Ask::at(tsumugi_kernel::Instant(0));
            let found = validator.validate(document.root(), &ask);
            assert!(!found.refused(), "{:?}", found.findings);
        }
    }
}
