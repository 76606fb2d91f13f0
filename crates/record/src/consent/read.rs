//! From a `Consent` to the changes of a standing that it says.

use std::borrow::Cow;

use jiff::civil::Date;
use tsumugi_access::{Against, Change, Consent, ConsentItem, Hides, Holder, Mandate, Restriction, standing::Period};
use tsumugi_fhir::json::Node;
use tsumugi_kernel::{Instant, OrganizationId, OrganizationKind, PersonId, Purpose, RecordCategory, Sealer};

use super::{CATEGORY, FACTS_MOST, INSTITUTION, ITEM, ORGANIZATION, ORGANIZATION_KIND, PERSON, SCOPE};
use crate::learn;

/// Codes of v3-RoleCode that say that somebody is a parent of the person.
const PARENTS: [&str; 9] = ["PRN", "MTH", "FTH", "NPRN", "NMTH", "NFTH", "ADOPTP", "ADOPTM", "ADOPTF"];
/// The same in words, as desks write them.
const PARENTS_IN_WORDS: [&str; 6] = ["母", "父", "親", "親権者", "母親", "父親"];

/// A part of a `Consent` that this server cannot keep to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Misunderstood {
    /// The element.
    pub path: &'static str,
    /// What is wrong and what to do, in Japanese.
    pub ja: &'static str,
    /// The same in English.
    pub en: &'static str,
}

/// The changes that a `Consent` says; none when it is not active or of another scope. `id` is the entry's name in the
/// standing; a start that is missing is `now`.
///
/// # Errors
/// [`Misunderstood`] names the first part that cannot be kept to.
pub fn understand(consent: Node<'_>, id: String, sealer: &Sealer, now: Instant) -> Result<Vec<Change>, Misunderstood> {
    let is_privacy = consent.find("scope.coding").any(|coding| {
        coding.get_str("code").as_deref() == Some("patient-privacy")
            && coding.get_str("system").is_none_or(|system| system == SCOPE)
    });
    if !is_privacy || consent.get_str("status").as_deref() != Some("active") {
        return Ok(Vec::new());
    }
    let provision = consent.get("provision").ok_or(NO_PROVISION)?;
    let period = learn::period(provision.get("period"), now);
    match provision.get_str("type").as_deref() {
        Some("deny") => Ok(vec![Change::Restrict(restriction(provision, id, period, sealer)?)]),
        Some("permit") if provision.get("code").is_some() => consents(provision, period),
        Some("permit") => Ok(vec![Change::Give(mandate(provision, id, period)?)]),
        _ => Err(NO_PROVISION),
    }
}

fn mandate(provision: Node<'_>, id: String, period: Period) -> Result<Mandate, Misunderstood> {
    none_of(provision, &["data", "dataPeriod", "securityLabel", "provision"])?;
    let actor = one_actor(provision)?.ok_or(MANDATE_ACTOR)?;
    let reference = actor.get("reference").ok_or(MANDATE_ACTOR)?;
    let person = identified(reference, &[PERSON]).and_then(|id| PersonId::new(&id).ok()).map(Holder::Person);
    let office = || organization(reference).map(|organization| Holder::Organization { organization });
    let relation = actor.find_str("role.text").unwrap_or_default().into_owned();
    let coded = |code: Node<'_>| code.as_str().is_some_and(|code| PARENTS.contains(&&*code));
    let purposes: Vec<Purpose> =
        provision.find("purpose.code").filter_map(|code| Purpose::from_code(&code.as_str()?)).collect();
    if purposes.is_empty() || purposes.len() != provision.find("purpose").count() {
        return Err(PURPOSES);
    }
    Ok(Mandate {
        id,
        holder: person.or_else(office).ok_or(MANDATE_ACTOR)?,
        parental: actor.find("role.coding.code").any(coded) || PARENTS_IN_WORDS.contains(&relation.as_str()),
        holder_name: reference.get_str("display").unwrap_or_default().into_owned(),
        relation,
        purposes,
        categories: categories(provision)?,
        period,
    })
}

