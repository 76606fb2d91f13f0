//! The emergency summary that a person carries, how it is read without a network, and the receipts of such looks.
//!
//! What must hold: a summary leaves after its leaf; nothing that a restriction hides from emergencies is in it; a receipt counts
//! once, and names the person who is signed in.

use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use maud::Markup;
use qrcode::{EcLevel, QrCode, render::svg};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tsumugi_access::{
    Action, ActionGroup, DisasterError, DisasterFault, Shown,
    disaster::{Merged, OfflineReceipt, SUMMARY_DAYS},
    roles,
};
use tsumugi_kernel::{Flags, Instant, Purpose};
use tsumugi_ledger::{EmergencySummary, Topic};
use tsumugi_record::Fact;
use utoipa::ToSchema;

use super::{Fault, Site, Visit, answer, fault::broken, form, hex, openings::moment, record, take};
use crate::frame::Section;
use crate::read::{Piece, carried};
use crate::view::{CarriedView, ReceiptFault, ReceiptForm, ReceiptView, Sex, Trouble};
use crate::{Lang, calendar, page};

const DAY_SECONDS: i64 = 24 * 60 * 60;
/// Longest receipt or summary that is read, in bytes.
const TEXT_MOST: usize = 8 * 1024;
/// The page that reads a summary on the reader's own device, without a network.
const READER: &str = include_str!("../../assets/emergency-reader.html");

/// `POST {base}/take/emergency` with `as`: the summary as a page to print and show, or as a file.
pub(crate) async fn issue(State(site): State<Site>, visit: Visit, body: String) -> Response {
    let fields = form::pairs(&body);
    let made = async {
        take::hers(&visit)?;
        if !visit.is_own_form(&site, &fields) {
            return Err(Trouble::StaleForm.into());
        }
        let frame = record::open(&site, &visit, Action::Page).await?.seal(&visit).await?;
        let (note, expires) = signed(&site, &visit).await?;
        if form::value(&fields, "as") == Some("file") {
            return Ok(download("tsumugi-emergency.txt", "text/plain; charset=utf-8", note));
        }
        let code = QrCode::with_error_correction_level(note.as_bytes(), EcLevel::L).map_err(|error| broken(&error))?;
        let svg = code.render::<svg::Color<'_>>().min_dimensions(420, 420).quiet_zone(true).build();
        let svg = svg.split_once("?>").map_or(svg.as_str(), |(_, svg)| svg).to_owned();
        let back = Section::Take.path(frame.base());
        let view = CarriedView { text: note, svg, expires, back };
        Ok(answer::page(&visit, Ok(page::carried::page(&view, &frame))))
    };
    made.await.unwrap_or_else(|fault: Fault| fault.page(&visit))
}

/// Gathers, signs and keeps that it was issued.
async fn signed(site: &Site, visit: &Visit) -> Result<(String, Instant), Fault> {
    let open = record::open(site, visit, Action::Take).await?;
    let (id, expires) = (site.random(), Instant(visit.now.0 + SUMMARY_DAYS * DAY_SECONDS * 1_000));
    let made = match gather(site, visit, &open).await {
        Ok((lines, shown)) => written(site, (&id, visit.now, expires), lines).map(|note| (note, shown)),
        Err(fault) => Err(fault),
    };
    let permit = open.into_permit();
    let (note, shown) = match made {
        Ok(made) => made,
        Err(fault) => {
            permit.seal(Shown::none()).await?;
            return Err(fault);
        }
    };
    let hash = hex(&Sha256::digest(note.as_bytes()));
    match site.desk().door.issue_summary(permit, shown, (&id, &hash)).await {
        Ok(_) => Ok((note, expires)),
        Err(DisasterError::Fault(DisasterFault::Full)) => Err(Trouble::ManyLinks.into()),
        Err(DisasterError::Fault(DisasterFault::NotOpen)) => Err(Fault::NOT_SHOWN),
        Err(error) => Err(error.into()),
    }
}

