//! `GET /Bundle/$quarantine`: what this organisation sent and was refused, with the findings, so that it can be mended.

use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::Response,
};
use tsumugi_fhir::outcome::IssueType;
use tsumugi_kernel::limits;
use tsumugi_record::rest::{Ask, CURSOR, Desk, Fault, answer};

/// Entries on a page where the caller does not say.
const DEFAULT: usize = 100;

pub(super) async fn quarantine(
    State(desk): State<Desk>,
    ask: Ask,
    RawQuery(query): RawQuery,
) -> Result<Response, Fault> {
    let (count, after) = page(&desk, &ask, query.as_deref().unwrap_or_default())?;
    let failed = |error| Fault::record(ask.lang, &error);
    let sender = &ask.caller.organization;
    // One more than is asked for tells whether there is a next page.
    let mut found = desk.record.quarantined(sender, after, count + 1).await.map_err(failed)?;
    let more = found.len() > count;
    found.truncate(count);
    let filled = desk.record.quarantine_filled(sender).await.map_err(failed)?;
    let mut links = Vec::new();
    if let (true, Some((last, _))) = (more, found.last()) {
        let cursor = desk.record.sealer().seal_cursor(*last, 0);
        links.push(("next", format!("{}/Bundle/$quarantine?_count={count}&{CURSOR}={cursor}", ask.base)));
    }
    let total = usize::try_from(filled.count).ok();
    // FHIR gives a total to searches and histories only, so a collection says it as a link does: in the header.
    let mut bundle = answer::BundleWriter::start("collection", None, &links);
    for (number, entry) in &found {
        let outcome = serde_json::to_vec(&entry.outcome).unwrap_or_default();
        bundle.entry(
            Some(&format!("urn:tsumugi:quarantine:{number}")),
            Some(&outcome),
            &format!("\"id\":\"{number}\""),
        );
    }
    let mut response = answer::json(StatusCode::OK, bundle.finish());
    if let Some(total) = total {
        response.headers_mut().insert("tsumugi-total", total.into());
    }
    Ok(response)
}

/// How many entries, after which.
fn page(desk: &Desk, ask: &Ask, query: &str) -> Result<(usize, Option<u64>), Fault> {
    let (mut count, mut after) = (DEFAULT, None);
    for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
        match (name, value.parse::<usize>()) {
            ("_count", Ok(number)) if number > 0 => count = number.min(limits::PAGE_MOST),
            // A cursor that was not made here starts at the beginning.
            (CURSOR, _) => after = desk.record.sealer().open_cursor(value).map(|(number, _)| number),
            ("_format" | "_pretty", _) => {}
            _ if ask.lenient => {}
            _ => {
                return Err(Fault::new(
                    StatusCode::BAD_REQUEST,
                    ask.lang,
                    IssueType::NotSupported,
                    "$quarantine で使えるのは _count(1以上)と、前のページの link にある _page です。",
                    "$quarantine takes _count (1 or more) and the _page of the link before.",
                ));
            }
        }
    }
    Ok((count, after))
}