fn consents(provision: Node<'_>, period: Period) -> Result<Vec<Change>, Misunderstood> {
    none_of(provision, &["data", "dataPeriod", "class", "securityLabel", "provision"])?;
    let organization = match one_actor(provision)?.and_then(|actor| actor.get("reference")) {
        Some(reference) => Some(organization(reference).ok_or(CONSENT_ACTOR)?),
        None => None,
    };
    let items: Vec<ConsentItem> = provision
        .find("code.coding")
        .filter(|coding| coding.get_str("system").as_deref() == Some(ITEM))
        .filter_map(|coding| ConsentItem::from_code(&coding.get_str("code")?))
        .collect();
    if items.is_empty() || items.len() != provision.find("code").count() {
        return Err(ITEMS);
    }
    Ok(items
        .into_iter()
        .map(|item| Change::Consent(Consent { item, organization: organization.clone(), period }))
        .collect())
}

fn restriction(provision: Node<'_>, id: String, period: Period, sealer: &Sealer) -> Result<Restriction, Misunderstood> {
    none_of(provision, &["securityLabel", "code", "purpose"])?;
    if provision.find("action.coding.code").any(|code| code.as_str().as_deref() != Some("access")) {
        return Err(ACTION);
    }
    let against = match one_actor(provision)? {
        None => Against::Everyone,
        Some(actor) => actor.get("reference").and_then(against).ok_or(RESTRICTION_ACTOR)?,
    };
    Ok(Restriction {
        id,
        against,
        hides: hides(provision, sealer)?,
        emergency_may_override: emergency(provision)?,
        period,
    })
}

fn against(reference: Node<'_>) -> Option<Against> {
    if let Some(person) = identified(reference, &[PERSON]) {
        return PersonId::new(&person).ok().map(Against::Person);
    }
    if let Some(kind) = identified(reference, &[ORGANIZATION_KIND]) {
        return OrganizationKind::from_code(&kind).map(Against::OrganizationKind);
    }
    organization(reference).map(Against::Organization)
}

fn organization(reference: Node<'_>) -> Option<OrganizationId> {
    OrganizationId::new(&identified(reference, &[ORGANIZATION, INSTITUTION])?).ok()
}

fn hides(provision: Node<'_>, sealer: &Sealer) -> Result<Hides, Misunderstood> {
    let named = ["class", "data", "dataPeriod"].iter().filter(|key| provision.get(key).is_some()).count();
    if named > 1 {
        return Err(ONE_THING);
    }
    if let Some(categories) = categories(provision)? {
        return Ok(Hides::Categories(categories));
    }
    if let Some(days) = provision.get("dataPeriod") {
        let day = |name: &str, open: i32| match days.get_str(name) {
            None => Some(open),
            Some(text) => text.get(..10).and_then(|text| text.parse::<Date>().ok()).map(day_number),
        };
        let (first, last) = (day("start", i32::MIN), day("end", i32::MAX));
        let days = first.zip(last).filter(|(first, last)| first <= last && (*first, *last) != (i32::MIN, i32::MAX));
        return days.map(|(first, last)| Hides::Days { first, last }).ok_or(DAYS);
    }
    let Some(data) = provision.get("data") else { return Ok(Hides::Everything) };
    let data: Vec<Node<'_>> = data.items().collect();
    if data.len() > FACTS_MOST {
        return Err(MANY);
    }
    if let [one] = data.as_slice()
        && one.get_str("meaning").as_deref() == Some("authoredby")
    {
        return one.get("reference").and_then(organization).map(Hides::Source).ok_or(DATA);
    }
    let fact = |one: &Node<'_>| {
        let instance = one.get_str("meaning").as_deref() == Some("instance");
        let text = one.find_str("reference.reference").filter(|_| instance)?;
        let (kind, rest) = text.split_once('/')?;
        let key = sealer.open(rest.split('/').next()?)?;
        (key.kind.name() == kind).then_some((key.kind, key.number))
    };
    let facts: Option<Vec<_>> = data.iter().map(fact).collect();
    facts.map(Hides::facts).ok_or(DATA)
}

