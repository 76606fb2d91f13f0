//! `GET /Kind?…` and `POST /Kind/_search`: a search inside one citizen.
//!
//! There is no search over many citizens for primary use: a search that names nobody is refused, and says how to name
//! somebody.

use axum::{
    extract::{Path, RawQuery, State},
    http::{StatusCode, header},
    response::Response,
};
use bytes::Bytes;
use tsumugi_access::{Action, Shown};
use tsumugi_fhir::{outcome::IssueType, search::Query};
use tsumugi_kernel::{CitizenId, Kind};

use super::{Ask, CURSOR, Desk, Fault, answer, ask, read, writing};

pub(super) async fn by_get(
    State(desk): State<Desk>,
    ask: Ask,
    Path(kind): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Fault> {
    search(&desk, &ask, &kind, query.as_deref().unwrap_or_default()).await
}

pub(super) async fn by_post(
    State(desk): State<Desk>,
    ask: Ask,
    Path(kind): Path<String>,
    RawQuery(query): RawQuery,
    headers: axum::http::HeaderMap,
    body: Bytes,
) -> Result<Response, Fault> {
    let form = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let text = std::str::from_utf8(&body).ok().filter(|_| form.starts_with("application/x-www-form-urlencoded"));
    let Some(text) = text else {
        return Err(Fault::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            ask.lang,
            IssueType::Structure,
            "_search の本文は application/x-www-form-urlencoded で送ってください。",
            "Send the body of _search as application/x-www-form-urlencoded.",
        ));
    };
    let joined = [query.as_deref().unwrap_or_default(), text].join("&");
    search(&desk, &ask, &kind, &joined).await
}

async fn search(desk: &Desk, ask: &Ask, kind: &str, query: &str) -> Result<Response, Fault> {
    let kind = ask::kind(ask, kind)?;
    let pairs = pairs(query);
    let unreadable = |findings| Fault::findings(StatusCode::BAD_REQUEST, ask.lang, findings);
    let parsed = Query::parse(Some(kind), &pairs, ask.lenient).map_err(unreadable)?;
    let citizen = citizen(desk, ask, kind, &pairs).await?;
    let permit = desk.admit(ask, Action::Search, citizen).await?;
    let page = desk.record.search(&permit, &parsed).await.map_err(|error| Fault::record(ask.lang, &error))?;
    let mut shown = Shown::none();
    for fact in &page.facts {
        fact.tell(&mut shown).map_err(|error| Fault::record(ask.lang, &error))?;
    }
    let receipt = read::seal(ask, permit, shown).await?;
    let this = format!("{}/{kind}?{}", ask.base, encode(&pairs, None));
    let mut links = vec![("self", this)];
    if let Some(cursor) = &page.next {
        links.push(("next", format!("{}/{kind}?{}", ask.base, encode(&pairs, Some(cursor)))));
    }
    let mut bundle = answer::BundleWriter::start("searchset", Some(page.total), &links);
    for fact in &page.facts {
        let id = desk.record.sealer().seal(fact.key());
        bundle.fact(&ask.base, &id, fact).map_err(|error| Fault::record(ask.lang, &error))?;
    }
    Ok(answer::with_receipt(answer::json(StatusCode::OK, bundle.finish()), &receipt))
}

