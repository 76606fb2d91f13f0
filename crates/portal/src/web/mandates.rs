//! Who may act for the person: the list, naming somebody, and ending it.

use axum::{extract::State, response::Response};
use jiff::civil::Date;
use maud::Markup;
use tsumugi_access::{Action, Change, Holder, Mandate, Permit, standing::Period};
use tsumugi_fhir::json::{Document, Limits};
use tsumugi_kernel::{Instant, Kind, OrganizationId, PersonId, Purpose, RecordCategory, Role, clock};
use tsumugi_record::{
    Fact,
    consent::{self, Signed},
};
use unicode_normalization::UnicodeNormalization;

use super::{Fault, Site, Visit, answer, fault::broken, form, own_papers, record, sharing, sign_in};
use crate::page::{self, mandates::RELATION_CHARACTERS};
use crate::read::sharing::last_day;
use crate::view::{Choice, MandateDone, MandateFault, MandateForm, MandateRow, MandatesView, RESTRICTABLE, Words};

/// Longest time for which somebody may be named, in years: after it the person is asked again.
const YEARS_MOST: i16 = 5;
/// What an office is to the person, where nothing else was said.
const OFFICE: &str = "事業所";
/// The fields of the form that come back with it.
pub(super) const FIELDS: [&str; 7] = ["office", "number", "name", "relation", "extent", "category", "until"];

/// `GET {base}/mandates`.
pub(crate) async fn list(site: &Site, visit: &Visit) -> Result<Markup, Fault> {
    let blank = MandateForm { answers: vec![("until".into(), usual(visit))], ..MandateForm::default() };
    show(site, visit, blank).await
}

/// `POST {base}/mandates`: names somebody, once however often it is sent.
pub(crate) async fn give(State(site): State<Site>, visit: Visit, body: String) -> Response {
    let fields = form::pairs(&body);
    if let Err(fault) = sharing::is_ours(&site, &visit, &fields) {
        return fault.page(&visit);
    }
    match named(&site, &visit, &fields).await {
        Ok(Ok(path)) => answer::see_other(&path, []),
        Ok(Err(faults)) => {
            let answers = fields.into_iter().filter(|(name, _)| FIELDS.contains(&name.as_str())).collect();
            let page = show(&site, &visit, MandateForm { answers, faults, ..MandateForm::default() }).await;
            answer::page(&visit, page)
        }
        Err(fault) => fault.page(&visit),
    }
}

/// `POST {base}/mandates/{consent}/end`.
pub(crate) async fn end(State(site): State<Site>, visit: Visit, body: String) -> Response {
    let fields = form::pairs(&body);
    let ended = async {
        sharing::is_ours(&site, &visit, &fields)?;
        sharing::withdraw(&site, &visit).await?;
        Ok(record::whose(&site, &visit)?.1)
    };
    match ended.await {
        Ok(base) => answer::see_other(&format!("{base}/mandates?done=ended"), []),
        Err(fault) => Fault::page(fault, &visit),
    }
}

/// A year from today.
pub(super) fn usual(visit: &Visit) -> String {
    years_on(visit, 1).map_or_else(String::new, |day| day.to_string())
}

fn years_on(visit: &Visit, years: i16) -> Option<Date> {
    visit.now.civil().date().checked_add(jiff::Span::new().try_years(years).ok()?).ok()
}

async fn show(site: &Site, visit: &Visit, given: MandateForm) -> Result<Markup, Fault> {
    let open = record::open(site, visit, Action::AccessLog).await?;
    let record = &site.desk().record;
    let mut mandates = Vec::new();
    let papers = open.permit().papers(own_papers::LISTED_MOST).await?;
    for (fact, mandate) in held(site, visit, open.permit()).await? {
        let id = record.sealer().seal(fact.key());
        let row = row(site, mandate, format!("{}/mandates/{id}/end", open.subject().base)).await?;
        mandates.push(MandateRow { on_paper: own_papers::origin(site, &papers, &fact).await?, ..row });
    }
    let own = record::caller(visit)?.role == Role::Citizen;
    let offices = offices(site, visit, open.permit()).await?;
    let form = MandateForm { offices, idempotency: site.random(), latest: years_on(visit, YEARS_MOST), ..given };
    let done = match visit.asked("done") {
        Some("given") => Some(MandateDone::Given),
        Some("ended") => Some(MandateDone::Ended),
        _ => None,
    };
    let caller = record::caller(visit)?;
    let mut wards = Vec::new();
    for ward in site.desk().door.wards(caller).await?.into_iter().filter(|_| own) {
        let row = site.desk().directory.citizen(ward.citizen).await?;
        wards.extend(row.and_then(|row| row.name.or(row.kana)).map(Words::ja));
    }
    let number = own.then(|| caller.person.to_string());
    let view = MandatesView { done, mandates, form: own.then_some(form), number, wards };
    let frame = open.seal(visit).await?;
    Ok(page::mandates::page(&view, &frame))
}