/// Days since 1970-01-01.
fn day_number(day: Date) -> i32 {
    // A date of jiff lies between the years -9999 and 9999, and so its number in 32 bits.
    day.since(jiff::civil::date(1970, 1, 1)).map_or(0, |span| span.get_days())
}

fn emergency(provision: Node<'_>) -> Result<bool, Misunderstood> {
    let Some(exceptions) = provision.get("provision") else { return Ok(false) };
    let exceptions: Vec<Node<'_>> = exceptions.items().collect();
    let [exception] = exceptions.as_slice() else { return Err(EXCEPTION) };
    let mut purposes: Vec<Purpose> =
        exception.find("purpose.code").filter_map(|code| Purpose::from_code(&code.as_str()?)).collect();
    purposes.sort_unstable();
    let fits = exception.get_str("type").as_deref() == Some("permit")
        && purposes == [Purpose::EmergencyTreat, Purpose::BreakGlass]
        && ["actor", "class", "data", "dataPeriod", "period", "code", "provision"]
            .iter()
            .all(|key| exception.get(key).is_none());
    if fits { Ok(true) } else { Err(EXCEPTION) }
}

fn categories(provision: Node<'_>) -> Result<Option<Vec<RecordCategory>>, Misunderstood> {
    let Some(class) = provision.get("class") else { return Ok(None) };
    let category = |coding: Node<'_>| {
        let ours = coding.get_str("system").as_deref() == Some(CATEGORY);
        RecordCategory::from_code(&coding.get_str("code").filter(|_| ours)?)
    };
    class.items().map(category).collect::<Option<Vec<_>>>().filter(|list| !list.is_empty()).map(Some).ok_or(CLASS)
}

fn one_actor(provision: Node<'_>) -> Result<Option<Node<'_>>, Misunderstood> {
    let Some(actors) = provision.get("actor") else { return Ok(None) };
    let mut actors = actors.items();
    let first = actors.next();
    if actors.next().is_some() { Err(ONE_ACTOR) } else { Ok(first) }
}

fn none_of(provision: Node<'_>, keys: &[&'static str]) -> Result<(), Misunderstood> {
    if keys.iter().any(|key| provision.get(key).is_some()) { Err(UNKNOWN_PART) } else { Ok(()) }
}

/// The value of a reference's identifier in one of `systems`.
fn identified<'a>(reference: Node<'a>, systems: &[&str]) -> Option<Cow<'a, str>> {
    let identifier = reference.get("identifier")?;
    let system = identifier.get_str("system")?;
    systems.contains(&&*system).then(|| identifier.get_str("value")).flatten()
}

macro_rules! misunderstood {
    ($($name:ident, $path:literal, $ja:literal, $en:literal;)+) => {
        $(const $name: Misunderstood = Misunderstood { path: $path, ja: $ja, en: $en };)+
    };
}

