//! What the URL of a write names: `Kind/id`, or `Kind?query` for the fact that fits.

use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::request::Parts,
};
use tsumugi_kernel::Kind;

use super::{Ask, Desk, Fault, ask, condition::Condition, write::At};

/// A kind, and which of its facts.
pub(super) struct Target {
    pub kind: Kind,
    pub at: At<'static>,
}

impl FromRequestParts<Desk> for Target {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, desk: &Desk) -> Result<Self, Fault> {
        let ask = Ask::from_request_parts(parts, desk).await?;
        // What cannot be read as text is no name of anything.
        let params = RawPathParams::from_request_parts(parts, desk).await.map_err(|_| Fault::absent(ask.lang))?;
        let named = |name: &str| params.iter().find(|(known, _)| *known == name).map(|(_, value)| value);
        let kind = ask::kind(&ask, named("kind").unwrap_or_default())?;
        let at = match named("id") {
            Some(id) => At::Id(id.to_owned().into()),
            None => At::Where(Condition::read(desk, &ask, kind, parts.uri.query().unwrap_or_default())?),
        };
        Ok(Self { kind, at })
    }
}
