//! FHIR's XML form, in and out.

use axum::http::StatusCode;
use bytes::Bytes;
use tsumugi_fhir::{
    json::{Limits, Node},
    outcome::Lang,
};
use tsumugi_fhir_definitions::Definitions;

use super::Fault;

/// The JSON of an XML body.
pub(super) fn to_json(lang: Lang, xml: &[u8]) -> Result<Bytes, Fault> {
    let json = tsumugi_fhir_xml::to_json(xml, Definitions::r4(), &Limits::default());
    json.map(Bytes::from).map_err(|errors| Fault::findings(StatusCode::BAD_REQUEST, lang, errors.findings()))
}

/// The XML of an answer. What XML cannot say is told, not left out.
pub(super) fn from_json(lang: Lang, root: Node<'_>) -> Result<Vec<u8>, Fault> {
    tsumugi_fhir_xml::from_json(root, Definitions::r4())
        .map_err(|error| Fault::findings(StatusCode::NOT_ACCEPTABLE, lang, vec![error.finding()]))
}
