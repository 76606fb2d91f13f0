//! Why a part of a search was not taken, as findings.

use tsumugi_fhir::outcome::{Finding, IssueType};

use super::text::shown;

/// Why a pair was not taken.
#[derive(Debug)]
pub(super) enum Trouble {
    /// No such parameter here; leniency leaves it out.
    Unknown,
    /// Not served, and why: R4 lets leniency leave out parameters, never modifiers.
    Refused(&'static str, &'static str),
    /// The value cannot be read.
    Value(&'static str, &'static str),
    /// Too much at once.
    Costly(&'static str, &'static str),
}

impl Trouble {
    pub(super) fn finding(&self, name: &str) -> Finding {
        let name = shown(name);
        let (code, ja, en) = match self {
            Self::Unknown => (
                IssueType::NotSupported,
                format!(
                    "検索条件 {name} は、この種別にありません。CapabilityStatementにある名前を使うか、Prefer: handling=lenient を付けてください。"
                ),
                format!(
                    "The search parameter {name} does not exist for this type. Use one of the CapabilityStatement, or send Prefer: handling=lenient."
                ),
            ),
            Self::Refused(ja, en) => (
                IssueType::NotSupported,
                format!("検索条件 {name} は使えません。{ja}"),
                format!("The search parameter {name} is not served here: {en}"),
            ),
            Self::Value(ja, en) => {
                (IssueType::Value, format!("検索条件 {name}: {ja}"), format!("Search parameter {name}: {en}"))
            }
            Self::Costly(ja, en) => {
                (IssueType::TooCostly, format!("検索条件 {name}: {ja}"), format!("Search parameter {name}: {en}"))
            }
        };
        Finding::error(code, "", ja, en)
    }
}
