//! The FHIR REST interface: one file per interaction, each convert, call, convert.
//!
//! The server puts the [`Caller`] of a verified token into each request's extensions; a request without one is answered
//! 401 by the [`Ask`] extractor before any handler runs.

mod access_log;
pub mod answer;
mod ask;
mod audit_event;
mod batch;
mod bundle;
mod condition;
mod create;
mod definitions;
mod delete;
mod directory;
mod document;
mod everything;
mod fault;
mod form;
mod history;
mod lastn;
mod metadata;
mod operations;
mod original;
mod part;
mod patch;
mod query;
mod read;
mod search;
mod served;
pub mod summary;
pub mod take;
mod target;
mod update;
mod validate;
mod write;
mod writer;
mod writing;
mod xml;

use axum::{
    Router,
    routing::{MethodRouter, get, post},
};
use tsumugi_access::Door;
use tsumugi_people::Directory;

use answer::BundleWriter;
pub use answer::{Fault, outcome};
pub use ask::{Ask, Returns, language};
pub use form::{AsItIs, Form, negotiate};
pub use metadata::{OauthUris, statement};
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

/// What stands at the base itself: searches over kinds, batches and transactions.
pub fn base() -> MethodRouter<Desk> {
    get(search::over_kinds).post(bundle::batch_or_transaction)
}

/// The routes below `/fhir/R4`.
pub fn router() -> Router<Desk> {
    Router::new()
        .route("/", base())
        .route("/metadata", get(metadata::metadata))
        .route("/_history", get(history::of_shelf))
        .route("/OperationDefinition", get(definitions::list))
        .route("/OperationDefinition/{id}", get(definitions::read))
        .route(
            "/{kind}",
            get(search::by_get).post(create::create).put(update::update).patch(patch::patch).delete(delete::delete),
        )
        .route("/{kind}/_search", post(search::by_post))
        .route("/{kind}/_history", get(history::of_kind))
        .route("/{kind}/$validate", post(validate::validate_body))
        .route("/Patient/$summary", get(summary::of_person).post(summary::of_person))
        .route("/Observation/$lastn", get(lastn::lastn).post(lastn::lastn))
        .route("/{kind}/{id}", get(read::read).put(update::update).patch(patch::patch).delete(delete::delete))
        .route("/{kind}/{id}/{inner}", get(search::in_compartment))
        .route("/{kind}/{id}/_history", get(history::history))
        .route("/{kind}/{id}/_history/{version}", get(read::read_version))
        .route("/{kind}/{id}/$validate", get(validate::validate_stored).post(validate::validate_stored))
        .route("/Patient/{id}/$everything", get(everything::everything))
        .route("/Patient/{id}/$summary", get(summary::of_patient).post(summary::of_patient))
        .route("/Composition/{id}/$document", get(document::document).post(document::document))
        .route("/Patient/{id}/$access-log", get(access_log::access_log))
        .route("/{kind}/{id}/$original", get(original::original))
}