misunderstood! {
    NO_PROVISION, "provision.type",
        "provision.typeに「permit」（認める）か「deny」（見せない）を入れてください。",
        "Give provision.type: `permit` or `deny`.";
    MANDATE_ACTOR, "provision.actor",
        "だれに代理を頼むかを、actor.reference.identifierに利用者番号（IdSystem/person）か機関の番号（IdSystem/organization）で1つだけ入れてください。",
        "Name the one who may act by their sign-in id (IdSystem/person), or an office by its number (IdSystem/organization), in actor.reference.identifier.";
    RESTRICTION_ACTOR, "provision.actor",
        "見せない相手を、利用者番号（IdSystem/person）、機関の番号（IdSystem/organization）、機関の種類（CodeSystem/organization-kind）のどれかで入れてください。入れなければ、すべての人が相手です。",
        "Name from whom it is hidden by sign-in id (IdSystem/person), organisation (IdSystem/organization) or kind of organisation (CodeSystem/organization-kind); without an actor it is everyone.";
    CONSENT_ACTOR, "provision.actor",
        "同意の相手の機関を、機関の番号で入れてください。",
        "Name the organisation to which consent is given by its number.";
    ONE_ACTOR, "provision.actor",
        "1つのConsentに相手は1つです。相手ごとに分けて送ってください。",
        "One Consent names one actor. Send one for each.";
    PURPOSES, "provision.purpose",
        "代理の目的（例: FAMRQT）を、v3-ActReasonのコードで入れてください。",
        "Give the mandate's purposes (for example FAMRQT) as codes of v3-ActReason.";
    ITEMS, "provision.code",
        "同意の項目を、CodeSystem/consent-itemのコード（checkup, medication, treatment, operation, chart, care）で入れてください。",
        "Give the items of consent as codes of CodeSystem/consent-item (checkup, medication, treatment, operation, chart, care).";
    ONE_THING, "provision",
        "1つの制限が隠すものは1つです。class、data、dataPeriodのどれか1つにして、分けて送ってください。",
        "One restriction hides one thing: class, data or dataPeriod. Send one for each.";
    CLASS, "provision.class",
        "記録の種類を、CodeSystem/record-categoryのコードで入れてください。",
        "Give categories as codes of CodeSystem/record-category.";
    DAYS, "provision.dataPeriod",
        "期間の始まりか終わりを、年月日で入れてください（例: 2026-11-22）。",
        "Give the first or the last day of the period, for example 2026-11-22.";
    DATA, "provision.data",
        "隠す記録を、meaning「instance」とこのサーバーの記録への参照（例: Observation/…）で入れてください。送り元で隠すときは、meaning「authoredby」と機関の番号を1つ入れてください。",
        "Name the facts with meaning `instance` and references to facts of this server (Observation/…), or one source with meaning `authoredby` and its number.";
    MANY, "provision.data",
        "1つの制限に入る記録は1,000件までです。",
        "One restriction names at most 1,000 facts.";
    ACTION, "provision.action",
        "制限できるのは見ること（access）です。ほかのactionは外してください。",
        "What is restricted is looking (access). Leave other actions out.";
    EXCEPTION, "provision.provision",
        "例外は、緊急のとき（目的ETREATとBTGの両方）を認める1つだけです。",
        "The one exception is a permit for an emergency: purposes ETREAT and BTG, both.";
    UNKNOWN_PART, "provision",
        "この設定に使えない項目があります（docs/api.mdの表にあるものだけを入れてください）。守れない設定は受け付けません。",
        "There is a part that cannot be kept to here; see the table in docs/api.md. What cannot be kept to is not taken.";
}

#[cfg(test)]
mod tests {
    use super::*;
    use tsumugi_fhir::json::{Document, Limits};
    use tsumugi_kernel::{CitizenId, FactKey, Kind, MasterSecret};

    fn sealer() -> Sealer {
        Sealer::new(&MasterSecret::new([9; 32]))
    }

    fn read(provision: &str) -> Result<Vec<Change>, Misunderstood> {
        let json = format!(
            r#"{{"resourceType":"Consent","status":"active","scope":{{"coding":[{{"code":"patient-privacy"}}]}},"provision":{provision}}}"#
        );
        let document = Document::parse(json.into(), &Limits::default()).unwrap();
        understand(document.root(), "consent-7".into(), &sealer(), Instant(1_000))
    }

