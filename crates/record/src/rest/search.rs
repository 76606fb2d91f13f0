//! `GET /Kind?…`, `POST /Kind/_search`, `GET /?_type=…` and `GET /Patient/id/Kind?…`: a search inside one citizen.
//!
//! There is no search over many citizens for primary use: a search that names nobody is refused, and says how to name
//! somebody. Kinds that are nobody's facts (professionals, organisations) are searched in the directory instead.

use axum::{
    extract::{Path, RawQuery, State},
    http::{StatusCode, header},
    response::Response,
};
use bytes::Bytes;
use tsumugi_access::{Action, Permit, Request, Shown};
use tsumugi_fhir::outcome::IssueType;
use tsumugi_fhir_search::{Named, Query, Subset, Total};
use tsumugi_kernel::{CitizenId, Kind};
use tsumugi_people::Identifier;

use super::{Ask, CURSOR, Desk, Fault, answer, ask, audit_event, directory, query, read, writing};
use crate::{Fact, Page};

/// What is searched: the URL's path.
struct Scope {
    /// `None` for all kinds.
    kind: Option<Kind>,
    /// Below `Patient/id`.
    compartment: Option<String>,
}

impl Scope {
    fn path(&self) -> String {
        let kind = self.kind.map_or("*", Kind::name);
        match (&self.compartment, self.kind) {
            (Some(id), _) => format!("Patient/{id}/{kind}"),
            (None, Some(kind)) => kind.name().to_owned(),
            (None, None) => String::new(),
        }
    }
}

