//! `POST /Kind/$validate` and `/Kind/id/$validate`: everything that can be said of a resource, without writing it.
//!
//! Every write asks the same [`check`]. The findings never repeat a value; so of a body that is not stored nothing is looked up and no leaf
//! is left, while a stored fact is read as every fact is read.

use axum::{
    extract::{Path, RawQuery, State},
    http::StatusCode,
    response::Response,
};
use bytes::Bytes;
use tsumugi_access::{Action, Shown};
use tsumugi_fhir::{
    json::{Document, Limits, Node},
    outcome::{Finding, IssueType},
};
use tsumugi_fhir_validate::Mode as SentAs;
use tsumugi_kernel::Kind;

use super::{Ask, Desk, Fault, answer, ask, query, read};
use crate::RecordError;

/// For what a resource is checked.
#[derive(Clone, Debug, Default)]
struct Wanted {
    /// Profiles asked for, besides those that the resource claims.
    profiles: Vec<String>,
    /// What would be done with it.
    mode: Mode,
}

/// What would be done with a resource (`mode` of `$validate`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
enum Mode {
    /// Nothing in particular.
    #[default]
    Whole,
    /// It would be created.
    Create,
    /// It would replace a fact.
    Update,
    /// The fact would be taken away.
    Delete,
    /// It is checked against a profile.
    Profile,
}

/// Everything that is found about a resource: R4, the profiles that it claims and those asked for, and for what would be
/// sent to the sharing service its rules.
pub(super) fn check(desk: &Desk, resource: Node<'_>, profiles: &[&str]) -> Vec<Finding> {
    desk.record.check(resource, SentAs::of(resource), profiles)
}

pub(super) async fn validate_body(
    State(desk): State<Desk>,
    ask: Ask,
    Path(kind): Path<String>,
    RawQuery(query): RawQuery,
    body: Bytes,
) -> Result<Response, Fault> {
    let kind = ask::kind(&ask, &kind)?;
    let document = ask.document(&body)?;
    let asked = Asked::read(&ask, query.as_deref(), Some(document.root()))?;
    let Some(resource) = asked.resource else { return Err(no_resource(&ask)) };
    Ok(answered(&desk, &ask, kind, resource, &asked.wanted))
}

pub(super) async fn validate_stored(
    State(desk): State<Desk>,
    ask: Ask,
    Path((kind, id)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    body: Bytes,
) -> Result<Response, Fault> {
    let document = if body.is_empty() { None } else { Some(ask.document(&body)?) };
    let asked = Asked::read(&ask, query.as_deref(), document.as_ref().map(Document::root))?;
    let key = read::find(&desk, &ask, &kind, &id).await?;
    if let Some(resource) = asked.resource {
        // What is sent is checked in the place of what stands there.
        return Ok(answered(&desk, &ask, key.kind, resource, &asked.wanted));
    }
    let permit = desk.admit(&ask, Action::Read, key.citizen).await?;
    let failed = |error: RecordError| Fault::record(ask.lang, &error);
    let fact = desk.record.read(&permit, key).await.map_err(failed)?.filter(|fact| !fact.is_gone());
    let mut shown = Shown::none();
    if let Some(fact) = &fact {
        fact.tell(&mut shown).map_err(failed)?;
    }
    let receipt = read::seal(&ask, permit, shown).await?;
    let fact = fact.ok_or_else(|| Fault::absent(ask.lang))?;
    let stored = Document::parse(fact.body().map_err(failed)?, &Limits::default());
    let stored = stored.map_err(|_| failed(RecordError::Unreadable("a fact's body")))?;
    Ok(answer::with_receipt(answered(&desk, &ask, key.kind, stored.root(), &asked.wanted), &receipt))
}

fn answered(desk: &Desk, ask: &Ask, kind: Kind, resource: Node<'_>, wanted: &Wanted) -> Response {
    let mut findings = match wanted.mode {
        // Taking a fact away asks nothing of what it says.
        Mode::Delete => Vec::new(),
        _ => {
            let profiles: Vec<&str> = wanted.profiles.iter().map(String::as_str).collect();
            let mut findings = check(desk, resource, &profiles);
            let loaded = |profile: &&&str| desk.record.definitions().structure(profile).is_some();
            findings.extend(profiles.iter().filter(|profile| !loaded(profile)).map(|_| not_loaded()));
            findings
        }
    };
    if resource.get_str("resourceType").as_deref() != Some(kind.name()) {
        findings.push(Finding::error(
            IssueType::Structure,
            "",
            "本文の resourceType が URL のリソース種別と違います。どちらかを直してください。",
            "The body's resourceType is not the one in the URL. Correct one of them.",
        ));
    }
    // FHIR: the answer is 200 also where errors were found; they are what was asked for.
    answer::json(StatusCode::OK, answer::outcome(&findings, ask.lang))
}

/// A profile was asked for by name and is not there: to say that all is well would be untrue.
fn not_loaded() -> Finding {
    Finding::error(
        IssueType::NotFound,
        "",
        "求められたプロファイルが読み込まれていないため、確かめられません。URLを確かめるか、サーバーの --packages にパッケージを加えてください。",
        "The profile that was asked for is not loaded, so nothing could be held to it. Check its URL, or add its package to the server's --packages.",
    )
}

/// What `$validate` was asked: parameters of the URL, a `Parameters`, or the resource itself.
struct Asked<'a> {
    resource: Option<Node<'a>>,
    wanted: Wanted,
}

