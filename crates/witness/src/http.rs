//! The witness over HTTP: `POST /add-checkpoint`, and what it signed for whoever compares.

use std::sync::Arc;

use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, State},
    http::{HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::Serialize;

use crate::{Answer, Memory, Witness};

/// The most bytes of a request: 63 lines of proof and a checkpoint with a hundred signatures fit.
const MOST_BYTES: usize = 64 * 1024;

/// The routes.
pub fn router(witness: Arc<Witness>) -> Router {
    Router::new()
        .route("/", get(about))
        .route("/add-checkpoint", post(add_checkpoint))
        .route("/logs", get(logs))
        .route("/logs/{name}/checkpoint", get(checkpoint))
        .layer(DefaultBodyLimit::max(MOST_BYTES))
        .with_state(witness)
}

async fn about(State(witness): State<Arc<Witness>>) -> String {
    format!(
        "This is a witness of logs (https://c2sp.org/tlog-witness). Its key:\n{}\nWhat it has signed: /logs\n",
        witness.vkey()
    )
}

async fn add_checkpoint(State(witness): State<Arc<Witness>>, body: Bytes) -> Response {
    let Ok(answer) = tokio::task::spawn_blocking(move || witness.add_checkpoint(&body)).await else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let plain = |status: StatusCode, text: &str| (status, format!("{text}\n")).into_response();
    match answer {
        Answer::Cosigned(line) => line.into_response(),
        Answer::Malformed(reason) => plain(StatusCode::BAD_REQUEST, reason),
        Answer::Unsigned => plain(StatusCode::FORBIDDEN, "no key that is trusted for this log signed the checkpoint"),
        Answer::Unknown => plain(StatusCode::NOT_FOUND, "this log is not witnessed here"),
        Answer::Conflict(size) => {
            let kind: [(HeaderName, &str); 1] = [(header::CONTENT_TYPE, "text/x.tlog.size")];
            (StatusCode::CONFLICT, kind, format!("{size}\n")).into_response()
        }
        Answer::Unproven => {
            plain(StatusCode::UNPROCESSABLE_ENTITY, "the proof does not show that the log continues what was signed")
        }
        Answer::Unable(reason) => {
            tracing::error!(reason, "this witness cannot sign");
            plain(StatusCode::SERVICE_UNAVAILABLE, "this witness cannot sign now; its operator is told why")
        }
    }
}

/// A log, and how far it was signed.
#[derive(Serialize)]
struct Line {
    origin: String,
    /// 0 for nothing yet.
    size: u64,
    /// Seconds since 1970; 0 for never.
    time: u64,
    checkpoint: String,
}

async fn logs(State(witness): State<Arc<Witness>>) -> Response {
    let mut lines = Vec::new();
    for log in witness.logs() {
        let Some(seen) = witness.newest(log.name()).ok() else { return unreadable() };
        let size = seen.head().ok().flatten().map_or(0, |head| head.size);
        let checkpoint = format!("/logs/{}/checkpoint", Memory::name_of(log.name()));
        lines.push(Line { origin: seen.origin, size, time: seen.time, checkpoint });
    }
    Json(lines).into_response()
}

async fn checkpoint(State(witness): State<Arc<Witness>>, Path(name): Path<String>) -> Response {
    let Some(log) = witness.logs().iter().find(|log| Memory::name_of(log.name()) == name) else {
        return (StatusCode::NOT_FOUND, "this log is not witnessed here\n").into_response();
    };
    match witness.newest(log.name()) {
        Ok(seen) if seen.note.is_empty() => (StatusCode::NOT_FOUND, "nothing was signed yet\n").into_response(),
        Ok(seen) => seen.note.into_response(),
        Err(_) => unreadable(),
    }
}

fn unreadable() -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, "what this witness signed cannot be read now\n").into_response()
}
