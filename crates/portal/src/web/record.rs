//! A record opened for one page: one question to the door, one leaf.

use std::collections::HashMap;

use jiff::civil::Date;
use tsumugi_access::{Action, Caller, CategoryMask, Permit, Request, Shown};
use tsumugi_fhir::{
    json::{Document, Limits},
    values::Packed,
};
use tsumugi_kernel::{CitizenId, Kind, Purpose, Role};
use tsumugi_people::citizen;
use tsumugi_record::Fact;

use super::{Fault, Site, Visit, corrections, fault::broken};
use crate::Frame;
use crate::frame::{Section, Subject};
use crate::read::{Piece, Want};
use crate::view::{Name, Sex, Words};

/// A record that the door has opened, not yet shown.
pub(crate) struct Open {
    permit: Permit,
    subject: Subject,
    /// The sealed id of the newest `Patient` that is shown.
    patient: String,
    /// What the page shows.
    pub shown: Shown,
    site: Site,
}

/// Facts that a page names as to be corrected; more are among its entries.
const IGNORED_MOST: usize = 20;

/// The signed-in caller.
pub(crate) fn caller(visit: &Visit) -> Result<&Caller, Fault> {
    visit.caller.as_ref().ok_or(Fault::SignIn)
}

/// Whose record a path names, and where its pages begin. `/me` is the citizen's own; `/people/{id}` names a sealed
/// `Patient`. A path that names nobody leaves no leaf: there is nobody whose record was asked for.
pub(crate) fn whose(site: &Site, visit: &Visit) -> Result<(CitizenId, String), Fault> {
    let caller = caller(visit)?;
    match visit.param("id") {
        Some(id) => {
            let key =
                site.desk().record.sealer().open(id).filter(|key| key.kind == Kind::PATIENT).ok_or(Fault::NOT_SHOWN)?;
            Ok((key.citizen, format!("/people/{id}")))
        }
        None if caller.role == Role::Citizen => Ok((caller.citizen.ok_or(Fault::NOT_SHOWN)?, "/me".to_owned())),
        None => Err(Fault::NOT_SHOWN),
    }
}

/// Asks the door for the record that the path names.
pub(crate) async fn open(site: &Site, visit: &Visit, action: Action) -> Result<Open, Fault> {
    let (citizen, base) = whose(site, visit)?;
    let caller = caller(visit)?;
    let permit = site.desk().door.admit(Request { caller, action, citizen }).await?;
    let record = &site.desk().record;
    // A page names the person. Who may not see who this is, is told what everybody is told who may see nothing.
    let patients = record.shelf(&permit, Some(Kind::PATIENT), record.present()).await?;
    // Of a person with several shelves, a source of the one that was asked for.
    let own = patients.iter().rev().find(|patient| patient.key().citizen == citizen);
    let mut shown = Shown::none();
    let patient = match own.or(patients.last()) {
        Some(patient) => {
            patient.tell(&mut shown)?;
            record.sealer().seal(patient.key())
        }
        // The path names the person; of what she has hidden nothing else is told.
        None if permit.lens().knows_who() && visit.param("id").is_some() => {
            visit.param("id").unwrap_or_default().to_owned()
        }
        None => {
            permit.seal(shown).await?;
            return Err(Fault::NOT_SHOWN);
        }
    };
    let row =
        site.desk().directory.citizen(citizen).await?.ok_or_else(|| broken(&"a shelf has no row of its citizen"))?;
    let sections = sections(caller, permit.lens().categories());
    Ok(Open { permit, subject: subject(&row, base, sections), patient, shown, site: site.clone() })
}

/// The pages that the reader has. Past the glass nothing is written, and before the second step there is the first view
/// alone; a proxy has those that the mandate opens.
fn sections(caller: &Caller, opens: CategoryMask) -> Vec<Section> {
    let all = Section::of(caller.role).iter().copied();
    let broken = matches!(caller.purpose, Purpose::BreakGlass | Purpose::Disaster);
    let has = |section: &Section| {
        let given = caller.role != Role::Proxy || section.is_of().is_none_or(|category| opens.has(category));
        given && (!broken || if caller.whole { *section != Section::CareForm } else { *section == Section::Overview })
    };
    all.filter(has).collect()
}

fn subject(row: &citizen::Citizen, base: String, sections: Vec<Section>) -> Subject {
    let name = row.name.clone().or_else(|| row.kana.clone()).unwrap_or_default();
    let sex = |sex| match sex {
        citizen::Sex::Female => Sex::Female,
        citizen::Sex::Male => Sex::Male,
        citizen::Sex::Other => Sex::Other,
        citizen::Sex::Unknown => Sex::Unknown,
    };
    Subject {
        name: Name { text: name, kana: row.name.as_ref().and_then(|_| row.kana.clone()) },
        birth: row.birth_date.as_deref().and_then(|text| text.parse::<Date>().ok()),
        sex: row.sex.map(sex),
        base,
        sections,
        ignored: Vec::new(),
    }
}

