//! Who may see the record: the list, the four steps of a new restriction with its preview, setting and lifting.
//!
//! What is set is a `Consent` on the person's shelf, written like any other fact; the standing follows in the same commit.

use axum::{extract::State, response::Response};
use bytes::Bytes;
use maud::Markup;
use tsumugi_access::{Action, Against, Change, Hides, Permit, RelationKind, Request, Restriction};
use tsumugi_fhir::{
    json::{Document, Limits},
    outcome,
    values::{PackedValue, params},
};
use tsumugi_fhir_validate::Mode;
use tsumugi_kernel::{CitizenId, Kind, OrganizationId, OrganizationKind, Role};
use tsumugi_record::{
    CommitError, Fact, RecordError,
    consent::{self, FACTS_MOST, Signed},
    papers::setting_code,
    references::References,
};

use super::{Fault, Site, Visit, answer, fault::broken, form, looks, own_papers, preview, record, sign_in};
use crate::frame::Section;
use crate::read::{looks as read_looks, sharing as answers};
use crate::view::{
    Choice, RelatedRow, RestrictFault, RestrictView, Restricted, RestrictionRow, SharingDone, SharingView, Step,
    Trouble, Words,
};
use crate::{calendar, page};

/// People and institutions offered, those who looked last first.
const WHOM_MOST: usize = 20;
/// Visits and documents offered, newest first.
const THINGS_MOST: usize = 60;
/// Longest title of a document in a choice.
const TITLE_CHARACTERS: usize = 60;

/// `GET {base}/sharing`.
pub(crate) async fn list(site: &Site, visit: &Visit) -> Result<Markup, Fault> {
    let open = record::open(site, visit, Action::AccessLog).await?;
    let standing = site.desk().door.standing_of(open.permit()).await?;
    let mut view = SharingView {
        done: match visit.asked("done") {
            Some("set") => Some(SharingDone::Set),
            Some("lifted") => Some(SharingDone::Lifted),
            _ => None,
        },
        mandates: standing.mandates.iter().filter(|mandate| mandate.period.holds(visit.now)).count(),
        ..SharingView::default()
    };
    // That there is a visit may be hers alone (本人だけ); a relation does not say.
    let proxy = record::caller(visit)?.role == Role::Proxy;
    let told = |kind: RelationKind| !(proxy && kind == RelationKind::Encounter);
    for relation in standing.relations.iter().filter(|one| one.period.holds(visit.now) && told(one.kind)) {
        let name = site.desk().directory.organization(&relation.organization).await?;
        view.related.push(RelatedRow {
            name: Words::ja(name.map_or_else(String::new, |organization| organization.name.clone())),
            kind: relation.kind,
            since: relation.period.from.civil().date(),
            until: answers::last_day(relation.period),
        });
    }
    let base = Section::Sharing.path(&open.subject().base);
    let papers = open.permit().papers(own_papers::LISTED_MOST).await?;
    for (fact, restriction) in restrictions(site, visit, open.permit()).await? {
        let id = site.desk().record.sealer().seal(fact.key());
        let (said, code) = (said(site, &restriction, None).await?, setting_code(&id));
        let on_paper = own_papers::origin(site, &papers, &fact).await?;
        view.restrictions.push(RestrictionRow { said, lift: format!("{base}/{id}/lift"), code, on_paper });
    }
    let frame = open.seal(visit).await?;
    Ok(page::sharing::page(&view, &frame))
}

/// `GET {base}/sharing/new`: the step that is asked for, or the first before it that is not answered.
pub(crate) async fn step(site: &Site, visit: &Visit) -> Result<Markup, Fault> {
    let wanted = visit.asked("step").and_then(|text| text.parse::<u8>().ok()).unwrap_or(1);
    let wanted = Step::ALL.into_iter().find(|step| step.number() == wanted).unwrap_or(Step::What);
    let sent = carried(&visit.query);
    show(site, visit, wanted, sent, None).await
}

/// `POST {base}/sharing`: sets the restriction, once however often it is sent.
pub(crate) async fn set(State(site): State<Site>, visit: Visit, body: String) -> Response {
    let fields = form::pairs(&body);
    if let Err(fault) = is_ours(&site, &visit, &fields) {
        return fault.page(&visit);
    }
    let sent = carried(&fields);
    match write(&site, &visit, &sent, form::value(&fields, "idempotency").unwrap_or_default()).await {
        Ok(Ok(path)) => answer::see_other(&path, []),
        Ok(Err(fault)) => {
            let page = show(&site, &visit, Step::Check, sent, Some(fault)).await;
            answer::page(&visit, page)
        }
        Err(fault) => fault.page(&visit),
    }
}

