//! What a written fact means for who may see what: an office in charge, an open visit, a mandate, a restriction.
//!
//! The facts stay the truth (FHIR, on the shelf); the standing is computed from them in the same commit, so that the
//! door never has to read a shelf.

use std::borrow::Cow;

use jiff::civil::Date;
use tsumugi_access::{Action, Change, Relation, RelationKind, Standing, standing::Period};
use tsumugi_fhir::json::{Document, Limits, Node};
use tsumugi_kernel::{FactKey, Instant, Kind, OrganizationId, Sealer, clock};

use crate::{Fact, RecordError, consent};

/// The systems of organisation ids in references by identifier: the ten-digit institution number, and the directory's.
const ORGANIZATION: [&str; 2] = [
    "http://jpfhir.jp/fhir/core/IdSystem/insurance-medical-institution-no",
    "http://tsumugi.example/fhir/IdSystem/organization",
];

/// The action under which a kind is written: a consent changes who may see what, so it needs that right.
#[must_use]
pub fn action(kind: Kind, otherwise: Action) -> Action {
    if kind.name() == "Consent" { Action::Standing } else { otherwise }
}

/// The changes that follow from version `version` of a fact, sent by `sender`.
#[must_use]
pub fn changes(
    key: FactKey,
    version: u32,
    resource: Node<'_>,
    sender: &OrganizationId,
    sealer: &Sealer,
    now: Instant,
) -> Vec<Change> {
    match key.kind.name() {
        "EpisodeOfCare" => in_charge(resource, now).into_iter().collect(),
        "Encounter" => visit(resource, sender, now).into_iter().collect(),
        // What cannot be kept to was refused before it came here (see `check`).
        "Consent" => consent::understand(resource, entry_id(key, version), sealer, now).unwrap_or_default(),
        _ => Vec::new(),
    }
}

/// The changes that follow when a fact no longer says what it said: it was replaced, or taken away.
///
/// # Errors
/// [`RecordError::Unreadable`] if what is stored cannot be read.
pub fn ended(fact: &Fact, sender: &OrganizationId, sealer: &Sealer, now: Instant) -> Result<Vec<Change>, RecordError> {
    let key = fact.key();
    if fact.is_gone() || !matches!(key.kind.name(), "EpisodeOfCare" | "Encounter" | "Consent") {
        return Ok(Vec::new());
    }
    let body = Document::parse(fact.body()?, &Limits::default());
    let body = body.map_err(|_| RecordError::Unreadable("a fact's body"))?;
    let said = changes(key, fact.version(), body.root(), sender, sealer, now);
    let end = |change| match change {
        Change::Relate(Relation { kind, organization, .. }) => Some(Change::Part { kind, organization, at: now }),
        Change::Give(mandate) => Some(Change::Revoke { mandate: mandate.id, at: now }),
        Change::Restrict(restriction) => Some(Change::Lift { restriction: restriction.id, at: now }),
        Change::Consent(consent) => {
            Some(Change::Withdraw { item: consent.item, organization: consent.organization, at: now })
        }
        _ => None,
    };
    Ok(said.into_iter().filter_map(end).collect())
}

/// Whether `change` says anew what `end` ends: then there is no end.
#[must_use]
pub fn renews(change: &Change, end: &Change) -> bool {
    match (change, end) {
        (Change::Relate(relation), Change::Part { kind, organization, .. }) => {
            relation.kind == *kind && relation.organization == *organization
        }
        _ => false,
    }
}

/// Whether a change ends something.
#[must_use]
pub fn is_end(change: &Change) -> bool {
    matches!(change, Change::Part { .. } | Change::Revoke { .. } | Change::Lift { .. } | Change::Withdraw { .. })
}

/// Drops ends where nothing is open: most documents hold finished visits only.
pub fn drop_idle(changes: &mut Vec<Change>, standing: &Standing, now: Instant) {
    let begun: Vec<Change> = changes.iter().filter(|change| matches!(change, Change::Relate(_))).cloned().collect();
    changes.retain(|change| match change {
        Change::Part { kind, organization, at } => {
            let open = |relation: &Relation| {
                relation.kind == *kind && relation.organization == *organization && relation.period.holds(*at)
            };
            standing.relations.iter().any(open)
                || begun.iter().any(|change| matches!(change, Change::Relate(relation) if open(relation)))
        }
        Change::Revoke { mandate, .. } => {
            let open = |period: &Period| period.until.is_none_or(|until| until > now);
            standing.mandates.iter().any(|known| known.id == *mandate && open(&known.period))
        }
        Change::Lift { restriction, .. } => {
            let open = |period: &Period| period.until.is_none_or(|until| until > now);
            standing.restrictions.iter().any(|known| known.id == *restriction && open(&known.period))
        }
        _ => true,
    });
}

/// Each version of a consent gives an entry of its own, so that a changed one replaces the one before.
pub(crate) fn entry_id(key: FactKey, version: u32) -> String {
    if version == 1 { format!("consent-{}", key.number) } else { format!("consent-{}.{version}", key.number) }
}

