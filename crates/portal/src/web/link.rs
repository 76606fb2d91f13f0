//! Links for fifteen minutes: making and ending one, and the two ways to open one without an account, the page and the
//! manifest of SMART Health Links.
//!
//! The page opens the sealed file on the server: the key comes in the body of one request, is used and forgotten. That is
//! the safer way here: the server made the file and holds the record, so a key in its memory for a moment gives nothing
//! away, while a script in a stranger's browser would have to be trusted by everybody and is absent where scripts are off.

use axum::{
    Json,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use maud::Markup;
use qrcode::{EcLevel, QrCode, render::svg};
use serde::{Deserialize, Serialize};
use tsumugi_access::{Action, LinkError, Request, Shown, link::Offer};
use tsumugi_record::rest::take::Wanted;

use super::{Fault, Site, Visit, answer, fault::broken, form, record, take};
use crate::frame::Section;
use crate::page;
use crate::read::taken;
use crate::sealed::{jwe, shlink};
use crate::view::{LinkHolderFault, LinkHolderView, MadeLinkView, Trouble};

/// What is behind a link, in words that say nothing of anybody.
const LABEL: &str = "Patient summary";
const FHIR: &str = "application/fhir+json";

/// `POST {base}/take/link` with `uses`: makes a link, once however often it is sent, and shows it.
pub(crate) async fn make(State(site): State<Site>, visit: Visit, body: String) -> Response {
    let fields = form::pairs(&body);
    let made = async {
        take::hers(&visit)?;
        if !visit.is_own_form(&site, &fields) {
            return Err(Trouble::StaleForm.into());
        }
        let number = number(form::value(&fields, "idempotency")).ok_or(Trouble::StaleForm)?;
        let uses = match form::value(&fields, "uses") {
            Some("1") => 1,
            Some("3") => 3,
            _ => return Err(Trouble::BadInput.into()),
        };
        let (citizen, base) = record::whose(&site, &visit)?;
        let door = &site.desk().door;
        let secrets = door.link_secrets(citizen, &number);
        // The page names whose record it is and leaves a leaf for that; the link leaves its own.
        let frame = record::open(&site, &visit, Action::Page).await?.seal(&visit).await?;
        let open = record::open(&site, &visit, Action::Take).await?;
        let sealed = sealed(&site, &visit, &open, &secrets.key).await;
        let permit = open.into_permit();
        let (file, shown) = match sealed {
            Ok(sealed) => sealed,
            Err(fault) => {
                permit.seal(Shown::none()).await?;
                return Err(fault);
            }
        };
        let link = door.make_link(permit, shown, Offer { secrets: secrets.clone(), uses, file }).await?;
        let host = take::address(&visit.headers);
        let url = format!("{host}/link#{}", shlink::write(&host, &secrets.address, &secrets.key, link.until, LABEL));
        let code = QrCode::with_error_correction_level(url.as_bytes(), EcLevel::L).map_err(|error| broken(&error))?;
        let svg = code.render::<svg::Color<'_>>().min_dimensions(320, 320).quiet_zone(true).build();
        let svg = svg.split_once("?>").map_or(svg.as_str(), |(_, svg)| svg).to_owned();
        let end = format!("{}/link/{}/end", Section::Take.path(&base), link.id);
        let view = MadeLinkView { url, svg, pin: secrets.pin, until: link.until, uses: link.uses(), end };
        Ok(page::take::link_made(&view, &frame))
    };
    let made: Result<Markup, Fault> = made.await;
    answer::page(&visit, made)
}

/// The sealed summary, and what it tells.
async fn sealed(site: &Site, visit: &Visit, open: &record::Open, key: &[u8; 32]) -> Result<(Vec<u8>, Shown), Fault> {
    let (bundle, shown) = take::bundle(site, visit, open, &Wanted::Summary).await?.ok_or(Fault::NOT_SHOWN)?;
    let mut nonce = [0; 12];
    site.entropy().fill(&mut nonce);
    let file = jwe::seal(&bundle, key, nonce).ok_or_else(|| broken(&"a link's file cannot be sealed"))?;
    Ok((file.into_bytes(), shown))
}

/// The form's number.
fn number(text: Option<&str>) -> Option<[u8; 16]> {
    let text = text.filter(|text| text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
    u128::from_str_radix(text, 16).ok().map(u128::to_be_bytes)
}

/// `POST {base}/take/link/{link}/end`.
pub(crate) async fn end(State(site): State<Site>, visit: Visit, body: String) -> Response {
    let fields = form::pairs(&body);
    let ended = async {
        let caller = record::caller(&visit)?;
        if !visit.is_own_form(&site, &fields) {
            return Err(Trouble::StaleForm.into());
        }
        let (citizen, base) = record::whose(&site, &visit)?;
        let permit = site.desk().door.admit(Request { caller, action: Action::Take, citizen }).await?;
        site.desk().door.end_link(permit, visit.param("link").unwrap_or_default()).await?;
        Ok(format!("{}?done=ended", Section::Take.path(&base)))
    };
    match ended.await {
        Ok(path) => answer::see_other(&path, []),
        Err(fault) => Fault::page(fault, &visit),
    }
}

/// `GET /link`: the form, for everybody.
pub(crate) async fn form(_: &Site, visit: &Visit) -> Result<Markup, Fault> {
    Ok(page::link::page(&LinkHolderView::default(), &holder_frame(visit)))
}

/// Whoever holds a link looks as nobody in particular, also where somebody is signed in.
fn holder_frame(visit: &Visit) -> crate::Frame {
    let mut frame = visit.frame(None);
    frame.signed_in = None;
    frame.path = "/link".to_owned();
    frame
}

/// `POST /link` with `code`, `pin` and `by`: opens the link and shows what it shows.
pub(crate) async fn open(State(site): State<Site>, visit: Visit, body: String) -> Response {
    let fields = form::pairs(&body);
    let sent = |name: &str| form::value(&fields, name).unwrap_or_default().trim().to_owned();
    let (code, by) = (sent("code"), sent("by"));
    let again = |fault| {
        let view = LinkHolderView { code: code.clone(), by: by.clone(), fault: Some(fault) };
        let status = match fault {
            LinkHolderFault::Closed => StatusCode::NOT_FOUND,
            LinkHolderFault::Pin(_) => StatusCode::UNAUTHORIZED,
            LinkHolderFault::Code | LinkHolderFault::Name => StatusCode::BAD_REQUEST,
        };
        answer::html(status, page::link::page(&view, &holder_frame(&visit)))
    };
    let Some((address, key)) = shlink::read(&code) else { return again(LinkHolderFault::Code) };
    if by.is_empty() {
        return again(LinkHolderFault::Name);
    }
    let opened = match site.desk().door.open_link(&address, &sent("pin"), &by).await {
        Ok(opened) => opened,
        Err(LinkError::Closed) => return again(LinkHolderFault::Closed),
        Err(LinkError::Pin(left)) if left > 0 => return again(LinkHolderFault::Pin(left)),
        Err(LinkError::Pin(_)) => return again(LinkHolderFault::Closed),
        Err(error) => return Fault::from(error).page(&visit),
    };
    let jwe = String::from_utf8(opened.file).unwrap_or_default();
    let Some(bundle) = jwe::open(&jwe, &key) else { return again(LinkHolderFault::Code) };
    let Some(pieces) = taken::pieces(&bundle) else { return broken(&"a link's file cannot be read").page(&visit) };
    let frame = holder_frame(&visit);
    let view = taken::view(&pieces, visit.now, frame.lang);
    answer::html(StatusCode::OK, page::link::shown(&view, &BASE64_STANDARD.encode(&bundle), opened.uses, &frame))
}

/// What a viewer of SMART Health Links sends.
#[derive(Deserialize)]
struct ManifestRequest {
    #[serde(default)]
    recipient: String,
    #[serde(default)]
    passcode: String,
}

/// What it gets: the sealed file, inside.
#[derive(Serialize)]
struct Manifest {
    status: &'static str,
    files: Vec<ManifestFile>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ManifestFile {
    content_type: &'static str,
    embedded: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WrongPasscode {
    remaining_attempts: u8,
}

/// `POST /link/{address}`: the manifest. Every one that is given counts as an opening.
pub(crate) async fn manifest(State(site): State<Site>, visit: Visit, body: String) -> Response {
    let address = visit.param("address").and_then(shlink::address);
    let Some(address) = address else { return Fault::NO_PAGE.json() };
    let Ok(asked) = serde_json::from_str::<ManifestRequest>(&body) else {
        return Fault::from(Trouble::BadInput).json();
    };
    if asked.recipient.trim().is_empty() {
        return Fault::from(Trouble::BadInput).json();
    }
    match site.desk().door.open_link(&address, &asked.passcode, &asked.recipient).await {
        Ok(opened) => {
            let embedded = String::from_utf8(opened.file).unwrap_or_default();
            let status = if opened.uses > 0 { "can-change" } else { "finalized" };
            let file = ManifestFile { content_type: FHIR, embedded };
            answer::private(Json(Manifest { status, files: vec![file] }).into_response())
        }
        Err(LinkError::Pin(left)) if left > 0 => {
            let body = Json(WrongPasscode { remaining_attempts: left });
            let mut response = answer::private((StatusCode::UNAUTHORIZED, body).into_response());
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Passcode"));
            response
        }
        Err(LinkError::Closed | LinkError::Pin(_)) => Fault::NO_PAGE.json(),
        Err(error) => Fault::from(error).json(),
    }
}
