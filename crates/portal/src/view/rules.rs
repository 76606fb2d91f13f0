//! The rules of the door in plain words, and what each profile of them opens to whom.

use tsumugi_access::{CategoryMask, PolicyProfile};
use tsumugi_kernel::Purpose;

/// The page of the rules.
#[derive(Clone, Debug)]
pub struct RulesView {
    /// The profile that holds here.
    pub here: PolicyProfile,
    /// The profile whose rules are listed.
    pub listed: PolicyProfile,
    /// What each profile opens, for people who usually ask.
    pub askers: Vec<AskerRow>,
    /// The listed profile's rules, by purpose; those for all purposes last.
    pub rules: Vec<(Option<Purpose>, Vec<RuleRow>)>,
}

/// What the profiles open to one who asks.
#[derive(Clone, Debug)]
pub struct AskerRow {
    /// Who.
    pub who: Asker,
    /// For each profile, in their order, what is open; `None` where nothing is.
    pub open: Vec<Option<CategoryMask>>,
}

/// Somebody who usually asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asker {
    /// The person.
    Citizen,
    /// Somebody with a mandate.
    Proxy,
    /// A physician of a hospital in which the person is treated.
    Physician,
    /// The same, where the person consented at the card reader.
    PhysicianWithConsent,
    /// A physician who sees the person for the first time.
    FirstContact,
    /// A pharmacist with a prescription.
    Pharmacist,
    /// A care manager of the office in charge.
    CareManager,
    /// The same, where the person gave the comprehensive consent for care.
    CareManagerWithConsent,
    /// A care office that is not in charge.
    OtherOffice,
    /// An ambulance crew.
    Crew,
    /// Emergency staff of a hospital.
    Emergency,
    /// A physician who breaks the glass with a reason.
    BreakGlass,
    /// Medical staff while the disaster mode is open where they work.
    DisasterMedical,
    /// An ambulance crew while it is.
    DisasterCrew,
    /// The municipality as the insurer of care.
    Municipality,
    /// The insurer.
    Insurer,
    /// A health centre.
    HealthCentre,
    /// A desk that confirms coverage.
    Desk,
}

impl Asker {
    /// Everybody, in the order of the page.
    pub const ALL: [Self; 18] = [
        Self::Citizen,
        Self::Proxy,
        Self::Physician,
        Self::PhysicianWithConsent,
        Self::FirstContact,
        Self::Pharmacist,
        Self::CareManager,
        Self::CareManagerWithConsent,
        Self::OtherOffice,
        Self::Crew,
        Self::Emergency,
        Self::BreakGlass,
        Self::DisasterMedical,
        Self::DisasterCrew,
        Self::Municipality,
        Self::Insurer,
        Self::HealthCentre,
        Self::Desk,
    ];
}

/// One rule.
#[derive(Clone, Debug)]
pub struct RuleRow {
    /// Its id, as a look names it.
    pub id: String,
    /// Its plain words in the page's language.
    pub words: String,
    /// The law, guideline or decision that it comes from.
    pub source: String,
    /// Whether it permits; otherwise it forbids.
    pub permits: bool,
    /// Whether it opens only what the asking organisation wrote itself.
    pub own: bool,
    /// Whether restrictions do not touch it, because a law names the duty.
    pub lawful: bool,
    /// Cedar's text.
    pub text: String,
}