/// `EpisodeOfCare`: the managing organisation is the office in charge for its period.
fn in_charge(episode: Node<'_>, now: Instant) -> Option<Change> {
    let organization = OrganizationId::new(&identified(episode.get("managingOrganization")?, &ORGANIZATION)?).ok()?;
    let period = period(episode.get("period"), now);
    match episode.get_str("status").as_deref() {
        // Without an end, what is finished has ended now.
        Some("planned" | "waitlist" | "active" | "onhold") => {
            Some(Change::Relate(Relation { kind: RelationKind::CareInCharge, organization, period }))
        }
        Some("finished") if period.until.is_some() => {
            Some(Change::Relate(Relation { kind: RelationKind::CareInCharge, organization, period }))
        }
        _ => Some(Change::Part { kind: RelationKind::CareInCharge, organization, at: period.until.unwrap_or(now) }),
    }
}

/// `Encounter`: while a visit or stay lasts, the sender cares for the person.
fn visit(encounter: Node<'_>, sender: &OrganizationId, now: Instant) -> Option<Change> {
    let (kind, organization) = (RelationKind::Encounter, sender.clone());
    match encounter.get_str("status").as_deref() {
        Some("arrived" | "triaged" | "in-progress" | "onleave") => {
            let period = period(encounter.get("period"), now);
            Some(Change::Relate(Relation { kind, organization, period }))
        }
        Some("finished" | "cancelled") => {
            let at = period(encounter.get("period"), now).until.unwrap_or(now);
            Some(Change::Part { kind, organization, at })
        }
        _ => None,
    }
}

/// The value of a reference's identifier in one of `systems`.
fn identified<'a>(reference: Node<'a>, systems: &[&str]) -> Option<Cow<'a, str>> {
    let identifier = reference.get("identifier")?;
    let system = identifier.get_str("system")?;
    systems.contains(&&*system).then(|| identifier.get_str("value")).flatten()
}

/// A FHIR `Period`; a missing start is now. A day starts and ends at midnight in Japan, its last day included.
pub(crate) fn period(node: Option<Node<'_>>, now: Instant) -> Period {
    let moment = |name: &str, end: bool| {
        let text = node.and_then(|node| node.get_str(name))?;
        if let Ok(stamp) = text.parse::<jiff::Timestamp>() {
            return Some(Instant(stamp.as_millisecond()));
        }
        let day: Date = text.get(..10)?.parse().ok()?;
        let day = if end { day.tomorrow().ok()? } else { day };
        Some(Instant(day.to_zoned(clock::japan()).ok()?.timestamp().as_millisecond()))
    };
    Period::new(moment("start", false).unwrap_or(now), moment("end", true))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tsumugi_kernel::{CitizenId, MasterSecret, Purpose};

    fn learn(kind: &str, json: &str) -> Vec<Change> {
        let document = Document::parse(json.to_owned().into(), &Limits::default()).unwrap();
        let key = FactKey { citizen: CitizenId(1), kind: Kind::from_name(kind).unwrap(), number: 7 };
        let (sender, sealer) = (OrganizationId::new("1312345678").unwrap(), Sealer::new(&MasterSecret::new([9; 32])));
        changes(key, 1, document.root(), &sender, &sealer, Instant(1_000))
    }

    #[test]
    fn an_office_is_in_charge_from_midnight_in_japan_to_the_end_of_the_last_day() {
        let found = learn(
            "EpisodeOfCare",
            r#"{"status":"active","managingOrganization":{"identifier":{"system":"http://jpfhir.jp/fhir/core/IdSystem/insurance-medical-institution-no","value":"1370000001"}},"period":{"start":"1970-01-02","end":"1970-01-02"}}"#,
        );
        let [Change::Relate(relation)] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!(relation.kind, RelationKind::CareInCharge);
        assert_eq!(relation.period, Period::between(Instant(15 * 3_600_000), Instant(39 * 3_600_000)));
    }

    #[test]
    fn a_visit_under_way_relates_and_a_finished_one_parts() {
        assert!(
            matches!(learn("Encounter", r#"{"status":"in-progress"}"#).as_slice(), [Change::Relate(r)] if r.period.from == Instant(1_000))
        );
        assert!(matches!(learn("Encounter", r#"{"status":"finished"}"#).as_slice(), [Change::Part { .. }]));
        assert!(learn("Encounter", r#"{"status":"planned"}"#).is_empty());
    }

    #[test]
    fn an_active_consent_gives_one_mandate() {
        let active = r#"{"status":"active","scope":{"coding":[{"code":"patient-privacy"}]},"provision":{"type":"permit","purpose":[{"code":"FAMRQT"}],"actor":[{"role":{"text":"娘"},"reference":{"identifier":{"system":"http://tsumugi.example/fhir/IdSystem/person","value":"megumi"}}}]}}"#;
        let found = learn("Consent", active);
        let [Change::Give(mandate)] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!((mandate.id.as_str(), mandate.relation.as_str()), ("consent-7", "娘"));
        assert_eq!(mandate.purposes, vec![Purpose::FamilyRequest]);
        assert!(learn("Consent", &active.replace("\"active\"", "\"inactive\"")).is_empty());
    }

    #[test]
    fn other_facts_change_nothing() {
        assert!(learn("Observation", r#"{"status":"final"}"#).is_empty());
        assert!(learn("EpisodeOfCare", r#"{"status":"active"}"#).is_empty());
    }
}