pub(super) async fn by_get(
    State(desk): State<Desk>,
    ask: Ask,
    Path(kind): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Fault> {
    if kind == audit_event::NAME {
        return audit_event::search(&desk, &ask, query.as_deref()).await;
    }
    let kind = Some(ask::kind(&ask, &kind)?);
    search(&desk, &ask, Scope { kind, compartment: None }, query.as_deref().unwrap_or_default()).await
}

/// `GET /?_type=…`
pub(super) async fn over_kinds(
    State(desk): State<Desk>,
    ask: Ask,
    RawQuery(query): RawQuery,
) -> Result<Response, Fault> {
    search(&desk, &ask, Scope { kind: None, compartment: None }, query.as_deref().unwrap_or_default()).await
}

/// `GET /Patient/id/Kind` and `GET /Patient/id/*`
pub(super) async fn in_compartment(
    State(desk): State<Desk>,
    ask: Ask,
    Path((owner, id, kind)): Path<(String, String, String)>,
    RawQuery(query): RawQuery,
) -> Result<Response, Fault> {
    if owner != "Patient" {
        return Err(Fault::new(
            StatusCode::NOT_FOUND,
            ask.lang,
            IssueType::NotSupported,
            "この形でさがせるのは Patient/〈id〉 の下だけです。",
            "Only what stands below Patient/<id> can be searched this way.",
        ));
    }
    let kind = if kind == "*" { None } else { Some(ask::kind(&ask, &kind)?) };
    search(&desk, &ask, Scope { kind, compartment: Some(id) }, query.as_deref().unwrap_or_default()).await
}

pub(super) async fn by_post(
    State(desk): State<Desk>,
    ask: Ask,
    Path(kind): Path<String>,
    RawQuery(query): RawQuery,
    headers: axum::http::HeaderMap,
    body: Bytes,
) -> Result<Response, Fault> {
    let kind = Some(ask::kind(&ask, &kind)?);
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
    search(&desk, &ask, Scope { kind, compartment: None }, &joined).await
}

async fn search(desk: &Desk, ask: &Ask, scope: Scope, text: &str) -> Result<Response, Fault> {
    let pairs = query::pairs(text);
    let unreadable = |findings| Fault::findings(StatusCode::BAD_REQUEST, ask.lang, findings);
    let query = desk.record.query(scope.kind, &pairs, ask.lenient, &ask.base).map_err(unreadable)?;
    let used: Vec<(String, String)> = pairs.into_iter().filter(|(name, _)| !query.ignored().contains(name)).collect();
    let links = Links { base: &ask.base, path: scope.path(), used };
    if scope.compartment.is_none() && scope.kind.is_some_and(directory::holds) {
        return directory::search(desk, ask, &query, &links).await;
    }
    let permit = match whose(desk, ask, &scope, &query).await? {
        Whose::One(citizen) => desk.admit(ask, Action::Search, citizen).await?,
        Whose::Identified(citizen) => match identified(desk, ask, citizen).await? {
            Some(permit) => permit,
            None => return Ok(nothing(&query, &links)),
        },
        Whose::Unknown => return Ok(nothing(&query, &links)),
    };
    answer_with(desk, ask, permit, &query, &links).await
}

async fn answer_with(
    desk: &Desk,
    ask: &Ask,
    permit: Permit,
    query: &Query,
    links: &Links<'_>,
) -> Result<Response, Fault> {
    let failed = |error| Fault::record(ask.lang, &error);
    let page = match desk.record.search(&permit, query).await {
        Ok(page) => page,
        Err(error) => {
            // The search was let in, so that it was tried is told, too.
            read::seal(ask, permit, Shown::none()).await?;
            return Err(failed(error));
        }
    };
    let counts_only = *query.subset() == Subset::Count;
    let mut shown = Shown::none();
    if !counts_only {
        for fact in page.facts.iter().chain(&page.included) {
            fact.tell(&mut shown).map_err(failed)?;
        }
    }
    let receipt = read::seal(ask, permit, shown).await?;
    let next = page.next.as_deref().filter(|_| !counts_only);
    let mut bundle = start(query, links, page.total, next);
    if !counts_only {
        entries(desk, ask, query, &page, &mut bundle).map_err(failed)?;
    }
    Ok(answer::with_receipt(answer::json(StatusCode::OK, bundle.finish()), &receipt))
}

fn entries(
    desk: &Desk,
    ask: &Ask,
    query: &Query,
    page: &Page,
    bundle: &mut answer::BundleWriter,
) -> Result<(), crate::RecordError> {
    let mut add = |fact: &Fact, mode: &str| -> Result<(), crate::RecordError> {
        let (kind, body) = (fact.key().kind, fact.body()?);
        let url = format!("{}/{kind}/{}", ask.base, desk.record.sealer().seal(fact.key()));
        let part = desk.record.engine().subset(query, kind, &body);
        bundle.entry(Some(&url), Some(part.as_deref().unwrap_or(&body)), mode);
        Ok(())
    };
    for fact in &page.facts {
        add(fact, MATCH)?;
    }
    for fact in &page.included {
        add(fact, INCLUDE)?;
    }
    Ok(())
}

/// The `search` member of an entry that was found.
pub(super) const MATCH: &str = "\"search\":{\"mode\":\"match\"}";
/// The `search` member of an entry that came along.
pub(super) const INCLUDE: &str = "\"search\":{\"mode\":\"include\"}";

/// What the links of an answer are made of.
pub(super) struct Links<'a> {
    base: &'a str,
    path: String,
    /// The pairs that the search used.
    used: Vec<(String, String)>,
}

impl Links<'_> {
    fn url(&self, cursor: Option<&str>) -> String {
        let pair = |(name, value): &(String, String)| format!("{}={}", query::escape(name), query::escape(value));
        let kept = self.used.iter().filter(|(name, _)| cursor.is_none() || name != CURSOR);
        let mut parts: Vec<String> = kept.map(pair).collect();
        parts.extend(cursor.map(|cursor| format!("{CURSOR}={cursor}")));
        let mark = if parts.is_empty() { "" } else { "?" };
        format!("{}/{}{mark}{}", self.base, self.path, parts.join("&"))
    }
}

/// A searchset with its links and, unless it was not wanted, its total.
pub(super) fn start(query: &Query, links: &Links<'_>, total: usize, next: Option<&str>) -> answer::BundleWriter {
    let mut all = vec![("self", links.url(None))];
    all.extend(next.map(|cursor| ("next", links.url(Some(cursor)))));
    let counts = *query.subset() == Subset::Count || query.total() == Total::Accurate;
    answer::BundleWriter::start("searchset", counts.then_some(total), &all)
}