/// Mandates that hold, with the `Consent` that says each.
async fn held(site: &Site, visit: &Visit, permit: &Permit) -> Result<Vec<(Fact, Mandate)>, Fault> {
    let record = &site.desk().record;
    let mut held = Vec::new();
    let Some(kind) = Kind::from_name("Consent") else { return Ok(held) };
    for fact in record.shelf(permit, Some(kind), record.present()).await?.into_iter().filter(|fact| !fact.is_gone()) {
        let body = Document::parse(fact.body()?, &Limits::default()).map_err(|error| broken(&error))?;
        let said = consent::understand(body.root(), String::new(), record.sealer(), fact.instant());
        for change in said.unwrap_or_default() {
            if let Change::Give(mandate) = change
                && mandate.period.holds(visit.now)
            {
                held.push((fact.clone(), mandate));
            }
        }
    }
    Ok(held)
}

/// Offices and institutions that care for the person now.
async fn offices(site: &Site, visit: &Visit, permit: &Permit) -> Result<Vec<Choice>, Fault> {
    let mut offices: Vec<Choice> = Vec::new();
    for relation in &site.desk().door.standing_of(permit).await?.relations {
        let value = relation.organization.to_string();
        if relation.period.holds(visit.now)
            && !offices.iter().any(|known| known.value == value)
            && let Some(known) = site.desk().directory.organization(&relation.organization).await?
        {
            offices.push(Choice { value, words: Words::ja(known.name.as_str()) });
        }
    }
    Ok(offices)
}

pub(super) async fn row(site: &Site, mandate: Mandate, end: String) -> Result<MandateRow, Fault> {
    let directory = &site.desk().directory;
    let known = match &mandate.holder {
        Holder::Person(person) => directory.person(person).await?.map(|known| known.name.clone()),
        Holder::Organization { organization } => {
            directory.organization(organization).await?.map(|known| known.name.clone())
        }
    };
    Ok(MandateRow {
        name: Words::ja(known.unwrap_or(mandate.holder_name)),
        relation: Words::ja(mandate.relation),
        categories: mandate.categories,
        until: last_day(mandate.period),
        end,
        on_paper: None,
    })
}

/// Checks what was typed and writes the mandate; gives the page to go to, or what is wrong.
async fn named(
    site: &Site,
    visit: &Visit,
    fields: &[(String, String)],
) -> Result<Result<String, Vec<MandateFault>>, Fault> {
    let (citizen, base) = record::whose(site, visit)?;
    let mandate = match understood(site, visit, fields).await? {
        Ok(mandate) => mandate,
        Err(faults) => return Ok(Err(faults)),
    };
    let idempotency = form::value(fields, "idempotency").unwrap_or_default();
    let alias = sharing::alias("mandate", idempotency)?;
    let open = record::open(site, visit, Action::AccessLog).await?;
    let before = held(site, visit, open.permit()).await?;
    open.seal(visit).await?;
    let same = |known: &Mandate| {
        (&known.holder, &known.categories, known.period.until)
            == (&mandate.holder, &mandate.categories, mandate.period.until)
    };
    if !sharing::sent_before(site, visit, &alias).await? && before.iter().any(|(_, known)| same(known)) {
        return Ok(Err(vec![MandateFault::Already]));
    }
    let patient = sign_in::patient_of(site, citizen).await?.ok_or(Fault::NOT_SHOWN)?;
    let signed = Signed { patient: &patient, citizen, at: visit.now, display: &mandate.holder_name };
    let json = consent::mandate(&mandate, signed);
    sharing::put(site, visit, citizen, json, &alias).await?;
    Ok(Ok(format!("{base}/mandates?done=given")))
}

