//! `_summary` and `_elements` where one resource is read: R4 has them for every interaction that answers with resources.

use axum::http::StatusCode;
use bytes::Bytes;
use tsumugi_fhir::outcome::IssueType;
use tsumugi_fhir_search::{Query, Subset};
use tsumugi_kernel::Kind;

use super::{Ask, Desk, Fault, query};

/// How much of a resource is wanted.
pub(super) struct Part(Option<Query>);

impl Part {
    /// Reads what a URL asks for; other parameters are not this one's matter.
    ///
    /// # Errors
    /// 400 where a value is none that a search would take, or asks for a count: one resource has none.
    pub(super) fn read(desk: &Desk, ask: &Ask, kind: Kind, text: Option<&str>) -> Result<Self, Fault> {
        let mut pairs = query::pairs(text.unwrap_or_default());
        pairs.retain(|(name, _)| matches!(name.as_str(), "_summary" | "_elements"));
        if pairs.is_empty() {
            return Ok(Self(None));
        }
        let read = desk.record.query(Some(kind), &pairs, false, &ask.base);
        let read = read.map_err(|findings| Fault::findings(StatusCode::BAD_REQUEST, ask.lang, findings))?;
        if *read.subset() == Subset::Count { Err(no_count(ask)) } else { Ok(Self(Some(read))) }
    }

    /// The resource as it is wanted, with the tag SUBSETTED where it is not the whole.
    pub(super) fn of(&self, desk: &Desk, kind: Kind, body: Bytes) -> Bytes {
        let part = self.0.as_ref().and_then(|query| desk.record.engine().subset(query, kind, &body));
        part.map_or(body, Bytes::from)
    }
}

fn no_count(ask: &Ask) -> Fault {
    Fault::new(
        StatusCode::BAD_REQUEST,
        ask.lang,
        IssueType::NotSupported,
        "_summary=count は検索だけのものです。一つのリソースには true、text、data、false を使ってください。",
        "_summary=count is for searches. For one resource use true, text, data or false.",
    )
}
