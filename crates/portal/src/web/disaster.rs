//! `/disaster`: where the disaster mode is open, for everybody; and finding a person by name and birth date, for whoever works
//! where it is.
//!
//! What must hold: a search is kept before it is made, and a name is told only after its leaf; nobody gets a list.

use axum::{extract::State, response::Response};
use maud::Markup;
use serde::Serialize;
use tsumugi_access::{
    DisasterAct, DisasterError, DisasterFault, DisasterState, Opening, Shown,
    disaster::{DisasterWord, Found},
};
use tsumugi_kernel::{Instant, Kind, Purpose};
use tsumugi_people::{FourItems, Sex, identify::birth_of};
use tsumugi_signin::{Claims, EMERGENCY_MILLIS};
use utoipa::ToSchema;

use super::{Fault, Site, Visit, answer, fault::broken, form, glass, record, statistics::LEAST};
use crate::page;
use crate::view::{
    Count, DisasterNews, DisasterView, IdentifyFault, IdentifyView, Name, OpeningRow, OpeningWord, Trouble,
};

/// Longest field of a search, in characters.
const FIELD_MOST: usize = 100;

/// `GET /disaster`: told to anybody, signed in or not.
pub(crate) async fn page(site: &Site, visit: &Visit) -> Result<Markup, Fault> {
    let view = DisasterView { openings: public(site, visit).await?, may_find: mine(site, visit).await?.is_some() };
    Ok(page::disaster::page(&view, &visit.frame(None)))
}

/// Every opening that was confirmed, the newest first.
async fn public(site: &Site, visit: &Visit) -> Result<Vec<OpeningRow>, Fault> {
    let mut rows = Vec::new();
    for opening in site.desk().door.openings().await? {
        if opening.state(visit.now).is_public() {
            rows.push(row(site, &opening, visit.now, &|word| word.act.is_public().then(|| told(word, false))).await?);
        }
    }
    Ok(rows)
}

/// An opening as a page shows it, with the words that `says` tells.
pub(crate) async fn row(
    site: &Site,
    opening: &Opening,
    now: Instant,
    says: &(dyn Fn(&DisasterWord) -> Option<OpeningWord> + Sync),
) -> Result<OpeningRow, Fault> {
    let looks = site.desk().door.looks_under(opening.number).await?;
    Ok(OpeningRow {
        number: opening.number,
        place: opening.place.clone(),
        areas: opening.areas.iter().map(ToString::to_string).collect(),
        reason: opening.reason.clone(),
        from: opening.from,
        until: opening.until,
        state: opening.state(now),
        looks: if looks < LEAST as u64 { Count::Few } else { Count::Exactly(looks) },
        words: opening.words.iter().filter_map(says).collect(),
    })
}

/// One word; with who said it for the supervising body alone.
pub(crate) fn told(word: &DisasterWord, named: bool) -> OpeningWord {
    OpeningWord {
        act: word.act,
        at: word.at,
        until: word.until,
        reason: word.reason.clone(),
        by: named.then(|| Name::plain(word.by.name.as_str())),
    }
}

/// What start pages say of openings that hold somewhere.
pub(crate) async fn news(site: &Site, visit: &Visit) -> Result<Vec<DisasterNews>, Fault> {
    let openings = site.desk().door.openings().await?;
    let open = openings.iter().filter(|opening| opening.state(visit.now) == DisasterState::Open);
    Ok(open.map(of).collect())
}

fn of(opening: &Opening) -> DisasterNews {
    DisasterNews { place: opening.place.clone(), until: opening.until }
}

/// The opening under which the reader may look for somebody here now.
pub(crate) async fn mine(site: &Site, visit: &Visit) -> Result<Option<DisasterNews>, Fault> {
    let Some(caller) = visit.caller.as_ref().filter(|_| site.emergency_key().is_some()) else { return Ok(None) };
    if caller.purpose == Purpose::RecordManagement || caller.automatic {
        return Ok(None);
    }
    Ok(site.desk().door.opening_for(caller).await?.as_ref().map(of))
}

/// `GET /disaster/find`.
pub(crate) async fn find_form(site: &Site, visit: &Visit) -> Result<Markup, Fault> {
    record::caller(visit)?;
    let news = mine(site, visit).await?.ok_or(Trouble::NoDisaster)?;
    Ok(page::identify::page(&IdentifyView { news: Some(news), ..IdentifyView::default() }, &visit.frame(None)))
}

/// `POST /disaster/find` with `family`, `given`, `birth`, `sex`, `address`: opens the one person's record, or says what is
/// needed.
pub(crate) async fn find(State(site): State<Site>, visit: Visit, body: String) -> Response {
    let fields = form::pairs(&body);
    let outcome = async {
        record::caller(&visit)?;
        if !visit.is_own_form(&site, &fields) {
            return Err(Trouble::StaleForm.into());
        }
        let news = mine(&site, &visit).await?.ok_or(Trouble::NoDisaster)?;
        let (items, view) = read(&fields, news);
        let Some(items) = items else {
            return Ok(answer::page(&visit, Ok(page::identify::page(&view, &visit.frame(None)))));
        };
        match look_up(&site, &visit, &items).await? {
            Ok(id) => lead(&site, &visit, id),
            Err(fault) => {
                let view = IdentifyView { faults: vec![fault], ..view };
                Ok(answer::page(&visit, Ok(page::identify::page(&view, &visit.frame(None)))))
            }
        }
    };
    outcome.await.unwrap_or_else(|fault: Fault| fault.page(&visit))
}

