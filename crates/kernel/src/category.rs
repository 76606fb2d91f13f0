//! Record categories and flags: what the rules of the door distinguish, computed once when a fact is put on a shelf.

use serde::{Deserialize, Serialize};

/// What a fact is about, as the rules see it. The first ten are those of the sharing service for electronic charts
/// (電子カルテ情報共有サービス, 3文書6情報 and patient summary), then those that Tsumugi adds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[repr(u8)]
pub enum RecordCategory {
    /// Who the person is, coverage, care team (基本情報).
    Identity = 0,
    /// Referral letters and their parts (診療情報提供書).
    Referral = 1,
    /// Discharge summaries and their parts (退院時サマリー).
    Discharge = 2,
    /// Health checkup reports (健診結果).
    Checkup = 3,
    /// Conditions (傷病名).
    Condition = 4,
    /// Allergies (アレルギー).
    Allergy = 5,
    /// Contraindicated medicines (薬剤禁忌).
    Contraindication = 6,
    /// Infections (感染症).
    Infection = 7,
    /// Laboratory results (検査).
    Laboratory = 8,
    /// Prescribed and dispensed medicines (処方・調剤).
    Medication = 9,
    /// Summaries for the patient (患者サマリー).
    PatientSummary = 10,
    /// Care: daily activities, care notes, care plans (介護).
    Care = 11,
    /// Precautions handed over: swallowing, moving, medicines (申し送り: 嚥下・移動・服薬).
    Precaution = 12,
    /// Visits and stays (受診・入院).
    Encounter = 13,
    /// Procedures (手術・処置).
    Procedure = 14,
    /// Vaccinations (予防接種).
    Vaccination = 15,
    /// Vital signs and body measures (バイタル).
    Vital = 16,
    /// Claims and payment (レセプト).
    Claims = 17,
    /// Public health reports (公衆衛生).
    PublicHealth = 18,
    /// Mental health (こころの健康).
    MentalHealth = 19,
    /// Genome (ゲノム).
    Genome = 20,
    /// Consents, restrictions and mandates (同意・制限・代理).
    Mandate = 21,
    /// Everything else.
    Other = 22,
}

impl RecordCategory {
    /// Every category, in the order of its number.
    pub const ALL: &'static [Self] = &[
        Self::Identity,
        Self::Referral,
        Self::Discharge,
        Self::Checkup,
        Self::Condition,
        Self::Allergy,
        Self::Contraindication,
        Self::Infection,
        Self::Laboratory,
        Self::Medication,
        Self::PatientSummary,
        Self::Care,
        Self::Precaution,
        Self::Encounter,
        Self::Procedure,
        Self::Vaccination,
        Self::Vital,
        Self::Claims,
        Self::PublicHealth,
        Self::MentalHealth,
        Self::Genome,
        Self::Mandate,
        Self::Other,
    ];

    /// The category with this number.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }

    /// The code as written in policies, leaves and messages.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Referral => "referral",
            Self::Discharge => "discharge",
            Self::Checkup => "checkup",
            Self::Condition => "condition",
            Self::Allergy => "allergy",
            Self::Contraindication => "contraindication",
            Self::Infection => "infection",
            Self::Laboratory => "laboratory",
            Self::Medication => "medication",
            Self::PatientSummary => "patient-summary",
            Self::Care => "care",
            Self::Precaution => "precaution",
            Self::Encounter => "encounter",
            Self::Procedure => "procedure",
            Self::Vaccination => "vaccination",
            Self::Vital => "vital",
            Self::Claims => "claims",
            Self::PublicHealth => "public-health",
            Self::MentalHealth => "mental-health",
            Self::Genome => "genome",
            Self::Mandate => "mandate",
            Self::Other => "other",
        }
    }

    /// The category with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|category| category.code() == code)
    }
}

/// Flags a source sets on a fact in `meta.tag`: the first three of system
/// `http://jpfhir.jp/fhir/clins/CodeSystem/JP_ehrshrs_indication`, the others of our own
/// `http://tsumugi.example/fhir/CodeSystem/release`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Flags(pub u8);

impl Flags {
    /// 長期保存: keep longer than the rule's period.
    pub const LONG_TERM: Self = Self(1);
    /// 未告知: the citizen must not learn even that something is there.
    pub const UNINFORMED: Self = Self(2);
    /// 未提供: nobody but the source sees it.
    pub const UNDELIVERED: Self = Self(4);

    /// 説明待ち: the citizen sees it once its source has explained it, or after [`Flags::EXPLAIN_DAYS`].
    pub const EXPLAIN: Self = Self(8);
    /// 本人だけ: whoever acts for the citizen does not see it. The source has judged a minor able to decide on this care.
    pub const SELF_ONLY: Self = Self(16);
    /// For how many days after the day it is about a result may wait for an explanation. A delay is for a limited time:
    /// the record is the citizen's (a choice of ours, after Regulation (EU) 2025/327, art. 3(3)).
    pub const EXPLAIN_DAYS: i32 = 30;

    /// Whether all of `other`'s flags are set here.
    #[must_use]
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Both sets of flags.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_codes_come_back() {
        for (index, category) in RecordCategory::ALL.iter().enumerate() {
            assert_eq!(*category as usize, index);
            assert_eq!(RecordCategory::from_number(u8::try_from(index).unwrap_or(u8::MAX)), Some(*category));
            assert_eq!(RecordCategory::from_code(category.code()), Some(*category));
        }
        assert_eq!(RecordCategory::from_number(23), None);
    }
}
