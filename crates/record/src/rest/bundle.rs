//! `POST /`: a transaction, whose writes are of one shelf, all or nothing; or a batch of requests, each on its own.

use std::borrow::Cow;

use axum::{
    body::Body,
    extract::State,
    http::{Request as HttpRequest, StatusCode},
    response::Response,
};
use bytes::Bytes;
use tsumugi_access::Action;
use tsumugi_fhir::{
    bundle::{Bundle, BundleType, Entry, EntryRequest},
    json::Node,
    outcome::IssueType,
};
use tsumugi_kernel::Kind;

use super::{
    Ask, Desk, Fault, answer, ask,
    ask::Returns,
    batch,
    condition::Condition,
    patch::Patch,
    update,
    write::{At, Deed, Performed, Wish, twice},
    writing,
};

pub(super) async fn batch_or_transaction(State(desk): State<Desk>, ask: Ask, body: Bytes) -> Result<Response, Fault> {
    let document = ask.document(&body)?;
    let unreadable = |findings| Fault::findings(StatusCode::BAD_REQUEST, ask.lang, findings);
    let bundle = Bundle::read(&document).map_err(unreadable)?;
    match bundle.kind {
        BundleType::Transaction => transaction(&desk, &ask, &bundle, body).await,
        BundleType::Batch => batch::batch(&desk, &ask, &bundle).await,
        _ => Err(Fault::new(
            StatusCode::BAD_REQUEST,
            ask.lang,
            IssueType::NotSupported,
            "ここで受け取れるのは transaction と batch です。文書とコレクションは /Bundle/$submit に送ってください。",
            "Only a transaction or a batch is taken here. Send documents and collections to /Bundle/$submit.",
        )),
    }
}

/// R4: all writes or none, and reads last. A read changes nothing, so one that fails undoes nothing: each has a decision,
/// a leaf and an answer of its own, as in a batch. One that cannot be understood is refused before anything is written.
async fn transaction(desk: &Desk, ask: &Ask, bundle: &Bundle<'_>, body: Bytes) -> Result<Response, Fault> {
    // For each entry its request if it is a read; else it is the next of the wishes.
    let (mut wishes, mut reads) = (Vec::new(), Vec::with_capacity(bundle.entries.len()));
    for (index, entry) in bundle.entries.iter().enumerate() {
        let method = entry.request.as_ref().map(|request| &*request.method);
        if let Some("GET" | "HEAD") = method {
            reads.push(Some(batch::request(ask, entry).ok_or_else(|| batch::unreadable(ask))?));
            continue;
        }
        wishes.push(Wish { entry: Some(index), ..wish(desk, ask, entry).await? });
        reads.push(None);
    }
    each_condition_once(ask, &wishes)?;
    let performed = match wishes.is_empty() && !reads.is_empty() {
        true => None,
        false => Some(desk.perform(ask, Action::Submit, &wishes, &body).await?),
    };
    Ok(answered(desk, ask, reads, performed.as_ref()).await)
}

/// The `transaction-response`: an entry for each entry, in order.
async fn answered(
    desk: &Desk,
    ask: &Ask,
    reads: Vec<Option<HttpRequest<Body>>>,
    performed: Option<&Performed>,
) -> Response {
    let mut response = answer::BundleWriter::start("transaction-response", None, &[]);
    let mut wish = 0;
    for read in reads {
        match (read, performed) {
            (Some(request), _) => batch::run(desk, request).await.write(ask, &mut response),
            (None, Some(performed)) => {
                written(ask, performed, wish, &mut response);
                wish += 1;
            }
            // INVARIANT: where there is a write, it was performed.
            (None, None) => {}
        }
    }
    let response = answer::json(StatusCode::OK, response.finish());
    match performed {
        Some(performed) => answer::with_receipt(response, &performed.done.receipt),
        None => response,
    }
}

/// The entry of what a wish led to.
fn written(ask: &Ask, performed: &Performed, wish: usize, response: &mut answer::BundleWriter) {
    let Some(written) = performed.written(wish) else {
        return response.entry(None, None, "\"response\":{\"status\":\"204 No Content\"}");
    };
    let mut rest = answer::entry_response(written.status(), written, performed.done.instant);
    if ask.returns == Returns::Outcome {
        rest.truncate(rest.len() - 1);
        rest.push_str(",\"outcome\":");
        rest.push_str(&String::from_utf8_lossy(&answer::outcome(&[answer::saved(written)], ask.lang)));
        rest.push('}');
    }
    let whole = ask.returns == Returns::Representation && !written.body.is_empty();
    let url = whole.then(|| format!("{}/{}/{}", ask.base, written.key.kind, written.id));
    response.entry(url.as_deref(), whole.then_some(&written.body[..]), &rest);
}

