//! The FHIR REST interface: one file per interaction, each convert, call, convert.
//!
//! The server puts the [`Caller`] of a verified token into each request's extensions; a request without one is answered
//! 401 by the [`Ask`] extractor before any handler runs.

mod access_log;
pub mod answer;
mod ask;
mod batch;
mod bundle;
mod create;
mod delete;
mod everything;
mod history;
mod metadata;
mod original;
mod read;
mod search;
mod update;
mod writing;

use axum::{
    Router,
    routing::{get, post},
};
use tsumugi_access::Door;
use tsumugi_people::Directory;

pub use answer::{Fault, outcome};
pub use ask::{Ask, language};
pub use metadata::statement;
pub use writing::people as people_fault;

use crate::Record;

/// The parameter that carries the cursor of a page.
pub const CURSOR: &str = "_page";

/// What the handlers call.
#[derive(Clone)]
pub struct Desk {
    /// The record.
    pub record: Record,
    /// The door.
    pub door: Door,
    /// Who is who.
    pub directory: Directory,
}

/// The routes below `/fhir/R4`.
pub fn router() -> Router<Desk> {
    Router::new()
        .route("/", post(bundle::batch_or_transaction))
        .route("/metadata", get(metadata::metadata))
        .route("/{kind}", get(search::by_get).post(create::create))
        .route("/{kind}/_search", post(search::by_post))
        .route("/{kind}/{id}", get(read::read).put(update::update).delete(delete::delete))
        .route("/{kind}/{id}/_history", get(history::history))
        .route("/{kind}/{id}/_history/{version}", get(read::read_version))
        .route("/{kind}/{id}/$everything", get(everything::everything))
        .route("/{kind}/{id}/$access-log", get(access_log::access_log))
        .route("/{kind}/{id}/$original", get(original::original))
}