/// Nobody is known by that identifier, or nobody whom this caller may see: one answer for both.
fn nothing(query: &Query, links: &Links<'_>) -> Response {
    answer::json(StatusCode::OK, start(query, links, 0, None).finish())
}

/// Whom a search is about.
enum Whose {
    One(CitizenId),
    /// Found by an identifier that the caller knew: whether there is anybody must not be told by a refusal.
    Identified(CitizenId),
    Unknown,
}

async fn whose(desk: &Desk, ask: &Ask, scope: &Scope, query: &Query) -> Result<Whose, Fault> {
    let mut found: Option<Whose> = None;
    let mut people: Vec<Named> = scope.compartment.iter().cloned().map(Named::Id).collect();
    people.extend(query.people().iter().cloned());
    for named in people {
        let next = match named {
            Named::Id(id) => Whose::One(read::find(desk, ask, "Patient", &id).await?.citizen),
            Named::Identifier { system, value } => {
                let known = desk.directory.find(&Identifier { system, value }).await;
                match known.map_err(|error| writing::people(ask, &error))? {
                    Some(citizen) => Whose::Identified(citizen),
                    // One of several that is unknown names nobody; the others still do.
                    None => Whose::Unknown,
                }
            }
        };
        found = Some(match (found, next) {
            (None, next) => next,
            (Some(one), Whose::Unknown) => one,
            (Some(Whose::Unknown), other) => other,
            (Some(one), other) => match (one.citizen(), other.citizen()) {
                (Some(first), Some(next)) if desk.are_one(ask, first, next).await? => match other {
                    Whose::One(_) => other,
                    _ => one,
                },
                _ => return Err(one_person(ask)),
            },
        });
    }
    found.ok_or_else(|| nobody(ask))
}

impl Whose {
    fn citizen(&self) -> Option<CitizenId> {
        match self {
            Self::One(citizen) | Self::Identified(citizen) => Some(*citizen),
            Self::Unknown => None,
        }
    }
}

/// Asks the door for a person found by an identifier; `None` where it stays shut, whatever the reason.
async fn identified(desk: &Desk, ask: &Ask, citizen: CitizenId) -> Result<Option<Permit>, Fault> {
    use tsumugi_access::Refusal;
    let request = Request { caller: &ask.caller, action: Action::Search, citizen };
    match desk.door.admit(request).await {
        Ok(permit) => Ok(Some(permit)),
        Err(Refusal::NotOpen { .. } | Refusal::OutsideTable { .. } | Refusal::OutsideScope { .. }) => Ok(None),
        Err(refusal) => Err(Fault::refused(ask.lang, &refusal)),
    }
}

fn nobody(ask: &Ask) -> Fault {
    Fault::new(
        StatusCode::BAD_REQUEST,
        ask.lang,
        IssueType::Required,
        "だれの記録をさがすかがありません。patient=Patient/〈id〉を付けるか、Patient/〈id〉/〈種別〉 でさがしてください(Patientなら identifier=〈system〉|〈value〉)。",
        "The search names nobody. Add patient=Patient/<id>, or search below Patient/<id>/<type> (for Patient itself: identifier=<system>|<value>).",
    )
}

fn one_person(ask: &Ask) -> Fault {
    Fault::new(
        StatusCode::BAD_REQUEST,
        ask.lang,
        IssueType::NotSupported,
        "一度にさがせるのは一人の記録です。一人だけを示してください。",
        "A search is about one person. Name one person only.",
    )
}

/// The pairs of an operation's query, each of which must be one that the operation has, unless the caller is lenient.
pub(super) fn operation_pairs(ask: &Ask, query: Option<&str>, known: &[&str]) -> Result<Vec<(String, String)>, Fault> {
    let pairs = query::pairs(query.unwrap_or_default());
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