/// What an entry asks for.
async fn wish<'a>(desk: &Desk, ask: &Ask, entry: &'a Entry<'a>) -> Result<Wish<'a>, Fault> {
    let Some(request) = &entry.request else {
        return Err(wrong(ask, "entry に request がありません。", "An entry has no request."));
    };
    let (kind, place) = target(desk, ask, request)?;
    let if_match = request.if_match.as_deref().map(|text| update::version(ask, text)).transpose()?;
    let resource = || {
        let ja = "POST、PUT、PATCH の entry に resource がありません。";
        entry.resource.ok_or_else(|| wrong(ask, ja, "An entry with POST, PUT or PATCH has no resource."))
    };
    let deed = match (request.method.as_ref(), place) {
        ("POST", None) => {
            let resource = resource()?;
            writing::check(desk, ask, kind, resource)?;
            let unless =
                request.if_none_exist.as_deref().map(|text| Condition::read(desk, ask, kind, text)).transpose()?;
            Deed::Create { resource, unless }
        }
        ("PUT", Some(at)) => {
            let resource = resource()?;
            writing::check(desk, ask, kind, resource)?;
            update::addressed(ask, desk, kind, &at, resource).await?;
            Deed::Update { at, resource }
        }
        ("PATCH", Some(at)) => Deed::Patch { at, patch: patch(ask, resource()?)? },
        ("DELETE", Some(at)) => Deed::Delete { at },
        _ => {
            return Err(wrong(
                ask,
                "transaction で使えるのは POST 〈種別〉と、〈種別〉/〈id〉か〈種別〉?〈条件〉への PUT・PATCH・DELETE と、GET・HEAD です。何も保存していません。",
                "A transaction takes POST <type>, PUT, PATCH and DELETE of <type>/<id> or <type>?<condition>, GET and HEAD. Nothing was saved.",
            ));
        }
    };
    Ok(Wish { kind, deed, if_match, full_url: entry.full_url.as_deref(), entry: None })
}

/// The kind that an entry's URL names, and which of its facts: `Kind`, `Kind/id` or `Kind?query`.
fn target<'a>(desk: &Desk, ask: &Ask, request: &'a EntryRequest<'a>) -> Result<(Kind, Option<At<'a>>), Fault> {
    let url = request.url.trim_start_matches('/');
    if let Some((kind, query)) = url.split_once('?') {
        let kind = ask::kind(ask, kind)?;
        return Ok((kind, Some(At::Where(Condition::read(desk, ask, kind, query)?))));
    }
    match crate::references::split(url) {
        Some((kind, id)) => Ok((kind, Some(At::Id(Cow::Borrowed(id))))),
        None => Ok((ask::kind(ask, url)?, None)),
    }
}

/// The patch of an entry: a `Parameters`, or a `Binary` that holds a JSON Patch.
pub(super) fn patch<'a>(ask: &Ask, resource: Node<'a>) -> Result<Patch<'a>, Fault> {
    match batch::json_patch(resource) {
        Some(bytes) => {
            let document = tsumugi_fhir::Document::parse(bytes, &tsumugi_fhir::json::Limits::default());
            document.map(Patch::Json).map_err(|error| Fault::syntax(ask.lang, &error))
        }
        None => Patch::parameters(ask, resource),
    }
}

/// Two entries that are to be created unless the same is there would both be created.
fn each_condition_once(ask: &Ask, wishes: &[Wish<'_>]) -> Result<(), Fault> {
    let conditions: Vec<&Condition> = wishes.iter().filter_map(Wish::condition).collect();
    let repeated = |(index, condition): (usize, &&Condition)| conditions[..index].iter().any(|c| c.is_like(condition));
    if conditions.iter().enumerate().any(repeated) { Err(twice(ask)) } else { Ok(()) }
}

fn wrong(ask: &Ask, ja: &str, en: &str) -> Fault {
    Fault::new(StatusCode::BAD_REQUEST, ask.lang, IssueType::Invalid, ja, en)
}
