//! What is said in a case, by whom, and what follows from it.

use serde::{Deserialize, Serialize};
use tsumugi_kernel::Instant;

use super::{Party, Sanction};

/// One word in a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseWord {
    /// Who.
    pub by: Party,
    /// What.
    #[serde(rename = "verdict")]
    pub act: CaseAct,
    /// The words.
    pub reason: String,
    /// When.
    pub at: Instant,
    /// The version of the fact in which it is corrected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
    /// What follows for whoever looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sanction: Option<Sanction>,
}

/// What somebody does in a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CaseAct {
    /// The citizen objects to a look (異議).
    Object,
    /// The citizen wishes a fact corrected (訂正の求め).
    Wish,
    /// Whoever looked, or the organisation, explains (説明).
    Answer,
    /// The author has corrected the fact (訂正した).
    Corrected,
    /// The author leaves the fact as it is, with the person's words beside it (注記).
    Annotated,
    /// The author refuses (訂正しない).
    Refused,
    /// The answer is enough for the citizen, or the objection is taken back (納得・取り下げ).
    Accept,
    /// The answer is not enough: the reviewer shall decide (納得できない).
    Insist,
    /// A supervisor finds that it was right (問題なし).
    Fine,
    /// A supervisor asks for an explanation (説明を求める).
    Explain,
    /// A supervisor finds that it was wrong (不適切).
    Unfit,
    /// A supervisor lifts the suspension that the case led to (停止を解く).
    Lift,
}

impl CaseAct {
    /// Every act.
    pub const ALL: &'static [Self] = &[
        Self::Object,
        Self::Wish,
        Self::Answer,
        Self::Corrected,
        Self::Annotated,
        Self::Refused,
        Self::Accept,
        Self::Insist,
        Self::Fine,
        Self::Explain,
        Self::Unfit,
        Self::Lift,
    ];

    /// The code as forms and answers write it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Object => "object",
            Self::Wish => "wish",
            Self::Answer => "answer",
            Self::Corrected => "corrected",
            Self::Annotated => "annotated",
            Self::Refused => "refused",
            Self::Accept => "accept",
            Self::Insist => "insist",
            Self::Fine => "fine",
            Self::Explain => "explain",
            Self::Unfit => "unfit",
            Self::Lift => "lift",
        }
    }

    /// The act with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|act| act.code() == code)
    }

    /// Whether it is a supervisor's.
    #[must_use]
    pub const fn is_supervisors(self) -> bool {
        matches!(self, Self::Fine | Self::Explain | Self::Unfit | Self::Lift)
    }

    /// Whether it is the organisation's.
    #[must_use]
    pub const fn is_organizations(self) -> bool {
        matches!(self, Self::Answer | Self::Corrected | Self::Annotated | Self::Refused)
    }

    /// What a supervisor found by it.
    #[must_use]
    pub const fn verdict(self) -> Option<CaseVerdict> {
        match self {
            Self::Fine => Some(CaseVerdict::Fine),
            Self::Explain => Some(CaseVerdict::Explain),
            Self::Unfit => Some(CaseVerdict::Unfit),
            _ => None,
        }
    }
}

impl From<CaseVerdict> for CaseAct {
    fn from(verdict: CaseVerdict) -> Self {
        match verdict {
            CaseVerdict::Fine => Self::Fine,
            CaseVerdict::Explain => Self::Explain,
            CaseVerdict::Unfit => Self::Unfit,
        }
    }
}

/// What a supervisor finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CaseVerdict {
    /// The look was right (問題なし).
    Fine,
    /// Whoever looked is to explain (説明を求める). The case stays open.
    Explain,
    /// The look was wrong (不適切).
    Unfit,
}

impl CaseVerdict {
    /// Every verdict.
    pub const ALL: &'static [Self] = &[Self::Fine, Self::Explain, Self::Unfit];

    /// The code as forms send it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Fine => "fine",
            Self::Explain => "explain",
            Self::Unfit => "unfit",
        }
    }

    /// The verdict with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|verdict| verdict.code() == code)
    }
}

/// Why a citizen objects to a look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Concern {
    /// She does not know the person or the organisation (知らない人や機関).
    Unknown,
    /// She was not in their care then (受診や利用をしていない).
    NoCare,
    /// More was looked at than was needed (必要以上).
    TooMuch,
    /// The purpose does not fit (目的とちがう).
    Purpose,
    /// Something else, or not said.
    #[default]
    Other,
}

impl Concern {
    /// Every concern.
    pub const ALL: &'static [Self] = &[Self::Unknown, Self::NoCare, Self::TooMuch, Self::Purpose, Self::Other];

    /// The code as forms send it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::NoCare => "no-care",
            Self::TooMuch => "too-much",
            Self::Purpose => "purpose",
            Self::Other => "other",
        }
    }

    /// The concern with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|concern| concern.code() == code)
    }
}