/// Whose shelf a search is about: `patient=`, `subject=`, or for `Patient` itself `_id=` or `identifier=`.
async fn citizen(desk: &Desk, ask: &Ask, kind: Kind, pairs: &[(String, String)]) -> Result<CitizenId, Fault> {
    let named = |names: &[&str]| pairs.iter().find(|(name, _)| names.contains(&name.as_str())).map(|(_, value)| value);
    let people = ["patient", "subject", "patient:Patient", "subject:Patient"];
    if let Some(value) = named(&people) {
        if value.contains(',') || pairs.iter().filter(|(name, _)| people.contains(&name.as_str())).count() > 1 {
            return Err(one_person(ask));
        }
        let id = value.rsplit('/').next().unwrap_or(value);
        return Ok(read::find(desk, ask, "Patient", id).await?.citizen);
    }
    if kind == Kind::PATIENT {
        if let Some(id) = named(&["_id"]) {
            return Ok(read::find(desk, ask, "Patient", id).await?.citizen);
        }
        if let Some((system, value)) = named(&["identifier"]).and_then(|token| token.split_once('|')) {
            let identifier = tsumugi_people::Identifier { system: system.to_owned(), value: value.to_owned() };
            let found = desk.directory.find(&identifier).await.map_err(|error| writing::people(ask, &error))?;
            return found.ok_or_else(|| Fault::absent(ask.lang));
        }
    }
    Err(Fault::new(
        StatusCode::BAD_REQUEST,
        ask.lang,
        IssueType::Required,
        "だれの記録をさがすかがありません。patient=Patient/〈id〉を付けてください(Patientなら identifier=〈system〉|〈value〉)。",
        "The search names nobody. Add patient=Patient/<id> (for Patient itself: identifier=<system>|<value>).",
    ))
}

fn one_person(ask: &Ask) -> Fault {
    Fault::new(
        StatusCode::BAD_REQUEST,
        ask.lang,
        IssueType::NotSupported,
        "一度にさがせるのは一人の記録です。patient は一つだけ付けてください。",
        "A search is about one person. Give patient once, with one value.",
    )
}

/// The pairs of an operation's query, each of which must be one that the operation has, unless the caller is lenient.
pub(super) fn operation_pairs(ask: &Ask, query: Option<&str>, known: &[&str]) -> Result<Vec<(String, String)>, Fault> {
    let pairs = pairs(query.unwrap_or_default());
    let number = |name: &str, value: &str| !["_count", "before"].contains(&name) || value.parse::<u64>().is_ok();
    if ask.lenient
        || pairs
            .iter()
            .all(|(name, value)| (known.contains(&name.as_str()) && number(name, value)) || name == "_format")
    {
        return Ok(pairs);
    }
    let known = known.join(", ");
    Err(Fault::new(
        StatusCode::BAD_REQUEST,
        ask.lang,
        IssueType::NotSupported,
        &format!(
            "この操作にない条件か、読めない値があります。使えるのは {known} です。Prefer: handling=lenient なら読み飛ばします。"
        ),
        &format!(
            "A parameter is not served here or its value cannot be read. Served: {known}. With Prefer: handling=lenient it is skipped."
        ),
    ))
}

/// The decoded pairs of a query, in order.
pub(super) fn pairs(query: &str) -> Vec<(String, String)> {
    query
        .split('&')
        .filter(|part| !part.is_empty())
        .map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            (decode(name), decode(value))
        })
        .collect()
}

fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = |b: u8| char::from(b).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        match bytes[at] {
            b'+' => out.push(b' '),
            b'%' => match (bytes.get(at + 1).copied().and_then(hex), bytes.get(at + 2).copied().and_then(hex)) {
                (Some(high), Some(low)) => {
                    out.push(high * 16 + low);
                    at += 2;
                }
                _ => out.push(b'%'),
            },
            other => out.push(other),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn encode(pairs: &[(String, String)], cursor: Option<&str>) -> String {
    let escape = |text: &str| {
        let mut out = String::with_capacity(text.len());
        for byte in text.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~/:,$".contains(&byte) {
                out.push(char::from(byte));
            } else {
                out.push_str(&format!("%{byte:02X}"));
            }
        }
        out
    };
    let mut parts: Vec<String> = pairs
        .iter()
        .filter(|(name, _)| name != CURSOR || cursor.is_none())
        .map(|(name, value)| format!("{}={}", escape(name), escape(value)))
        .collect();
    if let Some(cursor) = cursor {
        parts.push(format!("{CURSOR}={cursor}"));
    }
    parts.join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_decoded_and_written_back() {
        let read = pairs("code=http%3A%2F%2Fx%7Cy&name=%E9%AB%99+a&_count=2&broken=%zz");
        assert_eq!(read[0], ("code".into(), "http://x|y".into()));
        assert_eq!(read[1], ("name".into(), "髙 a".into()));
        assert_eq!(read[3], ("broken".into(), "%zz".into()));
        assert_eq!(pairs(&encode(&read, None)), read);
    }
}