/// `POST {base}/sharing/{consent}/lift`.
pub(crate) async fn lift(State(site): State<Site>, visit: Visit, body: String) -> Response {
    let fields = form::pairs(&body);
    let lifted = async {
        is_ours(&site, &visit, &fields)?;
        withdraw(&site, &visit).await?;
        Ok(format!("{}?done=lifted", Section::Sharing.path(&record::whose(&site, &visit)?.1)))
    };
    match lifted.await {
        Ok(path) => answer::see_other(&path, []),
        Err(fault) => Fault::page(fault, &visit),
    }
}

/// Whether a form is ours, from somebody who is signed in.
pub(super) fn is_ours(site: &Site, visit: &Visit, fields: &[(String, String)]) -> Result<(), Fault> {
    if visit.caller.is_none() {
        return Err(Fault::SignIn);
    }
    if visit.is_own_form(site, fields) { Ok(()) } else { Err(Trouble::StaleForm.into()) }
}

/// The answers among what was sent.
pub(super) fn carried(pairs: &[(String, String)]) -> Vec<(String, String)> {
    let known = |name: &str| Step::ALL.iter().any(|step| answers::fields(*step).contains(&name));
    pairs.iter().filter(|(name, value)| known(name) && !value.is_empty()).cloned().collect()
}

/// Restrictions that hold, with the `Consent` that says each.
async fn restrictions(site: &Site, visit: &Visit, permit: &Permit) -> Result<Vec<(Fact, Restriction)>, Fault> {
    let (record, caller) = (&site.desk().record, record::caller(visit)?);
    // What the person keeps from the very reader is not the reader's to know.
    let own = |against: &Against| caller.role != Role::Citizen && *against == Against::Person(caller.person.clone());
    let Some(kind) = Kind::from_name("Consent") else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for fact in record.shelf(permit, Some(kind), record.present()).await?.into_iter().filter(|fact| !fact.is_gone()) {
        let body = Document::parse(fact.body()?, &Limits::default()).map_err(|error| broken(&error))?;
        let said = consent::understand(body.root(), String::new(), record.sealer(), fact.instant());
        for change in said.unwrap_or_default() {
            if let Change::Restrict(restriction) = change
                && restriction.period.holds(visit.now)
                && !own(&restriction.against)
            {
                found.push((fact.clone(), restriction));
            }
        }
    }
    Ok(found)
}

async fn show(
    site: &Site,
    visit: &Visit,
    wanted: Step,
    sent: Vec<(String, String)>,
    fault: Option<RestrictFault>,
) -> Result<Markup, Fault> {
    let mut open = record::open(site, visit, Action::AccessLog).await?;
    let record = &site.desk().record;
    let facts = record.shelf(open.permit(), None, record.present()).await?;
    let shelf = Shelf { site, visit, facts: &facts };
    let (mut step, mut fault) = (wanted, fault);
    let checks = [
        (Step::What, answers::what(&sent).err()),
        (Step::Whom, answers::whom(&sent).err()),
        (Step::Long, answers::long(&sent, visit.now).err()),
    ];
    if let Some((first, wrong)) =
        checks.into_iter().filter(|(each, _)| *each < wanted).find_map(|(each, wrong)| Some((each, wrong?)))
    {
        (step, fault) = (first, Some(wrong));
    }
    let mut view = RestrictView {
        step,
        answers: sent,
        fault,
        things: Vec::new(),
        sources: Vec::new(),
        whom: Vec::new(),
        said: None,
        previews: Vec::new(),
        risky: false,
        has_documents: facts.iter().any(|fact| is_document(fact.key().kind) && !fact.is_gone()),
        idempotency: site.random(),
        on_paper: false,
    };
    match step {
        Step::What => {
            view.things = shelf.things().await?;
            view.sources = shelf.sources().await?;
        }
        Step::Whom => view.whom = known(site, &open).await?,
        Step::Long => {}
        Step::Check => match shelf.restriction(&view.answers)? {
            Err(gone) => {
                (view.step, view.fault) = (Step::What, Some(gone));
                view.things = shelf.things().await?;
                view.sources = shelf.sources().await?;
            }
            Ok(restriction) => {
                view.said = Some(said(site, &restriction, shelf.thing(&view.answers)).await?);
                view.risky = answers::is_risky(&restriction.hides, &facts);
                view.previews = preview::previews(site, &open, &restriction, &facts).await?;
            }
        },
    }
    // The page tells of what is on the shelf by counts and choices: all that was looked at is told.
    for fact in facts.iter().filter(|fact| !fact.is_gone()) {
        fact.tell(&mut open.shown)?;
    }
    let frame = open.seal(visit).await?;
    Ok(page::restrict::page(&view, &frame))
}

