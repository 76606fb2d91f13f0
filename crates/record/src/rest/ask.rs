//! What every handler needs of a request: who asks, in which language, under which address, how it wants the answer.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};
use bytes::Bytes;
use tsumugi_access::Caller;
use tsumugi_fhir::{json::Document, outcome::Lang};
use tsumugi_kernel::Kind;

use super::{Fault, form::Form, xml};

/// The asking side of a request.
#[derive(Clone, Debug)]
pub struct Ask {
    /// Who asks, for what purpose.
    pub caller: Caller,
    /// The language of messages.
    pub lang: Lang,
    /// The address of the interface, for links: `http://host/fhir/R4`.
    pub base: String,
    /// `Prefer: handling=lenient`.
    pub lenient: bool,
    /// `Prefer: return=…`: what a write answers with.
    pub returns: Returns,
    /// The form of the body.
    pub form: Form,
}

/// What a write answers with (`Prefer: return=…`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Returns {
    /// Nothing was preferred: one resource is answered with what was written, a transaction without.
    #[default]
    Either,
    /// Headers only.
    Minimal,
    /// What was written.
    Representation,
    /// An `OperationOutcome`.
    Outcome,
}

impl Returns {
    /// As `Prefer` says it; nothing where nothing was preferred.
    pub(super) fn preference(self) -> Option<&'static str> {
        match self {
            Self::Either => None,
            Self::Minimal => Some("return=minimal"),
            Self::Representation => Some("return=representation"),
            Self::Outcome => Some("return=OperationOutcome"),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Ask {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Fault> {
        let lang = language(&parts.headers);
        let Some(caller) = parts.extensions.get::<Caller>().cloned() else { return Err(Fault::unknown_caller(lang)) };
        let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok());
        // HTTP/2 carries the host in the URL.
        let host = host.or_else(|| parts.uri.authority().map(|authority| authority.as_str())).unwrap_or("localhost");
        let preferred = |wish: &str| preferences(&parts.headers).any(|preference| preference == wish);
        let returns = match () {
            () if preferred("return=minimal") => Returns::Minimal,
            () if preferred("return=representation") => Returns::Representation,
            () if preferred("return=operationoutcome") => Returns::Outcome,
            () => Returns::Either,
        };
        let form = parts.extensions.get::<Form>().copied().unwrap_or_default();
        let base = format!("http://{host}/fhir/R4");
        Ok(Self { caller, lang, base, lenient: preferred("handling=lenient"), returns, form })
    }
}

impl Ask {
    /// Reads a body in the form that it came in. The bytes themselves stay as they were sent.
    ///
    /// # Errors
    /// 400 with what is wrong and where.
    pub fn document(&self, body: &Bytes) -> Result<Document, Fault> {
        let json = match self.form {
            Form::Xml => xml::to_json(self.lang, body)?,
            Form::Json | Form::JsonPatch => body.clone(),
        };
        Document::parse(json, &tsumugi_fhir::json::Limits::default()).map_err(|error| Fault::syntax(self.lang, &error))
    }
}

/// Every preference, in lower case.
fn preferences(headers: &HeaderMap) -> impl Iterator<Item = String> {
    headers
        .get_all("prefer")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split([',', ';']))
        .map(|preference| preference.trim().to_ascii_lowercase().replace('"', ""))
}

/// Japanese, unless the first language that the client names is another.
pub fn language(headers: &HeaderMap) -> Lang {
    let first = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or("ja");
    if first.trim_start().to_ascii_lowercase().starts_with("ja") || first.trim() == "*" { Lang::Ja } else { Lang::En }
}

/// The kind in a path, or 404 with its name's place.
pub(super) fn kind(ask: &Ask, name: &str) -> Result<Kind, Fault> {
    Kind::from_name(name).ok_or_else(|| Fault::unknown_kind(ask.lang))
}