impl<'a> Asked<'a> {
    fn read(ask: &Ask, query: Option<&str>, body: Option<Node<'a>>) -> Result<Self, Fault> {
        let mut pairs = query::pairs(query.unwrap_or_default());
        let mut resource = body;
        if let Some(parameters) = body.filter(|body| body.get_str("resourceType").as_deref() == Some("Parameters")) {
            resource = None;
            for parameter in parameters.get("parameter").into_iter().flat_map(Node::items) {
                let name = parameter.get_str("name").unwrap_or_default();
                if name == "resource" {
                    resource = parameter.get("resource");
                    continue;
                }
                let value = ["valueCode", "valueUri", "valueCanonical", "valueString"]
                    .into_iter()
                    .find_map(|value| parameter.get_str(value));
                pairs.push((name.into_owned(), value.unwrap_or_default().into_owned()));
            }
        }
        let mut wanted = Wanted::default();
        for (name, value) in pairs {
            match name.as_str() {
                "profile" => wanted.profiles.push(value),
                "mode" => wanted.mode = mode(ask, &value)?,
                "_format" | "_pretty" => {}
                _ if ask.lenient => {}
                _ => return Err(unknown_parameter(ask)),
            }
        }
        if wanted.mode == Mode::Profile && wanted.profiles.is_empty() {
            return Err(unknown_parameter(ask));
        }
        Ok(Self { resource, wanted })
    }
}

fn mode(ask: &Ask, text: &str) -> Result<Mode, Fault> {
    match text {
        "create" => Ok(Mode::Create),
        "update" => Ok(Mode::Update),
        "delete" => Ok(Mode::Delete),
        "profile" => Ok(Mode::Profile),
        _ => Err(unknown_parameter(ask)),
    }
}

fn unknown_parameter(ask: &Ask) -> Fault {
    Fault::new(
        StatusCode::BAD_REQUEST,
        ask.lang,
        IssueType::Value,
        "$validate で使えるのは resource、profile、mode(create、update、delete、profile。profile には profile が要ります)です。",
        "$validate takes resource, profile and mode (create, update, delete, profile; the last needs a profile).",
    )
}

fn no_resource(ask: &Ask) -> Fault {
    Fault::new(
        StatusCode::BAD_REQUEST,
        ask.lang,
        IssueType::Required,
        "確かめるリソースがありません。本文に、または Parameters の resource に入れてください。",
        "There is no resource to check. Send it as the body, or as resource in a Parameters.",
    )
}