/// What stands on the shelf, for choosing from.
struct Shelf<'a> {
    site: &'a Site,
    visit: &'a Visit,
    facts: &'a [Fact],
}

impl Shelf<'_> {
    /// Visits and documents, newest first.
    async fn things(&self) -> Result<Vec<Choice>, Fault> {
        let mut found = Vec::new();
        for fact in self.facts.iter().filter(|fact| !fact.is_gone()) {
            let kind = fact.key().kind;
            if kind.name() != "Encounter" && !is_document(kind) {
                continue;
            }
            if let Some(day) = fact.values()?.day().and_then(answers::day) {
                found.push((day, fact));
            }
        }
        found.sort_by_key(|(day, fact)| std::cmp::Reverse((*day, fact.key().kind, fact.key().number)));
        let mut choices = Vec::new();
        for (day, fact) in found.into_iter().take(THINGS_MOST) {
            let (kind, id) = (fact.key().kind, self.site.desk().record.sealer().seal(fact.key()));
            let source = self.name(fact.values()?.source()).await?;
            let words = format!("{} {source} {}", calendar::day(day, self.visit.lang), self.called(fact)?);
            choices.push(Choice { value: format!("{kind}/{id}"), words: Words { text: words, lang: self.visit.lang } });
        }
        Ok(choices)
    }

    /// The title of a document, else what kind of thing it is.
    fn called(&self, fact: &Fact) -> Result<String, Fault> {
        if is_document(fact.key().kind) {
            let body = Document::parse(fact.body()?, &Limits::default()).map_err(|error| broken(&error))?;
            let title = body.root().get_str("title").or_else(|| body.root().get_str("description"));
            if let Some(title) = title.filter(|title| !title.is_empty()) {
                return Ok(title.chars().take(TITLE_CHARACTERS).collect());
            }
        }
        Ok(self.visit.lang.kind(fact.key().kind).into())
    }

    /// Where facts came from.
    async fn sources(&self) -> Result<Vec<Choice>, Fault> {
        let mut ids: Vec<String> = Vec::new();
        for fact in self.facts {
            let id = fact.values()?.source().to_owned();
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        let mut found = Vec::new();
        for id in ids {
            let known = match OrganizationId::new(&id) {
                Ok(known) => self.site.desk().directory.organization(&known).await?,
                Err(_) => None,
            };
            if let Some(known) = known.filter(|known| known.kind != OrganizationKind::Household) {
                found.push(Choice { value: id, words: Words::ja(known.name.as_str()) });
            }
        }
        found.sort_by(|one, other| one.words.text.cmp(&other.words.text));
        Ok(found)
    }

    async fn name(&self, id: &str) -> Result<String, Fault> {
        let Ok(id) = OrganizationId::new(id) else { return Ok(String::new()) };
        Ok(self.site.desk().directory.organization(&id).await?.map_or_else(String::new, |known| known.name.clone()))
    }

    /// The chosen visit or document.
    fn chosen(&self, value: &str) -> Option<&Fact> {
        let (kind, id) = value.split_once('/')?;
        let key = self.site.desk().record.sealer().open(id)?;
        self.facts.iter().find(|fact| fact.key() == key && key.kind.name() == kind && !fact.is_gone())
    }

    /// What the chosen visit or document is called.
    fn thing(&self, sent: &[(String, String)]) -> Option<Words> {
        let Ok(answers::What::Thing(value)) = answers::what(sent) else { return None };
        let fact = self.chosen(&value)?;
        let day = fact.values().ok()?.day().and_then(answers::day)?;
        let lang = self.visit.lang;
        Some(Words { text: format!("{} {}", calendar::day(day, lang), self.called(fact).ok()?), lang })
    }

    /// What was answered, as a restriction; its id is given when it is written.
    fn restriction(&self, sent: &[(String, String)]) -> Result<Result<Restriction, RestrictFault>, Fault> {
        let decided = (answers::what(sent), answers::whom(sent), answers::long(sent, self.visit.now));
        let (Ok(what), Ok(against), Ok((period, emergency_may_override))) = decided else {
            return Ok(Err(RestrictFault::Gone));
        };
        let hides = match what {
            answers::What::Hides(hides) => hides,
            answers::What::Thing(value) => {
                let Some(thing) = self.chosen(&value) else { return Ok(Err(RestrictFault::Gone)) };
                let id = value.split_once('/').map_or("", |(_, id)| id);
                let names_it = |fact: &Fact| {
                    fact.values().is_ok_and(|values| {
                        values
                            .of(params::ENCOUNTER)
                            .any(|value| matches!(value, PackedValue::Reference { id: known, .. } if known.is(id)))
                    })
                };
                let facts = answers::together(self.facts, thing, names_it)?;
                if facts.len() > FACTS_MOST {
                    return Ok(Err(RestrictFault::Gone));
                }
                Hides::facts(facts)
            }
        };
        Ok(Ok(Restriction { id: String::new(), against, hides, emergency_may_override, period }))
    }
}

