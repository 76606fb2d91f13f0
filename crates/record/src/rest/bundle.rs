//! `POST /`: a transaction on one shelf, all or nothing; or a batch of requests, each on its own.

use axum::{extract::State, http::StatusCode, response::Response};
use bytes::Bytes;
use tsumugi_access::{Action, Permit};
use tsumugi_fhir::{
    bundle::{Bundle, BundleType, Entry},
    outcome::IssueType,
};
use tsumugi_kernel::{CitizenId, FactKey, Kind};
use tsumugi_people::Resolution;

use super::{Ask, Desk, Fault, answer, batch, read, update, writing};
use crate::{Fact, learn, references::References};

pub(super) async fn batch_or_transaction(State(desk): State<Desk>, ask: Ask, body: Bytes) -> Result<Response, Fault> {
    let document = writing::parse(&ask, &body)?;
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

/// What one entry of a transaction does.
enum Deed<'a> {
    Create { kind: Kind, entry: &'a Entry<'a>, resolution: Option<Resolution> },
    Update { key: FactKey, entry: &'a Entry<'a>, resolution: Option<Resolution> },
    Delete { key: FactKey, entry: &'a Entry<'a> },
}

impl Deed<'_> {
    fn kind(&self) -> Kind {
        match self {
            Self::Create { kind, .. } => *kind,
            Self::Update { key, .. } | Self::Delete { key, .. } => key.kind,
        }
    }

    /// The fact that is replaced or taken away, and the version that the entry expects of it.
    fn target(&self) -> Option<(FactKey, Option<&str>)> {
        match self {
            Self::Create { .. } => None,
            Self::Update { key, entry, .. } | Self::Delete { key, entry } => {
                Some((*key, entry.request.as_ref().and_then(|request| request.if_match.as_deref())))
            }
        }
    }
}

async fn transaction(desk: &Desk, ask: &Ask, bundle: &Bundle<'_>, body: Bytes) -> Result<Response, Fault> {
    let (citizen, deeds) = plan(desk, ask, bundle).await?;
    let action = deeds.iter().fold(Action::Submit, |action, deed| learn::action(deed.kind(), action));
    let permit = desk.admit(ask, action, citizen).await?;
    let failed = |error| Fault::record(ask.lang, &error);
    // Keys first, so that every reference inside the bundle can be written.
    let mut references = References::default();
    let mut keys = Vec::with_capacity(deeds.len());
    for deed in &deeds {
        let (key, full_url) = match deed {
            Deed::Create { kind, entry, .. } => (desk.record.new_key(&permit, *kind), entry.full_url.as_deref()),
            Deed::Update { key, entry, .. } => (*key, entry.full_url.as_deref()),
            Deed::Delete { key, .. } => (*key, None),
        };
        if let Some(url) = full_url {
            references.add(url, format!("{}/{}", key.kind, desk.record.sealer().seal(key)));
        }
        keys.push(key);
    }
    let before = current(desk, ask, &permit, &deeds).await?;
    for deed in &deeds {
        if let Deed::Create { entry, .. } | Deed::Update { entry, .. } = deed
            && let Some(resource) = entry.resource
        {
            let added = desk.record.add_aliases(&mut references, &ask.caller.organization, resource).await;
            added.map_err(|error| Fault::store(ask.lang, &error))?;
        }
    }
    let mut writing = desk.begin(ask, permit).await?;
    let origin = writing.original(body);
    for ((deed, key), fact) in deeds.into_iter().zip(&keys).zip(&before) {
        match (deed, fact) {
            (Deed::Create { entry, resolution, .. }, _) => {
                let Some(resource) = entry.resource else { continue };
                writing.put(*key, None, resource, origin, &references).map_err(failed)?;
                if let Some(mut resolution) = resolution {
                    resolution.add_patient(key.number);
                    writing.rows(resolution.rows, resolution.expect);
                }
            }
            (Deed::Update { entry, resolution, .. }, Some(fact)) => {
                let Some(resource) = entry.resource else { continue };
                writing.put(*key, Some(fact), resource, origin, &references).map_err(failed)?;
                if let Some(resolution) = resolution {
                    writing.rows(resolution.rows, resolution.expect);
                }
            }
            (Deed::Delete { .. }, Some(fact)) => {
                writing.remove(fact).map_err(failed)?;
            }
            (Deed::Update { .. } | Deed::Delete { .. }, None) => return Err(Fault::absent(ask.lang)),
        }
    }
    let done = writing.commit(&desk.door).await.map_err(failed)?;
    let mut response = answer::BundleWriter::start("transaction-response", None, &[]);
    for written in &done.written {
        response.entry(None, None, &answer::entry_response(written.status(), written, done.instant));
    }
    Ok(answer::with_receipt(answer::json(StatusCode::OK, response.finish()), &done.receipt))
}