/// What was typed: the items, or what is wrong with them.
fn read(fields: &[(String, String)], news: DisasterNews) -> (Option<FourItems>, IdentifyView) {
    let text = |name: &str| form::value(fields, name).unwrap_or_default().trim().to_owned();
    let (family, given, written, address) = (text("family"), text("given"), text("birth"), text("address"));
    let (birth, sex) = (birth_of(&written), form::value(fields, "sex").and_then(Sex::from_code));
    let sex = sex.filter(|sex| matches!(sex, Sex::Female | Sex::Male));
    let mut faults = Vec::new();
    let long = [&family, &given, &written, &address].iter().any(|text| text.chars().count() > FIELD_MOST);
    for (wrong, fault) in [
        (family.is_empty(), IdentifyFault::Family),
        (given.is_empty(), IdentifyFault::Given),
        (birth.is_none(), IdentifyFault::Birth),
        (sex.is_none(), IdentifyFault::Sex),
        (long, IdentifyFault::Long(FIELD_MOST)),
    ] {
        faults.extend(wrong.then_some(fault));
    }
    let items = match (birth, sex) {
        (Some(birth), Some(sex)) if faults.is_empty() => {
            Some(FourItems { family: family.clone(), given: given.clone(), birth, sex, address: address.clone() })
        }
        _ => None,
    };
    let sex = sex.map(|sex| sex.code().to_owned());
    (items, IdentifyView { news: Some(news), family, given, birth: written, sex, address, faults })
}

/// The sealed id of the one person's `Patient`, if the door shows it; her leaf tells that she was found.
async fn look_up(site: &Site, visit: &Visit, items: &FourItems) -> Result<Result<String, IdentifyFault>, Fault> {
    let permit = match site.desk().door.find_in_disaster(record::caller(visit)?, items).await {
        Ok(Found::One(permit)) => *permit,
        Ok(Found::MoreNeeded) => return Ok(Err(IdentifyFault::More)),
        Ok(Found::Nobody) => return Ok(Err(IdentifyFault::Nobody)),
        Err(DisasterError::Fault(DisasterFault::TooOften)) => return Ok(Err(IdentifyFault::TooOften)),
        Err(error) => return Err(error.into()),
    };
    let record = &site.desk().record;
    let patients = record.shelf(&permit, Some(Kind::PATIENT), record.present()).await?;
    let mut shown = Shown::none();
    if let Some(patient) = patients.last() {
        patient.tell(&mut shown)?;
    }
    permit.seal(shown).await?;
    Ok(patients.last().map(|patient| record.sealer().seal(patient.key())).ok_or(IdentifyFault::Nobody))
}

/// To the person's pages, with a short token for them alone: its reason is the opening.
fn lead(site: &Site, visit: &Visit, id: String) -> Result<Response, Fault> {
    let caller = record::caller(visit)?;
    let expires = visit.now.plus_millis(EMERGENCY_MILLIS).min(caller.expires);
    let (person, organization) = (caller.person.clone(), caller.organization.clone());
    let base = format!("/people/{id}");
    let claims = Claims::new(caller.role, Purpose::Disaster, person, organization, expires);
    glass::lead_to(site, visit, &Claims { citizen: Some(id), ..claims }, &base)
}

/// The answer of `GET /api/disaster`.
#[derive(Serialize, ToSchema)]
pub(crate) struct DisasterOut {
    /// Every opening that was confirmed, the newest first.
    openings: Vec<OpeningOut>,
}

/// An opening of the disaster mode.
#[derive(Serialize, ToSchema)]
pub(crate) struct OpeningOut {
    /// Its number: leaves name it.
    number: u64,
    /// Where, in words.
    place: String,
    /// Where: prefectures (two digits, JIS X 0401) and municipalities (five, JIS X 0402).
    areas: Vec<String>,
    /// Why.
    reason: String,
    /// From when on: an instant.
    from: String,
    /// Until when: an instant.
    until: String,
    /// `announced`, `open`, `ended` or `closed`.
    state: &'static str,
    /// Looks at records under it; none where there are fewer than ten.
    looks: Option<u64>,
    /// What was done, oldest first.
    acts: Vec<OpeningActOut>,
}

/// Something that was done with an opening.
#[derive(Serialize, ToSchema)]
pub(crate) struct OpeningActOut {
    /// `confirm`, `confirm-extension` or `close`.
    act: &'static str,
    /// When: an instant.
    at: String,
    /// The end that was confirmed: an instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
    /// Why it was closed.
    #[serde(skip_serializing_if = "String::is_empty")]
    reason: String,
}

/// `GET /api/disaster`.
pub(crate) async fn json(site: &Site, visit: &Visit) -> Result<DisasterOut, Fault> {
    let act = |word: OpeningWord| OpeningActOut {
        act: DisasterAct::code(word.act),
        at: word.at.to_fhir(),
        until: word.until.map(Instant::to_fhir),
        reason: word.reason,
    };
    let row = |row: OpeningRow| OpeningOut {
        number: row.number,
        place: row.place,
        areas: row.areas,
        reason: row.reason,
        from: row.from.to_fhir(),
        until: row.until.to_fhir(),
        state: row.state.code(),
        looks: if let Count::Exactly(looks) = row.looks { Some(looks) } else { None },
        acts: row.words.into_iter().map(act).collect(),
    };
    Ok(DisasterOut { openings: public(site, visit).await?.into_iter().map(row).collect() })
}

impl From<DisasterError> for Fault {
    fn from(error: DisasterError) -> Self {
        match error {
            DisasterError::Fault(DisasterFault::NotOpen) => Trouble::NoDisaster.into(),
            DisasterError::Fault(_) => Self::NOT_SHOWN,
            DisasterError::Refused(error) => error.into(),
            DisasterError::Seal(error) => error.into(),
            DisasterError::People(error) => error.into(),
            DisasterError::Store(error) => error.into(),
            DisasterError::Commit(error) => error.into(),
            DisasterError::Row => broken(&error),
        }
    }
}
