//! Who acts and why: roles, purposes of use, and the ids of persons and organisations.

use serde::{Deserialize, Serialize};

macro_rules! coded {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident => $code:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name { $($(#[$vmeta])* #[serde(rename = $code)] $variant),+ }
        impl $name {
            /// Every value, in the order of the declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            /// The code as written in tokens, policies and leaves.
            #[must_use]
            pub const fn code(self) -> &'static str { match self { $(Self::$variant => $code),+ } }
            /// The value with this code, if there is one.
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> { match code { $($code => Some(Self::$variant),)+ _ => None } }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(self.code()) }
        }
    };
}

coded! {
    /// The role in which somebody asks (役割).
    Role {
        /// The person whose record it is (本人).
        Citizen => "citizen",
        /// Somebody acting for a citizen by mandate (代理の人).
        Proxy => "proxy",
        /// Physician (医師).
        Physician => "physician",
        /// Dentist (歯科医師).
        Dentist => "dentist",
        /// Nurse (看護師).
        Nurse => "nurse",
        /// Pharmacist (薬剤師).
        Pharmacist => "pharmacist",
        /// Physical, occupational or speech therapist (理学療法士・作業療法士・言語聴覚士).
        Therapist => "therapist",
        /// Care manager (介護支援専門員).
        CareManager => "care-manager",
        /// Care worker (介護職員).
        CareWorker => "care-worker",
        /// Ambulance crew (救急隊員).
        Crew => "crew",
        /// Registrar at a desk (受付・登録の職員).
        Registrar => "registrar",
        /// Insurer (保険者).
        Insurer => "insurer",
        /// Municipality (市区町村).
        Municipality => "municipality",
        /// Public health officer (保健所).
        PublicHealth => "public-health",
        /// Researcher (研究者).
        Researcher => "researcher",
        /// Supervisor of the log (監督する人).
        Supervisor => "supervisor",
        /// A system acting on its own (システム).
        System => "system",
        /// Whoever holds a link that a citizen handed out, under a name that nobody has checked (リンクを受け取った人).
        LinkHolder => "link-holder",
    }
}

coded! {
    /// Why somebody asks: HL7 v3 `PurposeOfUse` (<http://terminology.hl7.org/CodeSystem/v3-ActReason>).
    Purpose {
        /// Treatment (治療).
        Treat => "TREAT",
        /// Emergency treatment (緊急の治療).
        EmergencyTreat => "ETREAT",
        /// Break the glass (見せない設定の解除).
        BreakGlass => "BTG",
        /// Care management (介護の計画と調整).
        CareManagement => "CAREMGT",
        /// Healthcare payment (支払い).
        Payment => "HPAYMT",
        /// Coverage (保険の確認).
        Coverage => "COVERAGE",
        /// Public health (公衆衛生).
        PublicHealth => "PUBHLTH",
        /// Disaster (災害).
        Disaster => "DISASTER",
        /// Healthcare research (研究).
        Research => "HRESCH",
        /// Patient requested (本人の依頼).
        PatientRequest => "PATRQT",
        /// Family requested (家族・代理の依頼).
        FamilyRequest => "FAMRQT",
        /// Healthcare operations (運営).
        Operations => "HOPERAT",
        /// Records management (記録の管理).
        RecordManagement => "RECORDMGT",
    }
}

impl Purpose {
    /// Whether it is an emergency: what a person allowed to be seen in one is seen for it, and it begins on a page of ours.
    #[must_use]
    pub const fn is_emergency(self) -> bool {
        matches!(self, Self::EmergencyTreat | Self::BreakGlass | Self::Disaster)
    }
}

coded! {
    /// What an organisation is, as far as the rules ask.
    OrganizationKind {
        /// Hospital (病院).
        Hospital => "hospital",
        /// Clinic (診療所).
        Clinic => "clinic",
        /// Pharmacy (薬局).
        Pharmacy => "pharmacy",
        /// Care office or facility (介護事業所・施設).
        CareOffice => "care-office",
        /// Fire headquarters with ambulances (消防本部).
        FireHeadquarters => "fire-headquarters",
        /// Municipality (市区町村).
        Municipality => "municipality",
        /// Insurer (保険者).
        Insurer => "insurer",
        /// Public health centre (保健所).
        HealthCentre => "health-centre",
        /// Research institute (研究機関).
        ResearchInstitute => "research-institute",
        /// The supervising body (監督機関).
        SupervisingBody => "supervising-body",
        /// A citizen's own household; stands in tokens of citizens and proxies.
        Household => "household",
    }
}

macro_rules! text_id {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Box<str>);
        impl $name {
            /// Accepts 1 to 64 characters of `A–Z a–z 0–9 - .` (FHIR's `id`).
            ///
            /// # Errors
            /// [`BadId`] names the text that does not fit.
            pub fn new(text: &str) -> Result<Self, BadId> {
                let fits = (1..=64).contains(&text.len())
                    && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.');
                if fits { Ok(Self(text.into())) } else { Err(BadId { what: stringify!($name) }) }
            }
            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str { &self.0 }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(&self.0) }
        }
        impl TryFrom<String> for $name {
            type Error = BadId;
            fn try_from(text: String) -> Result<Self, BadId> { Self::new(&text) }
        }
        impl From<$name> for String {
            fn from(id: $name) -> Self { id.0.into_string() }
        }
    };
}

text_id! {
    /// A person who signs in: a professional, a citizen's own sign-in, a system. Never a citizen's shelf.
    PersonId
}
text_id! {
    /// An organisation, by its directory id: the ten-digit institution number where there is one.
    OrganizationId
}

/// A text that is no id. Carries no text of the caller's, so that it can be logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a {what} has 1 to 64 characters of A-Z a-z 0-9 - .")]
pub struct BadId {
    /// The kind of id.
    pub what: &'static str,
}