fn written(
    site: &Site,
    (id, issued, expires): (&str, Instant, Instant),
    lines: Vec<(Topic, String)>,
) -> Result<String, Fault> {
    let seconds = |at: Instant| u64::try_from(at.0 / 1_000).unwrap_or(0);
    let summary = EmergencySummary {
        id: id.to_owned(),
        key: site.carried().vkey(),
        issued: seconds(issued),
        expires: seconds(expires),
        lines,
        left: Vec::new(),
    };
    let when = |at: u64| {
        let civil = if at == summary.issued { issued.civil() } else { expires.civil() };
        format!("{} {:02}:{:02}", civil.date(), civil.hour(), civil.minute())
    };
    summary.sign(site.carried(), &when).map_err(|error| broken(&error))
}

/// The lines, and what they tell: of what the person sees, nothing that a restriction hides from emergencies.
async fn gather(site: &Site, visit: &Visit, open: &record::Open) -> Result<(Vec<(Topic, String)>, Shown), Fault> {
    let hidden = open.permit().hidden_from_emergencies().await?;
    // What waited for its explanation is told on the page where it was explained, and not to whoever finds a paper.
    let secret = |fact: &Fact| {
        let flagged = fact.values().map(|values| values.flags());
        let untold = flagged.is_ok_and(|flags| flags.has(Flags::EXPLAIN) || flags.has(Flags::UNINFORMED));
        untold || hidden.iter().any(|one| fact.is_hidden_by(&one.hides))
    };
    let facts = open.facts(site, carried::WANTS, &secret).await?;
    let named = open.is_named(site, &secret).await?;
    let mut shown = open.shown.clone();
    let mut lines = Vec::new();
    let subject = open.subject();
    if named {
        let kana = subject.name.kana.as_ref().map_or_else(String::new, |kana| format!(" ({kana})"));
        lines.push((Topic::Name, format!("{}{kana}", subject.name.text)));
        lines.extend(subject.birth.map(|birth| (Topic::Birth, calendar::birth(birth, Lang::Ja))));
        let sex = match subject.sex {
            Some(Sex::Female) => Some("sex-female"),
            Some(Sex::Male) => Some("sex-male"),
            _ => None,
        };
        lines.extend(sex.map(|key| (Topic::Sex, Lang::Ja.t(key).into_owned())));
    }
    let pieces: Vec<Piece> = facts.iter().map(|(_, piece)| piece.clone()).collect();
    // Whoever finds it reads Japanese: the words are those of the record.
    let mut told = Shown::none();
    lines.extend(carried::lines(&pieces, visit.now.civil().date(), Lang::Ja, &mut told));
    for (fact, _) in facts.iter().filter(|(fact, _)| told.has(fact.key().kind, fact.key().number)) {
        fact.tell(&mut shown)?;
    }
    Ok((lines, shown))
}

/// `GET /emergency/reader`: the page that reads summaries without a network, to keep on one's own device.
pub(crate) async fn reader(State(site): State<Site>) -> Response {
    download(
        "tsumugi-emergency-reader.html",
        "text/html; charset=utf-8",
        READER.replace("{{KEY}}", &site.carried().vkey()),
    )
}

/// `GET /emergency/key`: the key that summaries are signed with.
pub(crate) async fn key(State(site): State<Site>) -> Response {
    let text = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
    answer::private((text, format!("{}\n", site.carried().vkey())).into_response())
}

