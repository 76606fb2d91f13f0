//! `GET /Patient/id/$access-log`: who looked, as `AuditEvent`s (IHE BALP's patterns, as `audit_event.rs` writes them), newest first.

use axum::{
    extract::{Path, RawQuery, State},
    http::StatusCode,
    response::Response,
};
use tsumugi_access::{Action, Shown, looks::LooksError};
use tsumugi_kernel::limits;

use super::{Ask, Desk, Fault, answer, audit_event, read, search};

pub(super) async fn access_log(
    State(desk): State<Desk>,
    ask: Ask,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Fault> {
    let pairs = search::operation_pairs(&ask, query.as_deref(), &["_count", "before"])?;
    let key = read::find(&desk, &ask, "Patient", &id).await?;
    let permit = desk.admit(&ask, Action::AccessLog, key.citizen).await?;
    let total = permit.looks_count().await.map_err(|error| looks_fault(&ask, &error))?;
    let number = |name: &str| pairs.iter().find(|(n, _)| n == name).and_then(|(_, value)| value.parse::<u64>().ok());
    let count = number("_count").unwrap_or(limits::PAGE_DEFAULT as u64).clamp(1, limits::PAGE_MOST as u64);
    let to = number("before").map_or(total, |before| before.saturating_sub(1).min(total));
    let from = to.saturating_sub(count - 1).max(1);
    let looks =
        if to == 0 { Vec::new() } else { permit.looks(from, to).await.map_err(|error| looks_fault(&ask, &error))? };
    let receipt = read::seal(&ask, permit, Shown::none()).await?;
    let mut links = Vec::new();
    if from > 1 && to > 0 {
        links.push(("next", format!("{}/Patient/{id}/$access-log?_count={count}&before={from}", ask.base)));
    }
    let mut bundle = answer::BundleWriter::start("searchset", usize::try_from(total).ok(), &links);
    for look in looks.iter().rev() {
        bundle.entry(None, Some(&audit_event::event(&desk, look, key.citizen, &id)), "\"search\":{\"mode\":\"match\"}");
    }
    Ok(answer::with_receipt(answer::json(StatusCode::OK, bundle.finish()), &receipt))
}

/// Gives a failure to read the log its answer.
pub(super) fn looks_fault(ask: &Ask, error: &LooksError) -> Fault {
    match error {
        LooksError::Permit => Fault::absent(ask.lang),
        LooksError::Store(error) => Fault::store(ask.lang, error),
        LooksError::Ledger(error) => {
            tracing::error!(%error, "a leaf cannot be read");
            Fault::record(ask.lang, &crate::RecordError::Unreadable("a leaf"))
        }
    }
}