    fn hidden(provision: &str) -> Hides {
        match read(provision).unwrap().as_slice() {
            [Change::Restrict(restriction)] => restriction.hides.clone(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_denied_is_a_restriction() {
        let found = read(r#"{"type":"deny"}"#).unwrap();
        let [Change::Restrict(all)] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!(
            (&all.against, &all.hides, all.emergency_may_override),
            (&Against::Everyone, &Hides::Everything, false)
        );
        assert_eq!(all.period, Period::since(Instant(1_000)));
        assert_eq!(
            hidden(
                r#"{"type":"deny","class":[{"system":"http://tsumugi.example/fhir/CodeSystem/record-category","code":"mental-health"}]}"#
            ),
            Hides::Categories(vec![RecordCategory::MentalHealth])
        );
        assert_eq!(
            hidden(r#"{"type":"deny","dataPeriod":{"start":"1970-01-02","end":"1970-02-01"}}"#),
            Hides::Days { first: 1, last: 31 }
        );
        assert_eq!(
            hidden(
                r#"{"type":"deny","data":[{"meaning":"authoredby","reference":{"identifier":{"system":"http://tsumugi.example/fhir/IdSystem/organization","value":"clinic"}}}]}"#
            ),
            Hides::Source(OrganizationId::new("clinic").unwrap())
        );
        let id = sealer().seal(FactKey { citizen: CitizenId(1), kind: Kind::OBSERVATION, number: 5 });
        assert_eq!(
            hidden(&format!(
                r#"{{"type":"deny","data":[{{"meaning":"instance","reference":{{"reference":"Observation/{id}"}}}}]}}"#
            )),
            Hides::facts([(Kind::OBSERVATION, 5)])
        );
    }

    #[test]
    fn from_whom_and_whether_an_emergency_may() {
        let to = |system: &str, value: &str| {
            let json = format!(
                r#"{{"type":"deny","actor":[{{"reference":{{"identifier":{{"system":"{system}","value":"{value}"}}}}}}],"provision":[{{"type":"permit","purpose":[{{"code":"BTG"}},{{"code":"ETREAT"}}]}}]}}"#
            );
            match read(&json)?.as_slice() {
                [Change::Restrict(one)] => Ok::<_, Misunderstood>((one.against.clone(), one.emergency_may_override)),
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(to(PERSON, "okada").unwrap(), (Against::Person(PersonId::new("okada").unwrap()), true));
        assert_eq!(to(ORGANIZATION_KIND, "clinic").unwrap().0, Against::OrganizationKind(OrganizationKind::Clinic));
        assert_eq!(
            to(INSTITUTION, "1311000014").unwrap().0,
            Against::Organization(OrganizationId::new("1311000014").unwrap())
        );
        assert_eq!(to("urn:other", "x").unwrap_err().path, "provision.actor");
    }

    #[test]
    fn consents_name_their_items() {
        let found = read(&format!(
            r#"{{"type":"permit","code":[{{"coding":[{{"system":"{ITEM}","code":"chart"}}]}},{{"coding":[{{"system":"{ITEM}","code":"medication"}}]}}],"actor":[{{"reference":{{"identifier":{{"system":"{ORGANIZATION}","value":"hospital"}}}}}}]}}"#
        ));
        let found = found.unwrap();
        assert!(
            matches!(found.as_slice(), [Change::Consent(chart), Change::Consent(_)] if chart.item == ConsentItem::Chart)
        );
        assert_eq!(
            read(r#"{"type":"permit","code":[{"coding":[{"code":"chart"}]}]}"#).unwrap_err().path,
            "provision.code"
        );
    }

    #[test]
    fn what_cannot_be_kept_to_is_named() {
        let path = |provision: &str| read(provision).unwrap_err().path;
        assert_eq!(path(r#"{"type":"deny","securityLabel":[{"code":"R"}]}"#), "provision");
        assert_eq!(path(r#"{"type":"deny","class":[{"code":"x"}]}"#), "provision.class");
        assert_eq!(
            path(r#"{"type":"deny","dataPeriod":{"start":"2026-01-01"},"data":[{"meaning":"instance"}]}"#),
            "provision"
        );
        assert_eq!(path(r#"{"type":"deny","dataPeriod":{}}"#), "provision.dataPeriod");
        assert_eq!(
            path(r#"{"type":"deny","data":[{"meaning":"related","reference":{"reference":"Encounter/x"}}]}"#),
            "provision.data"
        );
        assert_eq!(
            path(r#"{"type":"deny","provision":[{"type":"permit","purpose":[{"code":"ETREAT"}]}]}"#),
            "provision.provision"
        );
        assert_eq!(path(r#"{"type":"permit","purpose":[{"code":"FAMRQT"}]}"#), "provision.actor");
        assert_eq!(path(r"{}"), "provision.type");
    }
}