fn download(name: &'static str, media: &'static str, text: String) -> Response {
    let headers = [(header::CONTENT_TYPE, HeaderValue::from_static(media))];
    let mut response = answer::private((StatusCode::OK, headers, text).into_response());
    if let Ok(value) = HeaderValue::try_from(format!("attachment; filename=\"{name}\"")) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

/// A receipt as the reader keeps it.
#[derive(Deserialize)]
pub(crate) struct KeptReceipt {
    id: String,
    hash: String,
    at: String,
    reason: String,
    /// The reader's name, as typed.
    #[serde(default)]
    who: String,
}

/// The answer of `POST /api/disaster/receipts`.
#[derive(Serialize, ToSchema)]
pub(crate) struct ReceiptOut {
    /// When the look was told, as its leaf says: an instant.
    told: String,
    /// Whether the receipt had been handed in before.
    again: bool,
}

impl From<Merged> for ReceiptOut {
    fn from(merged: Merged) -> Self {
        Self { told: merged.at.to_fhir(), again: merged.again }
    }
}

impl KeptReceipt {
    /// The receipt, handed in by somebody of this name. Where somebody else read, the reason says who.
    pub(crate) fn read(self, by: &str) -> Option<OfflineReceipt> {
        let at: jiff::Timestamp = self.at.parse().ok()?;
        let letters = |name: &str| name.chars().filter(|letter| !letter.is_whitespace()).collect::<String>();
        let another = !self.who.trim().is_empty() && letters(&self.who) != letters(by);
        let reason = if another { format!("{}: {}", self.who.trim(), self.reason) } else { self.reason };
        Some(OfflineReceipt { id: self.id, hash: self.hash, at: Instant(at.as_millisecond()), reason })
    }
}

/// Whether the reader is one of those who may have looked.
fn may_look(visit: &Visit) -> Result<(), Fault> {
    let role = record::caller(visit)?.role;
    let looks = [Purpose::Disaster, Purpose::EmergencyTreat]
        .iter()
        .any(|purpose| roles::may_ask(role, *purpose, ActionGroup::View));
    if looks { Ok(()) } else { Err(Fault::NOT_SHOWN) }
}

/// `GET /disaster/receipts`.
pub(crate) async fn receipts(_: &Site, visit: &Visit) -> Result<Markup, Fault> {
    may_look(visit)?;
    Ok(page::carried::receipts(&ReceiptView::default(), &visit.frame(None)))
}

/// `POST /disaster/receipts` with `text`, `at`, `reason`.
pub(crate) async fn hand_in(State(site): State<Site>, visit: Visit, body: String) -> Response {
    let fields = form::pairs(&body);
    let text = |name: &str| form::value(&fields, name).unwrap_or_default().trim().to_owned();
    let typed = ReceiptForm { text: text("text"), at: text("at"), reason: text("reason") };
    let page = async {
        may_look(&visit)?;
        if !visit.is_own_form(&site, &fields) {
            return Err(Trouble::StaleForm.into());
        }
        let mut view = ReceiptView { form: typed, ..ReceiptView::default() };
        let caller = record::caller(&visit)?;
        let done = match receipt(&view.form, &caller.person_name) {
            Ok(receipt) => match site.desk().door.merge_receipt(caller, &receipt).await {
                Ok(merged) => Ok(merged),
                Err(DisasterError::Fault(fault)) => Err(not_taken(fault)?),
                Err(error) => return Err(error.into()),
            },
            Err(fault) => Err(fault),
        };
        match done {
            Ok(merged) => view = ReceiptView { done: Some((merged.at, merged.again)), ..ReceiptView::default() },
            Err(fault) => view.fault = Some(fault),
        }
        Ok(page::carried::receipts(&view, &visit.frame(None)))
    };
    answer::page(&visit, page.await)
}

pub(crate) fn not_taken(fault: DisasterFault) -> Result<ReceiptFault, Fault> {
    match fault {
        DisasterFault::Forged => Ok(ReceiptFault::Forged),
        DisasterFault::Moment => Ok(ReceiptFault::Moment),
        DisasterFault::Reason => Ok(ReceiptFault::Reason),
        // Whoever has no part in emergencies, or is suspended.
        DisasterFault::NotOpen => Err(Fault::NOT_SHOWN),
        fault => Err(DisasterError::Fault(fault).into()),
    }
}

/// The receipt that a file holds, or that is made of the summary's own text with the time and the reason as typed.
fn receipt(form: &ReceiptForm, by: &str) -> Result<OfflineReceipt, ReceiptFault> {
    if form.text.is_empty() || form.text.len() > TEXT_MOST {
        return Err(ReceiptFault::Text);
    }
    if form.text.starts_with('{') {
        let kept: KeptReceipt = serde_json::from_str(&form.text).map_err(|_| ReceiptFault::Text)?;
        return kept.read(by).ok_or(ReceiptFault::Moment);
    }
    // A form sends lines with CR LF and no newline at the end.
    let note = format!("{}\n", form.text.replace("\r\n", "\n"));
    let summary = EmergencySummary::open(&note, None).map_err(|_| ReceiptFault::Text)?;
    let at = moment(&form.at).ok_or(ReceiptFault::Moment)?;
    Ok(OfflineReceipt { id: summary.id, hash: hex(&Sha256::digest(note.as_bytes())), at, reason: form.reason.clone() })
}
