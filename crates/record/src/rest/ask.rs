//! What every handler needs of a request: who asks, in which language, under which address.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};
use tsumugi_access::Caller;
use tsumugi_fhir::outcome::Lang;
use tsumugi_kernel::Kind;

use super::Fault;

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
}

impl<S: Send + Sync> FromRequestParts<S> for Ask {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Fault> {
        let lang = language(&parts.headers);
        let Some(caller) = parts.extensions.get::<Caller>().cloned() else { return Err(Fault::unknown_caller(lang)) };
        let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
        let lenient = parts
            .headers
            .get_all("prefer")
            .iter()
            .filter_map(|value| value.to_str().ok())
            .any(|value| value.split([',', ';']).any(|part| part.trim() == "handling=lenient"));
        Ok(Self { caller, lang, base: format!("http://{host}/fhir/R4"), lenient })
    }
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