/// People and institutions who looked, and those who care for the person now: the last first.
async fn known(site: &Site, open: &record::Open) -> Result<Vec<Choice>, Fault> {
    let (mut people, mut places): (Vec<Choice>, Vec<Choice>) = (Vec::new(), Vec::new());
    let add = |list: &mut Vec<Choice>, choice: Choice| {
        if list.len() < WHOM_MOST && !list.iter().any(|known| known.value == choice.value) {
            list.push(choice);
        }
    };
    let standing = site.desk().door.standing_of(open.permit()).await?;
    for relation in &standing.relations {
        if let Some(place) = site.desk().directory.organization(&relation.organization).await? {
            add(
                &mut places,
                Choice { value: format!("organization:{}", place.id), words: Words::ja(place.name.as_str()) },
            );
        }
    }
    for look in looks::all(open).await?.iter().rev() {
        let part = &look.part;
        if matches!(read_looks::role(part), Role::Citizen | Role::System | Role::LinkHolder) {
            continue;
        }
        let who = match read_looks::role(part) {
            Role::Proxy => part.person.name.clone(),
            _ => format!("{} ({})", part.person.name, part.organization.name),
        };
        add(&mut people, Choice { value: format!("person:{}", part.person.id), words: Words::ja(who) });
        if read_looks::role(part) != Role::Proxy {
            let value = format!("organization:{}", part.organization.id);
            add(&mut places, Choice { value, words: Words::ja(part.organization.name.as_str()) });
        }
    }
    places.append(&mut people);
    Ok(places)
}

/// A restriction in words' parts.
pub(super) async fn said(site: &Site, restriction: &Restriction, thing: Option<Words>) -> Result<Restricted, Fault> {
    let directory = &site.desk().directory;
    let what = match &restriction.hides {
        Hides::Source(source) => directory.organization(source).await?.map(|known| Words::ja(known.name.as_str())),
        _ => thing,
    };
    let whom = match &restriction.against {
        Against::Person(person) => directory.person(person).await?.map(|known| Words::ja(known.name.as_str())),
        Against::Organization(place) => {
            directory.organization(place).await?.map(|known| Words::ja(known.name.as_str()))
        }
        Against::Everyone | Against::OrganizationKind(_) => None,
    };
    Ok(Restricted {
        hides: restriction.hides.clone(),
        what,
        against: restriction.against.clone(),
        whom,
        until: answers::last_day(restriction.period),
        emergency: restriction.emergency_may_override,
    })
}

/// Writes the restriction as a `Consent`; gives the page to go to, or what is wrong with the answers.
async fn write(
    site: &Site,
    visit: &Visit,
    sent: &[(String, String)],
    idempotency: &str,
) -> Result<Result<String, RestrictFault>, Fault> {
    let (citizen, base) = record::whose(site, visit)?;
    let record = &site.desk().record;
    // What was chosen is looked up on the shelf as the person sees it.
    let open = record::open(site, visit, Action::AccessLog).await?;
    let facts = record.shelf(open.permit(), None, record.present()).await?;
    let decided = Shelf { site, visit, facts: &facts }.restriction(sent)?;
    let before = restrictions(site, visit, open.permit()).await?;
    open.seal(visit).await?;
    let restriction = match decided {
        Ok(restriction) => restriction,
        Err(fault) => return Ok(Err(fault)),
    };
    let said = said(site, &restriction, None).await?;
    let whom = matches!(restriction.against, Against::Person(_) | Against::Organization(_));
    if whom && said.whom.is_none() {
        return Ok(Err(RestrictFault::Gone));
    }
    let alias = alias("restriction", idempotency)?;
    // The same form again is no second restriction; nor is the same said anew, however one came back to the form.
    if !sent_before(site, visit, &alias).await? && before.iter().any(|(_, known)| is_same(known, &restriction)) {
        return Ok(Err(RestrictFault::Already));
    }
    let patient = sign_in::patient_of(site, citizen).await?.ok_or(Fault::NOT_SHOWN)?;
    let display = said.whom.map(|words| words.text).unwrap_or_default();
    let signed = Signed { patient: &patient, citizen, at: visit.now, display: &display };
    let json = consent::restriction(&restriction, signed, record.sealer());
    put(site, visit, citizen, json, &alias).await?;
    Ok(Ok(format!("{}?done=set", Section::Sharing.path(&base))))
}