/// The mandate that a form says, or what is wrong with it.
pub(super) async fn understood(
    site: &Site,
    visit: &Visit,
    fields: &[(String, String)],
) -> Result<Result<Mandate, Vec<MandateFault>>, Fault> {
    let caller = record::caller(visit)?;
    let mut faults = Vec::new();
    let holder = holder(site, fields).await?;
    if holder.is_none() {
        faults.push(MandateFault::Nobody);
    }
    if holder.as_ref().is_some_and(|(holder, _)| *holder == Holder::Person(caller.person.clone())) {
        faults.push(MandateFault::Oneself);
    }
    let mut relation = form::value(fields, "relation").unwrap_or_default().trim().to_owned();
    if relation.is_empty() && matches!(holder, Some((Holder::Organization { .. }, _))) {
        OFFICE.clone_into(&mut relation);
    }
    if relation.is_empty() || relation.chars().count() > RELATION_CHARACTERS {
        faults.push(MandateFault::Relation);
    }
    let categories = extent(fields);
    if categories.is_none() {
        faults.push(MandateFault::Extent);
    }
    let until = until(visit, fields);
    if until.is_none() {
        faults.push(MandateFault::Until);
    }
    let (Some((holder, holder_name)), Some(categories), Some(until), true) =
        (holder, categories, until, faults.is_empty())
    else {
        return Ok(Err(faults));
    };
    Ok(Ok(Mandate {
        id: String::new(),
        holder,
        parental: false,
        holder_name,
        relation,
        purposes: vec![Purpose::FamilyRequest],
        categories,
        period: Period::between(visit.now, until),
    }))
}

/// Whom the number and the name together name. A number alone names nobody, so that nobody learns whose it is.
/// An office that cares for the person is chosen from a list.
pub(super) async fn holder(site: &Site, fields: &[(String, String)]) -> Result<Option<(Holder, String)>, Fault> {
    if let Some(chosen) = form::value(fields, "office").filter(|chosen| !chosen.is_empty()) {
        let Ok(organization) = OrganizationId::new(chosen) else { return Ok(None) };
        let known = site.desk().directory.organization(&organization).await?;
        return Ok(known.map(|known| (Holder::Organization { organization }, known.name.clone())));
    }
    let plain = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    let name = plain(form::value(fields, "name").unwrap_or_default());
    // Phones in Japan write full-width digits and letters.
    let number: String = form::value(fields, "number").unwrap_or_default().nfkc().collect();
    let Ok(id) = PersonId::new(number.trim()) else { return Ok(None) };
    let known = site.desk().directory.person(&id).await?;
    let known = known.filter(|known| !name.is_empty() && plain(&known.name) == name);
    Ok(known.map(|known| (Holder::Person(id), known.name.clone())))
}

/// `Some(None)` for everything, `Some(Some(…))` for what was ticked.
#[expect(clippy::option_option, reason = "not said, everything, some")]
fn extent(fields: &[(String, String)]) -> Option<Option<Vec<RecordCategory>>> {
    match form::value(fields, "extent") {
        Some("all") => Some(None),
        Some("some") => {
            let ticked = fields.iter().filter(|(name, _)| name == "category");
            let mut list: Vec<RecordCategory> = ticked
                .filter_map(|(_, code)| RecordCategory::from_code(code))
                .filter(|category| RESTRICTABLE.contains(category))
                .collect();
            list.sort_unstable();
            list.dedup();
            if list.is_empty() {
                return None;
            }
            // Whose record it is must be told to whoever may read a part of it.
            list.insert(0, RecordCategory::Identity);
            Some(Some(list))
        }
        _ => None,
    }
}

/// The end of the last day.
fn until(visit: &Visit, fields: &[(String, String)]) -> Option<Instant> {
    let last: Date = form::value(fields, "until")?.parse().ok()?;
    if last < visit.now.civil().date() || last > years_on(visit, YEARS_MOST)? {
        return None;
    }
    let after = last.tomorrow().ok()?.to_zoned(clock::japan()).ok()?;
    Some(Instant(after.timestamp().as_millisecond()))
}
