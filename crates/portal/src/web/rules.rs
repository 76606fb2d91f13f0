//! The rules of the door, for everybody: what holds here, what the other profile would open, and every rule with its source.

use std::sync::OnceLock;

use maud::Markup;
use tsumugi_access::{
    ActionGroup, Caller, CategoryMask, PolicyProfile,
    policy::{Circumstances, Policies, Verdict},
};
use tsumugi_kernel::{Instant, OrganizationId, OrganizationKind, PersonId, Purpose, Role};
use tsumugi_people::Organization;

use super::{Fault, Site, Visit, fault::broken};
use crate::Lang;
use crate::page;
use crate::view::{Asker, AskerRow, RuleRow, RulesView};

/// `GET /rules?profile=`: told to anybody, signed in or not.
pub(crate) async fn rules(site: &Site, visit: &Visit) -> Result<Markup, Fault> {
    let here = site.desk().door.policies().profile();
    let listed = visit.asked("profile").and_then(PolicyProfile::from_code).unwrap_or(here);
    let mut askers = Vec::new();
    for who in Asker::ALL {
        let open = PolicyProfile::ALL
            .iter()
            .map(|profile| Ok(open(policies(*profile)?, who)))
            .collect::<Result<_, Fault>>()?;
        askers.push(AskerRow { who, open });
    }
    let view = RulesView { here, listed, askers, rules: by_purpose(policies(listed)?, visit.lang) };
    Ok(page::rules::page(&view, &visit.frame(None)))
}

/// Both profiles as they stand in this program.
fn policies(profile: PolicyProfile) -> Result<&'static Policies, Fault> {
    static SPECIAL: OnceLock<Option<Policies>> = OnceLock::new();
    static PRESENT: OnceLock<Option<Policies>> = OnceLock::new();
    let cell = match profile {
        PolicyProfile::SpecialLaw => &SPECIAL,
        PolicyProfile::Jp2026 => &PRESENT,
    };
    let load =
        || Policies::load(profile).map_err(|error| tracing::error!(%error, "a profile of rules cannot be read")).ok();
    cell.get_or_init(load).as_ref().ok_or_else(|| broken(&"a profile of rules cannot be read"))
}

/// What the policies open to somebody who looks at a record; what they wrote themselves not counted.
fn open(policies: &Policies, who: Asker) -> Option<CategoryMask> {
    let (role, purpose, kind, circumstances) = asks(who);
    let place = Organization::new(OrganizationId::new("asker").ok()?, String::new(), kind);
    let reason = (purpose == Purpose::BreakGlass).then(|| "reason".to_owned());
    let asker = (PersonId::new("asker").ok()?, String::new());
    let caller = Caller { reason, ..Caller::new(asker, &place, role, purpose, Instant(i64::MAX)) };
    if !tsumugi_access::roles::may_ask(role, purpose, ActionGroup::View) {
        return None;
    }
    match policies.ask(&caller, ActionGroup::View, &circumstances) {
        Verdict::Granted(rules) => {
            let shown = rules.iter().filter(|rule| !rule.own_facts_only).map(|rule| rule.shows);
            Some(shown.fold(CategoryMask::NONE, CategoryMask::union)).filter(|mask| !mask.is_empty())
        }
        Verdict::Denied(_) | Verdict::Failed => None,
    }
}

fn asks(who: Asker) -> (Role, Purpose, OrganizationKind, Circumstances) {
    use OrganizationKind as K;
    let with = |relations: &[&'static str], consents: &[&'static str]| Circumstances {
        relations: relations.to_vec(),
        consents: consents.to_vec(),
        ..Circumstances::default()
    };
    let card: &[&'static str] = &["checkup", "medication", "treatment", "operation", "chart"];
    let disaster = Circumstances { disaster: true, ..Circumstances::default() };
    match who {
        Asker::Citizen => {
            (Role::Citizen, Purpose::PatientRequest, K::Household, Circumstances { own: true, ..with(&[], &[]) })
        }
        Asker::Proxy => {
            (Role::Proxy, Purpose::FamilyRequest, K::Household, Circumstances { mandate: true, ..with(&[], &[]) })
        }
        Asker::Physician => (Role::Physician, Purpose::Treat, K::Hospital, with(&["encounter"], &[])),
        Asker::PhysicianWithConsent => (Role::Physician, Purpose::Treat, K::Hospital, with(&["encounter"], card)),
        Asker::FirstContact => (Role::Physician, Purpose::Treat, K::Clinic, with(&[], &[])),
        Asker::Pharmacist => (Role::Pharmacist, Purpose::Treat, K::Pharmacy, with(&["prescription"], &[])),
        Asker::CareManager => {
            (Role::CareManager, Purpose::CareManagement, K::CareOffice, with(&["care-in-charge"], &[]))
        }
        Asker::CareManagerWithConsent => {
            (Role::CareManager, Purpose::CareManagement, K::CareOffice, with(&["care-in-charge"], &["care"]))
        }
        Asker::OtherOffice => (Role::CareWorker, Purpose::CareManagement, K::CareOffice, with(&[], &[])),
        Asker::Crew => (Role::Crew, Purpose::EmergencyTreat, K::FireHeadquarters, with(&[], &[])),
        Asker::Emergency => (Role::Physician, Purpose::EmergencyTreat, K::Hospital, with(&[], &[])),
        Asker::BreakGlass => (Role::Physician, Purpose::BreakGlass, K::Hospital, with(&[], &[])),
        Asker::DisasterMedical => (Role::Physician, Purpose::Disaster, K::Clinic, disaster),
        Asker::DisasterCrew => (Role::Crew, Purpose::Disaster, K::FireHeadquarters, disaster),
        Asker::Municipality => (Role::Municipality, Purpose::CareManagement, K::Municipality, with(&[], &[])),
        Asker::Insurer => (Role::Insurer, Purpose::Payment, K::Insurer, with(&[], &[])),
        Asker::HealthCentre => (Role::PublicHealth, Purpose::PublicHealth, K::HealthCentre, with(&[], &[])),
        Asker::Desk => (Role::Registrar, Purpose::Coverage, K::Hospital, with(&[], &[])),
    }
}

fn by_purpose(policies: &Policies, lang: Lang) -> Vec<(Option<Purpose>, Vec<RuleRow>)> {
    let row = |rule: &tsumugi_access::Rule| RuleRow {
        id: rule.id.clone(),
        words: if lang != Lang::En { rule.ja.clone() } else { rule.en.clone() },
        source: rule.source.clone(),
        permits: rule.permits,
        own: rule.own_facts_only,
        lawful: rule.lawful,
        text: rule.text.clone(),
    };
    let purposes = Purpose::ALL.iter().copied().map(Some).chain([None]);
    let groups = purposes.map(|purpose| {
        (purpose, policies.rules().iter().filter(|rule| rule.purpose == purpose).map(row).collect::<Vec<_>>())
    });
    groups.filter(|(_, rules)| !rules.is_empty()).collect()
}
