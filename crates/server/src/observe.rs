//! What the operator sees: `/healthz`, `/metrics`, and one line of log per fault. No ids, no names, no queries.

use axum::{
    extract::{MatchedPath, Request},
    http::StatusCode,
    middleware::Next,
    response::{IntoResponse, Response},
};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tsumugi_kernel::edge::Stopwatch;
use tsumugi_store::Store;

/// Starts collecting metrics in this process. Called once.
///
/// # Errors
/// If metrics are collected already.
pub fn start() -> Result<PrometheusHandle, metrics_exporter_prometheus::BuildError> {
    PrometheusBuilder::new().install_recorder()
}

/// Counts and times each request by its route's pattern, never by its path.
pub async fn observe(request: Request, next: Next) -> Response {
    let watch = Stopwatch::start();
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let method = request.method().as_str().to_owned();
    let response = next.run(request).await;
    let labels = [("route", route), ("method", method), ("status", response.status().as_u16().to_string())];
    metrics::counter!("http_requests_total", &labels).increment(1);
    metrics::histogram!("http_request_seconds", &labels[..2]).record(watch.elapsed().as_secs_f64());
    response
}

/// `ok` when the store answers.
pub async fn health(store: &dyn Store) -> Response {
    match store.checkpoint().await {
        Ok(_) => (StatusCode::OK, "ok\n").into_response(),
        Err(error) => {
            tracing::error!(%error, "the store does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, "the store does not answer; see the log\n").into_response()
        }
    }
}

/// Prometheus text.
pub fn render(handle: &PrometheusHandle, store: &dyn Store) -> String {
    let status = store.status();
    for (name, value) in [
        ("store_point", status.point.0),
        ("ledger_leaves", status.leaves),
        ("ledger_published", status.published),
        ("store_waiting", status.waiting),
    ] {
        #[expect(clippy::cast_precision_loss, reason = "a gauge is a float; above 2^53 the last digits do not matter")]
        metrics::gauge!(name).set(value as f64);
    }
    handle.render()
}