/// Reads every entry, finds its shelf, and refuses two shelves before anything is written.
async fn plan<'a>(desk: &Desk, ask: &Ask, bundle: &'a Bundle<'a>) -> Result<(CitizenId, Vec<Deed<'a>>), Fault> {
    let mut citizen: Option<CitizenId> = None;
    let mut inside: Vec<(String, CitizenId)> = Vec::new();
    let mut deeds = Vec::with_capacity(bundle.entries.len());
    // Patients first: other entries may name them by fullUrl.
    let is_patient =
        |entry: &&Entry<'_>| entry.resource.is_some_and(|r| r.get_str("resourceType").as_deref() == Some("Patient"));
    let ordered =
        bundle.entries.iter().filter(is_patient).chain(bundle.entries.iter().filter(|entry| !is_patient(entry)));
    for entry in ordered {
        let (here, deed) = deed(desk, ask, entry, &inside).await?;
        if citizen.is_some_and(|citizen| citizen != here) {
            return Err(Fault::record(ask.lang, &crate::RecordError::SecondShelf));
        }
        citizen = Some(here);
        if let (Deed::Create { kind: Kind::PATIENT, .. } | Deed::Update { .. }, Some(url)) = (&deed, &entry.full_url) {
            inside.push((url.to_string(), here));
        }
        let index = bundle.entries.iter().position(|other| std::ptr::eq(other, entry)).unwrap_or(usize::MAX);
        deeds.push((index, deed));
    }
    // Answered in the order of the request.
    deeds.sort_by_key(|(index, _)| *index);
    let deeds: Vec<Deed<'a>> = deeds.into_iter().map(|(_, deed)| deed).collect();
    each_once(ask, &deeds)?;
    citizen.map(|citizen| (citizen, deeds)).ok_or_else(|| {
        Fault::new(
            StatusCode::BAD_REQUEST,
            ask.lang,
            IssueType::Required,
            "Bundle に entry がありません。",
            "The Bundle has no entry.",
        )
    })
}

async fn deed<'a>(
    desk: &Desk,
    ask: &Ask,
    entry: &'a Entry<'a>,
    inside: &[(String, CitizenId)],
) -> Result<(CitizenId, Deed<'a>), Fault> {
    let wrong = |ja: &str, en: &str| Fault::new(StatusCode::BAD_REQUEST, ask.lang, IssueType::Invalid, ja, en);
    let Some(request) = &entry.request else {
        return Err(wrong("entry に request がありません。", "An entry has no request."));
    };
    let known = |reference: &str| inside.iter().find(|(url, _)| url == reference).map(|(_, citizen)| *citizen);
    match (request.method.as_ref(), crate::references::split(&request.url)) {
        ("POST", None) => {
            let kind = super::ask::kind(ask, &request.url)?;
            let resource =
                entry.resource.ok_or_else(|| wrong("POST に resource がありません。", "A POST has no resource."))?;
            if request.if_none_exist.is_some() {
                return Err(writing::no_conditional_create(ask));
            }
            writing::check(ask, kind, resource)?;
            let place = desk.place(ask, kind, resource, &known).await?;
            Ok((place.citizen, Deed::Create { kind, entry, resolution: place.resolution }))
        }
        ("PUT", Some((kind, id))) => {
            let resource =
                entry.resource.ok_or_else(|| wrong("PUT に resource がありません。", "A PUT has no resource."))?;
            writing::check(ask, kind, resource)?;
            update::same_id(ask, desk, kind, id, resource).await?;
            let key = read::find(desk, ask, kind.name(), id).await?;
            let resolution = desk.stays(ask, key, resource, &known).await?;
            Ok((key.citizen, Deed::Update { key, entry, resolution }))
        }
        ("DELETE", Some((kind, id))) => {
            let key = read::find(desk, ask, kind.name(), id).await?;
            Ok((key.citizen, Deed::Delete { key, entry }))
        }
        _ => Err(wrong(
            "transaction で使えるのは POST 〈種別〉、PUT 〈種別〉/〈id〉、DELETE 〈種別〉/〈id〉です。読み出しは batch に入れてください。",
            "A transaction takes POST <type>, PUT <type>/<id> and DELETE <type>/<id>. Put reads into a batch.",
        )),
    }
}

/// The facts that updates and deletions start from, as the lens shows them.
async fn current(desk: &Desk, ask: &Ask, permit: &Permit, deeds: &[Deed<'_>]) -> Result<Vec<Option<Fact>>, Fault> {
    let mut facts = Vec::with_capacity(deeds.len());
    for deed in deeds {
        let Some((key, if_match)) = deed.target() else {
            facts.push(None);
            continue;
        };
        let fact = desk.record.read(permit, key).await.map_err(|error| Fault::record(ask.lang, &error))?;
        let expected = if_match.map(|text| update::version(ask, text)).transpose()?;
        if let (Some(fact), Some(expected)) = (&fact, expected)
            && fact.version() != expected
        {
            return Err(Fault::changed(ask.lang));
        }
        facts.push(fact);
    }
    Ok(facts)
}

/// FHIR: one transaction says one thing about one fact.
fn each_once(ask: &Ask, deeds: &[Deed<'_>]) -> Result<(), Fault> {
    let mut targets: Vec<FactKey> = deeds.iter().filter_map(|deed| deed.target().map(|(key, _)| key)).collect();
    targets.sort_unstable();
    if targets.windows(2).all(|pair| pair[0] != pair[1]) {
        return Ok(());
    }
    Err(Fault::new(
        StatusCode::BAD_REQUEST,
        ask.lang,
        IssueType::Duplicate,
        "一つの transaction に、同じ記録についての entry が二つあります。一つにまとめて送ってください。何も保存していません。",
        "Two entries of the transaction are about the same fact. Make them one. Nothing was saved.",
    ))
}