impl Open {
    /// The permit, for reading what it opens.
    pub const fn permit(&self) -> &Permit {
        &self.permit
    }

    /// Whose record it is.
    pub const fn subject(&self) -> &Subject {
        &self.subject
    }

    /// The sealed id of the person's `Patient`.
    pub fn patient(&self) -> &str {
        &self.patient
    }

    /// The facts of the shelf that a page wants, read and parsed; they are not yet told.
    pub async fn pieces(&self, site: &Site, wants: &[Want]) -> Result<Vec<Piece>, Fault> {
        let record = &site.desk().record;
        let at = record.present();
        let mut pieces = Vec::new();
        let mut names: HashMap<String, Option<Words>> = HashMap::new();
        for want in wants {
            let Some(kind) = Kind::from_name(want.kind) else { continue };
            for fact in record.shelf(&self.permit, Some(kind), at).await? {
                let values = fact.values()?;
                if !(want.only)(&values) {
                    continue;
                }
                let from = source(site, &values, &mut names).await?;
                pieces.push(piece(site, &fact, from)?);
            }
        }
        Ok(pieces)
    }

    /// The same with the facts themselves, without those that `hidden` names.
    pub async fn facts(
        &self,
        site: &Site,
        wants: &[Want],
        hidden: &(dyn Fn(&Fact) -> bool + Sync),
    ) -> Result<Vec<(Fact, Piece)>, Fault> {
        let record = &site.desk().record;
        let (at, mut facts) = (record.present(), Vec::new());
        for want in wants {
            let Some(kind) = Kind::from_name(want.kind) else { continue };
            for fact in record.shelf(&self.permit, Some(kind), at).await? {
                if (want.only)(&fact.values()?) && !hidden(&fact) {
                    let piece = piece(site, &fact, None)?;
                    facts.push((fact, piece));
                }
            }
        }
        Ok(facts)
    }

    /// Whether no source of who the person is, is hidden.
    pub async fn is_named(&self, site: &Site, hidden: &(dyn Fn(&Fact) -> bool + Sync)) -> Result<bool, Fault> {
        let record = &site.desk().record;
        let patients = record.shelf(&self.permit, Some(Kind::PATIENT), record.present()).await?;
        Ok(!patients.iter().any(hidden))
    }

    /// One fact by its sealed id, if it is of this record and of the kind and the lens shows it; not yet told.
    pub async fn one(&self, site: &Site, kind: Kind, id: &str) -> Result<Option<Piece>, Fault> {
        let record = &site.desk().record;
        let Some(key) = record.sealer().open(id).filter(|key| key.kind == kind) else { return Ok(None) };
        let Some(fact) = record.read(&self.permit, key).await?.filter(|fact| !fact.is_gone()) else { return Ok(None) };
        let from = source(site, &fact.values()?, &mut HashMap::new()).await?;
        Ok(Some(piece(site, &fact, from)?))
    }

    /// The permit alone, where something else than a page is made with it.
    pub fn into_permit(self) -> Permit {
        self.permit
    }

    /// Leaves the leaf; afterwards the page may be rendered, in the frame that this gives.
    pub async fn seal(mut self, visit: &Visit) -> Result<Frame, Fault> {
        let ignored = self.permit.ignored().await?;
        let shown = ignored.into_iter().filter(|key| self.shown.has(key.kind, key.number)).take(IGNORED_MOST);
        self.subject.ignored = shown.map(|key| corrections::address(&self.site, key)).collect();
        // INVARIANT: the leaf is durable before the page exists.
        self.permit.seal(self.shown).await?;
        Ok(visit.frame(Some(self.subject)))
    }
}

/// The name of the organisation that a fact came from.
async fn source(
    site: &Site,
    values: &Packed<'_>,
    names: &mut HashMap<String, Option<Words>>,
) -> Result<Option<Words>, Fault> {
    let id = values.source();
    if let Some(known) = names.get(id) {
        return Ok(known.clone());
    }
    let name = match tsumugi_kernel::OrganizationId::new(id) {
        Ok(id) => {
            site.desk().directory.organization(&id).await?.map(|organization| Words::ja(organization.name.as_str()))
        }
        Err(_) => None,
    };
    names.insert(id.to_owned(), name.clone());
    Ok(name)
}

fn piece(site: &Site, fact: &Fact, from: Option<Words>) -> Result<Piece, Fault> {
    let key = fact.key();
    let document = Document::parse(fact.body()?, &Limits::default()).map_err(|error| broken(&error))?;
    let piece = Piece::new(key.kind, key.number, fact.values()?.flags(), from, document);
    let opens = key.kind == Kind::COMPOSITION || crate::read::entry::is_one(key.kind);
    Ok(if opens { piece.under(site.desk().record.sealer().seal(key)) } else { piece })
}
