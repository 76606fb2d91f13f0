//! Documents: discharge summaries, referrals and the sharing service's collections, put on the shelf of whoever they
//! are about (JP-CLINS; `Bundle/$submit`).
//!
//! What must hold: a document is understood whole or not at all; what cannot be understood waits in quarantine with its
//! findings; sending a document again with its identifier replaces everything that its earlier sending put on the shelf.

mod arrival;
mod inbox;
mod matching;
mod register;
mod shelf;
mod submission;

use axum::{
    Router,
    routing::{get, post},
};
use tsumugi_record::rest::Desk;

pub use register::{Registered, register};
pub use submission::Submission;

/// The routes below `/fhir/R4`.
pub fn router() -> Router<Desk> {
    Router::new().route("/Bundle/$submit", post(register::submit)).route("/Bundle/$quarantine", get(inbox::quarantine))
}
