//! The log's witnesses: each new checkpoint is offered to them, beside everything else and never before it.

use std::{pin::Pin, sync::Arc, time::Duration};

use tsumugi_ledger::Hash;
use tsumugi_record::Record;
use tsumugi_witness::{Circle, Log};

/// How often it is looked whether something is to be offered.
const EVERY: Duration = Duration::from_secs(1);

/// The record's log, as its witnesses' side needs it.
pub struct RecordLog(pub Record);

impl Log for RecordLog {
    fn consistency(&self, old: u64, new: u64) -> Pin<Box<dyn Future<Output = Result<Vec<Hash>, String>> + Send + '_>> {
        Box::pin(async move { self.0.consistency(old, new).await.map_err(|error| error.to_string()) })
    }
}

/// Offers the newest checkpoint whenever that is due, until the task is dropped.
pub async fn keep_offering(record: &Record, circle: &Arc<Circle>) {
    loop {
        tokio::time::sleep(EVERY).await;
        if !circle.is_due(record.log_size().published) {
            continue;
        }
        let Some(_turn) = circle.turn().await else { continue };
        match record.checkpoint().await {
            Ok(Some(newest)) => {
                if let Err(fault) = circle.offer(&newest.note).await {
                    tracing::error!(%fault, "the newest checkpoint cannot be offered to witnesses");
                }
            }
            Ok(None) => {}
            Err(error) => tracing::error!(%error, "the newest checkpoint cannot be read"),
        }
    }
}
