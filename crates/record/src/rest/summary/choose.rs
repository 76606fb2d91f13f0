//! Which facts a summary tells, and in which section: by the search values that each fact carries, so that only what is
//! told is unfolded.

use std::cmp::Reverse;

use tsumugi_fhir::values::{Packed, PackedValue, params};
use tsumugi_kernel::Instant;

use super::rules;
use crate::{Fact, RecordError, rest::lastn::Groups};

/// How long a finished prescription or report is still of interest, in days.
const RECENT_DAYS: i64 = 365;
/// Most facts of one section; the newest stay.
const SECTION_MOST: usize = 100;
/// Our own codes of daily activities.
const ADL: &str = "http://tsumugi.example/fhir/CodeSystem/adl";
/// LOINC codes about a pregnancy: status, expected date of delivery, outcomes (IPS value sets, CC0).
const PREGNANCY: &[&str] = &["82810-3", "11778-8", "11779-6", "11780-4", "11636-8", "11637-6", "11638-4", "11639-2"];

/// The facts of each section, newest first, in the order of [`rules::SECTIONS`].
pub(super) struct Chosen {
    pub(super) sections: Vec<Vec<Fact>>,
}

/// Chooses among the facts that the lens shows.
pub(super) fn choose(facts: &[Fact], now: Instant) -> Result<Chosen, RecordError> {
    let mut sections: Vec<Vec<(Option<i64>, Fact)>> = vec![Vec::new(); rules::SECTIONS.len()];
    for fact in facts {
        let values = fact.values()?;
        if let Some(section) = section_of(fact.key().kind.name(), &values, now) {
            sections[section].push((values.moment(), fact.clone()));
        }
    }
    let mut chosen = Vec::with_capacity(sections.len());
    for (section, mut facts) in sections.into_iter().enumerate() {
        // Newest first; what has no date comes last. Equal moments keep the order of the shelf.
        facts.sort_by_key(|(moment, _)| Reverse(moment.unwrap_or(i64::MIN)));
        let mut facts: Vec<Fact> = facts.into_iter().map(|(_, fact)| fact).collect();
        if matches!(section, rules::RESULTS | rules::VITAL | rules::SOCIAL | rules::FUNCTION) {
            facts = newest_of_each(facts)?;
        }
        facts.truncate(SECTION_MOST);
        chosen.push(facts);
    }
    Ok(Chosen { sections: chosen })
}

/// Of each thing that was measured the newest; reports stay as they are.
fn newest_of_each(facts: Vec<Fact>) -> Result<Vec<Fact>, RecordError> {
    let mut groups = Groups::new(1);
    let mut others = Vec::new();
    for fact in facts {
        if fact.key().kind.name() == "Observation" { groups.add(fact)? } else { others.push(fact) }
    }
    groups.kept.extend(others);
    Ok(groups.kept)
}

fn section_of(kind: &str, values: &Packed<'_>, now: Instant) -> Option<usize> {
    let has = |param: u16, codes: &[&str]| {
        values.of(param).any(|value| matches!(value, PackedValue::Token { code, .. } if codes.contains(&code)))
    };
    let status = |codes: &[&str]| has(params::STATUS, codes);
    let recent = || values.moment().is_some_and(|moment| now.0 - moment <= RECENT_DAYS * 86_400_000);
    let denied = || has(params::VERIFICATION_STATUS, &["entered-in-error", "refuted"]);
    let yes = |section: usize, holds: bool| holds.then_some(section);
    match kind {
        "AllergyIntolerance" => yes(rules::ALLERGIES, !denied()),
        "MedicationStatement" | "MedicationRequest" => {
            let open = status(&["active", "intended", "on-hold", "unknown"]);
            yes(rules::MEDICATIONS, open || (status(&["completed"]) && recent()))
        }
        "Condition" if denied() => None,
        "Condition" if has(params::CLINICAL_STATUS, &["inactive", "remission", "resolved"]) => Some(rules::PAST),
        "Condition" => Some(rules::PROBLEMS),
        "Procedure" => yes(rules::PROCEDURES, status(&["completed", "in-progress"])),
        "Immunization" => yes(rules::IMMUNIZATIONS, status(&["completed"])),
        "DeviceUseStatement" => yes(rules::DEVICES, status(&["active"])),
        "DiagnosticReport" => yes(rules::RESULTS, status(&["final", "amended", "corrected"]) && recent()),
        "CarePlan" => yes(rules::PLAN, status(&["active"])),
        "Flag" => yes(rules::ALERTS, status(&["active"])),
        "Consent" => {
            yes(rules::DIRECTIVES, status(&["active"]) && has(params::CATEGORY, &["acd", "dnr", "emrgonly", "hcd"]))
        }
        "Observation" if status(&["entered-in-error", "cancelled"]) => None,
        "Observation" => {
            let code = |wanted: &dyn Fn(&str, &str) -> bool| {
                let fits = |value| matches!(value, PackedValue::Token { system, code } if wanted(system, code));
                values.of(params::CODE).any(fits)
            };
            if code(&|system, _| system == ADL) {
                Some(rules::FUNCTION)
            } else if code(&|system, code| system == rules::LOINC && PREGNANCY.contains(&code)) {
                Some(rules::PREGNANCY)
            } else if has(params::CATEGORY, &["vital-signs"]) {
                Some(rules::VITAL)
            } else if has(params::CATEGORY, &["social-history"]) {
                Some(rules::SOCIAL)
            } else {
                yes(rules::RESULTS, has(params::CATEGORY, &["laboratory", "imaging", "LAB", "RAD"]))
            }
        }
        _ => None,
    }
}