/// The client-chosen id of what a form writes: one for each form that was drawn.
pub(super) fn alias(what: &str, idempotency: &str) -> Result<String, Fault> {
    if idempotency.len() == 32 && idempotency.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        Ok(format!("{what}-{idempotency}"))
    } else {
        Err(Trouble::StaleForm.into())
    }
}

/// Whether a form was sent before.
pub(super) async fn sent_before(site: &Site, visit: &Visit, alias: &str) -> Result<bool, Fault> {
    let Some(kind) = Kind::from_name("Consent") else { return Ok(false) };
    Ok(site.desk().record.alias(&record::caller(visit)?.organization, kind, alias).await?.is_some())
}

/// Whether two restrictions say the same; when each began is no matter.
fn is_same(one: &Restriction, other: &Restriction) -> bool {
    one.hides == other.hides
        && one.against == other.against
        && one.emergency_may_override == other.emergency_may_override
        && one.period.until == other.period.until
}

fn is_document(kind: Kind) -> bool {
    matches!(kind.name(), "Composition" | "DocumentReference")
}

/// Puts a new `Consent` of the caller's on the shelf, once: `alias` is its client-chosen id.
pub(super) async fn put(
    site: &Site,
    visit: &Visit,
    citizen: CitizenId,
    json: Vec<u8>,
    alias: &str,
) -> Result<(), Fault> {
    let (record, caller) = (&site.desk().record, record::caller(visit)?);
    let kind = Kind::from_name("Consent").ok_or_else(|| broken(&"there is no Consent"))?;
    let permit = site.desk().door.admit(Request { caller, action: Action::Standing, citizen }).await?;
    let key = record.new_key(&permit, kind);
    let bytes = Bytes::from(json);
    let document = Document::parse(bytes.clone(), &Limits::default()).map_err(|error| broken(&error))?;
    if outcome::refused(&record.check(document.root(), Mode::Resource, &[])) {
        return Err(broken(&"the form's consent is not valid"));
    }
    let mut writing = record.write(permit);
    let origin = writing.original(bytes);
    writing.put(key, None, document.root(), origin, &References::default())?;
    writing.alias(alias, key);
    match writing.commit(&site.desk().door).await {
        Ok(_) => Ok(()),
        Err(RecordError::Commit(CommitError::Conflict(_)))
            if record.alias(&caller.organization, kind, alias).await?.is_some() =>
        {
            Ok(())
        }
        Err(error) => Err(error.into()),
    }
}

/// Ends what the `Consent` that the path names says: its next version says nothing any more.
pub(super) async fn withdraw(site: &Site, visit: &Visit) -> Result<(), Fault> {
    let (citizen, _) = record::whose(site, visit)?;
    let (record, caller) = (&site.desk().record, record::caller(visit)?);
    let key = visit.param("consent").and_then(|id| record.sealer().open(id)).ok_or(Fault::NOT_SHOWN)?;
    let permit = site.desk().door.admit(Request { caller, action: Action::Standing, citizen }).await?;
    let fact = match record.read(&permit, key).await?.filter(|fact| !fact.is_gone()) {
        Some(fact) if key.kind.name() == "Consent" => fact,
        _ => {
            permit.seal(tsumugi_access::Shown::none()).await?;
            return Err(Fault::NOT_SHOWN);
        }
    };
    let patient = sign_in::patient_of(site, citizen).await?.ok_or(Fault::NOT_SHOWN)?;
    let json = consent::withdrawn(Signed { patient: &patient, citizen, at: visit.now, display: "" });
    let bytes = Bytes::from(json);
    let document = Document::parse(bytes.clone(), &Limits::default()).map_err(|error| broken(&error))?;
    let mut writing = record.write(permit);
    let origin = writing.original(bytes);
    writing.put(key, Some(&fact), document.root(), origin, &References::default())?;
    writing.commit(&site.desk().door).await?;
    Ok(())
}
